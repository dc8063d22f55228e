"""`samplepack`: what a sampler plays is what we play, and nothing steps where a sample repeats."""

import json
import re
import shutil
import struct
import subprocess

import mido
import numpy as np
import pytest
import soundfile

from synth.cli import main
from synth.events import note_on
from synth.patch import preset_file
from synth.paths import find_preset
from synth.render.looping import blend_loop, find_loop, is_held
from synth.render.offline import render
from synth.render.sample_pack import layers, parse_notes, spread
from synth.samples.spectrum import floored_db, rms_difference_db, unit_rms

SR_HZ = 48_000
NOTES, VELOCITIES = (36, 60, 84), (50, 127)


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """A pack of a held sound and one that dies away."""
    folder = tmp_path_factory.mktemp("pack")
    data = json.loads(find_preset("Init").read_text())
    data["params"] = data["params"] | {"amp.sustain": 0, "amp.decay_s": 0.3}
    (folder / "Pluck.json").write_text(json.dumps(data | {"name": "Pluck"}))
    assert main(["samplepack", "Init", str(folder / "Pluck.json"), "-o", str(folder / "out"), "--notes", "36-84/24",
                 "--velocities", "50,127", "--seconds", "2", "--jobs", "2"]) == 0
    return folder / "out"


def regions(path):
    """Opcodes of each region of an SFZ, those of its group among them."""
    text = path.read_text()
    group, *rest = text.split("<region>")
    shared = dict(re.findall(r"(\w+)=(\S+)", group.partition("<group>")[2]))
    found = []
    for row in rest:
        sample = re.search(r"sample=(.+?\.wav)", row)
        found.append(shared | dict(re.findall(r"(\w+)=(\S+)", row.replace(sample[0], ""))) | {"sample": sample[1]})
    return found


def levels_db(x, note, seconds):
    """Levels of a held note's harmonics to 16 kHz, floored 80 dB under the strongest, at unit RMS."""
    f0 = 440 * 2 ** ((note - 69) / 12)
    x, t = x[round(seconds * SR_HZ):][:SR_HZ], np.arange(SR_HZ) / SR_HZ
    k = np.arange(1, min(int(16_000 / f0), 127) + 1)
    amplitudes = np.abs(np.exp(-2j * np.pi * f0 * k[:, None] * t) @ (x * np.blackman(SR_HZ)))
    return floored_db(unit_rms(amplitudes))


def ours(note, velocity, seconds):
    return render(preset_file.load(find_preset("Init")), [(0, note_on(note, velocity / 127))], seconds)[:, 0].astype(float)


def test_a_pack_tells_keys_velocities_and_loops(pack):
    for name, looped in (("Init", True), ("Pluck", False)):
        rows = regions(pack / f"{name}.sfz")
        assert len(rows) == 6 and len(list((pack / name).iterdir())) == 6
        for row in rows:
            note, velocity = map(int, re.search(r"n(\d+)-v(\d+)", row["sample"]).groups())
            assert int(row["pitch_keycenter"]) == note and row["amp_veltrack"] == "0"
            assert (int(row["lovel"]), int(row["hivel"])) == ((1, 50) if velocity == 50 else (51, 127))
            assert int(row["lokey"]) <= note <= int(row["hikey"])
            assert (row["loop_mode"] == "loop_continuous") == looped
            data = (pack / row["sample"]).read_bytes()
            at = data.index(b"smpl")
            assert struct.unpack("<I", data[at + 20:at + 24])[0] == note
            if looped:
                assert struct.unpack("<II", data[at + 52:at + 60]) == (int(row["loop_start"]), int(row["loop_end"]))
            elif name == "Pluck":
                samples = soundfile.read(pack / row["sample"])[0]
                assert np.abs(samples[-100:]).max() < 1e-3 * np.abs(samples).max()
        keys = sorted({(int(row["lokey"]), int(row["hikey"])) for row in rows})
        assert keys[0][0] == 0 and keys[-1][1] == 127 and all(a[1] + 1 == b[0] for a, b in zip(keys, keys[1:], strict=False))


def test_loops_repeat_without_a_step(pack):
    """Played on for two seconds as the SFZ says: nothing at the seam that is not inside the loop as well, and the spectrum stays."""
    for row in regions(pack / "Init.sfz"):
        samples = soundfile.read(pack / row["sample"], always_2d=True)[0]
        start, end = int(row["loop_start"]), int(row["loop_end"]) + 1
        turn = np.concatenate([samples[start:end]] * 2)
        seam = end - start
        for order in (1, 2, 3):
            steps = np.abs(np.diff(turn, order, axis=0)).max(1)
            inside = np.delete(steps, np.arange(seam - order, seam))
            assert steps[seam - order:seam].max() <= 1.01 * inside.max() + 3e-7, (row["sample"], order)
        note, velocity = map(int, re.search(r"n(\d+)-v(\d+)", row["sample"]).groups())
        played = np.concatenate([samples[:end], *[samples[start:end]] * 40])[:4 * SR_HZ, 0]
        away = rms_difference_db(levels_db(ours(note, velocity, 4.0), note, 2.5), levels_db(played, note, 2.5))
        assert away < 0.5, (row["sample"], away)


@pytest.mark.skipif(shutil.which("fluidsynth") is None, reason="needs fluidsynth and the FluidR3 soundfont")
def test_fluidsynth_plays_it_as_we_do(pack, tmp_path):
    """At the root keys, three seconds on, where the two seconds of sample have repeated."""
    worst = 0.0
    for note in NOTES:
        for velocity in VELOCITIES:
            song = mido.MidiFile(ticks_per_beat=480)
            song.tracks.append(mido.MidiTrack([mido.Message("note_on", note=note, velocity=velocity),
                                               mido.Message("note_off", note=note, time=480 * 10)]))
            song.save(tmp_path / "n.mid")
            subprocess.run(["fluidsynth", "-ni", "-R", "0", "-C", "0", "-g", "1", "-r", str(SR_HZ), "-O", "float", "-F", tmp_path / "f.wav",
                            pack / "Init.sf2", tmp_path / "n.mid"], check=True, capture_output=True)
            theirs = soundfile.read(tmp_path / "f.wav", always_2d=True)[0][:, 0]
            worst = max(worst, float(rms_difference_db(levels_db(ours(note, velocity, 4.0), note, 3.0), levels_db(theirs, note, 3.0))))
    print(f"fluidsynth at the root keys: LSD {worst:.3f} dB at worst")
    assert worst < 0.5


def test_a_sound_that_moves_is_blended_where_it_repeats():
    """Detuned partials and noise, which never come back: no step, and the power stays."""
    rng = np.random.default_rng(0)
    t = np.arange(3 * SR_HZ) / SR_HZ
    for x in (sum(np.sin(2 * np.pi * f * t) for f in (110, 110.7, 331.3, 442.9)) / 4, rng.normal(size=len(t)) / 4):
        x = np.stack([x, x[::-1]], 1)
        assert is_held(x, SR_HZ)
        loop = find_loop(x, SR_HZ, SR_HZ)
        turn = np.concatenate([blend_loop(x, loop, SR_HZ)[loop.start:loop.end]] * 2)
        seam, steps = loop.end - loop.start, np.abs(np.diff(turn, axis=0))
        assert steps[seam - 1].max() <= np.delete(steps, seam - 1, 0).max()
        power = (turn**2).reshape(-1, 2)[:len(turn) // 4800 * 4800].reshape(-1, 4800, 2).mean((1, 2))
        assert power.min() > 0.4 * np.median(power)
    assert not is_held(np.exp(-t * 4)[:, None] * x, SR_HZ)


def test_keys_and_layers_stand_for_all():
    assert parse_notes("60,36-44/4") == [36, 40, 44, 60] and layers([40, 90]) == [(1, 40), (41, 127)] and layers([60]) == [(1, 127)]
    assert spread([36, 60]) == [(0, 48), (49, 127)]
