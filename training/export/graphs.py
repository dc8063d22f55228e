"""What is exported: the trained halves wrapped so that a cycle goes in or comes out.

`amplitudes.onnx` of a lean decoder (`network/layers.py`, `Lean`) holds these operators in this order and no others; Linear is a Gemm
with transB = 1, and large weights are stored in half precision behind a Cast each. `decoder.onnx` begins with the same and goes on
with the inverse FFT. Of width 256: few is 16, 24 or 40, stream 128, second 256, last 224, rank 48.

    own      = latent @ axes.back + axes.mean                        MatMul, Add            [n, z]
    first    = silu(Linear up0(norm0(Linear start(own))))            Gemm, LayerNormalization of `few` numbers, Gemm   [n, width]
    stream   = Linear enter(own) + Linear down0(first)               Gemm, Gemm, Add        [n, stream]
    second   = silu(Linear up1(norm1(stream)))                       LayerNormalization, Gemm   [n, second]
    hidden   = silu(Linear turn(stream) + Linear down1(second))      Gemm, Gemm, Add        [n, last]
    lower    = Linear line(own) + Linear leave(hidden)               Gemm, Gemm, Add        [n, 127]
    few      = Linear line_upper(own) + Linear leave_upper(hidden)   Gemm, Gemm, Add        [n, rank]
    upper    = Linear basis(few)                                     Gemm                   [n, harmonics - 127]
    levels   = (lower, upper) * 25 - 40                              Concat, Mul, Add       [n, harmonics], dB
    relative = exp((levels - max(levels)) * ln(10) / 20)             ReduceMax, Sub, Mul, Exp
    amplitudes = relative / sqrt(0.5 * (relative * relative) @ ones) Mul, MatMul, Mul, Sqrt, Div

silu(v) = v * sigmoid(v): Sigmoid, Mul. A model of 127 harmonics or fewer has no `basis`. A decoder that is not lean (`Straight`,
trained before there were lean ones) has a residual block of LayerNormalization, up, silu and down twice over, and one Linear line
and leave for all harmonics.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from ..data.features import CENTRE_DB, FLOOR_DB, SCALE_DB, STORE_DB
from ..network.gauss_newton import Settle
from ..network.losses import SpectralLoss
from ..network.model import Autoencoder, narrow_copy
from ..network.transforms import ToCycle, ToPowers
from .onnx_files import with_half_weights

DB_TO_NEPER = math.log(10) / 20


class Axes(nn.Module):
    """The latents a musician sees: uncorrelated, unit variance over the data, the one that changes most first."""

    mean: Tensor
    matrix: Tensor
    back: Tensor

    def __init__(self, mean: np.ndarray, forward: np.ndarray):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("matrix", torch.tensor(forward.T.copy(), dtype=torch.float32))
        self.register_buffer("back", torch.tensor(np.linalg.inv(forward).T.copy(), dtype=torch.float32))


def find_axes(latents: np.ndarray, levels_db: np.ndarray) -> Axes:
    """Axes from training latents [n, z] and the levels [n, harmonics] they decode to; up is brighter."""
    mean = latents.mean(0)
    centred = (latents - mean).astype(np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    white = (vectors / np.sqrt(np.maximum(values, values.max() * 1e-8))).T
    u = centred @ white.T
    clipped = np.maximum(levels_db, FLOOR_DB)
    slope = u.T @ (clipped - clipped.mean(0)) / len(u)  # [z, harmonics]
    rotation = np.linalg.svd(slope, full_matrices=False)[0].T
    forward = rotation @ white
    power = 10 ** (levels_db / 10)
    centroid = np.log2((power * np.arange(1, levels_db.shape[1] + 1)).sum(1) / power.sum(1))
    rising = (centred @ forward.T).T @ (centroid - centroid.mean())
    return Axes(mean, forward * np.where(rising < 0, -1.0, 1.0)[:, None])


class AmplitudesGraph(nn.Module):
    """latent [n, z] -> amplitudes [n, harmonics] of a waveform of unit RMS."""

    ones: Tensor

    def __init__(self, model: Autoencoder, axes: Axes, harmonics: int):
        super().__init__()
        self.model, self.axes = model, axes
        self.register_buffer("ones", torch.ones(harmonics, 1))

    def levels_db(self, latent: Tensor) -> Tensor:
        """Latent -> levels in dB under the strongest."""
        levels = self.model.decoder(latent @ self.axes.back + self.axes.mean) * SCALE_DB + CENTRE_DB
        return levels - levels.amax(-1, keepdim=True)

    def amplitudes(self, latent: Tensor) -> Tensor:
        """Latent -> linear amplitudes.

        The sum is a product with ones: onnxruntime 1.31 adds up a row of a ReduceSum in an order that depends on where the
        row stands in the batch, and a voice must sound the same in any company.
        """
        amplitudes = torch.exp(self.levels_db(latent) * DB_TO_NEPER)
        power = (amplitudes * amplitudes) @ self.ones
        return amplitudes / torch.sqrt(power * 0.5)

    def forward(self, latent: Tensor) -> Tensor:
        """[n, z] -> [n, harmonics]."""
        return self.amplitudes(latent)


class DecoderGraph(AmplitudesGraph):
    """latent [n, z] -> cycle [n, 2048]: unit RMS, no DC, the shared phases."""

    def __init__(self, model: Autoencoder, axes: Axes, phases: np.ndarray):
        super().__init__(model, axes, len(phases))
        self.to_cycle = ToCycle(phases)

    def forward(self, latent: Tensor) -> Tensor:
        """[n, z] -> [n, 2048]."""
        return self.to_cycle(self.amplitudes(latent))


class EncoderGraph(nn.Module):
    """cycle [n, 2048] at any level, rotation and polarity -> latent [n, z], from magnitudes alone.

    Those are taken in double precision: harmonics near the floor lie 80 dB under the strongest, and the last steps
    answer to a hundredth of a dB there.
    """

    def __init__(self, model: Autoencoder, axes: Axes, harmonics: int):
        super().__init__()
        self.model, self.axes, self.to_powers = model, axes, ToPowers(harmonics).double()
        self.narrow = with_half_weights(narrow_copy(model.decoder))
        self.settle = Settle(SpectralLoss(harmonics), model.latent_size)

    def forward(self, cycle: Tensor) -> Tensor:
        """[n, 2048] -> [n, z]."""
        cycle = cycle.double()
        level = cycle.abs().amax(-1, keepdim=True).clamp(min=1e-20)
        powers = self.to_powers(cycle / level)
        relative = powers / powers.amax(-1, keepdim=True).clamp(min=1e-12)
        levels_db = (torch.log(relative.clamp(min=10 ** (STORE_DB / 10))) * (10 / math.log(10))).float()
        return (self.raw(levels_db) - self.axes.mean) @ self.axes.matrix

    def raw(self, levels_db: Tensor) -> Tensor:
        """Levels [n, harmonics] in dB under the strongest, no lower than STORE_DB -> the model's own latents [n, z]."""
        latent = self.model.encode((levels_db.clamp(min=FLOOR_DB) - CENTRE_DB) / SCALE_DB, self.narrow)
        return self.settle(latent, levels_db, lambda z: self.narrow(z) * SCALE_DB + CENTRE_DB)
