"""Every preset at one loudness, loud and soft, at each key: measured and set, not guessed.

Three knobs are found by listening: `master.gain_db` for the level at velocity 100, `amp.velocity` for the step down to velocity 40,
and a slot `key -> master.gain_db`-like slope, which is `osc.level_db` by key, for the level over the register.
"""

from dataclasses import replace

import numpy as np

from synth.params.knobs import MOD_SOURCES, MOD_TARGETS, N_SLOTS, param
from synth.patch.patch import Patch, with_param

from .listening import LOUD, SOFT, Heard, is_random, listen, register

LOUD_LU = -22.5
STEP_LU = 8.0  # from velocity 100 down to velocity 40
ROUNDS, _NEAR_LU, _SURE_LU = 4, 0.15, 0.7
_KEY = MOD_SOURCES.index("key")
_EVENED = MOD_TARGETS.index("osc.level_db")
_LEVEL_SPAN_DB = param("osc.level_db").high - param("osc.level_db").low


def _velocity_gain_db(depth: float, velocity: int) -> float:
    return 20 * float(np.log10(1 - depth + depth * (velocity / 127) ** 2))


def _depth_for(step_db: float) -> float:
    """`amp.velocity` whose own part of the step from LOUD to SOFT is `step_db`, as near as it can."""
    depths = np.linspace(0, 1, 201)
    steps = np.array([_velocity_gain_db(d, LOUD) - _velocity_gain_db(d, SOFT) for d in depths])
    return float(depths[np.abs(steps - step_db).argmin()])


def _slope(heard: Heard) -> float:
    """LU an octave over the keys, at velocity 100."""
    keys = np.array(register(heard.category))
    return float(np.polyfit(keys / 12, [heard.loud_lu[int(k)] for k in keys], 1)[0])


def _key_slot(patch: Patch) -> int:
    """The slot that evens the keys: the first free one."""
    used = {int(name[3:].partition(".")[0]) for name in (*patch.params, *patch.named) if name.startswith("mod")}
    return next(n for n in range(1, N_SLOTS + 1) if n not in used)


def _slope_of(knobs: dict[str, float]) -> float:
    """LU an octave that a preset's own slot evens."""
    for n in range(1, N_SLOTS + 1):
        if knobs.get(f"mod{n}.source") == _KEY and knobs.get(f"mod{n}.target") == _EVENED:
            return knobs[f"mod{n}.amount"] * _LEVEL_SPAN_DB / 5
    return 0.0


def level(patch: Patch, louder_db: float = 0.0, before: Patch | None = None, rounds: int = ROUNDS) -> Patch:
    """The patch with its level, its answer to velocity and its evenness over the keys set by listening.

    before: the preset as it was made last, to begin from; where it is still right it stays as it is. rounds 0: as it was.
    """
    slot = _key_slot(patch)
    driven = any(patch.params.get(knob, 0) > 0 for knob in ("drive.mix", "filter.drive_db"))
    last = before.params if before else {}
    gain_db, depth = last.get("master.gain_db", 0.0), last.get("amp.velocity", 0.5)
    slope = _slope_of(last)
    step = _velocity_gain_db(depth, LOUD) - _velocity_gain_db(depth, SOFT)
    if not rounds:
        patch = _set(patch, gain_db, depth, slot, slope)
    for _ in range(rounds):
        patch = _set(patch, gain_db, depth, slot, slope)
        heard = listen(patch, full=False, twice=is_random(patch))
        away, tilt, gap = heard.mean_lu() - LOUD_LU - louder_db, _slope(heard), heard.step_lu() - STEP_LU
        farthest = max(abs(away), abs(tilt), abs(gap))
        if farthest < _NEAR_LU:
            break
        was = _velocity_gain_db(depth, LOUD)
        step -= gap
        depth = _depth_for(step)
        slope -= tilt
        gain_db += was - _velocity_gain_db(depth, LOUD) - away
        if farthest < _SURE_LU or not driven:  # what was corrected adds up: no proof is needed
            patch = _set(patch, gain_db, depth, slot, slope)
            break
    return replace(patch, params={k: v for k, v in patch.params.items() if v != param(k).default})


def _set(patch: Patch, gain_db: float, depth: float, slot: int, slope: float) -> Patch:
    patch = with_param(patch, "master.gain_db", round(float(np.clip(gain_db, -60, 12)), 2))
    patch = with_param(patch, "amp.velocity", round(depth, 3))
    amount = round(float(np.clip(slope * 5 / _LEVEL_SPAN_DB, -1, 1)), 3)  # the source `key` is 1 at five octaves over middle C
    if amount:
        for part, value in (("source", "key"), ("target", "osc.level_db"), ("amount", amount)):
            patch = with_param(patch, f"mod{slot}.{part}", value)
    return patch
