"""MPE as M1-100-UM has it, and ordinary keyboards beside it: heard as pitch and level, read from the voices where nothing sounds."""

import numpy as np
import pytest

from synth.engine.modulation import midi_channels
from synth.events import Event, Kind, bend, control, mpe_zone, note_off, note_on, pressure
from synth.patch.patch import Patch
from synth.render.offline import Offline
from tests.measures import sound

from .sounds import INIT, SR_HZ, table

SINE = table([1.0])
LOWER, UPPER = mpe_zone(15), mpe_zone(7, 15)


def played(events, seconds=0.2, patch=INIT):
    """(engine state, float64[n]) after events, one every 50 frames, and some time."""
    player = Offline(patch, [(50 * i, e) for i, e in enumerate(events)], source=SINE)
    x = player.read(round(seconds * SR_HZ))
    return player.engine._s, x[:, 0].astype(float)


def voice(s, channel, note):
    """The sounding voice of a key."""
    return next(v for v in s["polyphony"]["voices"] if v["state"] == 1 and v["channel"] == channel and v["note"] == note)


def bent(s, channel, note):
    return voice(s, channel, note)["pitch"] - note


def test_each_note_bends_on_its_own_and_the_master_bends_all():
    s, _ = played([*LOWER, note_on(60, 1, 1), note_on(64, 1, 2), bend(0.5, 1), bend(-0.25, 2), bend(1.0, 0)])
    assert bent(s, 1, 60) == pytest.approx(24 + 2) and bent(s, 2, 64) == pytest.approx(-12 + 2)


def test_a_bent_note_sounds_at_its_pitch():
    _, x = played([*LOWER, note_on(60, 1, 3), bend(0.25, 3), bend(-0.5, 0)], 1.0)
    n = 32768
    power = sound.power_spectrum(x[8000:8000 + n], n)
    peak = np.argmax(power[10:]) + 10
    assert peak * SR_HZ / n == pytest.approx(sound.note_hz(60 + 12 - 1), abs=SR_HZ / n)


def test_a_range_sent_to_one_member_is_all_members_and_the_masters_its_own():
    told = [control(101, 0, 5), control(100, 0, 5), control(6, 24, 5)]
    own = [control(101, 0, 0), control(100, 0, 0), control(6, 12, 0), control(38, 50, 0)]
    s, _ = played([*LOWER, *told, *own, note_on(60, 1, 1), bend(0.5, 1)])
    assert bent(s, 1, 60) == pytest.approx(12)
    s, _ = played([*LOWER, *told, *own, note_on(60, 1, 1), bend(1.0, 0)])
    assert bent(s, 1, 60) == pytest.approx(12.5)
    s, _ = played([*LOWER, *told, *LOWER, note_on(60, 1, 1), bend(0.5, 1)])  # a new configuration: 48 again
    assert bent(s, 1, 60) == pytest.approx(24)


def test_two_zones_take_channels_from_one_another():
    s, _ = played([*LOWER, *UPPER])
    assert list(s["midi"]["zones"]) == [7, 7] and list(s["midi"]["channels"]["master"]) == [0] * 8 + [15] * 8
    s, _ = played([*UPPER, *LOWER])
    assert list(s["midi"]["zones"]) == [15, 0] and list(s["midi"]["channels"]["master"]) == [0] * 16
    s, _ = played([*UPPER, *mpe_zone(10)])
    assert list(s["midi"]["zones"]) == [10, 4] and list(s["midi"]["channels"]["master"]) == [0] * 11 + [15] * 5
    s, _ = played([*UPPER, *mpe_zone(14)])
    assert list(s["midi"]["zones"]) == [14, 0] and s["midi"]["channels"]["master"][15] == -1
    s, _ = played([*LOWER, *mpe_zone(0)])
    assert list(s["midi"]["zones"]) == [0, 0] and set(s["midi"]["channels"]["master"]) == {-1}
    s, _ = played([*LOWER, control(6, 3)])
    assert list(s["midi"]["zones"]) == [3, 0]
    s, _ = played([*mpe_zone(5, 7)])  # not on a master channel: not answered
    assert list(s["midi"]["zones"]) == [0, 0]


def test_an_upper_zone_is_bent_by_channel_16_only():
    s, _ = played([*mpe_zone(3), *mpe_zone(3, 15), note_on(60, 1, 14), note_on(62, 1, 1), note_on(64, 1, 7), bend(1.0, 15), bend(0.5, 0)])
    assert bent(s, 14, 60) == pytest.approx(2) and bent(s, 1, 62) == pytest.approx(1) and bent(s, 7, 64) == 0


def test_notes_whose_channel_changes_its_part_end():
    held = [control(64, 127, 2), note_on(60, 1, 2), note_off(60, 2), note_on(62, 1, 9), note_on(64, 1, 0)]
    s, _ = played([*held, *mpe_zone(4)])
    assert [(v["channel"], v["note"]) for v in s["polyphony"]["voices"] if v["state"] == 1] == [(9, 62)]
    s, _ = played([*LOWER, note_on(60, 1, 2), note_on(62, 1, 9), *mpe_zone(4)])
    assert [v["note"] for v in s["polyphony"]["voices"] if v["state"] == 1] == [60]


def test_a_releasing_note_does_not_hear_what_is_meant_for_the_next():
    s, _ = played([*LOWER, control(64, 127, 0), note_on(60, 1, 1), bend(0.25, 1), pressure(100, 1), control(74, 127, 1), note_off(60, 1),
                   bend(-1.0, 1), pressure(0, 1), control(74, 0, 1), note_on(67, 1, 1), bend(0.5, 0)])
    old, new = voice(s, 1, 60), voice(s, 1, 67)
    assert old["pitch"] == pytest.approx(60 + 12 + 1) and new["pitch"] == pytest.approx(67 - 48 + 1)
    assert (midi_channels.pressure_of(s["midi"], old), midi_channels.slide_of(s["midi"], old)) == (pytest.approx(100 / 127), 1.0)
    assert (midi_channels.pressure_of(s["midi"], new), midi_channels.slide_of(s["midi"], new)) == (0.0, 0.0)


def test_master_pressure_and_slide_are_added_to_the_notes():
    s, _ = played([*LOWER, note_on(60, 1, 1), note_on(62, 1, 2), pressure(50.8, 1), pressure(25.4, 0), control(74, 96, 0)])
    one, two = voice(s, 1, 60), voice(s, 2, 62)
    assert midi_channels.pressure_of(s["midi"], one) == pytest.approx(0.6)
    assert midi_channels.pressure_of(s["midi"], two) == pytest.approx(0.2)
    assert midi_channels.slide_of(s["midi"], one) == pytest.approx(0.5 + 32 / 126)


def test_zone_controllers_reach_every_note_and_members_their_own():
    s, _ = played([*LOWER, control(7, 50, 0), control(1, 127, 0), control(2, 64, 0), control(11, 0, 5)])
    assert midi_channels.wheel_of(s["midi"], 4) == 1 and midi_channels.breath_of(s["midi"], 9) == pytest.approx(64 / 127)
    assert list(s["midi"]["channels"]["volume"]) == [50] * 16
    assert midi_channels.expression_of(s["midi"], 5) == 0 and midi_channels.expression_of(s["midi"], 4) == 1


def test_the_masters_pedal_and_all_notes_off_are_the_zones():
    base = [*mpe_zone(3), *mpe_zone(3, 15), control(64, 127, 0), note_on(60, 1, 1), note_on(62, 1, 14), note_off(60, 1)]
    s, _ = played(base)
    assert voice(s, 1, 60)["held_by_pedal"]
    s, _ = played([*base, control(64, 0, 0)])
    assert [v["note"] for v in s["polyphony"]["voices"] if v["state"] == 1] == [62]
    s, _ = played([*mpe_zone(3), *mpe_zone(3, 15), note_on(60, 1, 1), note_on(61, 1, 3), note_on(62, 1, 14), control(123, 0, 0)])
    assert [v["note"] for v in s["polyphony"]["voices"] if v["state"] == 1] == [62]
    s, _ = played([*LOWER, note_on(60, 1, 1), bend(0.5, 1), control(74, 100, 1), control(121, 0, 0)])
    assert bent(s, 1, 60) == 0 and midi_channels.slide_of(s["midi"], voice(s, 1, 60)) == 0.5


def test_an_ordinary_keyboard_is_unharmed():
    pressed = Event(Kind.KEY_PRESSURE, 64, 63.5, 3)
    s, _ = played([note_on(60, 1, 0), note_on(64, 1, 3), bend(1.0, 0), pressure(127, 0), pressed, control(74, 90, 3)])
    assert bent(s, 0, 60) == 2 and bent(s, 3, 64) == 0
    first, other = voice(s, 0, 60), voice(s, 3, 64)
    assert midi_channels.pressure_of(s["midi"], first) == 1 and midi_channels.pressure_of(s["midi"], other) == pytest.approx(0.5)
    assert s["midi"]["channels"]["brightness"][3] == 90 and midi_channels.slide_of(s["midi"], first) == 0.5
    s, _ = played([note_on(60, 1, 0), note_off(60), bend(1.0, 0)], patch=Patch(params={"amp.release_s": 2.0}))
    assert bent(s, 0, 60) == 2  # a releasing note bends too


def test_cc74_is_no_brightness_in_a_zone():
    s, _ = played([*LOWER, control(74, 127, 1), control(74, 127, 0)])
    assert set(s["midi"]["channels"]["brightness"]) == {64}


def test_release_velocity_reaches_the_voice():
    s, _ = played([control(64, 127), note_on(60), note_off(60, velocity=0.75)])
    assert voice(s, 0, 60)["release_velocity"] == pytest.approx(0.75)


@pytest.mark.parametrize(("told", "semitones"), [
    ([(101, 0), (100, 1), (6, 96), (38, 0)], 0.5), ([(101, 0), (100, 1), (6, 64), (38, 64)], 64 / 8192),
    ([(101, 0), (100, 2), (6, 52)], -12.0), ([(101, 0), (100, 2), (96, 0), (96, 0), (97, 0)], 1.0),
    ([(101, 0), (100, 2), (6, 70), (101, 127), (100, 127), (6, 50)], 6.0), ([(99, 0), (98, 2), (6, 50)], 0.0),
    ([(100, 2), (101, 0), (6, 66)], 2.0)])
def test_tuning_by_registered_parameters(told, semitones):
    s, _ = played([*(control(*c) for c in told), note_on(60)])
    assert bent(s, 0, 60) == pytest.approx(semitones)


@pytest.mark.parametrize(("told", "semitones"), [
    ([(38, 50)], 2.5), ([(6, 7), (38, 25)], 7.25), ([(96, 0)], 3.0), ([(97, 0), (97, 0), (97, 0)], 0.0), ([(6, 127)], 96.0)])
def test_bend_range_in_parts_and_steps(told, semitones):
    s, _ = played([control(101, 0), control(100, 0), *(control(*c) for c in told), note_on(60), bend(1.0)])
    assert bent(s, 0, 60) == pytest.approx(semitones)


def test_fine_halves_count_before_and_after_their_coarse_ones():
    s, _ = played([control(39, 64)])
    assert s["midi"]["channels"]["volume"][0] == 100.5
    s, _ = played([control(7, 80), control(39, 32), control(1, 3), control(33, 127), control(43, 0)])
    assert s["midi"]["channels"]["volume"][0] == 80.25 and s["midi"]["channels"]["wheel"][0] == pytest.approx(3 + 127 / 128)
    assert s["midi"]["channels"]["expression"][0] == 127
