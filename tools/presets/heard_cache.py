"""What was heard of presets, kept under `build/`, so that a second run listens only to what has changed.

An entry's name is a hash of everything that the sound and its measures come from: the preset's own text, the files of its model, and
the code that plays and listens. A listening session takes seconds; reading it back, none. What has not been read for a while is removed.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

import numpy as np

from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.paths import bundled_folder
from synth.timbres.model import open_model

from .listening import Heard, listen

FOLDER = bundled_folder() / "build" / "heard"
MOST = 2000  # entries
_CODE = ("engine", "params", "patch", "timbres", "render", "events.py", "units.py")


@cache
def _code_sha256() -> str:
    """Of the code that plays and listens."""
    found = hashlib.sha256()
    for part in (*(bundled_folder() / "synth" / name for name in _CODE), Path(__file__).with_name("listening.py")):
        for file in [part] if part.is_file() else sorted(part.rglob("*.py")):
            found.update(file.read_bytes())
    return found.hexdigest()


@cache
def _model_sha256(name: str) -> str:
    return open_model(name).sha256 if name else ""


def _entry(patch: Patch, macros: bool) -> Path:
    parts = (preset_file.to_json(patch), _model_sha256(patch.model), _code_sha256(), str(macros))
    return FOLDER / f"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}.json"


def _to_json(heard: Heard) -> str:
    data = asdict(heard)
    del data["sound"]
    return json.dumps(data | {"spectrum": heard.spectrum.tolist()})


def _from_json(text: str) -> Heard:
    data = json.loads(text)
    for name in ("loud_lu", "soft_lu", "macros_db"):
        data[name] = {int(key): value for key, value in data[name].items()}
    return Heard(**data | {"spectrum": np.array(data["spectrum"]), "envelope": tuple(data["envelope"])})


def listen_or_recall(patch: Patch, macros: bool = True) -> Heard:
    """`listen`, or what it found when it last heard this preset; without the held note's sound."""
    file = _entry(patch, macros)
    if file.is_file():
        os.utime(file)
        return _from_json(file.read_text(encoding="utf-8"))
    heard = listen(patch, macros=macros)
    heard.sound = np.zeros((0, 2))
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}")
    part.write_text(_to_json(heard), encoding="utf-8")
    part.replace(file)
    return heard


def listen_to_all(patches: Sequence[Patch], macros: bool = True, jobs: int = 2) -> Iterator[Heard]:
    """Every preset's, in order, as soon as it is there."""
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(partial(listen_or_recall, macros=macros), patches)
    for old in sorted(FOLDER.glob("*.json"), key=lambda file: file.stat().st_mtime)[:-MOST]:
        old.unlink()
