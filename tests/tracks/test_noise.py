"""The noise of tracks in the engine, by its bands."""

from dataclasses import replace

import numpy as np
import pytest

from synth.events import note_on
from synth.timbres.model import open_model
from synth.tracks.spectra import erb_edges_hz
from tests.tracks import playing
from tests.tracks.playing import played, with_knobs


@pytest.mark.parametrize("sr_hz", [48_000, 96_000])
def test_noise_lies_in_the_bands_it_was_heard_in(home, sr_hz):
    """Three bands at -40 dB, the others silent: what the noise adds has that power there, and next to nothing elsewhere."""
    model, heard = open_model("akwf-16"), [4, 10, 17]
    zone = playing.drawn_zone(model, 60)
    noise_db = np.full_like(zone.noise_db, -120)
    noise_db[:, heard] = -40
    patch = playing.saved(home, "Bands", [replace(zone, noise_db=noise_db)], model)
    with_noise, without = (played(p, [(0.1, note_on(60, 100 / 127))], 1.6, sr_hz)[sr_hz // 2:sr_hz // 2 + sr_hz, 0].astype(float)
                           for p in (patch, with_knobs(patch, track_noise_db=-60)))
    window = np.hanning(sr_hz)
    power = np.abs(np.fft.rfft((with_noise - without) * window)) ** 2 * 2 / (sr_hz * (window**2).sum())
    limits = np.searchsorted(np.fft.rfftfreq(sr_hz, 1 / sr_hz), erb_edges_hz())
    bands_db = 10 * np.log10(np.add.reduceat(power, limits)[:24] + 1e-14)
    print(bands_db.round(1).tolist(), "above", round(10 * np.log10(power[limits[-1]:].sum() + 1e-14), 1))
    assert np.abs(bands_db[heard] + 40).max() < 1.5
    assert np.delete(bands_db, heard).max() < -55 and power[limits[-1]:].sum() < 1e-6
