"""Presets carried by the mouse in the real window under Xvfb: into the morph, a chain, onto the map, Favourites and Mine."""

import json

import numpy as np

from synth import paths
from tests.gui.desk import note

from .test_library_view import choose

ROW_H, STILL = 34, 20
FACTORY = paths.find_preset("Init").parent


def rect_of(desk, name):
    return [r for r in desk.rows() if r["event"] == "rect" and r["name"] == name][-1]


def find(desk, name):
    """Leave one preset in the Library's list; answers where its row is."""
    desk.view("library")
    desk.wait("rect", match=lambda r: r["name"] == "category.pad")  # once the library is read
    desk.type_over("field.0", name)
    desk.frames(4)
    rect = rect_of(desk, "library.list")
    return rect["x"] + 60, rect["y"] + ROW_H / 2


def take(desk, name):
    """Press on a preset of the Library and begin to carry it; answers the number of rows before."""
    x, y = find(desk, name)
    here = len(desk.rows())
    desk.press(x, y)
    desk.move(x + STILL, y + STILL)
    return here


def carry_to_play(desk, name):
    """Hold a preset over the Play tab until that view opens."""
    here = take(desk, name)
    desk.move(*desk.middle("view.play"))
    desk.wait("layout", after=here, match=lambda r: r["view"] == "play")
    desk.frames(3)
    return here


def told(desk, after, words):
    return desk.wait("message", after=after, match=lambda r: words in r["text"])[0]["text"]


def pitch_hz(tone):
    levels = np.abs(np.fft.rfft(tone[4800:] * np.hanning(len(tone) - 4800), 1 << 17))
    return float(levels.argmax() * 48000 / (1 << 17))


def centroid_hz(tone):
    levels = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
    return float((levels * np.arange(len(levels))).sum() / levels.sum() * 48000 / len(tone))


def test_a_preset_dropped_on_a_corner_is_heard_there_saved_and_undone_in_one_step(desk, home):
    bright = note(desk, 0.5)
    carry_to_play(desk, "Acid Line")
    desk.hand("key", "Escape")  # put down again, the button still down
    desk.frames(3)
    desk.lift()
    here = carry_to_play(desk, "Acid Line")
    desk.move(*desk.middle("latent.3"))
    desk.lift()
    assert told(desk, here, "goes nowhere there").startswith("'Acid Line'")
    assert not desk.played("patch"), "neither Esc nor a miss changes the sound"
    here = carry_to_play(desk, "Acid Line")
    desk.move(*desk.middle("morph.add"))
    desk.lift()
    desk.wait("rect", after=here, match=lambda r: r["name"] == "morph.presets" and r["h"] > 60)
    desk.frames(4)
    assert not [r for r in desk.rows() if r["event"] in ("load_entry", "load_preset")], "what is carried is not loaded"
    rect = rect_of(desk, "morph.presets")
    desk.press(rect["x"] + rect["w"] - 3, rect["y"] + 8)  # all of B
    desk.lift()
    here = len(desk.rows())
    desk.hand("click", 3)
    desk.wait("rect", after=here, match=lambda r: r["name"] == "item.Default")  # no latent, which has a mean of what it learnt
    desk.hand("key", "Escape")
    desk.wait("menu", after=here, match=lambda r: r["items"] == 0)
    dark = note(desk, 0.5)
    here = carry_to_play(desk, "Silver Flute")
    rect = rect_of(desk, "morph.presets")
    desk.move(rect["x"] + rect["w"] * 0.8, rect["y"] + rect["h"] * 0.8)  # the lower half: a third
    desk.lift()
    desk.wait("set_morph_part", after=here)
    told(desk, here, "'Silver Flute' is part C")
    here = carry_to_play(desk, "Chip Hero")
    desk.move(*desk.middle("morph.part.A"))
    desk.lift()
    told(desk, here, "'Chip Hero' is part A")
    here = len(desk.rows())
    desk.hand("key", "ctrl+s")
    told(desk, here, "is saved")
    n = len(desk.played("patch"))
    desk.hand("key", "ctrl+z")
    desk.until(lambda r: len(desk.played("patch")) > n)
    told(desk, here, "undone: part A")
    sound = desk.finish()
    saved = json.loads(next((home / "presets").rglob("*.json")).read_text())
    assert [p["name"] for p in saved["morph"]["parts"].values()] == ["Chip Hero", "Acid Line", "Silver Flute"]
    assert [p["name"] for p in desk.played("patch")[-1]["preset"]["morph"]["parts"].values()] == ["Init", "Acid Line", "Silver Flute"]
    heard = [centroid_hz(sound[start:end]) for start, end in (bright, dark)]
    assert heard[1] < 0.6 * heard[0], heard


def corners(desk):
    """Latents of corner A as they were last played, as far as they were moved, by their numbers from 1."""
    return {r["latent"]: r["value"] for r in desk.played("corner") if r["corner"] == "A"}


def test_presets_are_put_into_a_chain_onto_the_map_among_favourites_and_own(desk, home):
    here = take(desk, "Acid Line")
    desk.move(*desk.middle("show.favourites"))
    desk.lift()
    told(desk, here, "'Acid Line' is a favourite")
    desk.frames(3)
    assert not [r for r in desk.rows() if r["event"] == "load_entry"], "what is carried is not clicked"
    here = take(desk, "Acid Line")
    desk.move(*desk.middle("show.mine"))
    desk.lift()
    told(desk, here, "'Acid Line 2' is there now")
    here = carry_to_play(desk, "Silver Flute")
    desk.move(*desk.middle("map"))
    desk.lift()
    told(desk, here, "'Silver Flute' plays the model 'akwf-32', and the map is of 'akwf-16'")
    assert not desk.played("corner")
    here = carry_to_play(desk, "Chip Hero")
    desk.move(*desk.middle("map"))
    desk.lift()
    told(desk, here, "where 'Chip Hero' is on the map")
    desk.hear(0.1)
    moved, n = corners(desk), len(desk.played("corner"))
    desk.hand("key", "ctrl+z")
    desk.until(lambda r: len(desk.played("corner")) >= n + len(moved))
    back = corners(desk)
    choose(desk, "morph.add", "Amber Pad", "make_morph")
    desk.wait("rect", after=here, match=lambda r: r["name"] == "morph.presets" and r["h"] > 60)
    choose(desk, "morph.part.B", "Along a chain", "set_morph_axis")
    here = carry_to_play(desk, "Silver Flute")
    rect = rect_of(desk, "morph.presets")
    desk.move(rect["x"] + rect["w"] * 0.3, rect["y"] + rect["h"] / 2)
    desk.lift()
    told(desk, here, "'Silver Flute' is part B")
    desk.hear(0.2)
    desk.finish()
    asked = [json.loads((FACTORY / f"{name}.json").read_text())["corners"]["A"] for name in ("Chip Hero", "Init")]
    for got, wanted in zip((moved, back), asked, strict=True):
        assert all(abs(value - wanted[latent - 1]) < 1e-5 for latent, value in got.items()), (got, wanted)
    assert len(moved) >= 12
    chain = desk.played("patch")[-1]["preset"]["morph"]
    assert [p["name"] for p in chain["parts"].values()] == ["Init", "Silver Flute", "Amber Pad"]
    assert 0.2 < chain["breakpoints"][1] < 0.4
    assert json.loads((home / "library.json").read_text())["favourites"] == ["factory/Acid Line"]
    assert [file.stem for file in (home / "presets").rglob("*.json")] == ["Acid Line 2"]


def test_a_candidate_is_carried_and_a_row_is_morphed_to_by_keys_alone(desk):
    desk.view("library")
    desk.wait("rect", match=lambda r: r["name"] == "category.pad")
    desk.hand("key", "Escape")  # the search lets the keys go
    desk.frames(4)
    here = len(desk.rows())
    desk.click("breed.more")
    told(desk, here, "8 relatives")
    desk.frames(4)
    here = len(desk.rows())
    x, y = desk.middle("candidate.3")
    desk.press(x, y)
    desk.move(x + STILL, y)
    desk.move(*desk.middle("view.play"))
    desk.wait("layout", after=here, match=lambda r: r["view"] == "play")
    desk.frames(3)
    desk.move(*desk.middle("morph.ground"))
    desk.lift()
    desk.wait("make_morph", after=here)
    desk.until(lambda r: bool(desk.played("patch")))
    assert not [r for r in desk.rows()[here:] if r["event"] in ("audition", "pick")]
    bred = [p["name"] for p in desk.played("patch")[-1]["preset"]["morph"]["parts"].values()]
    desk.hand("key", "ctrl+z")
    desk.until(lambda r: len(desk.played("patch")) == 2)
    here = len(desk.rows())
    desk.press_key("ctrl+5", "line.0")  # the library, in its search line
    desk.press_key("Tab", "show.all_sounds")  # out of the line
    note(desk, 0.1)  # letters play again
    desk.press_key("shift+Tab", "field.0")
    desk.press_key("Return", "line.0")
    for name in ("Init", "Aah Section", "Acid Line"):
        desk.press_key("Down", "library.list", name)
    desk.press_key("shift+F10", "MenuList")
    for words in ("Load", "Favourite", "Duplicate", "Morph with this sound"):
        desk.press_key("Down", "MenuList", words)
    desk.press_key("Return")
    desk.wait("make_morph", after=here)
    desk.until(lambda r: len(desk.played("patch")) == 3)
    desk.hear(0.1)
    desk.finish()
    assert bred[0] == "Init" and len(bred) == 2
    assert [p["name"] for p in desk.played("patch")[-1]["preset"]["morph"]["parts"].values()] == ["Init", "Acid Line"]
