"""The event log: JSON lines, a header and one event each with the frame at which it took effect.

`play --log-events` writes it, `render --events` plays it back; a take with no late decode sounds the same to the sample.
"""

import contextlib
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from .. import __version__
from ..errors import UserError
from ..events import Event, Kind, frame_of, from_json, to_json
from ..params.knobs import MAX_LATENTS, PARAMS
from ..patch import control_map, preset_file
from ..patch.control_map import ControlMap
from ..patch.mod_slots import check_references
from ..patch.patch import Patch
from ..text import as_whole, decode_text, split_lines
from .unfinished import Note, cut_torn_line

FORMAT = 1
PARAM_NAMES = tuple(PARAMS)
Played = Event | Patch | ControlMap
_SAVE_S = 0.5


def header(patch: Patch, sr_hz: int, blocksize: int, controls: ControlMap | None = None, **more) -> dict:
    """First line of a log: the patch and the control map it began with and how time ran."""
    if controls is not None:
        more["controls"] = control_map.map_to_data(controls)
    return {"type": "header", "format": FORMAT, "version": __version__, "samplerate": sr_hz, "blocksize": blocksize,
            "preset": preset_file.to_data(patch), **more}


class EventLog:
    """Writes a log line by line; every line is flushed, so a crash loses none, and a power cut a second at most."""

    def __init__(self, path: str | os.PathLike, first: dict):
        self._path = Path(path)
        try:
            self._file: TextIO = open(path, "w", encoding="utf-8")  # noqa: SIM115 - lives as long as the take
        except OSError as error:
            raise UserError(f"{path}: cannot be written ({error.strerror})") from None
        self._note, self._stop = Note(self._path, self._path), threading.Event()
        try:
            self._write([first])
        except UserError:
            self.abandon()
            raise
        self._saver = threading.Thread(target=self._save_on, name="latentwave-log", daemon=True)
        self._saver.start()

    def _save_on(self) -> None:
        """See what is written through to the disk, in a thread of its own: a slow disk holds nothing else up."""
        while not self._stop.wait(_SAVE_S):
            with contextlib.suppress(OSError, ValueError):
                os.fsync(self._file.fileno())

    def _write(self, rows: Sequence[dict]) -> None:
        try:
            self._file.write("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
            self._file.flush()
        except OSError as error:
            raise UserError(f"{self._path}: cannot be written ({error.strerror})") from None

    def add(self, taken: Sequence[tuple[int, Event]], patches: dict[int, Patch], maps: dict[int, ControlMap]) -> None:
        """Write what was applied; `patches` and `maps` give those of PATCH and CONTROLS events. Raises UserError on a full disk."""
        rows = []
        for frame, event in taken:
            if event.kind == Kind.PATCH:
                row = {"frame": frame, "type": "patch", "preset": preset_file.to_data(patches[event.number])}
            elif event.kind == Kind.CONTROLS:
                row = {"frame": frame, "type": "controls", **control_map.map_to_data(maps[event.number])}
            elif event.kind in (Kind.MOVED, Kind.ACTION) or (event.kind == Kind.PROGRAM and not event.value):
                continue  # what follows from rows of the log
            else:
                row = to_json(event, frame)
            rows.append(row)
        if rows:
            self._write(rows)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self.close()
        self._path.unlink(missing_ok=True)

    def cut(self) -> None:
        """Close what could not be written any further; its whole lines are kept."""
        self.close()
        with contextlib.suppress(OSError):
            cut_torn_line(self._path)

    def close(self) -> str:
        """Close the file; answers what was saved."""
        self._stop.set()
        with contextlib.suppress(OSError):
            self._file.close()
        self._note.remove()
        return f"saved {self._path}"


def _is_torn(line: str) -> bool:
    """Whether a line is the beginning of a JSON object without its end."""
    try:
        json.loads(line)
    except ValueError:
        return line.startswith("{") and not line.rstrip().endswith("}")
    return False


def read(path: str | os.PathLike) -> tuple[dict, list[tuple[int, Played]]]:
    """(header or {}, [(frame, Event, Patch or ControlMap)]) of a log. Raises UserError naming the line that is wrong."""
    path = Path(path)
    found: list[tuple[int, Played]] = []
    first: dict = {}
    try:
        text = decode_text(path.read_bytes())
        lines = split_lines(text)
        if lines and not text.endswith(("\n", "\r")) and _is_torn(lines[-1]):
            del lines[-1]  # the power went while it was written
    except UnicodeDecodeError:
        raise UserError(f"{path}: not an event log, the text is not UTF-8") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise UserError("not a JSON object")
            if row.get("type") == "header":
                first = _header(row)
            elif row.get("type") == "patch":
                found.append((frame_of(row), preset_file.from_data(row["preset"])))
            elif row.get("type") == "controls":
                found.append((frame_of(row), control_map.map_from_data(row)))
            else:
                found.append(from_json(row))
        except UserError as error:
            raise UserError(f"{path}, line {number}: {error}") from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise UserError(f"{path}, line {number}: not an event ({error})") from None
    if not found:
        raise UserError(f"{path}: holds no events")
    _check_references(path, first, found)
    return first, found


def _check_references(path: Path, first: dict, found: Sequence[tuple[int, Played]]) -> None:
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
