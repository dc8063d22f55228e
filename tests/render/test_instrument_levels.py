"""Instruments of a user's recordings are as loud as the factory's presets, at soft strokes as at hard ones."""

import numpy as np
import pytest

from synth.cli import build_parser
from synth.commands.render import patch_of
from synth.events import control, note_on
from synth.patch.patch import Patch
from synth.render.instrument_levels import with_even_levels
from synth.render.preset_levels import LOUD_LU, STEP_LU, measure_levels
from synth.session.session import Session
from synth.timbres.model import open_model
from synth.tracks import instrument_file
from tests.tracks.playing import SR_HZ, drawn_zone, played, saved

MODEL = "akwf-16"


def recorded(home, **levels_db):
    """A patch of an instrument of drawn notes. levels_db: of keys and velocities, as k48_100=-20."""
    zones = [drawn_zone(open_model(MODEL), *map(int, name[1:].split("_")), seed=i, seconds=1.5, level_db=db)
             for i, (name, db) in enumerate(levels_db.items())]
    return saved(home, "Mine", zones, open_model(MODEL)), instrument_file.load(home / "instruments" / "Mine")


@pytest.mark.parametrize("levels_db", [
    {"k60_100": -8.0}, {"k60_100": -37.0}, {"k60_40": -30.0, "k60_110": -9.0}, {"k60_40": -13.0, "k60_110": -11.0},
    {"k33_30": -50.0, "k33_120": -12.0, "k40_90": -16.0}])
def test_a_users_recordings_are_as_loud_as_the_factorys_presets(home, levels_db):
    """However loud they were recorded, in one layer or more, evenly or not, in whatever register."""
    patch, instrument = recorded(home, **levels_db)
    keys = [key for key in {int(name[1:3]) for name in levels_db} if key in (60, 40)]
    before, after = (measure_levels(p, keys=keys) for p in (patch, with_even_levels(patch, instrument)))
    print(f"velocity 100 and 40: {before.mean_lu():.1f} {before.mean_lu(True):.1f} LU as recorded, {after.mean_lu():.2f} "
          f"{after.mean_lu(True):.2f} evened; peak {after.peak_db:.1f} dBFS")
    assert abs(after.mean_lu() - LOUD_LU) < 0.5 and abs(after.step_lu() - STEP_LU) < 0.5 and after.peak_db < -6


def test_window_and_command_line_play_them_so(home):
    patch, instrument = recorded(home, k60_40=-30.0, k60_110=-9.0)
    even = with_even_levels(patch, instrument)
    session = Session(Patch(), device="none", midi="none")
    try:
        session.play_instrument(home / "instruments" / "Mine").result(60)
        assert session.patch.params == even.params and session.patch.instrument == even.instrument
    finally:
        session.discard()
        session.close()
    args = build_parser().parse_args(["render", "song.mid", "-o", "out.wav", "--instrument", "Mine"])
    assert patch_of(args).params == even.params


def test_a_harder_stroke_is_always_louder(home):
    """Also under the softest that was recorded, where the slot alone would turn it round."""
    patch, instrument = recorded(home, k60_50=-34.0, k60_110=-9.0)
    even = with_even_levels(patch, instrument)
    velocities = (4, 16, 40, 50, 64, 80, 100, 127)
    sound = played(even, [(0.1 + 0.3 * i + late, event) for i, v in enumerate(velocities)
                          for late, event in ((0.0, note_on(60, v / 127)), (0.2, control(120, 0)))], 2.6)[:, 0]
    levels = [20 * np.log10(np.abs(sound[int((0.15 + 0.3 * i) * SR_HZ):][:4800]).max() + 1e-9) for i in range(len(velocities))]
    print(np.round(levels, 1).tolist())
    assert (np.diff(levels) > 0.2).all()
