"""Our own JACK client `latentwave`: out_1, out_2, in_1, in_2, midi_in and midi_out, the process callback native (`engine.jack_process`).

libjack by ctypes, and only where it is installed; everywhere else PortAudio and RtMidi serve (`stream`, `midi`).
"""

import atexit
import ctypes
import ctypes.util
import os
import threading
import time
from functools import cache

import numpy as np

from ..engine.engine import Engine
from ..engine.jack_process import JACK, jack_process
from ..errors import UserError

CLIENT = "latentwave"
_NO_START_SERVER = 1
_IS_INPUT, _IS_OUTPUT, _IS_PHYSICAL = 1, 2, 4
_AUDIO, _MIDI = b"32 bit float mono audio", b"8 bit raw midi"
_ALREADY = 17  # what jack_connect answers where it is connected
_FINISH_S = 0.3  # longest wait for the last note-offs
_KEPT: list = []  # records and callbacks that C code may still reach live as long as the process


@cache
def _library():
    name = ctypes.util.find_library("jack")
    if not name:
        return None
    try:
        lib = ctypes.CDLL(name)
    except OSError:
        return None
    p, s, u = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong
    for function, result, arguments in (
            ("client_open", p, [s, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]), ("client_close", ctypes.c_int, [p]),
            ("get_client_name", s, [p]), ("get_sample_rate", ctypes.c_uint32, [p]), ("get_buffer_size", ctypes.c_uint32, [p]),
            ("port_register", p, [p, s, s, u, u]), ("set_process_callback", ctypes.c_int, [p, p, p]),
            ("on_shutdown", None, [p, p, p]), ("set_xrun_callback", ctypes.c_int, [p, p, p]),
            ("set_port_connect_callback", ctypes.c_int, [p, p, p]), ("port_by_id", p, [p, ctypes.c_uint32]),
            ("activate", ctypes.c_int, [p]),
            ("connect", ctypes.c_int, [p, s, s]), ("get_ports", ctypes.POINTER(s), [p, s, s, u]), ("free", None, [p]),
            ("cpu_load", ctypes.c_float, [p]), ("get_time", ctypes.c_uint64, []), ("is_realtime", ctypes.c_int, [p])):
        function = getattr(lib, f"jack_{function}")
        function.restype, function.argtypes = result, arguments
    quiet = ctypes.CFUNCTYPE(None, s)(lambda text: None)
    lib.jack_set_error_function(quiet)
    lib.jack_set_info_function(quiet)
    _KEPT.append(quiet)
    return lib


_SETTLED_S = 0.1  # libjack cancels a client's thread on closing; one that is still starting was once cancelled with a lock in its hands


def _open(name: str):
    lib = _library()
    return lib.jack_client_open(name.encode(), _NO_START_SERVER, ctypes.byref(ctypes.c_int())) if lib else None


def server() -> tuple[int, int] | None:
    """(sample rate in Hz, period in frames) of the running JACK server, or None. Never starts one."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    client = _open("latentwave-look")
    if not client:
        return None
    lib = _library()
    found = int(lib.jack_get_sample_rate(client)), int(lib.jack_get_buffer_size(client))
    time.sleep(_SETTLED_S)
    lib.jack_client_close(client)
    return found


def compile_callback() -> None:
    """Compile the process callback where JACK is installed, so that a server that appears later is joined at once."""
    if _library() is not None:
        jack_process()


class JackClient:
    """The running client; `time_s()`, `active()`, `load()` and `close()` as `stream.Stream` has them.

    Raises UserError where the server does not take us or runs at another rate than the engine.
    """

    def __init__(self, engine: Engine, connect: bool = True):
        lib, client = _library(), _open(CLIENT)
        if not client:
            raise UserError("the JACK server does not answer; start it, or choose another --device")
        self._lib, self._client, self._closed = lib, client, threading.Event()
        self.sr_hz, self.blocksize = int(lib.jack_get_sample_rate(client)), int(lib.jack_get_buffer_size(client))
        if self.sr_hz != engine.sr_hz:
            lib.jack_client_close(client)
            raise UserError(f"JACK runs at {self.sr_hz} Hz, not {engine.sr_hz}; use --samplerate {self.sr_hz}")
        self.name = lib.jack_get_client_name(client).decode()
        self.realtime = bool(lib.jack_is_realtime(client))
        self.xruns = self.departures = 0  # departures: ports that were connected to `midi_in` and are no more
        self._dead = False
        self._record = np.zeros(1, JACK)
        self._fill(engine)
        self._hook()
        if lib.jack_activate(client):
            lib.jack_client_close(client)
            raise UserError("the JACK server does not start our client; is it still running?")
        atexit.register(self.close)  # the server must not call us while the interpreter goes
        if connect:
            self._connect_outputs()

    def _fill(self, engine: Engine) -> None:
        lib, client, r = self._lib, self._client, self._record[0]
        for field, port, kind, flag in (("out_1", b"out_1", _AUDIO, _IS_OUTPUT), ("out_2", b"out_2", _AUDIO, _IS_OUTPUT),
                                        ("in_1", b"in_1", _AUDIO, _IS_INPUT), ("in_2", b"in_2", _AUDIO, _IS_INPUT),
                                        ("midi_in", b"midi_in", _MIDI, _IS_INPUT), ("midi_out", b"midi_out", _MIDI, _IS_OUTPUT)):
            r[field] = lib.jack_port_register(client, port, kind, flag, 0)
        for field, function in (("get_buffer", "jack_port_get_buffer"), ("event_count", "jack_midi_get_event_count"),
                                ("event_get", "jack_midi_event_get"), ("get_time", "jack_get_time"),
                                ("clear", "jack_midi_clear_buffer"), ("event_write", "jack_midi_event_write"),
                                ("query", "jack_transport_query")):
            r[field] = ctypes.cast(getattr(lib, function), ctypes.c_void_p).value
        r["client"] = client
        r["latency"], r["state_address"] = engine.event_latency_frames, engine.state_address
        _KEPT.extend((engine, self._record))

    def _hook(self) -> None:
        def shut_down(_):
            self._dead = True

        def xrun(_):
            self.xruns += 1
            return 0

        def connected(a, b, on, _):
            if not on and self._lib.jack_port_by_id(self._client, b) == int(self._record[0]["midi_in"]):
                self.departures += 1

        number, pointer = ctypes.c_uint32, ctypes.c_void_p
        hooks = (ctypes.CFUNCTYPE(None, pointer)(shut_down), ctypes.CFUNCTYPE(ctypes.c_int, pointer)(xrun),
                 ctypes.CFUNCTYPE(None, number, number, ctypes.c_int, pointer)(connected))
        _KEPT.append(hooks)
        self._lib.jack_on_shutdown(self._client, ctypes.cast(hooks[0], ctypes.c_void_p), None)
        self._lib.jack_set_xrun_callback(self._client, ctypes.cast(hooks[1], ctypes.c_void_p), None)
        self._lib.jack_set_port_connect_callback(self._client, ctypes.cast(hooks[2], ctypes.c_void_p), None)
        self._lib.jack_set_process_callback(self._client, jack_process().address, self._record.ctypes.data)

    def ports(self, kind: bytes, flags: int) -> list[str]:
        """Names of ports of a type with all the flags."""
        names, found, i = self._lib.jack_get_ports(self._client, None, kind, flags), [], 0
        while names and names[i]:
            found.append(names[i].decode())
            i += 1
        if names:
            self._lib.jack_free(names)
        return found

    def _connect_outputs(self) -> None:
        for i, target in enumerate(self.ports(_AUDIO, _IS_INPUT | _IS_PHYSICAL)[:2]):
            self._lib.jack_connect(self._client, f"{self.name}:out_{i + 1}".encode(), target.encode())

    def midi_sources(self) -> list[str]:
        """MIDI ports of others that can be heard."""
        return [p for p in self.ports(_MIDI, _IS_OUTPUT) if not p.startswith(CLIENT)]

    def listen(self, source: str) -> bool:
        """Connect a MIDI port to ours; True when it is connected."""
        code = self._lib.jack_connect(self._client, source.encode(), f"{self.name}:midi_in".encode())
        return code in (0, _ALREADY)

    def send_midi(self, on: bool) -> None:
        """Whether what is played goes out by `midi_out`. Where it ends, the next period lets go what was sent down."""
        self._record[0]["out"]["on"] = int(on)

    def midi_targets(self) -> list[str]:
        """MIDI ports of others that can be played."""
        return [p for p in self.ports(_MIDI, _IS_INPUT) if not p.startswith(CLIENT)]

    def play_to(self, target: str) -> bool:
        """Connect `midi_out` to a MIDI port; True when it is connected."""
        return self._lib.jack_connect(self._client, f"{self.name}:midi_out".encode(), target.encode()) in (0, _ALREADY)

    def sent_midi(self) -> tuple[int, int]:
        """(messages sent so far, messages of ours that came back and were passed over)."""
        out = self._record[0]["out"]
        return int(out["sent"]), int(out["echoes"])

    def finish_midi(self) -> None:
        """Let go what was sent down, which takes the server a period."""
        out = self._record[0]["out"]
        if out["on"]:
            out["on"] = 0
            deadline = time.monotonic() + _FINISH_S
            while out["begun"] and self.active() and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(1.5 * self.blocksize / self.sr_hz)  # for the others to read what the last period wrote

    def set_device(self, number: int) -> None:
        """Number of the one input that `midi_in` hears; 0: none, or several, which JACK mixes."""
        self._record[0]["device"] = number

    def last_midi(self) -> tuple[int, bytes]:
        """(messages so far, bytes of the newest)."""
        r = self._record[0]
        return int(r["messages"]), bytes(r["last"][:int(r["last"][3])])

    def time_s(self) -> float:
        """Seconds on the clock the callback tells."""
        return self._lib.jack_get_time() * 1e-6

    def active(self) -> bool:
        """Whether the server still calls us."""
        return not self._dead and not self._closed.is_set()

    def load(self) -> float:
        """The server's load, 0..1."""
        return float(self._lib.jack_cpu_load(self._client)) / 100 if self.active() else 0.0

    def close(self) -> None:
        """Leave the server."""
        if not self._closed.is_set():
            self.finish_midi()
            self._closed.set()
            self._lib.jack_client_close(self._client)
