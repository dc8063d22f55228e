"""The polled ports of rtmidi, on real JACK MIDI: order kept, ports found as they come, notes ended when they go."""

import subprocess
import sys

import rtmidi

from synth.events import Kind
from synth.ports import rtmidi_ports
from tests.servers import end

from .test_recovery import KEYS, until


def keyboard(env):
    return subprocess.Popen([sys.executable, str(KEYS), "nowhere:in"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_polled_ports(jack_server, monkeypatch):
    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(rtmidi_ports, "apis", lambda: [rtmidi.API_UNIX_JACK])
    got, told = [], []
    ports = rtmidi_ports.MidiPorts(lambda event, age_s: got.append(event), "keys", told.append)
    ports.start()
    keys = None
    try:
        assert ports.names == []
        keys = keyboard(jack_server)
        assert until(lambda: any("keys:out" in n for n in ports.names)), told
        keys.stdin.write("".join(f"0.002 144 {36 + i % 60} {1 + i % 127}\n" for i in range(600)) + "0 176 1 64\n0 192 5\n0 224 0 96\n")
        keys.stdin.flush()
        assert until(lambda: len(got) >= 603), len(got)
        notes = [(e.number, round(e.value * 127)) for e in got[:600]]
        assert notes == [(36 + i % 60, 1 + i % 127) for i in range(600)]
        assert [e.kind for e in got[600:603]] == [Kind.CONTROL, Kind.PROGRAM, Kind.BEND] and got[602].value == 4096 / 8191
        keys.stdin.close()
        assert until(lambda: ports.names == [] and any("is gone" in t for t in told) and len(got) >= 603 + 32), told
        ended = {e.channel for e in got[603:] if e.kind == Kind.CONTROL and e.number == 123}
        assert ended == set(range(16))
    finally:
        if keys:
            end(keys)
        ports.stop()
