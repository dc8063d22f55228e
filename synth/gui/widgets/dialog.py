"""A question with buttons, and a line to type in where it needs one. Opens, closes and takes keys as a list does."""

from collections.abc import Callable

import dearpygui.dearpygui as dpg

from ...errors import UserError
from ...text import printable
from ..geometry import Rect
from ..theme import COLOURS
from .canvas import Canvas
from .picks import Pick, PickRows
from .popup import covers_point, drawn_rects
from .typed_line import TypedLine

Answers = tuple[tuple[str, Callable[[], object]], ...]


class Dialog:
    """One at a time, in the middle of the upper half; Enter gives the first answer, Escape or a press beside it none."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._window = self._told = 0
        self.line: TypedLine | None = None
        self._buttons: dict[str, int] = {}
        self._answers: Answers = ()
        self._picks: tuple[Pick, ...] = ()
        self._rows: list[PickRows] = []
        self._begun = ""  # what stood in the line at first
        self.question = ""

    @property
    def is_open(self) -> bool:
        """True while it is shown."""
        return bool(self._window)

    def ask(self, question: str, answers: Answers, field: str | None = None, picks: tuple[Pick, ...] = ()) -> None:
        """Show a question. field: what stands in the line to type in; None: there is none. picks: what can be chosen beside it."""
        self.close()
        px, c = self._canvas.px, self._canvas
        self.question, self._answers, self._picks, self._begun = question, answers, picks, field or ""
        width = int(min(max(c.width(question) + px(40), px(520 if picks else 320)), dpg.get_viewport_client_width() - px(20)))
        at = ((dpg.get_viewport_client_width() - width) // 2, int(dpg.get_viewport_client_height() * 0.2))
        with dpg.window(pos=at, width=width, autosize=True, no_title_bar=True, no_move=True, no_resize=True, no_collapse=True,
                        no_saved_settings=True) as window:
            dpg.add_text(printable(question), wrap=width - int(px(20)))
            if field is not None:
                self.line = TypedLine(field, width=width - int(px(20)))
            self._told = int(dpg.add_text("", color=COLOURS["orange"], wrap=width - int(px(20)), show=False))
            self._rows = [PickRows(c, pick, width - px(20), self._picked) for pick in picks]
            dpg.add_spacer(height=int(px(4)))
            with dpg.group(horizontal=True):
                for words, _ in answers:
                    button = dpg.add_button(label=words, callback=lambda _s, _a, chosen: self._give(chosen), user_data=words)
                    self._buttons[words] = int(button)
        self._window = int(window)
        if self.line:
            self.line.focus()

    def _picked(self) -> None:
        """A click took the keyboard from the line: typing goes on where it was."""
        if self.line and self.line.words == self._begun:
            self.line.focus()
        elif self.line:
            self.line.resume(self.line.words)

    @property
    def typed(self) -> str:
        """What stands in the line."""
        return self.line.words if self.line else ""

    def tell(self, sentence: str, answers: Answers | None = None) -> None:
        """Say under the line why it was not taken, perhaps with another first answer."""
        typed = self.typed
        if answers:
            self.ask(self.question, answers, typed, self._picks)
        dpg.configure_item(self._told, show=True)
        dpg.set_value(self._told, printable(sentence))

    def _give(self, words: str) -> None:
        if self.is_open:  # two clicks may wait in the queue, and the first of them closes it
            action = dict(self._answers)[words]
            try:
                action()
            except UserError as error:
                self.tell(str(error))

    def take_first(self) -> None:
        """Enter gives the first answer."""
        self._give(self._answers[0][0])

    def close(self) -> None:
        """Hide it."""
        if self._window:
            dpg.delete_item(self._window)
        self._window = self._told = 0
        for rows in self._rows:
            rows.close()
        self.line, self._buttons, self._rows = None, {}, []

    def covers(self, x: float, y: float) -> bool:
        """True when a point lies on it."""
        return covers_point(self._window, x, y)

    def item_rects(self) -> dict[str, Rect]:
        """Where the answers are, once they have been drawn; else empty."""
        picks = {f"{pick.title}.{name}": button for pick, rows in zip(self._picks, self._rows, strict=False)
                 for name, button in rows.buttons.items()}
        return drawn_rects(self._buttons | picks)
