"""What tests of plug-ins' own editors do with them: open one, and use it as a hand does."""

import os
import subprocess
import time

import numpy as np

from tests import servers
from tests.servers import LIMIT_S

from ..ports.test_recovery import until

MAKEUP, ATTACK = (658, 83), (45, 65)  # knobs in ZamComp's editor, pixels from its corner


def opened(player, index=0):
    """With the editor of a row open. Answers its process's id."""
    row = player.effects[index]
    player.toggle_effect_editor(index)
    assert until(lambda: player.effect_editors.status(row) == "open"), [*player.messages]
    return player.effect_editors.pid(row)


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


class Hand:
    """Xdotool in the window of a title. drawn: a place that is not empty once it is drawn."""

    def __init__(self, screen, title, drawn=ATTACK):
        self._env, self._folder = screen
        shown = self._run("search", "--sync", "--onlyvisible", "--name", title).split()[0]
        place = dict(line.split("=") for line in self._run("getwindowgeometry", "--shell", shown).split())
        self._x, self._y = int(place["X"]), int(place["Y"])
        assert until(lambda: self.look(*drawn).any()), "it is drawn"

    def _run(self, *words):
        done = subprocess.run(["xdotool", *map(str, words)], env=self._env, timeout=LIMIT_S, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def click(self, x, y):
        """Press and let go."""
        self._run("mousemove", self._x + x, self._y + y, "click", 1)

    def drag(self, x, y, by, steps=8):
        """Press, draw up by so many pixels a step, let go."""
        self._run("mousemove", self._x + x, self._y + y, "mousedown", 1)
        for n in range(1, steps + 1):
            time.sleep(0.05)
            self._run("mousemove", self._x + x, self._y + y - by * n)
        self._run("mouseup", 1)

    def look(self, x, y):
        """What is drawn there, 40 pixels to each side."""
        return servers.photograph(self._folder)[self._y + y - 20:self._y + y + 20, self._x + x - 20:self._x + x + 20].astype(int)

    def draws(self, x, y, other, same=False):
        """Wait until something else is drawn there, or the same."""
        return until(lambda: bool((np.abs(self.look(x, y) - other).mean() < 0.5) == same))


def hear(player, seconds):
    """Let so much be played. Answers the frame at which it began."""
    frame = player.engine.frame
    assert until(lambda: player.engine.frame > frame + seconds * player.engine.sr_hz)
    return frame
