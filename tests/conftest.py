"""Fixtures shared by every test: the command line, a user folder of one's own, real JACK and X servers.

A server that cannot be had skips the test with its reason; `.ci/run` fails on a skip that `tests/allowed_skips.txt`
does not name. Servers are named after this process, so runs side by side do not meet.
"""

import contextlib
import functools
import io
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from tests import servers
from tests.servers import WORK_S, child_env

settings.register_profile("suite", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("short", max_examples=5, deadline=None, derandomize=True)
settings.register_profile("fuzz", max_examples=20_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
LONGEST = ("test_short_forms.py", "presets/test_factory.py", "tracks/test_engine_recordings.py", "tracks/test_recordings.py",
           "training/test_notes.py", "gui/test_train_view.py", "test_declarations.py", "hosting/test_editors.py",
           "hosting/test_editor_state.py", "training/test_run.py", "gui/test_idle.py", "test_bad_input.py", "golden/test_golden.py",
           "training/test_setup.py", "training/test_parallel.py", "training/test_own_presets.py", "render/test_morph_presets.py",
           "packaging/test_wheel.py", "gui/test_layout.py", "session/test_history.py", "session/test_breed.py",
           "training/test_reencode.py", "training/test_held.py", "training/test_lean.py", "training/test_nn_export.py",
           "timbres/test_foreign.py", "gui/test_window_faults.py", "session/test_autosave.py")
Run = Callable[..., subprocess.CompletedProcess[str]]


def pytest_configure(config: pytest.Config) -> None:
    """What the instrument keeps for its user goes to a folder of these tests, not to that of whoever runs them (on Linux)."""
    folder = tempfile.TemporaryDirectory(prefix="latentwave-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["XDG_DATA_HOME"] = folder.name


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernels before any test's time runs, and before workers start: a minute of work, which a busy machine makes five of."""
    if hasattr(session.config, "workerinput"):
        return
    from synth.engine.compile.jit import is_compiled

    if not is_compiled() and not session.config.option.collectonly:
        session.config.get_terminal_writer().line("compiling the sound engine (once)")
        subprocess.run([sys.executable, "-m", "tools.compile_engine"], env=child_env(), stdin=subprocess.DEVNULL, capture_output=True)


@pytest.fixture(autouse=True)
def _numbers_stay_whole() -> Iterator[None]:
    """A test that leaves denormal numbers flushed to zero, as what it loaded may have set it, spoils those after it in its process."""
    yield
    assert float.fromhex("0x1p-1040") * 2.0 > 0, "denormal numbers are flushed to zero from here on"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take longest come first: at the end of a run no worker waits for another's long file (`tools/check.sh`)."""
    rank = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.relative_to(servers.ROOT / "tests").as_posix(), len(rank)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """What every engine fills in alike is computed once, and a shipped model read once: tests make engines by the thousand.

    These were three quarters of what it takes to make one and to open its model.
    """
    from synth.engine import state
    from synth.engine.dsp import sub
    from synth.engine.effects import chorus, drive
    from synth.timbres import model, source

    for module, name in ((sub, "tables"), (drive, "_low_pass"), (chorus, "_between"), (state, "response")):
        setattr(module, name, kept(getattr(module, name)))
    for module, name in ((model, "read_network"), (model, "read_manifest"), (source, "load_map")):
        setattr(module, name, read_once(getattr(module, name)))


def read_once(read: Callable[..., object]) -> Callable[..., object]:
    """A function of a model's folder, which reads those of the clone only once."""
    known = functools.cache(read)
    return lambda folder, *rest: (known if folder.parent == servers.ROOT / "exported" else read)(folder, *rest)


def kept(make: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """A function of numbers and arrays, whose answers are kept and may not be written to."""
    known: dict[bytes, np.ndarray] = {}

    def answer(*args: object) -> np.ndarray:
        key = pickle.dumps(args)
        if key not in known:
            known[key] = make(*args)
            known[key].flags.writeable = False
        return known[key]

    return answer


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user folder (`LATENTWAVE_HOME`), sharing the compiled kernels of the real one."""
    from synth import paths

    cache = paths.cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "cache").symlink_to(cache, target_is_directory=True)
    monkeypatch.setenv("LATENTWAVE_HOME", str(folder))
    return folder


@pytest.fixture
def cli(tmp_path: Path) -> Run:
    """`cli("render", "song.mid", "-o", "x.wav")`: one command in a process of its own, in `tmp_path`.

    Keywords: `timeout` in seconds, `cwd`, `env` (say `jack_server`'s), `check` (fail the test unless it exits 0).
    """

    def run(*args: object, timeout: float = WORK_S, cwd: Path | None = None, env: dict[str, str] | None = None,
            check: bool = False) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "synth", *map(str, args)]
        done = subprocess.run(command, cwd=cwd or tmp_path, env=child_env(**(env or {})), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=timeout)
        assert not check or done.returncode == 0, f"{args}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture
def cli_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """As `cli`, but in this process, which has imported and loaded what a command takes the most of a second for.

    For files that run many of a kind that other files start as a process; nothing that ends with the process is seen by it.
    """
    from synth.cli import main

    def run(*args: object, check: bool = False) -> subprocess.CompletedProcess[str]:
        said, told = io.StringIO(), io.StringIO()
        with monkeypatch.context() as there, contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
            there.chdir(tmp_path)
            try:
                code = main([*map(str, args)])
            except SystemExit as end:  # of its parser
                code = end.code if isinstance(end.code, int) else 1
        done = subprocess.CompletedProcess(args, code, said.getvalue(), told.getvalue())
        assert not check or code == 0, f"{args}: exit {code}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture(scope="module")
def jack_server() -> Iterator[dict[str, str]]:
    """A real jackd with the dummy driver at 48 kHz, 128 frames; yields the environment for its clients.

    One for each file that asks: it wakes 375 times a second, and would do so in every worker to the end of the run.
    """
    with servers.jackd(child_env(), most_ports=64) as env:
        yield env


@pytest.fixture(scope="session")
def xvfb_display() -> Iterator[dict[str, str]]:
    """A real X server of 1600x1000; yields the environment for its clients (with jack's: `a | b`).

    GL runs whole but for its last step, filling pixels, which nobody looks at here and which would take three quarters of a
    processor: `test_layout` looks at pixels, on screens of its own.
    """
    with servers.xvfb(child_env()) as env:
        yield env | {"GALLIUM_NOOP": "1"}
