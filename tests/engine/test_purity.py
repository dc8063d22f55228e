"""The bars of pitch, aliasing, droop, distortion, silence and clicks, measured on rendered sound."""

import numpy as np
import pytest

from synth.events import bend, control, note_off, note_on, set_param
from synth.patch.patch import Patch
from synth.render.offline import render
from tests.measures import sound

from .sounds import INIT, SR_HZ, click_db, saw, soft, steady, table

OTHER_RATES_HZ = (44100, 96000, 192000)

FILTERED = Patch(params={"filter.type": 1.0, "filter.cutoff_hz": 400.0, "filter.resonance": 0.7})
AT_B = Patch(params={"osc.position": 1.0, "osc.level_db": -6.0})


@pytest.mark.parametrize("note", range(12, 121, 12))
def test_pitch_within_a_tenth_of_a_cent(note):
    x = steady(note, saw())
    assert abs(sound.alias(x, sound.note_hz(note), SR_HZ)["cents"]) < 0.1


@pytest.mark.parametrize(("note", "alias_db"), [(24, -110), (36, -120), (60, -120), (72, -120), (84, -120), (96, -120), (108, -120)])
def test_saw_is_clean_and_does_not_droop(note, alias_db):
    found = sound.alias(steady(note, saw()), sound.note_hz(note), SR_HZ)
    assert found["alias_db"] <= alias_db
    assert found["droop_db"] <= 0.02


@pytest.mark.parametrize("sr_hz", OTHER_RATES_HZ)
@pytest.mark.parametrize("note", [36, 72, 108])
def test_saw_is_as_clean_at_every_rate(note, sr_hz):
    found = sound.alias(steady(note, saw(), 3.0, sr_hz=sr_hz), sound.note_hz(note), sr_hz)
    print(f"n{note} at {sr_hz}: {found}")
    assert found["alias_db"] <= -120 and found["droop_db"] <= 0.02 and abs(found["cents"]) < 0.1


@pytest.mark.parametrize(("power", "most_db"), [(0.5, -95), (0.0, -90)])
@pytest.mark.parametrize("note", [24, 45, 69, 93])
def test_bright_cycles_are_clean(power, most_db, note):
    k = np.arange(1, 1024)
    x = steady(note, table(k**-power, np.random.default_rng(1).uniform(0, 2 * np.pi, 1023)))
    found = sound.alias(x, sound.note_hz(note), SR_HZ, ideal=lambda k: k**-power)
    assert found["alias_db"] <= most_db


@pytest.mark.parametrize("note", [33, 69, 105])
def test_a_sine_is_a_sine(note):
    assert sound.thd_n(steady(note, table([1.0])), sound.note_hz(note), SR_HZ) <= -125


def test_bent_note_is_clean_at_its_new_pitch():
    patch = Patch(params={"bend.range_semitones": 12.0})
    x = render(patch, [(100, note_on(60)), (3000, bend(1.0))], 6, source=saw())[20000:, 0].astype(float)
    found = sound.alias(x, sound.note_hz(72), SR_HZ)
    assert abs(found["cents"]) < 0.1 and found["alias_db"] <= -110 and found["droop_db"] <= 0.02


def test_silence_after_the_last_release():
    x = render(INIT, [(100, note_on(n)) for n in (36, 60, 64)] + [(24000, note_off(n)) for n in (36, 60, 64)], 1.0, source=saw())
    release_end = 24000 + int(0.002 * SR_HZ)
    assert np.abs(x[20000:23000]).max() > 0.05
    assert np.abs(x[release_end + int(0.05 * SR_HZ):]).max() < 1e-6


def test_gain_does_not_depend_on_how_many_voices_sound():
    low = Patch(params={"osc.level_db": -24.0})
    many = [(100, note_on(n)) for n in range(40, 56)]
    alone, others, with_others = (render(low, e, 1.0, source=soft()) for e in ([(100, note_on(57))], many, [*many, (100, note_on(57))]))
    assert np.abs(with_others - others - alone).max() < 2e-6


def test_limiter_is_exact_below_and_never_over():
    quiet = render(INIT, [(100, note_on(48))], 0.5, source=saw())
    doubled = render(Patch(params={"master.gain_db": 6.0}), [(100, note_on(48))], 0.5, source=saw())
    gain = 10 ** (6 / 20)
    assert np.abs(doubled - gain * quiet)[2000:].max() < 1e-6
    loud = render(Patch(params={"master.gain_db": 12.0}), [(100, note_on(n)) for n in range(36, 84)], 2.0, source=saw())
    assert 0.9 < np.abs(loud).max() < 1.0


@pytest.mark.parametrize(("what", "events", "patch"), [
    ("steals", [(1000 + i * 499, note_on(48 + i % 3)) for i in range(100)], Patch(params={"voice.count": 2.0})),
    ("retriggers", [(1000 + i * 997, note_on(48)) for i in range(50)], INIT),
    ("mod wheel", [(100, note_on(48))] + [(3000 + i * 3011, control(1, 127 * (i % 2))) for i in range(15)], INIT),
    ("latent knob", [(100, note_on(48))] + [(3000 + i * 3011, control(16, 127 * (i % 2))) for i in range(15)], INIT),
    ("volume", [(100, note_on(48))] + [(3000 + i * 3011, control(7, 127 * (i % 2))) for i in range(15)], INIT),
    ("pan", [(100, note_on(48))] + [(3000 + i * 3011, control(10, 127 * (i % 2))) for i in range(15)], INIT),
    ("bend", [(100, note_on(48))] + [(3000 + i * 3011, bend(2 * (i % 2) - 1)) for i in range(15)],
     Patch(params={"bend.range_semitones": 12.0})),
    ("preset changes", [(100, note_on(48))] + [(3000 + i * 3011, (FILTERED, AT_B)[i % 2]) for i in range(15)], INIT),
    ("filter drive", [(100, note_on(48))] + [(3000 + i * 3011, set_param("filter.drive_db", (0, 14.4)[i % 2])) for i in range(15)],
     Patch(params={"filter.type": 1.0, "filter.cutoff_hz": 2000.0})),
    ("cut-off", [(100, note_on(48))] + [(3000 + i * 3011, set_param("filter.cutoff_hz", (200, 8000)[i % 2])) for i in range(15)], FILTERED),
    ("all sound off", [(100, note_on(48)), (5003, control(120, 0)), (9000, note_on(48)), (15001, control(120, 0))], INIT),
    ("64 steals at once", [(100, note_on(20 + i % 28)) for i in range(64)] + [(20003, note_on(20 + i % 28)) for i in range(64)],
     Patch(params={"osc.level_db": -20.0})),
])
def test_nothing_clicks(what, events, patch):
    x = render(patch, events, 1.2, source=soft())
    assert np.abs(x).max() > 0.05, what
    assert click_db(x) < -80, what


@pytest.mark.parametrize("sr_hz", OTHER_RATES_HZ)
def test_nothing_clicks_at_any_rate(sr_hz):
    """Retriggers, pan, wheel, bend, filter and preset changes, every 63 ms in turn."""
    turns = [lambda i: (note_off(48), note_on(48)), lambda i: (control(10, 127 * (i % 4 < 2)),), lambda i: (control(1, 127 * (i % 4 > 1)),),
             lambda i: (bend(i % 3 - 1.0),), lambda i: (set_param("filter.cutoff_hz", (200, 8000)[i % 2]),),
             lambda i: ((FILTERED, INIT, AT_B)[i % 3],)]
    step = round(0.063 * sr_hz)
    rows = [(100, note_on(48)), *((100 + (i + 1) * step + 7 * k, event) for i in range(24) for k, event in enumerate(turns[i % 6](i)))]
    x = render(Patch(params={"bend.range_semitones": 5.0}), rows, 1.7, source=soft(), sr_hz=sr_hz)
    found = click_db(x, sr_hz)
    print(f"{found:.1f} dBFS at {sr_hz}")
    assert np.abs(x).max() > 0.05 and found < -80


def test_the_click_measure_hears_a_click():
    x = render(INIT, [(100, note_on(48))], 0.5, source=soft())
    x[12000:] = 0
    assert click_db(x) > -70


@pytest.mark.parametrize("sr_hz", (SR_HZ, *OTHER_RATES_HZ))
def test_the_click_measure_hears_what_is_between_the_sides(sr_hz):
    """Pan or width that jumps is in the difference of left and right alone: their mean, which the measure once took, goes on as it was."""
    x = render(INIT, [(100, note_on(48))], 0.5, source=soft(), sr_hz=sr_hz)
    middle = x.mean(1)
    jump = np.where(np.arange(len(x)) < len(x) // 2, 0.0, 0.5)
    panned, widened = ((np.stack([middle + side, middle - side], 1)) for side in (jump * middle, jump * np.roll(middle, sr_hz // 500)))
    assert click_db(x, sr_hz) < -80
    for clicking in (panned, widened):
        mean = np.repeat(clicking.mean(1, keepdims=True), 2, 1)
        assert click_db(clicking, sr_hz) > -70 and click_db(mean, sr_hz) < -80
