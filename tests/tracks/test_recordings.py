"""Notes of a General MIDI soundfont as tracks, by the measure: harmonics frame by frame, keys that were not recorded, the whole sound.

A share of what `python -m tests.tracks.figures` prints of ten instruments and nine keys (docs/measurements.md).
"""

import numpy as np
import pytest

from tests.measures import tracks as measure
from tests.tracks import figures
from training.data.soundfont import find_font

pytestmark = pytest.mark.skipif(find_font() is None,
                                reason="needs fluidsynth and the FluidR3 soundfont (Debian: fluidsynth, fluid-soundfont-gm)")
PROGRAMS = tuple(measure.PROGRAMS)
KEY = 60


SOME = ("cello", "sax", "flute")


@pytest.mark.parametrize("model, programs, alone, shaped", [
    ("akwf-16", PROGRAMS, (2.6, 1.0), (2.1, 0.75)), ("akwf-32", SOME, (2.0, 0.5), (1.85, 0.45))])
def test_tracks_lie_near_their_notes(model, programs, alone, shaped):
    """At one key of each: LSD and ERB-LSD of latents alone, and with the fingerprint."""
    rows = np.array([figures.track_errors(program, KEY, model) for program in programs])
    followed, followed_shaped, fixed, fixed_shaped = rows.mean(0)
    print(model, rows.mean(0).round(3).tolist())
    assert (followed < alone).all() and (fixed < alone).all()
    assert (followed_shaped < shaped).all() and (fixed_shaped < shaped).all()
    assert (rows[:, 3, 0] < rows[:, 2, 0] + 0.02).all()


def test_the_whole_sound_with_its_noise_and_attack():
    pairs = np.array([figures.whole_errors(program, KEY, "akwf-16") for program in PROGRAMS])
    print(pairs.round(2).tolist())
    assert pairs[:, 1].mean() < 2.6 and pairs[:, 1].mean() < 0.8 * pairs[:, 0].mean()
    assert (pairs[:, 1] < pairs[:, 0] + 0.1).all()
    assert pairs[0, 1] < 0.65 * pairs[0, 0] and pairs[3, 1] < 0.7 * pairs[3, 0]  # piano and cello, which are noise to a good part


def test_a_key_between_recorded_ones_comes_nearer_than_a_neighbours_sample():
    found, sampler = [], []
    for program, key in (("sax", 60), ("flute", 66)):
        found.append(figures.held_out_errors(program, key, "akwf-16"))
        target, _ = figures.fixed_frames(program, key)
        x = figures.recording(program, key - 3)
        theirs = measure.harmonics(x, measure.pitch_hz(x, key - 3), measure.FRAMES_S)[0][: len(target)] + 1e-9
        sampler.append(figures.distances(target[: len(theirs)], theirs))
    print(np.round(found, 2).tolist(), np.round(sampler, 2).tolist())
    assert (np.mean(found, 0) < 0.85 * np.mean(sampler, 0)).all()


def test_a_zone_is_small():
    for program in ("cello", "flute"):
        zone, seconds = figures.zone(program, KEY, "akwf-32"), len(figures.recording(program, KEY)) / measure.SR_HZ
        size = 2 * (zone.latent.size + zone.noise_db.size + 2 * zone.level_db.size + zone.attack.size) + 4 * len(zone.time_s) + 64 + 1040
        assert size < 12_000 * seconds
