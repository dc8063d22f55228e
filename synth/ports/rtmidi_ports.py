"""MIDI ports by RtMidi (thin): polled, every one or a named one, hot-plugged; what comes is read by `midibytes`."""

import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol

import rtmidi

from ..events import CLOCK_KINDS, Event, ends_of_notes
from ..midi_bytes import Stream

POLL_S = 0.001
SCAN_S = 1.0
_UNHEARD_S = 0.05  # between looks while no port is open
_CLOCK_S = 2.0
_JOIN_S = 30.0  # a busy machine may hold the thread up; its ports are closed only after it
_STALE_S, _DRIFT = 0.05, 2e-4  # a stamp that late was made by a clock that stood; clocks differ by less
CLIENT, PORT = "latentwave", "midi_in"


def apis() -> list[int]:
    """rtmidi APIs that may work here. JACK's MIDI is heard by our own client (`jack`), ALSA's only where its device is."""
    absent = {rtmidi.API_RTMIDI_DUMMY, rtmidi.API_UNIX_JACK}
    if not os.path.exists("/dev/snd/seq"):
        absent.add(rtmidi.API_LINUX_ALSA)
    return [a for a in rtmidi.get_compiled_api() if a not in absent]


@cache
def _silence_jack() -> object:
    """RtMidi's libjack, which may be one of its own, else complains on stderr at each look for a server. Answers what it calls instead."""
    quiet = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda text: None)
    try:
        library = ctypes.CDLL(rtmidi._rtmidi.__file__)  # its symbols are those of what it is linked to as well
        library.jack_set_error_function(quiet)
        library.jack_set_info_function(quiet)
    except (AttributeError, OSError):  # built without JACK
        return None
    return quiet  # kept by the cache: C code may call it as long as the process lives


def apis_with_jack() -> list[int]:
    """As `apis`, and JACK's MIDI by RtMidi: for who listens without being our JACK client."""
    _silence_jack()
    return [*apis(), *(a for a in rtmidi.get_compiled_api() if a == rtmidi.API_UNIX_JACK)]


def open_input(api: int, name: str = CLIENT) -> rtmidi.MidiIn | None:
    """An input of an API, or None where that API does not work (each throws its own error)."""
    try:
        port = rtmidi.MidiIn(rtapi=api, name=name, queue_size_limit=4096)
        port.ignore_types(sysex=False, timing=False, active_sense=False)
        return port
    except Exception:
        return None


class Stamps:
    """Ages of polled messages from their driver's stamps: the least delay seen is taken for none, and drifts up slowly."""

    def __init__(self) -> None:
        self._stamp_s, self._least_s, self._seen_s = 0.0, 0.0, -1.0

    def age_s(self, delta_s: float, now_s: float) -> float:
        """Seconds before now that a message came; delta_s is its stamp less that of the one before."""
        self._stamp_s += delta_s
        lag_s = now_s - self._stamp_s
        if self._seen_s < 0 or lag_s > self._least_s + _STALE_S:  # the first, or the driver's clock has stood still
            self._least_s = lag_s
        else:
            self._least_s = min(lag_s, self._least_s + _DRIFT * (now_s - self._seen_s))
        self._seen_s = now_s
        return lag_s - self._least_s


class Leader:
    """Whose clock is followed where several inputs send one: the first that came, until it is silent for two seconds."""

    def __init__(self) -> None:
        self._who: object = None
        self._at_s = 0.0

    def leads(self, who: object, now_s: float) -> bool:
        """Whether a clock that comes from `who` now is followed."""
        if self._who is not None and who is not self._who and now_s - self._at_s < _CLOCK_S:
            return False
        self._who, self._at_s = who, now_s
        return True


@dataclass(slots=True)
class _Heard:
    """One open input."""

    port: rtmidi.MidiIn
    stream: Stream = field(default_factory=Stream)
    stamps: Stamps = field(default_factory=Stamps)
    device: int = 0


class Returns(Protocol):
    """What knows our own messages where they come back: `MidiOut`."""

    def gives_back(self, input_name: str) -> bool:
        """Whether an input would only give back what is sent."""
        ...

    def is_echo(self, message: bytes, device: int, now_s: float) -> bool:
        """Whether a message that comes by an input is one of ours."""
        ...


class MidiPorts:
    """Listens on every MIDI input, or those whose name holds `wanted`, and calls `post(event, age_s)` from its own thread.

    Polled each millisecond; every second the ports are looked over: new ones are opened, lost ones answered with all
    notes off. age_s is how long before now the message was stamped. device_of: number of an input, for its events.
    apis: RtMidi's, in place of `apis()`. out: what it sent and comes back is passed over.
    """

    def __init__(self, post: Callable[[Event, float], None], wanted: str = "all", told: Callable[[str], None] | None = None,
                 device_of: Callable[[str], int] = lambda name: 0, apis: Sequence[int] | None = None, out: "Returns | None" = None):
        self._post, self._wanted, self._told, self._device_of = post, wanted, told or (lambda text: None), device_of
        self._apis, self._out = apis, out
        self._open: dict[tuple[int, str], _Heard] = {}
        self._probes: dict[int, rtmidi.MidiIn] = {}
        self._stop = threading.Event()
        self.last = ""
        self._leader = Leader()
        self._thread = threading.Thread(target=self._run, name="latentwave-midi", daemon=True)

    @property
    def names(self) -> list[str]:
        """Names of the open inputs."""
        return [name for _, name in tuple(self._open)]  # copied: the thread opens and closes some

    def start(self) -> None:
        """Look for ports once, then listen in a thread."""
        self._scan()
        self._thread.start()

    def stop(self) -> None:
        """Close every port."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=_JOIN_S)
        for port in (*(heard.port for heard in self._open.values()), *self._probes.values()):
            port.close_port()
            port.delete()
        self._open.clear()
        self._probes.clear()

    def _run(self) -> None:
        scanned = time.monotonic()
        while not self._stop.is_set():
            for heard in tuple(self._open.values()):
                while (got := heard.port.get_message()) is not None:
                    self._take(heard, *got)
            if time.monotonic() - scanned > SCAN_S:
                self._scan()
                scanned = time.monotonic()
            time.sleep(POLL_S if self._open else _UNHEARD_S)

    def _take(self, heard: _Heard, message: Sequence[int], delta_s: float) -> None:
        age_s = heard.stamps.age_s(delta_s, time.monotonic())
        for whole, event in heard.stream.feed(message):
            if event.kind not in CLOCK_KINDS:
                self.last = whole.hex(" ").upper()
            elif not self._leader.leads(heard, time.monotonic()):
                continue
            if self._out is not None and self._out.is_echo(whole, heard.device, time.monotonic()):
                continue
            self._post(replace(event, device=heard.device), age_s)

    def _scan(self) -> None:
        for api in apis() if self._apis is None else self._apis:
            if api not in self._probes:
                probe = open_input(api, f"{CLIENT}-probe")
                if probe is None:
                    continue
                self._probes[api] = probe
            try:
                present = [n for n in self._probes[api].get_ports() if not n.startswith(CLIENT)]
            except Exception:
                present = []
            self._match(api, present)

    def _match(self, api: int, present: Iterable[str]) -> None:
        for key in [k for k in self._open if k[0] == api and k[1] not in present]:
            self._close(key)
        for index, name in enumerate(present):
            if self._out is not None and self._out.gives_back(name):
                continue
            if (api, name) not in self._open and (self._wanted == "all" or self._wanted in name):
                self._connect(api, index, name)

    def _connect(self, api: int, index: int, name: str) -> None:
        port = open_input(api)
        if port is None:
            return
        try:
            port.open_port(port.get_ports().index(name), name=PORT)
        except Exception as error:
            self._told(f"MIDI input '{name}' cannot be opened ({error})")
            return
        self._open[(api, name)] = _Heard(port, device=self._device_of(name))
        self._told(f"MIDI input '{name}' connected")

    def _close(self, key: tuple[int, str]) -> None:
        port = self._open.pop(key).port
        port.close_port()
        port.delete()
        self._told(f"MIDI input '{key[1]}' is gone")
        for event in ends_of_notes():
            self._post(event, 0.0)
