"""Recordings of notes -> instruments of latent tracks: analysis, the instrument's folder, offline resynthesis, the report."""
