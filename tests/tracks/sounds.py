"""Notes made in code, for tests of instruments: harmonics that fade each at its own rate, vibrato, noise, a release."""

import numpy as np
import soundfile

RATE_HZ = 44_100


def note(freq_hz, seconds=1.2, level=0.3, vibrato_cents=0.0, decay_db_a_s=6.0, noise=1e-5, stiffness=0.0, release_s=0.15, attack_s=0.004,
         seed=0, most=40):
    """float64[n]: a note let go at its end, `release_s` of fade behind it."""
    t = np.arange(int((seconds + release_s) * RATE_HZ)) / RATE_HZ
    turns = np.cumsum(freq_hz * 2 ** (vibrato_cents / 1200 * np.sin(2 * np.pi * 5.5 * t))) / RATE_HZ
    sound = np.zeros(len(t))
    for k in range(1, min(most + 1, int(0.45 * RATE_HZ / freq_hz) + 1)):
        partial = k * np.sqrt((1 + stiffness * k * k) / (1 + stiffness))
        sound += np.cos(2 * np.pi * partial * turns + k * k) * k**-1.2 * 10 ** (-(decay_db_a_s * (1 + 0.1 * k)) * t / 20)
    envelope = np.minimum(1, t / attack_s) * np.where(t < seconds, 1, 10 ** (-60 * (t - seconds) / release_s / 20))
    return level * sound * envelope / 3 + noise * np.random.default_rng(seed).standard_normal(len(t))


def key_hz(key):
    return 440 * 2 ** ((key - 69) / 12)


def write(path, samples):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE_HZ, subtype="FLOAT")
    return path
