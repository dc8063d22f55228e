"""What tests of instruments in the engine share: instruments of notes made in code or of FluidR3_GM, and renders of them."""

from dataclasses import replace

import numpy as np

from synth.render.offline import Offline
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from synth.tracks import instrument_file
from synth.tracks.analysis import hear_note, make_zone
from synth.tracks.mapping import place_zones
from synth.tracks.playing import patch_of_instrument
from synth.tracks.residual import finish_zone
from synth.tracks.zone import TrackInstrument, Zone
from tests.tracks import sounds

SR_HZ = 48_000


def made_zone(key, velocity, model, **shape):
    """A zone of a note made in code."""
    heard = hear_note(sounds.note(sounds.key_hz(key), **shape), sounds.RATE_HZ, sounds.key_hz(key))
    return finish_zone(make_zone(heard, model, key, velocity), model, heard)[0]


def drawn_zone(model, key, velocity=100, seconds=3.0, seed=0, level_db=-20.0):
    """A zone drawn by hand: through six of the model's dullest sounds, so that a click above 8 kHz would be heard; level and pitch move."""
    source = ModelSource(model)
    latents = np.clip(source.map.latents, source.low, source.high)
    amplitudes = model.amplitudes(latents)
    dull = latents[np.argsort((amplitudes[:, 12:] ** 2).sum(1) / (amplitudes**2).sum(1))[seed: seed + 12: 2]]
    drawn = np.random.default_rng(seed)
    time_s = np.linspace(0.01, seconds, int(20 * seconds)).astype(np.float32)
    rows = np.stack([np.interp(time_s, np.linspace(0, seconds, len(dull)), column) for column in dull.T], 1).astype(np.float32)
    steps = np.arange(int(100 * seconds) + 1) / 100
    flicker = np.convolve(drawn.standard_normal(len(steps) + 8), np.ones(9) / 9, "valid")
    ends = np.where(steps > seconds - 0.3, -150 * (steps - seconds + 0.3), 0)
    return Zone("drawn", "", 0.0, 44_100, key, velocity, sounds.key_hz(key), (0.3, seconds - 0.4), seconds - 0.3, seconds, 0.0, time_s,
                rows, np.full((len(time_s), 24), -120, np.float32), (level_db + flicker + ends).astype(np.float32),
                (6 * np.sin(2 * np.pi * 5 * steps)).astype(np.float32), np.zeros((2, 32), np.float32), (0.01, seconds),
                np.zeros(0, np.int16), 0.0, time_s[[0, -1]], np.full((2, 127), -60, np.float32))


def saved(home, name, zones, model):
    """A patch of an instrument, saved among the user's. zones: of any keys and velocities."""
    from synth.tracks.inputs import Recording

    placed, _, _ = place_zones(zones, [Recording(home, zone.source) for zone in zones])
    folder = home / "instruments" / name
    instrument_file.save(TrackInstrument(name, model.name, model.sha256, model.latent_size, tuple(placed)), folder)
    return patch_of_instrument(instrument_file.load(folder), name)


def played(patch, events, seconds, sr_hz=SR_HZ, **options):
    """float32[n, 2] of a patch; events: (seconds, event)."""
    return Offline(patch, [(int(round(t * sr_hz)), event) for t, event in events], sr_hz=sr_hz, **options).read(int(seconds * sr_hz))


def with_knobs(patch, **params):
    """The patch with knobs, `track_speed` for `track.speed`."""
    return replace(patch, params=patch.params | {name.replace("_", ".", 1): value for name, value in params.items()})


def harmonics_db(x, freq_hz, sr_hz, count):
    """Levels of the first harmonics of a steady sound, dB."""
    n = len(x)
    window = np.hanning(n)
    t = np.arange(n) / sr_hz
    return np.array([20 * np.log10(2 * abs((x * window) @ np.exp(-2j * np.pi * k * freq_hz * t)) / window.sum() + 1e-9)
                     for k in range(1, count + 1)])


__all__ = ["SR_HZ", "drawn_zone", "harmonics_db", "made_zone", "open_model", "played", "saved", "sounds", "with_knobs"]
