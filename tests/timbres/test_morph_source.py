"""Between sources: a part alone is itself, levels mix in decibels, phases go the shorter way, a row is the same in any batch."""


import numpy as np
import pytest

from synth.engine.constants import N_PART_KNOBS
from synth.patch.morph import Morph
from synth.patch.morph_knobs import audible_knobs
from synth.patch.patch import Patch
from synth.timbres.model import open_model
from synth.timbres.morph_source import MorphSource
from synth.timbres.source import FallbackSource, ModelSource, WavetableSource


def levels_db(spectra):
    return 10 * np.log10(np.hypot(*spectra)[:, 1:] ** 2 + 1e-10)


def asked(source, shares, knobs=None):
    shares = np.array(shares, np.float32)
    latents = np.tile(0.5 * (source.low + source.high), (len(shares), 1)).astype(np.float32)
    return source.mixed(latents, shares, np.zeros((len(shares), shares.shape[1], N_PART_KNOBS), np.float32) if knobs is None else knobs)


@pytest.fixture(scope="module")
def model():
    return ModelSource(open_model("akwf-16"))


def kinds(model):
    rows = np.tile(-6.0 * np.log2(np.arange(1, 301)), (9, 1))
    frames = np.array([np.sin(2 * np.pi * (np.arange(2048) / 2048 * k + 0.3 * k)) for k in (1, 2, 3)])
    return {"model": model, "levels": FallbackSource("kept", rows), "table": WavetableSource("table", frames),
            "other model": ModelSource(open_model("akwf-8"))}


@pytest.mark.parametrize("pair", [("model", "levels"), ("model", "table"), ("table", "levels"), ("model", "other model")])
def test_between_two_sources(model, pair):
    sources = [kinds(model)[name] for name in pair]
    source = MorphSource(Morph((Patch(), Patch())), [(Patch(), s) for s in sources])
    shares = [[1, 0], [0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0, 1]]
    ends = [s.spectra(0.5 * (s.low + s.high)[None], np.array([[1, 0, 0, 0]], np.float32), np.zeros((1, 8), np.float32)) for s in sources]
    for row, end in ((shares[0], ends[0]), (shares[-1], ends[1])):
        alone = asked(source, [row])
        assert np.array_equal(alone[0], end[0]) and np.array_equal(alone[1], end[1]), "alone it is the part's own, to the bit"
    found = asked(source, shares[1:4])
    for i, row in enumerate(shares[1:4]):
        one = asked(source, [row])
        assert np.array_equal(one[0][0], found[0][i]) and np.array_equal(one[1][0], found[1][i]), "a row is the same in any batch"
    width = min(e[0].shape[1] for e in ends) - 1
    a, b = (levels_db(e)[0, :width] for e in ends)
    strong = np.flatnonzero((a > -70) & (b > -70))
    mixed = levels_db(found)[:, :width][:, strong]
    for i, share in enumerate((0.25, 0.5, 0.75)):
        away = mixed[i] - ((1 - share) * a + share * b)[strong]
        assert np.ptp(away) < 0.1, "every level on the line in decibels, but for one gain of all"
    turns = [np.angle((x[0][:, 1:width + 1] + 1j * x[1][:, 1:width + 1])[:, strong]) for x in (ends[0], found, ends[1])]
    steps = [abs((later - sooner + np.pi) % (2 * np.pi) - np.pi) for sooner, later in
             ((turns[0][0], turns[1][0]), (turns[1][0], turns[1][1]), (turns[1][1], turns[1][2]), (turns[1][2], turns[2][0]))]
    assert max(step.max() for step in steps) < np.pi / 4 + 1e-3, "no phase turns more than a quarter of half a turn in a quarter of the way"


def test_one_model_is_decoded_once_between_the_points(model):
    corner = [dict(A=tuple((model.low + share * (model.high - model.low)).tolist())) for share in (0.3, 0.6)]
    parts = [Patch(model="akwf-16", model_sha256=model.sha256, latent_size=16, corners=c) for c in corner]
    source = MorphSource(Morph(tuple(parts)), [(part, model) for part in parts])
    points = np.array([part.corners["A"] for part in parts], np.float32)
    found = source.mixed(points.reshape(1, -1), np.array([[0.25, 0.75]], np.float32), np.zeros((1, 2, N_PART_KNOBS), np.float32))
    wanted = model.spectra((np.float32(0.25) * points[:1] + np.float32(0.75) * points[1:]), np.zeros((1, 4), np.float32),
                           np.zeros((1, 8), np.float32))
    assert np.allclose(found[0], wanted[0], atol=1e-6)
    followed = np.zeros((1, 2, N_PART_KNOBS), np.float32)
    followed[:, :, 2] = 1
    led = source.mixed(points.reshape(1, -1), np.array([[0.5, 0.5]], np.float32), followed)
    straight = source.mixed(points.reshape(1, -1), np.array([[0.5, 0.5]], np.float32), np.zeros_like(followed))
    assert np.abs(levels_db(led) - levels_db(straight)).mean() > 0.05, "osc.follow leads it another way"


def test_what_a_part_does_not_use_is_the_others():
    a = {"delay.mix": 0.3, "delay.time_s": 0.7, "lfo1.rate_hz": 5.0, "filter.type": 2.0, "filter.cutoff_hz": 500.0}
    b = {"lfo1.rate_hz": 0.1, "mod1.source": 14.0, "mod1.target": 5.0, "mod1.amount": 0.2, "drive.mix": 0.4, "drive.level_db": -12.0}
    first, second = audible_knobs([a, b])
    assert second["delay.time_s"] == pytest.approx(0.7) and second["delay.mix"] == 0, "an idle delay waits at the other's time"
    assert first["lfo1.rate_hz"] == pytest.approx(0.1), "an LFO that moves nothing runs as the other's"
    assert second["filter.type"] == 0 and second["filter.cutoff_hz"] == 20000, "a filter that is off is open"
    assert first["drive.level_db"] == 0, "behind a drive that is off the level is the sound's own"
