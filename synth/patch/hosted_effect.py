"""A row of a sound's chain of plug-ins: which one, where it stands, and how it is set. Pure: its JSON and its words on the command line."""

import base64
import binascii
import itertools
import math
import re
import zlib
from dataclasses import dataclass, field, replace

from ..errors import UserError
from ..params.knobs import N_MACROS, N_SLOTS

MOST_ROWS = 8
MOST_STATE = 1 << 20  # bytes of a plug-in's own state, unpacked
MOST_STATES_TEXT = 1 << 20  # letters of all states of a preset, as it holds them
PLACES = ("before", "behind")  # our own effects
KINDS = ("builtin", "vst3", "lv2", "au")
OWN = ("wet", "bypass")  # of the row itself, whatever the plug-in calls its own
_LONGEST, _MOST_PARAMS = 1000, 4096
Value = float | str
_KEYS = itertools.count(1)
TARGET = r"effect\.([1-8])\.([a-z0-9_]{1,128})"


@dataclass(frozen=True, slots=True)
class MacroRow:
    """A macro that turns a plug-in's parameter, from `low` to `high` of its range (0..1); high under low turns it round."""

    macro: int
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class HostedEffect:
    """One effect of the chain. plugin: 'KIND:NAME' (kinds as in `KINDS`). wet: 0 dry to 1. file: where it lies outside the usual folders.

    params: those that were set, by name: numbers are 0..1 of a plug-in's range and units of a built-in effect, texts are as it shows them.
    moved: slots of the matrix, from 1, whose target is a parameter, by its name; a preset has them as rows of `mod`.
    state: the plug-in's own memory, taken before `params`. key: who it is while the program runs, through edits, moves and undo.
    """

    plugin: str
    place: str = "behind"
    bypass: bool = False
    wet: float = 1.0
    params: dict[str, Value] = field(default_factory=dict)
    macros: dict[str, MacroRow] = field(default_factory=dict)
    state: bytes = b""
    file: str = ""
    moved: dict[str, tuple[int, ...]] = field(default_factory=dict)
    key: int = field(default_factory=lambda: next(_KEYS), compare=False)

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return self.plugin.partition(":")[0]

    @property
    def name(self) -> str:
        """The plug-in's name."""
        return self.plugin.partition(":")[2]


def to_json(row: HostedEffect) -> dict:
    """As a preset holds it; what is as it is by default is left out."""
    data: dict = {"plugin": row.plugin}
    if row.place != "behind":
        data["place"] = row.place
    if row.bypass:
        data["bypass"] = True
    if row.wet != 1.0:
        data["wet"] = row.wet
    if row.params:
        data["params"] = dict(row.params)
    if row.macros:
        data["macros"] = {name: {"macro": m.macro, "low": m.low, "high": m.high} for name, m in row.macros.items()}
    if row.moved:
        data["moved"] = {name: list(slots) for name, slots in row.moved.items()}
    if row.state:
        data["state"] = base64.b64encode(zlib.compress(row.state, 9)).decode()
    if row.file:
        data["file"] = row.file
    return data


def states_length(rows: object) -> int:
    """How many letters of a preset's JSON are plug-ins' own states, of a chain as `to_json` made it, or as somebody else did."""
    states = (row.get("state") for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
    return sum(len(state) for state in states if isinstance(state, str))


def parse_target(text: str) -> tuple[int, str] | None:
    """(place from 0, parameter) of what controls call `effect.N.NAME`; None for another name. `wet` and `bypass` are the row's own."""
    found = re.fullmatch(TARGET, text)
    return (int(found.group(1)) - 1, found.group(2)) if found else None


def aim_slot(rows: tuple[HostedEffect, ...], slot: int, target: str | None) -> tuple[HostedEffect, ...]:
    """The chain where a slot of the matrix, from 1, moves a target's parameter and no other; None: none of it. Raises UserError."""
    found = parse_target(target) if target else None
    if found and found[0] >= len(rows):
        raise UserError(f"mod{slot}.target={target}: the chain has {len(rows) or 'no'} plug-in{'' if len(rows) == 1 else 's'}")
    aimed = []
    for index, row in enumerate(rows):
        moved = {name: tuple(n for n in slots if n != slot) for name, slots in row.moved.items()}
        if found and found[0] == index:
            moved[found[1]] = (*moved.get(found[1], ()), slot)
        moved = {name: slots for name, slots in moved.items() if slots}
        aimed.append(row if moved == row.moved else replace(row, moved=moved))
    return tuple(aimed) if any(a is not b for a, b in zip(aimed, rows, strict=True)) else rows


def moved_targets(rows: tuple[HostedEffect, ...]) -> dict[int, str]:
    """Slots of the matrix, from 1, that move a parameter of the chain, and its name as a target."""
    return {slot: f"effect.{n}.{name}" for n, row in enumerate(rows, 1) for name, slots in row.moved.items() for slot in slots}


def rows_of(value: object) -> tuple[HostedEffect, ...]:
    """What `to_json` made of a whole chain; none for null. Raises UserError."""
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MOST_ROWS:
        raise UserError(f"effects must be a list of at most {MOST_ROWS} plug-ins")
    return tuple(_row(data) for data in value)


def _row(data: object) -> HostedEffect:
    if not isinstance(data, dict):
        raise UserError(f"a plug-in of the chain is an object with its name, not {str(data)[:40]}")
    place, bypass = data.get("place", "behind"), data.get("bypass", False)
    if place not in PLACES or not isinstance(bypass, bool):
        raise UserError("a plug-in's place is before or behind, and its bypass true or false")
    params = data.get("params") or {}
    if not isinstance(params, dict) or len(params) > _MOST_PARAMS or not all(map(_is_value, params.values())):
        raise UserError(f"a plug-in's params are an object of numbers and texts, at most {_MOST_PARAMS}")
    file = data.get("file") or ""
    if not isinstance(file, str) or len(file) > _LONGEST:
        raise UserError("a plug-in's file is a text")
    macros = data.get("macros") or {}
    if not isinstance(macros, dict):
        raise UserError("a plug-in's macros are an object of its parameters")
    return HostedEffect(check_plugin(data.get("plugin")), place, bypass, _share(data.get("wet", 1.0), "wet"), dict(params),
                        {str(name): _macro(m) for name, m in macros.items()}, _state(data.get("state")), file,
                        _moved(data.get("moved") or {}))


def check_plugin(value: object) -> str:
    """'KIND:NAME' as it is. Raises UserError."""
    text = value if isinstance(value, str) else ""
    kind, colon, name = text.partition(":")
    if kind not in KINDS or not name or len(text) > _LONGEST:
        raise UserError(f"a plug-in is named as in builtin:Reverb or vst3:ZamComp, not {str(value)[:80]!r}")
    return text


def _is_value(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return number or (isinstance(value, str) and len(value) <= _LONGEST)


def _share(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UserError(f"{what} of a plug-in is a number from 0 to 1, not {str(value)[:40]}")
    return float(value)


def _macro(data: object) -> MacroRow:
    macro = data.get("macro") if isinstance(data, dict) else None
    if not isinstance(data, dict) or isinstance(macro, bool) or not isinstance(macro, int) or not 1 <= macro <= N_MACROS:
        raise UserError(f"a plug-in's parameter is turned by macro 1 to {N_MACROS}, not {str(data)[:40]}")
    return MacroRow(macro, _share(data.get("low", 0.0), "low"), _share(data.get("high", 1.0), "high"))


def _moved(data: object) -> dict[str, tuple[int, ...]]:
    """Slots by parameter, as a take tells them."""
    if not isinstance(data, dict) or not all(isinstance(slots, list) and all(type(n) is int and 1 <= n <= N_SLOTS for n in slots)
                                             for slots in data.values()):
        raise UserError(f"what the matrix moves in a plug-in is an object of lists of slots, 1 to {N_SLOTS}")
    return {str(name): tuple(slots) for name, slots in data.items()}


def _state(value: object) -> bytes:
    if not value:
        return b""
    try:
        unpacking = zlib.decompressobj()
        state = unpacking.decompress(base64.b64decode(str(value), validate=True), MOST_STATE)
    except (binascii.Error, zlib.error, ValueError):
        raise UserError("a plug-in's state is damaged") from None
    if not unpacking.eof:
        raise UserError(f"a plug-in's state is cut short, or over {MOST_STATE >> 20} MB")
    return state
