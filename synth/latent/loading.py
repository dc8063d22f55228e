"""Patch -> what plays it: finds and keeps sources, and falls back on a preset's own amplitudes when its model is gone."""

import os
from dataclasses import replace

import numpy as np

from ..engine.engine import Loaded
from ..errors import UserError
from ..params import CORNERS
from ..paths import find_model
from ..presets import Patch
from .plugin import load_instrument
from .sources import FallbackSource, ModelSource, Source
from .worker import Decoder

DEFAULT_MODEL = "akwf-16"


class Shelf:
    """Sources by model, loaded once. `model` or `source` given here replaces every patch's own."""

    def __init__(self, decoder: Decoder, model: str | None = None, source: Source | None = None):
        self._decoder, self._model, self._fixed = decoder, model, source
        self._models: dict[str, ModelSource] = {}
        self._fallbacks: dict[str, FallbackSource] = {}

    def adopt(self, patch: Patch) -> Patch:
        """The patch as it will be played: moved onto the model that replaces every patch's own, where there is one."""
        return self.moved(patch, self._model) if self._model is not None else patch

    def moved(self, patch: Patch, model: str) -> Patch:
        """The patch on a model: itself where it was made with that one, else played from the model's middle.

        Raises UserError if the model cannot be loaded.
        """
        source = self._load(model)
        model = os.path.abspath(find_model(model)) if os.sep in model else model  # a log may be read from elsewhere
        if patch.model and patch.model_sha256 == source.sha256 and patch.latent_size == source.latent_size:
            return replace(patch, model=model)
        corners = source.corners()
        return replace(
            patch, model=model, model_sha256=source.sha256, latent_size=source.latent_size, fallback_db=None,
            corners={c: tuple(round(float(x), 6) for x in corners[i]) for i, c in enumerate(CORNERS[:2])},  # as a log keeps them
            params={k: v for k, v in patch.params.items() if not k.startswith("latent.")})

    def choose(self, model: str) -> None:
        """A player picks a model: it takes the place of a model or wavetable that replaced every patch's own."""
        if self._model is not None or self._fixed is not None:
            self._model, self._fixed = model, None

    def _load(self, name: str) -> ModelSource:
        folder = str(find_model(name))
        if folder not in self._models:
            self._models[folder] = ModelSource(load_instrument(folder))
        return self._models[folder]

    def source_of(self, patch: Patch) -> tuple[Source, str]:
        """(source, sentence for the player or '') of a patch. Raises UserError when nothing can play it."""
        if self._fixed is not None:
            return self._fixed, ""
        try:
            source = self._load(patch.model or DEFAULT_MODEL)
        except UserError as error:
            if patch.fallback_db is None:
                raise UserError(f"{patch.name}: {error}") from None
            return self._fallback(patch.name, patch.fallback_db), (
                f"{patch.name}: {error}; playing the sound the preset keeps, without its latents")
        if patch.model_sha256 and patch.model_sha256 != source.sha256 and patch.fallback_db is not None:
            return self._fallback(patch.name, patch.fallback_db), (f"{patch.name}: model '{patch.model}' is not the one it was made with; "
                                           "playing the sound the preset keeps, without its latents")
        return source, ""

    def _fallback(self, name: str, levels_db: np.ndarray) -> FallbackSource:
        key = f"{name} {hash(levels_db.tobytes())}"
        return self._fallbacks.setdefault(key, FallbackSource(name, levels_db))

    def load(self, patch: Patch) -> tuple[Loaded, Source, str]:
        """What the engine takes for a patch, its source, and a sentence for the player ('' when all is as it should be)."""
        source, told = self.source_of(patch)
        own = isinstance(source, ModelSource) and patch.corners and patch.latent_size == source.latent_size
        corners = np.array([patch.corner(c) for c in CORNERS]) if own else source.corners()
        params = dict(patch.params) if isinstance(source, ModelSource) else {
            k: v for k, v in patch.params.items() if not k.startswith("latent.")}
        number = self._decoder.add(source)
        return Loaded(number, params, np.asarray(corners, np.float32), source.low, source.high), source, told
