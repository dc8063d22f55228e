"""Listen to the presets with numbers: peak, loudness, brightness, envelope and what the wheel does.

PYTHONPATH=. python tools/listen.py [PRESET ...]
"""

import sys

import numpy as np

from synth.events import control, note_off, note_on
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.paths import find_preset, list_presets
from synth.render.offline import render
from synth.samples.spectrum import erb_lsd, lsd
from synth.timbres import fallback
from synth.timbres.model import open_model
from tests.measures.loudness import loudest_db, momentary_db

SR_HZ = 48000
NOTES = {"bass": (36, 43, 48)}
DEFAULT_NOTES = (48, 60, 72)
HOLD_S, SECONDS = 2.0, 3.0


def note(patch: Patch, key: int, velocity: int = 100, wheel: float | None = None, hold_s: float = HOLD_S) -> np.ndarray:
    """One note, mono float32[n]."""
    events = [] if wheel is None else [(0, control(1, wheel))]
    events += [(9600, note_on(key, velocity / 127)), (9600 + round(hold_s * SR_HZ), note_off(key))]
    return render(patch, events, SECONDS + 0.2, sr_hz=SR_HZ)[9600:, 0]


def loudness_db(patch: Patch) -> float:
    """K-weighted loudness at velocity 100: the mean of three keys of the preset's own range, loudest 400 ms each."""
    return float(np.mean([loudest_db(note(patch, key)) for key in NOTES.get(patch.category, DEFAULT_NOTES)]))


def centroid_hz(x: np.ndarray) -> float:
    """Centre of gravity of the amplitude spectrum of the first 1.5 s."""
    s = np.abs(np.fft.rfft(x[:72000] * np.hanning(len(x[:72000]))))
    return float((s * np.fft.rfftfreq(len(x[:72000]), 1 / SR_HZ)).sum() / s.sum())


def path_steps(patch: Patch) -> tuple[float, float, float]:
    """(LSD A to B, longest of 32 steps over their mean, ERB-LSD A to B) of the morph, as the model draws it."""
    model = open_model(patch.model)
    cycles = model.decode(fallback.path_points(patch, model, 33))
    steps = erb_lsd(cycles[:-1], cycles[1:])
    return float(lsd(cycles[:1], cycles[-1:])[0]), float(steps.max() / steps.mean()), float(erb_lsd(cycles[:1], cycles[-1:])[0])


def main(names: list[str]) -> None:
    """Print a line a preset."""
    print(f"{'preset':15}{'cat':8}{'loud':>6}{'@B':>6} | peak C2 C4 C5 C4B | {'chord':>5} | "
          "centroid C4, vel 40, B | AB lsd erb jerk | env 0.1 0.5 1.9 2.3 2.9 s")
    for file in [find_preset(n) for n in names] or list_presets():
        p = preset_file.load(file)
        peaks = [20 * np.log10(np.abs(note(p, k)).max() + 1e-9) for k in (36, 60, 72)]
        c4, soft, b = note(p, 60), note(p, 60, 40), note(p, 60, wheel=127)
        peaks.append(20 * np.log10(np.abs(b).max() + 1e-9))
        events = [(0, note_on(k, 90 / 127)) for k in (48, 55, 60, 64, 67)]
        chord = 20 * np.log10(np.abs(render(p, events, 2.0)).max())
        ab, jerk, erb = path_steps(p)
        envelope = momentary_db(c4, window_s=0.05)
        at = [envelope[min(int(t / 0.0125), len(envelope) - 1)] for t in (0.1, 0.5, 1.9, 2.3, 2.9)]
        print(f"{p.name:15}{p.category:8}{loudness_db(p):6.1f}{loudest_db(b):6.1f} | "
              f"{' '.join(f'{v:5.1f}' for v in peaks)} | {chord:5.1f} | "
              f"{centroid_hz(c4):5.0f} {centroid_hz(soft):5.0f} {centroid_hz(b):5.0f} | {ab:5.1f} {erb:5.1f} {jerk:4.1f} | "
              + " ".join(f"{v:5.0f}" for v in at), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
