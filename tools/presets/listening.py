"""Listen to a preset by measure: what it does at its keys and velocities, held, and under the player's hands.

One render a preset: notes one after another, with everything silenced and reset between them. `bars.py` says what is asked of them.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from synth.events import Event, control, mpe_zone, note_off, note_on, pressure, set_param
from synth.patch.patch import Patch
from synth.render.offline import render
from synth.render.preset_levels import LOUD, SOFT, SR_HZ, measure_levels, note_s, register
from synth.timbres.source import Source

HARD = 110
HOLD_S, TAIL_S, GAP_S = 4.0, 0.5, 0.05
HANDS = ("wheel", "pressure", "breath", "slide")
_LOW_HZ, _HIGH_HZ, _FLOOR_DB = 110.0, 14000.0, 60.0
_WINDOW, _HOP = 8192, 2048


def middle(category: str) -> int:
    """The key in the middle of its register."""
    return register(category)[1]


@lru_cache(maxsize=2)
def _bank(size: int) -> np.ndarray:
    """Gaussian bands an ERB apart, as those of ERB-LSD on cycles: float64[bands, bins]."""
    erb = 21.4 * np.log10(1 + 0.00437 * np.fft.rfftfreq(size, 1 / SR_HZ))
    low, high = (21.4 * np.log10(1 + 0.00437 * hz) for hz in (_LOW_HZ, _HIGH_HZ))
    return np.exp(-0.5 * ((erb[None] - np.arange(low, high, 1.0)[:, None]) / 0.5) ** 2)


def bands_db(x: np.ndarray) -> np.ndarray:
    """Mean spectrum of float[n, 2] in ERB bands at unit power, floored 60 dB under the strongest: float64[bands]."""
    if len(x) < _WINDOW:
        x = np.pad(x, ((0, _WINDOW - len(x)), (0, 0)))
    pieces = np.lib.stride_tricks.sliding_window_view(x, _WINDOW, axis=0)[::_HOP] * np.hanning(_WINDOW)
    power = (np.abs(np.fft.rfft(pieces, axis=-1)) ** 2).sum((0, 1)) @ _bank(_WINDOW).T
    return 10 * np.log10(np.maximum(power / (power.sum() + 1e-30), power.max() / (power.sum() + 1e-30) * 10 ** (-_FLOOR_DB / 10)) + 1e-30)


def distance_db(a: np.ndarray, b: np.ndarray) -> float:
    """ERB-LSD of two spectra of `bands_db`."""
    return float(np.sqrt(((a - b) ** 2).mean()))


def level_db(x: np.ndarray, window_s: float = 0.02) -> np.ndarray:
    """RMS of each window of float[n, 2] in dB."""
    size = int(window_s * SR_HZ)
    power = (x[:len(x) // size * size].astype(float) ** 2).mean(1).reshape(-1, size).mean(1)
    return 10 * np.log10(power + 1e-12)


def envelope_class(held: np.ndarray) -> tuple[str, str]:
    """(how a note begins, what it does while it is held for HOLD_S)."""
    level = level_db(held[:int(HOLD_S * SR_HZ)])
    smooth = 10 * np.log10(np.convolve(10 ** (level / 10), np.ones(5) / 5, "valid") + 1e-12)
    top = smooth.max()
    start = int(np.argmax(smooth > top - 6)) * 0.02
    begins = "at once" if start < 0.04 else "soon" if start < 0.25 else "slowly"
    fall = top - smooth[-20:].max()
    slow = np.convolve(np.pad(smooth, 12, "edge"), np.ones(25) / 25, "valid")
    ripple = np.abs(np.diff(np.sign((smooth - slow)[10:]))).sum()  # twice the crossings of its own slow movement
    swing = np.percentile(smooth[25:], 95) - np.percentile(smooth[25:], 5)
    stays = "gone" if top - smooth[45:60].max() > 30 else "falls" if fall > 12 else "pulses" if swing > 6 and ripple > 12 else "stays"
    return begins, stays


@dataclass
class Heard:
    """What was measured of a preset. Spectra are those of `bands_db`; levels in LU; all at the middle key unless told."""

    name: str
    category: str
    loud_lu: dict[int, float] = field(default_factory=dict)  # by key, velocity 100
    soft_lu: dict[int, float] = field(default_factory=dict)  # velocity 40
    spectrum: np.ndarray = field(default_factory=lambda: np.zeros(0))
    envelope: tuple[str, str] = ("", "")
    velocity_db: float = 0.0
    motion_db: float = 0.0
    side_db: float = 0.0
    hands_db: dict[str, float] = field(default_factory=dict)
    macros_db: dict[int, float] = field(default_factory=dict)
    peak_db: float = -99.0  # of notes at velocity 100
    hands_peak_db: float = -99.0  # of all others
    sound: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))  # the held note

    def mean_lu(self, soft: bool = False) -> float:
        """Mean over the keys."""
        return float(np.mean(list((self.soft_lu if soft else self.loud_lu).values())))

    def lasts(self) -> bool:
        """Whether a held note goes on."""
        return self.envelope[1] in ("stays", "pulses")


Take = tuple[tuple, int, int, float]  # (what it is, key, velocity, seconds held)
_WIPER = 127  # a key that no take has, touched between them: what a voice's slot held of the take before is gone
_RESET = [control(120, 0), control(121, 0), control(1, 0), control(2, 0), pressure(0)]


def takes(patch: Patch, macros: bool = False) -> list[Take]:
    """The notes of a listening session, all at the middle key."""
    mid, short = middle(patch.category), note_s(patch)
    found: list[Take] = [(("held",), mid, LOUD, HOLD_S), (("soft",), mid, SOFT, short), (("hard",), mid, HARD, short)]
    found += [(("macro", n), mid, LOUD, 2.0) for n in range(1, 5)] if macros else []
    return found + [((hand,), mid, LOUD, short) for hand in HANDS]


def _events(rows: list[Take]) -> tuple[list[tuple[int, Event]], list[tuple[int, int]]]:
    """(events, (first frame, frames) of each take)."""
    events: list[tuple[int, Event]] = []
    spans, at = [], 4800
    for what, key, velocity, held_s in rows:
        events += [(at, event) for event in _RESET]
        events += [(at + 480, note_on(_WIPER, 1 / 127)), (at + 960, note_off(_WIPER)), (at + 970, control(120, 0))]
        at += 2400
        channel, begin = 0, [(at - 1200, event) for event in _hand(what)]
        if what == ("slide",):
            channel, begin = 1, [*((at - 1200, e) for e in mpe_zone(15)), (at - 600, control(74, 127, 1))]
        held = round(held_s * SR_HZ)
        tail = round((TAIL_S if what == ("held",) else GAP_S) * SR_HZ)
        events += [*begin, (at, note_on(key, velocity / 127, channel)), (at + held, note_off(key, channel))]
        spans.append((at, held + tail))
        at += held + tail
        if what[0] == "macro":
            events.append((at - 10, set_param(f"macro{what[1]}.value", 0.0)))
    return events, spans


def _hand(what: tuple) -> list[Event]:
    moved = {"wheel": [control(1, 127)], "pressure": [pressure(127)], "breath": [control(2, 127)]}
    return [set_param(f"macro{what[1]}.value", 1.0)] if what[0] == "macro" else moved.get(what[0], [])


def play(patch: Patch, rows: list[Take], source: Source | None = None) -> list[np.ndarray]:
    """Each take's sound, float32[n, 2]. source: what plays it in place of its own."""
    events, spans = _events(rows)
    x = render(patch, events, (sum(spans[-1]) + 480) / SR_HZ, sr_hz=SR_HZ, source=source)
    return [x[a:a + n] for a, n in spans]


def listen(patch: Patch, macros: bool = False) -> Heard:
    """Measure a preset. Raises UserError where it cannot be played."""
    rows = takes(patch, macros)
    by_what = {what: x for (what, _, _, _), x in zip(rows, play(patch, rows), strict=True)}
    levels = measure_levels(patch)
    heard = Heard(patch.name, patch.category, levels.loud_lu, levels.soft_lu)
    peaks_db = {what: 20 * float(np.log10(np.abs(x).max() + 1e-9)) for what, x in by_what.items()}
    heard.peak_db = max(levels.peak_db, peaks_db.pop(("held",)))
    heard.hands_peak_db = max(peaks_db.values())
    return _measure_more(heard, by_what, round(note_s(patch) * SR_HZ))


def _measure_more(heard: Heard, by_what: dict, short: int) -> Heard:
    """What is heard at the middle key beside loudness; short: frames of a note that is not held for long."""
    held = by_what[("held",)]
    heard.sound = held
    heard.spectrum, heard.envelope = bands_db(held[:2 * SR_HZ]), envelope_class(held)
    heard.velocity_db = distance_db(bands_db(by_what[("soft",)][:short]), bands_db(by_what[("hard",)][:short]))
    seconds = [bands_db(held[i * SR_HZ:(i + 1) * SR_HZ]) for i in range(4)]
    heard.motion_db = float(np.median([distance_db(a, b) for a, b in zip(seconds, seconds[1:], strict=False)]))
    middle_side = held @ np.array([[0.5, 0.5], [0.5, -0.5]])
    power = (middle_side.astype(float) ** 2).mean(0) + 1e-15
    heard.side_db = float(10 * np.log10(power[1] / power[0]))
    plain = bands_db(held[:short])
    heard.hands_db = {hand: distance_db(plain, bands_db(by_what[(hand,)][:short])) for hand in HANDS}
    heard.macros_db = {what[1]: _change_db(held[:2 * SR_HZ], x[:2 * SR_HZ]) for what, x in by_what.items() if what[0] == "macro"}
    return heard


def _change_db(before: np.ndarray, after: np.ndarray) -> float:
    """How far a sound has changed in spectrum, in the shape of its level, or in width: the most of the three, in dB."""
    a, b = (np.maximum(level_db(x, 0.1), -70) for x in (before, after))
    sides = [((x[:, 0] - x[:, 1]).astype(float) ** 2).mean() / ((x.astype(float) ** 2).mean() + 1e-12) for x in (before, after)]
    wider = abs(10 * np.log10((sides[0] + 1e-4) / (sides[1] + 1e-4))) / 3
    return max(distance_db(bands_db(before), bands_db(after)), float(np.std(a - b)), float(wider))
