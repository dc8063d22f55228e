"""A training does without torch's compiler, which takes two seconds to import, and whoever asks for it still has it."""

import subprocess
import sys

import pytest

from tests.servers import WORK_S, child_env

pytest.importorskip("torch")

STEPS = """
import sys
import torch
from training.network import eager
from training.network.model import Autoencoder
from training.config import Config
network = Autoencoder(Config(harmonics=150, latent_size=2, width=8, encoder_width=8, blocks=1))
for optimizer in (torch.optim.AdamW(network.parameters(), foreach=True), torch.optim.Adam(network.parameters())):
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, total_steps=3)
    network.decode(torch.zeros(1, 2)).sum().backward()
    optimizer.step()
    schedule.step()
    optimizer.zero_grad()
    optimizer.load_state_dict(optimizer.state_dict())
assert not [name for name in sys.modules if name.startswith("torch._dynamo.")]
assert torch.compile(lambda x: x + 1, backend="eager")(torch.ones(1)) == 2
import torch._dynamo.eval_frame
assert torch._dynamo is sys.modules["torch._dynamo"] and torch._dynamo.__file__
optimizer.step()
"""


def test_optimizers_do_without_the_compiler_and_whoever_asks_has_it():
    done = subprocess.run([sys.executable, "-c", STEPS], env=child_env(), capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0, done.stderr
