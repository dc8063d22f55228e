"""Events land on their sample, and the samples do not depend on the host's block size."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.engine.constants import COUNTER, EVENT_RING
from synth.engine.worker_side import load_counter
from synth.events import Event, Kind, bend, control, note_off, note_on, set_corner, set_param
from synth.patch.patch import Patch
from synth.render.offline import Offline, blocks

from .late import take
from .sounds import INIT, saw, soft

SONG = [(137, note_on(48)), (5000, control(1, 90)), (9001, bend(0.3)), (12345, note_on(55)), (15000, note_off(48)),
        (16000, control(17, 100)), (20000, Patch(params={"filter.type": 2.0, "filter.cutoff_hz": 900.0})), (23001, note_on(79, 1.0)),
        (30000, note_off(55)), (30000, control(64, 127)), (31000, note_off(79)), (40000, control(64, 0))]


def song(blocksize, source=None, seconds=1.0):
    player = Offline(INIT, SONG, source=source or soft())
    return np.concatenate(list(blocks(player, int(seconds * 48000), blocksize)))


@pytest.mark.parametrize("blocksize", [1, 64, 100, 512, 2048])
def test_same_samples_at_any_block_size(blocksize):
    seconds = 0.35 if blocksize == 1 else 1.0
    expected = song(128, seconds=seconds)
    assert np.abs(expected).max() > 0.05
    assert np.array_equal(song(blocksize, seconds=seconds), expected)


@pytest.mark.parametrize("frame", [0, 1, 31, 32, 100, 127, 128, 4097])
def test_a_note_starts_on_its_sample(frame):
    patch = Patch(params={"osc.phase_cycles": 0.25})
    x = Offline(patch, [(frame, note_on(60))], source=saw()).read(frame + 4800)
    first = int(np.flatnonzero(np.abs(x[:, 0]) > 0)[0])
    assert first == frame


def test_a_note_sounds_the_same_wherever_it_starts():
    def note(frame):
        return Offline(INIT, [(frame, note_on(60)), (frame + 2001, note_off(60))], source=saw()).read(frame + 4000)[frame:]

    assert np.array_equal(note(512), note(4096))
    assert np.abs(note(4097) - note(4096)).max() < 1e-5


def test_a_held_note_keeps_its_phase_for_a_minute():
    from synth.timbres.source import WavetableSource

    cycle = np.sin(2 * np.pi * np.arange(2048) / 2048)
    player = Offline(INIT, [(0, note_on(69))], source=WavetableSource("sine", cycle[None]))
    player.read(60 * 48000)
    x = player.read(4800)[:, 0].astype(float)
    t = (60 * 48000 + np.arange(4800)) / 48000 * 440
    phase = np.angle(x @ np.exp(-2j * np.pi * t)) / (2 * np.pi) + 0.25
    assert abs(phase - round(phase)) < 1e-4


_EVENTS = st.one_of(
    st.builds(note_on, st.integers(0, 127), st.floats(0, 1)), st.builds(note_off, st.integers(0, 127)),
    st.builds(control, st.integers(0, 127), st.integers(0, 127).map(float), st.integers(0, 15)),
    st.builds(bend, st.floats(-1, 1), st.integers(0, 15)),
    st.builds(set_param, st.sampled_from(["osc.position", "filter.resonance", "amp.sustain"]), st.floats(0, 1)),
    st.builds(set_param, st.just("filter.type"), st.integers(0, 5).map(float)),
    st.builds(set_param, st.just("filter.cutoff_hz"), st.floats(20, 20000)),
    st.builds(set_corner, st.sampled_from("ABCD"), st.integers(0, 3), st.floats(-10, 10)),
    st.builds(Event, st.sampled_from([Kind.PRESSURE, Kind.KEY_PRESSURE, Kind.PROGRAM]), st.integers(0, 127), st.floats(0, 127)))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 9000), _EVENTS), max_size=60))
def test_nothing_that_is_played_breaks_the_sound(events):
    player = Offline(INIT, events, source=saw())
    x = player.read(10000)
    snapshot = player.engine.snapshot()
    assert np.isfinite(x).all() and np.abs(x).max() <= 1.0
    assert snapshot["bad_samples"] == 0 and snapshot["late_events"] == 0 and snapshot["late_decodes"] == 0


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("seed", range(4))
def test_a_take_with_late_decodes_can_be_repeated(seed, share):
    """The worker answers when it pleases, also where models change; the log tells when, and a render from it is the same to the sample."""
    rng = np.random.default_rng(seed)
    source_cache = Offline(INIT).source_cache
    patches = [source_cache.moved(Patch(params={"osc.position": float(x)}), name)
               for x, name in zip(rng.random(6), ["akwf-32", "akwf-16", "akwf-8"] * 2, strict=True)]
    frames = [int(f) for f in np.sort(rng.integers(200, 40000, 60))]
    moves = [(f, control(1, int(v))) for f, v in zip(frames, rng.integers(0, 128, 60), strict=True)]
    events = [(100, note_on(48)), *moves, *zip(frames[5:60:10], patches, strict=True)]
    x, log, found = take(INIT, events, 51200, rng, share=share)
    assert found["late_decodes"] > 0
    assert np.array_equal(x, Offline(INIT, log, block_products=0).read(len(x)))


def test_events_that_are_posted_together_take_effect_together_or_not_at_all():
    player = Offline(INIT, (), source=saw())
    engine = player.engine
    seen, stop = set(), threading.Event()

    def watch():  # as the audio thread does: what has been published, at any moment
        while not stop.is_set():
            seen.add(load_counter(engine._counters, COUNTER["sync_head"]))

    thread = threading.Thread(target=watch)
    thread.start()
    tuning = [Event(Kind.KEY_PITCH, key, key + 0.3) for key in range(128)]
    try:
        posted = [engine.post_together(tuning, "sync", 0) for _ in range(EVENT_RING // 128)]
    finally:
        stop.set()
        thread.join()
    assert all(posted) and {head % 128 for head in seen} == {0}, "a part of them was seen alone"
    assert not engine.post_together(tuning[:1], "sync", 0)
    player.read(128)
    for _ in range(EVENT_RING // 128):  # as many as there is room for, and none where there is room for a part
        engine.post_together(tuning, "sync", engine.frame + 100000)
    assert not engine.post_together(tuning, "sync", 0) and load_counter(engine._counters, COUNTER["sync_head"]) % 128 == 0
