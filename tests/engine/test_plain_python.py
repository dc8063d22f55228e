"""The engine as plain Python (tools/step_engine.py) plays what it plays compiled: every kernel can be stepped through in a debugger."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synth.events import note_on
from synth.patch import preset_file
from synth.paths import find_preset
from synth.render.offline import Offline
from tests.servers import WORK_S

ROOT = Path(__file__).resolve().parents[2]
PLAIN = """
import json, sys
from tools import step_engine
step_engine.make_plain()
print(json.dumps(step_engine.play(sys.argv[1], 60, 60).tolist()))
"""


@pytest.mark.parametrize("preset", ["Init", "Glass Harp"])
def test_as_plain_python_it_plays_the_same(preset):
    done = subprocess.run([sys.executable, "-c", PLAIN, preset], cwd=ROOT, capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0, done.stderr
    plain = np.array(json.loads(done.stdout))
    compiled = Offline(preset_file.load(find_preset(preset)), [(40, note_on(60))], block_products=0).read(60 * 32).T
    assert np.abs(compiled).max() > 1e-3 and not plain[:, :40].any()
    assert np.abs(plain - compiled).max() < 1e-4 * np.abs(compiled).max()
