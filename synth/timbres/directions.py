"""Named directions (bright, hollow, ...): latents moved by what a listener names. Plain numpy, half the cost of a decode."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..engine.compile.jit import kernel
from ..engine.dsp.directions import move_row


@dataclass(frozen=True)
class Directions:
    """A model's named directions: how far each is moved by standard deviations of what it names.

    names; spread float32[d], one standard deviation in the descriptor's own unit; lines float32[d, z]; and a network of one
    hidden layer that bends them: place [z, hidden], bias [hidden], amount [d, hidden], leave [hidden, z]. The displacement of
    no amount is exactly zero.
    """

    names: tuple[str, ...]
    spread: np.ndarray
    lines: np.ndarray
    place: np.ndarray
    bias: np.ndarray
    amount: np.ndarray
    middle: np.ndarray
    middle_bias: np.ndarray
    leave: np.ndarray

    def move(self, latents: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """Latents [..., z] moved by amounts [..., d] in standard deviations, -1..1 as taught; not clipped."""
        latents, amounts = np.asarray(latents, np.float32), np.asarray(amounts, np.float32)
        here = latents @ self.place + self.bias
        bent = self._hidden(here + amounts @ self.amount) - self._hidden(here)
        return latents + amounts @ self.lines + bent @ self.leave

    def move_rows(self, latents: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """`move` of float32[n, z] by float32[n, d], compiled: a row comes out the same whatever else is in the batch."""
        moved = np.array(latents, np.float32, order="C")
        scratch = np.empty((4, len(self.bias)), np.float32)
        _move_rows(moved, np.ascontiguousarray(amounts[:, :len(self.names)], np.float32), *self.arrays, scratch)
        return moved

    @cached_property
    def arrays(self) -> list[np.ndarray]:
        """lines, place, bias, amount, middle, middle_bias and leave as the kernel takes them."""
        arrays = (self.lines, self.place, self.bias, self.amount, self.middle, self.middle_bias, self.leave)
        return [np.ascontiguousarray(array, np.float32) for array in arrays]

    def _hidden(self, entered: np.ndarray) -> np.ndarray:
        first = _silu(entered)
        return first + _silu(first @ self.middle + self.middle_bias)

    def amounts(self, **named: float) -> np.ndarray:
        """float[d] of amounts by name. Raises KeyError for a name the model does not know."""
        found = np.zeros(len(self.names))
        for name, value in named.items():
            if name not in self.names:
                raise KeyError(name)
            found[self.names.index(name)] = value
        return found


def _silu(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-np.clip(x, -60, 60)))


@kernel
def _move_rows(latents, amounts, lines, place, bias, amount, middle, middle_bias, leave, scratch):
    """`Directions.move` row by row, in place; rows of no amount are left as they are. scratch: float32[4, hidden]."""
    for i in range(latents.shape[0]):
        moved = False
        for d in range(amounts.shape[1]):
            moved = moved or amounts[i, d] != 0.0
        if moved:
            move_row(latents[i], amounts[i], lines, place, bias, amount, middle, middle_bias, leave, scratch)
