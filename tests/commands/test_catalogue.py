"""`presets` and `params`: complete, in order, and a damaged preset does not hide the others."""

import json

from synth.commands.catalogue import markdown
from synth.params.knobs import KNOBS, MAX_LATENTS, PARAMS
from synth.paths import bundled_folder


def test_presets_in_the_order_of_program_changes(cli, home):
    rows = json.loads(cli("presets", "--json", check=True).stdout)
    assert [r["program"] for r in rows] == list(range(len(rows))) and not any(r["bank"] for r in rows)
    names = [r["name"] for r in rows]
    assert names[0] == "Init" and len(names) > 12
    assert all(r["keeps_its_sound"] and r["model"] == "akwf-16" and r["comment"] for r in rows)
    lines = cli("presets", check=True).stdout.splitlines()
    assert len(lines) == len(rows) and all(r["name"] in line for r, line in zip(rows, lines, strict=True))


def test_a_users_preset_is_listed_and_a_damaged_one_said_to_be(cli, home):
    folder = home / "presets"
    folder.mkdir()
    mine = json.loads((bundled_folder() / "presets" / "Init.json").read_text()) | {"name": "Aardvark"}
    (folder / "Aardvark.json").write_text(json.dumps(mine))
    (folder / "Broken.json").write_text('{"format": 1, "na')
    rows = {r["name"]: r for r in json.loads(cli("presets", "--json", check=True).stdout)}
    assert (rows["Aardvark"]["bank"], rows["Aardvark"]["program"]) == (1, 0)
    assert "damaged" in rows["Broken"]["error"] and "category" not in rows["Broken"]
    assert "damaged" in cli("presets", check=True).stdout


def test_params_tell_every_declaration(cli):
    rows = json.loads(cli("params", "--json", check=True).stdout)
    assert [r["name"] for r in rows] == list(PARAMS)
    for row in rows:
        assert {"low", "high", "default", "unit", "help"} <= row.keys()
        assert PARAMS[row["name"]].parse(row["default"]) == PARAMS[row["name"]].default
    lines = cli("params", check=True).stdout.splitlines()
    assert len(lines) == len(KNOBS) + 5 and str(MAX_LATENTS) in lines[-5] and "mod1.via" in lines[-1]
    assert all(p.help in line for p, line in zip(KNOBS, lines, strict=False))


def test_docs_say_what_the_declarations_say():
    docs = bundled_folder() / "docs" / "params.md"
    assert docs.read_text(encoding="utf-8") == markdown(), "run: latentwave params --markdown > docs/params.md"
