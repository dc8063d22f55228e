"""The document: the sound being edited, its name and file, and every step back and forth.

Pure: it knows no engine, no thread and no clock. A step is a whole state, so that undo gives back exactly what was.
"""

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path

from ..patch.control_map import ControlRow
from ..patch.patch import Patch
from ..timbres.source_cache import Choices

Layers = tuple[tuple[str, tuple[ControlRow, ...]], ...]  # the user's rows of the control map, by where they are kept
MAX_STEPS = 2000
REST_S = 0.5  # edits of one knob that are nearer than this in time are one gesture, one step
_HAND = "hand"  # what a pressed mouse does, on however many knobs


class Origin:
    """Where the states since a load come from: their preset's file (None: not of a file) and the patch that stands in it."""

    def __init__(self, file: Path | None, saved: Patch | None) -> None:
        self.file, self.saved = file, saved


@dataclass(frozen=True, slots=True)
class State:
    """The document at one step. choices, controls: what the player picked for every preset, and what was learnt, which steps change too."""

    patch: Patch
    origin: Origin
    choices: Choices = Choices()
    controls: Layers = ()


class Document:
    """One sound with its history. Times are seconds of any clock that never goes back.

    version: counts every change, for readers that follow. loads: how many of them brought another sound.
    """

    def __init__(self, patch: Patch, file: Path | None = None, choices: Choices = Choices()) -> None:  # noqa: B008 - frozen
        self._now = State(patch, Origin(file, patch), choices)
        self._undo: deque[State] = deque(maxlen=MAX_STEPS)
        self._redo: list[State] = []
        self._gesture: dict[Hashable, tuple[float, bool]] = {}  # knobs of the newest step, when each was touched last, whether together
        self._is_held = False  # the mouse is down: however long it rests, its gesture goes on
        self.version = self.loads = 0

    # ---- what it is ------------------------------------------------------------------------------------------------
    @property
    def state(self) -> State:
        """The present step."""
        return self._now

    @property
    def patch(self) -> Patch:
        """The sound as it now is."""
        return self._now.patch

    @property
    def name(self) -> str:
        """Name of the sound."""
        return self._now.patch.name

    @property
    def file(self) -> Path | None:
        """The preset's file that it came from or was saved to; None for a sound that was never saved."""
        return self._now.origin.file

    @property
    def dirty(self) -> bool:
        """Whether it differs from what its file holds."""
        return self._now.patch is not self._now.origin.saved

    @property
    def before(self) -> State | None:
        """What undo would go back to."""
        return self._undo[-1] if self._undo else None

    @property
    def after(self) -> State | None:
        """What redo would bring."""
        return self._redo[-1] if self._redo else None

    def opened_from(self, file: Path) -> Patch | None:
        """What a file held when it was opened last, as far back as the steps go."""
        states = (self._now, *reversed(self._undo))
        return next((state.origin.saved for state in states if state.origin.saved is not None and state.origin.file == file), None)

    def around(self, most: int) -> tuple[list[State], State, list[State]]:
        """(at most so many steps before, oldest first; now; those after, the next one first)."""
        return list(self._undo)[-most:], self._now, self._redo[::-1][:most]

    # ---- steps -----------------------------------------------------------------------------------------------------
    def edit(self, patch: Patch, gesture: Hashable = None, now_s: float = 0.0, *, together: bool = False) -> None:
        """The sound becomes `patch`. Edits of one `gesture` within `REST_S` of each other are one step (None: always a step).

        together: gestures may run side by side, as controllers under two hands do, without each move ending the other. All others
        between `begin_gesture` and `end_gesture` are the mouse's, and one step.
        """
        if self._is_held and gesture is not None and not together:
            gesture = _HAND
        joined = gesture is not None and self._goes_on(gesture, now_s)
        if not joined:
            fresh = {key: at for key, at in self._gesture.items() if together and self._goes_on(key, now_s)}
            self._go(replace(self._now, patch=patch))
            self._gesture = fresh
        else:
            self._now = replace(self._now, patch=patch)
            self._redo.clear()
            self.version += 1
        if gesture is not None:
            self._gesture[gesture] = now_s, together

    def _goes_on(self, gesture: Hashable, now_s: float) -> bool:
        return gesture in self._gesture and (self._is_held or now_s - self._gesture[gesture][0] < REST_S)

    def begin_gesture(self) -> None:
        """The mouse was pressed: until `end_gesture` its edits are one step, whatever they turn and however long they rest."""
        self._gesture, self._is_held = {}, True

    def end_gesture(self) -> None:
        """The mouse was let go: the next edit is a step of its own. What the engine still has to tell of controllers is none."""
        self._gesture, self._is_held = {key: at for key, at in self._gesture.items() if at[1]}, False

    def open(self, patch: Patch, file: Path | None, choices: Choices, *, saved: bool = True) -> None:
        """Another sound takes its place, as one step; not `saved`: its file holds something else, or there is none."""
        self._go(State(patch, Origin(file, patch if saved else None), choices, self._now.controls))
        self.loads += 1

    def change(self, patch: Patch, choices: Choices) -> None:
        """The same sound on another model or in another tuning, as one step."""
        self._go(replace(self._now, patch=patch, choices=choices))
        self.loads += 1

    def amend(self, patch: Patch) -> None:
        """The sound, as more is known of it than was: no step, and no edit where there was none."""
        if self._now.patch is self._now.origin.saved:
            self._now.origin.saved = patch
        self._now = replace(self._now, patch=patch)
        self.version += 1

    def rebind(self, bound: Callable[[Patch], Patch]) -> None:
        """What plays the sound was made anew: every step holds `bound` of its patch, itself where nothing changes. No step, no edit."""
        known: dict[int, tuple[Patch, Patch]] = {}  # with the patch, so that none of their ids is another's meanwhile

        def as_bound(patch: Patch) -> Patch:
            if id(patch) not in known:
                known[id(patch)] = patch, bound(patch)
            return known[id(patch)][1]

        states = [*self._undo, *self._redo, self._now]
        for origin in {id(state.origin): state.origin for state in states}.values():
            origin.saved = as_bound(origin.saved) if origin.saved is not None else None
        self._undo = deque((replace(state, patch=as_bound(state.patch)) for state in self._undo), maxlen=MAX_STEPS)
        self._redo = [replace(state, patch=as_bound(state.patch)) for state in self._redo]
        self._now = replace(self._now, patch=as_bound(self._now.patch))
        self.version += 1

    def learn(self, controls: Layers) -> None:
        """A control was learnt, as one step: the user's rows of the control map are now these."""
        self._go(replace(self._now, controls=controls))

    def begin_controls(self, controls: Layers) -> None:
        """At the start: the user's rows of the control map; no step."""
        self._now = replace(self._now, controls=controls)

    def visit(self, state: State) -> None:
        """A state that was kept aside takes this one's place, as one step; the user's rows of the control map stay."""
        self._go(replace(state, controls=self._now.controls))
        self.loads += 1

    def undo(self) -> None:
        """One step back. IndexError where there is none."""
        state = self._undo.pop()
        self._redo.append(self._now)
        self._show(state)

    def redo(self) -> None:
        """One step forth. IndexError where there is none."""
        state = self._redo.pop()
        self._undo.append(self._now)
        self._show(state)

    def note_saved(self, saved: State, file: Path, name: str) -> None:
        """A state of this document was written to a file under a name, which every state since its load has from now on."""
        origin = saved.origin
        renamed = {id(state.patch): replace(state.patch, name=name) for state in (*self._undo, *self._redo, self._now, saved)
                   if state.origin is origin and state.patch.name != name}

        def as_named(state: State) -> State:
            return replace(state, patch=renamed[id(state.patch)]) if state.origin is origin and id(state.patch) in renamed else state

        self._undo = deque(map(as_named, self._undo), maxlen=MAX_STEPS)
        self._redo = list(map(as_named, self._redo))
        self._now = as_named(self._now)
        for other in (state.origin for state in (*self._undo, *self._redo)):
            if other.file == file:  # of an earlier load: the file holds something else now
                other.saved = None
        origin.file, origin.saved = file, as_named(saved).patch
        self._gesture = {}
        self.version += 1

    def note_moved(self, old: Path, new: Path | None, name: str = "") -> None:
        """A preset's file was renamed, so that its sound is called `name` from now on; None: it is gone, and its sound is unsaved."""
        origins = {id(state.origin): state.origin for state in (*self._undo, *self._redo, self._now) if state.origin.file == old}
        for origin in origins.values():
            origin.file = new
            if new is None:
                origin.saved = None
        if not origins or new is None:
            self.version += bool(origins)
            return
        renamed: dict[int, Patch] = {}

        def as_named(state: State) -> State:
            if id(state.origin) not in origins:
                return state
            return replace(state, patch=renamed.setdefault(id(state.patch), replace(state.patch, name=name)))

        kept = [origin.saved for origin in origins.values()]  # so that none of their ids is another's meanwhile
        self._undo = deque(map(as_named, self._undo), maxlen=MAX_STEPS)
        self._redo = list(map(as_named, self._redo))
        self._now = as_named(self._now)
        for origin, saved in zip(origins.values(), kept, strict=True):
            origin.saved = None if saved is None else renamed.get(id(saved)) or replace(saved, name=name)
        self.version += 1

    def _go(self, state: State) -> None:
        self._undo.append(self._now)
        self._redo.clear()
        self._show(state)

    def _show(self, state: State) -> None:
        self._now = state
        self._gesture = {}
        self.version += 1
