"""The effects behind the voices, one file each with its `EFFECT`; `chain` puts them together and is the only way in."""
