"""The way from A to B as waveforms, for pictures: decoded in a thread of its own when it changes, never asked to be in time."""

import threading
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UserError
from ..timbres.source import Source
from ..timbres.static_render import Asked, asked_at

if TYPE_CHECKING:
    from .session import Session

POINTS, SIZE = 17, 256
_LOOK_S = 0.08


def waveforms(source: Source, asked: Asked, size: int = SIZE) -> np.ndarray:
    """Cycles at equal loudness of what is asked of a source: float32[n, size], harmonics under size / 2."""
    re, im = source.spectra(*asked)
    n = min(re.shape[1], size // 2)
    spectrum = np.zeros((len(re), size // 2 + 1), complex)
    spectrum[:, :n] = re[:, :n] + 1j * im[:, :n]
    return (np.fft.irfft(spectrum, size, axis=1) * (size / 2)).astype(np.float32)


class MorphPreview:
    """Follows the player's patch; `cycles` is the newest picture, float32[17, 256], or None. The same array until it changes."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self.cycles: np.ndarray | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="latentwave-path", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        seen: tuple[Source | None, bytes] = (None, b"")
        before: tuple = ()
        while not self._stop.wait(_LOOK_S):
            patch, source = self._session.patch, self._session.source
            way = self._session.morph_path(source)
            now = (patch, source, None if way is None else way.tobytes())
            if before and now[0] is before[0] and now[1] is before[1] and now[2] == before[2]:
                continue
            try:
                asked = asked_at(patch, source, np.linspace(0, 1, POINTS), way)
            except (UserError, ValueError):  # a preset in the middle of a change; the next look has it whole
                continue
            before = now
            key = b"".join(array.tobytes() for array in asked)
            if source is not seen[0] or key != seen[1]:
                seen = (source, key)
                self.cycles = waveforms(source, asked)
