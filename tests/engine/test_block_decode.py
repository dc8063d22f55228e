"""Decodes in the block that asks: heard at once, never late, no more than a tick may spend, and the same in every take."""

import numpy as np
import pytest

from synth.engine.constants import QUANTUM, TICK
from synth.engine.engine import DECODE_LATENCY_FRAMES
from synth.events import bend, control, note_off, note_on, set_corner, set_param
from synth.patch.patch import Patch
from synth.render.offline import Offline, blocks
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from tests.known import between, known_sounds

from .late import take
from .sounds import INIT, SR_HZ
from .test_own_latents import levels, slot, whole

MOVING = Patch(params={**slot(1, "lfo1", "latent.1", 0.4), **slot(2, "random", "lfo1.rate_hz", 0.3), "lfo1.rate_hz": 4.0,
                       "osc.level_db": -18.0})
SIX = 1_500_000  # multiplications: six spectra of middle register, three of bass
CHORD = [(10 + 61 * i, note_on(40 + 2 * i, 0.8)) for i in range(12)]


@pytest.fixture(scope="module")
def model():
    return ModelSource(open_model("akwf-16"))


def changed_at(frame, **how):
    """Frames from a turn of the mod wheel to the first sample that it changes."""
    rows = [(100, note_on(57, 0.8))]
    still = Offline(INIT, rows, **how).read(14400)
    moved = Offline(INIT, [*rows, (frame, control(1, 100))], **how).read(14400)
    return int(np.flatnonzero((still != moved).any(1))[0]) - frame


@pytest.mark.parametrize("frame", [9600, 9610, 9700])
def test_a_wheel_is_heard_from_the_next_tick_on(frame):
    here, by_worker = changed_at(frame), changed_at(frame, block_products=0)
    assert -QUANTUM < here <= TICK  # an event counts from the quantum that holds it on
    assert by_worker == here + DECODE_LATENCY_FRAMES


def test_it_sounds_as_by_the_worker_once_at_rest(model):
    """Latents, the morph and named directions: in the end the same sound but for rounding."""
    patch = Patch(params={"osc.position": 0.3, "direction.1": 0.6, "latent.2": 0.4})
    rows = [(100, note_on(45, 0.8)), (5000, control(1, 90)), (6000, control(16, 90))]
    here, by_worker = (Offline(patch, rows, source=model, block_products=n) for n in (SIX, 0))
    a, b = here.read(24000), by_worker.read(24000)
    assert np.abs(a[:4960] - b[:4960]).max() < 1e-6 and np.abs(a[5200:9000] - b[5200:9000]).max() > 1e-3
    assert np.abs(a[12000:] - b[12000:]).max() < 1e-5 * np.abs(a).max()
    assert not here.engine._s["rings"]["request_head"] and by_worker.engine._s["rings"]["request_head"] > 3


def test_a_followed_path_is_decoded_here_and_that_of_edited_corners_by_the_worker(model):
    """The same sound at rest, and another than on the straight line. An edit of a corner parts them: its path has to be found."""
    known = known_sounds(model)
    patch = between(known[12], known[13], osc_follow=0.8, osc_position=0.4)
    rows = [(100, note_on(45, 0.8)), (9600, set_param("osc.position", 0.6))]
    here, by_worker = (Offline(patch, rows, source=model, block_products=n) for n in (SIX, 0))
    straight = Offline(between(known[12], known[13], osc_position=0.4), rows[:1], source=model).read(9000)
    a, b = here.read(24000), by_worker.read(24000)
    assert not here.engine._s["rings"]["request_head"] and by_worker.engine._s["rings"]["request_head"] > 3
    for part in (slice(4000, 9500), slice(16000, 24000)):
        assert np.abs(a[part] - b[part]).max() < 1e-5 * np.abs(a).max()
    assert np.abs(a[4000:9000] - straight[4000:]).max() > 1e-3, "it goes straight"
    edited = Offline(patch, [rows[0], (9600, set_corner("A", 0, float(known[12][0]) + 0.5))], source=model, block_products=SIX)
    edited.read(9600 + 3 * SR_HZ)
    assert edited.engine._s["rings"]["request_head"] > 0


def test_more_voices_than_a_tick_may_spend_go_to_the_worker_and_blocks_are_not_heard(model):
    players = [Offline(MOVING, CHORD, source=model, block_products=SIX) for _ in range(2)]
    a, b = (np.concatenate(list(blocks(player, 38400, size))) for player, size in zip(players, (128, 300), strict=True))
    assert np.array_equal(a, b)
    streams = players[0].engine._s["spectra"]["streams"]
    n_here = int(streams["in_block"][1:][streams["state"][1:] > 0].sum())
    assert 3 <= n_here <= 6 and players[0].engine.snapshot()["late_decodes"] == 0
    assert int(players[0].engine._s["spectra"]["products_left"]) >= 0


@pytest.mark.parametrize("seed", range(3))
def test_a_take_of_both_whose_worker_is_late_can_be_repeated(model, seed):
    rng = np.random.default_rng(seed)
    rows = [*CHORD]
    for make, low, high in ((lambda n: note_on(n, 0.7), 30, 80), (note_off, 30, 80), (lambda n: control(1, n), 0, 128)):
        rows += [(int(f), make(int(n))) for f, n in zip(rng.integers(3000, 36000, 35), rng.integers(low, high, 35), strict=True)]
    rows.sort(key=lambda row: row[0])
    x, log, found = take(MOVING, rows, 38400, rng, source=model, block_products=SIX)
    assert found["late_decodes"] > 0
    assert np.array_equal(x, Offline(MOVING, log, source=model, block_products=SIX).read(len(x)))


def test_timbre_moves_though_the_worker_stands_still(model):
    player = Offline(MOVING, CHORD[:4], source=model)
    player.read(4800)
    player.decoder.pump = lambda: 0
    before = player.engine.snapshot()
    player.read(9600)
    after = player.engine.snapshot()
    assert after["late_decodes"] == 0 and after["decodes"] - before["decodes"] >= 4 * 9600 // TICK - 20


def test_what_a_voice_cannot_sound_is_not_decoded_and_a_bend_brings_it_back(model):
    """A held note's spectrum holds what its pitch lets be heard; bent down an octave, all that is under half the rate is there again."""
    patch = Patch(params={**slot(1, "wheel", "latent.1", 0.3), "bend.range_semitones": 12.0, "osc.level_db": -6.0})
    rows = [(100, note_on(81, 0.8)), (4800, control(1, 100)), (9600, bend(-1.0))]
    found = {}
    for products in (SIX, 0):
        player = Offline(patch, rows, source=model, block_products=products)
        player.read(9500)
        spectra = player.engine._s["spectra"]
        held = [int(spectra["pool"][stream["to"]]["harmonics"]) for stream in spectra["streams"][1:] if stream["state"]]
        x = player.read(48000)[16000:48000, 0].astype(float)
        found[products] = held, levels(x, 440.0)
    (here, a), (full, b) = found[SIX], found[0]
    assert here == [112] and full == [1023]
    heard = b > 1e-4 * b.max()
    assert np.abs(20 * np.log10(a / b))[heard].max() < 0.01


def test_every_place_of_the_pool_comes_back(model):
    rows = [row for i in range(40) for row in ((100 + 700 * i, note_on(40 + i % 30, 0.8)), (900 + 700 * i, note_off(40 + i % 30)))]
    player = Offline(MOVING, sorted(rows, key=lambda row: row[0]), source=model)
    player.read(96000)
    assert whole(player.engine)
