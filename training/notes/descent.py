"""Descent, for who has minutes: from where the closed form ends, the whole decoder and the frames' latents learn by gradients.

Asked are the notes' frames, at latents shaken a little, so that what lies around them is drawn as well; and that all sounds of the base
(drawn from its density, and textbook ones) stay as the base draws them, harmonics above 127 too. That is held by mean squares: small
changes everywhere cost little, large ones much.
"""

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from synth.samples.spectrum import LSD_FLOOR_DB
from synth.timbres.density import Density

from ..data.synthetic import synthetic_pool
from ..network.losses import SpectralLoss, unit_rms_db
from .closed_form import MOST_WORSE_DB, Stage, kept_moments, solve, worse_words
from .last_layer import LastLayer
from .sets import Frames, Sets

LEARNING_RATE, LATENT_RATE = 1.5e-3, 4e-3
_OWN, _KEPT = 128, 128  # rows of a step
_HOLD = 0.5  # of a dB squared beside a dB
_ABOVE = 0.2  # of harmonics above 127 in what is held
_WHOLE = 4  # each so many steps they are looked at
_SHAKEN = 0.05  # of a latent's spread
_KEEP = 0.995  # of the running average of weights
_ERB = 0.85  # beside LSD, as latents are fitted
_SOUNDS = 12_000
Report = Callable[[str, float], None]
_LOOKS = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0)  # of the first run, where it is judged
LEAST_GAIN = 0.02  # of the closed form's distance: for less it stays
_HEARD_FRAMES, _TOLD_STEPS = 12, 50


@dataclass(frozen=True)
class Kept:
    """What stays: latents of the base float32[n, z] in the network's own axes, and its levels there."""

    latents: Tensor
    levels_db: Tensor


@torch.no_grad()
def kept_sounds(base: LastLayer, density: Density | None, harmonics: int, seed: int) -> Kept:
    """Sounds of the base: half drawn from its density, half textbook cycles, all of these where it has none."""
    latents = base.encode(synthetic_pool(_SOUNDS // 2, harmonics, seed + 1))
    if density is not None:
        latents = np.concatenate([latents, density.sample(np.random.default_rng(seed + 1), _SOUNDS // 2).clip(base.low, base.high)])
    own = base.own_latents(latents)
    return Kept(own, torch.cat([base.network().decode(rows) for rows in own.split(2048)]))


class Descent:
    """One run: `advance` as often as it takes, then `layer` is what has been learnt."""

    def __init__(self, start: LastLayer, learnt: Frames, kept: Kept, seed: int):
        self._start, self._kept, self._rng = start, kept, torch.Generator().manual_seed(seed)
        self._network = start.network().train().requires_grad_(True)
        self._average = copy.deepcopy(self._network).requires_grad_(False)
        self._latents = torch.nn.Parameter(start.own_latents(learnt.latents))
        self._target = torch.from_numpy(learnt.target_db.astype(np.float32))
        self._often = torch.from_numpy(learnt.weights)
        self._loss = SpectralLoss(self._target.shape[1], _ERB)
        decoder = self._network.decoder
        self._optimizer = torch.optim.Adam([{"params": list(decoder.parameters()), "lr": LEARNING_RATE},
                                            {"params": [self._latents], "lr": LATENT_RATE}], betas=(0.9, 0.99), foreach=True)
        self._rates = [group["lr"] for group in self._optimizer.param_groups]
        self._spread = start.own_latents(learnt.latents).std(0)
        self.step = 0

    def advance(self, part: float) -> float:
        """One step, `part` of the way through the run, 0..1; its loss in dB."""
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * min(1.0, (self.step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * part))
        own = torch.multinomial(self._often, _OWN, True, generator=self._rng)
        shaken = self._latents[own] + _SHAKEN * self._spread * torch.randn(_OWN, len(self._spread), generator=self._rng)
        drawn = self._network.decode(shaken, self._target.shape[1])
        loss = self._loss.distances(drawn, self._target[own], soft=True)
        learnt = (loss[0] + _ERB * loss[1]).mean()
        rows = torch.randint(len(self._kept.latents), (_KEPT,), generator=self._rng)
        whole = None if self.step % _WHOLE == 0 else self._loss.bins
        drawn = self._network.decode(self._kept.latents[rows], whole)
        total = learnt + _HOLD * self._moved(drawn, self._kept.levels_db[rows, :whole])
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self._network.decoder.parameters(), 5.0)
        self._optimizer.step()
        self.step += 1
        with torch.no_grad():
            keep = min(_KEEP, (1 + self.step) / (10 + self.step))
            torch._foreach_lerp_(list(self._average.decoder.parameters()), list(self._network.decoder.parameters()), 1 - keep)
        return float(learnt.detach())

    def _moved(self, drawn: Tensor, kept: Tensor) -> Tensor:
        """Mean square in dB of what is heard of a change, the harmonics above 127 with less weight."""
        bins = self._loss.bins
        here, there = (unit_rms_db(x, bins) for x in (drawn, kept))
        floor = there[:, :bins].amax(1, keepdim=True) - LSD_FLOOR_DB
        apart = (torch.maximum(here, floor) - torch.maximum(there, floor)) ** 2
        above = apart[:, bins:].mean() if apart.shape[1] > bins else apart.new_zeros(())
        return apart[:, :bins].mean() + _WHOLE * _ABOVE * above

    def layer(self) -> LastLayer:
        """The averaged decoder."""
        return self._start.with_network(self._average)


@dataclass(frozen=True)
class Length:
    """How long a descent may take, all of it: by the clock, or else in steps of each of its two runs."""

    minutes: float = 0.0
    steps: int = 0


class _Judge:
    """What stands aside, own notes of one fold and other instruments', as the base draws it, and how much worse others draw it."""

    def __init__(self, base: LastLayer, sets: Sets, aside: np.ndarray):
        own = sets.learnt.thinned(_HEARD_FRAMES).of_notes(aside)
        self._parts = [frames.fitted(base).fitted(base) for frames in (own, sets.others_choose)]
        self._base_db = [frames.note_distances_db(base).mean(0) for frames in self._parts]

    def worse_db(self, layer: LastLayer) -> tuple[float, float]:
        """(own notes, others'), mean of notes, the larger of LSD and ERB-LSD; below 0 where the layer draws them better."""
        own, others = (float((frames.fitted(layer).note_distances_db(layer).mean(0) - base_db).max())
                       for frames, base_db in zip(self._parts, self._base_db, strict=True))
        return own, others


def descend(stages: Sequence[Stage], sets: Sets, density: Density | None, harmonics: int, seed: int, length: Length,
            report: Report = lambda sentence, part: None, stopped: Callable[[], bool] = lambda: False) -> LastLayer | None:
    """What descent makes of the closed form's choice, the last of `stages`; None where that one is as good.

    A first run learns without a quarter of the notes and is judged by them and by other instruments' on its way, until these are worse by
    over 0.08 dB than by the base. A second one learns all notes for as many steps as were found no worse, and is taken where it draws
    them 2 % nearer than the closed form. `report` is told sentences and the part done. Once `stopped` says so it ends: with what the
    second run had learnt by a step that was found good, if any.
    """
    base, closed = stages[0].layer, stages[-1]
    learnt, aside = sets.learnt.thinned().fitted(closed.layer), sets.fold == 0
    kept, judge, some = kept_sounds(base, density, harmonics, seed), _Judge(base, sets, aside), learnt.of_notes(~aside)
    start = base
    if len(stages) > 1:
        start = solve(stages[-2].layer, base.weights, some, kept_moments(base, density, harmonics, seed), closed.hold)
    first = Descent(start, some, kept, seed)
    good, steps = _judged(first, judge, length, report, stopped)
    found = _repeated(Descent(closed.layer, learnt, kept, seed), good, steps, report, stopped)
    if found is None:
        return None
    here_db, there_db = (learnt.fitted(layer).distances_db(layer)[0] for layer in (found, closed.layer))  # another fit alone is a gain
    return found if here_db <= (1 - LEAST_GAIN) * there_db and judge.worse_db(found)[1] <= MOST_WORSE_DB else None


def _repeated(second: Descent, good: Sequence[int], steps: float, report: Report, stopped: Callable[[], bool]) -> LastLayer | None:
    """All notes learnt for the most steps found `good`, of the `steps` of a whole run; where it is stopped, for the most of these done."""
    found = None
    while good and second.step < good[-1] and not stopped():
        second.advance(second.step / steps)
        if second.step in good:
            found = second.layer()
        if second.step % _TOLD_STEPS == 0:
            report(f"descent on all notes, step {second.step} of {good[-1]}", 0.5 + second.step / good[-1] / 2)
    return found


def _judged(first: Descent, judge: _Judge, length: Length, report: Report, stopped: Callable[[], bool]) -> tuple[list[int], float]:
    """(steps at which what stands aside was found no worse, steps of the whole run); the run ends where it is found worse after that.

    No step where the run was stopped.
    """
    begun, looks = time.monotonic(), list(_LOOKS)
    good: list[int] = []
    while not stopped():
        part = (time.monotonic() - begun) / (30 * length.minutes) if length.minutes else first.step / length.steps
        if part >= looks[0]:
            looks.pop(0)
            own, others = judge.worse_db(first.layer())
            report(f"descent, step {first.step}: {worse_words(own, others)}", min(part, 1) / 2)
            if max(own, others) <= MOST_WORSE_DB:
                good.append(first.step)
            elif good:
                return good, first.step / min(part, 1)
        elif first.step % _TOLD_STEPS == 0:
            report(f"descent, step {first.step}", part / 2)
        if part >= 1:
            return good, first.step
        first.advance(part)
    return [], 1
