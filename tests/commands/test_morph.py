"""`presets morph`: a preset between others, among the user's own, which then plays like any other; and what it refuses."""

import json

import pytest

from synth import paths
from synth.cli import main
from synth.patch import preset_file
from synth.render import morph_loudness
from synth.session.morph_actions import morph_of, named_preset


def test_a_morph_is_made_and_plays(cli, home, capsys, monkeypatch):
    monkeypatch.setattr(morph_loudness, "HOLD_S", 0.1)  # that loudness is found is tests/render's own
    monkeypatch.setattr(morph_loudness, "REST_S", 0.1)
    assert main(["presets", "morph", "Copper Brass", "Quiet Choir", "-o", "Brass to Choir", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["parts"] == {"A": "Copper Brass", "B": "Quiet Choir"} and made["axis"] == "pad"
    patch = preset_file.load(paths.find_preset("Brass to Choir"))
    assert patch.morph is not None and len(patch.morph.gain_db[0]) == 33
    assert all(part.fallback_db is not None for part in patch.morph.parts), "it plays where its parts are not installed"
    again = cli("presets", "morph", "Copper Brass", "Quiet Choir", "-o", "Brass to Choir")
    assert again.returncode == 1 and "already" in again.stderr and "Traceback" not in again.stderr


def test_how_far_the_listening_is_is_told(monkeypatch):
    monkeypatch.setattr(morph_loudness, "HOLD_S", 0.1)
    monkeypatch.setattr(morph_loudness, "REST_S", 0.1)
    made = morph_of([named_preset("Copper Brass"), named_preset("Quiet Choir")], "pad", "Between")
    heard: list[int] = []
    assert morph_loudness.measure_loudness(made, heard=heard.append).morph.gain_db
    assert heard[:33] == list(range(1, 34)) and max(heard) == 33 and len(heard) in (33, 66)


@pytest.mark.parametrize(("words", "said"), [
    (("Copper Brass",), "2 to 4 presets"), (("Copper Brass", "No Such Sound"), "No Such Sound"),
    (("Init",) * 5, "2 to 4 presets"), (("--chain", *("Init",) * 9), "2 to 8 presets")])
def test_what_is_no_morph_is_told(cli, home, tmp_path, words, said):
    done = cli("presets", "morph", *words, "-o", tmp_path / "m.json")
    assert done.returncode == 1 and said in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "m.json").exists()
