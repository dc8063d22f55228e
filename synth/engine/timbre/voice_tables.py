"""A voice's wavetables: made on the audio thread from harmonics, band-limited to the voice's own pitch.

A voice holds three tables. `side` is the newest, `previous(side)` the one before it, then the oldest. `blend` says what is played:
STATIC the newest; LEAVE, PASS and ARRIVE the curve of its stream, where its first two spectra, none or its last two are one
and the same; LEVEL replaces the previous table by the newest within one quantum because a bend has moved the pitch so far that
harmonics would fold below 20 kHz, or because there is room for more. Phases are 64-bit.
"""

import numpy as np

from ..compile.jit import kernel
from ..dsp.fft import harmonics_to_table
from ..state import TABLE_LOG2_MIN, TABLE_MAX

STATIC, LEAVE, PASS, ARRIVE, LEVEL = range(5)
_OVERSAMPLING = 12  # table samples a harmonic, at least, while tables can grow
_FOLD_AT = 0.55  # of the rate: a harmonic here folds to 0.45, above hearing at 48 kHz
_HALF = 0.4999  # of the rate, just under which the last harmonic may lie
_ROOM_AT = 0.42  # a top harmonic below this leaves room worth filling
_TWO63 = 9223372036854775808.0


@kernel
def phase_step(freq_hz, sr_hz):
    """Phase step per frame, cycles * 2^64: uint64."""
    return np.uint64(np.int64(freq_hz / sr_hz * _TWO63)) << np.uint64(1)


@kernel
def top_harmonic(freq_hz, sr_hz, harmonics):
    """Highest harmonic under half the rate for this pitch, at most `harmonics`; 0 where the pitch itself lies above: it is silent."""
    return min(int(harmonics), int(_HALF * sr_hz / freq_hz))


@kernel
def stream_harmonics(s, slot):
    """Harmonics that the spectrum a voice plays or heads to holds."""
    return s["pool"][s["streams"][s["voices"][slot]["stream"]]["to"]]["harmonics"]


@kernel
def table_log2_size(top):
    """Table size (as log2) for `top` harmonics."""
    log2_size = TABLE_LOG2_MIN
    while (1 << log2_size) < _OVERSAMPLING * top and (1 << log2_size) < TABLE_MAX:
        log2_size += 1
    return log2_size


@kernel
def next_side(side):
    """The table after one, which is the oldest where `side` is the newest."""
    return side + 1 if side < 2 else 0


@kernel
def previous_side(side):
    """The table before one."""
    return side - 1 if side > 0 else 2


@kernel
def blend_of_stream(stream):
    """How a voice plays a line that is on a ramp, or at rest."""
    if stream["before"] == stream["from"]:
        return STATIC if stream["from"] == stream["to"] else LEAVE
    return ARRIVE if stream["from"] == stream["to"] else PASS


@kernel
def _shares(mix):
    """How much of its first and of its last spectrum is heard at `mix` of a line's ramp."""
    return np.float32(0.5 * (1.0 - mix) * (1.0 - mix)), np.float32(0.5 * mix * mix)


@kernel
def _build(s, slot, side, index, top, log2_size):
    """Table `side` of a slot from spectrum `index` of the pool, harmonics 1..top."""
    spectrum, undroop = s["pool"][index], s["undroop"][log2_size - TABLE_LOG2_MIN]
    re, im, to_re, to_im = spectrum["re"], spectrum["im"], s["fft_re"], s["fft_im"]
    for k in range(top + 1):
        to_re[k], to_im[k] = re[k] * undroop[k], im[k] * undroop[k]
    harmonics_to_table(to_re, to_im, top, 1 << log2_size, s["twiddle"], s["fft_work"], s["tables"][slot, side])


@kernel
def _build_between(s, slot, side, mix, top, log2_size):
    """Table `side` of a slot from where its line is at `mix` of its ramp, harmonics 1..top."""
    stream, undroop = s["streams"][s["voices"][slot]["stream"]], s["undroop"][log2_size - TABLE_LOG2_MIN]
    old, mid, new = s["pool"][stream["before"]], s["pool"][stream["from"]], s["pool"][stream["to"]]
    old_re, old_im, mid_re, mid_im, new_re, new_im = old["re"], old["im"], mid["re"], mid["im"], new["re"], new["im"]
    re, im = s["fft_re"], s["fft_im"]
    leaving, coming = _shares(mix)
    for k in range(top + 1):
        re[k] = (mid_re[k] + leaving * (old_re[k] - mid_re[k]) + coming * (new_re[k] - mid_re[k])) * undroop[k]
        im[k] = (mid_im[k] + leaving * (old_im[k] - mid_im[k]) + coming * (new_im[k] - mid_im[k])) * undroop[k]
    harmonics_to_table(re, im, top, 1 << log2_size, s["twiddle"], s["fft_work"], s["tables"][slot, side])


@kernel
def _build_all(s, slot):
    """As many tables as a voice needs to follow its line from where that stands."""
    v = s["voices"][slot]
    stream, side = s["streams"][v["stream"]], v["side"]
    v["blend"] = blend_of_stream(stream)
    _build(s, slot, side, stream["to"], v["top"], v["log2_size"])
    if v["blend"] == STATIC:
        return
    _build(s, slot, previous_side(side), stream["before"] if v["blend"] == ARRIVE else stream["from"], v["top"], v["log2_size"])
    if v["blend"] == PASS:
        _build(s, slot, next_side(side), stream["before"], v["top"], v["log2_size"])


@kernel
def start_tables(s, slot, freq_hz):
    """First tables of a new voice at its own pitch."""
    v = s["voices"][slot]
    top = top_harmonic(freq_hz, s["sr_hz"], stream_harmonics(s, slot))
    v["top"], v["log2_size"] = top, table_log2_size(top)
    v["side"] = 0
    _build_all(s, slot)


@kernel
def begin_ramp(s, slot, freq_hz):
    """The line's ramp begins: a table for its new spectrum, if it has one."""
    v = s["voices"][slot]
    curve = blend_of_stream(s["streams"][v["stream"]])
    if curve != ARRIVE:
        harmonics = stream_harmonics(s, slot)
        top = min(int(v["top"]), int(harmonics))
        if harmonics > v["top"]:
            top = max(top, min(top_harmonic(freq_hz, s["sr_hz"], harmonics), (1 << v["log2_size"]) // 8))
        v["top"] = top
    if v["blend"] == LEVEL:
        _build_all(s, slot)
        return
    v["blend"] = curve
    if curve != ARRIVE:
        v["side"] = next_side(v["side"])
        _build(s, slot, v["side"], s["streams"][v["stream"]]["to"], v["top"], v["log2_size"])


@kernel
def settle_tables(s, slot, mix):
    """After a LEVEL quantum: go on with the line's curve from where it stands. When the line has arrived: be static."""
    v = s["voices"][slot]
    if v["blend"] == LEVEL:
        if blend_of_stream(s["streams"][v["stream"]]) == STATIC:
            v["blend"] = STATIC
        else:
            _build_all(s, slot)
    elif v["blend"] == ARRIVE and mix >= 1.0:
        v["blend"] = STATIC


@kernel
def _wanted_top(s, slot, old_hz, new_hz):
    """Harmonics the table should hold for a quantum that goes from old_hz to new_hz; the present number if it may stay."""
    sr_hz, top = s["sr_hz"], int(s["voices"][slot]["top"])
    if new_hz > _HALF * sr_hz:
        return 0
    if top > 1 and (top * old_hz > _FOLD_AT * sr_hz or top * new_hz * new_hz > _FOLD_AT * sr_hz * min(new_hz, old_hz)):
        return top_harmonic(new_hz * max(new_hz / old_hz, 1.0), sr_hz, stream_harmonics(s, slot))
    still = new_hz == old_hz
    if still or (top * new_hz < _ROOM_AT * sr_hz and (top + 1) * new_hz <= _HALF * sr_hz):
        exact = top_harmonic(new_hz, sr_hz, stream_harmonics(s, slot))
        return exact if still else max(top, exact)
    return top


@kernel
def _mix_here(s, slot, mix):
    """What a voice plays at `mix` of its line's ramp, made of its tables: in the place of the oldest, which becomes the newest."""
    v = s["voices"][slot]
    newest = v["side"]
    oldest, middle = s["tables"][slot, next_side(newest)], s["tables"][slot, previous_side(newest)]
    new, n = s["tables"][slot, newest], (1 << v["log2_size"]) + 3
    leaving, coming = _shares(mix)
    if v["blend"] == PASS:
        for i in range(n):
            oldest[i] = middle[i] + leaving * (oldest[i] - middle[i]) + coming * (new[i] - middle[i])
    else:
        w = coming if v["blend"] == LEAVE else np.float32(1.0) - leaving
        for i in range(n):
            oldest[i] = middle[i] + w * (new[i] - middle[i])
    v["side"] = next_side(newest)


@kernel
def fit_tables_to_pitch(s, slot, old_hz, new_hz, mix0, mix1):
    """Before a quantum that moves from old_hz to new_hz: change the table's level if the pitch asks for it.

    mix0, mix1: where the line's ramp stands at the start and end of this quantum.
    """
    v = s["voices"][slot]
    top = _wanted_top(s, slot, old_hz, new_hz)
    if top == v["top"]:
        settle_tables(s, slot, mix0)
        return
    was, grows = v["blend"], top * 8 > (1 << v["log2_size"]) and (1 << v["log2_size"]) < TABLE_MAX
    if grows:
        v["log2_size"] = table_log2_size(top)
        v["side"] = next_side(v["side"])
        _build_between(s, slot, v["side"], mix0, v["top"], v["log2_size"])
    elif was != STATIC and was != LEVEL:
        _mix_here(s, slot, mix0)
    v["top"] = top
    v["side"] = next_side(v["side"])
    _build_between(s, slot, v["side"], mix1, v["top"], v["log2_size"])
    v["blend"] = LEVEL
