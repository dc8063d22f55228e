"""latentwave in programs of your own: `import latentwave`. Load a sound, render it to an array, play it live, look at it.

Sounds are values that never change; rendering is deterministic and is what the command line does, bit for bit. Everything that can go
wrong by what was asked for is a `UserError` with one sentence. docs/python-api.md has examples.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np

from . import paths
from .errors import UserError
from .events import Event, Kind, bend, control, note_off, note_on, pressure, set_param, tempo
from .params.knobs import PARAMS
from .params.param import Param
from .patch import preset_file
from .patch import tuning as scala
from .patch.patch import Patch, with_param
from .ports.latency import delays_of_take
from .ports.osc_port import parse_address
from .render.offline import AHEAD, Offline
from .render.performance import Performance, read_log, read_midi, with_zone
from .render.unfinished import name_takes
from .render.wav_writer import WavWriter
from .session.session import Session
from .session.view_state import Snapshot, Viewer
from .timbres.source import Source
from .timbres.source_cache import open_wavetable

__all__ = ["Event", "Kind", "Param", "Player", "Renderer", "Snapshot", "Sound", "UserError", "bend", "control", "list_models",
           "list_parameters", "list_presets", "load", "note_off", "note_on", "play", "pressure", "render", "render_song", "render_take",
           "set_param", "tempo", "write_wav"]
_USUAL_HZ = 48000
Setting = tuple[str, object]
TimedEvent = tuple[float, Event]
File = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Sound:
    """A preset and what was chosen in place of its own: a model, a wavetable, a tuning, knobs. Made by `load`."""

    patch: Patch
    file: Path | None = None
    model: str | None = None
    wavetable: Source | None = None
    tuning: scala.Tuning | None = None
    settings: tuple[Setting, ...] = ()

    @property
    def name(self) -> str:
        """The preset's name."""
        return self.patch.name

    def with_param(self, name: str, value: object) -> "Sound":
        """This sound with one knob at a value: a number in the knob's unit, or the name of a choice. Raises UserError."""
        return replace(self, patch=with_param(self.patch, name, value), settings=(*self.settings, (name, value)))


def list_presets() -> list[str]:
    """Names of every preset that can be loaded, Init first."""
    return [file.stem for file in paths.list_presets()]


def list_models() -> list[str]:
    """Names of every model that can be played."""
    return [folder.name for folder in paths.list_models()]


def list_parameters() -> list[Param]:
    """Every knob, with its name, range, default, unit and choices."""
    return list(PARAMS.values())


def load(preset: File | Patch = "Init", *, model: str | None = None, wavetable: File | None = None, frame_size: int | None = None,
         tuning: File | None = None, keymap: File | None = None, settings: Mapping[str, object] | None = None) -> Sound:
    """A preset by name or file, with what is given in place of its own; nothing is opened but its file, and a wavetable's.

    model: name or folder. wavetable: a file, its frames along `osc.position`. tuning, keymap: Scala's .scl and .kbm. settings: knobs by
    name. Raises UserError.
    """
    file = None if isinstance(preset, Patch) else paths.find_preset(os.fspath(preset))
    patch = preset if isinstance(preset, Patch) else preset_file.load(paths.find_preset(os.fspath(preset)))
    if frame_size is not None and wavetable is None:
        raise UserError("frame_size goes with a wavetable")
    table = open_wavetable(os.fspath(wavetable), frame_size) if wavetable is not None else None
    sound = Sound(patch, file, model, table, scala.load(tuning, keymap) if tuning is not None or keymap is not None else None)
    for name, value in (settings or {}).items():
        sound = sound.with_param(name, value)
    return sound


class Renderer:
    """An instrument without a device: `post` what happens, `read` the sound, as slowly or fast as you like. Deterministic.

    events: (seconds, event), as many as are known beforehand, in any order.
    """

    def __init__(self, sound: Sound, events: Iterable[TimedEvent] = (), *, sr_hz: int = _USUAL_HZ):
        self.sr_hz = sr_hz
        self._player = _offline(sound, [(_frame_of(at_s, sr_hz), event) for at_s, event in events], sr_hz)
        self._viewer = Viewer(self._player.engine)

    @property
    def time_s(self) -> float:
        """Seconds of sound that were read."""
        return self._player.engine.frame / self.sr_hz

    @property
    def message(self) -> str:
        """What there is to say about the sound, as that its model is missing; '' if nothing."""
        return self._player.told

    def post(self, event: Event, at_s: float | None = None) -> None:
        """Something happens: at a time in seconds, or as soon as a note can begin in its own timbre (4 ms from now at 48 kHz).

        Events that are posted come in the order of their times; one for the past happens now. Raises UserError where too many wait.
        """
        engine = self._player.engine
        soon = engine.frame + engine.prefetch_frames + AHEAD
        if not engine.post(event, "host", soon if at_s is None else _frame_of(at_s, self.sr_hz)):
            raise UserError("too many events wait: read some sound before more are posted")

    def read(self, n_frames: int) -> np.ndarray:
        """The next sound: float32[n_frames, 2], -1..1."""
        return self._player.read(n_frames)

    def snapshot(self) -> Snapshot:
        """What can be seen of the sound where it was read to."""
        return self._viewer.look(self._player.source, blocksize=0, jack_xruns=0, audio="none", midi="none", last_midi="")


def render(sound: Sound, events: Iterable[TimedEvent], seconds: float, *, sr_hz: int = _USUAL_HZ) -> np.ndarray:
    """Events (seconds, event), in any order, as sound: float32[seconds * sr_hz, 2], -1..1. Raises UserError."""
    if not 0 <= seconds <= 4 * 3600:
        raise UserError(f"{seconds:g} seconds are outside 0 to four hours")
    return Renderer(sound, events, sr_hz=sr_hz).read(round(seconds * sr_hz))


def render_song(song: File, sound: Sound | None = None, *, sr_hz: int | None = None, tail_s: float = 2.0, drums: bool = False,
                program_changes: bool = False, mpe: int = 0) -> tuple[np.ndarray, int]:
    """A MIDI file as `latentwave render` plays it, bit for bit: (float32[n, 2], its rate in Hz). Raises UserError.

    sound: Init where none is given. sr_hz: None: 48000, or a take's own. drums: channel 10 too. program_changes: they pick presets.
    mpe: note channels of a zone that the song does not announce.
    """
    return _play(read_midi(song, sr_hz, drums=drums, program_changes=program_changes, mpe=mpe), sound, tail_s, mpe)


def render_take(log: File, sound: Sound | None = None, *, sr_hz: int | None = None, tail_s: float = 2.0) -> tuple[np.ndarray, int]:
    """What `play --log-events` wrote, as it was heard: (float32[n, 2], its rate in Hz). sound: None: the take's own. Raises UserError."""
    return _play(read_log(log, sr_hz), sound, tail_s, 0)


def write_wav(path: File, sound: np.ndarray, sr_hz: int = _USUAL_HZ) -> None:
    """Sound [n, 2] as a float32 WAV file, whole or not at all. Raises UserError."""
    samples = np.asarray(sound, np.float32)
    if samples.ndim != 2 or samples.shape[1] != 2:
        raise UserError(f"the sound of a file is an array [frames, 2], not {list(samples.shape)}")
    with WavWriter(path, sr_hz) as out:
        out.write(samples)


class Player:
    """The instrument live, from `play` to `close`; best in a `with`. `session` is all that the window has."""

    def __init__(self, session: Session):
        self.session = session

    def __enter__(self) -> "Player":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> Literal[False]:
        self.close()
        return False

    def post(self, event: Event) -> None:
        """Something happens now: it is heard a fixed delay later, always the same."""
        self.session.post(event)

    def set_param(self, name: str, value: object) -> None:
        """Turn a knob, as one step of undo. Raises UserError."""
        self.session.set_param(name, value)

    def load(self, sound: Sound | str, timeout_s: float = 30.0) -> None:
        """Change to another sound, or to a preset by name; what sounds goes on. Its model, wavetable and tuning stay those of `play`.

        Raises UserError where it cannot be played.
        """
        patch = sound.patch if isinstance(sound, Sound) else load(sound).patch
        self.session.load_patch(patch).result(timeout_s)

    def snapshot(self) -> Snapshot:
        """What can be seen of the sound now: voices, levels, latents, knobs, tempo."""
        return self.session.snapshot()

    @property
    def messages(self) -> list[str]:
        """The newest sentences for the player, oldest first."""
        return list(self.session.messages)

    def close(self) -> list[str]:
        """Stop; files are whole then. Answers what was saved, in sentences. Raises UserError if something of it was lost."""
        return self.session.close()


def play(sound: Sound | str = "Init", *, device: str | None = None, midi: str = "all", sr_hz: int | None = None, blocksize: int = 128,
         record: File | None = None, log_events: File | None = None, osc: str = "none", keep: bool = False) -> Player:
    """Play live, as `latentwave play` does, without a window. Raises UserError where the device cannot be had.

    device: as `--device` takes it; 'none': a silent clock. midi: inputs to hear: 'all', 'none' or part of a name. record, log_events:
    files of the take; where one is there already a name beside it is taken, which `messages` tell. osc: where OSC is listened to,
    [HOST:]PORT. keep: whether autosave and history are kept, as for a player.
    """
    chosen = sound if isinstance(sound, Sound) else load(sound)
    takes, told = name_takes({"record": record, "log": log_events})
    session = Session(chosen.patch, file=chosen.file, model=chosen.model, source=chosen.wavetable, tuning=chosen.tuning,
                      settings=chosen.settings, device=device, midi=midi, sr_hz=sr_hz, blocksize=blocksize, record=takes["record"],
                      log=takes["log"], osc=parse_address(osc), keep=keep)
    for sentence in told:
        session.tell(sentence)
    return Player(session)


def _play(found: Performance, sound: Sound | None, tail_s: float, mpe: int) -> tuple[np.ndarray, int]:
    own = preset_file.from_data(found.header["preset"], "the log's preset") if found.header.get("preset") else None
    chosen = sound or load(own if own is not None else "Init")
    if sound is None and found.header.get("wavetable"):
        chosen = replace(chosen, wavetable=open_wavetable(str(found.header["wavetable"]), found.header.get("frame_size")))
    player = _offline(chosen, with_zone(found.events, mpe), found.sr_hz, controls=found.header.get("controls"),
                      **delays_of_take(found.header))
    return player.read(found.n_frames(tail_s)), found.sr_hz


def _offline(sound: Sound, events: Sequence, sr_hz: int, **options) -> Offline:
    return Offline(sound.patch, events, sr_hz=sr_hz, model=sound.model, source=sound.wavetable, tuning=sound.tuning,
                   settings=sound.settings, **options)


def _frame_of(at_s: float, sr_hz: int) -> int:
    if not 0 <= at_s <= 4 * 3600:
        raise UserError(f"a time of {at_s:g} s is outside 0 to four hours")
    return round(at_s * sr_hz)
