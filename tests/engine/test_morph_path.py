"""Morphs that follow their ways while they are played: clean when swung, each voice its own, and a take of it repeats."""

import numpy as np
import pytest

from synth.events import note_off, note_on, set_corner, set_param
from synth.render.offline import Offline
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from tests.known import between, known_sounds
from tests.measures import sound

from .late import take
from .sounds import SR_HZ
from .test_own_latents import levels, lsd, slot

_SOME = 1_500_000  # multiplications a tick: a few spectra where nothing is followed, the worker's part is the rest


@pytest.fixture(scope="module")
def source():
    return ModelSource(open_model("akwf-8"))


@pytest.fixture(scope="module")
def known(source):
    return known_sounds(source)


def patch(known, n, **params):
    """A morph between the n-th and the next known sound."""
    return between(known[n], known[n + 1], **params)


def test_a_swung_position_that_follows_is_clean(source, known):
    """A sine LFO of 5 Hz over the whole way, at n60: most ways add nothing to the straight line's spread; a sharp turn has its own."""
    swing = {**slot(1, "lfo1", "osc.position", 0.5), "osc.position": 0.5, "lfo1.rate_hz": 5.0}

    def swung(n, follow):
        x = Offline(patch(known, n, **swing, **{"osc.follow": follow}), [(100, note_on(60))], source=source).read(90000)
        x = x[24000:24000 + 65536, 0].astype(float)
        return x, sound.spread(x, sound.note_hz(60), SR_HZ)

    found = []
    for n in range(9):
        (straight, plain), (followed, spread) = swung(n, 0.0), swung(n, 1.0)
        print(f"spread of a swung position that follows, sounds {n}: {spread:.1f} dB, straight {plain:.1f}")
        assert spread <= -74
        found.append((spread, spread - plain, np.abs(followed - straight).max() / np.abs(straight).max()))
    spreads, added, moved = np.array(found).T
    assert np.median(added) < 2 and np.median(moved) > 0.01, spreads


def test_follow_is_modulated_for_each_voice(source, known):
    """Two notes half-way, one struck hard: it sounds as on the way, the other as on the line, and the two are not the same."""
    half = {"osc.position": 0.5, "osc.level_db": -6.0, "amp.velocity": 0.0}
    struck = {57: 1.0, 63: 1e-4}

    def played(params, *notes):
        x = Offline(patch(known, 0, **half, **params), [(0, note_on(n, struck[n])) for n in notes], source=source).read(2 * SR_HZ)
        return x[24000:24000 + 65536, 0].astype(float)

    both = played(slot(1, "velocity", "osc.follow", 1.0), 57, 63)
    hz = {n: sound.note_hz(n) for n in struck}
    for note, other in ((57, 63), (63, 57)):
        found, morph_path, line = (levels(x, hz[note]) for x in (both, played({"osc.follow": 1.0}, note), played({}, note)))
        own = hz[note] * np.arange(1, len(found) + 1)
        apart = np.abs(own / hz[other] - np.round(own / hz[other])) * hz[other] > 8  # the other's harmonics do not lie there
        near, far = (morph_path, line) if note == 57 else (line, morph_path)
        assert lsd(found, near, apart) < 0.02 and lsd(found, far, apart) > 0.5


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("blocksize", [64, 160])
def test_a_take_of_moving_follows_can_be_repeated(source, known, blocksize, seed):
    """Follow by knob, LFO and velocity, edited corners, and changes of patch, answered late: the log renders the same samples."""
    rng = np.random.default_rng(seed)
    moved = {**slot(1, "lfo1", "osc.follow", 0.4), **slot(2, "velocity", "osc.position", 0.7), **slot(3, "env2", "latent.1", -0.2),
             "lfo1.rate_hz": 6.0, "osc.level_db": -24.0, "osc.follow": 0.3}
    patches = [patch(known, 2, **moved), patch(known, 4, **{"osc.position": 0.6}), patch(known, 0, **moved)]
    at = [int(f) for f in rng.integers(200, 90000, 90)]
    rows = [*((f, note_on(int(n), float(v))) for f, n, v in zip(at[:40], rng.integers(40, 70, 40), rng.uniform(0.2, 1, 40), strict=True)),
            *((f, note_off(int(n))) for f, n in zip(at[40:], rng.integers(40, 70, 50), strict=True)),
            *((1000 * i, set_param("osc.follow", float(v))) for i, v in enumerate(rng.random(20), 1)),
            *((500 * i, set_corner("AB"[i % 2], i % 5, float(rng.normal()))) for i in range(1, 12)),
            *zip((22000, 25000, 85000), patches, strict=True)]
    rows.sort(key=lambda row: row[0])
    x, log, found = take(patches[2], rows, 96000, rng, blocksize=blocksize, source=source, block_products=_SOME)
    assert found["late_decodes"] > 0 and found["follow"][1] > 0
    assert np.array_equal(x, Offline(patches[2], log, source=source, block_products=_SOME).read(len(x)))
