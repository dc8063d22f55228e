"""The pure parts of window and terminal: geometry, keys, gates, the painter."""

import dataclasses
import os
import re
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.events import Kind
from synth.gui import wake, words
from synth.gui.carried_preset import CarriedPreset
from synth.gui.computer_keyboard import KeyPiano
from synth.gui.curve_points import filter_db, lfo_points
from synth.gui.display import has_display
from synth.gui.dragging import clear_of_tabs
from synth.gui.gates import Gates
from synth.gui.geometry import MIN_SIZE, Rect, cells, columns, lay_out, rows, window_on
from synth.gui.gestures import Gestures
from synth.gui.panels import plots
from synth.gui.panels.piano import key_rects, note_name
from synth.gui.panels.waterfall import project
from synth.gui.part_rows import PartRows
from synth.gui.terminal import textview
from synth.gui.terminal.textview import Painter, Pen
from synth.gui.terminal.tty import split_keys
from synth.gui.widgets.choice import Choice
from synth.gui.widgets.control import Control, Pointer
from synth.gui.widgets.entry_list import EntryList
from synth.gui.widgets.latent_map import LatentMap
from synth.gui.widgets.pointer import tip_place
from synth.gui.widgets.preset_place import HeldPreset
from synth.params.knobs import KNOBS, LFO_SHAPES, MOD_SOURCES, MOD_TARGETS, PARAMS
from synth.params.param import Scope, switch
from synth.patch.patch import Patch
from synth.session.morph_actions import morph_of
from synth.session.preparing import Progress, compile_progress
from synth.text import counted


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("size", [MIN_SIZE, (1440, 900), (1920, 1080), (1280, 720), (1366, 768), (1440, 860)])
def test_the_grid_does_not_overlap_and_stays_inside(size, scale):
    w, h = size[0] * scale, size[1] * scale
    grid = lay_out(w, h, scale)
    at = {name: r for name, r in grid._asdict().items() if isinstance(r, Rect) and (grid.narrow or name != "tabs")}
    for name, r in at.items():
        assert r.x >= 0 and r.y >= 0 and r.right <= w + 0.01 and r.bottom <= h + 0.01, name
        for other, o in at.items():
            apart = r.right <= o.x + 1e-6 or o.right <= r.x + 1e-6 or r.bottom <= o.y + 1e-6 or o.bottom <= r.y + 1e-6
            assert name == other or apart, f"{name} lies on {other}"
    assert grid.content.h >= 300 * scale and grid.content.w >= 900 * scale


def test_rectangles_are_cut_without_gaps_or_overlaps():
    room = Rect(10, 20, 300, 120)
    a, b, c = columns(room, 6, 100, 0.5, 0.5)
    assert (a.x, a.w, b.x, c.right) == (10, 100, 116, 310) and b.w == c.w == 94
    top, low = rows(room, 6, 1.0, 40)
    assert (top.h, low.y, low.bottom) == (74, 100, 140)
    assert [r.x for r in cells(room, 3, 2)] == [10, 110, 210] * 2


def test_a_touched_sleeper_wakes_and_its_own_switch_does_not_wake_it():
    asleep = {"filter.type": 0.0, "reverb.mix": 0.0, "sub.level_db": -60.0}
    value = lambda name: asleep.get(name, PARAMS[name].default)  # noqa: E731 - a table
    assert wake.waking("filter.cutoff_hz", value) == ("filter.type", 2.0)
    assert wake.waking("reverb.size", value) == ("reverb.mix", 0.3) and wake.waking("reverb.mix", value) is None
    assert wake.waking("sub.octave", value) == ("sub.level_db", -12.0) and wake.waking("osc.fine_cents", value) is None
    asleep["filter.type"] = 1.0
    assert wake.waking("filter.cutoff_hz", value) is None and not wake.is_asleep("filter", value)
    for sleeper in wake.SLEEPERS.values():
        assert PARAMS[sleeper.switch].low <= sleeper.on <= PARAMS[sleeper.switch].high


def test_every_value_is_shown_and_no_two_knobs_of_a_module_read_alike():
    names = {}
    for p in KNOBS:
        for unit in (0.0, 0.3, 1.0):
            assert words.show_value(p, p.from_unit(unit)) and "_" not in words.show_value(p, p.from_unit(unit)), p.name
        names.setdefault((p.group.name, words.label_of(p)), []).append(p.name)
    assert not [same for same in names.values() if len(same) > 1]
    assert words.show_value(PARAMS["filter.cutoff_hz"], 1840.0) == "1.84 kHz" and words.show_value(PARAMS["reverb.mix"], 0.0) == "off"
    assert words.show_value(PARAMS["master.pan"], -0.3) == "30 L" and words.show_value(PARAMS["osc.coarse_semitones"], -12) == "−12 st"


def test_pictures_of_lfos_and_filters_are_those_of_the_kernels():
    from synth.engine.dsp import lfo

    for i, shape in enumerate(LFO_SHAPES):
        x, y = lfo_points(shape)
        assert x[0] == 0 and x[-1] == 1 and np.abs(y).max() <= 1.0
        if shape in ("sine", "triangle", "rise", "fall", "square"):
            at = np.linspace(0.013, 0.987, 32)
            kernel = [lfo.value.py_func(i, float(t), np.uint64(1)) for t in at]
            assert np.abs(np.interp(at, x + np.arange(len(x)) * 1e-9, y) - kernel).max() < 0.02, shape
    hz = np.array([20.0, 1000.0, 16000.0])
    low = filter_db("low24", hz, 1000.0, 0.0)
    assert abs(low[0]) < 0.1 and low[1] == pytest.approx(-3, abs=0.3) and low[2] < -90
    assert filter_db("high12", hz, 1000.0, 0.0)[0] < -60 and filter_db("low12", hz, 1000.0, 0.9)[1] > 12


def test_piano_keys_lie_side_by_side_with_middle_c_near_the_middle():
    from synth.gui.geometry import Rect

    keys = key_rects(Rect(10, 700, 1420, 130), 32)
    white = [r for note, r in sorted(keys.items()) if note % 12 in (0, 2, 4, 5, 7, 9, 11)]
    assert all(a.right <= b.x for a, b in zip(white, white[1:], strict=False))
    assert white[0].x >= 10 and white[-1].right <= 1430
    assert 500 < keys[60].x < 900
    assert note_name(60) == "C4" and note_name(69) == "A4"


def test_a_repeated_key_press_plays_once_and_a_release_ends_the_note_it_began():
    keys = KeyPiano()
    on = keys.press("a")
    assert on is not None and (on.kind, on.number) == (Kind.NOTE_ON, 60)
    assert keys.press("a") is None
    assert keys.shift("x") and keys.base == 72
    off = keys.release("a")
    assert off is not None and (off.kind, off.number) == (Kind.NOTE_OFF, 60)
    assert keys.release("a") is None
    assert keys.press("5") is None


def test_two_letters_on_one_note_end_it_with_the_last():
    keys = KeyPiano()
    keys.press("k")  # C5
    keys.shift("x")
    assert keys.press("a").number == 72
    assert keys.release("k") is None
    assert keys.release("a").number == 72


def test_a_gate_lasts_300_ms_and_a_press_within_it_extends_it():
    gates = Gates()
    assert gates.press(60, 0.8, 10.0) is not None
    assert gates.expire(10.29) == []
    assert gates.press(60, 0.8, 10.29) is None
    assert gates.expire(10.58) == []
    assert [e.kind for e in gates.expire(10.591)] == [Kind.NOTE_OFF]
    assert gates.press(60, 0.8, 10.7) is not None
    assert [e.number for e in gates.close()] == [60]


def test_terminal_keys_are_told_apart():
    assert split_keys("a\x1b[C<\x1bOA\x1b[1;5Db\x1b[3~c") == ["a", "right", "<", "up", "b", "c"]


def _screen(text: str, rows: int) -> list[str]:
    """A terminal that knows what the painter writes."""
    screen = [""] * rows
    for row, line in re.findall(r"\x1b\[(\d+);1H(.*?)\x1b\[K", text):
        screen[int(row) - 1] = line
    return screen


def test_the_painter_sends_only_what_changed():
    painter = Painter()
    assert _screen(painter.paint(["one", "two", "three"]), 3) == ["one", "two", "three"]
    assert painter.paint(["one", "two", "three"]) == ""
    assert painter.paint(["one", "2", "three"]) == "\x1b[2;1H2\x1b[K"
    assert painter.paint(["one"]).count("\x1b[K") == 2


def _player(z: int):
    info = [SimpleNamespace(name=f"Z{i + 1}", low=-2.0, high=2.0, mean=0.0, std=1.0) for i in range(z)]
    return SimpleNamespace(latents=info, model="m\x1b[2J", name="Ev\x07il", loading="", dirty=True, left=None,
                           messages=deque(["hello \x1b[31m"]))


def _snapshot(z: int):
    return SimpleNamespace(latents=np.linspace(-2, 2, z), position=0.5, peak_left=0.1, peak_right=0.2, voices=3, load=0.02, load_peak=0.1,
                           xruns=0, late_events=0, late_decodes=0, late_starts=0, decode_age_s=0.01,
                           last_midi="90 3C 40", audio="none", midi="none", params={"osc.follow": 0.25}, blocksize=128, midi_out="",
                           sync="")


@pytest.mark.parametrize(("columns", "rows", "z"), [(80, 24, 16), (120, 40, 32), (60, 20, 8), (80, 24, 1), (80, 24, 64)])
def test_the_terminal_view_fits_and_shows_what_it_must(columns, rows, z):
    shown = textview.lines(_player(z), _snapshot(z), Pen(False, True), (columns, rows), 0, 60, 100)
    assert len(shown) < rows and max(map(len, shown)) <= columns
    text = "\n".join(shown)
    for word in ("voices 3", "load 2.0 %", "xruns 0", "decode age 10 ms", "last MIDI 90 3C 40", "MIDI none", "position", "follow 0.25",
                 "Z1"):
        assert word in text, word
    assert "\x1b" not in text and "\x07" not in text


def test_spectrum_bars_show_a_saw_falling_and_silence_flat():
    edges = plots.bar_edges(1023)
    assert list(edges[:9]) == list(range(1, 10)) and edges[-1] == 1024 and np.all(np.diff(edges) > 0)
    saw = plots.bar_levels(1 / np.arange(1, 1024), edges)
    assert saw[0] == 1.0 and np.all(np.diff(saw) < 0) and 0.2 < saw[-1] < 0.4
    assert not plots.bar_levels(np.zeros(1023), edges).any()


def test_the_scope_starts_at_a_rising_zero_crossing():
    wave = np.sin(np.arange(2048) * 2 * np.pi / 137 + 0.7)
    shown = plots.triggered(wave, 1024)
    assert len(shown) == 1024 and wave[list(wave).index(shown[0]) - 1] < 0 <= shown[0] < 0.05


def test_the_waterfall_stays_inside_its_panel():
    from synth.gui.geometry import Rect

    area = Rect(100, 50, 600, 400)
    for depth in (0.0, 0.5, 1.0):
        for cycle in (np.ones(64), -np.ones(64)):
            assert all(area.holds(x, y) for x, y in project(cycle, depth, area))


def test_no_display_is_seen_without_opening_a_window(monkeypatch):
    if os.name != "posix" or os.uname().sysname == "Darwin":
        pytest.skip("X servers are asked on Linux only")
    for display in ("", ":64321", "nonsense", "localhost:x"):
        monkeypatch.setenv("DISPLAY", display)
        assert not has_display(), display


def test_the_xvfb_of_the_tests_is_seen(xvfb_display, monkeypatch):
    monkeypatch.setenv("DISPLAY", xvfb_display["DISPLAY"])
    assert has_display()


def test_a_knob_snaps_where_players_count_in_whole_numbers():
    from synth.gui.geometry import Rect
    from synth.gui.widgets.control import ParamControl

    sent = []
    gestures = SimpleNamespace(set_value=lambda name, value, wake=True: sent.append((name, value)))
    control = ParamControl(PARAMS["osc.coarse_semitones"], Rect(0, 0, 1, 1), gestures)
    control.set_unit(0.5371)
    control.value = 3.0
    control.wheel(1, False)
    control.reset()
    assert sent == [("osc.coarse_semitones", 4.0), ("osc.coarse_semitones", 4.0), ("osc.coarse_semitones", 0)]


@pytest.mark.parametrize("param", [p for p in KNOBS if p.curve in ("count", "choice")], ids=lambda p: p.name)
def test_a_click_of_the_wheel_is_one_whole_number_however_fine(param):
    from synth.gui.geometry import Rect
    from synth.gui.widgets.control import ParamControl

    sent = []
    control = ParamControl(param, Rect(0, 0, 1, 1), SimpleNamespace(set_value=lambda name, value, wake=True: sent.append(value)))
    for fine in (False, True):
        for start, clicks in ((param.low, (1.0,)), (param.high, (-1.0,)), (param.low, (0.25,) * 4)):
            control.value = float(start)
            sent.clear()
            for click in clicks:
                control.wheel(click, fine)
            assert sent == [start + sum(clicks)]


def _late(**counts):
    return SimpleNamespace(**{**vars(_snapshot(1)), "blocksize": 128, **counts})


def test_what_came_late_is_said_in_words_with_what_helps_and_nothing_where_nothing_did():
    from synth.gui.lateness import lateness
    from synth.gui.panels.status import facts

    assert lateness(_late()) == "" and "late" not in facts(_late(), 60.0)
    assert lateness(_late(late_decodes=1)) == "timbre lagged 1 time (if you hear it: --blocksize 256)"
    assert lateness(_late(late_starts=2, blocksize=512)) == "2 notes began in the timbre before (if you hear it: --blocksize 1024)"
    assert lateness(_late(late_decodes=3, blocksize=4096)) == "timbre lagged 3 times (if you hear it: close other programs)"
    shown = "\n".join(textview.lines(_player(8), _late(late_decodes=12), Pen(False, True), (100, 30), 0, 60, 100))
    assert "timbre lagged 12 times" in shown and "late" not in textview.status_line(_player(8), _late())
    assert "timbre lagged 12 times" in textview.status_line(_player(8), _late(late_decodes=12))


@given(st.integers(320, 8000), st.integers(240, 5000), st.integers(0, 4000), st.floats(0.5, 4.0))
def test_a_window_opens_inside_its_screen_and_its_smallest_size_fits(w, h, x, scale):
    screen = Rect(x, 0, w, h)
    at, scale_then = window_on(screen, scale)
    assert screen.x <= at.x and at.right <= screen.right and at.bottom <= screen.bottom and scale_then <= scale
    assert at.w >= MIN_SIZE[0] * scale_then - 1e-6 and at.h >= MIN_SIZE[1] * scale_then - 1e-6


@given(st.integers(0, 700), st.floats(0.1, 900.0), st.floats(0.0, 300.0), st.floats(0.1, 60.0))
def test_the_bar_of_the_preparation_only_grows(steps, elapsed_s, since_s, more_s):
    part, left_s = compile_progress(steps, elapsed_s + since_s, since_s)
    assert 0 <= part <= 0.99 and left_s > 0
    assert compile_progress(steps, elapsed_s + since_s + more_s, since_s + more_s)[0] >= part
    assert compile_progress(steps + 1, elapsed_s + since_s, 0.0)[0] >= part - 1e-9


def test_the_bar_and_its_words_fit_in_a_terminal_of_80_columns():
    assert len(Progress("preparing the sound engine", 0.5, 6000.0).sentence(brief=True)) + 20 + 2 <= 80


def test_snapshots_carry_all_that_the_views_read():
    from synth.session.session import Snapshot

    assert set(vars(_snapshot(1))) <= {f.name for f in dataclasses.fields(Snapshot)}


def test_a_press_on_a_map_that_shows_no_sound_yet_does_nothing():
    early = LatentMap.__new__(LatentMap)  # laid out, and no frame since; or another model plays already
    early._map, early._latents = SimpleNamespace(), None
    early.press(Pointer(10.0, 10.0))
    early.drag(Pointer(20.0, 20.0))


def test_rows_of_a_morphs_parts_reach_as_far_as_their_part_is_heard():
    def row(slot, source, target, amount):
        return {f"mod{slot}.source": float(MOD_SOURCES.index(source)), f"mod{slot}.target": float(MOD_TARGETS.index(target)),
                f"mod{slot}.amount": amount}

    one = Patch(name="one", params=row(1, "lfo1", "filter.cutoff_hz", 0.4) | row(2, "env2", "osc.position", 0.6))
    other = Patch(name="other", params=row(3, "velocity", "filter.cutoff_hz", 0.2))
    found = PartRows()

    def reach(target, x):
        at = SimpleNamespace(params={"morph.x": x, "morph.y": 0.0}, sources={"lfo1": -0.5, "velocity": 1.0, "env2": 1.0})
        return pytest.approx(found.reach(target, at))
    found.look(morph_of((one, other)))
    assert found.targets == {"filter.cutoff_hz", "osc.position"} and {"lfo1", "velocity"} <= found.sources
    assert (-0.4, 0.4, -0.2) == reach("filter.cutoff_hz", 0.0) and (0.0, 0.2, 0.2) == reach("filter.cutoff_hz", 1.0)
    assert (-0.2, 0.3, 0.0) == reach("filter.cutoff_hz", 0.5) and (0.0, 0.3, 0.3) == reach("osc.position", 0.5)
    found.look(dataclasses.replace(morph_of((one, other)), params=row(2, "wheel", "morph.x", 1.0)))
    assert found.targets == {"filter.cutoff_hz"}, "a row that is set for all parts stands in the place of theirs"
    found.look(morph_of((one, other), "stack"))
    assert (-0.4, 0.6, 0.0) == reach("filter.cutoff_hz", 0.0)
    found.look(one)
    assert not found.targets and (0.0, 0.0, 0.0) == reach("filter.cutoff_hz", 0.0)


def test_a_list_of_sounds_scrolls_to_what_was_loaded_elsewhere_and_stays_where_a_hand_scrolls_it():
    entries = [SimpleNamespace(key=f"own/{i}") for i in range(100)]
    loaded = ["own/50"]
    shown = EntryList.__new__(EntryList)
    shown._rows, shown.first, shown._brought, shown._chosen = [None] * 10, 0, "", lambda: loaded[0]
    shown._bring_loaded(entries)
    assert shown.first == 45
    shown.first = 0  # scrolled by hand
    shown._bring_loaded(entries)
    assert shown.first == 0
    loaded[0] = "own/9"  # in sight
    shown._bring_loaded(entries)
    assert shown.first == 0
    loaded[0] = "elsewhere"
    shown._bring_loaded(entries)
    assert shown.first == 0


def test_targets_of_controls_and_kinds_of_a_loop_are_said_in_words():
    knobs = SimpleNamespace(directions=("brightness",), session=SimpleNamespace(effects=()))
    said = [Gestures.target_words(knobs, name) for name in ("brightness", "action.next_preset", "filter.cutoff_hz", "direction.1")]
    assert said == ["Brightness", "Next preset", "Cut-off", "Brightness"] and all(name[0].isupper() for name in said)
    chosen = []
    choice = Choice.__new__(Choice)
    choice.param, choice.value = PARAMS["track.loop"], 3.0
    choice.gestures = SimpleNamespace(directions=(), row_lines=lambda name: ["Velocity +1"], set_value=lambda *of: chosen.append(of))
    rows_ = choice.choice_rows()
    assert [row.words for row in rows_] == ["hold", "loop", "ping-pong", "drift"]
    assert all(len(row.key) > 20 for row in rows_) and [row.key.endswith("●") for row in rows_] == [False, False, False, True]
    tip = choice.tip(Pointer(0, 0))
    assert [line.split(":")[0] for line in tip[2:6]] == ["hold", "loop", "ping-pong", "drift"] and tip[6:] == ["Velocity +1"]
    rows_[1].do()
    assert chosen == [("track.loop", 1.0)]
    with pytest.raises(ValueError, match="2 choices, and 1 meanings"):
        switch("a.b", "B", ("one", "two"), Scope.GLOBAL, "help", meanings=("the first",))


@pytest.mark.parametrize(("n", "said"), [(0, "0 notes"), (1, "1 note"), (2, "2 notes"), (1.0, "1 note"), (1.5, "1.5 notes")])
def test_one_is_counted_as_one(n, said):
    assert counted(n, "note") == said
    assert counted(n, "sound is", "sounds are") == said.replace("notes", "sounds are").replace("note", "sound is")


def test_a_preset_that_is_carried_lights_the_way_to_play_and_hides_no_tab():
    tabs = [Control(f"view.{name}", Rect(100 * i, 10, 90, 30)) for i, name in enumerate(("play", "sound", "effects"))]
    carried = CarriedPreset(SimpleNamespace(), HeldPreset("Amber Pad", Path("Amber Pad.json")))
    assert carried.lit(tabs) == [tabs[0].rect], "the morph and the map are there"
    assert carried.lit([*tabs, Control("map", Rect(0, 100, 90, 90))]) == [], "they are here"
    assert CarriedPreset(SimpleNamespace(), HeldPreset("A table", Path("a.wav"), is_table=True)).lit(tabs) == []
    card = clear_of_tabs(Rect(60, 5, 200, 40), [tab.rect for tab in tabs], 6)
    assert card == Rect(60, 46, 200, 40) and clear_of_tabs(card, [tab.rect for tab in tabs], 6) == card


def test_the_tip_of_a_pad_is_in_it_away_from_the_mouse_and_no_tip_leaves_the_window():
    pad = Rect(300, 200, 200, 160)
    for at_y in (200, 270, 290, 359):
        x, y = tip_place(pad, 120, 40, 1000, 1.0, at_y)
        assert pad.holds(x, y) and pad.holds(x + 119, y + 39) and not y - 6 <= at_y < y + 46
    assert tip_place(pad, 120, 40, 1000, 1.0) == (340, 154)
    assert tip_place(Rect(960, 10, 40, 20), 120, 40, 1000, 1.0) == (876, 36)
