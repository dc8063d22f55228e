"""Named directions (bright, hollow, ...): latents moved by what a listener names. Plain numpy, half the cost of a decode."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Labels:
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
