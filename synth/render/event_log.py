"""The event log: JSON lines, a header and one event each with the frame at which it took effect.

`play --log-events` writes it, `render --events` plays it back; a take with no late decode sounds the same to the sample.
"""

import contextlib
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from .. import __version__
from ..errors import UserError
from ..events import Event, Kind
from ..patch import control_map, preset_file
from ..patch.control_map import ControlMap
from ..patch.patch import Patch
from ..text import decode_text, split_lines
from .log_rows import FORMAT, Played, Row, check_latents, read_row, row_of, text_of, with_loaded
from .unfinished import Note, cut_torn_line

_SAVE_S = 0.5
_BACKLOG = 1_000_000  # rows that wait for the disk; a disk that takes none any more must not eat the memory
_JOIN_S = 60.0


def header(patch: Patch, sr_hz: int, blocksize: int, controls: ControlMap | None = None, **more) -> dict:
    """First line of a log: the patch and the control map it began with and how time ran."""
    if controls is not None:
        more["controls"] = control_map.map_to_data(controls)
    return {"type": "header", "format": FORMAT, "version": __version__, "samplerate": sr_hz, "blocksize": blocksize,
            "preset": preset_file.to_data(patch), **more}


class EventLog:
    """Writes a log line by line, in a thread of its own: a slow disk holds nothing up, and a crash loses what is a moment old.

    A power cut loses a second at most. tell: called with a sentence where it cannot be written any further; `close` raises it then.
    target: what is to become of a log that a crash leaves; None: it is whole as it stands.
    Raises UserError if it cannot be begun.
    """

    def __init__(self, path: str | os.PathLike, first: dict, tell: Callable[[str], None] = lambda sentence: None,
                 target: Path | None = None):
        self._path, self._tell, self.failed = Path(path), tell, ""
        try:
            self._file: TextIO = open(path, "w", encoding="utf-8")  # noqa: SIM115 - lives as long as the take
        except OSError as error:
            raise UserError(f"{path}: cannot be written ({error.strerror})") from None
        self._note = Note(self._path, target or self._path)
        self._queue: queue.SimpleQueue[list[Row] | None] = queue.SimpleQueue()
        self._waiting = 0
        try:
            self._write([first])
        except UserError:
            self._end()
            self._note.remove()
            self._path.unlink(missing_ok=True)
            raise
        self._thread = threading.Thread(target=self._write_on, name="latentwave-log", daemon=True)
        self._thread.start()

    def add(self, taken: Sequence[tuple[int, Event]], patches: dict[int, Patch], maps: dict[int, ControlMap]) -> None:
        """What was applied is to be written; `patches` and `maps` give those of PATCH and CONTROLS events. Never waits."""
        self.put(with_loaded(taken, patches, maps))

    def put(self, rows: list[Row]) -> None:
        """As `add`, of rows that hold what they bring."""
        if self.failed or not rows:
            return
        if self._waiting > _BACKLOG:
            self._fail(UserError(f"{self._path}: the disk is too slow for it"))
            return
        self._waiting += len(rows)
        self._queue.put(rows)

    def _write_on(self) -> None:
        """Write until None comes; what is written is seen through to the disk every half second."""
        dirty, save_at = False, time.monotonic()
        while True:
            try:
                rows = self._queue.get(timeout=_SAVE_S)
            except queue.Empty:
                rows = []
            if rows is None:
                return
            try:
                if rows and not self.failed:
                    self._write(list(filter(None, (row_of(*row) for row in rows))))
                    self._waiting, dirty = self._waiting - len(rows), True
            except UserError as error:
                self._fail(error)
            if dirty and time.monotonic() >= save_at:
                dirty, save_at = False, time.monotonic() + _SAVE_S
                with contextlib.suppress(OSError, ValueError):
                    os.fsync(self._file.fileno())

    def _write(self, rows: Sequence[dict]) -> None:
        try:
            self._file.write(text_of(rows))
            self._file.flush()
        except OSError as error:
            raise UserError(f"{self._path}: cannot be written ({error.strerror})") from None

    def _fail(self, error: UserError) -> None:
        """As on a full disk: whole lines are kept, the sound goes on, and the sentence is shown."""
        self.failed = str(error)
        self._end()
        with contextlib.suppress(OSError):
            cut_torn_line(self._path)
        self._tell(self.failed)

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._finish()
        self._note.remove()
        self._path.unlink(missing_ok=True)

    def _finish(self) -> None:
        self._queue.put(None)
        self._thread.join(timeout=_JOIN_S)
        self._end()

    def close(self) -> str:
        """Write the rest and close the file; answers what was saved. Raises UserError if something was lost."""
        self._finish()
        self._note.remove()
        if self.failed:
            raise UserError(self.failed)
        return f"saved {self._path}"


def _is_torn(line: str) -> bool:
    """Whether a line is the beginning of a JSON object without its end."""
    try:
        json.loads(line)
    except ValueError:
        return line.startswith("{") and not line.rstrip().endswith("}")
    return False


def read(path: str | os.PathLike, *, empty: bool = False) -> tuple[dict, list[tuple[int, Played]]]:
    """(header or {}, [(frame, Event, Patch or ControlMap)]) of a log. Raises UserError naming the line that is wrong.

    empty: one without events will do.
    """
    path = Path(path)
    try:
        text = decode_text(path.read_bytes())
    except UnicodeDecodeError:
        raise UserError(f"{path}: not an event log, the text is not UTF-8") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    first, found = {}, []
    for row in parse(text, path):
        if isinstance(row, dict):
            first = row
        elif not (isinstance(row[1], Event) and row[1].kind == Kind.MOVED):  # the history's: it follows from other rows
            found.append(row)
    if not found and not (empty and first):
        raise UserError(f"{path}: holds no events")
    check_latents(path, first, found)
    return first, found


def parse(text: str, path: Path) -> Iterator[dict | tuple[int, Played]]:
    """A log's rows in order: headers as objects, all others as (frame, what is played). A last line cut short is left out.

    Raises UserError naming the line that is wrong.
    """
    lines = split_lines(text)
    if lines and not text.endswith(("\n", "\r")) and _is_torn(lines[-1]):
        del lines[-1]  # the power went while it was written
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield read_row(json.loads(line))
        except UserError as error:
            raise UserError(f"{path}, line {number}: {error}") from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            raise UserError(f"{path}, line {number}: not an event ({error})") from None
