"""What a voice does in a quantum: its pitch and tables, its levels and filter, and its point in the latent space.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile import fastmath
from ..compile.jit import kernel
from ..dsp import envelope as env
from ..dsp import filter as svf
from ..dsp import lfo
from ..modulation import channel_smoothing, envelope_settings, filter_morph, matrix, smoothed_knobs, sources, unison
from ..modulation.midi_channels import bend_of
from ..modulation.smoothed_knobs import index_of
from ..state import QUANTUM, SLOTS
from ..timbre import latent_position, spectrum_stream, voice_tables
from . import allocation

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
def set_levels(s):
    """Levels of voices that nothing modulates, from the knobs."""
    knob = s["knob"]
    s["level"] = gain_of_db(knob[_LEVEL])
    moved_db = s["played"]["master_gain_db"] - s["patch"]["params"]["master_gain_db"]
    s["gain_goal"] = gain_of_db(knob[_GAIN] + moved_db)
    s["sub_level"] = level_or_off(knob[_SUB])
    s["noise_level"] = level_or_off(knob[_NOISE])


@kernel
def snap_controls(s):
    """Everything that is smoothed at its target at once (before the first sound)."""
    smoothed_knobs.snap_knobs(s)
    channel_smoothing.snap_channels(s)
    filter_morph.snap_filter(s)
    matrix.snap_amounts(s)
    set_levels(s)
    s["damping"], s["drive"] = damping_of(s), drive_of(s)
    s["gain_now"] = s["gain"] = s["gain_goal"]


@kernel
def _pitch(s, v):
    """Semitones (MIDI note scale) that a voice sounds at: key, glide, bend, tuning and modulation."""
    knob = s["knob"]
    return v["key_pitch"] + v["glide"] + bend_of(s, v) + knob[_COARSE] + knob[_FINE] * 0.01


@kernel
def _frequency(s, pitch):
    """Frequency in Hz of a pitch in semitones; just under half the rate, where tables are silent, for one above it."""
    return min(s["knob"][_TUNE] * fastmath.exp2((pitch - 69.0) * (1.0 / 12.0)), 0.49995 * s["sr_hz"])


@kernel
def _begin_oscillators(s, v, slot, freq_hz):
    """A new voice's oscillators: number, phases and first tables."""
    knob = s["knob"]
    n = int(knob[_UNISON] + 0.5)
    v["unison"] = n
    if n > 1:
        unison.lay_out(s, n)
    for j in range(n):
        random = lfo.hash_unit(v["seed"] + np.uint64(16 + j)) if knob[_PHASE_RANDOM] > 0.0 else 0.0
        phase = unison.start_phase(knob[_PHASE] + knob[_PHASE_RANDOM] * random, j)
        v["phase"][j] = np.uint64((phase - math.floor(phase)) * 18446744073709549568.0)
    v["sub_phase"] = v["phase"][0]
    voice_tables.start_tables(s, slot, freq_hz * unison.highest(s, n))


@kernel
def _steps(s, v, freq_hz):
    """Steps at the end of this quantum of a voice's oscillators into `uni_step`; answers the frequency of the sharpest."""
    n, sr_hz = v["unison"], s["sr_hz"]
    s["sub_step"] = voice_tables.phase_step(freq_hz, sr_hz)
    if n == 1:
        s["uni_step"][0] = s["sub_step"]
        return freq_hz
    unison.lay_out(s, n)
    for j in range(n):
        s["uni_step"][j] = voice_tables.phase_step(freq_hz * s["uni_ratio"][j], sr_hz)
    return freq_hz * unison.highest(s, n)


@kernel
def _oscillators(s, v, slot, mix0, mix1):
    """A voice's pitch at the end of this quantum, its tables for it, and the steps in `uni_step`."""
    pitch, tune_hz = _pitch(s, v), s["knob"][_TUNE]
    stream = s["streams"][v["stream"]]
    if v["at_rest"] and pitch == v["pitch"] and tune_hz == v["tune_hz"] and not stream["fresh"] and v["unison"] == 1:
        s["uni_step"][0] = s["sub_step"] = v["step"][0]
        voice_tables.settle_tables(s, slot, mix0)
        return
    v["pitch"], v["tune_hz"] = pitch, tune_hz
    freq_hz = _frequency(s, pitch)
    if v["fresh"]:
        _begin_oscillators(s, v, slot, freq_hz)
    top_hz = _steps(s, v, freq_hz)
    if v["fresh"]:
        for j in range(v["unison"]):
            v["step"][j] = s["uni_step"][j]
        v["at_rest"] = 0
    else:
        if stream["fresh"]:
            voice_tables.begin_ramp(s, slot, v["top_hz"])
        voice_tables.fit_tables_to_pitch(s, slot, v["top_hz"], top_hz, mix0, mix1)
        v["at_rest"] = 1 if top_hz == v["top_hz"] and v["blend"] != voice_tables.LEVEL else 0
    v["top_hz"] = top_hz


@kernel
def _sides(s, v):
    """(left, right) gain of a voice at the end of this quantum; both the level's for one in the centre."""
    ch = s["channels"][v["channel"]]
    level = s["level"]
    if s["matrix"]["classes"] & matrix.LEVEL:
        level = gain_of_db(s["knob"][_LEVEL])
    gap = level - v["level"]
    if gap != 0.0 and not v["fresh"] and abs(gap) > np.float32(1e-6) * level:
        level = v["level"] + np.float32(0.35) * gap  # no corners where a source jumps
    v["level"] = level
    level *= ch["gain"][1] * v["gain"]
    pan = min(max(s["knob"][_PAN] + ch["pan_now"][1], np.float32(-1.0)), np.float32(1.0))
    gap = pan - v["pan"]
    if not v["fresh"] and abs(gap) > np.float32(1e-6):
        pan = v["pan"] + np.float32(0.35) * gap
    v["pan"] = pan
    if pan == 0.0:
        return level, level
    left, right = fastmath.pan_gains(pan)
    return level * left, level * right


@kernel
def cutoff_of(s, v):
    """Cut-off of a voice's filter at the end of this quantum, log2 of Hz."""
    knob = s["knob"]
    semitones = (knob[_KEYTRACK] * (v["pitch"] - 60.0) + knob[_ENV] * v["env2"]["level"]
                 + knob[_VELOCITY] * v["velocity"] + s["channels"][v["channel"]]["bright_now"][1])
    return np.float32(knob[_CUTOFF] + semitones * (1.0 / 12.0))


@kernel
def damping_of(s):
    """Damping of the filter for the resonance on the knob (modulation laid over)."""
    return np.float32(svf.damping_of(s["knob"][_RESONANCE]))


@kernel
def drive_of(s):
    """Linear gain of the filter's drive knob (modulation laid over)."""
    return gain_of_db(s["knob"][_DRIVE])


@kernel
def _update_own_position(s, v, every):
    """On a tick, a voice's own point: where it has no line to itself yet, it begins as the shared one stands."""
    if v["stream"] == spectrum_stream.SHARED:
        if not s["matrix"]["classes"] & matrix.LATENT:
            return
        index = spectrum_stream.allocate_stream(s, spectrum_stream.USED)
        if index < 0:
            return
        spectrum_stream.copy_stream(s, index, spectrum_stream.SHARED)
        v["stream"] = index
    latent_position.aim_latent(s, True)
    latent_position.update_own_position(s, v["stream"], every)


@kernel
def advance_envelopes(s, slot):
    """Envelopes 2 and 3 to the end of this quantum."""
    v = s["voices"][slot]
    n = QUANTUM - v["first"]
    env.advance(v["env2"], n, envelope_settings.settings_of_voice(s, slot, 1))
    if sources.uses(s, matrix.SOURCE_ENV3):
        env.advance(v["env3"], n, envelope_settings.settings_of_voice(s, slot, 2))


@kernel
def update_voice(s, slot, mix0, mix1, every):
    """All of a voice's controls to the end of this quantum. every: ticks between its decodes, 0 when this is no tick.

    The knobs stay as modulation moved them for this voice; the caller keeps them.
    Answers (left gain, right gain, cut-off in log2 of Hz, damping, drive gain); its steps lie in `uni_step`.
    """
    v, m = s["voices"][slot], s["matrix"]
    allocation.fill_envelope(s, slot, QUANTUM)
    advance_envelopes(s, slot)
    allocation.advance_glide(v)
    modulated = m["n"] > 0
    if modulated:
        sources.read_sources(s, v, 0 if v["fresh"] else QUANTUM)
        matrix.lay_modulation(s, OWN)
    if every > 0 and (modulated or v["stream"] != spectrum_stream.SHARED):
        _update_own_position(s, v, every)
    _oscillators(s, v, slot, mix0, mix1)
    left, right = _sides(s, v)
    cutoff, damping, drive = np.float32(0.0), s["damping"], s["drive"]
    if s["filter_on"]:
        cutoff = cutoff_of(s, v)
        if m["classes"] & matrix.FILTER:
            damping, drive = damping_of(s), drive_of(s)
    v["sub_to"], v["noise_to"] = s["sub_level"], s["noise_level"]
    if m["classes"] & matrix.MIX:
        v["sub_to"], v["noise_to"] = level_or_off(s["knob"][_SUB]), level_or_off(s["knob"][_NOISE])
    if v["sub_to"] > 0.0 or v["noise_to"] > 0.0:
        v["sub_shape"], v["sub_octave"], v["color"] = int(s["knob"][_SHAPE]), int(s["knob"][_OCTAVE]), s["knob"][_COLOR]
    v["age"] += QUANTUM - v["first"]
    return left, right, cutoff, damping, drive


@kernel
def prefetch_voice(s, channel, note, velocity, at_frame):
    """Ask for the point at which a note to come will start, if voices have points of their own."""
    index = spectrum_stream.allocate_stream(s, spectrum_stream.EXPECTED)
    if index < 0:
        return
    stream, v = s["streams"][index], s["voices"][SLOTS]
    stream["at_frame"], stream["at_note"], stream["at_channel"] = at_frame, note, channel
    allocation.prepare_voice(s, v, channel, note, velocity, at_frame)
    sources.read_sources(s, v, 0)
    matrix.keep_and_lay(s, OWN)
    latent_position.aim_latent(s, True)
    matrix.restore_knobs(s, OWN)
    latent_position.request_expected_position(s, index, at_frame)
