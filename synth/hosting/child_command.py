"""How a module of this package is run in a process of its own, and how it says its last word there."""

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

_ROOT = str(Path(__file__).resolve().parents[2])


def command_of(module: str, *arguments: object) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", f"synth.hosting.{module}", *map(str, arguments)]


def environment(with_display: bool = False) -> dict[str, str]:
    """Ours, with this very copy of the package first; without a display, but for an editor: nothing else opens a window of its own."""
    path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH", ""))))
    kept = {name: value for name, value in os.environ.items() if with_display or name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**kept, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def own_answers() -> BinaryIO:
    """Standard output for us alone: plug-ins print what they like."""
    answers = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    return answers


def end_with(answers: BinaryIO, told: dict[str, Any]) -> NoReturn:
    """Say the last line and go, without waiting for what a plug-in does at its end."""
    answers.write(json.dumps(told).encode() + b"\n")
    answers.flush()
    os._exit(0)
