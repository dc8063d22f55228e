"""Another program that sends on what it gets: `python jack_relay.py SECONDS`, from latentwave:midi_out to latentwave:midi_in by JACK.

Prints 'ready' once it stands between the two; ends when it is told to.
"""

import subprocess
import sys
import time

import rtmidi


def main() -> int:
    reads = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name="relay_in")
    writes = rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK, name="relay_out")
    reads.open_virtual_port("in")
    writes.open_virtual_port("out")
    for source, target in (("latentwave:midi_out", "relay_in:in"), ("relay_out:out", "latentwave:midi_in")):
        subprocess.run(["jack_connect", source, target], capture_output=True)  # where it is connected already, well
    print("ready", flush=True)
    waiting = []
    while True:
        while (message := reads.get_message()) is not None:
            waiting.append((time.monotonic() + float(sys.argv[1]), message[0]))
        while waiting and waiting[0][0] <= time.monotonic():
            writes.send_message(waiting.pop(0)[1])
        time.sleep(0.001)


if __name__ == "__main__":
    sys.exit(main())
