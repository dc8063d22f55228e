"""Keys between recorded ones: a body's resonances stay at their frequencies, a reed's missing harmonics at their numbers."""

import numpy as np
import pytest

from synth.events import note_off, note_on
from synth.timbres.model import open_model
from synth.tracks import track_block
from synth.tracks.analysis import hear_note, make_zone
from synth.tracks.key_offsets import at_key, envelope_of, with_power
from tests.engine.sounds import click_db
from tests.measures import sound
from tests.tracks import playing
from tests.tracks.playing import SR_HZ, harmonics_db, played, sounds, with_knobs

MODEL, RECORDED, BETWEEN, TOP_HZ = "akwf-16", (52, 64, 76), 59, 7000


def levels_db(key, count=20):
    """Harmonics of a pipe without half of them, in a body with resonances at 900 and 2,400 Hz."""
    k = np.arange(1, count + 1)
    freq_hz = k * sounds.key_hz(key)
    body = sum(14 * np.exp(-0.5 * (np.log2(freq_hz / at) / 0.35) ** 2) for at in (900, 2400))
    return -14 * np.log10(k) + body - 14 * (k % 2 == 0)


def recorded(key, seconds=1.2):
    t = np.arange(int((seconds + 0.15) * sounds.RATE_HZ)) / sounds.RATE_HZ
    levels = levels_db(key, int(TOP_HZ / sounds.key_hz(key)))
    tones = [10 ** (db / 20) * np.cos(2 * np.pi * k * sounds.key_hz(key) * t + k * k) for k, db in enumerate(levels, 1)]
    shape = np.minimum(1, t / 0.005) * np.where(t < seconds, 1, 10 ** (-20 * (t - seconds)))
    x = np.sum(tones, 0) * shape
    return 0.2 * x / np.abs(x).max() + 1e-5 * np.random.default_rng(key).standard_normal(len(t))


@pytest.fixture(scope="module")
def zones():
    model = open_model(MODEL)
    return [make_zone(hear_note(recorded(key), sounds.RATE_HZ, sounds.key_hz(key)), model, key, 100) for key in RECORDED]


@pytest.fixture
def patch(home, zones):
    return playing.saved(home, "Pipe", zones, open_model(MODEL))


def steady(patch, key):
    quiet = with_knobs(patch, track_noise_db=-60, track_attack_db=-60, track_contour=0.0)
    return played(quiet, [(0.1, note_on(key, 100 / 127))], 1.0)[24_000:43_200, 0].astype(float)


def test_levels_at_another_key_keep_a_bodys_frequencies_and_the_numbers_of_what_is_missing():
    own, other = levels_db(60, 127)[None], levels_db(66, 127)[None]
    moved = at_key(own, envelope_of(own), 6)
    before, after = (np.abs((x - other)[0, :20] - np.median((x - other)[0, :20])).mean() for x in (own, moved))
    print(f"six keys up: {before:.2f} dB from what it is there by harmonics alone, {after:.2f} dB as moved")
    assert after < 0.5 * before
    assert (np.diff(moved[0, :20])[::2] < -6).all()  # even harmonics stay the weak ones
    assert np.allclose(at_key(own, envelope_of(own), 0), own)


def test_power_that_is_lost_where_peaks_are_mixed_goes_to_the_strongest_harmonics():
    levels = np.full((2, 40), -40.0)
    levels[0, 2], levels[1, 5] = 2.95, 2.95
    mixed = levels.mean(0, keepdims=True)
    rms_db = [10 * np.log10((10 ** (x / 10)).sum(-1) / 2) for x in (levels, mixed, with_power(mixed))]
    print("RMS of two spectra, mixed, and with its power back:", [np.round(x, 2).tolist() for x in rms_db])
    assert rms_db[1] < -10 and -0.3 * abs(rms_db[1]) < rms_db[2] <= 0.0
    assert np.abs(with_power(mixed)[0, 6:] + 40).max() < 0.1 and np.abs(with_power(levels) - levels).max() < 0.1


def test_a_key_between_sounds_nearer_to_the_instrument_and_recorded_keys_as_they_are(patch, monkeypatch):
    def error_db(x, key):
        found, wanted = harmonics_db(x, sound.note_hz(key), SR_HZ, 20), levels_db(key)
        return float(np.sqrt(np.mean((found - wanted - np.mean(found - wanted)) ** 2)))

    near, own, outside = (steady(patch, key) for key in (BETWEEN, 64, 79))
    monkeypatch.setattr(track_block, "set_offsets", lambda *_, **__: None)
    plain, own_plain, outside_plain = (steady(patch, key) for key in (BETWEEN, 64, 79))
    print(f"key {BETWEEN}: {error_db(plain, BETWEEN):.2f} dB with latents alone, {error_db(near, BETWEEN):.2f} with offsets; key 64: "
          f"{error_db(own, 64):.2f}")
    assert error_db(near, BETWEEN) < 0.6 * error_db(plain, BETWEEN)
    assert np.array_equal(own, own_plain) and np.array_equal(outside, outside_plain)
    assert abs(10 * np.log10((near**2).mean() / (plain**2).mean())) < 0.1  # its level is the recordings'


def test_a_line_through_recorded_keys_and_others_in_one_voice_does_not_click(patch):
    keys = [note_on(key, 0.8) for key in (64, 59, 52, 61)]
    line = [(0.1 + 0.15 * i, event) for i, event in enumerate([*keys, note_off(61)])]
    found = [click_db(played(with_knobs(patch, voice_mode=mode, glide_time_s=0.1), line, 1.2)) for mode in (0, 1, 2)]
    print(f"clicks in poly, mono and legato: {np.round(found, 1).tolist()} dBFS")
    assert max(found) < found[0] + 2


def test_without_its_model_the_levels_that_are_kept_move_too(zones):
    from synth.tracks.track_block import TrackBlock
    from synth.tracks.zone import TrackInstrument

    block = TrackBlock(TrackInstrument("Pipe", MODEL, "", 16, tuple(zones)), SR_HZ, None)
    offsets = block.places[0, BETWEEN]["offsets_db"]
    kept = {zone.key: zone.fallback_db.mean(0) for zone in zones}
    mixed = sum(w * kept[zones[i].key] for i, w in zip(block.places[0, BETWEEN]["zone"], block.places[0, BETWEEN]["weight"], strict=True))
    errors = [np.std((x - levels_db(BETWEEN))[:20]) for x in (mixed[:20], mixed[:20] + offsets[:20])]
    print(f"levels kept, mixed: {errors[0]:.2f} dB, with offsets {errors[1]:.2f} dB")
    assert errors[1] < 0.6 * errors[0]
    assert not block.places["offsets_db"][0, [*RECORDED, 40, 90]].any()
