"""Voices: allocation, stealing, starting and letting go. Called by the audio thread only."""

import math

import numpy as np

from . import control
from . import envelope as env
from . import oscillator as osc
from .jit import kernel
from .state import MAX_VOICES, QUANTUM, SLOTS

FREE, SOUNDING, FADING = 0, 1, 2
FADE_S = 0.005
_SOFT = 0.6
_OCTAVE = math.log(2.0) / 12.0


@kernel
def pitch_of(s, v):
    """Semitones (MIDI note scale) that a voice sounds at, bend and tuning included."""
    p, ch = s["patch"]["params"], s["channels"][v["channel"]]
    bend_range = ch["bend_range"] if ch["bend_range"] >= 0.0 else p["bend_range_semitones"]
    return v["note"] + p["osc_coarse_semitones"] + p["osc_fine_cents"] / 100.0 + ch["bend"] * bend_range


@kernel
def freq_of(s, pitch):
    """Frequency in Hz of a pitch in semitones, kept under half the rate."""
    return min(s["patch"]["params"]["master_tune_hz"] * math.exp((pitch - 69.0) * _OCTAVE), 0.49 * s["sr_hz"])


@kernel
def fill_to(s, slot, frame):
    """Make a voice's amplitude envelope up to a frame of this quantum; a steady sustain is made once and stays."""
    v = s["voices"][slot]
    if v["filled"] >= frame:
        return
    sustain, envelope = s["patch"]["params"]["amp_sustain"], v["amp"]
    steady = v["filled"] == 0 and frame == QUANTUM and envelope["stage"] == env.SUSTAIN and envelope["level"] == sustain
    if not (steady and v["flat"] == sustain):
        env.fill(envelope, s["envelope"][slot], v["filled"], frame, s["amp_rates"], sustain)
    v["flat"] = sustain if steady else np.float32(-1.0)
    v["filled"] = frame


@kernel
def release(s, slot, frame):
    """Let a voice's envelopes go at a frame of this quantum."""
    v = s["voices"][slot]
    fill_to(s, slot, frame)
    if v["amp"]["stage"] < env.RELEASE:
        env.enter(v["amp"], env.RELEASE)
        env.enter(v["env2"], env.RELEASE)


@kernel
def fade_out(s, slot, frame):
    """Take a voice's slot of the polyphony away without a click: it fades over FADE_S beside the new one."""
    v = s["voices"][slot]
    fill_to(s, slot, frame)
    v["state"] = FADING
    v["key_down"] = v["held_by_pedal"] = 0
    if v["amp"]["stage"] != env.DONE:
        env.enter(v["amp"], env.FADE)


@kernel
def _victim(s):
    """The voice to steal: the quietest released one, else the oldest."""
    best, best_score = -1, 0.0
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING:
            released = v["amp"]["stage"] >= env.RELEASE
            score = (v["amp"]["level"] * v["gain"]) if released else 1e3 + v["serial"]
            if best < 0 or score < best_score:
                best, best_score = slot, score
    return best


@kernel
def _free_slot(s):
    """A slot for a new voice; if every tail is still fading, the quietest of them is given up."""
    best, best_level = -1, 1e9
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == FREE:
            return slot
        level = v["smooth2"] * v["gain"]
        if v["state"] == FADING and level < best_level:
            best, best_level = slot, level
    return best


@kernel
def start(s, channel, note, velocity, frame):
    """A new voice from a frame of this quantum, stealing if the polyphony is full."""
    p, ch = s["patch"]["params"], s["channels"][channel]
    n_sounding, same = 0, -1
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING:
            n_sounding += 1
            if v["channel"] == channel and v["note"] == note and (v["key_down"] or v["held_by_pedal"]):
                same = slot
    if same >= 0:  # the key is struck again: its last note lets go
        s["voices"][same]["key_down"] = s["voices"][same]["held_by_pedal"] = 0
        release(s, same, frame)
    limit = min(max(int(p["voice_count"] + 0.5), 1), MAX_VOICES)
    while n_sounding >= limit:
        fade_out(s, _victim(s), frame)
        n_sounding -= 1
    slot = _free_slot(s)
    v = s["voices"][slot]
    s["serial"] += 1
    v["serial"], v["state"], v["note"], v["channel"] = s["serial"], SOUNDING, note, channel
    v["key_down"], v["held_by_pedal"], v["sostenuto"] = 1, 0, 0
    v["first"] = v["filled"] = frame
    v["velocity"], v["flat"] = velocity, -1.0
    depth = p["amp_velocity"]
    v["gain"] = (1.0 - depth + depth * velocity * velocity) * (_SOFT if ch["soft"] else 1.0)
    v["smooth1"] = v["smooth2"] = v["z1"] = v["z2"] = v["z3"] = v["z4"] = 0.0
    v["pitch"] = pitch_of(s, v)
    freq_hz = freq_of(s, v["pitch"])
    v["freq_hz"] = freq_hz
    v["step"] = v["next_step"] = osc.step_of(freq_hz, s["sr_hz"])
    v["phase"] = _start_phase(s)
    v["cutoff"] = -1.0  # no previous value: the first quantum starts at its own
    v["gain_left"] = v["gain_right"] = -1.0
    for envelope in (v["amp"], v["env2"]):
        envelope["level"] = 0.0
        env.enter(envelope, env.ATTACK)
    osc.start_tables(s, slot, freq_hz, control.ramp_at(s, s["frame"]))
    for i in range(frame):
        s["envelope"][slot, i] = 0.0


@kernel
def _start_phase(s):
    p = s["patch"]["params"]
    r = s["random"]  # xorshift64
    r ^= r << np.uint64(13)
    r ^= r >> np.uint64(7)
    r ^= r << np.uint64(17)
    s["random"] = r
    phase = p["osc_phase_cycles"] + p["osc_phase_random"] * (np.float64(r >> np.uint64(11)) * (1.0 / 9007199254740992.0))
    return np.uint64((phase - math.floor(phase)) * 18446744073709549568.0)


@kernel
def note_off(s, channel, note, frame):
    """A key let go: its voices release unless a pedal holds them."""
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING and v["key_down"] and v["channel"] == channel and v["note"] == note:
            v["key_down"] = 0
            if s["channels"][channel]["sustain"] or v["sostenuto"]:
                v["held_by_pedal"] = 1
            else:
                release(s, slot, frame)


