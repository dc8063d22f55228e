"""The measures of `synth.samples.spectrum`, made differentiable: a soft floor in place of the hard one."""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from synth.samples.spectrum import ERB_FLOOR_DB, LSD_FLOOR_DB, LSD_HARMONICS, erb_bank

SOFTNESS_DB = 3.0
SILENT_DB = -300.0
DB_TO_NEPERS = math.log(10) / 10  # of power; torch's exp and log are faster than its powers of ten


def powers(levels_db: Tensor) -> Tensor:
    """Levels in dB -> powers."""
    return torch.exp(levels_db * DB_TO_NEPERS)


def decibels(power: Tensor) -> Tensor:
    """Powers -> dB."""
    return torch.log(power) * (1 / DB_TO_NEPERS)


def unit_rms_db(levels_db: Tensor, bins: int) -> Tensor:
    """Levels shifted so that the first `bins` alone give a waveform of RMS 1 (0 dB = amplitude 1): [n, h] -> [n, h]."""
    shifted = levels_db - levels_db.detach()[:, :bins].amax(-1, keepdim=True)  # a power of a wild level would overflow
    return shifted - decibels(powers(shifted[:, :bins]).sum(-1, keepdim=True) / 2)


def _floor(levels_db: Tensor, depth_db: float, soft: bool) -> Tensor:
    floor = levels_db.amax(-1, keepdim=True) - depth_db
    if not soft:
        return torch.maximum(levels_db, floor)
    return floor + SOFTNESS_DB * functional.softplus((levels_db - floor) / SOFTNESS_DB)


def _rms(difference: Tensor, weight: Tensor | None = None) -> Tensor:
    squared = difference**2
    if weight is None:
        return (squared.mean(-1) + 1e-4).sqrt()
    return ((squared * weight).sum(-1) / weight.sum(-1).clamp(min=1) + 1e-4).sqrt()


def _weighed_db(levels_db: Tensor, weights: Tensor) -> Tensor:
    """Level [n, 1] of the harmonics of [n, bins] as far as they weigh; a common reference of two that differ in what does not."""
    top = levels_db.detach().amax(-1, keepdim=True)
    return top + decibels((powers(levels_db - top) * weights).sum(-1, keepdim=True) / 2 + 1e-6)


class SpectralLoss(nn.Module):
    """LSD + erb_weight * ERB-LSD at H = 127, and a looser hold on what lies above.

    Shape: predicted [n, harmonics] dB, target [n, harmonics] dB, known [n] -> per-cycle loss [n] in dB.
    """

    bank: Tensor
    index: Tensor

    def __init__(self, harmonics: int, erb_weight: float = 0.5, upper_weight: float = 0.0, prior_weight: float = 0.0):
        super().__init__()
        self.bins = min(LSD_HARMONICS, harmonics)
        self.erb_weight, self.upper_weight, self.prior_weight = erb_weight, upper_weight, prior_weight
        self.register_buffer("bank", torch.tensor(erb_bank(self.bins), dtype=torch.float32), persistent=False)
        self.register_buffer("index", torch.arange(harmonics), persistent=False)

    def residuals(self, levels_db: Tensor) -> list[Tensor]:
        """Levels [n, >= 127] in dB -> numbers whose squared differences add up to LSD^2 and ERB-LSD^2, floors soft."""
        level = unit_rms_db(levels_db, self.bins)[:, : self.bins]
        pooled = decibels(powers(level) @ self.bank.T + 1e-20)
        return [_floor(x, depth, True) * (1 / math.sqrt(x.shape[1]))
                for x, depth in ((level, LSD_FLOOR_DB), (pooled, ERB_FLOOR_DB))]

    def weights(self, known: Tensor) -> Tensor:
        """What each harmonic counts: 1 where it is known, else 0."""
        return (self.index[None] < known[:, None]).float()

    def distances(self, predicted: Tensor, target: Tensor, soft: bool, weights: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(LSD, ERB-LSD) in dB per cycle; `soft=False` is the measure itself. What weighs nothing is left out."""
        bands = None
        if weights is not None:
            weights = weights[:, : self.bins]
            predicted, target = (x[:, : self.bins].masked_fill(weights == 0, SILENT_DB) for x in (predicted, target))
            bands = weights @ (self.bank / self.bank.sum(1, keepdim=True)).T
        a, b = (unit_rms_db(x, self.bins)[:, : self.bins] for x in (predicted, target))
        lsd = _rms(_floor(a, LSD_FLOOR_DB, soft) - _floor(b, LSD_FLOOR_DB, False), weights)
        pooled = [decibels(powers(x) @ self.bank.T + 1e-20) for x in (a, b)]
        erb = _rms(_floor(pooled[0], ERB_FLOOR_DB, soft) - _floor(pooled[1], ERB_FLOOR_DB, False), bands)
        return lsd, erb

    def forward(self, predicted: Tensor, target: Tensor, known: Tensor) -> Tensor:
        """Per-cycle loss in dB; harmonics that are unknown are held loosely to what stands in `target`."""
        weights = self.weights(known)
        lsd, erb = self.distances(predicted, target, soft=True, weights=weights)
        loss = lsd + self.erb_weight * erb
        if self.prior_weight or self.upper_weight:
            lower = weights[:, : self.bins]
            a, b = (x - _weighed_db(x[:, : self.bins], lower) for x in (predicted, target))
            apart = _floor(a, LSD_FLOOR_DB, True) - _floor(b, LSD_FLOOR_DB, False)
            if predicted.shape[1] > self.bins:
                loss = loss + self.upper_weight * _rms(apart[:, self.bins :], weights[:, self.bins :])
            loss = loss + self.prior_weight * _rms(apart, 1 - weights)
        return loss

    def apart(self, a: Tensor, b: Tensor) -> Tensor:
        """LSD in dB of rows of two predictions [n, harmonics], floors soft: what a listener hears pass between them."""
        a, b = (_floor(unit_rms_db(x[:, : self.bins], self.bins), LSD_FLOOR_DB, True) for x in (a, b))
        return _rms(a - b)


def measure_db(predicted: np.ndarray | Tensor, target: np.ndarray | Tensor, loss: SpectralLoss, weights: Tensor | None = None,
               often: Tensor | None = None) -> tuple[float, float]:
    """Mean (LSD, ERB-LSD) over cycles with the hard floor, as `evaluate` quotes them; weights [n, harmonics], often [n]: what counts."""
    with torch.no_grad():
        found = loss.distances(torch.as_tensor(predicted), torch.as_tensor(target), soft=False, weights=weights)
    lsd, erb = (float(x.mean() if often is None else (x * often).sum() / often.sum()) for x in found)
    return lsd, erb
