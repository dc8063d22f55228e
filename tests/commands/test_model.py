"""`models`, `decode` and `encode` as a script sees them."""

import json
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from synth.patch import preset_file
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from tests.servers import WORK_S, child_env

MODEL = "akwf-16"


def zeros(size=16):
    return ",".join(["0"] * size)


def test_models_lists_the_shipped_ones(cli_here, home):
    rows = {row["name"]: row for row in json.loads(cli_here("models", "--json", check=True).stdout)}
    assert rows[MODEL]["latent_size"] == 16 and rows[MODEL]["scores"]["lsd_db"] < 3.9
    assert tuple(rows[MODEL]["directions"]) == ModelSource(open_model(MODEL)).direction_names
    assert MODEL in cli_here("models", check=True).stdout


def test_models_names_a_broken_one_and_goes_on(cli_here, home):
    (home / "models" / "odd").mkdir(parents=True)
    (home / "models" / "odd" / "manifest.json").write_text("{")
    rows = {row["name"]: row for row in json.loads(cli_here("models", "--json", check=True).stdout)}
    assert "damaged" in rows["odd"]["error"] and MODEL in rows


def test_decode_writes_the_models_cycle_unscaled(cli_here, tmp_path):
    latent = np.linspace(-1, 1, 16)
    cli_here("decode", "--model", MODEL, "--latent=" + ",".join(map(str, latent)), "-o", "c.wav", check=True)
    info = soundfile.info(tmp_path / "c.wav")
    assert (info.samplerate, info.channels, info.frames, info.subtype) == (48_000, 1, 2048, "FLOAT")
    expected = open_model(MODEL).decode(latent[None])[0]
    assert np.abs(soundfile.read(tmp_path / "c.wav")[0] - expected).max() < 1e-6
    assert [p.name for p in tmp_path.iterdir()] == ["c.wav"]


@pytest.mark.parametrize("args", [
    ("--latent", "1,2", "-o", "c.wav"), ("--latent", "a,b", "-o", "c.wav"), ("--latent", zeros()[:-1] + "nan", "-o", "c.wav"),
    ("--latent", zeros(), "-o", "c.mp3"), ("--latent", zeros(), "-o", "no/such/folder/c.wav"),
])
def test_decode_refuses_in_one_line_and_writes_nothing(cli_here, tmp_path, args):
    done = cli_here("decode", "--model", MODEL, *args)
    assert done.returncode == 1 and done.stderr.startswith("latentwave: error: ") and done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_unknown_model_is_one_line(cli_here):
    done = cli_here("decode", "--model", "nowhere", "--latent", "0", "-o", "c.wav")
    assert done.returncode == 1 and "no model named 'nowhere'" in done.stderr and done.stderr.count("\n") == 1


def encoded(cli_here, *args):
    return json.loads(cli_here("encode", *args, "--model", MODEL, "--json", check=True).stdout)


def test_what_was_decoded_is_found_again(cli_here, tmp_path):
    cli_here("decode", "--model", MODEL, "--latent=" + ",".join(["0.3", "-0.4"] * 8), "-o", "c.wav", check=True)
    found = encoded(cli_here, "c.wav", "-o", "p.json")
    assert found["lsd_db"] < 0.1 and found["source_hz"] is None and len(found["latent"]) == 16
    patch = preset_file.load(tmp_path / "p.json")
    assert np.abs(patch.corner("A") - found["latent"]).max() < 1e-5
    assert patch.model == MODEL and patch.model_sha256 == open_model(MODEL).sha256
    levels = 10 ** (patch.fallback_db[0] / 20)
    assert np.sqrt((levels**2).sum() / 2) == pytest.approx(1, abs=0.02)


def test_refinement_brings_a_saw_closer(cli_here, tmp_path):
    soundfile.write(tmp_path / "saw.wav", np.linspace(0.9, -0.9, 600), 48_000)
    once, refined = encoded(cli_here, "saw.wav", "--no-refine"), encoded(cli_here, "saw.wav", "--refine")
    assert refined["lsd_db"] ** 2 + refined["erb_lsd_db"] ** 2 < once["lsd_db"] ** 2 + once["erb_lsd_db"] ** 2


def test_a_recording_gives_its_pitch(cli_here, tmp_path):
    t = np.arange(48_000) / 48_000
    sound = sum(np.sin(2 * np.pi * 220.5 * k * t) / k for k in range(1, 30))
    soundfile.write(tmp_path / "note.wav", 0.2 * sound, 48_000)
    found = encoded(cli_here, "note.wav")
    assert found["source_hz"] == pytest.approx(220.5, rel=1e-3)
    assert found["erb_lsd_db"] < 6


@pytest.mark.parametrize(("content", "args"), [
    (b"", ()), (b"RIFF\x00\x00", ()), (None, ()), (np.zeros(600), ()), (np.zeros(48_000), ()),
    (np.full(600, np.nan), ()), (np.ones(700), ("--frame-size", "9000")), (np.ones(4), ()),
])
def test_what_cannot_be_encoded_is_one_line(cli_here, tmp_path, content, args):
    file = tmp_path / "x.wav"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        soundfile.write(file, content, 48_000, subtype="FLOAT")
    done = cli_here("encode", "x.wav", "--model", MODEL, *args)
    assert done.returncode == 1 and "x.wav" in done.stderr and done.stderr.count("\n") == 1


def test_a_latent_list_may_begin_with_a_minus(cli_here, tmp_path):
    zeros = ",0" * 15
    for words in (["--latent", f"-1{zeros}"], [f"--latent=-1{zeros}"]):
        cli_here("decode", "--model", MODEL, *words, "-o", tmp_path / f"{len(words)}.wav", check=True)
    assert (tmp_path / "1.wav").read_bytes() == (tmp_path / "2.wav").read_bytes()


def test_a_moving_recording_plays_from_its_beginning_to_its_end(cli_here, tmp_path):
    """A note that darkens: corner A is bright, B dark, and the way between is in the preset's own fallback too."""
    t, k = np.arange(2 * 48_000) / 48_000, np.arange(1, 40)
    sound = (np.sin(2 * np.pi * 220 * np.outer(t, k) + k) / k ** (0.6 + 1.2 * t[:, None] / 2)).sum(1)
    soundfile.write(tmp_path / "note.wav", 0.1 * sound, 48_000)
    found = encoded(cli_here, "note.wav", "-o", "p.json")
    assert found["corner_b_is"] == "later part" and found["source_hz"] == pytest.approx(220, rel=1e-4)
    patch = preset_file.load(tmp_path / "p.json")
    model = open_model(MODEL)
    centroids = [spectral_centroid(model, patch.corner(name)) for name in "AB"]
    wanted = [(k**-p * k).sum() / (k**-p).sum() for p in (0.65, 1.5)]
    assert np.abs(np.log2(np.array(centroids) / wanted)).max() < 0.35
    levels = 10 ** (patch.fallback_db / 20)
    brightness = (levels * np.arange(1, levels.shape[1] + 1)).sum(1) / levels.sum(1)
    assert (np.diff(brightness) < 0).all()


def spectral_centroid(model, latent):
    levels = np.abs(np.fft.rfft(model.decode(np.float32([latent]))[0]))[1:200]
    return (levels * np.arange(1, 200)).sum() / levels.sum()


def test_a_still_sound_is_brighter_with_the_wheel_up(cli_here, tmp_path):
    soundfile.write(tmp_path / "saw.wav", 0.9 * np.linspace(-1, 1, 600) ** 3, 48_000)
    found = encoded(cli_here, "saw.wav", "-o", "p.json")
    model = open_model(MODEL)
    assert found["corner_b_is"] == "brighter" and found["lsd_b_db"] is None
    assert spectral_centroid(model, found["corner_b"]) > 1.2 * spectral_centroid(model, found["latent"])
    assert (np.array(found["corner_b"]) <= model.high + 1e-5).all() and (np.array(found["corner_b"]) >= model.low - 1e-5).all()


def test_a_wavetables_wheel_leads_to_its_last_frame(cli_here, tmp_path):
    frames = [np.sin(2 * np.pi * np.arange(256) / 256), np.linspace(-1, 1, 256)]
    soundfile.write(tmp_path / "t.wav", np.concatenate([frames[0], frames[0], frames[1]]), 48_000)
    found = encoded(cli_here, "t.wav", "--frame-size", 256)
    assert found["corner_b_is"] == "last frame"
    centroids = [spectral_centroid(open_model(MODEL), found[name]) for name in ("latent", "corner_b")]
    assert centroids[1] > 2 * centroids[0]


def test_encode_needs_no_torch(cli_here, tmp_path):
    """The whole command with the two libraries of training shut out."""
    t = np.arange(48_000) / 48_000
    soundfile.write(tmp_path / "note.wav", 0.1 * sum(np.sin(2 * np.pi * 110 * n * t) / n for n in range(1, 20)), 48_000)
    code = ("import sys\nsys.modules.update(torch=None, onnx=None, scipy=None, matplotlib=None)\n"
            "from synth.cli import main\nsys.exit(main(['encode', 'note.wav', '-o', 'p.json']))")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=child_env(), capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0 and "mod wheel" in done.stdout, done.stderr


def test_what_has_no_pitch_or_is_drawn_badly_is_told(cli_here, tmp_path):
    """A snare with a ringing skin; a cycle of noise; a held note, of which there is nothing to say."""
    rng, t = np.random.default_rng(0), np.arange(48_000) / 48_000
    skin = 0.5 * np.sin(2 * np.pi * (190 * t - 0.8 * np.exp(-t / 0.05))) * np.exp(-t * 15)
    sounds = {"snare": skin + 0.02 * rng.normal(size=48_000) * np.exp(-t * 12), "grit": rng.normal(size=600) * 0.2,
              "held": 0.1 * sum(np.sin(2 * np.pi * 110 * n * t) / n for n in range(1, 20))}
    for name, samples in sounds.items():
        soundfile.write(tmp_path / f"{name}.wav", samples, 48_000)
    told = {name: encoded(cli_here, f"{name}.wav")["message"] for name in sounds}
    assert "no steady pitch" in told["snare"] and "draws it only to within" in told["grit"] and told["held"] == ""
    assert "no steady pitch" in cli_here("encode", "snare.wav", "--model", MODEL, check=True).stdout
