"""What can be seen of a playing instrument: latents as sliders need them, a snapshot of the sound, the load."""

import time
from dataclasses import dataclass

import numpy as np

from ..engine.engine import cycle_counter


@dataclass(frozen=True, slots=True)
class LatentInfo:
    """A latent as a slider needs it."""

    name: str
    low: float
    high: float
    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What can be seen of the sound at a moment; every array is the reader's own."""

    frame: int
    sr_hz: int
    blocksize: int
    voices: int
    load: float
    load_peak: float
    xruns: int
    late_events: int
    late_decodes: int  # of which the timbre lagged
    late_starts: int  # notes that began before their own timbre had come
    decode_age_s: float
    peak_left: float
    peak_right: float
    held: np.ndarray
    position: float
    latents: np.ndarray
    params: dict[str, float]
    scope: np.ndarray
    amplitudes: np.ndarray
    cycle: np.ndarray
    last_midi: str
    audio: str
    midi: str
    tempo_bpm: float = 120.0
    beat: float = 0.0  # song position in quarter notes
    following: bool = False  # a MIDI clock


class LoadMeter:
    """Load of the audio thread, 0..1 of real time, by the processor's own counter (0 where there is none)."""

    def __init__(self) -> None:
        cycle_counter()  # compiled before it is timed
        self._began, self._ticks = time.perf_counter(), cycle_counter()
        self._spent, self._since, self._load, self._peak = 0, self._began, 0.0, 0.0

    def read(self, cycles_spent: int) -> tuple[float, float]:
        """(mean since the last reading at least a fifth of a second ago, decaying peak) for a snapshot's count."""
        now = time.perf_counter()
        if now - self._since > 0.2:
            rate = max(cycle_counter() - self._ticks, 1) / (now - self._began)
            self._load = (cycles_spent - self._spent) / rate / (now - self._since)
            self._peak = max(self._peak * 0.9, self._load)
            self._spent, self._since = cycles_spent, now
        return self._load, self._peak


def cycle_of(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    """One cycle of harmonics (re, im) float32[> 256] as a picture shows it: float32[512]."""
    spectrum = np.zeros(257, complex)
    spectrum[:256] = re[:256] + 1j * im[:256]
    return (np.fft.irfft(spectrum) * 256).astype(np.float32)
