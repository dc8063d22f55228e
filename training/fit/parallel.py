"""Several processes that train one model (`torchrun --nproc-per-node 2 -m synth train ...`), to the rounding of sums.

Every process draws the same batch from the same seed, takes its own rows of it, and the gradients of all rows are added
up. Only the first one prints, saves and exports.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Team:
    """This process among those that train together."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that prints and writes."""
        return self.rank == 0

    def rows(self, batch: int) -> tuple[int, int]:
        """(first, end) of this process's rows of a batch."""
        return self.rank * batch // self.size, (self.rank + 1) * batch // self.size

    def add_up(self, parameters: Sequence[nn.Parameter], sums: Tensor) -> Tensor:
        """Add all processes' gradients, in place, and `sums` [n]; answers the latter."""
        if self.size == 1:
            return sums
        grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        whole = torch.cat([g.reshape(-1) for g in grads] + [sums.to(grads[0])])
        distributed.all_reduce(whole)
        start = 0
        for parameter, grad in zip(parameters, grads, strict=True):
            parameter.grad = whole[start : start + grad.numel()].view_as(grad)
            start += grad.numel()
        return whole[start:]

    def agree(self, elapsed_s: float, stop: bool) -> tuple[float, bool]:
        """The first process's clock, and whether anyone was asked to stop: the same in all processes."""
        if self.size == 1:
            return elapsed_s, stop
        told = torch.tensor([elapsed_s if self.leads else 0.0, float(stop)], dtype=torch.float64)
        distributed.all_reduce(told)
        return float(told[0]), bool(told[1] > 0)


ALONE = Team()


@contextmanager
def team() -> Iterator[Team]:
    """The team that `torchrun` made, or this process alone."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size < 2 or not distributed.is_available():
        yield ALONE
        return
    distributed.init_process_group("gloo")
    try:
        yield Team(distributed.get_rank(), size)
    finally:
        distributed.destroy_process_group()
