"""What was found of a stranger's model when it was looked at: kept by its hash, so that it is looked at once."""

import hashlib
import json
from importlib import metadata
from pathlib import Path

from .. import __version__, paths
from ..errors import UserError
from ..text import decode_text

_FILE, _MOST = "model_verdicts.json", 512


class RefusedError(UserError):
    """A model file that is not played. why: what its own doing is, without its name. sure: whether it would be on another day too."""

    def __init__(self, path: Path, why: str, sure: bool = True):
        super().__init__(f"{path} {why}")
        self.why, self.sure = why, sure


def key_of(decoder_sha256: str, manifest: Path, others: list[Path]) -> str:
    """What a verdict is kept by: the decoder, what its manifest promises, what it reads besides, and who runs it."""
    found = hashlib.sha256(f"{__version__} {metadata.version('onnxruntime')}".encode())
    for file in (manifest, *others):
        found.update(file.read_bytes() if file.is_file() else b"")
    return f"{decoder_sha256}:{found.hexdigest()[:16]}"


def _read() -> dict[str, dict]:
    try:
        known = json.loads(decode_text((paths.user_folder() / _FILE).read_bytes()))
    except (OSError, ValueError, RecursionError):
        return {}
    return {key: row for key, row in known.items() if isinstance(row, dict)} if isinstance(known, dict) else {}


def _write(known: dict[str, dict]) -> None:
    folder = paths.user_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths.write_whole(folder / _FILE, (json.dumps(dict([*known.items()][-_MOST:]), indent=0) + "\n").encode())
    except (OSError, UserError):
        return  # it is looked at again, which costs a little time


def known_verdict(key: str) -> tuple[str, bool] | None:
    """(why it is refused, '' where it is not; whether its rows are steady) of a key; None where it was not looked at."""
    row = _read().get(key, {})
    refused, steady = row.get("refused"), row.get("steady")
    return (refused, steady) if isinstance(refused, str) and isinstance(steady, bool) else None


def keep_verdict(key: str, refused: str, steady: bool = False) -> None:
    """Keep what was found; the oldest make room."""
    known = _read()
    known.pop(key, None)
    _write(known | {key: {"refused": refused, "steady": steady}})


def forget_verdicts(decoder_sha256: str) -> None:
    """A decoder will be looked at anew."""
    known = _read()
    kept = {key: row for key, row in known.items() if not key.startswith(f"{decoder_sha256}:")}
    if len(kept) < len(known):
        _write(kept)
