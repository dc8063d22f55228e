"""A finished model whose lean decoder draws again what the trained one drew at a few latents, those that some presets play."""

from collections.abc import Sequence

import numpy as np
import torch

from synth.errors import UserError
from synth.timbres.density import load_map
from synth.timbres.model import Model

from ..data.datasets import TrainingData
from ..data.features import cycles_of
from ..fit.distil import LATENTS, Played
from ..fit.held import PULL, Held, hold
from ..network.layers import Lean
from ..network.model import Autoencoder
from .latent_map import encoded
from .lean_model import opened, put_decoder, tell_distance
from .onnx_files import with_half_weights


def put_held(model: Model, before: Model, played: Sequence[np.ndarray], training_data: TrainingData, pull: float = PULL,
             seed: int = 0) -> Model:
    """The model, held to what `before` draws at latents float32[n, z] of each of `played`, in place of the one that stood there.

    Raises UserError where its decoder is not lean, did not take the place of `before`, or where it has no map.
    """
    (own, config, axes), (trained, _, _) = opened(model, 0), opened(before, 0)
    found = load_map(model.folder, model.latent_size)
    if not isinstance(own.decoder, Lean) or not model.reads(before.sha256) or found is None:
        raise UserError(f"{model.folder} is not a model with a map whose lean decoder took the place of the one in {before.folder}")
    latents = encoded(model, cycles_of(training_data.parts["train"]))
    lots = Played(latents, found.density, model.low, model.high)

    def of_the_model(rows: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(rows) @ axes.back + axes.mean

    with torch.no_grad():
        held = [Held(where, trained.decode(where)) for where in map(of_the_model, played)]
        lean = Autoencoder(config)
        lean.load_state_dict(own.state_dict())
        lean.decoder = hold(own.decoder, of_the_model(lots.draw(np.random.default_rng(seed), LATENTS)), held, pull)
    lean = with_half_weights(lean.eval())
    known, held_out = (encoded(before, cycles_of(training_data.parts[part])) for part in ("train", "val"))
    tell_distance(trained, lean, axes, held_out, known.std(0))
    return put_decoder(model, lean, config, axes, latents, training_data)
