"""How near a distance in dB is, in words: beside every figure that a player reads of an instrument of recordings.

The limits lie between what is known to be so far apart, measured on ten instruments: two takes of one steady note 2.9 dB (LSD), a note as
one still waveform 4.3, the next recorded key's sound in this one's place 7.1. Grouped as the ear groups harmonics (ERB-LSD) a track lies
0.9 away, the next key 5 and more; the whole sound with its noise, in bands, 2 to 4, as one waveform 4.7.
"""

WORDS = ("very near", "near", "fair", "far")
_LIMITS_DB = {"lsd": (3.0, 5.0, 7.0), "erb": (1.0, 2.5, 5.0), "whole": (2.0, 4.0, 6.0)}
LEGEND = ("Very near: as two takes of one note, or nearer. Near: nearer than the note as one still waveform mostly is. "
          "Fair: nearer than the next key's recording mostly is. Far: no nearer than that.")


def nearness(figure: str, distance_db: float) -> str:
    """The word for a distance. figure: its name among a zone's `errors`: `lsd_db`, `cycle_erb_lsd_db`, `whole_db`."""
    limits = _LIMITS_DB["whole" if figure.startswith("whole") else "erb" if "erb" in figure else "lsd"]
    return WORDS[sum(distance_db > limit for limit in limits)]
