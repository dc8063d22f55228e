"""One thread for torch, and a training in this process that levels one preset where a user gets sixteen: most of a short run's time."""

from functools import partial

import pytest

from synth.cli import main


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Matrices this small only wait for a second thread, and tests run side by side."""
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)


@pytest.fixture
def train(tmp_path, monkeypatch, capsys):
    """`train(data, "--steps", 5)` in `tmp_path`: what it printed. All sixteen presets are `test_own_presets`' own."""
    from training.export import own_presets

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(own_presets, "make_presets", partial(own_presets.make_presets, count=1))

    def run(*args):
        capsys.readouterr()
        assert main(["train", *map(str, args)]) == 0
        return capsys.readouterr().out

    return run
