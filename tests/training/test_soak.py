"""Twenty kills at random moments of one run: every resume works, little is lost, and the model is as good in the end."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.conftest import child_env  # noqa: E402
from tests.training.test_run import folder_of_cycles  # noqa: E402
from training.fit.loop import checkpoint  # noqa: E402

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
KILLS, STEPS, MOST_LOST_S = 20, 5000, 30.0


def train(data, out, *more):
    command = [sys.executable, "-m", "synth", "train", data, "--frame-size", 256, "--name", "m", "--latent", 4, "--steps",
               STEPS, "--synthetic", 0, "--out", out, *more]
    return subprocess.Popen([str(part) for part in command], env=child_env(OMP_NUM_THREADS="1"), stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)


def resumed(runs):
    return ["--resume"] if (runs / "last.pt").is_file() else []


@pytest.mark.soak
@pytest.mark.skipif(MINUTES < 1, reason="takes long; tests/training/test_run.py kills and resumes once")
def test_twenty_kills_lose_little_and_cost_nothing(tmp_path):
    data = folder_of_cycles(tmp_path / "data", count=300)
    whole = train(data, tmp_path / "whole")
    started = time.monotonic()
    assert whole.wait(timeout=1800) == 0
    length_s = time.monotonic() - started
    runs = tmp_path / "cut" / ".runs" / "m"
    rng = np.random.default_rng(0)
    reached, kills, lost = 0, 0, []
    while kills < KILLS:
        process, began = train(data, tmp_path / "cut", *resumed(runs)), time.time()
        try:
            _, errors = process.communicate(timeout=float(rng.uniform(3, max(25, length_s / 8))))
            assert process.returncode == 0, errors
            break  # done before its kill
        except subprocess.TimeoutExpired:
            kills += 1
            process.send_signal(signal.SIGTERM if kills % 4 == 0 else signal.SIGKILL)
            killed = time.time()
            process.communicate(timeout=60)
        if (runs / "last.pt").is_file():
            saved = checkpoint.load(runs / "last.pt")
            assert saved["step"] >= reached, "a resume went back behind an earlier one"
            reached = saved["step"]
        lost.append(killed - max(began, os.stat(runs / "last.pt").st_mtime if (runs / "last.pt").is_file() else 0))
    process = train(data, tmp_path / "cut", *resumed(runs))
    _, errors = process.communicate(timeout=1800)
    assert process.returncode == 0, errors
    final = [checkpoint.load(tmp_path / name / ".runs" / "m" / "best.pt") for name in ("whole", "cut")]
    print(f"{kills} kills, at most {max(lost):.0f} s lost, best {final[0]['best']:.3f} and {final[1]['best']:.3f} dB")
    assert abs(final[0]["best"] - final[1]["best"]) < 0.05
    assert kills == KILLS and max(lost) <= MOST_LOST_S
