"""Rows of the control map on the audio thread: which sample, which value, which knob; heard, told by the journal, repeated by a take."""

from dataclasses import replace

import numpy as np
import pytest

from synth.events import Event, Kind, bend, control, note_off, note_on, pressure, set_param
from synth.params.controls import ACTIONS
from synth.params.knobs import PARAMS
from synth.patch.control_map import DEFAULTS, ControlMap, ControlRow
from synth.patch.patch import Patch
from synth.render.offline import Offline, render
from tests.measures import sound

from .sounds import saw, soft, table

CUT = PARAMS["filter.cutoff_hz"]
FILTERED = Patch(params={"filter.type": 2.0, "filter.cutoff_hz": 900.0})


def play(rows, events, patch=FILTERED, frames=256, **options):
    """An engine that has heard events by a map of the defaults and `rows`."""
    player = Offline(patch, events, controls=ControlMap((*DEFAULTS, *rows), ("Knobs", "Pads")), **{"source": soft()} | options)
    player.read(frames)
    return player.engine


def value(engine, name):
    params = engine.snapshot()["params"]
    return float(params["latent"][int(name[7:]) - 1] if name.startswith("latent.") else params[name.replace(".", "_")])


def after(row, *events, name="filter.cutoff_hz", patch=FILTERED, **options):
    """A knob's value after events by one row."""
    timed = [(8 * i, event) for i, event in enumerate(events)]
    return value(play([row], timed, patch, 64 + 8 * len(events), **options), name)


def moved(engine):
    """(frame, knob, value) that the journal tells."""
    names = tuple(PARAMS)
    return [(frame, names[e.number], e.value) for frame, e in engine.take_log() if e.kind == Kind.MOVED]


@pytest.mark.parametrize("frame", [1000, 1007, 1031])
def test_a_control_turns_its_knob_as_a_hand_would_on_the_same_sample(frame):
    row = ControlRow("cc:21", "filter.cutoff_hz")
    by_control = render(FILTERED, [(0, note_on(48)), (frame, control(21, 100))], 0.2, source=soft(), controls=ControlMap((row,)))
    by_hand = render(FILTERED, [(0, note_on(48)), (frame, set_param("filter.cutoff_hz", CUT.from_unit(100 / 127)))], 0.2, source=soft())
    still = render(FILTERED, [(0, note_on(48))], 0.2, source=soft())
    assert np.abs(by_control - by_hand).max() < 1e-6
    first = np.flatnonzero((by_control != still).any(1))[0]
    assert 0 <= first - frame // 32 * 32 < 64 and np.array_equal(by_control[:frame // 32 * 32], still[:frame // 32 * 32])


def test_the_journal_tells_what_moved_and_on_which_frame():
    engine = play([ControlRow("cc:21", "filter.cutoff_hz")], [(100, control(21, 64)), (111, control(1, 127)), (120, control(19, 127))])
    rows = moved(engine)
    assert [(frame, name) for frame, name, _ in rows] == [(100, "filter.cutoff_hz"), (111, "osc.position")]  # no latent.4 here
    assert rows[0][2] == pytest.approx(CUT.from_unit(64 / 127), rel=1e-6) and rows[1][2] == 1.0


@pytest.mark.parametrize(("row", "positions"), [
    (ControlRow("cc:21", "filter.cutoff_hz"), {0: 0.0, 127: 1.0, 64: 64 / 127}),
    (ControlRow("cc:21", "filter.cutoff_hz", low=0.75, high=0.25), {0: 0.75, 127: 0.25}),
    (ControlRow("cc:21", "filter.cutoff_hz", curve="exp"), {0: 0.0, 127: 1.0, 64: (64 / 127) ** 2}),
    (ControlRow("cc:21", "filter.cutoff_hz", curve="log"), {0: 0.0, 127: 1.0, 64: 1 - (63 / 127) ** 2}),
    (ControlRow("cc:21", "filter.cutoff_hz", curve="s"), {0: 0.0, 127: 1.0}),
    (ControlRow("cc:21", "master.pan"), {1: 0.0, 64: 0.5, 127: 1.0}),
    (ControlRow("cc:21", "amp.attack_s"), {0: 0.0, 127: 1.0, 32: 32 / 127}),
    (ControlRow("cc:21", "unison.voices"), {0: 0.0, 127: 1.0}), (ControlRow("cc:21", "filter.type"), {0: 0.0, 127: 1.0}),
    (ControlRow("cc:21", "mod3.amount"), {1: 0.0, 64: 0.5, 127: 1.0})])
def test_every_kind_of_knob_goes_where_the_slider_would(row, positions):
    for number, position in positions.items():
        assert after(row, control(21, number), name=row.target) == pytest.approx(PARAMS[row.target].from_unit(position), rel=1e-5, abs=1e-6)


def test_a_pair_of_14_bits_has_every_one_of_its_values():
    """16,384 cut-offs, in order, from end to end: the journal tells each."""
    row = ControlRow("cc14:20", "filter.cutoff_hz")
    events = []
    for v in range(16384):
        events += [(2 * v, control(20, v >> 7))] if v % 128 == 0 else []
        events.append((2 * v + 1, control(52, v & 127)))
    player = Offline(FILTERED, events, source=soft(), controls=ControlMap((row,)))
    values = []
    while player.engine.frame < 2 * 16384 + 64:
        player.read(1024)
        values += [(frame, np.float32(v)) for frame, _, v in moved(player.engine)]
    fine = np.array([v for frame, v in values if frame % 2])
    assert len(fine) == 16384 and (np.diff(fine) > 0).all()
    assert fine[0] == 20 and fine[-1] == pytest.approx(20000) and fine[8192] == pytest.approx(CUT.from_unit(8192 / 16383), rel=1e-5)


def test_a_plain_controllers_fine_half_is_heard_where_it_has_no_row_of_its_own():
    row = ControlRow("cc:20", "filter.cutoff_hz")
    assert after(row, control(20, 64), control(52, 64)) == pytest.approx(CUT.from_unit(64.5 / 127), rel=1e-5)
    engine = play([row, ControlRow("cc:52", "macro1.value")], [(0, control(20, 64)), (8, control(52, 127))])
    assert value(engine, "filter.cutoff_hz") == pytest.approx(CUT.from_unit(64 / 127), rel=1e-5) and value(engine, "macro1.value") == 1


def test_parameter_numbers_are_heard_and_the_registered_ones_still_work():
    row = ControlRow("nrpn:300", "filter.cutoff_hz")
    chosen = (control(99, 2), control(98, 44))
    assert after(row, *chosen, control(6, 127)) == pytest.approx(20000)  # without a fine half the coarse one reaches the end
    assert after(row, *chosen, control(6, 64), control(38, 5)) == pytest.approx(CUT.from_unit((64 * 128 + 5) / 16383), rel=1e-5)
    assert after(row, *chosen, control(96, 0), control(96, 0)) == pytest.approx(CUT.from_unit(CUT.to_unit(900) + 2 / 127), rel=1e-4)
    assert after(row, control(99, 2), control(98, 45), control(6, 127)) == 900
    assert after(row, *chosen, control(101, 0), control(100, 0), control(6, 12)) == 900
    x = render(Patch(), [(i, control(*c)) for i, c in enumerate([(99, 2), (98, 44), (101, 0), (100, 0), (6, 12)])] +
               [(50, bend(1.0)), (60, note_on(57))], 0.5, source=table([1.0]))[4000:, 0]
    assert np.argmax(np.abs(np.fft.rfft(x[:16000] * np.hanning(16000)))) == pytest.approx(16000 * 440 / 48000, abs=1)


@pytest.mark.parametrize(("from_below", "values", "followed"), [
    (True, [10, 60, 80], [False, False, True]), (False, [120, 90, 60], [False, False, True]), (True, [10, 127], [False, True]),
    (False, [120, 0], [False, True])])
def test_pick_up_waits_until_the_control_passes_the_value_from_either_side(from_below, values, followed):
    start = CUT.from_unit(70 / 127)
    patch = Patch(params={"filter.cutoff_hz": start})
    row = ControlRow("cc:21", "filter.cutoff_hz", mode="pickup")
    for n, follows in enumerate(followed, 1):
        wanted = CUT.from_unit(values[n - 1] / 127) if follows else start
        assert after(row, *(control(21, v) for v in values[:n]), patch=patch) == pytest.approx(wanted, rel=1e-5)


def test_pick_up_is_lost_when_somebody_else_turns_the_knob():
    row, start = ControlRow("cc:21", "filter.cutoff_hz", mode="pickup"), CUT.from_unit(70 / 127)
    taken = (control(21, 60), control(21, 80), control(21, 20))
    assert after(row, *taken, patch=Patch(params={"filter.cutoff_hz": start})) == pytest.approx(CUT.from_unit(20 / 127), rel=1e-5)
    assert after(row, *taken, set_param("filter.cutoff_hz", 5000.0), control(21, 30)) == 5000
    assert after(row, *taken, set_param("filter.cutoff_hz", 5000.0), control(21, 30), control(21, 127)) == pytest.approx(20000)


@pytest.mark.parametrize(("mode", "values", "steps"), [
    ("relative_twos", [1, 2, 127], 2), ("relative_twos", [126, 126], -4), ("relative_twos", [63], 63), ("relative_twos", [64], -64),
    ("relative_signed", [1, 2, 65], 2), ("relative_signed", [66, 66], -4), ("relative_signed", [63], 63), ("relative_signed", [64, 0], 0)])
def test_encoders_of_both_kinds_step_from_where_the_knob_stands(mode, values, steps):
    row = ControlRow("cc:21", "filter.cutoff_hz", mode=mode)
    wanted = CUT.from_unit(CUT.to_unit(900) + steps / 127)
    assert after(row, *(control(21, v) for v in values)) == pytest.approx(wanted, rel=1e-4)
    if steps:
        turned = replace(row, low=1.0, high=0.0)
        assert after(turned, *(control(21, v) for v in values)) == pytest.approx(CUT.from_unit(CUT.to_unit(900) - steps / 127), rel=1e-4)


def test_an_encoder_steps_whole_numbers_one_by_one_and_stops_at_the_ends_of_its_range():
    row = ControlRow("cc:21", "unison.voices", mode="relative_twos")
    assert after(row, *[control(21, 1)] * 3, name="unison.voices") == 4
    assert after(row, *[control(21, 1)] * 3, control(21, 127), name="unison.voices") == 3
    assert after(replace(row, target="filter.cutoff_hz", high=0.7), *[control(21, 60)] * 4) == pytest.approx(CUT.from_unit(0.7), rel=1e-5)


def test_buttons_toggle_and_hold():
    toggle = ControlRow("cc:21", "delay.mix", low=0.0, high=0.5, mode="toggle")
    press = (control(21, 127), control(21, 0))
    for n, wanted in enumerate((0.5, 0.0, 0.5), 1):
        assert after(toggle, *press * n, name="delay.mix") == pytest.approx(wanted, abs=1e-6)
    assert after(toggle, *[control(21, 127)] * 3, name="delay.mix") == pytest.approx(0.5)  # one that tells no letting go
    held = replace(toggle, mode="momentary")
    assert after(held, control(21, 127), name="delay.mix") == pytest.approx(0.5) and after(held, *press, name="delay.mix") == 0


def test_a_key_that_is_a_control_plays_no_note_however_softly_it_is_pressed():
    row = ControlRow("note:36", "filter.type", low=0.0, high=0.1, mode="momentary")
    assert after(row, note_on(36, 0.05), name="filter.type") == 1 and after(row, note_on(36), note_off(36), name="filter.type") == 0
    x = render(FILTERED, [(0, note_on(36)), (4800, note_off(36))], 0.2, source=soft(), controls=ControlMap((row,)))
    assert not x.any()


def test_bend_pressure_and_programs_are_controls_too():
    assert after(ControlRow("bend", "filter.cutoff_hz"), bend(0.0)) == pytest.approx(CUT.from_unit(0.5), rel=1e-5)
    assert after(ControlRow("pressure", "filter.cutoff_hz"), pressure(127)) == pytest.approx(20000)
    engine = play([ControlRow("program", "macro2.value")], [(0, Event(Kind.PROGRAM, 127)), (8, Event(Kind.PROGRAM, 0, 0.0, 1))])
    assert value(engine, "macro2.value") == 0
    assert [e.value for _, e in engine.take_log() if e.kind == Kind.PROGRAM] == [1, 1]  # whoever picks presets leaves them alone
    assert [e.value for _, e in play([], [(0, Event(Kind.PROGRAM, 5))]).take_log() if e.kind == Kind.PROGRAM] == [0]


def test_a_row_of_one_channel_or_one_device_is_deaf_to_others_and_wins_over_the_general_one():
    rows = [ControlRow("cc:21", "macro1.value"), ControlRow("cc:21", "macro2.value", channel=3),
            ControlRow("cc:21", "macro3.value", device="Pads"), ControlRow("cc:21", "macro4.value", device="Away")]
    heard = {}
    for name, event in {"plain": control(21, 127), "third": control(21, 127, 2), "pads": Event(Kind.CONTROL, 21, 127.0, 2, 2),
                        "knobs": Event(Kind.CONTROL, 21, 127.0, 0, 1)}.items():
        engine = play(rows, [(0, event)])
        heard[name] = [n for n in range(1, 5) if value(engine, f"macro{n}.value") == 1]
    assert heard == {"plain": [1], "third": [2], "pads": [3], "knobs": [1]}


def test_actions_are_told_once_a_press_and_panic_ends_every_note_on_its_sample():
    rows = [ControlRow("cc:30", "action.next_preset"), ControlRow("cc:31", "action.panic")]
    engine = play(rows, [(0, control(30, 127)), (10, control(30, 0)), (20, control(30, 90)), (30, control(30, 100))])
    assert [(f, ACTIONS[e.number]) for f, e in engine.take_log() if e.kind == Kind.ACTION] == [(0, "next_preset"), (20, "next_preset")]
    events = [(0, control(64, 127)), (0, note_on(48)), (100, note_off(48)), (4800, control(31, 127))]
    x = render(Patch(), events, 0.3, source=soft(), controls=ControlMap(tuple(rows)))
    assert np.abs(x[4000:4800]).max() > 1e-2 and np.abs(x[6000:]).max() < 1e-6


def test_reset_brings_controls_home_but_not_those_that_midi_says_to_leave():
    rows = [ControlRow("cc:21", "filter.cutoff_hz"), ControlRow("cc:71", "filter.resonance"), ControlRow("nrpn:1", "macro1.value"),
            ControlRow("cc:22", "macro2.value", channel=5)]
    played = [control(21, 3), control(71, 127), control(99, 0), control(98, 1), control(6, 127), control(22, 127, 4), control(1, 127)]
    engine = play(rows, [(i, e) for i, e in enumerate([*played, control(121, 0)])])
    assert value(engine, "filter.cutoff_hz") == 900 and value(engine, "osc.position") == 0
    assert value(engine, "filter.resonance") == value(engine, "macro1.value") == value(engine, "macro2.value") == 1
    hand = [(0, control(21, 3)), (8, set_param("filter.cutoff_hz", 500.0)), (16, control(21, 9)), (24, control(121, 0))]
    assert value(play(rows, hand), "filter.cutoff_hz") == 500  # where a hand left it is home


def test_latents_are_offsets_with_64_at_exactly_none_and_the_ends_half_the_range():
    player = Offline(Patch(model="akwf-16"), [(0, control(16, 64)), (8, control(83, 127)), (16, control(17, 1)), (24, control(18, 127)),
                                              (32, control(18, 64))])
    player.read(256)
    source, latent = player.source, player.engine.snapshot()["params"]["latent"]
    half = (np.asarray(source.high) - np.asarray(source.low)) / 2
    assert latent[0] == 0 and latent[2] == 0
    assert latent[7] == pytest.approx(half[7], rel=1e-6) and latent[1] == pytest.approx(-half[1], rel=1e-6)
    rows = moved(player.engine)
    assert [name for _, name, _ in rows] == ["latent.1", "latent.8", "latent.2", "latent.3", "latent.3"]


def test_a_members_slide_moves_no_row_and_its_wheel_does_as_ever():
    zone = [control(101, 0), control(100, 6), control(6, 5)]
    rows = [ControlRow("cc:74", "macro1.value"), ControlRow("bend", "macro2.value"), ControlRow("pressure", "macro3.value")]
    by_member = [*zone, control(74, 127, 2), bend(1.0, 2), pressure(127, 2), control(1, 127, 2)]
    engine = play(rows, [(i, e) for i, e in enumerate(by_member)])
    assert [value(engine, f"macro{n}.value") for n in (1, 2, 3)] == [0, 0, 0] and value(engine, "osc.position") == 1
    engine = play(rows, [(i, e) for i, e in enumerate([*zone, control(74, 127), bend(1.0), pressure(127)])])
    assert [value(engine, f"macro{n}.value") for n in (1, 2, 3)] == [1, 1, 1]


def test_brightness_may_come_from_another_control_and_cc74_may_move_something_else():
    bright = [ControlRow("cc:74", "none"), ControlRow("cc:21", "brightness")]
    events = [(0, note_on(48)), (10, control(74, 127))], [(0, note_on(48)), (10, control(21, 127))], [(0, note_on(48))]
    by_74, by_21, still = (render(FILTERED, e, 0.3, source=saw(), controls=ControlMap((*DEFAULTS, *bright))) for e in events)
    as_now = render(FILTERED, events[0], 0.3, source=saw())
    assert np.array_equal(by_74, still) and np.array_equal(by_21, as_now) and not np.array_equal(as_now, still)


def test_another_map_is_heard_from_its_frame_on():
    one, other = (ControlMap((ControlRow("cc:21", target),)) for target in ("macro1.value", "macro2.value"))
    player = Offline(FILTERED, [(0, control(21, 100)), (500, other), (500, control(21, 127))], source=soft(), controls=one)
    player.read(1024)
    assert value(player.engine, "macro1.value") == pytest.approx(100 / 127) and value(player.engine, "macro2.value") == 1


def test_a_presets_own_rows_come_with_it_and_go_with_it():
    mapped = replace(FILTERED, controls=(ControlRow("cc:1", "filter.cutoff_hz"),))
    player = Offline(FILTERED, [(0, control(1, 127)), (500, mapped), (600, control(1, 0))], source=soft())
    player.read(1024)
    assert value(player.engine, "filter.cutoff_hz") == 20 and value(player.engine, "osc.position") == 0
    player = Offline(mapped, [(0, control(1, 0)), (500, FILTERED), (600, control(1, 127))], source=soft())
    player.read(1024)
    assert value(player.engine, "filter.cutoff_hz") == 900 and value(player.engine, "osc.position") == 1


def test_the_sound_of_a_swept_control_has_no_clicks_and_its_pitch_stays():
    row = ControlRow("cc:21", "osc.fine_cents")
    x = render(Patch(), [(0, control(21, 64)), (0, note_on(57))], 0.6, source=table([1.0]), controls=ControlMap((row,)))
    assert sound.alias(x[4800:, 0].astype(float), 220.0, 48000)["cents"] == pytest.approx(0, abs=0.1)  # 64 is the very middle
