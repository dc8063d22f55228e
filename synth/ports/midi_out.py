"""MIDI out: what is played goes out again, by our JACK client's `midi_out`, or by RtMidi where there is no JACK.

JACK's is written by the process callback, each message at its own frame. RtMidi's is sent by a thread here, when its frame is due.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
import rtmidi

from ..engine.engine import Engine
from ..engine.notes.midi_out import MIDI_OUT
from .portaudio import Output
from .rtmidi_ports import CLIENT, SCAN_S, apis

PORT = "midi_out"
NONE, OWN = "none", "on"  # no MIDI out; a port of our own that others connect to
_POLL_S, _IDLE_S, _JOIN_S = 0.001, 0.25, 30.0
_ECHO_S = 0.02  # what comes back sooner on another input is our own
_THROUGH = "midi through"  # ALSA's port that gives back what it gets


class SentMessages:
    """What went out lately, to know it where it comes back. Asked by the thread of the inputs."""

    def __init__(self) -> None:
        self._sent: deque[tuple[float, int, bytes]] = deque(maxlen=512)
        self.echoes = 0

    def add(self, message: bytes, device: int, now_s: float) -> None:
        """A message went out; device: number of the input that it came from, 0 for none."""
        self._sent.append((now_s, device, message))

    def is_echo(self, message: bytes, device: int, now_s: float) -> bool:
        """Whether a message that comes by an input is one of ours that did not come from there: each answers for one."""
        for entry in tuple(self._sent):
            if now_s - entry[0] <= _ECHO_S and entry[2] == message and (entry[1] != device or not device):
                with contextlib.suppress(ValueError):
                    self._sent.remove(entry)
                self.echoes += 1
                return True
        return False


class _RtMidiPort:
    """A port by RtMidi: one of our own, or a device's whose name holds `wanted`. Raises what RtMidi raises."""

    def __init__(self, wanted: str, found: Sequence[int]) -> None:
        self.name, self._port, self._wanted = "", None, wanted
        for api in found:
            port = self._open(api)
            if port is None:
                continue
            names = [n for n in port.get_ports() if not n.startswith(CLIENT)]
            name = next((n for n in names if wanted.casefold() in n.casefold()), None) if wanted != OWN else None
            if wanted != OWN and name is None:
                port.delete()
                continue
            if name is None:
                port.open_virtual_port(PORT)
            else:
                port.open_port(port.get_ports().index(name), name=PORT)
            self.name, self._port = name or f"{CLIENT}:{PORT}", port
            return

    @staticmethod
    def _open(api: int) -> rtmidi.MidiOut | None:
        try:
            return rtmidi.MidiOut(rtapi=api, name=CLIENT)
        except Exception:  # rtmidi's errors share no base class across its versions
            return None

    def there(self) -> bool:
        """Whether it is open, and its device not gone."""
        if self._port is None:
            return False
        return self._wanted == OWN or self.name in self._port.get_ports()

    def send(self, message: bytes) -> None:
        """One message."""
        if self._port is not None:
            self._port.send_message(list(message))

    def close(self) -> None:
        """Close it."""
        if self._port is not None:
            self._port.close_port()
            self._port.delete()
            self._port = None


class MidiOut:
    """Sends from `start` to `close`. wanted: 'on' for a port of our own, or part of the name of the port to play to.

    apis: RtMidi's, in place of those that may work here. `name` is where it goes, '' while nowhere.
    """

    def __init__(self, engine: Engine, output: Output, wanted: str, told: Callable[[str], None], apis: Sequence[int] | None = None):
        self._engine, self._output, self._wanted, self._told, self._apis = engine, output, wanted, told, apis
        self._out = np.zeros((), MIDI_OUT)
        self._due: deque[tuple[int, int, bytes]] = deque()
        self._port: _RtMidiPort | None = None
        self._looked_s, self._echoes, self._complained = -SCAN_S, 0, False
        self.name = ""
        self.sent = SentMessages()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="latentwave-midi-out", daemon=True)

    def start(self) -> None:
        """Send from here on."""
        self._look(time.monotonic())
        self._thread.start()

    def close(self) -> None:
        """Let go what was sent down, and end."""
        self._stop.set()
        self._thread.join(timeout=_JOIN_S)
        self._leave()
        self.name = ""

    def gives_back(self, input_name: str) -> bool:
        """Whether an input would only give back what is sent: ALSA's 'Midi Through' while it is played to."""
        return _THROUGH in input_name.casefold() and _THROUGH in (self.name or self._wanted).casefold()

    def is_echo(self, message: bytes, device: int, now_s: float) -> bool:
        """Whether a message that comes by an input is one of ours. From the inputs' thread."""
        return self.sent.is_echo(message, device, now_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            now_s = time.monotonic()
            if now_s - self._looked_s > SCAN_S:
                self._look(now_s)
            if self._port is not None:
                self._send()
            self._stop.wait(_POLL_S if self._port is not None else _IDLE_S)

    def _look(self, now_s: float) -> None:
        """JACK while our client runs there, else RtMidi; what has come is opened, what has gone is told."""
        self._looked_s = now_s
        client = self._output.jack
        if client is not None and client.active():
            self._leave()
            client.send_midi(True)
            self._connect(client)
            echoes = client.sent_midi()[1]
        else:
            self._look_for_port()
            echoes = self.sent.echoes
        if echoes > self._echoes:
            self._told("what MIDI out sends comes back to a MIDI input; it is passed over, so that no note goes round")
        self._echoes = echoes

    def _connect(self, client) -> None:
        if self._wanted == OWN:
            self.name = f"{client.name}:{PORT}"
            return
        target = next((p for p in client.midi_targets() if self._wanted.casefold() in p.casefold()), None)
        if target is not None and client.play_to(target):
            if self.name != target:
                self._told(f"MIDI out plays to '{target}'")
            self.name, self._complained = target, False
        else:
            self._complain()

    def _look_for_port(self) -> None:
        if self._port is not None and self._port.there():
            return
        if self._port is not None:
            self._told(f"MIDI output '{self._port.name}' is gone")
            self._leave()
        found = list(apis() if self._apis is None else self._apis)
        try:
            port = _RtMidiPort(self._wanted, found)
        except Exception:
            port = None
        if port is None or not port.name:
            self._complain()
            return
        self._port, self.name, self._complained = port, port.name, False
        self._out["on"] = 1
        self._engine.collect_midi(self._out)
        self._told(f"MIDI out plays to '{port.name}'" if self._wanted != OWN else f"MIDI out is '{port.name}'")

    def _complain(self) -> None:
        self.name = ""
        if not self._complained:
            self._complained = True
            what = f"no MIDI output named '{self._wanted}'; `latentwave devices` lists what there is" if self._wanted != OWN else \
                "no MIDI system answers"
            self._told(f"MIDI out: {what}; it is looked for again")

    def _send(self) -> None:
        """What is due by now; the rest waits for its frame."""
        self._due.extend(self._engine.collect_midi(self._out))
        if not self._due:
            return
        frame, began_s = self._engine.clock()
        now_frame = frame + (self._output.time_s() - began_s) * self._engine.sr_hz
        while self._due and self._due[0][0] <= now_frame:
            self._send_one(self._due.popleft())

    def _send_one(self, due: tuple[int, int, bytes]) -> None:
        if self._port is not None:
            self.sent.add(due[2], due[1], time.monotonic())
            with contextlib.suppress(Exception):  # a device that went a moment ago; the next look tells
                self._port.send(due[2])

    def _leave(self) -> None:
        """Every note that was sent down is let go, and the port closed."""
        client = self._output.jack
        if self._stop.is_set() and client is not None and client.active():
            client.finish_midi()
        if self._port is None:
            return
        self._out["on"] = 0
        for due in (*self._due, *self._engine.collect_midi(self._out)):
            self._send_one(due)
        self._due.clear()
        with contextlib.suppress(Exception):
            self._port.close()
        self._port, self.name = None, ""
