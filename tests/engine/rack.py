"""The effects alone: sound in, sound out, with settings that change on the way."""

import numpy as np

from synth.engine.compile.atomics import flush_denormals, restore_mode
from synth.engine.compile.jit import kernel
from synth.engine.effects.chain import CHAIN, EFFECTS_STATE, prepare, render_effects
from synth.engine.effects.parts import QUANTUM
from synth.params.knobs import PARAM_DTYPE, to_vector

SR_HZ = 48000


@kernel
def _run(fx, params, which, x, block, tempo_bpm):
    mode = flush_denormals()
    bad = 0
    for q in range(which.shape[0]):
        for i in range(QUANTUM):
            block[0, i], block[1, i] = x[0, q * QUANTUM + i], x[1, q * QUANTUM + i]
        bad += render_effects(fx, params[which[q]], block, tempo_bpm)
        for i in range(QUANTUM):
            x[0, q * QUANTUM + i], x[1, q * QUANTUM + i] = block[0, i], block[1, i]
    restore_mode(mode)
    return bad


class Rack:
    """Effects with a memory; `play` goes on where the last call ended."""

    def __init__(self, sr_hz=SR_HZ, tempo_bpm=120.0):
        self.state = np.zeros(1, EFFECTS_STATE)
        self.sr_hz, self.tempo_bpm, self.bad = float(sr_hz), float(tempo_bpm), 0
        prepare(self.state[0], self.sr_hz)

    def play(self, x, *settings, every=94):
        """float32[2, n] (n a multiple of 32) through knobs {name: value}; each of `settings` in turn for `every` quanta."""
        y = np.array(x, np.float32, order="C")
        self.play_in_place(y, *settings, every=every)
        return y

    def play_in_place(self, y, *settings, every=94):
        """The same on float32[2, n] in C order, which it changes."""
        params = np.concatenate([to_vector(s).view(PARAM_DTYPE) for s in settings or ({},)])
        which = np.arange(y.shape[1] // QUANTUM) // every % len(params)
        self.bad = _run(self.state[0], params, which, y, np.zeros((2, QUANTUM), np.float32), self.tempo_bpm)

    @property
    def at_rest(self):
        """Whether every effect is off, its memory wiped."""
        units = [self.state[0][effect.name] for effect in CHAIN]
        return not any((unit["band"] if "band" in unit.dtype.names else unit)["on"].any() for unit in units)


def frames(seconds, sr_hz=SR_HZ):
    """Whole quanta."""
    return round(seconds * sr_hz) // QUANTUM * QUANTUM


def impulse(seconds, at=0, level=1.0, sr_hz=SR_HZ):
    x = np.zeros((2, frames(seconds, sr_hz)), np.float32)
    x[:, at] = level
    return x


def noise(seconds, level=0.1, seed=0):
    return (level * np.random.default_rng(seed).standard_normal((2, frames(seconds)))).astype(np.float32)


def sine(freq_hz, seconds, level=0.25):
    return np.tile(level * np.sin(2 * np.pi * freq_hz * np.arange(frames(seconds)) / SR_HZ), (2, 1)).astype(np.float32)


def tone(seconds):
    """n48 with 15 harmonics, nothing above 2 kHz, faded in: what clicks are listened for in."""
    t = np.arange(frames(seconds)) / SR_HZ
    x = sum(np.sin(2 * np.pi * 130.8128 * k * t) / k for k in range(1, 16))
    x *= 0.25 / np.abs(x).max() * np.minimum(1, t / 0.02) ** 2 * (3 - 2 * np.minimum(1, t / 0.02))
    return np.tile(x, (2, 1)).astype(np.float32)


def db(x):
    return 20 * np.log10(np.abs(x) + 1e-30)
