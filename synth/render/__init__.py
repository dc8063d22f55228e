"""Rendering without a device, and the files it reads and writes: songs, event logs, WAV, wavetables."""
