"""What a voice does in a quantum: its pitch and tables, its levels and filter, and its point in the latent space.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ...params.knobs import MAX_UNISON, index_of
from ..compile import fastmath
from ..compile.jit import kernel
from ..constants import QUANTUM
from ..dsp import envelope as env
from ..dsp import filter as svf
from ..dsp import lfo
from ..dsp.blend import LEVEL
from ..modulation import (
    channel_smoothing,
    envelope_settings,
    filter_morph,
    matrix,
    smoothed_knobs,
    sources,
    unison,
)
from ..modulation.midi_channels import bend_of
from ..timbre import voice_tables

_COARSE, _FINE, _PHASE, _PHASE_RANDOM = (
    index_of(n) for n in ("osc.coarse_semitones", "osc.fine_cents", "osc.phase_cycles", "osc.phase_random"))
_LEVEL, _GAIN, _PAN, _TUNE = (index_of(n) for n in ("osc.level_db", "master.gain_db", "master.pan", "master.tune_hz"))
_CUTOFF, _RESONANCE, _DRIVE, _KEYTRACK, _ENV, _VELOCITY = (
    index_of(f"filter.{n}") for n in ("cutoff_hz", "resonance", "drive_db", "keytrack", "env_semitones", "velocity_semitones"))
_OCTAVE, _SHAPE = index_of("sub.octave"), index_of("sub.shape")
_SUB, _NOISE, _COLOR, _UNISON = (
    index_of(n) for n in ("sub.level_db", "noise.level_db", "noise.color", "unison.voices"))
OWN = ~(matrix.GLOBAL | matrix.LFO | matrix.ENVELOPE)
_TO_TWOS = math.log2(10.0) / 20.0  # dB to powers of two
_OFF_DB = -59.99


@kernel
def gain_of_db(level_db):
    """Linear gain of a level in dB."""
    return np.float32(1.0) if level_db == 0.0 else np.float32(fastmath.exp2(level_db * _TO_TWOS))


@kernel
def level_or_off(level_db):
    """Linear gain of a level whose lowest value is silence."""
    return gain_of_db(level_db) if level_db > _OFF_DB else np.float32(0.0)


@kernel
def set_shared_levels(shared, knobs):
    """Levels of voices that nothing modulates, from the knobs."""
    knob = knobs["value"]
    shared["level"] = gain_of_db(knob[_LEVEL])
    moved_db = knobs["played"]["master_gain_db"] - knobs["patch"]["params"]["master_gain_db"]
    shared["gain_goal"] = gain_of_db(knob[_GAIN] + moved_db)
    shared["sub_level"] = level_or_off(knob[_SUB])
    morph = knobs["patch"]["morph"][0]
    if morph["n"] > 0:
        shared["gain_goal"] = gain_of_db(knob[_GAIN] + moved_db + morph["shared_gain_db"])
        shared["sub_level"] *= morph["sub_share"]
    shared["noise_level"] = level_or_off(knob[_NOISE])
    shared["damping"], shared["drive"] = damping_of(knobs), drive_of(knobs)


@kernel
def snap_controls(shared, knobs, midi):
    """Everything that is smoothed at its target at once (before the first sound)."""
    smoothed_knobs.snap_knobs(knobs)
    channel_smoothing.snap_channels(midi)
    filter_morph.snap_filter(shared, knobs)
    matrix.snap_amounts(knobs)
    set_shared_levels(shared, knobs)
    shared["gain_now"] = shared["gain"] = shared["gain_goal"]


@kernel
def pitch_of(knobs, midi, v):
    """Semitones (MIDI note scale) that a voice sounds at: key, glide, bend, tuning and modulation."""
    knob = knobs["value"]
    pitch = v["key_pitch"] + v["glide"] + bend_of(knobs, midi, v) + knob[_COARSE] + knob[_FINE] * 0.01
    if v["track"]["n"] > 0:
        pitch += v["track"]["cents"] * 0.01
    return pitch


@kernel
def frequency_of(knobs, transport, pitch):
    """Frequency in Hz of a pitch in semitones; just under half the rate, where tables are silent, for one above it."""
    return min(knobs["value"][_TUNE] * fastmath.exp2((pitch - 69.0) * (1.0 / 12.0)), 0.49995 * transport["sr_hz"])


@kernel
def set_pitch(controls, knobs, midi, v):
    """The pitch that a voice shall have at the end of this quantum."""
    controls["pitch"] = pitch_of(knobs, midi, v)


@kernel
def _begin_oscillators(knobs, v):
    """A new voice's oscillators: number and phases."""
    knob = knobs["value"]
    n = min(max(int(math.ceil(knob[_UNISON] - 1e-3)), 1), MAX_UNISON)  # between two counts, in a morph, the last one is coming in
    v["unison"], v["last_unison"] = n, np.float32(1.0)
    if knob[_UNISON] < n - 1e-3:
        v["last_unison"] = knob[_UNISON] - np.float32(n - 1)
    for j in range(n):
        random = lfo.hash_unit(v["seed"] + np.uint64(16 + j)) if knob[_PHASE_RANDOM] > 0.0 else 0.0
        phase = unison.start_phase(knob[_PHASE] + knob[_PHASE_RANDOM] * random, j)
        v["phase"][j] = np.uint64((phase - math.floor(phase)) * 18446744073709549568.0)
    v["sub_phase"] = v["phase"][0]


@kernel
def _set_steps(controls, knobs, transport, v, freq_hz):
    """Steps at the end of this quantum of a voice's oscillators; answers the frequency of the sharpest."""
    n, sr_hz = v["unison"], transport["sr_hz"]
    controls["sub_step"] = voice_tables.phase_step(freq_hz, sr_hz)
    if n == 1:
        controls["step"][0] = controls["sub_step"]
        return freq_hz
    unison.lay_out(controls, knobs, n, v["last_unison"])
    for j in range(n):
        controls["step"][j] = voice_tables.phase_step(freq_hz * controls["unison_ratio"][j], sr_hz)
    return freq_hz * unison.highest(controls, n)


@kernel
def _is_at_rest(controls, knobs, spectra, v):
    """Whether a voice's pitch and spectrum are those of the last quantum."""
    moved = controls["pitch"] != v["pitch"] or knobs["value"][_TUNE] != v["tune_hz"]
    quiet = not v["fresh"] and v["at_rest"] != 0  # a new note in the slot of an old one begins anew, be it the same key
    return quiet and not moved and not spectra["streams"][v["stream"]]["fresh"] and v["unison"] == 1


@kernel
def set_oscillators(tables, controls, knobs, spectra, transport, v, slot):
    """A voice's steps for its pitch at the end of this quantum, and its tables for them.

    Six records, because a table is made where the pitch asks for it, and a pitch depends on knobs and rate.
    """
    mix0 = controls["mix"][0]
    if _is_at_rest(controls, knobs, spectra, v):
        controls["step"][0] = controls["sub_step"] = v["step"][0]
        voice_tables.settle_tables(tables, spectra, v, slot, mix0)
        return
    v["pitch"], v["tune_hz"] = controls["pitch"], knobs["value"][_TUNE]
    freq_hz, fresh = frequency_of(knobs, transport, v["pitch"]), v["fresh"]
    if fresh:
        _begin_oscillators(knobs, v)
    top_hz = _set_steps(controls, knobs, transport, v, freq_hz)
    if fresh:
        voice_tables.start_tables(tables, spectra, transport, v, slot, top_hz)
        for j in range(v["unison"]):
            v["step"][j] = controls["step"][j]
        v["at_rest"] = 0
    else:
        if spectra["streams"][v["stream"]]["fresh"]:
            voice_tables.begin_ramp(tables, spectra, transport, v, slot, v["top_hz"])
        voice_tables.fit_tables_to_pitch(tables, spectra, transport, v, slot, v["top_hz"], top_hz, mix0, controls["mix"][1])
        v["at_rest"] = 1 if top_hz == v["top_hz"] and v["blend"] != LEVEL else 0
    v["top_hz"] = top_hz


@kernel
def _set_sides(controls, knobs, midi, v, level):
    """Left and right gain of a voice; both the level's for one in the centre."""
    ch = midi["channels"][v["channel"]]
    gap = level - v["level"]
    if gap != 0.0 and not v["fresh"] and abs(gap) > np.float32(1e-6) * level:
        level = v["level"] + knobs["smoothing"]["level"] * gap  # no corners where a source jumps
    v["level"] = level
    level *= ch["gain"][1] * v["gain"]
    morph, own_pan = knobs["patch"]["morph"][0], knobs["value"][_PAN]
    if morph["n"] > 0 and morph["stack"]:
        own_pan += morph["pan"][v["part"]]
    pan = min(max(own_pan + ch["pan_now"][1], np.float32(-1.0)), np.float32(1.0))
    gap = pan - v["pan"]
    if not v["fresh"] and abs(gap) > np.float32(1e-6):
        pan = v["pan"] + knobs["smoothing"]["level"] * gap
    v["pan"] = pan
    if pan == 0.0:
        controls["left"] = controls["right"] = level
        return
    left, right = fastmath.pan_gains(pan)
    controls["left"], controls["right"] = level * left, level * right


@kernel
def cutoff_of(knobs, midi, v):
    """Cut-off of a voice's filter at the end of this quantum, log2 of Hz."""
    knob = knobs["value"]
    semitones = (knob[_KEYTRACK] * (v["pitch"] - 60.0) + knob[_ENV] * v["env2"]["level"]
                 + knob[_VELOCITY] * v["velocity"] + midi["channels"][v["channel"]]["bright_now"][1])
    return np.float32(knob[_CUTOFF] + semitones * (1.0 / 12.0))


@kernel
def damping_of(knobs):
    """Damping of the filter for the resonance on the knob (modulation laid over)."""
    return np.float32(svf.damping_of(knobs["value"][_RESONANCE]))


@kernel
def drive_of(knobs):
    """Linear gain of the filter's drive knob (modulation laid over)."""
    return gain_of_db(knobs["value"][_DRIVE])


@kernel
def set_levels(controls, shared, knobs, midi, v):
    """Gains, filter, sub-oscillator and noise of a voice at the end of this quantum: modulated ones its own, else all voices'."""
    knob, classes = knobs["value"], knobs["matrix"]["classes"]
    level_db, morph = knob[_LEVEL], knobs["patch"]["morph"][0]
    if knobs["matrix"]["moves_morph"]:
        level_db += morph["now_gain_db"]
    _set_sides(controls, knobs, midi, v, gain_of_db(level_db) if classes & matrix.LEVEL else shared["level"])
    controls["cutoff"], controls["damping"], controls["drive"] = np.float32(0.0), shared["damping"], shared["drive"]
    if shared["filter_on"]:
        controls["cutoff"] = cutoff_of(knobs, midi, v)
        if classes & matrix.FILTER:
            controls["damping"], controls["drive"] = damping_of(knobs), drive_of(knobs)
        if shared["filter_own"]:
            filter_morph.aim_voice(controls["filter_weights"], shared, knobs)
    controls["sub_gain"], controls["noise_gain"] = shared["sub_level"], shared["noise_level"]
    if classes & matrix.MIX:
        controls["sub_gain"], controls["noise_gain"] = level_or_off(knob[_SUB]), level_or_off(knob[_NOISE])
        if morph["n"] > 0:
            controls["sub_gain"] *= morph["sub_share"]
    if controls["sub_gain"] > 0.0 or controls["noise_gain"] > 0.0:
        v["sub_shape"], v["sub_octave"], v["color"] = int(knob[_SHAPE]), int(knob[_OCTAVE]), knob[_COLOR]


@kernel
def advance_envelopes(polyphony, knobs, slot):
    """Envelopes 2 and 3 to the end of this quantum."""
    v = polyphony["voices"][slot]
    n = QUANTUM - v["first"]
    env.advance(v["env2"], n, envelope_settings.settings_of_voice(polyphony, slot, 1))
    if sources.uses(knobs, matrix.SOURCE_ENV3):
        env.advance(v["env3"], n, envelope_settings.settings_of_voice(polyphony, slot, 2))
