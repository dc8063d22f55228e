"""A sequencer's clock over a real JACK server: the instrument follows it, and the log of the take repeats it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synth.engine.constants import QUANTUM
from synth.events import Kind
from synth.render import event_log
from synth.render.offline import Offline
from tests.engine.sounds import INIT, soft
from tests.servers import LIMIT_S, need

from .test_jack import Play
from .test_recovery import until

CLOCK = Path(__file__).with_name("jack_clock.py")
BPM = 131.0


def take(jack_server, log):
    """Play a live clock to the instrument; the take's events and its clocks' frames."""
    with Play(jack_server, "--log-events", log) as play:
        assert play.process.poll() is None, play.process.stdout.read()
        command = [sys.executable, str(CLOCK), "latentwave:midi_in", str(BPM), "4", "0.002"]
        clock = subprocess.Popen(command, env=jack_server, stdin=subprocess.PIPE)
        assert until(lambda: '"stop"' in log.read_text() or clock.poll() is not None)
        clock.communicate(timeout=LIMIT_S)
    assert clock.returncode == 0
    assert play.process.returncode == 0, play.said
    events = event_log.read(log)[1]
    return events, np.array([f for f, e in events if e.kind == Kind.TICK])


def test_a_live_clock_is_followed(jack_server, tmp_path):
    """A sequencer in Python may be held up on a busy machine: up to three takes, until its own clocks lie within 3 ms of a line.

    They are meant to be off by 2. With none off by more than 3, the worst that was found of late ones in a row is half of what is
    allowed here.
    """
    need("jack_lsp", "jack_connect")
    for attempt in range(3):
        events, ticks = take(jack_server, tmp_path / f"take{attempt}.jsonl")
        kinds = [e.kind for _, e in events]
        assert len(ticks) == round(4 * BPM * 24 / 60) and Kind.START in kinds and Kind.STOP in kinds
        heard = np.polyfit(ticks, np.arange(len(ticks)) / 24, 1)  # the sequencer's own line, from all of its clocks
        off_s = np.abs(np.arange(len(ticks)) / 24 - np.polyval(heard, ticks)).max() * 60 / BPM
        if off_s < 0.003:
            break
    else:
        pytest.skip(f"the sequencer itself was held up for {off_s * 1000:.0f} ms")
    player, found = Offline(INIT, events, source=soft()), []
    while player.engine.frame < ticks[-1]:
        player.read(QUANTUM)
        s = player.engine._s
        found.append((s["transport"]["frame"] - QUANTUM, s["transport"]["tempo_bpm"], s["transport"]["beat"]))
    frames, bpm, beats = np.array(found).T
    late = frames > ticks[0] + 2 * 48000
    behind_s = np.abs(beats - np.polyval(heard, frames))[late].max() * 60 / BPM
    print(f"tempo {bpm[late].min():.3f} to {bpm[late].max():.3f} bpm, phase within {behind_s * 1000:.2f} ms, "
          f"clocks off by {off_s * 1000:.2f} ms")
    assert bpm[late] == pytest.approx(np.full(late.sum(), BPM), rel=2e-3)
    assert behind_s < 3e-3
