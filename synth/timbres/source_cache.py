"""Patch -> what plays it: finds and keeps sources, and falls back on a preset's own amplitudes when its model is gone."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..engine.modulation.free_shapes import free_shapes
from ..engine.resolved_patch import ResolvedPatch
from ..errors import UserError
from ..params.knobs import CORNERS, MOD_TARGETS, MODEL_KNOBS, N_SLOTS
from ..patch import mod_slots
from ..patch.instrument_ref import InstrumentRef
from ..patch.morph import Morph
from ..patch.patch import Patch, numbered, with_param
from ..patch.tuning import Tuning
from ..paths import find_model, find_wavetable
from ..samples.wavetable import read_wavetable
from ..text import printable
from ..tracks.playing import Instruments
from .decode_worker import Decoder
from .levels_source import LevelsSource
from .morph_loading import adopt_parts, number_own, resolve_morph
from .morph_source import MorphSource
from .open_models import OpenModels
from .preset_sources import PresetSources
from .source import FallbackSource, ModelSource, Source, WavetableSource
from .static_render import corners_of

DEFAULT_MODEL = "akwf-16"
_NO_MODEL = "(opening)"  # a name that no model has
Settings = Sequence[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the player picked in place of every patch's own; None: each patch has its own."""

    model: str | None = None
    source: Source | None = None
    tuning: Tuning | None = None

    def on_model(self, model: str) -> "Choices":
        """A player picks a model: it takes the place of a model or wavetable that replaced every patch's own."""
        return self if self.model is None and self.source is None else replace(self, model=model, source=None)


class SourceCache:
    """Sources by model, those used last kept. `choices` (from `model`, `source`, `tuning`) replace what every patch has of its own.

    Used from one thread at a time. decoder: what is told of each source that `load` finds; None where nothing is loaded.
    """

    def __init__(self, decoder: Decoder | None, model: str | None = None, source: Source | None = None, tuning: Tuning | None = None):
        self._decoder, self.choices = decoder, Choices(model, source, tuning)
        self._untold = source.told if isinstance(source, WavetableSource) else ""
        self.models = OpenModels()
        self._of_presets = PresetSources()
        self._instruments, self._sr_hz = Instruments(), decoder.engine.sr_hz if decoder else 0

    def adopt(self, patch: Patch, settings: Settings = ()) -> Patch:
        """The patch as it will be played: in the tuning and on the model that replace every patch's own, directions numbered.

        settings: knobs set by the player's own hand, (name, value), for the model that plays. Raises UserError where nothing can play
        it, or it refers to a latent or direction that the model has not.
        """
        chosen = self.choices
        if patch.morph is not None:
            return self._adopt_morph(patch, patch.morph, settings)
        if chosen.tuning is not None:
            patch = replace(patch, tuning=chosen.tuning)
        if chosen.model is not None:
            patch = self.moved(patch, chosen.model)
        elif chosen.source is None:
            patch = self._renewed(patch)
        own = Patch(effects=patch.effects)
        for name, value in settings:
            patch, own = with_param(patch, name, value), with_param(own, name, value)
        source, _ = self.source_of(patch)
        if isinstance(source, ModelSource):
            patch = numbered(patch, source.direction_names)
            _check(patch.params, source, f"{patch.name}: ")
        elif not isinstance(source, FallbackSource | LevelsSource):  # a wavetable: knobs of a model wait in the preset
            _check(numbered(own, source.direction_names).params, source)
        return patch if isinstance(source, FallbackSource | LevelsSource) else replace(patch, named={})  # names wait for their model

    def _renewed(self, patch: Patch) -> Patch:
        """A patch that was made with a decoder whose place another has taken, on that: its latents mean the same there."""
        try:
            model = self.load_model(patch.model).model if patch.model and patch.model_sha256 and patch.table is None else None
        except UserError:
            return patch
        if model is None or not model.reads(patch.model_sha256) or patch.latent_size != model.latent_size:
            return patch
        return replace(patch, model_sha256=model.sha256)

    def _adopt_morph(self, patch: Patch, morph: Morph[Patch], settings: Settings) -> Patch:
        """`adopt` of a morph: its parts as they will be played, and what the player set by hand, in all of them."""
        for name, value in settings:
            patch = with_param(patch, name, value)
        patch = adopt_parts(patch, morph, self.adopt)
        source, _ = self.source_of(patch)
        return number_own(patch, source) if isinstance(source, MorphSource) else patch

    def moved(self, patch: Patch, model: str) -> Patch:
        """The patch on a model: itself where it was made with that one, else played from the model's middle; of a morph, each part.

        Raises UserError if the model cannot be loaded.
        """
        if patch.morph is not None:
            return adopt_parts(patch, patch.morph, lambda part: self.moved(part, model))
        source = self.load_model(model)
        model = os.path.abspath(find_model(model)) if os.sep in model else model  # a log may be read from elsewhere
        if patch.model and source.model.reads(patch.model_sha256) and patch.latent_size == source.latent_size:
            return replace(patch, model=model, model_sha256=source.sha256)
        corners = source.corners()
        return replace(
            patch, model=model, model_sha256=source.sha256, latent_size=source.latent_size, fallback_db=None, shapes={}, latent_path=(),
            table=None,
            corners={c: tuple(round(float(x), 6) for x in corners[i]) for i, c in enumerate(CORNERS[:2])},  # as a log keeps them
            params=mod_slots.without_references(patch.params, source.latent_size, len(source.direction_names)))

    def load_model(self, name: str) -> ModelSource:
        """A model by its name or folder; those used last are kept. Raises UserError."""
        return self.models.load(name)

    def source_of(self, patch: Patch) -> tuple[Source, str]:
        """(source, sentence for the player or '') of a patch. Raises UserError when nothing can play it."""
        if patch.morph is not None:
            return self._of_presets.morph(patch, patch.morph, self.source_of)
        if self.choices.source is not None:
            return self.choices.source, ""
        if patch.table is not None:
            return self._of_presets.table(patch, patch.table)
        if patch.instrument is not None:
            return self._of_instrument(patch, patch.instrument)
        try:
            source = self.load_model(patch.model or DEFAULT_MODEL)
        except UserError as error:
            if patch.fallback_db is None:
                raise UserError(f"{patch.name}: {error}") from None
            return self._of_presets.fallback(patch.name, patch.fallback_db), (
                f"{patch.name}: {error}; playing the sound the preset keeps, without its latents")
        if patch.model_sha256 and patch.model_sha256 != source.sha256:
            told = f"{patch.name}: model '{patch.model}' is not the one it was made with; "
            if patch.fallback_db is None:
                return source, f"{told}the preset keeps no sound of its own, so its latents are played on this one"
            return self._of_presets.fallback(patch.name, patch.fallback_db), (
                f"{told}playing the sound the preset keeps, without its latents")
        if patch.latent_path and patch.model_sha256 == source.sha256:
            return self._of_presets.along_path(source, patch), ""
        return self._of_presets.shaped(source, patch) if patch.shapes and patch.model_sha256 == source.sha256 else source, ""

    def _of_instrument(self, patch: Patch, ref: InstrumentRef) -> tuple[Source, str]:
        """The source of a patch that plays recordings: its model, or without that the levels that their tracks keep."""
        instrument, missing = self._instruments.open(ref)
        without = replace(patch, instrument=None)
        if instrument is None:
            source, told = self.source_of(without)
            return source, told or f"{patch.name}: {missing}; playing its still sound"
        try:
            if self.load_model(patch.model or instrument.model).model.reads(instrument.model_sha256):
                return self.source_of(without)
            gone = f"model '{patch.model}' is not the one that '{instrument.name}' was made with"
        except UserError as error:
            gone = str(error)
        return self._instruments.levels(instrument), f"{patch.name}: {gone}; playing the levels that its recordings keep"

    def has_to_wait(self, patch: Patch) -> bool:
        """Whether a model has to be opened, or a morph path found, before it plays, so that what it keeps is heard sooner."""
        if self.choices.source is not None or self.choices.model is not None or patch.fallback_db is None or patch.morph is not None:
            return False
        try:
            model = self.models.get(patch.model or DEFAULT_MODEL)
        except UserError:
            return False
        if model is None:
            return True
        if patch.model_sha256 and patch.model_sha256 != model.sha256:
            return False
        return _follows(patch.params) and not model.morph_paths.known(corners_of(patch, model))

    def load(self, patch: Patch) -> tuple[ResolvedPatch, Source, str]:
        """What the engine takes for a patch, its source, and a sentence for the player ('' when all is as it should be)."""
        source, told = self.source_of(patch)
        if patch.morph is not None and isinstance(source, MorphSource):
            resolved = resolve_morph(patch, patch.morph, source, self._decoder.add(source) if self._decoder else 0)
            part_tracks, more = self._instruments.tracks_of_parts([(part.patch, part.source) for part in source.parts], self._sr_hz)
            return replace(resolved, tracks=part_tracks), source, told or more
        if self._untold and source is self.choices.source:
            told, self._untold = self._untold, ""  # once, not at every change of the preset
        corners = corners_of(patch, source) if isinstance(source, ModelSource) else source.corners()
        params = dict(patch.params) if isinstance(source, ModelSource) else _without_latents(patch.params)
        decoder = getattr(source, "block_decoder", None)
        if isinstance(source, ModelSource) and _follows(params):
            sines = source.morph_paths.find(corners)  # now, so that no decode waits for it
            decoder = decoder.with_morph_path(sines) if decoder else None
        number = self._decoder.add(source) if self._decoder else 0
        tuned = patch.tuning.pitches() if patch.tuning else None
        tracks = self._instruments.tracks_of(patch, source, self._sr_hz)
        return ResolvedPatch(number, params, np.asarray(corners, np.float32), source.low, source.high, tuned, tracks=tracks,
                             decoder=decoder, map_axes=getattr(source, "map_axes", None),
                             free_shapes=free_shapes(patch.lfo_shapes)), source, told


def played_alone(patch: Patch, model: str | None = None) -> tuple[Patch, Source]:
    """The patch as it is played, on `model` where one is given, and its source: without an engine. Raises UserError as `adopt` does."""
    cache = SourceCache(None, model)
    patch = cache.adopt(patch)
    return patch, cache.source_of(patch)[0]


def open_wavetable(name: str, frame_size: int | None = None) -> WavetableSource:
    """A wavetable file, or one of the user's by its name, as what plays in place of a model. Raises UserError."""
    if frame_size is not None and frame_size < 1:
        raise UserError(f"a frame size of {frame_size} is none; give the samples of one cycle, as in --frame-size 2048")
    file = find_wavetable(name)
    table = read_wavetable(file, frame_size)
    told = f"{printable(file.name)}: {table.told}" if table.told else ""
    return WavetableSource(printable(file.stem), table.frames, told)


def as_orphan(patch: Patch) -> Patch:
    """The patch as it plays without its model, wherever it is read: what it keeps of its sound."""
    return replace(patch, model=_NO_MODEL, model_sha256="0" * 64)


def _check(params: dict[str, float], source: Source, where: str = "") -> None:
    try:
        mod_slots.check_references(params, source.latent_size, len(source.direction_names), f"'{source.name}'")
    except UserError as error:
        raise UserError(f"{where}{error}") from None


def _follows(params: dict[str, float]) -> bool:
    """Whether a morph may leave the straight line, by its knob or by modulation."""
    to = MOD_TARGETS.index("osc.follow")
    return params.get("osc.follow", 0) > 0 or any(params.get(f"mod{n}.target") == to for n in range(1, N_SLOTS + 1))


def _without_latents(params: dict[str, float]) -> dict[str, float]:
    """Knobs without those that mean something to one model only."""
    return {name: value for name, value in params.items() if name not in MODEL_KNOBS}
