"""MIDI bytes -> events (pure, driven by a table), and the ports (thin): polled, every one or a named one, hot-plugged."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence

import rtmidi

from ..events import Event, Kind

_FROM_STATUS: dict[int, tuple[Kind, bool, Callable[[int], float]]] = {
    # high nibble -> (kind, has a number byte, how the last byte reads)
    0x80: (Kind.NOTE_OFF, True, lambda v: v / 127),
    0x90: (Kind.NOTE_ON, True, lambda v: v / 127),
    0xA0: (Kind.KEY_PRESSURE, True, float),
    0xB0: (Kind.CONTROL, True, float),
    0xC0: (Kind.PROGRAM, True, float),
    0xD0: (Kind.PRESSURE, False, float),
    0xE0: (Kind.BEND, False, float),
}
POLL_S = 0.001
SCAN_S = 1.0
_UNHEARD_S = 0.05  # between looks while no port is open
CLIENT, PORT = "latentwave", "midi_in"


def event_of(message: Sequence[int]) -> Event | None:
    """Event of one MIDI message's bytes; None for what is not a channel message, or is cut short."""
    if not message or not 0x80 <= message[0] < 0xF0:
        return None
    kind, numbered, scale = _FROM_STATUS[message[0] & 0xF0]
    channel, data = message[0] & 0x0F, message[1:]
    length = 1 if kind in (Kind.PROGRAM, Kind.PRESSURE) else 2
    if len(data) < length or any(not 0 <= b <= 127 for b in data[:length]):
        return None
    if kind == Kind.BEND:
        raw = data[0] + 128 * data[1] - 8192
        return Event(kind, 0, raw / 8191 if raw > 0 else raw / 8192, channel)
    if kind == Kind.PROGRAM:
        return Event(kind, data[0], 0.0, channel)
    value = scale(data[length - 1])
    if kind == Kind.NOTE_ON and data[1] == 0:
        kind = Kind.NOTE_OFF
    return Event(kind, data[0] if numbered else 0, value, channel)


def apis() -> list[int]:
    """rtmidi APIs that may work here. JACK's MIDI is heard by our own client (`jack`), ALSA's only where its device is."""
    absent = {rtmidi.API_RTMIDI_DUMMY, rtmidi.API_UNIX_JACK}
    if not os.path.exists("/dev/snd/seq"):
        absent.add(rtmidi.API_LINUX_ALSA)
    return [a for a in rtmidi.get_compiled_api() if a not in absent]


def open_input(api: int, name: str = CLIENT) -> rtmidi.MidiIn | None:
    """An input of an API, or None where that API does not work (each throws its own error)."""
    try:
        port = rtmidi.MidiIn(rtapi=api, name=name, queue_size_limit=4096)
        port.ignore_types(sysex=False, timing=False, active_sense=False)
        return port
    except Exception:
        return None


class MidiPorts:
    """Listens on every MIDI input, or those whose name holds `wanted`, and calls `post(event, age_s)` from its own thread.

    Polled each millisecond; every second the ports are looked over: new ones are opened, lost ones answered with all
    notes off. age_s is how long before now the message was stamped.
    """

    def __init__(self, post: Callable[[Event, float], None], wanted: str = "all", told: Callable[[str], None] | None = None):
        self._post, self._wanted, self._told = post, wanted, told or (lambda text: None)
        self._open: dict[tuple[int, str], rtmidi.MidiIn] = {}
        self._probes: dict[int, rtmidi.MidiIn] = {}
        self._stop = threading.Event()
        self.last = ""
        self._thread = threading.Thread(target=self._run, name="latentwave-midi", daemon=True)

    @property
    def names(self) -> list[str]:
        """Names of the open inputs."""
        return [name for _, name in self._open]

    def start(self) -> None:
        """Look for ports once, then listen in a thread."""
        self._scan()
        self._thread.start()

    def stop(self) -> None:
        """Close every port."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        for port in (*self._open.values(), *self._probes.values()):
            port.close_port()
            port.delete()
        self._open.clear()
        self._probes.clear()

    def _run(self) -> None:
        scanned = time.monotonic()
        while not self._stop.is_set():
            for port in tuple(self._open.values()):
                while (got := port.get_message()) is not None:
                    self._take(got[0])
            if time.monotonic() - scanned > SCAN_S:
                self._scan()
                scanned = time.monotonic()
            time.sleep(POLL_S if self._open else _UNHEARD_S)

    def _take(self, message: Sequence[int]) -> None:
        event = event_of(message)
        if event is not None:
            self.last = " ".join(f"{b:02X}" for b in message[:3])
            self._post(event, 0.0)

    def _scan(self) -> None:
        for api in apis():
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
        self._open[(api, name)] = port
        self._told(f"MIDI input '{name}' connected")

    def _close(self, key: tuple[int, str]) -> None:
        port = self._open.pop(key)
        port.close_port()
        port.delete()
        self._told(f"MIDI input '{key[1]}' is gone")
        for channel in range(16):
            self._post(Event(Kind.CONTROL, 64, 0.0, channel), 0.0)
            self._post(Event(Kind.CONTROL, 123, 0.0, channel), 0.0)
