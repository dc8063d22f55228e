"""Named directions of the shipped models: nothing asked is nothing moved, and what is asked is heard in the decoded cycle."""

from pathlib import Path

import numpy as np
import pytest

from synth.samples.spectrum import magnitudes
from synth.timbres.density import load_map
from synth.timbres.model import open_model

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(p.parent.name for p in (ROOT / "exported").glob("*/map.npz"))
K = np.arange(1, 128)
TEXTBOOK = {
    "brightness": lambda a: np.log2((a * K).sum(1) / a.sum(1)),
    "hollowness": lambda a: np.log10(((a[:, 2::2] ** 2).sum(1) + 1e-4) / ((a[:, 1::2] ** 2).sum(1) + 1e-4)),
    "fundamental": lambda a: a[:, 0] ** 2 / (a**2).sum(1),
}


@pytest.fixture(params=SHIPPED)
def model(request):
    model = open_model(ROOT / "exported" / request.param)
    found = load_map(model.folder, model.latent_size)
    starts = np.clip(found.density.sample(np.random.default_rng(5), 200), model.low, model.high)
    return model, found.directions, starts


def test_nothing_asked_is_nothing_moved(model):
    _, directions, starts = model
    assert np.array_equal(directions.move(starts, np.zeros((200, len(directions.names)))), starts)
    assert directions.move(starts[0], directions.amounts(brightness=1)).shape == starts[0].shape
    with pytest.raises(KeyError):
        directions.amounts(loudness=1)


def test_they_do_what_they_say(model):
    """On textbook descriptors of the decoded cycles, each rises along its own direction, and further with more."""
    model, directions, starts = model
    assert set(TEXTBOOK) <= set(directions.names)
    for name, describe in TEXTBOOK.items():
        heard = []
        for amount in (-0.8, 0, 0.8):
            moved = np.clip(directions.move(starts, directions.amounts(**{name: amount})), model.low, model.high)
            heard.append(describe(magnitudes(model.decode(moved), 127)))
        assert (heard[0] < heard[1]).mean() > 0.9 and (heard[1] < heard[2]).mean() > 0.9, name


def test_their_figures_are_in_the_manifest(model):
    model, directions, _ = model
    rows = model.manifest["directions"]
    assert tuple(row["name"] for row in rows) == directions.names
    for row in rows:
        assert row["correlation"] > 0.75 and row["gain"] > 0.3 and len(row["vector"]) == model.latent_size
