"""The views of the window: what stands between the header and the strip, one at a time."""
