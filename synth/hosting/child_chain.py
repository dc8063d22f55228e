"""The chain as the child runs it: rows that are opened, set and mixed with what went into them."""

import base64
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.insert_layout import CHUNK
from ..errors import UserError
from ..extras import install_command
from .backends import Effect, open_effect
from .row_params import RowParams

_MIX_STEP = 0.25  # of the way from dry to wet a chunk: 10 ms at 48 kHz
_BYPASSED = 0.5  # and more: the matrix moves even a switch
_MOST_BAD = 16  # chunks that cannot be played, in all, after which a plug-in is left out
START_CHUNKS = 8  # over which the sound comes into an effect that begins in its midst: a step would be heard in every echo
_RAMP = np.linspace(1 / CHUNK, 1, CHUNK)
_START = np.linspace(1 / CHUNK / START_CHUNKS, 1, CHUNK * START_CHUNKS)


def _smooth(x: np.ndarray) -> np.ndarray:
    """0 to 1 without an edge."""
    return (x**3 * (x * (6 * x - 15) + 10)).astype(np.float32)


_RAMP, _START = _smooth(_RAMP), _smooth(_START).reshape(START_CHUNKS, CHUNK)
Row = dict[str, Any]
_OPENED_BY = ("why", "path", "tries")  # what a row is opened with: another one opens it anew


class Slot:
    """One row. Without its effect it lets the sound pass."""

    def __init__(self, row: Row, sr_hz: float):
        self.key, self.row, self.why, self.told = int(row["key"]), row, str(row.get("why", "")), ""
        self.bad = self.wrong = 0
        self._fault = self._refused = ""
        self._fresh = b""  # its state as it was opened, where it was given none
        self.effect: Effect | None = None
        self.unheard = True  # set, and no block since
        self._starting = START_CHUNKS  # chunks of its start that are over
        began = time.perf_counter()
        try:
            if not self.why:
                self.effect = open_effect(row["kind"], row["name"], row["path"], sr_hz)
                if row.get("state"):
                    self._give_state(row["state"])
                else:
                    self._fresh = self.effect.get_state()
        except UserError as error:
            self.effect, self.why = None, str(error)
        except ImportError as error:
            self.why = f"{error.name or 'the host'} is not installed: {install_command('host')}"
        self.opened_s = time.perf_counter() - began
        self._params = RowParams(self.effect) if self.effect else None
        self.take_latency()
        self._mix = self._goal()
        self.apply(row)

    def _give_state(self, text: str) -> None:
        """Its own state, in base64; '' is the one that it was opened with. Without one that it refuses it plays on, and says so."""
        assert self.effect
        self._refused = ""
        try:
            state = base64.b64decode(text) or self._fresh
            if state:
                self.effect.set_state(state)
        except UserError as error:
            self._refused = str(error)

    def can_become(self, row: Row) -> bool:
        """Whether it can be set as a row says, without being opened anew."""
        known = bool(row.get("state") or self._fresh or not self.row.get("state") or not self.effect)
        return known and all(self.row[key] == row[key] for key in _OPENED_BY)

    def _goal(self) -> float:
        if not self._params or float(self.row["bypass"]) + self._params.own["bypass"] >= _BYPASSED:
            return 0.0
        return min(max(float(self.row["wet"]) + self._params.own["wet"], 0.0), 1.0)

    @property
    def is_left_out(self) -> bool:
        """Whether too much of what it gave could not be played: from then on the sound passes it, whatever is set."""
        return self.bad >= _MOST_BAD

    @property
    def shifted(self) -> bool:
        """Whether the plug-in tells another latency than it did."""
        return self.effect is not None and self.effect.told_latency != self.latency

    def take_latency(self) -> None:
        """Hold what goes in back by the latency that it tells now."""
        self.latency = self.effect.told_latency if self.effect else 0
        self._line = np.zeros((2, self.latency + CHUNK), np.float32)

    def apply(self, row: Row) -> list[str]:
        """Another setting of it. Answers which parameters were set."""
        before, self.row, self.wrong, self.told = self.row, row, 0, self._refused
        if not self._params:
            return []
        if self.effect and before.get("state", "") != row.get("state", ""):  # its parameters are set over it, as where it is opened
            self._give_state(row.get("state", ""))
            own = self._params.own
            self._params = RowParams(self.effect)
            self._params.own = own
        changed = self._params.apply(row)
        self.wrong, self.told = self._params.wrong, self._params.told or self._refused
        self.unheard |= bool(changed)
        return changed

    def turn(self, values: np.ndarray) -> None:
        """Set what macros and the matrix turn (`RowParams.turn`)."""
        if self._params:
            self._params.turn(values)

    def put_to_rest(self) -> None:
        """As `RowParams.put_to_rest`."""
        if self._params:
            self._params.put_to_rest()

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
        y = None if self.is_left_out else self._made(taken)
        self.unheard = False
        if self.latency:
            self._line = np.concatenate([self._line[:, CHUNK:], x], 1)
            dry = self._line[:, :CHUNK]
        else:
            dry = x
        if y is None:
            y = dry
            if not self.is_left_out:
                self.bad += 1
                self.why = f"{self._fault}; it is left out" if self.is_left_out else self.why
        goal, before = self._goal(), self._mix
        if before == goal:
            return y if goal == 1.0 else dry if goal == 0.0 else dry + np.float32(goal) * (y - dry)
        self._mix = min(before + _MIX_STEP, goal) if goal > before else max(before - _MIX_STEP, goal)
        return dry + (np.float32(before) + np.float32(self._mix - before) * _RAMP) * (y - dry)

    def _made(self, x: np.ndarray) -> np.ndarray | None:
        """What the effect makes of a chunk; None where that cannot be played, and why in `_fault`."""
        assert self.effect
        try:
            y = self.effect.process(x)
        except Exception as error:  # of the host's own: other channels than it was opened with, for one
            self._fault = f"cannot go on ({' '.join(str(error).split())[:160]})"
            return None
        if y.shape != x.shape:
            self._fault = f"gives {y.shape[0]} channels of {y.shape[1]} frames for {x.shape[0]} of {x.shape[1]}"
            return None
        if not np.isfinite(y).all():
            self._fault = "gives what are no numbers"
            return None
        return y

    def told_row(self) -> Row:
        """What is known of it, for the parent."""
        self.put_to_rest()
        return {"key": self.key, "ok": self.effect is not None and not self.is_left_out, "why": self.why, "told": self.told,
                "wrong": self.wrong, "latency": self.latency, "opened_s": round(self.opened_s, 3),
                "params": self.effect.params() if self.effect else []}


class Chain:
    """The rows of both places, in order. at_work: told whose plug-in is opened or set, by its key; 0 after it."""

    def __init__(self, sr_hz: float, at_work: Callable[[int], None] = lambda key: None):
        self._sr_hz, self._at_work = sr_hz, at_work
        self._slots: dict[int, Slot] = {}
        self.places: tuple[list[Slot], list[Slot]] = ([], [])
        self.rows: list[Slot] = []

    def set_rows(self, rows: list[Row], running: bool) -> bool:
        """Open what is new, close what is gone, set the rest. Answers whether the way of the sound is another than before.

        running: whether sound came already; what hears another one than before then begins anew.
        """
        before = self.places
        slots = {}
        for row in rows:
            self._at_work(int(row["key"]))
            slot = self._slots.pop(int(row["key"]), None)
            if slot is None or not slot.can_become(row):
                slot = Slot(row, self._sr_hz)
            else:
                slot.apply(row)
            slots[slot.key] = slot
        self._at_work(0)
        self._slots, self.rows = slots, list(slots.values())
        self.places = tuple([slot for slot in self.rows if slot.row["place"] == place] for place in range(2))  # type: ignore[assignment]
        changed = False
        for old, new in zip(before, self.places, strict=True):
            same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a is not b), min(len(old), len(new)))
            changed |= len(old) != len(new) or same < len(new)
            for slot in new[same:] if running else ():
                slot.begin()
        return changed

    def turn(self, turned: list[Row]) -> list[Row]:
        """Set params, wet and bypass of rows that are otherwise as they were. Answers what is known of what changed, by key."""
        found = []
        for row in turned:
            slot = self._slots.get(int(row["key"]))
            if slot:
                self._at_work(slot.key)
                names = slot.apply({**slot.row, **row})
                slot.put_to_rest()
                found.append({"key": slot.key, "told": slot.told, "wrong": slot.wrong,
                              "params": slot.effect.params(names) if slot.effect else []})
        self._at_work(0)
        return found

    def read(self, key: int, name: str, text: str) -> Row:
        """{"unit": where a parameter stands when it shows a text}, or {"why": it does not}."""
        slot = self._slots.get(key)
        try:
            return {"unit": slot.effect.unit_of(name, text)} if slot and slot.effect else {}
        except UserError as error:
            return {"why": str(error)}

    def latency(self, place: int) -> int:
        """Frames, of all rows of a place."""
        return sum(slot.latency for slot in self.places[place])
