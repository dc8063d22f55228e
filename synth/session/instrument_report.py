"""The page that an instrument of recordings was written with, opened in the system's own browser."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

_OPENERS = (("xdg-open",), ("gio", "open"), ("sensible-browser",)) if sys.platform != "darwin" else (("open",),)
_WAIT_S = 5.0  # an opener that still runs by then is the browser itself


def report_of(folder: Path) -> Path | None:
    """The page in an instrument's folder; None where there is none: the shipped ones have none, nor those that packs bring."""
    page = folder / f"{folder.name}.html"
    with contextlib.suppress(OSError):
        return page if page.is_file() else next(iter(sorted(folder.glob("*.html"))), None)
    return None


def open_page(page: Path) -> bool:
    """Open a page where the system opens pages; whether something did. Waits some seconds for it at most."""
    if sys.platform == "win32":
        try:
            os.startfile(page)
        except OSError:
            return False
        return True
    return any(_begin([found, *more, str(page)]) for name, *more in _OPENERS if (found := shutil.which(name)))


def _begin(command: list[str]) -> bool:
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 start_new_session=True)
        return child.wait(_WAIT_S) == 0
    except subprocess.TimeoutExpired:
        return True
    except OSError:
        return False
