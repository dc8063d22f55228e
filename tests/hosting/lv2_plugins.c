/* An LV2 plug-in that does what its bundle's name says, for tests: written against the ABI by hand, so that no header is needed. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void *Handle;
typedef struct { const char *uri; void *data; } Feature;
typedef struct Descriptor {
    const char *uri;
    Handle (*instantiate)(const struct Descriptor *, double, const char *, const Feature *const *);
    void (*connect_port)(Handle, uint32_t, void *);
    void (*activate)(Handle);
    void (*run)(Handle, uint32_t);
    void (*deactivate)(Handle);
    void (*cleanup)(Handle);
    const void *(*extension_data)(const char *);
} Descriptor;

#define DELAY 300
typedef struct { float *port[134]; float line[2][DELAY]; int at; char fail[4096]; } Plugin;

static Handle instantiate(const Descriptor *d, double rate, const char *path, const Feature *const *features) {
#if defined(CRASHES)
    abort();
#elif defined(HANGS)
    for (;;) sleep(1);
#elif defined(FAILS_OPENING) || defined(STOPS_OPENING)
    char asked[4096] = "";
    strncat(asked, path, 4000);
    if (access(strcat(asked, "/../fail"), F_OK) == 0) {
#if defined(FAILS_OPENING)
        abort();
#else
        for (;;) sleep(1);
#endif
    }
#endif
    Plugin *p = calloc(1, sizeof(Plugin));
    strncat(strncat(p->fail, path, 4000), "/../fail", 9);
    return p;
}

static void connect_port(Handle h, uint32_t n, void *data) { ((Plugin *)h)->port[n] = data; }

static void run(Handle h, uint32_t n) {
    Plugin *p = h;
    for (uint32_t i = 0; i < n; i++) {
        for (int side = 0; side < 2; side++) {
            float x = p->port[side][i];
#if defined(NO_NUMBERS)
            p->port[2 + side][i] = x * (float)NAN;
#elif defined(DELAYS)
            p->port[2 + side][i] = p->line[side][p->at];
            p->line[side][p->at] = x;
#elif defined(MANY)
            p->port[2 + side][i] = x * *p->port[4] * *p->port[133];
#else
            p->port[2 + side][i] = x * *p->port[4];
#endif
        }
        p->at = (p->at + 1) % DELAY;
    }
#if defined(DELAYS)
    if (p->port[5]) *p->port[5] = DELAY;
#elif defined(FAILS_LATER)
    if (*p->port[4] > 0.9f) abort();
#elif defined(STOPS_LATER)
    if (*p->port[4] > 0.9f) for (;;) sleep(1);
#elif defined(MANY)
    if (access(p->fail, F_OK) == 0) abort();
#endif
}

static void cleanup(Handle h) { free(h); }
static const void *extension_data(const char *uri) { return 0; }
static const Descriptor descriptor = {URI, instantiate, connect_port, 0, run, 0, cleanup, extension_data};
const Descriptor *lv2_descriptor(uint32_t index) { return index == 0 ? &descriptor : 0; }
