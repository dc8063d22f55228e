"""A sequencer of real JACK MIDI: `python jack_clock.py PORT BPM SECONDS [JITTER_S]`: connects, start, that long of clocks, stop.

Clocks go out at absolute times, off by up to JITTER_S either way, so that the tempo is exact however late one of them is; at
real-time priority where the machine grants it. Stays until its input ends.
"""

import contextlib
import os
import random
import subprocess
import sys
import time

import rtmidi


def main() -> int:
    target, bpm, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    jitter_s = float(sys.argv[4]) if len(sys.argv) > 4 else 0.0
    port = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="clock")
    port.open_virtual_port("out")
    deadline = time.monotonic() + 150
    while subprocess.run(["jack_connect", "clock:out", target], capture_output=True).returncode and time.monotonic() < deadline:
        lines = subprocess.run(["jack_lsp", "-c", "clock:out"], capture_output=True, text=True).stdout
        if f"   {target}\n" in lines:  # a busy server connects and says that it did not
            break
        time.sleep(0.1)
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    jitter, began = random.Random(1), time.monotonic() + 0.1
    port.send_message([0xFA])
    for i in range(round(seconds * bpm * 24 / 60)):
        time.sleep(max(began + i * 2.5 / bpm + jitter.uniform(-jitter_s, jitter_s) - time.monotonic(), 0))
        port.send_message([0xF8])
    port.send_message([0xFC])
    sys.stdin.read()
    port.close_port()
    port.delete()
    return 0


if __name__ == "__main__":
    sys.exit(main())
