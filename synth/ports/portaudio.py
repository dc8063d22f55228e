"""Where sound goes: a JACK server, a PortAudio device, or a silent clock until one appears."""

import ctypes
import os
import threading
import time
from collections.abc import Callable

from ..engine.engine import Engine
from ..errors import UserError, did_you_mean
from . import jack
from .device_list import quiet_stderr

RESCAN_S = 1.0
_STALLED_LOOKS = 2  # in a row without a block: time alone would blame a device for a machine that stood still
_POINTER, _COUNT = ctypes.c_void_p, ctypes.c_ulong
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, _COUNT, _POINTER, _COUNT, _POINTER)
_JOIN_S = 30.0  # a busy machine may hold a thread up; one that hangs must not keep the program for ever


class SilentClock:
    """Runs the engine in real time with nobody listening; an output like any other."""

    name = "none (silent clock)"

    def __init__(self, engine: Engine, blocksize: int):
        self._engine, self._blocksize = engine, blocksize
        self._out, self._times = (ctypes.c_float * (2 * blocksize))(), (ctypes.c_double * 3)()
        self._callback = _CALLBACK(engine.callback_address)  # as PortAudio calls it: `Engine.process` makes an array for each block
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="latentwave-clock", daemon=True)
        self._thread.start()

    def _process(self, due_s: float) -> None:
        self._times[1] = due_s
        self._callback(None, self._out, self._blocksize, self._times, 0, self._engine.state_address)

    def _run(self) -> None:
        period_s = self._blocksize / self._engine.sr_hz
        due_s = time.perf_counter()
        while not self._stop.is_set():
            now_s = time.perf_counter()
            if now_s - due_s > 0.5:
                due_s = now_s
            while due_s <= now_s:
                self._process(due_s)
                due_s += period_s
            time.sleep(max(due_s - time.perf_counter(), 0.0005))

    def time_s(self) -> float:
        """Seconds on the clock the callback tells."""
        return time.perf_counter()

    def active(self) -> bool:
        """Whether it runs."""
        return not self._stop.is_set()

    def close(self) -> None:
        """Stop; when this returns the engine is free for another output."""
        self._stop.set()
        self._thread.join()


def _sounddevice(rescan: bool = False):
    """The module, or None where PortAudio cannot be had; `rescan` lets it look for devices anew."""
    with quiet_stderr():
        try:
            import sounddevice as sd

            if rescan:
                sd._terminate()
                sd._initialize()
            return sd
        except (ImportError, OSError):
            return None
        except Exception:  # PortAudioError while a device comes or goes
            return None


def _outputs(sd) -> list[dict]:
    apis = sd.query_hostapis()
    return [dict(d) | {"api": apis[d["hostapi"]]["name"]} for d in sd.query_devices()
            if d["max_output_channels"] >= 2 and "JACK" not in apis[d["hostapi"]]["name"]]


def _pick(sd, wanted: str | None) -> dict | None:
    """The wanted PortAudio output, the default one for None; None when there is none."""
    found = _outputs(sd)
    if wanted is None:
        default = sd.default.device[1]
        return next((d for d in found if d["index"] == default), found[0] if found else None)
    if wanted.isdigit():
        return next((d for d in found if d["index"] == int(wanted)), None)
    return next((d for d in found if wanted.casefold() in f"{d['name']} {d['api']}".casefold()), None)


def _is_jack(wanted: str | None) -> bool:
    return wanted is None or wanted.casefold() in ("jack", "system")


def choose_format(wanted: str | None, sr_hz: int | None, blocksize: int) -> tuple[int, int]:
    """(rate in Hz, frames of the largest block) to run the engine for.

    The rate is the one asked for, else the JACK server's, else the device's own, else 48,000 Hz.
    """
    server = jack.server() if _is_jack(wanted) else None
    if server:
        return sr_hz or server[0], max(blocksize, server[1])
    if sr_hz is not None:
        return sr_hz, blocksize
    sd = _sounddevice()
    device = _pick(sd, wanted) if sd else None
    return int(device["default_samplerate"]) if device else 48000, blocksize


class Output:
    """The engine's output and its recovery: opens the best there is, notices loss, connects again within two seconds.

    wanted: 'none' (silent), 'jack', a PortAudio device's index or part of its name; None: JACK if it runs, else the default.
    Raises UserError if a named device is absent or refuses.
    """

    def __init__(self, engine: Engine, wanted: str | None, blocksize: int, told: Callable[[str], None]):
        os.environ.setdefault("JACK_NO_START_SERVER", "1")
        self._engine, self._wanted, self._blocksize, self._told = engine, wanted, blocksize, told
        self._stop, self._closed = threading.Event(), False
        self.jack: jack.JackClient | None = None
        self.name = ""
        if _is_jack(wanted):
            jack.compile_callback()
        self.output = self._open(first=True) or SilentClock(engine, blocksize)
        if self.silent:
            self.name = SilentClock.name
            if wanted != "none":
                told("no sound device; running silently and looking for one")
        self._seen = (0, 0)  # blocks, and at how many looks it was so many
        self._thread = threading.Thread(target=self._watch, name="latentwave-output", daemon=True)
        self._thread.start()

    @property
    def silent(self) -> bool:
        """Whether nobody listens."""
        return isinstance(self.output, SilentClock)

    @property
    def blocksize(self) -> int:
        """Frames a block."""
        client = self.jack  # read once: another thread takes it away when the server goes
        return client.blocksize if client else self._blocksize

    @property
    def jack_xruns(self) -> int:
        """Blocks that the JACK server says were missed."""
        client = self.jack
        return client.xruns if client else 0

    def time_s(self) -> float:
        """Stream time now; of the newest block once closed."""
        return self._engine.clock()[1] if self._closed else self.output.time_s()

    def close(self) -> None:
        """Stop the sound; the engine is free for another caller then."""
        self._stop.set()
        self._thread.join(timeout=_JOIN_S)
        self._closed = True
        self.output.close()

    def _open(self, first: bool = False, rescan: bool = False):
        """An output that listens, or None."""
        if self._wanted == "none":
            return None
        if _is_jack(self._wanted) and jack.server():
            self.jack = jack.JackClient(self._engine)
            self.name = f"JACK {self.jack.sr_hz / 1000:g} kHz / {self.jack.blocksize}"
            return self.jack
        sd = _sounddevice(rescan)
        device = _pick(sd, self._wanted) if sd else None
        if device is None:
            if first and self._wanted is not None:
                names = [*(d["name"] for d in _outputs(sd)), "jack", "none"] if sd else ["jack", "none"]
                near = did_you_mean(self._wanted, names)
                raise UserError(f"no sound device named '{self._wanted}'{near}; `latentwave devices` lists what there is")
            return None
        from .stream import open_stream

        with quiet_stderr():
            stream = open_stream(self._engine, device["index"], self._blocksize)
        self.name = f"{device['name']} ({device['api']})"
        return stream

    def _lost(self) -> bool:
        if not self.output.active():
            return True
        blocks = int(self._engine.snapshot()["blocks"])
        self._seen = (blocks, self._seen[1] + 1 if blocks == self._seen[0] else 0)
        return self._seen[1] >= _STALLED_LOOKS

    def _watch(self) -> None:
        while not self._stop.wait(RESCAN_S):
            if self.silent:
                self._reconnect()
            elif self._lost():
                self._told(f"'{self.name}' is gone; running silently and looking for a device")
                self.output.close()
                self.jack = None
                self.output, self.name = SilentClock(self._engine, self._blocksize), SilentClock.name

    def _reconnect(self) -> None:
        """Look for a device while the silent clock runs; the engine has one caller at a time."""
        if self._wanted == "none" or not self._present():
            return
        self.output.close()
        try:
            self.output = self._open() or SilentClock(self._engine, self._blocksize)
        except UserError as error:
            self._told(str(error))
            self.output = SilentClock(self._engine, self._blocksize)
        self._seen = (0, 0)
        self.name = SilentClock.name if self.silent else self.name
        if not self.silent:
            self._told(f"connected to {self.name}")

    def _present(self) -> bool:
        if _is_jack(self._wanted) and jack.server():
            return True
        sd = _sounddevice(rescan=True)
        return bool(sd and _pick(sd, self._wanted))


def can_be_heard(wanted: str | None) -> bool:
    """Whether there is an output to play through now."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    if wanted == "none":
        return False
    if _is_jack(wanted) and jack.server():
        return True
    sd = _sounddevice()
    return bool(sd and _pick(sd, wanted))
