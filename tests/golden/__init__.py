"""Golden renders: what the instrument sounds like, kept, so that a change of the sound is seen."""
