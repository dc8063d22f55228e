"""Sources that are one preset's own, those used last kept: waveform shapes, latent path, wavetable, kept levels, the parts of a morph."""

import hashlib
from collections.abc import Callable

import numpy as np

from ..errors import UserError
from ..patch.latent_path import TableRef
from ..patch.morph import Morph
from ..patch.patch import Patch
from ..paths import find_wavetable
from ..samples.wavetable import read_wavetable
from ..text import printable
from .bounded_cache import BoundedCache
from .latent_path_source import LatentPathSource
from .morph_loading import source_of_morph
from .morph_source import MorphSource
from .residual_source import ResidualSource
from .source import FallbackSource, ModelSource, Source, WavetableSource
from .static_render import corners_of

MOST_SHAPES, MOST_FALLBACKS, MOST_TABLES, MOST_MORPHS = 32, 32, 16, 8


class PresetSources:
    """One source a preset, as long as what it is made of stays. Used from one thread at a time."""

    def __init__(self) -> None:
        self._shapes: BoundedCache[tuple, ResidualSource] = BoundedCache(MOST_SHAPES)
        self._morphs: BoundedCache[tuple, MorphSource] = BoundedCache(MOST_MORPHS)
        self._paths: BoundedCache[tuple, LatentPathSource] = BoundedCache(MOST_SHAPES)
        self._tables: BoundedCache[tuple[str, TableRef], WavetableSource] = BoundedCache(MOST_TABLES)
        self._fallbacks: BoundedCache[tuple[str, bytes], FallbackSource] = BoundedCache(MOST_FALLBACKS)

    def shaped(self, model: ModelSource, patch: Patch) -> ModelSource:
        """The model with the patch's own waveform shapes: another one where its corners or its following change."""
        if patch.latent_size != model.latent_size:
            return model
        corners = corners_of(patch, model)
        follow = round(4 * patch.params.get("osc.follow", 0.0)) / 4
        key = (str(model.model.folder), model.sha256, corners.tobytes(), tuple(sorted(patch.shapes.items())), follow)
        return self._shapes.get(key) or self._shapes.put(key, ResidualSource(model, corners, patch.shapes, follow))

    def morph(self, patch: Patch, morph: Morph[Patch], source_of: Callable[[Patch], tuple[Source, str]]) -> tuple[MorphSource, str]:
        """(source, sentence for the player or '') of a morph: another one where its parts or what plays them change."""
        source, told = source_of_morph(patch, morph, source_of)
        key = (morph.axis, morph.breakpoints, *((id(part.source), id(part.patch)) for part in source.parts))
        found = self._morphs.get(key) or self._morphs.put(key, source)
        found.morph = morph  # its pace is measured while it sounds, and is no reason to begin anew
        return found, told

    def along_path(self, model: ModelSource, patch: Patch) -> LatentPathSource:
        """The model along the patch's own path through its latents."""
        key = (str(model.model.folder), model.sha256, patch.latent_path)
        return self._paths.get(key) or self._paths.put(key, LatentPathSource(model, patch.latent_path))

    def table(self, patch: Patch, table: TableRef) -> tuple[Source, str]:
        """(source, sentence for the player or '') of the wavetable that a preset names; without it, or with another file of its name,
        of the sound that the preset keeps. Raises UserError where it keeps none.
        """
        try:
            file = find_wavetable(table.name, anywhere=False)
            known = self._tables.get((str(file), table))
            if known is not None:
                return known, ""
            if table.sha256 and hashlib.sha256(file.read_bytes()).hexdigest() != table.sha256:
                raise UserError(f"the wavetable '{table.name}' is not the one it was made with")
            found = WavetableSource(printable(file.stem), read_wavetable(file, table.frame_size or None).frames)
            return self._tables.put((str(file), table), found), ""
        except (UserError, OSError) as error:
            if patch.fallback_db is None:
                raise UserError(f"{patch.name}: {error}") from None
            return self.fallback(patch.name, patch.fallback_db), f"{patch.name}: {error}; playing the sound the preset keeps"

    def fallback(self, name: str, levels_db: np.ndarray) -> FallbackSource:
        """What a preset keeps of its sound for when its model is gone: levels float[9, harmonics] along its position."""
        key = (name, levels_db.tobytes())
        return self._fallbacks.get(key) or self._fallbacks.put(key, FallbackSource(name, levels_db))
