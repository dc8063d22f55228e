"""A patch that plays recordings, brought to the loudness of the factory's presets, loud and soft."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..params.knobs import param
from ..patch.patch import Patch, with_param
from ..tracks.instrument_file import load
from ..tracks.playing import patch_of_instrument
from ..tracks.zone import TrackInstrument
from .preset_levels import LOUD, LOUD_LU, SOFT, STEP_LU, depth_for, free_slot, measure_levels, register

_QUIET_DB = -9.0  # of the master while it is listened to: the limiter keeps out of it
_LEAST_LU, _MOST_LU = 0.3, 15.0  # that the step from loud to soft is changed by
_SILENT_LU = -70.0


def patch_of_recordings(folder: Path) -> Patch:
    """A patch that plays the instrument in a folder as it was recorded, at the presets' loudness, named as its folder. Raises UserError."""
    instrument = load(folder)
    return replace(with_even_levels(patch_of_instrument(instrument, folder.name), instrument), name=folder.name)


def with_even_levels(patch: Patch, instrument: TrackInstrument) -> Patch:
    """The patch at the factory's loudness at velocity 100, and as far below it at velocity 40 as its presets are.

    How much louder a hard stroke was recorded than a soft one is the recordist's matter: `amp.velocity` evens it where few velocities
    were recorded, else a slot of velocity to `osc.level_db`; `master.gain_db` the level, and what it lacks `osc.level_db`, which is
    enough for what was recorded 18 dB too softly. Listened to at keys that were recorded; those keep their loudness to one another.
    Raises UserError where it cannot be played.
    """
    recorded = [zone.key for zone in instrument.zones]
    keys = tuple(dict.fromkeys(int(np.clip(key, min(recorded), max(recorded))) for key in register(patch.category)))
    gain, level = param("master.gain_db"), param("osc.level_db")
    quiet = with_param(patch, "master.gain_db", _QUIET_DB)
    own_lu = measure_levels(with_param(quiet, "amp.velocity", 0.0), keys=keys).step_lu()
    if own_lu < STEP_LU - _LEAST_LU:
        depth = round(depth_for(STEP_LU - own_lu), 3)
        patch, quiet = with_param(patch, "amp.velocity", depth), with_param(quiet, "amp.velocity", depth)
    heard = measure_levels(quiet, keys=keys)
    if heard.mean_lu() < _SILENT_LU:
        return patch
    slot = free_slot([*patch.params, *patch.named])
    gap = float(np.clip(heard.step_lu() - STEP_LU, -_MOST_LU, _MOST_LU))
    rise_db = -gap * 127 / (LOUD - SOFT) if slot and abs(gap) > _LEAST_LU else 0.0  # that the slot adds at velocity 127
    base_db = patch.params.get("osc.level_db", level.default)
    lowered_db = max(base_db + rise_db - level.high, 0.0)
    gain_db = _QUIET_DB + LOUD_LU - heard.mean_lu() - rise_db * LOUD / 127 + lowered_db
    over_db = float(np.clip(gain_db - gain.high, 0, level.high - base_db + lowered_db - max(rise_db, 0.0)))
    patch = with_param(patch, "master.gain_db", round(float(np.clip(gain_db - over_db, gain.low, gain.high)), 2))
    patch = with_param(patch, "osc.level_db", round(base_db - lowered_db + over_db, 2))
    if rise_db:
        for part, value in (("source", "velocity"), ("target", "osc.level_db"), ("amount", round(rise_db / (level.high - level.low), 3))):
            patch = with_param(patch, f"mod{slot}.{part}", value)
    return patch
