"""What the sound tests share: timbres, songs and the click measure."""

import functools

import numpy as np
from scipy.signal import firwin, oaconvolve

from synth.events import note_off, note_on
from synth.patch.patch import Patch
from synth.render.offline import render
from synth.timbres.source import WavetableSource
from tests.measures import sound

SR_HZ = 48000
INIT = Patch()


def table(levels, phases=None):
    """A source of one cycle of 2,048 samples from harmonic amplitudes (from 1) and phases (sines by default)."""
    spectrum = np.zeros(1025, complex)
    levels = np.asarray(levels, float)
    turn = -1j if phases is None else np.exp(1j * np.asarray(phases))
    spectrum[1:len(levels) + 1] = levels * turn
    return WavetableSource("test", np.fft.irfft(spectrum, 2048)[None])


def saw():
    """The saw of the referee's measures."""
    return WavetableSource("saw", sound.saw_cycle()[None])


def soft():
    """Two frames limited to 15 harmonics: 2 kHz at n48."""
    n = 2 * np.pi * np.arange(2048) / 2048
    frames = [sum(np.sin(k * n) / k for k in range(1, 16)), sum(np.sin(k * n + k) / k**0.5 * (k % 2) for k in range(1, 16))]
    return WavetableSource("soft", np.array(frames))


def steady(note, source, seconds=6.0, patch=INIT, velocity=100 / 127, sr_hz=SR_HZ):
    """One held note, its attack left out: float64[n]."""
    x = render(patch, [(100, note_on(note, velocity))], seconds, source=source, sr_hz=sr_hz)
    return x[4000:, 0].astype(float)


def chord(notes, start, length):
    """(frame, event) of a chord."""
    return [(start, note_on(n)) for n in notes] + [(start + length, note_off(n)) for n in notes]


@functools.cache
def _high_pass(sr_hz):
    return firwin(2 * round(256 * sr_hz / SR_HZ) + 1, 8000, fs=sr_hz, pass_zero=False, window=("kaiser", 14))


def click_db(x, sr_hz=SR_HZ):
    """Loudest energy above 8 kHz in any 5 ms window of either channel, dBFS. x: float[n, 2].

    Each channel alone: a click in pan or width is in their difference, and gone from their mean.
    """
    window = sr_hz // 200
    worst = 0.0
    for channel in np.asarray(x, float).T:
        y = oaconvolve(channel, _high_pass(sr_hz), mode="valid")
        worst = max(worst, (y[:len(y) // window * window].reshape(-1, window)**2).mean(1).max())
    return float(10 * np.log10(worst + 1e-30))
