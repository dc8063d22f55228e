"""`presets stack`: presets that sound together, among the user's own; and what it refuses."""

import json

import pytest

from synth import paths
from synth.commands.stack import parse_key
from synth.patch import preset_file
from synth.patch.stack import Layer


def test_a_stack_is_made_and_plays(cli, home, tmp_path):
    made = json.loads(cli("presets", "stack", "Copper Brass", "Quiet Choir", "-o", "Hands", "--split", "C4", "--level", "B=-4", "--pan",
                          "A=-0.5", "--transpose", "A=12", "--velocities", "B=20:127", "--json", check=True).stdout)
    assert made["parts"] == {"A": "Copper Brass", "B": "Quiet Choir"} and made["layers"]["A"]["keys"] == [0, 59]
    patch = preset_file.load(paths.find_preset("Hands"))
    assert patch.morph.layers == (Layer(keys=(0, 59), pan=-0.5, transpose_semitones=12),
                                  Layer(keys=(60, 127), level_db=-4.0, velocities=(20, 127)))
    assert "Hands" in cli("presets", check=True).stdout
    again = cli("presets", "stack", "Copper Brass", "Quiet Choir", "-o", "Hands")
    assert again.returncode == 1 and "already" in again.stderr


@pytest.mark.parametrize(("words", "said"), [
    (("Init",), "2 to 4 presets"), (("Init",) * 5, "2 to 4 presets"), (("Init", "Init", "--split", "H9"), "is no key"),
    (("Init", "Init", "--split", "60", "--split", "50"), "rising keys"), (("Init", "Init", "--keys", "A=60"), "no range"),
    (("Init", "Init", "--keys", "C=1:2"), "no part C"), (("Init", "Init", "--level", "A=loud"), "no number"),
    (("Init", "Init", "--level", "3"), "A=..."), (("Init", "Init", "--velocities", "A=0:9"), "two velocities")])
def test_what_is_no_stack_is_told(cli, home, tmp_path, words, said):
    done = cli("presets", "stack", *words, "-o", tmp_path / "m.json")
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "m.json").exists()


def test_keys_have_names():
    assert [parse_key(text) for text in ("C4", "f#3", "Bb2", "C-1", "60", "G9")] == [60, 54, 46, 0, 60, 127]
