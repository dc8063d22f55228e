"""What a player can do to find sounds: breed, audition, pick, go back, draw a section anew, and compare two sounds."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UserError
from ..params.knobs import param
from ..patch.patch import Patch
from ..patch.sections import check_sections
from ..timbres.source import ModelSource, Source
from .background import fail
from .document import Document, State

if TYPE_CHECKING:
    from .breed import Breeding, Generation
    from .editor import Editor
    from .loader import Loader

Tell = Callable[[str], None]


class BreedActions:
    """A part of `DocumentActions`. Candidates are heard in a thread of its own, so neither the sound nor a load waits for them.

    breeding: the generations since `breed`, or None. heard: which candidate was auditioned last (from 0), -1 before.
    """

    _editor: "Editor"
    _loader: "Loader"
    _tell: Tell
    breeding: "Breeding | None" = None
    heard = -1
    locked_knobs: frozenset[str] = frozenset()  # by name, latents too: Random and Breed leave them as they are
    _aside: State | None = None
    _busy: threading.Thread | None = None

    load_patch: Callable[..., "Future[None]"]
    if TYPE_CHECKING:  # what the whole has
        @property
        def document(self) -> Document:  # noqa: D102
            ...
        @property
        def patch(self) -> Patch:  # noqa: D102
            ...
        @property
        def source(self) -> Source:  # noqa: D102
            ...

    def lock(self, name: str, on: bool = True) -> None:
        """Let Random and Breed leave a knob as it is, or no longer. Raises UserError where there is none of that name."""
        knob = {param(name).name}
        self.locked_knobs = self.locked_knobs | knob if on else self.locked_knobs - knob

    # ---- breeding --------------------------------------------------------------------------------------------------
    def breed(self, amount: float = 0.3, locked: Iterable[str] = (), seed: int | None = None,
              partner: Patch | None = None) -> "Future[Any]":
        """Eight relatives of the present sound, or of it and a partner; the future answers the `Generation`.

        locked: sections that stay as they are, as all `locked_knobs` do. Fails where its model has no map, or it is a morph.
        """
        patch, kept = self.patch, check_sections(locked)
        chosen = int(np.random.default_rng().integers(2**31)) if seed is None else seed
        source, knobs = self.source, self.locked_knobs

        def work() -> "Generation":
            from .breed import Breeding

            self.breeding = Breeding(patch, _apart(source), amount=amount, locked=kept, seed=chosen, partner=partner, locked_knobs=knobs)
            return self._bred(self.breeding.now)

        return self._in_background(work)

    def audition(self, index: int) -> "Future[None]":
        """Play a candidate (from 0) in place of the present sound, as one step. Raises UserError where there is none."""
        candidates = self._line().now.candidates
        if not 0 <= index < len(candidates):
            raise UserError(f"there is no candidate {index + 1}; there are {len(candidates)}")
        self.heard = index
        return self.load_patch(candidates[index])

    def audition_next(self) -> "Future[None]":
        """Play the next candidate."""
        return self.audition((self.heard + 1) % len(self._line().now.candidates))

    def pick(self, index: int) -> "Future[Any]":
        """Go on from a candidate: it plays, and its own eight are bred; the future answers their `Generation`."""
        line = self._line()
        if index != self.heard:
            self.audition(index)

        def work() -> "Generation":
            line.pick(index)
            self._tell(line.learnt)
            return self._bred(line.now)

        return self._in_background(work)

    def pick_heard(self) -> "Future[Any]":
        """Go on from the candidate that was auditioned last. Raises UserError where none was."""
        if self.heard < 0:
            raise UserError("audition a candidate before you pick it")
        return self.pick(self.heard)

    def breed_back(self) -> "Future[None]":
        """The generation before, and its parent plays. Raises UserError where there is none."""
        line = self._line()
        self._check_idle()
        line.go_back()
        self.heard = -1
        return self.load_patch(line.now.parent)

    def change_section(self, section: str, seed: int | None = None) -> "Future[Any]":
        """One section of the present sound drawn anew, at its loudness, as one step; the future answers when it plays."""
        patch, source, knobs = self.patch, self.source, self.locked_knobs
        check_sections([section])

        def work() -> None:
            from .breed import change_section

            self.load_patch(change_section(patch, _apart(source), section, seed, locked_knobs=knobs)).result()

        return self._in_background(work)

    def _bred(self, found: "Generation") -> "Generation":
        self.heard = -1
        self._tell(f"{len(found.candidates)} relatives of '{found.parent.name}' are there")
        return found

    def _line(self) -> "Breeding":
        if self.breeding is None:
            raise UserError("nothing is bred yet")
        return self.breeding

    def _check_idle(self) -> None:
        if self._busy is not None and self._busy.is_alive():
            raise UserError("the candidates are not there yet; wait a moment")

    def _in_background(self, work: Callable[[], Any]) -> "Future[Any]":
        """Done by a thread; a failure is told to the player too. Raises UserError while another is under way."""
        self._check_idle()
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except UserError as error:
                self._tell(str(error))
                fail(future, error)
            except Exception as error:  # a fault of ours: the sound goes on
                said = " ".join(f"{type(error).__name__}: {error}".split())
                self._tell(f"that could not be bred, the sound goes on (a fault of latentwave, please report it: {said[:200]})")
                fail(future, error)

        self._busy = threading.Thread(target=run, name="latentwave-breeding", daemon=True)
        self._busy.start()
        return future

    # ---- two sounds compared ---------------------------------------------------------------------------------------
    @property
    def compared(self) -> str:
        """Name of the sound that is kept aside to compare with, or ''."""
        return self._aside.patch.name if self._aside else ""

    def keep_aside(self) -> None:
        """The present sound, edits and all, is the one to compare with."""
        with self._editor.lock:
            self._aside = self.document.state
        self._tell(f"'{self.compared}' is kept aside: compare swaps it with what you play")

    def compare(self) -> "Future[None] | None":
        """Swap the present sound with the one that is kept aside, as one step; the first time, keep it aside."""
        if self._aside is None:
            self.keep_aside()
            return None
        target = self._aside

        def prepare():
            return self._editor.prepare(target.patch, target.choices)

        def finish(ready) -> None:
            self._editor.wait_for_room()
            with self._editor.lock:
                self._aside = self.document.state
                self._editor.visit(ready, target)
            self._tell(f"'{target.patch.name}' plays, '{self.compared}' is kept aside")

        return self._loader.load(prepare, finish)


def _apart(source: Source) -> Source:
    """The source with a model of its own, for another thread than the decoder's."""
    from ..timbres.model import open_model

    return ModelSource(open_model(str(source.model.folder))) if isinstance(source, ModelSource) else source
