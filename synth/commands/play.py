"""`latentwave play`: the instrument."""

import argparse
import contextlib
import gc
import signal
import sys
from pathlib import Path

from ..errors import UserError


def register(subparsers) -> None:
    """Add `play`."""
    from .render import add_keyboard_options, add_sound_options

    p = subparsers.add_parser("play", help="play the instrument")
    add_sound_options(p)
    add_keyboard_options(p)
    p.add_argument("--device", metavar="D", help="sound device: jack, an index or part of a name (see `devices`), or none")
    p.add_argument("--midi", default="all", metavar="PORT|all|none", help="MIDI inputs to listen on (default all)")
    p.add_argument("--samplerate", type=int, metavar="HZ", help="default: the device's own, else 48000")
    p.add_argument("--blocksize", type=int, default=128, metavar="N")
    p.add_argument("--no-gui", action="store_true", help="the terminal view in place of the window")
    p.add_argument("--seconds", type=float, metavar="S", help="play for so long, then end")
    p.add_argument("--record", metavar="OUT.wav", help="record what is heard")
    p.add_argument("--log-events", metavar="F.jsonl", help="write every event with its frame; `render --events` plays it back")
    p.add_argument("--demo-if-silent", action="store_true", help="with no sound device: render the demo song to demo.wav and end")
    p.add_argument("--gui-log", metavar="F.jsonl", help=argparse.SUPPRESS)
    p.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Play until told to end; answers the exit code. Raises UserError with one sentence."""
    from .render import patch_of, settings_of, source_of, told_progress, tuning_of

    if not 16 <= args.blocksize <= 8192:
        raise UserError(f"block size {args.blocksize} is outside 16 to 8192")
    patch, source, tuning = patch_of(args), source_of(args), tuning_of(args)
    if args.demo_if_silent and not _audible(args.device):
        return _demo(args, patch)
    from ..gui.display import has_display
    from ..session.session import Player

    sys.setswitchinterval(0.001)  # MIDI and decodes must not wait long for the window
    for number in (signal.SIGTERM, signal.SIGINT):  # in the background of a script SIGINT comes ignored
        if signal.getsignal(number) in (signal.SIG_IGN, signal.SIG_DFL):
            signal.signal(number, _interrupt)
    with contextlib.ExitStack() as stack, contextlib.suppress(KeyboardInterrupt):
        player = Player(patch, model=args.model, source=source, device=args.device, midi=args.midi, sr_hz=args.samplerate,
                        blocksize=args.blocksize, log=args.log_events, record=args.record, progress=told_progress(),
                        wavetable=_origin(args), tuning=tuning, mpe=args.mpe, settings=settings_of(args))
        stack.callback(player.close)
        gc.collect()
        gc.freeze()
        return _view(args, player, not args.no_gui and has_display())
    return 0


def _interrupt(number, frame):
    raise KeyboardInterrupt


def _view(args, player, window: bool) -> int:
    if window:
        from ..gui.window import run_window

        return run_window(player, seconds=args.seconds, event_log=Path(args.gui_log) if args.gui_log else None)
    from ..gui.terminal.view import run_terminal

    return run_terminal(player, seconds=args.seconds)


def _audible(wanted: str | None) -> bool:
    from ..ports.portaudio import can_be_heard

    return can_be_heard(wanted)


def _origin(args) -> dict:
    """Where the wavetable came from, for the log: a render of the take finds it there."""
    return {"wavetable": str(Path(args.wavetable).resolve()), "frame_size": args.frame_size} if args.wavetable else {}


def _demo(args, patch) -> int:
    from .. import paths
    from ..cli import main

    print("No sound device was found: rendering the demo song to demo.wav instead.", flush=True)
    command = ["render", str(paths.demo_song()), "-o", "demo.wav", "--program-changes"]
    if args.preset:
        command += ["--preset", args.preset]
    return main(command)
