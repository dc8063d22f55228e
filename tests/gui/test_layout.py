"""No text is cut, hidden behind another or outside its window, no control lies on another, and the screen shows each text: on every
view, small, usual and at 2x."""

import itertools

import numpy as np
import pytest

from tests import servers
from tests.gui.desk import opened
from tests.gui.test_carried_presets import rect_of
from tests.gui.test_drawn_by_hand import choose
from tests.servers import child_env

VIEWS = ("play", "sound", "modulation", "effects", "library", "train", "files", "history", "settings")
SIZES = {"usual": ("1440x900x24", "1"), "small": ("960x600x24", "1"), "double": ("1920x1200x24", "2")}
LIES_ON = {"piano"}  # its keys are rectangles of their own
SLACK = 1.0


def overlap(a, b):
    """How far two rectangles (x, y, w, h) lie over one another, the lesser of both ways."""
    return min(min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0]), min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1]))


def show_view(desk, name):
    """Open a view; answers its controls and texts."""
    here = len(desk.rows())
    if name == "play":
        desk.click("view.sound")
        desk.wait("layout", after=here, match=lambda r: r["view"] == "sound")
        desk.frames(2)
        here = len(desk.rows())
    side = {"files": "status.files", "history": "status.history", "settings": "settings"}
    desk.click(side.get(name, f"view.{name}"))
    desk.wait("layout", after=here, match=lambda r: r["view"] == name)
    desk.move(3, 3)  # where no tip opens
    texts, _ = desk.wait("texts", after=here)
    first = max(i for i, r in enumerate(desk.rows()) if r["event"] == "layout")
    rows = desk.rows()
    start = max(i for i in range(first) if rows[i]["event"] != "rect") + 1
    return {r["name"]: (r["x"], r["y"], r["w"], r["h"]) for r in rows[start:first]}, texts["texts"]


def not_drawn(view, texts, desk, picture):
    """The texts of which the screen shows nothing, where their rectangle has one colour."""
    for _ in range(10):
        seen = servers.photograph(picture)
        blank = [words for words, x, y, w, h in texts if words.strip() and np.ptp(
            seen[max(round(y), 0):round(y + h), max(round(x), 0):round(x + w)].reshape(-1, 3).astype(int), axis=0).max(initial=0) < 40]
        if not blank:
            return []
        desk.frames(2)
    return [f"{view}: '{words}' is not to be seen" for words in blank]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_hidden_or_outside(size, home, tmp_path, monkeypatch):
    screen, scale = SIZES[size]
    w, h = (float(part) for part in screen.split("x")[:2])
    monkeypatch.setenv("LATENTWAVE_SCALE", scale)
    wrong = []
    picture = tmp_path / "screen"
    picture.mkdir()
    with servers.xvfb(child_env(), screen, picture) as display, opened(tmp_path, display, "--preset", "Init") as desk:
        for view in VIEWS:
            controls, texts = show_view(desk, view)
            assert len(controls) > 20 and len(texts) > 20
            wrong += not_drawn(view, texts, desk, picture)
            for words, *rect in texts:
                if rect[0] < -SLACK or rect[1] < -SLACK or rect[0] + rect[2] > w + SLACK or rect[1] + rect[3] > h + SLACK:
                    wrong.append(f"{view}: '{words}' is outside")
                if size == "usual" and words.endswith("…") and words != "As…" and view != "library":  # whose tags may be long
                    wrong.append(f"{view}: '{words}' is cut")
            for (a, *one), (b, *other) in itertools.combinations(texts, 2):
                if overlap(one, other) > 2 * float(scale):
                    wrong.append(f"{view}: '{a}' and '{b}' overlap")
            plain = {name: r for name, r in controls.items() if not name.startswith(("key.", "map.")) and name not in LIES_ON}
            for (a, one), (b, other) in itertools.combinations(plain.items(), 2):
                if overlap(one, other) > SLACK:
                    wrong.append(f"{view}: {a} lies on {b}")
            for (words, *text), (a, r) in itertools.product(texts, plain.items()):
                if overlap(text, r) > 2 * float(scale) and overlap(text, r) < 0.8 * min(text[2], text[3]):
                    wrong.append(f"{view}: '{words}' lies half on {a}")
            wrong += [f"{view}: {a} is outside" for a, r in plain.items()
                      if r[0] < -SLACK or r[1] < -SLACK or r[0] + r[2] > w + SLACK or r[1] + r[3] > h + SLACK]
    assert not wrong, "\n".join(wrong)


def test_what_is_put_away_is_out_of_sight_at_twice_the_size(home, tmp_path, monkeypatch):
    """The dot of a morph that nothing moves: a place left of its pad may still be in a large window."""
    monkeypatch.setenv("LATENTWAVE_SCALE", "2")
    picture = tmp_path / "screen"
    picture.mkdir()
    with servers.xvfb(child_env(), "2880x1800x24", picture) as display, opened(tmp_path, display, "--preset", "Init") as desk:
        choose(desk, "morph.add", "Amber Pad", "make_morph")
        desk.move(3, 3)
        desk.frames(6)
        tabs, preset = (rect_of(desk, name) for name in ("view.train", "preset.previous"))
        between = servers.photograph(picture)[10:100, round(tabs["x"] + tabs["w"]) + 4:round(preset["x"]) - 4].astype(int)
        assert desk.played("patch")[-1]["preset"]["morph"]
    assert (np.abs(between - (169, 143, 255)).max(-1) < 40).sum() == 0, "the header is free between views and preset"
