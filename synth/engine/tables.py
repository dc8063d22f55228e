"""A voice's wavetables: made on the audio thread from harmonics, band-limited to the voice's own pitch.

A voice holds two tables. `side` is the one it plays or fades to, the other the one it fades from. `blend` says how:
STATIC plays one; MORPH follows its line's ramp from the previous spectrum to the present one (linear, so a chain of
decodes is a chain of straight lines); LEVEL replaces the table within one quantum because a bend has moved the pitch
so far that harmonics would fold below 20 kHz, or because there is room for more. Phases are 64-bit.
"""

import numpy as np

from .fft import harmonics_to_table
from .jit import kernel
from .state import TABLE_LOG2_MIN, TABLE_MAX

STATIC, MORPH, LEVEL = 0, 1, 2
_OVERSAMPLING = 12  # table samples a harmonic, at least, while tables can grow
_FOLD_AT = 0.55  # of the rate: a harmonic here folds to 0.45, above hearing at 48 kHz
_ROOM_AT = 0.42  # a top harmonic below this leaves room worth filling
_TWO63 = 9223372036854775808.0


@kernel
def step_of(freq_hz, sr_hz):
    """Phase step per frame, cycles * 2^64: uint64."""
    return np.uint64(np.int64(freq_hz / sr_hz * _TWO63)) << np.uint64(1)


@kernel
def top_of(freq_hz, sr_hz, harmonics):
    """Highest harmonic at or under half the rate for this pitch: at least 1, at most `harmonics`."""
    return max(1, min(int(harmonics), int(0.4999 * sr_hz / freq_hz)))


@kernel
def harmonics_of(s, slot):
    """Harmonics that the spectrum a voice plays or heads to holds."""
    return s["pool"][s["lines"][s["voices"][slot]["line"]]["to"]]["harmonics"]


@kernel
def log2_size_of(top):
    """Table size (as log2) for `top` harmonics."""
    log2_size = TABLE_LOG2_MIN
    while (1 << log2_size) < _OVERSAMPLING * top and (1 << log2_size) < TABLE_MAX:
        log2_size += 1
    return log2_size


@kernel
def build(s, slot, side, mix, top, log2_size):
    """Table `side` of a slot from the spectrum `mix` of the way along its line's ramp, harmonics 1..top."""
    line = s["lines"][s["voices"][slot]["line"]]
    old, new = s["pool"][line["from"]], s["pool"][line["to"]]
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
    """First tables of a new voice at its own pitch; `mix` is where the line's ramp stands (1 = not moving)."""
    v = s["voices"][slot]
    top = top_of(freq_hz, s["sr_hz"], harmonics_of(s, slot))
    v["top"], v["log2_size"] = top, log2_size_of(top)
    v["side"] = 0
    v["fade"] = 0.0
    v["blend"] = STATIC
    build(s, slot, v["side"], 1.0, v["top"], v["log2_size"])
    if mix < 1.0:
        build(s, slot, np.int32(1 - v["side"]), 0.0, v["top"], v["log2_size"])
        v["blend"] = MORPH


@kernel
def new_spectrum(s, slot, freq_hz):
    """The line's ramp begins anew: the table that was played is faded from, the new one to."""
    v = s["voices"][slot]
    v["side"] = 1 - v["side"]
    harmonics = harmonics_of(s, slot)
    top = min(int(v["top"]), int(harmonics))
    if harmonics > v["top"]:
        top = max(top, min(top_of(freq_hz, s["sr_hz"], harmonics), (1 << v["log2_size"]) // 8))
    v["top"] = max(top, 1)
    build(s, slot, v["side"], 1.0, v["top"], v["log2_size"])
    v["blend"] = MORPH
    v["fade"] = 0.0


@kernel
def settle(s, slot, mix):
    """After a LEVEL quantum: go on with the line's ramp from where it stands, or be static."""
    v = s["voices"][slot]
    if v["blend"] == LEVEL:
        if mix < 1.0:
            v["side"] = 1 - v["side"]
            v["fade"] = mix
            build(s, slot, v["side"], 1.0, v["top"], v["log2_size"])
            v["blend"] = MORPH
        else:
            v["blend"] = STATIC
    elif v["blend"] == MORPH and mix >= 1.0:
        v["blend"] = STATIC


@kernel
def _wanted_top(s, slot, old_hz, new_hz):
    """Harmonics the table should hold for a quantum that goes from old_hz to new_hz; the present number if it may stay."""
    sr_hz, top = s["sr_hz"], int(s["voices"][slot]["top"])
    if top > 1 and (top * old_hz > _FOLD_AT * sr_hz or top * new_hz * new_hz > _FOLD_AT * sr_hz * min(new_hz, old_hz)):
        return top_of(new_hz * max(new_hz / old_hz, 1.0), sr_hz, harmonics_of(s, slot))
    still = new_hz == old_hz
    if still or (top * new_hz < _ROOM_AT * sr_hz and (top + 1) * new_hz <= 0.4999 * sr_hz):
        exact = top_of(new_hz, sr_hz, harmonics_of(s, slot))
        return exact if still else max(top, exact)
    return top


@kernel
def follow_pitch(s, slot, old_hz, new_hz, mix0, mix1):
    """Before a quantum that moves from old_hz to new_hz: change the table's level if the pitch asks for it.

    mix0, mix1: where the line's ramp stands at the start and end of this quantum.
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
    v["top"] = top
    build(s, slot, v["side"], mix1, v["top"], v["log2_size"])
    v["blend"] = LEVEL


