"""Readers against broken input by the thousand: each gives a value or a `UserError` of one line, nothing else.

A short form runs in `make test`; `make fuzz` goes on for 20,000 examples a reader.
"""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth import paths
from synth.errors import UserError
from synth.patch import preset_file
from synth.render import event_log, midifile, wavetable_files
from synth.samples import dataset
from synth.timbres import manifest
from tests import broken
from tests.broken import WHOLE_PRESET

pytestmark = pytest.mark.fuzz

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from([1e400, -1, 10**30, "", "A", "osc.position", "nan"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from(["A", "Z", "osc.position"]),
                                                                inner, max_size=3), max_leaves=6)


def survives(read: Callable, *args: object) -> None:
    """`read` gives a value or says what is wrong in one line."""
    try:
        read(*args)
    except UserError as error:
        assert str(error).strip() and len(str(error)) < 1000


@st.composite
def mutated(draw: st.DrawFn, whole: dict) -> dict:
    """A whole JSON object in which a node or two were replaced by junk or removed."""
    data = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 2))):
        node = data
        while True:
            key = draw(st.sampled_from(sorted(node))) if isinstance(node, dict) else draw(st.integers(0, len(node) - 1))
            inner = node[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
                break
            node = inner
        if isinstance(node, dict) and len(node) > 1 and draw(st.booleans()):
            del node[key]
        else:
            node[key] = draw(JUNK)
    return data


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes of a whole file, cut short or with some bytes overwritten."""
    data = bytearray(whole[: draw(st.integers(0, len(whole)))] if draw(st.booleans()) else whole)
    for place in draw(st.lists(st.integers(0, max(len(data) - 1, 0)), max_size=6)):
        if data:
            data[place] = draw(st.integers(0, 255))
    return bytes(data)


FULL_PRESET = WHOLE_PRESET | {
    "model": {"name": "m", "sha256": "", "latent_size": 2}, "corners": {"A": [0.0, 1.0], "B": [1.0, 0.5]},
    "params": {"osc.position": 0.5, "filter.type": "low12", "latent.1": 1.0}, "tags": ["a"]}


@given(mutated(FULL_PRESET))
def test_presets_with_wrong_values(data):
    text = json.dumps(data)
    survives(preset_file.from_json, text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return broken.build(tmp_path_factory.mktemp("fuzz") / "files")


def reads_damaged(folder, data: st.DataObject, name: str, read: Callable, *args: object) -> None:
    """`read` meets a damaged copy of one of the whole files."""
    file = folder / f"fuzzed.{name.rpartition('.')[2]}"
    file.write_bytes(data.draw(damaged((folder / name).read_bytes())))
    survives(read, file, *args)


@given(st.data())
def test_damaged_preset_files(folder, data):
    reads_damaged(folder, data, "whole.json", preset_file.load)


@given(st.data())
def test_damaged_midi_files(folder, data):
    reads_damaged(folder, data, "whole.mid", midifile.read_midi_file, 48000)


@given(st.data(), st.sampled_from([None, 600, 256]))
def test_damaged_wavetable_files(folder, data, frame_size):
    reads_damaged(folder, data, "whole.wav", wavetable_files.read_wavetable, frame_size)


@given(st.data())
def test_damaged_data_sets(folder, data):
    reads_damaged(folder, data, "whole.npz", dataset.load)


@given(st.data())
def test_damaged_event_logs(folder, data):
    reads_damaged(folder, data, "whole.jsonl", event_log.read)


@given(st.data())
def test_event_logs_with_wrong_values(folder, data):
    rows = [json.loads(line) for line in (folder / "whole.jsonl").read_text().splitlines()]
    place = data.draw(st.integers(0, len(rows) - 1))
    rows[place] = data.draw(mutated(rows[place]))
    (folder / "fuzzed.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    survives(event_log.read, folder / "fuzzed.jsonl")


@given(st.data())
def test_manifests_with_wrong_values(folder, data):
    whole = json.loads((paths.find_model("akwf-16") / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(data.draw(mutated(whole))))
    survives(manifest.read_manifest, folder)


def test_whole_files_are_read(folder):
    assert preset_file.from_json(json.dumps(FULL_PRESET)).params["osc.position"] == 0.5
    assert len(midifile.read_midi_file(folder / "whole.mid", 48000)) == 8  # two tempos among them
    assert wavetable_files.read_wavetable(folder / "whole.wav").frames.shape == (1, 600)
    assert len(dataset.load(folder / "whole.npz")[0]) == 3
    assert len(event_log.read(folder / "whole.jsonl")[1]) == 4
