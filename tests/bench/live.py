"""`python -m tests.bench.live [NAME ...]`: the live figures, through a real JACK server. Prints a line of JSON each.

hog: blocks run with the GIL held elsewhere. latency: note to sound, CC to changed sound, slider to changed sound.
osc: a note and a knob by OSC to sound.
mpe: slide of one of two held MPE notes, which moves that note's own latent, to changed sound.
load: processor and memory of `play --no-gui` with 16 voices for a minute.
terminal: processor time of the thread that draws the terminal view, nothing sounding.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests import servers
from tests.bench import SHORT

ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # bytecode is kept, as players keep it
ENV |= {"PYTHONPATH": os.getcwd()}
HOG_S, LOAD_S, DRAWN_S, SETTLED_S = (0.5, 0.5, 0.5, 0.5) if SHORT else (30.0, 60.0, 20.0, 3.0)
TIMES, STARTS = (2, 1) if SHORT else (120, 2)
BEND = ("--set", "master.tune_hz=480")  # A4 then has a period of 100 frames: a change shows at once
SLIDE = ("--mpe", "15", "--set", "mod1.source=slide", "--set", "mod1.target=latent.1", "--set", "mod1.amount=0.5")


def tell(name: str, **figures) -> None:
    print(json.dumps({"name": name, **figures}), flush=True)


def hog(period: int, voices: int = 8) -> None:
    """In a process of its own under the server of ENV: see `hogged.py`."""
    from tests.bench.hogged import play_hogged

    tell("hog", **play_hogged(period, voices, HOG_S))


def _play(env, *args):
    return subprocess.Popen([sys.executable, "-m", "synth", "play", "--no-gui", *args], env=env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL)


def percentiles(frames) -> dict:
    """Figures of latencies in frames of 48 kHz: how many, and in ms."""
    ms = np.array(frames) / 48.0
    return {"n": len(ms), "p1_ms": round(float(np.percentile(ms, 1)), 2), "median_ms": round(float(np.median(ms)), 2),
            "p99_ms": round(float(np.percentile(ms, 99)), 2), "spread_ms": round(float(np.percentile(ms, 99) - np.percentile(ms, 1)), 2)}


def latency() -> None:
    """Note to sound and CC to changed sound, on the probe's clock: JACK's own transport both ways is within."""
    from .probe import Probe

    rng = np.random.default_rng(0)
    probe = Probe()
    probe.connect()
    time.sleep(0.5)
    starts = np.cumsum(rng.integers(7200, 12000, TIMES))
    events = [e for s in starts for e in ((s, (144, 69, 100)), (s + 4800, (128, 69, 0)))]
    sent = probe.play(events)[::2]
    _until(probe, sent[-1] + 24000)
    sound = probe.record["sound"][0]
    tell("note to sound", **percentiles([int(np.flatnonzero(np.abs(sound[f:f + 9600]) > 1e-5)[0]) for f in sent]))
    moves = [(4800, (144, 69, 100))] + [(24000 + int(s), (176, 1, 127 if i % 2 == 0 else 0)) for i, s in enumerate(starts)]
    sent = probe.play(moves)[1:]
    _until(probe, sent[-1] + 24000)
    change = np.abs(sound[100:] - sound[:-100])
    tell("CC to changed sound", **percentiles([int(np.flatnonzero(change[f - 100:f + 9600] > 1e-4)[0]) for f in sent]))
    probe.close()


def mpe() -> None:
    """An MPE slide to the changed sound of its note, on the probe's clock; a second note is held and does not move."""
    from .probe import Probe

    rng = np.random.default_rng(1)
    probe = Probe()
    probe.connect()
    time.sleep(0.5)
    starts = np.cumsum(rng.integers(7200, 12000, TIMES))
    moves = [(4800, (145, 69, 100)), (4800, (146, 81, 60))]
    moves += [(24000 + int(s), (177, 74, 127 if i % 2 == 0 else 0)) for i, s in enumerate(starts)]
    sent = probe.play(moves)[2:]
    _until(probe, sent[-1] + 24000)
    sound = probe.record["sound"][0]
    change = np.abs(sound[100:] - sound[:-100])
    tell("MPE slide to changed sound", **percentiles([int(np.flatnonzero(change[f - 100:f + 9600] > 1e-4)[0]) for f in sent]))
    probe.close()


def _until(probe, frame: int) -> None:
    while probe.frame < frame:
        time.sleep(0.1)


def slider() -> None:
    """A slider's move in the process to its changed sound in what is recorded."""
    from synth import paths
    from synth.events import note_on
    from synth.patch import preset_file
    from synth.session.session import Session

    player = Session(preset_file.load(paths.find_preset("Init")))
    player.set_param("master.tune_hz", 480.0)
    player.post(note_on(69))
    time.sleep(1)
    found = []
    for i in range(TIMES):
        began = player.engine.recorded
        clock_frame, clock_s = player.engine.clock()
        frame = clock_frame + (player.output.time_s() - clock_s) * 48000
        player.set_param("osc.position", 1.0 - i % 2)
        time.sleep(0.1 + 0.0007 * i)
        x, last, _ = player.engine.recording(began - 4800)
        change = np.flatnonzero(np.abs(x[100:, 0] - x[:-100, 0]) > 1e-4)
        first = last - len(x) + 100 + change[change + last - len(x) + 100 > frame][0]
        found.append(first - frame + 128)  # and a period until it is heard
    tell("slider to changed sound", **percentiles(found))
    player.close()


def osc() -> None:
    """A note and a knob by OSC over a real socket, from the sending to the sound in what is recorded, and a period until it is heard."""
    from socket import AF_INET, SOCK_DGRAM, socket

    from synth import paths
    from synth.patch import preset_file
    from synth.ports.osc_packets import message_bytes
    from synth.ports.osc_port import OscAddress
    from synth.session.session import Session

    player = Session(preset_file.load(paths.find_preset("Init")), osc=OscAddress(port=0), keep=False)
    player.set_param("master.tune_hz", 480.0)
    sender, place, engine = socket(AF_INET, SOCK_DGRAM), ("127.0.0.1", player.osc.port.port), player.engine

    def measure(packet, changed, i):
        began, (frame, clock_s) = engine.recorded, engine.clock()
        sent = frame + (player.output.time_s() - clock_s) * 48000
        sender.sendto(packet, place)
        time.sleep(0.1 + 0.0007 * i)
        x, last, _ = engine.recording(began - 4800)
        at = last - len(x) + 100 + np.flatnonzero(changed(x[:, 0]))
        return at[at > sent][0] - sent + 128

    found: dict[str, list] = {"OSC note to sound": [], "OSC knob to changed sound": []}
    for i in range(TIMES):
        time.sleep(0.2)
        on, move = message_bytes("/note/on", 69, 0.8), message_bytes("/param/osc.position", (i + 1) % 2)
        for times, packet, back in zip(found.values(), (on, move), (0.0, 1.0), strict=True):
            times.append(measure(packet, lambda x, back=back: np.abs(x[100:] - back * x[:-100]) > 1e-4 * max(back, 0.1), i))
        sender.sendto(message_bytes("/note/off", 69), place)
    for name, times in found.items():
        tell(name, **percentiles(times))
    player.close()


def load(env) -> None:
    """Processor time and memory of the terminal view with 16 voices held."""
    process = _play(env, *BEND)
    _wait_for_ports(env)
    keys = subprocess.Popen([sys.executable, "tests/ports/jack_keys.py", "latentwave:midi_in"], env=env, stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL, text=True)
    keys.stdin.write("".join(f"0.02 144 {40 + 2 * i} 100\n" for i in range(16)))
    keys.stdin.flush()
    time.sleep(SETTLED_S)
    before, began = _cpu_s(f"/proc/{process.pid}/stat"), time.monotonic()
    time.sleep(LOAD_S)
    spent, seconds = _cpu_s(f"/proc/{process.pid}/stat") - before, time.monotonic() - began
    tell("16 voices for a minute", cpu_percent=round(100 * spent / seconds, 2), pss_mb=round(pss_bytes(process.pid) / 1e6, 1),
         anonymous_mb=round(pss_bytes(process.pid, "Pss_Anon") / 1e6, 1), of_it_the_servers_mb=round(_server_bytes(process.pid) / 1e6, 1))
    keys.stdin.close()
    keys.wait(10)
    servers.end(process, 10)


def terminal() -> None:
    """Processor time of the terminal view's own thread; the rest of the process renders and decodes."""
    from tests.gui.pseudoterminal import Terminal

    with tempfile.TemporaryDirectory() as folder:
        view = Terminal(Path(folder))
        try:
            view.wait(lambda: "decode age" in view.screen, "first picture")
            before, began = _thread_s(view.process.pid), time.monotonic()
            view.wait(lambda: time.monotonic() > began + DRAWN_S, "end of the measure")
            tell("terminal view at rest", cpu_percent=round(100 * (_thread_s(view.process.pid) - before) / (time.monotonic() - began), 2))
        finally:
            view.close()


def _cpu_s(stat: str) -> float:
    """Processor time of a process or thread by its `stat` of /proc (proc(5): utime and stime)."""
    fields = Path(stat).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _thread_s(pid: int) -> float:
    """Processor time of a process's first thread."""
    return _cpu_s(f"/proc/{pid}/task/{pid}/stat")


def pss_bytes(pid: int, part: str = "Pss") -> int:
    """Proportional set size of a process, or a part of it as the system names it."""
    return 1024 * int(re.search(rf"^{part}:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M).group(1))


def _server_bytes(pid: int) -> int:
    """What is counted for a process of the JACK server's own memory, which libjack locks into every real-time client."""
    maps = Path(f"/proc/{pid}/smaps").read_text()
    return 1024 * sum(int(kb) for kb in re.findall(r"/dev/shm/jack[^\n]*\n(?:(?!Pss:).*\n)*?Pss:\s+(\d+)", maps))


def _wait_for_ports(env) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if "latentwave:midi_in" in subprocess.run(["jack_lsp"], env=env, capture_output=True, text=True).stdout:
            return
        time.sleep(0.1)


def _inside(env, call: str) -> None:
    subprocess.run([sys.executable, "-c", f"from tests.bench import live; live.{call}"], env=env, check=True)


def start_up(env) -> None:
    """From the command to the first block, everything compiled."""
    for _ in range(STARTS):
        began = time.monotonic()
        process = _play(env)
        _wait_for_ports(env)
        seconds = time.monotonic() - began
        servers.end(process, 10)
    tell("play --no-gui to first block, warm", seconds=round(seconds, 2))


NAMES = ("start", "latency", "mpe", "slider", "osc", "load", "terminal", "hog")


def main(wanted: list[str]) -> None:
    """Run the named figures, all by default."""
    if unknown := set(wanted) - set(NAMES):
        sys.exit(f"no figure named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    wanted = wanted or list(NAMES)
    if "terminal" in wanted:
        terminal()
    with servers.jackd(ENV) as env:
        if "start" in wanted:
            start_up(env)
        for name, how in (("latency", BEND), ("mpe", (*BEND, *SLIDE))):
            if name in wanted:
                process = _play(env, *how)
                _wait_for_ports(env)
                _inside(env, f"{name}()")
                servers.end(process, 10)
        for name in ("slider", "osc"):
            if name in wanted:
                _inside(env, f"{name}()")
        if "load" in wanted:
            load(env)
        if "hog" in wanted and not SHORT:
            _inside(env, "hog(128)")
    if "hog" in wanted:
        with servers.jackd(ENV, period=64) as env:
            for call in ("hog(64)", "hog(64, 64)")[-1 if SHORT else 0:]:  # the longest way through
                _inside(env, call)


if __name__ == "__main__":
    sys.exit(servers.measure(lambda: main(sys.argv[1:])))
