"""What is drawn, locked, compared, placed and pointed at in the real window; one start of it for all."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.gui.desk import SR, note, opened
from tests.ports.test_jack import KEYS
from tests.servers import LIMIT_S, end

from .test_gestures import centroid_hz, cents


@pytest.fixture
def desk(home, tmp_path, xvfb_display, jack_server, monkeypatch):
    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    (home / "window.json").write_text('{"locked": ["filter.resonance"]}')  # of an earlier start
    with opened(tmp_path, xvfb_display, "--preset", "Init", "--device", "jack", "--midi", "all") as desk:
        yield desk


def learn_over_jack(desk, home, jack_server):
    """Cut-off learnt from a knob of a real JACK MIDI device: two clicks and a move. Answers frames of a note before, and with it closed."""
    bright = note(desk, 0.4)
    keys = subprocess.Popen([sys.executable, str(KEYS), "latentwave:midi_in"], env=jack_server, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    try:
        assert keys.stdout.readline() == "ready\n"
        desk.wait("message", match=lambda r: r["text"] == "MIDI input 'keys:out' connected")
        choose(desk, "filter.cutoff_hz", "Learn a control", "learn", button=3)
        here = len(desk.rows())
        desk.click("wheel.mod")
        desk.wait("message", after=here, match=lambda r: "not this wheel" in r["text"])  # it would take CC1 from the morph
        keys.stdin.write("".join(f"0.01 176 74 {value}\n" for value in (127, 126, 124, 121, 117)))
        keys.stdin.flush()
        desk.wait("message", match=lambda r: r["text"] == "cc:74 of keys out moves Cut-off")
        desk.wait("message", match=lambda r: r["text"] == "cc:74 of keys out moves Cut-off once it passes 100%, where that is now")
        assert not [r for r in desk.rows()[here:] if r["event"] == "post" and r["kind"] == "control"]
        desk.wait("set_param", match=lambda r: r["args"][0] == "filter.type")  # which was off: the control would not be heard
        sweep = (*range(118, 128), *range(126, 39, -1))  # it takes over where it passes the knob
        keys.stdin.write("".join(f"0.01 176 74 {value}\n" for value in sweep))
        keys.stdin.flush()
        desk.until(lambda r: desk.played("control")[-1]["value"] == 40)
        dark = note(desk, 0.4)
        keys.communicate("0.01 176 74 127\n", timeout=LIMIT_S)
    finally:
        end(keys)
    rows = [json.loads(file.read_text()) for file in (home / "controls").iterdir()]
    assert "cc:74" in json.dumps(rows) and "filter.cutoff_hz" in json.dumps(rows)
    return bright, dark


def choose(desk, control, row, call, button=1):
    """Click a control, and a row of the menu that opens."""
    here = len(desk.rows())
    desk.move(*desk.middle(control))
    desk.hand("click", button)
    desk.wait("rect", after=here, match=lambda r: r["name"] == f"item.{row}")
    desk.frames(3)
    here = len(desk.rows())
    desk.click(f"item.{row}")
    return desk.wait(call, after=here)[0]


def draw_an_lfo(desk):
    """A ramp up and a fall, by hand, onto pitch. Answers the frames of a note."""
    desk.view("modulation")
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "lfo1.curve"][-1]
    here = len(desk.rows())
    desk.press(rect["x"] + rect["w"] * 0.6, rect["y"] + rect["h"] * 0.2)
    desk.move(rect["x"] + rect["w"] * 0.68, rect["y"] + rect["h"] * 0.2)
    desk.lift()
    desk.wait("set_lfo_shape", after=here)
    desk.frames(3)
    desk.drag("source.lfo1", "touched.osc.fine_cents")
    desk.wait("modulate", match=lambda r: r["args"][:2] == ["lfo1", "osc.fine_cents"])
    return note(desk, 1.0)


def test_lfos_are_drawn_sources_dropped_on_the_map_knobs_locked_sounds_compared_and_heard_and_a_chain_is_placed(desk, home, jack_server):
    bright, dark = learn_over_jack(desk, home, jack_server)
    played = draw_an_lfo(desk)
    shape = [(r["lfo"], r["point"], r["part"], r["value"]) for r in desk.played("lfo_point")]
    assert shape and any(part == "place" and value == 0.6875 for _, _, part, value in shape), "on the grid, where it was let go"
    desk.view("play")
    desk.drag("source.velocity", "map")
    row, _ = desk.wait("modulate", match=lambda r: r["args"][0] == "velocity")
    assert row["args"][1] in ("map.x", "map.y")
    moved = note(desk, 0.5)
    here = len(desk.rows())
    choose(desk, "osc.position", "Lock", "lock", button=3)
    desk.click("preset.compare")  # kept aside
    desk.wait("compare", after=here)
    desk.click("preset.random")
    desk.until(lambda r: any("Random" in p["preset"]["name"] for p in desk.played("patch")))
    n = len(desk.played("patch"))
    desk.click("preset.compare")
    desk.until(lambda r: len(desk.played("patch")) > n and desk.played("patch")[-1]["preset"]["name"] == "Init")
    assert desk.played("patch")[-1]["preset"]["lfo_shapes"]["lfo1"][3][0] == 0.6875
    choose(desk, "morph.add", "Acid Line", "make_morph")  # two clicks, and a drag
    desk.wait("rect", match=lambda r: r["name"] == "morph.presets" and r["h"] > 60)
    desk.frames(6)
    here = len(desk.rows())
    choose(desk, "morph.part.B", "Along a chain", "set_morph_axis")
    desk.wait("layout", after=here)
    desk.frames(3)
    choose(desk, "morph.add", "Amber Pad", "set_morph_part")
    desk.wait("rect", match=lambda r: r["name"] == "morph.presets.stop.1")
    desk.frames(3)
    x, y = desk.middle("morph.presets.stop.1")
    here = len(desk.rows())
    desk.press(x, y)
    desk.move(x + 40, y)
    desk.lift()
    desk.wait("set_morph_stops", after=here)
    desk.until(lambda r: "breakpoints" in desk.played("patch")[-1]["preset"].get("morph", {}))
    assert 0.5 < desk.played("patch")[-1]["preset"]["morph"]["breakpoints"][1] < 0.9
    desk.view("library")
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == "library.list"][-1]
    here = len(desk.rows())
    desk.move(rect["x"] + 60, rect["y"] + 17)
    desk.wait("hear_entry", after=here)  # heard without a click
    assert not [r for r in desk.rows()[here:] if r["event"] == "load_entry"]
    sound = desk.finish()
    heard = [centroid_hz(sound[start + 4800:end]) for start, end in (bright, dark)]
    assert heard[1] < heard[0] / 2, heard
    assert 5 < np.abs(cents(sound[played[0] + 4800:played[1]])).max() < 28
    assert np.abs(sound[moved[0]:moved[1]]).max() > 0.01
    assert json.loads((home / "window.json").read_text())["locked"] == ["filter.resonance", "osc.position"]
    assert sound.shape[0] > SR and json.loads((home / "window.json").read_text())["view"] == "library"
