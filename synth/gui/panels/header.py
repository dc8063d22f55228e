"""The top line: the name, the views, the preset with what can be done to it, the level."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...params.knobs import PARAMS
from .. import words
from ..geometry import Grid, Rect
from ..widgets.buttons import Button, Menu, Tab
from ..widgets.canvas import Canvas
from ..widgets.control import Control
from ..widgets.sliders import Fader
from .output import Meter

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures


class Header:
    """Menus and buttons of the top line; `controls` lists what answers to the pointer."""

    def __init__(self, canvas: Canvas, grid: Grid, gestures: "Gestures", view: str, open_view: Callable[[str], None],
                 does: dict[str, Callable[[], object]]) -> None:
        """does: `save_as`, `find`, `settings`."""
        px, rect, self._canvas = canvas.px, grid.header, canvas
        session = gestures.session
        self.controls: list[Control] = []
        top = rect.y + (rect.h - canvas.height("title")) / 2 - px(1)
        canvas.text(rect.x + px(2), top, "latent", "title", "teal")
        canvas.text(rect.x + px(3) + canvas.width("latent", "title"), top, "wave", "title", "text")
        self._tabs(canvas, grid, view, open_view)
        h, y = px(30), rect.y + (rect.h - px(30)) / 2
        x = rect.right

        def place(width: float, gap: float = 6) -> Rect:
            nonlocal x
            x -= px(width)
            found = Rect(x, y, px(width), h)
            x -= px(gap)
            return found

        add = self.controls.append
        add(Button(canvas, "settings", place(30), "", does["settings"], "Audio, MIDI, tuning, look (Ctrl+,)", icon="settings"))
        self._level(canvas, place(96 if grid.narrow else 110), gestures)
        add(Button(canvas, "find", place(30), "", does["find"], "Find a knob, a sound, a command (Ctrl+K)", icon="search"))
        add(Button(canvas, "preset.random", place(62), "Random", session.random_patch,
                   "Play corners drawn from where the model's sounds are (Ctrl+R)"))
        add(Button(canvas, "preset.redo", place(30), "", session.redo, "One step forth again (Ctrl+Y)", icon="redo",
                   usable=lambda: session.can_redo))
        add(Button(canvas, "preset.undo", place(30), "", session.undo, "One step back (Ctrl+Z)", icon="undo",
                   usable=lambda: session.can_undo))
        add(Button(canvas, "preset.save_as", place(30), "As…", does["save_as"], "Save the sound under another name (Ctrl+Shift+S)",
                   font="small"))
        add(Button(canvas, "preset.save", place(44), "Save", session.save, "Save the sound among your presets (Ctrl+S)",
                   usable=lambda: session.dirty))
        add(Button(canvas, "preset.compare", place(58), "Compare", session.compare,
                   "The first press keeps this sound aside, each one after swaps it with what you play (Ctrl+B)", font="small",
                   on=lambda: bool(session.compared)))
        after = place(26)
        left = rect.x + px(138) if grid.narrow else grid.tabs.right
        room = min(x - left - px(26 + 6), px(300))
        menu = Rect(x - room, y, room, h)
        x = menu.x - px(6)
        before = place(26)
        self.preset = Menu(canvas, "preset.menu", menu, session.preset_names, lambda: session.loading or session.name, session.load_preset,
                           session.step_preset, lambda: session.dirty and not session.loading, font="preset")
        add(Button(canvas, "preset.previous", before, "", lambda: self.preset.step(-1), "Previous preset (Ctrl+Left)", icon="left"))
        add(self.preset)
        add(Button(canvas, "preset.next", after, "", lambda: self.preset.step(1), "Next preset (Ctrl+Right)", icon="right"))

    def _tabs(self, canvas: Canvas, grid: Grid, view: str, open_view: Callable[[str], None]) -> None:
        px, rect, names = canvas.px, grid.tabs, words.SHORT_VIEW_NAMES if grid.narrow else words.VIEW_NAMES
        x = rect.x
        for n, key in enumerate(words.VIEWS, 1):
            w = canvas.width(names[key], "body") + px(24)
            place = Rect(x, rect.y + (rect.h - px(30)) / 2, w, px(30))
            self.controls.append(Tab(canvas, f"view.{key}", place, names[key], lambda key=key: open_view(key), key == view,  # type: ignore[misc]
                                     help_line=f"Ctrl+{n}"))
            x += w + px(2)

    def _level(self, canvas: Canvas, rect: Rect, gestures: "Gestures") -> None:
        px = canvas.px
        canvas.box(rect, "well", "panel_edge", 5)
        self._meters = [Meter(canvas, Rect(rect.x + px(8), rect.y + px(6) + i * px(6), rect.w - px(16), px(4))) for i in range(2)]
        self.controls.append(Fader(canvas, PARAMS["master.gain_db"], rect, gestures))

    def update(self, snapshot: "Snapshot") -> None:
        """Draw the peaks since the last snapshot."""
        for meter, peak in zip(self._meters, (snapshot.peak_left, snapshot.peak_right), strict=True):
            meter.show(peak)
