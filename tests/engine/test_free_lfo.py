"""The free shape of an LFO: what is drawn is what moves the sound, exact to its phase, without a click, in morphs and when drawn live."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.engine.dsp import lfo
from synth.engine.modulation.free_shapes import free_shapes
from synth.errors import UserError
from synth.events import from_json, note_on, set_param, to_json
from synth.params.knobs import LFO_SHAPES
from synth.params.param import SYNCS
from synth.patch import preset_file
from synth.patch.lfo_shape import check_shape, value_at
from synth.patch.morph import Morph, on_axis
from synth.patch.patch import Patch
from synth.patch.stack import STACK
from synth.render.offline import Offline
from synth.session.differences import drawing

from .sounds import SR_HZ, click_db, soft, table
from .test_own_latents import slot

FREE = float(LFO_SHAPES.index("free"))
RAMP = ((0.0, -1.0, 4.0), (0.3, 0.8, -3.0), (0.3, -0.2, 0.0), (0.75, 0.5, 0.0), (1.0, -1.0, 0.0))  # bent, with a jump
HILL = ((0.0, -0.4, 0.0), (0.5, 1.0, 0.0), (1.0, -0.4, 0.0))
PITCH = slot(1, "lfo1", "osc.coarse_semitones", 0.125)

_numbers = st.floats(-1, 1, width=32)
shapes = st.lists(st.tuples(st.floats(0, 1, width=32), _numbers, st.floats(-10, 10, width=32)), min_size=0, max_size=30).map(
    lambda rows: check_shape([(0.0, 0.25, 2.0), *sorted(rows), (1.0, -0.5, 0.0)]))


def moving(shape, **more):
    return Patch(params={**PITCH, "lfo1.shape": FREE, "lfo1.rate_hz": 2.0, **more}, lfo_shapes={"lfo1": shape})


def heard(patch, events=(), n=240, source=None):
    """The LFO of the oldest voice at the end of each of n ticks: float64[n]."""
    player = Offline(patch, [(0, note_on(60)), *events], source=source or table([1.0]))
    found = []
    for _ in range(n):
        player.read(128)
        rows = player.engine._s["polyphony"]["voices"]
        v = min(rows[rows["state"] == 1], key=lambda v: v["serial"])
        found.append((v["pitch"] - v["note"]) / 12)
    return np.array(found)


def expected(shape, rate_hz=2.0, n=240):
    return value_at(shape, np.arange(1, n + 1) * 128 / SR_HZ * rate_hz - 32 / SR_HZ * rate_hz)  # a note's LFO begins with its first quantum


def apart(a, b, shape, n=240):
    """How far two runs differ, but where the shape jumps, which is smoothed."""
    calm = np.abs(np.diff(expected(shape, n=n), prepend=0)) < 0.05
    return np.abs(a - b)[calm & np.roll(calm, -1) & np.roll(calm, 1)][3:].max()


@settings(max_examples=60, deadline=None)
@given(shape=shapes, cycles=st.lists(st.floats(-3, 3), min_size=1, max_size=8))
def test_the_kernel_plays_what_stands_in_the_points(shape, cycles):
    record = free_shapes({"lfo2": shape})[1]
    for t in cycles:
        near = value_at(shape, np.array([t - 1e-6, t, t + 1e-6]))
        assert near.min() - 1e-3 <= lfo.drawn.py_func(record, t) <= near.max() + 1e-3
        rounded = 1e-6 + near.max() - near.min()  # where it is steep the last bit of the place is more than that of the value
        assert lfo.drawn(record, t) == pytest.approx(lfo.drawn.py_func(record, t), abs=rounded)


def test_a_drawn_lfo_moves_the_pitch_as_it_is_drawn_free_and_on_the_beat():
    assert apart(heard(moving(RAMP)), expected(RAMP), RAMP) < 0.01
    synced = moving(RAMP, **{"lfo1.sync": float(SYNCS.index("1/4")), "lfo1.rate_hz": 9.0, "clock.tempo_bpm": 120.0})
    assert apart(heard(synced), expected(RAMP), RAMP) < 0.01, "a quarter at 120 is 2 Hz, whatever the rate"
    late = moving(RAMP, **{"lfo1.phase_cycles": 0.25})
    assert np.abs(heard(late, n=60)[10:50] - value_at(RAMP, 0.25 + (np.arange(1, 61) * 128 - 32) / SR_HZ * 2.0)[10:50]).max() < 0.02


def test_jumps_and_bends_do_not_click():
    levels = {**slot(1, "lfo1", "osc.level_db", 0.2), **slot(2, "lfo1", "osc.coarse_semitones", 0.05), "osc.level_db": -12.0}
    sharp = ((0.0, 1.0, 10.0), (0.2, -1.0, -10.0), (0.2, 1.0, 0.0), (0.21, -1.0, 0.0), (1.0, -0.9, 0.0))
    patch = Patch(params={**levels, "lfo1.shape": FREE, "lfo1.rate_hz": 9.0}, lfo_shapes={"lfo1": sharp})
    assert click_db(Offline(patch, [(100, note_on(48))], source=soft()).read(48000)) < -80


def test_drawing_while_a_note_is_held_is_heard_at_once_and_told_in_the_take():
    events = drawing(0, HILL, RAMP)
    assert [from_json(to_json(event, 5)) for event in events] == [(5, event) for event in events]
    live = heard(moving(HILL), [(12800, event) for event in events])
    assert apart(live[:99], expected(HILL)[:99], HILL, 99) < 0.01
    assert np.abs(live[150:170] - expected(RAMP)[150:170]).max() < 0.02


def test_a_morph_of_two_free_shapes_lies_between_them_and_a_stack_plays_each():
    a, b = moving(HILL), moving(RAMP)
    half = Patch(params={"morph.x": 0.5}, morph=Morph((a, b)))
    assert apart(heard(half), (expected(HILL) + expected(RAMP)) / 2, RAMP) < 0.01
    one = Patch(params={"morph.x": 1.0}, morph=Morph((a, b)))
    assert apart(heard(one), expected(RAMP), RAMP) < 0.01
    ours = Patch(params={"morph.x": 0.5}, morph=Morph((a, b)), lfo_shapes={"lfo1": HILL})
    assert apart(heard(ours), expected(HILL), HILL) < 0.01, "what is drawn for the morph is that of all parts"
    stack = Patch(morph=on_axis(Morph((a, b)), STACK))
    player = Offline(stack, [(0, note_on(60))])
    player.read(15 * 1280)
    rows = player.engine._s["polyphony"]["voices"]
    found = {int(v["part"]): (v["pitch"] - v["note"]) / 12 for v in rows[rows["state"] == 1]}
    assert found[0] == pytest.approx(expected(HILL)[149], abs=0.02) and found[1] == pytest.approx(expected(RAMP)[149], abs=0.02)


@settings(max_examples=25, deadline=None)
@given(shape=shapes)
def test_a_preset_keeps_it_to_a_millionth(shape):
    kept = preset_file.from_json(preset_file.to_json(moving(shape)))
    assert np.abs(np.array(kept.lfo_shapes["lfo1"]) - np.array(shape)).max() <= 0.6e-6
    assert preset_file.from_json(preset_file.to_json(kept)) == kept


@pytest.mark.parametrize("points, said", [
    ([[0, 0, 0]], "2 to 32"), ([[i / 33, 0, 0] for i in range(34)], "2 to 32"), ([[0, 0, 0], [0.9, 0, 0]], "place 0 to place 1"),
    ([[0, 0, 0], [0.6, 0, 0], [0.5, 0, 0], [1, 0, 0]], "none before"), ([[0, 2, 0], [1, 0, 0]], "-1 to 1"),
    ([[0, 0, 11], [1, 0, 0]], "bends"), ([[0, 0], [1, 0]], "three"), ([[0, "a", 0], [1, 0, 0]], "list of points"),
    ([[0, float("nan"), 0], [1, 0, 0]], "finite"), ("x", "list of points"), (None, "list of points")])
def test_a_preset_with_no_shape_is_refused_in_a_sentence(points, said):
    data = preset_file.to_data(moving(HILL))
    data["lfo_shapes"] = {"lfo1": points}
    with pytest.raises(UserError, match=said):
        preset_file.from_data(data)


def test_the_old_shapes_are_where_they_were():
    assert LFO_SHAPES[:7] == ("sine", "triangle", "rise", "fall", "square", "steps", "drift")
    assert set_param("lfo1.shape", 7.0).value == 7.0
