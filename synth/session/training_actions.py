"""What a player can do with training: look through a folder, start, stop and go on, and hear the model as it learns."""

import os
from concurrent.futures import Future
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from ..errors import UserError
from ..patch.patch import Patch
from ..text import printable
from .background import in_thread
from .effect_turns import EffectTurns
from .file_kinds import is_instrument
from .instrument_report import open_page, report_of
from .prepared import Prepared
from .training_run import TrainingRun


class TrainingActions(EffectTurns):
    """A part of `Session`. hears_training: whether the sound is played by the model that learns, as far as it is."""

    hears_training = False
    _heard_model = ""  # the folder of the model that the sound plays while it learns

    @cached_property
    def training(self) -> TrainingRun:
        """The folder and the run."""
        return TrainingRun(self._tell, self._take_model)

    def check_folder(self, folder: Path, whole_notes: bool = False) -> "Future[None]":
        """Look through a folder of sounds, for cycles or whole notes, in a process of its own."""
        return in_thread(lambda: self.training.check(folder, whole_notes), self._tell)

    def start_training(self, name: str, minutes: float | None = None, resume: bool = False) -> "Future[None]":
        """Train in a process of its own, at low priority. minutes: None leaves the length to the number of sounds."""
        return in_thread(lambda: self.training.learn(name, minutes, resume), self._tell)

    def make_instrument(self, source: Path, name: str) -> "Future[None]":
        """An instrument of the notes in a file or folder, made in a process of its own; then the sound plays it."""
        def work() -> None:
            folder = self.training.make_instrument(source, name)
            if folder is not None:
                self.play_instrument(folder)
                self._tell(self.training.words)

        return in_thread(work, self._tell)

    def open_file(self, file: Path) -> "Future[None]":
        """As for files; of an instrument of recordings the folder is opened. Raises UserError."""
        return self.play_instrument(file) if is_instrument(file) else super().open_file(file)

    def open_report(self, folder: Path) -> "Future[None]":
        """The page of an instrument of recordings, in the system's browser; told where it lies where nothing opens it."""
        def work() -> None:
            page = report_of(folder)
            if page is None:
                raise UserError(f"'{printable(folder.name)}' has no report: `latentwave instrument` writes one beside what it makes")
            opened = open_page(page)
            self._tell(f"the report of '{printable(folder.name)}' is in your browser" if opened else
                       f"nothing here opens a page; the report is {printable(page)}: open it with any browser")

        return in_thread(work, self._tell)

    def stop_training(self) -> None:
        """Stop at the next step; all is saved."""
        self.training.stop()

    def hear_training(self, on: bool) -> None:
        """Play the sound on the model that learns from now on, at each of its steps anew; off: it stays on the newest."""
        self.hears_training = on
        if on and (model := self.training.facts.get("model")):
            self._take_model(model, False)

    def _take_model(self, model: str, done: bool) -> None:
        """From the run's thread: there is a newer model."""
        if self.hears_training:
            self._loader.do(lambda: self._hear(model, done))
        if done:
            self.hears_training = False
            self.library.refresh_soon()

    def _hear(self, model: str, done: bool) -> None:
        base = self.patch
        goes_on = base.model == self._heard_model != "" and not done  # the finished model has axes of its own
        ready = self._on_model(base, model, goes_on)
        self._heard_model = ready.patch.model
        if goes_on and self._editor.amend(ready, base):  # the same sound by a model that knows more: no step
            return
        while not self._editor.change(ready, base):
            base = self.patch
            ready = self._on_model(base, model, goes_on)

    def _on_model(self, base: Patch, model: str, goes_on: bool) -> Prepared:
        """The sound on a model; of one whose axes are those of the model before, every latent stays."""
        cache = self._editor.cache
        choices = replace(cache.choices, model=None, source=None)
        if goes_on and base.morph is None:
            source = cache.load_model(model)
            if source.latent_size == base.latent_size:
                moved = replace(base, model=os.path.abspath(model), model_sha256=source.sha256, fallback_db=None)
                return self._prepare(moved, choices=choices)
        return self._prepare(cache.moved(base, model), choices=choices, adopt=True)

    def stop_background(self) -> None:
        """At the end: give up what goes on beside the sound; a run saves all first."""
        super().stop_background()
        self.training.end()
