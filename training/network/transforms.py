"""DFT and inverse DFT of 2,048 samples as two small constant products each, for ONNX graphs of plain operators.

One constant matrix would be exact too, but holds 2048 x 1023 numbers (8 MB) and reads all of them for each decode.
Splitting bins k = 32 a + b and samples n = n1 + 64 n2 (Cooley and Tukey 1965), with the turn by b n1 between the two
products, leaves 16 k numbers and 1/16 of the work.
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


def _as_real(matrix: np.ndarray) -> np.ndarray:
    """Complex [m, n] -> real [2 m, 2 n] that takes (re, im) rows to (re, im) columns."""
    return np.block([[matrix.real, matrix.imag], [-matrix.imag, matrix.real]])


def _turns(sign: int) -> tuple[np.ndarray, np.ndarray]:
    """cos and sin of 2 pi b n1 / 2048, [b, n1] each."""
    angle = sign * 2 * np.pi * np.outer(np.arange(ROWS), np.arange(COLUMNS)) / SIZE
    return np.cos(angle), np.sin(angle)


class _Constants(nn.Module):
    def __init__(self, **arrays: np.ndarray):
        super().__init__()
        for name, array in arrays.items():
            self.register_buffer(name, torch.tensor(array, dtype=torch.float32))


class ToCycle(_Constants):
    """Amplitudes [n, harmonics] -> cycle [n, 2048]: sum of amplitude_k cos(2 pi k t + phase_k)."""

    real: Tensor
    imag: Tensor
    inner: Tensor
    cos: Tensor
    sin: Tensor
    outer: Tensor

    def __init__(self, phases: np.ndarray):
        self.harmonics = len(phases)
        self.count = _split_count(self.harmonics)
        bins = np.zeros(self.count * ROWS, complex)
        bins[1 : self.harmonics + 1] = np.exp(1j * phases)
        inner = np.exp(2j * np.pi * np.outer(np.arange(self.count), np.arange(COLUMNS)) / COLUMNS)  # [a, n1]
        outer = np.exp(2j * np.pi * np.outer(np.arange(ROWS), np.arange(ROWS)) / ROWS)  # [n2, b]
        cos, sin = _turns(1)
        super().__init__(real=bins.real, imag=bins.imag, inner=_as_real(inner), cos=cos, sin=sin,
                         outer=np.concatenate([outer.real, -outer.imag], 1))

    def forward(self, amplitudes: Tensor) -> Tensor:
        """[n, harmonics] -> [n, 2048]."""
        padded = nn.functional.pad(amplitudes, (1, self.count * ROWS - 1 - self.harmonics))
        parts = torch.cat([padded * self.real, padded * self.imag], 1).reshape(-1, 2 * self.count, ROWS)
        columns = parts.transpose(1, 2) @ self.inner  # [n, b, (re/im, n1)]
        real, imag = columns[:, :, :COLUMNS], columns[:, :, COLUMNS:]
        turned = torch.cat([real * self.cos - imag * self.sin, real * self.sin + imag * self.cos], 1)  # [n, (re/im, b), n1]
        return (self.outer @ turned).reshape(-1, SIZE)


class ToPowers(_Constants):
    """Cycle [n, 2048] -> squared magnitudes of harmonics 1..harmonics, unscaled: [n, harmonics]."""

    outer: Tensor
    cos: Tensor
    sin: Tensor
    inner: Tensor

    def __init__(self, harmonics: int):
        self.harmonics, self.count = harmonics, _split_count(harmonics)
        outer = np.exp(-2j * np.pi * np.outer(np.arange(ROWS), np.arange(ROWS)) / ROWS)  # [b, n2]
        inner = np.exp(-2j * np.pi * np.outer(np.arange(COLUMNS), np.arange(self.count)) / COLUMNS)  # [n1, a]
        cos, sin = _turns(-1)
        super().__init__(outer=np.concatenate([outer.real, outer.imag], 0), cos=cos, sin=sin, inner=_as_real(inner))

    def forward(self, cycles: Tensor) -> Tensor:
        """[n, 2048] -> [n, harmonics]."""
        columns = self.outer @ cycles.reshape(-1, ROWS, COLUMNS)  # [n, (re/im, b), n1]
        real, imag = columns[:, :ROWS], columns[:, ROWS:]
        turned = torch.cat([real * self.cos - imag * self.sin, real * self.sin + imag * self.cos], 2)  # [n, b, (re/im, n1)]
        squared = (turned @ self.inner).reshape(-1, ROWS, 2, self.count) ** 2
        return squared.sum(2).transpose(1, 2).reshape(-1, self.count * ROWS)[:, 1 : self.harmonics + 1]
