"""`python -m tools.compile_engine`: compiles the engine's kernels, those of the JACK callback too, into the cache; quick where they are."""

import contextlib
import io
import sys

from synth.cli import main
from synth.engine.jack_process import jack_process

if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        status = main(["play", "--no-gui", "--device", "none", "--midi", "none", "--seconds", "0.1"])
    jack_process()
    sys.exit(status)
