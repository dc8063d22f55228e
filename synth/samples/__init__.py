"""Recordings and wave files -> single cycles; shared by the player and by training."""
