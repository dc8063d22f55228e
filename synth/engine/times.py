"""Envelope times: one set for all voices, or a voice's own where the matrix moves them."""

import numpy as np

from . import envelope as env
from . import matrix, modulation
from .jit import kernel
from .knobs import index_of
from .state import TIMES

assert TIMES == env.N_SETTINGS

FADE_S = 0.005
_GROUPS = tuple(index_of(f"{g}.delay_s") for g in ("amp", "env2", "env3"))
_AMP, _ENV2, _ENV3 = _GROUPS


@kernel
def _settings(s, at, out):
    k = s["knob"]  # in the order of params._envelope
    delay_s, attack_s, hold_s = np.float64(k[at]), np.float64(k[at + 1]), np.float64(k[at + 2])
    decay_s, sustain, release_s = np.float64(k[at + 3]), np.float64(k[at + 4]), np.float64(k[at + 5])
    attack, decay, release = np.float64(k[at + 6]), np.float64(k[at + 7]), np.float64(k[at + 8])
    env.settings(delay_s, attack_s, hold_s, decay_s, sustain, release_s, attack, decay, release, FADE_S, s["sr_hz"], out)


@kernel
def set_shared(s):
    """Settings of the three envelopes from the knobs."""
    _settings(s, _AMP, s["times"][0])
    _settings(s, _ENV2, s["times"][1])
    _settings(s, _ENV3, s["times"][2])


@kernel
def set_own(s, slot):
    """A starting voice's own settings, where modulation moves envelope times."""
    v, own = s["voices"][slot], s["own_times"][slot]
    v["own_times"] = 0
    if not s["matrix"]["classes"] & matrix.ENVELOPE:
        return
    modulation.read_sources(s, v, 0)
    matrix.lay_over(s, matrix.ENVELOPE)
    _settings(s, _AMP, own[0])
    _settings(s, _ENV2, own[1])
    _settings(s, _ENV3, own[2])
    matrix.take_off(s, matrix.ENVELOPE)
    v["own_times"] = 1


@kernel
def of(s, slot, which):
    """The settings an envelope of a voice runs by: float64[TIMES]."""
    if s["voices"][slot]["own_times"]:
        return s["own_times"][slot, which]
    return s["times"][which]
