"""Where nothing happens nothing is drawn, and the first key, move or document that changes is answered all the same."""

import time

from tests.gui.desk import opened
from tests.servers import LIMIT_S

TURNS = """
import threading
from synth.gui import window
def turn(self, *args, before=window.Window.run):
    threading.Timer(21.0, lambda: self._session.set_param("filter.cutoff_hz", 500.0)).start()
    return before(self, *args)
window.Window.run = turn
"""  # as a controller or a script does: neither mouse nor keyboard
XRUNS = """
import time
from dataclasses import replace
from synth.session import session
def snapshot(self, real=session.Session.snapshot, began=time.monotonic()):
    return replace(real(self), xruns=int((time.monotonic() - began) / 4))
session.Session.snapshot = snapshot
"""  # one every four seconds


def test_a_view_with_nothing_of_its_own_to_show_rests_too(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display, "--preset", "Init") as desk:
        for view in ("library", "effects"):
            desk.view(view)
            time.sleep(7.0)
            deadline = time.monotonic() + LIMIT_S  # what is listed or drawn in the background is shown as it comes
            while sum(row["event"] == "frame" for row in still_for(desk, 3.5)) > 1:
                assert time.monotonic() < deadline, view
        here = len(desk.rows())
        desk.hand("key", "ctrl+1")
        desk.wait("layout", after=here, match=lambda r: r["view"] == "play")


def still_for(desk, seconds):
    """What is told in the next seconds, without a wait that wakes the window."""
    here = len(desk.rows())
    time.sleep(seconds)
    return desk.rows()[here:]


def test_an_idle_window_rests_until_something_happens(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display, "--preset", "Init", before=TURNS) as desk:
        def frames_in(seconds):
            return sum(row["event"] == "frame" for row in still_for(desk, seconds))
        began = time.monotonic()
        time.sleep(4.5)  # three seconds without anything, and a little
        assert frames_in(3.0) <= 6
        time.sleep(max(15.0 - (time.monotonic() - began), 0))  # the map's trail has gone, and the last message
        assert frames_in(4.0) <= 2  # one in ten seconds; what housekeeping tells may be shown
        here = len(desk.rows())
        _, here = desk.wait("set_param", after=here, seconds=20)
        asked = time.monotonic()
        while not any(row["event"] == "frame" for row in desk.rows()[here:]):
            assert time.monotonic() - asked < 1.0
            time.sleep(0.02)
        here = len(desk.rows())
        desk.hand("keydown", "a")
        desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on")
        desk.hear(0.3)
        desk.hand("keyup", "a")
        desk.wait("post", after=here, match=lambda r: r["kind"] == "note_off")
        desk.move(300, 300)
        desk.finish()
        assert len(desk.played("note_on")) == 1


def test_an_xrun_is_shown_in_one_frame_and_does_not_keep_the_window_awake(home, tmp_path, xvfb_display):
    with opened(tmp_path, xvfb_display, "--preset", "Init", before=XRUNS) as desk:
        time.sleep(15.0)
        deadline = time.monotonic() + LIMIT_S
        while sum(row["event"] == "frame" for row in still_for(desk, 8.0)) > 4:  # two of them, and one in ten seconds
            assert time.monotonic() < deadline
        here = len(desk.rows())
        desk.wait("frame", after=here, seconds=20)
