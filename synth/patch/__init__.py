"""A patch: what a preset holds, its file, modulation slots, tuning, waveform residuals."""
