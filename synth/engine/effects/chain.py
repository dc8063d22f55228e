"""render_effects: drive, equaliser, chorus, delay, reverb and limiter, in this order, on one quantum.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..compile.jit import kernel
from . import eq
from .chorus import render_chorus
from .delay import render_delay, time_frames
from .drive import render_drive
from .limiter import render_limiter
from .parts import SILENCE, peak_of
from .reverb import render_reverb
from .state import OFF, QUANTUM, RUNNING

_REST_S = 4.0  # a bell of 20 Hz and a Q of 12 has fallen by 140 dB
_SHELF_Q = np.float32(0.5**0.5)


@kernel
def _idle(fx, p):
    """Whether every effect is off and has come to rest."""
    wanted = (p["drive_mix"] != 0.0 or p["chorus_mix"] != 0.0 or p["delay_mix"] != 0.0 or p["reverb_mix"] != 0.0
              or p["limiter_on"] >= 0.5 or p["eq_low_gain_db"] != 0.0 or p["eq_bell1_gain_db"] != 0.0
              or p["eq_bell2_gain_db"] != 0.0 or p["eq_high_gain_db"] != 0.0)
    if wanted:
        return False
    on = fx["drive"]["on"] + fx["chorus"]["on"] + fx["delay"]["on"] + fx["reverb"]["on"] + fx["limiter"]["on"]
    for band in range(4):
        on += fx["eq"][band]["on"]
    return on == OFF


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
def silence(fx):
    """All sound off: what echoes is faded within milliseconds and wiped; the effects then begin anew."""
    fx["chorus"]["panic"] = fx["chorus"]["on"] == RUNNING
    fx["delay"]["panic"] = fx["delay"]["on"] == RUNNING
    fx["reverb"]["panic"] = fx["reverb"]["on"] == RUNNING


@kernel
def _rest(fx):
    """Drive and equaliser end at once; the next sound finds them as new."""
    fx["drive"]["on"] = OFF
    for band in range(4):
        fx["eq"][band]["on"] = OFF


@kernel
def _shape(fx, p, out, sr_hz, snap):
    """Drive and equaliser. After seconds of silence they rest."""
    resting = fx["quiet"] > _REST_S * sr_hz
    fx["quiet"] = fx["quiet"] + QUANTUM if peak_of(out) < SILENCE else 0
    if fx["quiet"] > _REST_S * sr_hz:
        _rest(fx)
        return
    again = snap or resting
    render_drive(fx["drive"], p["drive_mix"], int(p["drive_type"]), p["drive_amount_db"], p["drive_tone"], p["drive_level_db"], out, again)
    bands = fx["eq"]
    eq.render_band(bands[0], eq.LOW, p["eq_low_gain_db"], p["eq_low_freq_hz"], _SHELF_Q, out, sr_hz, again)
    eq.render_band(bands[1], eq.BELL, p["eq_bell1_gain_db"], p["eq_bell1_freq_hz"], p["eq_bell1_q"], out, sr_hz, again)
    eq.render_band(bands[2], eq.BELL, p["eq_bell2_gain_db"], p["eq_bell2_freq_hz"], p["eq_bell2_q"], out, sr_hz, again)
    eq.render_band(bands[3], eq.HIGH, p["eq_high_gain_db"], p["eq_high_freq_hz"], _SHELF_Q, out, sr_hz, again)


@kernel
def render_effects(fx, params, out, sr_hz, tempo_bpm):
    """All effects on float32[2, QUANTUM] in place. Answers how many samples were no numbers and were silenced.

    fx: record of EFFECTS_STATE, made ready by state.prepare. params: record of PARAM_DTYPE, in range; whole from the first
    quantum on, smoothed after. The sound is left bit for bit as it is while everything is off.
    """
    snap = not fx["started"]
    fx["started"] = 1
    p = params
    if _idle(fx, p):
        return 0
    bad = _guard(out)
    _shape(fx, p, out, sr_hz, snap)
    render_chorus(fx["chorus"], p["chorus_mix"], p["chorus_rate_hz"], p["chorus_delay_s"], p["chorus_depth"], p["chorus_feedback"],
                  int(p["chorus_voices"]), p["chorus_width"], out, sr_hz, snap)
    frames = time_frames(int(p["delay_sync"]), p["delay_time_s"], tempo_bpm, sr_hz)
    render_delay(fx["delay"], p["delay_mix"], frames, p["delay_feedback"], p["delay_ping_pong"], p["delay_low_cut_hz"],
                 p["delay_high_cut_hz"], out, sr_hz, snap)
    render_reverb(fx["reverb"], p["reverb_mix"], p["reverb_size"], p["reverb_decay_s"], p["reverb_damping_hz"], p["reverb_predelay_s"],
                  p["reverb_width"], out, sr_hz, snap)
    render_limiter(fx["limiter"], p["limiter_on"] >= 0.5, p["limiter_gain_db"], p["limiter_ceiling_db"], p["limiter_release_s"],
                   out, sr_hz, snap)
    return bad
