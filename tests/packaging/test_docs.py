"""What the README and the docs promise is there: files, pictures, commands, options, presets, functions; their examples work."""

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synth.cli import build_parser
from synth.events import note_on
from synth.patch import preset_file
from synth.patch.preset_file import Patch
from synth.paths import find_preset
from synth.render.offline import render
from synth.timbres.model import open_model
from tests.servers import WORK_S
from tools import docs_site, draw_architecture

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)


def words_of(parser):
    return next((a.choices for a in parser._actions if isinstance(getattr(a, "choices", None), dict)), {})


def subcommands():
    return words_of(build_parser())


def options_of(parser):
    """Options of a command and of its words."""
    return {*parser._option_string_actions, *(option for word in words_of(parser).values() for option in options_of(word))}


@pages
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def anchors_of(page):
    """Anchors of a page's headings that are the same where it is hosted and in the site, which joins hyphens."""
    plain = [re.sub(r"[^\w -]", "", title.lower()).strip() for title in re.findall(r"^#+ (.*)", page.read_text(encoding="utf-8"), re.M)]
    return {title.replace(" ", "-") for title in plain if "--" not in title.replace(" ", "-")}


@pages
def test_anchors_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
        assert anchor in anchors_of(page.parent / target if target else page), f"{page.name}: {target}#{anchor}"


def test_a_newcomer_reads_the_readme_in_one_go():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 260, "move reference to docs/, and link it"


@pages
def test_commands_and_options_exist(page):
    known = subcommands()
    text = page.read_text(encoding="utf-8")
    for command, rest in re.findall(r"(?:^|[`/])latentwave ([a-z]+)([^`\n#|]*)", text, re.M):
        assert command in known, f"{page.name}: latentwave {command}"
        options = options_of(known[command])
        for option in re.findall(r"(?<!\S)--[a-z-]+", rest):
            assert option in options, f"{page.name}: latentwave {command} {option}"
    for target in re.findall(r"(?:^|`)make ([a-z]+)", text, re.M):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_every_command_is_told_of():
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    words = {word for command, parser in subcommands().items() for word in (command, *words_of(parser))}
    assert not [word for word in sorted(words) if f"`{word}`" not in text]


def test_presets_named_in_the_readme_ship():
    for name in re.findall(r'--preset "([^"]+)"', (ROOT / "README.md").read_text(encoding="utf-8")):
        assert find_preset(name).is_file()


@pages
def test_modules_and_tests_that_are_run_exist(page):
    text = page.read_text(encoding="utf-8")
    for module in re.findall(r"python -m ((?:synth|training|tools|tests)[\w.]*)", text):
        file = ROOT / module.replace(".", "/")
        assert file.with_suffix(".py").is_file() or (file / "__main__.py").is_file(), f"{page.name}: python -m {module}"
    for file in re.findall(r"(?<![\w/])(?:tests|training|tools|synth|exported|presets|demo)/[\w./-]*\w", text):
        if not re.search(r"NAME|\*", file) and not file.startswith("exported/.runs"):
            assert (ROOT / file).exists(), f"{page.name}: {file}"
    for module in re.findall(r"`(training(?:\.\w+)+)", text):
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file(), f"{page.name}: {module}"


def test_files_and_functions_of_the_architecture_exist():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    code = "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "synth").rglob("*.py")))
    words, files = set(re.findall(r"\w+", code)), {file.name for file in (ROOT / "synth").rglob("*.py")}
    lacking, bases = [], (ROOT, ROOT / "synth", ROOT / "synth" / "engine")
    for told in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"[\w/]+\.py", told):
            known = any((base / told).exists() for base in bases) or "/" not in told and told in files
        elif re.fullmatch(r"[\w/]+\.\w+", told) and "/" in told:  # room/file.function
            file, _, name = told.rpartition(".")
            known = any((base / f"{file}.py").is_file() for base in bases) and name in words
        elif re.fullmatch(r"(?:latentwave)?-?[\w.]+", told):
            known = all(part in words for part in re.findall(r"\w+", told))
        else:
            continue
        lacking += [] if known else [told]
    assert not lacking, f"docs/architecture.md names what is not there: {lacking}"


def test_the_picture_of_the_architecture_is_what_the_code_says():
    drawn = draw_architecture.PICTURE.read_text(encoding="utf-8")
    assert drawn == draw_architecture.draw(), "imports have changed: python -m tools.draw_architecture draws the picture anew"


def code_blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.M | re.S)


def test_the_presets_of_the_format_load():
    blocks = [block for block in code_blocks("preset-format.md", "json") if block.lstrip().startswith("{")]
    patches = [preset_file.from_json(block) for block in blocks]
    assert patches and patches[0].params["filter.cutoff_hz"] == 900 and patches[0].macros == ("Growl",)


def test_every_key_that_a_preset_is_written_with_is_told():
    text = (ROOT / "docs" / "preset-format.md").read_text(encoding="utf-8")
    written = preset_file.to_data(preset_file.load(find_preset("Amber Pad"))).keys()
    assert not [key for key in written if f"`{key}`" not in text]


@pytest.mark.parametrize(("page", "needs"), [("model-folder.md", "onnx"), ("instrument-plugins.md", "torch")])
def test_the_model_of_the_example_plays(page, needs, tmp_path):
    pytest.importorskip(needs)
    (example,) = code_blocks(page, "python")
    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0, done.stderr
    model = open_model(tmp_path / "two-knobs")
    dull, bright = model.amplitudes(np.array([[-1, -1], [1, -1]], np.float32))
    assert bright[40] / bright[0] > 100 * dull[40] / dull[0]
    patch = Patch(model=str(tmp_path / "two-knobs"), latent_size=2, corners={"A": (0.0, -1.0)})
    x = render(patch, [(0, note_on(69))], 0.3)[:, 0][4800:]
    heard = np.abs(np.fft.rfft(x * np.hanning(len(x))))
    assert abs(heard.argmax() * 48000 / len(x) - 440) < 5


def test_the_example_of_the_map_makes_sounds_brighter():
    (example,) = code_blocks("training.md", "python")
    names: dict = {}
    exec(example.replace("default_rng()", "default_rng(1)"), names)  # two draws of sixty are of sounds that hardly get brighter
    weights = names["model"].amplitudes(np.concatenate([names["latents"], names["brighter"]])) ** 2
    centroids = (weights @ np.arange(1, weights.shape[1] + 1) / weights.sum(1)).reshape(2, 4)
    assert np.diff(np.log2(centroids).mean(1)) > 0.05 and names["back"].shape == (4, 16)


@pages
def test_command_lines_are_understood(page):
    """Those that stand alone on their lines, as one would copy them."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in re.findall(r"^(?: {4})?(?:\.venv/bin/)?(latentwave [a-z-]+ .*)", text, re.M):
        words = shlex.split(line.partition(">")[0], comments=True)[1:]
        with contextlib.redirect_stderr(io.StringIO()) as told:
            try:
                build_parser().parse_args(words)
            except SystemExit:
                pytest.fail(f"{page.name}: {line}: {told.getvalue()}")


def test_the_site_has_every_page_and_no_broken_link(tmp_path, monkeypatch):
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    monkeypatch.setattr(docs_site, "TARGET", tmp_path / "pages")
    docs_site.gather()
    pages = sorted((tmp_path / "pages").glob("*.md"))
    assert sorted(re.findall(r": ([\w-]+\.md)", nav)) == [page.name for page in pages]
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).is_file(), f"{page.name}: {target}"
