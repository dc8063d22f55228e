"""What each OSC address does to a session. docs/osc.md lists them."""

import math
import time
from collections.abc import Callable, Iterable

from ..errors import did_you_mean
from ..events import Event, control, note_off, note_on
from ..params.knobs import PARAMS
from ..patch.hosted_effect import parse_target
from ..ports.osc_packets import Argument, message_bytes
from ..ports.osc_port import Answer
from .osc_session import OscSession

Arguments = tuple[Argument, ...]
_FULL_S = 2.0  # longest wait for room for the end of a note
_ALL_SOUND_OFF = 120


class RefusedError(Exception):
    """What a message asks for cannot be done; says why."""


class NoRoomError(Exception):
    """The engine's ring is full."""


_OWN = ("param", "latent", "direction", "morph", "note", "preset", "action", "get", "list")


def is_own(address: str) -> bool:
    """Whether an address is one of ours, which no control can have."""
    return address[1:].partition("/")[0] in _OWN


class OscAddresses:
    """`take` does what an address says. frame: at which it is heard, None: as soon as may be. answer_slowly: see `OscPort`."""

    def __init__(self, session: OscSession, answer_slowly: Callable[[Answer, Iterable[bytes]], bool]) -> None:
        self._session, self._answer_slowly = session, answer_slowly
        self._rooms: dict[str, Callable[[str, Arguments, int | None, Answer], None]] = {
            "param": self._param, "latent": self._latent, "direction": self._direction, "morph": self._morph, "note": self._note,
            "preset": self._preset, "action": self._action, "get": self._get, "list": self._list}

    def knows(self, address: str) -> bool:
        """Whether an address is one of ours, so that no row of the control map can have it."""
        return is_own(address)

    def take(self, address: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        """Raises RefusedError or UserError where it cannot be done, NoRoomError where the engine takes no more for now."""
        room, _, rest = address[1:].partition("/")
        self._rooms[room](rest, arguments, frame, answer)

    def _param(self, name: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        value = one(arguments)
        if parse_target(name):
            if isinstance(value, str):
                self._session.type_effect(name, value)
            else:
                self._session.turn_effect(name, share(value))
            return
        self._session.set_param(known(name), value if isinstance(value, str) else number(value), producer_of(frame), frame=frame)

    def _latent(self, name: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        size = self._session.source.latent_size
        if not name.isdecimal() or not 1 <= int(name[:6]) <= size:
            raise RefusedError(f"there are latents 1 to {size}")
        self._session.set_latent(int(name) - 1, number(one(arguments)), producer_of(frame), frame=frame)

    def _direction(self, name: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        names = self._session.directions
        if name not in names:
            raise RefusedError(f"there is no such direction ({', '.join(names) or 'this sound has none'})")
        self._session.set_param(f"direction.{names.index(name) + 1}", number(one(arguments)), producer_of(frame), frame=frame)

    def _morph(self, axis: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        if axis not in ("x", "y"):
            raise RefusedError("a morph has x and y")
        self._session.set_param(f"morph.{axis}", number(one(arguments)), producer_of(frame), frame=frame)

    def _note(self, what: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        values = [number(value) for value in arguments]
        least = {"on": 2, "off": 1}.get(what)
        if least is None or not least <= len(values) <= least + 1:
            raise RefusedError("give /note/on KEY VELOCITY [CHANNEL] or /note/off KEY [CHANNEL]")
        key, channel = _whole(values[0], 0, 127, "a key"), _whole(values[least], 1, 16, "a channel") - 1 if len(values) > least else 0
        if what == "off":
            self._post(note_off(key, channel), frame, _FULL_S)
            return
        if not 0 <= values[1] <= 1:
            raise RefusedError(f"a velocity of {values[1]:g} is outside 0 to 1")
        self._post(note_on(key, values[1], channel) if values[1] else note_off(key, channel), frame, 0.0 if values[1] else _FULL_S)

    def _preset(self, name: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        wanted = one(arguments)
        if name or not isinstance(wanted, str):
            raise RefusedError("give a preset's name as a text")
        self._session.load_preset(wanted)

    def _action(self, name: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        if arguments and not number(one(arguments)):  # a button that is let go
            return
        if name == "panic":
            for channel in range(16):
                self._post(control(_ALL_SOUND_OFF, 0, channel), frame, _FULL_S)
        else:
            self._session.act(name)

    def _get(self, name: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        wanted = name or one(arguments)
        plugin = isinstance(wanted, str) and parse_target(wanted)
        value = self._session.effect_value(str(wanted)) if plugin else self._session.value_now(known(wanted))
        answer(message_bytes("/value", str(wanted), value))

    def _list(self, name: str, arguments: Arguments, frame: int | None, answer: Answer) -> None:
        infos = (message_bytes("/param/info", p.name, float(p.low), float(p.high), float(p.default), p.unit, *p.choices)
                 for p in PARAMS.values())
        if not self._answer_slowly(answer, infos):
            raise RefusedError("the list is being given")

    def _post(self, event: Event, frame: int | None, wait_s: float) -> None:
        """A note, or its end, which is waited for: one that is lost would sound for ever. Raises NoRoomError."""
        deadline = time.monotonic() + wait_s
        while not self._session.post(event, producer_of(frame), frame):
            if time.monotonic() >= deadline:
                raise NoRoomError
            time.sleep(0.001)


def producer_of(frame: int | None) -> str:
    """The ring of what is heard at a frame: one keeps its order, and what a time tag puts ahead must not hold up what is heard at once."""
    return "osc" if frame is None else "clock"


def one(arguments: Arguments) -> Argument:
    """The only argument. Raises RefusedError."""
    if len(arguments) != 1:
        raise RefusedError(f"give one argument, not {len(arguments)}")
    return arguments[0]


def number(value: Argument) -> float:
    """A finite number; true and false are 1 and 0. Raises RefusedError."""
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise RefusedError(f"a number is wanted, not {str(value)[:40]!r}")
    return float(value)


def share(value: Argument) -> float:
    """A number from 0 to 1. Raises RefusedError."""
    found = number(value)
    if not 0 <= found <= 1:
        raise RefusedError(f"{found:g} is outside 0 to 1")
    return found


def known(name: Argument) -> str:
    """A parameter's name. Raises UserError; near names are looked for only where that is told."""
    if not isinstance(name, str) or name not in PARAMS:
        raise UnknownParameterError(str(name)[:80])
    return name


class UnknownParameterError(RefusedError):
    """No parameter has that name. What is near is found when it is told: that takes milliseconds, and there may be a flood."""

    def __str__(self) -> str:
        return f"no parameter is called so{did_you_mean(str(self.args[0]), PARAMS)}"


def _whole(value: float, low: int, high: int, what: str) -> int:
    if value != int(value) or not low <= value <= high:
        raise RefusedError(f"{what} is {low} to {high}, not {value:g}")
    return int(value)
