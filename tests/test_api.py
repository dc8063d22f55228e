"""`import latentwave`: what the command line does, bit for bit; what is posted is heard; the examples run."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mido import Message, MidiFile, MidiTrack

import latentwave as lw
from tests.servers import WORK_S, child_env

ROOT = Path(__file__).resolve().parent.parent
HZ = 48000


def song(path: Path) -> Path:
    track = MidiTrack([Message("program_change", program=3), Message("note_on", note=57, velocity=90), Message("control_change", control=1,
                      value=80, time=240), Message("note_off", note=57, time=240), Message("note_on", note=64, velocity=50),
                      Message("note_off", note=64, time=200)])
    MidiFile(tracks=[track]).save(path)
    return path


def same_bits(a, b):
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def heard_hz(x):
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), 4 * len(x)))
    return spectrum.argmax() * HZ / (4 * len(x))


def test_a_song_is_what_the_command_line_renders(cli, home, tmp_path):
    file = song(tmp_path / "song.mid")
    cli("render", file, "-o", "a.wav", "--preset", "Tine Piano", "--set", "filter.cutoff_hz=1500", "--set", "unison.voices=3",
        "--tail", 0.5, "--program-changes", "--samplerate", 44100, check=True)
    sound = lw.load("Tine Piano", settings={"filter.cutoff_hz": 1500, "unison.voices": 3.0})
    ours, sr_hz = lw.render_song(file, sound, tail_s=0.5, program_changes=True, sr_hz=44100)
    assert sr_hz == 44100 and same_bits(ours, soundfile.read(tmp_path / "a.wav", dtype="float32")[0]) and np.abs(ours).max() > 0.02
    plain, _ = lw.render_song(file, sound, tail_s=0.5, sr_hz=44100)
    assert not same_bits(ours, plain), "the program change was to be heard"


def test_a_live_take_is_rendered_again(cli, home, tmp_path):
    with lw.play("Copper Brass", device="none", midi="none", log_events=tmp_path / "take.jsonl") as player:
        player.post(lw.note_on(50, 0.7))
        player.set_param("osc.position", 0.8)
        player.load("Init")
        assert player.session.name == "Init" and player.snapshot().frame >= 0
    cli("render", "--events", "take.jsonl", "-o", "b.wav", "--tail", 0.3, check=True)
    ours, _ = lw.render_take(tmp_path / "take.jsonl", tail_s=0.3)
    assert same_bits(ours, soundfile.read(tmp_path / "b.wav", dtype="float32")[0]) and np.abs(ours).max() > 0.02


def test_a_renderer_read_in_any_pieces_plays_what_render_does():
    sound, events = lw.load("Init"), [(0.1, lw.note_on(69)), (0.2, lw.control(1, 100)), (0.5, lw.note_off(69))]
    whole = lw.render(sound, events[::-1], 0.7)
    renderer = lw.Renderer(sound)
    for at_s, event in events:
        renderer.post(event, at_s)
    pieces = [renderer.read(n) for n in (1, 31, 500, 4097, 10_000)]
    assert renderer.snapshot().voices == 1 and renderer.snapshot().params["osc.position"] > 0.7
    pieces.append(renderer.read(len(whole) - sum(map(len, pieces))))
    assert same_bits(np.concatenate(pieces), whole) and renderer.time_s == pytest.approx(0.7)
    for side in whole.T:
        assert abs(heard_hz(side[int(0.15 * HZ):int(0.45 * HZ)]) - 440) < 1
        assert not side[:int(0.1 * HZ)].any()


def test_what_is_posted_now_begins_in_its_own_timbre():
    renderer = lw.Renderer(lw.load("Init").with_param("mod1.source", "velocity").with_param("mod1.target", "osc.position")
                           .with_param("mod1.amount", 1.0))
    for key in (60, 64, 67):
        renderer.post(lw.note_on(key, 0.9))
        renderer.read(2000)
    state = renderer._player.engine.snapshot()
    assert renderer.snapshot().voices == 3 and state["late_starts"] == 0 and state["late_events"] == 0


@pytest.mark.parametrize("wrong", [
    lambda: lw.load("No Such Preset"), lambda: lw.render(lw.load("Init", model="none such"), [], 0.1),
    lambda: lw.load().with_param("filter.cutof_hz", 3), lambda: lw.load(frame_size=600), lambda: lw.load(wavetable="nowhere.wav"),
    lambda: lw.render(lw.load(), [], -1), lambda: lw.render(lw.load(), [(float("nan"), lw.note_on(60))], 1),
    lambda: lw.Renderer(lw.load(), sr_hz=5), lambda: lw.write_wav("a.wav", np.zeros(10)),
    lambda: lw.render_song("nowhere.mid"), lambda: lw.render_take("nowhere.jsonl"),
    lambda: lw.play(device="no such device"),
])
def test_what_is_wrong_is_one_sentence(wrong):
    with pytest.raises(lw.UserError) as told:
        wrong()
    assert len(str(told.value)) > 20 and "\n" not in str(told.value)


@pytest.mark.parametrize(("example", "arguments", "file"), [
    ("render_chord.py", [], "chord.wav"), ("follow_the_sound.py", [], "harp.wav"), ("play_live.py", ["none"], "live.wav")])
def test_the_examples_play(example, arguments, file, home, tmp_path):
    done = subprocess.run([sys.executable, str(ROOT / "docs" / "examples" / example), *arguments], cwd=tmp_path, env=child_env(),
                          capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0 and done.stdout, done.stderr
    heard, _ = soundfile.read(tmp_path / file, dtype="float32")
    assert 0.02 < np.abs(heard).max() < 1 and (np.abs(heard).max(0) > 0.02).all()


def test_every_name_is_told():
    page = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
    assert not [name for name in lw.__all__ if not re.search(rf"`[^`]*\b{name}\b", page)]
    import synth.api

    assert sorted(synth.api.__all__) == sorted(lw.__all__)
