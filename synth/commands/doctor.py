"""`doctor`: what works on this machine, what does not, and the line that mends it. Always exits 0."""

import importlib
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from .. import __version__, paths
from ..errors import UserError
from ..extras import install_command
from ..patch import preset_file, tuning
from ..text import counted, printable

NATIVE = {  # distribution -> module, and what its wheel leaves to a Debian system
    "numpy": ("numpy", ""), "numba": ("numba", ""), "onnxruntime": ("onnxruntime", ""),
    "sounddevice": ("sounddevice", "libportaudio2"), "python-rtmidi": ("rtmidi", "libasound2"),
    "dearpygui": ("dearpygui", "libgl1 libx11-6"), "soundfile": ("soundfile", ""), "mido": ("mido", ""),
    "platformdirs": ("platformdirs", ""), "rich": ("rich", ""),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `status` is 'ok', 'missing' (something will not work) or 'note'; `mend` is a line to run or do."""

    name: str
    status: str
    found: str
    mend: str = ""


def register(subparsers):
    """Add `doctor`."""
    parser = subparsers.add_parser("doctor", help="what works on this machine, and how to mend what does not")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.set_defaults(func=_run)


def _run(args) -> int:
    checks = list(examine())
    missing = sum(c.status == "missing" for c in checks)
    if args.json:
        print(json.dumps({"version": __version__, "missing": missing, "checks": [asdict(c) for c in checks]}, indent=1))
        return 0
    width = max(len(c.name) for c in checks)
    print(f"latentwave {__version__}")
    for c in checks:
        print(f"{ {'ok': 'ok', 'missing': '!!', 'note': '--'}[c.status] }  {c.name:{width}}  {printable(c.found)}")
        if c.mend:
            print(f"    {'':{width}}  -> {printable(c.mend)}")
    print("Everything works." if not missing else f"{missing} thing{'s do' if missing > 1 else ' does'} not work; see the arrows.")
    return 0


def examine() -> Iterator[Check]:
    """Every check in turn; one that fails in a way nobody thought of is reported, not raised."""
    for check in (_python, _packages, _audio, _midi, _display, _gpu, _realtime, _kernels, _folders, _sounds, _training):
        try:
            yield from check()
        except Exception as error:
            yield Check(check.__name__.strip("_"), "missing", f"{type(error).__name__}: {error}", "please report this line")


def system_line(debian: str) -> str:
    """The line that installs what the system lacks, by platform."""
    if sys.platform == "linux":
        return f"sudo apt-get install {debian}   (or your system's packages of these)"
    return "python -m pip install --force-reinstall latentwave"


def _python() -> Iterator[Check]:
    good = sys.version_info[:2] in ((3, 11), (3, 12))
    yield Check("Python", "ok" if good else "missing", f"{platform.python_version()} at {sys.executable}",
                "" if good else "install Python 3.11 or 3.12 and install latentwave with it")
    yield Check("system", "ok", f"{platform.platform()}, {platform.machine()}, {counted(os.cpu_count() or 1, 'core')}")


def _packages() -> Iterator[Check]:
    from ..ports.device_list import quiet_stderr

    for name, (module, debian) in NATIVE.items():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Check(name, "missing", "not installed", f"python -m pip install {name}")
            continue
        try:
            with quiet_stderr():
                importlib.import_module(module if module != "dearpygui" else "dearpygui.dearpygui")
        except (ImportError, OSError) as error:
            mend = system_line(debian) if debian else f"python -m pip install --force-reinstall {name}"
            yield Check(name, "missing", f"{version}, does not load: {' '.join(str(error).split())}", mend)
        else:
            yield Check(name, "ok", version)


def _audio() -> Iterator[Check]:
    from ..ports.device_list import audio_devices

    found = audio_devices()
    if found["error"]:
        yield Check("audio", "missing", found["error"], system_line("libportaudio2"))
        return
    yield Check("PortAudio", "ok", found["library"])
    names = [f"{d['name']} ({d['host_api']}{', default' if d['default'] else ''})" for d in found["outputs"]]
    mend = "plug in a sound device or start JACK or PipeWire; until then `play` runs silently and `render` works"
    yield Check("audio out", "ok" if names else "missing", "; ".join(names) or "no device", "" if names else mend)


def _midi() -> Iterator[Check]:
    from ..ports.device_list import midi_ports

    found = midi_ports()
    states = [f"{api}: {'no' if why else 'yes'}" for api, why in found["apis"].items()]
    mend = "sudo modprobe snd-seq   (or start JACK)" if sys.platform == "linux" else "reinstall python-rtmidi"
    yield Check("MIDI", "missing" if found["error"] else "ok", ", ".join(states) or found["error"], mend if found["error"] else "")
    names = [p["name"] for p in found["inputs"]]
    yield Check("MIDI in", "ok" if names else "note", "; ".join(names) or "no port; plug in a keyboard, or play the window's")


def _display() -> Iterator[Check]:
    if sys.platform != "linux":
        yield Check("display", "ok", "the system's own")
        return
    import ctypes

    name = os.environ.get("DISPLAY", "")
    if not name:
        yield Check("display", "note", "none (DISPLAY is not set)", "`play` uses the terminal view; for the window log in to a desktop")
        return
    try:
        x11 = ctypes.CDLL("libX11.so.6")
        ctypes.CDLL("libGL.so.1")
    except OSError as error:
        yield Check("display", "missing", str(error), system_line("libgl1 libx11-6"))
        return
    x11.XOpenDisplay.restype, x11.XOpenDisplay.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(name.encode())
    if display:
        x11.XCloseDisplay(display)
    yield Check("display", "ok" if display else "missing", name if display else f"{name} does not answer",
                "" if display else "`play --no-gui`, or set DISPLAY to one that runs")


def _gpu() -> Iterator[Check]:
    yield Check("GPU", "note", "not used to play; `train --device auto` uses one where torch finds it")


def _realtime() -> Iterator[Check]:
    if not hasattr(os, "sched_setscheduler"):
        yield Check("real-time", "ok", "left to the system's audio driver")
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_RTPRIO)
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        os.sched_setscheduler(0, *before)
        yield Check("real-time", "ok", f"allowed (RLIMIT_RTPRIO {soft}, hard {hard})")
    except OSError:
        yield Check("real-time", "missing", f"refused (RLIMIT_RTPRIO {soft}, hard {hard}); the sound may stutter under load",
                    "echo \"$USER - rtprio 95\" | sudo tee /etc/security/limits.d/95-latentwave.conf   (then log in again)")


def _writable(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK)


def _kernels() -> Iterator[Check]:
    folder = paths.cache_folder()
    count = sum(1 for _ in folder.rglob("*.nbc")) if folder.is_dir() else 0
    state = f"{count} compiled kernels" if count else "empty: the first start compiles the kernels"
    yield Check("kernel cache", "ok" if _writable(folder) else "missing", f"{folder} ({state})",
                "" if _writable(folder) else f"make {folder} writable")


def _folders() -> Iterator[Check]:
    folder = paths.user_folder()
    state = "there" if folder.is_dir() else "made when first needed"
    good = _writable(folder)
    yield Check("user folder", "ok" if good else "missing", f"{folder} ({state})",
                "" if good else "set LATENTWAVE_HOME to a folder you may write to")


def _sounds() -> Iterator[Check]:
    """Models, presets and tunings that open, and by name those that do not; the demo song."""
    again = "install latentwave again: its bundled files are not there"
    home = paths.user_folder()
    folders = [f for f in sorted((home / "models").glob("*")) if f.is_dir() and not f.name.startswith(".")]
    tunings = [f for depth in ("*", "*/*") for kind in ("scl", "kbm") for f in sorted(home.glob(f"{depth}.{kind}"))]
    yield _opened("models", {f.name: f for f in [*folders, *paths.list_models()][::-1]}, check_model, again)
    yield _opened("presets", {f.stem: f for f in paths.list_presets()}, preset_file.load, again)
    if tunings:
        yield _opened("tunings", {f.name: f for f in tunings}, _open_tuning, again)
    song = paths.demo_song()
    found_song = str(song) if song.is_file() else f"not at {song}"
    yield Check("demo song", "ok" if song.is_file() else "missing", found_song, "" if song.is_file() else again)


def _opened(what: str, files: dict[str, Path], read: Callable[[Path], object], none: str) -> Check:
    """One line of a kind of files; a damaged one makes it 'missing' and is named, with what is wrong."""
    whole, damaged = [], {}
    for name, file in files.items():
        try:
            note = read(file)
        except UserError as error:
            damaged[name] = str(error)
        else:
            whole.append(f"{name} ({note})" if isinstance(note, str) else name)
    found = f"{len(whole)}: {', '.join(whole)}" if whole else "none"
    if damaged:
        return Check(what, "missing", f"{found}; damaged: {', '.join(damaged)}", f"mend or remove: {'; '.join(damaged.values())}")
    return Check(what, "ok" if whole else "missing", found, "" if whole else none)


def check_model(folder: Path) -> str | None:
    """Opens a model; answers that onnxruntime plays it, where it does."""
    from ..timbres.model import open_model
    from ..timbres.source import ModelSource

    model = ModelSource(open_model(folder)).model
    if "encoder.onnx" in model.manifest["sha256"] or (folder / "encoder.onnx").is_file():
        model.encode(model.decode(model.mean[None]))
    return "played by onnxruntime, at more of the processor" if model.declined else None


def _open_tuning(file: Path) -> None:
    tuning.load(*((file, None) if file.suffix == ".scl" else (None, file)))


def _training() -> Iterator[Check]:
    lacking, found = [], []
    for name in ("torch", "onnx", "tqdm"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            lacking.append(name)
    if lacking:
        yield Check("training", "note", f"not installed ({', '.join(lacking)}); playing needs none of it",
                    install_command("train"))
    else:
        yield Check("training", "ok", f"{', '.join(found)}; models go to {paths.training_output_folder()}")
