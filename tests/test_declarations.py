"""Adding a knob is one line and one use, adding an effect one line and one file: both are done to a copy of the program, and played.

The copy's engine plays as plain Python (`tools/step_engine.py`), to the rounding what it plays compiled, for compiling all of it takes
a minute of the processor; compiled is what the change touches, the effects and what reads a voice's pitch and every knob.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from synth.params.knobs import KNOBS, PARAMS
from synth.params.param import Param, Scope, declared, in_group
from tests.servers import WORK_S, child_env

ROOT = Path(__file__).resolve().parent.parent
SR_HZ = 48000

KNOB = '    *in_group("octaves", "Octaves", Param("octaves.up", "Up", -2, 2, 0, "oct", "linear", Scope.PITCH, "Octaves up")),\n'
EFFECT = ('    "comb": in_group("comb", "Comb", _mix("comb", "Comb against the dry sound"), '
          '_knob("comb.feedback", "Feedback", 0, 0.99, 0.9, "", "linear", "Feedback of the comb")),\n')
COMB = '''"""Comb: an echo every 50 ms."""

import numpy as np

from ..compile.jit import kernel
from .effect import Effect
from .parts import OFF, QUANTUM, RUNNING

COMB = np.dtype([("on", "i4"), ("at", "i8"), ("length", "i8"), ("ring", "f4", (2, 9600))], align=True)


def _prepare(unit, sr_hz):
    unit["length"] = int(0.05 * sr_hz)


@kernel
def _silence(unit):
    for at in range(unit["length"]):
        unit["ring"][0, at] = unit["ring"][1, at] = 0.0
    unit["on"], unit["at"] = OFF, 0


@kernel
def _render(unit, knobs, out, context):
    if knobs["comb_mix"] == 0.0:
        _silence(unit)
        return
    unit["on"] = RUNNING
    for i in range(QUANTUM):
        for side in range(2):
            echo = unit["ring"][side, unit["at"]]
            unit["ring"][side, unit["at"]] = out[side, i] + knobs["comb_feedback"] * echo
            out[side, i] += knobs["comb_mix"] * echo
        unit["at"] = (unit["at"] + 1) % unit["length"]


@kernel
def _idle(unit, knobs):
    return knobs["comb_mix"] == 0.0 and unit["on"] == OFF


EFFECT = Effect("comb", COMB, _prepare, _render, _idle, _silence)
'''
PLAY = '''
import contextlib, io, json, sys
from tools import step_engine
step_engine.make_plain()
from synth.cli import main
from synth.gui.find import view_of
from synth.gui.geometry import Rect
from synth.gui.views.effects import card_places
from synth.params.knobs import PARAMS
places = card_places(Rect(0, 0, 900, 600), 4)
assert view_of(PARAMS["comb.mix"]) == "effects" and max(place.bottom for place in places.values()) <= 600, places
assert list(places)[-2:] == ["comb", "limiter"], places
said = io.StringIO()
with contextlib.redirect_stdout(said):
    assert main(["params", "--json"]) == 0
    for name, (song, *knobs) in json.loads(sys.argv[1]).items():
        sets = [word for knob in knobs for word in ("--set", knob)]
        assert main(["render", song, "-o", name + ".wav", "--wavetable", "sine.wav", "--frame-size", "2048", "--tail", "0.3", *sets]) == 0
print(said.getvalue())
'''
COMPILED = '''
import gc
gc.disable()  # as `play` does while it compiles
import numpy as np
from synth.engine.state import allocate
from synth.engine.voice import update
from synth.params.knobs import index_of
from tests.engine.rack import Rack, frames, impulse
state, memory = allocate(48000, 256)
s, up, voice = state[0], index_of("octaves.up"), state[0]["polyphony"]["voices"][0]
s["knobs"]["target"][:] = 0.5
before = update.pitch_of(s["knobs"], s["midi"], voice)
s["knobs"]["target"][up] = 0.75  # of -2 to 2 octaves
update.snap_controls(s["shared"], s["knobs"], s["midi"])
assert s["knobs"]["value"][up] == 1.0
assert abs(update.pitch_of(s["knobs"], s["midi"], voice) - before - 12.0) < 1e-4
rack, x, echo = Rack(), impulse(0.25, level=0.5), round(0.05 * 48000)
assert np.array_equal(rack.play(x), x)
heard = rack.play(x, {"comb.mix": 0.5})
wanted = x.copy()
for n in range(1, 5):
    wanted[:, n * echo] += 0.5 * 0.5 * 0.9 ** (n - 1)
assert np.abs(heard - wanted).max() < 1e-6, np.abs(heard - wanted).max()
assert np.array_equal(rack.play(x, {}), x) and rack.at_rest
'''


def insert(file, before, line):
    """A line of its own before the one that begins with `before`."""
    text = file.read_text()
    assert text.count("\n" + before) == 1, f"{file.name} has {text.count(before)} of {before!r}"
    file.write_text(text.replace("\n" + before, "\n" + line + before))


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """(rows of `latentwave params --json`, {render: float32[n, 2]}) of a copy of the program with one more knob and one more effect."""
    told = []
    copy, songs = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("songs")
    shutil.copytree(ROOT / "synth", copy / "synth", ignore=shutil.ignore_patterns("__pycache__", "_bundled"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name in ("exported", "presets"):
        (copy / name).symlink_to(ROOT / name, target_is_directory=True)
    insert(copy / "synth/params/knobs.py", "    *(p for knobs in EFFECTS", KNOB)
    update = copy / "synth/engine/voice/update.py"
    text = update.read_text()
    assert text.count("knob[_FINE] * 0.01") == 1
    update.write_text(text.replace("knob[_FINE] * 0.01", "knob[_FINE] * 0.01 + knob[_OCTAVES_UP] * 12.0")
                      .replace("\n_COARSE, ", '\n_OCTAVES_UP = index_of("octaves.up")\n_COARSE, ', 1))
    insert(copy / "synth/params/effects.py", '    "limiter": in_group(', EFFECT)
    (copy / "synth/engine/effects/comb.py").write_text(COMB)
    soundfile.write(songs / "sine.wav", np.sin(2 * np.pi * np.arange(2048) / 2048), SR_HZ, "FLOAT")
    for name, rows in {"note": NOTE, "two": TWO, "panic": [*NOTE, (0.6, mido.Message("control_change", control=120, value=0))]}.items():
        write_song(songs / f"{name}.mid", rows)
    env = child_env(PYTHONPATH=os.pathsep.join((str(copy), str(ROOT))), LATENTWAVE_HOME=str(songs / "home"),
                    NUMBA_OPT="0")  # compiles in two thirds
    for code, *words in ((PLAY, json.dumps(RENDERS)), (COMPILED,)):
        done = subprocess.run([sys.executable, "-c", code, *words], cwd=songs, capture_output=True, text=True, timeout=WORK_S, env=env)
        assert done.returncode == 0, done.stderr[-3000:]
        told.append(done.stdout)
    rows = json.JSONDecoder().raw_decode(told[0])[0]
    return {row["name"]: row for row in rows}, {name: soundfile.read(songs / f"{name}.wav")[0] for name in RENDERS}, songs


NOTE = [(0.0, mido.Message("note_on", note=57, velocity=127)), (0.4, mido.Message("note_off", note=57))]
TWO = [(0.0, mido.Message("note_on", note=57, velocity=127)), (0.0, mido.Message("note_on", note=64, velocity=64)),
       (0.5, mido.Message("note_off", note=57)), (0.5, mido.Message("note_off", note=64))]
BY_VELOCITY = ("mod1.source=velocity", "mod1.target=octaves.up", "mod1.amount=0.25", "amp.velocity=0")  # of a range of 4 octaves
RENDERS = {"plain": ("note.mid",), "set": ("note.mid", "octaves.up=1"), "modulated": ("two.mid", *BY_VELOCITY),
           "on": ("note.mid", "comb.mix=0.5"), "panic": ("panic.mid", "comb.mix=0.5"),
           "modulated effect": ("note.mid", "mod1.source=velocity", "mod1.target=comb.mix", "mod1.amount=0.5")}


def write_song(path, rows):
    """(seconds, message) as a Standard MIDI File."""
    song, track, now = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack(), 0
    for at_s, message in rows:
        tick = round(at_s * 960)
        track.append(message.copy(time=tick - now))
        now = tick
    song.tracks.append(track)
    song.save(path)


def peaks_hz(x, n):
    """The n strongest tones of the left channel between 0.05 and 0.35 s, rising, within 0.2 Hz."""
    part = x[2400:16800, 0] * np.hanning(14400)
    power = np.abs(np.fft.rfft(part, 1 << 18))
    found = []
    for _ in range(n):
        at = int(power.argmax())
        found.append(at * SR_HZ / (1 << 18))
        power[max(at - 80, 0):at + 81] = 0
    return sorted(found)


def test_a_new_knob_is_listed_set_modulated_and_heard(heard):
    listed, played, _ = heard
    assert {k: listed["octaves.up"][k] for k in ("label", "group", "scope", "smoothing_s", "unit")} == {
        "label": "Up", "group": "octaves", "scope": "voice", "smoothing_s": 0.003, "unit": "oct"}
    assert peaks_hz(played["plain"], 1) == pytest.approx([220], abs=0.3)
    assert peaks_hz(played["set"], 1) == pytest.approx([440], abs=0.3)
    second = 440 * 2 ** ((64 - 69) / 12 + 64 / 127)
    assert peaks_hz(played["modulated"], 2) == pytest.approx(sorted([440, second]), abs=1.0), "each voice has its own"


def test_a_new_effect_is_listed_exact_when_off_heard_when_on_and_silent_after_all_sound_off(heard, cli):
    listed, played, songs = heard
    assert listed["comb.mix"]["scope"] == "global" and listed["comb.mix"]["group"] == "comb"
    cli("render", "note.mid", "-o", "before.wav", "--wavetable", "sine.wav", "--frame-size", 2048, "--tail", 0.3, cwd=songs,
        check=True)
    before = soundfile.read(songs / "before.wav")[0]
    assert np.abs(played["plain"] - before).max() < 1e-5, "off, the sound is what it was before there was such an effect, but for rounding"
    after = slice(round(0.62 * SR_HZ), round(0.9 * SR_HZ))
    assert not before[after].any()
    for name in ("on", "modulated effect"):
        assert np.abs(played[name][after]).max() > 0.01, name
    assert np.abs(played["panic"][:round(0.59 * SR_HZ)] - played["on"][:round(0.59 * SR_HZ)]).max() == 0
    assert not played["panic"][after].any()


def test_what_is_declared_badly_is_an_error_at_import():
    good = PARAMS["osc.level_db"]
    with pytest.raises(TypeError, match="scope"):
        Param("osc.new", "New", 0, 1, 0, "", "linear", help="A knob whose scope nobody thought of")
    for wrong in ({"scope": "global"}, {"label": ""}, {"curve": "exponential"}, {"curve": "count"}):
        with pytest.raises(ValueError, match=r"osc\.level_db"):
            replace(good, **wrong)
    with pytest.raises(ValueError, match="no group"):
        declared([replace(good, group=None)])
    with pytest.raises(ValueError, match="twice"):
        declared([good, good])


def test_every_scope_is_that_of_a_kernel_and_every_knob_has_one():
    from synth.engine.modulation import matrix

    assert {p.scope for p in KNOBS} == set(Scope)
    for p, bit in zip(KNOBS, matrix.CLASS, strict=True):
        assert bit == getattr(matrix, p.scope.name), p.name
    assert [p.name for p in in_group("x", "X", PARAMS["osc.level_db"]) if p.group.title == "X"] == ["osc.level_db"]
