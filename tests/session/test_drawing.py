"""LFOs drawn in the document: one step of undo each, the engine always as the document has it, kept in the preset."""

import numpy as np
import pytest

from synth.engine.modulation.free_shapes import free_shapes
from synth.errors import UserError
from synth.patch import preset_file
from synth.render.played_state import PlayedState
from synth.session.differences import drawing, shape_of
from synth.session.morph_actions import HERE

from .test_morphs import MorphDesk

RAMP = ((0.0, -1.0, 4.0), (0.3, 0.8, 0.0), (1.0, -1.0, 0.0))
HILL = ((0.0, -0.4, 0.0), (0.25, 0.5, 2.0), (0.5, 1.0, 0.0), (1.0, -0.4, 0.0))


def agrees(desk):
    """Whether the engine plays what the document has."""
    desk.settle()
    found, wanted = desk.engine.present_patch(), free_shapes(desk.patch.lfo_shapes)
    for i in range(4):
        n = int(wanted[i]["n"])
        now = found["free"][i]
        assert now["n"] == n and all(np.array_equal(now[k][:n], wanted[i][k][:n]) for k in ("place", "level", "bend"))
        assert found["free"][i]["jumps"] == wanted[i]["jumps"]
    assert found["params"]["lfo1_shape"] == desk.patch.params.get("lfo1.shape", 0.0)
    return True


def test_a_drawing_is_a_step_and_the_engine_follows_it_back_and_forth(tmp_path):
    desk = MorphDesk("Init")
    before = PlayedState(desk.patch, None)
    for shape in (RAMP, HILL):
        desk.set_lfo_shape("lfo1", shape)
        desk.end_gesture()
        assert agrees(desk)
    assert desk.patch.lfo_shapes == {"lfo1": HILL} and desk.patch.params["lfo1.shape"] == 7.0
    desk.undo()
    assert agrees(desk) and desk.patch.lfo_shapes == {"lfo1": RAMP}
    desk.undo()
    assert agrees(desk) and desk.patch.lfo_shapes == {} and desk.patch.params.get("lfo1.shape", 0.0) == 0.0
    desk.redo()
    desk.redo()
    assert agrees(desk) and desk.patch.lfo_shapes == {"lfo1": HILL}
    kept = preset_file.from_json(preset_file.to_json(desk.patch))
    assert kept.lfo_shapes == desk.patch.lfo_shapes
    with pytest.raises(UserError, match="2 to 32"):
        desk.set_lfo_shape("lfo1", [(0, 0, 0)])
    for event in drawing(0, shape_of(before.patch(), "lfo1"), HILL):
        before.take(event)
    assert before.patch().lfo_shapes == {"lfo1": HILL}, "as a take tells it"


def test_a_drawing_in_a_morph_is_that_of_all_parts_until_it_is_undone():
    desk = MorphDesk("Init")
    desk.set_lfo_shape("lfo1", RAMP)
    desk.end_gesture()
    desk.make_morph([HERE, "Acid Line"]).result()
    desk.settle()

    def parts():
        desk.settle()
        return [row["level"][:3].tolist() for row in desk.engine.present_patch()["morph"][0]["free"][:2, 0]]

    before = parts()
    assert before[0] == pytest.approx([-1.0, 0.8, -1.0]) and before[1] == pytest.approx([-1.0, 1.0, -1.0])
    desk.set_lfo_shape("lfo1", ((0.0, 0.5, 0.0), (0.5, -0.5, 0.0), (1.0, 0.5, 0.0)))
    assert parts() == [pytest.approx([0.5, -0.5, 0.5])] * 2 and desk.patch.params["lfo1.shape"] == 7.0
    desk.undo()
    assert parts() == before and desk.patch.lfo_shapes == {}
