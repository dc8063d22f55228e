"""Event logs: what is written is read, by any later version; choices stand by name; others' text is taken as it comes."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import synth
from synth.errors import UserError
from synth.events import LAST_FRAME, Event, Kind, from_json, note_off, note_on, set_corner, set_param, to_json
from synth.params.first_choices import named_choice
from synth.params.knobs import CORNERS, FARTHEST, MAX_LATENTS, MOD_TARGETS, PARAM_INDEX, PARAMS, param
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.paths import bundled_folder
from synth.render import event_log
from tests.servers import child_env

FILES = sorted((bundled_folder() / "presets").glob("*.json"))
NOTE = '{"frame": 0, "type": "note_on", "note": 60, "velocity": 0.8}\n{"frame": 24000, "type": "note_off", "note": 60}\n'
CHOICES = {"filter.type": "ladder24", "lfo2.sync": "1/8t", "voice.mode": "legato", "mod3.source": "macro2", "mod3.via": "wheel",
           "mod3.target": "filter.cutoff_hz", "mod32.target": "latent.7", "drive.type": "tube"}


def written(folder: Path, patch: Patch, taken, patches=None) -> Path:
    log = event_log.EventLog(folder / "take.jsonl", event_log.header(patch, 48000, 128))
    log.add(taken, patches or {}, {})
    log.close()
    return folder / "take.jsonl"


def same(a: Patch, b: Patch) -> bool:
    """Whether two patches are one, their levels to fall back on too."""
    return preset_file.to_data(a) == preset_file.to_data(b)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_take_of_any_preset_is_read_back(file, tmp_path):
    patch = preset_file.load(file)
    first, events = event_log.read(written(tmp_path, patch, [(0, note_on(60)), (9, Event(Kind.PATCH, 1)), (48, note_off(60))], {1: patch}))
    assert same(preset_file.from_data(first["preset"]), patch)
    assert [frame for frame, _ in events] == [0, 9, 48] and same(events[1][1], patch)


def test_a_take_of_a_large_preset_renders(tmp_path, cli_here, home):
    written(tmp_path, preset_file.load(bundled_folder() / "presets" / "Amber Pad.json"), [(0, note_on(60)), (24000, note_off(60))])
    cli_here("render", "--events", "take.jsonl", "-o", "a.wav", "--tail", 0.1, check=True)
    assert abs(soundfile.read(tmp_path / "a.wav")[0][4800:]).max() > 1e-2


def test_choices_stand_by_name():
    for name, choice in CHOICES.items():
        row = to_json(set_param(name, PARAMS[name].parse(choice)), 5)
        assert row == {"frame": 5, "type": "param", "name": name, "value": choice}
        assert from_json(row) == (5, set_param(name, PARAMS[name].parse(choice)))


def first_number(name: str, choice: str) -> float:
    """The number that a choice had in logs before they held names; knobs have been inserted since."""
    return next(float(n) for n in range(600) if named_choice(name, n) == choice)


def test_logs_that_hold_numbers_are_read_as_they_were_meant():
    for name, choice in CHOICES.items():
        row = {"frame": 5, "type": "param", "name": name, "value": first_number(name, choice)}
        assert from_json(row) == (5, set_param(name, PARAMS[name].choices.index(choice)))


def inserted(folder: Path) -> Path:
    """A copy of the package in which a knob, a source of modulation and a filter were inserted before all others."""
    target = folder / "synth"
    shutil.copytree(Path(synth.__file__).parent, target, ignore=shutil.ignore_patterns("_bundled", "__pycache__", "fonts"))
    (file,) = (f for f in target.rglob("*.py") if "\n_PANEL = (" in f.read_text(encoding="utf-8"))
    text = file.read_text(encoding="utf-8")
    first = '        Param("osc.position",'
    for before, after in ((first, f'        Param("osc.newcomer", "New", 0, 1, 0, "", "linear", Scope.PITCH, "New"),\n{first}'),
                          ('"none", "velocity",', '"none", "newcomer", "velocity",'), ('("off", "low12",', '("off", "newcomer", "low12",')):
        assert before in text
        text = text.replace(before, after, 1)
    file.write_text(text, encoding="utf-8")
    return target.parent


@pytest.mark.parametrize("by_number", [False, True], ids=["a log of now", "a log that holds numbers"])
def test_a_knob_that_was_inserted_retargets_no_old_take(by_number, tmp_path):
    events = [set_param(name, PARAMS[name].parse(choice)) for name, choice in CHOICES.items()]
    events += [set_param("amp.attack_s", 0.5), set_corner("B", 3, 0.25)]
    patch = Patch(params={"mod1.target": float(MOD_TARGETS.index("filter.resonance")), "mod1.source": 14.0, "mod1.amount": 0.5,
                          "filter.type": 2.0})
    log = written(tmp_path, patch, list(enumerate(events)))
    if by_number:
        rows = [json.loads(line) for line in log.read_text().splitlines()]
        for row in rows:
            if row.get("name") in CHOICES:
                row["value"] = first_number(row["name"], row["value"])
        log.write_text("\n".join(map(json.dumps, rows)))
    code = ("import json, sys\nfrom synth.render import event_log\nfrom synth.patch import preset_file\nfrom synth.events import to_json\n"
            f"first, events = event_log.read({str(log)!r})\n"
            "patch = preset_file.from_data(first['preset'])\n"
            "from synth.params.knobs import PARAM_INDEX, PARAMS\n"
            "assert PARAM_INDEX['osc.newcomer'] == 0 and PARAMS['mod1.target'].choices[1] == 'osc.newcomer'\n"
            "print(json.dumps([preset_file.to_data(patch), [to_json(e, f) for f, e in events]]))")
    done = subprocess.run([sys.executable, "-c", code], cwd=inserted(tmp_path / "later"), capture_output=True, text=True,
                          env=child_env() | {"PYTHONPATH": str(tmp_path / "later")})
    assert done.returncode == 0, done.stderr
    found, rows = json.loads(done.stdout)
    assert found["mod"] == preset_file.to_data(patch)["mod"] and found["params"] == preset_file.to_data(patch)["params"]
    assert rows == [to_json(event, frame) for frame, event in enumerate(events)]


@pytest.mark.parametrize("raw", [
    b"\xef\xbb\xbf" + NOTE.encode(), NOTE.encode("utf-16"), NOTE.replace("\n", "\r\n").encode(), NOTE.replace("\n", "\r\r\n").encode(),
    NOTE.replace("\n", "\r").encode(), NOTE.replace('"type"', '"by": "a\u2028b\x85c", "type"').encode(),
    b'{"type": "header", "format": 1.0, "samplerate": 48000.0, "preset": null, "frame_size": null}\n' + NOTE.encode(),
    NOTE.replace("24000", "24000.0").encode(), NOTE.replace('"note": 60', '"note": 60, "channel": null').encode()])
def test_a_log_as_others_save_it_is_read(raw, tmp_path):
    (tmp_path / "take.jsonl").write_bytes(raw)
    first, events = event_log.read(tmp_path / "take.jsonl")
    assert [(frame, event.kind, event.number, event.channel) for frame, event in events] == [
        (0, Kind.NOTE_ON, 60, 0), (24000, Kind.NOTE_OFF, 60, 0)]
    assert first.get("samplerate", 48000) == 48000 and first.get("preset") is None


@pytest.mark.parametrize("row, words", [
    ({"type": "header", "format": "new"}, "format"), ({"type": "header", "format": 2}, "newer"),
    ({"type": "header", "format": 1, "frame_size": "wide"}, "frame size"), ({"type": "header", "format": 1, "samplerate": True}, "rate"),
    ({"type": "patch", "frame": -1, "preset": {"format": 1, "name": "x"}}, "frame"), ({"type": "patch", "frame": 1e400}, "line 1"),
    ({"type": "patch", "frame": 0, "preset": None}, "line 1"), ({"type": "note_on", "frame": 1e300, "note": 60}, "frame")])
def test_a_wrong_row_is_named(row, words, tmp_path):
    (tmp_path / "take.jsonl").write_text(json.dumps(row) + "\n" + NOTE)
    with pytest.raises(UserError, match=words) as error:
        event_log.read(tmp_path / "take.jsonl")
    assert "line 1" in str(error.value)


def test_latents_beyond_arithmetic_are_clipped():
    for value in (1e39, -1e300):
        _, event = from_json({"frame": 0, "type": "corner", "corner": "A", "latent": 1, "value": value})
        assert abs(event.value) == FARTHEST


def test_rows_out_of_order_are_played_to_the_last(tmp_path, cli_here, home):
    (tmp_path / "take.jsonl").write_text("\n".join(reversed(NOTE.strip().splitlines())))
    done = cli_here("render", "--events", "take.jsonl", "-o", "a.wav", "--tail", 0, "--json", check=True)
    assert json.loads(done.stdout)["frames"] == 24000


def test_many_patches_at_once_are_no_jam(tmp_path, cli_here, home):
    """More patches than the engine holds, at one frame and one after another."""
    patch = preset_file.to_data(Patch())
    rows = [{"frame": frame, "type": "patch", "preset": patch | {"name": str(frame)}} for frame in [100] * 9 + list(range(200, 300, 10))]
    (tmp_path / "take.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n" + NOTE)
    cli_here("render", "--events", "take.jsonl", "-o", "a.wav", "--tail", 0, check=True)
    assert abs(soundfile.read(tmp_path / "a.wav")[0][4800:]).max() > 1e-2


FRAMES = st.integers(0, LAST_FRAME)
UNITS = st.floats(0, 1)
EVENTS = st.one_of(
    st.builds(Event, st.sampled_from([Kind.NOTE_ON, Kind.NOTE_OFF]), st.integers(0, 127), UNITS, st.integers(0, 15)),
    st.builds(Event, st.sampled_from([Kind.CONTROL, Kind.KEY_PRESSURE]), st.integers(0, 127), st.floats(0, 127), st.integers(0, 15)),
    st.builds(lambda kind, value, channel: Event(kind, 0, value, channel), st.sampled_from([Kind.BEND, Kind.PRESSURE]), UNITS,
              st.integers(0, 15)),
    st.builds(Event, st.sampled_from([Kind.TICK, Kind.START, Kind.CONTINUE, Kind.STOP])),
    st.builds(lambda kind, value: Event(kind, 0, value), st.sampled_from([Kind.POSITION, Kind.TEMPO]), st.floats(1, 1000)),
    st.builds(lambda p, u: Event(Kind.PARAM, PARAM_INDEX[p.name], p.from_unit(u)), st.sampled_from(list(PARAMS.values())), UNITS),
    st.builds(set_corner, st.sampled_from(CORNERS), st.integers(0, MAX_LATENTS - 1), st.floats(-FARTHEST, FARTHEST)),
    st.builds(lambda n, taken: Event(Kind.DECODE, n, float(taken)), st.integers(0, 1 << 30), st.booleans()))


@given(st.lists(st.tuples(FRAMES, EVENTS), min_size=1, max_size=20))
def test_what_is_logged_is_read(tmp_path_factory, taken):
    folder = tmp_path_factory.getbasetemp()
    _, events = event_log.read(written(folder, Patch(), taken))
    assert events == taken


def test_every_choice_has_a_name_that_is_read_back():
    for p in PARAMS.values():
        for number, choice in enumerate(p.choices):
            assert re.fullmatch(r"\S+", choice) and param(p.name).parse(choice) == number
