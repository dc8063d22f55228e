"""The user's control maps: `controls.json` for every MIDI input, `controls/DEVICE.json` for one, in the user's folder.

A device is known by its file's name, which is part of the name of its MIDI input; letters and digits alone are compared, for systems
add numbers and marks of their own to the names of ports.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import UserError
from ..params.controls import MAX_ROWS
from ..patch import control_map
from ..patch.control_map import DEFAULTS, ControlRow, PlacedRow, from_json, merge, row_of, row_to_json
from ..patch.preset_file import write_text
from ..paths import user_folder
from ..text import decode_text

Layer = tuple[str, tuple[ControlRow, ...]]
COMMON, FOLDER = "controls.json", "controls"
OWN = "preset"  # origin of the rows that are the sound's own
_NAME_LIMIT = 64


def device_name(port: str) -> str:
    """What a device is called in a file's name: its port's, without what systems add at the end and what file names may not hold."""
    name = re.sub(r"\s*\d+:\d+$", "", port)
    return re.sub(r"[^\w+-]+", " ", name).strip()[:_NAME_LIMIT].strip() or "device"


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def device_of(port: str, names: Iterable[str]) -> str | None:
    """Which of the devices a port is: the longest name that is part of the port's; None: none of them."""
    fits = [name for name in names if _plain(name) and _plain(name) in _plain(port)]
    return max(fits, key=len) if fits else None


def file_of(device: str) -> Path:
    """The file of a device's rows; '': of those for every input."""
    return user_folder() / FOLDER / f"{device}.json" if device else user_folder() / COMMON


def known_devices() -> list[str]:
    """Names of the devices that have a file."""
    return sorted(file.stem for file in (user_folder() / FOLDER).glob("*.json"))


def read_layers() -> tuple[list[Layer], list[str]]:
    """(the user's lists of rows with their origins, the more special last; a sentence for each that cannot be used)."""
    layers, told = [], []
    for device in ("", *known_devices()):
        try:
            _, rows, wrong = _read(device)
        except UserError as error:
            told.append(f"{error}; its rows are left out")
            continue
        told += wrong
        if rows:
            layers.append((f"{FOLDER}/{device}.json" if device else COMMON, rows))
    return layers, told


def _read(device: str) -> tuple[dict, tuple[ControlRow, ...], tuple[str, ...]]:
    """As `from_json`; a file that is not there holds nothing. Raises UserError."""
    file = file_of(device)
    try:
        if file.stat().st_size > control_map.MAX_BYTES:
            raise UserError(f"{file}: too large for a control map")
        text = decode_text(file.read_bytes())
    except FileNotFoundError:
        return {"format": control_map.FORMAT, "rows": []}, (), ()
    except UnicodeDecodeError:
        raise UserError(f"{file}: not a control map, the text is not UTF-8") from None
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from None
    data, rows, wrong = from_json(text, str(file))
    return data, tuple(_on(row, device) for row in rows), wrong


def _on(row: ControlRow, device: str) -> ControlRow:
    return ControlRow(row.source, row.target, row.channel, row.low, row.high, row.curve, row.mode, device) if device else row


def keep_row(row: ControlRow, device: str) -> Path:
    """Write a row into a device's file ('': that for every input) in the place of those on its control; the rest stays as it stands.

    Raises UserError, and writes nothing, where the file is damaged, of a newer version or cannot be written.
    """
    data, _, _ = _read(device)
    kept = [item for item in data["rows"] if not _same_control(item, row)]
    if len(kept) >= MAX_ROWS:
        raise UserError(f"{file_of(device)}: holds {MAX_ROWS} rows already, no more are heard")
    return _write({**data, "rows": [*kept, _plain_row(row)]}, device)


def keep_rows(rows: Iterable[ControlRow], device: str) -> Path:
    """Write all rows of a device anew; what this version cannot read stays. Raises UserError, as `keep_row`."""
    data, _, _ = _read(device)
    strange = [item for item in data["rows"] if not _is_row(item)]
    return _write({**data, "rows": [*strange, *(_plain_row(row) for row in rows)]}, device)


def _plain_row(row: ControlRow) -> dict:
    return row_to_json(ControlRow(row.source, row.target, row.channel, row.low, row.high, row.curve, row.mode))


def _is_row(item: object) -> bool:
    try:
        row_of(item)
    except UserError:
        return False
    return True


def _write(data: dict, device: str) -> Path:
    file = file_of(device)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{file}: cannot be written ({error.strerror})") from None
    write_text(file, control_map.dumped(data))
    return file


def _same_control(item: object, row: ControlRow) -> bool:
    """Whether an item of a file is a row on the same control and channel; what cannot be read is none."""
    try:
        other = row_of(item)
    except UserError:
        return False
    return bool(other.controls & row.controls) and other.channel == row.channel


def placed_rows(layers: Iterable[Layer], own: tuple[ControlRow, ...] = (), name: str = OWN) -> list[PlacedRow]:
    """What is left of the defaults, the user's lists and a preset's own rows."""
    return merge([("default", DEFAULTS), *layers, (name, own)])


def layers_with(layers: Sequence[Layer], row: ControlRow) -> list[Layer]:
    """The user's lists with a row in the place of those on its control, among those of its device."""
    origin = f"{FOLDER}/{row.device}.json" if row.device else COMMON
    found = dict(layers)
    kept = tuple(r for r in found.get(origin, ()) if not (r.controls & row.controls and r.channel == row.channel))
    found[origin] = (*kept, row)
    return sorted(found.items(), key=lambda layer: (layer[0] != COMMON, layer[0]))


def layers_without(layers: Sequence[Layer], placed: PlacedRow) -> list[Layer]:
    """The user's lists without a row; as they were where it is none of theirs."""
    return [(origin, tuple(row for row in rows if not (origin == placed.origin and row == placed.row))) for origin, rows in layers]


def keep_changed(before: Sequence[Layer], after: Sequence[Layer]) -> None:
    """Write the files of those lists that are others now. Raises UserError, as `keep_row`."""
    old, new = dict(before), dict(after)
    for origin in {**old, **new}:
        if old.get(origin, ()) != new.get(origin, ()):
            keep_rows(new.get(origin, ()), "" if origin == COMMON else origin.removeprefix(f"{FOLDER}/").removesuffix(".json"))
