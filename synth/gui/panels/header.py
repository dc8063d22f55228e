"""The top line: the name, model and preset menus with their steps, octave and velocity of the computer keys."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..computer_keyboard import KeyPiano
from ..geometry import Rect
from ..widgets.buttons import Button, Menu
from ..widgets.canvas import Canvas, set_text
from ..widgets.control import Control
from .piano import note_name

if TYPE_CHECKING:
    from ...session.session import Session

_RANDOM = 74  # pixels that the button and the gap before it take
_NARROW = 1240  # under this width the name of the instrument gives its room to the buttons
_FILE_WORDS = (  # name, words, width; wide and narrow
    (("save", "Save", 46), ("save_as", "Save as", 62), ("undo", "Undo", 48), ("redo", "Redo", 48)),
    (("save", "Save", 34), ("save_as", "As…", 30), ("undo", "Undo", 36), ("redo", "Redo", 36)))


class Header:
    """Menus and buttons of the top line; `controls` lists what answers to the pointer."""

    def __init__(self, canvas: Canvas, rect: Rect, session: "Session", keys: KeyPiano, save_as: Callable[[], object]) -> None:
        px, self._canvas, self._session, self._keys = canvas.px, canvas, session, keys
        narrow = rect.w < px(_NARROW)
        files = sum(width + 4 for _, _, width in _FILE_WORDS[narrow]) + 6
        left = 4 if narrow else 140
        if not narrow:
            top = rect.y + (rect.h - canvas.height("title")) / 2 - px(1)
            canvas.text(rect.x + px(2), top, "latent", "title", "teal")
            canvas.text(rect.x + px(3) + canvas.width("latent", "title"), top, "wave", "title", "text")
        x = rect.x + px(left)
        titles = canvas.width("MODEL", "tiny") + canvas.width("PRESET", "tiny")
        free = rect.w - px(left) - titles - px(2 * 68 + 14) - px(214 + 18) - px(_RANDOM) - px(files)  # what the two names may share
        self.model, x = self._menu("model", "MODEL", x, rect, min(free * 0.42, px(210)), session.model_names, self._model_name,
                                   session.load_model)
        self.preset, x = self._menu("preset", "PRESET", x + px(14), rect, min(free * 0.58, px(300)), session.preset_names,
                                    lambda: session.loading or session.name, session.load_preset, session.step_preset,
                                    lambda: session.dirty and not session.loading)
        self.controls.append(Button(canvas, "preset.random", Rect(x + px(8), rect.y + px(7), px(_RANDOM - 8), rect.h - px(14)), "Random",
                                    session.random_patch, "Play corners drawn from where the model's sounds are"))
        self._files(x + px(_RANDOM + 6), rect, narrow, session, save_as)
        self._chips(rect)
        self._shown: tuple[int, int] | None = None

    def _model_name(self) -> str:
        """The model's name; of a preset that plays what it keeps, the model that is missing."""
        patch = self._session.patch
        alone = bool(patch.model) and self._session.model == patch.name != patch.model
        return f"{patch.model} (absent)" if alone else self._session.model or "none"

    def _menu(self, name: str, title: str, x: float, rect: Rect, width: float, names: Callable[[], list[str]],
              current: Callable[[], str], choose: Callable[[str], object], step: Callable[[int], object] | None = None,
              mark: Callable[[], bool] = lambda: False) -> tuple[Menu, float]:
        px, c = self._canvas.px, self._canvas
        c.text(x, rect.y + (rect.h - c.height("tiny")) / 2 - 1, title, "tiny", "faint")
        x += c.width(title, "tiny") + px(8)
        top, h = rect.y + px(7), rect.h - px(14)
        menu = Menu(c, f"{name}.menu", Rect(x + px(30), top, width, h), names, current, choose, step, mark)
        before = Button(c, f"{name}.previous", Rect(x, top, px(26), h), "‹", lambda: menu.step(-1), f"Previous {name}")
        after = Button(c, f"{name}.next", Rect(x + px(34) + width, top, px(26), h), "›", lambda: menu.step(1), f"Next {name}")
        self.controls: list[Control] = [*getattr(self, "controls", []), before, menu, after]
        return menu, x + px(60) + width

    def _files(self, x: float, rect: Rect, narrow: bool, session: "Session", save_as: Callable[[], object]) -> None:
        """Save, save as, undo, redo."""
        px = self._canvas.px
        does: dict[str, tuple[Callable[[], object], str, Callable[[], bool]]] = {
            "save": (session.save, "Save the sound among your presets (Ctrl+S)", lambda: session.dirty),
            "save_as": (save_as, "Save the sound under another name (Ctrl+Shift+S)", lambda: True),
            "undo": (session.undo, "One step back (Ctrl+Z)", lambda: session.can_undo),
            "redo": (session.redo, "One step forth again (Ctrl+Y)", lambda: session.can_redo)}
        for name, words, width in _FILE_WORDS[narrow]:
            action, told, usable = does[name]
            place = Rect(x, rect.y + px(7), px(width), rect.h - px(14))
            self.controls.append(Button(self._canvas, f"preset.{name}", place, words, action, told, font="small" if narrow else "body",
                                        usable=usable))
            x += px(width + 4)

    def _chips(self, rect: Rect) -> None:
        px, c, keys = self._canvas.px, self._canvas, self._keys
        top, h, x = rect.y + px(7), rect.h - px(14), rect.right - px(214)
        self._values: list[int] = []
        self._middles: list[tuple[float, float]] = []
        for title, less, more, note in (("OCTAVE", "z", "x", "of the computer keys"), ("VELOCITY", "c", "v", "of the computer keys")):
            self._middles.append((x + px(51), rect.y + px(19)))
            c.text(x + px(51), rect.y + px(6), title, "tiny", "faint", align=0.5)
            self._values.append(c.text(*self._middles[-1], "", "body", "text"))
            for letter, at, sign in ((less, x, "−"), (more, x + px(78), "+")):
                name = f"keys.{'octave' if title == 'OCTAVE' else 'velocity'}{sign}"
                self.controls.append(Button(c, name, Rect(at, top, px(24), h), sign, partial(keys.shift, letter),
                                            f"{title.capitalize()} {note} ({letter.upper()})"))
            x += px(112)

    def update(self) -> None:
        """Write octave and velocity."""
        import dearpygui.dearpygui as dpg

        state = (self._keys.base, self._keys.velocity)
        if state == self._shown:
            return
        self._shown = state
        c = self._canvas
        for i, words in enumerate((note_name(state[0]), str(state[1]))):
            x, y = self._middles[i]
            dpg.configure_item(self._values[i], pos=(round(x - c.width(words) / 2), round(y)))
            set_text(self._values[i], words)
