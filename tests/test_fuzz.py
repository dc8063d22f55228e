"""Readers against broken input by the thousand: each gives a value or a `UserError` of one line, nothing else.

A short form runs in `make test`; `make fuzz` goes on for 20,000 examples a reader.
"""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth import presets
from synth.errors import UserError
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
    survives(presets.from_json, text)


@given(damaged(json.dumps(FULL_PRESET).encode()))
def test_damaged_preset_files(tmp_path_factory, data):
    file = tmp_path_factory.getbasetemp() / "damaged.json"
    file.write_bytes(data)
    survives(presets.load, file)


def test_the_whole_preset_is_read():
    assert presets.from_json(json.dumps(FULL_PRESET)).params["osc.position"] == 0.5
