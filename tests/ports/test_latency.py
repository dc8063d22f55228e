"""Every note starts at its own timbre, whatever the block and whoever posts it, and the take is rendered again to the sample."""

import numpy as np
import pytest

from synth.engine.engine import Engine
from synth.events import Event, control, note_off, note_on
from synth.patch.patch import Patch, with_param
from synth.ports.latency import delays_for, logged
from synth.render.offline import Offline
from synth.timbres.decode_worker import Decoder
from synth.timbres.source_cache import SourceCache

SR_HZ = 48000
OWN_POINTS = {"mod1.source": "velocity", "mod1.target": "latent.1", "mod1.amount": 0.8, "mod2.source": "lfo1", "mod2.target": "latent.2",
              "mod2.amount": 0.5, "lfo1.rate_hz": 3.0, "mod3.source": "wheel", "mod3.target": "latent.3", "mod3.amount": 0.7}


def own_points() -> Patch:
    """A patch in which velocity, an LFO and the wheel give each voice a point of its own."""
    patch = Patch(name="own points")
    for name, value in OWN_POINTS.items():
        patch = with_param(patch, name, value)
    return patch


def played(seconds: float, rng: np.random.Generator) -> list[tuple[int, Event]]:
    """(frame of its stamp, event): notes and the wheel, some at the same moment."""
    rows: list[tuple[int, Event]] = []
    for frame in np.sort(rng.integers(2000, int(seconds * SR_HZ) - 24000, 30)):
        note = int(rng.integers(36, 84))
        rows += [(int(frame), control(1, float(rng.integers(0, 128)))), (int(frame), note_on(note, float(rng.uniform(0.2, 1.0)))),
                 (int(frame) + 4000, note_off(note))]
    return sorted(rows, key=lambda row: row[0])


def live(block: int, delays, producer: str, rows, n_frames: int):
    """As a host plays it: JACK's events posted at the start of their block, others as the block after theirs begins, a poll old."""
    engine = Engine(SR_HZ, event_latency_frames=delays.event, decode_latency_frames=delays.decode, prefetch_frames=delays.prefetch)
    decoder = Decoder(engine)
    loaded, _, _ = SourceCache(decoder, None, None, None).load(own_points())
    decoder.begin(loaded)
    out, log, at = [], [], 0
    while engine.frame < n_frames:
        seen = engine.frame + block if producer == "jack" else engine.frame + 48
        while at < len(rows) and rows[at][0] < seen:
            engine.post(rows[at][1], producer, rows[at][0] + (delays.event if producer == "jack" else delays.posted))
            at += 1
        out.append(engine.process(block))
        log += engine.take_log()
        decoder.pump()
    return np.concatenate(out), log, engine.snapshot()


@pytest.mark.parametrize(("block", "producer"), [(64, "jack"), (128, "jack"), (1024, "jack"), (100, "jack"), (128, "midi"), (441, "midi"),
                                                 (1024, "midi")])
def test_no_note_starts_late_and_the_take_is_repeated(block, producer):
    delays = delays_for(block, SR_HZ)
    rows = played(1.5, np.random.default_rng(block))
    sound, log, told = live(block, delays, producer, rows, int(1.5 * SR_HZ))
    assert (told["late_events"], told["late_decodes"], told["late_starts"]) == (0, 0, 0)
    assert told["decodes"] > 200 and np.abs(sound).max() > 0.05
    again = Offline(own_points(), log, decode_latency_frames=delays.decode, prefetch_frames=delays.prefetch).read(len(sound))
    assert np.array_equal(again, sound)


def test_one_block_is_the_delay_of_jack():
    assert [delays_for(n, SR_HZ).event for n in (32, 64, 128, 256, 1024)] == [128, 128, 128, 256, 1024]


def test_a_foreign_header_cannot_break_the_engine():
    for told in (None, "128", True, -32, 100, 1 << 20, 1.5):
        assert logged({"look_ahead_frames": told}, "look_ahead_frames", 128, 128) == 128
    assert logged({"look_ahead_frames": 1024}, "look_ahead_frames", 128, 128) == 1024
