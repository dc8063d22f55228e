"""Conversions between the units that names carry. Everything else calls these; nobody converts by hand."""

import numpy as np

A4_NOTE = 69
A4_HZ = 440.0


def note_to_hz(note, a4_hz=A4_HZ):
    """Frequency in Hz of a MIDI note number (float semitones; 69 = A4), equal temperament."""
    return a4_hz * 2.0 ** ((np.asarray(note, float) - A4_NOTE) / 12.0) if np.ndim(note) else (
        a4_hz * 2.0 ** ((float(note) - A4_NOTE) / 12.0))


def hz_to_note(freq_hz, a4_hz=A4_HZ):
    """MIDI note number (float semitones) of a frequency in Hz."""
    return A4_NOTE + 12.0 * np.log2(np.asarray(freq_hz, float) / a4_hz)


def db_to_gain(level_db):
    """Linear amplitude gain of a level in dB."""
    return 10.0 ** (np.asarray(level_db, float) / 20.0)


def gain_to_db(gain, floor_db=-200.0):
    """Level in dB of a linear amplitude gain; never below `floor_db`."""
    return 20.0 * np.log10(np.maximum(np.abs(np.asarray(gain, float)), 10.0 ** (floor_db / 20.0)))


def cents_to_ratio(cents):
    """Frequency ratio of an interval in cents."""
    return 2.0 ** (np.asarray(cents, float) / 1200.0)


def semitones_to_ratio(semitones):
    """Frequency ratio of an interval in semitones."""
    return 2.0 ** (np.asarray(semitones, float) / 12.0)
