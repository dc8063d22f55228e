"""Envelope times: one set for all voices, or a voice's own where the matrix moves them."""

import numpy as np

from ...params.knobs import index_of
from ..compile.jit import kernel
from ..dsp import envelope as env
from . import matrix, sources

FADE_S = 0.005
_GROUPS = tuple(index_of(f"{g}.delay_s") for g in ("amp", "env2", "env3"))
_AMP, _ENV2, _ENV3 = _GROUPS


@kernel
def _settings(knobs, transport, at, out):
    k = knobs["value"]  # in the order of knobs._envelope
    delay_s, attack_s, hold_s = np.float64(k[at]), np.float64(k[at + 1]), np.float64(k[at + 2])
    decay_s, sustain, release_s = np.float64(k[at + 3]), np.float64(k[at + 4]), np.float64(k[at + 5])
    attack, decay, release = np.float64(k[at + 6]), np.float64(k[at + 7]), np.float64(k[at + 8])
    env.settings(delay_s, attack_s, hold_s, decay_s, sustain, release_s, attack, decay, release, FADE_S, transport["sr_hz"], out)


@kernel
def set_shared_envelopes(polyphony, knobs, transport):
    """Settings of the three envelopes from the knobs."""
    _settings(knobs, transport, _AMP, polyphony["envelope_settings"][0])
    _settings(knobs, transport, _ENV2, polyphony["envelope_settings"][1])
    _settings(knobs, transport, _ENV3, polyphony["envelope_settings"][2])


@kernel
def set_own_envelopes(polyphony, knobs, midi, transport, slot):
    """A starting voice's own settings, where modulation moves envelope times."""
    v, own = polyphony["voices"][slot], polyphony["own_envelopes"][slot]
    v["own_envelopes"] = 0
    if not knobs["matrix"]["classes"] & matrix.ENVELOPE:
        return
    sources.read_sources(knobs, midi, transport, v, 0)
    matrix.keep_and_lay(knobs, matrix.ENVELOPE)
    _settings(knobs, transport, _AMP, own[0])
    _settings(knobs, transport, _ENV2, own[1])
    _settings(knobs, transport, _ENV3, own[2])
    matrix.restore_knobs(knobs, matrix.ENVELOPE)
    v["own_envelopes"] = 1


@kernel
def settings_of_voice(polyphony, slot, which):
    """The settings an envelope of a voice runs by: float64[TIMES]."""
    if polyphony["voices"][slot]["own_envelopes"]:
        return polyphony["own_envelopes"][slot, which]
    return polyphony["envelope_settings"][which]
