"""After a shipped model was trained anew: move the shipped presets onto it, so that they sound as they did.

    .venv/bin/python tools/refit_presets.py

A preset's own fallback holds its spectra; they are encoded with the new model and refined. Init is encoded from the
textbook's saw and square, so that it does not drift. Presets that already name the model's hash are left alone.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from synth import presets  # noqa: E402
from synth.latent.plugin import Instrument, load_instrument  # noqa: E402
from synth.latent.refine import refine  # noqa: E402
from synth.samples.spectrum import magnitudes, unit_rms  # noqa: E402

SIZE = 2048


def cycle_of(amplitudes: np.ndarray) -> np.ndarray:
    """Harmonic amplitudes [harmonics] -> a cycle float64[2048] at unit RMS; phases do not matter to the encoder."""
    spectrum = np.zeros(SIZE // 2 + 1, complex)
    spectrum[1 : len(amplitudes) + 1] = unit_rms(amplitudes) * -1j
    return np.fft.irfft(spectrum) * SIZE / 2


def wanted(patch: presets.Patch, harmonics: int) -> dict[str, np.ndarray]:
    """Amplitudes by corner that the preset stands for."""
    k = np.arange(1, harmonics + 1)
    if patch.name == "Init":
        return {"A": 1 / k, "B": (k % 2) / k}
    if patch.fallback_db is None or set(patch.corners) - {"A", "B"}:
        raise SystemExit(f"{patch.name}: cannot be refitted from a fallback along A to B; make it anew")
    ends = {"A": patch.fallback_db[0], "B": patch.fallback_db[-1]}
    return {corner: 10 ** (ends[corner].astype(float) / 20) for corner in patch.corners}


def refitted(patch: presets.Patch, instrument: Instrument) -> presets.Patch:
    """The preset on a new model: corners, hash and fallback."""
    corners = {}
    for corner, amplitudes in wanted(patch, instrument.harmonics).items():
        cycle = cycle_of(amplitudes)[None]
        corners[corner] = tuple(refine(instrument, cycle, instrument.encode(cycle))[0].tolist())
    moved = replace(patch, corners=corners, model=instrument.name, model_sha256=instrument.sha256,
                    latent_size=instrument.latent_size)
    position = np.linspace(0, 1, presets.FALLBACK_POINTS)[:, None]
    path = moved.corner("A") + position * (moved.corner("B") - moved.corner("A"))
    levels = magnitudes(instrument.decode(path), instrument.harmonics)
    return replace(moved, fallback_db=20 * np.log10(np.maximum(levels, 1e-6)).astype(np.float32))


def main() -> None:
    """Refit what needs it, and say so."""
    for file in sorted((ROOT / "presets").glob("*.json")):
        patch = presets.load(file)
        instrument = load_instrument(ROOT / "exported" / patch.model)
        if patch.model_sha256 != instrument.sha256:
            presets.save(refitted(patch, instrument), file)
            print(f"{file.name}: moved to {instrument.name} {instrument.sha256[:8]}")


if __name__ == "__main__":
    main()
