"""A preset's file, format 2: what is read is what stands there, value for value, or it is refused; format 1 and unknown keys live on."""

import base64
import functools
import json
import re
from dataclasses import replace

import fastjsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.params.knobs import CORNERS, EFFECT_TARGET, FARTHEST, MOD_TARGETS, N_SLOTS, PARAMS
from synth.patch import preset_file
from synth.patch.control_map import ControlRow
from synth.patch.hosted_effect import HostedEffect, MacroRow
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.patch.preset_schema import schema
from synth.patch.tuning import Tuning
from synth.patch.waveform_residual import shape
from synth.paths import bundled_folder
from tests.test_fuzz import damaged, mutated
from tools.presets.schema import FILE, text

RNG = np.random.default_rng(1)
LEVELS = np.maximum(-20 * np.log10(np.arange(1, 321))[None] * np.linspace(1, 2, 9)[:, None], -100).astype(np.float32)
WHOLE = Patch(
    name="Grünes Licht", author="A. Player", category="pad", tags=("slow", "vocal"), comment="Push the \"wheel\"", model="akwf-8",
    model_sha256="ab" * 32, latent_size=8, corners={c: tuple(np.round(RNG.normal(size=8), 6)) for c in "ABD"},
    params={"filter.type": 2.0, "filter.cutoff_hz": 900.5, "unison.voices": 5.0, "latent.3": -0.25, "lfo1.rate_hz": 0.3,
            "macro2.value": 0.7, "mod1.source": 4.0, "mod1.target": float(MOD_TARGETS.index("latent.2")), "mod1.amount": 0.3,
            "mod1.via": 6.0,
            "mod4.source": 7.0, "mod4.target": float(MOD_TARGETS.index("filter.cutoff_hz")), "mod4.amount": -0.5, "mod4.bypass": 1.0,
            "mod5.source": 3.0, "mod5.target": float(MOD_TARGETS.index(EFFECT_TARGET)), "mod5.amount": 0.25},
    macros=("Growl", "", "Air"), named={"direction.brightness": 0.4}, fallback_db=LEVELS,
    lfo_shapes={"lfo2": ((0.0, -1.0, 2.5), (0.25, 0.5, 0.0), (1.0, -1.0, 0.0))},
    shapes={"A": shape(RNG.uniform(-3, 3, 20), RNG.uniform(-9, 9, 20), 0.25)},
    tuning=Tuning("odd", (*(float(n) + 0.125 for n in range(127)), None)),
    controls=(ControlRow("cc:21", "filter.cutoff_hz", channel=3, low=0.25, mode="pickup"),
              ControlRow("note:60", "action.undo", device="Pads")),
    effects=(HostedEffect("builtin:Reverb", "before", True, 0.25, {"room_size": 0.5}, {"damping": MacroRow(2, 0.25, 1.0)},
                          moved={"room_size": (5,)}),
             HostedEffect("vst3:ZamComp", params={"threshold_db": "-20 dB"}, state=bytes(range(50)), file="/plug-ins/ZamComp.vst3")),
    unknown={"": {"step_rows": [[0.0, 0.5, -1.0]], "later_rows": [{"plugin": "x", "state": None}]}, "mod/4": {"curve": "s"},
             "macros/1": {"colour": "red"}, "model": {"kind": "tracks"}, "controls/cc:21/3/": {"led": 5}})
PARTS = (replace(WHOLE, name="One", shapes={}, tuning=None), Patch("Two", model="akwf-16", params={"osc.position": 0.5}))
MORPH = Patch("Both", params={"morph.x": 0.25}, unknown={"morph": {"law": "spectral"}},
              morph=Morph(PARTS, "chain", ((0.5,) * 9,), (0.0, 1.0)))


@functools.cache
def validator():
    """Made when it is asked for: every worker reads this file, and making it takes a second."""
    return fastjsonschema.compile(schema())


def read(data: object) -> Patch:
    return preset_file.from_json(json.dumps(data))


def written(patch: Patch = WHOLE) -> dict:
    return json.loads(preset_file.to_json(patch))


def same(a: Patch, b: Patch) -> bool:
    levels = [patch.fallback_db for patch in (a, b)]
    alike = levels[0] is levels[1] or np.abs(levels[0] - levels[1]).max() < 0.03
    return alike and replace(a, fallback_db=None) == replace(b, fallback_db=None)


def test_save_load_save_keeps_every_value_and_every_byte():
    first = preset_file.to_json(WHOLE)
    again = preset_file.from_json(first)
    assert same(again, WHOLE) and preset_file.to_json(again) == first
    plain = preset_file.to_json(Patch(latent_size=16, corners={"A": (0.1,) * 16, "B": (0.2,) * 16}, fallback_db=LEVELS))
    assert len(plain) < 9000, "about 8 kB"
    validator()(json.loads(first))


def test_a_morph_keeps_its_parts_whole_and_has_room_for_them():
    first = preset_file.to_json(MORPH)
    again = preset_file.from_json(first)
    assert preset_file.to_json(again) == first and again.morph.gain_db == MORPH.morph.gain_db and again.unknown == MORPH.unknown
    assert all(same(a, b) for a, b in zip(again.morph.parts, PARTS, strict=True))
    validator()(json.loads(first))
    long = replace(MORPH, morph=replace(MORPH.morph, parts=tuple(replace(part, comment="x" * 40_000) for part in PARTS)))
    assert len(preset_file.from_json(preset_file.to_json(long)).morph.parts) == 2
    with pytest.raises(UserError, match="here: part B is missing|here: part B of the morph is missing"):
        preset_file.from_json(json.dumps(json.loads(first) | {"morph": {"parts": {"A": written(PARTS[0])}}}), "here")


def test_the_schema_in_the_docs_is_the_declarations_and_the_factory_keeps_to_it():
    assert FILE.read_text(encoding="utf-8") == text(), "run `python -m tools.presets.schema`"
    files = sorted((bundled_folder() / "presets").glob("*.json"))
    for file in files:
        assert json.loads(file.read_text(encoding="utf-8"))["format"] == 2
        validator()(json.loads(file.read_text(encoding="utf-8")))
        assert preset_file.to_json(preset_file.load(file)) == file.read_text(encoding="utf-8"), "save-load-save is byte-stable"
    assert len(files) > 20


@pytest.mark.parametrize("part, value", [
    ("params", {"filter.type": "low13"}), ("params", {"osc.wobble": 1}), ("params", {"filter.cutoff_hz": 1e9}),
    ("params", {"unison.voices": 2.5}), ("params", {"latent.257": 0.5}), ("params", {"osc.position": True}), ("corners", {"E": []}),
    ("name", 5), ("author", ["me"]), ("tags", [1]), ("tags", 3), ("macros", [{"name": 4, "value": 0}]), ("macros", [{"name": "x" * 65}]),
    ("mod", [{"source": "lfo1", "target": "nothing"}]), ("mod", [{"source": "lfo1", "target": "nothing", "amount": 1}]),
    ("controls", [{"source": "cc:20"}]), ("controls", {}),
    ("controls", [{"source": "cc:20", "target": "osc.position", "device": "x" * 129}]),
    ("tuning", {"notes": [True] * 128}), ("shapes", {"A": {"phases": "!", "residual_db": ""}}), ("model", {"latent_size": 1.5}),
    ("fallback", {"harmonics": 3, "rows": 9}), ("fallback", {"harmonics": 3, "rows": 8, "data": ""}), ("fallback", 7), ("format", 3)])
def test_what_is_wrong_is_refused_by_the_reader_and_by_the_schema(part, value):
    data = written(Patch(fallback_db=LEVELS[:, :3])) | {part: value}
    with pytest.raises(UserError):
        read(data)
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validator()(data)


@pytest.mark.parametrize("knob", ["\n", "a\x1b[2J", "x" * 5000])
def test_words_of_a_file_leave_the_sentence_one_line(knob):
    for data in ({"params": {knob: 1}}, {"corners": {knob: []}}, {"mod": [{"source": knob, "target": "osc.position", "amount": 1}]}):
        with pytest.raises(UserError) as told:
            read(written() | data)
        assert str(told.value).isprintable() and len(str(told.value)) < 500


def block(values: list | np.ndarray, harmonics: int = 2, rows: int = 9) -> dict:
    return {"harmonics": harmonics, "rows": rows, "data": base64.b64encode(np.asarray(values, "<f2").tobytes()).decode()}


@pytest.mark.parametrize("lie, words", [
    (block([1.0] * 17), "34 bytes"), (block([1.0] * 19), "38 bytes"), (block([]), "0 bytes"), (block([np.nan] * 18), "no amplitude"),
    (block([np.inf] * 18), "no amplitude"), (block([-0.5] * 18), "no amplitude"),
    *((block([1.0] * 18) | {"data": data}, "base64") for data in ("?" * 48, "AAA", None, "ä")),
    *((block([1.0] * 18, harmonics=n), "harmonics") for n in (10**9, -2, True)), (block([1.0] * 18, rows=3, harmonics=6), "rows")])
def test_base64_that_lies_is_told_in_one_sentence(lie, words, tmp_path):
    (tmp_path / "Liar.json").write_text(json.dumps(written() | {"fallback": lie}))
    with pytest.raises(UserError, match=f"Liar.json: .*{words}"):
        preset_file.load(tmp_path / "Liar.json")


def test_a_preset_of_format_1_is_migrated_with_its_levels(tmp_path):
    rows = [[0.0, -6.0, -12.5], [-100.0] * 5, [], [-3.1, -99.9, -84.2, -100], *[[-1.0] * 40] * 5]
    data = written() | {"format": 1, "fallback": {"amplitudes_db": rows}}
    (tmp_path / "Old.json").write_text("\ufeff" + json.dumps(data), encoding="utf-8")
    old = preset_file.load(tmp_path / "Old.json")
    for row, levels in zip(rows, old.fallback_db, strict=True):
        np.testing.assert_allclose(levels, [*row, *[-100.0] * (40 - len(row))], atol=0.03)
    assert replace(old, fallback_db=None) == replace(WHOLE, fallback_db=None)
    preset_file.save(old, tmp_path / "New.json")
    assert json.loads((tmp_path / "New.json").read_text(encoding="utf-8"))["format"] == 2
    assert same(preset_file.load(tmp_path / "New.json"), old) and (tmp_path / "New.json").read_bytes()[:1] == b"{"


@pytest.mark.parametrize("value", [float("inf"), float("nan"), {"deep": [float("-inf")]}])
def test_an_unknown_key_that_could_not_be_written_again_is_refused(value):
    with pytest.raises(UserError, match="novelty"):
        preset_file.from_json(json.dumps(written() | {"novelty": value}))


def as_number(p, value) -> float:
    return float(p.choices.index(value)) if isinstance(value, str) and value in p.choices else float(value)


def holds_exactly(data: dict, patch: Patch) -> None:
    """An oracle of its own: each value of the file, found where the patch has it; nothing in the patch that the file has not."""
    assert patch.name == ("Untitled" if data["name"] is None else data["name"])
    assert (patch.author, patch.category, patch.comment) == tuple(data.get(k) or "" for k in ("author", "category", "comment"))
    tags = data.get("tags") or []
    words = [w.strip() for w in tags.split(",") if w.strip()] if isinstance(tags, str) else [t for t in tags if t is not None]
    assert list(patch.tags) == words
    model = data.get("model") or {}
    assert (patch.model, patch.model_sha256) == (model.get("name") or "", model.get("sha256") or "")
    assert patch.latent_size == (model.get("latent_size") or 0)
    corners = {k: [min(max(x, -FARTHEST), FARTHEST) for x in v] for k, v in (data.get("corners") or {}).items() if v is not None}
    assert {k: list(v) for k, v in patch.corners.items()} == corners and set(corners) <= set(CORNERS)
    knobs = dict(data.get("params") or {})
    n = 0
    for row in data.get("mod") or []:
        n = int(row.get("slot", n + 1))
        assert n <= N_SLOTS
        knobs |= {f"mod{n}.{part}": row[part] for part in ("source", "target", "amount", "via", "bypass") if row.get(part) is not None}
    macros = data.get("macros") or []
    knobs |= {f"macro{i}.value": row["value"] for i, row in enumerate(macros, 1) if row.get("value") is not None}
    moved = {f"mod{slot}.target": f"effect.{place}.{param}" for place, row in enumerate(patch.effects, 1)
             for param, slots in row.moved.items() for slot in slots}
    assert moved == {name: value for name, value in knobs.items() if str(value).startswith("effect.")}
    for name, value in (knobs | dict.fromkeys(moved, EFFECT_TARGET)).items():
        if name in patch.named:
            assert patch.named[name] == (value if name.endswith(".target") else float(value))
        else:
            assert patch.params.get(name, PARAMS[name].default) == as_number(PARAMS[name], value), name
    assert patch.params.keys() | patch.named.keys() <= knobs.keys()
    names = [row.get("name") or "" for row in macros]
    assert list(patch.macros) == names[:max((i for i, name in enumerate(names, 1) if name), default=0)]
    usual = {"channel": "any", "low": 0, "high": 1, "curve": "linear", "mode": "jump"}
    assert [vars_of(row) for row in patch.controls] == [
        usual | {k: v for k, v in row.items() if k in CONTROL_KEYS and v not in ("", None)}
        | {"source": re.sub(r":0+(?=\d)", ":", row["source"].strip()), "target": row["target"].strip()}
        for row in data.get("controls") or []]
    if data.get("tuning"):
        assert (patch.tuning.name, list(patch.tuning.notes)) == (data["tuning"].get("name", ""), data["tuning"]["notes"])
    for corner, kept in (data.get("shapes") or {}).items():
        assert patch.shapes[corner].phase_steps == base64.b64decode(kept["phases"])
        assert patch.shapes[corner].residual_steps == base64.b64decode(kept["residual_db"])
        assert patch.shapes[corner].start_cycles == kept.get("start_cycles", 0.0)
    assert (patch.fallback_db is None) == (not data.get("fallback"))
    if data.get("fallback"):
        amplitudes = np.frombuffer(base64.b64decode(data["fallback"]["data"]), "<f2").astype(float).reshape(9, -1)
        np.testing.assert_allclose(patch.fallback_db, 20 * np.log10(np.maximum(amplitudes, 1e-5)), atol=0.02)
    if data.get("morph") is None:
        assert patch.morph is None
    else:
        assert (patch.morph.axis, [list(row) for row in patch.morph.gain_db], list(patch.morph.breakpoints)) == (
            data["morph"].get("axis") or "pad", [[float(gain) for gain in row] for row in data["morph"].get("gain_db") or []],
            [float(stop) for stop in data["morph"].get("breakpoints") or []])
        for letter, part in zip(patch.morph.names, patch.morph.parts, strict=True):
            if data["morph"]["parts"][letter]["format"] == 2:
                holds_exactly(data["morph"]["parts"][letter], part)
    assert [row.plugin for row in patch.effects] == [row["plugin"] for row in data.get("effects") or []]
    assert [row.wet for row in patch.effects] == [row.get("wet", 1.0) for row in data.get("effects") or []]
    again = json.loads(preset_file.to_json(patch))
    assert all(again[key] == value for key, value in data.items() if key not in KNOWN)


KNOWN = {*written(), "code_version", "morph"} - {"later_rows"}


CONTROL_KEYS = {"source", "target", "channel", "low", "high", "curve", "mode", "device"}


def vars_of(row: ControlRow) -> dict:
    found = {name: getattr(row, name) for name in ("source", "target", "channel", "low", "high", "curve", "mode")}
    return found | {"channel": row.channel or "any"} | ({"device": row.device} if row.device else {})


@st.composite
def nudged(draw: st.DrawFn, whole: dict) -> dict:
    """A whole preset in which some values became others of their kind, many of which are still in range."""
    data = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 4))):
        node = data
        while True:
            key = draw(st.sampled_from(sorted(node))) if isinstance(node, dict) else draw(st.integers(0, len(node) - 1))
            if not isinstance(node[key], dict | list) or not node[key]:
                break
            node = node[key]
        old = node[key]
        if isinstance(old, str):
            place = draw(st.integers(0, max(len(old) - 1, 0)))
            node[key] = old[:place] + draw(st.sampled_from(["", "A", "=", "z", "9", "\ud800", " "])) + old[place + 1:]
        elif isinstance(old, int | float):
            node[key] = draw(st.sampled_from([old / 2, old * 2, -old, old + 1, 0, 1, int(old), str(old), old * 1e6]))
    return data


def is_read_exactly_or_refused(raw: bytes, file) -> bool:
    file.write_bytes(raw)
    try:
        patch = preset_file.load(file)
    except UserError as error:
        assert str(error).startswith(str(file)) and "\n" not in str(error) and len(str(error)) < 1000
        return False
    data = json.loads(raw.decode("utf-8-sig"))
    if data["format"] == 2:
        holds_exactly(data, patch)
    first = preset_file.to_json(patch)
    assert preset_file.to_json(preset_file.from_json(first)) == first
    return True


@pytest.mark.fuzz
@given(st.one_of(nudged(written()), mutated(written()), nudged(written(MORPH)), mutated(written(MORPH))))
def test_a_preset_with_other_values_is_read_exactly_or_refused(tmp_path_factory, data):
    is_read_exactly_or_refused(json.dumps(data).encode(), tmp_path_factory.getbasetemp() / "mutated.json")


@pytest.mark.fuzz
@given(damaged(preset_file.to_json(replace(WHOLE, fallback_db=LEVELS[:, :4], tuning=None)).encode()))
def test_a_damaged_preset_is_read_exactly_or_refused(tmp_path_factory, raw):
    is_read_exactly_or_refused(raw, tmp_path_factory.getbasetemp() / "damaged.json")
