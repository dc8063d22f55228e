"""Points of the map carried by the mouse in the real window under Xvfb: onto a corner, on the map and on the pad, and onto the morph."""

import json

import numpy as np
import pytest

from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from tests.gui.desk import note

from .test_carried_presets import carry_to_play, centroid_hz, rect_of, told

STILL = 12


@pytest.fixture(scope="module")
def known():
    """Latents of the sounds that the model knows, by their names on its map."""
    found = ModelSource(open_model("akwf-16")).map
    return dict(zip(found.names, found.latents, strict=True))


def free_points(desk, n):
    """Names of known sounds that no other and no corner is near."""
    places = {r["name"][10:]: desk.middle(r["name"]) for r in desk.rows() if r["event"] == "rect" and r["name"].startswith("map.known.")}
    corner = [desk.middle(r["name"]) for r in desk.rows() if r["event"] == "rect" and r["name"].startswith("map.corner.")]
    free = [name for name, place in places.items()
            if all(np.hypot(*np.subtract(place, other)) > 24 for more, other in [*places.items(), *enumerate(corner)] if more != name)]
    assert len(free) >= n, free
    return free[:n]


def take(desk, name):
    """Press on a known sound and begin to carry it; answers the number of rows before."""
    x, y = desk.middle(f"map.known.{name}")
    here = len(desk.rows())
    desk.press(x, y)
    desk.move(x + STILL, y + STILL)
    return here


def latents_of(desk, corner):
    """Of a corner as they were last played, as far as they were moved, by their numbers from 0."""
    return {r["latent"] - 1: r["value"] for r in desk.played("corner") if r["corner"] == corner}


def test_a_point_of_the_map_is_put_onto_corners_and_into_the_morph_and_a_press_goes_there(desk, known, home):
    a, b, c, d = free_points(desk, 4)
    desk.click(f"map.known.{a}")  # a plain press goes there
    desk.hear(0.2)
    at = latents_of(desk, "A")
    assert len(at) > 8 and all(abs(value - known[a][i]) < 1e-4 for i, value in at.items())
    n = len([row for row in desk.played("corner") if row["corner"] == "A"])
    here = take(desk, b)  # a corner of the map
    desk.move(*desk.middle("map.corner.B"))
    desk.lift()
    told(desk, here, f"corner B is where '{b}' is")
    desk.hear(0.1)
    at = latents_of(desk, "B")
    assert len(at) > 8 and all(abs(value - known[b][i]) < 1e-4 for i, value in at.items())
    desk.page("morph.corners")
    rect = rect_of(desk, "morph.pad")
    here = take(desk, c)  # a quarter of the pad: D, which this sound has not yet
    desk.move(rect["x"] + rect["w"] * 0.8, rect["y"] + rect["h"] * 0.8)
    desk.lift()
    told(desk, here, f"corner D is where '{c}' is")
    here = take(desk, d)  # nowhere
    desk.move(*desk.middle("latent.3"))
    desk.lift()
    assert "let go of it over a corner A to D" in told(desk, here, f"'{d}' goes nowhere there")
    assert len([row for row in desk.played("corner") if row["corner"] == "A"]) == n, "what is carried is not gone to"
    here = len(desk.rows())
    desk.press_key("ctrl+s")
    told(desk, here, "is saved")
    desk.page("morph.presets")
    plain = note(desk, 0.5)
    here = take(desk, d)
    desk.move(*desk.middle("morph.ground"))
    desk.lift()
    desk.wait("make_morph", after=here)
    desk.wait("rect", after=here, match=lambda r: r["name"] == "morph.presets" and r["h"] > 60)
    rect = rect_of(desk, "morph.presets")
    desk.press(rect["x"] + rect["w"] - 3, rect["y"] + 8)  # all of it
    desk.lift()
    moved = note(desk, 0.5)
    sound = desk.finish()
    saved = json.loads(next((home / "presets").rglob("*.json")).read_text())["corners"]
    assert np.abs(np.array(saved["B"]) - known[b]).max() < 1e-4 and np.abs(np.array(saved["D"]) - known[c]).max() < 1e-4
    parts = desk.played("patch")[-1]["preset"]["morph"]["parts"]
    assert [part["name"] for part in parts.values()] == ["Init", d]
    assert np.abs(np.array(parts["B"]["corners"]["A"]) - known[d]).max() < 1e-4
    heard = [centroid_hz(sound[start:end]) for start, end in (plain, moved)]
    assert abs(np.log(heard[1] / heard[0])) > 0.02, heard


def test_a_preset_from_the_library_is_dropped_on_a_corner_of_the_map(desk):
    here = carry_to_play(desk, "Chip Hero")
    desk.move(*desk.middle("map.corner.B"))
    desk.lift()
    told(desk, here, "corner B is where 'Chip Hero' is")
    desk.hear(0.1)
    at = latents_of(desk, "B")
    desk.finish()
    assert len(at) > 8 and not latents_of(desk, "A")
