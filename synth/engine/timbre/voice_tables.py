"""A voice's wavetables: made on the audio thread from harmonics, band-limited to the voice's own pitch.

A voice holds three tables. `side` is the newest, `previous_side(side)` the one before it, then the oldest. `blend` says how they
are heard together (dsp/blend.py); it is LEVEL where a bend has moved the pitch so far that harmonics would fold below 20 kHz, or
because there is room for more. Phases are 64-bit. A voice is told by its record `v` and its slot, the place of its tables.
"""

import numpy as np

from ..compile.jit import kernel
from ..constants import TABLE_LOG2_MIN, TABLE_MAX
from ..dsp.blend import ARRIVE, LEAVE, LEVEL, PASS, STATIC, next_side, previous_side
from ..dsp.fft import harmonics_to_table
from . import track_shape

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
def stream_harmonics(spectra, v):
    """Harmonics that the spectrum a voice plays or heads to holds."""
    return spectra["pool"][spectra["streams"][v["stream"]]["to"]]["harmonics"]


@kernel
def table_log2_size(top):
    """Table size (as log2) for `top` harmonics."""
    log2_size = TABLE_LOG2_MIN
    while (1 << log2_size) < _OVERSAMPLING * top and (1 << log2_size) < TABLE_MAX:
        log2_size += 1
    return log2_size


@kernel
def blend_of_stream(stream):
    """How a voice plays a stream that is on a ramp, or at rest."""
    if stream["before"] == stream["from"]:
        return STATIC if stream["from"] == stream["to"] else LEAVE
    return ARRIVE if stream["from"] == stream["to"] else PASS


@kernel
def _shares(mix):
    """How much of its first and of its last spectrum is heard at `mix` of a stream's ramp."""
    return np.float32(0.5 * (1.0 - mix) * (1.0 - mix)), np.float32(0.5 * mix * mix)


@kernel
def _build(tables, spectra, v, slot, side, index, top, log2_size):
    """Table `side` of a slot from spectrum `index` of the pool, harmonics 1..top."""
    spectrum, undroop = spectra["pool"][index], tables["undroop"][log2_size - TABLE_LOG2_MIN]
    re, im, to_re, to_im = spectrum["re"], spectrum["im"], tables["fft_re"], tables["fft_im"]
    if track_shape.is_shaped(v):
        track_shape.lay_shaped(tables, spectra, v, index, top, undroop)
    else:
        for k in range(top + 1):
            to_re[k], to_im[k] = re[k] * undroop[k], im[k] * undroop[k]
    harmonics_to_table(to_re, to_im, top, 1 << log2_size, tables["twiddle"], tables["fft_work"], tables["waves"][slot, side])


@kernel
def _build_between(tables, spectra, v, slot, side, mix, top, log2_size):
    """Table `side` of a slot from where its stream is at `mix` of its ramp, harmonics 1..top."""
    stream, undroop = spectra["streams"][v["stream"]], tables["undroop"][log2_size - TABLE_LOG2_MIN]
    old, mid, new = spectra["pool"][stream["before"]], spectra["pool"][stream["from"]], spectra["pool"][stream["to"]]
    old_re, old_im, mid_re, mid_im, new_re, new_im = old["re"], old["im"], mid["re"], mid["im"], new["re"], new["im"]
    re, im = tables["fft_re"], tables["fft_im"]
    leaving, coming = _shares(mix)
    if track_shape.is_shaped(v):
        track_shape.lay_shaped_between(tables, spectra, v, leaving, coming, top, undroop)
        harmonics_to_table(re, im, top, 1 << log2_size, tables["twiddle"], tables["fft_work"], tables["waves"][slot, side])
        return
    for k in range(top + 1):
        re[k] = (mid_re[k] + leaving * (old_re[k] - mid_re[k]) + coming * (new_re[k] - mid_re[k])) * undroop[k]
        im[k] = (mid_im[k] + leaving * (old_im[k] - mid_im[k]) + coming * (new_im[k] - mid_im[k])) * undroop[k]
    harmonics_to_table(re, im, top, 1 << log2_size, tables["twiddle"], tables["fft_work"], tables["waves"][slot, side])


@kernel
def _build_all(tables, spectra, v, slot):
    """As many tables as a voice needs to follow its stream from where that stands."""
    stream, side = spectra["streams"][v["stream"]], v["side"]
    v["blend"] = blend_of_stream(stream)
    _build(tables, spectra, v, slot, side, stream["to"], v["top"], v["log2_size"])
    if v["blend"] == STATIC:
        return
    older = stream["before"] if v["blend"] == ARRIVE else stream["from"]
    _build(tables, spectra, v, slot, previous_side(side), older, v["top"], v["log2_size"])
    if v["blend"] == PASS:
        _build(tables, spectra, v, slot, next_side(side), stream["before"], v["top"], v["log2_size"])


@kernel
def start_tables(tables, spectra, transport, v, slot, freq_hz):
    """First tables of a new voice at its own pitch."""
    top = top_harmonic(freq_hz, transport["sr_hz"], stream_harmonics(spectra, v))
    v["top"], v["log2_size"] = top, table_log2_size(top)
    v["side"] = 0
    _build_all(tables, spectra, v, slot)


@kernel
def begin_ramp(tables, spectra, transport, v, slot, freq_hz):
    """The stream's ramp begins: a table for its new spectrum, if it has one."""
    curve = blend_of_stream(spectra["streams"][v["stream"]])
    if curve != ARRIVE:
        harmonics = stream_harmonics(spectra, v)
        top = min(int(v["top"]), int(harmonics))
        if harmonics > v["top"]:
            top = max(top, min(top_harmonic(freq_hz, transport["sr_hz"], harmonics), (1 << v["log2_size"]) // 8))
        v["top"] = top
    if v["blend"] == LEVEL:
        _build_all(tables, spectra, v, slot)
        return
    v["blend"] = curve
    if curve != ARRIVE:
        v["side"] = next_side(v["side"])
        _build(tables, spectra, v, slot, v["side"], spectra["streams"][v["stream"]]["to"], v["top"], v["log2_size"])


@kernel
def settle_tables(tables, spectra, v, slot, mix):
    """After a LEVEL quantum: go on with the stream's curve from where it stands. When the stream has arrived: be static."""
    if v["blend"] == LEVEL:
        if blend_of_stream(spectra["streams"][v["stream"]]) == STATIC:
            v["blend"] = STATIC
        else:
            _build_all(tables, spectra, v, slot)
    elif v["blend"] == ARRIVE and mix >= 1.0:
        v["blend"] = STATIC


@kernel
def _wanted_top(spectra, transport, v, old_hz, new_hz):
    """Harmonics the table should hold for a quantum that goes from old_hz to new_hz; the present number if it may stay."""
    sr_hz, top = transport["sr_hz"], int(v["top"])
    if new_hz > _HALF * sr_hz:
        return 0
    if top > 1 and (top * old_hz > _FOLD_AT * sr_hz or top * new_hz * new_hz > _FOLD_AT * sr_hz * min(new_hz, old_hz)):
        return top_harmonic(new_hz * max(new_hz / old_hz, 1.0), sr_hz, stream_harmonics(spectra, v))
    still = new_hz == old_hz
    if still or (top * new_hz < _ROOM_AT * sr_hz and (top + 1) * new_hz <= _HALF * sr_hz):
        exact = top_harmonic(new_hz, sr_hz, stream_harmonics(spectra, v))
        return exact if still else max(top, exact)
    return top


@kernel
def _mix_here(tables, v, slot, mix):
    """What a voice plays at `mix` of its stream's ramp, made of its tables: in the place of the oldest, which becomes the newest."""
    newest = v["side"]
    oldest, middle = tables["waves"][slot, next_side(newest)], tables["waves"][slot, previous_side(newest)]
    new, n = tables["waves"][slot, newest], (1 << v["log2_size"]) + 3
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
def fit_tables_to_pitch(tables, spectra, transport, v, slot, old_hz, new_hz, mix0, mix1):
    """Before a quantum that moves from old_hz to new_hz: change the table's level if the pitch asks for it.

    mix0, mix1: where the stream's ramp stands at the start and end of this quantum.
    """
    top = _wanted_top(spectra, transport, v, old_hz, new_hz)
    if top == v["top"]:
        settle_tables(tables, spectra, v, slot, mix0)
        return
    was, grows = v["blend"], top * 8 > (1 << v["log2_size"]) and (1 << v["log2_size"]) < TABLE_MAX
    if grows:
        v["log2_size"] = table_log2_size(top)
        v["side"] = next_side(v["side"])
        _build_between(tables, spectra, v, slot, v["side"], mix0, v["top"], v["log2_size"])
    elif was != STATIC and was != LEVEL:
        _mix_here(tables, v, slot, mix0)
    v["top"] = top
    v["side"] = next_side(v["side"])
    _build_between(tables, spectra, v, slot, v["side"], mix1, v["top"], v["log2_size"])
    v["blend"] = LEVEL
