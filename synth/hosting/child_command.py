"""How a module of this package is run in a process of its own."""

import os
import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[2])


def command_of(module: str, *arguments: object) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", f"synth.hosting.{module}", *map(str, arguments)]


def environment() -> dict[str, str]:
    """Ours, with this very copy of the package first; without a display: nothing opens a window of its own."""
    path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH", ""))))
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return {**kept, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
