"""What can be seen of a playing instrument: latents as sliders need them, a snapshot of the sound, the load."""

import time
from dataclasses import dataclass, field

import numpy as np

from ..engine.engine import Engine
from ..engine.first_block import cycle_counter
from ..params.knobs import KNOBS, MOD_SOURCES
from ..timbres.morph_path import followed
from ..timbres.source import ModelSource, Source

_NAMES = tuple(p.name for p in KNOBS)  # the first of `PARAM_DTYPE`


@dataclass(frozen=True, slots=True)
class LatentInfo:
    """A latent as a slider needs it."""

    name: str
    low: float
    high: float
    mean: float
    std: float


def latents_of(source: Source) -> list[LatentInfo]:
    """The latents of a source; mean is that of its corners, std a quarter of its range."""
    mean = source.corners().mean(0)
    return [LatentInfo(name, float(low), float(high), float(m), float(high - low) / 4)
            for name, low, high, m in zip(source.latent_names, source.low, source.high, mean, strict=True)]


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
    midi_out: str = ""  # where what is played goes out; '': nowhere
    sync: str = ""  # what is followed of MTS-ESP and Link
    sources: dict[str, float] = field(default_factory=dict)  # of modulation, of the newest voice


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


def draw_cycle(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    """One cycle of harmonics (re, im) float32[> 256] as a picture shows it: float32[512]."""
    spectrum = np.zeros(257, complex)
    spectrum[:256] = re[:256] + 1j * im[:256]
    return (np.fft.irfft(spectrum) * 256).astype(np.float32)


class Viewer:
    """Reads snapshots of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._meter = engine, LoadMeter()

    def morph_path(self, source: Source, number: int) -> np.ndarray | None:
        """Corners float32[4, z] of a way that is known, so that looking never waits; None for one that is not."""
        corners = self._engine.morph_path_corners(number, source.latent_size)
        return corners if isinstance(source, ModelSource) and corners is not None and source.morph_paths.known(corners) else None

    def away(self, source: Source, weights: np.ndarray, follow: float) -> np.ndarray:
        """How far a morph float[4] that follows so far its way lies from the straight line: float[z]."""
        corners = self.morph_path(source, self._engine.morph_path)
        if corners is None or not isinstance(source, ModelSource):
            return np.zeros(source.latent_size)
        return source.morph_paths.displacement(weights[None], np.full(1, follow), corners)[0]

    def _latents(self, source: Source, raw: np.ndarray) -> np.ndarray:
        if isinstance(source, ModelSource) and raw["follow"].any():
            return followed(source.morph_paths, raw[None], lambda number: self.morph_path(source, number))[0]
        return raw["latent"][:source.latent_size].copy()

    def look(self, source: Source, *, blocksize: int, jack_xruns: int, audio: str, midi: str, last_midi: str,
             midi_out: str = "", sync: str = "") -> Snapshot:
        """What can be seen of the sound now; the rest is what the engine does not know: its source, what it plays through."""
        engine = self._engine
        raw, (re, im) = engine.snapshot(), engine.spectrum()
        knobs = raw["params"].reshape(1).view(np.float32)[:len(_NAMES)]
        load, peak = self._meter.read(int(raw["cycles_spent"]))
        return Snapshot(
            frame=int(raw["frame"]), sr_hz=engine.sr_hz, blocksize=blocksize, voices=int(raw["voices"]), load=load, load_peak=peak,
            xruns=int(raw["underflows"]) + jack_xruns, late_events=int(raw["late_events"]), late_decodes=int(raw["late_decodes"]),
            late_starts=int(raw["late_starts"]), decode_age_s=(int(raw["frame"]) - int(raw["decode_tick"])) / engine.sr_hz,
            peak_left=float(raw["peak"][0]), peak_right=float(raw["peak"][1]), held=raw["held"].astype(bool),
            position=float(raw["params"]["osc_position"]), latents=self._latents(source, raw),
            params=dict(zip(_NAMES, knobs.tolist(), strict=True)), scope=engine.scope(), amplitudes=np.hypot(re, im)[1:],
            cycle=draw_cycle(re, im), last_midi=last_midi, audio=audio, midi=midi, tempo_bpm=float(raw["tempo_bpm"]),
            beat=float(raw["beat"]), following=bool(raw["following"]), midi_out=midi_out, sync=sync,
            sources=dict(zip(MOD_SOURCES, raw["sources"].tolist(), strict=True)))
