"""The chain of effects: memory, preparation, rendering and silence of all, composed of their descriptors in the declared order.

Numba cannot loop over kernels of different kinds, so each chain is a kernel that calls the one before it and then its own effect.
Real-time: no allocation, no locks, no I/O, no Python.
"""

from importlib import import_module

import numpy as np

from ...params.effects import EFFECTS
from ..compile.jit import kernel
from .effect import CONTEXT, Effect
from .parts import QUANTUM, SILENCE, peak_of

_REST_S = 4.0  # a bell of 20 Hz and a Q of 12 has fallen by 140 dB
CHAIN: tuple[Effect, ...] = tuple(import_module(f".{name}", __package__).EFFECT for name in EFFECTS)
EFFECTS_STATE = np.dtype([
    ("started", "i4"), ("quiet", "i8"), ("context", CONTEXT), *((effect.name, effect.record) for effect in CHAIN),
], align=True)


def prepare(fx, sr_hz: float) -> None:
    """Fill in what depends on the rate, before the first quantum. fx: a zeroed record of EFFECTS_STATE."""
    if fx["started"]:
        raise ValueError("prepare() wants a fresh state")
    fx["context"]["sr_hz"] = sr_hz
    for effect in CHAIN:
        effect.prepare(fx[effect.name], sr_hz)


def _idle_chain():
    @kernel
    def chain(fx, knobs):
        return True

    for effect in CHAIN:
        chain = _idle_after(chain, effect.name, effect.idle)
    return chain


def _idle_after(before, name, idle):
    @kernel
    def chain(fx, knobs):
        return before(fx, knobs) and idle(fx[name], knobs)

    return chain


def _render_chain():
    @kernel
    def chain(fx, knobs, out):
        pass

    for effect in CHAIN:
        chain = _render_after(chain, effect.name, effect.render)
    return chain


def _render_after(before, name, render):
    @kernel
    def chain(fx, knobs, out):
        before(fx, knobs, out)
        render(fx[name], knobs, out, fx["context"])

    return chain


def _silence_chain():
    @kernel
    def chain(fx):
        pass

    for effect in CHAIN:
        if effect.silence is not None:
            chain = _silence_after(chain, effect.name, effect.silence)
    return chain


def _silence_after(before, name, silence_one):
    @kernel
    def chain(fx):
        before(fx)
        silence_one(fx[name])

    return chain


_all_idle, _render_all, _silence_all = _idle_chain(), _render_chain(), _silence_chain()


@kernel
def silence(fx):
    """All sound off: what echoes is faded within milliseconds and wiped; the effects then begin anew."""
    _silence_all(fx)


@kernel
def _guard(out):
    """What is no number, or beyond all reason, becomes silence: it would stay in a loop for ever. Answers how many samples."""
    bad = 0
    for side in range(2):
        for i in range(QUANTUM):
            if not abs(out[side, i]) < 1e6:
                out[side, i] = np.float32(0.0)
                bad += 1
    return bad


@kernel
def _listen(fx, out, tempo_bpm):
    """What this quantum is to the effects, into fx["context"]."""
    context = fx["context"]
    longest = _REST_S * context["sr_hz"]
    rested = fx["quiet"] > longest
    fx["quiet"] = fx["quiet"] + QUANTUM if peak_of(out) < SILENCE else 0
    context["rest"] = fx["quiet"] > longest
    context["woken"] = rested and not fx["quiet"] > longest
    context["tempo_bpm"] = tempo_bpm


@kernel
def render_effects(fx, params, out, tempo_bpm):
    """All effects on float32[2, QUANTUM] in place. Answers how many samples were no numbers and were silenced.

    fx: record of EFFECTS_STATE, made ready by `prepare`. params: record of PARAM_DTYPE, in range; whole from the first
    quantum on, smoothed after. The sound is left bit for bit as it is while everything is off.
    """
    fx["context"]["at_once"] = not fx["started"]
    fx["started"] = 1
    if _all_idle(fx, params):
        return 0
    bad = _guard(out)
    _listen(fx, out, tempo_bpm)
    _render_all(fx, params, out)
    return bad
