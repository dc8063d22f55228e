"""The morph panel: its pad, line or layers, the parts' names in the corners, a place to add one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ...patch.morph import PART_NAMES
from ...patch.stack import STACK
from ...text import printable
from ..geometry import Rect
from .buttons import Button
from .canvas import Canvas
from .control import Control
from .menu_row import MenuRow
from .part_place import part_place, put_part
from .preset_pad import PresetPad
from .preset_place import HeldPreset, PresetPlace
from .stack_rows import layer_rows, layer_words

if TYPE_CHECKING:
    from ..gestures import Gestures

_AXES = ("pad", "On a pad"), ("chain", "Along a chain"), (STACK, "All together: layers, splits")
CHIP_H = 24  # points of a part's name


class MorphGround(Control):
    """Where the pad would be: there is no morph yet, and a preset that is dropped here makes one."""

    focusable = False

    def __init__(self, canvas: Canvas, rect: Rect, session: Any) -> None:
        super().__init__("morph.ground", rect)
        self._session = session
        canvas.box(rect, "well", "panel_edge", 4)
        canvas.text(rect.x + rect.w / 2, rect.y + rect.h / 2 - canvas.px(8), "add a preset to morph to it", "text", "faint", align=0.5)

    def preset_places(self, preset: HeldPreset) -> Sequence[PresetPlace]:
        """All of it."""
        return () if preset.is_table else (part_place(self._session, 1, self.rect),)


class PartButton(Button):
    """A part's name, or where one can be added: a click asks, a preset that is dropped on it becomes the part."""

    def __init__(self, canvas: Canvas, name: str, place: Rect, title: str, action: Callable[[], object], help_line: str, session: Any,
                 part: int) -> None:
        super().__init__(canvas, name, place, title, action, help_line, font="small")
        self._session, self._part = session, part

    def preset_places(self, preset: HeldPreset) -> Sequence[PresetPlace]:
        """All of it."""
        return () if preset.is_table else (part_place(self._session, self._part, self.rect),)


Ask = Callable[[Callable[[str], object], Rect], Any]


def morph_controls(canvas: Canvas, rect: Rect, gestures: "Gestures", ask_name: Ask) -> list[Control]:
    """The pad or line, its parts' names in the corners, a place to add one. ask_name: lets a preset be chosen, beside a place."""
    session, px = gestures.session, canvas.px
    morph = session.morph
    chain = morph is not None and morph.axis == "chain"
    parts = list(morph.parts) if morph else [session.patch]
    most = len(PART_NAMES) if chain else 4
    h = px(CHIP_H)
    controls: list[Control] = []
    inner = rect.inset(0, h + px(4), 0, 0 if chain else h + px(4))
    if morph and morph.axis == STACK:
        canvas.box(inner, "well", "panel_edge", 4)
        for i, layer in enumerate(morph.layers):
            words = canvas.fit(f"{PART_NAMES[i]}  {layer_words(layer)}", inner.w - px(16), "small")
            canvas.text(inner.x + px(8), inner.y + px(6) + i * px(18), words, "small", "text")
    elif morph:
        controls.append(PresetPad(canvas, inner, gestures, chain))
    else:
        controls.append(MorphGround(canvas, inner, session))
    n_shown = min(len(parts) + 1, most)
    w = rect.w / n_shown - px(4) if chain else rect.w * 0.46
    for i in range(n_shown):
        if chain:
            place = Rect(rect.x + i * (w + px(4)), rect.y, w, h)
        else:
            place = Rect(rect.x if i % 2 == 0 else rect.right - w, rect.y if i < 2 else rect.bottom - h, w, h)
        if i < len(parts):
            rows = partial(_ask_part, gestures, ask_name, i, place)
            controls.append(PartButton(canvas, f"morph.part.{PART_NAMES[i]}", place, f"{PART_NAMES[i]}  {printable(parts[i].name)}", rows,
                                       "Another preset, or none, in this corner", session, i))
        else:
            add = partial(ask_name, partial(put_part, session, i), place)
            controls.append(PartButton(canvas, "morph.add", place, "+ preset", add, "Morph to another preset", session, i))
    return controls


def _ask_part(gestures: "Gestures", ask_name: Ask, i: int, place: Rect) -> None:
    session = gestures.session
    rows = [MenuRow(f"Part {PART_NAMES[i]}"), MenuRow("Another preset …", lambda: ask_name(partial(put_part, session, i), place))]
    if session.morph is not None:
        rows.append(MenuRow("Clear", lambda: session.clear_morph_part(i)))
        if session.morph.axis == STACK:
            rows += layer_rows(session, i, session.morph.layers[i])
        others = [(axis, words) for axis, words in _AXES if axis != session.morph.axis]
        rows += [MenuRow(words, partial(session.set_morph_axis, axis), rule=n == 0) for n, (axis, words) in enumerate(others)]
    gestures.open_menu(rows, place)
