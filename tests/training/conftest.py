"""One thread for torch, and a training in this process that makes one preset, not levelled, for a user's sixteen: most of a short run."""

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
    """`train(data, "--steps", 5)` in `tmp_path`: what it printed. Sixteen presets and their loudness are `test_own_presets`' own.

    export=False: no model folder and no report, most of a short run; what would be exported is the last of `train.unexported`:
    (config, training data, origin).
    """
    from training import train as command
    from training.export import own_presets

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(own_presets, "make_presets", partial(own_presets.make_presets, count=1))
    monkeypatch.setattr(own_presets, "level", lambda patch, *_, **__: patch)

    def run(*args, export=True):
        capsys.readouterr()
        with monkeypatch.context() as only_fit:
            if not export:
                only_fit.setattr(command.model_folder, "export", lambda model, config, data, origin, target:
                                 run.unexported.append((config, data, origin)))
                only_fit.setattr(command, "_report", lambda *_: None)
            assert main(["train", *map(str, args)]) == 0
        return capsys.readouterr().out

    run.unexported = []

    return run
