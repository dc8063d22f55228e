"""The last layer of a lean decoder fitted anew, so that it draws given levels at a few latents and elsewhere what it drew.

A smoothed decoder sounds otherwise at the steep places of the trained one, and a preset may stand there. What a decoder draws is
linear in what its last layer is given, so ridge regression finds the change in closed form: pulled to the given levels at the latents
that are held, and to nothing at ordinary ones. Where a held latent is unlike those, little moves beside it (its leverage is high).
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from synth.samples.spectrum import LSD_FLOOR_DB

from ..data.features import CENTRE_DB, SCALE_DB
from ..network.layers import Lean
from ..network.losses import unit_rms_db

RIDGE = 1e-6
PULL = 0.02  # weight of the latents that are held together beside all ordinary ones
ROUNDS = 3  # the level of a row, and what lies under its floor, follow what is drawn


@dataclass(frozen=True)
class Held:
    """Latents of the model's own, float32[n, z], and what shall be drawn there: levels in dB [n, harmonics]."""

    own: Tensor
    aim_db: Tensor


@torch.no_grad()
def hold(decoder: Lean, ordinary: Tensor, held: Sequence[Held], pull: float = PULL) -> Lean:
    """The decoder with another last layer. ordinary: latents [n, z] of the model's own at which it shall draw what it draws.

    pull: the weight of each of `held` beside all of those.
    """
    found, stay = copy.deepcopy(decoder), _given(decoder, ordinary)
    given = [_given(decoder, rows.own) for rows in held]
    inner = stay.T @ stay / len(stay) + RIDGE * torch.eye(stay.shape[1], dtype=stay.dtype)
    inner += pull * sum(x.T @ x / len(x) for x in given)
    moved = torch.zeros(stay.shape[1], 1, dtype=stay.dtype)
    for _ in range(ROUNDS):
        aims = [x.T @ (x @ moved + _wanting(found, rows)) / len(x) for x, rows in zip(given, held, strict=True)]
        moved = torch.linalg.solve(inner, pull * sum(aims))
        found = _with_last_layer(decoder, moved)
    return found


def _given(decoder: Lean, own: Tensor) -> Tensor:
    """What the last layers are given, and 1: float64[n, inputs + last + 1]."""
    return torch.cat([own, decoder.hidden(own), torch.ones(len(own), 1)], 1).double()


def _wanting(decoder: Lean, held: Held) -> Tensor:
    """What the last layers lack of the given levels, in their own unit: float64[n, lower (+ rank)]. Under the floor nothing does."""
    lower = decoder.line.out_features
    now, aim = (unit_rms_db(levels, lower) for levels in (decoder(held.own) * SCALE_DB + CENTRE_DB, held.aim_db))
    now, aim = (torch.maximum(x, x[:, :lower].amax(1, keepdim=True) - LSD_FLOOR_DB) for x in (now, aim))
    lacks = (aim - now).double() / SCALE_DB
    if not decoder.upper:
        return lacks
    return torch.cat([lacks[:, :lower], lacks[:, lower:] @ torch.linalg.pinv(decoder.basis.weight.double()).T], 1)


def _with_last_layer(decoder: Lean, moved: Tensor) -> Lean:
    """A copy whose last layers are moved by float64[inputs + last + 1, lower (+ rank)]."""
    found, inputs = copy.deepcopy(decoder), decoder.line.in_features
    ends = [(found.line, found.leave)] + ([(found.line_upper, found.leave_upper)] if found.upper else [])
    columns = moved.T.float().split([line.out_features for line, _ in ends])
    for (line, leave), rows in zip(ends, columns, strict=True):
        line.weight.add_(rows[:, :inputs])
        leave.weight.add_(rows[:, inputs:-1])
        line.bias.add_(rows[:, -1])
    return found
