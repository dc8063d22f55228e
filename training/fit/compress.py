"""Where a lean decoder begins: the trained one with its streams projected and its most needed units kept.

What the first norm is taken of lies in as many directions as there are latents and one more, so the first block is kept as it is
in fewer numbers. The stream between the blocks is projected on the directions in which it moves most (Eckart and Young 1936),
turned so that their mean is nothing: a norm of them is then the norm of the whole. Of the units behind it those are kept that the
others are best told from (pivoted Cholesky), and the layers above them are fitted anew by ridge regression.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..network.layers import Block, Lean, Straight

RIDGE = 1e-4
SHAPED = 4000  # rows whose upper harmonics tell the basis
DEEPEST, HIGHEST = -2.2, 3.0  # levels in the decoder's own unit, beyond which a harmonic's movement is not heard


@torch.no_grad()
def compress(teacher: Straight, latents: Tensor, rank: int, last: int = 0) -> Lean:
    """A lean decoder that draws nearly what `teacher`, of two blocks, draws at latents [n, z] of the model's own.

    `last`: units in the last layer, 0 for as many as the teacher has.
    """
    first, second = _blocks(teacher)
    width, outputs = teacher.enter.out_features, teacher.line.out_features
    lean = Lean(latents.shape[1], outputs, width, last or width, rank)
    entered = teacher.enter(latents)
    stream = entered + first.down(functional.silu(first.up(first.norm(entered))))
    units = functional.silu(second.up(second.norm(stream)))
    left = stream + second.down(units)
    _first_block(lean, teacher)
    kept_left = most_needed(functional.silu(left), teacher.leave.weight[: lean.line.out_features].norm(dim=0), lean.leave.in_features)
    kept = most_needed(units, second.down.weight[kept_left].norm(dim=0), lean.up1.out_features)
    _stream(lean, teacher, stream, kept)
    here = lean.enter(latents) + lean.down0(functional.silu(lean.up0(lean.norm0(lean.start(latents)))))
    _fit((lean.turn, here), (lean.down1, functional.silu(lean.up1(lean.norm1(here)))), left[:, kept_left])
    _ends(lean, latents, teacher(latents))
    return lean


def most_needed(units: Tensor, weight: Tensor, count: int) -> Tensor:
    """Which `count` of units [n, m] tell most of all, each as important as its weight [m]: indices, rising (pivoted Cholesky)."""
    covariance = torch.cov((units * weight).T.double()).reshape(len(weight), -1)
    left, factor = covariance.diag().clone(), torch.zeros(len(weight), count, dtype=torch.double)
    taken: list[int] = []
    for column in range(count):
        pivot = int(left.argmax())
        taken.append(pivot)
        known = factor[:, :column] @ factor[pivot, :column]
        factor[:, column] = (covariance[:, pivot] - known) / left[pivot].clamp(min=1e-30).sqrt()
        left -= factor[:, column] ** 2
        left[taken] = -1
    return torch.tensor(sorted(taken))


def _blocks(teacher: Straight) -> tuple[Block, Block]:
    first, second = (block for block in teacher.blocks if isinstance(block, Block))
    return first, second


def _beside_the_mean(rows: int, columns: int) -> Tensor:
    """Orthonormal [rows, columns], each column of mean nothing; zero columns where there are not so many."""
    cosines = torch.cos(math.pi / rows * (torch.arange(rows)[:, None] + 0.5) * torch.arange(1, rows)) * math.sqrt(2 / rows)
    return functional.pad(cosines, (0, max(0, columns - rows + 1)))[:, :columns]


def _put(layer: nn.Linear, weight: Tensor, bias: Tensor) -> None:
    layer.weight.copy_(weight)
    layer.bias.copy_(bias)


def _after_norm(layer: nn.Linear, norm: nn.LayerNorm, whole: Tensor, few: Tensor) -> tuple[Tensor, Tensor]:
    """Weight and bias of `layer` after `norm`, for a norm of `few` [k, m] of the directions `whole` [n, m]."""
    turned = layer.weight * norm.weight @ whole @ few.T * math.sqrt(len(whole) / len(few))
    return turned, layer.bias + layer.weight @ norm.bias


def _first_block(lean: Lean, teacher: Straight) -> None:
    """Exactly the teacher's: its norm is of something that is straight in the latent."""
    first, _ = _blocks(teacher)
    line = torch.cat([teacher.enter.weight, teacher.enter.bias[:, None]], 1)
    directions, along = torch.linalg.qr(line - line.mean(0))
    few = _beside_the_mean(lean.start.out_features, directions.shape[1])
    _put(lean.start, (few @ along)[:, :-1], (few @ along)[:, -1])
    _put(lean.up0, *_after_norm(first.up, first.norm, directions, few))


def _stream(lean: Lean, teacher: Straight, stream: Tensor, kept: Tensor) -> None:
    """The stream projected, and the kept units of the second block fed from it."""
    first, second = _blocks(teacher)
    centred = stream - stream.mean(1, keepdim=True)
    scaled = centred / centred.square().mean(1, keepdim=True).sqrt().clamp(min=1e-6)
    whole = torch.linalg.svd(scaled, full_matrices=False)[2][: lean.enter.out_features - 1].T
    few = _beside_the_mean(lean.enter.out_features, whole.shape[1])
    project = few @ (whole - whole.mean(0)).T
    _put(lean.enter, project @ teacher.enter.weight, project @ teacher.enter.bias)
    _put(lean.down0, project @ first.down.weight, project @ first.down.bias)
    weight, bias = _after_norm(second.up, second.norm, whole, few)
    _put(lean.up1, weight[kept], bias[kept])


def _fit(one: tuple[nn.Linear, Tensor], two: tuple[nn.Linear, Tensor], wanted: Tensor) -> None:
    """Two layers, each with what it is given, whose sum comes nearest to `wanted`: ridge regression."""
    given = torch.cat([one[1], two[1], torch.ones(len(wanted), 1)], 1).double()
    normal = given.T @ given
    normal += torch.eye(len(normal)) * RIDGE * normal.diag().mean()
    found = torch.linalg.solve(normal, given.T @ wanted.double()).float().T
    size = one[1].shape[1]
    _put(one[0], found[:, :size], found[:, -1])
    _put(two[0], found[:, size:-1], torch.zeros(len(found)))


def _ends(lean: Lean, latents: Tensor, drawn: Tensor) -> None:
    """The last layers, towards what the teacher draws [n, outputs] in the decoder's own unit."""
    hidden, lower = lean.hidden(latents), lean.line.out_features
    _fit((lean.line, latents), (lean.leave, hidden), drawn[:, :lower])
    if not lean.upper:
        return
    upper = drawn[:, lower:].clamp(DEEPEST, HIGHEST)
    mean, rank = upper.mean(0), lean.basis.in_features
    shapes = torch.linalg.svd((upper - mean)[:SHAPED], full_matrices=False)[2][:rank].T
    shapes = functional.pad(shapes, (0, rank - shapes.shape[1]))
    amounts = (upper - mean) @ shapes
    spread = amounts.std(0).clamp(min=1e-6)
    _put(lean.basis, shapes * spread, mean)
    _fit((lean.line_upper, latents), (lean.leave_upper, hidden), amounts / spread)
