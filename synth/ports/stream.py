"""A native output stream: PortAudio calls the engine's compiled callback; Python is not in the way.

Three ways to open it, tried in turn: sounddevice's base class for library authors with the callback's address;
PortAudio's own C interface by ctypes; and, where neither works, sounddevice's public raw stream with a Python callback
that calls the same kernel, at 256 frames or more.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import sounddevice as sd

from ..engine.engine import Engine
from ..errors import UserError

CHANNELS = 2
_PYTHON_BLOCK = 256
_KEPT: list[Any] = []  # a stream has no finaliser: engine and callback live as long as the process


def open_stream(engine: Engine, device: int, blocksize: int) -> "Stream":
    """Open and start a stream on an output device. Raises UserError with one sentence."""
    _KEPT.append(engine)
    problem: Exception | None = None
    for way in (_by_base_class, _by_portaudio, _by_python):
        try:
            return way(engine, device, blocksize)
        except sd.PortAudioError as error:
            problem = error
            if _is_final(error):
                break
        except (AttributeError, TypeError, AssertionError, OSError) as error:
            problem = error
    raise UserError(_sentence(problem, device, engine.sr_hz))


def _is_final(error: sd.PortAudioError) -> bool:
    return "Invalid sample rate" in str(error) or "Device unavailable" in str(error) or "Invalid device" in str(error)


def _sentence(error: Exception | None, device: int, sr_hz: int) -> str:
    name = sd.query_devices(device)["name"]
    if "sample rate" in str(error):
        own = int(sd.query_devices(device)["default_samplerate"])
        return f"'{name}' does not run at {sr_hz} Hz; use --samplerate {own}"
    return f"'{name}' cannot be opened ({str(error).split(' [')[0]}); `latentwave devices` lists what there is"


class Stream:
    """A running stream: `time_s()` on its clock, whether it is `active`, its `load` 0..1 of real time, `close()`."""

    def __init__(self, time_s: Callable[[], float], active: Callable[[], bool], load: Callable[[], float], close: Callable[[], None],
                 latency_s: float):
        self.time_s, self.active, self.load, self.close, self.latency_s = time_s, active, load, close, latency_s


def _of(stream) -> Stream:
    return Stream(lambda: stream.time, lambda: bool(stream.active), lambda: float(stream.cpu_load),
                  lambda: stream.close(ignore_errors=True), float(stream.latency))


def _by_base_class(engine: Engine, device: int, blocksize: int) -> Stream:
    stream = sd._StreamBase(
        "output", samplerate=engine.sr_hz, blocksize=blocksize, device=device, channels=CHANNELS, dtype="float32", latency="low",
        clip_off=True, dither_off=True, callback=sd._ffi.cast("PaStreamCallback*", engine.callback_address),
        userdata=sd._ffi.cast("void*", engine.state_address))
    stream.start()
    return _of(stream)


class _Parameters(ctypes.Structure):
    _fields_ = [("device", ctypes.c_int), ("channels", ctypes.c_int), ("format", ctypes.c_ulong), ("latency", ctypes.c_double),
                ("specific", ctypes.c_void_p)]


def _by_portaudio(engine: Engine, device: int, blocksize: int) -> Stream:
    """The same by PortAudio's public C interface (portaudio.h, V19)."""
    lib = ctypes.CDLL(sd._libname)
    lib.Pa_GetStreamTime.restype = lib.Pa_GetStreamCpuLoad.restype = ctypes.c_double
    lib.Pa_GetErrorText.restype = ctypes.c_char_p
    latency_s = float(sd.query_devices(device)["default_low_output_latency"])
    parameters, pointer = _Parameters(device, CHANNELS, 1, latency_s, None), ctypes.c_void_p()  # 1 = paFloat32

    def check(code: int) -> None:
        if code < 0:
            raise sd.PortAudioError(lib.Pa_GetErrorText(code).decode())

    check(lib.Pa_OpenStream(ctypes.byref(pointer), None, ctypes.byref(parameters), ctypes.c_double(engine.sr_hz),
                            ctypes.c_ulong(blocksize), ctypes.c_ulong(3), ctypes.c_void_p(engine.callback_address),
                            ctypes.c_void_p(engine.state_address)))
    check(lib.Pa_StartStream(pointer))
    return Stream(lambda: lib.Pa_GetStreamTime(pointer), lambda: lib.Pa_IsStreamActive(pointer) == 1,
                  lambda: lib.Pa_GetStreamCpuLoad(pointer), lambda: lib.Pa_CloseStream(pointer), latency_s)


def _by_python(engine: Engine, device: int, blocksize: int) -> Stream:
    def call(out, n_frames, time, status):
        out[:] = engine.process(n_frames, time.currentTime).tobytes()

    stream = sd.RawOutputStream(samplerate=engine.sr_hz, blocksize=max(blocksize, _PYTHON_BLOCK), device=device, channels=CHANNELS,
                                dtype="float32", latency="low", callback=call)
    stream.start()
    return _of(stream)
