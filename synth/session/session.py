"""The instrument as a whole: engine, decoder, outputs, MIDI and the one document, behind one interface.

Window, terminal view, hosts and tests talk to this. Whoever wants a change posts an event or edits the document; what they show is
a snapshot. What a player can do with the document is in `actions`, how document and engine are kept as one in `editor`.
"""

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..engine.constants import QUANTUM
from ..engine.engine import Engine
from ..errors import UserError, did_you_mean
from ..events import Event, Kind, mpe_zone
from ..params.knobs import PARAMS
from ..patch import tuning as scala
from ..patch.patch import Patch
from ..ports import device_list
from ..ports.jack_midi import JackMidi
from ..ports.latency import delays_for
from ..ports.loop_watch import LoopWatch
from ..ports.midi_out import NONE, MidiOut
from ..ports.osc_port import OscAddress
from ..ports.portaudio import Output, choose_format
from ..ports.recorder import Recorder
from ..ports.rtmidi_ports import MidiPorts
from ..render.event_log import EventLog, header
from ..render.midi_capture import MidiCapture
from ..timbres.block_budget import affordable_products
from ..timbres.decode_worker import Decoder
from ..timbres.morph_path import compile_morph_paths
from ..timbres.residual_source import compile_residuals
from ..timbres.source import Source
from ..timbres.source_cache import Settings, SourceCache
from .autosave import Autosave
from .control_actions import ControlActions
from .controls import Controls
from .editor import Editor
from .effect_turns import PluginRows
from .history import History
from .housekeeping import Housekeeping, Log, Written
from .library import Library
from .loader import Loader
from .modulation import ModulationActions
from .morph_actions import MorphActions
from .osc_control import open_osc
from .restore_actions import RestoreActions
from .sync import Sync
from .training_actions import TrainingActions
from .view_state import LatentInfo, Snapshot, Viewer, latents_of

_KNOBS = (Kind.PARAM, Kind.CORNER)
_FULL_S = 2.0  # longest wait for room in a ring


class Session(MorphActions, TrainingActions, ModulationActions, ControlActions, RestoreActions):
    """Opens everything and plays until `close`. Raises UserError if the preset, model or named device cannot be had.

    file: of the preset that `patch` came from. keep: whether the sound is kept safe from a crash (see `autosave`), and what is played
    in the history (see `history`). osc: where OSC is listened to; None: nowhere. midi_out: 'none', 'on' or a port's name (see `MidiOut`).
    mts_esp, link: whether MTS-ESP's tuning and Link's tempo are followed.
    """

    def __init__(self, patch: Patch, *, file: Path | None = None, model: str | None = None, source: Source | None = None,
                 device: str | None = None, midi: str = "all", sr_hz: int | None = None, blocksize: int = 128,
                 log: str | os.PathLike | None = None, record: str | os.PathLike | None = None,
                 record_midi: str | os.PathLike | None = None, progress: Callable[[str], None] | None = None,
                 wavetable: dict | None = None, tuning: scala.Tuning | None = None, mpe: int = 0,
                 settings: Settings = (), keep: bool = True, osc: OscAddress | None = None, midi_out: str = NONE,
                 mts_esp: bool = False, link: bool = False):
        say = progress or (lambda text: None)
        self.messages: deque[str] = deque(maxlen=50)
        rate, block = choose_format(device, sr_hz, blocksize)
        self._delays = delays_for(block, rate)
        say("preparing the sound engine")
        self.engine = Engine(rate, event_latency_frames=self._delays.event, decode_latency_frames=self._delays.decode,
                             prefetch_frames=self._delays.prefetch)
        self.engine.limit_block_products(affordable_products(block, rate))
        self.decoder = Decoder(self.engine)
        compile_residuals()
        compile_morph_paths()
        say("loading the preset")
        editor = Editor(self.engine, self.decoder, SourceCache(self.decoder, model, source, tuning), patch, file, settings=settings,
                        frame=self._frame, remember=lambda serial, loaded: self._housekeeping.remember(serial, loaded),
                        loaded=lambda ready, frame: self._controls.follow(ready.patch.controls, ready.source.direction_names, frame),
                        rows_changed=self._rows_changed)
        super().__init__(editor, Loader(self.tell), Viewer(self.engine), self.tell, Library(self.tell))
        self._latents: tuple[Source, list[LatentInfo]] | None = None
        if editor.told:
            self.tell(editor.told)
        self._controls = Controls(self.engine, self.tell, self._frame)
        self._controls.begin(self.patch.controls, self.source.direction_names)
        editor.document.begin_controls(self._controls.layers)
        self._controls.answer(editor.learn, self.keep_control, PluginRows(self, self.tell).take,
                              lambda name: PARAMS[name].to_unit(self.value_now(name)))
        self._controls.actions |= {"next_preset": lambda: self.step_preset(1), "previous_preset": lambda: self.step_preset(-1),
                                   "undo": self.undo, "redo": self.redo, "save": self.save}
        for event in mpe_zone(mpe) if mpe else ():
            self.engine.post(event, "midi", 0)
        say("opening the sound device")
        with contextlib.ExitStack() as undo:
            logs, files = self._open_files(undo, log, record, record_midi, blocksize, wavetable or {}, keep)
            self._open_ports(undo, device, midi, blocksize, midi_out)
            logs += [LoopWatch(self.engine.sr_hz, self.tell)] if self.midi_out else []
            self.osc = open_osc(self, osc, undo)
            self._sync = Sync(self.engine, self.output, lambda: self.value_now("clock.tempo_bpm"), self.tell, mts_esp, link)
            undo.callback(self._sync.close)
            self._housekeeping = Housekeeping(self.engine, logs, files, follow=self._editor.follow, program=self.load_program,
                                              scan=self._jack_midi.scan, attend=self._jack_midi.attend, controls=self._controls,
                                              effects=lambda: self.effects)
            undo.pop_all()
        self._autosave = Autosave(self._kept, self.tell) if keep else None
        if self._autosave:
            self._autosave.start()
        self._offer()
        self._loader.start()
        self._housekeeping.start()
        self.begin_chain(self.engine, block)
        self.library.start()
        self.model_watch.start()
        self._sync.start()
        if self.osc:
            self.osc.start()

    def _open_files(self, undo: contextlib.ExitStack, log, record, record_midi, blocksize: int, wavetable: dict,
                    keep: bool) -> tuple[list[Log], list[Written]]:
        """(what is told of every event, files to be closed at the end); `undo` leaves none behind."""
        first = header(self.patch, self.engine.sr_hz, blocksize, model=self.model, controls=self._controls.map, **wavetable,
                       **self._delays.header(), block_products=self.engine.block_products)
        logs: list[EventLog | History] = []
        for path, make in ((log, EventLog), (record_midi, MidiCapture)):
            if path:
                take = make(path, first, self.tell)
                undo.callback(take.abandon)
                logs.append(take)
        recorder = Recorder(record, self.engine, self.tell) if record else None
        if recorder:
            undo.callback(recorder.abandon)
        if keep:
            logs.append(History(first, self.patch, self._controls.map, lambda: self.engine.frame, self.tell))
            undo.callback(logs[-1].close)
        return [*logs], [*([recorder] if recorder else []), *logs]

    def _open_ports(self, undo: contextlib.ExitStack, device, midi: str, blocksize: int, midi_out: str) -> None:
        """Outputs and inputs; `undo` takes all of it back when one of them cannot be had."""
        self.output = Output(self.engine, device, blocksize, self.tell)
        undo.callback(self.output.close)
        self.decoder.start()
        undo.callback(self.decoder.stop)
        self.midi_out = None if midi_out == NONE else MidiOut(self.engine, self.output, midi_out, self.tell)
        if self.midi_out:
            self.midi_out.start()
            undo.callback(self.midi_out.close)
        self._jack_midi = JackMidi(self.output, midi, self.tell, self._controls.device_number, self.midi_out, self.post)
        self._midi = None if midi == "none" else MidiPorts(self._take_midi, midi, self.tell, self._controls.device_number,
                                                           out=self.midi_out)
        if self._midi:
            undo.callback(self._midi.stop)
        self._check_port(midi)
        self._controls.tell_absent()

    # ---- what sounds -----------------------------------------------------------------------------------------------
    @property
    def model(self) -> str:
        """Name of the model (or wavetable) that is played."""
        return self.source.name

    @property
    def latents(self) -> list[LatentInfo]:
        """The latents of what is played; the same list until another source is played."""
        source, known = self.source, self._latents
        if known is None or known[0] is not source:
            known = self._latents = (source, latents_of(source))
        return known[1]

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the model's directions, those of the knobs `direction.1` on; none for a wavetable."""
        return self.source.direction_names

    # ---- changes ---------------------------------------------------------------------------------------------------
    @property
    def posted_frames(self) -> int:
        """The fixed delay after which a key that Python saw takes effect."""
        return self._delays.posted

    def post(self, event: Event, producer: str = "window", frame: int | None = None) -> bool:
        """Queue an event, to take effect at a frame, or its fixed delay from now (`delays`): a knob the sooner, a key in time for its own
        timbre. Answers whether there was room.
        """
        if frame is None:
            frame = self._frame() if event.kind in _KNOBS else self._frame() + self._delays.posted - self._delays.event
        return self._editor.post_later(event, producer, frame)

    def value_now(self, name: str) -> float:
        """A knob's value as it is, or will be once what was posted has taken effect."""
        return self._editor.values_now(name)[0]

    # ---- what is seen ----------------------------------------------------------------------------------------------
    def morph_path(self, source: Source) -> np.ndarray | None:
        """Corners float32[4, z] whose way a morph follows now; None where that is not known yet, or the source has none."""
        return self._viewer.morph_path(source, self.engine.morph_path)

    def tell(self, sentence: str) -> None:
        """A sentence for the player to see."""
        self.messages.append(sentence)

    def snapshot(self) -> Snapshot:
        """What can be seen of the sound now."""
        return self._viewer.look(self.source, blocksize=self.output.blocksize, jack_xruns=self.output.jack_xruns, audio=self.output.name,
                                 midi=self.midi, last_midi=self.last_midi,
                                 midi_out=self.midi_out.name if self.midi_out else "", sync=self._sync.shown)

    @property
    def last_midi(self) -> str:
        """The newest MIDI message in hexadecimal."""
        return self._jack_midi.last() or (self._midi.last if self._midi else "")

    @property
    def midi(self) -> str:
        """Names of the MIDI inputs that are heard, or 'none'."""
        return ", ".join(self._jack_midi.names + (self._midi.names if self._midi else [])) or "none"

    # ---- inputs and the end ----------------------------------------------------------------------------------------
    def _frame(self) -> int:
        return self.engine.frame_at(self.output.time_s())

    def _check_port(self, wanted: str) -> None:
        """Start listening; a named port that is absent is an error told before anything sounds."""
        self._jack_midi.scan()
        if self._midi is not None:
            self._midi.start()
        if wanted not in ("all", "none") and self.midi == "none":
            ports = [port["name"] for port in device_list.midi_ports()["inputs"]] + self._jack_midi.present()
            near = did_you_mean(wanted, (*ports, "all", "none"))
            raise UserError(f"no MIDI port named '{wanted}'{near}; `latentwave devices` lists what there is")

    def _take_midi(self, event: Event, age_s: float) -> None:
        """From the ports' own thread: a ring that is full is waited for, so that no note-off is lost."""
        frame = self.engine.frame_at(self.output.time_s() - age_s) + self._delays.posted - self._delays.event
        deadline = time.monotonic() + _FULL_S
        while not self.engine.post(event, "midi", frame) and time.monotonic() < deadline:
            time.sleep(0.001)

    def close(self) -> list[str]:
        """Stop everything: what was posted takes effect, heard or not, and files are whole; answers what was saved, in sentences.

        Raises UserError if something of it was lost.
        """
        self.stop_background()
        self._sync.close()
        if self.osc:
            self.osc.close()
        try:
            self._loader.stop()
            self.library.close()
            self._housekeeping.stop()
            if self._midi:
                self._midi.stop()
            if self.midi_out:
                self.midi_out.close()
            self.output.close()
            self.decoder.stop()
            asked = True
            while asked or self.engine.waiting:  # nobody else runs the engine now, and what was posted last is due within some blocks
                asked = self.decoder.pump() > 0
                self.engine.process(QUANTUM)  # it takes every answer, so that the log tells which were late
                self._housekeeping.drain()
        except BaseException:
            self._housekeeping.close()  # the take stays, whatever went wrong
            raise
        kept = self._autosave.close(self._discard) if self._autosave else ""
        return self._housekeeping.close() + ([kept] if kept else [])
