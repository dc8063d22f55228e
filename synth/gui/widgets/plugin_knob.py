"""Knobs of what is no knob of ours: a plug-in's parameter, in its own words, and how much of a plug-in is heard."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ...params.knobs import N_MACROS
from ...params.param import Param, Scope
from ...params.typed import read_typed
from ...patch.hosted_effect import HostedEffect, MacroRow
from ...session.effect_params import EffectParam
from .. import words
from ..geometry import Rect
from .canvas import Canvas, set_colour
from .control import Pointer
from .knob import Knob
from .menu_row import MenuRow

if TYPE_CHECKING:
    from ...session.view_state import Snapshot
    from ..gestures import Gestures

_FEW = 40  # places, up to which a click of the wheel is one of them


class PluginKnob(Knob):
    """A parameter of a row of the chain. info: what is known of it now, None where its process tells of none."""

    takes_source = True

    def __init__(self, canvas: Canvas, row: HostedEffect, info: EffectParam, rect: Rect, gestures: "Gestures",
                 look: Callable[[str], EffectParam | None], size: float = 34) -> None:
        self._key, self._plugin, self._look_up, self._info = row.key, row.name, look, info
        label = info.label or info.name
        param = Param(info.name, label, 0.0, 1.0, info.home, "", "linear", Scope.GLOBAL, label, smoothing_s=0)
        super().__init__(canvas, param, rect, gestures, size=size, name=f"plugin.{info.name}")

    @property
    def _index(self) -> int:
        """Where the row stands now; -1: it is gone."""
        return next((i for i, row in enumerate(self.gestures.session.effects) if row.key == self._key), -1)

    @property
    def target(self) -> str:
        """Its place in the chain and its name."""
        return f"effect.{self._index + 1}.{self.param.name}"

    def shown(self) -> str:
        """The value as it is shown, to be typed over."""
        return self._info.text

    def update(self, snapshot: "Snapshot") -> None:
        """Turn to where the parameter is; where a macro turns it, to where that puts it."""
        info = self._info = self._look_up(self.param.name) or self._info
        unit, text, colour = info.unit, info.text, "text"
        if info.macro:
            macro = snapshot.params.get(f"macro{info.macro.macro}.value", 0.0)
            unit = info.macro.low + (info.macro.high - info.macro.low) * macro
            text, colour = words.source_name(f"macro{info.macro.macro}", self.gestures.session.patch.macros), "violet"
        quiet = self._is_quiet()
        if self.gestures.is_learning(self.target):
            text, colour = "move a control", "rose"
        moved = self.gestures.modulated(self.target, unit, snapshot)
        state = (unit, text, self.hot, self.aimed, quiet, moved)
        if state == self._shown:
            return
        self._shown, self.value = state, unit
        self._turn(unit, quiet)
        self._show_ring(moved)
        self._write(self._canvas.fit(text, self.rect.w + self._canvas.px(8), "small"),
                    "faint" if quiet and colour == "text" else colour)
        set_colour(self._name_item, "faint" if quiet else "dim")

    def _is_quiet(self) -> bool:
        index = self._index
        return index < 0 or self.gestures.session.effects[index].bypass

    # ---- gestures --------------------------------------------------------------------------------------------------
    def set_unit(self, unit: float, fine: bool = False) -> None:
        """Turn it by hand."""
        if self._index >= 0:
            self.gestures.session.set_effect_unit(self._index, self.param.name, unit, gesture=("hand", self._key, self.param.name))

    def put(self, value: float) -> None:
        """Turn it to a place of its range."""
        self.gestures.session.end_gesture()
        self.set_unit(value)
        self.gestures.session.end_gesture()

    def take_typed(self, text: str) -> None:
        """As the plug-in itself reads it. Raises UserError with what it says."""
        self.gestures.session.end_gesture()
        self.gestures.session.type_effect_param(self._index, self.param.name, text)
        self.gestures.session.end_gesture()

    def wheel(self, clicks: float, fine: bool) -> None:
        """A click is 1/40 of the range, 1/400 when fine; a place where there are few."""
        steps = self._info.steps
        by = 1 / (steps - 1) if 1 < steps <= _FEW else 1 / 400 if fine else 1 / 40
        self.set_unit(min(max(self.value + clicks * by, 0.0), 1.0))

    def reset(self) -> None:
        """To the plug-in's own default."""
        self.put(self._info.home)

    def _macro_rows(self) -> list[MenuRow]:
        s = self.gestures.session

        def row(n: int) -> MenuRow:
            name = words.source_name(f"macro{n}", s.patch.macros)
            return MenuRow(f"{name} turns it", lambda: s.put_effect_on_macro(self._index, self.param.name, MacroRow(n)))
        return [row(n) for n in range(1, N_MACROS + 1)]

    def menu(self) -> list[MenuRow]:
        """Type, default, learn, modulate, macro, copy and paste."""
        g, target = self.gestures, self.target
        rows = [MenuRow(f"{self._plugin} {self.param.label}", None, target),
                MenuRow("Type a value", lambda: g.type_value(self), "Enter"), MenuRow("Default", self.reset, "Home")]
        rows.append(MenuRow("Stop learning" if g.is_learning(target) else "Learn a control", lambda: g.learn(target), "Ctrl L", rule=True))
        rows += g.forget_rows(target)
        macro = self._info.macro
        rows.append(MenuRow("Modulate with …", self.ask_source, "Ctrl M", rule=True))
        rows += [MenuRow(f"Remove {words.source_name(row.source, g.session.patch.macros)} {g.depth_words(row)}",
                         partial(g.session.remove_row, row.slot)) for row in g.rows_of(target)]
        rows.append(MenuRow("A macro turns it …", lambda: g.open_menu(self._macro_rows(), self.rect), rule=True))
        if macro:
            source = words.source_name(f"macro{macro.macro}", g.session.patch.macros)
            rows += [MenuRow(f"Remove {source}", lambda: g.session.put_effect_on_macro(self._index, self.param.name, None)),
                     MenuRow(f"{source} turns it the other way", lambda: g.session.put_effect_on_macro(
                         self._index, self.param.name, MacroRow(macro.macro, macro.high, macro.low)))]
        return rows + [MenuRow("Copy value", lambda: g.copy(self), "Ctrl C", rule=True),
                       MenuRow("Paste value", lambda: g.paste(self), "Ctrl V")]

    def tip(self, at: Pointer) -> list[str]:
        """Name and value, what moves it."""
        return [f"{self.param.label}   {self._info.text}", *self.gestures.row_lines(self.target)]


class WetKnob(PluginKnob):
    """How much of a row is heard beside what goes into it."""

    def __init__(self, canvas: Canvas, row: HostedEffect, rect: Rect, gestures: "Gestures", size: float = 34) -> None:
        super().__init__(canvas, row, _wet_info(row), rect, gestures, lambda name: self._wet(), size)

    def _wet(self) -> EffectParam | None:
        index = self._index
        return _wet_info(self.gestures.session.effects[index]) if index >= 0 else None

    def set_unit(self, unit: float, fine: bool = False) -> None:
        """Turn it by hand."""
        if self._index >= 0:
            self.gestures.session.set_effect(self._index, wet=min(max(unit, 0.0), 1.0))

    def take_typed(self, text: str) -> None:
        """A part of 1, or %."""
        self.put(read_typed(self.param, text))

    def menu(self) -> list[MenuRow]:
        """Type, default, learn, modulate, copy and paste."""
        return [row for row in super().menu() if "turns it" not in row.words]


def _wet_info(row: HostedEffect) -> EffectParam:
    return EffectParam("wet", words.CHAIN["wet"], row.wet, f"{100 * row.wet:.0f} %", 1.0)
