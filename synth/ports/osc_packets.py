"""OSC 1.0 packets: messages with the times of their bundles, from what came; answers, as they go.

python-osc reads and builds the messages. Bundles are taken apart here: its own reader never ends on one that tells a negative size, and
its server sleeps on time tags, so that nothing could land on its sample.
"""

from dataclasses import dataclass

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

Argument = float | int | str | bool | bytes | list | tuple | None
_BUNDLE, _HEAD = b"#bundle\0", 16
_IMMEDIATELY, _SINCE_1900_S, _ERA = 1, 2_208_988_800, 1 << 64
_MOST_MESSAGES, _DEEPEST = 4096, 8  # of a packet; the largest that UDP carries holds as many
_TYPES = frozenset(b"ihfdsbrmtTFN[]")


class DamagedError(ValueError):
    """Not an OSC packet; the message says why."""


@dataclass(frozen=True, slots=True)
class TimedMessage:
    """address, arguments; at_s: seconds since 1970 of its bundle's time tag, None: at once."""

    address: str
    arguments: tuple[Argument, ...]
    at_s: float | None = None


def read_packet(data: bytes) -> list[TimedMessage]:
    """The messages of a packet, in its order. Raises DamagedError: then none of them counts."""
    found: list[TimedMessage] = []
    _take(data, None, 0, found)
    return found


def _take(data: bytes, at_s: float | None, depth: int, found: list[TimedMessage]) -> None:
    if not data.startswith(_BUNDLE):
        if len(found) >= _MOST_MESSAGES:
            raise DamagedError(f"more than {_MOST_MESSAGES} messages in a packet")
        found.append(_message(data, at_s))
        return
    if depth >= _DEEPEST or len(data) < _HEAD:
        raise DamagedError(f"bundles within bundles, more than {_DEEPEST} deep" if depth >= _DEEPEST else "a bundle without a time tag")
    tag = int.from_bytes(data[8:_HEAD], "big")
    era = _ERA if tag < _ERA // 2 else 0  # tags begin anew in 2036
    at_s = at_s if tag == _IMMEDIATELY else (tag + era) / (1 << 32) - _SINCE_1900_S
    at = _HEAD
    while at < len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        at += 4
        if size == 0 or size % 4 or at + size > len(data):
            raise DamagedError("a bundle's sizes do not fit it")
        _take(data[at:at + size], at_s, depth + 1, found)
        at += size


def _message(data: bytes, at_s: float | None) -> TimedMessage:
    if not data.startswith(b"/"):
        raise DamagedError("neither a message nor a bundle")
    end = data.find(b"\0")
    tags = (end // 4 + 1) * 4  # where the types begin: the address is filled up to four
    types = data[tags:max(data.find(b"\0", tags), tags)]
    if end < 0 or not _TYPES >= set(types[1:]):  # python-osc would write a warning to the terminal
        raise DamagedError("a message of unknown types" if end >= 0 else "a message that does not end")
    try:
        message = OscMessage(data)
        return TimedMessage(message.address, tuple(message.params), at_s)
    except Exception as error:  # its readers raise what struct and codecs do as well as their own
        raise DamagedError(f"a damaged message ({' '.join(str(error).split())[:80]})") from None


def message_bytes(address: str, *arguments: float | int | str) -> bytes:
    """A message as it goes: floats as `f`, whole numbers as `i`, texts as `s`."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    try:
        return builder.build().dgram
    except BuildError as error:
        raise ValueError(str(error)) from None
