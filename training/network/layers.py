"""The networks: a straight line with a small network beside it, and the lean decoder that is exported."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from synth.samples.spectrum import LSD_HARMONICS


class Block(nn.Module):
    """Residual block: x + W2 silu(W1 norm(x)). [n, width] -> [n, width]."""

    def __init__(self, width: int):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)
        nn.init.zeros_(self.down.weight)
        nn.init.zeros_(self.down.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Shape kept."""
        return x + self.down(functional.silu(self.up(self.norm(x))))


class Straight(nn.Module):
    """A linear path plus a small network whose last layer starts at zero: [n, inputs] -> [n, outputs]."""

    def __init__(self, inputs: int, outputs: int, width: int, blocks: int):
        super().__init__()
        self.line = nn.Linear(inputs, outputs)
        self.enter = nn.Linear(inputs, width)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(blocks)))
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


class Lean(nn.Module):
    """The decoder that is exported: `Straight` of two blocks and `width` with less of everything.

    What goes into the first block depends on the latent alone, so that few numbers, `start`, hold all of it (the norm of a straight
    line is that of its few directions). The stream between the blocks is half as wide; the last layer
    may keep fewer units. The first 127 harmonics come as in `Straight`; a second pair of last layers gives `rank`
    coefficients, and `basis` mixes the harmonics above of them: only bass notes sound those.
    """

    def __init__(self, inputs: int, outputs: int, width: int, last: int, rank: int):
        super().__init__()
        stream = width // 2
        few = -(-(inputs + 2) // 8) * 8
        self.start, self.norm0, self.up0 = nn.Linear(inputs, few), nn.LayerNorm(few), nn.Linear(few, width)
        self.enter, self.down0 = nn.Linear(inputs, stream), nn.Linear(width, stream)
        self.norm1, self.up1 = nn.LayerNorm(stream), nn.Linear(stream, width)
        self.turn, self.down1 = nn.Linear(stream, last), nn.Linear(width, last)
        lower, self.upper = min(outputs, LSD_HARMONICS), outputs > LSD_HARMONICS
        self.line, self.leave = nn.Linear(inputs, lower), nn.Linear(last, lower)
        if self.upper:
            self.line_upper, self.leave_upper = nn.Linear(inputs, rank), nn.Linear(last, rank)
            self.basis = nn.Linear(rank, outputs - lower)

    def forward(self, x: Tensor) -> Tensor:
        """[n, inputs] -> [n, outputs]."""
        hidden = self.hidden(x)
        lower = self.line(x) + self.leave(hidden)
        if not self.upper:
            return lower
        return torch.cat([lower, self.basis(self.line_upper(x) + self.leave_upper(hidden))], -1)

    def hidden(self, x: Tensor) -> Tensor:
        """[n, inputs] -> [n, last], what the last layers are given."""
        stream = self.enter(x) + self.down0(functional.silu(self.up0(self.norm0(self.start(x)))))
        return functional.silu(self.turn(stream) + self.down1(functional.silu(self.up1(self.norm1(stream)))))

    def ends(self) -> list[tuple[Tensor, Tensor]]:
        """As `Straight.ends`, the basis multiplied out."""
        lower: list[tuple[Tensor, Tensor]] = [(layer.weight, layer.bias) for layer in (self.line, self.leave)]
        if not self.upper:
            return lower
        basis = self.basis.weight
        upper = [(basis @ layer.weight, basis @ layer.bias) for layer in (self.line_upper, self.leave_upper)]
        upper[0] = upper[0][0], upper[0][1] + self.basis.bias
        return [(torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]])) for a, b in zip(lower, upper, strict=True)]

    def one_end(self) -> None:
        """Forget the upper harmonics: the last layers are about to be replaced."""
        if self.upper:
            del self.line_upper, self.leave_upper, self.basis
        self.upper = False
