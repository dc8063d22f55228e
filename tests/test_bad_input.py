"""Bad input: one sentence that says what is wrong, exit 1, no traceback, nothing half-written.

The table is the list of what can go wrong: a command line, and words its sentence must hold. `@/` stands for the folder of
broken files (`tests/broken.py`). A new way to break something is a new row.
"""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile

from synth import cli as command_line
from tests import broken
from tests.servers import LIMIT_S, WORK_S, child_env

SONG = "render @/whole.mid -o out.wav"
TABLE: tuple[tuple[str, str], ...] = (
    ("render nothing.mid -o out.wav", "nothing.mid"),
    ("render @/bare -o out.wav", "bare"),
    *((f"render @/{name}.mid -o out.wav", f"{name}.mid") for name in ("truncated", "header", "empty", "text", "trackless",
                                                           "untimed", "silent")),
    ("render --events nothing.jsonl -o out.wav", "nothing.jsonl"),
    *((f"render --events @/{name}.jsonl -o out.wav", f"{name}.jsonl") for name in (
        "text", "list", "unknown", "binary", "endless", "unrated", "early", "newer")),
    (f"{SONG} --preset nobody", "nobody"),
    (f"{SONG} --preset @/nothing.json", "nothing.json"),
    *((f"{SONG} --preset @/{name}.json", f"{name}.json") for name in (
        "newer", "formatless", "stranger", "loud", "crooked", "endless", "truncated", "list", "deep", "binary", "fat", "liar", "keepsake",
        "cut", "bomb", "hoard")),
    ("plugins probe nobody", "nobody"),
    ("plugins probe builtin:nobody", "nobody"),
    (f"{SONG} --preset @/newer.json", "newer"),
    (f"{SONG} --model nobody", "nobody"),
    *((f"{SONG} --model @/models/{name}", name) for name in (
        "newer", "truncated", "listed", "sizeless", "wide", "swapped", "short", "text", "gone")),
    *((f"{SONG} --wavetable @/{name}.wav", f"{name}.wav") for name in ("nothing", "header", "nodata", "short", "empty", "text", "nan")),
    (f"{SONG} --wavetable @/whole.wav --frame-size 0", "frame"),
    (f"{SONG} --wavetable @/whole.wav --frame-size 1000000000", "frame"),
    ("samplepack nobody -o out", "nobody"),
    ("samplepack Init -o @/models", "models"),
    ("samplepack Init -o no/such/out", "no/such"),
    *((f"samplepack Init -o out {option}", option.split()[0]) for option in (
        "--notes 90-20", "--notes 200", "--notes x", "--velocities 0", "--velocities loud", "--seconds 0", "--jobs 0")),
    ("samplepack Init -o out --samplerate 7", "7"),
    ("samplepack Init -o out --set osc.wobble=1", "osc.wobble"),
    ("wavetable -o out.wav", "preset"),
    ("wavetable Init --events @/whole.jsonl -o out.wav", "preset"),
    ("wavetable nobody -o out.wav", "nobody"),
    ("wavetable Init -o out.mp3", "out.mp3"),
    ("wavetable Init -o out.wt --frames 0", "frames"),
    ("wavetable Init -o out.wt --frames 9999", "frames"),
    ("wavetable Init -o no/such/out.wt", "no/such"),
    ("wavetable Init -o out.vitaltable --bits 16", "16 bits"),
    ("wavetable Init -o out.wt --for vital", "out.wt"),
    ("wavetable Init -o @/bare/no/such", "bare/no: no such folder"),
    ("wavetable --events @/text.jsonl -o out.wt", "text.jsonl"),
    *((f"convert @/{name} out.wt", name) for name in (
        "nothing.wt", "bare", "header.wav", "nodata.wav", "short.wav", "text.wav", "nan.wav", "claims.wt", "lies.vitaltable",
        "noframes.vitaltable")),
    ("convert @/whole.wav out.mp3", "out.mp3"),
    ("convert @/whole.wav out.json --as path", "one frame"),
    ("convert @/whole.wav out.json --as corners --model nobody", "nobody"),
    ("convert @/whole.wav out.json --model akwf-16", "--model"),
    ("convert @/whole.wav out.wt --as path", "--as"),
    ("convert @/whole.wav out.wt --frame-size 0", "frame"),
    ("convert @/whole.wav out.wt --frame-size 100000000", "frame"),
    ("convert @/whole.wav out.wt --frames 0", "frames"),
    ("convert @/whole.wav @/pipe.wav", "pipe.wav"),
    ("convert @/whole.wav @/models", "models"),
    (f"{SONG} --set osc.wobble=1", "osc.wobble"),
    (f"{SONG} --set osc.position=7", "osc.position"),
    (f"{SONG} --set osc.position=nan", "osc.position"),
    (f"{SONG} --set osc.position", "osc.position"),
    (f"{SONG} --samplerate 7", "7"),
    (f"{SONG} --samplerate 0", "0"),
    ("render @/whole.mid -o out.mp3", "out.mp3"),
    ("render @/whole.mid -o @/pipe.wav", "pipe.wav"),
    (f"{SONG} --samplerate 100000000", "100000000"),
    (f"{SONG} --blocksize 0", "block"),
    (f"{SONG} --blocksize -5", "block"),
    (f"{SONG} --tail -1", "tail"),
    (f"{SONG} --tail nan", "tail"),
    ("render @/whole.mid -o no/such/out.wav", "no/such"),
    ("render @/whole.mid -o @/bare", "bare"),
    ("decode --model nobody --latent 0 -o out.wav", "nobody"),
    ("decode --model @/models/whole --latent 1,2 -o out.wav", "latent"),
    ("decode --model @/models/whole --latent a,b -o out.wav", "latent"),
    ("decode --model @/models/whole --latent nan -o out.wav", "latent"),
    ("decode --model @/models/short --latent 0 -o out.wav", "short"),
    ("encode nothing.wav", "nothing.wav"),
    *((f"encode @/{name}.wav", f"{name}.wav") for name in ("header", "nodata", "short", "empty", "text", "nan", "silence")),
    ("encode @/whole.wav --model nobody", "nobody"),
    ("encode @/whole.wav -o no/such/out.json", "no/such"),
    ("evaluate nobody @/bare", "nobody"),
    ("evaluate @/models/whole nothing.npz", "nothing.npz"),
    *((f"evaluate @/models/whole @/{name}.npz", f"{name}.npz") for name in ("text", "keyless", "crooked", "pickled")),
    ("cycles nothing -o out.npz", "nothing"),
    ("cycles @/bare -o out.npz", "bare"),
    ("instrument nothing -o x", "nothing"),
    ("instrument @/bare -o x", "bare"),
    *((f"instrument @/{name}.wav -o x", f"{name}.wav") for name in (
        "header", "nodata", "short", "empty", "text", "nan", "silence", "whole")),
    ("instrument @/whole.wav -o ../x", "name"),
    ("instrument @/whole.wav -o x --model nobody", "nobody"),
    ("train nothing --name x --out out", "nothing"),
    ("train @/bare --name x --out out", "bare"),
    ("train @/text.npz --name x --out out", "text.npz"),
    ("train --name ../x --steps 1", "name"),
    ("train --name x --steps 0 --out out", "steps"),
    ("train --name x --resume --out out", "x"),
    ("train --name x --latent 100000 --steps 1 --out out", "latent"),
)
LIVE: tuple[tuple[str, str], ...] = (
    ("play --no-gui --seconds 2 --device Nosuchthing", "Nosuchthing"),
    ("play --no-gui --seconds 2 --device 4711", "4711"),
    ("play --no-gui --seconds 2 --midi Nosuchthing", "Nosuchthing"),
    ("play --no-gui --seconds 2 --midi Nosuchthing --record take.wav --log-events take.jsonl", "Nosuchthing"),
    ("play --no-gui --seconds 2 --record no/such/take.wav --log-events take.jsonl", "no/such"),
    ("play --no-gui --seconds 2 --samplerate 12345", "12345"),
    ("play --no-gui --seconds 2 --blocksize 0", "block"),
    ("play --no-gui --seconds 2 --preset nobody", "nobody"),
    ("play --no-gui --seconds 2 --preset @/newer.json", "newer"),
    ("play --no-gui --seconds 2 --model nobody", "nobody"),
    ("play --no-gui --seconds 2 --model @/models/short", "short"),
    ("play --no-gui --seconds 2 --record no/such/take.wav", "no/such"),
    ("play --no-gui --seconds 2 --log-events no/such/take.jsonl", "no/such"),
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    return broken.build(tmp_path_factory.mktemp("broken") / "files")


def told(code: int, stderr: str, words: str) -> None:
    """The contract: exit 1 and one sentence on stderr that holds the words, without a traceback."""
    lines = stderr.strip().splitlines()
    assert code == 1, stderr
    assert len(lines) == 1 and lines[0].startswith("latentwave: error: "), stderr
    assert words.lower() in lines[0].lower(), lines[0]
    assert len(lines[0]) < 400 and not re.search(r"Traceback|Error\b.*\bError\b|<class|object at 0x", lines[0]), lines[0]


def prepared(line: str, folder: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The row's words with its files in place, in an empty working folder."""
    monkeypatch.chdir(here)
    return line.replace("@", str(folder)).split()


@pytest.mark.parametrize("line, words", TABLE, ids=[row[0].replace(" -o out.wav", "") for row in TABLE])
def test_a_bad_command_line_is_told_in_one_sentence(line, words, folder, home, tmp_path, monkeypatch, capfd):
    here = tmp_path / "here"
    here.mkdir()
    argv = prepared(line, folder, here, monkeypatch)
    before = sorted(folder.rglob("*"))
    code = command_line.main(argv)
    told(code, capfd.readouterr().err, words)
    assert not list(here.rglob("*")), "something was left behind"
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("line, words", LIVE, ids=[row[0].replace(" --no-gui --seconds 2", "") for row in LIVE])
def test_play_with_bad_input_is_told_in_one_sentence(line, words, folder, home, tmp_path, monkeypatch, cli, jack_server):
    here = tmp_path / "here"
    here.mkdir()
    argv = prepared(line, folder, here, monkeypatch)
    done = cli(*argv, cwd=here, env=jack_server)
    told(done.returncode, done.stderr, words)
    assert not list(here.rglob("*")), "something was left behind"


@pytest.mark.skipif(sys.platform == "win32", reason="limits on the size of files are POSIX")
def test_a_full_disk_does_not_end_the_playing(home, tmp_path):
    """The recording ends, what was played before is kept, one sentence says so; the instrument plays its whole time."""
    code = ("import resource, signal, sys, time\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "from synth import paths\nfrom synth.patch import preset_file as presets\n"
            "from synth.errors import UserError\n"
            "from synth.session.session import Session\n"
            "player = Session(presets.load(paths.find_preset('Init')), device='none', midi='none', record='take.wav')\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))\n"
            "while not player.messages: time.sleep(0.05)\n"
            "before = player.snapshot().frame\n"
            "while player.snapshot().frame < before + 24_000: time.sleep(0.05)\n"
            "try: player.close()\n"
            "except UserError as error: print(error)\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=child_env(), capture_output=True, text=True, timeout=WORK_S)
    assert done.stderr == "" and "take.wav" in done.stdout, (done.stdout, done.stderr)
    assert soundfile.info(tmp_path / "take.wav").frames > 1000 and not list(tmp_path.glob(".*.part"))


FULL = (SONG, "cycles @/ -o out.npz", "decode --model @/models/whole --latent ZEROS -o out.wav",
        "encode @/whole.wav --model @/models/whole -o out.json")


@pytest.mark.parametrize("line", FULL)
def test_a_full_disk_is_told_and_leaves_nothing(line, folder, home, tmp_path, monkeypatch):
    """A limit on the size of files stands for the full disk: the write fails half-way through, as there."""
    here = tmp_path / "here"
    here.mkdir()
    argv = prepared(line, folder, here, monkeypatch)
    if "ZEROS" in line:
        size = json.loads((folder / "models" / "whole" / "manifest.json").read_text())["latent_size"]
        argv = [",".join("0" * size) if a == "ZEROS" else a for a in argv]
    code = ("import resource, signal, sys\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))\n"
            "from synth.cli import main\n"
            f"sys.exit(main({argv!r}))\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=here, env=child_env(), capture_output=True, text=True, timeout=WORK_S)
    told(done.returncode, done.stderr, "out.")
    assert not list(here.rglob("*")), "something was left behind"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_rendering_that_is_stopped_leaves_nothing(number, home, tmp_path):
    rows = '{"frame": 0, "type": "note_on", "note": 60}\n{"frame": 500000000, "type": "note_off", "note": 60}\n'
    (tmp_path / "long.jsonl").write_text(rows)
    done = subprocess.Popen([sys.executable, "-m", "synth", "render", "--events", "long.jsonl", "-o", "out.wav"], cwd=tmp_path,
                            env=child_env(), stderr=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a background job ignores it
    try:
        end = time.monotonic() + LIMIT_S
        while not list(tmp_path.glob(".out.wav*")) and time.monotonic() < end:
            time.sleep(0.05)
        done.send_signal(number)
        assert done.wait(LIMIT_S) != 0 and done.stderr.read() == ""
    finally:
        done.kill()
        done.wait()
    assert [p.name for p in tmp_path.iterdir() if p.name != "home"] == ["long.jsonl"]
