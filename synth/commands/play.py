"""`latentwave play`: the instrument."""

import argparse
import contextlib
import gc
import os
import signal
import sys
import threading
from pathlib import Path

from ..errors import UserError


def register(subparsers) -> None:
    """Add `play`."""
    from .render import add_keyboard_options, add_sound_options

    p = subparsers.add_parser("play", help="play the instrument")
    add_sound_options(p)
    add_keyboard_options(p)
    p.add_argument("--device", metavar="D", help="sound device: jack, an index or part of a name (see `devices`), or none")
    p.add_argument("--midi", metavar="PORT|all|none", help="MIDI inputs to listen on (default: what the window's settings say, else all)")
    p.add_argument("--midi-out", metavar="NAME|none", nargs="?", const="on",
                   help="send what is played: by a port of its own that others connect to, or to the port of that name")
    p.add_argument("--mts-esp", action=argparse.BooleanOptionalAction, help="be tuned by an MTS-ESP master, live")
    p.add_argument("--link", action=argparse.BooleanOptionalAction, help="share tempo, beat, start and stop over Ableton Link")
    p.add_argument("--osc", metavar="[HOST:]PORT|none", help="where OSC is listened to (default: 127.0.0.1:9177)")
    p.add_argument("--samplerate", type=int, metavar="HZ", help="default: the device's own, else 48000")
    p.add_argument("--blocksize", type=int, metavar="N", help="frames a block (default: what the window's settings say, else 128)")
    p.add_argument("--no-gui", action="store_true", help="the terminal view in place of the window")
    p.add_argument("--seconds", type=float, metavar="S", help="play for so long, then end")
    p.add_argument("--record", metavar="OUT.wav", help="record what is heard")
    p.add_argument("--record-midi", metavar="OUT.mid", help="record what is played as a MIDI file that `render` plays back to the sample")
    p.add_argument("--log-events", metavar="F.jsonl", help="write every event with its frame; `render --events` plays it back")
    p.add_argument("--demo-if-silent", action="store_true", help="with no sound device: render the demo song to demo.wav and end")
    p.add_argument("--gui-log", metavar="F.jsonl", help=argparse.SUPPRESS)
    p.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Play until told to end; answers the exit code. Raises UserError with one sentence."""
    gc.disable()  # until the instrument stands: nothing that a start makes is garbage, and looking through it all took a tenth of its time
    try:
        return _run(args)
    finally:
        gc.enable()


def _run(args: argparse.Namespace) -> int:
    from ..paths import first_preset_of
    from ..session.restart import Running
    from ..session.spare_memory import hold_tight
    from .render import patch_of, source_of, tuning_of

    if args.model and not args.preset and (brought := first_preset_of(args.model)):
        args.preset = str(brought)  # a model that was trained brings presets of its own
    ports = _ports(args)
    patch, source, tuning = patch_of(args), source_of(args), tuning_of(args)
    if args.demo_if_silent and not _audible(args.device):
        return _demo(args)
    hold_tight()
    sys.setswitchinterval(0.001)  # MIDI and decodes must not wait long for the window
    code, saved = 0, []
    with _Ending() as ending:
        instrument = Running(lambda ports, document, say: _make(args, ports, document, patch, source, tuning, say), ports)
        try:
            with contextlib.suppress(KeyboardInterrupt):
                code = _view(args, instrument, ending)
        finally:
            ending.closing = True
            session = instrument.preparation.cancel()
            if session is not None:
                saved = session.close()
        _tell(instrument.saved + saved)
    return code


class _Ending:
    """The signals that ask for the end, a closed terminal's among them. They set `asked`, which every view looks at.

    None of them interrupts what is under way, so that a take is never left half-closed; a second Ctrl-C does, where a view hangs.
    """

    def __init__(self) -> None:
        self.asked = self.closing = False

    def __enter__(self) -> "_Ending":
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
        mine = threading.current_thread() is threading.main_thread()  # only there a signal can be asked for
        numbers = [getattr(signal, name) for name in names if mine and hasattr(signal, name)]
        kept = [number for number in numbers if number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) == signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._handle) for number in numbers if number not in kept}  # kept: nohup's
        return self

    def __exit__(self, *_) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number, frame) -> None:
        if number == signal.SIGINT and self.asked and not self.closing:
            raise KeyboardInterrupt
        self.asked = True


def _ports(args):
    """What is played through: the options, else what the window's settings kept, else the defaults. Raises UserError."""
    from ..ports.osc_port import parse_address
    from ..session.port_settings import LEAST_BLOCK, MOST_BLOCK, PortSettings, read_port_settings
    from ..session.sync import check_followed

    kept = read_port_settings()
    device = args.device or kept.device
    found = PortSettings(device, args.samplerate or (kept.sr_hz if device == kept.device else None), args.blocksize or kept.blocksize,
                         args.midi or kept.midi, args.mpe or kept.mpe, args.osc or kept.osc, args.midi_out or kept.midi_out,
                         kept.mts_esp if args.mts_esp is None else args.mts_esp, kept.link if args.link is None else args.link)
    parse_address(found.osc)
    check_followed(bool(args.mts_esp), bool(args.link))
    if args.blocksize is not None and not LEAST_BLOCK <= args.blocksize <= MOST_BLOCK:
        raise UserError(f"block size {args.blocksize} is outside {LEAST_BLOCK} to {MOST_BLOCK}")
    return found


def _make(args, ports, document, patch, source, tuning, say):
    """The player. What an earlier start left unfinished is finished first. document: of a session that went before, which goes on."""
    from ..paths import find_preset
    from ..ports.osc_port import parse_address
    from ..render.midi_capture import finish_capture
    from ..render.unfinished import finish_unfinished, name_takes
    from ..session.session import Session
    from ..session.spare_memory import give_back
    from .render import settings_of

    wanted = {name: getattr(args, name) for name in ("record", "log_events", "record_midi")}
    told = finish_unfinished([Path(name).absolute() for name in wanted.values() if name], {".mid": finish_capture, ".midi": finish_capture})
    takes, renamed = name_takes(wanted)
    told += renamed
    chosen = document.state.choices if document else None
    session = Session(document.patch if document else patch, file=document.file if document else find_preset(args.preset or "Init"),
                      model=chosen.model if chosen else args.model, source=chosen.source if chosen else source, device=ports.device,
                      midi=ports.midi, sr_hz=ports.sr_hz, blocksize=ports.blocksize, log=takes["log_events"], record=takes["record"],
                      record_midi=takes["record_midi"], progress=say, wavetable=_origin(args), tuning=chosen.tuning if chosen else tuning,
                      mpe=ports.mpe, osc=parse_address(ports.osc), midi_out=ports.midi_out,
                      mts_esp=ports.mts_esp, link=ports.link, settings=() if document else settings_of(args))
    _tell(told)
    session.messages.extendleft(reversed(told))  # what is offered is the newest: the line at the bottom shows that one
    if document is None:
        gc.collect()
        gc.freeze()
        gc.enable()
        give_back()
    return session


def _tell(sentences) -> None:
    """Print sentences; the terminal may be gone."""
    try:
        for sentence in sentences:
            print(f"{sentence[0].upper()}{sentence[1:]}.", flush=True)
    except OSError:
        with open(os.devnull, "wb") as null:
            os.dup2(null.fileno(), sys.stdout.fileno())


def _view(args, instrument, ending: _Ending) -> int:
    from ..gui.display import has_display

    if not args.no_gui and has_display():
        from ..gui.run_window import run_window

        return run_window(instrument, seconds=args.seconds, event_log=Path(args.gui_log) if args.gui_log else None,
                          ended=lambda: ending.asked)
    from ..gui.terminal.view import run_terminal
    from ..gui.waiting import wait_for

    if not wait_for(instrument.preparation, lambda: ending.asked):
        return 0
    return run_terminal(instrument.preparation.result, seconds=args.seconds, ended=lambda: ending.asked)


def _audible(wanted: str | None) -> bool:
    from ..ports.portaudio import can_be_heard

    return can_be_heard(wanted)


def _origin(args) -> dict:
    """Where the wavetable came from, for the log: a render of the take finds it there."""
    return {"wavetable": str(Path(args.wavetable).resolve()), "frame_size": args.frame_size} if args.wavetable else {}


def _demo(args) -> int:
    from .. import paths
    from ..cli import main

    print("No sound device was found: rendering the demo song to demo.wav instead.", flush=True)
    command = ["render", str(paths.demo_song()), "-o", "demo.wav", "--program-changes"]
    if args.preset:
        command += ["--preset", args.preset]
    return main(command)
