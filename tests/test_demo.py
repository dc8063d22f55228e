"""The demo song: about a minute, written by its tool, and clean with every way of rendering it."""

import json
import subprocess
import sys
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from synth import paths
from tests.measures.loudness import momentary_db
from tests.servers import WORK_S

ROOT = Path(__file__).resolve().parent.parent


def test_song_is_what_its_tool_writes(tmp_path):
    code = ("import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from tools import make_demo as m\n"
            "m.build().save(Path(sys.argv[2]))")
    subprocess.run([sys.executable, "-c", code, str(ROOT), str(tmp_path / "demo.mid")], check=True, timeout=WORK_S)
    assert (tmp_path / "demo.mid").read_bytes() == paths.demo_song().read_bytes(), "run tools/make_demo.py"


def test_song_is_about_a_minute_and_shows_the_presets():
    song = mido.MidiFile(paths.demo_song())
    assert 45 < song.length < 75
    messages = [m for m in song if not m.is_meta]
    assert len({m.program for m in messages if m.type == "program_change"}) >= 6
    assert {1, 11, 64, 74} <= {m.control for m in messages if m.type == "control_change"}
    assert any(m.type == "pitchwheel" and m.pitch for m in messages)
    assert max(m.program for m in messages if m.type == "program_change") < len(paths.list_presets())
    held = [m.note if m.velocity else -m.note for m in messages if m.type == "note_on"]
    assert len(held) == sum(m.type == "note_off" for m in messages), "no note is left hanging"


@pytest.mark.parametrize("how", [["--program-changes"], []], ids=["presets", "one timbre"])
def test_song_renders_without_touching_the_limiter(cli, tmp_path, how):
    told = json.loads(cli("render", paths.demo_song(), "-o", "demo.wav", *how, "--json", check=True).stdout)
    assert told["peak_db"] < -1 and told["late_decodes"] == 0 and not told["message"]
    sound, rate = soundfile.read(tmp_path / "demo.wav")
    assert rate == 48000 and np.isfinite(sound).all()
    loudness = momentary_db(sound[:, 0])
    heard = loudness[: int(len(loudness) * 0.94)]
    assert heard.max() < -17 and np.mean(heard > -40) > 0.95, "no holes, no shouting"
