"""A model that somebody works on: when its files change, what plays it goes on with the new ones."""

from concurrent.futures import Future
from functools import cached_property
from pathlib import Path

from ..timbres.source_cache import DEFAULT_MODEL
from .history_actions import HistoryActions
from .model_watch import ModelWatch
from .prepared import Prepared


class ReloadActions(HistoryActions):
    """A part of `Session`."""

    @cached_property
    def model_watch(self) -> ModelWatch:
        """What tells that a model has changed."""
        return ModelWatch(lambda: self.source, self.reload_model, self._editor.cache.models.close_retired)

    def reload_model(self, folder: Path) -> "Future[None]":
        """Play the present sound on a folder's model as its files are now; what cannot be played is told, and the old one stays.

        The latents stay where the new model has as many: no step of the document, as nobody edited the sound.
        """
        def prepare() -> tuple:
            base, cache = self.patch, self._editor.cache
            old = cache.models.reload(folder)
            fits = base.morph is not None or old is None or base.latent_size == cache.load_model(str(folder)).latent_size
            moved = base if fits else cache.moved(base, base.model or DEFAULT_MODEL)
            return base, self._prepare(moved, adopt=True)

        def finish(found: tuple) -> None:
            base, ready = found
            while not self._editor.amend(ready, base):  # edited meanwhile; what took long is known by now
                base, ready = self._prepared_again()
            self._tell(f"'{folder.name}' has changed and was loaded again" + (f"; {ready.told}" if ready.told else ""))

        return self._loader.load(prepare, finish)

    def _prepared_again(self) -> "tuple[object, Prepared]":
        base = self.patch
        return base, self._prepare(base, adopt=True)

    def stop_background(self) -> None:
        """At the end: nothing is loaded any more."""
        super().stop_background()
        self.model_watch.stop()
