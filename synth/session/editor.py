"""Edits of the document that the engine hears, and other sounds in its place. `journal_follower.py` has the way back, from the engine."""

import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..engine.engine import Engine
from ..errors import UserError
from ..events import set_corner, set_param
from ..params.knobs import CORNERS, FARTHEST
from ..patch.lfo_shape import Shape
from ..patch.mod_slots import number_of
from ..patch.patch import Patch, aim_target
from ..timbres.decode_worker import Decoder
from ..timbres.source_cache import Choices, Settings, SourceCache, as_orphan
from .differences import draw_lfo, events_between, is_edit, played_corners, with_corners
from .document import Document, Layers, State
from .journal_follower import JournalFollower
from .prepared import Prepared

_ROOM_S, _MOST_LOADS = 2.0, 3  # the engine holds four patches that wait for their frame
_OURS = ("window", "terminal", "osc", "clock")
_BESIDE = ("osc", "clock")  # what these turn is beside what a hand turns, as a controller is


class Editor(JournalFollower):
    """Edits from any thread; `prepare` from one thread at a time, and `follow` from the one that reads the journal.

    frame: at which what is posted now takes effect. clock: seconds, for gestures. remember: told each load's serial and patch; loaded: what
    was loaded, and from which frame. rows_changed: told the step before and now where an edit, undo or redo gave other rows of the control
    map.
    """

    def __init__(self, engine: Engine, decoder: Decoder, cache: SourceCache, patch: Patch, file: Path | None = None, *,
                 settings: Settings = (), frame: Callable[[], int], clock: Callable[[], float] = time.monotonic,
                 remember: Callable[[int, Patch], None] = lambda serial, patch: None,
                 loaded: Callable[["Prepared", int], None] = lambda ready, frame: None,
                 rows_changed: Callable[[State, State], None] = lambda before, now: None) -> None:
        super().__init__(engine, frame, clock, rows_changed)
        self.decoder, self.cache, self._remember, self._loaded = decoder, cache, remember, loaded
        first = self.prepare(cache.adopt(patch, settings), cache.choices)
        self.source, self.told = first.source, first.told
        self.document = Document(first.patch, file, cache.choices)
        decoder.begin(first.resolved)

    # ---- edits -----------------------------------------------------------------------------------------------------
    def set_param(self, name: str, value: object, producer: str = "window", gesture: Hashable = None, frame: int | None = None) -> None:
        """Turn a knob, at a frame or now. Raises UserError when out of range. gesture: what it is a part of; None: this knob's turning."""
        number = number_of(name, value)
        with self.lock:
            patch = self.document.patch
            aimed = aim_target(patch, name, value)
            if aimed is not patch or is_edit(patch, name, number):
                self._edit(replace(aimed, params={**patch.params, name: number}), gesture or name, producer in _BESIDE)
            self._post(set_param(name, number), producer, frame)

    def set_latent(self, index: int, value: float, weights: np.ndarray, others: float, producer: str = "window",
                   gesture: Hashable = None, frame: int | None = None) -> None:
        """Edit the corner with the greatest of `weights` float[4] so that a latent is played at `value`, `others` apart from the morph."""
        with self.lock:
            patch = self.document.patch
            if patch.morph is not None:
                raise UserError("the latents of a morph are its presets'; edit them there, or turn latent.1 and so on, offsets for all")
            corners, nearest = played_corners(patch, self.source), int(weights.argmax())
            rest = float(weights @ corners[:, index]) - float(weights[nearest]) * float(corners[nearest, index]) + others
            wanted = round(min(max((value - rest) / float(weights[nearest]), -FARTHEST), FARTHEST), 6)
            if corners[nearest, index] != wanted:
                corners[nearest, index] = wanted
                self._edit(with_corners(patch, corners), gesture or f"corner latent {index}", producer in _BESIDE)
            self._post(set_corner(CORNERS[nearest], index, wanted), producer, frame)

    def set_corner(self, corner: str, latents: np.ndarray, producer: str = "window", gesture: Hashable = None) -> None:
        """Put a corner at latents float[z]."""
        with self.lock:
            patch, row = self.document.patch, CORNERS.index(corner)
            corners = played_corners(patch, self.source)
            wanted = np.round(latents, 6)
            changed = np.flatnonzero(corners[row] != wanted)
            corners[row] = wanted
            moved = with_corners(patch, corners)
            if corner not in moved.corners:  # asked for by name, though it stands where its stand-in does
                moved = replace(moved, corners={**moved.corners, corner: tuple(float(x) for x in wanted)})
            self._edit(moved, gesture or f"corner {corner}")
            for index in changed:
                self._post(set_corner(corner, int(index), float(wanted[index])), producer)

    def set_lfo_shape(self, lfo: str, shape: Shape, producer: str = "window", gesture: Hashable = None) -> None:
        """Draw the free shape of an LFO, which plays it from then on."""
        with self.lock:
            drawn, events = draw_lfo(self.document.patch, lfo, shape)
            self._edit(drawn, gesture or f"shape of {lfo}")
            for event in events:
                self._post(event, producer)

    def begin_gesture(self) -> None:
        """The mouse was pressed: what it does until `end_gesture` is one step."""
        with self.lock:
            self.document.begin_gesture()

    def end_gesture(self) -> None:
        """The mouse was let go: the next edit is a step of its own."""
        with self.lock:
            self.document.end_gesture()

    def change_patch(self, change: Callable[[Patch], Patch], gesture: Hashable = None, together: bool = False) -> None:
        """An edit of what the engine is told otherwise or not at all. together: beside other gestures, as by controllers."""
        with self.lock:
            self._edit(change(self.document.patch), gesture, together)

    # ---- other sounds ----------------------------------------------------------------------------------------------
    def prepare(self, patch: Patch, choices: Choices, *, adopt: bool = False) -> Prepared:
        """What must be read and computed before a patch can sound; nothing changes yet. Raises UserError."""
        before, self.cache.choices = self.cache.choices, choices
        try:
            patch = self.cache.adopt(patch) if adopt else patch
            return Prepared(patch, choices, *self.cache.load(patch))
        finally:
            self.cache.choices = before

    def prepare_meanwhile(self, patch: Patch, choices: Choices) -> Prepared | None:
        """What can be heard at once of a patch whose model has to be opened or its morph path found first: the levels that it keeps.

        None where it can be played itself at once, or keeps none.
        """
        before, self.cache.choices = self.cache.choices, choices
        try:
            if not self.cache.has_to_wait(patch):
                return None
            patch = replace(patch, tuning=choices.tuning) if choices.tuning is not None else patch
            kept = as_orphan(patch)
            resolved, source, _ = self.cache.load(kept)
            return Prepared(patch, choices, resolved, source, "", kept)
        finally:
            self.cache.choices = before

    def open(self, ready: Prepared, file: Path | None, *, saved: bool = True) -> None:
        """Play another sound; one step of the document. Raises UserError where the engine takes no more for now."""
        self._sound(ready, lambda: self.document.open(ready.patch, file, ready.choices, saved=saved))

    def visit(self, ready: Prepared, state: State) -> None:
        """Play a state that was kept aside; one step of the document."""
        self._sound(ready, lambda: self.document.visit(state))

    def change(self, ready: Prepared, base: Patch) -> bool:
        """Play the sound `base` on another model, or in another tuning, as one step; False where an edit came between."""
        with self.lock:
            if base is not self.document.patch:
                return False
            self._sound(ready, lambda: self.document.change(ready.patch, ready.choices))
            return True

    def amend(self, ready: Prepared, base: Patch) -> bool:
        """The sound `base` is known better now, as if it always had been: no step. False where an edit came between."""
        with self.lock:
            if base is not self.document.patch:
                return False
            self._sound(ready, lambda: self.document.amend(ready.patch))
            return True

    def step(self, back: bool) -> bool:
        """Undo or redo where knobs and corners are all that differs, or there is nothing to do; else False: see `step_to`."""
        with self.lock:
            target = self._target(back)
            events = events_between(self.document.state, target, self.source) if target else []
            if target and events is not None:
                self._walk(back)
                for event in events:
                    self._post(event, "window")
            return events is not None

    def step_to(self, ready: Prepared, target: State, back: bool) -> bool:
        """Undo or redo to a state that `prepare` made ready; False where an edit came between."""
        with self.lock:
            if target is not self._target(back):
                return False
            self._sound(ready, lambda: self._walk(back))
            return True

    def _target(self, back: bool) -> State | None:
        return self.document.before if back else self.document.after

    def _walk(self, back: bool) -> None:
        before = self.document.state
        (self.document.undo if back else self.document.redo)()
        self._compare_rows(before)

    def learn(self, controls: Layers) -> None:
        """A control was learnt, as one step."""
        with self.lock:
            self.document.learn(controls)

    def _sound(self, ready: Prepared, note: Callable[[], None]) -> None:
        with self.lock:
            frame = max(self._frame(), 1 + max(self.engine.last_frame(producer) for producer in _OURS))  # after every edit before
            self.engine.load(ready.resolved, frame, lambda serial: self._began(serial, ready.logged or ready.patch))
            self._loaded(ready, frame)
            self._loaded_frame = frame
            self._unsent.clear()
            self.cache.choices = ready.choices
            self.source = ready.source
            note()

    def _began(self, serial: int, patch: Patch) -> None:
        self._loads.add(serial)
        self._remember(serial, patch)

    def wait_for_room(self) -> None:
        """Until the engine can take a patch at once. Raises UserError where it takes none."""
        deadline = time.monotonic() + _ROOM_S
        while len(self._loads) >= _MOST_LOADS:
            if time.monotonic() > deadline:
                raise UserError("presets change faster than the sound can follow; wait a moment and try again")
            time.sleep(0.002)
