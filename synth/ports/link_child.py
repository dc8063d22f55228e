"""The process that speaks Ableton Link: `python -m synth.ports.link_child BPM`. Link is under the GPL, so it stays out of ours.

Each 20 ms a line of JSON: `at_s` on this machine's monotonic clock, `beat` of the session then, `tempo_bpm`,
`playing`, `peers`. A line of input is a tempo in beats a minute, asked of all peers. Ends with its input.
Link's callbacks are not asked for: they come on threads of its own and wait for Python's lock while Link holds one that we wait for.
"""

import json
import sys
import threading
import time

_PERIOD_S, _QUANTUM_BEATS = 0.02, 4.0
_LOW_BPM, _HIGH_BPM = 20.0, 999.0


def main() -> int:
    """Tell until the input ends; exit code."""
    try:
        import link
    except ImportError:
        return 3
    session = link.Link(min(max(float(sys.argv[1]), _LOW_BPM), _HIGH_BPM))
    session.startStopSyncEnabled = True
    ended = threading.Event()
    session.enabled = True

    def listen() -> None:
        for line in sys.stdin:
            state = session.captureSessionState()
            state.setTempo(min(max(float(line), _LOW_BPM), _HIGH_BPM), session.clock().micros())
            session.commitSessionState(state)
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    while not ended.is_set():
        before_s, at, after_s = time.monotonic(), session.clock().micros(), time.monotonic()
        state = session.captureSessionState()
        if after_s - before_s < 0.0002:  # not held up between the two clocks
            print(json.dumps({"at_s": (before_s + after_s) / 2, "beat": state.beatAtTime(at, _QUANTUM_BEATS), "tempo_bpm": state.tempo(),
                              "playing": state.isPlaying(), "peers": session.numPeers()}), flush=True)
        ended.wait(_PERIOD_S)
    session.enabled = False
    return 0


if __name__ == "__main__":
    sys.exit(main())
