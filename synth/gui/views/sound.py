"""The view on which a sound is built: oscillator, unison, sub, noise, filter, three envelopes, voice."""

from ..geometry import Rect, cells, columns, rows
from ..panels.waterfall import Waterfall
from ..widgets.curves import EnvelopeCurve
from ..widgets.response_curves import FilterCurve
from .view import Place, View

_OSC = ["osc.position", "osc.position_y", "osc.follow", "osc.level_db", "osc.coarse_semitones", "osc.fine_cents", "osc.phase_cycles",
        "osc.phase_random"]
_UNISON = ["unison.voices", "unison.detune_cents", "unison.spread", "unison.blend", "unison.width"]
_TRACK = ["track.amount", "track.position", "track.speed", "track.formant", "track.zone_morph", "track.noise_db", "track.attack_db",
          "track.contour", "track.tuning"]
_FILTER = ["filter.cutoff_hz", "filter.resonance", "filter.drive_db", "filter.keytrack", "filter.env_semitones",
           "filter.velocity_semitones"]
_STAGES = ("delay_s", "attack_s", "hold_s", "decay_s", "sustain", "release_s")
_ENVELOPES = ("amp", "env2", "env3")


class SoundView(View):
    """Oscillators above, filter and envelopes below, the voice row at the foot; where there is little room, one of several by tabs."""

    is_changing = False

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        px, gap, grid = self.px, place.canvas.px(8), place.grid
        if grid.narrow or grid.low:
            self._small(grid.content, gap)
            return
        voice_h = px(76)
        upper, lower, voice = rows(grid.content, gap, 0.46, 0.54, voice_h)
        oscillator, unison, side = columns(upper, gap, 0.5, 0.25, 0.25)
        sub, noise = rows(side, gap, 0.5, 0.5)
        self._oscillator(oscillator)
        self._unison_or_recordings(unison)
        self._sub(sub)
        self._noise(noise)
        filter_, *envelopes = columns(lower, gap, 0.34, 0.22, 0.22, 0.22)
        self._filter(filter_)
        for group, rect in zip(_ENVELOPES, envelopes, strict=True):
            self._envelope(group, rect)
        self._voice(voice)

    def _small(self, rect: Rect, gap: float) -> None:
        upper, lower = rows(rect, gap, 0.53, 0.47)
        self.canvas.panel(upper)
        shown = self.tabs(upper, "sound", ("Oscillator", "Unison", "Recordings", "Sub and noise", "Voice"))
        if shown == "Oscillator":
            self._oscillator(upper, bare=True)
        elif shown == "Unison":
            self._unison(upper, bare=True)
        elif shown == "Recordings":
            self._recordings(self._room(upper, "track", True), 1)
        elif shown == "Sub and noise":
            sub, noise = columns(upper.inset(self.px(6), self.px(32), self.px(6), self.px(6)), gap, 0.5, 0.5)
            self._sub(sub)
            self._noise(noise)
        else:
            self._voice(upper.inset(0, self.px(30), 0, 0), bare=True)
        left, right = columns(lower, gap, 0.5, 0.5)
        self._filter(left)
        self.canvas.panel(right)
        names = ("Amp Envelope", "Envelope 2", "Envelope 3")
        chosen = self.tabs(right, "envelope", names)
        self._envelope(_ENVELOPES[names.index(chosen)], right, bare=True)

    # ---- modules ---------------------------------------------------------------------------------------------------
    def _room(self, rect: Rect, group: str, bare: bool) -> Rect:
        px = self.px
        return rect.inset(px(10), px(32), px(10), px(8)) if bare else self.module(rect, group)

    def _oscillator(self, rect: Rect, bare: bool = False) -> None:
        px, room = self.px, self._room(rect, "osc", bare)
        picture, knobs = columns(room, px(8), 0.45, 0.55)
        self.canvas.box(picture, "well", "panel_edge", 5)
        self.plots.append(Waterfall(self.canvas, picture, self.place.preview, title="", margin=12))
        self.knobs(_OSC, knobs, 36 if not self.place.grid.short else 24 if self.place.grid.low else 32, 2)

    def _unison(self, rect: Rect, bare: bool = False, n_rows: int = 1) -> None:
        self.knobs(_UNISON, self._room(rect, "unison", bare), 34, n_rows)

    def _unison_or_recordings(self, rect: Rect) -> None:
        """Two modules of which few sounds use both, by tabs."""
        self.canvas.panel(rect)
        if self.tabs(rect, "voices", ("Unison", "Recordings")) == "Unison":
            self._unison(rect, bare=True, n_rows=2)
        else:
            self._recordings(self._room(rect, "track", True), 2)

    def _recordings(self, room: Rect, n_rows: int) -> None:
        """What an instrument of recordings does: knobs, and three choices below."""
        px = self.px
        self.knobs(_TRACK, Rect(room.x, room.y, room.w, room.h - px(50)), 26, n_rows)
        for name, cell in zip(("track.loop", "track.release", "track.sync"),
                              cells(Rect(room.x, room.bottom - px(44), room.w, px(42)), 3, 1), strict=True):
            self.box(name, Rect(cell.x + px(3), cell.y, cell.w - px(6), px(40)))

    def _sub(self, rect: Rect) -> None:
        px, room = self.px, self.module(rect, "sub")
        knob, octave, shape = columns(room, px(8), 0.26, 0.34, 0.4)
        self.knob("sub.level_db", knob, 34 if not self.place.grid.short else 30)
        for name, where in (("sub.octave", octave), ("sub.shape", shape)):
            self.box(name, Rect(where.x, where.y + px(8), where.w, px(40)))

    def _noise(self, rect: Rect) -> None:
        room = self.module(rect, "noise")
        self.knobs(["noise.level_db", "noise.color"], Rect(room.x, room.y, room.w * 0.55, room.h), 34 if not self.place.grid.short else 30)

    def _filter(self, rect: Rect) -> None:
        px, room = self.px, self.module(rect, "filter")
        self.box("filter.type", Rect(rect.right - px(26 + 24 + 128), rect.y + px(5), px(124), px(22)), "")
        knobs_h = px(76)
        self._response(Rect(room.x, room.y, room.w, room.h - knobs_h - px(6)))
        self.knobs(_FILTER, Rect(room.x, room.bottom - knobs_h, room.w, knobs_h), 34)

    def _response(self, rect: Rect) -> None:
        self.add(FilterCurve(self.canvas, rect, self.gestures))

    def _envelope(self, group: str, rect: Rect, bare: bool = False) -> None:
        px, room = self.px, self._room(rect, group, bare)
        knobs_h = px(72)
        self._curve(group, Rect(room.x, room.y, room.w, room.h - knobs_h - px(6)))
        self.knobs([f"{group}.{stage}" for stage in _STAGES], Rect(room.x, room.bottom - knobs_h, room.w, knobs_h), 30)

    def _curve(self, group: str, rect: Rect) -> None:
        self.add(EnvelopeCurve(self.canvas, group, rect, self.gestures, "teal" if group == "amp" else "violet"))

    def _voice(self, rect: Rect, bare: bool = False) -> None:
        px = self.px
        if not bare:
            self.canvas.panel(rect)
        labels = {"voice.mode": "Voice", "voice.priority": "Priority", "voice.count": "Polyphony", "glide.time_s": "Glide",
                  "glide.mode": "Glide when", "bend.range_semitones": "Bend range", "bend.note_range_semitones": "MPE bend range",
                  "amp.velocity": "Velocity to level", "master.tune_hz": "A4", "master.pan": "Pan"}
        room = rect.inset(px(12), px(14), px(12), px(8))
        per_row = 5 if bare else 10
        for name, cell in zip(labels, cells(room, per_row, 2 if bare else 1), strict=True):
            self.box(name, Rect(cell.x + px(4), cell.y, cell.w - px(8), px(42)), labels[name])
