"""Where nothing happens next to nothing is drawn, and the first key or move is answered all the same."""

import time

from tests.gui.desk import opened


def test_an_idle_window_rests_until_something_happens(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display, "--preset", "Init") as desk:
        desk.hear(9.5)  # eight seconds without anything, and a little

        def frames_in(seconds):
            here = len(desk.rows())
            time.sleep(seconds)
            return sum(row["event"] == "frame" for row in desk.rows()[here:])
        assert frames_in(3.0) <= 6
        here = len(desk.rows())
        desk.hand("keydown", "a")
        desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on")
        desk.hear(0.3)
        desk.hand("keyup", "a")
        desk.wait("post", after=here, match=lambda r: r["kind"] == "note_off")
        desk.move(300, 300)
        desk.finish()
        assert len(desk.played("note_on")) == 1
