"""A trained decoder -> the lean one that is exported: less to compute for each sound, and smooth where the trained one is steep.

The teacher is what the trained decoder draws around a latent on average, f(z + 0.2 e) with e normal in standard deviations of the
latents: a slider or an LFO that crosses a steep place of f would be heard to. The pupil begins as the teacher compressed and
learns on latents as they are played: sounds that are known, ways between them, draws from their density, single latents moved.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from synth.samples.spectrum import ERB_FLOOR_DB, LSD_FLOOR_DB
from synth.timbres.density import Density

from ..data.features import CENTRE_DB, SCALE_DB
from ..network.layers import Lean
from ..network.losses import SOFTNESS_DB, SpectralLoss, decibels, powers, unit_rms_db

SMOOTHED = 0.2  # standard deviations of a latent
DRAWS = 12  # around each latent, in pairs that lie opposite
LATENTS, STEPS = 24_000, 2_000
BATCH, RATE, WARMUP, AVERAGE = 256, 1e-3, 100, 0.998
DECAY = 0.01
GRADIENT_NORM = 1.0
SHARES = (0.2, 0.25, 0.3, 0.15, 0.1)  # of known sounds, ways, draws, draws with one latent moved, single latents swung
NEAR, SWING = 0.15, 1.7  # standard deviations
UPPER_WEIGHT, UPPER_SHARE = 0.15, 4  # of the harmonics above 127, learnt on every fourth row
CHUNK = 1024
SWUNG, NODES, HEARD_ORDER, SWINGS = 1.5, 40, 13, 8  # standard deviations; points of a swing; the first order that is heard as noise
CLEAN_DB, CLEAN_WEIGHT = -84.0, 0.03
Levels = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Played:
    """Where a model is played: latents of known sounds float32[n, z], their density, and the ranges [z] of the sliders."""

    latents: np.ndarray
    density: Density
    low: np.ndarray
    high: np.ndarray

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Latents float32[count, z] as a player comes by them, inside the ranges."""
        kind = rng.choice(len(SHARES), count, p=SHARES)
        known, other = (self.latents[rng.integers(len(self.latents), size=count)] for _ in range(2))
        drawn, spread = self.density.sample(rng, count), self.latents.std(0)
        part, one = rng.random((count, 1)), rng.integers(drawn.shape[1], size=count)
        moved = np.where(rng.random((count, 1)) < 0.5, known, drawn)
        swung = known * part * rng.integers(0, 2, (count, 1))
        rows, swing = np.arange(count), rng.uniform(-SWING, SWING, count) * spread[one]
        moved[rows, one] = np.where(rng.random(count) < 0.5, rng.uniform(self.low[one], self.high[one]), moved[rows, one] + swing)
        swung[rows, one] += swing
        kinds = np.stack([known + rng.normal(size=known.shape) * NEAR * spread, known + part * (other - known), drawn, moved, swung])
        return np.clip(kinds[kind, rows], self.low, self.high).astype(np.float32)


@torch.no_grad()
def smoothed(levels_of: Levels, latents: Tensor, spread: Tensor, rng: torch.Generator, draws: int = DRAWS) -> Tensor:
    """What is drawn around latents [n, z] on average, levels in dB [n, harmonics]."""
    total = torch.zeros(())
    for _ in range(draws // 2):
        away = torch.randn(latents.shape, generator=rng) * spread * SMOOTHED
        total = total + levels_of(latents + away) + levels_of(latents - away)
    return total / (2 * (draws // 2))


class _Aim:
    """Smoothed levels [n, harmonics] as the loss wants them: floored, pooled, those above the 127th apart."""

    def __init__(self, levels_db: Tensor, loss: SpectralLoss):
        self.loss, bins = loss, loss.bins
        level = unit_rms_db(levels_db, bins)
        pooled = decibels(powers(level[:, :bins]) @ loss.bank.T + 1e-20)
        self.lower = torch.maximum(level[:, :bins], _floor(level[:, :bins], LSD_FLOOR_DB))
        self.pooled = torch.maximum(pooled, _floor(pooled, ERB_FLOOR_DB))
        self.upper = torch.maximum(level[:, bins:], _floor(level[:, :bins], LSD_FLOOR_DB))

    def distance(self, pupil: Lean, own: Tensor, rows: Tensor) -> Tensor:
        """LSD + half of ERB-LSD + some of the upper harmonics', dB, of the pupil at the model's own latents [n, z]."""
        hidden = pupil.hidden(own)
        level = (pupil.line(own) + pupil.leave(hidden)) * SCALE_DB + CENTRE_DB
        lower = unit_rms_db(level, self.loss.bins)
        floor = _floor(lower, LSD_FLOOR_DB)
        pooled = decibels(powers(lower) @ self.loss.bank.T + 1e-20)
        found = (_rms(_soft(lower, floor) - self.lower[rows])
                 + self.loss.erb_weight * _rms(_soft(pooled, _floor(pooled, ERB_FLOOR_DB)) - self.pooled[rows])).mean()
        if not pupil.upper:
            return found
        few = slice(0, max(1, len(own) // UPPER_SHARE))
        upper = pupil.basis(pupil.line_upper(own[few]) + pupil.leave_upper(hidden[few])) * SCALE_DB + CENTRE_DB
        upper = upper + (lower - level)[few, :1]
        return found + UPPER_WEIGHT * _rms(_soft(upper, floor[few]) - self.upper[rows[few]]).mean()


class Swings:
    """How clean single latents sound when an LFO swings them, as a penalty in dB.

    A sine swing passes a harmonic's amplitude through the cosine transform of its Chebyshev nodes: order n is a sideband n times
    the LFO's rate away. At 5 Hz those above the 12th lie further than 60 Hz from their harmonic and are heard as noise.
    """

    def __init__(self, played: Played, own_of: Callable[[Tensor], Tensor], seed: int):
        self.played, self.own_of, self.rng = played, own_of, np.random.default_rng(seed)
        self.size = played.latents.shape[1]
        angle = math.pi * (torch.arange(NODES) + 0.5) / NODES
        self.nodes = torch.cos(angle) * SWUNG
        self.to_orders = torch.cos(angle[None] * torch.arange(NODES)[:, None]) * math.sqrt(2 / NODES)
        self.to_orders[0] *= math.sqrt(0.5)
        self.spread = torch.from_numpy(played.latents.std(0).astype(np.float32))
        self.worst = np.zeros(self.size)  # noise of each latent's swing around the middle when it was last seen, dB

    def excess(self, pupil: Lean) -> Tensor:
        """Mean over a few swings of the dB by which noise is above CLEAN_DB: half around the middle where it is worst, half anywhere."""
        ones, half, quarter = self.rng.integers(self.size, size=SWINGS), SWINGS // 2, SWINGS // 4
        ones[:quarter] = np.argsort(self.worst)[::-1][np.arange(quarter) % self.size]
        around = self.played.latents[self.rng.integers(len(self.played.latents), size=SWINGS)]
        around[:half] = self.played.latents.mean(0)
        noise_db = self.noise_db(pupil, torch.from_numpy(around), ones)
        self.worst[ones[:half]] = noise_db.detach().numpy()[:half]
        return (noise_db - CLEAN_DB).clamp(min=0).mean()

    def noise_db(self, pupil: Lean, around: Tensor, ones: np.ndarray) -> Tensor:
        """Noise of swings of latents `ones` [n] around latents [n, z], dB of the whole: [n]."""
        rows = len(around)
        where = around[:, None].repeat(1, NODES, 1)
        where[torch.arange(rows), :, torch.from_numpy(ones)] += self.nodes * self.spread[ones][:, None]
        own = self.own_of(where.reshape(-1, self.size))
        level = (pupil.line(own) + pupil.leave(pupil.hidden(own))) * (SCALE_DB * math.log(10) / 20)
        amplitudes = torch.exp(0.5 * torch.log_softmax(2 * level, -1)).reshape(rows, NODES, -1)  # a root of nothing has no slope
        power = (self.to_orders @ amplitudes).square().sum(2)
        return decibels(power[:, HEARD_ORDER:].sum(1) / power.sum(1) + 1e-12)


def _floor(levels_db: Tensor, depth_db: float) -> Tensor:
    return levels_db.amax(-1, keepdim=True) - depth_db


def _soft(levels_db: Tensor, floor_db: Tensor) -> Tensor:
    return floor_db + SOFTNESS_DB * functional.softplus((levels_db - floor_db) / SOFTNESS_DB)


def _rms(difference: Tensor) -> Tensor:
    return (difference.square().mean(-1) + 1e-4).sqrt()


def distil(pupil: Lean, aim_db: Tensor, own: Tensor, swings: Swings, steps: int = STEPS, seed: int = 0,
           report: Callable[[int, float, Lean], None] = lambda step, loss, pupil: None) -> Lean:
    """The pupil taught to draw levels `aim_db` [n, harmonics] at the model's own latents [n, z]: its running average.

    `report` is told each step, its loss in dB, and the average.
    """
    loss = SpectralLoss(aim_db.shape[1])
    aims = _Aim(aim_db, loss)
    rng = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(pupil.parameters(), lr=RATE, weight_decay=DECAY, betas=(0.9, 0.99), foreach=True)
    average = copy.deepcopy(pupil).requires_grad_(False)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARMUP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        rows = torch.randint(len(own), (min(BATCH, len(own)),), generator=rng)
        found = aims.distance(pupil, own[rows], rows)
        optimizer.zero_grad(set_to_none=True)
        (found + CLEAN_WEIGHT * swings.excess(pupil)).backward()
        torch.nn.utils.clip_grad_norm_(pupil.parameters(), GRADIENT_NORM)
        optimizer.step()
        with torch.no_grad():
            keep = min(AVERAGE, (1 + step) / (10 + step))
            torch._foreach_lerp_(list(average.parameters()), list(pupil.parameters()), 1 - keep)
        report(step + 1, found.item(), average)
    return average.requires_grad_(True)
