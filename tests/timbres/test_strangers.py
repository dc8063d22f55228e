"""Models of others, in every shape that they come in: each plays what its formula says."""

import json
import shutil

import numpy as np
import pytest

pytest.importorskip("onnx")

from synth.errors import UserError
from synth.events import note_on
from synth.patch.patch import Patch
from synth.paths import find_model, list_models
from synth.render.offline import render
from synth.samples.spectrum import unit_rms
from synth.timbres.mending import closed, cycle_amplitudes
from synth.timbres.model import open_model
from synth.timbres.model_probe import probe_decoder, write_model
from tests.strangers import Stranger

SHAPES = {
    "64 samples": Stranger(size=64), "333 samples": Stranger(size=333), "8,192 samples": Stranger(size=8192),
    "one latent": Stranger(latents=1), "256 latents of amplitudes": Stranger(latents=256, size=0),
    "half precision, 600 samples": Stranger(size=600, half=True), "three rows": Stranger(batch=3, size=0),
    "loud, with an offset": Stranger(offset=-3.0, level=40.0),
    "axes, data beside it": Stranger(axes=True, external=True, names=("z", "wave")),
}


def points(stranger, n=5):
    found = np.zeros((n, stranger.latents), np.float32)
    found[:, :2] = np.random.default_rng(0).uniform(-1, 1, (n, min(2, stranger.latents)))
    return found


def heard_levels(side, count, hz=220):
    """Levels of a held note's harmonics, float[1, count], a quarter of a second on."""
    x, t = side[12_000:36_000].astype(float), np.arange(24_000) / 48_000
    return np.abs(np.exp(-2j * np.pi * hz * np.arange(1, count + 1)[:, None] * t) @ (x * np.blackman(24_000)))[None]


def away_db(found, wanted):
    """Largest distance in dB of any harmonic, at unit RMS."""
    return float(np.abs(20 * np.log10(unit_rms(found.astype(float)) / unit_rms(wanted))).max())


@pytest.mark.parametrize("name", SHAPES)
def test_a_model_of_any_shape_is_what_it_says(name, tmp_path, home):
    stranger = SHAPES[name]
    model, latents = open_model(stranger.write_model(tmp_path / "strange")), points(stranger)
    assert model.children, "a stranger's is run apart"
    limit_db = 0.3 if stranger.half else 0.01
    assert away_db(model.amplitudes(latents), stranger.amplitudes(latents)) < limit_db
    cycles = model.decode(latents)
    assert cycles.shape == (5, 2048) and np.abs(np.sqrt((cycles.astype(float) ** 2).mean(1)) - 1).max() < 1e-4
    assert np.abs(cycles.mean(1)).max() < 1e-5
    assert away_db(np.abs(np.fft.rfft(cycles)[:, 1:25]), stranger.amplitudes(latents)) < limit_db
    model.close()


@pytest.mark.parametrize("name", ["256 latents of amplitudes", "8,192 samples"])
def test_the_largest_are_heard_as_they_are(name, tmp_path, home):
    stranger = SHAPES[name]
    folder, [point] = stranger.write_model(tmp_path / "large"), points(stranger, 1)
    patch = Patch(model=str(folder), latent_size=stranger.latents, corners={"A": tuple(map(float, point))})
    for side in render(patch, [(0, note_on(57, 0.8))], 0.8).T:
        assert away_db(heard_levels(side, 24), stranger.amplitudes(point[None])) < 0.1


def test_a_wave_of_other_systems_plays_in_tune_and_as_loud_as_others(tmp_path, home):
    """[1, 2] -> [1, 1, 2048] with its numbers beside it, an offset, a level of its own, ends that do not meet: probed, then heard."""
    stranger = Stranger(axes=True, external=True, names=("z", "wave"), offset=0.4, level=0.05, tear=0.03)
    (tmp_path / "theirs").mkdir()
    file = stranger.write(tmp_path / "theirs" / "vae.onnx")
    probed = probe_decoder(file)
    assert (probed.output, probed.latent_size, probed.cycle_size) == ("waveform", 2, 2048)
    write_model(file, probed, home / "models" / "Theirs")
    assert json.loads((home / "models" / "Theirs" / "manifest.json").read_text())["sha256"].keys() == {"decoder.onnx", "vae.onnx.data"}
    latents = np.array([[0.5, -0.5]])
    heard = {}
    for model in ("Theirs", "akwf-8"):
        size = 2 if model == "Theirs" else 8
        patch = Patch(model=model, latent_size=size, corners={"A": tuple(latents[0]) if size == 2 else (0.0,) * 8})
        heard[model] = render(patch, [(0, note_on(57, 0.8))], 1.0)
    for side in heard["Theirs"].T:
        x = side[12_000:36_000].astype(float)
        assert away_db(heard_levels(side, 24), stranger.amplitudes(latents)) < 0.6, "the tear is gone, and every level is there"
        spectrum = np.abs(np.fft.rfft(x * np.blackman(24_000), 8 * 24_000))
        assert abs(1200 * np.log2(spectrum.argmax() * 0.25 / 220)) < 2 and abs(x.mean()) < 1e-4
    levels = [np.sqrt((sound**2).mean()) for sound in heard.values()]
    assert abs(20 * np.log10(levels[0] / levels[1])) < 6
    (home / "models" / "Theirs" / "vae.onnx.data").write_bytes(b"x")
    with pytest.raises(UserError, match=r"vae\.onnx\.data is damaged or was replaced"):
        open_model("Theirs")


def test_a_tear_is_closed_and_a_sawtooth_stays():
    k, j = np.arange(1, 25), np.arange(512)
    smooth = np.cos(2 * np.pi * np.outer(k, j) / 512 + 0.3 * k[:, None]).T @ (1 / k)
    rms = smooth.std()
    torn = smooth + 0.8 * rms * (j / 511 - 0.5)
    assert away_db(cycle_amplitudes(torn[None], 24), cycle_amplitudes(smooth[None], 24)) < 0.5
    assert away_db(np.abs(np.fft.rfft(torn))[None, 1:25], np.abs(np.fft.rfft(smooth))[None, 1:25]) > 2, "torn it was"
    saw = np.linspace(-1, 1, 512, endpoint=False)[None]
    assert np.array_equal(closed(saw), saw - saw.mean())


def test_what_changes_its_phases_becomes_a_model_and_says_so(tmp_path, home, cli):
    from tests.timbres.test_foreign import write_decoder

    done = cli("plugins", "probe", write_decoder(tmp_path / "moving.onnx", moving=True), "-o", home / "models" / "Moving", check=True)
    assert "change their phase" in done.stdout
    heard = render(Patch(model="Moving", latent_size=2, corners={"A": (0.5, -1.0)}), [(0, note_on(69, 0.8))], 0.3)
    assert abs(np.abs(np.fft.rfft(heard[4800:14400, 0] * np.hanning(9600))).argmax() * 5 - 440) < 6


def test_a_file_is_looked_at_once(tmp_path, home, cli, monkeypatch):
    """What was found is kept by the hashes: a model that hung is refused at once, one that plays is not tried again; probe looks anew."""
    from synth.timbres import network_decoder, verdicts
    from tests.timbres.test_foreign import STRANGE
    from tests.timbres.test_foreign import write_model as write_strange

    steps, constants, nodes, _ = STRANGE["no numbers"]
    folder = write_strange(tmp_path / "strange", steps, constants, nodes=nodes())
    with pytest.raises(UserError, match="not numbers"):
        open_model(folder)
    good = Stranger(size=0).write_model(tmp_path / "good")
    steady = open_model(good)._by_networks._decoder.steady

    def not_again(*_):
        raise AssertionError("looked at again")

    monkeypatch.setattr(network_decoder.Network, "probe", not_again)
    monkeypatch.setattr(network_decoder.Network, "find_steady", not_again)
    with pytest.raises(UserError, match="not numbers.*found before.*plugins probe"):
        open_model(folder)
    model = open_model(good)
    assert model._by_networks._decoder.steady == steady
    assert away_db(model.amplitudes(np.zeros((1, 2), np.float32)), Stranger().amplitudes(np.zeros((1, 2)))) < 0.01
    manifest = json.loads((good / "manifest.json").read_text())
    (good / "manifest.json").write_text(json.dumps(manifest | {"comment": "other promises"}))
    with pytest.raises(AssertionError):
        open_model(good)
    (home / "models").mkdir()
    shutil.copytree(folder, home / "models" / "strange")
    [row] = json.loads(cli("plugins", "list", "--json", check=True).stdout)
    assert "not numbers" in row["refused"] and "refused: it gives values" in cli("plugins", "list", check=True).stdout
    cli("plugins", "probe", folder / "decoder.onnx")
    assert not any(row["refused"] for row in verdicts._read().values())
    (home / "model_verdicts.json").write_text('{"x": 3, "y": {"refused": 1}}')
    assert verdicts.known_verdict("x") is None and verdicts.known_verdict("y") is None


def test_models_in_packages_are_found_and_a_broken_package_hides_none(tmp_path, home, monkeypatch):
    site = tmp_path / "site"
    for name, source in (("good_voices", ""), ("bad_voices", "raise RuntimeError('mine')\n")):
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text(source)
        told = site / f"{name}-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (told / "entry_points.txt").write_text(f"[latentwave.models]\n{name} = {name}\n")
    (site / "good_voices" / "models").mkdir()
    Stranger(size=256).write_model(site / "good_voices" / "models" / "Packaged")
    monkeypatch.syspath_prepend(site)
    assert "Packaged" in [folder.name for folder in list_models()] and "akwf-8" in [folder.name for folder in list_models()]
    assert find_model("Packaged").is_relative_to(site)
    heard = render(Patch(model="Packaged", latent_size=2, corners={"A": (0.0, 0.0)}), [(0, note_on(69, 0.8))], 0.3)
    assert abs(np.abs(np.fft.rfft(heard[4800:14400, 1] * np.hanning(9600))).argmax() * 5 - 440) < 6
