"""string-6, the instrument that is no autoencoder: made again to the byte, a string in what it does, and as clean as trained models."""

import json

import numpy as np
import pytest

from synth import paths
from synth.events import note_on
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.render.offline import Offline, render
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from tests.engine.test_own_latents import slot
from tests.measures import sound

FOLDER = paths.bundled_folder() / "exported" / "string-6"
SR_HZ, MIDDLE = 48_000, np.array([0.3, 0.25, 0.0, 0.0, 0.0, 0.0])


@pytest.fixture(scope="module")
def source():
    return ModelSource(open_model("string-6"))


def levels_db(source, **knobs):
    point = MIDDLE.copy()
    for name, value in knobs.items():
        point[source.latent_names.index(name)] = value
    found = source.model.amplitudes(point[None])[0]
    return 20 * np.log10(found / found.max() + 1e-9)


def test_the_script_makes_what_ships(tmp_path, home):
    pytest.importorskip("onnx")
    from tools.make_string_model import write_model

    write_model(tmp_path / "string-6")
    for name in ("decoder.onnx", "manifest.json", *(f"presets/{file.name}" for file in (FOLDER / "presets").iterdir())):
        assert (tmp_path / "string-6" / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_its_knobs_are_those_of_a_string(source):
    """Where it is plucked there is no harmonic that has a node there; a bow falls by 6 dB an octave, a plucked shape by 12."""
    assert source.latent_names == ("Pluck", "Pickup", "Softness", "Bow", "Damping", "Body") and not source.model.children
    half = levels_db(source, Pluck=1.0)  # half of the length
    assert half[1] < half[0] - 15 and half[3] < half[2] - 10
    bow, pluck = levels_db(source, Bow=1.0), levels_db(source, Bow=0.0)
    octave = 511 // 64
    assert (bow[8 * octave] - bow[32 * octave]) == pytest.approx(12, abs=1) and pluck[56] - pluck[224] == pytest.approx(24, abs=1)
    for name, least_db in (("Softness", 10), ("Damping", 6), ("Body", 3), ("Pickup", 3)):
        moved = levels_db(source, **{name: 1.0}) - levels_db(source)
        assert np.ptp(moved[:24]) > least_db, name


def test_it_is_as_clean_as_trained_models(source):
    """Bars: alias -90 dB at rest, -80 dB around harmonics while a knob is swung by 5 Hz as far as theirs."""
    points = np.random.default_rng(5).random((4, 6))
    found = []
    for note, point in zip((24, 48, 84, 108), points, strict=True):
        patch = Patch(latent_size=6, corners={"A": tuple(map(float, point))})
        x = Offline(patch, [(0, note_on(note, 1.0))], source=source).read(4000 + 65536)[4000:, 0].astype(float)
        found.append(sound.alias(x, sound.note_hz(note), SR_HZ)["alias_db"])
    swung = []
    for latent in range(1, 7):
        patch = Patch(params={**slot(1, "lfo1", f"latent.{latent}", 0.15), "lfo1.rate_hz": 5.0})
        x = Offline(patch, [(100, note_on(60))], source=source).read(90000)[24000:24000 + 65536, 0].astype(float)
        swung.append(sound.spread(x, sound.note_hz(60), SR_HZ))
    print(f"string-6: alias {max(found):.1f} dB, knobs swung {', '.join(f'{db:.1f}' for db in swung)} dB")
    assert max(found) <= -90 and max(swung) <= -80
    crest = np.abs(source.model.decode(np.random.default_rng(0).random((64, 6)).astype(np.float32))).max(1)
    assert np.median(crest) < 2.6 and crest.max() < 5


@pytest.mark.parametrize("file", sorted((FOLDER / "presets").glob("*.json")), ids=lambda file: file.stem)
def test_its_presets_play_in_tune_and_move(file, home):
    patch = preset_file.load(paths.find_preset(file.stem))
    assert patch.model_sha256 == json.loads((FOLDER / "manifest.json").read_text())["sha256"]["decoder.onnx"]
    assert patch.fallback_db is not None and paths.find_preset(file.stem) == file and file not in paths.added_presets()
    soft, hard = (render(patch, [(0, note_on(57, velocity))], 1.0).astype(float) for velocity in (0.3, 1.0))
    assert 0.02 < np.abs(hard).max() < 0.95
    spectra = [np.abs(np.fft.rfft(x[9600:28800, 0] * np.hanning(19200))) for x in (soft, hard)]
    assert abs(np.abs(spectra[1])[:1000].argmax() * 2.5 / 220 % 1) < 0.02 or abs(spectra[1][:1000].argmax() * 2.5 / 220 % 1) > 0.98
    k = 88 * np.arange(1, 25)
    a, b = (20 * np.log10(s[k] / s[88]) for s in spectra)
    assert np.abs(a - b).max() > 1, "velocity is heard in the timbre"
