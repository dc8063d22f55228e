"""What the README and the docs promise is there: files, pictures, commands, options, presets."""

import re
from pathlib import Path

import pytest

from synth.cli import build_parser
from synth.paths import find_preset

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)


def subcommands():
    return next(a for a in build_parser()._actions if hasattr(a, "choices") and isinstance(a.choices, dict)).choices


@pages
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pages
def test_commands_and_options_exist(page):
    known = subcommands()
    text = page.read_text(encoding="utf-8")
    for command, rest in re.findall(r"(?:^|[`/])latentwave ([a-z]+)([^`\n#|]*)", text, re.M):
        assert command in known, f"{page.name}: latentwave {command}"
        options = known[command]._option_string_actions
        for option in re.findall(r"(?<!\S)--[a-z-]+", rest):
            assert option in options, f"{page.name}: latentwave {command} {option}"
    for target in re.findall(r"^make ([a-z]+)", text, re.M):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_presets_named_in_the_readme_ship():
    for name in re.findall(r'--preset "([^"]+)"', (ROOT / "README.md").read_text(encoding="utf-8")):
        assert find_preset(name).is_file()
