"""Tells when the files of a model that plays have changed, so that it is opened anew while the sound goes on."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..timbres.model import Model, marks_of
from ..timbres.morph_source import MorphSource
from ..timbres.source import Source
from .library_watch import FolderWatch

_REST_S = 0.3  # several files that are written within it are one change
_LOOK_S = 1.0  # a folder that was moved away and replaced tells nothing, so they are looked at as well
_JOIN_S = 10.0


def models_of(source: Source) -> list[Model]:
    """The models that a source plays."""
    sources = [part.source for part in source.parts] if isinstance(source, MorphSource) else [source]
    found = {id(model): model for model in (getattr(one, "model", None) for one in sources) if isinstance(model, Model)}
    return list(found.values())


class ModelWatch:
    """Calls `changed` with the folder, in a thread of its own, once its files rest; `each_turn` now and then."""

    def __init__(self, source: Callable[[], Source], changed: Callable[[Path], object], each_turn: Callable[[], None]) -> None:
        self._source, self._changed, self._each_turn = source, changed, each_turn
        self._stop, self._wake = threading.Event(), threading.Event()
        self._tried: dict[Path, object] = {}
        self._thread = threading.Thread(target=self._run, name="latentwave-models", daemon=True)

    def start(self) -> None:
        """Watch until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_JOIN_S)

    def _run(self) -> None:
        with FolderWatch([], self._wake.set) as watch:
            while not self._stop.is_set():
                models = models_of(self._source())
                watch.follow([model.folder for model in models])
                for model in models:
                    self._look_at(model)
                self._each_turn()
                self._wake.wait(_LOOK_S)
                self._wake.clear()

    def _look_at(self, model: Model) -> None:
        marks = marks_of(model.folder)
        if marks in (model.marks, self._tried.get(model.folder)):
            return
        while not self._stop.is_set():
            time.sleep(_REST_S)
            before, marks = marks, marks_of(model.folder)
            if not (model.folder / "manifest.json").is_file():
                return  # it is gone, or on its way: what plays plays on
            if before == marks:
                self._tried[model.folder] = marks
                self._changed(model.folder)
                return
