"""What a hand can do to any knob, whichever control shows it: turn (and wake what sleeps), type, modulate, learn, lock, copy and paste."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import UserError
from ..params.knobs import PARAMS
from ..session.modulation import mod_rows
from . import drops, wake, words
from .geometry import Rect
from .gesture_menus import KnobControl, Menus
from .newest import NewestMessage
from .widgets.menu_row import MenuRow

if TYPE_CHECKING:
    from ..session.learning import Learning
    from ..session.session import Session


class Gestures(Menus):
    """Shared by every control of the window. ask_value: opens the line that a value is typed in, over a control.
    open_menu: opens a list beside a place.
    """

    def __init__(self, session: "Session", ask_value: Callable[[KnobControl], object],
                 open_menu: Callable[[list[MenuRow], Rect], object]) -> None:
        super().__init__(session)
        self.ask_value, self.open_menu = ask_value, open_menu
        self.width = 0.0  # of the window, in pixels
        self.menu_at = Rect(0, 0, 1, 1)  # beside which the newest menu opened
        self.copied: tuple[str, float] | None = None  # a knob's unit of range, to paste
        self.essentials: Callable[[], list[str]] = lambda: []  # knobs of the play view; `choose_essential` puts one in another's place
        self.choose_essential: Callable[[str, str], object] = lambda name, before: None
        self.touched: list[str] = []  # knobs touched lately, newest first
        self._kept: dict[str, float] = {}  # of modules that their switch put to sleep: what their knob had
        self.newest = NewestMessage(session)
        self._learning: tuple[str, Learning] | None = None

    def see(self) -> None:
        """Once a frame, before controls are drawn."""
        self.look_up(self._learning[0] if self._learning and self.is_learning(self._learning[0]) else "")

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

    def copy(self, control: KnobControl) -> None:
        """Keep a knob's value, to paste it elsewhere."""
        self.copied = (control.param.unit, control.value)

    def paste(self, control: KnobControl) -> None:
        """The copied value, where this knob can have it."""
        if self.copied:
            if not control.param.low <= self.copied[1] <= control.param.high:
                raise UserError(f"{words.full_name(control.param)} cannot be {self.copied[1]:g}")
            control.put(self.copied[1])
