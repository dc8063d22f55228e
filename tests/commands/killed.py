"""A process for test_killed: runs a command again and again, each time killed with SIGKILL some steps later, until it comes through.

`killed.py FOLDER STRIDE COMMAND...`; a step is whatever Python asks of the system in FOLDER (files that are opened to write, renamed,
removed). Prints a JSON list of what lay there by its name after each run; hidden files are left out. FOLDER is as it was at each beginning.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import zipfile
from pathlib import Path

import onnxruntime  # noqa: F401 - what the commands import is imported once
import soundfile  # noqa: F401

from synth.cli import main as command
from synth.commands import batch, model, morph, preset_breed, samplepack, wavetable  # noqa: F401
from synth.patch.patch import Patch
from synth.render import sample_pack, soundfont, wavetable_files  # noqa: F401
from synth.render.offline import Offline
from synth.samples import collect  # noqa: F401
from synth.session import library, library_index, pack  # noqa: F401
from synth.timbres import encoding, morph_frames, random_patch, sample_input  # noqa: F401

STEPS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.link", "os.symlink", "shutil.rmtree")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def seen(folder: Path) -> dict[str, str]:
    """What lies in a folder and below: name -> hash of what is in it, for a zip of its members."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            data = path.read_bytes()
            if zipfile.is_zipfile(path):  # which holds the time of day
                with zipfile.ZipFile(path) as packed:
                    data = json.dumps([(info.filename, info.CRC) for info in packed.infolist()]).encode()
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(data).hexdigest()
    return found


def kill_at(step: int, folder: str) -> None:
    """End this process with SIGKILL at its `step`-th step in a folder, from 1."""
    left = [step]

    def hook(event: str, args: tuple) -> None:
        if event in STEPS and (event != "open" or isinstance(args[2], int) and args[2] & WRITES):
            named = (os.fsdecode(arg) for arg in args if isinstance(arg, str | bytes | os.PathLike))
            if any(os.path.abspath(name).startswith(folder + os.sep) for name in named):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def main() -> None:
    """Run until the command comes through."""
    folder, stride, words = Path(sys.argv[1]).absolute(), int(sys.argv[2]), sys.argv[3:]
    if words[0] in ("render", "samplepack"):
        Offline(Patch()).read(32)  # the engine's kernels are loaded once
    kept = folder.with_name(f"{folder.name}-kept")
    shutil.copytree(folder, kept)
    os.chdir(folder)
    found, step = [], 1
    while True:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            kill_at(step, str(folder))
            os._exit(command(words))
        status = os.waitpid(child, 0)[1]
        found.append(seen(folder))
        if not os.WIFSIGNALED(status):
            break
        step += stride
        for path in folder.iterdir():
            (shutil.rmtree if path.is_dir() else os.unlink)(path)
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    print(json.dumps({"exit": os.waitstatus_to_exitcode(status), "found": found}))


if __name__ == "__main__":
    main()
