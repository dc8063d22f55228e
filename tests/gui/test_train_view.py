"""Training in the real window under Xvfb: a folder is looked through, a model learns from it, is heard while it does, and is stopped."""

import re

import numpy as np
import pytest
import soundfile

from tests.gui.desk import SR, opened
from tests.servers import WORK_S
from tests.tracks import sounds

SHORT = """
from synth.session import training_run
class ChildProcess(training_run.ChildProcess):
    def __init__(self, arguments, take):
        cycles = arguments[0] == "train" and "--notes" not in arguments
        super().__init__([*arguments, *["--synthetic", "0"] * cycles], take)
training_run.ChildProcess = ChildProcess
"""  # drawing twenty thousand synthetic sounds is the most of a run that is stopped after its first steps


@pytest.fixture
def desk(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display, "--preset", "Init", before=SHORT) as desk:
        yield desk


def write_cycles(folder, n=40):
    """Single cycles of different spectra, and one file that is none."""
    folder.mkdir()
    rng = np.random.default_rng(3)
    phase = 2 * np.pi * np.arange(600) / 600
    for i in range(n):
        slope, even = rng.uniform(0.6, 2.5), rng.uniform(0, 1)
        cycle = sum(k ** -slope * (1 if k % 2 else even) * np.sin(k * phase + rng.uniform(0, 6)) for k in range(1, 60))
        soundfile.write(folder / f"{i:02d}.wav", 0.5 * cycle / np.abs(cycle).max(), 44100, "FLOAT")
    (folder / "notes.wav").write_text("no sound")


def test_a_folder_is_looked_through_learnt_from_heard_and_the_run_stopped(desk, tmp_path, home):
    write_cycles(tmp_path / "mine")
    desk.view("train")
    desk.press(*desk.middle("field.0"))
    desk.lift()
    desk.frames(8)
    here = len(desk.rows())
    desk.hand("type", "--delay", "25", tmp_path / "mine")
    desk.frames(4)
    desk.hand("key", "Return")
    desk.wait("check_folder", after=here)
    worked(desk, lambda r: (home / "training" / "mine.npz").exists())
    desk.frames(30)
    here = len(desk.rows())
    desk.click("train.start")
    desk.wait("start_training", after=here)
    runs = home / "models" / ".runs" / "My model" / "live"
    desk.hand("keydown", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on")
    worked(desk, lambda r: any(runs.glob("step-*/manifest.json")))
    desk.frames(10)
    desk.click("train.hear")
    desk.wait("hear_training", after=here)
    desk.until(lambda r: bool(desk.played("patch")))
    heard = desk.played("patch")[0]
    desk.hear(1.0)
    here = len(desk.rows())
    desk.click("train.stop")
    desk.wait("message", after=here, match=lambda r: "stopped, everything is saved" in r["text"])
    assert (runs.parent / "last.pt").is_file()
    with np.load(runs / "reconstructions.npz") as found:
        assert found["drawn_db"].shape == found["target_db"].shape and len(found["drawn_db"]) >= 2
    sound = desk.finish()
    assert "step-" in heard["preset"]["model"]["name"] and heard["preset"]["name"] == "Init"
    at = heard["frame"]
    before, after = sound[at - SR // 2:at - 4800], sound[at + 9600:at + SR]
    levels = [np.abs(np.fft.rfft(part[:16384] * np.hanning(16384))) for part in (before, after)]
    peaks = [round(261.63 * k * 16384 / SR) for k in range(1, 12)]
    db = [20 * np.log10(np.array([level[p - 2:p + 3].max() for p in peaks])) for level in levels]
    assert np.abs((db[0] - db[0].max()) - (db[1] - db[1].max())).max() > 3, "the sound is another one"
    blocks = np.abs(sound[at - 4800:at + SR // 2]).reshape(-1, 480).max(1)
    assert blocks.min() > 0.2 * blocks.max(), "and goes on without a gap"


def worked(desk, match):
    """Wait for what a child that reads or learns leaves."""
    desk.wait("frame", after=len(desk.rows()), match=match, seconds=WORK_S)


def look_through(desk, folder, words):
    """Type another folder and look through it; again where a slow machine lost the Ctrl+A before it."""
    for _ in range(4):
        desk.type_over("field.0", folder)
        here = len(desk.rows())
        desk.click("train.check")
        if words in desk.wait("message", after=here)[0]["text"]:
            return
    raise AssertionError(f"{folder} could not be typed")


def test_recordings_become_an_instrument_that_plays_and_a_model_is_adapted_to_whole_notes(desk, tmp_path, home):
    for key in (57, 64):
        sounds.write(tmp_path / "flute" / f"{key}.wav", sounds.note(sounds.key_hz(key), 0.6))
    (tmp_path / "flute" / "readme.wav").write_text("no sound")
    rng = np.random.default_rng(3)
    for key in range(50, 62, 2):
        partials = [sounds.note(sounds.key_hz(key) * k, 0.4, most=1) * 10 ** (rng.normal(-4 * np.log2(k), 6) / 20) for k in range(1, 12)]
        sounds.write(tmp_path / "horn" / f"{key}.wav", sum(partials))
    desk.view("train")
    desk.type_over("field.0", tmp_path / "flute")
    here = len(desk.rows())
    desk.click("train.instrument")
    desk.wait("make_instrument", after=here)
    told, _ = desk.wait("message", after=here, match=lambda r: "2 notes" in r["text"])
    assert "'flute': 2 notes" in told["text"] and "1 left out: readme.wav" in told["text"], "called as its folder, not as a model"
    assert re.search(r"[0-9.]+ dB from the recordings \((very near|near|fair)\)", told["text"])
    page = home / "instruments" / "flute" / "flute.html"
    assert page.is_file() and f"report: {page}" in told["text"]
    desk.until(lambda r: bool(desk.played("patch")))
    assert desk.played("patch")[0]["preset"]["instrument"]["name"] == "flute"
    here = len(desk.rows())
    desk.click("train.report")
    desk.wait("open_report", after=here)
    desk.wait("message", after=here, match=lambda r: "the report" in r["text"] and str(page) in r["text"])
    here = len(desk.rows())
    desk.hand("key", "Escape")
    desk.hand("keydown", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on")
    desk.hear(0.6)
    desk.hand("keyup", "a")
    here = len(desk.rows())
    desk.click("train.instrument")  # of the same name: nothing is replaced
    desk.wait("message", after=here, match=lambda r: "already an instrument" in r["text"])
    desk.click("learns.notes")
    here = len(desk.rows())
    desk.click("train.check")
    desk.wait("message", after=here, match=lambda r: "so that some can be kept aside to judge by" in r["text"])  # they are too few
    look_through(desk, tmp_path / "horn", "horn: 6 notes, 6 of them different; 0 left out")
    desk.frames(4)
    here = len(desk.rows())
    desk.click("train.start")
    desk.wait("start_training", after=here, match=lambda r: r["args"][0] == "My model")  # no instrument's name
    desk.until(lambda r: True)
    desk.click("train.stop")
    desk.wait("message", after=here, match=lambda r: "stopped; nothing was made" in r["text"])
    desk.type_over("field.1", "Reed")
    here = len(desk.rows())
    desk.click("train.instrument")
    desk.wait("make_instrument", after=here, match=lambda r: r["args"][1] == "Reed")  # what a hand typed counts for either
    desk.click("train.stop")
    desk.wait("stop_training", after=here)
    assert not (home / "models" / "My model").exists()
    sound = desk.finish()
    note = [row for row in desk.played("note_on")][0]["frame"]
    piece = sound[note + 4800:note + 4800 + 16384]
    peak_hz = np.argmax(np.abs(np.fft.rfft(piece * np.hanning(16384), 1 << 18))) * SR / (1 << 18)
    assert abs(1200 * np.log2(peak_hz / 261.63) % 1200 - 0) < 15 or abs(1200 * np.log2(peak_hz / 261.63) % 1200 - 1200) < 15
