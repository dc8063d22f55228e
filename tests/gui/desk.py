"""A running window and the hand that moves its mouse: the real `latentwave play` under Xvfb, driven with xdotool.

The program writes where its items are and what happens (`--gui-log`); the tests wait on those, with deadlines.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import time

import pytest
import soundfile

from tests.servers import LIMIT_S, child_env, end

SR = 48000


class Desk:
    """One running window and the hand that moves its mouse."""

    def __init__(self, folder, display, *args, before="", plain=False):
        """`before`: Python that the process runs first, to break something. plain: through the real ports, nothing kept."""
        self.env = child_env(**{k: display[k] for k in ("DISPLAY", "LIBGL_ALWAYS_SOFTWARE", "XAUTHORITY", "GALLIUM_NOOP") if k in display})
        self._rows, self._read = [], 0
        self.log, self.wav, self.notes = folder / "gui.jsonl", folder / "out.wav", folder / "events.jsonl"
        if shutil.which("xdotool"):  # keys that a test before left down
            self.hand("keyup", "a", "keyup", "d", "keyup", "shift", "keyup", "alt", "keyup", "ctrl")
        code = f"import sys\n{before}\nfrom synth.cli import main\nsys.exit(main())"
        kept = [] if plain else ["--device", "none", "--model", "akwf-16", "--midi", "none", "--record", str(self.wav),
                                 "--log-events", str(self.notes)]
        command = [sys.executable, "-c", code, "play", "--gui-log", str(self.log), *kept, *args]
        self.process = subprocess.Popen(command, cwd=folder, env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def rows(self):
        """All events so far; what was read once is not read again."""
        if self.log.exists():
            with self.log.open("rb") as log:
                log.seek(self._read)
                whole = log.read().rpartition(b"\n")[0]
            if whole:
                self._read += len(whole) + 1
                self._rows += map(json.loads, whole.splitlines())
        return self._rows

    def wait(self, event, after=0, match=lambda row: True, seconds=LIMIT_S):
        """The first event of a kind past row `after` that matches, and the number of the row after it."""
        deadline, nudge_at = time.monotonic() + seconds, time.monotonic() + 0.4
        while True:
            for i, row in enumerate(self.rows()[after:], after):
                if row["event"] == event and match(row):
                    return row, i + 1
            assert self.process.poll() is None, f"the window ended: {self.process.stdout.read()[-2000:]}"
            assert time.monotonic() < deadline, f"no '{event}' within {seconds:.0f} s; the last rows: {self.told()}"
            if event == "frame" and time.monotonic() > nudge_at:  # an idle window draws hardly any: a key that does nothing wakes it
                self.hand("key", "Scroll_Lock")
                nudge_at = time.monotonic() + 2.0
            time.sleep(0.02)

    def told(self, n=8):
        """The last things that happened, and the last frame."""
        rows = self.rows()
        return [r for r in rows if r["event"] not in ("frame", "rect", "texts")][-n:] + rows[-1:]

    def frames(self, n=4):
        """Let some frames be drawn."""
        here = len(self.rows())
        for _ in range(n + 1):  # they are counted here: a window that opens anew begins at 1
            _, here = self.wait("frame", after=here)

    def hear(self, seconds):
        """Let so much sound be made."""
        row, here = self.wait("frame", after=len(self.rows()))
        self.wait("frame", after=here, match=lambda r: r["audio_frame"] >= row["audio_frame"] + seconds * SR)

    def until(self, match):
        """Let the mouse be seen so, and answered in the next frame."""
        _, here = self.wait("frame", after=len(self.rows()), match=match)
        for _ in range(2):
            _, here = self.wait("frame", after=here)

    def middle(self, name):
        """Middle of the newest rectangle of a name."""
        found = [r for r in self.rows() if r["event"] == "rect" and r["name"] == name]
        assert found, f"nothing named {name}"
        return found[-1]["x"] + found[-1]["w"] / 2, found[-1]["y"] + found[-1]["h"] / 2

    def hand(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL)

    def press_key(self, key, to=None, row=None):
        """A key, held for a whole frame as a finger holds it, `shift+` or `ctrl+` before it; then what keys go to, if told, is awaited."""
        *modifiers, last = key.split("+")
        for modifier in modifiers:
            self.hand("keydown", modifier)
            self.frames(1)
        here = len(self.rows())
        self.hand("key", last)
        if to is not None:
            self.wait("keyed", after=here, match=lambda r: r["to"] == to and row in (None, r["row"]))
        self.frames(1)
        for modifier in modifiers:
            self.hand("keyup", modifier)
            self.frames(1)

    def select_all(self):
        """Ctrl+A in a line that is typed in, held for whole frames: a quick one may be lost between two."""
        self.frames(2)
        self.hand("keydown", "ctrl")
        self.frames(2)
        self.hand("keydown", "a")
        self.frames(2)
        self.hand("keyup", "a", "keyup", "ctrl")
        self.frames(2)

    def type_over(self, name, text):
        """Type a text into a line, in the place of what stands there."""
        self.press(*self.middle(name))
        self.lift()
        self.frames(8)
        self.select_all()
        self.hand("type", "--delay", "25", text)
        self.frames(4)

    def move(self, x, y):
        self.hand("mousemove", round(x), round(y))
        self.until(lambda r: abs(r["x"] - x) < 1.5 and abs(r["y"] - y) < 1.5)

    def press(self, x, y):
        self.move(x, y)
        self.hand("mousedown", 1)
        self.until(lambda r: r["down"])

    def lift(self):
        self.hand("mouseup", 1)
        self.until(lambda r: not r["down"])

    def click(self, name):
        self.press(*self.middle(name))
        self.lift()

    def drag(self, source, target):
        """One gesture: press on a thing, carry it over another, let go. Answers the number of the log's row before it."""
        here = len(self.rows())
        self.press(*self.middle(source))
        x, y = self.middle(target)
        self.move(x - 9, y + 5)
        self.move(x, y)
        self.lift()
        return here

    def view(self, name):
        """Open a view by its tab, where it is not open already."""
        here = len(self.rows())
        if [r["view"] for r in self.rows() if r["event"] == "layout"][-1] == name:
            return
        self.click(f"view.{name}")
        self.wait("layout", after=here, match=lambda r: r["view"] == name)
        self.frames(2)

    def page(self, tab):
        """Click a tab inside a view."""
        here = len(self.rows())
        self.click(tab)
        self.wait("layout", after=here)
        self.frames(2)

    def close(self):
        """A click on the window's X."""
        subprocess.run([sys.executable, "-m", "tests.gui.close_window", "latentwave"], env=self.env, check=True, timeout=LIMIT_S,
                       stdin=subprocess.DEVNULL)

    def finish(self):
        """Close and give back the sound: float[frames]."""
        self.process.terminate()
        assert self.process.wait(LIMIT_S) == 0, self.process.stdout.read()
        sound, rate = soundfile.read(self.wav)
        assert rate == SR
        return sound.mean(axis=1)

    def played(self, kind):
        rows = [json.loads(line) for line in self.notes.read_text().splitlines()]
        return [row for row in rows if row.get("type") == kind]


def note(desk, seconds):
    """Hold middle C so long; answers its frames."""
    here = len(desk.rows())
    desk.hand("keydown", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_on" and r["number"] == 60)
    desk.hear(seconds)
    desk.hand("keyup", "a")
    desk.wait("post", after=here, match=lambda r: r["kind"] == "note_off" and r["number"] == 60)
    desk.hear(0.1)
    return desk.played("note_on")[-1]["frame"], desk.played("note_off")[-1]["frame"]


@contextlib.contextmanager
def opened(folder, display, *args, **options):
    """A window that is open, and closed again whatever the test does; its takes lie in `folder`."""
    if shutil.which("xdotool") is None:
        pytest.skip("no server: xdotool is not installed (`make test` installs it where it may)")
    desk = Desk(folder, display, "--seconds", "1400", *args, **options)
    try:
        desk.wait("shown")
        desk.frames()
        yield desk
    finally:
        end(desk.process)
        desk.process.stdout.close()
