"""Cost and quality of the engine on this machine: what `latentwave bench` prints."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from ..events import control, note_on, set_param
from ..latent.sources import Source, WavetableSource
from ..presets import Patch
from ..units import note_to_hz
from . import measures
from .offline import Offline, render
from .yardstick import ns_per_sample_voice

SR_HZ, BLOCK = 48000, 128
NOTES = (24, 36, 48, 60, 72, 84, 96, 108)
FULL_VOICE = Patch(name="full voice", params={
    "filter.type": 1.0, "filter.cutoff_hz": 2000.0, "filter.resonance": 0.4, "filter.env_semitones": 24.0, "filter.keytrack": 0.5,
    "env2.sustain": 0.5, "amp.sustain": 0.8})
Tell = Callable[[str], None]


def _saw() -> Source:
    spectrum = np.zeros(1025, complex)
    spectrum[1:1024] = -1j / np.arange(1, 1024)
    return WavetableSource("saw", np.fft.irfft(spectrum)[None])


def _sines() -> Source:
    """Harmonic 1 at position 0, harmonic 5 at 1."""
    n = 2 * np.pi * np.arange(2048) / 2048
    return WavetableSource("sines", np.array([np.sin(n), np.sin(5 * n)]))


def _seconds_per_block(player: Offline, blocks: int = 600, repeats: int = 3, each: Callable[[int], None] | None = None) -> float:
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        for i in range(blocks):
            if each:
                each(i)
            player.engine.process(BLOCK)
        best = min(best, time.process_time() - start)
    return best / blocks


def cost(patch: Patch, notes: Sequence[int], source: Source | None = None, moving: bool = False) -> float:
    """ns per sample and voice of held notes; `moving`: while the timbre is cross-faded between decodes all the time."""
    player = Offline(patch, [(10 + i, note_on(n)) for i, n in enumerate(notes)], source=source or _saw())
    player.read(9600)
    empty = Offline(patch, source=source or _saw())
    if not moving:
        return (_seconds_per_block(player) - _seconds_per_block(empty)) / BLOCK / len(notes) * 1e9

    def move(i: int) -> None:
        player.engine.post(control(1, 127 * (i % 16) / 16), "file", player.engine.frame + BLOCK)
        player.decoder.pump()

    return _seconds_per_block(player, each=move) / BLOCK / len(notes) * 1e9


def _steady(note: int, source: Source) -> np.ndarray:
    return render(Patch(), [(100, note_on(note))], 6, source=source)[4000:, 0]


def _quality(tell: Tell) -> dict:
    alias, droop = {}, {}
    for note in NOTES:
        tell(f"aliasing and droop, note {note}")
        alias[str(note)], droop[str(note)] = (round(v, 4) for v in measures.tone(_steady(note, _saw()), note_to_hz(note), SR_HZ))
    tell("distortion and a position sweep")
    sine = WavetableSource("sine", np.sin(2 * np.pi * np.arange(2048) / 2048)[None])
    thd = measures.thd_n_db(_steady(69, sine), note_to_hz(69), SR_HZ)
    return {"alias_db": alias, "droop_db": droop, "thd_n_db": round(thd, 2), "sweep_db": round(sweep_db(), 2)}


def sweep_db(note: int = 60, seconds: float = 0.4) -> float:
    """Spread of a position sweep from a sine 1 to a sine 5."""
    steps = int(seconds * SR_HZ / BLOCK)
    start = 4800
    events = [(10, note_on(note))] + [(start + i * BLOCK, set_param("osc.position", i / steps)) for i in range(steps + 1)]
    x = render(Patch(), events, 0.1 + seconds + 0.1, source=_sines())[start:start + int(seconds * SR_HZ), 0]
    return measures.spread_db(x, note_to_hz(note), SR_HZ)


def onset_error_frames() -> int:
    """Largest distance of a note's first sample from its event's frame, over a quantum of offsets."""
    worst = 0
    for frame in range(1000, 1032):
        x = Offline(Patch(params={"osc.phase_cycles": 0.25}), [(frame, note_on(60))], source=_saw()).read(1200)
        worst = max(worst, abs(int(np.flatnonzero(x[:, 0])[0]) - frame))
    return worst


def latent_rate_hz(model: str | None = None) -> float:
    """Decodes to spectra per second that one core makes of a model."""
    player = Offline(Patch(), model=model)
    point = np.zeros(player.source.latent_size, np.float32)
    start, n = time.process_time(), 300
    for i in range(n):
        point[0] = i / n
        player.source.spectrum(point)
    return n / (time.process_time() - start)


def run(tell: Tell) -> dict:
    """Every figure, by the names of the command line's contract."""
    tell("yardstick")
    before = ns_per_sample_voice()
    voices = {}
    for n in (1, 4, 16, 32, 64):
        tell(f"cost of {n} voices")
        voices[str(n)] = round(cost(FULL_VOICE, range(40, 40 + n)), 3)
    tell("cost while morphing")
    moving = cost(FULL_VOICE, range(40, 56), _sines(), moving=True)
    plain = cost(Patch(), range(40, 56))
    idle = _seconds_per_block(Offline(Patch(), source=_saw()))
    yardstick = (before + ns_per_sample_voice()) / 2
    tell("decodes")
    return {
        "samplerate": SR_HZ, "blocksize": BLOCK, "yardstick_ns": round(yardstick, 3), "yardstick_ratio": round(voices["16"] / yardstick, 3),
        "ns_per_sample_voice": voices, "oscillator_ns_per_sample_voice": round(plain, 3), "morphing_ns_per_sample_voice": round(moving, 3),
        "idle_us": round(idle * 1e6, 3), **_quality(tell), "onset_error_frames": onset_error_frames(),
        "latent_rate_hz": round(latent_rate_hz(), 1)}
