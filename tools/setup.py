"""Set-up for `make play` and `make test`: .venv, the packages, the system libraries. Standard library only.

Usage: python tools/setup.py play|test. A second run finds the stamp of the first and ends at once.
Environment: NO_SYSTEM_PACKAGES=1 only prints the system packages; TORCH_SPEC is what pip is told to install for torch (else the
build for processors alone where the package index has it).
"""

import ctypes.util
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
TORCH_SPEC = os.environ.get("TORCH_SPEC", "")
TORCH = "2.13.0"
TORCH_BUILDS = (  # what pip is asked for, in turn, where TORCH_SPEC says nothing; and how much that is
    (f"torch=={TORCH}+cpu", "the build for processors, about 200 MB"),
    (f"torch=={TORCH}", "the default build; on Linux it brings libraries for graphics cards, 2 to 3 GB in all"))
LARGE_MB = 20.0  # downloads from here on are told


class Need(NamedTuple):
    """One system library (`lib:`), program (`bin:`) or file (`file:`), what it is for, and the packages that carry it."""

    probe: str
    why: str
    debian: str
    brew: str = ""
    other: str = ""

    def present(self) -> bool:
        """True when the dynamic loader, the path or the file system finds it."""
        kind, _, name = self.probe.partition(":")
        if kind == "file":
            return Path(name).is_file()
        return bool(ctypes.util.find_library(name) if kind == "lib" else shutil.which(name))


PLAY = (Need("lib:portaudio", "sound", "libportaudio2", other="portaudio"),
        Need("lib:asound", "MIDI", "libasound2", other="alsa-lib"))
WINDOW = (Need("lib:GL", "the window", "libgl1", other="libglvnd"),
          Need("lib:X11", "the window", "libx11-6", other="libX11"))
TEST = (Need("bin:jackd", "tests with real audio", "jackd2", brew="jack", other="jack2"),
        Need("bin:Xvfb", "tests of the window", "xvfb", other="xvfb"),
        Need("bin:xdotool", "tests of the window", "xdotool", other="xdotool"),
        Need("bin:xwininfo", "tests of the window", "x11-utils", other="xwininfo"),
        Need("bin:fluidsynth", "tests with a soundfont's notes", "fluidsynth", other="fluidsynth"),
        Need("file:/usr/share/sounds/sf2/FluidR3_GM.sf2", "tests with a soundfont's notes", "fluid-soundfont-gm",
             other="fluid-soundfont-gm"),
        Need("file:/usr/share/doc/zam-plugins/copyright", "tests with real plug-ins", "zam-plugins", other="zam-plugins"),
        Need("file:/usr/lib/lv2/DragonflyHallReverb.lv2/manifest.ttl", "tests with real plug-ins", "dragonfly-reverb-lv2",
             other="dragonfly-reverb"),
        Need("lib:GL", "tests of the window", "libgl1 libgl1-mesa-dri", other="libglvnd mesa-dri-drivers"))


def say(text: str) -> None:
    """One line of progress."""
    print(f"latentwave: {text}", flush=True)


def needs(mode: str) -> list[Need]:
    """System needs of a mode that this machine lacks."""
    wanted = PLAY
    if sys.platform != "linux":  # the wheels of macOS and Windows carry their own libraries
        wanted = ()
    elif mode == "test" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        wanted += WINDOW
    if mode == "test" and os.name == "posix":
        wanted += TEST if sys.platform == "linux" else TEST[:1]
    return [need for need in wanted if not need.present()]


def installer(lacking: Sequence[Need]) -> tuple[list[str], str]:
    """(command, what to tell the user): the command is empty where there is no way to run one without asking."""
    if shutil.which("apt-get"):
        packages = list(dict.fromkeys(" ".join(n.debian for n in lacking).split()))
        command = ["apt-get", "install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120", *packages]
        if os.geteuid() == 0:
            return command, shlex.join(command)
        sudo = ["sudo", "-n", "DEBIAN_FRONTEND=noninteractive"]
        may = shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0
        return (sudo + command if may else []), f"sudo apt-get install {' '.join(packages)}"
    if shutil.which("brew"):
        command = ["brew", "install", *(n.brew for n in lacking if n.brew)]
        return command, shlex.join(command)
    return [], f"install with your package manager: {' '.join(n.other for n in lacking if n.other)}"


def start_system_packages(mode: str) -> tuple[subprocess.Popen, list[str]] | None:
    """Start installing what the machine lacks, beside pip; None when nothing is to do or may be done."""
    lacking = needs(mode)
    if not lacking:
        return None
    command, told = installer(lacking)
    say(f"system packages needed for {', '.join(dict.fromkeys(n.why for n in lacking))}: {told}")
    if os.environ.get("NO_SYSTEM_PACKAGES") or not command:
        say("not installed by this script; run the line above for the whole thing")
        return None
    return _spawn(command), command


def _spawn(command: list[str]) -> subprocess.Popen:
    with open(VENV / "system-packages.log", "ab") as log:
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)


def finish_system_packages(started: tuple[subprocess.Popen, list[str]] | None) -> None:
    """Wait for the installer; where it fails on stale package lists, renew them once and try again."""
    if started is None:
        return
    process, command = started
    if process.wait() and "apt-get" in command:
        update = [*command[: command.index("apt-get") + 1], "update", "-q"]
        say("the package lists are missing or old; renewing them once (apt-get update)")
        _spawn(update).wait()
        process = _spawn(command)
        process.wait()
    if process.returncode:
        say(f"could not install them; what uses them will say so (log: {VENV.name}/system-packages.log)")


def make_venv() -> None:
    """A working .venv of this Python; Debian's bare Python first gets its venv module."""
    works = [str(BIN / "python"), "-c", "import pip"]
    if (BIN / "python").exists() and subprocess.run(works, capture_output=True).returncode == 0:
        return
    say(f"making .venv with Python {sys.version.split()[0]}")
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0:
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    VENV.mkdir(exist_ok=True)
    apt, told = installer([Need("", "", package, other="python-venv")])
    say(f"this Python cannot make a venv; {told}")
    if os.environ.get("NO_SYSTEM_PACKAGES") or not apt:
        sys.exit("latentwave: error: .venv could not be made; run the line above and try again")
    finish_system_packages((_spawn(apt), apt))
    if subprocess.run(command).returncode:
        sys.exit("latentwave: error: .venv could not be made; install a full Python 3.11 or 3.12 and try again")


def download(line: str) -> tuple[str, float] | None:
    """(file, MB) of a line by which pip tells that it begins to download something; None for any other line."""
    found = re.match(r"\s*Downloading (\S+) \(([\d.]+) ([kMG]?)B\)", line)
    if not found:
        return None
    return found[1].rpartition("/")[2], float(found[2]) * {"": 1e-6, "k": 1e-3, "M": 1.0, "G": 1e3}[found[3]]


def pip(*args: str, needed: bool = True) -> bool:
    """`pip install` under the pins, one moving line of progress, large downloads told; whether it went well.

    Ends the set-up with one sentence when what is `needed` fails.
    """
    command = [str(BIN / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--prefer-binary",
               "--progress-bar", "off", "-c", "constraints.txt", *args]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = []
    for line in process.stdout or ():
        said.append(line)
        if (large := download(line)) and large[1] >= LARGE_MB:
            say(f"downloading {large[0]} ({large[1]:.0f} MB)")
        elif sys.stdout.isatty() and line.startswith(("Collecting ", "Installing ", "  Downloading ")):
            print(f"\r\033[K  {' '.join(line.split()[:3])[:76]}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    failed = process.wait() != 0
    if failed and needed:
        sys.stderr.write("".join(said[-20:]))
        sys.exit("latentwave: error: pip could not install the packages (see above); check the network and try again")
    return not failed


def install_torch(*options: str) -> None:
    """What TORCH_SPEC says, else the build for processors where the package index has one, else the default build."""
    if TORCH_SPEC:
        pip(*options, *shlex.split(TORCH_SPEC))
        return
    builds = TORCH_BUILDS if sys.platform != "darwin" else TORCH_BUILDS[1:]  # macOS has one build, which needs no more than it
    for spec, size in builds:
        last = (spec, size) == builds[-1]
        say(f"installing {spec}" + (f": {size}" if sys.platform != "darwin" else ""))
        if pip(*options, spec, needed=last):
            return
        say("the package index has no build for processors alone; with another index: make test TORCH_SPEC='torch --index-url ...'")


def import_once() -> None:
    """Import what the tests import, so that its bytecode is made once, beside the engine's compiling, and not by three workers at once."""
    say("reading the tests")
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([str(BIN / "python"), "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"], cwd=ROOT, env=env,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def install_packages(mode: str) -> None:
    """The project itself, editable, with the extras of the mode, under the pins of constraints.txt.

    For tests the sound engine is compiled while torch is downloaded, and bytecode comes with the first import of what is imported.
    """
    say("installing Python packages" + (" with torch and the test tools" if mode == "test" else " (no torch)"))
    pip("hatchling", "editables")
    pip("--no-build-isolation", "-e", ".")
    if mode == "play":
        return
    command = [str(BIN / "python"), "-m", "tools.compile_engine"]
    compiling = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    install_torch("--no-compile")
    pip("--no-compile", "--no-build-isolation", "-e", ".[train,dev]")
    import_once()
    if compiling.poll() is None:
        say("compiling the sound engine (once)")
        compiling.wait()


def fingerprint() -> str:
    """What the installed packages depend on, as one hash."""
    parts = [(ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt", "tools/setup.py")]
    return hashlib.sha256(b"\0".join([*parts, TORCH_SPEC.encode(), str(ROOT).encode()])).hexdigest()


def main() -> None:
    """Bring .venv and the system to what the mode needs; quick when they are there already."""
    mode = sys.argv[1] if len(sys.argv) == 2 else ""
    if mode not in ("play", "test"):
        sys.exit("usage: python tools/setup.py play|test")
    began, stamp = time.monotonic(), fingerprint()
    stamps = {"play": (VENV / ".stamp-play", VENV / ".stamp-test"), "test": (VENV / ".stamp-test",)}[mode]
    done = any(s.is_file() and s.read_text() == stamp for s in stamps)
    if done and not needs(mode):
        return
    make_venv()
    started = start_system_packages(mode)
    if not done:
        install_packages(mode)
        stamps[0].write_text(stamp)
    finish_system_packages(started)
    say(f"set up in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
