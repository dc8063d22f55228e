"""A process for test_history: forks writers of a history, and kills each with SIGKILL while it writes, turns pages and packs.

`history_killed.py TIMES`; prints a JSON list: of each kill, rows given half a second before it, rows found, and what was unreadable.
"""

import json
import os
import random
import signal
import struct
import sys
import time

from synth.events import note_off, note_on
from synth.patch.control_map import map_of
from synth.patch.patch import Patch
from synth.render import event_log, history
from synth.session.history import History

OLD_S = 0.5  # a row given longer ago than this must be there, on however busy a machine


def write(pipe: int) -> None:
    """Keep a note every millisecond until killed, and tell when each was given."""
    controls = map_of(())
    kept = History(event_log.header(Patch(), 48000, 128, controls=controls), Patch(), controls, lambda: 0, print, piece_bytes=3000)
    for number in range(1_000_000):
        kept.put([(number, note_on(60), None), (number, note_off(60), None)])
        os.write(pipe, struct.pack("id", number + 1, time.monotonic()))
        time.sleep(0.001)


def found_rows() -> tuple[int, list[str]]:
    """Notes of the newest session, whole pieces or not, and what cannot be read."""
    told = history.list_phrases()[1]
    session = max(history.folder().iterdir(), key=lambda path: path.stat().st_mtime_ns)
    rows = [row for piece in history.pieces_of(session) for row in history.parse_piece(piece) if not isinstance(row, dict)]
    frames = [frame for frame, event in rows if event.value and event.kind == 1]
    assert frames == list(range(len(frames))), "rows are lost between others, or stand twice"
    return len(frames), told


def main() -> None:
    """Kill `times` writers."""
    chance, found = random.Random(5), []
    for _ in range(int(sys.argv[1])):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            write(writer)
        os.close(writer)
        os.read(reader, struct.calcsize("id"))
        time.sleep(0.6 + 0.1 * chance.random())
        os.kill(child, signal.SIGKILL)
        killed_s = time.monotonic()
        os.waitpid(child, 0)
        told = b""
        while piece := os.read(reader, 65536):
            told += piece
        os.close(reader)
        size = struct.calcsize("id")
        given = [struct.unpack("id", told[at:at + size]) for at in range(0, len(told) - size + 1, size)]
        found.append([max((n for n, at in given if at < killed_s - OLD_S), default=0), *found_rows()])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
