"""Notes of a General MIDI soundfont, through fluidsynth: sustained ones are cut at the right pitch, others refused by name.

Sustained pitched programs, counted from 1: organs 17-24, bowed strings 41-45, ensembles and voices 49-55, brass 57-64, reeds
65-72, pipes 73-80, leads 81-88, pads 89-96. Left out: 87 (Lead 7, fifths) is two notes at once by design, and is refused as
such; 44 (Contrabass) at C4 and C5, keys for which the soundfont holds no sample.

Many samples are tuned some cents off their key, or waver. So the pitch is held against the sound that was rendered, by another
method: its spectrum's peaks (`sounding_cents`). The 16-foot stops of organs sound octaves under their key: an octave is right
when its own partials are there (`octave_sounds`).
"""

import os
import re
from collections import Counter

import numpy as np
import pytest

from synth.samples.cutting import cut_recording
from synth.samples.cycles import SampleError
from synth.samples.pitch import measure_pitches, stable_runs
from synth.units import note_to_hz
from training.data.soundfont import DRUM_CHANNEL, RATE_HZ, Note, find_font, off_key_cents, render_notes

SUSTAINED = [p - 1 for p in (*range(17, 25), *range(41, 46), *range(49, 56), *range(57, 97)) if p != 87]
KEYS = (48, 60, 72)
NOT_IN_FONT = {(43, 60), (43, 72)}
DRUMS = tuple(range(35, 82))
SINGING_DRUMS = {68, 72, 78, 79}  # low agogo (a bell at 1,001 Hz), long whistle, cuica (a friction drum): they hold their pitch
NOISES = (120, 122, 123, 126, 127, 128)  # cymbal, shore, birds, helicopter, applause, gunshot


@pytest.fixture(scope="module")
def font():
    found = find_font()
    if found is None:
        pytest.skip("needs fluidsynth and the FluidR3 soundfont (Debian: fluidsynth, fluid-soundfont-gm)")
    return found


def spectrum_of(samples):
    """(frequencies, power) of the steady second, in steps of 0.18 Hz."""
    steady = samples[int(0.1 * RATE_HZ) : int(1.1 * RATE_HZ)].astype(float)
    size = 1 << 18
    return np.fft.rfftfreq(size, 1 / RATE_HZ), np.abs(np.fft.rfft(steady * np.hanning(len(steady)), size)) ** 2


def sounding_cents(samples, key):
    """How far the partials of a note lie from their key's, by the centres of the peaks in its spectrum, strong ones first."""
    freqs, power = spectrum_of(samples)
    offsets, weights = [], []
    for number in range(1, 9):
        expected = note_to_hz(key) * number
        near = np.abs(1200 * np.log2(np.maximum(freqs, 1) / expected)) < 40
        peak = power[near].max()
        strong = near & (power > 0.1 * peak)
        offsets.append(1200 * np.log2((freqs[strong] * power[strong]).sum() / power[strong].sum() / expected))
        weights.append(peak)
    return float(np.average(offsets, weights=np.sqrt(weights)))


def octave_sounds(samples, freq_hz):
    """Whether odd partials of a pitch are there: else the true one is an octave or more above."""
    freqs, power = spectrum_of(samples)
    levels = [power[np.abs(freqs - freq_hz * number) < 0.08 * freq_hz].max() for number in range(1, 33)]
    return max(levels[0::2]) > 1e-5 * max(levels)


def taken(samples):
    """The number of cycles, or the reason why there are none."""
    try:
        return len(cut_recording([samples.astype(float)], RATE_HZ))
    except SampleError as error:
        return str(error)


def pitch_of(samples):
    """The middle pitch of the longest stable run within the second that the spectrum is taken of."""
    steady = samples[int(0.1 * RATE_HZ) : int(1.1 * RATE_HZ)].astype(float)
    return float(np.median([w.freq_hz for w in max(stable_runs(measure_pitches(steady, RATE_HZ)), key=len)]))


@pytest.mark.parametrize("every", [3, pytest.param(1 if float(os.environ.get("SOAK_MINUTES", "60")) >= 1 else 100, marks=pytest.mark.soak)])
def test_sustained_notes_are_cut_at_their_pitch(font, every):
    notes = [Note(p, k) for p in SUSTAINED for k in KEYS if (p, k) not in NOT_IN_FONT][::every]
    missed, cents_off = [], []
    for note, samples in zip(notes, render_notes(font, notes), strict=True):
        found = taken(samples)
        if isinstance(found, str):
            missed.append((note, found))
            continue
        freq_hz = pitch_of(samples)
        cents_off.append(off_key_cents(freq_hz, note.key) - sounding_cents(samples, note.key))
        if abs(cents_off[-1]) > 5 or not octave_sounds(samples, freq_hz):
            missed.append((note, f"{cents_off[-1]:+.1f} cents, {freq_hz:.1f} Hz"))
    print(f"\n{len(notes) - len(missed)} of {len(notes)} notes of {len(SUSTAINED)} programs; cents off: median "
          f"{np.median(np.abs(cents_off)):.2f}, 95 % within {np.percentile(np.abs(cents_off), 95):.2f}")
    for note, why in missed:
        print(f"program {note.program + 1}, key {note.key}: {why}")
    assert len(missed) <= 0.05 * len(notes)


def test_drums_noise_and_two_notes_at_once_are_refused_by_name(font):
    told = Counter()
    notes = [Note(0, key, channel=DRUM_CHANNEL) for key in DRUMS]
    for note, samples in zip(notes, render_notes(font, notes, held_s=0.7), strict=True):
        found = taken(samples)
        told[found] += 1
        assert isinstance(found, str) != (note.key in SINGING_DRUMS), (note.key, found)
    noises = [Note(program - 1, 60) for program in NOISES]
    for note, samples in zip(noises, render_notes(font, noises), strict=True):
        assert re.search("noise|drum", str(taken(samples))), note
    fifths = [Note(86, key) for key in KEYS]
    for samples in render_notes(font, fifths):
        assert "several notes at once" in str(taken(samples))
    assert "silent" in taken(np.zeros(RATE_HZ))
    print(*told.items(), sep="\n")
