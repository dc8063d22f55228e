"""The door to the engine: post events, publish spectra, read snapshots, and render a block without a device."""

import ctypes
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from ..errors import UserError
from ..events import PRODUCERS, Event, Kind
from ..params.knobs import PARAM_DTYPE, to_vector
from ..patch.control_map import DEFAULTS
from . import first_block, midi_sending
from .audition import AuditionVoice
from .callback import callback, process, quantum
from .compile.wake import Wake
from .constants import COUNTER, EVENT_RING, PATCHES, POOL, QUANTUM
from .memory_ahead import MemoryAhead
from .modulation.control_table import compile_rows
from .modulation.free_shapes import free_shapes
from .reader_side import ReaderSide
from .resolved_patch import HasAddress, ResolvedPatch
from .state import allocate
from .worker_side import WorkerSide, load_counter, store_counter

LOWEST_RATE, HIGHEST_RATE = 22050, 192000
DECODE_LATENCY_FRAMES = 256  # two ticks: the worker has a whole block and more at 128 frames
PREFETCH_FRAMES = 128
BLOCK_PRODUCTS = 24_000_000  # a tick: at most 0.5 ms of its 2.7 at 48 kHz; 96 spectra of a shipped model at middle register, 48 in bass
_KEPT = 16  # decoders and tracks; what plays is, and what waits to: four patches at most
_LOAD_TIMEOUT_S = 2.0


class Engine(MemoryAhead, WorkerSide, ReaderSide):
    """One instrument's real-time state and its callback. Each producer posts from one thread; `load` may come from any.

    sr_hz: 22,050 to 192,000. event_latency_frames: delay from an event's time stamp to its effect.
    decode_latency_frames: delay from the tick that asks for a decode to the start of its ramp, a multiple of 32.
    look_ahead_frames: how long before its start a note's own point is asked for; at least this long before, its event must be
    posted for the note to start at its own timbre. block_products: multiplications that may be spent at each tick on decodes in the block
    that asks; 0: the worker does them all.
    """

    def __init__(self, sr_hz: int = 48000, event_latency_frames: int = 128, decode_latency_frames: int = DECODE_LATENCY_FRAMES,
                 prefetch_frames: int = PREFETCH_FRAMES, block_products: int = BLOCK_PRODUCTS):
        if not LOWEST_RATE <= sr_hz <= HIGHEST_RATE:
            raise UserError(f"sample rate {sr_hz} Hz is not supported; use {LOWEST_RATE} to {HIGHEST_RATE}, 48000 as a rule")
        if decode_latency_frames % QUANTUM:
            raise ValueError(f"decode_latency_frames must be a multiple of {QUANTUM}")
        self.sr_hz = sr_hz
        self.event_latency_frames = event_latency_frames
        self.decode_latency_frames = decode_latency_frames
        self.prefetch_frames = prefetch_frames
        self._state, self._memory = allocate(sr_hz, decode_latency_frames, prefetch_frames, block_products)
        self._s = self._state[0]
        self._s["quantum"], self._s["process"] = quantum().address, process().address
        first_block.set_rate(self.state_address)
        self._free = list(range(POOL))[::-1]
        self._rings, self._spectra = self._s["rings"], self._s["spectra"]
        self._counters = self._rings["counters"]
        self._wake = Wake(self._rings["semaphore"])
        self._rings["wake"], self._rings["wake_argument"] = self._wake.post_address, self._wake.address
        self._callback = callback()
        self.audition = AuditionVoice(self._rings)
        self._time_info = np.zeros(3)
        self._last_frame = dict.fromkeys(PRODUCERS, 0)
        self._load_lock = threading.Lock()
        self._kept: deque[tuple[HasAddress | None, ...]] = deque(maxlen=_KEPT)
        self.begin_controls(compile_rows(DEFAULTS))

    # ---- what a stream needs -------------------------------------------------------------------------------------
    @property
    def callback_address(self) -> int:
        """Address of the native PortAudio callback."""
        return self._callback.address

    @property
    def state_address(self) -> int:
        """Address of the state, the callback's userdata."""
        return self._state.ctypes.data

    def process(self, n_frames: int, now_s: float | None = None) -> np.ndarray:
        """The next block without a device, by the same native callback: float32[n_frames, 2]. Deterministic."""
        out = np.empty((n_frames, 2), np.float32)
        self._time_info[1] = time.perf_counter() if now_s is None else now_s
        self._callback.ctypes(0, out.ctypes.data, n_frames,
                              ctypes.cast(self._time_info.ctypes.data, ctypes.POINTER(ctypes.c_double)), 0,
                              self.state_address)
        return out

    @property
    def block_products(self) -> int:
        """Multiplications that may be spent at each tick on decodes in the block that asks."""
        return int(self._spectra["block_products"])

    def limit_block_products(self, most: int) -> None:
        """Before the first block: spend no more than `most` (see `block_products`)."""
        self._spectra["block_products"] = min(self.block_products, most)

    # ---- events ----------------------------------------------------------------------------------------------------
    @property
    def frame(self) -> int:
        """Frame with which the next block begins."""
        return int(self._s["transport"]["frame"]) - (QUANTUM - int(self._s["fifo_read"]))

    def clock(self) -> tuple[int, float]:
        """(frame, stream time in seconds) at which the newest block began, read whole."""
        while True:
            count = load_counter(self._counters, COUNTER["clock"])
            frame, now_s = int(self._s["clock_frame"]), float(self._s["clock_s"])
            if count % 2 == 0 and count == load_counter(self._counters, COUNTER["clock"]):
                return frame, now_s

    def frame_at(self, stream_time_s: float) -> int:
        """Frame at which what happened at a stream time takes effect: its frame then, and the fixed delay."""
        frame, began_s = self.clock()
        since = min(max(stream_time_s - began_s, -0.5), 0.5)
        return max(frame + int(round(since * self.sr_hz)) + self.event_latency_frames, 0)

    def post(self, event: Event, producer: str, frame: int) -> bool:
        """Queue an event to take effect at `frame`; False if the producer's ring is full. Frames of one producer never fall."""
        return self.post_together((event,), producer, frame)

    def post_together(self, events: Sequence[Event], producer: str, frame: int) -> bool:
        """Queue events that take effect at one frame: the audio thread sees all or none; False where there is no room."""
        row = PRODUCERS.index(producer)
        head = load_counter(self._counters, COUNTER[f"{producer}_head"])
        if head + len(events) - load_counter(self._counters, COUNTER[f"{producer}_tail"]) > EVENT_RING:
            return False
        frame = max(frame, self._last_frame[producer])
        self._last_frame[producer] = frame
        for at, event in enumerate(events, head):
            self._rings["events"][row][at % EVENT_RING] = (
                frame, int(event.kind), event.channel | event.device << 4, event.number, row, event.value)
        store_counter(self._counters, COUNTER[f"{producer}_head"], head + len(events))
        return True

    def last_frame(self, producer: str) -> int:
        """Frame of the newest event of a producer."""
        return self._last_frame[producer]

    @property
    def waiting(self) -> bool:
        """Whether something is posted that has not taken effect yet."""
        def gone(name: str) -> int:
            return load_counter(self._counters, COUNTER[name])

        return any(gone(f"{p}_head") != gone(f"{p}_tail") for p in PRODUCERS)

    def load(self, resolved: ResolvedPatch, frame: int, numbered: Callable[[int], None] | None = None) -> int:
        """Queue a patch to be taken at `frame`; answers its serial, and tells it to `numbered` before it can take effect.

        Raises UserError if four already wait.
        """
        with self._load_lock:
            serial = self._write_patch(resolved)
            if numbered:
                numbered(serial)
            self.post(Event(Kind.PATCH, serial), "patch", frame)
            return serial

    def begin(self, resolved: ResolvedPatch) -> None:
        """Before the first block: take a patch at once, every knob at its value, no ramp."""
        with self._load_lock:
            first_block.begin(self.state_address, self._write_patch(resolved))

    def load_controls(self, rows: np.ndarray, frame: int, numbered: Callable[[int], None] | None = None) -> int:
        """Queue a control map (CONTROL_ROW[n], see `compile_rows`) to be heard from `frame` on, as `load` does with a patch."""
        with self._load_lock:
            serial = self._free_slot("maps")
            self._write_controls(self._rings["maps"][serial % PATCHES], rows)
            store_counter(self._counters, COUNTER["maps_head"], serial + 1)
            if numbered:
                numbered(serial)
            self.post(Event(Kind.CONTROLS, serial), "patch", frame)
            return serial

    def begin_controls(self, rows: np.ndarray) -> None:
        """Before the first block: the control map that is heard from the start on. The default rows are, where nothing is said."""
        self._write_controls(self._s["control_map"]["controls"], rows)

    @staticmethod
    def _write_controls(table: np.void, rows: np.ndarray) -> None:
        rows = rows[-len(table["rows"]):]  # the more special stand last
        table["rows"][:len(rows)] = rows
        table["n"] = len(rows)

    def _free_slot(self, buffer: str) -> int:
        """Serial of the next free slot of a buffer, waited for. Raises UserError if all of them wait for too long."""
        serial = load_counter(self._counters, COUNTER[f"{buffer}_head"])
        deadline = time.monotonic() + _LOAD_TIMEOUT_S
        while serial - load_counter(self._counters, COUNTER[f"{buffer}_tail"]) >= PATCHES:
            if time.monotonic() > deadline:
                raise UserError("presets change faster than the sound can follow; wait a moment and try again")
            time.sleep(0.002)
        return serial

    def _write_patch(self, resolved: ResolvedPatch) -> int:
        head, serial = COUNTER["loads_head"], self._free_slot("loads")
        slot, size = self._rings["patches"][serial % PATCHES], resolved.corners.shape[1]
        slot["serial"], slot["source_number"], slot["latent_size"] = serial, resolved.source_number, size
        slot["params"] = to_vector(resolved.params).view(PARAM_DTYPE)[0]
        slot["tuning"] = np.arange(128) if resolved.tuning is None else resolved.tuning
        slot["morph"][0]["n"] = 0
        if resolved.morph is not None:
            slot["morph"] = resolved.morph
        self._kept.append((resolved.tracks, resolved.decoder, *resolved.part_decoders))
        slot["decoder"] = resolved.decoder.address if resolved.decoder else 0
        slot["tracks"] = resolved.tracks.address if resolved.tracks else 0
        for part, decoder in enumerate(resolved.part_decoders):
            slot["morph"][0]["decoder"][part] = decoder.address if decoder else 0
        slot["corners"], slot["low"], slot["high"], slot["map"] = 0, 0, 0, 0
        slot["map"][:, :size] = 0 if resolved.map_axes is None else resolved.map_axes
        slot["free"] = free_shapes({}) if resolved.free_shapes is None else resolved.free_shapes
        slot["corners"][:, :size] = resolved.corners
        slot["low"][:size], slot["high"][:size] = resolved.low, resolved.high
        store_counter(self._counters, head, serial + 1)
        return serial

    def prefetch(self) -> None:
        """Before the first block: ask for the points of notes that are posted already."""
        first_block.prefetch(self.state_address)

    # ---- what goes out as MIDI ------------------------------------------------------------------------------------
    def collect_midi(self, out: np.ndarray) -> list[tuple[int, int, bytes]]:
        """(frame, number of the input it came from, bytes) of what took effect since the last call.

        out: a MIDI_OUT record of the caller's, an array of no dimension. From any one thread, beside the journal's own reader, at least
        every tenth of a second.
        """
        if load_counter(self._counters, COUNTER["log_head"]) == out["seen"] and out["on"] == out["begun"]:
            return []
        midi_sending.collect(self.state_address, out.ctypes.data, self.frame)
        out["done"] = out["n"]
        return [(int(m["frame"]), int(m["device"]), bytes(m["bytes"][:int(m["size"])])) for m in out["messages"][:int(out["n"])]]
