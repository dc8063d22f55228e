"""The training loop. Reads top to bottom: draw a batch, predict, measure, step, average; validate and save."""

import copy
import hashlib
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from synth.errors import UserError

from ..config import Config
from ..data.batches import Batches, see
from ..data.datasets import TrainingData
from ..data.features import FLOOR_DB, Pool, hidden, normalised
from ..network.gauss_newton import Settled
from ..network.losses import SpectralLoss, measure_db
from ..network.model import Autoencoder, start_from_pca
from . import checkpoint
from .parallel import ALONE, Team

SAVE_EVERY_S = 20.0
CHUNK = 256  # rows scored at once
STEP = 1 / 32  # of the way from one sound to another
SHORTEST_WAY_DB = 4.0
FASTEST = 1.4  # times the mean speed of a straight way in dB
MOST_VALIDATED = 1000  # cycles that choose
EARLY_STEPS = (20, 100)  # a first score, and a first checkpoint, within seconds


def _hash(training_data: TrainingData) -> str:
    """Of the cycles that are learnt."""
    digest = hashlib.sha256(training_data.parts["train"].levels_db.tobytes())
    if training_data.more is not None:
        digest.update(training_data.more.levels_db.tobytes())
    return digest.hexdigest()


class Side(NamedTuple):
    """Sounds at one end of a straight line: latents [n, z], and what they are of."""

    latent: Tensor
    levels: Tensor
    known: Tensor


def _half(side: Side) -> Side:
    """Every second row: they teach what lies between sounds as well as all."""
    return Side(*(x[::2] for x in side))


def few_of(pool: Pool) -> Pool:
    """At most `MOST_VALIDATED` of its rows, evenly along it."""
    return pool if len(pool) <= MOST_VALIDATED else pool.take(np.linspace(0, len(pool) - 1, MOST_VALIDATED).astype(int))


class Run:
    """One training run: model, its running average, optimizer, random state and the step they stand at."""

    def __init__(self, config: Config, training_data: TrainingData, device: str = "cpu", team: Team = ALONE,
                 weights: dict[str, Tensor] | None = None):
        torch.manual_seed(config.seed)
        self.config, self.device, self.team = config, torch.device(device), team
        self.rng = torch.Generator().manual_seed(config.seed)
        self.model, self.base = Autoencoder(config), weights
        if weights is None:
            self._start(training_data)
        else:
            self.model.load_state_dict(weights)
        self.model.to(self.device)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self._anchor = [] if weights is None else [parameter.detach().clone() for parameter in self.model.parameters()]
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=config.learning_rate, weight_decay=0.0 if self._anchor else config.weight_decay,
            betas=(0.9, 0.99), foreach=True
        )
        self.loss = SpectralLoss(
            config.harmonics, config.erb_weight, config.upper_weight, config.prior_weight
        ).to(self.device)
        self.settle = Settled(config).to(self.device)
        self.batches = Batches(training_data, config)
        self.validation = few_of(training_data.parts["val"])
        self.data = _hash(training_data)
        self.mixed = self.device.type == "cuda"
        self.losses: list[float] = []  # of each step, dB
        self.step, self.elapsed_s = 0, 0.0
        self.skipped = 0  # steps whose gradient was no number
        self.best = math.inf
        self.history: list[tuple[int, float, float]] = []  # step, LSD, ERB-LSD

    def _start(self, training_data: TrainingData) -> None:
        own, bank = training_data.parts["train"], training_data.bank
        train = own if training_data.more is None else training_data.more.joined(own)
        share = self.config.synthetic_share
        count = max(1, min(len(bank), round(len(train) * share / max(1 - share, 0.05))))
        weights = torch.where(torch.arange(self.config.harmonics) < 127, 1.0, 0.2).numpy()
        levels = torch.cat([torch.from_numpy(p) for p in (train.levels_db, bank.levels_db[:count])])
        known = torch.cat([torch.from_numpy(p) for p in (train.known, bank.known[:count])])
        features = see(levels, known).numpy()
        targets = see(levels, torch.full_like(known, self.config.harmonics)).numpy()
        start_from_pca(self.model, features, targets, weights)

    @property
    def progress(self) -> float:
        """How much of the run is done, 0..1, by steps or by the clock."""
        minutes = self.config.minutes
        return min(1.0, self.elapsed_s / (60 * minutes) if minutes else self.step / self.config.steps)

    def _set_rate(self) -> None:
        warm = min(1.0, (self.step + 1) / self.config.warmup_steps)
        rate = self.config.learning_rate * warm * (0.5 + 0.5 * math.cos(math.pi * self.progress))
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def advance(self) -> float:
        """One step; returns its mean loss in dB."""
        self._set_rate()
        levels, known = (x.to(self.device) for x in self.batches.draw(self.rng))
        noise, part = (torch.randn(len(known), self.config.latent_size, generator=self.rng).to(self.device),
                       torch.rand(len(known), 1, generator=self.rng).to(self.device))
        loss, total = self._loss(levels, known, noise, part)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        sums = self.team.add_up(list(self.model.parameters()), torch.stack([loss.detach(), total.detach()]))
        loss, total = sums[0], sums[1]
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.gradient_norm)
        if torch.isfinite(norm):
            self.optimizer.step()
            self._decay_to_base()
        elif not torch.isfinite(total):
            raise UserError(f"the loss is no number at step {self.step}; start anew with another --seed")
        else:
            self.skipped += 1
        self.step += 1
        self._average()
        self.losses.append(float(loss))
        return self.losses[-1]

    def _decay_to_base(self) -> None:
        """What is not needed goes back to the base's weights; in a run that began from nothing to 0, which the optimizer does."""
        if self._anchor:
            rate = self.optimizer.param_groups[0]["lr"] * self.config.weight_decay
            with torch.no_grad():
                torch._foreach_lerp_(list(self.model.parameters()), self._anchor, rate)

    def _encode(self, levels: Tensor, known: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
            return self.model.encode(see(levels, known)).float()

    def _decode(self, latent: Tensor, lowest: int | None = None) -> Tensor:
        """Levels in dB; products in half precision on CUDA, all else in single."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed):
            return self.model.decode(latent, lowest).float()

    def _loss(self, levels: Tensor, known: Tensor, noise: Tensor, part: Tensor) -> tuple[Tensor, Tensor]:
        """(loss in dB, what is minimised) of this process's rows of a batch, as their share of its mean."""
        config, (first, end) = self.config, self.team.rows(len(levels))
        if self.team.size > 1:  # one row more: each row morphs with the one before it
            rows = torch.arange(first - 1, end, device=self.device) % len(levels)
            levels, known = levels[rows], known[rows]
            sides = (self._encode(levels, known), levels, known)
            own, before = (Side(*(x[part] for x in sides)) for part in (slice(1, None), slice(None, -1)))
        else:
            own = Side(self._encode(levels, known), levels, known)
            before = Side(*(x.roll(1, 0) for x in own))
        latent, levels, known = own
        share = len(latent) / len(noise)
        predicted = self._decode(latent + config.latent_noise * noise[first:end])
        loss = share * self.loss(predicted, levels, known).mean()
        total = loss + share * config.latent_penalty * (latent**2).mean()
        if config.morph_weight or config.even_weight:
            total = total + share * self._on_the_way(_half(own), _half(before), part[first:end:2]).mean()
        return loss, total

    def _on_the_way(self, own: Side, before: Side, part: Tensor) -> Tensor:
        """What is asked at a point of the straight line from each latent to its neighbour in the batch: [n].

        It should draw the mean of both spectra in dB, and a step on from there should not be much longer than an even
        share of the way.
        """
        (latent, levels, known), (latent_b, levels_b, known_b) = own, before
        here, there = levels.clamp(min=FLOOR_DB), levels_b.clamp(min=FLOOR_DB)
        predicted = self._decode(latent + part * (latent_b - latent))
        asked = self.config.morph_weight * self.loss(predicted, here + part * (there - here), torch.minimum(known, known_b))
        if not self.config.even_weight:
            return asked
        further = self._decode(latent + (part + STEP) * (latent_b - latent), self.loss.bins)
        with torch.no_grad():
            way = self.loss.apart(levels, levels_b).clamp(min=SHORTEST_WAY_DB)
        speed = self.loss.apart(predicted, further) / (STEP * way)
        return asked + self.config.even_weight * (speed - FASTEST).clamp(min=0) ** 2

    @torch.no_grad()
    def _average(self) -> None:
        keep = self.config.ema
        if not self.config.base:  # what it began as is soon forgotten
            keep = min(keep, (1 + self.step) / (10 + self.step))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.model.parameters()), 1 - keep)

    @torch.no_grad()
    def score(self, pool: Pool) -> tuple[float, float]:
        """(LSD, ERB-LSD) in dB of the averaged model as it would be exported: after the encoder's last steps, hard floors.

        What is not known counts nothing; rows count as often as their pool says.
        """
        features, levels = (torch.from_numpy(x).to(self.device) for x in (normalised(pool.levels_db, pool.known), hidden(pool)))
        latent = torch.cat([self.settle(self.average, *rows) for rows in zip(features.split(CHUNK), levels.split(CHUNK), strict=True)])
        loss = copy.deepcopy(self.loss).cpu()
        known, often = (torch.from_numpy(x) for x in (pool.known, pool.all_often))
        return measure_db(self.average.decode(latent).cpu(), torch.from_numpy(pool.levels_db), loss, loss.weights(known), often)

    def state(self) -> dict:
        """Everything a resumed run needs, as tensors and plain values."""
        return {
            "config": self.config.to_dict(), "data": self.data, "step": self.step, "elapsed_s": self.elapsed_s, "best": self.best,
            "history": [list(row) for row in self.history], "losses": torch.tensor(self.losses),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(), "optimizer": self.optimizer.state_dict(), "rng": self.rng.get_state(),
        }

    def restore(self, state: dict) -> None:
        """Continue where `state` was taken: step, optimizer, random state and data order.

        Raises UserError where it was taken on other data.
        """
        if state.get("data", self.data) != self.data:
            raise UserError("these are not the cycles this run began with; give the same folder and --frame-size")
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.rng.set_state(state["rng"])
        self.step, self.elapsed_s, self.best = state["step"], state["elapsed_s"], state["best"]
        self.history = [tuple(row) for row in state["history"]]
        self.losses = state["losses"].tolist() if "losses" in state else []

    def validate(self, folder: Path) -> tuple[float, float]:
        """Score the validation part; keep the best state in `folder`."""
        lsd_db, erb_db = self.score(self.validation)
        if not math.isfinite(lsd_db + erb_db):
            raise UserError(f"the model draws no numbers at step {self.step}; start anew with another --seed")
        self.history.append((self.step, lsd_db, erb_db))
        if lsd_db + self.config.erb_weight * erb_db < self.best:
            self.best = lsd_db + self.config.erb_weight * erb_db
            checkpoint.save(self.state(), folder / checkpoint.BEST)
        return lsd_db, erb_db


def fit(run: Run, folder: Path, stopped: Callable[[], bool] = lambda: False,
        report: Callable[[Run, float], None] = lambda run, loss: None) -> bool:
    """Train to the end or until `stopped()`; True when finished. Saves every 20 s, at the end and at each best."""
    clock = saved = time.monotonic()
    team, asked = run.team, False
    while run.progress < 1.0 and not asked:
        loss = run.advance()
        now = time.monotonic()
        run.elapsed_s, asked = team.agree(run.elapsed_s + now - clock, stopped())
        clock = now
        if not team.leads:
            continue
        if run.step % run.config.validate_every == 0 or run.step in EARLY_STEPS or run.progress >= 1.0:
            run.validate(folder)
        report(run, loss)
        if time.monotonic() - saved > SAVE_EVERY_S:
            checkpoint.save(run.state(), folder / checkpoint.LAST)
            saved = time.monotonic()
    if team.leads:
        checkpoint.save(run.state(), folder / checkpoint.LAST)
    return run.progress >= 1.0
