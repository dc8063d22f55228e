"""Spectra of a voice with tracks, on their way into its tables: its recording's own offsets, formants that stay, and one level.

What comes of a decode is at equal loudness; a track has a level of its own, which counts from a spectrum of unit RMS. With `track.amount`
between 0 and 1 it is in between, in dB.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..constants import HARMONICS
from .track_records import N_KEY_OFFSETS
from .track_values import LEVEL_DB

_RMS = 10.0 ** (LEVEL_DB / 20)
_LEAST = 1e-18


@kernel
def is_shaped(v):
    """Whether tracks have a say in a voice's spectra."""
    return v["track"]["n"] > 0 and v["track"]["share"] > 0.0


@kernel
def _moved_level(re, im, offset, harmonics, at):
    """Amplitude between harmonics, with their offsets; 0 beyond the last."""
    low = int(at)
    part = at - low
    found = np.float32(0.0)
    for k, share in ((max(low, 1), 1.0 - part), (low + 1, part)):
        if k <= harmonics:
            level = np.float32(math.sqrt(re[k] * re[k] + im[k] * im[k]))
            found += np.float32(share) * level * offset[min(k, N_KEY_OFFSETS) - 1]
    return found


@kernel
def _move_formants(tables, track, re, im, harmonics, top):
    """A spectrum whose envelope stays where it is in frequency, into the workspace; its harmonics keep their phases."""
    to_re, to_im, ratio = tables["shaped_re"], tables["shaped_im"], np.float64(track["ratio"])
    to_re[0] = to_im[0] = np.float32(0.0)
    for k in range(1, top + 1):
        level = _moved_level(re, im, track["offset"], harmonics, k * ratio)
        here = np.float32(math.sqrt(re[k] * re[k] + im[k] * im[k])) if k <= harmonics else np.float32(0.0)
        if here > 0.0:
            to_re[k], to_im[k] = level * re[k] / here, level * im[k] / here
        else:
            to_re[k], to_im[k] = np.float32(0.0), -level


@kernel
def _add_offset(tables, track, spectrum, weight, count, top):
    """A spectrum with its recording's offsets, weighed, added to the workspace: harmonics 1 to top; `count` of them make its level."""
    re, im, offset = spectrum["re"], spectrum["im"], track["offset"]
    to_re, to_im = tables["fft_re"], tables["fft_im"]
    low, above, power = min(N_KEY_OFFSETS, count), offset[N_KEY_OFFSETS - 1], np.float32(0.0)
    for k in range(1, low + 1):
        power += offset[k - 1] * offset[k - 1] * (re[k] * re[k] + im[k] * im[k])
    for k in range(low + 1, count + 1):
        power += above * above * (re[k] * re[k] + im[k] * im[k])
    gain, last = _even_gain(track, power, weight), min(top, int(spectrum["harmonics"]))
    for k in range(1, min(N_KEY_OFFSETS, last) + 1):
        to_re[k] += gain * (re[k] * offset[k - 1])
        to_im[k] += gain * (im[k] * offset[k - 1])
    gain *= above
    for k in range(N_KEY_OFFSETS + 1, last + 1):
        to_re[k] += gain * re[k]
        to_im[k] += gain * im[k]


@kernel
def _even_gain(track, power, weight):
    """The gain that brings a spectrum of this power to the level that tracks count from, as far as they have a say; times a weight."""
    gain, share = _RMS / math.sqrt(max(0.5 * np.float64(power), _LEAST)), np.float64(track["share"])
    return np.float32(weight * (gain if share == 1.0 else math.exp(share * math.log(gain))))


@kernel
def _add_shaped(tables, spectra, track, index, weight, top):
    """A spectrum of the pool as a voice's tracks shape it, weighed, added to the workspace of the tables: harmonics 1 to top."""
    spectrum = spectra["pool"][index]
    harmonics = int(spectrum["harmonics"])
    count = min(int(track["harmonics"]), harmonics)
    if track["ratio"] == 1.0:
        _add_offset(tables, track, spectrum, weight, count, top)
        return
    count = min(max(int(count / track["ratio"]), 1), HARMONICS)
    highest = max(count, top)
    _move_formants(tables, track, spectrum["re"], spectrum["im"], harmonics, highest)
    shaped_re, shaped_im = tables["shaped_re"], tables["shaped_im"]
    power = np.float32(0.0)
    for k in range(1, count + 1):
        power += shaped_re[k] * shaped_re[k] + shaped_im[k] * shaped_im[k]
    gain = _even_gain(track, power, weight)
    to_re, to_im = tables["fft_re"], tables["fft_im"]
    for k in range(1, min(top, highest) + 1):
        to_re[k] += gain * shaped_re[k]
        to_im[k] += gain * shaped_im[k]


@kernel
def lay_shaped(tables, spectra, v, index, top, undroop):
    """Spectrum `index` of the pool into the workspace of the tables, shaped, times `undroop`."""
    _lay(tables, spectra, v, index, index, index, np.float32(0.0), np.float32(0.0), top, undroop)


@kernel
def lay_shaped_between(tables, spectra, v, leaving, coming, top, undroop):
    """Where a voice's stream stands in its ramp into the workspace of the tables: shares of its first and last spectrum."""
    stream = spectra["streams"][v["stream"]]
    _lay(tables, spectra, v, stream["from"], stream["before"], stream["to"], leaving, coming, top, undroop)


@kernel
def _lay(tables, spectra, v, index, before, after, leaving, coming, top, undroop):
    re, im, track = tables["fft_re"], tables["fft_im"], v["track"]
    for k in range(top + 1):
        re[k] = im[k] = np.float32(0.0)
    _add_shaped(tables, spectra, track, index, np.float32(1.0) - leaving - coming, top)
    if leaving > 0.0:
        _add_shaped(tables, spectra, track, before, leaving, top)
    if coming > 0.0:
        _add_shaped(tables, spectra, track, after, coming, top)
    for k in range(top + 1):
        re[k], im[k] = re[k] * undroop[k], im[k] * undroop[k]
