"""The control map's rows: read, checked, laid over one another, written again."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.params.controls import ACTIONS, CURVES, MODES, RELATIVE, RESERVED
from synth.params.knobs import PARAMS
from synth.patch import preset_file
from synth.patch.control_map import (
    DEFAULTS,
    ControlRow,
    dumped,
    from_json,
    map_from_data,
    map_of,
    map_to_data,
    merge,
    row_of,
    row_to_json,
    to_json,
)
from synth.patch.patch import Patch

SOURCES = st.one_of(
    st.integers(0, 127).filter(lambda n: n not in RESERVED).map(lambda n: f"cc:{n}"),
    st.integers(1, 31).filter(lambda n: n not in RESERVED).map(lambda n: f"cc14:{n}"),
    st.integers(0, 16382).map(lambda n: f"nrpn:{n}"), st.integers(0, 127).map(lambda n: f"note:{n}"),
    st.sampled_from(["bend", "pressure", "program", "osc:/a/b", "host:7", "host:Cut off"]))
TARGETS = st.one_of(st.sampled_from(sorted(PARAMS)), st.sampled_from([f"action.{a}" for a in ACTIONS]),
                    st.sampled_from(["brightness", "none", "morph.x", "direction.warm", "latent.256"]))
PLACES = st.floats(0, 1)
ROWS = st.builds(ControlRow, SOURCES, TARGETS, st.none() | st.integers(1, 16), PLACES, PLACES, st.sampled_from(CURVES),
                 st.sampled_from([m for m in MODES if m not in RELATIVE]), st.sampled_from(["", "Knöpfe 2"]))


@given(st.lists(ROWS, max_size=20, unique_by=lambda r: (min(r.controls), max(r.controls), r.channel, r.device)))
def test_rows_come_back_from_their_json(rows):
    apart = [r for i, r in enumerate(rows) if not any(
        r.controls & o.controls and r.channel == o.channel and r.device == o.device for o in rows[:i])]
    data, read, wrong = from_json(to_json(apart), "here")
    assert list(read) == apart and not wrong
    assert from_json(dumped(data), "here")[1] == read
    assert map_from_data(json.loads(json.dumps(map_to_data(map_of(apart))))) == map_of(apart)


@given(st.lists(st.lists(ROWS, max_size=6), max_size=4))
def test_no_row_that_is_left_is_hidden_and_the_most_special_one_wins(layers):
    placed = merge([(str(i), rows) for i, rows in enumerate(layers)])
    for i, p in enumerate(placed):
        for later in placed[i + 1:]:
            assert not (p.row.controls & later.row.controls and later.row.channel in (None, p.row.channel)
                        and later.row.device in ("", p.row.device)), (p, later)
    for row in layers[-1] if layers else ():
        assert any(p.row.controls & row.controls for p in placed)


def test_the_defaults_are_what_was_always_so():
    assert {r.source: r.target for r in DEFAULTS} == {
        "cc:1": "osc.position", "cc:74": "brightness",
        **{f"cc:{n}": f"latent.{i}" for i, n in enumerate((16, 17, 18, 19, 80, 81, 82, 83), 1)}}


def test_the_more_special_row_takes_the_place_of_the_other_on_its_control_alone():
    user = (ControlRow("cc:1", "filter.cutoff_hz", channel=3), ControlRow("cc14:16", "latent.9"))
    device = (ControlRow("cc:80", "none", device="Pads"),)
    placed = merge([("default", DEFAULTS), ("user", user), ("pads", device), ("preset", (ControlRow("cc:74", "macro1.value"),))])
    found = {(p.row.source, p.row.channel, p.row.device): (p.row.target, p.origin) for p in placed}
    assert found["cc:1", None, ""] == ("osc.position", "default") and found["cc:1", 3, ""] == ("filter.cutoff_hz", "user")
    assert ("cc:16", None, "") not in found and found["cc14:16", None, ""][0] == "latent.9"
    assert found["cc:80", None, ""] == ("latent.5", "default") and found["cc:80", None, "Pads"] == ("none", "pads")
    assert found["cc:74", None, ""] == ("macro1.value", "preset")


@pytest.mark.parametrize(("row", "says"), [
    ({"source": "cc:121", "target": "osc.position"}, "never a source"),
    ({"source": "cc14:6", "target": "osc.position"}, "never a source"),
    ({"source": "cc:128", "target": "osc.position"}, "no control is called"), ({"source": "knob", "target": "osc.position"}, "no control"),
    ({"source": "cc:21", "target": "filter.cutof_hz"}, "no parameter named"),
    ({"source": "cc:21", "target": "action.next"}, "did you mean"),
    ({"source": "cc:21", "target": "latent.257"}, "no parameter"),
    ({"source": "cc:21"}, "source and target"), ("cc:21", "source and target"),
    ({"source": "cc:21", "target": "osc.position", "low": 1.5}, "slider position"),
    ({"source": "cc:21", "target": "osc.position", "high": float("nan")}, "slider position"),
    ({"source": "cc:21", "target": "osc.position", "channel": 17}, "1 to 16"),
    ({"source": "cc:21", "target": "osc.position", "mode": "pick up"}, "did you mean 'pickup'"),
    ({"source": "nrpn:5", "target": "osc.position", "mode": "relative_twos"}, "encoder")])
def test_a_wrong_row_is_told_in_one_sentence(row, says):
    with pytest.raises(UserError, match=says) as told:
        row_of(row)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("text", "says"), [
    ("{", "damaged"), ("[]", "not a control map"), ('{"format": 2, "rows": []}', "newer version"), ('{"rows": []}', "format"),
    ('{"format": true, "rows": []}', "format"), ('{"format": 1, "rows": 3}', "no list of rows")])
def test_a_wrong_file_is_told_in_one_sentence(text, says):
    with pytest.raises(UserError, match=says):
        from_json(text, "controls.json")


def test_a_file_with_a_wrong_row_loses_that_row_alone():
    good = {"source": "cc:21", "target": "filter.cutoff_hz"}
    text = json.dumps({"format": 1, "rows": [good, {"source": "cc:22", "target": "nonsense.hz"},
                                             {"source": "cc:21", "target": "osc.fine_cents"},
                                             {"source": "bend", "target": "macro1.value"}]})
    _, rows, wrong = from_json(text, "controls.json")
    assert [r.target for r in rows] == ["filter.cutoff_hz", "macro1.value"]
    assert len(wrong) == 2 and "row 2" in wrong[0] and "two rows listen to cc:21" in wrong[1]


def test_a_preset_keeps_its_rows_and_one_with_wrong_rows_is_refused():
    patch = Patch(controls=(ControlRow("cc:21", "filter.cutoff_hz", mode="pickup"), ControlRow("nrpn:300", "direction.warm")))
    text = preset_file.to_json(patch)
    assert preset_file.from_json(text).controls == patch.controls
    assert "controls" not in json.loads(preset_file.to_json(Patch()))
    twice = json.loads(text) | {"controls": [row_to_json(patch.controls[0])] * 2}
    with pytest.raises(UserError, match="here: two rows listen to cc:21 on any channel"):
        preset_file.from_json(json.dumps(twice), "here")
