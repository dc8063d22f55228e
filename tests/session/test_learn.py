"""Learning a control: guessed from what it sends, kept in its device's file, heard at once, over real MIDI; files that are wrong."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from synth import paths
from synth.errors import UserError
from synth.events import Event, Kind, bend, control, note_off, note_on, pressure
from synth.patch import preset_file
from synth.patch.control_map import ControlRow
from synth.session.control_files import device_name, device_of, keep_row, read_layers
from synth.session.learn import Learner
from synth.session.pick_up import PickUp
from synth.session.session import Session
from tests.servers import LIMIT_S, end

from ..ports.test_recovery import KEYS, until

CUT = "filter.cutoff_hz"


def learnt(target, *events):
    learner = Learner(target)
    for i, event in enumerate(events):
        learner.take(event, 0.01 * i)
        assert learner.row(0.01 * i) is None or i >= 15
    found = learner.row(10.0)
    return found and found[0]


def ccs(number, *values):
    return [control(number, v) for v in values]


@pytest.mark.parametrize(("target", "events", "wanted"), [
    (CUT, ccs(21, 60, 61, 63, 64, 66), ControlRow("cc:21", CUT, mode="pickup")), (CUT, ccs(21, 5), ControlRow("cc:21", CUT, mode="pickup")),
    (CUT, ccs(21, 1, 2, 3, 4), ControlRow("cc:21", CUT, mode="pickup")),  # a fader from its low end
    (CUT, ccs(21, 1, 1, 2, 1), ControlRow("cc:21", CUT, mode="relative_twos")),
    (CUT, ccs(21, 127, 127, 126, 1, 2), ControlRow("cc:21", CUT, mode="relative_twos")),
    (CUT, ccs(21, 65, 65, 66, 1), ControlRow("cc:21", CUT, mode="relative_signed")),
    (CUT, ccs(21, 127, 0), ControlRow("cc:21", CUT, mode="toggle")),
    ("action.panic", ccs(21, 127, 0), ControlRow("cc:21", "action.panic")),
    (CUT, [e for v in range(3) for e in ccs(20, 64) + ccs(52, 17 * v)], ControlRow("cc14:20", CUT, mode="pickup")),
    (CUT, ccs(99, 2) + ccs(98, 44) + ccs(6, 60) + ccs(38, 5), ControlRow("nrpn:300", CUT, mode="pickup")),
    (CUT, [bend(0.05), bend(0.3)], ControlRow("bend", CUT)), (CUT, [pressure(30), pressure(40)], ControlRow("pressure", CUT)),
    ("action.next_preset", [note_on(36)], ControlRow("note:36", "action.next_preset")),
    ("filter.type", [note_on(36), note_off(36)], ControlRow("note:36", "filter.type", mode="toggle")),
    (CUT, [note_on(60), note_off(60), control(121, 0), control(0, 1), control(32, 4)], None),  # playing on teaches nothing
    (CUT, [note_on(60), *ccs(64, 127), *ccs(21, 60, 61, 62)], ControlRow("cc:21", CUT, mode="pickup"))])
def test_a_control_is_known_by_what_it_sends(target, events, wanted):
    assert learnt(target, *events) == wanted


def test_an_encoder_that_no_mode_hears_is_told():
    with pytest.raises(UserError, match="around 64"):
        learnt(CUT, *ccs(21, 65, 65, 63, 63))


def test_a_control_that_has_not_taken_hold_is_told_once_and_where_it_would():
    row, at = ControlRow("cc:21", CUT, low=1.0, high=0.0, mode="pickup", device="Pads"), {CUT: 0.25}
    waits = PickUp(at.get)
    waits.use([ControlRow("cc:21", "macro1.value"), row], ["Keys", "Pads"])

    def told(now_s, *values, device=2):
        for v in values:
            waits.take(Event(Kind.CONTROL, 21, float(v), 0, device), now_s)
        return list(waits.step(now_s + 0.1)), [(r.target, round(v, 2)) for r, v in waits.step(now_s + 0.4)]

    assert told(0, 10, 20) == ([], [(CUT, 0.75)])
    assert told(1, 30) == ([], []), "said a moment ago"
    at[CUT] = 1 - 100 / 127
    assert told(2, 100) == ([], []), "it holds"
    at[CUT] = 0.5
    assert told(3, 20) == ([], [(CUT, 0.5)]), "the knob was turned elsewhere"
    assert told(9, 5, device=1) == ([], []), "another keyboard's control moves something else"


@pytest.mark.parametrize(("port", "device"), [
    ("nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTRL 20:0", "nanoKONTROL2"), ("a2j:nanoKONTROL2 [24] (capture): CTRL", "nanoKONTROL2"),
    ("Launch Control XL:Launch Control XL 28:0", "Launch Control"), ("keys:out", None)])
def test_a_device_is_known_by_a_part_of_its_ports_name(port, device):
    assert device_of(port, ["nanoKONTROL2", "nano", "Launch Control"]) == device
    assert device_of(port, [device_name(port)]) == device_name(port)
    assert not set(device_name("../..\\x:y/z 1:0")) & set("./\\:")


def test_a_row_is_kept_in_the_place_of_the_one_on_its_control_and_the_rest_stays(home):
    (home / "controls").mkdir()
    strange = {"source": "wheel:3", "target": "from the future"}
    rows = [strange, {"source": "cc:21", "target": "macro1.value"}, {"source": "cc:22", "target": "macro2.value"}]
    (home / "controls" / "Pads.json").write_text(json.dumps({"format": 1, "note": "mine", "rows": rows}))
    keep_row(ControlRow("cc:21", CUT, mode="pickup"), "Pads")
    data = json.loads((home / "controls" / "Pads.json").read_text())
    assert data["note"] == "mine" and data["rows"][0] == strange and [r["target"] for r in data["rows"][1:]] == ["macro2.value", CUT]
    layers, told = read_layers()
    assert len(told) == 1 and [r.device for r in layers[0][1]] == ["Pads", "Pads"]


@pytest.mark.parametrize("text", ["{", '{"format": 99, "rows": []}', "\x00", "[1]"])
def test_a_file_that_cannot_be_used_is_told_and_never_overwritten(home, cli, text):
    (home / "controls.json").write_text(text)
    with pytest.raises(UserError, match="controls.json"):
        keep_row(ControlRow("cc:21", CUT), "")
    assert (home / "controls.json").read_text() == text
    done = cli("controls", "--json", check=True)
    assert "controls.json" in done.stderr and {r["from"] for r in json.loads(done.stdout)} == {"default"}


def play(**options):
    return Session(preset_file.load(paths.find_preset("Init")), device="none", midi="none", **options)


def test_a_learnt_control_is_heard_at_once_and_kept_and_the_take_is_repeated(home, tmp_path, cli):
    log, wav = tmp_path / "take.jsonl", tmp_path / "take.wav"
    (home / "controls").mkdir()
    (home / "controls" / "Gone.json").write_text('{"format": 1, "rows": [{"source": "cc:21", "target": "macro1.value"}]}')
    (home / "controls.json").write_text('{"format": 1, "rows": [{"source": "cc:30", "target": "osc.position", "low": 0.5}, {"source": 3}]}')
    player = play(log=log, record=wav)
    try:
        assert any("Gone.json waits" in m for m in player.messages) and any("row 2" in m for m in player.messages)
        player.post(note_on(48), "midi")
        player.post(control(30, 0), "midi")
        assert until(lambda: player.snapshot().params["osc.position"] == 0.5)
        learning = player.learn("latent.3")
        for v in (60, 61, 62, 64, 66, 90):
            player.post(Event(Kind.CONTROL, 70, float(v), 0, player._controls.device_number("Pads:out 20:0")), "midi")
        assert learning.wait(LIMIT_S).source == "cc:70"
        for v in (64, 127):
            player.post(Event(Kind.CONTROL, 70, float(v), 0, player._controls.device_number("Pads:out 20:0")), "midi")
        half = (player.latents[2].high - player.latents[2].low) / 2
        assert until(lambda: abs(float(player.engine.snapshot()["params"]["latent"][2]) - half) < 1e-4)
        frame = player.snapshot().frame
        assert until(lambda: player.snapshot().frame > frame + 24000)
    finally:
        player.close()
    assert json.loads((home / "controls" / "Pads out.json").read_text())["rows"][0]["target"] == "latent.3"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"source": "cc:30", "channel": "any", "target": "osc.position", "low": 0.5, "high": 1.0, "curve": "linear",
            "mode": "jump"} in lines[0]["controls"]["rows"]
    assert [r["rows"][-1]["source"] for r in lines if r["type"] == "controls"] == ["cc:70"]
    (home / "controls.json").unlink()  # the take tells what it was played with
    cli("render", "--events", log, "-o", tmp_path / "again.wav", "--tail", 10, check=True)
    take, again = (soundfile.read(f, dtype="float32")[0] for f in (wav, tmp_path / "again.wav"))
    assert np.abs(take).max() > 0.02 and np.array_equal(again[:len(take)], take)


def test_a_latent_is_edited_to_what_is_asked_while_its_offset_is_off_centre(home):
    player = play()
    try:
        player.post(control(18, 90), "midi")
        player.post(control(1, 127), "midi")
        assert until(lambda: float(player.engine.snapshot()["params"]["latent"][2]) > 0.1 and player.wheel == 1)
        player.set_latent(2, 0.4)
        assert until(lambda: abs(player.snapshot().latents[2] - 0.4) < 1e-3)
    finally:
        player.close()


def test_a_home_that_cannot_be_written_loses_neither_the_row_nor_the_sound(home):
    (home / "controls").write_text("no folder")
    player = play()
    try:
        player._controls.put(ControlRow("cc:21", "macro1.value"), "Pads")
        player._controls.put(ControlRow("cc:22", "macro2.value"), "Pads")
        player.post(Event(Kind.CONTROL, 22, 127.0, 0, player._controls.device_number("Pads")), "midi")
        assert until(lambda: player.snapshot().params["macro2.value"] == 1, 60)
        assert any("cannot be" in m and "until the end" in m for m in player.messages)
    finally:
        player.close()


def test_a_control_asks_for_the_next_preset(home):
    (home / "controls.json").write_text(json.dumps({"format": 1, "rows": [
        {"source": "cc:30", "target": "action.next_preset"}, {"source": "cc:31", "target": "action.redo"},
        {"source": "cc:33", "target": "macro1.value", "mode": "pickup"}]}))
    player = play()
    try:
        player.set_param("macro1.value", 0.5)
        player.post(control(33, 10), "midi")
        assert until(lambda: any(m.startswith("cc:33 moves macro1.value once it passes 50%") for m in player.messages), 60)
        names = player.preset_names()
        player.post(control(30, 127), "midi")
        assert until(lambda: player.patch.name == names[1])
        player.undo().result(60)
        assert player.patch.name == "Init"
        player.post(control(31, 127), "midi")
        assert until(lambda: player.patch.name == names[1])
    finally:
        player.close()


@pytest.fixture
def keys(jack_server):
    process = subprocess.Popen([sys.executable, str(KEYS), "nowhere:in"], env=jack_server, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True)
    assert process.stdout.readline() == "ready\n"
    yield process
    end(process)


def turn(keys, text):
    keys.stdin.write(text)
    keys.stdin.flush()


def test_the_command_learns_from_a_real_midi_port(jack_server, keys, home, cli):
    env = jack_server | {"LATENTWAVE_HOME": str(home)}
    command = [sys.executable, "-m", "synth", "learn", CUT, "--device", "keys", "--json"]
    learn = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert "keys:out" in learn.stdout.readline()
        turn(keys, "".join(f"0.005 176 21 {v}\n" for v in (10, 12, 14, 17, 20)))
        told = json.loads(learn.communicate(timeout=LIMIT_S)[0])
    finally:
        end(learn)
    assert learn.returncode == 0 and (told["source"], told["target"], told["mode"]) == ("cc:21", CUT, "pickup")
    rows = json.loads(cli("controls", "--device", "keys out", "--json", check=True).stdout)
    assert {"source": "cc:21", "channel": "any", "target": CUT, "low": 0.0, "high": 1.0, "curve": "linear", "mode": "pickup",
            "device": "keys out", "from": "controls/keys out.json"} in rows
    assert "cc:21" in cli("controls", check=True).stdout
    absent = cli("learn", CUT, "--device", "nobody", env=env)
    assert absent.returncode == 1 and "no MIDI input named 'nobody'" in absent.stderr and len(absent.stderr.splitlines()) == 1
    unknown = cli("controls", "--device", "nobody")
    assert unknown.returncode == 1 and "'nobody'" in unknown.stderr


def test_a_wait_for_a_control_without_jack_is_a_line_and_an_error(home, cli, tmp_path):
    """libjack says at each look that no server answers: nobody asked for that."""
    told = cli("learn", CUT, "--osc", "none", "--seconds", "2.5", env={**os.environ, "JACK_DEFAULT_SERVER": tmp_path.name})
    assert told.returncode == 1 and "no control moved in 2.5 s" in told.stderr
    assert len(told.stderr.splitlines()) == 1, told.stderr


def test_a_playing_instrument_learns_over_jack_and_knows_the_device(jack_server, keys, home, monkeypatch):
    for name, value in jack_server.items():
        monkeypatch.setenv(name, value)
    player = Session(preset_file.load(paths.find_preset("Init")))
    try:
        assert until(lambda: "keys:out" in player.midi)
        learning = player.learn("macro1.value")
        for v in (1, 1, 2, 1, 127):
            turn(keys, f"0.01 176 22 {v}\n")
        assert learning.wait(LIMIT_S) == ControlRow("cc:22", "macro1.value", mode="relative_twos")
        turn(keys, "0.01 176 22 10\n")
        assert until(lambda: player.snapshot().params["macro1.value"] > 9 / 127)
    finally:
        player.close()
    assert os.listdir(home / "controls") == ["keys out.json"]
