"""Patch -> what plays it: finds and keeps sources, and falls back on a preset's own amplitudes when its model is gone."""

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

    def model(self, name: str) -> ModelSource:
        """A model's source, loaded if need be. Raises UserError."""
        return self._load(name)

    def _load(self, name: str) -> ModelSource:
        folder = str(find_model(name))
        if folder not in self._models:
            self._models[folder] = ModelSource(load_instrument(folder))
        return self._models[folder]

    def source_of(self, patch: Patch) -> tuple[Source, str]:
        """(source, sentence for the player or '') of a patch. Raises UserError when nothing can play it."""
        if self._fixed is not None:
            return self._fixed, ""
        if self._model is not None:
            return self._load(self._model), ""
        try:
            source = self._load(patch.model or DEFAULT_MODEL)
        except UserError as error:
            if patch.fallback_db is None:
                raise
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
        own = isinstance(source, ModelSource) and patch.corners and patch.latent_size == source.latent_size and (
            not patch.model or patch.model == source.name)
        corners = np.array([patch.corner(c) for c in CORNERS]) if own else source.corners()
        params = dict(patch.params) if isinstance(source, ModelSource) else {
            k: v for k, v in patch.params.items() if not k.startswith("latent.")}
        number = self._decoder.add(source)
        return Loaded(number, params, np.asarray(corners, np.float32), source.low, source.high), source, told
