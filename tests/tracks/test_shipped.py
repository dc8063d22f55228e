"""The shipped instruments of recordings: they play on their own models, and answer to the hands."""

import numpy as np
import pytest

from synth.events import control, note_on, pressure
from synth.patch import preset_file
from synth.paths import bundled_folder, find_preset, list_instruments
from tests.tracks.playing import SR_HZ, played
from tools.presets.make_instruments import INSTRUMENTS


def test_they_are_small_and_there():
    folders = {folder.name: folder for folder in list_instruments() if bundled_folder() in folder.parents}
    assert set(folders) == set(INSTRUMENTS)
    sizes = {name: sum(f.stat().st_size for f in folder.iterdir()) // 1024 for name, folder in folders.items()}
    print("kB:", sizes)
    assert max(sizes.values()) < 300


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_one_plays_its_recordings_and_is_alive(name):
    from synth.render.offline import Offline

    patch, key = preset_file.load(find_preset(name)), INSTRUMENTS[name].keys[len(INSTRUMENTS[name].keys) // 2] + 1
    player = Offline(patch, [(4800, note_on(key, 0.7))])
    plain = player.read(SR_HZ)
    assert player.told == "" and np.abs(plain).max() > 0.02
    for hand, event in (("wheel", control(1, 127)), ("pressure", pressure(127)), ("velocity", None)):
        events = [(0.1 + 0.01 * i, event) for i in range(5)] if event else []
        moved = played(patch, [(0.1, note_on(key, 0.7 if event else 0.35)), *events], 1.0)
        changed = np.abs(moved - plain).max() / np.abs(plain).max()
        print(f"{name}: {hand} changes {changed:.2f} of the peak")
        assert changed > 0.05, hand
