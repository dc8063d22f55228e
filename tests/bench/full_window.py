"""What the sound feels of the window that draws all it can, and without one: `python -m tests.bench.window` runs it and prints it.

Sixteen voices are held, whose waves all repeat after 400 frames, so any change shows within a frame. Blocks that ran, of how many;
callbacks of ours that took longer than a block; a knob's move to its changed sound; a note of another JACK client to its sound.
"""

import json
import time
from pathlib import Path

import numpy as np

from tests.bench import SHORT
from tests.bench.live import percentiles

KEYS, CHANNELS, EXTRA_KEY = (57, 69, 81, 93), 4, 45  # A at 480 Hz: 100 frames, and its octaves; the key that is struck: 400
REPEAT = 400
TIMES, BLOCKS_S, SETTLED_S = (2, 0.5, 1.0) if SHORT else (80, 10.0, 6.0)
PERIOD = 128
BEFORE = """
import threading
from synth.gui import window
from tests.bench.full_window import measure
def run(self, *args, before=window.Window.run):
    threading.Thread(target=measure, args=(self._session, "with the window", {file!r}), daemon=True).start()
    return before(self, *args)
window.Window.run = run
"""
ALONE = """
import sys
from synth import paths
from synth.patch import preset_file
from synth.session.session import Session
from tests.bench.full_window import measure
session = Session(preset_file.load(paths.find_preset("Init")))
measure(session, "without a window", sys.argv[1])
session.close()
"""


def measure(session, name: str, file: str) -> None:
    """In the process that plays: everything measured once `file`.go is there, written to `file` as lines of JSON."""
    from synth.events import note_on
    from tests.bench.hogged import watch_callbacks

    while not Path(file + ".go").exists():
        time.sleep(0.2)
    rows = []
    session.load_preset("Init").result()  # whose voices neither drift nor beat
    session.set_param("master.tune_hz", 480.0)
    for key in KEYS:
        for channel in range(CHANNELS):
            session.post(note_on(key, 0.4, channel))
    time.sleep(SETTLED_S)
    client, before, began_s = session.output.jack, session.engine.snapshot(), session.output.jack.time_s()
    xruns, late = client.xruns, watch_callbacks(session, PERIOD, BLOCKS_S)
    after, lasted_s = session.engine.snapshot(), client.time_s() - began_s
    ran, expected = int(after["blocks"] - before["blocks"]), lasted_s * 48000 / PERIOD
    rows.append({"name": f"blocks {name}", "voices": int(after["voices"]), "ran": ran, "expected": round(expected),
                 "xruns": client.xruns - xruns, "load_percent": round(100 * session.snapshot().load, 1)} | late)
    rows.append({"name": f"knob to changed sound, {name}", **percentiles(knob_frames(session))})
    rows.append({"name": f"note to sound, {name}", **percentiles(note_frames())})
    Path(file + ".part").write_text("".join(json.dumps(row) + "\n" for row in rows))
    Path(file + ".part").rename(file)


def changed_at(x: np.ndarray) -> np.ndarray:
    """Frames of x float[n] at which it is not what it was one repeat before, by more than its own noise in the first tenth."""
    change = np.abs(x[REPEAT:] - x[:-REPEAT])
    return REPEAT + np.flatnonzero(change > max(4 * float(change[:len(change) // 10].max()), 1e-4))


def knob_frames(session) -> list[float]:
    """Frames from each move of a knob to its changed sound; a period until it is heard is within."""
    found, rng = [], np.random.default_rng(0)
    for i in range(TIMES):
        began = session.engine.recorded
        clock_frame, clock_s = session.engine.clock()
        frame = clock_frame + (session.output.time_s() - clock_s) * 48000
        session.set_param("osc.position", 1.0 - i % 2)
        time.sleep(0.16 + 0.05 * rng.random())
        x, last, _ = session.engine.recording(began - 4800)
        at = last - len(x) + changed_at(x[:, 0])
        found.append(float(at[at > frame][0] - frame + PERIOD))
    return found


def note_frames() -> list[float]:
    """Frames from each note of another client to its sound, on that client's clock."""
    from tests.bench.probe import Probe

    probe = Probe()
    probe.connect()
    time.sleep(0.5)
    starts = np.cumsum(np.random.default_rng(1).integers(19200, 24000, TIMES))
    events = [e for s in starts for e in ((int(s), (149, EXTRA_KEY, 110)), (int(s) + 4800, (133, EXTRA_KEY, 0)))]
    sent = probe.play(events)[::2]
    while probe.frame < sent[-1] + 24000:
        time.sleep(0.1)
    sound = probe.record["sound"][0]
    found = []
    for frame in sent:
        at = changed_at(sound[frame - 4800:frame + 4800]) - 4800
        found.append(float(at[at > 0][0]))
    probe.close()
    return found
