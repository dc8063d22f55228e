"""How loud a preset is, and a preset brought to the factory's loudness: measured on its sound, not guessed from its knobs.

Its notes are played at the keys of its category's register, at velocity 100 and 40. The loudness of a note is its momentary maximum: the
K-weighted power of both sides in the loudest 400 ms (ITU-R BS.1770-4, EBU Tech 3341). It says of a held sound what it comes to, and of
a struck one its stroke, so both stand in one scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..events import Event, control, note_off, note_on
from ..params.knobs import MOD_SOURCES, MOD_TARGETS, N_SLOTS, param
from ..patch.patch import Patch, with_param
from ..timbres.source import Source
from .momentary_loudness import SR_HZ, loudest_db
from .offline import render

REGISTERS = {"bass": (36, 43, 48), "percussion": (36, 48, 60), "sequence": (48, 55, 60), "texture": (48, 60, 67), "fx": (48, 60, 67)}
REGISTER = (48, 60, 72)
LOUD, SOFT = 100, 40  # velocities
LOUD_LU = -22.5  # of a preset at velocity 100, mean over its register; both sides alike count as one of them
STEP_LU = 8.0  # from there down to velocity 40
ROUNDS = 4
_TIMES = 3  # where chance has a part in a note: one alone is up to 2 LU from the next
_SLOW_S, _SHORT_S, _LONG_S, _LONGEST_S, _GAP_S = 0.12, 0.7, 1.5, 4.0, 0.1
_MOVED_BY_CHANCE = ("drift", "steps")
_NEAR_LU, _SURE_LU, _ADDS_UP_LU = 0.15, 0.7, 2.0
_KEY, _RANDOM = MOD_SOURCES.index("key"), MOD_SOURCES.index("random")
_EVENED = MOD_TARGETS.index("osc.level_db")
_LEVEL_SPAN_DB = param("osc.level_db").high - param("osc.level_db").low
_BEGIN = {"master.gain_db": -9.0, "amp.velocity": 0.8}  # about right for most; louder, a chord's worth of unison reaches the limit
_MIDDLE_C, _KEY_OCTAVES = 60, 5  # the source `key` is 1 so many octaves above it


@dataclass(frozen=True, slots=True)
class Levels:
    """Loudness in LU by key, at velocity 100 and 40; peak_db: of the louder notes, in dBFS."""

    loud_lu: dict[int, float]
    soft_lu: dict[int, float]
    peak_db: float

    def mean_lu(self, soft: bool = False) -> float:
        """Mean over the keys."""
        return float(np.mean(list((self.soft_lu if soft else self.loud_lu).values())))

    def step_lu(self) -> float:
        """From velocity 100 down to velocity 40."""
        return self.mean_lu() - self.mean_lu(soft=True)

    def slope_lu(self) -> float:
        """Over the keys at velocity 100, an octave."""
        return float(np.polyfit(np.array(list(self.loud_lu)) / 12, list(self.loud_lu.values()), 1)[0])


def register(category: str) -> tuple[int, ...]:
    """Keys that a category's presets are played at, within C2 to C6; the middle one is the middle of its register."""
    return REGISTERS.get(category, REGISTER)


def note_s(patch: Patch) -> float:
    """How long a note is held to hear how loud it gets: until it is there, and where a rhythm or chance moves it, through some of it."""
    attack_s = patch.params.get("amp.attack_s", param("amp.attack_s").default)
    if attack_s > _SLOW_S:
        return float(np.clip(1.2 * attack_s + 0.5, _LONG_S, _LONGEST_S))
    return _LONG_S if patch.category in ("sequence", "texture") else _SHORT_S


def is_random(patch: Patch) -> bool:
    """Whether two notes of it differ by chance."""
    shapes, knobs = param("lfo1.shape").choices, patch.params
    drawn = any(knobs.get(f"mod{n}.source") == _RANDOM for n in range(1, N_SLOTS + 1))
    return drawn or knobs.get("osc.phase_random", 0) > 0 or any(
        shapes[int(knobs.get(f"lfo{n}.shape", 0))] in _MOVED_BY_CHANCE for n in range(1, 5))


def measure_levels(patch: Patch, source: Source | None = None, keys: Sequence[int] = ()) -> Levels:
    """The loudness of a preset, at keys of its category unless told. source: what plays it in place of its own. Raises UserError.

    Some tenths of a second to a few.
    """
    held, step = round(note_s(patch) * SR_HZ), round((note_s(patch) + _GAP_S) * SR_HZ)
    notes = [(velocity, key) for _ in range(_TIMES if is_random(patch) else 1) for velocity in (LOUD, SOFT)
             for key in keys or register(patch.category)]
    events: list[tuple[int, Event]] = []
    for i, (velocity, key) in enumerate(notes):
        at = i * step + round(_GAP_S / 2 * SR_HZ)
        events += [(at, note_on(key, velocity / 127)), (at + held, note_off(key)), ((i + 1) * step, control(120, 0))]
    sound = render(patch, events, len(notes) * step / SR_HZ, sr_hz=SR_HZ, source=source)
    parts = np.split(sound, len(notes))
    heard: dict[int, dict[int, list[float]]] = {LOUD: {}, SOFT: {}}
    for (velocity, key), part in zip(notes, parts, strict=True):
        heard[velocity].setdefault(key, []).append(loudest_db(part) - 3.01)  # that one adds the sides, not their mean
    peak = max(float(np.abs(part).max()) for (velocity, _), part in zip(notes, parts, strict=True) if velocity == LOUD)
    loud, soft = ({key: float(np.mean(lu)) for key, lu in heard[velocity].items()} for velocity in (LOUD, SOFT))
    return Levels(loud, soft, 20 * float(np.log10(peak + 1e-9)))


def _velocity_gain_db(depth: float, velocity: int) -> float:
    return 20 * float(np.log10(1 - depth + depth * (velocity / 127) ** 2))


def depth_for(step_db: float) -> float:
    """`amp.velocity` whose own part of the step from LOUD to SOFT is `step_db`, as near as it can."""
    depths = np.linspace(0, 1, 201)
    steps = np.array([_velocity_gain_db(d, LOUD) - _velocity_gain_db(d, SOFT) for d in depths])
    return float(depths[np.abs(steps - step_db).argmin()])


def free_slot(knobs: Sequence[str]) -> int:
    """The first slot that no knob of a patch belongs to; 0 where all are used."""
    used = {int(name[3:].partition(".")[0]) for name in knobs if name.startswith("mod")}
    return next((n for n in range(1, N_SLOTS + 1) if n not in used), 0)


def _slope_of(knobs: dict[str, float]) -> float:
    """LU an octave that a preset's own slot evens."""
    for n in range(1, N_SLOTS + 1):
        if knobs.get(f"mod{n}.source") == _KEY and knobs.get(f"mod{n}.target") == _EVENED:
            return knobs[f"mod{n}.amount"] * _LEVEL_SPAN_DB / _KEY_OCTAVES
    return 0.0


def level(patch: Patch, before: Patch | None = None, rounds: int = ROUNDS, source: Source | None = None, louder_db: float = 0.0) -> Patch:
    """The patch at the factory's loudness, loud and soft, at each key: three knobs are found by listening.

    `master.gain_db` is the level at velocity 100, `amp.velocity` the step down to velocity 40, and a slot of `key` to `osc.level_db`, the
    first that is free, the slope over the register. before: the preset as it was made last, to begin from; where that is still right
    it stays as it is. rounds 0: as it was. louder_db: how far over the factory's loudness. Raises UserError where it cannot be played.
    """
    slot = free_slot([*patch.params, *patch.named])
    driven = any(patch.params.get(knob, 0) > 0 for knob in ("drive.mix", "filter.drive_db", "limiter.on"))
    last = before.params if before else _BEGIN
    gain_db, depth = (last.get(knob, param(knob).default) for knob in ("master.gain_db", "amp.velocity"))
    slope = _slope_of(last)
    step = _velocity_gain_db(depth, LOUD) - _velocity_gain_db(depth, SOFT)
    patch = _set(patch, gain_db, depth, slot, slope)
    for _ in range(rounds):
        heard = measure_levels(patch, source)
        away, tilt, gap = heard.mean_lu() - LOUD_LU - louder_db, heard.slope_lu(), heard.step_lu() - STEP_LU
        farthest = max(abs(away), abs(tilt), abs(gap))
        if farthest < _NEAR_LU:
            break
        was = _velocity_gain_db(depth, LOUD)
        step -= gap
        depth = depth_for(step)
        slope -= tilt
        away -= tilt * float(np.mean([(key - _MIDDLE_C) / 12 for key in heard.loud_lu]))  # the slope turns about middle C
        gain_db += was - _velocity_gain_db(depth, LOUD) - away
        patch = _set(patch, gain_db, depth, slot, slope)
        if farthest < (_SURE_LU if driven else _ADDS_UP_LU):  # what is corrected by so little adds up: no proof is needed
            break
    return replace(patch, params={k: v for k, v in patch.params.items() if v != param(k).default})


def _set(patch: Patch, gain_db: float, depth: float, slot: int, slope: float) -> Patch:
    patch = with_param(patch, "master.gain_db", round(float(np.clip(gain_db, -60, 12)), 2))
    patch = with_param(patch, "amp.velocity", round(depth, 3))
    amount = round(float(np.clip(slope * _KEY_OCTAVES / _LEVEL_SPAN_DB, -1, 1)), 3)
    if amount:
        for part, value in (("source", "key"), ("target", "osc.level_db"), ("amount", amount)):
            patch = with_param(patch, f"mod{slot}.{part}", value)
    return patch
