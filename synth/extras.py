"""What may be installed beside latentwave (its extras), and how."""

import shlex
import sys

from .paths import clone_root


def install_command(extra: str) -> str:
    """The command that installs an extra (`host`, `train`, `link`, `mts`) for the Python that runs this.

    In a clone that `make` set up: of its own environment, to be run in the clone's folder.
    """
    if root := clone_root():
        ours = root / ".venv" / "bin" / "pip"
        python = ".venv/bin/pip" if ours.exists() else f"{shlex.quote(sys.executable)} -m pip"
        return f"{python} install -e '.[{extra}]'"
    return f"{shlex.quote(sys.executable)} -m pip install 'latentwave[{extra}]'"
