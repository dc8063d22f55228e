"""Named directions (bright, hollow, ...): latents moved by what a listener names. Plain numpy, half the cost of a decode."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..engine.compile.jit import kernel


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
        _move_rows(moved, np.ascontiguousarray(amounts[:, :len(self.names)], np.float32), *self._arrays, scratch)
        return moved

    @cached_property
    def _arrays(self) -> list[np.ndarray]:
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
    n, size = latents.shape
    n_amounts, hidden = amounts.shape[1], amount.shape[1]
    one = np.float32(1.0)
    first, there, second, second_there = scratch[0], scratch[1], scratch[2], scratch[3]
    for i in range(n):
        moved = False
        for d in range(n_amounts):
            moved = moved or amounts[i, d] != 0.0
        if not moved:
            continue
        for j in range(hidden):
            first[j] = bias[j]
            there[j] = 0.0
            second[j] = middle_bias[j]
            second_there[j] = middle_bias[j]
        for k in range(size):
            x = latents[i, k]
            for j in range(hidden):
                first[j] += x * place[k, j]
        for d in range(n_amounts):
            x = amounts[i, d]
            for j in range(hidden):
                there[j] += x * amount[d, j]
            for k in range(size):
                latents[i, k] += x * lines[d, k]
        for j in range(hidden):
            here = first[j]
            first[j] = here / (one + np.exp(-min(max(here, np.float32(-60.0)), np.float32(60.0))))
            here += there[j]
            there[j] = here / (one + np.exp(-min(max(here, np.float32(-60.0)), np.float32(60.0))))
        for k in range(hidden):
            a, b = first[k], there[k]
            for j in range(hidden):
                second[j] += a * middle[k, j]
                second_there[j] += b * middle[k, j]
        for j in range(hidden):
            a, b = second[j], second_there[j]
            a = a / (one + np.exp(-min(max(a, np.float32(-60.0)), np.float32(60.0))))
            b = b / (one + np.exp(-min(max(b, np.float32(-60.0)), np.float32(60.0))))
            x = (there[j] + b) - (first[j] + a)
            for k in range(size):
                latents[i, k] += x * leave[j, k]
