"""What nobody runs rots: `make bench`, `make soak` and `make fuzz`, and every measurement of `tests/bench`, each for seconds."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.hosting.own_plugins import need_vst3
from tests.servers import ROOT, WORK_S, child_env, need

BENCHES = sorted(file.stem for file in (ROOT / "tests" / "bench").glob("*.py") if "__main__" in file.read_text(encoding="utf-8"))
BY_MAKE = {"live", "library"}  # `make bench` runs them


def runs(command: list[str], **env: str) -> str:
    done = subprocess.run(command, cwd=ROOT, env=child_env(**env), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=WORK_S)
    assert done.returncode == 0 and "Traceback" not in done.stderr, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("target", ["bench", "soak", "fuzz"])
def test_make_targets_run_in_their_short_form(target, tmp_path):
    need("make", "jackd")
    make = subprocess.run(["make", "-n", target, "SHORT=1", "ARGS="], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = make.stdout.splitlines()
    commands = [shlex.split(line) for line in lines if "-m " in line]
    assert commands
    for words in commands:
        env = dict(word.split("=", 1) for word in words[:words.index(".venv/bin/python")])
        args = words[len(env) + 1:]
        if "pytest" in args:
            args += ["-p", "no:cacheprovider", "--basetemp", str(tmp_path / "pytest")]
        assert runs([sys.executable, *args], **env).strip()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", [name for name in BENCHES if name not in BY_MAKE])
def test_every_measurement_runs_in_its_short_form(name, tmp_path):
    more = ["--akwf", str(waveforms(tmp_path))] if name == "sources" else []
    assert runs([sys.executable, "-m", f"tests.bench.{name}", *more], BENCH_SHORT="1").strip()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_comparison_with_an_open_editor_runs_in_its_short_form():
    need("Xvfb", "jackd")
    need_vst3("ZamEQ2")
    told = [json.loads(line) for line in runs([sys.executable, "-m", "tests.bench.plugin_chain", "editor"], BENCH_SHORT="1").splitlines()]
    assert [line["name"].removeprefix("chain of plug-ins, ") for line in told] == ["turn 1", "turn 2", "editor closed", "editor open"]
    assert all(line["chunks"] > 100 for line in told)


def waveforms(folder: Path) -> Path:
    """Two files of one cycle each, as the Adventure Kid's."""
    n = 2 * np.pi * np.arange(600) / 600
    for k in (2, 3):
        soundfile.write(folder / f"{k}.flac", 0.5 * np.sin(n) + 0.3 * np.sin(k * n), 48000)
    return folder


def test_a_measurement_without_its_server_ends_in_one_line(tmp_path):
    (tmp_path / "bin").mkdir()
    done = subprocess.run([sys.executable, "-m", "tests.bench.live", "start"], cwd=ROOT, env=child_env(PATH=str(tmp_path / "bin")),
                          capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "jackd" in done.stderr, done.stderr
