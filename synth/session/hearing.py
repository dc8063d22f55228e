"""A note of a preset, to be heard over what is played: made offline in a thread of its own, played by the engine's audition voice."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..events import note_off, note_on
from ..patch import preset_file
from ..render.instrument_levels import patch_of_recordings
from ..render.offline import Offline
from .file_kinds import is_instrument

NOTE, VELOCITY = 60, 100 / 127
_HELD_S, _REST_S, _FADE_S = 1.1, 0.7, 0.25
_KEPT = 8  # notes: 0.7 MB each at 48 kHz
_PIECE = 2048


def note_of(file: Path, sr_hz: int, given_up: Callable[[], bool] = lambda: False) -> np.ndarray:
    """Middle C of a preset, or of the instrument in a folder, held for a second, its end faded out: float32[n, 2].

    Empty where it is given up. Raises UserError.
    """
    held, n = round(_HELD_S * sr_hz), round((_HELD_S + _REST_S) * sr_hz)
    patch = patch_of_recordings(file) if is_instrument(file) else preset_file.load(file)
    player = Offline(patch, [(0, note_on(NOTE, VELOCITY)), (held, note_off(NOTE))], sr_hz=sr_hz)
    sound = np.zeros((n, 2), np.float32)
    for at in range(0, n, _PIECE):
        if given_up():
            return sound[:0]
        sound[at:at + _PIECE] = player.read(min(_PIECE, n - at))
    fade = round(_FADE_S * sr_hz)
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return sound


class Hearing:
    """Lets presets be heard, the newest that was asked for. play: takes float32[n, 2]; an empty sound ends what is heard."""

    def __init__(self, sr_hz: int, play: Callable[[np.ndarray], object], tell: Callable[[str], None]) -> None:
        self._sr_hz, self._play, self._tell = sr_hz, play, tell
        self._known: OrderedDict[tuple[Path, int], np.ndarray] = OrderedDict()
        self._changed = threading.Condition()
        self._wanted: Path | None = None
        self._asked = 0
        self._thread: threading.Thread | None = None

    def ask(self, file: Path) -> None:
        """Let a note of a preset be heard as soon as it is made."""
        with self._changed:
            self._wanted, self._asked = file, self._asked + 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="latentwave-hearing", daemon=True)
                self._thread.start()
            self._changed.notify()

    def stop(self) -> None:
        """Nothing is to be heard any more."""
        with self._changed:
            self._wanted, self._asked = None, self._asked + 1
            if self._thread is not None:
                self._play(np.zeros((1, 2), np.float32))

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted is not None)
                file, number, self._wanted = self._wanted, self._asked, None
            assert file is not None
            try:
                sound = self._note(file, lambda number=number: self._asked != number)  # type: ignore[misc]
            except (UserError, OSError) as error:
                self._tell(str(error))
                continue
            with self._changed:
                if len(sound) and self._asked == number:
                    self._play(sound)

    def _note(self, file: Path, given_up: Callable[[], bool]) -> np.ndarray:
        key = (file, file.stat().st_mtime_ns)
        if key not in self._known:
            sound = note_of(file, self._sr_hz, given_up)
            if not len(sound):
                return sound
            self._known[key] = sound
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]
