"""Two processes train as one does, to the rounding of sums."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch")

from synth.timbres.model import open_model  # noqa: E402
from tests.servers import WORK_S, child_env  # noqa: E402
from tests.training.test_run import folder_of_cycles  # noqa: E402
from training.fit.loop import checkpoint  # noqa: E402

EACH = """
import sys
from functools import partial
from synth.cli import main
from training.export import own_presets
own_presets.make_presets = partial(own_presets.make_presets, count=1)  # bringing sixteen to one loudness takes longer than the rest
own_presets.level = lambda patch, *_, **__: patch
sys.exit(main(sys.argv[1:]))
"""


def test_two_processes_train_as_one(train, tmp_path):
    data = folder_of_cycles(tmp_path / "data")
    options = [data, "--frame-size", 256, "--name", "m", "--latent", 4, "--steps", 12, "--synthetic", 0]
    assert train(*options, "--out", tmp_path / "one", export=False).count("60 cycles") == 1
    (tmp_path / "each.py").write_text(EACH)
    two = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", 2, tmp_path / "each.py", "train", *options]
    done = subprocess.run([sys.executable, *map(str, two), "--out", tmp_path / "two"], env=child_env(OMP_NUM_THREADS="1"),
                          capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("lsd_db") >= 1 and done.stdout.count("60 cycles") == 1
    states = [checkpoint.load(tmp_path / name / ".runs" / "m" / "last.pt") for name in ("one", "two")]
    assert open_model(tmp_path / "two" / "m").latent_size == 4
    one, two = states
    assert one["step"] == two["step"] == 12 and torch.equal(one["rng"], two["rng"])
    moved = 0.0
    for key, value in one["average"].items():
        assert torch.allclose(value, two["average"][key], rtol=1e-3, atol=2e-4), key
        moved = max(moved, float((value - two["average"][key]).abs().max()))
    assert one["history"][-1][1] == pytest.approx(two["history"][-1][1], abs=2e-3)
    assert moved > 0, "the second run was not split at all"
