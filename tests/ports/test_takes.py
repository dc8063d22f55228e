"""A take stays, whatever ends the program: the real `play --record --log-events` under signals, a closed terminal and kill -9."""

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from synth import paths
from synth.engine.engine import Engine
from synth.events import Event, Kind, note_on
from synth.patch import preset_file as presets
from synth.ports.recorder import Recorder
from synth.render.event_log import read
from synth.session.session import Session
from tests.servers import LIMIT_S, WORK_S, child_env

from .test_recovery import until

NOTE_HZ = 440 * 2 ** (-9 / 12)  # what the key A plays


def holds_the_note(file):
    """Seconds of a take, in which the note that was played is heard."""
    samples, sr_hz = soundfile.read(file, dtype="float32")
    level = np.abs(samples).max(axis=1)
    start = int(np.argmax(level > 0.01))
    tone = samples[start + 2400:start + 2400 + 9600, 0].astype(float)
    assert level.max() > 0.02 and len(tone) == 9600
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 1 << 17))
    near = np.arange(len(spectrum)) * sr_hz / (1 << 17)
    around = (near > NOTE_HZ * 0.97) & (near < NOTE_HZ * 1.03)
    assert spectrum[around].max() > 0.1 * spectrum.max()
    assert abs(near[around][spectrum[around].argmax()] - NOTE_HZ) < 2
    return len(samples) / sr_hz


def parts(folder):
    return sorted(folder.glob(".*.part"))


if sys.platform != "win32":
    from tests.gui.pseudoterminal import Terminal

    @pytest.fixture
    def take(home, tmp_path):
        """A terminal in which a note has been played, and is being recorded."""
        terminals = []

        def start(folder, *args):
            folder.mkdir(exist_ok=True)
            terminals.append(Terminal(folder, "--record", "take.wav", "--set", "amp.release_s=0.05", *args))
            view = terminals[-1]
            view.wait(lambda: "decode age" in view.screen, "first picture")
            for _ in range(5):
                view.type("a")
                view.read(0.2)
            view.wait(lambda: len(view.events("note_off")) >= 1, "note_off")
            return view

        yield start
        for view in terminals:
            if not view.process.stderr.closed:
                view.close()


def hang_up(view):
    os.close(view.master)
    os.close(view.slave)
    view.master, view.slave = os.open(os.devnull, os.O_RDWR), os.open(os.devnull, os.O_RDWR)


def signals(number, times):
    return lambda view: [view.process.send_signal(number) for _ in range(times)]


ENDS = {} if sys.platform == "win32" else {
    "a closed terminal": hang_up, "a closed terminal and its shell's hang-up": lambda v: (hang_up(v), v.process.send_signal(signal.SIGHUP)),
    "TERM": signals(signal.SIGTERM, 1), "HUP, three times": signals(signal.SIGHUP, 3), "INT, three times": signals(signal.SIGINT, 3)}


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize("ending", ENDS)
def test_a_take_is_whole_when_the_end_is_asked_for(ending, take, tmp_path):
    folder = tmp_path / "takes"
    view = take(folder)
    frame = max(row["frame"] for row in view.events("note_off"))
    ENDS[ending](view)
    assert view.process.wait(LIMIT_S) == 0
    assert holds_the_note(folder / "take.wav") > frame / 48000 and not parts(folder)
    assert read(folder / "events.jsonl")[1]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_killed_take_opens_and_is_finished_beside_the_next_one(take, cli, tmp_path, home):
    folder = tmp_path / "takes"
    for killed in range(1, 3):
        view = take(folder)
        began = time.monotonic()
        view.wait(lambda: time.monotonic() - began > 0.3, "0.3 s")  # noqa: B023
        frame = max(row["frame"] for row in view.events("note_off"))
        view.process.kill()
        view.process.wait()
        left = parts(folder)
        assert len(left) == 1, "the take of before was not finished, or this one is lost"
        assert holds_the_note(left[0]) > frame / 48000 - 1.0
        with open(folder / "events.jsonl", "a") as log:
            log.write('{"frame": 99')  # as a power cut leaves it
        assert read(folder / "events.jsonl")[1]
        assert len(list(folder.glob("take*.wav"))) == killed - 1
    done = cli("play", "--no-gui", "--device", "none", "--midi", "none", "--seconds", "0.5", "--record", "take.wav",
               "--log-events", "events.jsonl", cwd=folder, check=True)
    assert not parts(folder) and not list((home / "unfinished").iterdir())
    assert sorted(p.name for p in folder.glob("take*.wav")) == ["take-2.wav", "take-3.wav", "take.wav"]
    kept = [line for line in done.stdout.splitlines() if "take-3.wav" in line]
    length = holds_the_note(folder / "take-3.wav")
    assert kept and f"({length:.1f} s)" in kept[0] and "cut short" in kept[0]
    for number in (2, 3):
        holds_the_note(folder / f"take-{number}.wav")
        assert (folder / f"events-{number}.jsonl").read_text().endswith("}\n")
    saved = re.search(r"Saved take\.wav \((\d\.\d) s\)\.", done.stdout)
    assert saved and abs(float(saved[1]) - soundfile.info(folder / "take.wav").duration) < 0.06
    cli("render", "--events", "events-3.jsonl", "-o", "again.wav", cwd=folder, check=True)
    holds_the_note(folder / "again.wav")


def test_a_take_of_a_process_that_still_plays_is_left_alone(home, tmp_path, cli):
    play = [sys.executable, "-m", "synth", "play", "--no-gui", "--device", "none", "--midi", "none", "--record", "take.wav"]
    first = subprocess.Popen(play, cwd=tmp_path, env=child_env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        assert until(lambda: len(parts(tmp_path)) == 1)
        part = parts(tmp_path)
        done = cli("play", "--no-gui", "--device", "none", "--midi", "none", "--seconds", "0.1", check=True)
        assert "cut short" not in done.stdout and parts(tmp_path) == part
    finally:
        first.terminate()
        first.wait(LIMIT_S)
        first.stdout.close()
    assert soundfile.info(tmp_path / "take.wav").frames > 4800 and not parts(tmp_path)


def test_a_full_disk_keeps_what_was_played_before(home, tmp_path):
    code = ("import resource, signal, time\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "from synth import paths\n"
            "from synth.patch import preset_file as presets\n"
            "from synth.errors import UserError\n"
            "from synth.events import note_on\n"
            "from synth.session.session import Session\n"
            "player = Session(presets.load(paths.find_preset('Init')), device='none', midi='none', record='take.wav')\n"
            "player.post(note_on(60))\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, 800_000))\n"
            "while not player.messages: time.sleep(0.05)\n"
            "try: player.close()\n"
            "except UserError as error: print(error)\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=child_env(), capture_output=True, text=True, timeout=WORK_S)
    assert done.stderr == "" and "take.wav" in done.stdout and "are kept" in done.stdout, (done.stdout, done.stderr)
    assert holds_the_note(tmp_path / "take.wav") > 1.5 and not parts(tmp_path)


@pytest.mark.parametrize("sr_hz", [44100, 192000])
def test_the_ring_holds_two_seconds_at_any_rate(sr_hz):
    engine = Engine(sr_hz)
    began = engine.recorded
    made = engine.process(2 * sr_hz)
    kept, last, lost = engine.recording(began)
    assert lost == 0 and last - began >= 2 * sr_hz - 32
    assert np.array_equal(kept[:2 * sr_hz - 64], made[32:][:2 * sr_hz - 64]) or np.array_equal(kept[:len(made)], made[:len(kept)])


def test_a_preset_that_loads_slowly_holds_no_recording_up(home, tmp_path, monkeypatch):
    """At 192 kHz, three seconds in the thread that answers program changes: no gap in the tone."""
    monkeypatch.setattr(Session, "load_program", lambda self, bank, number: time.sleep(3))
    player = Session(presets.load(paths.find_preset("Init")), device="none", midi="none", sr_hz=192000, record=tmp_path / "take.wav")
    player.post(note_on(60))
    player.post(Event(Kind.PROGRAM, 1))
    frame = player.snapshot().frame
    assert until(lambda: player.snapshot().frame > frame + 4 * 192000)
    saved = player.close()
    assert "silent" not in saved[0]
    samples, sr_hz = soundfile.read(tmp_path / "take.wav", dtype="float32")
    level = np.abs(samples[:len(samples) // 960 * 960, 0]).reshape(-1, 960).max(axis=1)
    start = int(np.argmax(level > 0.02))
    assert sr_hz == 192000 and len(level) - start > 600 and level[start + 2:-20].min() > 0.01


def test_a_recording_that_is_abandoned_leaves_nothing(tmp_path, home):
    Recorder(tmp_path / "take.wav", Engine(48000)).abandon()
    assert [p.name for p in tmp_path.iterdir()] == ["home"] and not list((home / "unfinished").iterdir())


def test_a_take_replaces_no_file_and_says_which_name_it_has(cli, home, tmp_path):
    names = {"--record": "take.wav", "--record-midi": "take.mid", "--log-events": "take.jsonl"}
    for name in names.values():
        (tmp_path / name).write_text("of before")
    (tmp_path / "take-2.mid").write_text("of before")
    done = cli("play", "--no-gui", "--device", "none", "--midi", "none", "--seconds", "0.3",
               *[word for pair in names.items() for word in pair], cwd=tmp_path, check=True)
    assert all((tmp_path / name).read_text() == "of before" for name in (*names.values(), "take-2.mid"))
    for old, new in (("take.wav", "take-2.wav"), ("take.mid", "take-3.mid"), ("take.jsonl", "take-2.jsonl")):
        assert f"{old} is there already, and stays: this take becomes {new}." in done.stdout.replace("Take", "take"), done.stdout
        assert f"Saved {new}" in done.stdout and (tmp_path / new).stat().st_size > 20


def test_a_file_that_comes_while_a_take_is_recorded_stays(home, tmp_path):
    """Two that play into the same names, say: the one that ends last takes a free one."""
    player = Session(presets.load(paths.find_preset("Init")), device="none", midi="none", record=tmp_path / "take.wav",
                     record_midi=tmp_path / "take.mid")
    later = player.start_recording(tmp_path / "take.wav")
    (tmp_path / "take.mid").write_text("of another")
    player.stop_recording().result()
    assert later == tmp_path / "take.wav" and later.exists()
    saved = player.close()
    assert (tmp_path / "take.mid").read_text() == "of another"
    assert [(tmp_path / f"take-2.{kind}").exists() for kind in ("wav", "mid")] == [True, True] and "take-2.wav" in saved[0]
