"""What is played is kept: a log of every event in the user's folder, whether or not anybody asked for one (see `render/history`).

A thread of its own writes it as it happens, so that a crash loses a moment, a power cut a second. The folder is bounded: the oldest
goes when room is needed, never what plays now while it fits.
"""

import contextlib
import gzip
import os
import queue
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ..engine.constants import LOG_RING
from ..events import Kind, to_json
from ..patch import preset_file
from ..patch.control_map import ControlMap, map_to_data
from ..patch.patch import Patch
from ..render import history
from ..render.log_rows import Row, row_of, text_of
from ..render.phrases import Phrase, PhraseTracker
from ..render.played_state import PlayedState
from ..render.unfinished import lock

PIECE_BYTES = 1 << 20
_LOOK_S, _SAVE_S, _JOIN_S = 0.5, 1.0, 30.0
_BACKLOG = 1_000_000  # rows that wait for the disk; beyond that the history ends rather than eat the memory


class History:
    """Keeps what is played from now until `close`. What fails is told once: the sound goes on, and so does all else.

    first: the header of an event log, whose `patch` and `controls` it begins with. frame: the engine's, now.
    """

    def __init__(self, first: dict, patch: Patch, controls: ControlMap, frame: Callable[[], int], tell: Callable[[str], None], *,
                 most_bytes: int = history.MOST_BYTES, piece_bytes: int = PIECE_BYTES):
        self._first = {**first, "history": 1, "piece": 0, "frame": 0, "began_at": time.time()}
        self._frame, self._tell = frame, tell
        self._most_bytes, self._piece_bytes = most_bytes, piece_bytes
        self._sr_hz = first["samplerate"]
        self._state, self._tracker = PlayedState(patch, controls), PhraseTracker(self._sr_hz)
        self._queue: queue.SimpleQueue[list[Row] | None] = queue.SimpleQueue()
        self._waiting = self._piece = self._written = self._last_frame = 0
        self._failed = self._played = False
        self._file: IO[str] | None = None
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self._folder = history.folder() / f"{stamp}-{secrets.token_hex(3)}"
        self._lock: IO[bytes] | None = None
        self._try(self._begin)
        self._thread = threading.Thread(target=self._write_on, name="latentwave-history", daemon=True)
        self._thread.start()

    def _begin(self) -> None:
        self._folder.mkdir(parents=True)
        self._lock = open(self._folder / "lock", "ab")  # noqa: SIM115 - held until the end
        lock(self._lock)
        make_room(self._folder, self._most_bytes)
        self._open(self._first)

    def put(self, rows: list[Row]) -> None:
        """Rows of the journal that took effect, all of them, in order. Never waits."""
        if self._failed or not rows:
            return
        if self._waiting > _BACKLOG:
            self._fail("the disk is too slow")
            return
        self._waiting += len(rows)
        self._queue.put(rows)

    def close(self) -> str:
        """Write the rest; a session in which no note was played leaves nothing. Answers ''."""
        self._queue.put(None)
        self._thread.join(timeout=_JOIN_S)
        if self._thread.is_alive():
            self._fail("the disk is too slow")
            return ""
        self._try(self._end)
        if self._lock:
            self._lock.close()
            if not self._played:
                _remove_session(self._folder)
        return ""

    def _end(self) -> None:
        if phrase := self._tracker.close(self._last_frame):
            self._note_phrase(phrase)
        if self._file:
            os.fsync(self._file.fileno())
            self._file.close()

    # ---- the thread ------------------------------------------------------------------------------------------------
    def _write_on(self) -> None:
        """Write until None comes; what is written is seen through to the disk every second."""
        dirty, save_at = False, time.monotonic()
        while True:
            try:
                rows = self._queue.get(timeout=_LOOK_S)
            except queue.Empty:
                rows = []
            if rows is None:
                return
            self._try(lambda: self._keep(rows))  # noqa: B023 - called at once
            dirty = dirty or bool(rows)
            if dirty and time.monotonic() >= save_at:
                dirty, save_at = False, time.monotonic() + _SAVE_S
                self._try(self._save)

    def _save(self) -> None:
        if self._file:
            os.fsync(self._file.fileno())

    def _keep(self, rows: list[Row]) -> None:
        if rows:
            self._waiting -= len(rows)
            self._take(rows)
        elif phrase := self._tracker.pass_time(self._frame() - self._sr_hz):  # what the journal still holds may go on with it
            self._note_phrase(phrase)

    def _take(self, rows: list[Row]) -> None:
        if len(rows) >= LOG_RING:
            self._note({"lost": rows[0][0]})
        found, ended = [], []
        for frame, event, loaded in rows:
            told = to_json(event, frame) if event.kind == Kind.MOVED else row_of(frame, event, loaded)
            found += [told] if told else []
            self._state.take(event, loaded)
            ended.append(self._tracker.take(frame, event, self._state.name))
            self._played = self._played or event.kind == Kind.NOTE_ON
            self._last_frame = frame
        self._write(text_of(found))
        for phrase in filter(None, ended):
            self._note_phrase(phrase)
        if self._written > self._piece_bytes:
            self._turn_over()

    def _note_phrase(self, phrase: Phrase) -> None:
        at_s = time.time() - max(self._frame() - phrase.start, 0) / self._sr_hz
        self._note({"start": phrase.start, "end": phrase.end, "notes": phrase.notes, "preset": phrase.preset, "at": at_s})

    def _note(self, row: dict) -> None:
        with open(self._folder / "phrases.jsonl", "a", encoding="utf-8") as file:
            file.write(text_of([row]))
            file.flush()
            os.fsync(file.fileno())

    def _open(self, header: dict) -> None:
        self._file = open(self._path(), "w", encoding="utf-8")  # noqa: SIM115 - closed when it is full
        self._written = 0
        self._write(text_of([header]))
        self._written = 0  # a sound may be as large as a piece

    def _path(self) -> Path:
        return self._folder / f"events-{self._piece:04d}.jsonl"

    def _write(self, text: str) -> None:
        assert self._file
        self._file.write(text)
        self._file.flush()
        self._written += len(text)

    def _turn_over(self) -> None:
        """The piece is full: another is begun, this one is packed, and the oldest goes where there is no room."""
        assert self._file
        self._file.close()
        full = self._path()
        self._piece += 1
        more = {"controls": map_to_data(self._state.controls)} if self._state.controls else {}
        frame = self._last_frame
        self._open({**self._first, **more, "piece": self._piece, "frame": frame, "preset": preset_file.to_data(self._state.patch()),
                    "restate": [to_json(event, frame) for event in self._state.restate()]})
        pack(full)
        make_room(self._folder, self._most_bytes)

    # ---- what fails ------------------------------------------------------------------------------------------------
    def _try(self, work: Callable[[], object]) -> None:
        """A fault of the disk, or of ours, ends the history and nothing else."""
        if self._failed:
            return
        try:
            work()
        except Exception as error:
            self._fail(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}")

    def _fail(self, why: str) -> None:
        if not self._failed:
            self._failed = True
            self._tell(f"what is played is not kept in the history any more ({' '.join(why.split())[:200]}); the sound goes on")


def pack(piece: Path) -> None:
    """A piece becomes a `.gz`, whole or not at all."""
    part = piece.with_name(f"{piece.name}.part")
    part.write_bytes(gzip.compress(piece.read_bytes(), mtime=0))
    with open(part, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, piece.with_name(f"{piece.name}.gz"))
    piece.unlink(missing_ok=True)


def make_room(own: Path, most_bytes: int) -> None:
    """Remove the oldest pieces, of sessions that are over and then of our `own`, until all take no more than `most_bytes`."""
    total = sum(file.stat().st_size for file in history.folder().glob("*/*") if file.is_file())
    for session in [*(found for found in sorted(history.folder().glob("*/")) if found.name != own.name), own]:
        if total <= most_bytes:
            return
        with contextlib.suppress(OSError), open(session / "lock", "ab") as held:
            if session.name != own.name and not lock(held):  # another instrument plays there
                continue
            pieces = history.pieces_of(session)
            for piece in pieces[:-1] if session.name == own.name else pieces:
                if total <= most_bytes:
                    return
                total -= piece.stat().st_size
                piece.unlink(missing_ok=True)
            if session.name != own.name:
                _remove_session(session)


def _remove_session(session: Path) -> None:
    with contextlib.suppress(OSError):
        for file in session.iterdir():
            file.unlink(missing_ok=True)
        session.rmdir()
