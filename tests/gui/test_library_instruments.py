"""The user's instruments of recordings in the Library of the real window under Xvfb: found, heard, loaded, carried, and their report."""

import json
import shutil

import numpy as np
import pytest

from synth import paths
from tests.gui.desk import note, opened

from .test_carried_presets import carry_to_play, find, rect_of, told

BROWSER = """#!/bin/sh
echo "$1" > "{opened}"
"""  # in place of the system's own way to open a page
FIRST = "import os\nos.environ['PATH'] = '{folder}'"


@pytest.fixture
def instruments(home):
    """Two instruments of the user's, one with its report."""
    shipped = paths.search_folders("instruments")[-1]
    for name, of in (("Little Cello", "Salt Cello"), ("Sweep", "Paper Flute")):
        shutil.copytree(shipped / of, home / "instruments" / name)
    page = home / "instruments" / "Little Cello" / "Little Cello.html"
    page.write_text("<p>how near it is")
    return page


def write_browser(folder):
    """What `xdg-open` would do, as far as can be seen."""
    folder.mkdir()
    file = folder / "xdg-open"
    file.write_text(BROWSER.format(opened=folder / "opened"))
    file.chmod(0o755)
    return folder / "opened"


def test_an_instrument_is_among_the_sounds_is_loaded_marked_carried_and_its_report_opens(instruments, home, tmp_path, xvfb_display):
    page = write_browser(tmp_path / "bin")
    with opened(tmp_path, xvfb_display, "--preset", "Init", before=FIRST.format(folder=tmp_path / "bin")) as desk:
        bright = note(desk, 0.5)
        desk.view("library")
        desk.wait("rect", match=lambda r: r["name"] == "category.pad")
        desk.click("show.instruments")  # the two alone
        desk.frames(4)
        rect = rect_of(desk, "library.list")
        here = len(desk.rows())
        desk.press(rect["x"] + 60, rect["y"] + 17)
        desk.lift()
        desk.wait("load_entry", after=here, match=lambda r: r["args"] == ["instruments/Little Cello"])
        desk.wait("rect", after=here, match=lambda r: r["name"] == "library.report")
        assert desk.played("patch")[-1]["preset"]["instrument"]["name"] == "Little Cello"
        desk.hand("key", "Escape")
        recorded = note(desk, 1.0)
        here = len(desk.rows())
        desk.click("library.report")
        assert "the report of 'Little Cello'" in told(desk, here, "in your browser")
        assert page.read_text().strip() == str(instruments)
        desk.press(rect["x"] + rect["w"] - 10 - 112 + 7, rect["y"] + 17 + 34)  # the heart of the second
        desk.lift()
        desk.wait("set_favourite", after=here, match=lambda r: r["args"][0] == "instruments/Sweep")
        desk.click("show.instruments")  # all sounds again
        find(desk, "sweep")
        here = len(desk.rows())
        desk.move(*find(desk, "sweep"))  # pointed at: heard over what is played
        desk.wait("hear_entry", after=here, match=lambda r: r["args"] == ["instruments/Sweep"])
        carry_to_play(desk, "sweep")
        here = len(desk.rows())
        desk.move(*desk.middle("morph.ground"))
        desk.lift()
        desk.wait("make_morph", after=here)
        desk.wait("rect", after=here, match=lambda r: r["name"] == "morph.part.B")
        desk.hear(0.2)
        sound = desk.finish()
    parts = desk.played("patch")[-1]["preset"]["morph"]["parts"]
    assert [(part["name"], part["instrument"]["name"]) for part in parts.values()] == [("Little Cello",) * 2, ("Sweep",) * 2]
    assert json.loads((home / "library.json").read_text())["favourites"] == ["instruments/Sweep"]
    first, later = (sound[recorded[0] + at:recorded[0] + at + 4800] for at in (4800, 36000))
    assert np.abs(sound[bright[0]:bright[1]]).max() > 0.01 and np.abs(first).max() > 0.01
    spectra = [np.abs(np.fft.rfft(part * np.hanning(len(part)))) for part in (first, later)]
    assert np.abs(spectra[0] - spectra[1]).max() > 0.02 * spectra[0].max(), "a recording moves while it is held"


def test_where_nothing_opens_a_page_it_is_said_where_the_report_lies(instruments, tmp_path, xvfb_display):
    (tmp_path / "bin").mkdir()
    with opened(tmp_path, xvfb_display, "--preset", "Init", before=FIRST.format(folder=tmp_path / "bin")) as desk:
        desk.view("library")
        desk.wait("rect", match=lambda r: r["name"] == "category.pad")
        for name, words in (("little cello", str(instruments)), ("sweep", "'Sweep' has no report")):
            desk.move(*find(desk, name))
            here = len(desk.rows())
            desk.hand("click", 3)
            desk.wait("rect", after=here, match=lambda r: r["name"] == "item.Its report")
            desk.frames(3)
            desk.click("item.Its report")
            told(desk, here, words)
