"""Voices: allocation, stealing, pedals, and what each event does to them. Called by the audio thread only."""

import math

import numpy as np
from numba import carray

from ..events import Kind
from ..params import FIRST_LATENT, MAX_LATENTS, PARAM_INDEX, PARAMS
from . import control
from . import envelope as env
from . import oscillator as osc
from .atomics import address_of, load_acquire, store_release
from .jit import kernel
from .state import COUNTER, MAX_VOICES, PATCHES, QUANTUM, SLOTS

FREE, SOUNDING, FADING = 0, 1, 2
FADE_S = 0.005
NOTE_ON, NOTE_OFF, BEND, CONTROL = int(Kind.NOTE_ON), int(Kind.NOTE_OFF), int(Kind.BEND), int(Kind.CONTROL)
PARAM, CORNER, PATCH = int(Kind.PARAM), int(Kind.CORNER), int(Kind.PATCH)
_PATCH_TAIL = COUNTER["loads_tail"]
_POSITION = PARAM_INDEX["osc.position"]
_SOFT = 0.6
_OCTAVE = math.log(2.0) / 12.0
_N_PARAMS = len(PARAMS)


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


@kernel
def _pedal_up(s, channel, frame):
    """Release what no pedal holds any more."""
    ch = s["channels"][channel]
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel and v["held_by_pedal"]:
            if not ch["sustain"] and not v["sostenuto"]:
                v["held_by_pedal"] = 0
                release(s, slot, frame)


@kernel
def _sostenuto(s, channel, down, frame):
    ch = s["channels"][channel]
    ch["sostenuto"] = down
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel:
            v["sostenuto"] = 1 if down and v["key_down"] else 0
    if not down:
        _pedal_up(s, channel, frame)


@kernel
def reset_controllers(ch):
    """CC121: as RP-015 says; volume and pan stay."""
    ch["bend"] = 0.0
    ch["expression"] = 127.0
    ch["brightness"] = 64.0
    ch["sustain"] = ch["sostenuto"] = ch["soft"] = 0
    ch["rpn"] = 0x3FFF


@kernel
def _all_notes(s, channel, frame, at_once):
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel:
            if at_once:
                fade_out(s, slot, frame)
            elif v["key_down"]:
                note_off(s, channel, v["note"], frame)


@kernel
def _data_entry(s, ch, controller, value):
    """RPN 0: bend range, semitones by CC6 and cents by CC38."""
    if ch["rpn"] == 0:
        if controller == 6:
            ch["data_msb"] = int(value)
            ch["bend_range"] = value
        else:
            ch["bend_range"] = ch["data_msb"] + value / 100.0


@kernel
def _wide(ch, controller, value):
    """14-bit: value of controller n with its fine half n + 32, in units of the coarse one."""
    if controller >= 32:
        return ch["msb"][controller - 32] + value / 128.0
    ch["msb"][controller] = int(value)
    return value


@kernel
def controller(s, channel, number, value, frame):
    """What a MIDI controller does ('conventions players expect'); unknown ones do nothing."""
    ch = s["channels"][channel]
    down = 1 if value >= 64.0 else 0
    coarse = number - 32 if 32 <= number < 64 else number
    if coarse == 1:
        s["patch"]["params"]["osc_position"] = min(_wide(ch, number, value) / 127.0, 1.0)
    elif coarse == 7:
        ch["volume"] = _wide(ch, number, value)
    elif coarse == 10:
        ch["pan"] = _wide(ch, number, value)
    elif coarse == 11:
        ch["expression"] = _wide(ch, number, value)
    elif 16 <= coarse <= 19:
        s["cc_offset"][coarse - 16] = min((_wide(ch, number, value) - 64.0) / 63.0, 1.0)
    elif 80 <= number <= 83:
        s["cc_offset"][number - 76] = (value - 64.0) / 63.0
    elif number == 6 or number == 38:
        _data_entry(s, ch, number, value)
    elif number == 64:
        ch["sustain"] = down
        if not down:
            _pedal_up(s, channel, frame)
    elif number == 66:
        _sostenuto(s, channel, down, frame)
    elif number == 67:
        ch["soft"] = down
    elif number == 74:
        ch["brightness"] = value
    elif number == 101:
        ch["rpn"] = (int(value) << 7) | (ch["rpn"] & 0x7F)
    elif number == 100:
        ch["rpn"] = (ch["rpn"] & ~0x7F) | int(value)
    elif number == 98 or number == 99:
        ch["rpn"] = 0x3FFF
    elif number == 120:
        _all_notes(s, channel, frame, True)
    elif number == 121:
        reset_controllers(ch)
        s["patch"]["params"]["osc_position"] = s["home_position"]
        for i in range(8):
            s["cc_offset"][i] = 0.0
        _sostenuto(s, channel, 0, frame)
    elif number >= 123:
        _all_notes(s, channel, frame, False)


@kernel
def take_patch(s, slot):
    """The patch of a loaded slot becomes the one that is played; the slot is free again."""
    source = s["patches"][slot % PATCHES]
    target = s["patch"]
    changed = target["instrument"] != source["instrument"]
    target["serial"], target["instrument"], target["latent_size"] = source["serial"], source["instrument"], source["latent_size"]
    by_index = carray(address_of(target["params"]), (_N_PARAMS,))
    taken = carray(address_of(source["params"]), (_N_PARAMS,))
    for i in range(_N_PARAMS):
        by_index[i] = taken[i]
    s["home_position"] = source["params"]["osc_position"]
    for i in range(MAX_LATENTS):
        target["low"][i], target["high"][i] = source["low"][i], source["high"][i]
        for c in range(4):
            target["corners"][c, i] = source["corners"][c, i]
    control.set_targets(s)
    if changed:
        control.jump_to_point(s)
    store_release(s["counters"], _PATCH_TAIL, load_acquire(s["counters"], _PATCH_TAIL) + 1)


@kernel
def set_knob(s, index, value):
    """One parameter by its index in the declarations."""
    carray(address_of(s["patch"]["params"]), (_N_PARAMS,))[index] = value
    if index == _POSITION:
        s["home_position"] = value
    elif index < FIRST_LATENT:
        control.set_targets(s)


@kernel
def apply(s, event, frame):
    """What an event does, at a frame of this quantum."""
    kind, number, value, channel = event["kind"], event["number"], event["value"], event["channel"]
    if kind == NOTE_ON and value > 0.0:
        start(s, channel, number, min(value, 1.0), frame)
    elif kind == NOTE_OFF or kind == NOTE_ON:
        note_off(s, channel, number, frame)
    elif kind == BEND:
        s["channels"][channel]["bend"] = min(max(value, -1.0), 1.0)
    elif kind == CONTROL:
        controller(s, channel, number, value, frame)
    elif kind == PARAM:
        set_knob(s, number, value)
    elif kind == CORNER:
        s["patch"]["corners"][number // MAX_LATENTS, number % MAX_LATENTS] = value
    elif kind == PATCH:
        take_patch(s, number)
