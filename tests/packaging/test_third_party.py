"""THIRD_PARTY.md names every package that an install brings, every font and every model that the wheel carries."""

from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.packaging.test_constraints import BUILD, FREE, closure, docs_pins, torchs_own

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("extra", ["", "train", "dev"])
def test_every_package_has_its_row_with_a_licence(extra):
    ours = [Requirement(r) for r in metadata.requires("latentwave") or []]
    rows = {cells[1].strip(): cells[2].strip() for line in TEXT.splitlines() if len(cells := line.split("|")) == 5}
    needed = closure(ours, ("", extra))
    theirs = torchs_own(needed, closure(ours, ("", extra), without=FREE)) if "torch" in needed else set()
    lacking = [n for n in (needed - theirs) | BUILD | FREE | docs_pins().keys() if not rows.get(n)]
    assert not lacking, f"add to THIRD_PARTY.md: {', '.join(sorted(lacking))}"


def test_every_font_is_named_and_has_its_licence_beside_it():
    for font in [f for kind in ("ttf", "otf") for f in (ROOT / "synth").rglob(f"*.{kind}")]:
        family = font.stem.split("-")[0].split("Variable")[0]
        assert family in TEXT, f"name {font.name} in THIRD_PARTY.md"
        assert [f for f in font.parent.iterdir() if any(w in f.name.upper() for w in ("LICEN", "OFL"))], f"no licence beside {font.name}"


def test_every_model_is_named():
    assert all(f"exported/{m.parent.name}" in TEXT for m in (ROOT / "exported").glob("*/manifest.json"))
