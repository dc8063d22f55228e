"""Ctrl-C while a command starts, imports or works: no traceback, exit 130, nothing half-written."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.servers import WORK_S, child_env

START = ("import signal, sys\n"  # as synth/__main__.py begins; what Python itself does before that is nobody's to answer
         "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
         "print('up', flush=True)\n"
         "sys.argv = ['latentwave', *sys.argv[1:]]\n"
         "from synth.cli import main\n"
         "sys.exit(main())\n")
COMMANDS = ("presets --json", "render song.mid -o out.wav", "encode cycle.wav -o New.json", "cycles data -o out.npz",
            "train data --name mine --steps 500 --latent 4 --synthetic 0 --out out", "doctor", "params",
            "play --no-gui --device none --midi none --seconds 2 --record take.wav")
DELAYS_S = (0.0, 0.03, 0.1, 0.3, 0.8)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line.split()[0])
def test_an_interrupt_says_nothing_at_any_time(line, home, tmp_path, cli):
    (tmp_path / "data").mkdir()
    cli("decode", "--model", "akwf-8", "--latent", "0,0,0,0,0,0,0,0", "-o", "cycle.wav", check=True)
    os.link(tmp_path / "cycle.wav", tmp_path / "data" / "a.wav")
    (tmp_path / "song.mid").write_bytes(bytes.fromhex("4d546864000000060000000101e04d54726b0000000d00903c648f00803c0000ff2f00"))
    for delay_s in DELAYS_S:
        process = subprocess.Popen([sys.executable, "-c", START, *line.split()], cwd=tmp_path, env=child_env(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "up\n"
        time.sleep(delay_s)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=WORK_S)
        assert "Traceback" not in said and "KeyboardInterrupt" not in said and said.count("\n") <= 1, f"after {delay_s} s: {said}"
        assert process.returncode in (0, 130, -signal.SIGINT), f"after {delay_s} s: {process.returncode} {said}"
        assert not [p.name for p in tmp_path.glob(".*.part*")]


BUSY = ("import sys, threading, numpy\n"
        "from synth.cli import main\n"
        "from synth.timbres.model import open_model\n"
        "model = open_model('akwf-8')\n"
        "def work():\n"
        "    while True: model.encode(numpy.full((1, 2048), 0.1, numpy.float32))\n"
        "threading.Thread(target=work, name='latentwave-loudness', daemon=True).start()\n"
        "sys.argv = ['latentwave', 'models']\n"
        "sys.exit(main())\n")


def test_a_command_ends_well_while_a_thread_still_decodes(home, tmp_path):
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", BUSY], cwd=tmp_path, env=child_env(), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=WORK_S)
        assert (done.returncode, done.stderr) == (0, "") and "akwf-16" in done.stdout
