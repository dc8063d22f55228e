"""The loudness curve of a morph of presets: measured offline, so that the morph keeps to the straight line between its ends.

A chord is played at every point of the curve's grid, from its start; loudness is the K-weighted power (ITU-R BS.1770-4) of both channels in
the loudest 400 ms. The gain at a point is what is missing there to the loudness of the parts, mixed by their weights.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..events import Event, control, note_off, note_on, set_param
from ..params.knobs import TARGET_KNOBS
from ..patch.mod_slots import is_form
from ..patch.morph import MAX_GAIN_DB, Morph
from ..patch.patch import Patch
from ..patch.stack import STACK
from ..timbres.source import Source
from .momentary_loudness import SR_HZ, loudest_db
from .morph_pace import bands_db, find_pace, way_steps
from .offline import Offline

CHORD = (48, 52, 55, 60, 64, 67)
VELOCITY = 100 / 127
HOLD_S, REST_S = 0.8, 0.15
_MOST_SMOOTHED_DB = 0.4
_SILENT_DB = -90.0  # under it there is nothing to keep level


def grid_points(morph: Morph[Patch]) -> list[tuple[float, float]]:
    """(x, y) of every point of the curve, row by row."""
    rows, columns = morph.grid
    at = [i / (columns - 1) for i in range(columns)]
    if morph.axis == "chain":  # the curve's steps are parts of each link
        at = [float(x) for x in np.interp(at, np.linspace(0, 1, len(morph.parts)), morph.stops)]
    return [(x, j / max(rows - 1, 1)) for j in range(rows) for x in at]


def _at_rest(patch: Patch, morph: Morph[Patch]) -> Patch:
    """The morph without its curve, its own slots, which would move it, and random phases: they are no part of the way."""
    kept = {name: value for name, value in patch.params.items() if not (is_form(name) and name.startswith("mod"))}
    named = {name: value for name, value in patch.named.items() if name not in TARGET_KNOBS}
    kept["osc.phase_random"] = 0.0
    return replace(patch, params=kept, named=named, morph=replace(morph, gain_db=()))


def render_points(patch: Patch, points: list[tuple[float, float]], source: Source | None = None,
                  stop: Callable[[], bool] = lambda: False, heard: Callable[[int], object] = lambda n: None) -> list[np.ndarray]:
    """The chord at each (x, y) of a morph's position, each from its start and silence before: float32[n, 2] each; fewer when stopped.

    heard: told after each how many there are by then.
    """
    step = round((HOLD_S + REST_S) * SR_HZ)
    events: list[tuple[int, Event]] = []
    for i, place in enumerate(points):
        at = i * step
        events += [(at, set_param(name, value)) for name, value in zip(("morph.x", "morph.y"), place, strict=True)]
        turn = i % len(CHORD)  # a voice that sounds its last key again would go on at the phase it had
        events += [(at + round(0.5 * REST_S * SR_HZ), note_on(note, VELOCITY)) for note in CHORD[turn:] + CHORD[:turn]]
        end = at + step - round(0.5 * REST_S * SR_HZ)
        events += [(end, note_off(note)) for note in CHORD] + [(end, control(120, 0))]
    player = Offline(patch, events, source=source)
    found = []
    for _ in points:
        if stop():
            break
        found.append(player.read(step))
        heard(len(found))
    return found


def measure_loudness(patch: Patch, source: Source | None = None, stop: Callable[[], bool] = lambda: False,
                     heard: Callable[[int], object] = lambda n: None) -> Patch:
    """The patch with its morph's loudness curve made anew, and where its way is uneven a pace; as it was where it is no morph, or `stop`
    says so. Raises UserError.

    source: what plays every part in place of its own. About a tenth of a second a point, with a pace two.
    heard: told how many points were heard, with a pace anew from 1.
    """
    morph = patch.morph
    if morph is None or morph.axis == STACK:
        return patch
    bare = replace(morph, gain_db=(), pace=())
    first = _measured(patch, bare, source, stop, heard)
    if first is None:
        return patch
    found, bands = first
    pace = find_pace(found, bands) if found.grid[0] == 1 else ()
    if pace:
        second = _measured(patch, replace(bare, pace=pace), source, stop, heard)
        if second is None:
            return patch
        links = len(morph.parts) - 1
        if way_steps(second[1], links).max() < way_steps(bands, links).max():
            found = second[0]
    return replace(patch, morph=found)


def _measured(patch: Patch, morph: Morph[Patch], source: Source | None, stop: Callable[[], bool],
              heard: Callable[[int], object]) -> tuple[Morph[Patch], np.ndarray] | None:
    """(the morph with its curve, its bands in dB at each point of it); None where it was stopped. morph: without a curve."""
    points = grid_points(morph)
    sounds = render_points(_at_rest(patch, morph), points, source, stop, heard)
    if len(sounds) < len(points):
        return None
    found = np.array([loudest_db(sound) for sound in sounds])
    ends = np.array([found[int(np.argmax([morph.weights(*place)[i] for place in points]))] for i in range(len(morph.parts))])
    line = np.array([_along(morph, *place) @ ends for place in points])
    gains = np.where((found < _SILENT_DB) | (line < _SILENT_DB), 0.0, np.clip(line - found, -MAX_GAIN_DB, MAX_GAIN_DB))
    rows, columns = morph.grid
    gains = _smoothed(gains.reshape(rows, columns))
    gains.ravel()[[morph.weights(*place).max() == 1 for place in points]] = 0.0  # a part alone is its preset
    table = tuple(tuple(round(float(gain), 2) for gain in row) for row in gains)
    bands = np.array([bands_db(sound) for sound in sounds]) + gains.reshape(-1, 1)
    return replace(morph, gain_db=table), bands


def _along(morph: Morph[Patch], x: float, y: float) -> np.ndarray:
    """How near each part a position is, whatever the pace: loudness goes by the hand's way."""
    return replace(morph, pace=()).weights(x, y)


def _smoothed(gains: np.ndarray) -> np.ndarray:
    """A grid of gains, each a little towards its neighbours: beating and LFOs make one measurement differ from the next."""
    found = gains
    for axis in (0, 1):
        if gains.shape[axis] > 2:
            padded = np.pad(gains, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], "reflect", reflect_type="odd")
            before, after = (np.take(padded, range(start, start + gains.shape[axis]), axis) for start in (0, 2))
            gains = 0.5 * gains + 0.25 * (before + after)
    return np.clip(gains, found - _MOST_SMOOTHED_DB, found + _MOST_SMOOTHED_DB)  # a steep way stays steep
