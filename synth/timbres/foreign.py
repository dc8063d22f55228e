"""Whose a model file is: shipped with latentwave, trained by this user, or a stranger's, which is run in a process of its own."""

import json
from collections.abc import Iterable
from functools import cache

from .. import paths
from ..errors import UserError
from ..text import decode_text

_FILE, _MOST = "trained_models.json", 4096


@cache
def _bundled() -> frozenset[str]:
    found: set[str] = set()
    for manifest in (paths.bundled_folder() / "exported").glob("*/manifest.json"):
        found |= set(json.loads(decode_text(manifest.read_bytes()))["sha256"].values())
    return frozenset(found)


def is_foreign(sha256: str) -> bool:
    """Whether a file of that hash is neither shipped nor was written by this user's `train`."""
    return sha256 not in _bundled() and sha256 not in _trained()


def _trained() -> list[str]:
    try:
        known = json.loads(decode_text((paths.user_folder() / _FILE).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return []
    return [word for word in known if isinstance(word, str)] if isinstance(known, list) else []


def note_trained(hashes: Iterable[str]) -> None:
    """Files that `train` has written. One that cannot be noted is run as a stranger's, which costs a little time."""
    known = _trained()
    new = [word for word in hashes if word not in known]
    folder = paths.user_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths.write_whole(folder / _FILE, (json.dumps((known + new)[-_MOST:], indent=0) + "\n").encode())
    except (OSError, UserError):
        return
