"""Conversions between the units that names carry. Everything else calls these; nobody converts by hand."""

import numpy as np

A4_NOTE = 69
A4_HZ = 440.0


def note_to_hz(note, a4_hz=A4_HZ):
    """Frequency in Hz of a MIDI note number (float semitones; 69 = A4), equal temperament."""
    return a4_hz * 2.0 ** ((np.asarray(note, float) - A4_NOTE) / 12.0) if np.ndim(note) else (
        a4_hz * 2.0 ** ((float(note) - A4_NOTE) / 12.0))


def gain_to_db(gain, floor_db=-200.0):
    """Level in dB of a linear amplitude gain; never below `floor_db`."""
    return 20.0 * np.log10(np.maximum(np.abs(np.asarray(gain, float)), 10.0 ** (floor_db / 20.0)))
