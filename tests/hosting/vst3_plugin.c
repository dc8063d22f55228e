/* A VST3 that keeps something beside its one parameter, for tests: written against the ABI by hand, so that no SDK is needed.

   Its editor is 200 x 100 pixels. A click on the left half loads the next "file": the sound is half as loud, and no parameter tells it.
   One on the right half loads the next one and turns the gain to a quarter, as a plug-in's own list of presets does.
   A drag from the middle strip turns the gain alone. Its state holds both; where a file `large` lies beside
   the bundle 2 MB more, where one `restless` lies there what is another each time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* of X11, whose headers few machines have; the library itself is opened with the editor */
typedef void Display;
typedef unsigned long Window;
typedef union { int type; long room[24]; struct { int type; unsigned long serial; int sent; Display *display; Window window, root, below;
    unsigned long time; int x, y, root_x, root_y; unsigned int state, button; } at; } Event;
enum { PRESS = 4, RELEASE = 5, MOTION = 6, MASK = 1 << 2 | 1 << 3 | 1 << 6 };
static Display *(*open_display)(const char *);
static Window (*create_window)(Display *, Window, int, int, unsigned, unsigned, unsigned, unsigned long, unsigned long);
static int (*select_input)(Display *, Window, long), (*map_window)(Display *, Window), (*sync_display)(Display *, int);
static int (*pending)(Display *), (*next_event)(Display *, Event *), (*destroy_window)(Display *, Window), (*close_display)(Display *);

#define OK 0
#define NO 1
#define NO_INTERFACE (-1)
#define WIDE 200
#define HIGH 100
#define LARGE (2 << 20)
typedef uint16_t Text[128];
typedef int32_t R;
typedef struct { float gain; int32_t file; } Kept;

#define UID(a, b, c, d) {(char)(a >> 24), (char)(a >> 16), (char)(a >> 8), (char)a, (char)(b >> 24), (char)(b >> 16), (char)(b >> 8), \
    (char)b, (char)(c >> 24), (char)(c >> 16), (char)(c >> 8), (char)c, (char)(d >> 24), (char)(d >> 16), (char)(d >> 8), (char)d}
static const char UNKNOWN[16] = UID(0x00000000u, 0x00000000u, 0xC0000000u, 0x00000046u);
static const char FACTORY[16] = UID(0x7A4D811Cu, 0x52114A1Fu, 0xAED9D2EEu, 0x0B43BF9Fu);
static const char BASE[16] = UID(0x22888DDBu, 0x156E45AEu, 0x8358B348u, 0x08190625u);
static const char COMPONENT[16] = UID(0xE831FF31u, 0xF2D54301u, 0x928EBBEEu, 0x25697802u);
static const char PROCESSOR[16] = UID(0x42043F99u, 0xB7DA453Cu, 0xA569E79Du, 0x9AAEC33Du);
static const char CONTROLLER[16] = UID(0xDCD7BBE3u, 0x7742448Du, 0xA874AACCu, 0x979C759Eu);
static const char VIEW[16] = UID(0x5BC32507u, 0xD06049EAu, 0xA6151B52u, 0x2B755B29u);
static const char OWN[16] = UID(0x6C617465u, 0x6E747761u, 0x76650000u, 0x4B454550u);

/* ---- what the host gives ------------------------------------------------------------------------------------------------ */
typedef struct Stream { const struct { void *unknown[3]; R (*read)(struct Stream *, void *, int32_t, int32_t *);
    R (*write)(struct Stream *, const void *, int32_t, int32_t *); } *v; } Stream;
typedef struct Handler { const struct { void *unknown[3]; R (*begin)(struct Handler *, uint32_t);
    R (*perform)(struct Handler *, uint32_t, double); R (*end)(struct Handler *, uint32_t); } *v; } Handler;
typedef struct Queue { const struct { void *unknown[3]; uint32_t (*id)(struct Queue *); int32_t (*count)(struct Queue *);
    R (*point)(struct Queue *, int32_t, int32_t *, double *); } *v; } Queue;
typedef struct Changes { const struct { void *unknown[3]; int32_t (*count)(struct Changes *);
    Queue *(*data)(struct Changes *, int32_t); } *v; } Changes;
typedef struct { int32_t n_channels; uint64_t silent; float **at; } Bus;
typedef struct { int32_t mode, size, n, n_in, n_out; Bus *in, *out; Changes *changes; } Block;
typedef struct { int32_t media, direction, channels; Text name; int32_t type; uint32_t flags; } BusInfo;
typedef struct { uint32_t id; Text title, brief, unit; int32_t steps; double home; int32_t group, flags; } ParamInfo;
typedef struct { int32_t left, top, right, bottom; } Rect;

static const void *const component_v[], *const processor_v[], *const controller_v[], *const view_v[];
typedef struct { const void *const *component, *const *processor, *const *controller, *const *view; int n_users; Kept kept;
    double shown; Handler *handler; Display *display; Window window; pthread_t thread; volatile int open; int drag; } Plugin;
static Plugin *of_component(void *p) { return (Plugin *)p; }
static Plugin *of_processor(void *p) { return (Plugin *)((char *)p - sizeof(void *)); }
static Plugin *of_controller(void *p) { return (Plugin *)((char *)p - 2 * sizeof(void *)); }
static Plugin *of_view(void *p) { return (Plugin *)((char *)p - 3 * sizeof(void *)); }

static void write_text(Text to, const char *from) { int i = 0; for (; from[i]; i++) to[i] = from[i]; to[i] = 0; }

static R ask(Plugin *p, const char *id, void **found) {
    *found = !memcmp(id, UNKNOWN, 16) || !memcmp(id, BASE, 16) || !memcmp(id, COMPONENT, 16) ? (void *)&p->component
        : !memcmp(id, PROCESSOR, 16) ? (void *)&p->processor : !memcmp(id, CONTROLLER, 16) ? (void *)&p->controller
        : !memcmp(id, VIEW, 16) ? (void *)&p->view : 0;
    if (!*found) return NO_INTERFACE;
    p->n_users++;
    return OK;
}
static uint32_t leave(Plugin *p) { int left = --p->n_users; if (!left) free(p); return left; }
#define UNKNOWN_OF(name) \
    static R name##_ask(void *h, const char *id, void **found) { return ask(of_##name(h), id, found); } \
    static uint32_t name##_use(void *h) { return ++of_##name(h)->n_users; } \
    static uint32_t name##_leave(void *h) { return leave(of_##name(h)); }
UNKNOWN_OF(component) UNKNOWN_OF(processor) UNKNOWN_OF(controller) UNKNOWN_OF(view)
static R fine(void *h) { return OK; }
static R refuse(void *h) { return NO; }

/* ---- sound ---------------------------------------------------------------------------------------------------------------- */
static int32_t bus_count(void *h, int32_t media, int32_t direction) { return media == 0; }
static R bus_info(void *h, int32_t media, int32_t direction, int32_t index, BusInfo *info) {
    memset(info, 0, sizeof *info);
    info->direction = direction; info->channels = 2; info->flags = 1;
    write_text(info->name, direction ? "Out" : "In");
    return OK;
}
static R arrangement(void *h, int32_t direction, int32_t index, uint64_t *speakers) { *speakers = 3; return OK; }
static R sample_size(void *h, int32_t size) { return size == 0 ? OK : NO; }
static uint32_t none(void *h) { return 0; }

static R process(void *h, Block *b) {
    Plugin *p = of_processor(h);
    for (int32_t i = 0; b->changes && i < b->changes->v->count(b->changes); i++) {
        Queue *q = b->changes->v->data(b->changes, i);
        int32_t n = q->v->count(q), at; double value;
        if (n > 0 && q->v->point(q, n - 1, &at, &value) == OK) p->kept.gain = value;
    }
    if (!b->n_in || !b->n_out) return OK;
    float by = p->kept.gain / (1 << p->kept.file);
    for (int side = 0; side < b->out->n_channels; side++)
        for (int32_t i = 0; i < b->n; i++) b->out->at[side][i] = b->in->at[side % b->in->n_channels][i] * by;
    return OK;
}

/* ---- state ---------------------------------------------------------------------------------------------------------------- */
static int lies_beside(const char *name) {
    Dl_info own; char path[4096] = "";
    if (!dladdr((void *)lies_beside, &own)) return 0;
    strncat(path, own.dli_fname, 3900);
    for (int up = 0; up < 4; up++) *strrchr(path, '/') = 0;
    return access(strcat(path, name), F_OK) == 0;
}
static R get_state(void *h, Stream *s) {
    int32_t n;
    s->v->write(s, "KEPT", 4, &n);
    s->v->write(s, &of_component(h)->kept, sizeof(Kept), &n);
    static int n_asked;
    if (lies_beside("/restless")) { n_asked++; s->v->write(s, &n_asked, 4, &n); }
    if (lies_beside("/large")) { char *more = calloc(LARGE, 1); s->v->write(s, more, LARGE, &n); free(more); }
    return OK;
}
static R set_state(void *h, Stream *s) {
    char begins[4]; int32_t n = 0; Kept kept; Plugin *p = of_component(h);
    if (s->v->read(s, begins, 4, &n) != OK || n != 4) return NO;
    if (!memcmp(begins, "DIES", 4)) abort();
    if (memcmp(begins, "KEPT", 4) || s->v->read(s, &kept, sizeof kept, &n) != OK || n != sizeof kept) return NO;
    p->kept = kept; p->shown = kept.gain;
    return OK;
}
static R keep_nothing(void *h, Stream *s) { return OK; }
static R set_component_state(void *h, Stream *s) { return set_state(&of_controller(h)->component, s); }

/* ---- its parameter ---------------------------------------------------------------------------------------------------------- */
static int32_t param_count(void *h) { return 1; }
static R param_info(void *h, int32_t index, ParamInfo *info) {
    memset(info, 0, sizeof *info);
    write_text(info->title, "Gain"); write_text(info->brief, "Gain");
    info->home = 1.0; info->flags = 1;
    return index == 0 ? OK : NO;
}
static R text_of(void *h, uint32_t id, double unit, Text text) { char own[32]; snprintf(own, 32, "%.3f", unit); write_text(text, own); return OK; }
static R read_text(void *h, uint32_t id, const uint16_t *text, double *unit) {
    char own[32] = ""; for (int i = 0; i < 31 && text[i]; i++) own[i] = text[i];
    *unit = atof(own); return OK;
}
static double same(void *h, uint32_t id, double unit) { return unit; }
static double shown(void *h, uint32_t id) { return of_controller(h)->shown; }
static R show(void *h, uint32_t id, double unit) { of_controller(h)->shown = unit; return OK; }
static R take_handler(void *h, Handler *handler) { of_controller(h)->handler = handler; return OK; }
static void *create_view(void *h, const char *name) { Plugin *p = of_controller(h); p->n_users++; return &p->view; }

/* ---- its editor ------------------------------------------------------------------------------------------------------------- */
static void turn(Plugin *p, double unit) {
    p->shown = unit;
    p->handler->v->begin(p->handler, 0); p->handler->v->perform(p->handler, 0, unit); p->handler->v->end(p->handler, 0);
}
static void *watch(void *h) { /* a connection of its own, so that no run loop of the host is needed */
    Plugin *p = h; Event event;
    while (p->open) {
        if (!pending(p->display)) { usleep(5000); continue; }
        next_event(p->display, &event);
        if (event.type == PRESS && event.at.button == 1) {
            p->drag = abs(event.at.x - WIDE / 2) < 20;
            if (!p->drag) p->kept.file++;
            if (!p->drag && event.at.x > WIDE / 2) turn(p, 0.25);
        } else if (event.type == RELEASE) p->drag = 0;
        else if (event.type == MOTION && p->drag) {
            double unit = 1.0 - event.at.y / (double)HIGH;
            turn(p, unit < 0 ? 0 : unit > 1 ? 1 : unit);
        }
    }
    return 0;
}
static R view_type(void *h, const char *type) { return strcmp(type, "X11EmbedWindowID") ? NO : OK; }
static R attached(void *h, void *parent, const char *type) {
    Plugin *p = of_view(h);
    void *x11 = dlopen("libX11.so.6", RTLD_NOW);
    if (!x11) return NO;
    *(void **)&open_display = dlsym(x11, "XOpenDisplay"); *(void **)&create_window = dlsym(x11, "XCreateSimpleWindow");
    *(void **)&select_input = dlsym(x11, "XSelectInput"); *(void **)&map_window = dlsym(x11, "XMapWindow");
    *(void **)&sync_display = dlsym(x11, "XSync"); *(void **)&pending = dlsym(x11, "XPending");
    *(void **)&next_event = dlsym(x11, "XNextEvent"); *(void **)&destroy_window = dlsym(x11, "XDestroyWindow");
    *(void **)&close_display = dlsym(x11, "XCloseDisplay");
    if (!(p->display = open_display(0))) return NO;
    p->window = create_window(p->display, (Window)parent, 0, 0, WIDE, HIGH, 0, 0, 0x8844ccL);
    select_input(p->display, p->window, MASK);
    map_window(p->display, p->window);
    sync_display(p->display, 0);
    p->open = 1;
    return pthread_create(&p->thread, 0, watch, p) ? NO : OK;
}
static R removed(void *h) {
    Plugin *p = of_view(h);
    if (p->open) { p->open = 0; pthread_join(p->thread, 0); destroy_window(p->display, p->window); close_display(p->display); }
    return OK;
}
static R view_size(void *h, Rect *r) { *r = (Rect){0, 0, WIDE, HIGH}; return OK; }

static const void *const component_v[] = {component_ask, component_use, component_leave, fine, fine, refuse, fine, bus_count, bus_info, refuse,
    fine, fine, set_state, get_state};
static const void *const processor_v[] = {processor_ask, processor_use, processor_leave, fine, arrangement, sample_size, none, fine, fine,
    process, none};
static const void *const controller_v[] = {controller_ask, controller_use, controller_leave, fine, fine, set_component_state, keep_nothing,
    keep_nothing, param_count, param_info, text_of, read_text, same, same, shown, show, take_handler, create_view};
static const void *const view_v[] = {view_ask, view_use, view_leave, view_type, attached, removed, refuse, refuse, refuse, view_size, fine,
    fine, fine, refuse, refuse};

/* ---- the file's way in -------------------------------------------------------------------------------------------------------- */
static R factory_ask(void *h, const char *id, void **found) {
    *found = !memcmp(id, UNKNOWN, 16) || !memcmp(id, FACTORY, 16) ? h : 0;
    return *found ? OK : NO_INTERFACE;
}
static uint32_t stay(void *h) { return 1; }
static R factory_info(void *h, char *info) { memset(info, 0, 64 + 256 + 128 + 4); strcpy(info, "latentwave tests"); return OK; }
static int32_t one(void *h) { return 1; }
typedef struct { char id[16]; int32_t many; char category[32], name[64]; } ClassInfo;
static R class_info(void *h, int32_t index, ClassInfo *info) {
    memset(info, 0, sizeof *info);
    memcpy(info->id, OWN, 16); info->many = 0x7FFFFFFF;
    strcpy(info->category, "Audio Module Class"); strcpy(info->name, "Keeps");
    return OK;
}
static R create(void *h, const char *class_id, const char *id, void **found) {
    Plugin *p = calloc(1, sizeof(Plugin));
    p->component = component_v; p->processor = processor_v; p->controller = controller_v; p->view = view_v;
    p->kept.gain = p->shown = 1.0;
    R is = ask(p, id, found);
    if (is != OK) free(p);
    return is;
}
static const void *const factory_v[] = {factory_ask, stay, stay, factory_info, one, class_info, create};
static const void *const *const factory = factory_v;
void *GetPluginFactory(void) { return (void *)&factory; }
char ModuleEntry(void *library) { return 1; }
char ModuleExit(void) { return 1; }
