"""What a hand sets in a plug-in's own editor that no parameter tells (a file that it loads, say): found in the editor's process.

A plug-in says nothing of it, so its whole state is read now and then. A state holds the parameters too: where they differ from those of
the state before, a second instance of the plug-in tells whether they are all that does.
"""

import time
from typing import Any

import numpy as np

from ..engine.insert_layout import CHUNK

_LOOK_S, _SHARE = 0.3, 20  # between looks, and at least so many times what one costs
_RESTLESS = 40  # looks at their time, without one between that found nothing new: no hand does that
_SAME = 1e-5  # of a parameter's range
_BLOCKS = 2
_RATE_HZ = 48000.0


class StateWatch:
    """plugin, other: pedalboard's, of one file. state: the plug-in's, as it is known. cost_s: of the newest look."""

    def __init__(self, plugin: Any, other: Any) -> None:
        self._plugin, self._other = plugin, other
        self._n_channels = next((n for n in (2, 1) if _takes(plugin, n)), 0)
        if self._n_channels:
            _takes(other, self._n_channels)
        self._params, self._others = list(plugin._parameters), list(other._parameters)
        self._next_s = self._settles_s = self.cost_s = 0.0
        self._changes = 0
        self.restless = False  # its state changes by itself, so nothing can be told from it
        self.begin()

    def begin(self, settles_s: float = 0.0) -> None:
        """What it has now, and comes to by itself until then, of time.monotonic, is no hand's."""
        self.state, self._units = self._read(), self._now()
        self._settles_s = settles_s

    def look(self, at_once: bool = False) -> bytes | None:
        """The state, where more of it has changed than parameters tell; None where not, or where it is not yet time to look again."""
        began_s = time.monotonic()
        if self.restless or (began_s < self._next_s and not at_once):
            return None
        state, units = self._read(), self._now()
        told = state != self.state and began_s > self._settles_s and not self._is_parameters_alone(state, units)
        self._changes = 0 if state == self.state else self._changes + (told and not at_once)
        self.restless = self._changes >= _RESTLESS
        self.state, self._units = state, units
        ended_s = time.monotonic()
        self.cost_s = ended_s - began_s
        self._next_s = ended_s + max(_LOOK_S, _SHARE * self.cost_s)
        return state if told and not self.restless else None

    def _read(self) -> bytes:
        return self._state_of(self._plugin)

    def _now(self) -> list[float]:
        return [float(param.raw_value) for param in self._params]

    def _is_parameters_alone(self, state: bytes, units: list[float]) -> bool:
        turned = {n: unit for n, (unit, before) in enumerate(zip(units, self._units, strict=True)) if abs(unit - before) > _SAME}
        if not turned:
            return False
        before, now, again = (self._state_with(each, turned) for each in (self.state, state, state))
        return before == now or now != again  # one that never says the same twice says nothing

    def _state_with(self, state: bytes, turned: dict[int, float]) -> bytes:
        """What a state becomes where parameters are put to these places: both are set alike, so that both are rounded alike."""
        self._other.raw_state = state
        for n, unit in turned.items():
            self._others[n].raw_value = unit
        return self._state_of(self._other)

    def _state_of(self, plugin: Any) -> bytes:
        """Behind blocks of silence: parameters reach a state only with one, which some plug-ins take until the next."""
        for _ in range(_BLOCKS if self._n_channels else 0):
            _takes(plugin, self._n_channels)
        return bytes(plugin.raw_state)


def _takes(plugin: Any, n_channels: int) -> bool:
    """Whether it takes a block of silence of so many channels. One that is refused makes it forget what is on its way: ask once."""
    try:
        plugin.process(np.zeros((n_channels, CHUNK), np.float32), _RATE_HZ, buffer_size=CHUNK, reset=False)
    except (ValueError, RuntimeError):
        return False
    return True
