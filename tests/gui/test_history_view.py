"""History in the real window under Xvfb: a phrase is played again, its sound comes back, steps are gone to, two sounds are swapped."""

import numpy as np

from tests.gui.desk import SR, note


def row_of(desk, name, i):
    """Click row `i` of a list."""
    rect = [r for r in desk.rows() if r["event"] == "rect" and r["name"] == name][-1]
    desk.press(rect["x"] + 40, rect["y"] + 26 * i + 13)
    desk.lift()


def test_what_was_played_is_played_again_its_sound_returns_and_steps_are_gone_to(desk):
    begun, ended = note(desk, 0.5)
    here = len(desk.rows())
    x, y = desk.middle("delay.mix")
    desk.press(x, y)
    desk.move(x, y - 40)
    desk.lift()
    desk.wait("set_param", after=here, match=lambda r: r["args"][0] == "delay.mix")
    desk.hand("key", "ctrl+h")
    desk.wait("layout", after=here, match=lambda r: r["view"] == "history")
    desk.hear(3.5)  # a phrase is over after two seconds of rest
    desk.frames(20)
    row_of(desk, "history.phrases", 0)
    here = len(desk.rows())
    desk.click("phrase.play")
    desk.wait("play_phrase", after=here)
    desk.hear(1.5)
    notes = desk.played("note_on")
    assert [n["note"] for n in notes] == [60, 60], "the phrase is played again"
    again = notes[-1]["frame"], desk.played("note_off")[-1]["frame"]
    assert abs((again[1] - again[0]) - (ended - begun)) <= 64, "as long as it was"
    here = len(desk.rows())
    row_of(desk, "history.steps", 0)  # as it began: the delay is gone
    desk.wait("go_to_step", after=here, match=lambda r: r["args"][0] < 0)
    desk.until(lambda r: desk.played("param")[-1]["name"] == "delay.mix" and desk.played("param")[-1]["value"] == 0)
    desk.click("compare.keep")
    desk.frames(3)
    desk.hand("key", "ctrl+r")
    desk.until(lambda r: len(desk.played("patch")) == 1)
    desk.click("compare.swap")
    desk.until(lambda r: len(desk.played("patch")) == 2)
    desk.hear(3.0)
    desk.frames(20)
    here = len(desk.rows())
    row_of(desk, "history.phrases", 1)  # the newest, played with the delay, stands above it
    desk.click("phrase.return")
    desk.wait("return_to_sound", after=here)
    desk.until(lambda r: len(desk.played("patch")) == 3)
    sound = desk.finish()
    names = [row["preset"]["name"] for row in desk.played("patch")]
    assert names[0] != "Init" and names[1:] == ["Init", "Init"], names
    assert "delay.mix" not in desk.played("patch")[-1]["preset"]["params"], "the sound as it was before the delay"
    dry, wet = sound[ended + SR // 5:ended + SR // 2], sound[again[1] + SR // 5:again[1] + SR // 2]
    assert np.abs(dry).max() < 1e-4 and np.abs(wet).max() > 0.005, "it is heard with the sound as it was by then, delay and all"
