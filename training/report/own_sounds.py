"""What a finished training brings to the player: presets of its own sounds, and what it was worth beside the shipped model."""

import numpy as np

from synth.errors import UserError
from synth.text import counted
from synth.timbres.model import Model, open_model
from synth.timbres.source_cache import DEFAULT_MODEL

from ..data.datasets import TrainingData
from ..data.features import cycles_of
from ..export.own_presets import write_presets
from .evaluate import distances, rebuild
from .nearness import nearer_words


def describe_worth(model: Model, held_out: np.ndarray) -> str:
    """One sentence: held-out distance of this model beside the shipped one's, on the same cycles float32[n, 2048]."""
    own = distances(held_out, rebuild(model, held_out))
    said = f"{counted(len(held_out), 'held-out cycle')}: {own['lsd_db']:.2f} dB LSD, {own['erb_lsd_db']:.2f} dB ERB-LSD by {model.name}"
    try:
        shipped = open_model(DEFAULT_MODEL)
    except UserError:  # taken away by its owner
        return said
    if shipped.sha256 == model.sha256:
        return said
    theirs = distances(held_out, rebuild(shipped, held_out))
    verdict = nearer_words(own["lsd_db"], theirs["lsd_db"])
    return f"{said}; {theirs['lsd_db']:.2f} and {theirs['erb_lsd_db']:.2f} dB by the shipped {shipped.name}: {verdict}"


def bring_presets(model: Model, data: TrainingData) -> None:
    """Write the model's presets and say what training was worth; nothing where all it learnt was synthetic."""
    if not data.names:
        return
    files = write_presets(model, cycles_of(data.parts["train"]), data.names)
    print(describe_worth(model, cycles_of(data.parts["test"])))
    print(f"{counted(len(files), 'preset')} of its own sounds, '{files[0].stem}' first: latentwave play --model {model.name}", flush=True)
