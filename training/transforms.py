"""DFT and inverse DFT of 2,048 samples as two small constant products each, for ONNX graphs of plain operators.

One constant matrix would be exact too, but holds 2048 x 511 numbers (4 MB) and reads all of them for each decode.
Splitting bins k = 32 a + b and samples n = n1 + 64 n2 (Cooley and Tukey 1965) leaves 65 k numbers and 1/16 of the work.
"""

import numpy as np
import torch
from torch import Tensor, nn

SIZE = 2048
COLUMNS = 64  # n1
ROWS = 32  # n2, and b


def _split_count(harmonics: int) -> int:
    """How many values `a` takes so that bins 0..harmonics are covered."""
    return -(-(harmonics + 1) // ROWS)


class ToCycle(nn.Module):
    """Amplitudes [n, harmonics] -> cycle [n, 2048]: sum of amplitude_k cos(2 pi k t + phase_k)."""

    inner: Tensor
    outer: Tensor

    def __init__(self, phases: np.ndarray):
        super().__init__()
        self.harmonics = len(phases)
        self.count = _split_count(self.harmonics)
        bins = ROWS * np.arange(self.count)[None, :] + np.arange(ROWS)[:, None]  # [b, a]
        phase = np.zeros(self.count * ROWS)
        phase[1 : self.harmonics + 1] = phases
        n1 = np.arange(COLUMNS)
        inner = np.exp(1j * (phase[bins][..., None] + 2 * np.pi * bins[..., None] * n1 / SIZE))  # [b, a, n1]
        outer = np.exp(2j * np.pi * np.outer(np.arange(ROWS), np.arange(ROWS)) / ROWS)  # [n2, b]
        pair = np.stack([outer.real, -outer.imag], -1).reshape(ROWS, 2 * ROWS)
        self.register_buffer("inner", torch.tensor(np.concatenate([inner.real, inner.imag], -1), dtype=torch.float32))
        self.register_buffer("outer", torch.tensor(pair, dtype=torch.float32))

    def forward(self, amplitudes: Tensor) -> Tensor:
        """[n, harmonics] -> [n, 2048]."""
        padded = nn.functional.pad(amplitudes, (1, self.count * ROWS - 1 - self.harmonics))
        by_rest = padded.reshape(-1, self.count, ROWS).transpose(1, 2).unsqueeze(2)  # [n, b, 1, a]
        columns = (by_rest @ self.inner).reshape(-1, 2 * ROWS, COLUMNS)  # [n, (b, re/im), n1]
        return (self.outer @ columns).reshape(-1, SIZE)


class ToPowers(nn.Module):
    """Cycle [n, 2048] -> squared magnitudes of harmonics 1..harmonics, unscaled: [n, harmonics]."""

    inner: Tensor
    outer: Tensor

    def __init__(self, harmonics: int):
        super().__init__()
        self.harmonics, self.count = harmonics, _split_count(harmonics)
        outer = np.exp(-2j * np.pi * np.outer(np.arange(ROWS), np.arange(ROWS)) / ROWS)  # [b, n2]
        pair = np.stack([outer.real, outer.imag], 1).reshape(2 * ROWS, ROWS)
        bins = ROWS * np.arange(self.count)[None, :] + np.arange(ROWS)[:, None]  # [b, a]
        inner = np.exp(-2j * np.pi * bins[:, None, :] * np.arange(COLUMNS)[None, :, None] / SIZE)  # [b, n1, a]
        real = np.concatenate([inner.real, -inner.imag], 1)  # [b, (re/im, n1), a]
        imaginary = np.concatenate([inner.imag, inner.real], 1)
        self.register_buffer("outer", torch.tensor(pair, dtype=torch.float32))
        self.register_buffer("inner", torch.tensor(np.concatenate([real, imaginary], 2), dtype=torch.float32))

    def forward(self, cycles: Tensor) -> Tensor:
        """[n, 2048] -> [n, harmonics]."""
        columns = self.outer @ cycles.reshape(-1, ROWS, COLUMNS)  # [n, (b, re/im), n1]
        bins = columns.reshape(-1, ROWS, 1, 2 * COLUMNS) @ self.inner  # [n, b, 1, (re/im, a)]
        squared = (bins.reshape(-1, ROWS, 2, self.count) ** 2).sum(2)  # [n, b, a]
        return squared.transpose(1, 2).reshape(-1, self.count * ROWS)[:, 1 : self.harmonics + 1]
