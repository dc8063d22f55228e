"""The window as a player meets it: the real `latentwave play` under Xvfb, driven with xdotool, its sound recorded.

The program writes where its items are and what happens (`--gui-log`); the tests wait on those, with deadlines.
"""

import subprocess
import time

import numpy as np
import pytest

from tests.gui.desk import SR, opened
from tests.servers import LIMIT_S


@pytest.fixture
def desk(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display) as desk:
        yield desk


def harmonics_db(sound, note, n=24):
    """Levels of the first harmonics of a note in dB, loudest at 0."""
    freq_hz = 440 * 2 ** ((note - 69) / 12)
    levels = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    at = [levels[max(0, round(k * freq_hz * len(sound) / SR) - 3):][:7].max() for k in range(1, n + 1)]
    return 20 * np.log10(np.maximum(np.array(at) / max(at), 1e-5))


def test_dragging_a_latent_slider_changes_the_sound_of_a_held_note(desk):
    desk.hand("keydown", "a")
    _, row = desk.wait("post", match=lambda r: r["kind"] == "note_on" and r["number"] == 60)
    desk.hear(0.4)
    before = max(e["frame"] for e in desk.played("note_on"))
    x, y = desk.middle("latent.1")
    desk.press(x, y)
    for step in range(1, 6):
        desk.move(x, y - 16 * step)
    desk.lift()
    edits = [r for r in desk.rows()[row:] if r["event"] == "set_latent"]
    assert len(edits) >= 5 and all(r["args"][0] == 0 for r in edits)
    assert edits[-1]["args"][1] > edits[0]["args"][1]
    desk.hear(0.5)
    desk.hand("keyup", "a")
    desk.wait("post", after=row, match=lambda r: r["kind"] == "note_off")
    sound, corners, off = desk.finish(), desk.played("corner"), desk.played("note_off")
    assert {c["latent"] for c in corners} == {1}
    old = sound[before + 2400:corners[0]["frame"]]
    new = sound[corners[-1]["frame"] + 4800:off[-1]["frame"]]
    assert len(old) > 4800 and len(new) > 4800
    changed = np.abs(harmonics_db(old, 60) - harmonics_db(new, 60)).mean()
    still = np.abs(harmonics_db(old[:len(old) // 2], 60) - harmonics_db(old[len(old) // 2:], 60)).mean()
    assert changed > 1.5 and still < 0.3, (changed, still)


def test_a_click_on_the_piano_plays_its_key_and_a_drag_slides_over_the_keys(desk):
    x, y = desk.middle("key.69")
    desk.press(x, y + 20)
    desk.wait("post", match=lambda r: r["kind"] == "note_on" and r["number"] == 69)
    desk.hear(0.3)
    x2, y2 = desk.middle("key.71")
    desk.move(x2, y2 + 30)
    desk.wait("post", match=lambda r: r["kind"] == "note_on" and r["number"] == 71)
    desk.lift()
    desk.wait("post", match=lambda r: r["kind"] == "note_off" and r["number"] == 71)
    desk.hear(0.3)
    sound, on, off = desk.finish(), desk.played("note_on"), desk.played("note_off")
    assert [e["note"] for e in on] == [69, 71] == [e["note"] for e in off]
    assert on[1]["velocity"] > on[0]["velocity"]
    tone = sound[on[0]["frame"] + 1200:off[0]["frame"]]
    levels = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 8 * len(tone)))
    near = np.arange(len(levels)) * SR / (8 * len(tone))
    around = (near > 400) & (near < 480)
    assert near[around][levels[around].argmax()] == pytest.approx(440, abs=2)
    assert np.abs(sound[off[1]["frame"] + 4800:]).max(initial=0) < 1e-4


def test_computer_keys_play_once_shift_octaves_and_let_go(desk):
    desk.hand("keydown", "d")
    _, row = desk.wait("post", match=lambda r: r["kind"] == "note_on" and r["number"] == 64)
    time.sleep(0.8)  # longer than the auto-repeat of the X server takes to begin: its repeats must not play again
    desk.hand("keyup", "d")
    desk.wait("post", after=row, match=lambda r: r["kind"] == "note_off")
    desk.hand("key", "x")
    desk.hand("keydown", "d")
    desk.wait("post", match=lambda r: r["kind"] == "note_on" and r["number"] == 76)
    desk.hand("keyup", "d")
    desk.wait("post", match=lambda r: r["kind"] == "note_off" and r["number"] == 76)
    desk.finish()
    assert [e["note"] for e in desk.played("note_on")] == [64, 76]


def test_the_preset_menu_filters_and_changes_the_preset_without_playing_notes(desk):
    for words in ("gla", "ini"):
        here = len(desk.rows())
        desk.click("preset.menu")
        menu, row = desk.wait("menu", after=here, match=lambda r: r["items"] > 1)
        desk.hand("type", "--delay", "60", words)
        if words == "gla":
            desk.wait("menu", after=row, match=lambda r: r["items"] < 20)
            desk.hand("key", "Escape")
            desk.wait("menu", after=row, match=lambda r: r["items"] == 0)
    assert not [r for r in desk.rows() if r["event"] == "message" and "fault" in r["text"]]
    desk.wait("menu", after=row, match=lambda r: r["items"] == 1)
    desk.click("item.Init")
    loaded, _ = desk.wait("load_preset", after=row)
    assert loaded["args"] == ["Init"]
    _, row = desk.wait("menu", after=row, match=lambda r: r["items"] == 0)
    desk.click("preset.random")
    desk.wait("random_patch", after=row)
    desk.finish()
    init, drawn = (p["preset"] for p in desk.played("patch")[-2:])
    assert init["name"] == "Init" and drawn["name"].startswith("Random ") and drawn["corners"] != init["corners"]
    assert not desk.played("note_on")


def test_a_knob_turns_finely_and_comes_back_on_a_double_click(desk):
    x, y = desk.middle("amp.attack_s")
    desk.press(x, y)
    desk.move(x, y - 40)
    desk.lift()
    coarse, row = desk.wait("set_param", match=lambda r: r["args"][0] == "amp.attack_s")
    last = [r for r in desk.rows() if r["event"] == "set_param"][-1]["args"][1]
    assert 0.05 < last < 1.0
    desk.hand("keydown", "shift")
    desk.press(x, y)
    desk.move(x, y - 40)
    desk.lift()
    desk.hand("keyup", "shift")
    fine = [r for r in desk.rows() if r["event"] == "set_param"][-1]["args"][1]
    assert last < fine < last * 1.6
    row = len(desk.rows())
    desk.move(x, y)
    desk.hand("click", 4)
    desk.wait("set_param", after=row, match=lambda r: r["args"][1] > fine)
    for _ in range(20):  # two clicks that a busy machine lets come late are no double click
        desk.hand("click", "--repeat", 2, "--delay", 120, 1)
        desk.frames(8)
        if any(r["event"] == "set_param" and r["args"] == ["amp.attack_s", 0.002] for r in desk.rows()[row:]):
            break
    desk.finish()
    assert desk.played("param")[-1] == {"frame": desk.played("param")[-1]["frame"], "type": "param", "name": "amp.attack_s", "value": 0.002}


def test_the_window_lays_itself_out_again_at_its_smallest_size(desk):
    found = subprocess.run(["xdotool", "search", "--name", "^latentwave$"], env=desk.env, capture_output=True, text=True, timeout=LIMIT_S)
    desk.hand("windowsize", found.stdout.split()[0], 960, 600)
    row, _ = desk.wait("layout", match=lambda r: r["width"] == 960)
    assert row["height"] == 600
    desk.frames(3)
    desk.click("key.60")
    desk.wait("post", match=lambda r: r["kind"] == "note_off" and r["number"] == 60)
    desk.page("macros.more")  # the other four; where there is room for all of them there are no more
    here = len(desk.rows())
    desk.hand("windowsize", found.stdout.split()[0], 1440, 900)
    desk.wait("layout", after=here, match=lambda r: r["width"] == 1440)
    desk.frames(3)
    desk.click("key.62")
    desk.wait("post", match=lambda r: r["kind"] == "note_off" and r["number"] == 62)
    desk.finish()
