"""Modulation and macros in a preset's file: what is written is what is played, and what makes no sense is told in a sentence."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.params.knobs import MOD_SOURCES, MOD_TARGETS, N_MACROS, N_SLOTS, PARAMS
from synth.patch import preset_file
from synth.patch.patch import Patch, by_name, numbered, with_param

BASE = {"format": 1, "name": "Test"}
ROW = {"source": "lfo1", "target": "filter.cutoff_hz", "amount": 0.3}


def read(**data):
    return preset_file.from_json(json.dumps(BASE | data))


def knob(name, value):
    return PARAMS[name].parse(value)


def test_the_list_is_the_knobs():
    patch = read(mod=[ROW | {"via": "wheel"}, ROW | {"slot": 7, "target": "latent.3", "amount": -1}],
                 macros=[{"name": "Growl", "value": 0.2}, {}, {"name": "Air"}])
    assert patch.params == {
        "mod1.source": knob("mod1.source", "lfo1"), "mod1.target": knob("mod1.target", "filter.cutoff_hz"), "mod1.amount": 0.3,
        "mod1.via": knob("mod1.via", "wheel"), "mod7.source": knob("mod7.source", "lfo1"), "mod7.target": knob("mod7.target", "latent.3"),
        "mod7.amount": -1.0, "macro1.value": 0.2}
    assert patch.macros == ("Growl", "", "Air")
    data = json.loads(preset_file.to_json(patch))
    assert data["mod"] == [ROW | {"via": "wheel"}, ROW | {"slot": 7, "target": "latent.3", "amount": -1}]
    assert data["macros"] == [{"name": "Growl", "value": 0.2}, {"name": "", "value": 0}, {"name": "Air", "value": 0}]
    assert data["params"] == {}


slots = st.fixed_dictionaries({}, optional={
    "source": st.sampled_from(MOD_SOURCES), "target": st.sampled_from((*MOD_TARGETS, "direction.brightness")),
    "amount": st.floats(-1, 1), "via": st.sampled_from(MOD_SOURCES), "bypass": st.sampled_from(("off", "on"))})


@given(st.dictionaries(st.integers(1, N_SLOTS), slots), st.dictionaries(st.integers(1, N_MACROS), st.floats(0, 1)),
       st.lists(st.text(max_size=12), max_size=N_MACROS))
def test_through_the_file_and_back(used, values, names):
    """Every knob comes back in its own slot; those at their default need not."""
    patch = Patch(name="Test", macros=tuple(names))
    for n, parts in used.items():
        for part, value in parts.items():
            patch = with_param(patch, f"mod{n}.{part}", value)
    for n, value in values.items():
        patch = with_param(patch, f"macro{n}.value", value)
    again = preset_file.from_json(preset_file.to_json(patch))
    assert again.params == {name: value for name, value in patch.params.items() if value != PARAMS[name].default}
    assert again.named == patch.named
    while names and not names[-1]:
        names.pop()
    assert again.macros == tuple(names)
    assert preset_file.to_json(again) == preset_file.to_json(patch)


@pytest.mark.parametrize(("data", "said"), [
    ({"mod": [ROW | {"source": "lfo9"}]}, "mod1.source must be one of none, velocity.*not 'lfo9'"),
    ({"mod": [ROW | {"target": "filter.wobble"}]}, "mod1.target must be.*not 'filter.wobble'"),
    ({"mod": [ROW | {"amount": 2}]}, "outside -1 to 1"), ({"mod": [ROW | {"amount": "much"}]}, "must be a number"),
    ({"mod": [ROW | {"via": "lfo1x"}]}, "mod1.via"), ({"mod": [ROW] * 33}, "more than the 32 slots"),
    ({"mod": [ROW | {"slot": 33}]}, "more than the 32 slots"), ({"mod": [ROW | {"slot": 0}]}, "numbered 1 to 32"),
    ({"mod": [ROW | {"slot": 2}, ROW | {"slot": 2}]}, "slot 2, which is taken"), ({"mod": [{"source": "lfo1"}]}, "mod 1 must name"),
    ({"mod": ["lfo1"]}, "mod 1 must name"), ({"mod": {"a": 1}}, "mod must be a list"), ({"macros": 3}, "macros must be a list"),
    ({"macros": [{}] * 9}, "macros holds 9, there are 8"), ({"macros": [{"value": 3}]}, "outside 0 to 1"), ({"macros": [4]}, "macro 1"),
    ({"mod": [ROW], "params": {"mod1.amount": 0.5}}, "mod1.amount stands in both"),
    ({"macros": [{"value": 0.1}], "params": {"macro1.value": 0.5}}, "macro1.value stands in both"),
    ({"params": {"direction.brightness": 3}}, "outside -1 to 1"),
])
def test_nonsense_is_one_sentence(data, said):
    with pytest.raises(UserError, match=said) as told:
        read(**data)
    assert "\n" not in str(told.value) and str(told.value).startswith("preset: ")


def test_a_direction_may_be_named():
    patch = read(mod=[ROW | {"target": "direction.brightness"}], params={"direction.hollowness": 0.5, "direction.3": -0.2})
    assert json.loads(preset_file.to_json(patch))["mod"][0]["target"] == "direction.brightness"
    assert preset_file.from_json(preset_file.to_json(patch)) == patch
    found = numbered(patch, ("hollowness", "brightness"))
    assert found.params["direction.1"] == 0.5 and found.params["direction.3"] == -0.2 and not found.named
    assert MOD_TARGETS[int(found.params["mod1.target"])] == "direction.2"
    assert by_name(found, ("hollowness", "brightness")) == patch
    assert by_name(found, ()) == found
    with pytest.raises(UserError, match=r"no direction named 'hollowness' \(it has brightness\)"):
        numbered(patch, ("brightness",))


def test_the_command_line_names_them_too(cli_here, tmp_path):
    """On a real model, told and refused."""
    (tmp_path / "p.json").write_text(json.dumps(BASE | {"model": {"name": "akwf-16", "sha256": "", "latent_size": 0}}))
    arguments = ("play", "--preset", "p.json", "--device", "none", "--midi", "none", "--no-gui", "--seconds", "0.1")
    cli_here(*arguments, "--set", "direction.brightness=0.4", "--set", "mod1.target=direction.richness", check=True)
    done = cli_here(*arguments, "--set", "direction.sparkle=0.4")
    assert done.returncode == 1 and "no direction named 'sparkle' (it has brightness, " in done.stderr and done.stderr.count("\n") == 1
