"""A line to type in, inside a window of Dear PyGui, of which nothing is lost that is typed at once."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ...text import printable
from ..key_characters import typed_by
from ..theme import FLUSH

_FOCUS_FRAMES = 6  # that Dear PyGui may take to give a line the keyboard


class TypedLine:
    """Dear PyGui gives a line the keyboard a frame or two after it is asked to, and drops what is typed until then: half a second's on a
    slow screen. So keys are kept from `focus` on, and what they typed stands before the line: both together are `words`.
    """

    def __init__(self, words: str = "", hint: str = "", width: int = -1, changed: Callable[[str], object] = lambda words: None) -> None:
        """changed: told the words when they are others. Stands where Dear PyGui adds its items now."""
        self._hint, self._width, self._changed = hint, width, changed
        self._kept = ""  # typed before the line had the keyboard
        self._waits = False
        self.is_asked_for = False  # it has the keyboard, or will, because we let it; not by Dear PyGui's own Tab
        self._asked_at = 0
        self._held: set[int] = set()  # keys that were kept, as long as they are down: a repeat of one is no other key
        self._before = words  # what stood in the line a frame ago
        with dpg.group(horizontal=True, horizontal_spacing=0) as group:
            self._label = int(dpg.add_text("", show=False))
        self._group, self.field = int(group), 0
        self._make(words)

    def _make(self, words: str) -> None:
        """Another line in the place of the one that is there: one that has the keyboard takes no words from us."""
        if self.field:
            dpg.delete_item(self.field)
        self.field = int(dpg.add_input_text(default_value=printable(words), hint="" if self._kept else self._hint, width=self._width,
                                            auto_select_all=True, parent=self._group, callback=self._tell))
        if self._kept:
            dpg.bind_item_theme(self.field, FLUSH)

    def _tell(self, sender: int, text: str) -> None:
        if sender == self.field:
            self._changed(self._kept + str(text))

    @property
    def words(self) -> str:
        """What stands in it."""
        return self._kept + str(dpg.get_value(self.field))

    @property
    def is_typed_in(self) -> bool:
        """Whether letters go to it, or will."""
        return bool(dpg.does_item_exist(self.field)) and (self._waits or bool(dpg.is_item_active(self.field)))

    def write(self, words: str) -> None:
        """Other words stand in it."""
        self._keep("")
        dpg.set_value(self.field, printable(words))

    def focus(self) -> None:
        """Let it have the keyboard; what stands in it is marked, and goes with the first character."""
        if self._kept:
            words = self.words
            self._keep("")
            self._make(words)
        self._ask()

    def resume(self, words: str) -> None:
        """Let it have the keyboard, and go on where another line was with these words."""
        self._keep(words)
        self._make("")
        self._ask()

    def leave(self) -> None:
        """Let the keyboard go; what stands in it stays."""
        words = self.words
        self._keep("")
        self._waits = self.is_asked_for = False
        self._make(words)

    def _ask(self) -> None:
        dpg.focus_item(self.field)
        self._waits = self.is_asked_for = True
        self._asked_at = dpg.get_frame_count()

    def _keep(self, words: str) -> None:
        self._kept = words
        dpg.configure_item(self._label, show=bool(words))
        dpg.set_value(self._label, printable(words))

    def take_key(self, code: int) -> bool:
        """A key was pressed, while this line is the one to type in. Whether it types, so that it means nothing else."""
        back, typed = code == dpg.mvKey_Back, typed_by(code)
        if not back and not typed:
            return False
        if not self.is_typed_in:
            self.focus()
        if self._waits:
            if code not in self._held:
                self._held.add(code)
                self._type_ahead("" if back else typed)
        elif back and self._kept and not self._before:  # what the line itself had is gone already
            self._keep(self._kept[:-1])
            self._changed(self.words)
        return True

    def _type_ahead(self, typed: str) -> None:
        """A character, or '' for Backspace, that Dear PyGui drops."""
        first = not self._kept
        self._keep(self._kept + typed if typed else self._kept[:-1])
        if first:
            self._make("")  # what stood in it was marked
            self._ask()
        self._changed(self._kept)

    def step(self) -> None:
        """Once a frame, after the keys: whether it has the keyboard by now."""
        self._held = {code for code in self._held if dpg.is_key_down(code)}
        if self._waits:
            self._waits = not dpg.is_item_active(self.field)
            if self._waits and dpg.get_frame_count() - self._asked_at >= _FOCUS_FRAMES:
                self._ask()
        elif self.is_asked_for:
            self.is_asked_for = bool(dpg.is_item_active(self.field))
        self._before = str(dpg.get_value(self.field))
