"""The entries of the library that sound nearest to a sound: each is described once, and again when its file changes."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .. import paths
from ..errors import UserError
from ..patch import preset_file
from ..patch.patch import Patch
from ..paths import whole_file
from ..samples.wavetable import read_wavetable
from ..timbres import likeness
from ..timbres.model import Model, open_model
from ..timbres.sample_input import read_sound
from ..timbres.source_cache import DEFAULT_MODEL
from .library_entries import WAVETABLE, Entry

_STEP = 500  # entries that are described between two savings
Row = tuple[tuple[int, int], np.ndarray, np.ndarray]  # (time of change in ns, bytes), bands, latents; no numbers: it has no sound


class Nearest:
    """Descriptions of entries by file, kept in `index/sounds.npz` of the user's folder. One search at a time."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or paths.user_folder() / "index" / "sounds.npz"
        self._rows: dict[str, Row] = {}
        self._model: Model | None = None
        self._busy = threading.Lock()

    def to_patch(self, patch: Patch, entries: Sequence[Entry], stop: Callable[[], bool] = lambda: False) -> list[tuple[Entry, float]]:
        """(entry, dB away) of entries, nearest first. Raises UserError where the patch keeps no sound."""
        amplitudes = likeness.amplitudes_of(patch)
        if amplitudes is None:
            raise UserError(f"'{patch.name}' keeps no sound and its model is not there, so nothing can be found near it")
        return self._to_amplitudes(amplitudes, entries, stop)

    def to_recording(self, file: Path, entries: Sequence[Entry], stop: Callable[[], bool] = lambda: False) -> list[tuple[Entry, float]]:
        """(entry, dB away) of entries, nearest to a recording, cycle or wavetable first. Raises UserError where it has no timbre."""
        return self._to_amplitudes(likeness.amplitudes_of_cycle(read_sound(file).cycles[0]), entries, stop)

    def _to_amplitudes(self, amplitudes: np.ndarray, entries: Sequence[Entry], stop: Callable[[], bool]) -> list[tuple[Entry, float]]:
        with self._busy:
            model = self._encoder()
            self._describe(entries, model, stop)
            known = [entry for entry in entries if str(entry.file) in self._rows and len(self._rows[str(entry.file)][1])]
            if not known:
                return []
            bands, latents = (np.stack([self._rows[str(entry.file)][i] for entry in known]) for i in (1, 2))
            own = likeness.latents_of(amplitudes[None], model)[0] if model else np.zeros(0, np.float32)
            away = likeness.distances(likeness.bands_of(amplitudes[None])[0], own, bands.astype(float), latents.astype(float))
            order = np.argsort(away, kind="stable")
            return [(known[i], float(away[i])) for i in order]

    def _encoder(self) -> Model | None:
        """The model whose encoder is asked; without one the ear's bands alone decide."""
        if self._model is None:
            with contextlib.suppress(UserError):
                self._model = open_model(DEFAULT_MODEL)
                self._model.encode(self._model.decode(self._model.mean[None]))
            self._read()
        return self._model

    def _describe(self, entries: Sequence[Entry], model: Model | None, stop: Callable[[], bool]) -> None:
        waiting = [(entry, signature) for entry in entries
                   if (signature := _signature(entry.file)) and self._rows.get(str(entry.file), (None,))[0] != signature]
        for start in range(0, len(waiting), _STEP):
            if stop():
                return
            some = waiting[start:start + _STEP]
            found = [_amplitudes(entry) for entry, _ in some]
            heard = likeness.stacked([row for row in found if row is not None])
            bands = likeness.bands_of(heard) if len(heard) else heard
            latents = likeness.latents_of(heard, model) if model else np.zeros((len(heard), 0), np.float32)
            rows = iter(zip(bands.astype(np.float16), latents.astype(np.float16), strict=True))
            nothing = np.zeros(0, np.float16), np.zeros(0, np.float16)
            for (entry, signature), row in zip(some, found, strict=True):
                self._rows[str(entry.file)] = (signature, *(next(rows) if row is not None else nothing))
            self._write()

    def _write(self) -> None:
        """A cache that cannot be written is made anew each time."""
        rows = {path: row for path, row in self._rows.items() if len(row[1])}
        z = self._model.latent_size if self._model else 0
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self._file) as out:
                np.savez(out, model=np.array(self._model.sha256 if self._model else ""), path=np.array(list(rows), str),
                         signature=np.array([row[0] for row in rows.values()], np.int64).reshape(-1, 2),
                         bands=np.array([row[1] for row in rows.values()], np.float16).reshape(-1, likeness.BANDS),
                         latents=np.array([row[2] for row in rows.values()], np.float16).reshape(-1, z))
        except (OSError, UnicodeError):
            return

    def _read(self) -> None:
        """Take what was kept, as far as it is whole and of the same encoder."""
        try:
            with np.load(self._file, allow_pickle=False) as kept:
                sha256, files, signatures, bands, latents = (kept[name] for name in ("model", "path", "signature", "bands", "latents"))
        except Exception:  # a damaged zip raises of many kinds; it is made anew
            return
        z = self._model.latent_size if self._model else 0
        same = str(sha256) == (self._model.sha256 if self._model else "")
        if same and bands.shape[1:] == (likeness.BANDS,) and latents.shape[1:] == (z,):
            self._rows = {str(files[i]): ((int(signatures[i][0]), int(signatures[i][1])), bands[i], latents[i]) for i in range(len(files))}


def _signature(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _amplitudes(entry: Entry) -> np.ndarray | None:
    """Of what an entry plays; None where it cannot be played."""
    try:
        if entry.kind == WAVETABLE:
            frames = read_wavetable(entry.file).frames
            return next((likeness.amplitudes_of_cycle(frame) for frame in frames if np.abs(frame).max() > 1e-6), None)
        return likeness.amplitudes_of(preset_file.load(entry.file))
    except UserError:
        return None
