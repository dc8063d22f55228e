"""What is kept of sources has a bound, and what sounds is never let go."""

import shutil
from dataclasses import replace

import numpy as np

from synth import paths
from synth.events import note_on
from synth.patch import preset_file
from synth.render.offline import Offline
from synth.timbres import decode_worker, open_models, preset_sources
from synth.timbres.bounded_cache import BoundedCache
from synth.timbres.source import WavetableSource
from synth.timbres.source_cache import SourceCache
from tests.measures import sound


def test_the_first_to_go_is_what_was_used_longest_ago_and_is_not_spared():
    cache = BoundedCache(3, spared=lambda key: key == "a")
    for key in "abc":
        cache.put(key, key)
    assert cache.get("b") == "b"
    for key in "defg":
        cache.put(key, key)
        assert len(cache) <= 3 and "a" in cache
    assert "b" not in cache and cache.get("b") is None and [key for key, _ in cache.items()] == ["a", "f", "g"]


def test_many_sources_while_one_note_sounds(tmp_path):
    """Sixty sources and a dozen models come by; the note that is held goes on at its pitch, and what is kept keeps its bound."""
    patch = preset_file.load(paths.find_preset("Init"))
    saw = WavetableSource("saw", sound.saw_cycle()[None])
    player = Offline(patch, [(0, note_on(60))], source=saw)
    heard = [player.read(4800)]
    for i in range(60):
        player.decoder.add(WavetableSource(str(i), np.roll(sound.saw_cycle(), i)[None]))
        heard.append(player.read(480))
        assert len(player.decoder._sources) <= decode_worker.MOST_SOURCES
    assert player.decoder.source(player.engine.source_number) is saw
    heard = np.concatenate(heard)[:, 0].astype(float)
    assert abs(sound.alias(heard[-24_000:], sound.note_hz(60), 48_000)["cents"]) < 0.1

    sources = SourceCache(player.decoder)
    for i in range(12):
        shutil.copytree(paths.find_model("akwf-8"), tmp_path / f"m{i}")
        sources.load(replace(patch, model=str(tmp_path / f"m{i}"), model_sha256="", corners={}))
    for i in range(40):
        sources._of_presets.fallback(str(i), np.full((9, 8), -float(i)))
    assert len(sources.models._kept) <= open_models.MOST_MODELS and len(sources._of_presets._fallbacks) <= preset_sources.MOST_FALLBACKS
    assert len(player.decoder._sources) <= decode_worker.MOST_SOURCES and player.decoder.source(player.engine.source_number) is saw
    assert np.abs(player.read(24_000)).max() > 0.02


def test_a_preset_that_comes_again_after_many_sounds_the_same():
    """Twenty changes between two wavetables' worth of sources: the evicted one gets another number and the same sound."""
    patch = preset_file.load(paths.find_preset("Init"))
    player = Offline(patch, [(0, note_on(60))])
    first = player.read(48_000)[-9600:]
    for i in range(20):
        player.decoder.add(WavetableSource(str(i), sound.saw_cycle()[None]))
    player.engine.load(player.source_cache.load(player.source_cache.adopt(patch))[0], player.engine.frame)
    again = player.read(48_000)[-9600:]
    assert np.abs(again).max() > 0.5 * np.abs(first).max()
