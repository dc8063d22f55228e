"""What is heard of a note: its pitch along vibrato, stiffness, onset and release; phrases are cut where notes begin."""

import numpy as np
import pytest

from synth.samples.cycles import SampleError
from synth.tracks.analysis import hear_note
from synth.tracks.notes import cut_note, find_notes
from synth.tracks.shape import find_shape
from tests.tracks.sounds import RATE_HZ, key_hz, note


@pytest.mark.parametrize("freq_hz, cents", [(130.8, 35.0), (440.0, 20.0), (880.0, 30.0)])
def test_the_pitch_of_a_vibrato_is_followed(freq_hz, cents):
    heard = hear_note(note(freq_hz, vibrato_cents=cents), RATE_HZ, freq_hz * 1.004)
    t = np.arange(0.15, 1.0, 0.01)
    true = cents * np.sin(2 * np.pi * 5.5 * t)
    found = 1200 * np.log2(heard.warped.pitch_at(t) / freq_hz)
    assert np.abs(found - true).max() < 0.25 * cents and np.abs(found - true).mean() < 0.12 * cents  # six periods blur a little


def test_vibrato_does_not_smear_the_harmonics():
    still, moving = (hear_note(note(220.0, vibrato_cents=c, decay_db_a_s=0), RATE_HZ, 220.0).frames for c in (0.0, 40.0))
    rows = slice(30, 40)
    a, b = (20 * np.log10(f.amplitudes[rows, :30].mean(0)) for f in (still, moving))
    assert np.abs(a - b).max() < 1.0


@pytest.mark.parametrize("freq_hz", [155.6, 277.2])
def test_voices_together_have_the_pitch_of_the_loudest(freq_hz):
    """Two sing 20 and 26 cents under it: the contour, the mean of all, lies under what is heard."""
    voices = [(0.0, 0.3), (-20.0, 0.17), (-26.0, 0.14)]
    together = sum(note(freq_hz * 2 ** (c / 1200), seconds=2.0, level=a, decay_db_a_s=0) for c, a in voices)
    heard = hear_note(together, RATE_HZ, freq_hz)
    off = 1200 * np.log2(heard.freq_hz / freq_hz)
    print(f"contour {off:+.1f} cents, heard {off + heard.sharp_cents:+.1f}")
    assert off < -3 and abs(off + heard.sharp_cents) < 2.5


@pytest.mark.parametrize("vibrato_cents, decay_db_a_s, stiffness", [(0, 0, 0), (35, 0, 0), (0, 12, 0), (0, 6, 4e-4)])
def test_one_voice_has_the_pitch_of_its_contour(vibrato_cents, decay_db_a_s, stiffness):
    x = note(196.0, seconds=2.0, vibrato_cents=vibrato_cents, decay_db_a_s=decay_db_a_s, stiffness=stiffness)
    assert abs(hear_note(x, RATE_HZ, 196.0).sharp_cents) <= 1


@pytest.mark.parametrize("stiffness", [0.0, 1e-4, 6e-4])
def test_the_stiffness_of_a_string_is_found(stiffness):
    heard = hear_note(note(196.0, stiffness=stiffness), RATE_HZ, 196.0)
    assert abs(heard.stiffness - stiffness) <= 0.03 * stiffness
    strong = 20 * np.log10(heard.frames.amplitudes[25, :30])
    assert np.ptp(strong + 1.2 * 20 * np.log10(np.arange(1, 31))) < 12  # every partial is met, none missed


@pytest.mark.parametrize("before_s, room", [(0.0, 0.0), (0.4, 0.0), (0.4, 1e-4)])
def test_onset_and_release(before_s, room):
    x = np.concatenate([np.zeros(int(before_s * RATE_HZ)), note(220.0, seconds=1.0, noise=0, release_s=0.3)])
    shape = find_shape(x + room * np.random.default_rng(0).standard_normal(len(x)), RATE_HZ)
    assert abs(shape.onset_s - before_s) < 0.002
    assert shape.release_s < shape.end_s and abs(shape.release_s - before_s - 1.0) < 0.045


def test_a_phrase_is_cut_into_its_notes():
    keys, lengths = (57, 60, 60, 64), (0.7, 0.5, 0.6, 0.8)  # one is struck twice
    pieces = [note(key_hz(k), seconds=s, release_s=0.03, decay_db_a_s=14) for k, s in zip(keys, lengths, strict=True)]
    found = find_notes(np.concatenate(pieces), RATE_HZ)
    starts = np.cumsum([0, *(len(p) for p in pieces)])[:-1] / RATE_HZ
    assert len(found) == 4
    assert [round(69 + 12 * np.log2(n.freq_hz / 440)) for n in found] == list(keys)
    assert all(-0.06 < n.start / RATE_HZ - at < 0.005 for n, at in zip(found, starts, strict=True))
    assert len(cut_note(np.concatenate(pieces), found[1], RATE_HZ)) == found[1].end - found[1].start


def test_one_note_with_beating_and_vibrato_is_one_note():
    x = note(220.0, seconds=2.0, vibrato_cents=30) + note(220.9, seconds=2.0, vibrato_cents=20)
    assert len(find_notes(x, RATE_HZ)) == 1


@pytest.mark.parametrize("sound, words", [
    (np.zeros(1), "too short"), (np.zeros(44_100), "silent"), (np.full(44_100, np.nan), "not numbers"),
    (0.1 * np.random.default_rng(0).standard_normal(88_200), "noise"),
    (sum(note(key_hz(k)) for k in (60, 64, 67)), "several notes"),
    (np.random.default_rng(0).standard_normal(6000) * np.exp(-np.arange(6000) / 600), "drum")])
def test_what_is_no_note_is_named(sound, words):
    with pytest.raises(SampleError, match=words):
        find_notes(sound, RATE_HZ)
