"""Files in the real window under Xvfb: a recording becomes the sound and a point of the map, the sound becomes files, takes and songs."""

import shutil

import mido
import numpy as np
import soundfile

from synth import paths
from synth.samples.wavetable import read_wavetable
from tests.gui.desk import SR, opened
from tests.gui.test_typing import ENTER, typed


def type_path(desk, path):
    """Type a path into the first line of the view; again where a slow machine lost the Ctrl+A before it."""
    for _ in range(4):
        desk.type_over("field.0", path)
        here = len(desk.rows())
        desk.hand("key", "Return")
        while not (said := [row for row in desk.rows()[here:] if row["event"] == "layout" or "no such file" in row.get("text", "")]):
            desk.frames(4)
        if said[0]["event"] == "layout":
            return desk.frames(4)
    raise AssertionError(f"{path} could not be typed")


def said(desk, words):
    """Wait until the window has said so; answers the sentence."""
    return desk.wait("message", match=lambda r: words in r["text"])[0]["text"]


def harmonics_db(tone, f0_hz, n=4):
    """Levels of the first harmonics of a tone, in dB under the first."""
    levels = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 1 << 18))
    found = []
    for k in range(1, n + 1):
        middle = k * f0_hz * (1 << 18) / SR
        found.append(levels[round(middle * 0.98):round(middle * 1.02)].max())
    return 20 * np.log10(np.array(found) / found[0])


def test_a_recording_becomes_the_sound_which_is_recorded_exported_and_plays_a_song(desk, tmp_path, home):
    t = np.arange(SR) / SR
    hollow = sum(np.sin(2 * np.pi * 220 * k * t) / k for k in (1, 3, 5, 7, 9)) * 0.3  # no even harmonics
    soundfile.write(tmp_path / "hollow.wav", hollow * np.minimum(1, 20 * np.minimum(t, 1 - t)), SR)
    song = mido.MidiFile(ticks_per_beat=480)
    song.tracks.append(mido.MidiTrack([mido.Message("note_on", note=57, velocity=100), mido.Message("note_off", note=57, time=480)]))
    song.save(tmp_path / "song.mid")
    desk.hand("key", "ctrl+o")
    desk.wait("layout", match=lambda r: r["view"] == "files")
    desk.frames(4)
    type_path(desk, tmp_path / "hollow.wav")
    desk.click("files.open")
    assert "dB from the file" in said(desk, "'hollow' is")
    desk.click("status.record")
    said(desk, "recording to")
    here = len(desk.rows())
    desk.hand("keydown", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on")
    desk.hear(0.8)
    desk.hand("keyup", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_off")
    desk.click("status.record")
    said(desk, "saved ")
    take = next((home / "recordings").glob("Take *.wav"))
    sound, rate = soundfile.read(take)
    loud = np.flatnonzero(np.abs(sound).max(1) > 0.02)
    assert rate == SR and len(loud) > 0.5 * SR, "the take holds the note"
    for channel in sound[loud[0] + 4800:loud[0] + 4800 + SR // 3].T:
        levels = harmonics_db(channel, 261.63)
        assert levels[1] < levels[2] - 8 and levels[3] < levels[2] - 8, f"no even harmonics to speak of: {levels}"
    desk.click("export.vital_vitaltable")
    said(desk, "256 frames")
    table = read_wavetable(tmp_path / "hollow.vitaltable").frames
    spectrum = np.abs(np.fft.rfft(table[0]))
    assert len(table) == 256 and spectrum[2] < 0.3 * spectrum[3]
    here = len(desk.rows())
    desk.click("export.vital_vitaltable")
    assert "there already" in said(desk, "there already"), "what is exported replaces nothing"
    type_path(desk, tmp_path / "song.mid")
    desk.click("files.render")
    assert "song - hollow.wav" in said(desk, "peak")
    rendered, _ = soundfile.read(tmp_path / "song - hollow.wav")
    levels = harmonics_db(rendered[4800:20000, 0], 220.0)
    assert levels[1] < levels[2] - 8
    desk.view("play")
    desk.frames(4)
    found = [row for row in desk.rows() if row["event"] == "rect" and row["name"].startswith("map.opened.")]
    assert [row["name"] for row in found] == ["map.opened.hollow"]
    x, y = found[0]["x"] + found[0]["w"] / 2, found[0]["y"] + found[0]["h"] / 2
    desk.press(*desk.middle("map"))
    desk.lift()
    here = len(desk.rows())
    desk.press(x, y)
    desk.lift()
    desk.wait("go_to", after=here)
    desk.hear(0.2)
    preset = desk.played("patch")[-1]["preset"]
    desk.hand("key", "ctrl+o")
    desk.wait("layout", after=here, match=lambda r: r["view"] == "files")
    desk.frames(4)
    type_path(desk, tmp_path / "hollow.wav")
    desk.click("files.instrument")  # without a path to type into the Train view
    row, here = desk.wait("make_instrument", after=here)
    assert row["args"][1] == "hollow"
    desk.wait("layout", after=here, match=lambda r: r["view"] == "train")
    desk.until(lambda r: "instrument" in desk.played("patch")[-1]["preset"])  # which it plays
    assert desk.played("patch")[-1]["preset"]["instrument"]["name"] == "hollow"
    here = len(desk.rows())
    desk.click("train.start")  # a model is not called as the instrument
    desk.wait("start_training", after=here, match=lambda r: r["args"][0] == "My model")
    said(desk, "look through a folder first")
    desk.finish()
    moved = {row["latent"] - 1: row["value"] for row in desk.played("corner") if row["corner"] == "A"}  # there and back again
    assert preset["category"] == "imported" and len(moved) > 8
    assert np.abs(np.array([moved[i] - preset["corners"]["A"][i] for i in moved])).max() < 1e-3, "its diamond is exactly the recording"


def test_an_instrument_that_was_made_is_found_and_plays(home, tmp_path, xvfb_display):
    """By Ctrl+K, and by its place in Files."""
    shipped = paths.search_folders("instruments")[-1]
    for name, of in (("Little Cello", "Salt Cello"), ("Sweep", "Paper Flute")):
        shutil.copytree(shipped / of, home / "instruments" / name)
    with opened(tmp_path, xvfb_display, "--preset", "Init") as desk:
        desk.hand("key", "ctrl+k", *typed("little cello"), *ENTER)
        desk.until(lambda r: [row["preset"]["instrument"]["name"] for row in desk.played("patch")] == ["Little Cello"])
        desk.hand("key", "ctrl+o")
        desk.wait("layout", match=lambda r: r["view"] == "files")
        desk.frames(4)
        desk.click("place.instruments")
        desk.frames(20)
        rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "files.list"][-1]
        desk.press(rect["x"] + rect["w"] * 0.3, rect["y"] + 35)  # the second row
        desk.lift()
        desk.frames(4)
        desk.click("files.open")
        desk.until(lambda r: len(desk.played("patch")) == 2)
        assert desk.played("patch")[-1]["preset"]["instrument"]["name"] == "Sweep"
