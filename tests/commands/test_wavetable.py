"""`wavetable` and `convert` as a script sees them: a morph, a take, a table of others; what comes out sounds as it should."""

import json

import numpy as np
import soundfile

from synth.cli import main
from synth.patch import preset_file
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.paths import find_preset
from synth.samples.spectrum import lsd
from synth.samples.wavetable import read_frames
from synth.timbres.morph_frames import Stop, along_position
from synth.timbres.source_cache import played_alone
from synth.timbres.static_render import render_cycle
from tests.samples.test_frames import RATE_HZ, saws, sines


def told(capfd):
    return json.loads(capfd.readouterr().out)


def standing(name):
    return render_cycle(preset_file.load(find_preset(name)))


def test_a_morph_is_written_from_preset_to_preset(home, tmp_path, monkeypatch, capfd):
    """Each preset where it stands, at its place; the way between goes through the model's latents, at equal loudness."""
    monkeypatch.chdir(tmp_path)
    names = ("Amber Pad", "Copper Brass", "Quiet Choir")
    assert main(["wavetable", *names, "-o", "m.wav", "--frames", "33", "--json"]) == 0
    assert told(capfd) == {"output": "m.wav", "layout": "serum", "frames": 33, "frame_size": 2048, "message": ""}
    frames = read_frames(tmp_path / "m.wav").frames
    for frame, name in zip(frames[::16], names, strict=True):
        assert lsd(standing(name)[None], frame[None])[0] < 0.5, name
    steps = lsd(frames[:-1], frames[1:])
    assert steps.max() < 6 * steps.mean() and np.abs(frames).max() == 1
    assert np.abs(frames.mean(1)).max() < 1e-6


def test_a_chain_is_gone_through_as_its_parts_lie(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ("Amber Pad", "Copper Brass", "Quiet Choir")
    parts = tuple(preset_file.load(find_preset(name)) for name in names)
    preset_file.save(Patch(name="Chain", morph=Morph(parts, "chain", breakpoints=(0.0, 0.25, 1.0))), tmp_path / "Chain.json")
    assert main(["wavetable", "Chain.json", "-o", "c.wt", "--frames", "9"]) == 0
    frames = read_frames(tmp_path / "c.wt").frames
    for i, name in ((0, names[0]), (2, names[1]), (8, names[2])):
        assert lsd(standing(name)[None], frames[i:i + 1])[0] < 0.5, name


def test_one_preset_is_written_along_its_position(home, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    for name in ("p.wt", "p.vitaltable", "p.flac"):
        assert main(["wavetable", "Amber Pad", "-o", name, "--frames", "9"]) == 0
    patch, source = played_alone(preset_file.load(find_preset("Amber Pad")))
    wanted = along_position(Stop(patch, source), 9)
    wanted /= np.abs(wanted).max()
    for name, worst in (("p.wt", 1e-7), ("p.vitaltable", 1e-7), ("p.flac", 2e-7)):
        table = read_frames(tmp_path / name)
        assert np.abs(table.frames - wanted).max() < worst and not table.told, name


def test_presets_of_different_models_meet_in_spectrum(home, tmp_path, monkeypatch):
    """No harmonic is lost on the way, however far apart the phases are."""
    patch = preset_file.load(find_preset("Amber Pad"))
    a, b = played_alone(patch), played_alone(patch, "akwf-8")
    from synth.timbres.morph_frames import along_presets
    frames = along_presets([Stop(*a), Stop(*b)], 9)
    levels = 20 * np.log10(np.abs(np.fft.rfft(frames, axis=1))[:, 1:60] + 1e-9)
    lower = np.minimum(levels[0], levels[-1])
    assert (levels - lower > -3).all()
    for frame, stop in ((frames[0], a), (frames[-1], b)):
        assert np.abs(frame - along_position(Stop(*stop), 2)[0]).max() < 1e-6


def test_a_played_gesture_becomes_a_table(home, tmp_path, monkeypatch, capfd):
    """A wavetable of three sines played through by hand: the table tells when each was heard."""
    monkeypatch.chdir(tmp_path)
    soundfile.write("s.wav", sines(3, 2048).ravel(), RATE_HZ, subtype="FLOAT")
    head = {"type": "header", "format": 1, "samplerate": 48000, "blocksize": 128}
    rows = [head | {"wavetable": str(tmp_path / "s.wav"), "frame_size": 2048},
            {"frame": 4800, "type": "note_on", "channel": 0, "note": 60, "velocity": 0.8}]
    rows += [{"frame": 4800 + 240 * i, "type": "param", "name": "osc.position", "value": i / 100} for i in range(101)]
    rows += [{"frame": 4800 + 240 * 200, "type": "note_off", "channel": 0, "note": 60}]
    (tmp_path / "g.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    assert main(["wavetable", "--events", "g.jsonl", "-o", "g.wt", "--frames", "9", "--json"]) == 0
    assert told(capfd)["frames"] == 9
    levels = np.abs(np.fft.rfft(read_frames(tmp_path / "g.wt").frames, axis=1))[:, 1:4]
    assert levels.argmax(1).tolist()[0] == 0 and set(levels.argmax(1)[4:]) == {2}
    levels /= levels.sum(1, keepdims=True)
    assert levels[2, 1] > 0.9 and levels[0, 0] > 0.98 and levels[5:, 2].min() > 0.98


def test_convert_goes_from_each_format_to_each(home, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    soundfile.write("in.wav", 0.5 * saws(16, 1024).ravel(), RATE_HZ, subtype="PCM_16")
    assert main(["convert", "in.wav", "a.wt", "--json"]) == 0
    assert "16 frames of 1024 samples were guessed" in told(capfd)["message"]
    whole = read_frames(tmp_path / "in.wav").frames
    centred = whole - whole.mean(1, keepdims=True)
    assert np.abs(read_frames(tmp_path / "a.wt").frames - centred).max() < 1e-7
    for source, target in (("a.wt", "b.vitaltable"), ("b.vitaltable", "c.flac"), ("c.flac", "d.wav"), ("d.wav", "e"), ("e", "f.wt")):
        assert main(["convert", source, target]) == 0
    assert len(list((tmp_path / "e").iterdir())) == 16
    frames = read_frames(tmp_path / "f.wt").frames
    h, wanted = (np.fft.rfft(x, axis=1)[:, 1:400] / x.shape[1] for x in (frames, centred))
    assert np.abs(h - wanted).max() < 1e-6
    assert main(["convert", "in.wav", "g.wav", "--frame-size", "256", "--for", "surge"]) == 0
    assert read_frames(tmp_path / "g.wav").frames.shape == (64, 256)
    assert main(["convert", "a.wt", "h.wt", "--frames", "4"]) == 0 and read_frames(tmp_path / "h.wt").frames.shape == (4, 1024)


def test_a_table_of_the_users_folder_is_played_by_its_name(home, tmp_path, monkeypatch, capfd):
    (home / "wavetables" / "mine").mkdir(parents=True)
    soundfile.write(home / "wavetables" / "mine" / "Two Sines.wav", sines(3, 2048).ravel(), RATE_HZ)
    monkeypatch.chdir(tmp_path)
    assert main(["convert", "two sines", "t.wt"]) == 0 and read_frames(tmp_path / "t.wt").frames.shape == (3, 2048)
    assert main(["convert", "two signs", "u.wt"]) == 1
    assert "did you mean 'Two Sines'" in capfd.readouterr().err
