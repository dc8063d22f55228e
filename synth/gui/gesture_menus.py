"""Menus that a right click, or a key, opens on knobs, latents and sources: rows of words and what they do."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ..params.knobs import MOD_SOURCES, MOD_TARGETS, PARAMS
from ..params.param import Param
from ..session.modulation import mod_rows
from ..text import printable
from . import words
from .geometry import Rect
from .knob_facts import KnobFacts
from .widgets.menu_row import MenuRow


class KnobControl(Protocol):
    """What is asked of a control of a knob here: so that this file needs none that needs it."""

    param: Param
    value: float
    rect: Rect
    takes_source: bool

    @property
    def target(self) -> str:
        """The knob a source moves."""

    def reset(self) -> None:
        """Back to the default."""

    def entry_rect(self) -> Rect:
        """Where a value is typed."""

    def shown(self) -> str:
        """The value as it is shown."""

    def put(self, value: float) -> None:
        """Turn it to a value."""

    def take_typed(self, text: str) -> None:
        """What was typed becomes the value."""


class Menus(KnobFacts):
    """A part of `Gestures`, which does what the rows say."""

    menu_at: Rect
    if TYPE_CHECKING:  # what the whole has
        open_menu: Callable[[list[MenuRow], Rect], object]
        is_learning: Callable[[str], bool]
        learn: Callable[[str], None]
        type_value: Callable[[KnobControl], None]
        copy: Callable[[KnobControl], None]
        paste: Callable[[KnobControl], None]
        drop_source: Callable[..., int]
        essentials: Callable[[], list[str]]
        choose_essential: Callable[[str, str], object]

    def knob_menu(self, control: KnobControl) -> list[MenuRow]:
        """What a right click on a knob offers."""
        param, name = control.param, control.param.name
        rows = [
            MenuRow(words.full_name(param, self.directions), None, name),
            MenuRow("Type a value", lambda: self.type_value(control), "Enter"),
            MenuRow(f"Default   {words.show_value(param, param.default)}", control.reset, "Home"),
            MenuRow("Stop learning" if self.is_learning(name) else "Learn a control", lambda: self.learn(name), "Ctrl L", rule=True),
        ]
        rows += self.forget_rows(name)
        if control.takes_source:
            rows.append(MenuRow("Modulate with …", lambda: self.ask_source(control), "Ctrl M", rule=True))
            rows += [MenuRow(f"Remove {words.source_name(row.source, self.session.patch.macros)} {self.depth_words(row)}",
                             partial(self.session.remove_row, row.slot), "ring")
                     for row in self.rows_of(name)]
        if param.group is not None and not name.startswith("mod"):
            if name in self.essentials():
                rows.append(MenuRow("Another one in its place …", lambda: self.open_menu(
                    self.target_rows(lambda other: self.choose_essential(other, name)), control.rect), "essentials", rule=True))
            else:
                rows.append(MenuRow("Among the essentials", lambda: self.choose_essential(name, self.essentials()[-1]), rule=True))
        rows.append(self.lock_row(name))
        rows += [MenuRow("Copy value", lambda: self.copy(control), "Ctrl C", rule=True),
                 MenuRow("Paste value", lambda: self.paste(control), "Ctrl V")]
        return rows

    def forget_rows(self, target: str) -> list[MenuRow]:
        """Take away what controls move a target."""
        return [MenuRow(f"Forget {placed.row.source}", partial(self.session.forget_control, placed), placed.row.device or placed.origin)
                for placed in self.session.control_rows_of(target)]

    def lock_row(self, name: str) -> MenuRow:
        """Let Random and Breed leave a knob alone, or no longer."""
        locked = self.is_locked(name)
        return MenuRow("Unlock" if locked else "Lock", partial(self.session.lock, name, not locked), "for Random, Breed", rule=True)

    def latent_menu(self, target: str, title: str, reset: Callable[[], object], rect: Rect, home: str = "Default") -> list[MenuRow]:
        """What a right click on what can be moved and reset offers. home: what its reset is called."""
        macros = self.session.patch.macros
        learn = "Stop learning" if self.is_learning(target) else "Learn a control"
        rows = [MenuRow(title, None, target), MenuRow(home, reset, "Home"),
                MenuRow(learn, lambda: self.learn(target), "Ctrl L", rule=True)]
        rows += self.forget_rows(target)
        sources = [MenuRow(words.source_name(s, macros), partial(self.drop_source, s, target)) for s in MOD_SOURCES if s != "none"]
        rows.append(MenuRow("Modulate with …", lambda: self.open_menu(sources, rect), "Ctrl M", rule=True))
        rows.append(self.lock_row(target))
        return rows + [MenuRow(f"Remove {words.source_name(row.source, macros)} {self.depth_words(row)}",
                               partial(self.session.remove_row, row.slot)) for row in self.rows_of(target)]

    def target_rows(self, take: Callable[[str], object]) -> list[MenuRow]:
        """Every knob that a source can move, by modules: a list that opens another."""
        groups: dict[str, list[str]] = {}
        for name in (name for name in MOD_TARGETS[1:] if name in PARAMS):
            kind, _, number = name.partition(".")
            most = {"latent": len(self.session.latents), "direction": len(self.directions)}.get(kind)
            if most is not None and int(number) > most:
                continue
            group = PARAMS[name].group
            groups.setdefault(words.title_of(group.name, group.title) if group else kind, []).append(name)

        def inside(names: list[str]) -> None:
            self.open_menu([MenuRow(words.full_name(PARAMS[n], self.directions), partial(take, n)) for n in names], self.menu_at)
        plugins = [MenuRow(printable(row.name), partial(self._ask_plugin, n, take), "plug-in ›")
                   for n, row in enumerate(self.session.effects, 1)]
        return [*(MenuRow(title, partial(inside, names), "›") for title, names in groups.items()), *plugins]

    def _ask_plugin(self, number: int, take: Callable[[str], object]) -> None:
        """Every parameter of a plug-in of the chain, by its place from 1, and how much of it is heard."""
        row = self.session.effects[number - 1]
        named = [("wet", words.CHAIN["wet"]), *((p.name, p.label or p.name) for p in self.session.effect_params(row))]
        self.open_menu([MenuRow(printable(label), partial(take, f"effect.{number}.{name}")) for name, label in named], self.menu_at)

    def source_rows(self, control: KnobControl) -> list[MenuRow]:
        """Every source, to let it move a knob."""
        macros = self.session.patch.macros
        return [MenuRow(words.source_name(s, macros), partial(self.drop_source, s, control.target), "in use" if self.is_used(s) else "")
                for s in MOD_SOURCES if s != "none"]

    def ask_source(self, control: KnobControl) -> None:
        """Which source shall move a knob."""
        self.open_menu(self.source_rows(control), control.rect)

    def source_menu(self, source: str) -> list[MenuRow]:
        """What a right click on a source offers: its rows, to remove."""
        rows = [row for row in mod_rows(self.session.patch) if row.source == source]
        found = [MenuRow(f"Remove {self.target_words(row.target)} {self.depth_words(row)}",
                         partial(self.session.remove_row, row.slot)) for row in rows]
        none = [MenuRow("moves nothing yet: drag it onto a control")]
        return [MenuRow(words.source_name(source, self.session.patch.macros)), *(found or none)]
