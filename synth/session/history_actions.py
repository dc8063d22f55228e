"""What a player can do with what was: go to any step, play a phrase of the last hour again, return to its sound, keep it as a file."""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from ..errors import UserError
from ..events import Event, Kind, note_off
from ..render.history import KeptPhrase, list_phrases, phrase_alone
from ..render.unfinished import free_name
from ..text import as_file_name, printable
from .autosave import Autosave
from .background import in_thread
from .child_process import ChildProcess
from .document import Document
from .file_actions import FileActions, recordings_folder
from .step_list import Step, list_steps

_AHEAD_S, _LOOK_S, _TAIL_S = 0.06, 0.01, 2.0
_PLAYED = (Kind.NOTE_ON, Kind.NOTE_OFF, Kind.BEND, Kind.CONTROL, Kind.PRESSURE, Kind.KEY_PRESSURE)


class HistoryActions(FileActions):
    """A part of `Session`."""

    messages: deque[str]
    _autosave: Autosave | None
    _replay: "PhrasePlayer | None" = None
    stop_measuring: Callable[[], None]  # of morphs

    def stop_background(self) -> None:
        """At the end: give up what goes on beside the sound."""
        self.stop_measuring()
        self.cancel_song()
        self.stop_phrase()
        self.stop_hearing()

    def go_on_with(self, document: Document) -> None:
        """Another session's document, which this one began with, goes on here with its steps; what that one left for a crash may go."""
        with self._editor.lock:
            self._editor.document = document
            self._editor.cache.choices = document.state.choices
        if self._autosave and self._autosave.left and self._autosave.left.patch.name == document.name:
            self._autosave.take_left(self._autosave.left)
            self.messages.pop()  # that it can be restored

    # ---- steps -----------------------------------------------------------------------------------------------------
    def steps(self) -> list[Step]:
        """The steps around now, oldest first."""
        with self._editor.lock:
            return list_steps(self.document)

    def go_to_step(self, offset: int) -> "Future[None]":
        """So many steps forth, or back where it is below 0."""
        def work() -> None:
            for _ in range(abs(offset)):
                self._walk(back=offset < 0)

        return self._loader.do(work)

    # ---- phrases ---------------------------------------------------------------------------------------------------
    def list_phrases(self) -> "Future[list[KeptPhrase]]":
        """The phrases that are kept, oldest first."""
        def work() -> list[KeptPhrase]:
            found, told = list_phrases()
            for sentence in told:
                self._tell(sentence)
            return found

        return in_thread(work, self._tell)

    @property
    def is_replaying(self) -> bool:
        """Whether a phrase is played again now."""
        return self._replay is not None and self._replay.is_running

    def play_phrase(self, kept: KeptPhrase) -> None:
        """Play a phrase's notes and controllers again, with the sound as it now is; one that is under way ends first."""
        self.stop_phrase()
        self._replay = PhrasePlayer(self, kept)

    def stop_phrase(self) -> None:
        """End what `play_phrase` plays."""
        if self._replay:
            self._replay.stop()

    def return_to_sound(self, kept: KeptPhrase) -> "Future[None]":
        """The sound as it was when a phrase began, edits and all, as one step."""
        def prepare():
            return self._prepare(phrase_alone(kept)[1], adopt=True)

        return self._load(prepare, lambda ready: self._finish(ready, None, False), kept.phrase.preset)

    def keep_phrase(self, kept: KeptPhrase, suffix: str) -> "Future[None]":
        """A phrase as a file among the user's recordings: `.wav` to the sample as it was, `.mid`, or `.json`, its sound."""
        def work() -> None:
            folder = recordings_folder()
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UserError(f"{folder}: cannot be made ({error.strerror})") from None
            plain = as_file_name(kept.phrase.preset)
            file = free_name(folder / f"{time.strftime('%Y-%m-%d %H.%M.%S', time.localtime(kept.at_s))} {plain}{suffix}")
            child = ChildProcess(["history", "render", str(_number_of(kept)), "-o", str(file)], lambda line: None)
            if child.wait():
                raise UserError(child.last.removeprefix("latentwave: error: ") or "the phrase could not be rendered")
            self._tell(f"kept as {printable(file)}")

        return in_thread(work, self._tell)


def _number_of(kept: KeptPhrase) -> int:
    """A phrase's number in the list of the command line."""
    for number, other in enumerate(list_phrases()[0], 1):
        if (other.folder, other.phrase.start) == (kept.folder, kept.phrase.start):
            return number
    raise UserError("this phrase is not kept any more")


class PhrasePlayer:
    """Posts a phrase's events as their time comes, from a thread of its own; every key that it holds is let go at its end."""

    def __init__(self, session: HistoryActions, kept: KeptPhrase) -> None:
        self._session, self._kept = session, kept
        self._stop = threading.Event()
        self._held: set[tuple[int, int]] = set()
        self._thread = threading.Thread(target=self._run, name="latentwave-replay", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive() and not self._stop.is_set()

    def stop(self) -> None:
        """End it; what it holds is let go."""
        self._stop.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        try:
            replay = phrase_alone(self._kept, _TAIL_S)[0]
        except UserError as error:
            self._session._tell(str(error))
            return
        rows = [(frame - replay.start, what) for frame, what in replay.events
                if isinstance(what, Event) and what.kind in _PLAYED and frame >= replay.start]
        engine = self._session.engine
        rate = engine.sr_hz / self._kept.sr_hz
        first = engine.frame + round(_AHEAD_S * engine.sr_hz)
        for after, event in rows:
            due = first + round(after * rate)
            while engine.frame < due - round(_AHEAD_S * engine.sr_hz):
                if self._stop.wait(_LOOK_S):
                    break
            if self._stop.is_set():
                break
            self._post(event, due)
        for channel, note in sorted(self._held):
            self._session._editor.post_later(note_off(note, channel=channel), "file", engine.frame)

    def _post(self, event: Event, frame: int) -> None:
        key = (event.channel, event.number)
        if event.kind == Kind.NOTE_ON and event.value > 0:
            self._held.add(key)
        elif event.kind in (Kind.NOTE_ON, Kind.NOTE_OFF):
            self._held.discard(key)
        self._session._editor.post_later(Event(event.kind, event.number, event.value, event.channel), "file", frame)
