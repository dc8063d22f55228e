"""The library of a session: it follows its folders, loads by key, and the sound follows what is done to its file."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from synth.errors import UserError
from synth.events import note_on
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.paths import bundled_folder
from synth.samples.cycles import to_cycle
from synth.session.library import Library
from synth.session.library_actions import LibraryActions
from synth.session.library_index import Index
from synth.session.library_marks import Marks
from synth.timbres import fallback
from synth.timbres.model import open_model
from synth.timbres.residual_source import residual_of
from synth.timbres.source import WavetableSource
from tests.engine.sounds import click_db
from tests.servers import LIMIT_S, child_env
from tests.session.desk import Desk

INIT = bundled_folder() / "presets" / "Init.json"

SOAK_MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))  # under one: the short form


class LibraryDesk(LibraryActions, Desk):
    """A desk with a library that is read when it is asked to be."""

    def __init__(self, preset="Init"):
        self.library = Library()
        Desk.__init__(self, preset)
        self.library.refresh()
        self._table, self._names = None, (-1, [], {})


def until(ready) -> None:
    end = time.monotonic() + LIMIT_S
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.01)


def keys(library: Library) -> set[str]:
    return {entry.key for entry in library.entries}


def add(folder, name: str, **changes: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = json.loads(INIT.read_text(encoding="utf-8")) | {"name": name} | changes
    (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")


def test_it_follows_its_folders_and_reads_only_what_changed(home):
    library = Library()
    library.start()
    try:
        assert library.wait_ready(LIMIT_S)
        until(lambda: not library.unread)
        assert "factory/Init" in keys(library) and not [key for key in keys(library) if key.startswith("user")]
        add(home / "presets", "Fresh", category="lead")
        until(lambda: "user/Fresh" in keys(library) and library.entry("user/Fresh").category == "lead")
        add(home / "presets", "Fresh", category="bass")
        until(lambda: library.entry("user/Fresh").category == "bass")
        soundfile.write(home / "presets" / "Dropped.wav", np.linspace(-1, 1, 2048), 48000)
        add(home / "presets" / "Deep" / "Deeper", "Low")
        until(lambda: {"user/Dropped.wav", "user/Deep/Deeper/Low"} <= keys(library))
        (home / "presets" / "Fresh.json").unlink()
        until(lambda: "user/Fresh" not in keys(library))
    finally:
        library.close()
    index = Index()
    read = []
    original = preset_file.load
    try:
        preset_file.load = lambda path: read.append(path) or original(path)
        assert not index.refresh() and not read, "nothing is read again at the next start"
        add(home / "presets", "Other")
        assert index.refresh() and [path.name for path in read] == ["Other.json"]
    finally:
        preset_file.load = original


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"format": 1, "rows": [[1]]}', bytes(range(256)), b"[" * 100_000])
def test_a_damaged_index_is_made_anew(damage, home):
    Index().refresh()
    file = home / "index" / "library.json"
    whole = file.read_bytes()
    file.write_bytes(damage)
    index = Index()
    index.refresh()
    assert len(index.entries) > 20 and sorted(json.loads(file.read_bytes())["rows"]) == sorted(json.loads(whole)["rows"])


def test_marks_of_several_at_once_are_all_kept_and_a_damaged_file_is_put_aside(home):
    both = [Marks(), Marks()]
    threads = [threading.Thread(target=lambda m=m, i=i: [m.rate(f"user/{i}-{n}", 3) for n in range(15)]) for i, m in enumerate(both)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Marks().ratings) == 30
    data = json.loads((home / "library.json").read_text()) | {"later": {"x": 1}}
    (home / "library.json").write_text(json.dumps(data))
    Marks().set_favourite("factory/Init")
    assert json.loads((home / "library.json").read_text())["later"] == {"x": 1}, "what a newer version keeps there stays"
    for damage in ('{"format": 1, "ratings": [1]}', "{", '{"format": 9}'):
        (home / "library.json").write_text(damage)
        told = []
        marks = Marks(told.append)
        marks.rate("user/A", 2)
        assert len(told) == 1 and Marks().ratings == {"user/A": 2}
    assert {f.read_text() for f in home.glob("library-*.json")} & {"{", '{"format": 9}', '{"format": 1, "ratings": [1]}'}


def test_the_sound_follows_what_is_done_to_its_file(home):
    desk = LibraryDesk()
    desk.set_param("filter.cutoff_hz", 700.0)
    desk.save_as("Mine", category="bass", tags=("low", "dark"), comment="Deep").result()
    kept = preset_file.load(home / "presets" / "Mine.json")
    assert (kept.category, kept.tags, kept.comment) == ("bass", ("low", "dark"), "Deep") and not desk.dirty
    assert desk.search_library("category:bass mine")[0].key == "user/Mine" and desk.preset_names().count("Mine") == 1
    desk.rate_preset("user/Mine", 5).result()
    desk.rename_preset("user/Mine", "Ours").result()
    assert desk.name == "Ours" and desk.document.file == home / "presets" / "Ours.json" and not desk.dirty
    assert [e.key for e in desk.search_library(least_rating=5)] == ["user/Ours"]
    desk.set_param("filter.cutoff_hz", 800.0)
    desk.save().result()
    assert preset_file.load(home / "presets" / "Ours.json").params["filter.cutoff_hz"] == 800
    assert not (home / "presets" / "Mine.json").exists()
    desk.load_entry("factory/Amber Pad").result()
    desk.load_entry("user/Ours").result()
    desk.library.close()
    assert [e.key for e in desk.recent_presets()][:2] == ["user/Ours", "factory/Amber Pad"] and Marks().recent[0] == "user/Ours"
    desk.delete_preset("user/Ours").result()
    assert desk.dirty and desk.document.file is None and desk.deleted_presets() == ["Ours"]
    desk.restore_preset("Ours").result()
    assert preset_file.load(home / "presets" / "Ours.json").params["filter.cutoff_hz"] == 800
    with pytest.raises(UserError, match="factory/Init"):
        desk.load_entry("factory/Inut")


def test_a_preset_whose_model_is_gone_is_kept_through_every_change(home):
    add(home / "presets", "Orphan", model={"name": "long gone", "sha256": "0" * 64, "latent_size": 16})
    desk = LibraryDesk()
    desk.load_entry("user/Orphan").result()
    assert any("without its latents" in told for told in desk.told)
    before = preset_file.load(home / "presets" / "Orphan.json")
    desk.duplicate_preset("user/Orphan", "Second").result()
    desk.rename_preset("user/Orphan", "First").result()
    desk.save().result()
    for name in ("First", "Second"):
        found = preset_file.load(home / "presets" / f"{name}.json")
        assert np.array_equal(found.fallback_db, before.fallback_db)
        assert replace(found, name="", fallback_db=None) == replace(before, name="", fallback_db=None)


def test_a_dropped_wavetable_plays_and_goes_with_the_next_preset(home):
    (home / "presets").mkdir()
    soundfile.write(home / "presets" / "Table.wav", np.sign(np.sin(2 * np.pi * (np.arange(2048) + 0.5) / 2048)) * 0.5, 48000)
    desk = LibraryDesk()
    desk.load_entry("user/Table.wav").result()
    assert isinstance(desk.source, WavetableSource) and desk.name == "Table" and not desk.dirty
    desk.load_entry("factory/Amber Pad").result()
    assert not isinstance(desk.source, WavetableSource) and desk.name == "Amber Pad"
    (home / "presets" / "Broken.wav").write_bytes(b"RIFF")
    desk.library.refresh()
    with pytest.raises(UserError, match="Broken.wav"):
        desk.load_entry("user/Broken.wav").result()
    assert desk.name == "Amber Pad"


def test_nearest_to_the_sound_as_it_is(home):
    desk = LibraryDesk("Glass Harp")
    near = desk.find_nearest().result(LIMIT_S)
    assert near[0][0].key == "factory/Glass Harp" and near[0][1] < 0.5
    assert (home / "index" / "sounds.npz").is_file()


def kill_while(what: str, folder, times: int) -> None:
    """Every file is whole after each kill, and holds what was told to be saved, or what was being saved."""
    done = subprocess.run([sys.executable, "-m", "tests.session.killed", what, folder, str(times)], env=child_env(), capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) == times and all(there in (told, told + 1) for told, there in found), found
    print(f"{what}: {times} kills, {sum(told > 0 for told, _ in found)} of them after a save; nothing lost, every file whole")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("what", ["pack", "marks"])
def test_killed_while_saving_the_file_is_the_old_or_the_new_one(what, tmp_path):
    kill_while(what, tmp_path, 12)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("what", ["preset", "pack", "marks"])
def test_two_hundred_kills_lose_nothing(what, tmp_path):
    kill_while(what, tmp_path, 200 if SOAK_MINUTES >= 1 else 3)


def soft(tilt: float) -> np.ndarray:
    """One cycle of fifteen harmonics: of nothing that sounds above 8 kHz in low notes, where a click does."""
    n = 2 * np.pi * np.arange(2048) / 2048
    return sum(np.sin(k * n + k * tilt) / k**tilt for k in range(1, 16)).astype(np.float32)


def add_soft_sounds(home) -> list[str]:
    """Presets on each model with their own waveform, one whose model is gone, and a wavetable, with knobs far apart."""
    knobs = ({"master.pan": -0.8}, {"filter.type": 2.0, "filter.cutoff_hz": 2500.0, "osc.level_db": -9.0},
             {"master.pan": 0.9, "unison.voices": 3.0, "unison.detune_cents": 9.0}, {"filter.type": 4.0, "filter.cutoff_hz": 90.0})
    for i, name in enumerate(("akwf-8", "akwf-16", "akwf-32", "akwf-8")):
        model, cycle = open_model(name), to_cycle(soft(0.9 + 0.4 * i))
        latent = tuple(float(x) for x in np.round(np.clip(model.encode(cycle[None])[0], model.low, model.high), 6))
        patch = fallback.keep(Patch(f"Soft {i}", corners={"A": latent}, shapes={"A": residual_of(model, cycle, np.array(latent))},
                                    params=knobs[i]), model)
        preset_file.save(replace(patch, model="gone") if i == 3 else patch, home / "presets" / f"Soft {i}.json")
    soundfile.write(home / "presets" / "Soft 4.wav", soft(1.5) * 0.3, 48000, subtype="FLOAT")
    return ["user/Soft 0", "user/Soft 1", "user/Soft 2", "user/Soft 3", "user/Soft 4.wav"]


def test_loading_while_notes_sound_makes_no_click_and_no_gap(home):
    """Every kind of sound after every other while a chord is held; -80 dBFS above 8 kHz on either side."""
    (home / "presets").mkdir()
    sounds = add_soft_sounds(home)
    desk = LibraryDesk("Soft 0")
    out = []

    def hold(seconds: float) -> None:
        for _ in range(round(seconds * 48000 / 128)):
            out.append(np.array(desk.engine.process(128)))
            desk._decoder.pump()
        desk.drain()

    for key in (36, 43, 48, 51):
        desk.play(note_on(key, 0.6))
    hold(0.5)
    for i in range(2 * len(sounds) + 1):
        desk.load_entry(sounds[(3 * i if i < len(sounds) else 2 * i + 1) % len(sounds)]).result()
        hold(0.15)
    x = np.concatenate(out)[4800:].astype(float)
    found = click_db(x)
    levels = np.sqrt((x[:len(x) // 960 * 960].reshape(-1, 960, 2) ** 2).mean(1))
    print(f"{found:.1f} dBFS; quietest 20 ms {20 * np.log10(levels.max(1).min() / np.median(levels.max(1))):.1f} dB under the median")
    assert found < -80
    assert levels.max(1).min() > 0.2 * np.median(levels.max(1)), "no gap"


def test_instruments_of_recordings_follow_their_folder_and_are_no_presets(home, tmp_path):
    """They are found, loaded and heard of beside presets, and neither packed nor copied with them."""
    shipped = bundled_folder() / "exported" / "instruments" / "Paper Flute"
    library = Library()
    library.start()
    try:
        until(lambda: library.entries)
        shutil.copytree(shipped, home / "instruments" / "Sweep")
        until(lambda: [e.key for e in library.instruments] == ["instruments/Sweep"])
        entry = library.entry("instruments/Sweep")
        assert entry.is_own and entry.model == "akwf-16" and entry.comment.startswith("an instrument of recordings, ")
        assert entry not in library.entries and entry in library.all_sounds
        assert library.search("sweep", with_instruments=True)[0] == entry and entry not in library.search("sweep")
        for change in (lambda: library.duplicate(entry.key), lambda: library.delete(entry.key), lambda: library.rename(entry.key, "A")):
            with pytest.raises(UserError, match="is an instrument of recordings, a folder of its own"):
                change()
        (home / "instruments" / "Sweep" / "instrument.json").write_text("{}")
        until(lambda: library.instruments[0].error)
        shutil.rmtree(home / "instruments" / "Sweep")
        until(lambda: not library.instruments)
    finally:
        library.close()
    desk = LibraryDesk()
    shutil.copytree(shipped, home / "instruments" / "Sweep")
    desk.library.refresh()
    desk.load_entry("instruments/Sweep").result(LIMIT_S)
    assert desk.patch.instrument.name == "Sweep" and desk.loaded_entry.key == "instruments/Sweep"
    assert [e.key for e in desk.recent_presets()] == ["instruments/Sweep"]
    desk.load_preset("Init").result(LIMIT_S)
    assert desk.loaded_entry.key == "factory/Init"
