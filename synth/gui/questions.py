"""What the window asks: a name to save under, whether to quit with unsaved edits, whether to bring back what a crash left."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from ..errors import UserError
from .widgets.dialog import Dialog
from .widgets.picks import Pick

if TYPE_CHECKING:
    from ..session.session import Session

_MOST_TAGS = 20  # of those used most


class Questions:
    """Asks in one dialog. quit: ends the window."""

    def __init__(self, dialog: Dialog, session: "Session", quit: Callable[[], object]) -> None:
        self.dialog, self._session, self._end = dialog, session, quit
        self._quitting = False
        self._category, self._tags = Pick("Category", (), [""]), Pick("Tags", (), [], several=True)
        self._saving: Future[None] | None = None  # after which the window ends

    def save_as(self) -> None:
        """Ask for a name and save under it."""
        self._quitting = False
        patch, library = self._session.patch, self._session.library
        categories = sorted({*library.categories(), patch.category} - {"", "init"})
        tags = list(dict.fromkeys((*patch.tags, *library.tags())))[:max(_MOST_TAGS, len(patch.tags))]
        self._category, self._tags = Pick("Category", categories, [patch.category]), Pick("Tags", tags, list(patch.tags), several=True)
        self.dialog.ask("Save the sound under which name?", (("Save", self._save_typed), ("Cancel", self.dialog.close)), self._session.name,
                        (self._category, self._tags))

    def _save_typed(self, replace_it: bool = False) -> None:
        try:
            patch = self._session.patch
            category, tags = self._category.chosen[0], tuple(self._tags.chosen)
            self._session.save_as(self.dialog.typed, replace_it=replace_it, category=category if category != patch.category else None,
                                  tags=tags if tags != tuple(patch.tags) else None)
            self.dialog.close()
        except UserError as error:
            again = ("Replace", lambda: self._save_typed(True)) if "already" in str(error) else ("Save", self._save_typed)
            self.dialog.tell(str(error), (again, ("Cancel", self.dialog.close)))

    def quit(self) -> None:
        """End, but ask where edits would be lost; asked a second time, end and leave them to the next start."""
        if not self._session.dirty or (self.dialog.is_open and self._quitting):
            self._end()
            return
        self._quitting = True
        self.dialog.ask(f"'{self._session.name}' has edits that are not saved.",
                        (("Save", self._save_and_end), ("Discard", self._discard), ("Cancel", self.dialog.close)))

    def _save_and_end(self) -> None:
        self.dialog.close()
        self._saving = self._session.save()

    def _discard(self) -> None:
        self._session.discard()
        self._end()

    def offer_left(self) -> None:
        """Where an earlier run left a sound, ask whether to bring it back."""
        if left := self._session.left:
            when = time.strftime("%d %b, %H:%M", time.localtime(left.saved_at_s))
            self.dialog.ask(f"An earlier run ended before '{left.patch.name}' was saved ({when}).",
                            (("Restore", self._restore), ("Not now", self.dialog.close)))

    def _restore(self) -> None:
        self.dialog.close()
        self._session.restore_autosave()

    def step(self) -> None:
        """Once a frame: end when what was to be saved first is saved; where it could not be, the window stays and tells."""
        if self._saving and self._saving.done():
            failed, self._saving = self._saving.exception(), None
            if failed is None:
                self._end()
