"""A sound -> the latents that sound most like it, and a preset that plays through them."""

import numpy as np

from ..errors import UserError
from ..patch.patch import Patch
from ..samples.spectrum import erb_lsd, lsd
from . import fallback
from .density import load_map
from .gauss_newton import refine
from .model import Model
from .residual_source import residual_of
from .sample_input import Sound

BADLY_DB = 5.5  # LSD: 56 of 64 held notes of a General MIDI soundfont come closer on the shipped model (median 2.5 dB)
BRIGHTER = 1.0  # standard deviations, for the wheel of a sound that stands still


def encode_sound(model: Model, sound: Sound, refined: bool = True) -> dict:
    """`latent` (list of z floats, inside the model's ranges), `lsd_db`, `erb_lsd_db`, `source_hz` of a sound.

    `latent` is the sound's beginning. `corner_b` is where the mod wheel takes it: a recording's later part or a wavetable's last
    frame, with `lsd_b_db`; for a sound that stands still the same, brighter, where the model knows that name. `corner_b_is` says which.
    `message` says what was guessed of the file, that it has no pitch, or that the model draws it badly; '' else.
    """
    latents = model.encode(sound.cycles)
    if refined:
        latents = refine(model, sound.cycles, latents)
    latents = np.clip(latents, model.low, model.high)
    drawn = model.decode(latents)
    distances = lsd(sound.cycles, drawn).tolist()
    other, other_is = (latents[1], sound.second) if len(latents) > 1 else brighter(model, latents[0])
    return {
        "model": model.name,
        "latent": _rounded(latents[0]),
        "lsd_db": round(distances[0], 4),
        "erb_lsd_db": round(float(erb_lsd(sound.cycles, drawn)[0]), 4),
        "source_hz": sound.source_hz,
        "corner_b": _rounded(other),
        "corner_b_is": other_is,
        "lsd_b_db": round(distances[1], 4) if len(distances) > 1 else None,
        "message": "; ".join(filter(None, (sound.told, _badly_drawn(distances[0])))),
    }


def _badly_drawn(lsd_db: float) -> str:
    if lsd_db < BADLY_DB:
        return ""
    return (f"the model draws it only to within {lsd_db:.1f} dB, where most notes come within {BADLY_DB:g}: it will sound different; "
            "a model trained on such sounds comes closer")


def brighter(model: Model, latent: np.ndarray) -> tuple[np.ndarray, str]:
    """(the latent made brighter, 'brighter'), or (the latent itself, 'same') where the model has no such name."""
    try:
        found = load_map(model.folder, model.latent_size)
    except UserError:
        found = None
    if found is None or found.directions is None or "brightness" not in found.directions.names:
        return latent, "same"
    moved = found.directions.move(latent[None], found.directions.amounts(brightness=BRIGHTER)[None])[0]
    return np.clip(moved, model.low, model.high), "brighter"


def _rounded(latent: np.ndarray) -> list[float]:
    return [round(float(value), 6) for value in latent]


def preset_of(model: Model, encoded: dict, sound: Sound, source: str, name: str, keep_shape: bool = False) -> Patch:
    """A preset that stands on the sound's beginning, its wheel leading to corner B, with what it needs without its model.

    With `keep_shape` the corners that are the sound's own keep their waveforms' shapes.
    """
    told = {"later part": "the wheel plays through it", "last frame": "the wheel plays through its frames",
            "brighter": "the wheel makes it brighter", "same": ""}[encoded["corner_b_is"]]
    corners = {"A": tuple(encoded["latent"])} | ({"B": tuple(encoded["corner_b"])} if told else {})
    own = dict(zip("AB", sound.cycles, strict=False)) if keep_shape else {}
    patch = Patch(name=name, category="imported", comment=f"encoded from {source}" + (f"; {told}" if told else ""), corners=corners,
                  shapes={corner: residual_of(model, cycle, corners[corner]) for corner, cycle in own.items()})
    return fallback.keep(patch, model)
