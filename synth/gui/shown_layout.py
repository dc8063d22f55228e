"""The layout that is shown: which view, its pages, what answers to mouse and keys in it. Made anew where what it depends on has changed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import dearpygui.dearpygui as dpg

from ..session.modulation import mod_rows
from . import words
from .dragging import Dragging
from .hooks import EventLog
from .look import Look
from .panels.layout import Panels
from .views.plugin_chain import chain_seen
from .widgets.canvas import Canvas
from .widgets.pointer import Mouse
from .widgets.text_field import TextField
from .window_keys import Keyboard

if TYPE_CHECKING:
    from ..session.view_state import Snapshot


class ShownLayout:
    """One at a time. lay_out: makes the panels of a view, in pixels of width and height.

    view: the view's name. pages: what each place that shows one of several things shows. panels: None before the first.
    """

    def __init__(self, canvas: Canvas, session: Any, mouse: Mouse, keyboard: Keyboard, dragging: Dragging, look: Look, log: EventLog,
                 guard: Callable[..., object], lay_out: Callable[[tuple[int, int]], Panels]) -> None:
        self._canvas, self._session, self._mouse, self._keyboard, self._dragging = canvas, session, mouse, keyboard, dragging
        self._look, self._log, self._guard, self._lay_out = look, log, guard, lay_out
        self.view, self.pages = look.view, dict[str, Any]()
        self.panels: Panels | None = None
        self.size = (0, 0)
        self.is_opened = False  # the view, by a hand: its line to search in takes the keyboard
        self._stale = True
        self._seen: tuple = ()

    def update(self, snapshot: "Snapshot", fps: float) -> None:
        """Draw one snapshot."""
        if self.panels:
            self._guard(self.panels.update, snapshot, fps)

    @property
    def is_changing(self) -> bool:
        """Whether what is shown changes though nothing happens."""
        return self.panels is None or self.panels.status.is_fresh or self.panels.view.is_changing

    def make_anew(self) -> None:
        """At the next frame."""
        self._stale = True

    def open_view(self, name: str) -> None:
        """Show another view, from the next frame on; one of the header's is kept for the next start."""
        if name == self.view:
            return
        self.view, self._stale, self.is_opened = name, True, True
        if name in words.VIEWS:
            self._look.view = name
            self._guard(self._look.save)

    def turn_page(self, name: str, page: Any) -> None:
        """Another of the things that share a place."""
        self.pages[name], self._stale = page, True

    def toggle(self, name: str) -> None:
        """Files, history or settings; again: back to the view before."""
        self.open_view(self._look.view if self.view == name else name)

    def fields(self) -> list[TextField]:
        """Lines to type in."""
        return self.panels.view.fields if self.panels else []

    def lists(self) -> list:
        """Lists of names that may be open."""
        return self.panels.menus if self.panels else []

    def leave_field(self, field: TextField, by: int, to_panel: bool = False) -> None:
        """A line was left by Tab (1), Shift and Tab (-1), by F6 likewise, or with the arrow down (0), for what it found."""
        results = self.panels.view.results if self.panels else None
        if to_panel:
            self._keyboard.focus_on(f"field.{self.fields().index(field)}")
            self._keyboard.go_to_panel(by)
        elif by or results is None:
            self._keyboard.focus_on(f"field.{self.fields().index(field)}", by)
        else:
            self._keyboard.focus_on(results.name)

    def take_away(self) -> None:
        """It goes; another window takes the place."""
        if self.panels:
            self.panels.view.close()
        self._canvas.clear()

    def refresh(self) -> bool:
        """Make it anew where it has to be; whether it was."""
        size = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        seen = self._depends_on()
        if not self._stale and size == self.size and len(seen) == len(self._seen) and all(
                a is b or a == b for a, b in zip(seen, self._seen, strict=True)):
            return False
        if self._mouse.captured and size == self.size and not self._stale:
            return False  # a hand is on something: the rows it changes are laid out when it lets go
        self._mouse.let_go()
        if self._seen and self._session.latents is not self._seen[0]:
            self.pages.pop("first_latent", None)
        self._stale, self.size, self._seen = False, size, seen
        for menu in self.lists():
            menu.close()
        typed = {field.key: field.line.words for field in self.fields() if field.line.is_typed_in and not self.is_opened}
        if self.panels:
            self.panels.view.close()
        self.panels, self._mouse.controls = None, ()  # what was drawn is gone, whatever becomes of the next
        self._canvas.clear()
        self._dragging.forget_drawing()
        try:
            self.panels = self._lay_out(size)
        except Exception:
            self._canvas.clear()
            self._keyboard.attach(())
            self._stale, self.view = self.view != "play", "play"  # what cannot be laid out gives way to the view to play on
            raise
        self._attach(self.panels, typed)
        return True

    def _attach(self, panels: Panels, typed: dict[str, str]) -> None:
        """Mouse and keys have the new controls. typed: what stood in lines that were typed in."""
        self._mouse.controls = panels.controls
        if self.is_opened and panels.view.searched:
            panels.view.searched.focus()
        for field in (field for field in self.fields() if field.key in typed):
            field.line.resume(typed[field.key])  # the layout changes under a hand that types
        self.is_opened = False
        self._keyboard.attach(panels.stops, panels.panels)
        self._keyboard.step_preset = panels.header.preset.step
        for name, rect in panels.rects().items():
            self._log.rect(name, rect)
        self._log.write("layout", width=self.size[0], height=self.size[1], view=self.view)

    def _depends_on(self) -> tuple:
        morph = self._session.morph
        return (self._session.latents, self._session.patch.macros, self._rows_seen(), [p.name for p in morph.parts] if morph else None,
                (morph.axis, morph.layers, morph.stops) if morph else "", chain_seen(self._session) if self.view == "effects" else (),
                self._library_seen())

    def _library_seen(self) -> tuple:
        """Of the library, which filters it has, and of the sound what it says."""
        patch = self._session.patch
        said = (patch.name, patch.category, patch.comment, patch.instrument)
        return (self._session.library.filters, *said) if self.view == "library" else ()

    def _rows_seen(self) -> tuple:
        """Of the matrix, what a layout depends on: which rows there are, not how deep they are."""
        if self.view != "modulation":
            return ()
        return tuple((row.slot, row.source, row.target, row.via, row.bypass) for row in mod_rows(self._session.patch))
