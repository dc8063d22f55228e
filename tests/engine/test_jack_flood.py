"""The native JACK callback with more MIDI in one period than its ring holds: what was lost leaves no note behind."""

import ctypes

import numpy as np

from synth.engine.jack_process import JACK, MIDI_EVENT, jack_process
from synth.render.offline import Offline

from .sounds import INIT, soft

N = 128


class Server:
    """What libjack would do for one client: hands out buffers and the messages of a period. A port is its buffer's address."""

    def __init__(self, engine):
        self.out, self.messages, self.kept = np.zeros((2, N), np.float32), [], []
        self.record = np.zeros(1, JACK)
        r = self.record[0]
        r["out_1"], r["out_2"], r["midi_in"] = self.out[0].ctypes.data, self.out[1].ctypes.data, 1
        p, u = ctypes.c_void_p, ctypes.c_uint32
        for name, kind, function in (
                ("get_buffer", ctypes.CFUNCTYPE(p, p, u), lambda port, n: port), ("get_time", ctypes.CFUNCTYPE(ctypes.c_uint64), lambda: 0),
                ("event_count", ctypes.CFUNCTYPE(u, p), lambda buffer: len(self.messages)),
                ("event_get", ctypes.CFUNCTYPE(ctypes.c_int, p, p, u), self._get)):
            self.kept.append(kind(function))
            r[name] = ctypes.cast(self.kept[-1], p).value
        r["latency"], r["state_address"] = 128, engine.state_address

    def _get(self, event, buffer, index):
        view = np.frombuffer((ctypes.c_char * MIDI_EVENT.itemsize).from_address(event), MIDI_EVENT)
        message = np.frombuffer(self.messages[index] + bytes(4), np.uint8)
        self.kept = [*self.kept[:4], message]
        view.flags.writeable = True
        view["time"], view["size"], view["buffer"] = index % N, len(self.messages[index]), message.ctypes.data
        return 0

    def run(self, messages=()):
        """One period: float32[2, 128]."""
        self.messages = list(messages)
        ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p)(jack_process().address)(N, self.record.ctypes.data)
        return self.out.copy()


def test_a_flood_leaves_no_note():
    player = Offline(INIT, source=soft())
    server = Server(player.engine)
    ons = [bytes((0x90 | i % 16, 30 + i % 60, 100)) for i in range(8000)]
    server.run(ons)
    server.run([bytes((0x80 | i % 16, 30 + i % 60, 0)) for i in range(8000)])  # mostly lost
    assert player.engine.snapshot()["voices"] > 0
    for _ in range(200):
        x = server.run()
    assert player.engine.snapshot()["voices"] == 0 and not x.any()
    server.run([bytes((0x90, 60, 100))])
    assert max(np.abs(server.run()).max() for _ in range(10)) > 0.01  # and it plays on
