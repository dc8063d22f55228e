"""The chain as the child runs it: rows that are opened, set and mixed with what went into them."""

import base64
import time
from typing import Any

import numpy as np

from ..engine.insert_layout import CHUNK
from ..errors import UserError
from .backends import Effect, open_effect

_MIX_STEP = 0.25  # of the way from dry to wet a chunk: 10 ms at 48 kHz
_MOST_BAD = 16  # chunks with what is no number, in all, after which a plug-in is left out
START_CHUNKS = 8  # over which the sound comes into an effect that begins in its midst: a step would be heard in every echo
_RAMP = np.linspace(1 / CHUNK, 1, CHUNK)
_START = np.linspace(1 / CHUNK / START_CHUNKS, 1, CHUNK * START_CHUNKS)


def _smooth(x: np.ndarray) -> np.ndarray:
    """0 to 1 without an edge."""
    return (x**3 * (x * (6 * x - 15) + 10)).astype(np.float32)


_RAMP, _START = _smooth(_RAMP), _smooth(_START).reshape(START_CHUNKS, CHUNK)
Row = dict[str, Any]


class Slot:
    """One row. Without its effect it lets the sound pass."""

    def __init__(self, row: Row, sr_hz: float):
        self.key, self.row, self.why, self.told = int(row["key"]), row, str(row.get("why", "")), ""
        self.bad = self.wrong = 0
        self._applied: dict[str, Any] = {}
        self.effect: Effect | None = None
        self.unheard = True  # set, and no block since
        self._starting = START_CHUNKS  # chunks of its start that are over
        began = time.perf_counter()
        try:
            if not self.why:
                self.effect = open_effect(row["kind"], row["name"], row["path"], sr_hz)
                if row.get("state"):
                    self.effect.set_state(base64.b64decode(row["state"]))
        except UserError as error:
            self.effect, self.why = None, str(error)
        except ImportError as error:
            self.why = f"{error.name or 'the host'} is not installed: pip install 'latentwave[host]'"
        self.opened_s = time.perf_counter() - began
        self.take_latency()
        self._mix = self._goal()
        self.apply(row)

    def _goal(self) -> float:
        return 0.0 if self.row["bypass"] or not self.effect else float(self.row["wet"])

    @property
    def shifted(self) -> bool:
        """Whether the plug-in tells another latency than it did."""
        return self.effect is not None and self.effect.told_latency != self.latency

    def take_latency(self) -> None:
        """Hold what goes in back by the latency that it tells now."""
        self.latency = self.effect.told_latency if self.effect else 0
        self._line = np.zeros((2, self.latency + CHUNK), np.float32)

    def apply(self, row: Row) -> None:
        """Set what differs from what was set before."""
        self.row, self.wrong = row, 0
        for name, value in row["params"].items():
            if self.effect and (name not in self._applied or self._applied[name] != value):
                try:
                    self.effect.set_param(name, value)
                except UserError as error:
                    self.told = str(error)
                    self.wrong += 1
                self._applied[name] = value
                self.unheard = True

    def turn(self, macros: np.ndarray) -> None:
        """Set what macros turn. macros: float32[8], 0..1."""
        for name, (macro, low, high) in self.row["macros"].items():
            unit = low + (high - low) * float(macros[macro - 1])
            if self.effect and self._applied.get(name) != ("macro", unit):
                self.effect.set_unit(name, unit)
                self._applied[name] = ("macro", unit)

    def begin(self) -> None:
        """Another sound comes in from now on: forget the one before, and let it come in gently."""
        if self.effect and self._starting:
            self.effect.reset()
            self.take_latency()
        self._starting = 0

    def process(self, x: np.ndarray) -> np.ndarray:
        """A chunk: what went in, as late as the effect is, mixed with what it makes of it."""
        if not self.effect:
            return x
        taken = x
        if self._starting < START_CHUNKS:
            taken = x * _START[self._starting]
            self._starting += 1
        y = self.effect.process(taken)
        self.unheard = False
        if self.latency:
            self._line = np.concatenate([self._line[:, CHUNK:], x], 1)
            dry = self._line[:, :CHUNK]
        else:
            dry = x
        if not np.isfinite(y).all():
            self.bad += 1
            y = dry
            if self.bad == _MOST_BAD:
                self.why = "gives what are no numbers; it is left out"
                self.row = {**self.row, "bypass": True}
        goal, before = self._goal(), self._mix
        if before == goal:
            return y if goal == 1.0 else dry if goal == 0.0 else dry + np.float32(goal) * (y - dry)
        self._mix = min(before + _MIX_STEP, goal) if goal > before else max(before - _MIX_STEP, goal)
        return dry + (np.float32(before) + np.float32(self._mix - before) * _RAMP) * (y - dry)

    def told_row(self) -> Row:
        """What is known of it, for the parent."""
        return {"key": self.key, "ok": self.effect is not None and self.bad < _MOST_BAD, "why": self.why, "told": self.told,
                "wrong": self.wrong, "latency": self.latency, "opened_s": round(self.opened_s, 3),
                "params": self.effect.params() if self.effect else []}


class Chain:
    """The rows of both places, in order."""

    def __init__(self, sr_hz: float):
        self._sr_hz, self._slots = sr_hz, {}  # type: ignore[var-annotated]
        self.places: tuple[list[Slot], list[Slot]] = ([], [])
        self.rows: list[Slot] = []

    def set_rows(self, rows: list[Row], running: bool) -> bool:
        """Open what is new, close what is gone, set the rest. Answers whether the way of the sound is another than before.

        running: whether sound came already; what hears another one than before then begins anew.
        """
        before = self.places
        slots = {}
        for row in rows:
            slot = self._slots.pop(int(row["key"]), None)
            if slot is None or slot.row["why"] != row["why"]:
                slot = Slot(row, self._sr_hz)
            else:
                slot.apply(row)
            slots[slot.key] = slot
        self._slots, self.rows = slots, list(slots.values())
        self.places = tuple([slot for slot in self.rows if slot.row["place"] == place] for place in range(2))  # type: ignore[assignment]
        changed = False
        for old, new in zip(before, self.places, strict=True):
            same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a is not b), min(len(old), len(new)))
            changed |= len(old) != len(new) or same < len(new)
            for slot in new[same:] if running else ():
                slot.begin()
        return changed

    def slot(self, key: int) -> Slot | None:
        """The row of a key."""
        return self._slots.get(key)

    def latency(self, place: int) -> int:
        """Frames, of all rows of a place."""
        return sum(slot.latency for slot in self.places[place])
