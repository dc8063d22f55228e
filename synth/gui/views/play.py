"""The view to play on: latents, directions, essentials, the wavetable, map and morph."""

from collections.abc import Callable
from functools import partial

from ...params.knobs import MAX_DIRECTIONS, PARAMS
from ...session.morph_actions import HERE
from .. import words
from ..geometry import Rect, cells, columns, rows
from ..panels.plots import Scope, Spectrum
from ..panels.waterfall import Waterfall
from ..widgets.buttons import Button, Menu
from ..widgets.latent_map import LatentMap
from ..widgets.menu_row import MenuRow
from ..widgets.morph_corners import morph_controls
from ..widgets.pad import MorphPad
from ..widgets.sliders import LineSlider, latent_columns, path_lines
from .view import Place, View


class PlayView(View):
    """Three columns; where there is little height, neighbours share a panel by tabs."""

    is_changing = False

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        px, grid, gap = self.px, place.grid, place.canvas.px(8)
        wide = grid.content.w > px(1800)
        side = px(400 if wide else 348 if not grid.narrow else 246)
        left, middle, right = columns(grid.content, gap, side, 1.0, side + (px(24) if grid.narrow else 0))
        self._left(left, gap)
        self._middle(middle, gap)
        self._right(right, gap)

    # ---- left ------------------------------------------------------------------------------------------------------
    def _left(self, rect: Rect, gap: float) -> None:
        short, px = self.place.grid.short, self.px
        if short:
            essentials_h = px(122) if self.place.grid.low else px(132)
            upper, essentials = rows(rect, gap, 1.0, essentials_h)
            self.canvas.panel(upper)
            if self.tabs(upper, "latents", ("Latents", "Directions")) == "Latents":
                self._latents(upper)
            else:
                self._directions(upper)
        else:
            upper, directions, essentials = rows(rect, gap, 1.0, px(160), px(192))
            self.canvas.panel(upper, "Latents")
            self._latents(upper)
            self.canvas.panel(directions, "Directions")
            self._directions(directions)
        self._essentials(essentials)

    def _latents(self, rect: Rect) -> None:
        px, first = self.px, self.place.pages.get("first_latent", 0)
        session = self.session
        menu_w = px(86 if self.place.grid.narrow else 114)
        menu = Rect(rect.right - menu_w - px(8), rect.y + px(5), menu_w, px(24))
        self.model = Menu(self.canvas, "model.menu", menu, session.model_names, self._model_name, session.load_model, font="text")
        self.add(self.model)
        sliders, fits = latent_columns(self.canvas, rect.inset(px(10), px(38), px(10), px(8)), self.gestures, first)
        self.controls += sliders
        if len(session.latents) > fits:
            for i, (icon, by) in enumerate((("left", -fits), ("right", fits))):
                to = min(max(first + by, 0), max(0, len(session.latents) - 1) // fits * fits)
                where = Rect(menu.x - px(56) + i * px(26), menu.y, px(24), px(24))
                self.add(Button(self.canvas, f"latents.{'previous' if i == 0 else 'next'}", where, "",
                                lambda to=to: self.place.turn("first_latent", to), "More latents", icon=icon))  # type: ignore[misc]

    def _model_name(self) -> str:
        """The model's name; of a preset that plays what it keeps, the model that is missing."""
        patch = self.session.patch
        alone = bool(patch.model) and self.session.model == patch.name != patch.model
        return f"{patch.model} (absent)" if alone else self.session.model or "none"

    def _directions(self, rect: Rect) -> None:
        px, names = self.px, self.session.directions[:MAX_DIRECTIONS]
        room = rect.inset(px(12), px(32), px(12), px(8))
        if not names:
            self.canvas.text(room.x, room.y + px(4), "this source has no directions", "text", "faint")
            return
        h = min(room.h / len(names), px(30))
        widest = max(self.canvas.width(name.capitalize(), "text") for name in names) / self.canvas.style.scale + 14
        for i, name in enumerate(names):
            where = Rect(room.x, room.y + i * h, room.w, h)
            self.add(LineSlider(self.canvas, PARAMS[f"direction.{i + 1}"], where, self.gestures, name.capitalize(), before_w=widest))

    def _essentials(self, rect: Rect) -> None:
        px, low = self.px, self.place.grid.low
        self.canvas.panel(rect, "Essentials")
        chosen = self.place.extra["look"].essentials
        names = chosen[:4] if self.place.grid.short else chosen
        self._essential_knobs(names, rect.inset(px(8), px(28), px(8), px(4)), 30 if low else 34, 1 if self.place.grid.short else 2)

    def _essential_knobs(self, names: list[str], rect: Rect, size: float, n_rows: int) -> None:
        for name, cell in zip(names, cells(rect, len(names) // n_rows, n_rows), strict=True):
            self.knob(name, cell, size, label=words.full_name(PARAMS[name]))

    # ---- middle ----------------------------------------------------------------------------------------------------
    def _middle(self, rect: Rect, gap: float) -> None:
        px = self.px
        if self.place.grid.short:
            self.canvas.panel(rect)
            shown, upper = self.tabs(rect, "wave", ("Wavetable", "Scope", "Spectrum")), rect
        else:
            upper, lower = rows(rect, gap, 1.0, px(164))
            scope, spectrum = columns(lower, gap, 0.5, 0.5)
            self.plots += [Scope(self.canvas, scope), Spectrum(self.canvas, spectrum)]
            shown = "Wavetable"
        if shown == "Wavetable":
            self.plots.append(Waterfall(self.canvas, upper, self.place.preview, title="" if self.place.grid.short else "Wavetable"))
        else:
            above = Rect(upper.x, upper.y, upper.w, upper.h - px(42))
            self.plots.append((Scope if shown == "Scope" else Spectrum)(self.canvas, above, title=""))
        line = Rect(upper.x + px(10), upper.bottom - px(38), upper.w - px(20), px(30))
        self.controls += path_lines(self.canvas, line, self.gestures)

    # ---- right -----------------------------------------------------------------------------------------------------
    def _right(self, rect: Rect, gap: float) -> None:
        if self.place.grid.short:
            self.canvas.panel(rect)
            shown = self.tabs(rect, "right", ("Map", "Morph"))
            self._map(rect) if shown == "Map" else self._morph(rect)
        else:
            upper, lower = rows(rect, gap, 0.6, 0.4)
            self.canvas.panel(upper, "Map")
            self._map(upper)
            self.canvas.panel(lower, "Morph")
            self._morph(lower)

    def _map(self, rect: Rect) -> None:
        px = self.px
        if not self.place.grid.narrow:
            for i, (name, label) in enumerate((("map.x", "X"), ("map.y", "Y"))):
                where = Rect(rect.right - px(206 - 110 * i), rect.y + px(6), px(108 - 18 * i), px(22))
                self.add(LineSlider(self.canvas, PARAMS[name], where, self.gestures, label, ""))
        self.add(LatentMap(self.canvas, rect.inset(px(10), px(34), px(10), px(10)), self.gestures, self.place.dragging,
                           self.place.extra["textures"]))

    def _morph(self, rect: Rect) -> None:
        """Between presets, or between the corners of this one."""
        px = self.px
        room = rect.inset(px(10), px(34), px(10), px(10))
        key, session = "morph", self.session
        if self.place.dragging.has_preset:  # its corners are there
            self.place.pages[key] = "Presets"
        shown = self.place.pages.get(key, "Presets" if session.morph else "Corners")
        for i, name in enumerate(("Presets", "Corners")):
            where = Rect(rect.right - px(150 - 71 * i), rect.y + px(5), px(68), px(24))
            self.add(Button(self.canvas, f"morph.{name.casefold()}", where, name, partial(self.place.turn, key, name),
                            "Morph to other presets" if i == 0 else "Between the corners A to D of this preset", font="small",
                            on=lambda name=name: shown == name))  # type: ignore[misc]
        if session.morph is None and shown == "Corners" and not self.place.grid.narrow:
            place = Rect(rect.right - px(232), rect.y + px(5), px(78), px(24))
            self.add(Button(self.canvas, "morph.add", place, "+ preset", lambda: self._ask_preset(self._add_part, place),
                            "Morph to another preset", font="small"))
        if shown == "Corners":
            self.add(MorphPad(self.canvas, room, self.gestures))
        else:
            self.controls += morph_controls(self.canvas, room, self.gestures, self._ask_preset)

    def _add_part(self, name: str) -> None:
        """The present sound morphs to a preset; the panel shows both."""
        self.place.pages["morph"] = "Presets"
        self.session.make_morph([HERE, name])

    def _ask_preset(self, take: Callable[[str], object], beside: Rect) -> None:
        """Let one of all presets be chosen."""
        self.gestures.open_menu([MenuRow(name, partial(take, name)) for name in self.session.preset_names()], beside)

