"""`python -m tests.bench.plugin_chain`: a chain of plug-ins live, through a real JACK server at 128 frames, the GIL held elsewhere.

The chain: compressor, chorus, reverb, and ZamEQ2 (VST3) where it is installed. Prints a line of JSON: chunks sent, those that did not come
back in time, the latency it adds, the child's scheduling, and blocks that the server missed.

`python -m tests.bench.plugin_chain editor`: the same chain without a hog, by turns without and with ZamEQ2's own editor open, while a knob
of it is turned ten times a second: what an open editor costs the sound. Takes 85 s; a line for each turn and one for each sum.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from tests import servers
from tests.bench import SHORT
from tests.bench.gil_hog import hog_the_gil

ENV = {**os.environ, "PYTHONPATH": os.getcwd()}
PLAYED_S = 0.5 if SHORT else 30.0
EDITOR_S, EDITOR_TURNS = (0.5, 1) if SHORT else (17.0, 2)
PERIOD = 128
CHAIN = ("Compressor,threshold_db=-20,ratio=4", "Chorus", "Reverb")
PLUGIN = "vst3:ZamEQ2"


def open_player():
    """(the player under the server of the environment with the chain and eight notes, the words of its effects)."""
    from synth import paths
    from synth.events import note_on
    from synth.hosting.words import parse_effect
    from synth.patch import preset_file
    from synth.session.session import Session

    words = (*CHAIN, *((PLUGIN,) if Path("/usr/lib/vst3/ZamEQ2.vst3").exists() else ()))
    patch = preset_file.load(paths.find_preset("Init"))
    player = Session(replace(patch, effects=tuple(map(parse_effect, words))), blocksize=PERIOD, keep=False)
    chain = player.chain
    deadline = time.monotonic() + servers.LIMIT_S
    while not (chain.host and all(state.ok for state in chain.host.statuses.values()) and player.engine.inserts[1]["wet"] == 1.0):
        if time.monotonic() > deadline:
            sys.exit(f"the chain does not play: {list(player.messages)}")
        time.sleep(0.05)
    for i in range(8):
        player.post(note_on(40 + 3 * i))
    return player, words


def measure() -> None:
    """In a process of its own under the server of ENV: the player, and two threads that never let the GIL go willingly."""
    player, words = open_player()
    chain, head, client = player.chain, player.chain.host.heads[1], player.output.jack
    with hog_the_gil():
        before, late, xruns = int(head[0]), chain.host.late, client.xruns
        time.sleep(PLAYED_S)
        chunks = (int(head[0]) - before) // 128
        late = chain.host.late - late
        scheduled = os.sched_getscheduler(chain.host.pid)
    print(json.dumps({"name": "chain of plug-ins, GIL hog", "effects": words, "period": PERIOD, "chunks": chunks, "late": late,
                      "late_in_10000": round(1e4 * late / max(chunks, 1), 1), "latency_frames": chain.latency_frames,
                      "blocks": round(chain.latency_frames / PERIOD, 2), "child_is_real_time": scheduled == os.SCHED_FIFO,
                      "server_is_real_time": client.realtime, "xruns": client.xruns - xruns}), flush=True)
    player.close()


def measure_editor() -> None:
    """In a process of its own under a server and on a screen: turns without and with an open editor."""
    player, words = open_player()
    index = len(words) - 1
    if words[index] != PLUGIN:
        sys.exit("needs zam-plugins: built-in effects have no editor")
    sums: dict[bool, dict[str, float]] = {with_editor: dict.fromkeys(("chunks", "late", "xruns"), 0) for with_editor in (False, True)}
    for turn in range(2 * EDITOR_TURNS):
        found = watch_turn(player, index, turn % 2 == 1)
        print(json.dumps({"name": f"chain of plug-ins, turn {turn + 1}", "load": round(os.getloadavg()[0], 1), **found}), flush=True)
        for name, n in sums[turn % 2 == 1].items():
            sums[turn % 2 == 1][name] = n + found[name]
    for with_editor, total in sums.items():
        print(json.dumps({"name": f"chain of plug-ins, editor {'open' if with_editor else 'closed'}", "effects": words, "period": PERIOD,
                          **total, "late_in_10000": round(1e4 * total["late"] / max(total["chunks"], 1), 1)}), flush=True)
    player.close()


def watch_turn(player, index: int, with_editor: bool) -> dict:
    """Chunks, those that were late and the server's xruns over EDITOR_S, while a knob is turned. An editor is open before and after."""
    row, host, client = player.effects[index], player.chain.host, player.output.jack
    if with_editor:
        player.toggle_effect_editor(index)
        wait_for_editor(player, row, "open")
        time.sleep(1)
    began_s, before, late, xruns = time.monotonic(), int(host.heads[1][0]), host.late, client.xruns
    n = 0
    while time.monotonic() - began_s < EDITOR_S:
        n += 1
        player.set_effect_unit(index, player.effect_params(row)[0].name, n % 10 / 10)
        time.sleep(0.1)
    found = {"editor": with_editor, "chunks": (int(host.heads[1][0]) - before) // 128, "late": host.late - late,
             "xruns": client.xruns - xruns}
    if with_editor:
        assert player.effect_editors.status(row) == "open", list(player.messages)
        player.toggle_effect_editor(index)
        wait_for_editor(player, row, "")
    return found


def wait_for_editor(player, row, state: str) -> None:
    """Until it is open, or its process is gone."""
    deadline = time.monotonic() + servers.LIMIT_S
    while player.effect_editors.status(row) != state or (not state and player.effect_editors.pid(row)):
        if time.monotonic() > deadline:
            sys.exit(f"the editor does not come or go: {list(player.messages)}")
        time.sleep(0.05)


def main() -> None:
    """Start a server, and for the editor a screen, and measure under it."""
    editor = sys.argv[1:] == ["editor"]
    with contextlib.ExitStack() as stack:
        env = {**ENV, **stack.enter_context(servers.jackd(ENV, period=PERIOD))}
        env = {**env, **stack.enter_context(servers.xvfb(env))} if editor else env
        code = f"from tests.bench.plugin_chain import measure{'_editor' if editor else ''} as run; run()"
        subprocess.run([sys.executable, "-c", code], env=env, check=True)


if __name__ == "__main__":
    sys.exit(servers.measure(main))
