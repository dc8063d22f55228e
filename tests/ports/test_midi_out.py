"""MIDI out on a real JACK server: what is played goes out on its own frames, never round in a loop, and no key stays down."""

import json
import re
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import rtmidi

from synth.engine.notes.midi_out import MIDI_OUT
from synth.events import Event, Kind, bend, control, note_off, note_on
from synth.ports.loop_watch import LoopWatch
from synth.ports.midi_out import MidiOut, SentMessages
from synth.ports.osc_packets import message_bytes
from synth.ports.portaudio import Output
from synth.session.port_settings import PortSettings, read_port_settings
from synth.session.session import Session
from tests.engine.sounds import INIT, soft
from tests.servers import LIMIT_S, child_env, end, jackd, need

from .test_jack import KEYS, Play, connections
from .test_recovery import session, sounds, until  # noqa: F401 - a fixture

PLAYED = "0.3 144 48 100\n0.05 177 1 40\n0.05 224 0 80\n0.05 208 33\n0.05 192 5\n0.05 176 74 90\n0.1 128 48 20\n"
DUMPED = re.compile(r"^\s*(\d+):((?: [0-9a-f]{2})+)", re.MULTILINE)


class Dump:
    """jack_midi_dump, which waits until it is connected to a port."""

    def __init__(self, env, source):
        self.env, self.source = env, source
        self.process = subprocess.Popen(["stdbuf", "-oL", "jack_midi_dump", "-a", "dump"], env=env, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        assert until(lambda: self.source in connections(self.env, "dump:input"))
        return self

    def __exit__(self, *_):
        end(self.process)
        self.got = [(int(frame), bytes.fromhex(text)) for frame, text in DUMPED.findall(self.process.stdout.read())]


def osc(port, *messages):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        for message in messages:
            out.sendto(message, ("127.0.0.1", port))
            time.sleep(0.05)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_what_is_played_goes_out_on_its_frames(jack_server, tmp_path):
    """Keys, controllers, a bend, pressure and a program by JACK, notes and a knob by OSC, to an output by name; it all comes back."""
    need("jack_midi_dump", "jack_connect", "jack_lsp", "stdbuf")
    port, log = free_port(), tmp_path / "take.jsonl"
    with Play(jack_server, "--midi-out", "dump", "--osc", port, "--log-events", log, ready="latentwave:midi_out") as play, \
            Dump(jack_server, "latentwave:midi_out") as dump:
        assert subprocess.run(["jack_connect", "latentwave:midi_out", "latentwave:midi_in"], env=jack_server).returncode == 0
        keys = subprocess.Popen([sys.executable, str(KEYS), "latentwave:midi_in"], env=jack_server, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        assert keys.stdout.readline().strip() == "ready"
        keys.stdin.write(PLAYED)
        keys.stdin.flush()
        assert until(lambda: '"note_off"' in log.read_text())
        osc(port, message_bytes("/note/on", 60, 0.5, 3), message_bytes("/param/osc.position", 0.75), message_bytes("/note/on", 61, 0.5, 3),
            message_bytes("/note/off", 60, 3), message_bytes("/note/on", 72, 1.0, 1))
        assert until(lambda: log.read_text().count('"note_on"') >= 4)  # more, where a message goes round
        time.sleep(0.5)  # a message that went round would be there many times by then
        end(play.process)
        keys.communicate(timeout=LIMIT_S)
    assert play.process.returncode == 0, play.said
    rows = [json.loads(line) for line in log.read_text().splitlines()[1:]]
    heard = [r for r in rows if r["type"] in ("note_on", "note_off", "control", "bend", "pressure", "param")]
    want = ["90 30 64", "b1 01 28", "e0 00 50", "d0 21", "b0 4a 5a", "80 30 14", "92 3c 40", "b0 01 5f", "92 3d 40", "82 3c 40", "90 48 7f"]
    assert len(heard) == len(want), heard
    assert dump.got.pop(4)[1] == bytes((0xC0, 5))  # a program, of which the log tells what was loaded
    sent = dump.got[:len(want)]
    assert [message.hex(" ") for _, message in sent] == want
    assert np.unique([frame - row["frame"] for (frame, _), row in zip(sent, heard, strict=True)]).size == 1
    rest = {message for _, message in dump.got[len(want):]}
    assert rest == {bytes.fromhex("82 3d 40"), bytes.fromhex("80 48 40")}, dump.got  # let go at the end


def machine():
    """An engine, and a MIDI_OUT record that is on."""
    from synth.render.offline import Offline

    player, out = Offline(INIT, source=soft()), np.zeros((), MIDI_OUT)
    out["on"] = 1
    player.engine.collect_midi(out)
    return player, out


def play(player, out, *events):
    """The messages that events make, posted at once."""
    for event in events:
        player.engine.post(event, "window", player.engine.frame)
    for _ in range(4):
        player.engine.process(128)
    return [message for _, _, message in player.engine.collect_midi(out)]


@pytest.mark.parametrize("ending", [control(120, 0, 2), control(123, 0, 2), "off", "lost"])
def test_no_key_stays_down(ending):
    player, out = machine()
    ons = [note_on(60 + i, 0.5, 2) for i in range(5)] + [note_on(60, 0.6, 2)]
    assert len(play(player, out, *ons, control(64, 127, 2))) == 7
    if ending == "off":
        out["on"] = 0
        got = play(player, out)
    elif ending == "lost":
        out["seen"] -= 100_000  # as if the journal had gone round
        got = play(player, out)
    else:
        got = play(player, out, ending)
    assert sorted(m[1] for m in got if m[0] == 0x82) == [60, 60, 61, 62, 63, 64]
    assert (bytes((0xB2, 64, 0)) in got) == isinstance(ending, str)
    assert play(player, out) == [] and not out["held"].any()
    assert len(play(player, out, note_on(50, 0.5))) == (0 if ending == "off" else 1)


def test_bends_and_keys_come_out_as_they_went_in():
    player, out = machine()
    for raw in (0, 1, 4096, 8191, 8192, 8193, 12288, 16383):
        value = (raw - 8192) / (8191 if raw > 8192 else 8192)
        assert play(player, out, bend(value, 4)) == [bytes((0xE4, raw & 127, raw >> 7))]
    for velocity in (1, 2, 63, 64, 126, 127):
        assert play(player, out, note_on(60, velocity / 127), note_off(60)) == [bytes((0x90, 60, velocity)), bytes((0x80, 60, 64))]
    assert play(player, out, Event(Kind.KEY_PRESSURE, 60, 77.0, 1), Event(Kind.PRESSURE, 0, 5.0, 1)) == [b"\xa1\x3c\x4d", b"\xd1\x05"]


def test_polled_out_with_a_device_that_goes(jack_server, monkeypatch):
    """RtMidi's way, on JACK's MIDI: named outputs are found as they come, a key that is down when all ends is let go."""
    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    apis, told = [rtmidi.API_UNIX_JACK], []
    player, _ = machine()
    output = Output(player.engine, "none", 128, told.append)
    sender = MidiOut(player.engine, output, "reader", told.append, apis)
    reader = rtmidi.MidiIn(rtapi=apis[0], name="reader")
    try:
        sender.start()
        assert any("no MIDI output named 'reader'" in t for t in told) and sender.name == ""
        reader.open_virtual_port("in")
        assert until(lambda: "reader:in" in sender.name), told
        got = []

        def reads(n):
            while (message := reader.get_message()) is not None:
                got.append(bytes(message[0]))
            return len(got) >= n

        def press(event):
            player.engine.post(event, "window", player.engine.frame_at(output.time_s()))

        press(note_on(60, 1.0))
        press(control(1, 64))
        assert until(lambda: reads(2)) and got == [b"\x90\x3c\x7f", b"\xb0\x01\x40"]
        sender.close()
        assert until(lambda: reads(3)) and got[2:] == [b"\x80\x3c\x40"] and sender.name == ""
    finally:
        sender.close()
        output.close()
        reader.close_port()
        reader.delete()


READER = """
import rtmidi, sys, time
port = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name="board")
port.open_virtual_port("in")
while True:
    while (got := port.get_message()) is not None:
        print(bytes(got[0]).hex(), flush=True)
    time.sleep(0.001)
"""


def test_a_device_that_is_pulled_out_while_notes_go_to_it_and_put_back(jack_server, monkeypatch):
    """Killed in the middle of a run of notes: told once, nothing waits for it, and when it is back it hears what is played from then on."""
    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    told, heard = [], []
    player, _ = machine()
    output = Output(player.engine, "none", 128, told.append)
    sender = MidiOut(player.engine, output, "board", told.append, [rtmidi.API_UNIX_JACK])
    boards = []

    def plug_in():
        heard.append([])
        board = subprocess.Popen([sys.executable, "-c", READER], env=jack_server, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=lambda lines, got: got.extend(line.strip() for line in lines), args=(board.stdout, heard[-1]),
                         daemon=True).start()
        boards.append(board)
        assert until(lambda: "board" in sender.name), told

    def play(n, first):
        for i in range(n):
            at = player.engine.frame_at(output.time_s())
            player.engine.post(note_on(first + i % 12, 1.0), "window", at)
            player.engine.post(note_off(first + i % 12), "window", at + 240)
            time.sleep(0.02)

    try:
        sender.start()
        plug_in()
        player.engine.post(note_on(36, 1.0), "window", player.engine.frame_at(output.time_s()))  # held throughout
        play(20, 60)
        assert until(lambda: len(heard[0]) > 20)
        boards[0].kill()
        frame = player.engine.frame
        play(150, 60)
        assert until(lambda: sender.name == "" and any("'board:in' is gone" in text for text in told)), told
        assert player.engine.frame > frame + 48000 and sum("is gone" in text for text in told) == 1
        plug_in()
        play(20, 72)
        assert until(lambda: len(heard[1]) >= 40), heard[1]
        ons, offs = ([int(line[2:4], 16) for line in heard[1] if line[:2] == kind] for kind in ("90", "80"))
        assert ons == [72 + i % 12 for i in range(20)] and sorted(offs) == sorted(ons), "nothing of the time without it"
    finally:
        sender.close()
        output.close()
        for board in boards:
            board.kill()
            board.wait()
    assert sum("MIDI out plays to" in text for text in told) == 2


def test_what_comes_back_is_known_once():
    sent = SentMessages()
    sent.add(b"\x90\x3c\x40", 0, 1.0)
    sent.add(b"\x80\x3c\x40", 3, 1.0)
    assert not sent.is_echo(b"\x90\x3d\x40", 1, 1.001)
    assert sent.is_echo(b"\x90\x3c\x40", 1, 1.001) and not sent.is_echo(b"\x90\x3c\x40", 1, 1.002)
    assert not sent.is_echo(b"\x80\x3c\x40", 3, 1.001)  # from where it came: played again
    assert not sent.is_echo(b"\x80\x3c\x40", 1, 1.5)  # too long ago
    assert sent.echoes == 1


def test_what_is_chosen_is_remembered(home):
    chosen = PortSettings(midi_out="Some Synth", mts_esp=True, link=True)
    chosen.save()
    assert read_port_settings() == chosen
    (home / "ports.json").write_text('{"midi_out": 3, "mts_esp": "yes", "link": null}')
    assert read_port_settings() == PortSettings()


@pytest.mark.parametrize(("midi", "seconds"), [("all", 2.5), ("none", 0.0)])  # seen once a second; or come and gone, unseen
def test_the_notes_of_a_jack_input_that_goes_are_ended(jack_server, tmp_path, midi, seconds):
    need("jack_lsp", "jack_connect")
    log = tmp_path / "take.jsonl"
    with Play(jack_server, "--log-events", log, "--midi", midi) as play:
        keys = subprocess.Popen([sys.executable, str(KEYS), "latentwave:midi_in"], env=jack_server, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        assert keys.stdout.readline().strip() == "ready"
        keys.stdin.write(f"{seconds} 149 60 100\n")
        keys.stdin.flush()
        assert until(lambda: '"note_on"' in log.read_text())
        keys.communicate(timeout=LIMIT_S)  # it leaves with the key down
        assert until(lambda: log.read_text().count('"controller":123') == 16)
    assert play.process.returncode == 0, play.said
    assert {r["channel"] for r in map(json.loads, log.read_text().splitlines()) if r.get("controller") == 123} == set(range(16))


def test_a_server_that_goes_takes_no_sound_and_brings_midi_out_back(session):  # noqa: F811
    """The JACK server ends twice while notes go out by it: one sentence, the sound goes on, and the next server is played to again."""
    need("jackd", "jack_wait", "jack_midi_dump", "jack_lsp", "stdbuf")
    session.midi_out = MidiOut(session.engine, session.output, "dump", session.tell)
    session.midi_out.start()
    try:
        for n in range(2):
            with jackd(child_env(), name="recovery") as env:
                assert until(lambda: not session.output.silent)
                with Dump(env, "latentwave:midi_out") as dump:
                    session.post(note_on(60 + n))
                    assert until(lambda n=n: session.output.jack.sent_midi()[0] >= 1)
                    time.sleep(0.2)
                assert (bytes((0x90, 60 + n)) in [message[:2] for _, message in dump.got]), dump.got
            assert until(lambda: session.output.silent)
            frame = session.snapshot().frame
            assert until(lambda frame=frame: session.snapshot().frame > frame + 24000)
            assert session.snapshot().voices == 1 + n and session.snapshot().peak_left > 0.05
        assert sum("is gone" in told for told in session.messages) == 2, list(session.messages)
    finally:
        session.midi_out.close()


def test_a_note_that_goes_round_through_another_program_is_told(jack_server, monkeypatch):
    """A loop that takes 30 ms: too late to be known as our own."""
    need("jack_lsp", "jack_connect")
    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    player = Session(INIT, source=soft(), keep=False, midi_out="on")
    relay = subprocess.Popen([sys.executable, str(KEYS.with_name("jack_relay.py")), "0.03"], env=jack_server, stdout=subprocess.PIPE,
                             text=True)
    try:
        assert relay.stdout.readline() == "ready\n" and until(lambda: "relay_out:out" in player.midi)
        player.post(note_on(60))
        player.post(note_off(60))
        assert until(lambda: any("the same note comes again and again" in told for told in player.messages)), list(player.messages)
    finally:
        end(relay)
        player.close()


def test_what_a_hand_or_a_sequencer_plays_is_no_loop():
    told = []
    watch = LoopWatch(48000, told.append)

    def strike(begun, every, n, keys=1):
        watch.put([(begun + i * every, note_on(60 + i % keys, 0.5), None) for i in range(n)])

    strike(0, 4800, 200)  # ten times a second
    strike(10**6, 480, 400, 40)
    strike(2 * 10**6, 1440, 20)
    assert told == []
    strike(3 * 10**6, 1440, 500)
    assert len(told) == 2 and "switch MIDI out off" in told[0], "again after ten seconds"
