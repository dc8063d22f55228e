"""What is heard, to a file: a float32 WAV that opens whenever the program ends, with all but the last second at most.

One thread takes the output from the engine's ring and does nothing else; another writes it, waits for the disk and keeps the
header true. So neither a slow disk nor a preset that loads loses a sample.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..engine.engine import Engine
from ..errors import UserError
from ..render.unfinished import Note, length_of
from ..render.wav_writer import WavWriter

_PULL_S, _SAVE_S = 0.05, 0.5  # the ring holds two seconds and more
_BACKLOG_S = 60.0  # of sound that waits for the disk; what comes then is lost, as silence
_JOIN_S = 60.0


class Recorder:
    """Records from now until `close`. `lost` counts frames that were overwritten before they were taken; they are silence.

    tell: called with a sentence when the file cannot be written any further. Raises UserError if it cannot be begun.
    """

    def __init__(self, path: str | os.PathLike, engine: Engine, tell: Callable[[str], None] = lambda sentence: None):
        self._engine, self._tell, self._path = engine, tell, Path(path)
        self._writer = WavWriter(path, engine.sr_hz, take=True)
        self._note = Note(self._writer.part, self._path)
        self._at, self._written, self.lost, self.failed = engine.recorded, 0, 0, ""
        self._queue: queue.SimpleQueue[np.ndarray | None] = queue.SimpleQueue()
        self._taken = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=run, name=f"latentwave-{name}", daemon=True)
                         for run, name in ((self._pull_on, "recorder"), (self._write_on, "recording"))]
        for thread in self._threads:
            thread.start()

    def _pull_on(self) -> None:
        while not self._stop.wait(_PULL_S):
            self._pull()

    def _pull(self) -> None:
        """Take what has sounded since the last call; what was overwritten meanwhile is silence."""
        if self._taken - self._written > _BACKLOG_S * self._engine.sr_hz:
            return
        samples, self._at, lost = self._engine.recording(self._at)
        if lost:
            self.lost += lost
            self._queue.put(np.zeros((lost, 2), np.float32))
        if len(samples):
            self._queue.put(samples)
        self._taken += lost + len(samples)

    def _write_on(self) -> None:
        """Write until None comes; the header is true again every half second."""
        save_at = time.monotonic()
        try:
            while (samples := self._queue.get()) is not None:
                self._writer.write(samples)
                self._written += len(samples)
                if time.monotonic() >= save_at:
                    self._writer.save()
                    save_at = time.monotonic() + _SAVE_S
        except UserError as error:
            self._fail(error)

    def _fail(self, error: UserError) -> None:
        """As on a full disk: what was written so far is a whole file; the sound goes on, and the sentence is shown."""
        self._stop.set()
        kept = f"; the first {length_of(self._written / self._engine.sr_hz)} are kept" if self._keep() else ""
        self.failed = f"{error}{kept}"
        self._tell(self.failed)

    def _keep(self) -> bool:
        try:
            self._writer.close()
        except UserError:
            return False
        self._note.remove()
        return True

    def _end(self) -> None:
        self._stop.set()
        self._threads[0].join(timeout=_JOIN_S)
        self._pull()
        self._queue.put(None)
        self._threads[1].join(timeout=_JOIN_S)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._end()
        self._writer.abandon()
        self._note.remove()

    def close(self) -> str:
        """Write the rest and finish the file; answers what was saved. Raises UserError if something was lost."""
        if not self.failed:
            self._end()
        if self.failed:
            raise UserError(self.failed)
        self._writer.close()
        self._note.remove()
        sr_hz = self._engine.sr_hz
        gaps = f", of which {length_of(self.lost / sr_hz)} are silent: the machine was too busy to keep them" if self.lost else ""
        return f"saved {self._writer.path} ({length_of(self._written / sr_hz)}{gaps})"
