"""One note at a time: priority, legato, glide; and no key that sticks, whatever the modes do while keys are held."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.engine.dsp.envelope import SUSTAIN
from synth.events import control, note_off, note_on, set_param
from synth.patch.patch import Patch
from synth.render.offline import Offline

from .sounds import SR_HZ, soft, table
from .test_own_latents import slot, whole

SINE, SOURCE = table([1.0]), soft()
POLY, MONO, LEGATO = 0.0, 1.0, 2.0
LAST, LOW, HIGH = 0.0, 1.0, 2.0


def held(player):
    """Notes whose key is down, as they sound."""
    v = player.engine._s["polyphony"]["voices"]
    return sorted(int(n) for n in v[(v["state"] == 1) & (v["key_down"] == 1)]["note"])


@pytest.mark.parametrize("mode", [MONO, LEGATO])
@pytest.mark.parametrize("priority, steps", [
    (LAST, [("+60", 60), ("+64", 64), ("+55", 55), ("-64", 55), ("-55", 60), ("-60", None)]),
    (LOW, [("+60", 60), ("+64", 60), ("+55", 55), ("-55", 60), ("-60", 64), ("-64", None)]),
    (HIGH, [("+60", 60), ("+64", 64), ("+55", 64), ("-64", 60), ("-60", 55), ("-55", None)])])
def test_which_key_sounds(mode, priority, steps):
    events = [(480 * i, (note_on if s[0] == "+" else note_off)(int(s[1:]))) for i, (s, _) in enumerate(steps)]
    player = Offline(Patch(params={"voice.mode": mode, "voice.priority": priority}), events, source=SINE)
    for _, note in steps:
        player.read(480)
        assert held(player) == ([] if note is None else [note])


@pytest.mark.parametrize("mode, again", [(MONO, True), (LEGATO, False)])
def test_legato_goes_on_where_mono_strikes_again(mode, again):
    params = {"voice.mode": mode, "amp.attack_s": 0.05, "amp.decay_s": 0.05, "amp.sustain": 0.5, "env2.attack_s": 0.05}
    rows = [(0, note_on(60, 1.0)), (9600, note_on(64, 0.5)), (14400, note_off(60)), (19200, note_off(64)), (24000, note_on(60))]
    player = Offline(Patch(params=params), rows, source=SINE)
    player.read(9700)
    v = player.engine._s["polyphony"]["voices"][player.engine._s["polyphony"]["mono"][0]]
    assert (v["amp"]["stage"] != SUSTAIN) == again and v["note"] == 64
    assert v["velocity"] == pytest.approx(0.5 if again else 1.0)
    player.read(24100 - 9700)
    assert v["amp"]["stage"] != SUSTAIN and v["note"] == 60  # not overlapping: struck again


def pitches(params, events, quanta):
    """Pitch of the newest voice at the end of each quantum: float64[quanta]."""
    player = Offline(Patch(params=params), events, source=SINE)
    rows = []
    for _ in range(quanta):
        player.read(32)
        rows.append(float(player.engine._s["polyphony"]["voices"][player.engine._s["polyphony"]["newest"]]["pitch"]))
    return np.array(rows)


@pytest.mark.parametrize("mode", [POLY, MONO, LEGATO])
@pytest.mark.parametrize("to", [72, 53])
def test_a_glide_is_a_straight_line_of_its_time(mode, to):
    found = pitches({"glide.time_s": 0.1, "voice.mode": mode}, [(0, note_on(60)), (3200, note_on(to))], 300)
    line = np.clip((np.arange(300) - 99) * 32 / SR_HZ / 0.1, 0, 1)  # from the quantum that holds its key
    assert np.abs(found[100:] - (60 + (to - 60) * line)[100:]).max() < abs(to - 60) * 2 * 32 / SR_HZ / 0.1 and found[-1] == to
    assert np.ptp(np.diff(found[102:240])) < 1e-9  # steps of one size


def test_a_glide_is_heard():
    """The frequency of a sine that glides, in the middle of its way."""
    patch = Patch(params={"glide.time_s": 0.2, "voice.mode": MONO})
    x = Offline(patch, [(0, note_on(81)), (9600, note_on(93))], source=SINE).read(28800)[:, 0].astype(float)
    crossings = np.flatnonzero((x[:-1] < 0) & (x[1:] >= 0))
    at = crossings - x[crossings] / (x[crossings + 1] - x[crossings])
    middle, hz = (at[1:] + at[:-1]) / 2, SR_HZ / np.diff(at)
    inside = (middle > 10000) & (middle < 18800)
    expected = 81 + 12 * (middle[inside] - 9600) / 9600
    assert np.abs(69 + 12 * np.log2(hz[inside] / 440) - expected).max() < 0.06


def test_only_overlapping_keys_glide_where_that_is_asked():
    params = {"glide.time_s": 0.1, "glide.mode": 1.0, "voice.mode": MONO}
    apart = pitches(params, [(0, note_on(60)), (3200, note_off(60)), (4800, note_on(72))], 200)
    assert set(apart[:150]) == {60} and set(apart[150:]) == {72}
    assert 60 < pitches(params, [(0, note_on(60)), (3200, note_on(72))], 150)[-1] < 72


def test_keys_held_while_poly_becomes_mono_are_all_let_go():
    rows = [(0, note_on(n)) for n in (60, 64, 67)] + [(1000, set_param("voice.mode", MONO)), (2000, note_on(72)), (3000, note_off(72)),
                                                      (4000, note_off(67)), (5000, note_off(64)), (6000, note_off(60))]
    player = Offline(Patch(), rows, source=SINE)
    player.read(9600)
    assert player.engine.snapshot()["voices"] == 0


def test_a_held_key_that_another_tuning_silences_does_not_come_back():
    rows = [(0, note_on(60)), (1000, note_on(64))]
    player = Offline(Patch(params={"voice.mode": MONO}), rows, source=SINE)
    player.read(2000)
    player.engine._s["knobs"]["patch"]["tuning"][60] = np.nan
    player.engine.post(note_off(64), "window", 4000)
    x = player.read(9600)
    assert np.isfinite(x).all() and player.engine.snapshot()["voices"] == 0


def test_a_pedal_that_says_so_again_catches_no_new_note():
    rows = [(0, note_on(60)), (100, control(66, 127)), (200, note_on(64)), (300, control(66, 100)), (400, note_off(60)),
            (400, note_off(64))]
    player = Offline(Patch(), rows, source=SINE)
    player.read(4800)
    v = player.engine._s["polyphony"]["voices"]
    assert [int(n) for n in v[v["state"] == 1]["note"]] == [60]


NOTE, CHANNEL = st.sampled_from([48, 50, 60, 61, 72]), st.sampled_from([0, 0, 1])
PLAY = st.one_of(
    st.builds(note_on, NOTE, st.floats(0.1, 1), CHANNEL), st.builds(note_off, NOTE, CHANNEL),
    st.builds(control, st.sampled_from([64, 66]), st.sampled_from([0.0, 127.0]), CHANNEL),
    st.builds(control, st.just(123), st.just(0.0), CHANNEL),
    st.builds(set_param, st.just("voice.mode"), st.integers(0, 2).map(float)),
    st.builds(set_param, st.just("voice.priority"), st.integers(0, 2).map(float)),
    st.builds(set_param, st.just("voice.count"), st.sampled_from([1.0, 2.0, 64.0])),
    st.builds(set_param, st.just("glide.time_s"), st.sampled_from([0.0, 0.05])))


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5000), PLAY), min_size=4, max_size=40), st.integers(0, 2))
def test_no_key_sticks(rows, mode):
    """Any keys, pedals and modes: when all is let go nothing sounds, and every line and spectrum is free."""
    params = {"voice.mode": float(mode), **slot(1, "velocity", "latent.1", 0.5), **slot(2, "lfo1", "latent.1", 0.3)}
    player = Offline(Patch(params=params), sorted(rows, key=lambda row: row[0]), source=SOURCE)
    x = player.read(6000)
    keys = {(e.channel, e.number) for _, e in rows if e.kind == 1}
    for channel, note in keys:  # every key up, then the pedals
        player.engine.post(note_off(note, channel), "window", 6100)
    for channel in (0, 1):
        player.engine.post(control(64, 0, channel), "window", 6200)
        player.engine.post(control(66, 0, channel), "window", 6200)
    after = player.read(3000)
    assert np.isfinite(x).all() and np.isfinite(after).all()
    assert player.engine.snapshot()["voices"] == 0 and whole(player.engine)
