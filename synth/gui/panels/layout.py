"""One layout of the window: what stands on every view, and the view between."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...params.knobs import MOD_SOURCES
from .. import words
from ..computer_keyboard import KeyPiano
from ..geometry import Rect, lay_out
from ..views.effects import EffectsView
from ..views.files import FilesView
from ..views.history import HistoryView
from ..views.library import LibraryView
from ..views.modulation import ModulationView
from ..views.play import PlayView
from ..views.settings import SettingsView
from ..views.sound import SoundView
from ..views.train import TrainView
from ..views.view import Place, View
from ..widgets.buttons import Menu
from ..widgets.canvas import Canvas
from ..widgets.control import Control
from ..widgets.menu_row import MenuRow
from ..widgets.text_field import FieldStop
from .header import Header
from .piano import Piano
from .status import Status
from .strip import Strip
from .wheels import Wheels

if TYPE_CHECKING:
    from ...session.morph_preview import MorphPreview
    from ...session.view_state import Snapshot
    from ..dragging import Dragging
    from ..gestures import Gestures

VIEWS: dict[str, type[View]] = {"play": PlayView, "sound": SoundView, "modulation": ModulationView, "effects": EffectsView,
                               "library": LibraryView, "files": FilesView, "history": HistoryView, "train": TrainView,
                                "settings": SettingsView}


class Panels:
    """Made anew when the size, the model, a page or the view changes."""

    def __init__(self, canvas: Canvas, gestures: "Gestures", dragging: "Dragging", preview: "MorphPreview", keys: KeyPiano,
                 size: tuple[int, int], view: str, pages: dict[str, Any], turn: Callable[[str, Any], None],
                 open_view: Callable[[str], None], does: dict[str, Callable[[], object]], extra: dict[str, Any]) -> None:
        """does: what header and status line ask for: `save_as`, `find`, `settings`, `files`, `record`.

        extra: what some views share with the window: `textures`, `look`, `set_look`.
        """
        grid = lay_out(*size, canvas.style.scale)
        gestures.width = float(size[0])
        self.header = Header(canvas, grid, gestures, view, open_view, does)
        self.view = VIEWS.get(view, PlayView)(Place(canvas, grid, gestures, dragging, preview, pages, turn,
                                                     {**extra, "open_view": open_view}))

        def ask_source(beside: Rect) -> None:
            def take(source: str) -> None:
                dragging.begin_at(source, beside)
            gestures.open_menu([MenuRow(words.source_name(s, gestures.session.patch.macros), lambda s=s: take(s))  # type: ignore[misc]
                                for s in MOD_SOURCES if s != "none"], beside)

        self.strip = Strip(canvas, grid, gestures, dragging, pages.get("macros", 0), turn, open_view, ask_source)
        self.wheels = Wheels(canvas, grid.wheels, gestures, keys)
        self.piano = Piano(canvas, grid.piano, gestures.session, keys)
        self.status = Status(canvas, grid.status, gestures, does, view)
        self.controls: list[Control] = [*self.header.controls, *self.view.controls, *self.strip.controls, *self.wheels.controls, self.piano,
                                        *self.status.controls]
        self.stops = [*self.header.controls, *(FieldStop(f"field.{i}", line) for i, line in enumerate(self.view.fields)),
                      *self.controls[len(self.header.controls):]]  # in the order of Tab
        top = Rect(grid.header.x, grid.header.y, grid.header.w, max(grid.header.bottom, grid.tabs.bottom) - grid.header.y)
        self.panels = [top, *canvas.panels, grid.piano, grid.status]
        self.menus = [self.header.preset, *(c for c in self.view.controls if isinstance(c, Menu))]  # lists of names that may be open

    def update(self, snapshot: "Snapshot", fps: float) -> None:
        """Draw one snapshot."""
        self.header.update(snapshot)
        for control in self.controls:
            control.update(snapshot)
        self.view.update(snapshot)
        self.wheels.update()
        self.status.update(snapshot, fps)

    def rects(self) -> dict[str, Rect]:
        """Where every control and every piano key is, for tests."""
        found = {c.name: c.rect for c in self.controls} | {f"field.{i}": line.rect for i, line in enumerate(self.view.fields)}
        for control in self.controls:
            found |= {f"{control.name}.{name}": rect for name, rect in control.inner_rects().items()}
        for note, r in self.piano.rects.items():  # the lower third of a white key and a black key lie free
            found[f"key.{note}"] = r
        return found
