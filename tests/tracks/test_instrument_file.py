"""An instrument's folder: what is written is read; whatever is damaged or hostile is refused in one sentence."""

import io
import json
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.errors import UserError
from synth.timbres.model import open_model
from synth.tracks import instrument_file
from synth.tracks.building import build
from synth.tracks.instrument_file import ARRAYS_FILE, JSON_FILE, load, save
from tests.tracks.sounds import key_hz, note, write


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notes")
    for key in (57, 61):
        write(folder / f"{key}_90.wav", note(key_hz(key), seconds=0.6))
    return build([folder], "Two", open_model("akwf-8"))


@pytest.fixture(scope="module")
def whole(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("instruments") / "Two"
    save(built.instrument, folder)
    return folder


def copy(whole, tmp_path):
    folder = tmp_path / "Broken"
    folder.mkdir()
    for file in whole.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_what_is_written_is_read(built, whole):
    again = load(whole)
    assert (again.name, again.model, again.model_sha256) == ("Two", "akwf-8", built.instrument.model_sha256)
    for a, b in zip(built.instrument.zones, again.zones, strict=True):
        for field in fields(a):
            x, y = getattr(a, field.name), getattr(b, field.name)
            if isinstance(x, np.ndarray):
                step = 0.26 if field.name == "fallback_db" else 0.02
                x = x - x.max(1, keepdims=True) if field.name == "fallback_db" else x  # its level is lost: unit RMS is made of it
                assert x.shape == y.shape, field
                assert np.abs(x.astype(float) - y).max(initial=0) <= step * max(1.0, np.abs(x).max(initial=0) / 40), field
            elif field.name not in ("errors",):
                assert x == pytest.approx(y, abs=1e-4), field
    assert [p.name for p in whole.parent.iterdir()] == ["Two"]


def test_an_instrument_is_not_overwritten_unless_asked(built, whole):
    with pytest.raises(UserError, match="already"):
        save(built.instrument, whole)
    save(built.instrument, whole, replace=True)
    assert len(load(whole).zones) == 2 and [p.name for p in whole.parent.iterdir()] == ["Two"]


def test_nothing_is_half_written(built, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(instrument_file, "to_data", fail)
    with pytest.raises(UserError, match="No space"):
        save(built.instrument, tmp_path / "Never")
    assert not list(tmp_path.iterdir())


BAD = {
    "format": 2, "zones": [], "model": {"name": "x"}, "name": 7, "sha256": {}}
BAD_ZONE = {
    "key": 128, "velocity": 0, "rows": [0, 10**9], "contour": [-1, 3], "attack": [0, 2**40], "freq_hz": float("nan"),
    "steady_s": [2, 1], "keys": [60.5, 61],
    "source": None, "errors": {"a": "b"}, "loop": "maybe", "rate_hz": True, "end_s": 1e9, "round_robin": -1, "fingerprint_s": [0]}


@pytest.mark.parametrize("key", [*BAD, *(f"zones.{key}" for key in BAD_ZONE)])
def test_a_wrong_value_is_refused_by_name(whole, tmp_path, key):
    folder = copy(whole, tmp_path)
    data = json.loads((folder / JSON_FILE).read_text())
    if key in BAD:
        data[key] = BAD[key]
    else:
        data["zones"][1][key.partition(".")[2]] = BAD_ZONE[key.partition(".")[2]]
    (folder / JSON_FILE).write_text(json.dumps(data))
    with pytest.raises(UserError) as told:
        load(folder)
    assert len(str(told.value)) < 400 and "\n" not in str(told.value) and "Broken" in str(told.value)


def repacked(folder, **changes):
    with np.load(folder / ARRAYS_FILE) as file:
        arrays = {name: file[name] for name in file.files} | changes
    memory = io.BytesIO()
    np.savez(memory, **{name: array for name, array in arrays.items() if array is not None})
    write_arrays(folder, memory.getvalue())


def write_arrays(folder, raw):
    """The arrays replaced by someone who knows that their hash is checked."""
    import hashlib

    (folder / ARRAYS_FILE).write_bytes(raw)
    data = json.loads((folder / JSON_FILE).read_text())
    data["sha256"][ARRAYS_FILE] = hashlib.sha256(raw).hexdigest()
    (folder / JSON_FILE).write_text(json.dumps(data))


@pytest.mark.parametrize("changes", [
    {"latent": None}, {"latent": np.zeros((3, 8), np.float16)}, {"latent": np.full((500, 8), np.inf, np.float16)},
    {"latent": np.zeros((500, 9), np.float16)}, {"time_s": np.zeros(500, np.float32)}, {"noise_db": np.array([{"a": 1}], dtype=object)},
    {"attack": np.zeros(4, np.float64)}, {"cents": np.full(9999, np.nan, np.float16)}], ids=lambda c: str(next(iter(c))))
def test_arrays_that_do_not_fit_are_refused(whole, tmp_path, changes):
    folder = copy(whole, tmp_path)
    repacked(folder, **changes)
    with pytest.raises(UserError, match="Broken"):
        load(folder)


def test_truncated_and_missing_files_are_refused(whole, tmp_path):
    folder = copy(whole, tmp_path)
    raw = (folder / ARRAYS_FILE).read_bytes()
    for size in (0, 10, len(raw) // 2, len(raw) - 1):
        (folder / ARRAYS_FILE).write_bytes(raw[:size])
        with pytest.raises(UserError, match="hash"):
            load(folder)
        write_arrays(folder, raw[:size])
        with pytest.raises(UserError, match="damaged"):
            load(folder)
    for name in (ARRAYS_FILE, JSON_FILE):
        (folder / name).unlink()
        with pytest.raises(UserError, match=name):
            load(folder)


@settings(max_examples=60)
@given(at=st.floats(0, 1), value=st.integers(0, 255))
def test_any_damaged_byte_gives_an_instrument_or_a_sentence(whole, tmp_path_factory, at, value):
    folder = copy(whole, tmp_path_factory.mktemp("damaged"))
    raw = bytearray((folder / ARRAYS_FILE).read_bytes())
    raw[int(at * (len(raw) - 1))] = value
    write_arrays(folder, bytes(raw))
    text = bytearray((folder / JSON_FILE).read_bytes())
    text[int(at * (len(text) - 1))] = value
    for name, data in ((JSON_FILE, bytes(text)), (ARRAYS_FILE, bytes(raw))):
        (folder / name).write_bytes(data)
        try:
            load(folder)
        except UserError as error:
            assert "\n" not in str(error)
