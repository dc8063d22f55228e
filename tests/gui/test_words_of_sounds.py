"""What a sound says of itself as it is morphed and saved, in the real window under Xvfb: its name, its macros, who made it."""

import json

from tests.gui.desk import opened

from .test_carried_presets import carry_to_play, told


def last_texts(desk, after):
    return {words for words, *_ in desk.wait("texts", after=after)[0]["texts"]}


def test_a_morph_is_called_as_its_parts_are_and_an_edited_shipped_preset_is_nobody_elses(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display, "--preset", "Amber Pad") as desk:
        x, y = desk.middle("macro2.value")
        desk.press(x - 20, y + 12)
        desk.move(x - 20, y - 20)
        desk.lift()
        here = len(desk.rows())
        desk.press_key("ctrl+s")
        told(desk, here, "'Amber Pad' is saved among your own presets")
        for name, place in (("Glass Harp", "morph.ground"), ("Acid Line", "morph.add")):
            here = carry_to_play(desk, name)
            desk.move(*desk.middle(place))
            desk.lift()
            desk.wait("layout", after=len(desk.rows()))
            seen = last_texts(desk, here)
        assert any(words.startswith("Choir / Ov") for words in seen) and "Macro 1" not in seen
        here = len(desk.rows())
        desk.press_key("ctrl+s")
        told(desk, here, "'Amber Pad to Glass Harp to Acid Line' is saved")
        desk.finish()
    saved = {file.stem: json.loads(file.read_text()) for file in (home / "presets").rglob("*.json")}
    assert set(saved) == {"Amber Pad", "Amber Pad to Glass Harp to Acid Line"}
    assert not saved["Amber Pad"].get("author") and saved["Amber Pad"]["macros"][1]["value"] > 0
    assert [row["name"] for row in saved["Amber Pad to Glass Harp to Acid Line"]["macros"]] == [
        "Choir / Overtones / Cut-off", "Sun / Wet / Resonance", "Slower / Tremble / Accent", "Dusk / Cellar / Burn"]
