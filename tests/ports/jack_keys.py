"""A keyboard of real JACK MIDI: `python jack_keys.py PORT < lines`, each line `seconds byte byte byte` after the last one.

Prints 'ready' once connected to PORT, then plays until its input ends; what reads it should have heard the last message by then.
In a process of its own because the server's name is in the environment.
"""

import subprocess
import sys
import time

import rtmidi


def main() -> int:
    port = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="keys")
    port.open_virtual_port("out")
    deadline = time.monotonic() + (150 if sys.argv[1] != "nowhere:in" else 0)
    while subprocess.run(["jack_connect", "keys:out", sys.argv[1]], capture_output=True).returncode:
        lines = subprocess.run(["jack_lsp", "-c", "keys:out"], capture_output=True, text=True).stdout
        if f"   {sys.argv[1]}\n" in lines or time.monotonic() > deadline:  # a busy server connects and says that it did not
            break
        time.sleep(0.1)
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, *message = line.split()
        time.sleep(float(seconds))
        port.send_message([int(b) for b in message])
    time.sleep(0.2)
    port.close_port()
    port.delete()
    return 0


if __name__ == "__main__":
    sys.exit(main())
