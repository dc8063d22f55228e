"""The two networks beside each other: a straight line with a small network, and the lean decoder that is exported."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from synth.samples.spectrum import LSD_HARMONICS


class Block(nn.Module):
    """Residual block: x + W2 silu(W1 norm(x)), with or without the norm. [n, width] -> [n, width]."""

    def __init__(self, width: int, normed: bool = True):
        super().__init__()
        self.norm = nn.LayerNorm(width) if normed else nn.Identity()
        self.up, self.down = nn.Linear(width, width), nn.Linear(width, width)
        nn.init.zeros_(self.down.weight)
        nn.init.zeros_(self.down.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Shape kept."""
        return x + self.down(functional.silu(self.up(self.norm(x))))


class Straight(nn.Module):
    """A linear path plus a small network whose last layer starts at zero: [n, inputs] -> [n, outputs]."""

    def __init__(self, inputs: int, outputs: int, width: int, blocks: int, normed: bool = True):
        super().__init__()
        self.line = nn.Linear(inputs, outputs)
        self.enter = nn.Linear(inputs, width)
        self.blocks = nn.Sequential(*(Block(width, normed) for _ in range(blocks)))
        self.leave = nn.Linear(width, outputs)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: Tensor) -> Tensor:
        """[n, inputs] -> [n, outputs]."""
        return self.line(x) + self.leave(self.hidden(x))

    def hidden(self, x: Tensor) -> Tensor:
        """[n, inputs] -> [n, width], what the last layer of the network is given."""
        return functional.silu(self.blocks(self.enter(x)))

    def ends(self) -> list[tuple[Tensor, Tensor]]:
        """(weight [outputs, inputs or width], bias [outputs]) of the line, and of the network's last layer."""
        return [(layer.weight, layer.bias) for layer in (self.line, self.leave)]


class Lean(Straight):
    """The decoder that is exported: narrow, without norms; harmonics above 127 are mixed of a few shapes that all sounds share.

    The first 127 come as in `Straight`. A second pair of layers gives `rank` coefficients, and `basis` mixes the upper
    harmonics of them: most of a full last layer's products are spent on harmonics that only bass notes sound.
    """

    def __init__(self, inputs: int, outputs: int, width: int, blocks: int, rank: int):
        super().__init__(inputs, min(outputs, LSD_HARMONICS), width, blocks, normed=False)
        self.upper = outputs > LSD_HARMONICS
        if self.upper:
            self.line_upper, self.leave_upper = nn.Linear(inputs, rank), nn.Linear(width, rank)
            self.basis = nn.Linear(rank, outputs - LSD_HARMONICS)

    def forward(self, x: Tensor) -> Tensor:
        """[n, inputs] -> [n, outputs]."""
        hidden = self.hidden(x)
        lower = self.line(x) + self.leave(hidden)
        if not self.upper:
            return lower
        return torch.cat([lower, self.basis(self.line_upper(x) + self.leave_upper(hidden))], -1)

    def ends(self) -> list[tuple[Tensor, Tensor]]:
        """As `Straight.ends`, the basis multiplied out."""
        lower = super().ends()
        if not self.upper:
            return lower
        basis = self.basis.weight
        upper = [(basis @ layer.weight, basis @ layer.bias) for layer in (self.line_upper, self.leave_upper)]
        upper[0] = upper[0][0], upper[0][1] + self.basis.bias
        return [(torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]])) for a, b in zip(lower, upper, strict=True)]
