"""The one way in for hosts: audio arrives, transport is followed and repeated, snapshots are whole, meters fall by the clock."""

import ctypes
import threading
import time

import numpy as np
import pytest

from synth.engine import abi
from synth.engine.callback import process
from synth.engine.jack_process import POSITION
from synth.events import EVENT_DTYPE, PRODUCERS, Kind, note_on
from synth.ports import jack
from synth.render.offline import Offline
from tests.engine.sounds import INIT, soft

SR_HZ = 48000


class Host:
    """A host of one engine: calls `process` as C code would."""

    def __init__(self, engine):
        self.engine, self.transport = engine, np.zeros(1, abi.TRANSPORT)
        self._call = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 3, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32,
                                      ctypes.c_void_p)(process().address)

    def run(self, n_frames=128, audio_in=None, events=()):
        """One block: float32[2, n_frames]. events: (frame, Event)."""
        out, ports = np.zeros((2, n_frames), np.float32), np.zeros(2, abi.AUDIO)
        if audio_in is not None:
            ports[0] = (audio_in[0].ctypes.data, audio_in[1].ctypes.data, 1)
        ports[1] = (out[0].ctypes.data, out[1].ctypes.data, 1)
        rows = np.zeros(max(len(events), 1), EVENT_DTYPE)
        for row, (frame, event) in zip(rows, events, strict=False):
            row["frame"], row["order"], row["kind"] = frame, PRODUCERS.index("host"), event.kind
            row["channel"], row["number"], row["value"] = event.channel, event.number, event.value
        assert self._call(self.engine.state_address, ports[0:1].ctypes.data, ports[1:2].ctypes.data, n_frames, rows.ctypes.data,
                          len(events), self.transport.ctypes.data) == 0
        return out


@pytest.fixture
def player():
    return Offline(INIT, source=soft())


def test_a_hosts_events_sound_at_their_frame_as_rendered(player):
    host = Host(player.engine)
    heard = np.concatenate([host.run(events=[(37 + 128, note_on(60))] if i == 3 else ()) for i in range(40)], axis=1)
    rendered = Offline(INIT, [(3 * 128 + 37 + 128, note_on(60))], source=soft()).read(40 * 128).T
    assert np.abs(rendered).max() > 0.01 and np.array_equal(heard, rendered)


def test_what_comes_in_is_kept_frame_by_frame(player):
    host, sent = Host(player.engine), np.random.default_rng(1).normal(size=(2, 100 * 96)).astype(np.float32)
    for i in range(100):
        host.run(96, np.ascontiguousarray(sent[:, 96 * i:96 * i + 96]))
    came, last = player.engine.input(0)
    assert last == sent.shape[1] and np.array_equal(came.T, sent)


def test_transport_is_followed_and_gone_again(player):
    host, engine = Host(player.engine), player.engine
    t = host.transport[0]
    beats_a_block = 128 * 90 / (60 * SR_HZ)
    for i in range(200):
        t["valid"], t["running"], t["tempo_bpm"], t["beat"] = abi.BEATS, i >= 20, 90.0, max(i - 20, 0) * beats_a_block + 8.0
        host.run()
    seen = engine.snapshot()
    assert seen["tempo_bpm"] == pytest.approx(90) and seen["beat"] == pytest.approx(8 + 180 * beats_a_block, abs=0.01)
    t["beat"] = 100.0  # the song is moved
    host.run()
    host.run()
    assert engine.snapshot()["beat"] == pytest.approx(100, abs=0.05)
    kinds = [event.kind for _, event in engine.take_log()]
    assert kinds.count(Kind.TEMPO) == 1 and kinds.count(Kind.CONTINUE) == 2
    t["valid"] = abi.NONE
    host.run()
    host.run()
    assert engine.snapshot()["tempo_bpm"] == pytest.approx(120)


def test_a_snapshot_is_never_torn(player):
    """A thread makes blocks as fast as it can while another looks."""
    engine, stop = player.engine, threading.Event()

    def make():
        while not stop.is_set():
            engine.process(32)

    maker = threading.Thread(target=make)
    maker.start()
    try:
        end, frames = time.monotonic() + 2, set()
        while time.monotonic() < end:
            seen = engine.snapshot()
            assert seen["frame"] == seen["frame_again"]
            frames.add(int(seen["frame"]))
    finally:
        stop.set()
        maker.join()
    assert len(frames) > 100


@pytest.mark.parametrize(("sr_hz", "blocksize"), [(48000, 32), (48000, 1024), (192000, 128), (44100, 441)])
def test_meters_fall_by_the_clock(sr_hz, blocksize):
    player = Offline(INIT, [(0, note_on(60)), (int(0.2 * sr_hz), note_on(60, 0.0))], source=soft(), sr_hz=sr_hz)
    engine = player.engine
    heard = 0.0
    while engine.frame < 0.19 * sr_hz:
        engine.process(blocksize)
        player.decoder.pump()
    player._feed(sr_hz)
    while np.abs(block := engine.process(blocksize)).max() > 1e-4:
        heard = max(heard, float(np.abs(block).max()))
    levels, times = [], []
    for _ in range(int(0.1 * sr_hz) // blocksize):
        levels.append(float(engine.snapshot()["peak"].max()))
        times.append(engine.frame / sr_hz)
        engine.process(blocksize)
    fall_s = -1 / np.polyfit(times, np.log(levels), 1)[0]
    assert fall_s == pytest.approx(0.0253, rel=0.05)


def test_the_servers_position_is_laid_out_as_jack_has_it():
    names = ("frame_rate", "valid", "bar", "bar_start_tick", "ticks_per_beat", "beats_per_minute")
    assert [POSITION.fields[name][1] for name in names] == [16, 24, 28, 40, 56, 64]


def test_audio_loops_back_through_a_real_server(jack_server, monkeypatch):
    """What goes out comes in again, whole, one period later."""
    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    player = Offline(INIT, [(0, note_on(57))], source=soft())
    player.read(4800)
    client = jack.JackClient(player.engine, connect=False)
    try:
        for side in (1, 2):
            names = f"{client.name}:out_{side}".encode(), f"{client.name}:in_{side}".encode()
            assert client._lib.jack_connect(client._client, *names) in (0, 17)
        time.sleep(0.5)
        out, last, lost = player.engine.recording(player.engine.recorded - 16384)
        came, _ = player.engine.input(0)
        assert lost == 0 and np.abs(came[-4800:]).max() > 0.01
        tail = came[-2048:]
        places = [i for i in range(len(out) - 2048) if np.array_equal(out[i:i + 2048], tail)]
        assert places, "what came in is not what went out"
        print(f"loop back: {(len(out) - 2048 - places[-1])} frames behind what is made, period {client.blocksize}")
    finally:
        client.close()


@pytest.mark.parametrize("blocksize", [32, 128, 512])
def test_the_clock_settles_in_seconds_whatever_the_block(player, blocksize):
    """A stream time that jumps by 20 ms is followed with the same time constant, 25 ms."""
    engine, frame = player.engine, 0
    for shift_s, n_frames in ((0.0, 9600), (0.02, 1216)):
        for _ in range(n_frames // blocksize):
            engine.process(blocksize, frame / SR_HZ + shift_s)
            frame += blocksize
    began, now_s = engine.clock()
    error_s = began / SR_HZ + 0.02 - now_s
    blocks_s = (1216 // blocksize) * blocksize / SR_HZ
    assert error_s / 0.02 == pytest.approx(np.exp(-blocks_s / 0.0253), abs=0.03)
