"""The set-up script asks for what is missing, prints it first, and runs nothing where it may not."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def setup(monkeypatch, tmp_path):
    """The script with a `.venv` elsewhere, on a Linux that has none of the libraries and apt-get as root."""
    module = load("setup")
    monkeypatch.setattr(module, "VENV", tmp_path)
    monkeypatch.setattr(module.sys, "platform", "linux")
    monkeypatch.setattr(module.Need, "present", lambda need: False)
    monkeypatch.setattr(module.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "apt-get" else None)
    monkeypatch.setattr(module.os, "geteuid", lambda: 0)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "NO_SYSTEM_PACKAGES"):
        monkeypatch.delenv(name, raising=False)
    return module


def test_playing_without_a_display_asks_for_sound_and_midi_only(setup, monkeypatch):
    assert [n.debian for n in setup.needs("play")] == ["libportaudio2", "libasound2"]
    monkeypatch.setenv("DISPLAY", ":0")
    assert "libgl1" in [n.debian for n in setup.needs("play")]


def test_tests_ask_for_their_servers(setup):
    wanted = " ".join(n.debian for n in setup.needs("test"))
    assert all(name in wanted for name in ("jackd2", "xvfb", "xdotool", "libgl1-mesa-dri", "x11-utils"))


def test_no_system_packages_only_prints(setup, monkeypatch, capsys):
    monkeypatch.setenv("NO_SYSTEM_PACKAGES", "1")
    monkeypatch.setattr(setup, "_spawn", lambda command: pytest.fail("it ran something"))
    assert setup.start_system_packages("play") is None
    assert "apt-get install" in capsys.readouterr().out


def test_without_root_or_sudo_it_prints_the_line_and_goes_on(setup, monkeypatch, capsys):
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup, "_spawn", lambda command: pytest.fail("it ran something"))
    assert setup.start_system_packages("play") is None
    assert "sudo apt-get install libportaudio2 libasound2" in capsys.readouterr().out


def test_absent_package_lists_are_renewed_once(setup, monkeypatch):
    ran = []

    class Done:
        def __init__(self, command):
            ran.append(command)
            self.returncode = 100 if len(ran) == 1 else 0

        def wait(self):
            return self.returncode

    monkeypatch.setattr(setup, "_spawn", Done)
    setup.finish_system_packages(setup.start_system_packages("play"))
    assert [c[1] for c in ran] == ["install", "update", "install"]


def test_a_wrong_mode_is_a_usage_error():
    done = subprocess.run([sys.executable, ROOT / "tools" / "setup.py", "dance"], capture_output=True, text=True)
    assert done.returncode == 1 and "usage" in done.stderr


JUNIT = """<testsuites><testsuite><testcase classname="tests.a" name="fine"/>
<testcase classname="tests.a" name="waits"><skipped type="pytest.skip" message="no server: jackd"/></testcase>
<testcase classname="tests.a" name="known"><skipped type="pytest.xfail" message="later"/></testcase></testsuite></testsuites>"""


@pytest.mark.parametrize("allowed, code", [("# nobody\n", 1), ("tests.a.waits: no server  # a laptop\n", 0)])
def test_a_skip_that_nobody_allowed_fails(tmp_path, monkeypatch, capsys, allowed, code):
    results, names = tmp_path / "results.xml", tmp_path / "allowed.txt"
    results.write_text(JUNIT)
    names.write_text(allowed)
    skips = load("skips")
    monkeypatch.setattr(sys, "argv", ["skips.py", str(results), str(names)])
    assert skips.main() == code
    assert ("tests.a.waits: no server: jackd" in capsys.readouterr().out) == bool(code)
