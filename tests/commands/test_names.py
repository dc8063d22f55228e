"""What the player types: a name mistyped is answered by the nearest one, and what the model has not is refused in one sentence."""

import json

import mido
import pytest

from synth.cli import main
from synth.errors import did_you_mean
from synth.paths import bundled_folder
from tests.broken import WHOLE_PRESET
from tests.test_bad_input import told

PLAY = "play --no-gui --device none --midi none --seconds 1"


@pytest.fixture
def here(tmp_path, monkeypatch, home):
    """A working folder with a song, a preset whose slot is beyond its model, and a log that turns a latent beyond every preset."""
    notes = [mido.Message("note_on", note=60, velocity=90), mido.Message("note_off", note=60, time=240)]
    mido.MidiFile(tracks=[mido.MidiTrack(notes)]).save(tmp_path / "song.mid")
    init = json.loads((bundled_folder() / "presets" / "Init.json").read_text(encoding="utf-8"))
    rows = {"slot": {"mod": [{"source": "lfo1", "target": "latent.17", "amount": 0.1}]}, "knob": {"params": {"latent.17": 0.5}},
            "direction": {"params": {"direction.8": 0.5}}, "whole": {"mod": [{"source": "lfo1", "target": "latent.16", "amount": 0.1}]}}
    for name, row in rows.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(init | row))
    head = {"type": "header", "format": 1, "samplerate": 48000, "preset": init}
    note = {"frame": 0, "type": "note_on", "note": 60}
    for last in ({"type": "param", "name": "latent.17"}, {"type": "corner", "corner": "A", "latent": 17}):
        lines = (head, note, last | {"frame": 9, "value": 1})
        (tmp_path / f"{last['type']}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


SONG = "render song.mid -o out.wav"


@pytest.mark.parametrize("line, near", [
    (f"{SONG} --preset=Ambr_Pad", "Amber Pad"), (f"{PLAY} --preset=ambr_pad.json", "Amber Pad"),
    ("decode --preset=Glas_Harp -o c.wav", "Glass Harp"),
    (f"{SONG} --model akwf16", "akwf-16"), ("decode --model akwf_8 --latent 0 -o c.wav", "akwf-8"), ("evaluate akwf-61 x.npz", "akwf-16"),
    (f"{SONG} --set filter.cutof_hz=900", "filter.cutoff_hz"), (f"{SONG} --set filter.type=low42", "low24"),
    (f"{SONG} --set mod1.source=weel", "wheel"), (f"{SONG} --set mod1.via=lof1", "lfo1"),
    (f"{SONG} --set mod1.target=osc.positon", "osc.position"),
    (f"{SONG} --set mod1.target=direction.brightnes", "brightness"), (f"{SONG} --set direction.hollownes=1", "hollowness"),
    ("play --no-gui --midi none --seconds 1 --device jak", "jack")])
def test_a_mistyped_name_is_answered_by_the_nearest(line, near, here, capfd):
    code = main([word.replace("_Pad", " Pad").replace("_pad", " pad").replace("_Harp", " Harp") for word in line.split()])
    told(code, capfd.readouterr().err.removeprefix("compiling the sound engine (once) ...\n"), f"did you mean '{near}'?")


def test_a_mistyped_midi_port_is_answered_by_the_nearest(here, cli, jack_server):
    done = cli("play", "--no-gui", "--seconds", 1, "--midi", "midi_capture", env=jack_server)
    assert done.returncode == 0 or "no MIDI port" in done.stderr  # what ports there are is the machine's
    done = cli("play", "--no-gui", "--seconds", 1, "--midi", "al", env=jack_server)
    told(done.returncode, done.stderr, "did you mean 'all'?")


@pytest.mark.parametrize("line, near", [
    ("rendr song.mid", "render"), ("render song.mid -o a.wav --presett Init", "--preset"), ("encode a.wav --as recordin", "recording"),
    ("train --name x --device cud", "cuda")])
def test_a_mistyped_word_of_the_command_line_is_a_usage_error_that_names_the_nearest(line, near, here, capfd):
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 2 and f"did you mean '{near}'?" in capfd.readouterr().err


def test_what_is_near_nothing_gets_no_guess():
    assert did_you_mean("zzzz", ("Amber Pad", "Init")) == "" and did_you_mean("", ("Init",)) == ""


@pytest.mark.parametrize("line, words", [
    *((f"{command} --set {knob}", words) for command in (SONG, PLAY) for knob, words in (
        ("mod1.target=latent.77", "latent.77 is beyond 'akwf-16', which has 16 latents"), ("latent.17=1", "16 latents"),
        ("direction.6=0.5", "5 directions"), ("mod3.target=direction.8", "5 directions"))),
    (f"{SONG} --model akwf-8 --set latent.9=1", "8 latents"), (f"{SONG} --model akwf-8 --set mod1.target=latent.12", "8 latents"),
    *((f"{SONG} --preset {name}.json", "beyond") for name in ("slot", "knob", "direction")),
    ("decode --preset slot.json -o c.wav", "16 latents"), ("decode --preset direction.json -o c.wav", "5 directions"),
    ("render --events param.jsonl -o out.wav", "latent.17"), ("render --events corner.jsonl -o out.wav", "latent.17")])
def test_a_reference_beyond_the_model_is_refused(line, words, here, capfd):
    code = main(line.split())
    told(code, capfd.readouterr().err.removeprefix("compiling the sound engine (once) ...\n"), words)
    assert not (here / "out.wav").exists() and not (here / "c.wav").exists()


def test_the_last_latent_and_a_preset_moved_to_a_smaller_model_play(here, capfd):
    assert main([*SONG.split(), "--preset", "whole.json"]) == 0
    assert main([*SONG.split(), "--preset", "whole.json", "--model", "akwf-8", "--set", "latent.8=1"]) == 0
    (here / "free.json").write_text(json.dumps(WHOLE_PRESET | {"mod": [{"source": "lfo1", "target": "latent.16", "amount": 0.1}]}))
    assert main([*SONG.split(), "--preset", "free.json"]) == 0


def test_a_take_that_went_to_a_smaller_model_can_be_rendered(here):
    from synth.events import note_on
    from synth.patch import preset_file
    from synth.session.session import Session

    player = Session(preset_file.load(here / "whole.json"), device="none", midi="none", log="take.jsonl")
    player.post(note_on(60))
    player.set_latent(15, 0.5)
    player.load_model("akwf-8")
    player.close()
    assert main("render --events take.jsonl -o out.wav".split()) == 0
