"""A MIDI file rendered beside what is played: in a process of its own, so that the sound here has the processor first."""

import tempfile
import threading
from pathlib import Path

from ..errors import UserError
from ..patch import preset_file
from ..patch.patch import Patch
from ..text import printable
from .child_process import ChildProcess

_MARK = "progress "  # begins a line of `render --progress`


class SongRender:
    """One render. part: how much of it is done, 0 to 1. output: appears whole, or not at all."""

    def __init__(self, song: Path, output: Path) -> None:
        self.song, self.output, self.part = song, output, 0.0
        self._child: ChildProcess | None = None
        self._cancelled = threading.Event()
        self._ended = threading.Event()

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return not self._ended.is_set()

    def run(self, patch: Patch) -> str:
        """Render with a patch as its preset would hold it; answers what was made. Raises UserError where it failed or was given up."""
        try:
            with tempfile.TemporaryDirectory(prefix="latentwave-") as folder:
                preset = Path(folder) / "sound.json"
                preset_file.save(patch, preset)
                files = [str(self.song.absolute()), "-o", str(self.output.absolute()), "--preset", str(preset)]
                try:
                    self._child = ChildProcess(["render", *files, "--progress"], self._take)
                except OSError as error:
                    raise UserError(f"no process can be begun to render ({error.strerror})") from None
                if self._cancelled.is_set():
                    self._child.stop()
                code = self._child.wait()
            if self._cancelled.is_set():
                raise UserError(f"{printable(self.output.name)} was given up; nothing of it stays")
            if code:
                raise UserError(self._child.last.removeprefix("latentwave: error: ") or "the render ended before it was done")
            return self._child.last
        finally:
            self._ended.set()

    def _take(self, line: str) -> None:
        if line.startswith(_MARK):
            self.part = float(line.removeprefix(_MARK))

    def cancel(self) -> None:
        """Give it up."""
        self._cancelled.set()
        if self._child:
            self._child.stop()
