"""Modulation: sources, the matrix, smoothing, and what channels and envelopes are set to."""
