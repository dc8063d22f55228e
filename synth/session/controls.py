"""The control map of a playing instrument: which rows are heard, numbers of MIDI inputs, learning, actions that controls ask for."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ..engine.engine import Engine
from ..engine.modulation.control_table import compile_rows, rows_for_engine
from ..errors import UserError
from ..events import MAX_DEVICES, Event, Kind
from ..params.controls import ACTIONS, NONE, PANIC
from ..patch.control_map import ControlMap, ControlRow, PlacedRow
from ..patch.hosted_effect import parse_target
from .control_files import (
    FOLDER,
    Layer,
    device_name,
    device_of,
    keep_changed,
    keep_row,
    known_devices,
    layers_with,
    layers_without,
    placed_rows,
    read_layers,
)
from .learning import Learning
from .pick_up import PickUp

_WHEEL, _RESET = 1, 121  # controllers


class Controls:
    """`begin` before the first block, `follow` at every load, `take` with every row of the journal; from any thread.

    frame: at which what is asked for now takes effect. actions: name (of `params.controls.ACTIONS`) -> what is done; called in the
    thread of `take`, so quick or in a thread of its own.
    """

    def __init__(self, engine: Engine, tell: Callable[[str], None], frame: Callable[[], int]) -> None:
        self._engine, self._tell, self._frame = engine, tell, frame
        self.actions: dict[str, Callable[[], object]] = {}
        self.name_target: Callable[[str], str] = lambda target: target  # in what is told
        self.wheel = 0.0  # where the modulation wheel stands, 0..1
        self.map = ControlMap(())
        self.maps: dict[int, ControlMap] = {}  # by the number of the event that brings them; the log reads and forgets them
        self._lock = threading.RLock()
        self._learning: Learning | None = None
        self._layers, told = read_layers()
        named = (row.device for _, rows in self._layers for row in rows if row.device)
        self._devices: list[str] = list(dict.fromkeys((*known_devices(), *named)))
        self._present: set[str] = set()
        self._own: tuple[ControlRow, ...] = ()
        self._directions: Sequence[str] = ()
        self._table = b""
        self.answer(lambda layers: None, lambda row: None, lambda row, event: None, lambda target: None)
        self._told_rows: list[ControlRow] = []  # by number, of the map that the journal speaks of
        for sentence in told:
            tell(sentence)

    def answer(self, learnt: Callable[[tuple[Layer, ...]], object], own_row: Callable[[ControlRow], object],
               turn_plugin: Callable[[ControlRow, Event], object], present: Callable[[str], float | None]) -> None:
        """Who is told from now on. learnt: the user's rows, after one was put among them. own_row: one to be kept with the sound.
        turn_plugin: a row of a plug-in's parameter, and what the journal tells of its control. present: slider position of a knob.
        """
        self._learnt, self._own_row, self._turn_plugin = learnt, own_row, turn_plugin
        self._pick_up = PickUp(present)
        self._pick_up.use(self.map.rows, self._devices)

    @property
    def rows(self) -> list[PlacedRow]:
        """Every row that may be heard, with where it comes from."""
        with self._lock:
            return placed_rows(self._layers, self._own)

    def begin(self, own: tuple[ControlRow, ...], directions: Sequence[str]) -> ControlMap:
        """Before the first block: the map of the first patch."""
        with self._lock:
            self._own, self._directions = own, directions
            self._engine.begin_controls(self._compile())
            self._told_rows = rows_for_engine(self.map.rows)
            self._pick_up.use(self.map.rows, self._devices)
            return self.map

    def follow(self, own: tuple[ControlRow, ...], directions: Sequence[str], frame: int | None = None) -> None:
        """A patch with rows of its own is heard from a frame on, or now: so is its map, if it is another one."""
        with self._lock:
            self._own, self._directions = own, directions
            self._install(self._frame() if frame is None else frame)

    def _compile(self):
        self.map = ControlMap(tuple(placed.row for placed in placed_rows(self._layers, self._own)), tuple(self._devices))
        table = compile_rows(self.map.rows, self._directions, {name: i for i, name in enumerate(self._devices, 1)})
        self._table = table.tobytes()
        return table

    def _install(self, frame: int) -> None:
        before = self._table
        table = self._compile()
        if self._table != before:
            now = self.map
            self._engine.load_controls(table, frame, lambda serial: self.maps.__setitem__(serial, now))

    def device_number(self, port: str) -> int:
        """Number of the device that a MIDI input is, for its events; 0 where there are too many."""
        with self._lock:
            name = device_of(port, self._devices)
            if name is None:
                name = device_name(port)
                if name not in self._devices:
                    self._devices.append(name)
            self._present.add(name)
            number = self._devices.index(name) + 1
            return number if number <= MAX_DEVICES else 0

    def tell_absent(self) -> None:
        """Say which devices have rows but no MIDI input yet; they are heard as soon as it comes."""
        with self._lock:
            absent = [name for name in known_devices() if name not in self._present]
        for name in absent:
            self._tell(f"{FOLDER}/{name}.json waits: no MIDI input named '{name}' is connected")

    # ---- learning --------------------------------------------------------------------------------------------------
    def learn(self, target: str) -> Learning:
        """The next control that is moved is to move `target`, from now on and in its device's file. Raises UserError."""
        learning = Learning(target)
        with self._lock:
            if self._learning:
                self._learning.cancel()
            self._learning = learning
        return learning

    def put(self, row: ControlRow, device: str) -> None:
        """A row of the user's is heard from now on and kept in the device's file ('': that of every input).

        Where the file cannot be written the row is heard until the end, and that is told.
        """
        with self._lock:
            if device and device not in self._devices:
                self._devices.append(device)
            self._layers = layers_with(self._layers, replace(row, device=device))
            self._install(self._frame())
            layers = self.layers
        self._learnt(layers)
        try:
            keep_row(row, device)
        except UserError as error:
            self._tell(f"{error}; {row.source} moves {row.target} until the end")

    def forget(self, placed: PlacedRow) -> None:
        """A control moves nothing any more; one that the defaults or the preset give gets a row of the user's that says so."""
        with self._lock:
            kept = layers_without(self._layers, placed)
            ours = kept != self._layers
        if not ours:
            self.put(replace(placed.row, target=NONE, mode="jump"), placed.row.device)
            return
        write = self.bring_back(tuple(kept))
        self._learnt(self.layers)
        try:
            write()
        except UserError as error:
            self._tell(f"{error}; {placed.row.source} is silent until the end")

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The user's rows, by where they are kept."""
        return tuple(self._layers)

    def bring_back(self, layers: tuple[Layer, ...]) -> Callable[[], None]:
        """The user's rows are as they were at another step; answers what writes them into their files. Raises UserError."""
        with self._lock:
            before, self._layers = self._layers, list(layers)
            self._install(self._frame())
        return partial(keep_changed, before, layers)

    def take(self, taken: Sequence[tuple[int, Event]]) -> None:
        """Rows of the journal: actions are done, and what is being learnt learns."""
        now_s = time.monotonic()
        for _, event in taken:
            if event.kind == Kind.CONTROL:
                self._pick_up.take(event, now_s)
                if event.number in (_WHEEL, _RESET):
                    self.wheel = event.value / 127 if event.number == _WHEEL else 0.0
            elif event.kind == Kind.ACTION and 0 <= event.number < len(ACTIONS):
                self._act(event.number)
            elif event.kind == Kind.CONTROLS:
                now = self.maps.get(event.number, ControlMap(()))
                self._told_rows = rows_for_engine(now.rows)
                self._pick_up.use(now.rows, self._devices)
            elif event.kind in (Kind.PLUGIN_AT, Kind.PLUGIN_STEPS) and event.number < len(self._told_rows):
                self._turn_plugin(self._told_rows[event.number], event)
        for row, value in self._pick_up.step(now_s):
            self._tell(f"{_control_name(row)} moves {self.name_target(row.target)} once it passes {value:.0%}, where that is now")
        learning = self._learning
        if learning is None or learning.done.is_set():
            return
        try:
            found = learning.take(taken, now_s)
        except UserError as error:
            self._tell(str(error))
            learning.cancel()
            return
        if found:
            self._finish(learning, *found)

    def heard_osc(self, path: str, value: float) -> bool:
        """From any thread: an OSC path came with a value; answers whether somebody is learning, and `take` will see it."""
        learning = self._learning
        if learning is None or learning.done.is_set():
            return False
        learning.hear_osc(path, value)
        return True

    def _finish(self, learning: Learning, row: ControlRow, number: int) -> None:
        device = self._devices[number - 1] if 0 < number <= len(self._devices) else ""
        try:
            if parse_target(row.target):  # of this sound's chain
                self._own_row(replace(row, device=device))
            else:
                self.put(row, device)
        except UserError as error:  # the engine takes no more for now
            self._tell(str(error))
        learning.row = row
        learning.done.set()
        row = replace(row, device=device)
        self._tell(f"{_control_name(row)} moves {self.name_target(row.target)}")
        self._pick_up.take_learnt(row, number, time.monotonic())

    def _act(self, number: int) -> None:
        if number == PANIC and ACTIONS[number] not in self.actions:  # which the engine has answered on its frame
            return
        try:
            self.act(ACTIONS[number])
        except UserError as error:
            self._tell(str(error))

    def act(self, name: str) -> None:
        """Do what an action's name says. Raises UserError."""
        action = self.actions.get(name)
        if action is None:
            raise UserError(f"a control asks for '{name[:80]}', which cannot be had here (there are {', '.join(self.actions)})")
        action()


def _control_name(row: ControlRow) -> str:
    return f"{row.source}{f' of {row.device}' if row.device else ''}"

