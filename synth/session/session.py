"""The instrument as a whole: engine, decoder, outputs, MIDI and the document being edited, behind one interface.

Window and terminal view talk to this. Everything that wants a change posts an event; what they show is a snapshot.
"""

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .. import paths
from ..engine.engine import Engine
from ..engine.state import QUANTUM
from ..errors import UserError, did_you_mean
from ..events import Event, Kind, mpe_zone, set_corner, set_param
from ..params.knobs import CORNERS, param
from ..patch import preset_file
from ..patch import tuning as scala
from ..patch.preset_file import Patch
from ..patch.programs import find_program
from ..ports import device_list
from ..ports.jack_midi import JackMidi
from ..ports.latency import delays_for
from ..ports.portaudio import Output, choose_format
from ..ports.recorder import Recorder
from ..ports.rtmidi_ports import MidiPorts
from ..render.event_log import EventLog, header
from ..timbres.decode_worker import Decoder
from ..timbres.morph_path import compile_morph_paths
from ..timbres.random_patch import random_patch
from ..timbres.residual_source import compile_residuals
from ..timbres.source import Source
from ..timbres.source_cache import Settings, SourceCache
from ..timbres.static_render import corners_of
from .housekeeping import Housekeeping
from .view_state import LatentInfo, Snapshot, Viewer, latents_of

_KNOBS = (Kind.PARAM, Kind.CORNER)
_FULL_S = 2.0  # longest wait for room in a ring


class Player:
    """Opens everything and plays until `close`. Raises UserError if the preset, model or named device cannot be had."""

    def __init__(self, patch: Patch, *, model: str | None = None, source: Source | None = None, device: str | None = None,
                 midi: str = "all", sr_hz: int | None = None, blocksize: int = 128, log: str | os.PathLike | None = None,
                 record: str | os.PathLike | None = None, progress: Callable[[str], None] | None = None,
                 wavetable: dict | None = None, tuning: scala.Tuning | None = None, mpe: int = 0, settings: Settings = ()):
        say = progress or (lambda text: None)
        self.messages: deque[str] = deque(maxlen=50)
        rate, block = choose_format(device, sr_hz, blocksize)
        self._delays = delays_for(block, rate)
        say("preparing the sound engine")
        self.engine = Engine(rate, event_latency_frames=self._delays.event, decode_latency_frames=self._delays.decode,
                             prefetch_frames=self._delays.prefetch)
        self.decoder = Decoder(self.engine)
        self.source_cache = SourceCache(self.decoder, model, source, tuning)
        compile_residuals()
        compile_morph_paths()
        say("loading the preset")
        self.patch = self.source_cache.adopt(patch, settings)
        resolved, source, told = self.source_cache.load(self.patch)
        self._take_source(source)
        if told:
            self.tell(told)
        self.decoder.begin(resolved)
        if mpe:
            for event in mpe_zone(mpe):
                self.engine.post(event, "midi", 0)
        self._edit = threading.RLock()
        self._chance = np.random.default_rng()
        self._viewer = Viewer(self.engine)
        say("opening the sound device")
        with contextlib.ExitStack() as undo:
            self._open(undo, log, record, device, midi, blocksize, wavetable or {})
            undo.pop_all()
        self._housekeeping.start()

    def _open(self, undo: contextlib.ExitStack, log, record, device, midi: str, blocksize: int, wavetable: dict) -> None:
        """Files, outputs and inputs; `undo` takes all of it back when one of them cannot be had."""
        first = header(self.patch, self.engine.sr_hz, blocksize, model=self.model, **wavetable, **self._delays.header())
        written = EventLog(log, first) if log else None
        if written:
            undo.callback(written.abandon)
        recorder = Recorder(record, self.engine, self.tell) if record else None
        if recorder:
            undo.callback(recorder.abandon)
        self.output = Output(self.engine, device, blocksize, self.tell)
        undo.callback(self.output.close)
        self.decoder.start()
        undo.callback(self.decoder.stop)
        self._jack_midi = JackMidi(self.output, midi, self.tell)
        self._midi = None if midi == "none" else MidiPorts(self._take_midi, midi, self.tell)
        if self._midi:
            undo.callback(self._midi.stop)
        self._check_port(midi)
        self._housekeeping = Housekeeping(self.engine, written, recorder, program=self._program, scan=self._jack_midi.scan, tell=self.tell)

    # ---- what sounds -----------------------------------------------------------------------------------------------
    @property
    def model(self) -> str:
        """Name of the model (or wavetable) that is played."""
        return self._source.name

    @property
    def latents(self) -> list[LatentInfo]:
        """The latents of what is played; the same list until another source is played."""
        return self._latents

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the model's directions, those of the knobs `direction.1` on; none for a wavetable."""
        return self._source.direction_names

    def _take_source(self, source: Source) -> None:
        self._source, self._latents = source, latents_of(source)

    def preset_names(self) -> list[str]:
        """Names of every preset that can be loaded, Init first."""
        return [p.stem for p in paths.list_presets()]

    def model_names(self) -> list[str]:
        """Names of every model that can be played."""
        return [p.name for p in paths.list_models()]

    def load_preset(self, name: str) -> None:
        """Change to a preset; the sound goes on. Raises UserError with one sentence."""
        self.load_patch(preset_file.load(paths.find_preset(name)))

    def load_patch(self, patch: Patch) -> None:
        """Change to a patch; the sound goes on."""
        with self._edit:
            patch = self.source_cache.adopt(patch)
            resolved, source, told = self.source_cache.load(patch)
            self.engine.load(resolved, self._frame(), lambda serial: self._housekeeping.remember(serial, patch))
            self.patch = patch
            if source is not self._source:
                self._take_source(source)
        if told:
            self.tell(told)

    def load_model(self, name: str) -> None:
        """Play the present patch with another model, from its middle. Raises UserError with one sentence."""
        with self._edit:
            patch = self.source_cache.moved(self.patch, name)
            self.source_cache.choose(name)
            self.load_patch(patch)

    def load_tuning(self, scl: str | os.PathLike | None, kbm: str | os.PathLike | None = None) -> None:
        """Play every preset in a tuning of Scala's files from now on; both None: equal temperament. Raises UserError."""
        tuning = scala.load(scl, kbm) if scl is not None or kbm is not None else None
        with self._edit:
            self.source_cache.tune(tuning)
            self.load_patch(replace(self.patch, tuning=tuning))

    def random_patch(self) -> None:
        """Play corners drawn from where the model's sounds are. Raises UserError where it has no map of them."""
        with self._edit:
            self.load_patch(random_patch(self._source, self._chance, self.patch))

    # ---- changes ---------------------------------------------------------------------------------------------------
    def post(self, event: Event, producer: str = "window") -> None:
        """Queue an event, to take effect its fixed delay from now (`delays`): a knob the sooner, a key in time for its own timbre."""
        frame = self._frame() if event.kind in _KNOBS else self._frame() + self._delays.posted - self._delays.event
        self.engine.post(event, producer, frame)

    def set_param(self, name: str, value: float, producer: str = "window") -> None:
        """Turn a knob; the document follows. Raises UserError when out of range."""
        value = param(name).parse(value)
        with self._edit:
            self.patch = replace(self.patch, params={**self.patch.params, name: value})
        self.post(set_param(name, value), producer)

    def set_latent(self, index: int, value: float, producer: str = "window") -> None:
        """Edit the corner nearest to the present position so that latent `index` (from 0) is played at `value`."""
        s = self._source
        value = min(max(float(value), float(s.low[index])), float(s.high[index]))
        params = self.engine.snapshot()["params"]
        x, y = float(params["osc_position"]), float(params["osc_position_y"])
        weights = np.array([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y])
        with self._edit:
            corners = corners_of(self.patch, s)
            nearest = int(weights.argmax())
            others = float(weights @ corners[:, index]) - weights[nearest] * corners[nearest, index] + float(params["latent"][index])
            others += self._viewer.away(s, weights, float(params["osc_follow"]))[index]
            corners[nearest, index] = (value - others) / weights[nearest]
            used = CORNERS if y > 0 or "C" in self.patch.corners else CORNERS[:2]
            self.patch = replace(self.patch, latent_size=s.latent_size,
                                 corners={c: tuple(corners[i]) for i, c in enumerate(CORNERS) if c in used})
        self.post(set_corner(CORNERS[nearest], index, float(corners[nearest, index])), producer)

    # ---- what is seen ----------------------------------------------------------------------------------------------
    def morph_path(self, source: Source) -> np.ndarray | None:
        """Corners float32[4, z] whose way a morph follows now; None where that is not known yet, or the source has none."""
        return self._viewer.morph_path(source, self.engine.morph_path)

    def tell(self, sentence: str) -> None:
        """A sentence for the player to see."""
        self.messages.append(sentence)

    def snapshot(self) -> Snapshot:
        """What can be seen of the sound now."""
        return self._viewer.look(self._source, blocksize=self.output.blocksize, jack_xruns=self.output.jack_xruns,
                                 audio=self.output.name, midi=self.midi, last_midi=self.last_midi)

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

    def _program(self, bank: int, number: int) -> None:
        try:
            self.load_patch(preset_file.load(find_program(bank, number)))
        except UserError as error:
            self.tell(str(error))

    def close(self) -> list[str]:
        """Stop everything: what was posted takes effect, heard or not, and files are whole; answers what was saved, in sentences.

        Raises UserError if something of it was lost.
        """
        try:
            self._housekeeping.stop()
            if self._midi:
                self._midi.stop()
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
        return self._housekeeping.close()
