"""Either build of torch will do: the one for processors, preferred where it can be had, and the one that brings CUDA's libraries."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.packaging.test_setup import load
from tests.servers import ROOT, child_env

CUDA = {  # as the builds for graphics cards have it: exact and loose, with extras, with more behind
    "nvidia-cudnn-cu13": [], "nvidia-nccl-cu13": [], "triton": [], "cuda-bindings": ["cuda-pathfinder>=1.1"], "cuda-pathfinder": [],
    "cuda-toolkit": ['nvidia-cublas==13.*; extra == "cublas"'], "nvidia-cublas": []}
ASKED = ["nvidia-cudnn-cu13==9.1; platform_system == 'Linux'", "nvidia-nccl-cu13==2.2", "triton==3.7.0", "cuda-bindings<14,>=13",
         "cuda-toolkit[cublas]==13.0"]


def pretend(folder: Path, name: str, version: str, requires: list[str]) -> None:
    """The metadata of an installed distribution, found before a real one of that name."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    rows = "".join(f"Requires-Dist: {row}\n" for row in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{rows}")


def checks(folder: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/packaging/test_constraints.py",
               "tests/packaging/test_third_party.py"]
    return subprocess.run(command, cwd=ROOT, env=child_env(PYTHONPATH=f"{folder}:{ROOT}"), capture_output=True, text=True)


@pytest.mark.parametrize("version", ["2.13.0", "2.13.0+cu130"])
def test_what_torch_brings_for_graphics_cards_is_torchs(tmp_path, version):
    pretend(tmp_path, "torch", version, [*(metadata.requires("torch") or []), *ASKED])
    for name, requires in CUDA.items():
        pretend(tmp_path, name, "1.0", requires)
    done = checks(tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_package_of_our_own_still_needs_its_pin_and_row(tmp_path):
    pretend(tmp_path, "torch", "2.13.0+cpu", [*(metadata.requires("torch") or []), "stranger"])
    pretend(tmp_path, "mido", metadata.version("mido"), [*(metadata.requires("mido") or []), "nvidia-midi"])
    for name in ("stranger", "nvidia-midi"):
        pretend(tmp_path, name, "1.0", [])
    done = checks(tmp_path)
    assert done.returncode == 1 and "nvidia-midi==1.0, stranger==1.0" in done.stdout and "THIRD_PARTY.md: nvidia-midi" in done.stdout


@pytest.fixture
def setup(monkeypatch):
    module = load("setup")
    monkeypatch.setattr(module, "TORCH_SPEC", "")
    monkeypatch.setattr(module.sys, "platform", "linux")
    return module


@pytest.mark.parametrize("has_cpu", [True, False])
def test_the_build_for_processors_is_tried_first_and_sizes_are_told(setup, monkeypatch, capsys, has_cpu):
    asked = []

    def pip(*args, needed=True):
        asked.append((args, needed))
        return has_cpu or "+cpu" not in args[0]

    monkeypatch.setattr(setup, "pip", pip)
    setup.install_torch()
    wanted = [(("torch==2.13.0+cpu",), False), (("torch==2.13.0",), True)]
    assert asked == wanted[:1 if has_cpu else 2]
    told = capsys.readouterr().out
    assert "200 MB" in told and ("GB" in told) == (not has_cpu)


def test_a_spec_of_the_users_is_taken_as_it_is(setup, monkeypatch):
    asked = []
    monkeypatch.setattr(setup, "TORCH_SPEC", "torch==2.12.0 --pre")
    monkeypatch.setattr(setup, "pip", lambda *args, needed=True: asked.append((args, needed)))
    setup.install_torch()
    assert asked == [(("torch==2.12.0", "--pre"), True)]


@pytest.mark.parametrize("line, found", [
    ("  Downloading torch-2.13.0-cp311-cp311-linux_x86_64.whl (821.0 MB)\n", ("torch-2.13.0-cp311-cp311-linux_x86_64.whl", 821.0)),
    ("Downloading https://where.example/a/b/x-1.whl (1.2 GB)\n", ("x-1.whl", 1200.0)),
    ("  Downloading x-1.whl.metadata (28 kB)\n", ("x-1.whl.metadata", 0.028)), ("Processing /wheels/x-1.whl\n", None)])
def test_pips_word_of_a_download_is_understood(setup, line, found):
    assert setup.download(line) == (pytest.approx(found) if found is None else (found[0], pytest.approx(found[1])))


def test_pip_that_fails_ends_the_set_up_only_where_it_is_needed(setup, monkeypatch, tmp_path):
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho 'Downloading big-1.whl (300.0 MB)'\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(setup, "BIN", tmp_path)
    assert setup.pip("big", needed=False) is False
    with pytest.raises(SystemExit, match="could not install"):
        setup.pip("big")
