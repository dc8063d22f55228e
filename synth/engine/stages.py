"""The engine's stages: parts of it that are compiled on their own and called by address. See calls.py for why."""

from functools import cache

from numba import carray, cfunc, from_dtype, types

from . import changes, lanes, look_ahead, render, tables
from .calls import N_STAGES
from .effects.chain import render_effects
from .jit import OPTIONS
from .state import STATE

SIGNATURE = types.uint32(types.CPointer(from_dtype(STATE)))


def _quantum(state):
    render.quantum(carray(state, (1,))[0])
    return 0


def _events(state):
    changes.apply_all(carray(state, (1,))[0])
    return 0


def _voices(state):
    render.voices_of(carray(state, (1,))[0])
    return 0


def _finish(state):
    lanes.finish_job(carray(state, (1,))[0])
    return 0


def _build(state):
    tables.build_job(carray(state, (1,))[0])
    return 0


def _look_ahead(state):
    look_ahead.look_ahead(carray(state, (1,))[0])
    return 0


def _effects(state):
    s = carray(state, (1,))[0]
    s["stats"]["bad_samples"] += render_effects(s["effects"], s["played"], s["out"], s["sr_hz"], s["tempo_bpm"])
    return 0


PARTS = (_quantum, _events, _voices, _finish, _build, _look_ahead, _effects)
assert len(PARTS) == N_STAGES


@cache
def stages() -> tuple:
    """The compiled stages in the order of calls.py (numba cfuncs). Compiled once, kept on disk."""
    return tuple(cfunc(SIGNATURE, **OPTIONS)(part) for part in PARTS)  # type: ignore[arg-type]


def install(state) -> None:
    """Write the stages' addresses into a state."""
    for i, stage in enumerate(stages()):
        state["stages"][i] = stage.address
