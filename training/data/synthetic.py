"""Synthetic single cycles: the textbook's oscillators, so that a small collection does not have to teach them."""

from collections.abc import Callable

import numpy as np

from .features import Pool, amplitudes_to_db

SIZE = 8192  # samples drawn per cycle: naive waveforms alias far above the harmonics that are kept
Maker = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def _classic(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """Saw, pulse of any width, triangle of any slant, and sums of two of them."""

    def one() -> np.ndarray:
        kind, width = rng.integers(3), rng.uniform(0.02, 0.98)
        if kind == 0:
            return 1 - 2 * t
        if kind == 1:
            return np.where(t < width, 1.0, -1.0)
        return np.where(t < width, 2 * t / width - 1, 1 - 2 * (t - width) / (1 - width))

    wave = one()
    return wave if rng.random() < 0.5 else wave + rng.uniform(-1, 1) * np.roll(one(), rng.integers(SIZE))


def _fm(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """Two- and three-operator FM with whole-number ratios, feedback on the last (Chowning 1973)."""
    phase = np.zeros_like(t)
    for _ in range(rng.integers(1, 4)):
        ratio = rng.choice([1, 1, 1, 2, 2, 3, 4, 5, 7, 9, 11, 14])
        depth = rng.exponential(1.2)
        phase = depth * np.sin(2 * np.pi * ratio * t + phase + rng.uniform(0, 2 * np.pi))
    return np.sin(2 * np.pi * rng.choice([1, 1, 1, 2, 3]) * t + phase)


def _phase_distortion(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """Phase distortion and resonance windows, as in the CZ series."""
    knee = rng.uniform(0.01, 0.5)
    bent = np.where(t < knee, 0.5 * t / knee, 0.5 + 0.5 * (t - knee) / (1 - knee))
    if rng.random() < 0.5:
        return -np.cos(2 * np.pi * bent)
    window = rng.choice([0, 1, 2])
    shape = [1 - t, np.minimum(1, 2 - 2 * t), 1 - np.abs(2 * t - 1)][window]
    return shape * (1 - np.cos(2 * np.pi * rng.uniform(1, 24) * t))


def _sync(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """Hard sync of saw, pulse or sine by a ratio of 1 to 12."""
    slave = (t * rng.uniform(1, 12)) % 1.0
    pulse = np.where(slave < rng.uniform(0.1, 0.9), 1.0, -1.0)
    return [1 - 2 * slave, pulse, np.sin(2 * np.pi * slave)][rng.integers(3)]


def _shaped(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """A few partials through a wave-shaper: fold, clip, quantise, or a power."""
    wave = sum(rng.normal() / k * np.sin(2 * np.pi * k * t + rng.uniform(0, 6.3)) for k in range(1, rng.integers(2, 6)))
    wave = wave / np.abs(wave).max()
    drive = np.exp(rng.uniform(0, 3))
    return [
        np.sin(np.pi / 2 * drive * wave),
        np.tanh(drive * (wave + rng.uniform(-0.5, 0.5))),
        np.round(wave * rng.integers(1, 16)),
        np.sign(wave) * np.abs(wave) ** rng.uniform(0.1, 4),
    ][rng.integers(4)]


def _steps(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """Drawn by hand: a few points joined by steps, lines or a spline-like smoothing."""
    n = int(rng.integers(3, 65))
    points = rng.normal(size=n)
    if rng.random() < 0.5:
        return points[(t * n).astype(int)]
    return np.interp(t * n, np.arange(n + 1), np.append(points, points[0]))


def _crushed(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """Held and rounded: a wave at a few samples a cycle and a few bits."""
    wave = [_classic, _fm, _shaped][rng.integers(3)](rng, t)
    n = int(rng.integers(4, 200))
    held = wave[(np.floor(t * n) / n * t.size).astype(int)]
    return np.round(held / np.abs(held).max() * rng.integers(2, 32)) if rng.random() < 0.5 else held


def _rung(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """One wave times another that repeats whole times a cycle: ring and amplitude modulation."""
    carrier = _classic(rng, t)[(t * rng.integers(1, 9) % 1 * t.size).astype(int)]
    other = np.sin(2 * np.pi * rng.integers(1, 16) * t) if rng.random() < 0.5 else _fm(rng, t)
    return carrier * (rng.uniform(0, 1.5) + other)


def _pulses_of_formant(rng: np.random.Generator, t: np.ndarray) -> np.ndarray:
    """Damped sines struck once or a few times a cycle, as VOSIM and FOF draw a voice (Rodet 1984)."""
    wave = np.zeros_like(t)
    for _ in range(rng.integers(1, 5)):
        late = (t - rng.random() * 0.3) % 1
        wave += rng.normal() * np.exp(-late * np.exp(rng.uniform(0.5, 4))) * np.sin(2 * np.pi * np.exp(rng.uniform(0, 4.5)) * late)
    return wave


WAVES: tuple[Maker, ...] = (_classic, _fm, _phase_distortion, _sync, _shaped, _steps, _crushed, _rung, _pulses_of_formant)


def _formant_levels(rng: np.random.Generator, k: np.ndarray) -> np.ndarray:
    """Source slope plus a few resonances on a log axis, in dB."""
    levels = -rng.uniform(3, 24) * np.log2(k)
    for _ in range(rng.integers(1, 6)):
        centre, width = np.exp(rng.uniform(0, np.log(120))), np.exp(rng.uniform(-2.3, 0))
        levels = levels + rng.uniform(3, 40) * np.exp(-0.5 * (np.log(k / centre) / width) ** 2)
    return levels + rng.exponential(3) * rng.normal(size=len(k))


def _random_levels(rng: np.random.Generator, k: np.ndarray) -> np.ndarray:
    """Power-law slope, ripple along k, sparse harmonics, a cliff: in dB."""
    levels = -rng.uniform(0, 18) * np.log2(k) + rng.exponential(5) * rng.normal(size=len(k))
    if rng.random() < 0.4:
        levels += rng.uniform(5, 30) * np.cos(2 * np.pi * k / rng.uniform(1.5, 24) + rng.uniform(0, 6.3))
    if rng.random() < 0.3:
        levels = np.where(rng.random(len(k)) < rng.uniform(0.05, 0.6), levels, levels - rng.uniform(20, 80))
    if rng.random() < 0.4:
        levels = levels - np.maximum(0, np.log2(k / np.exp(rng.uniform(0.7, 5.5)))) * rng.uniform(12, 120)
    return levels


def _filtered_levels(rng: np.random.Generator, k: np.ndarray) -> np.ndarray:
    """A saw, square or pulse through a resonant low-, band- or high-pass of 2 or 4 poles, or a comb: in dB."""
    width = [0.0, 0.5, rng.uniform(0.02, 0.5)][rng.integers(3)]
    levels = -6.02 * np.log2(k) + (20 * np.log10(np.abs(np.sin(np.pi * k * width)) + 1e-3) if width else 0.0)
    x, damping = k / np.exp(rng.uniform(-0.5, 5.5)), np.exp(rng.uniform(-3.5, 0.7))
    response = -10 * np.log10((1 - x**2) ** 2 + (damping * x) ** 2)
    levels = levels + rng.integers(1, 3) * (response + [0.0, 20.0, 40.0][rng.integers(3)] * np.log10(x))
    if rng.random() < 0.4:
        turn = 2 * np.pi * k * np.exp(rng.uniform(-4.5, -0.7))
        levels = levels - 20 * np.log10(np.abs(1 - rng.uniform(-0.98, 0.98) * np.exp(1j * turn))) * rng.choice([-1, 1])
    return levels


def _bar_levels(rng: np.random.Generator, k: np.ndarray) -> np.ndarray:
    """A few strong partials over a floor or a quiet slope, as organs, bells and additive drawings have them: in dB."""
    levels = rng.uniform(-110, -45) - rng.uniform(0, 12) * np.log2(k)
    at = np.unique(np.minimum(len(k), 1 + rng.geometric(rng.uniform(0.03, 0.4), rng.integers(1, 13))))
    levels[at - 1] = -rng.uniform(0, 40) * rng.random(len(at)) - rng.uniform(0, 9) * np.log2(at)
    levels[0] = max(levels[0], -rng.exponential(12))
    return levels


LEVELS: tuple[Maker, ...] = (_formant_levels, _random_levels, _filtered_levels, _bar_levels)


def synthetic_pool(count: int, harmonics: int, seed: int) -> Pool:
    """`count` synthetic cycles as levels; a third have only their lower harmonics marked as known."""
    rng = np.random.default_rng(seed)
    t = np.arange(SIZE) / SIZE
    k = np.arange(1, harmonics + 1, dtype=float)
    levels_db = np.empty((count, harmonics), np.float32)
    for i in range(count):
        kind = int(rng.integers(len(WAVES) + len(LEVELS)))
        if kind < len(WAVES):
            wave = WAVES[kind](rng, t)
            amplitudes = np.abs(np.fft.rfft(wave - np.mean(wave)))[1 : harmonics + 1]
        else:
            levels = LEVELS[kind - len(WAVES)](rng, k)
            amplitudes = 10 ** ((levels - levels.max()) / 20)
        levels_db[i] = amplitudes_to_db(amplitudes + 1e-12)
    known = np.where(rng.random(count) < 1 / 3, rng.integers(min(127, harmonics), harmonics + 1, count), harmonics)
    return Pool(levels_db, known.astype(np.int64))
