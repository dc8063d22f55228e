"""Models that are open, by their folder: those used last are kept, and one whose files have changed is opened anew."""

import time
from pathlib import Path

from ..errors import UserError
from ..paths import find_model
from .bounded_cache import BoundedCache
from .model import Model, marks_of, open_model
from .source import ModelSource

MOST_MODELS = 8  # kept open: about 20 MB each
_FADED_S = 5.0  # after which nothing plays what was replaced


class OpenModels:
    """Used from one thread at a time, as `SourceCache`, which holds it; but `close_retired` from any."""

    def __init__(self) -> None:
        self._kept: BoundedCache[str, ModelSource] = BoundedCache(MOST_MODELS)
        self._retired: list[tuple[float, Model]] = []

    def get(self, name: str) -> ModelSource | None:
        """One that is open, by its name or folder; None where it is not. Raises UserError where there is no such model."""
        return self._kept.get(str(find_model(name)))

    def load(self, name: str) -> ModelSource:
        """A model by its name or folder, as its files are now, or as they were where those cannot be played. Raises UserError."""
        folder = find_model(name)
        known = self._kept.get(str(folder))
        if known is None:
            return self._kept.put(str(folder), ModelSource(open_model(folder)))
        if known.model.marks != marks_of(folder):
            try:
                self.reload(folder)
            except UserError:
                return known
        return self._kept.get(str(folder)) or known

    def reload(self, folder: Path) -> ModelSource:
        """Open a folder's model anew; what was made with the one before stays bound to that. Raises UserError: the old one stays."""
        old, new = self._kept.get(str(folder)), ModelSource(open_model(folder))
        self._kept.put(str(folder), new)
        if old is not None:
            self._retired.append((time.monotonic(), old.model))
        return new

    def close_retired(self) -> None:
        """End the processes of models that were replaced a while ago."""
        while self._retired and time.monotonic() - self._retired[0][0] > _FADED_S:
            self._retired.pop(0)[1].close()
