"""The command line: parse, wire, run. Commands live in `synth.commands`; training's come through an entry point."""

import argparse
import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from importlib import metadata

from . import __version__
from .commands import COMMANDS, load
from .errors import UserError


def _fail(message: str) -> int:
    print(f"latentwave: error: {' '.join(str(message).split())}", file=sys.stderr)
    return 1


def build_parser() -> argparse.ArgumentParser:
    """Parser with every command; each sets `func(args) -> exit code`."""
    parser = argparse.ArgumentParser(prog="latentwave", description="A latent-space neural wavetable synthesizer.")
    parser.add_argument("--version", action="version", version=f"latentwave {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in COMMANDS:
        load(module).register(subparsers)
    for entry in metadata.entry_points(group="latentwave.commands"):
        try:
            register = entry.load()
        except ImportError:  # training is an extra; the player works without it
            continue
        register(subparsers)
    for sub in subparsers.choices.values():  # `latentwave play --debug` reads better than `latentwave --debug play`
        sub.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _joined(argv: list[str]) -> list[str]:
    """`--latent -1,2` as `--latent=-1,2`: argparse would take a list that begins with a minus for an option."""
    words = list(argv)
    for i in range(len(words) - 1, 0, -1):
        if words[i - 1] == "--latent" and re.match(r"-[\d.]", words[i]):
            words[i - 1:i + 1] = [f"--latent={words[i]}"]
    return words


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends a command as Ctrl-C does, so that what was half-written is taken away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number, frame):
    raise KeyboardInterrupt


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 an error told in one line, 2 usage."""
    args = build_parser().parse_args(_joined(sys.argv[1:] if argv is None else argv))
    try:
        with _terminable():
            return int(args.func(args) or 0)
    except UserError as error:
        if args.debug:
            raise
        return _fail(str(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if args.debug:
            raise
        return _fail(f"{error.filename or 'file'}: {error.strerror or error}")
