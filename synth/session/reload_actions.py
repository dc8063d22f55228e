"""A model that somebody works on: when its files change, what plays it goes on with the new ones."""

from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from ..patch.patch import Patch
from ..timbres.model import Model
from ..timbres.morph_loading import adopt_parts
from ..timbres.source_cache import DEFAULT_MODEL
from .history_actions import HistoryActions
from .model_watch import ModelWatch, models_of
from .prepared import Prepared


class ReloadActions(HistoryActions):
    """A part of `Session`."""

    @cached_property
    def model_watch(self) -> ModelWatch:
        """What tells that a model has changed."""
        return ModelWatch(lambda: self.source, self.reload_model, self._editor.cache.models.close_retired)

    def reload_model(self, folder: Path) -> "Future[None]":
        """Play the present sound on a folder's model as its files are now; what cannot be played is told, and the old one stays.

        Every step of the document stays, bound to the new model with the same latents where that has as many. A preset in a file
        stays bound to the model that it was made with, and plays what it keeps.
        """
        def prepare() -> tuple[Patch, Prepared, Model | None, Model]:
            base, played = self.patch, [model for model in models_of(self.source) if model.folder == folder]
            old, new = played[0] if played else None, self._editor.cache.models.reload(folder).model
            return base, self._on_new(base, old, new), old, new

        def finish(found: tuple[Patch, Prepared, Model | None, Model]) -> None:
            base, ready, old, new = found
            while not self._editor.amend(ready, base):  # edited meanwhile; what took long is known by now
                base = self.patch
                ready = self._on_new(base, old, new)
            with self._editor.lock:
                self.document.rebind(lambda patch: _bound(patch, old, new))
            self._tell(f"'{folder.name}' has changed and was loaded again" + (f"; {ready.told}" if ready.told else ""))

        return self._loader.load(prepare, finish)

    def _on_new(self, base: Patch, old: Model | None, new: Model) -> Prepared:
        fits = base.morph is not None or old is None or old.latent_size == new.latent_size
        moved = _bound(base, old, new) if fits else self._editor.cache.moved(base, base.model or DEFAULT_MODEL)
        return self._prepare(moved, adopt=True)

    def stop_background(self) -> None:
        """At the end: nothing is loaded any more."""
        super().stop_background()
        self.model_watch.stop()


def _bound(patch: Patch, old: Model | None, new: Model) -> Patch:
    """A patch that plays the old model, on the new one with the same latents; what it keeps of its sound is made anew when it is saved."""
    if patch.morph is not None:
        return adopt_parts(patch, patch.morph, lambda part: _bound(part, old, new))
    if old is None or not patch.model_sha256 or not old.reads(patch.model_sha256) or old.latent_size != new.latent_size:
        return patch
    return replace(patch, model_sha256=new.sha256, fallback_db=None, shapes={})
