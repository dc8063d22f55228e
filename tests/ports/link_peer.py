"""Another program on Link: `python link_peer.py BPM`: lines of input are a tempo, `start` or `stop`; prints `seconds beat tempo peers`."""

import sys
import threading
import time

import link


def main() -> int:
    peer = link.Link(float(sys.argv[1]))
    peer.startStopSyncEnabled = peer.enabled = True
    ended = threading.Event()

    def listen() -> None:
        for line in sys.stdin:
            state, now = peer.captureSessionState(), peer.clock().micros()
            if line.strip() in ("start", "stop"):
                state.setIsPlaying(line.strip() == "start", now)
            else:
                state.setTempo(float(line), now)
            peer.commitSessionState(state)
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    while not ended.wait(0.02):
        before_s, at, after_s = time.monotonic(), peer.clock().micros(), time.monotonic()
        state = peer.captureSessionState()
        if after_s - before_s < 0.0002:
            print((before_s + after_s) / 2, state.beatAtTime(at, 4.0), state.tempo(), peer.numPeers(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
