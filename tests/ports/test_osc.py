"""OSC over a real socket: what is sent is heard, bundles on their sample; what is wrong is counted and told while the sound goes on."""

import itertools
import json
import socket
import struct
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from synth import paths
from synth.engine.engine import Engine
from synth.errors import UserError
from synth.params.knobs import PARAMS
from synth.patch import preset_file
from synth.patch.control_map import ControlRow
from synth.ports.osc_packets import DamagedError, message_bytes, read_packet
from synth.ports.osc_port import OscAddress, parse_address
from synth.session.osc_control import TagClock
from synth.session.session import Session
from tests.servers import child_env

from .test_recovery import until

HZ = 48000


def bundle_bytes(at_s, *messages):
    """Messages as a bundle for a time in seconds since 1970 (OSC's begin in 1900), or for at once."""
    tag = 1 if at_s is None else round((at_s + 2_208_988_800) * (1 << 32)) % (1 << 64)
    return b"#bundle\0" + struct.pack(">Q", tag) + b"".join(struct.pack(">i", len(message)) + message for message in messages)


class Player:
    """A session on the silent clock that listens, and a sender beside it."""

    def __init__(self, folder, preset="Init"):
        self.folder = folder
        self.session = Session(preset_file.load(paths.find_preset(preset)), device="none", midi="none", keep=False,
                               osc=OscAddress(port=0), log=folder / "take.jsonl", record=folder / "take.wav")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(20)
        self.place = ("127.0.0.1", self.session.osc.port.port)

    def send(self, address, *arguments):
        self.socket.sendto(message_bytes(address, *arguments), self.place)

    def ask(self, address, *arguments):
        self.send(address, *arguments)
        return OscMessage(self.socket.recv(65536))

    def wait_frames(self, n_frames):
        frame = self.session.snapshot().frame
        assert until(lambda: self.session.snapshot().frame > frame + n_frames)

    def close(self):
        """(rows of the log, what was heard)"""
        self.session.close()
        self.socket.close()
        rows = [json.loads(line) for line in (self.folder / "take.jsonl").read_text().splitlines()[1:]]
        return rows, soundfile.read(self.folder / "take.wav", dtype="float32")[0]


@pytest.fixture
def player(home, tmp_path):
    found = Player(tmp_path)
    yield found
    if not found.session.osc.port._stop.is_set():
        found.close()


def heard_hz(x):
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), 4 * len(x)))
    return spectrum.argmax() * HZ / (4 * len(x))


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda rest: b"#bundle\0" + bytes(8) + rest)
       | st.binary(max_size=40).map(lambda rest: b"/a\0\0" + rest))
def test_any_bytes_are_messages_or_damaged(data):
    try:
        found = read_packet(data)
    except DamagedError:
        return
    assert all(message.address.startswith("/") for message in found)


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#*,/?[]{}"), min_size=1, max_size=20)
ARGUMENTS = st.lists(st.integers(-2**31, 2**31 - 1) | st.floats(width=32, allow_nan=False) | WORDS, max_size=5)


@given(st.lists(st.tuples(WORDS, ARGUMENTS), min_size=1, max_size=4), st.none() | st.floats(1e9, 4e9))
def test_what_is_written_is_read(messages, at_s):
    found = read_packet(bundle_bytes(at_s, *(message_bytes(f"/{word}", *arguments) for word, arguments in messages)))
    assert [(m.address, list(m.arguments)) for m in found] == [(f"/{word}", arguments) for word, arguments in messages]
    assert all(m.at_s is None if at_s is None else abs(m.at_s - at_s) < 1e-6 for m in found)


def test_bundles_of_another_program_are_read():
    inner, outer = OscBundleBuilder(1.8e9 + 0.25), OscBundleBuilder(IMMEDIATELY)
    message = OscMessageBuilder("/note/on")
    message.add_arg(60)
    message.add_arg(0.5)
    inner.add_content(message.build())
    outer.add_content(inner.build())
    outer.add_content(message.build())
    timed, now = read_packet(outer.build().dgram)
    assert (timed.at_s, timed.address, timed.arguments) == (pytest.approx(1.8e9 + 0.25, abs=1e-6), "/note/on", (60, 0.5))
    assert now.at_s is None


@pytest.mark.parametrize("data", [
    b"", b"hello", b"/no end", b"#bundle\0", b"/a\0\0,x\0\0", b"/a\0\0,s\0\0\xff\xff\xff\xff", b"/a\0\0,[i\0\0\0\0\1",
    b"#bundle\0" + bytes(8) + struct.pack(">i", -4), b"#bundle\0" + bytes(8) + struct.pack(">i", 0) * 9,  # python-osc hangs on the first
    b"#bundle\0" + bytes(8) + struct.pack(">i", 64) + b"/a\0\0", b"#bundle\0" + bytes(8) + b"\0\0\0\4nope",
    bundle_bytes(None, *[message_bytes("/a")] * 5000), b"/" + b"a" * 1_000_000])
def test_damaged_packets_are_told(data, capfd):
    with pytest.raises(DamagedError):
        read_packet(data)
    assert capfd.readouterr() == ("", "")


def test_bundles_nested_to_the_end_of_a_datagram_are_told():
    data = message_bytes("/a")
    while len(data) < 60_000:
        data = bundle_bytes(None, data)
    with pytest.raises(DamagedError, match="deep"):
        read_packet(data)


def test_places_to_listen():
    assert parse_address("9000") == OscAddress("127.0.0.1", 9000) and parse_address("0.0.0.0:9") == OscAddress("0.0.0.0", 9)
    assert parse_address("none") is None and parse_address("") == OscAddress("127.0.0.1", 9177, required=False)
    for wrong in ("x", "70000", "localhost:", "-1", "9177x"):
        with pytest.raises(UserError, match="no place for OSC"):
            parse_address(wrong)


def test_every_address_does_what_it_says(player):
    session = player.session
    player.send("/param/amp.release_s", 0.01)
    player.send("/param/filter.type", "low 24" if "low 24" in PARAMS["filter.type"].choices else PARAMS["filter.type"].choices[1])
    player.send("/morph/x", 0.25)
    player.send("/latent/2", 1.0)
    player.send("/direction/" + session.directions[0], 0.5)
    player.send("/note/on", 69, 0.8)
    assert until(lambda: session.snapshot().voices == 1)
    player.wait_frames(24000)
    player.send("/note/off", 69)
    assert until(lambda: session.snapshot().voices == 0)
    assert player.ask("/get", "amp.release_s").params == ["amp.release_s", pytest.approx(0.01)]
    assert session.patch.params["filter.type"] == 1 and session.patch.params["morph.x"] == 0.25
    assert session.patch.params["direction.1"] == 0.5 and session.snapshot().latents[1] == pytest.approx(1.0, abs=1e-3)
    player.send("/action/undo")
    assert until(lambda: "direction.1" not in session.patch.params or session.patch.params["direction.1"] == 0)
    player.send("/preset", "Amber Pad")
    assert until(lambda: session.name == "Amber Pad")
    player.send("/note/on", 60, 0.5, 3)
    assert until(lambda: session.snapshot().voices == 1)
    player.send("/action/panic")
    assert until(lambda: session.snapshot().voices == 0)
    assert session.osc.counts.refused == 0
    rows, heard = player.close()
    assert [(r["note"], r["channel"]) for r in rows if r["type"] == "note_on"] == [(69, 0), (60, 2)]
    begin = next(r["frame"] for r in rows if r["type"] == "note_on")
    for side in heard.T:
        assert abs(heard_hz(side[begin + 4800:begin + 19200]) - 440) < 1


def test_the_list_has_every_parameter(player):
    told = {}
    player.socket.settimeout(2)
    for _ in range(20):  # a machine that stands still lets a reader's buffer run over, as UDP may
        player.send("/list")
        try:
            while len(told) < len(PARAMS):
                message = OscMessage(player.socket.recv(65536))
                assert message.address == "/param/info"
                told[message.params[0]] = message.params[1:]
            break
        except TimeoutError:
            continue
    assert told.keys() == PARAMS.keys()
    for p in PARAMS.values():
        assert told[p.name] == [*(pytest.approx(x, rel=1e-6) for x in (p.low, p.high, p.default)), p.unit, *p.choices]


def test_bundles_land_on_their_sample(player):
    """Keys struck and released at tags that are whole frames apart: so they are in the take, and so is the sound, whatever jitters."""
    apart, n_notes = 3217, 6
    player.send("/param/amp.release_s", 0.002)
    player.wait_frames(4800)
    began_s = time.time() + 0.4
    for i in reversed(range(n_notes)):  # sent in no order
        at_s = began_s + i * apart / HZ
        off = bundle_bytes(at_s + 1600 / HZ, message_bytes("/note/off", 60))
        on = bundle_bytes(at_s, message_bytes("/param/osc.position", i / n_notes), message_bytes("/note/on", 60, 0.8))
        for packet in (off, on):
            player.socket.sendto(packet, player.place)
    assert until(lambda: player.session.patch.params.get("osc.position") == pytest.approx(5 / 6))
    player.wait_frames(24000)
    rows, heard = player.close()
    assert player.session.osc.counts.late == 0
    ons = [r["frame"] for r in rows if r["type"] == "note_on"]
    assert np.diff(ons).tolist() == [apart] * (n_notes - 1)
    assert [r["frame"] for r in rows if r["type"] == "note_off" and r["note"] == 60] == [frame + 1600 for frame in ons]
    assert [r["frame"] for r in rows if r["type"] == "param" and r["name"] == "osc.position"] == ons
    for side in heard.T:
        starts = [frame + int(np.flatnonzero(np.abs(side[frame:frame + 400]) > 1e-4)[0]) for frame in ons]
        assert np.ptp(np.array(starts) - ons) <= 40 and not side[:ons[0]].any()


def test_tags_that_are_whole_frames_apart_are_so_wherever_they_lie_between_two_frames():
    """A time since 1970 is known to a hundredth of a frame: one that lies half-way between two frames must not fall to either side."""
    engine, apart = Engine(), 3217
    for phase in np.linspace(0, 1, 2000):
        clock, began_s = TagClock(engine, time.monotonic), time.time() + 0.4 + phase / HZ
        frames = [clock.frame_of(began_s + i * apart / HZ) for i in (5, 0, 3, 1, 2, 4)]
        assert np.diff(sorted(frames)).tolist() == [apart] * 5


def test_tags_keep_their_distance_where_the_thread_is_held_up_between_two_clocks():
    reads = itertools.count()

    def time_s():
        now_s = time.monotonic()
        if next(reads) % 3 == 2:
            time.sleep(0.008)
        return now_s

    clock, began_s = TagClock(Engine(), time_s), time.time() + 0.4
    assert np.diff([clock.frame_of(began_s + i * 3217 / HZ) for i in range(12)]).tolist() == [3217] * 11


def test_a_path_is_learnt_and_moves_its_knob(player, home):
    learning = player.session.learn("filter.cutoff_hz")
    for i in range(8):
        player.send("/1/fader3", i / 10)
        time.sleep(0.01)
    assert learning.wait(30) == ControlRow("osc:/1/fader3", "filter.cutoff_hz")
    assert json.loads((home / "controls.json").read_text())["rows"][0]["source"] == "osc:/1/fader3"
    player.send("/1/fader3", 0.0)
    assert until(lambda: player.session.patch.params.get("filter.cutoff_hz") == PARAMS["filter.cutoff_hz"].low)
    player.send("/1/fader3", 0.5)
    middle = PARAMS["filter.cutoff_hz"].from_unit(0.5)
    assert until(lambda: player.session.patch.params.get("filter.cutoff_hz") == pytest.approx(middle))
    learning = player.session.learn("action.next_preset")
    for value in (1, 0):
        player.send("/1/push1", value)
    assert learning.wait(30).source == "osc:/1/push1"
    player.send("/1/push1", 1)
    assert until(lambda: player.session.name != "Init")
    assert player.session.osc.counts.refused == 0


def test_the_command_learns_an_osc_path(home, tmp_path):
    """Among junk, texts and addresses of ours: the fader that moves; `controls` lists the row, and a player is moved by it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "synth", "learn", "filter.cutoff_hz", "--osc", str(port), "--json", "--seconds", "400"]
    learn = subprocess.Popen(command, env=child_env(), stdout=subprocess.PIPE, text=True)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        assert f"OSC at 127.0.0.1:{port}" in learn.stdout.readline()
        for i in range(8):
            for packet in (b"junk", message_bytes("/label", "cutoff"), message_bytes("/param/filter.cutoff_hz", 500.0),
                           message_bytes("/xy", 0.1, 0.2), message_bytes("/1/fader5", i / 8)):
                sender.sendto(packet, ("127.0.0.1", port))
            time.sleep(0.01)
        told = json.loads(learn.communicate(timeout=120)[0])
    finally:
        sender.close()
        learn.kill()
    assert (told["source"], told["target"]) == ("osc:/1/fader5", "filter.cutoff_hz")
    assert json.loads((home / "controls.json").read_text())["rows"][0]["source"] == "osc:/1/fader5"


def test_a_flood_is_counted_and_told_and_the_sound_goes_on(player):
    """100,000 messages as fast as they go, most of them wrong, and packets of 64 kB of nothing: a held note neither stops nor clicks."""
    session = player.session
    player.send("/note/on", 57, 0.8)
    assert until(lambda: session.snapshot().peak_left > 0.02)
    wrong = [message_bytes("/no/such/address", 1.0), message_bytes("/param/no.such", 1.0), message_bytes("/param/filter.cutoff_hz", "dull"),
             message_bytes("/note/on", "a", "b"), message_bytes("/latent/900", 1.0), message_bytes("/note/on", 500, 0.5),
             message_bytes("/param/filter.cutoff_hz", -1.0), message_bytes("/list"), message_bytes("/param/amp.attack_s", 0.01),
             message_bytes("/param/macro1.value", 0.5)]
    packet = bundle_bytes(None, *wrong * 10)
    for i in range(1000):
        player.socket.sendto(packet, player.place)
        if i % 100 == 0:
            player.socket.sendto(b"#bundle\0" + bytes(65_000), player.place)
    counts = session.osc.counts
    assert until(lambda: player.session.osc.counts.messages + 100 * counts.lost >= 90_000)
    player.socket.setblocking(False)
    try:
        while True:
            player.socket.recv(65536)
    except BlockingIOError:
        player.socket.settimeout(20)
    player.send("/note/off", 57)
    assert until(lambda: session.snapshot().voices == 0)
    assert counts.refused >= 0.7 * counts.messages and counts.messages > 5000
    rows, heard = player.close()
    assert len([m for m in session.messages if m.startswith("OSC: ")]) >= 2 and any("no such address" in m for m in session.messages)
    on, off = (next(r["frame"] for r in rows if r["type"] == kind) for kind in ("note_on", "note_off"))
    for side in heard.T:
        held = side[on + 2400:off]
        level = np.sqrt((held[:len(held) // 480 * 480].reshape(-1, 480) ** 2).mean(1))
        assert level.min() > 0.5 * np.median(level), "the note went on"
        assert np.abs(np.diff(held, 2)).max() < 1.5 * np.abs(np.diff(held[:4800], 2)).max(), "nothing clicked"
