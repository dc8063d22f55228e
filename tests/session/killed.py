"""A process for test_autosave and test_library: forks writers that do nothing but save, and kills each with SIGKILL while it does.

`killed.py preset|autosave|pack|marks FOLDER TIMES`; prints a JSON list of what was found after each kill.
"""

import json
import os
import random
import signal
import sys
import time
import zipfile
from pathlib import Path

from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.session import autosave, pack
from synth.session.document import Document
from synth.session.library_entries import Entry
from synth.session.library_marks import Marks


def write(what: str, path: Path, number: int) -> None:
    """Save a sound that says which save it is, by the program's own way."""
    patch = Patch(name=f"save {number}", corners={c: (number / 1000,) * 64 for c in "ABCD"}, latent_size=64)
    if what == "preset":
        preset_file.save(patch, path)
    elif what == "pack":
        whole = path.with_name("whole.json")
        preset_file.save(patch, whole)
        pack.write_pack([Entry(f"user/{n}", str(whole)) for n in range(20)], path.with_suffix(".zip"))
    elif what == "marks":
        marks = Marks(file=path)
        marks.rate("user/Sound", 1 + number % 5)
        marks.note_used(f"user/{number}")
        marks.set_favourite(f"save {number}", True)
    else:
        preset_file.write_text(path, autosave.to_text(Document(patch).state))


def read(what: str, path: Path) -> int:
    """The number of the save that lies there, whole."""
    if what == "marks":
        told: list[str] = []
        favourites = Marks(told.append, path).favourites
        assert not told, told
        return max((int(name.removeprefix("save ")) for name in favourites), default=0)
    if what == "pack":
        with zipfile.ZipFile(path.with_suffix(".zip")) as packed:
            assert packed.testzip() is None and len(packed.namelist()) == 21
            patches = [preset_file.from_bytes(packed.read(f"presets/{n}.json")) for n in range(20)]
        assert len({patch.name for patch in patches}) == 1
        patch = patches[0]
    else:
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
