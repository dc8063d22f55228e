"""What a hand can do to any knob, whichever control shows it: turn (and wake what sleeps), type, modulate, learn, lock, copy and paste."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import UserError
from ..params.knobs import EFFECT_TARGET, PARAMS
from ..patch.hosted_effect import parse_target
from ..session.differences import value_of
from ..session.modulation import ModRow, is_two_way, mod_rows, moved_unit
from ..text import printable
from . import drops, wake, words
from .geometry import Rect
from .gesture_menus import KnobControl, Menus
from .newest import NewestMessage
from .part_rows import PartRows, reach_of
from .widgets.menu_row import MenuRow

if TYPE_CHECKING:
    from ..patch.patch import Patch
    from ..session.controls import Learning
    from ..session.session import Session
    from ..session.view_state import Snapshot

_BUILT_IN = {  # of the filter, by source
    "env2": ("filter.env_semitones",), "velocity": ("filter.velocity_semitones",), "key": ("filter.keytrack",)}


class Gestures(Menus):
    """Shared by every control of the window. ask_value: opens the line that a value is typed in, over a control.
    open_menu: opens a list beside a place.
    """

    def __init__(self, session: "Session", ask_value: Callable[[KnobControl], object],
                 open_menu: Callable[[list[MenuRow], Rect], object]) -> None:
        self.session, self.ask_value, self.open_menu = session, ask_value, open_menu
        self.width = 0.0  # of the window, in pixels
        self.menu_at = Rect(0, 0, 1, 1)  # beside which the newest menu opened
        self.copied: tuple[str, float] | None = None  # a knob's unit of range, to paste
        self.essentials: Callable[[], list[str]] = lambda: []  # knobs of the play view; `choose_essential` puts one in another's place
        self.choose_essential: Callable[[str, str], object] = lambda name, before: None
        self.touched: list[str] = []  # knobs touched lately, newest first
        self._kept: dict[str, float] = {}  # of modules that their switch put to sleep: what their knob had
        self.stamp = 0  # as of `see`: another number where knobs may look different for something else than their value
        self.moved: frozenset[str] = frozenset()  # as of `see`: targets that modulation moves
        self._seen: tuple = ()
        self._patch: Patch | None = None
        self._rows: dict[str, list[ModRow]] = {}
        self._sources: set[str] = set()
        self._part_rows = PartRows()
        self.newest = NewestMessage(session)
        self._learning: tuple[str, Learning] | None = None

    # ---- what is ---------------------------------------------------------------------------------------------------
    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the model's directions."""
        return self.session.directions

    def value(self, name: str) -> float:
        """A knob's value in the document."""
        return value_of(self.session.patch, name)

    def see(self) -> None:
        """Once a frame, before controls are drawn: what all of them would ask for is looked up."""
        self._look()
        learning = self._learning[0] if self._learning and self.is_learning(self._learning[0]) else ""
        seen = (self._patch, self.session.locked_knobs, learning)
        if len(self._seen) != 3 or seen[0] is not self._seen[0] or seen[1:] != self._seen[1:]:
            self._seen, self.stamp = seen, self.stamp + 1
            self.moved = self._part_rows.targets.union(self._rows)

    def _look(self) -> None:
        patch = self.session.patch
        if patch is self._patch:
            return
        self._patch, self._rows, self._sources = patch, {}, set()
        for row in mod_rows(patch):
            self._rows.setdefault(row.target, []).append(row)
            if not row.bypass:
                self._sources |= {row.source, row.via}
        self._part_rows.look(patch)

    def rows_of(self, target: str) -> list[ModRow]:
        """Rows of the matrix that move a knob."""
        self._look()
        return self._rows.get(target, [])

    def is_used(self, source: str) -> bool:
        """Whether a source moves anything."""
        self._look()
        return source in self._sources or source in self._part_rows.sources or bool(self.built_in(source))

    def built_in(self, source: str) -> list[str]:
        """Knobs by which a source moves something without a row of the matrix."""
        asleep = wake.is_asleep("filter", self.value) if source in _BUILT_IN else True
        return [name for name in _BUILT_IN.get(source, ()) if not asleep and self.value(name) != 0]

    def modulated(self, target: str, unit: float, snapshot: "Snapshot") -> tuple[float, float, float] | None:
        """(low, high, now) slider positions between which rows, a morph's parts' too, move a knob at `unit`; None where none does."""
        rows = self.rows_of(target)
        if not rows and target not in self._part_rows.targets:
            return None
        low, high, now = (unit + away for away in self._part_rows.reach(target, snapshot))
        for row in (row for row in rows if not row.bypass):
            reach = reach_of(row, is_two_way(self.session.patch, row.source))
            low, high = low + reach[0], high + reach[1]
            now += moved_unit(row, 0.0, snapshot)
        return low, high, now

    def is_quiet(self, name: str) -> bool:
        """Whether a knob does nothing now: its module sleeps, its LFO or envelope moves nothing, a macro has no row."""
        group = name.partition(".")[0]
        if group in ("env2", "env3") or group.startswith(("lfo", "macro")):
            return not self.is_used(group) or (name.endswith(".rate_hz") and self.value(f"{group}.sync") != 0)
        if name == "delay.time_s" and self.value("delay.sync") != 0:
            return True
        if group == "unison" and name != "unison.voices":
            return self.value("unison.voices") == 1
        return wake.is_asleep(group, self.value)

    def is_morphed(self, name: str) -> bool:
        """Whether a knob's value comes from the parts of a morph, which have it at different ones."""
        morph = self.session.morph
        return morph is not None and name not in self.session.patch.params and len({value_of(part, name) for part in morph.parts}) > 1

    def is_locked(self, name: str) -> bool:
        """Whether Random and Breed leave a knob alone."""
        return name in self.session.locked_knobs

    def is_learning(self, name: str) -> bool:
        """Whether the next control that is moved will move this knob."""
        if self._learning and self._learning[1].done.is_set():
            (target, learnt), self._learning = self._learning, None
            if learnt.row is not None and target in PARAMS:
                self._wake(target)  # a control that moves a module that is off would not be heard
        return self._learning is not None and self._learning[0] == name

    def is_learning_any(self) -> bool:
        """Whether a control is waited for."""
        return self._learning is not None and self.is_learning(self._learning[0])

    def row_lines(self, target: str) -> list[str]:
        """What moves a knob, a line each."""
        rows = [("", row) for row in self.rows_of(target)] + [(f" in {part}", row) for part, row in self._part_rows.of(target)]
        return [f"{words.source_name(row.source, self.session.patch.macros)} {self.depth_words(row)}{where}" for where, row in rows]

    def rows_of_parts(self) -> list[tuple[str, ModRow, bool]]:
        """Rows that a morph's parts bring: (letter of the part, row, whether its source swings to both sides)."""
        self._look()
        return self._part_rows.all()

    def depth_line(self, row: ModRow) -> str:
        """A row in words: what moves what, how far."""
        source = words.source_name(row.source, self.session.patch.macros)
        return f"{source}: {self.target_words(row.target)} {self.depth_words(row)}"

    def depth_words(self, row: ModRow, two_way: bool | None = None) -> str:
        """A row's depth in the target's unit. two_way: whether its source swings to both sides; None: as in this sound."""
        kind, _, number = row.target.partition(".")
        span = None
        if kind == "latent" and int(number) <= len(self.session.latents):
            info = self.session.latents[int(number) - 1]
            span = info.high - info.low
        swings = is_two_way(self.session.patch, row.source) if two_way is None else two_way
        return words.show_depth(PARAMS.get(row.target, words.OF_PLUGIN), row.amount, swings, span)

    # ---- turning ---------------------------------------------------------------------------------------------------
    def set_value(self, name: str, value: object, *, wake: bool = True) -> None:
        """Turn a knob by hand; its module wakes, in the same step of undo."""
        self._touch(name)
        if wake:
            if woken := self._wake(name):
                self.session.tell(woken)
        self.session.set_param(name, value, gesture=("hand", name))

    def _touch(self, name: str) -> None:
        if self.touched[:1] != [name]:
            self.touched = [name, *(n for n in self.touched if n != name)][:14]

    def _wake(self, name: str) -> str:
        """What that switched on, in words; '' where its module was awake."""
        found = wake.waking(name, self.value)
        if not found:
            return ""
        switch, on = found
        self.session.set_param(switch, self._kept.pop(switch, on), gesture=("hand", name))
        return self._switched_on(switch)

    def _switched_on(self, switch: str) -> str:
        module = PARAMS[switch].group
        title = words.title_of(module.name, module.title) if module else words.full_name(PARAMS[switch])
        return f"{title} is on: {words.show_value(PARAMS[switch], self.value(switch))}"

    def toggle_module(self, group: str) -> None:
        """A module's switch: asleep it keeps what it had, awake it has it again."""
        sleeper = wake.SLEEPERS[group]
        now = self.value(sleeper.switch)
        asleep = now == sleeper.off
        if not asleep:
            self._kept[sleeper.switch] = now
        self.session.end_gesture()
        self.session.set_param(sleeper.switch, self._kept.pop(sleeper.switch, sleeper.on) if asleep else sleeper.off)
        self.session.end_gesture()

    def type_value(self, control: KnobControl) -> None:
        """Let a value be typed."""
        self.ask_value(control)

    def take_typed(self, control: KnobControl, text: str) -> None:
        """What was typed becomes the value. Raises UserError with what may be typed."""
        control.take_typed(text)

    # ---- modulation ------------------------------------------------------------------------------------------------
    def drop_source(self, source: str, target: str, amount: float | None = None) -> int:
        """A source was dropped on a knob; what that did is told."""
        self._touch(target)
        before, others = self.rows_of(target), self.session.first_depth(source, target)[1] if amount is None else {}
        found = wake.waking(target, self.value)  # in the same step of undo
        slot = self.session.modulate(source, target, amount, also={found[0]: self._kept.get(*found)} if found else None)
        woken = self._wake(target) or (self._switched_on(found[0]) if found else "")  # a row that was there already wakes it too
        row = next(row for row in mod_rows(self.session.patch) if row.slot == slot)
        self.session.tell_for_now(drops.known(self, row) if row in before and amount is None else drops.dropped(self, row, others, woken))
        return slot

    def is_two_way(self, source: str) -> bool:
        """Whether a source swings to both sides."""
        return is_two_way(self.session.patch, source)

    def depth_of(self, source: str, target: str, amount: float) -> str:
        """A depth in the target's unit, before there is a row."""
        return self.depth_words(ModRow(0, source, target, amount, "none"))

    def moved_by(self, source: str) -> list[str]:
        """What a source moves, a line each."""
        built_in = [f"{words.full_name(PARAMS[name])} {words.show_value(PARAMS[name], self.value(name))}" for name in self.built_in(source)]
        return built_in + [f"{self.target_words(row.target)} {self.depth_words(row)}"
                           for row in mod_rows(self.session.patch) if source in (row.source, row.via)]

    def turn_depth(self, target: str, by: float) -> None:
        """The ring was dragged: the newest row's depth changes."""
        rows = self.rows_of(target)
        if rows:
            row = max(rows, key=lambda r: r.slot)
            self.session.set_row(row.slot, gesture=("depth", row.slot), amount=min(max(row.amount + by, -1.0), 1.0))

    def remove_newest_row(self, target: str) -> None:
        """Double click on the ring."""
        rows = self.rows_of(target)
        if rows:
            self.session.remove_row(max(rows, key=lambda r: r.slot).slot)

    # ---- learning and the menu -------------------------------------------------------------------------------------
    def learn(self, target: str) -> None:
        """The next control that is moved moves this, a knob or a plug-in's parameter; again: no longer."""
        if self._learning and self.is_learning(target):
            self._learning[1].cancel()
            self._learning = None
            return
        self._learning = (target, self.session.learn(target))
        self.session.tell(f"move a control of yours: it will turn {self.target_words(target)} (Esc: none)")

    def stop_learning(self) -> bool:
        """No control is waited for any longer; whether one was."""
        if not self.is_learning_any() or self._learning is None:
            return False
        self.learn(self._learning[0])
        self.session.tell("no control is waited for any longer")
        return True

    def target_words(self, target: str) -> str:
        """What a row of the matrix or of the control map moves."""
        if target in PARAMS:
            return words.full_name(PARAMS[target], self.directions)
        if target in words.CONTROL_TARGETS:
            return words.CONTROL_TARGETS[target]
        found = parse_target(target)
        if found and found[0] < len(self.session.effects):
            return f"{printable(self.session.effects[found[0]].name)} {found[1].replace('_', ' ')}"
        return "a plug-in that is gone" if target == EFFECT_TARGET else target

    def copy(self, control: KnobControl) -> None:
        """Keep a knob's value, to paste it elsewhere."""
        self.copied = (control.param.unit, control.value)

    def paste(self, control: KnobControl) -> None:
        """The copied value, where this knob can have it."""
        if self.copied:
            if not control.param.low <= self.copied[1] <= control.param.high:
                raise UserError(f"{words.full_name(control.param)} cannot be {self.copied[1]:g}")
            control.put(self.copied[1])
