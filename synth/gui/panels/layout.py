"""Every panel put in its place."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..computer_keyboard import KeyPiano
from ..geometry import KNOB_MARGIN, Rect, knob_rows, knob_rows_in, lay_out
from ..widgets import labels
from ..widgets.buttons import Button
from ..widgets.canvas import Canvas
from ..widgets.control import Control
from ..widgets.knob import knob_panel
from ..widgets.pad import MorphPad
from ..widgets.sliders import latent_panel, path_lines
from .header import Header
from .output import Output
from .piano import Piano
from .plots import Scope, Spectrum
from .status import Status
from .waterfall import Waterfall

if TYPE_CHECKING:
    from ...session.morph_preview import MorphPreview
    from ...session.session import Session
    from ...session.view_state import Snapshot


class Panels:
    """One layout of the window: made anew when the size, the model or a page changes."""

    def __init__(self, canvas: Canvas, session: "Session", path: "MorphPreview", keys: KeyPiano, size: tuple[int, int],
                 pages: dict[str, int], turn: Callable[[str, int], None], save_as: Callable[[], object]) -> None:
        groups = [len(params) for _, params in labels.grouped()]
        at = lay_out(*size, canvas.style.scale, groups)
        px, self._pages, self._turn, self._canvas = canvas.px, pages, turn, canvas
        self.header = Header(canvas, at.header, session, keys, save_as)
        sliders, fits = latent_panel(canvas, at.latents, session, pages["latents"])
        canvas.text(at.latents.x + px(10), at.latents.y + px(9), "LATENT", "tiny", "dim")
        canvas.panel(at.morph, "MORPH")
        self.pad = MorphPad(canvas, at.morph.inset(px(10), px(30), px(10), px(10)), session)
        self.waterfall = Waterfall(canvas, at.wave, path)
        line = Rect(at.wave.x + px(10), at.wave.bottom - px(40), at.wave.w - px(20), px(32))
        self.lines = path_lines(canvas, line, session)
        self.plots = (Scope(canvas, at.scope), Spectrum(canvas, at.spectrum), Output(canvas, at.output, session), self.waterfall)
        knobs = knob_panel(canvas, at.knobs, session, pages["knobs"])
        self.piano = Piano(canvas, at.piano, session, keys)
        self.status = Status(canvas, at.status, session)
        rows, shown = len(knob_rows(groups, at.knobs.w / canvas.style.scale - KNOB_MARGIN)), knob_rows_in(at.knobs.h / canvas.style.scale)
        pagers = self._pager("latents", at.latents, len(session.latents), fits, fits) + self._pager("knobs", at.knobs, rows, shown, 1)
        self.controls: list[Control] = [*self.header.controls, *pagers, *sliders, self.pad, *self.lines, *knobs,
                                        self.plots[2].fader, self.piano]

    def _pager(self, name: str, panel: Rect, total: int, fits: int, step: int) -> list[Control]:
        if total <= fits:
            return []
        px = self._canvas.px
        buttons: list[Control] = []
        for i, (words, by) in enumerate((("‹", -step), ("›", step))):
            place = min(max(self._pages[name] + by, 0), max(0, total - 1) // step * step if step == fits else total - fits)
            where = Rect(panel.right - px(56) + i * px(26), panel.y + px(4), px(22), px(20))
            buttons.append(Button(self._canvas, f"{name}.{'previous' if i == 0 else 'next'}", where, words,
                                  partial(self._turn, name, place), f"More {name}"))
        return buttons

    def update(self, snapshot: "Snapshot", fps: float) -> None:
        """Draw one snapshot."""
        self.header.update()
        for control in self.controls:
            control.update(snapshot)
        for plot in self.plots:
            plot.update(snapshot)
        self.status.update(snapshot, fps)

    def rects(self) -> dict[str, Rect]:
        """Where every control and every piano key is, for tests."""
        found = {c.name: c.rect for c in self.controls}
        for note, r in self.piano.rects.items():  # the lower third of a white key and a black key lie free
            found[f"key.{note}"] = r
        return found
