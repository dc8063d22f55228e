"""`params`: every declaration, in the command and in the docs."""

import json

from synth.commands.params import markdown
from synth.params.knobs import KNOBS, MAX_LATENTS, PARAMS
from synth.paths import bundled_folder


def test_params_tell_every_declaration(cli):
    rows = json.loads(cli("params", "--json", check=True).stdout)
    assert [r["name"] for r in rows] == list(PARAMS)
    for row in rows:
        assert {"low", "high", "default", "unit", "help"} <= row.keys()
        assert PARAMS[row["name"]].parse(row["default"]) == PARAMS[row["name"]].default
    lines = cli("params", check=True).stdout.splitlines()
    assert len(lines) == len(KNOBS) + 6 and str(MAX_LATENTS) in lines[-6] and "mod1.bypass" in lines[-1]
    assert all(p.help in line for p, line in zip(KNOBS, lines, strict=False))


def test_docs_say_what_the_declarations_say():
    docs = bundled_folder() / "docs" / "params.md"
    assert docs.read_text(encoding="utf-8") == markdown(), "run: latentwave params --markdown > docs/params.md"
