"""One module a family of commands; each has `register(subparsers)` and imports what is heavy only when run."""

from importlib import import_module

COMMANDS: tuple[str, ...] = (
    "play", "render", "wavetable", "samplepack", "bench", "model", "cycles", "catalogue", "doctor", "lists", "controls", "history",
    "plugins")


def load(module: str):
    """Import `synth.commands.<module>`."""
    return import_module(f"{__name__}.{module}")
