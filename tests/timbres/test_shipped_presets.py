"""Shipped presets stand on the shipped models: a model trained anew must take its presets along."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from synth import paths
from synth.patch import preset_file
from synth.samples.spectrum import lsd
from synth.timbres.model import open_model as open_model_anew
from synth.timbres.source import FallbackSource
from synth.timbres.source_cache import SourceCache

open_model = cache(open_model_anew)
FILES = sorted((paths.bundled_folder() / "presets").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_a_shipped_preset_names_the_model_that_ships(file):
    patch = preset_file.load(file)
    model = open_model(patch.model)
    assert patch.model_sha256 == model.sha256, "run `python -m tools.presets.make_presets`"
    for name, corner in patch.corners.items():
        assert (corner >= model.low - 1e-4).all() and (corner <= model.high + 1e-4).all(), name


@pytest.mark.parametrize(("name", "nth"), [("akwf-8", 0), ("akwf-16", 0), ("akwf-16", 1)])
def test_a_preset_of_a_decoder_that_was_replaced_keeps_its_latents(name, nth, tmp_path):
    model, cache = open_model(name), SourceCache(None)
    file = next(file for file in FILES if preset_file.load(file).model == name)
    today = preset_file.load(file)
    before = sorted(model.replaces)[nth]
    preset_file.save(replace(today, model_sha256=before), tmp_path / "old.json")
    old = cache.adopt(preset_file.load(tmp_path / "old.json"))
    source, told = cache.source_of(old)
    assert old.model_sha256 == model.sha256 and told == "" and source.sha256 == model.sha256
    assert all(np.array_equal(old.corner(c), today.corner(c)) for c in "AB")
    chosen = SourceCache(None, model=name).adopt(preset_file.load(tmp_path / "old.json"))
    assert chosen.model_sha256 == model.sha256 and all(np.array_equal(chosen.corner(c), today.corner(c)) for c in "AB")
    other = cache.adopt(replace(today, model_sha256="0" * 64))
    assert isinstance(cache.source_of(other)[0], FallbackSource) and other.model_sha256 == "0" * 64


def test_init_is_a_saw_and_a_square():
    patch = preset_file.load(paths.find_preset("Init"))
    model = open_model(patch.model)
    k = np.arange(1, 512)
    for corner, amplitudes in (("A", 1 / k), ("B", (k % 2) / k)):
        spectrum = np.zeros(1025, complex)
        spectrum[1:512] = amplitudes
        drawn = model.decode(patch.corner(corner)[None])
        assert lsd(np.fft.irfft(spectrum)[None], drawn, harmonics=20)[0] < 4, corner
