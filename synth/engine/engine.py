"""The door to the engine: post events, publish spectra, read snapshots, and render a block without a device."""

import ctypes
import threading
import time
from dataclasses import dataclass

import numpy as np

from ..errors import UserError
from ..events import PRODUCERS, Event, Kind
from ..params import PARAM_DTYPE, to_vector
from . import changes, control
from .atomics import cycle_count, load_acquire, store_release
from .callback import callback
from .jit import kernel
from .state import COUNTER, EVENT_RING, HARMONICS, LOG_RING, PATCHES, QUANTUM, RECORD, REQUEST_RING, SPECTRA, allocate
from .wake import Wake

LOWEST_RATE, HIGHEST_RATE = 22050, 192000
DECODE_LATENCY_FRAMES = 256  # two ticks: the worker has a whole block and more at 128 frames
_LOAD_TIMEOUT_S = 2.0


@kernel
def _load(counters, index):
    return load_acquire(counters, index)


@kernel
def _store(counters, index, value):
    store_release(counters, index, value)


@dataclass(frozen=True, slots=True)
class Request:
    """A decode that the engine asked for at frame `tick`, to be heard from frame `due` on. latent: float32[256]."""

    serial: int
    tick: int
    due: int
    instrument: int
    latent: np.ndarray


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the engine needs of a patch: knobs by name, corners float[4, z], the range of each latent, and whose they are."""

    instrument: int
    params: dict[str, float]
    corners: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Engine:
    """One instrument's real-time state and its callback. Each producer posts from one thread; `load` may come from any.

    sr_hz: 22,050 to 192,000. event_latency_frames: delay from an event's time stamp to its effect.
    decode_latency_frames: delay from the tick that asks for a decode to the start of its ramp, a multiple of 32.
    """

    def __init__(self, sr_hz: int = 48000, event_latency_frames: int = 128, decode_latency_frames: int = DECODE_LATENCY_FRAMES):
        if not LOWEST_RATE <= sr_hz <= HIGHEST_RATE:
            raise UserError(f"sample rate {sr_hz} Hz is not supported; use {LOWEST_RATE} to {HIGHEST_RATE}, 48000 as a rule")
        if decode_latency_frames % QUANTUM:
            raise ValueError(f"decode_latency_frames must be a multiple of {QUANTUM}")
        self.sr_hz = sr_hz
        self.event_latency_frames = event_latency_frames
        self.decode_latency_frames = decode_latency_frames
        self._state = allocate(sr_hz, decode_latency_frames)
        self._s = self._state[0]
        self._counters = self._s["counters"]
        self._wake = Wake(self._s["semaphore"])
        self._s["wake"], self._s["wake_argument"] = self._wake.post_address, self._wake.address
        self._callback = callback()
        self._time_info = np.zeros(3)
        self._last_frame = dict.fromkeys(PRODUCERS, 0)
        self._load_lock = threading.Lock()
        self.patches: dict[int, Loaded] = {}  # by slot, for the log

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
        self._callback.ctypes(None, out.ctypes.data, n_frames,
                              ctypes.cast(self._time_info.ctypes.data, ctypes.POINTER(ctypes.c_double)), 0,
                              self.state_address)
        return out

    # ---- events ----------------------------------------------------------------------------------------------------
    @property
    def frame(self) -> int:
        """Frame with which the next block begins."""
        return int(self._s["frame"]) - (QUANTUM - int(self._s["fifo_read"]))

    def clock(self) -> tuple[int, float]:
        """(frame, stream time in seconds) at which the newest block began, read whole."""
        while True:
            count = _load(self._counters, COUNTER["clock"])
            frame, now_s = int(self._s["clock_frame"]), float(self._s["clock_s"])
            if count % 2 == 0 and count == _load(self._counters, COUNTER["clock"]):
                return frame, now_s

    def frame_at(self, stream_time_s: float) -> int:
        """Frame at which what happened at a stream time takes effect: its frame then, and the fixed delay."""
        frame, began_s = self.clock()
        since = min(max(stream_time_s - began_s, -0.5), 0.5)
        return max(frame + int(round(since * self.sr_hz)) + self.event_latency_frames, 0)

    def post(self, event: Event, producer: str, frame: int) -> bool:
        """Queue an event to take effect at `frame`; False if the producer's ring is full. Frames of one producer never fall."""
        row = PRODUCERS.index(producer)
        head = _load(self._counters, COUNTER[f"{producer}_head"])
        if head - _load(self._counters, COUNTER[f"{producer}_tail"]) >= EVENT_RING:
            return False
        frame = max(frame, self._last_frame[producer])
        self._last_frame[producer] = frame
        self._s["rings"][row][head % EVENT_RING] = (frame, int(event.kind), event.channel, event.number, row, event.value)
        _store(self._counters, COUNTER[f"{producer}_head"], head + 1)
        return True

    def load(self, loaded: Loaded, frame: int) -> int:
        """Queue a patch to be taken at `frame`; answers its serial. Raises UserError if four already wait."""
        with self._load_lock:
            serial = self._write_patch(loaded)
            self.post(Event(Kind.PATCH, serial), "patch", frame)
            return serial

    def begin(self, loaded: Loaded) -> None:
        """Before the first block: take a patch at once, every knob at its value, no ramp."""
        with self._load_lock:
            _begin(self._s, self._write_patch(loaded))

    def _write_patch(self, loaded: Loaded) -> int:
        head, tail = COUNTER["loads_head"], COUNTER["loads_tail"]
        serial = _load(self._counters, head)
        deadline = time.monotonic() + _LOAD_TIMEOUT_S
        while serial - _load(self._counters, tail) >= PATCHES:
            if time.monotonic() > deadline:
                raise UserError("presets change faster than the sound can follow; wait a moment and try again")
            time.sleep(0.002)
        slot, size = self._s["patches"][serial % PATCHES], loaded.corners.shape[1]
        slot["serial"], slot["instrument"], slot["latent_size"] = serial, loaded.instrument, size
        slot["params"] = to_vector(loaded.params).view(PARAM_DTYPE)[0]
        slot["corners"], slot["low"], slot["high"] = 0, 0, 0
        slot["corners"][:, :size] = loaded.corners
        slot["low"][:size], slot["high"][:size] = loaded.low, loaded.high
        self.patches = {k: v for k, v in self.patches.items() if k > serial - 64} | {serial: loaded}
        _store(self._counters, head, serial + 1)
        return serial

    def played_point(self) -> np.ndarray:
        """The latent that is played or heading to, float32[256]; exact before the first block."""
        return self._s["latent_now"].astype(np.float32)

    def mark_requested(self) -> None:
        """Before the first block: the present point is decoded already."""
        self._s["latent_sent"] = self.played_point()
        self._s["requested"] = self._s["patch"]["instrument"]

    # ---- decodes ---------------------------------------------------------------------------------------------------
    def wait_for_request(self, timeout_s: float) -> None:
        """Sleep until a decode is asked for, or for timeout_s at most. One caller: the decode worker."""
        self._wake.wait(timeout_s)

    def requests(self) -> list[Request]:
        """Decodes asked for since the last call, oldest first. One caller: the decode worker."""
        head, tail = COUNTER["request_head"], COUNTER["request_tail"]
        first, last = _load(self._counters, tail), _load(self._counters, head)
        found = []
        for i in range(first, last):
            row = self._s["requests"][i % REQUEST_RING]
            found.append(Request(int(row["serial"]), int(row["tick"]), int(row["due"]), int(row["instrument"]), row["latent"].copy()))
        if found:
            _store(self._counters, tail, last)
        return found

    def publish(self, request: Request | None, re: np.ndarray, im: np.ndarray) -> bool:
        """Hand the engine a spectrum, float32[1 + harmonics] each; it is heard at the request's due frame (None: at once).

        False if the ring is full. One caller: the decode worker (or the loader before the first block).
        """
        head, tail = COUNTER["spectrum_head"], COUNTER["spectrum_tail"]
        at = _load(self._counters, head)
        if at - _load(self._counters, tail) >= SPECTRA:
            return False
        row, n = self._s["spectra"][at % SPECTRA], min(len(re), HARMONICS + 1)
        row["re"], row["im"] = 0, 0
        row["re"][1:n], row["im"][1:n] = re[1:n], im[1:n]
        row["harmonics"] = max(n - 1, 1)
        row["tick"], row["due"], row["serial"] = (request.tick, request.due, request.serial) if request else (0, 0, -1)
        _store(self._counters, head, at + 1)
        return True

    # ---- what readers see ------------------------------------------------------------------------------------------
    def snapshot(self) -> np.ndarray:
        """A whole copy of the newest published snapshot: SNAPSHOT record (see state.py)."""
        while True:
            count = _load(self._counters, COUNTER["snapshot"])
            copy = self._s["snapshots"][count % 2].copy()
            if _load(self._counters, COUNTER["snapshot"]) - count < 2:
                return copy

    @property
    def recorded(self) -> int:
        """Frames of output made so far, in whole quanta."""
        return _load(self._counters, COUNTER["record"])

    def recording(self, since: int) -> tuple[np.ndarray, int, int]:
        """(float32[n, 2] of output after frame `since`, the frame it reaches, frames before it that were overwritten)."""
        last = self.recorded
        first = max(since, last - RECORD + RECORD // 8)
        samples = self._s["record"][:, np.arange(first, last) % RECORD].T.copy()
        return samples, last, first - since

    def scope(self, n: int = 2048) -> np.ndarray:
        """The newest n mono samples of the output, float32[n]."""
        last = self.recorded
        return self._s["record"][:, np.arange(last - n, last) % RECORD].mean(0)

    def spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        """(re, im) float32[1024] of the harmonics being played; for pictures."""
        row = self._s["spectra"][int(self._s["spectrum_to"])]
        return row["re"].copy(), row["im"].copy()

    def take_log(self) -> list[tuple[int, Event]]:
        """(frame, event) applied since the last call. One caller."""
        head, tail = COUNTER["log_head"], COUNTER["log_tail"]
        first, last = _load(self._counters, tail), _load(self._counters, head)
        rows = self._s["log"][np.arange(first, last) % LOG_RING]
        if last > first:
            _store(self._counters, tail, last)
        return [(int(r["frame"]), Event(Kind(int(r["kind"])), int(r["number"]), float(r["value"]), int(r["channel"]))) for r in rows]


@kernel
def _begin(s, serial):
    changes.take_patch(s, serial)
    control.jump_to_point(s)
    control.snap(s)


@kernel
def cycle_counter():
    """The processor's time-stamp counter where there is one, else 0: what `cycles_spent` of a snapshot counts in."""
    return cycle_count()
