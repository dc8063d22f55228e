"""The command line: parse, wire, run. Commands live in `synth.commands`; training's come through an entry point."""

import os
import signal
import sys

from . import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # all else is imported once Ctrl-C is answered quietly
    import argparse

INTERRUPTED = 130


class Interrupts:
    """How SIGINT and SIGTERM end a command: quietly, with exit code 130 and what was half-written taken away.

    Until the command itself begins, at once: nothing is written yet. Then by KeyboardInterrupt; `asked` tells that one was raised,
    for a library may answer it with an error of its own.
    """

    def __init__(self) -> None:
        self.begun = self.asked = False
        self._before: dict = {}

    def answer(self, number: int, frame: object) -> None:
        """The handler."""
        if not self.begun:
            os._exit(INTERRUPTED)
        self.asked = True
        raise KeyboardInterrupt

    def install(self) -> None:
        """Answer both signals, but none that whoever started us wants ignored. Only the main thread may."""
        import threading

        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self.answer)
            self._hook, sys.unraisablehook = sys.unraisablehook, self._unraisable

    def restore(self, ends: bool) -> None:
        """As before; where the process `ends` a signal then ends it at once and says nothing."""
        for number, before in self._before.items():
            signal.signal(number, signal.SIG_DFL if ends and number == signal.SIGINT else before)
        if self._before and not ends:
            sys.unraisablehook = self._hook

    def _unraisable(self, what) -> None:
        """An interrupt within a destructor or callback is no fault to tell of."""
        if not self.asked:
            self._hook(what)


def _fail(message: str) -> int:
    from .text import printable

    print(f"latentwave: error: {' '.join(printable(message).split())}", file=sys.stderr)
    return 1


def _print_anything() -> None:
    """What the terminal's encoding lacks is printed as an escape: a name must not end a command."""
    import io

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def build_parser(argv: list[str] | None = None) -> "argparse.ArgumentParser":
    """Parser with every command, or with the one that the words of `argv` name; each sets `func(args) -> exit code`."""
    import argparse

    from .commands import COMMANDS, load, modules_for
    from .commands.parser import Parser

    parser = Parser(prog="latentwave", description="A latent-space neural wavetable synthesizer.")
    parser.add_argument("--version", action="version", version=f"latentwave {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    modules = modules_for(argv or [])
    for module in modules:
        load(module).register(subparsers)
    if len(modules) == len(COMMANDS):
        _register_training(subparsers)
    for sub in subparsers.choices.values():  # `latentwave play --debug` reads better than `latentwave --debug play`
        sub.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser


def _register_training(subparsers) -> None:
    """Add the commands of packages that join through an entry point."""
    from importlib import metadata

    for entry in metadata.entry_points(group="latentwave.commands"):
        try:
            register = entry.load()
        except ImportError:  # training is an extra; the player works without it
            continue
        register(subparsers)


def _joined(argv: list[str]) -> list[str]:
    """`--latent -1,2` as `--latent=-1,2`: argparse would take a list that begins with a minus for an option."""
    import re

    words = list(argv)
    for i in range(len(words) - 1, 0, -1):
        if words[i - 1] == "--latent" and re.match(r"-[\d.]", words[i]):
            words[i - 1:i + 1] = [f"--latent={words[i]}"]
    return words


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 done, 1 an error told in one line, 2 usage, 130 interrupted."""
    interrupts = Interrupts()
    interrupts.install()
    _print_anything()
    try:
        code = _run(sys.argv[1:] if argv is None else argv, interrupts)
    finally:
        interrupts.restore(ends=argv is None)
    if argv is None:
        _leave_if_busy(code)
    return code


def _leave_if_busy(code: int) -> None:
    """End the process here and now while a thread of ours is still at work, a compile or a decode: taking the interpreter down under
    compiled code ends in an abort. All that had to be kept is on disk by now.
    """
    import threading

    if not any(thread.daemon and thread.name.startswith("latentwave-") for thread in threading.enumerate()):
        return
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            pass
    os._exit(code)


def _run(argv: list[str], interrupts: Interrupts) -> int:
    from .errors import UserError

    args = build_parser(argv).parse_args(_joined(argv))
    try:
        interrupts.begun = True
        return int(args.func(args) or 0)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if interrupts.asked:
            return INTERRUPTED
        if args.debug or not isinstance(error, UserError | OSError):
            raise
        if isinstance(error, UserError):
            return _fail(str(error))
        return _fail(f"{os.fsdecode(error.filename) if isinstance(error.filename, bytes | str) else 'file'}: {error.strerror or error}")
