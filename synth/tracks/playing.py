"""Instruments that patches play: found by name, opened once, and made ready for the audio thread."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import UserError
from ..patch.instrument_ref import InstrumentRef
from ..patch.patch import Patch
from ..paths import find_instrument
from ..timbres.bounded_cache import BoundedCache
from ..timbres.levels_source import LevelsSource
from ..timbres.model import Model
from ..timbres.source import ModelSource, Source
from .instrument_file import load
from .track_block import PartTracks, TrackBlock
from .zone import TrackInstrument

_MOST = 8  # kept open: some megabytes each
_ATTACK_S, _RELEASE_S, _TAIL_S = 0.0005, 0.15, 0.02
_LET_RING = {"amp.release_s": 20.0, "amp.release_curve": 0.0}  # the recorded release ends the note


class Instruments:
    """The instruments used last. Used from one thread at a time."""

    def __init__(self) -> None:
        self._open: BoundedCache[tuple, TrackInstrument] = BoundedCache(_MOST)
        self._blocks: BoundedCache[tuple, TrackBlock] = BoundedCache(2 * _MOST)
        self._parts: BoundedCache[tuple, PartTracks] = BoundedCache(2 * _MOST)
        self._levels: BoundedCache[str, LevelsSource] = BoundedCache(_MOST)

    def open(self, ref: InstrumentRef) -> tuple[TrackInstrument | None, str]:
        """(instrument, '') of a preset's reference; (None, what is wrong) where there is none, or another one of its name."""
        try:
            folder = find_instrument(ref.name, ref.sha256)
            stamp = (str(folder), (folder / "instrument.json").stat().st_mtime_ns)
            found = self._open.get(stamp) or self._open.put(stamp, load(folder))
        except (UserError, OSError) as error:
            return None, str(error)
        if ref.sha256 and ref.sha256 != found.sha256:
            return None, f"the instrument '{ref.name}' is not the one it was made with"
        return found, ""

    def block(self, instrument: TrackInstrument, sr_hz: int, model: Model | None) -> TrackBlock:
        """What the audio thread reads, at its rate. model: what draws its latents; None: levels in place of them."""
        key = (instrument.sha256, sr_hz, model.sha256 if model else "")
        return self._blocks.get(key) or self._blocks.put(key, TrackBlock(instrument, sr_hz, model))

    def tracks_of(self, patch: Patch, source: Source, sr_hz: int) -> TrackBlock | None:
        """The tracks that the audio thread plays of a patch which `source` draws; None where it plays none. sr_hz: 0 without an engine."""
        if patch.instrument is None or not sr_hz:
            return None
        instrument, _ = self.open(patch.instrument)
        if instrument is not None and isinstance(source, LevelsSource):
            return self.block(instrument, sr_hz, None)
        if instrument is None or not isinstance(source, ModelSource) or not source.model.reads(instrument.model_sha256):
            return None
        return self.block(instrument, sr_hz, source.model)

    def tracks_of_parts(self, parts: Sequence[tuple[Patch, Source]], sr_hz: int) -> tuple[PartTracks | None, str]:
        """(tracks of the first part of a morph that has any, a sentence where others have some too)."""
        first, found, told = 0, None, ""
        for number, (patch, source) in enumerate(parts):
            block = self.tracks_of(patch, source, sr_hz)
            if block is not None and found is not None:
                told = f"a morph plays the recordings of one of its presets; {patch.name} plays its still sound"
            elif block is not None:
                key = (block.address, number, first)
                found = self._parts.get(key) or self._parts.put(key, PartTracks(block, number, first))
            first += source.latent_size
        return found, told

    def levels(self, instrument: TrackInstrument) -> LevelsSource:
        """What plays an instrument whose model is gone."""
        rows = np.concatenate([zone.fallback_db for zone in instrument.zones])
        return self._levels.get(instrument.sha256) or self._levels.put(instrument.sha256, LevelsSource(instrument.name, rows.mean(0)))


def patch_of_instrument(instrument: TrackInstrument, folder_name: str) -> Patch:
    """A patch that plays an instrument as it was recorded: its still sound is the middle of all tracks."""
    middle = np.concatenate([zone.latent for zone in instrument.zones]).mean(0)
    tail_s = max(zone.end_s - zone.release_s for zone in instrument.zones)
    return Patch(
        name=instrument.name, category="recordings", comment="an instrument of recordings", model=instrument.model,
        model_sha256=instrument.model_sha256, latent_size=instrument.latent_size, corners={"A": tuple(float(x) for x in middle)},
        params={"amp.attack_s": _ATTACK_S} | (_LET_RING if tail_s > _TAIL_S else {"amp.release_s": _RELEASE_S}),
        instrument=InstrumentRef(folder_name, instrument.sha256))


def with_instrument(patch: Patch, instrument: TrackInstrument, folder_name: str) -> Patch:
    """A patch that plays an instrument in place of its own timbre; on another model than its own, from the middle of the tracks."""
    own = patch_of_instrument(instrument, folder_name)
    if patch.morph is not None:
        raise UserError(f"{patch.name}: a morph of presets plays the instruments of its parts; give another preset, or none")
    if patch.model_sha256 == own.model_sha256 and patch.latent_size == own.latent_size:
        return replace(patch, instrument=own.instrument, table=None)
    return replace(patch, instrument=own.instrument, model=own.model, model_sha256=own.model_sha256, latent_size=own.latent_size,
                   corners=own.corners, shapes={}, latent_path=(), table=None, fallback_db=None)

