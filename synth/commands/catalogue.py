"""`presets` and `params`: what there is to play, and every knob."""

from . import params, presets


def register(subparsers) -> None:
    """Add `presets` and `params`."""
    presets.register(subparsers)
    params.register(subparsers)
