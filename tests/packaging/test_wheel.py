"""The wheel plays on its own: built here, installed in an empty venv, used from another folder."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python")
pytestmark = pytest.mark.timeout(1800)  # pip fetches what the wheel asks for


def run(*command: object, cwd: Path, **env: str) -> str:
    """Output of a command that must succeed, in a world without this clone on its path."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV", "DISPLAY")} | env
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", out, ROOT, cwd=out)
    [built] = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """Folder of the programs of a venv that holds the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(folder)  # without a pip of its own, and without bytecode of what is never imported: most of the time
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    run(*PIP, programs / "python", "install", "--quiet", "--no-compile", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return programs


def test_wheel_holds_every_model_preset_and_song_and_nothing_private(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = run("git", "ls-files", "-z", "exported", "presets", "demo", cwd=ROOT).split("\0")
    wanted = {f"synth/_bundled/{name}" for name in tracked if name and not name.endswith(".gitkeep")}
    assert wanted <= names, sorted(wanted - names)
    code = {f"{name}" for name in run("git", "ls-files", "-z", "latentwave", "synth", "training", cwd=ROOT).split("\0") if name}
    assert code <= names, sorted(code - names)
    assert not [n for n in names if n.startswith(("tests/", "tools/", "docs/")) or "/.runs/" in n or ".gitkeep" in n]
    assert {Path(n).name for n in names if "dist-info/licenses" in n} >= {"LICENSE", "THIRD_PARTY.md"}


def test_wheel_is_small_enough_to_send(wheel):
    assert wheel.stat().st_size < 40e6


def test_installed_wheel_brings_no_torch_and_prints_one_version(installed, tmp_path):
    from synth import __version__

    assert run(installed / "latentwave", "--version", cwd=tmp_path).strip() == f"latentwave {__version__}"
    listed = run(*PIP, installed / "python", "list", "--format=freeze", cwd=tmp_path).lower()
    assert f"latentwave=={__version__}" in listed
    assert not any(f"\n{heavy}==" in listed for heavy in ("torch", "onnx", "scipy", "matplotlib", "pytest"))


def test_installed_wheel_finds_its_bundled_sounds(installed, tmp_path):
    code = ("import latentwave\nfrom synth import paths\nassert latentwave.load().name == 'Init'\n"
            "print(len(paths.list_models()), len(paths.list_presets()), paths.demo_song().is_file(), paths.bundled_folder())")
    models, presets, song, folder = run(installed / "python", "-c", code, cwd=tmp_path, LATENTWAVE_HOME=str(tmp_path)).split(" ", 3)
    assert str(installed.parent) in folder
    assert int(models) == len(list((ROOT / "exported").glob("*/manifest.json")))
    assert int(presets) == len([*(ROOT / "presets").glob("*.json"), *(ROOT / "exported").glob("*/presets/*.json")])
    assert (song == "True") == (ROOT / "demo" / "demo.mid").is_file()


def test_installed_wheel_renders_the_demo_song_from_another_folder(installed, home, tmp_path):
    import numpy as np
    import soundfile

    song = run(installed / "python", "-c", "from synth import paths; print(paths.demo_song())", cwd=tmp_path).strip()
    run(installed / "latentwave", "render", song, "-o", tmp_path / "demo.wav", cwd=tmp_path)
    info = soundfile.info(tmp_path / "demo.wav")
    assert (info.channels, info.samplerate, info.subtype) == (2, 48000, "FLOAT") and info.duration > 5
    sound, _ = soundfile.read(tmp_path / "demo.wav")
    assert np.isfinite(sound).all() and 0.02 < np.abs(sound).max() <= 1.0
    seconds = np.sqrt((sound[: len(sound) // 48000 * 48000] ** 2).reshape(-1, 48000 * 2).mean(axis=1))
    assert np.mean(seconds > 1e-3) > 0.6, "most seconds of the song sound"
