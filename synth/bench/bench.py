"""Cost and quality of the engine on this machine: what `latentwave bench` prints."""

import json
import time
from collections.abc import Callable

import numpy as np

from ..events import note_on, set_param
from ..patch.patch import Patch
from ..paths import clone_root
from ..render.offline import Offline, render
from ..timbres.source import Source, WavetableSource
from ..units import note_to_hz
from . import costs, measures
from .timing import BLOCK, ROUNDS, SR_HZ, Cost

SHORT_ROUNDS, SHORT_NOTES = 1, (60,)
NOTES = (24, 36, 48, 60, 72, 84, 96, 108)
KEYBOARD = range(24, 109)
COUNTS = (1, 4, 16, 32, 64)
Tell = Callable[[str], None]


def _sines() -> Source:
    """Harmonic 1 at position 0, harmonic 5 at 1."""
    n = 2 * np.pi * np.arange(2048) / 2048
    return WavetableSource("sines", np.array([np.sin(n), np.sin(5 * n)]))


def _steady(note: int, source: Source) -> np.ndarray:
    return render(Patch(), [(100, note_on(note))], 6, source=source)[4000:, 0]


def tones(notes, tell: Tell) -> tuple[dict[str, float], dict[str, float]]:
    """(alias_db, droop_db) of a saw by note."""
    alias, droop = {}, {}
    for note in notes:
        tell(f"aliasing and droop, note {note}")
        alias[str(note)], droop[str(note)] = (round(v, 4) for v in measures.tone(_steady(note, costs.saw()), note_to_hz(note), SR_HZ))
    return alias, droop


def _quality(tell: Tell, notes) -> dict:
    alias, droop = tones(notes, tell)
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
        x = Offline(Patch(params={"osc.phase_cycles": 0.25}), [(frame, note_on(60))], source=costs.saw()).read(1200)
        worst = max(worst, abs(int(np.flatnonzero(x[:, 0])[0]) - frame))
    return worst


def latent_rate_hz(model: str | None = None) -> float:
    """Decodes to spectra per second that one core makes of a model, one at a time."""
    player = Offline(Patch(), model=model)
    point = np.zeros(player.source.latent_size, np.float32)
    best, n = 0.0, 100
    for _ in range(5):
        start = time.process_time()
        for i in range(n):
            point[0] = i / n
            player.source.spectrum(point)
        best = max(best, n / (time.process_time() - start))
    return best


def _voices(tell: Tell, rounds: int) -> dict:
    found: dict[str, Cost] = {}
    for n in COUNTS:
        tell(f"cost of {n} voices")
        found[str(n)] = costs.full_voice(n, rounds=rounds)
    tell("cost of voices that stand still")
    still, plain = costs.full_voice(16, fading=False, rounds=rounds), costs.voices(Patch(), range(36, 52), rounds=rounds)
    tell("cost of voices with Python between the blocks")
    by_python = costs.full_voice(16, by_python=True, rounds=rounds)
    return {
        "yardstick_ns": round(found["16"].yard_ns, 3), "yardstick_ratio": round(found["16"].yards(16), 3),
        "ns_per_sample_voice": {n: round(c.ns(int(n)), 3) for n, c in found.items()},
        "yardsticks_per_voice": {n: round(c.yards(int(n)), 3) for n, c in found.items()},
        "percent_of_core_64_voices": round(found["64"].percent, 2),
        "by_python_yardsticks": round(by_python.yards(16), 3),
        "still_yardsticks": round(still.yards(16), 3), "oscillator_yardsticks": round(plain.yards(16), 3)}


def _unison(tell: Tell, rounds: int) -> dict:
    tell("unison of 16")
    one, sixteen = costs.unison(1, rounds), costs.unison(16, rounds)
    return {"single_yardsticks": round(one.yards(), 3), "unison_16_yardsticks": round(sixteen.yards(), 3),
            "unison_16_bar_yardsticks": round(2 * one.yards() + 16 * 1.2, 3)}


def _own(tell: Tell, rounds: int) -> dict:
    """By the kernel in the block, and by onnxruntime and the worker: in turn, so that one may be held against the other."""
    found = {}
    for name, notes in (("16", range(60, 76)), ("16_bass", range(24, 40)), ("64", range(36, 100))):
        for by_kernel in (True, False):
            tell(f"latents of their own, {name} voices" + ("" if by_kernel else ", by onnxruntime"))
            found[name if by_kernel else f"{name}_onnxruntime"] = costs.own_latents(notes, rounds, by_kernel)
    return found


def run(tell: Tell, short: bool = False) -> dict:
    """Every figure, by the names of the command line's contract and more. short: in seconds, and rough."""
    rounds, notes = (SHORT_ROUNDS, SHORT_NOTES) if short else (ROUNDS, NOTES)
    tell("yardstick")
    found = {"samplerate": SR_HZ, "blocksize": BLOCK, **_voices(tell, rounds), **_unison(tell, rounds),
             "idle_us": round(costs.idle(rounds).block_s * 1e6, 3)}
    tell("everything at once")
    everything = costs.everything(rounds=rounds)
    found |= {"everything_percent": round(everything.percent, 2), "everything_yardsticks": round(everything.yards(16), 3),
              "denormal_ratio": round(costs.denormal_ratio(rounds), 3), "own_latents": _own(tell, rounds)}
    found |= {**_quality(tell, notes), "onset_error_frames": onset_error_frames()}
    tell("decodes")
    return found | {"latent_rate_hz": round(latent_rate_hz(), 1)}


def committed() -> dict:
    """The figures last committed to docs/measurements.json; {} outside a clone."""
    root = clone_root()
    try:
        return json.loads((root / "docs" / "measurements.json").read_text("utf-8-sig")) if root else {}
    except (OSError, ValueError):
        return {}
