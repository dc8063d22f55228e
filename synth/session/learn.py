"""Learning a control: from what comes in while somebody moves it, which control it is and how it speaks.

A controller whose fine half (32 higher) comes too is a 14-bit pair; data entry after CC99 and CC98 is a parameter number (NRPN).
Nothing in MIDI tells an encoder from a fader, but a fader does not say the same twice running, nor leap from one end to the other:
values that do and lie close over 0 or under 128 are steps in two's complement, close over 0 or over 64 steps with a sign bit.
Values of 0 and 127 alone are a button's. Keys and program changes are taken for actions and switches only, so that one may play on.
"""

from collections.abc import Sequence
from itertools import pairwise

from ..errors import UserError
from ..events import Event, Kind
from ..params.controls import RESERVED
from ..params.knobs import PARAMS
from ..patch.control_map import ControlRow, check_target

_REST_S, _LONGEST_S, _ENOUGH = 0.3, 1.5, 16  # decided after so long without a message, at the latest, or after so many
_FAR, _MOST_STEPS, _BENT = 40, 12, 0.1
_NULL = (127, 127)


class Learner:
    """Takes events as they come, until `row` answers. Raises UserError for a target that is none."""

    def __init__(self, target: str) -> None:
        self.target = check_target(target)
        self._button = self.target.startswith("action.") or (self.target in PARAMS and bool(PARAMS[self.target].choices))
        self._numbers: dict[tuple[int, int], tuple[int, int]] = {}  # (device, channel) -> halves of the chosen parameter number
        self._heard: dict[tuple[int, int, str], list[float]] = {}  # (device, channel, source) -> values
        self._first_s = self._last_s = 0.0

    def take(self, event: Event, now_s: float) -> None:
        """One event as it took effect."""
        source = self._source(event)
        if source is None:
            return
        if not self._heard:
            self._first_s = now_s
        self._last_s = now_s
        self._heard.setdefault((event.device, event.channel, source), []).append(event.value)

    def take_osc(self, path: str, value: float, now_s: float) -> None:
        """One OSC message with a value 0..1, at a path that is no address of ours."""
        if not self._heard:
            self._first_s = now_s
        self._last_s = now_s
        self._heard.setdefault((0, 0, f"osc:{path}"), []).append(value)

    def _source(self, event: Event) -> str | None:
        """The control that an event speaks of; None: none that can be learnt."""
        if event.kind == Kind.CONTROL:
            return self._controller(event)
        if event.kind == Kind.BEND:
            return "bend" if abs(event.value) > _BENT else None
        if event.kind == Kind.PRESSURE:
            return "pressure"
        if self._button and event.kind == Kind.NOTE_ON and event.value > 0:
            return f"note:{event.number}"
        return "program" if self.target.startswith("action.") and event.kind == Kind.PROGRAM else None

    def _controller(self, event: Event) -> str | None:
        where, number, value = (event.device, event.channel), event.number, int(event.value)
        coarse, fine = self._numbers.get(where, _NULL)
        if number in (98, 99):
            self._numbers[where] = (value, fine) if number == 99 else (coarse, value)
        elif number in (100, 101):
            self._numbers[where] = _NULL
        elif number in (6, 38) and (coarse, fine) != _NULL:
            return f"nrpn:{coarse << 7 | fine}"
        return None if number in RESERVED else f"cc:{number}"

    def row(self, now_s: float) -> tuple[ControlRow, int] | None:
        """(row, number of its device) once it is clear; None before. Raises UserError for an encoder that speaks otherwise."""
        if not self._heard:
            return None
        (device, channel, source), values = max(self._heard.items(), key=lambda item: len(item[1]))
        if now_s - self._last_s < _REST_S and now_s - self._first_s < _LONGEST_S and len(values) < _ENOUGH:
            return None
        pair = self._pair(device, channel, source)
        mode = "pickup" if pair or source.startswith("nrpn") else self._mode(source, values)
        if self.target.startswith("action."):
            mode = "jump"
        return ControlRow(pair or source, self.target, mode=mode), device

    def _pair(self, device: int, channel: int, source: str) -> str | None:
        """The 14-bit pair that a controller is half of."""
        kind, _, number = source.partition(":")
        if kind != "cc" or int(number) >= 64:
            return None
        coarse = int(number) % 32
        both = all((device, channel, f"cc:{n}") in self._heard for n in (coarse, coarse + 32))
        return f"cc14:{coarse}" if both else None

    def _mode(self, source: str, values: Sequence[float]) -> str:
        if source.startswith("note") or (source.startswith("osc") and self._button and set(values) <= {0.0, 1.0}):
            return "toggle"
        if not source.startswith("cc"):
            return "jump"
        found = mode_of([int(v) for v in values])
        return "pickup" if found == "absolute" else found


def mode_of(values: Sequence[int]) -> str:
    """'toggle' for a button's values, 'relative_twos' or 'relative_signed' for an encoder's, else 'absolute'. Raises UserError."""
    if set(values) <= {0, 127} and 127 in values and (0 in values or len(values) < 3):
        return "toggle"
    stays = any(a == b for a, b in pairwise(values))
    leaps = any(abs(a - b) > _FAR for a, b in pairwise(values))
    if len(values) < 3 or not (stays or leaps):
        return "absolute"
    up = [1 <= v <= _MOST_STEPS for v in values]
    if all(u or v >= 128 - _MOST_STEPS for u, v in zip(up, values, strict=True)):
        return "relative_twos"
    if all(u or 64 < v <= 64 + _MOST_STEPS for u, v in zip(up, values, strict=True)):
        return "relative_signed"
    if stays and all(abs(v - 64) <= _MOST_STEPS for v in values):
        raise UserError("this encoder tells its steps as values around 64, which no mode hears; set it to two's complement or signed bit")
    return "absolute"
