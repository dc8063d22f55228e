"""What is heard, to a file: pulls the output from the engine's ring and writes a float32 WAV."""

import os

import numpy as np

from ..engine.engine import Engine
from ..render.wav_writer import WavWriter


class Recorder:
    """Records from now until `close`; `pull` must be called at least every two seconds."""

    def __init__(self, path: str | os.PathLike, engine: Engine):
        self._engine, self._writer, self._at = engine, WavWriter(path, engine.sr_hz), engine.recorded
        self.lost = 0

    def pull(self) -> None:
        """Write what has sounded since the last call; what was overwritten meanwhile is written as silence and counted."""
        samples, self._at, lost = self._engine.recording(self._at)
        if lost:
            self.lost += lost
            self._writer.write(np.zeros((lost, 2), np.float32))
        if len(samples):
            self._writer.write(samples)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._writer.abandon()

    def close(self) -> None:
        """Write the rest and finish the file."""
        self.pull()
        self._writer.close()
