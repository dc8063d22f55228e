"""Rows of an event log: what was applied as one JSON object each, and back."""

import json
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from ..events import Event, Kind, frame_of, from_json, to_json
from ..params.knobs import MAX_LATENTS, PARAMS
from ..patch import control_map, preset_file
from ..patch.chain_change import ChainChange, change_from_data, change_to_data
from ..patch.control_map import ControlMap
from ..patch.mod_slots import check_references
from ..patch.patch import Patch
from ..text import as_whole

FORMAT = 1
PARAM_NAMES = tuple(PARAMS)
Loaded = Patch | ControlMap | ChainChange
Played = Event | Loaded
Row = tuple[int, Event, Loaded | None]  # frame, event, and what a PATCH or CONTROLS event brings; a part of a PATCH: its chain


def with_loaded(taken: Sequence[tuple[int, Event]], patches: dict[int, Patch], maps: dict[int, ControlMap]) -> list[Row]:
    """What was applied, each PATCH and CONTROLS event with what `patches` and `maps` say that it brings."""
    return [(frame, event, patches[event.number] if event.kind == Kind.PATCH else
             maps[event.number] if event.kind == Kind.CONTROLS else None) for frame, event in taken]


def row_of(frame: int, event: Event, loaded: Loaded | None = None) -> dict | None:
    """The log's row of what was applied; None where it follows from other rows."""
    if isinstance(loaded, Patch):
        return {"frame": frame, "type": "patch", "preset": preset_file.to_data(loaded)}
    if isinstance(loaded, ControlMap):
        return {"frame": frame, "type": "controls", **control_map.map_to_data(loaded)}
    if isinstance(loaded, ChainChange):
        return {"frame": frame, "type": "effects", **change_to_data(loaded)}
    if event.kind in (Kind.MOVED, Kind.ACTION, Kind.PLUGIN_AT, Kind.PLUGIN_STEPS) or (event.kind == Kind.PROGRAM and not event.value):
        return None
    return to_json(event, frame)


def text_of(rows: Sequence[dict]) -> str:
    """Rows as the log's lines."""
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)


def read_row(row: object) -> dict | tuple[int, Played]:
    """A header, checked, or (frame, what is played) of one of the log's objects. Raises UserError, ValueError and the like."""
    if not isinstance(row, dict):
        raise UserError("not a JSON object")
    if row.get("type") == "header":
        return _header(row)
    if row.get("type") == "patch":
        return frame_of(row), preset_file.from_data(row["preset"])
    if row.get("type") == "controls":
        return frame_of(row), control_map.map_from_data(row)
    if row.get("type") == "effects":
        return frame_of(row), change_from_data(row)
    return from_json(row)


def check_latents(path: Path, first: dict, found: Sequence[tuple[int, Played]]) -> None:
    """Raises UserError where a row turns a latent that none of the log's presets has; a log that does not tell their sizes may."""
    try:
        sizes = [int(first["preset"]["model"]["latent_size"]), *(row.latent_size for _, row in found if isinstance(row, Patch))]
    except (KeyError, TypeError, ValueError):  # told where the preset itself is read, if it is
        return
    if min(sizes) < 1:
        return
    for frame, row in found:
        if isinstance(row, Event) and row.kind in (Kind.PARAM, Kind.CORNER):
            knob = PARAM_NAMES[row.number] if row.kind == Kind.PARAM else f"latent.{row.number % MAX_LATENTS + 1}"
            try:
                check_references({knob: row.value}, max(sizes), model="every preset of the log")
            except UserError as error:
                raise UserError(f"{path}, frame {frame}: {error}") from None


_WHOLE = {"samplerate": "sample rate", "frame_size": "frame size"}


def _header(row: dict) -> dict:
    """A header, checked; what is null is left out. Raises UserError."""
    row = {key: value for key, value in row.items() if value is not None}
    number = as_whole(row.get("format", 0))
    if isinstance(number, bool) or not isinstance(number, int):
        raise UserError(f"not an event log (format {str(number)[:40]})")
    if number > FORMAT:
        raise UserError("made by a newer version; update latentwave")
    for key, what in _WHOLE.items():
        value = as_whole(row.get(key, 0))
        if isinstance(value, bool) or not isinstance(value, int):
            raise UserError(f"the {what} is no whole number: {str(value)[:40]}")
        if key in row:
            row[key] = value
    if "controls" in row:
        row["controls"] = control_map.map_from_data(row["controls"])
    return row
