"""One module a family of commands; each has `register(subparsers)` and imports what is heavy only when run."""

from importlib import import_module

COMMANDS: dict[str, tuple[str, ...]] = {  # module -> the commands that it registers
    "play": ("play",), "render": ("render",), "wavetable": ("wavetable", "convert"), "samplepack": ("samplepack",), "bench": ("bench",),
    "model": ("models", "decode", "encode"), "cycles": ("cycles", "instrument", "instruments"), "catalogue": ("params", "presets"),
    "doctor": ("doctor",), "lists": ("devices",), "controls": ("controls", "learn"), "history": ("history",), "plugins": ("plugins",)}


def load(module: str):
    """Import `synth.commands.<module>`."""
    return import_module(f"{__name__}.{module}")


def modules_for(argv: list[str]) -> list[str]:
    """The modules that a command line needs: its command's alone, so that `play` starts without the others; else all of them."""
    word = next((word for word in argv if word != "--debug"), "")
    return [module for module, words in COMMANDS.items() if word in words] or list(COMMANDS)
