"""A morph as a preset holds it: written and read back, and every fault told in one sentence."""

import copy
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.engine.dsp.morph_place import place_weights
from synth.engine.modulation.morph_table import ResolvedPart, compile_morph
from synth.errors import UserError
from synth.patch import preset_file
from synth.patch.morph import AXES, PART_NAMES, Morph, check_morph, from_dict, to_dict, with_part, without_part
from synth.patch.patch import Patch
from synth.patch.stack import STACK, Layer, changed

PARTS = tuple(Patch(name=f"Part {i}", latent_size=2, corners={"A": (0.1 * i, 0.5)}, params={"filter.cutoff_hz": 400.0 * (i + 1)})
              for i in range(8))


@st.composite
def layers(draw):
    keys, velocities = (tuple(sorted(draw(st.tuples(st.integers(low, 127), st.integers(low, 127))))) for low in (0, 1))
    return changed(Layer(), keys=keys, velocities=velocities, pan=draw(st.floats(-1, 1)), level_db=draw(st.floats(-60, 12)),
                   transpose_semitones=draw(st.integers(-48, 48)))


@st.composite
def morphs(draw):
    axis = draw(st.sampled_from(sorted(AXES)))
    n = draw(st.integers(2, AXES[axis]))
    if axis == STACK:
        return Morph(PARTS[:n], axis, layers=tuple(draw(layers()) for _ in range(n)))
    bare = Morph(PARTS[:n], axis)
    rows, columns = bare.grid
    gains = draw(st.booleans())
    level = st.integers(-2400, 2400).map(lambda cents: cents / 100)
    grid = tuple(tuple(draw(st.lists(level, min_size=columns, max_size=columns))) for _ in range(rows)) if gains else ()
    inner = sorted(draw(st.sets(st.integers(1, 99), min_size=n - 2, max_size=n - 2)))
    stops = (0.0, *(i / 100 for i in inner), 1.0) if axis == "chain" and draw(st.booleans()) else ()
    size = bare.link_steps + 1
    inside = st.lists(st.integers(0, 10_000).map(lambda share: share / 10_000), min_size=size - 2, max_size=size - 2).map(sorted)
    pace = tuple((0.0, *draw(inside), 1.0) for _ in range(n - 1)) if rows == 1 and draw(st.booleans()) else ()
    return Morph(PARTS[:n], axis, grid, stops, pace=pace)


def read(data):
    return from_dict(data, preset_file.from_data)


@settings(max_examples=40, deadline=None)
@given(morphs(), st.floats(0, 1), st.floats(0, 1))
def test_what_is_written_is_read_back_and_weights_are_a_mix(morph, x, y):
    data = json.loads(json.dumps(to_dict(morph, preset_file.to_data)))
    again = read(data)
    assert [part.name for part in again.parts] == [part.name for part in morph.parts]
    assert (again.axis, again.gain_db, again.breakpoints, again.layers, again.pace) == (
        morph.axis, morph.gain_db, morph.breakpoints, morph.layers, morph.pace)
    assert to_dict(again, preset_file.to_data) == data, "save, load, save is stable"
    engine, played = compile_morph(morph, [ResolvedPart(part.params, 2) for part in morph.parts], {}), np.zeros(8, np.float32)
    place_weights.py_func(engine[0], np.float32(x), np.float32(y), played)
    weights = morph.weights(x, y)
    assert played[:len(weights)] == pytest.approx(weights, abs=1e-4), "the engine stands where the program says"
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
    for i in range(len(morph.parts) if morph.axis != STACK else 0):
        assert morph.weights(*morph.place_of(i)).tolist() == np.eye(len(morph.parts))[i].tolist(), "a part alone is exactly alone"
        place_weights.py_func(engine[0], *(np.float32(at) for at in morph.place_of(i)), played)
        assert played.tolist() == np.eye(8)[i].tolist(), "and in the engine"


def test_each_fault_is_a_sentence():
    good = to_dict(Morph(PARTS[:3]), preset_file.to_data)

    def broken(**changes):
        return copy.deepcopy(good) | changes

    nested = copy.deepcopy(good)
    nested["parts"]["B"]["morph"] = copy.deepcopy(good)
    gap = copy.deepcopy(good)
    del gap["parts"]["B"]
    for data, said in ((None, "by their letters"), ({"parts": []}, "by their letters"), (gap, "part B of the morph is missing"),
                       (broken(parts={"A": good["parts"]["A"]}), "part B of the morph is missing"), (nested, "part B is a morph itself"),
                       (broken(axis="ring"), "not on 'ring'"), (broken(gain_db=[[0.0]]), "9 rows of 9"), (broken(gain_db=7), "is a list"),
                       (broken(gain_db=[["x"] * 9] * 9), "numbers"), (broken(gain_db=[[float("nan")] * 9] * 9), "levels of at most"),
                       (broken(breakpoints=[0, 1]), "breakpoints"), (broken(pace=[[0, 1]]), "have a pace"),
                       (broken(axis="chain", pace=[[0, 1], [0, 1]]), "2 rows of 9"), (broken(pace=7), "pace of a morph is a list"),
                       (broken(axis="chain", pace=[[0, *[0.5] * 7, 1], [0, *[0.5] * 6, 0.4, 1]]), "rise from 0 to 1"),
                       (broken(parts=dict.fromkeys(PART_NAMES, {})), "not a latentwave preset"),
                       (broken(axis="chain", breakpoints=[0, 0.5, 0.5]), "rise from 0 to 1"),
                       (broken(axis="stack", gain_db=[[0.0]]), "gain_db"), (broken(axis="stack", layers=[1]), "by the letters"),
                       (broken(axis="stack", layers={"A": {"keys": [60, 50]}}), "two MIDI notes"),
                       (broken(axis="stack", layers={"A": {"keys": "x"}}), "two MIDI notes"),
                       (broken(axis="stack", layers={"B": {"pan": float("nan")}}), "a pan of -1 to 1"),
                       (broken(axis="stack", layers={"B": {"level_db": True}}), "a level of -60"),
                       (broken(axis="stack", layers={"C": {"transpose_semitones": 0.5}}), "whole semitones"),
                       (broken(axis="stack", layers={"C": {"velocities": [0, 10 ** 400]}}), "two velocities")):
        with pytest.raises(UserError, match=said):
            read(data)


def test_parts_come_and_go():
    morph = Morph(PARTS[:2])
    more = with_part(with_part(morph, 2, PARTS[2]), 3, PARTS[3])
    assert [p.name for p in more.parts] == [p.name for p in PARTS[:4]]
    assert [p.name for p in without_part(more, 1).parts] == ["Part 0", "Part 2", "Part 3"]
    for wrong in (lambda: with_part(more, 4, PARTS[4]), lambda: with_part(morph, 3, PARTS[3]), lambda: without_part(morph, 0),
                  lambda: check_morph(Morph(PARTS[:1])), lambda: with_part(morph, 1, Patch(morph=morph))):
        with pytest.raises(UserError):
            wrong()
