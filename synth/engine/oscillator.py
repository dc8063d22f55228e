"""The wavetable oscillator: tables made on the audio thread from harmonics, band-limited to each voice's own pitch.

A voice holds two tables. `side` is the one it plays or fades to, the other the one it fades from. `blend` says how:
STATIC plays one; MORPH follows the engine's ramp from the previous spectrum to the present one (linear, so a chain of
decodes is a chain of straight lines); LEVEL replaces the table within one quantum because a bend has moved the pitch
so far that harmonics would fold below 20 kHz, or because there is room for more. Phases are 64-bit.
"""

import math

import numpy as np

from .fft import harmonics_to_table
from .interpolation import taps
from .jit import kernel
from .state import QUANTUM, TABLE_LOG2_MIN, TABLE_MAX

STATIC, MORPH, LEVEL = 0, 1, 2
_W1, _W2, _W3, _BLEND = QUANTUM, 2 * QUANTUM, 3 * QUANTUM, 4 * QUANTUM  # rows of the flat workspace
_OVERSAMPLING = 12  # table samples a harmonic, at least, while tables can grow
_FOLD_AT = 0.55  # of the rate: a harmonic here folds to 0.45, above hearing at 48 kHz
_ROOM_AT = 0.42  # a top harmonic below this leaves room worth filling
_TWO64 = 18446744073709551616.0
_C = tuple(np.float32(c) for c in taps().ravel())
FADE_IN = np.array([0.5 - 0.5 * math.cos(math.pi * (i + 1) / QUANTUM) for i in range(QUANTUM)], np.float32)


@kernel
def step_of(freq_hz, sr_hz):
    """Phase step per frame, cycles * 2^64: uint64."""
    return np.uint64(freq_hz / sr_hz * _TWO64)


@kernel
def top_of(freq_hz, sr_hz, harmonics):
    """Highest harmonic at or under half the rate for this pitch: at least 1, at most `harmonics`."""
    return max(1, min(int(harmonics), int(0.4999 * sr_hz / freq_hz)))


@kernel
def log2_size_of(top):
    """Table size (as log2) for `top` harmonics."""
    log2_size = TABLE_LOG2_MIN
    while (1 << log2_size) < _OVERSAMPLING * top and (1 << log2_size) < TABLE_MAX:
        log2_size += 1
    return log2_size


@kernel
def build(s, slot, side, mix, top, log2_size):
    """Table `side` of a slot from the spectrum `mix` of the way along the engine's ramp, harmonics 1..top."""
    old, new = s["spectra"][s["spectrum_from"]], s["spectra"][s["spectrum_to"]]
    undroop = s["undroop"][log2_size - TABLE_LOG2_MIN]
    re, im = s["fft_re"], s["fft_im"]
    old_re, old_im, new_re, new_im = old["re"], old["im"], new["re"], new["im"]
    m = np.float32(mix)
    if m >= np.float32(1.0):
        for k in range(top + 1):
            re[k], im[k] = new_re[k] * undroop[k], new_im[k] * undroop[k]
    elif m <= np.float32(0.0):
        for k in range(top + 1):
            re[k], im[k] = old_re[k] * undroop[k], old_im[k] * undroop[k]
    else:
        for k in range(top + 1):
            re[k] = (old_re[k] + m * (new_re[k] - old_re[k])) * undroop[k]
            im[k] = (old_im[k] + m * (new_im[k] - old_im[k])) * undroop[k]
    harmonics_to_table(re, im, top, 1 << log2_size, s["twiddle"], s["fft_work"], s["tables"][slot, side])


@kernel
def start_tables(s, slot, freq_hz, mix):
    """First tables of a new voice at its own pitch; `mix` is where the engine's ramp stands (1 = not moving)."""
    v = s["voices"][slot]
    top = top_of(freq_hz, s["sr_hz"], s["spectra"][s["spectrum_to"]]["harmonics"])
    v["top"], v["top_from"], v["log2_size"] = top, top, log2_size_of(top)
    v["side"] = 0
    v["fade"] = 0.0
    v["blend"] = STATIC
    build(s, slot, v["side"], 1.0, v["top"], v["log2_size"])
    if mix < 1.0:
        build(s, slot, np.int32(1 - v["side"]), 0.0, v["top"], v["log2_size"])
        v["blend"] = MORPH


@kernel
def new_spectrum(s, slot, freq_hz):
    """The engine's ramp begins anew: the table that was played is faded from, the new one to."""
    v = s["voices"][slot]
    v["side"] = 1 - v["side"]
    v["top_from"] = v["top"]
    harmonics = s["spectra"][s["spectrum_to"]]["harmonics"]
    top = min(int(v["top"]), int(harmonics))
    if harmonics > v["top"]:
        top = max(top, min(top_of(freq_hz, s["sr_hz"], harmonics), (1 << v["log2_size"]) // 8))
    v["top"] = max(top, 1)
    build(s, slot, v["side"], 1.0, v["top"], v["log2_size"])
    v["blend"] = MORPH
    v["fade"] = 0.0


@kernel
def settle(s, slot, mix):
    """After a LEVEL quantum: go on with the engine's ramp from where it stands, or be static."""
    v = s["voices"][slot]
    if v["blend"] == LEVEL:
        if mix < 1.0:
            v["side"] = 1 - v["side"]
            v["fade"] = mix
            build(s, slot, v["side"], 1.0, v["top"], v["log2_size"])
            v["blend"] = MORPH
        else:
            v["blend"] = STATIC
        v["top_from"] = v["top"]
    elif v["blend"] == MORPH and mix >= 1.0:
        v["blend"] = STATIC
        v["top_from"] = v["top"]


@kernel
def _wanted_top(s, slot, old_hz, new_hz):
    """Harmonics the table should hold for a quantum that goes from old_hz to new_hz; the present number if it may stay."""
    v = s["voices"][slot]
    sr_hz = s["sr_hz"]
    harmonics = s["spectra"][s["spectrum_to"]]["harmonics"]
    top = int(v["top"])
    ahead_hz = new_hz * max(new_hz / old_hz, 1.0)
    if top > 1 and top * max(ahead_hz, old_hz) > _FOLD_AT * sr_hz:
        return top_of(ahead_hz, sr_hz, harmonics)
    exact = top_of(new_hz, sr_hz, harmonics)
    if top < exact and (top * new_hz < _ROOM_AT * sr_hz or new_hz == old_hz):
        return exact
    if new_hz == old_hz and top > exact:
        return exact
    return top


@kernel
def follow_pitch(s, slot, old_hz, new_hz, mix0, mix1):
    """Before a quantum that moves from old_hz to new_hz: change the table's level if the pitch asks for it.

    mix0, mix1: where the engine's ramp stands at the start and end of this quantum.
    """
    v = s["voices"][slot]
    top = _wanted_top(s, slot, old_hz, new_hz)
    if top == v["top"]:
        settle(s, slot, mix0)
        return
    side, tables = np.int32(1 - v["side"]), s["tables"][slot]
    if top * 8 > (1 << v["log2_size"]) and (1 << v["log2_size"]) < TABLE_MAX:
        v["log2_size"] = log2_size_of(top)
        build(s, slot, side, mix0, v["top"], v["log2_size"])
    else:
        n = (1 << v["log2_size"]) + 3
        old, new = tables[side], tables[v["side"]]
        if v["blend"] == MORPH:
            w = np.float32((mix0 - v["fade"]) / max(1.0 - v["fade"], 1e-6))
            for i in range(n):
                old[i] += w * (new[i] - old[i])
        else:
            for i in range(n):
                old[i] = new[i]
    v["top_from"] = v["top"]
    v["top"] = top
    build(s, slot, v["side"], mix1, v["top"], v["log2_size"])
    v["blend"] = LEVEL


@kernel
def _walk(v, index, ws):
    """Where each frame from the first falls in the table: index[i] of its first tap, the fraction in ws[0:32]. Phase moves on.

    Within a quantum a steady pitch is walked in 32 bits, side by side, from the 64-bit phase; a moving one in 64.
    """
    phase, step, first = v["phase"], v["step"], v["first"]
    log2_size = v["log2_size"]
    if v["next_step"] == step and first == 0:
        p0, d = np.uint32(phase >> np.uint64(32)), np.uint32((step + np.uint64(0x80000000)) >> np.uint64(32))
        down, up = np.uint32(32 - log2_size), np.uint32(log2_size)
        for i in range(QUANTUM):
            p = np.uint32(p0 + np.uint32(i) * d)
            index[i] = np.int32(p >> down)
            ws[i] = np.float32(np.int32(np.uint32(p << up) >> np.uint32(8))) * np.float32(1 / 16777216)
        v["phase"] = phase + step * np.uint64(QUANTUM)
        return
    slope = np.uint64(np.int64(v["next_step"] - step) >> np.int64(5))
    shift, wide = np.uint64(64 - log2_size), np.uint64(log2_size)
    for i in range(first, QUANTUM):
        index[i] = np.int32(phase >> shift)
        ws[i] = np.float32(np.int32((phase << wide) >> np.uint64(40))) * np.float32(1 / 16777216)
        step += slope
        phase += step
    v["phase"], v["step"] = phase, v["next_step"]


@kernel
def _weigh(ws):
    """Tap weights of each frame from its fraction: ws[0:32] -> ws[0:128], four rows. Its constants are compiled in."""
    for i in range(QUANTUM):
        x = ws[i]
        ws[_W1 + i] = _C[4] + x * (_C[5] + x * (_C[6] + x * _C[7]))
        ws[_W2 + i] = _C[8] + x * (_C[9] + x * (_C[10] + x * _C[11]))
        ws[_W3 + i] = _C[12] + x * (_C[13] + x * (_C[14] + x * _C[15]))
        ws[i] = _C[0] + x * (_C[1] + x * (_C[2] + x * _C[3]))


@kernel
def _read(table, index, ws, out, lane):
    """Frames of one table into out[frame, lane]."""
    for i in range(QUANTUM):
        k = np.uint32(index[i])
        out[i, lane] = (ws[i] * table[k] + ws[_W1 + i] * table[k + np.uint32(1)]) + (
            ws[_W2 + i] * table[k + np.uint32(2)] + ws[_W3 + i] * table[k + np.uint32(3)])


@kernel
def _read_two(old, new, index, ws, out, lane):
    """As `_read`, from `old` to `new` by ws[128 + i] (0 = old, 1 = new)."""
    for i in range(QUANTUM):
        k = np.uint32(index[i])
        k1, k2, k3 = k + np.uint32(1), k + np.uint32(2), k + np.uint32(3)
        w0, w1, w2, w3 = ws[i], ws[_W1 + i], ws[_W2 + i], ws[_W3 + i]
        a = (w0 * old[k] + w1 * old[k1]) + (w2 * old[k2] + w3 * old[k3])
        b = (w0 * new[k] + w1 * new[k1]) + (w2 * new[k2] + w3 * new[k3])
        out[i, lane] = a + ws[_BLEND + i] * (b - a)


@kernel
def _blend(v, mix0, mix1, ws):
    """How far each frame is from the old table to the new one, into ws[128:160]."""
    if v["blend"] == LEVEL:
        for i in range(QUANTUM):
            ws[_BLEND + i] = FADE_IN[i]
        return
    span = 1.0 / max(1.0 - v["fade"], 1e-6)
    b0, slope = np.float32((mix0 - v["fade"]) * span), np.float32((mix1 - mix0) * span / QUANTUM)
    for i in range(QUANTUM):
        ws[_BLEND + i] = b0 + slope * np.float32(np.int32(i + 1))


@kernel
def render(s, slot, lane, out, mix0, mix1):
    """One quantum of a voice into out[frame, lane]; silent before the voice's first frame. Moves its phase on.

    The step ramps from v["step"] to v["next_step"] (linear in frequency).
    Real-time: no allocation, no locks, no I/O, no Python.
    """
    v, ws, index = s["voices"][slot], s["workspace"], s["index"]
    first = v["first"]
    for i in range(first):
        index[i], ws[i] = 0, 0.0
    _walk(v, index, ws)
    _weigh(ws)
    table = s["tables"][slot, v["side"]]
    if v["blend"] == STATIC:
        _read(table, index, ws, out, lane)
    else:
        _blend(v, mix0, mix1, ws)
        _read_two(s["tables"][slot, 1 - v["side"]], table, index, ws, out, lane)
    for i in range(first):
        out[i, lane] = 0.0
