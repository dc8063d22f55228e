"""The terminal view: `play --no-gui`."""
