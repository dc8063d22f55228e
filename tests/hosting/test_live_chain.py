"""The chain while it plays: what its child's death, slowness and foreign hands cost. By the clock that runs where there is no device."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth.engine.constants import QUANTUM
from synth.engine.engine import Engine
from synth.engine.insert_layout import CHUNK, DONE, FADE, NEVER, VALID
from synth.errors import UserError
from synth.events import note_on
from synth.hosting import host
from synth.hosting.host import EffectsHost
from synth.hosting.words import parse_effect
from synth.patch.hosted_effect import HostedEffect
from synth.patch.patch import Patch
from synth.session.session import Session
from synth.timbres.decode_worker import Decoder
from synth.timbres.source_cache import SourceCache
from tests.bench import SHORT
from tests.engine.sounds import click_db, saw
from tests.servers import LIMIT_S

from .own_plugins import build_plugin

WAY = 2 * CHUNK
SINES = Patch(params={"osc.level_db": -20.0, "filter.type": 1.0, "filter.cutoff_hz": 600.0})


def wait_until(true, limit_s=LIMIT_S):
    deadline = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


class Player:
    """An engine with a live chain, whose blocks are rendered by the test: as many as it likes between two looks."""

    def __init__(self, *effects, notes=range(40, 72, 2)):
        self.engine = Engine()
        self.decoder = Decoder(self.engine)
        cache = SourceCache(self.decoder, source=saw())
        self.decoder.begin(cache.load(cache.adopt(SINES))[0])
        for i, note in enumerate(notes):
            self.engine.post(note_on(note, 60), "window", 100 + 7 * i)
        self.told = []
        self.host = EffectsHost(self.engine, WAY, self.told.append)
        self.host.set_rows(effects, wait_s=LIMIT_S)
        self.heard, self.slowest_s = [], 0.0

    def play(self, n_blocks, until=lambda: False):
        """Blocks, each when what went before is back or its time has passed. Answers how many."""
        for n in range(n_blocks):
            began_s = time.thread_time()  # of the processor: what else the machine does is not ours
            self.heard.append(self.engine.process(CHUNK))
            self.slowest_s = max(self.slowest_s, time.thread_time() - began_s) if len(self.heard) > 400 else 0.0
            self.decoder.pump()
            deadline = time.monotonic() + CHUNK / self.engine.sr_hz
            while time.monotonic() < deadline and (self.host.heads[1][8] < self.host.heads[1][0] or not self.host.pid):
                time.sleep(0.0002)
            if until():
                return n + 1
        return n_blocks

    def sound(self):
        return np.concatenate(self.heard)

    @property
    def wet(self):
        return float(self.engine.inserts[1]["wet"]) == 1.0


@pytest.fixture
def player(home):
    made = []

    def make(*effects, **settings):
        made.append(Player(*effects, **settings))
        return made[-1]

    yield make
    for each in made:
        each.host.close()


def is_back(p):
    """Whether what comes back is of the chain that was opened last."""
    head = p.host.heads[1]
    return head[DONE] >= head[VALID] and p.host.pid


@pytest.mark.parametrize("n_kills", [5, pytest.param(1 if SHORT else 20, marks=pytest.mark.soak, id="soak")])
def test_killed_while_sixteen_voices_play_it_is_dry_without_a_gap_and_each_time_soon_back(player, n_kills):
    """How soon is told in the engine's time, which stands still while the machine is with others."""
    chain = [parse_effect("Gain,gain_db=-3"), parse_effect("Compressor,threshold_db=-30"), parse_effect("Reverb,room_size=0.8")]
    dry = Player(notes=range(40, 72, 2))
    dry.play(400)
    p = player(*chain)
    p.play(400)
    assert p.wet and not p.told[1:]
    away_s = []
    for _ in range(n_kills):
        pid = p.host.pid
        os.kill(pid, signal.SIGKILL)
        p.play(20, until=lambda: p.host.heads[1][VALID] == NEVER)
        away_s.append(p.play(3000, until=lambda: is_back(p)) * CHUNK / p.engine.sr_hz)
        p.play(6000, until=lambda: p.wet)
        p.play(60)
    x = p.sound()
    print(f"away {max(away_s):.2f} s, clicks {click_db(x[20000:]):.1f} dBFS (dry {click_db(dry.sound()[20000:]):.1f}), "
          f"slowest block {1000 * p.slowest_s:.2f} ms of processor")
    assert p.host.restarts == n_kills and max(away_s) < 1.5, away_s
    assert p.slowest_s < CHUNK / p.engine.sr_hz, "our own block is never late"
    assert click_db(x[20000:]) < max(-80.0, click_db(dry.sound()[20000:]) + 3)
    level = np.sqrt((x[20000:].reshape(-1, 2)[: (len(x) - 20000) // 480 * 480].reshape(-1, 480, 2) ** 2).mean((1, 2)))
    assert level.min() > 0.2 * np.median(level)  # never a gap
    room = {row["name"]: row["value"] for row in p.host.statuses[chain[2].key].params}["room_size"]
    assert abs(room - 0.8) < 1e-6


def test_the_fade_to_our_own_sound_hears_the_end_coming(player):
    p = player(parse_effect("Gain,gain_db=-60"))
    p.play(300)
    assert p.wet
    before = len(p.sound())
    os.kill(p.host.pid, signal.SIGSTOP)  # not dead, but late
    p.play(20)
    assert not p.wet and p.host.late > 0
    x = p.sound()[before - 256:]
    assert click_db(x) < -80
    assert np.abs(x[-CHUNK:]).max() > 0.02  # ours, at full level


@pytest.fixture
def own(tmp_path):
    pytest.importorskip("minihost", reason="needs minihost")
    return lambda kind, **settings: HostedEffect(f"lv2:{kind}", file=str(build_plugin(tmp_path / kind, kind)), **settings)


@pytest.mark.parametrize(("kind", "words"), [("Fails_later", "ends the process"), ("Stops_later", "hangs")])
def test_a_plug_in_that_fails_again_and_again_is_left_out_and_the_rest_plays(player, own, kind, words):
    bad, gain = own(kind), parse_effect("Gain,gain_db=-60")
    p = player(gain, bad)
    p.play(300)
    assert p.wet
    p.host.set_rows((gain, replace(bad, params={"gain": 1.0})))
    p.play(20000, until=lambda: "left out" in p.host.statuses[bad.key].why)
    assert words in p.host.statuses[bad.key].why
    p.play(20000, until=lambda: p.wet and p.host.statuses[gain.key].ok)
    p.play(20)
    assert np.abs(p.sound()[-CHUNK:]).max() < 0.01 and np.isfinite(p.sound()).all()


@pytest.mark.parametrize(("kind", "words"), [("Fails_opening", "ends the process"), ("Stops_opening", "hangs")])
def test_a_plug_in_that_fails_while_it_is_opened_is_blamed_itself(player, own, monkeypatch, kind, words):
    """A good one until a file lies beside its bundle: then its process starts anew, and only it is left out."""
    monkeypatch.setattr(host, "_OPENS_S", 1.0)
    bad, gain = own(kind), parse_effect("Gain,gain_db=-60")
    p = player(gain, bad)
    p.play(300)
    assert p.wet and p.host.statuses[bad.key].ok
    (Path(bad.file).parent / "fail").touch()
    os.kill(p.host.pid, signal.SIGKILL)
    p.play(20000, until=lambda: "left out" in p.host.statuses[bad.key].why)
    assert words in p.host.statuses[bad.key].why
    p.play(20000, until=lambda: p.wet and p.host.statuses[gain.key].ok)
    p.play(20)
    assert np.abs(p.sound()[-CHUNK:]).max() < 0.01


def test_bypass_wet_order_and_what_comes_and_goes_click_nowhere(player):
    low, soft = parse_effect("LowpassFilter,cutoff_frequency_hz=300"), parse_effect("Gain,gain_db=-20")
    p = player(low)
    p.play(200)
    for rows in ((low, soft), (replace(low, bypass=True), soft), (low, replace(soft, wet=0.3)), (soft, low), (soft,), (),
                 (replace(soft, place="before"), low)):
        p.host.set_rows(rows, wait_s=LIMIT_S)
        p.play(120)
    assert click_db(p.sound()[20000:]) < -80


def test_what_the_child_scribbles_into_shared_memory_is_never_heard(player):
    p = player(parse_effect("Gain,gain_db=0"))
    p.play(200)
    os.kill(p.host.pid, signal.SIGSTOP)
    p.host.heads[1][8] = 1 << 60  # everything is back, it says
    for insert in p.engine.inserts:
        assert insert["running"] in (0, 1)
    p.play(40)
    p.host.heads[1][[8, 16, 24]] = -(1 << 61)
    p.play(40)
    assert np.isfinite(p.sound()).all() and np.abs(p.sound()).max() < 1.0
    assert FADE % QUANTUM == 0


def test_the_session_plays_edits_undoes_and_saves_a_chain(home, tmp_path):
    session = Session(Patch(name="Mine"), device="none", midi="none", source=saw(), keep=False)
    try:
        session.add_effect("Gain,gain_db=-6")
        session.add_effect("Reverb")
        wait_until(lambda: session.chain.host and all(session.chain.status(row).ok for row in session.effects))
        wait_until(lambda: session.engine.inserts[1]["wet"] == 1.0)
        assert session.chain.latency_frames == WAY
        session.set_effect_param(1, "room_size", 0.9)
        session.move_effect(1, 0)
        assert [row.name for row in session.effects] == ["Reverb", "Gain"]
        session.undo().result(LIMIT_S)
        assert [row.name for row in session.effects] == ["Gain", "Reverb"] and session.effects[1].params == {"room_size": 0.9}
        session.set_effect(1, bypass=True, wet=0.5, place="before")
        with pytest.raises(UserError, match="wet is 0 to 1"):
            session.set_effect(1, wet=2.0)
        with pytest.raises(UserError, match="no effect 3"):
            session.set_effect(2, wet=1.0)
        session.save_as("Chained").result(LIMIT_S)
        session.remove_effect(0)
        wait_until(lambda: len(session.chain.host.rows) == 1)
        session.load_preset("Chained").result(LIMIT_S)
        wait_until(lambda: len(session.chain.host.rows) == 2)
        assert session.effects[1].params == {"room_size": 0.9}
        assert (session.effects[1].bypass, session.effects[1].wet, session.effects[1].place) == (True, 0.5, "before")

        def later():
            return [sentence for sentence in session.messages if "ms later" in sentence]

        both = 2 * WAY  # before our effects and behind
        wait_until(lambda: session.chain.latency_frames == both and f"{both / 48:.1f} ms" in later()[-1])
        time.sleep(0.3)  # if that was said of the chain before, what is still to be said of this one
        told = later()
        session.load_preset("Init").result(LIMIT_S)
        wait_until(lambda: not session.chain.host or not session.chain.host.rows and session.chain.latency_frames == 0)
        time.sleep(0.3)
        assert later() == told, "no plug-in, no word of it"
    finally:
        session.close()


def test_a_setting_that_is_taken_away_again_is_as_it_was_before(player):
    plain = parse_effect("Gain,gain_db=0")
    plain = replace(plain, params={})  # 1 dB by itself
    p = player(plain)
    p.play(300)
    level = lambda: float(np.abs(p.sound()[-40 * CHUNK:]).max())  # noqa: E731 - a measure
    usual = level()
    p.host.set_rows((replace(plain, params={"gain_db": -30.0}),), wait_s=LIMIT_S)
    p.play(120)
    assert level() < 0.1 * usual
    assert p.host.statuses[plain.key].params[0]["text"] == "-30 dB"
    p.host.set_rows((plain,), wait_s=LIMIT_S)
    p.play(120)
    assert abs(20 * np.log10(level() / usual)) < 3, "undone"
    assert p.host.read_text(plain.key, "gain_db", "-18 dB") == pytest.approx(0.5)
    with pytest.raises(UserError, match="Gain"):
        p.host.read_text(plain.key, "gain_db", "loud")
    assert not p.host.late or p.host.late < 20
