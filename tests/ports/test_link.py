"""Link between two programs of one machine: tempo and beat are heard in an LFO, start and stop are told, a tempo of ours is the other's."""

import importlib.util
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from synth.events import note_on
from synth.params.knobs import PARAMS
from synth.patch.patch import Patch
from synth.ports.link_clock import read_state
from synth.session.session import Session
from tests.servers import child_env, end

from .test_recovery import until

HZ = 48000


class Peer:
    """`link_peer.py` in a process of its own; `rows` is what it has told: float64[n, 4]."""

    def __init__(self, bpm):
        self.process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("link_peer.py")), str(bpm)], env=child_env(),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.rows = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.rows.append([float(x) for x in line.split()])

    def say(self, line):
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()


def pulsing():
    """A sound that is loud in the first half of each beat and silent in the second."""
    values = {"lfo1.shape": "square", "lfo1.sync": "1/4", "lfo1.scope": "global", "mod1.source": "lfo1", "mod1.target": "osc.level_db",
              "mod1.amount": 0.9, "amp.attack_s": 0.001}
    return Patch(params={name: PARAMS[name].parse(value) for name, value in values.items()})


def seconds_of(clock, x, first, last):
    """When the beats of float[n] between two frames are heard, on the monotonic clock. clock: (a frame, when its block of 128 began)."""
    power = np.convolve(x[first:last] ** 2, np.ones(96) / 96, "same")
    loud = power > power.max() / 4
    edges = first + np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    edges = edges[np.diff(edges, prepend=-HZ) > HZ // 10]
    return clock[1] + (edges - clock[0] + 128) / HZ


def test_tempo_beat_and_start_of_a_peer(home, tmp_path):
    if importlib.util.find_spec("link") is None:
        pytest.skip("needs linkpython-extern")
    peer = Peer(97)
    session = Session(pulsing(), device="none", midi="none", keep=False, record=tmp_path / "take.wav",
                      log=tmp_path / "take.jsonl", link=True)
    try:
        if not until(lambda: session.snapshot().sync.startswith("Link: 1 peer"), 60):
            other = Peer(97)
            two_meet = until(lambda: peer.rows[-1][3] > 0, 30)
            end(other.process)
            if not two_meet:
                pytest.skip("needs multicast between programs of this machine")
            pytest.fail("two others find one another, and not us")
        peer.say(131.7)
        assert until(lambda: abs(session.snapshot().tempo_bpm - 131.7) < 0.01)
        peer.say("start")
        session.post(note_on(96, 1.0))  # a period of 23 frames: an edge is told to half a millisecond
        for _ in range(3):
            begun = session.snapshot().frame + HZ
            before = session.engine.clock()
            assert until(lambda begun=begun: session.snapshot().frame > begun + 5 * HZ)
            after = session.engine.clock()
            if abs((after[0] - before[0]) / HZ - (after[1] - before[1])) < 0.001:  # the silent clock was not held up
                break
        else:
            pytest.skip("the sequencer itself was held up: the silent clock stood in three takes")
        session.set_param("clock.tempo_bpm", 88.0)
        assert until(lambda: abs(peer.rows[-1][2] - 88.0) < 0.01), "a tempo of ours is every peer's"
        peer.say("stop")
        assert until(lambda: '"stop"' in (tmp_path / "take.jsonl").read_text())
    finally:
        session.close()
        peer.process.stdin.close()
        end(peer.process)
    x = soundfile.read(tmp_path / "take.wav")[0].sum(1)
    heard_s = seconds_of(after, x, begun, begun + 4 * HZ)
    rows = np.array([r for r in peer.rows if heard_s[0] - 1 < r[0] < heard_s[-1] + 1 and r[2] > 130])
    beats = np.interp(heard_s, rows[:, 0], rows[:, 1])
    off_s = (beats - np.round(beats)) * 60 / 131.7
    bpm = 60 / np.polyfit(np.arange(len(heard_s)), heard_s, 1)[0]
    print(f"tempo {bpm:.4f} of 131.7, phase {1000 * off_s.min():.2f} to {1000 * off_s.max():.2f} ms, {len(heard_s)} beats")
    assert bpm == pytest.approx(131.7, rel=1e-3) and len(heard_s) >= 8
    assert np.abs(off_s).max() < 0.005
    kinds = [json.loads(line)["type"] for line in (tmp_path / "take.jsonl").read_text().splitlines()[1:]]
    assert kinds.count("continue") == 1 and kinds.count("stop") == 1 and kinds.count("position") < 60


@given(st.one_of(st.text(), st.dictionaries(st.sampled_from(["at_s", "beat", "tempo_bpm", "playing", "peers"]), st.one_of(
    st.none(), st.floats(), st.text(max_size=3), st.integers())).map(json.dumps)))
def test_a_line_is_a_state_or_nothing(line):
    state = read_state(line)
    assert state is None or np.isfinite([state.at_s, state.beat, state.tempo_bpm]).all() and state.tempo_bpm > 0
