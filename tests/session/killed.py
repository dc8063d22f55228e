"""A process for test_autosave: forks writers that do nothing but save, and kills each with SIGKILL while it does.

`killed.py preset|autosave FOLDER TIMES`; prints a JSON list of what was found after each kill.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.session import autosave
from synth.session.document import Document


def write(what: str, path: Path, number: int) -> None:
    """Save a sound that says which save it is, by the program's own way."""
    patch = Patch(name=f"save {number}", corners={c: (number / 1000,) * 64 for c in "ABCD"}, latent_size=64)
    if what == "preset":
        preset_file.save(patch, path)
    else:
        preset_file.write_text(path, autosave.to_text(Document(patch).state))


def read(what: str, path: Path) -> int:
    """The number of the save that lies there, whole."""
    patch = preset_file.load(path) if what == "preset" else autosave.read(path).patch
    number = int(patch.name.removeprefix("save "))
    assert all(x == number / 1000 for row in patch.corners.values() for x in row)
    return number


def main() -> None:
    """Kill `times` writers."""
    what, folder, times = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    path, chance, found = folder / "sound.json", random.Random(7), []
    write(what, path, 0)
    for _ in range(times):
        first = read(what, path) + 1
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, b"!")
            for number in range(first, first + 100_000):
                write(what, path, number)
                os.write(writer, number.to_bytes(4, "big"))
            os._exit(1)
        os.close(writer)
        os.read(reader, 1)
        time.sleep(0.01 + 0.04 * chance.random())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told = b""
        while piece := os.read(reader, 65536):
            told += piece
        os.close(reader)
        last = int.from_bytes(told[-4:], "big") if len(told) >= 4 else first - 1
        found.append([last, read(what, path)])  # the last that was told to be whole, and what lies there
    print(json.dumps(found))


if __name__ == "__main__":
    main()
