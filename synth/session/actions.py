"""What a player can do with the document: load, save, go back and forth, draw at random. No device is needed for it."""

import os
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import paths
from ..errors import UserError
from ..patch import preset_file
from ..patch import tuning as scala
from ..patch.patch import Patch
from ..patch.programs import find_program
from ..timbres.random_patch import random_patch
from ..timbres.source import ModelSource
from ..timbres.source_cache import Choices
from . import saving
from .breed_actions import BreedActions
from .document import State
from .edit_actions import EditActions
from .editor import Editor
from .loader import Loader
from .prepared import Prepared
from .step_list import Step, next_step
from .view_state import Viewer


class DocumentActions(EditActions, BreedActions):
    """Edits and loads of one document. What may take long answers a `Future`; what fails is told to the player as well.

    loader: where loads are done; one that is not started does them at once.
    """

    def __init__(self, editor: Editor, loader: Loader, viewer: Viewer, tell: Callable[[str], None]) -> None:
        self._editor, self._loader, self._viewer, self._tell = editor, loader, viewer, tell
        self._chance = np.random.default_rng()
        self._loading: tuple[Future[None], str] | None = None
        self.passing = ""  # the newest message of `tell_for_now`
        self._step_words: Callable[[Step | None, bool], str] = lambda step, back: ""

    # ---- other sounds --------------------------------------------------------------------------------------------------
    @property
    def loading(self) -> str:
        """Name of the preset that loads now, or ''."""
        return self._loading[1] if self._loading and not self._loading[0].done() else ""

    def preset_names(self) -> list[str]:
        """Names of every preset that can be loaded, Init first."""
        return [p.stem for p in paths.list_presets()]

    def model_names(self) -> list[str]:
        """Names of every model that can be played."""
        return [p.name for p in paths.list_models()]

    def load_preset(self, name: str) -> "Future[None]":
        """Change to a preset; the sound goes on."""
        return self._open(lambda: paths.find_preset(name), name)

    def load_program(self, bank: int, number: int) -> "Future[None]":
        """Change to the preset that a program change picks."""
        return self._open(lambda: find_program(bank, number), f"program {number}")

    def load_patch(self, patch: Patch, file: Path | None = None, *, saved: bool = False) -> "Future[None]":
        """Change to a patch, that `file` holds if it is `saved`."""
        return self._load(lambda: self._prepare(patch, adopt=True), lambda ready: self._finish(ready, file, saved), patch.name)

    def load_model(self, name: str) -> "Future[None]":
        """Play the present sound with another model, from its middle where it was not made with it."""
        def prepare() -> tuple[Patch, Prepared]:
            base = self.patch
            choices = self._editor.cache.choices.on_model(name)
            return base, self._prepare(self._editor.cache.moved(base, name), choices=choices, adopt=True)

        return self._change(prepare)

    def load_tuning(self, scl: str | os.PathLike | None, kbm: str | os.PathLike | None = None) -> "Future[None]":
        """Play every preset in a tuning of Scala's files from now on; both None: equal temperament."""
        def prepare() -> tuple[Patch, Prepared]:
            base, tuning = self.patch, scala.load(scl, kbm) if scl is not None or kbm is not None else None
            choices = replace(self._editor.cache.choices, tuning=tuning)
            return base, self._prepare(replace(base, tuning=tuning), choices=choices, adopt=True)

        return self._change(prepare)

    def random_patch(self) -> "Future[None]":
        """Play corners drawn from where the model's sounds are; fails where it has no map of them."""
        def prepare() -> Prepared:
            return self._prepare(random_patch(self.source, self._chance, self.patch, self.locked_knobs), adopt=True)

        return self._load(prepare, lambda ready: self._finish(ready, None, False))

    def step_preset(self, by: int) -> "Future[None] | None":
        """The next preset (1) or the one before (-1). One that was just left comes back as it was left, edits and all."""
        names, document = self.preset_names(), self.document
        if not names:
            return None
        loading, unsaved = self.loading, document.file is None
        left = document.before if document.before and document.before.origin is not document.state.origin else None
        current = loading or (document.file.stem if document.file else _stem(left) or document.name)
        places = [_plain(name) for name in names]
        here = places.index(_plain(current)) if _plain(current) in places else -max(by, 0)
        back_home = unsaved and by < 0 and not loading and _plain(current) in places  # from a random sound to where it was asked for
        target = names[here if back_home else (here + by) % len(names)]
        if left and not loading and _plain(_stem(left)) == _plain(target):
            return self._step(back=True)
        return self.load_preset(target)

    # ---- steps -----------------------------------------------------------------------------------------------------
    def undo(self) -> "Future[None]":
        """One step back: the sound as it was before the newest edit or load. What it took back is told, where it has words."""
        return self._step(back=True, told=True)

    def redo(self) -> "Future[None]":
        """One step forth again; told as by `undo`."""
        return self._step(back=False, told=True)

    def name_steps(self, words: Callable[[Step | None, bool], str]) -> None:
        """What undo (True) and redo tell of a step; of None, where there was none."""
        self._step_words = words

    def tell_for_now(self, sentence: str) -> None:
        """As `tell`, of what is over with the next step."""
        self.passing = sentence
        self._tell(sentence)

    def _step(self, back: bool, told: bool = False) -> "Future[None]":
        step = next_step(self.document, back)
        if not self._loader.busy and self._editor.step(back):
            self._tell_step(step, back, told)
            done: Future[None] = Future()
            done.set_result(None)
            return done
        return self._loader.do(lambda: self._walk(back, told))

    def _tell_step(self, step: Step | None, back: bool, told: bool) -> None:
        if told and (sentence := self._step_words(step, back)):
            self.tell_for_now(sentence)

    def _walk(self, back: bool, told: bool = False) -> None:
        while True:
            step = next_step(self.document, back)
            if self._editor.step(back):
                break
            target = self.document.before if back else self.document.after
            if target is None:
                return
            ready = self._prepare(target.patch, choices=target.choices)
            if self._editor.step_to(ready, target, back):
                self._tell_of(ready)
                break
        self._tell_step(step, back, told)

    # ---- files -----------------------------------------------------------------------------------------------------
    def save(self) -> "Future[None]":
        """Write the sound to its file; a factory preset is saved among the user's own, and never overwritten.

        Of another's preset that was edited neither author nor description are kept.
        """
        return self._loader.do(lambda: self._save(None))

    def save_as(self, name: str, *, replace_it: bool = False, category: str | None = None, tags: tuple[str, ...] | None = None,
                comment: str | None = None) -> "Future[None]":
        """Write the sound among the user's presets under a name. Raises UserError where none can be called so, or one is already.

        replace_it: that one is replaced. category, tags, comment: what the sound has of them from now on, where they are given.
        Of another's preset that was edited neither author nor description are kept.
        """
        told = {"category": category, "tags": tags, "comment": comment}
        words = {field: value for field, value in told.items() if value is not None}
        name = saving.check_name(name)
        file = saving.file_of(name)
        if file.exists() and not replace_it and file != self.document.file:
            raise UserError(f"there is a preset called '{file.stem}' already; choose another name or replace it")
        return self._loader.do(lambda: self._save(name, words))

    def _save(self, name: str | None, words: dict[str, Any] | None = None) -> None:
        with self._editor.lock:
            if self.dirty and (own := self.document.file) and not saving.is_own(own):
                words = {"author": "", "comment": "", **(words or {})}
            if words:
                self.document.edit(replace(self.document.patch, **words))
            state, source = self.document.state, self.source
        file = saving.file_of(name) if name else saving.place_of(state.origin.file, state.patch.name)
        before = state.origin.file
        named = name or (state.patch.name if before else file.stem)
        saving.write(self._as_saved(replace(state.patch, name=named)), source, file)
        with self._editor.lock:
            self.document.note_saved(state, file, named)
        copied = before is not None and not name and file != before
        self._tell(f"'{named}' is saved " + ("among your own presets; the factory's stays as it is" if copied else f"as {file.name}"))
        if not isinstance(source, ModelSource) and self._editor.cache.choices.source is not None:
            self._tell(f"a preset does not hold the wavetable '{source.name}'; give it with --wavetable next time")

    def _as_saved(self, patch: Patch) -> Patch:
        """The patch with what only its players know of it."""
        return patch

    # ---- how -------------------------------------------------------------------------------------------------------
    def _open(self, find: Callable[[], Path], name: str) -> "Future[None]":
        def prepare() -> tuple[Prepared, Path]:
            file = find()
            return self._prepare(preset_file.load(file), choices=self._choices_for_preset(), adopt=True), file

        return self._load(prepare, lambda found: self._finish(found[0], found[1], True), name)

    def _choices_for_preset(self) -> Choices:
        """What a preset that is loaded now is played with in place of its own."""
        return self._editor.cache.choices

    def _load(self, prepare: Callable, finish: Callable, name: str = "") -> "Future[None]":
        future = self._loader.load(prepare, finish)
        self._loading = (future, name) if name else None
        return future

    def _prepare(self, patch: Patch, *, choices=None, adopt: bool = False) -> Prepared:
        ready = self._editor.prepare(patch, choices or self._editor.cache.choices, adopt=adopt)
        self._editor.wait_for_room()
        return ready

    def _finish(self, ready: Prepared, file: Path | None, saved: bool) -> None:
        self._editor.open(ready, file, saved=saved)
        self._tell_of(ready)

    def _change(self, prepare: "Callable[[], tuple[Patch, Prepared]]") -> "Future[None]":
        """The present sound, otherwise played. prepare: answers what it began with, and what that becomes."""
        def finish(found: tuple[Patch, Prepared]) -> None:
            base, ready = found
            while not self._editor.change(ready, base):  # edited meanwhile; what took long is known by now
                base, ready = prepare()
            self._tell_of(ready)

        return self._load(prepare, finish)

    def _tell_of(self, ready: Prepared) -> None:
        if ready.told:
            self._tell(ready.told)


def _stem(state: State | None) -> str:
    return state.origin.file.stem if state and state.origin.file else ""


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
