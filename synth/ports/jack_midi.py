"""MIDI by our JACK client: connects every MIDI port to `midi_in`, or those whose name holds a text, as they come and go."""

from collections.abc import Callable

from ..events import Event, ends_of_notes
from .midi_out import MidiOut
from .portaudio import Output


class JackMidi:
    """Keeps `midi_in` connected. wanted: 'all', 'none' or part of a port's name. `scan` is called every second, `attend` often.

    device_of: number of an input, for its events. JACK mixes what comes to one port, so it is known while a single input is heard
    (ALSA's 'Midi Through', which says nothing of its own, is not counted). out: what it gives back is not heard.
    post: takes events, to end the notes of an input that has gone.
    """

    def __init__(self, output: Output, wanted: str, told: Callable[[str], None],
                 device_of: Callable[[str], int] = lambda name: 0, out: MidiOut | None = None,
                 post: Callable[[Event], object] = lambda event: None):
        self._out, self._post = out, post
        self._output, self._wanted, self._told, self._device_of = output, wanted, told, device_of
        self.names: list[str] = []
        self._attended: tuple[object, int] = (None, 0)  # the client, and how many had left it by then

    def attend(self) -> None:
        """End the notes of who is no longer connected to us, be it that no scan ever saw it."""
        client = self._output.jack
        departures = client.departures if client is not None else 0
        before, self._attended = self._attended, (client, departures)
        if departures > (before[1] if client is before[0] else 0):
            self._end_notes()

    def _end_notes(self) -> None:
        for event in ends_of_notes():
            self._post(event)

    def scan(self) -> None:
        """Connect what has come, forget what has gone."""
        client = self._output.jack
        if client is None or not client.active():
            gone, self.names = self.names, []
            if gone:
                self._end_notes()
            return
        present = [] if self._wanted == "none" else [n for n in self.present() if self._wanted == "all" or self._wanted in n]
        if self._out is not None:
            present = [n for n in present if not self._out.gives_back(n)]
        for name in [n for n in present if n not in self.names]:
            if client.listen(name):
                self.names = [*self.names, name]
                self._told(f"MIDI input '{name}' connected")
        gone = [n for n in self.names if n not in present]
        if gone:
            self.names = [n for n in self.names if n in present]
            self._told(f"MIDI input '{gone[0]}' is gone")
        speaking = [n for n in self.names if "midi through" not in n.casefold()]
        client.set_device(self._device_of(speaking[0]) if len(speaking) == 1 else 0)

    def present(self) -> list[str]:
        """Names of the server's MIDI sources, heard or not."""
        client = self._output.jack
        return list(client.midi_sources()) if client is not None and client.active() else []

    def last(self) -> str:
        """The newest message in hexadecimal, '' before the first."""
        client = self._output.jack
        count, message = client.last_midi() if client else (0, b"")
        return message.hex(" ").upper() if count else ""
