"""The way from A to B as waveforms, for pictures: decoded in a thread of its own when it changes, never asked to be in time."""

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UserError
from ..latent import bank
from ..latent.sources import ModelSource, Source
from ..params import CORNERS
from ..presets import Patch

if TYPE_CHECKING:
    from .player import Player

POINTS, SIZE = 17, 256
_LOOK_S = 0.08


def path_latents(patch: Patch, source: Source, points: int = POINTS) -> np.ndarray:
    """Latents along `osc.position` at the patch's own `osc.position_y` and offsets: float32[points, z], within the ranges."""
    own = patch.corners and patch.latent_size == source.latent_size
    a, b, c, d = np.array([patch.corner(n) for n in CORNERS]) if own else np.asarray(source.corners(), float)
    y = patch.params.get("osc.position_y", 0.0)
    offset = np.array([patch.params.get(f"latent.{i + 1}", 0.0) for i in range(source.latent_size)])
    x = np.linspace(0, 1, points)[:, None]
    path = (1 - y) * ((1 - x) * a + x * b) + y * ((1 - x) * c + x * d) + offset
    return np.clip(path, source.low, source.high).astype(np.float32)


def waveforms(source: Source, latents: np.ndarray, size: int = SIZE, rest_s: float = 0.0) -> np.ndarray:
    """Cycles at equal loudness of latents [n, z]: float32[n, size], harmonics under size / 2. Sleeps `rest_s` after each."""
    cycles = np.zeros((len(latents), size), np.float32)
    decoded = source.instrument.decode(latents) if isinstance(source, ModelSource) else None
    for i, point in enumerate(latents):
        if decoded is not None:  # the source's own buffer belongs to the decode worker
            re, im = bank.spectrum_of_cycle(decoded[i], source.instrument.harmonics)  # type: ignore[attr-defined]
        else:
            re, im = source.spectrum(point)
        spectrum = np.zeros(size // 2 + 1, complex)
        n = min(len(re), size // 2)
        spectrum[:n] = re[:n] + 1j * im[:n]
        cycles[i] = np.fft.irfft(spectrum) * (size / 2)
        if rest_s:
            time.sleep(rest_s)
    return cycles


class PathView:
    """Follows the player's patch; `cycles` is the newest picture, float32[17, 256], or None. The same array until it changes."""

    def __init__(self, player: "Player") -> None:
        self._player = player
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
        while not self._stop.wait(_LOOK_S):
            patch = self._player.patch
            try:
                source, _ = self._player.shelf.source_of(patch)
                latents = path_latents(patch, source)
            except (UserError, ValueError):  # a preset in the middle of a change; the next look has it whole
                continue
            if source is not seen[0] or latents.tobytes() != seen[1]:
                seen = (source, latents.tobytes())
                self.cycles = waveforms(source, latents, rest_s=0.001)
