"""What the sound tests share: timbres, songs and the click measure."""

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


def steady(note, source, seconds=6.0, patch=INIT, velocity=100 / 127):
    """One held note, its attack left out: float64[n]."""
    x = render(patch, [(100, note_on(note, velocity))], seconds, source=source)
    return x[4000:, 0].astype(float)


def chord(notes, start, length):
    """(frame, event) of a chord."""
    return [(start, note_on(n)) for n in notes] + [(start + length, note_off(n)) for n in notes]


_HIGH_PASS = firwin(513, 8000, fs=SR_HZ, pass_zero=False, window=("kaiser", 14))


def click_db(x):
    """Loudest energy above 8 kHz in any 5 ms window, dBFS. x: float[n, 2]."""
    y = oaconvolve(np.asarray(x, float).mean(1), _HIGH_PASS, mode="valid")
    windows = y[:len(y) // 240 * 240].reshape(-1, 240)
    return float(10 * np.log10((windows**2).mean(1).max() + 1e-30))
