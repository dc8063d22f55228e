"""The control map: rows that say which control moves what. Pure: rows, their JSON, and which of several lists wins.

    {"format": 1, "rows": [{"source": "cc:21", "channel": "any", "target": "filter.cutoff_hz", "low": 0, "high": 1,
                            "curve": "linear", "mode": "pickup"}]}

Lists are laid over one another, the more special one last: defaults, the user's, a device's, a preset's. A row takes the place of
another that has the same control on the same channel.
"""

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import UserError, did_you_mean
from ..params.controls import ACTIONS, BRIGHTNESS, CURVES, MAX_ROWS, MODES, NONE, RELATIVE, RESERVED
from ..params.knobs import PARAMS, param
from .hosted_effect import MOST_ROWS, parse_target

FORMAT = 1
MAX_BYTES = 256 * 1024
_NUMBERED = {"cc": range(128), "cc14": range(32), "nrpn": range(0x3FFF), "note": range(128)}
_PLAIN = ("bend", "pressure", "program")
_NAME_LIMIT = 128


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One control and what it moves. channel: 1 to 16, None for any. low, high: slider positions 0..1 at the control's ends, high
    under low turns it round. device: part of the name of the MIDI input it is heard from, '' for any. `contracts` of each word:
    docs/controls.md.
    """

    source: str
    target: str
    channel: int | None = None
    low: float = 0.0
    high: float = 1.0
    curve: str = "linear"
    mode: str = "jump"
    device: str = ""

    @property
    def kind(self) -> str:
        """What kind of control, as `SOURCES` has it."""
        return self.source.split(":", 1)[0]

    @property
    def number(self) -> int:
        """Of the controller, parameter or key; 0 where there is none."""
        return int(self.source.split(":", 1)[1]) if self.kind in _NUMBERED else 0

    @property
    def controls(self) -> frozenset[str]:
        """What it listens to: its source; a 14-bit pair is two controllers."""
        if self.kind == "cc14":
            return frozenset({f"cc:{self.number}", f"cc:{self.number + 32}"})
        return frozenset({self.source})


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row and where it comes from: 'default', a file, or the preset."""

    row: ControlRow
    origin: str


@dataclass(frozen=True, slots=True)
class ControlMap:
    """What is heard from a moment on: rows, the more special ones last, and names of MIDI inputs in the order of their numbers (from 1)."""

    rows: tuple[ControlRow, ...]
    devices: tuple[str, ...] = ()


DEFAULTS: tuple[ControlRow, ...] = (
    ControlRow("cc:1", "osc.position"), ControlRow("cc:74", BRIGHTNESS),
    *(ControlRow(f"cc:{n}", f"latent.{i}") for i, n in enumerate((16, 17, 18, 19, 80, 81, 82, 83), 1)))


def check_source(source: object) -> str:
    """A row's source as it is best written. Raises UserError for what is none, or may not be one."""
    text = str(source).strip()
    kind, colon, rest = text.partition(":")
    if kind in _PLAIN and not colon:
        return text
    if kind in ("osc", "host") and rest and len(rest) <= _NAME_LIMIT and (kind == "host" or rest.startswith("/")):
        return text
    if kind in _NUMBERED and re.fullmatch(r"\d{1,5}", rest) and int(rest) in _NUMBERED[kind]:
        if kind.startswith("cc") and int(rest) in RESERVED:
            raise UserError(f"{text} is never a source: controllers 0, 6, 32, 38, 96 to 101 and 120 to 127 have meanings of their own "
                            "in MIDI")
        return f"{kind}:{int(rest)}"
    raise UserError(f"no control is called '{text[:80]}'; a source is cc:0 to cc:127, cc14:0 to cc14:31, nrpn:0 to nrpn:16382, note:0 to "
                    "note:127, bend, pressure, program, osc:/path or host:ID")


def check_target(target: object) -> str:
    """A row's target: a parameter, `latent.N`, `direction.NAME`, `action.NAME`, `effect.N.NAME`, ... Raises UserError naming near ones."""
    text = str(target).strip()
    if text in PARAMS or text in (BRIGHTNESS, NONE) or parse_target(text):
        return text
    group, _, name = text.partition(".")
    if group == "effect":
        raise UserError(f"'{text[:80]}' is no parameter of a plug-in: it is effect.1.NAME to effect.{MOST_ROWS}.NAME, by its place in the "
                        "chain, with the plug-in's own name for it, wet or bypass")
    if group == "action":
        if name not in ACTIONS:
            raise UserError(f"no action is called '{name[:80]}'{did_you_mean(name, ACTIONS)} (there are {', '.join(ACTIONS)})")
        return text
    if group == "direction" and name and not name.isdigit() and len(name) <= _NAME_LIMIT:
        return text
    return param(text).name


def row_of(data: object) -> ControlRow:
    """A row from its JSON. Raises UserError in one sentence."""
    if not isinstance(data, dict) or not {"source", "target"} <= data.keys():
        raise UserError(f"a row must name its source and target, not {str(data)[:80]}")
    row = ControlRow(check_source(data["source"]), check_target(data["target"]), _channel(data.get("channel", "any")),
                     _position(data, "low", 0.0), _position(data, "high", 1.0), _word(data, "curve", CURVES), _word(data, "mode", MODES),
                     _device(data.get("device")))
    if row.mode in RELATIVE and (row.kind != "cc" or row.target.startswith("action.")):
        raise UserError(f"{row.source} -> {row.target}: an encoder's steps come as a controller cc:N, and move a parameter")
    return row


def _device(value: object) -> str:
    name = "" if value is None else value
    if not isinstance(name, str) or len(name) > _NAME_LIMIT:
        raise UserError(f"a device is part of a MIDI input's name, at most {_NAME_LIMIT} letters, not {str(value)[:40]!r}")
    return name


def _channel(value: object) -> int | None:
    if value == "any":
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 16:
        raise UserError(f"a channel is 1 to 16 or any, not {value!r}")
    return value


def _position(data: dict, name: str, otherwise: float) -> float:
    value = data.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise UserError(f"{name} of {data['source']} is a slider position 0 to 1, not {str(value)[:40]}")
    return float(value)


def _word(data: dict, name: str, words: Sequence[str]) -> str:
    value = str(data.get(name, words[0]))
    if value not in words:
        raise UserError(f"no {name} is called '{value[:80]}'{did_you_mean(value, words)} (there are {', '.join(words)})")
    return value


def row_to_json(row: ControlRow) -> dict:
    """The row as files hold it."""
    data: dict = {"source": row.source, "channel": "any" if row.channel is None else row.channel, "target": row.target,
                  "low": row.low, "high": row.high, "curve": row.curve, "mode": row.mode}
    return data | {"device": row.device} if row.device else data


def rows_of(data: object) -> tuple[ControlRow, ...]:
    """Rows from a list of their JSON, no two on one control. Raises UserError in one sentence."""
    if not isinstance(data, list):
        raise UserError("the rows of a control map must be a list")
    rows = tuple(row_of(item) for item in data)
    check_rows(rows)
    return rows


def check_rows(rows: Sequence[ControlRow]) -> None:
    """No two rows listen to one control on one channel, and there are not too many. Raises UserError."""
    if len(rows) > MAX_ROWS:
        raise UserError(f"a control map holds at most {MAX_ROWS} rows, not {len(rows)}")
    taken: dict[tuple, ControlRow] = {}
    for row in rows:
        for control in row.controls:
            other = taken.setdefault((control, row.channel, row.device), row)
            if other is not row:
                where = "any channel" if row.channel is None else f"channel {row.channel}"
                raise UserError(f"two rows listen to {control} on {where} ({other.target} and {row.target}); a macro moves several knobs "
                                "at once")


def from_json(text: str, source: str) -> tuple[dict, tuple[ControlRow, ...], tuple[str, ...]]:
    """(the file's data as it stands, its rows, a sentence for each row that cannot be used) of a control map's text.

    Raises UserError naming `source` where the whole of it cannot be used.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{source}: not a control map, the JSON is damaged ({error})") from None
    if not isinstance(data, dict) or not isinstance(data.get("rows"), list):
        raise UserError(f"{source}: not a control map (no list of rows)")
    number = data.get("format")
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise UserError(f"{source}: not a control map (format {number!r})")
    if number > FORMAT:
        raise UserError(f"{source}: made by a newer version (format {number}, this one reads {FORMAT}); update latentwave")
    rows: list[ControlRow] = []
    wrong: list[str] = []
    for i, item in enumerate(data["rows"], 1):
        try:
            row = row_of(item)
            check_rows([*rows, row])
            rows.append(row)
        except UserError as error:
            wrong.append(f"{source}, row {i}: {error}; the row is passed over")
    return data, tuple(rows), tuple(wrong)


def to_json(rows: Iterable[ControlRow]) -> str:
    """A control map's text."""
    return dumped({"format": FORMAT, "rows": [row_to_json(row) for row in rows]})


def dumped(data: dict) -> str:
    """A map's data as its file holds it, a row a line; what this version does not know stays in it."""
    more = {key: value for key, value in data.items() if key != "rows"}
    head = "".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)},\n" for key, value in more.items())
    return "{" + head + '"rows": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in data["rows"]) + "\n]}\n"


def with_row(rows: Iterable[ControlRow], row: ControlRow) -> tuple[ControlRow, ...]:
    """Rows of one list with another in the place of those on its control, channel and device."""
    kept = (r for r in rows if not (r.controls & row.controls and r.channel == row.channel and r.device == row.device))
    return (*kept, row)


def merge(layers: Sequence[tuple[str, Sequence[ControlRow]]]) -> list[PlacedRow]:
    """Lists of rows with where each comes from, the more special last -> the rows that are left.

    Of those that hear a control the last one counts: within a list a channel's and a device's own stand after those for any.
    """
    placed: list[PlacedRow] = []
    for origin, rows in layers:
        for row in sorted(rows, key=lambda r: (r.channel is not None, bool(r.device))):
            placed = [p for p in placed if not _hides(row, p.row)]
            placed.append(PlacedRow(row, origin))
    return placed


def _hides(row: ControlRow, earlier: ControlRow) -> bool:
    """Whether an earlier row is never heard any more beside `row`."""
    return (bool(row.controls & earlier.controls) and row.channel in (None, earlier.channel) and row.device in ("", earlier.device))


def map_of(own: Sequence[ControlRow]) -> ControlMap:
    """The map of a render: the default rows and a preset's own. Not the user's, so that a song sounds the same everywhere."""
    return ControlMap(tuple(placed.row for placed in merge([("default", DEFAULTS), ("preset", own)])))


def map_to_data(control_map: ControlMap) -> dict:
    """A map as a take's log holds it."""
    return {"rows": [row_to_json(row) for row in control_map.rows], "devices": list(control_map.devices)}


def map_from_data(data: object) -> ControlMap:
    """A map from a take's log. Raises UserError in one sentence."""
    if not isinstance(data, dict) or not isinstance(data.get("devices", []), list):
        raise UserError(f"not a control map: {str(data)[:80]}")
    return ControlMap(rows_of(data.get("rows")), tuple(str(name) for name in data.get("devices", ())))
