"""What moves a voice: the values of the matrix's sources at the end of a quantum, LFOs included.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ...params.knobs import N_LFOS, N_MACROS, index_of
from ..compile import fastmath
from ..compile.jit import kernel
from ..constants import QUANTUM
from ..dsp import lfo
from . import matrix
from .matrix import SOURCE
from .midi_channels import bend_unit_of, breath_of, expression_of, pressure_of, read_channel, slide_of, wheel_of

_VELOCITY, _RELEASE, _KEY, _RANDOM, _WHEEL, _BREATH, _EXPRESSION, _PRESSURE, _SLIDE, _BEND = (
    SOURCE[n] for n in ("velocity", "release", "key", "random", "wheel", "breath", "expression", "pressure", "slide", "bend"))
_AMP, _ENV2, _ENV3, _LFO, _MACRO = (SOURCE[n] for n in ("amp", "env2", "env3", "lfo1", "macro1"))
_SHAPE, _RATE, _SYNC, _PHASE, _FADE, _SCOPE, _POLARITY = (
    index_of(f"lfo1.{n}") for n in ("shape", "rate_hz", "sync", "phase_cycles", "fade_s", "scope", "polarity"))
_PER_LFO = index_of("lfo2.shape") - _SHAPE
_MACRO_1 = index_of("macro1.value")
_HANDS = sum(1 << i for i in (_WHEEL, _BREATH, _EXPRESSION, _PRESSURE, _SLIDE, _BEND))
_ANY_LFO = sum(1 << (_LFO + i) for i in range(N_LFOS))


@kernel
def uses(knobs, source):
    """Whether any slot of the matrix listens to a source."""
    return (knobs["matrix"]["sources"] >> source) & 1 != 0


@kernel
def _jumps(shape, free):
    """Whether a shape jumps. free: what it is where it is the free one."""
    if shape == lfo.FREE:
        return free["jumps"] != 0
    return shape > lfo.TRIANGLE and shape != lfo.DRIFT


@kernel
def _mix_lfo(morph, row, transport, i):
    """An LFO of a morph whose parts have other shapes or syncs: the values of the shapes are mixed, and a rate lies between the rates."""
    at, shapes, syncs, first, log2_speed = i * _PER_LFO, 0, False, morph["heaviest"], 0.0
    for p in range(morph["n"]):
        if morph["now"][p] > 0.0:
            shapes |= 1 << int(morph["params"][p, _SHAPE + at])
            syncs = syncs or morph["params"][p, _SYNC + at] != morph["params"][first, _SYNC + at]
    if shapes & (shapes - 1) or shapes == 1 << lfo.FREE:
        row["mixed"], row["jumps"] = 1, 0
        for k in range(row["shapes"].shape[0]):
            row["shapes"][k] = 0.0
        for p in range(morph["n"]):
            shape = int(morph["params"][p, _SHAPE + at])
            row["free"][p] = morph["now"][p] if shape == lfo.FREE else np.float32(0.0)
            if shape != lfo.FREE:
                row["shapes"][shape] += morph["now"][p]
            if morph["now"][p] > 0.0 and _jumps(shape, morph["free"][p, i]):
                row["jumps"] = 1
    if syncs:
        for p in range(morph["n"]):
            beats = lfo.BEATS[int(morph["params"][p, _SYNC + at])]
            rate_hz = transport["tempo_bpm"] / (60.0 * beats) if beats > 0.0 else np.float64(morph["params"][p, _RATE + at])
            log2_speed += np.float64(morph["now"][p]) * math.log2(rate_hz)
        row["beats"], row["speed"] = 0.0, fastmath.exp2(log2_speed) / transport["sr_hz"]


@kernel
def _set_lfo(knobs, transport, i):
    """How LFO i runs by its knobs (with modulation laid over)."""
    knob, row, at, sr_hz = knobs["value"], knobs["lfos"][i], i * _PER_LFO, transport["sr_hz"]
    beats = lfo.BEATS[int(knob[_SYNC + at])]
    row["beats"] = beats
    row["speed"] = transport["tempo_bpm"] / (60.0 * beats * sr_hz) if beats > 0.0 else fastmath.exp2(knob[_RATE + at]) / sr_hz
    row["phase"], row["shape"] = knob[_PHASE + at], int(knob[_SHAPE + at])
    row["fade"] = 1.0 / (knob[_FADE + at] * sr_hz) if knob[_FADE + at] > 0.0 else 0.0
    row["jumps"] = 1 if _jumps(row["shape"], knobs["patch"]["free"][i]) else 0
    upwards = knob[_POLARITY + at]  # 0 or 1; between them in a morph of presets
    row["scale"], row["offset"] = np.float32(1.0) - np.float32(0.5) * upwards, np.float32(0.5) * upwards
    row["voice_share"], row["mixed"] = np.float32(1.0) - knob[_SCOPE + at], 0
    if knobs["patch"]["morph"][0]["n"] > 0:
        _mix_lfo(knobs["patch"]["morph"][0], row, transport, i)


@kernel
def _value(knobs, row, i, cycles, seed, old, share):
    """LFO i's value; shapes that jump go a share of the way to a new one."""
    if row["shape"] == lfo.FREE:
        value = lfo.drawn(knobs["patch"]["free"][i], cycles)
    else:
        value = np.float32(lfo.sine(cycles)) if row["shape"] == lfo.SINE else lfo.value(row["shape"], cycles, seed)
    if row["mixed"]:
        value = np.float32(0.0)
        for shape in range(row["shapes"].shape[0]):
            if row["shapes"][shape] > 0.0:
                value += row["shapes"][shape] * lfo.value(shape, cycles, seed)
        morph = knobs["patch"]["morph"][0]
        for p in range(morph["n"]):
            if row["free"][p] > 0.0:
                value += row["free"][p] * lfo.drawn(morph["free"][p, i], cycles)
    return old + share * (value - old) if row["jumps"] and share < np.float32(1.0) else value


@kernel
def advance_global_lfos(knobs, transport, part):
    """LFOs as the knobs set them; global ones of a part (0 but in a stack) one quantum on, synced ones of them on the song's beat."""
    if not knobs["matrix"]["sources"] & _ANY_LFO:
        return
    for i in range(N_LFOS):
        if not uses(knobs, _LFO + i):
            continue
        _set_lfo(knobs, transport, i)
        row = knobs["lfos"][i]
        knobs["lfo_cycles"][part, i] += QUANTUM * row["speed"]
        if row["voice_share"] < 1.0:
            beats = row["beats"]
            cycles = (transport["beat"] + QUANTUM * row["speed"] * beats) / beats if beats > 0.0 else knobs["lfo_cycles"][part, i]
            value = knobs["lfo_value"][part, i]
            knobs["lfo_value"][part, i] = _value(
                knobs, row, i, cycles + row["phase"], np.uint64(i + 1), value, knobs["smoothing"]["jump"])


@kernel
def _shared_value(knobs, v, row, i):
    """LFO i as it last was: the voice's own, the one of all, or in a morph of presets a share of both."""
    if row["voice_share"] == 1.0:
        return v["lfo_value"][i]
    shared = knobs["lfo_value"][v["part"], i]
    if row["voice_share"] == 0.0:
        return shared
    return shared + row["voice_share"] * (v["lfo_value"][i] - shared)


@kernel
def _lfos(knobs, transport, v, n, reset):
    """The LFOs that the matrix listens to, n frames on; a voice's own start with the note. reset: by its own knobs."""
    source, share = knobs["source"], np.float32(1.0) if v["fresh"] else knobs["smoothing"]["jump"]
    for i in range(N_LFOS):
        if not uses(knobs, _LFO + i):
            continue
        if reset:
            _set_lfo(knobs, transport, i)
        row = knobs["lfos"][i]
        if row["voice_share"] > 0.0:
            if n > 0 or v["fresh"]:
                v["lfo_cycles"][i] += n * row["speed"]
                cycles, seed = v["lfo_cycles"][i] + row["phase"], v["seed"] + np.uint64(i)
                v["lfo_value"][i] = _value(knobs, row, i, cycles, seed, v["lfo_value"][i], share)
        value = _shared_value(knobs, v, row, i) * row["scale"] + row["offset"]
        if row["fade"] > 0.0:
            value *= np.float32(min(v["age"] * row["fade"], 1.0))
        source[_LFO + i] = value


@kernel
def _played(knobs, midi, v, used):
    """Sources that the player's hands move."""
    source, channel = knobs["source"], v["channel"]
    if used & _HANDS:
        read_channel(midi, v)
        source[_WHEEL], source[_BREATH] = wheel_of(midi, channel), breath_of(midi, channel)
        source[_EXPRESSION] = expression_of(midi, channel)
        source[_PRESSURE], source[_BEND] = pressure_of(midi, v), bend_unit_of(midi, v)
        source[_SLIDE] = 2.0 * slide_of(midi, v) - 1.0
    if used >> _MACRO:
        for i in range(N_MACROS):
            source[_MACRO + i] = knobs["value"][_MACRO_1 + i]


@kernel
def read_sources(knobs, midi, transport, v, n):
    """The matrix's sources for a voice into knobs["source"], its LFOs n frames on, and the targets' sums."""
    source, used = knobs["source"], knobs["matrix"]["sources"]
    source[_VELOCITY], source[_RELEASE], source[_RANDOM] = v["velocity"], v["release_velocity"], v["random"]
    source[_KEY] = min(max((v["note"] - 60) * np.float32(1.0 / 60.0), np.float32(-1.0)), np.float32(1.0))
    source[_AMP], source[_ENV2], source[_ENV3] = v["amp"]["level"], v["env2"]["level"], v["env3"]["level"]
    if used & _HANDS or used >> _MACRO:
        _played(knobs, midi, v, used)
    if used & _ANY_LFO:
        if knobs["matrix"]["classes"] & matrix.LFO:
            for i in range(N_LFOS):
                row = knobs["lfos"][i]
                source[_LFO + i] = _shared_value(knobs, v, row, i) * row["scale"] + row["offset"]
            matrix.sum_targets(knobs)
            matrix.keep_and_lay(knobs, matrix.LFO)
            _lfos(knobs, transport, v, n, True)
            matrix.restore_knobs(knobs, matrix.LFO)
        else:
            _lfos(knobs, transport, v, n, False)
    matrix.sum_targets(knobs)
