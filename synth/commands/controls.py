"""`controls` and `learn`: what moves what, and a control that is shown by moving it."""

import argparse
import json
import threading
import time
from typing import TYPE_CHECKING

from ..errors import UserError, did_you_mean

if TYPE_CHECKING:
    from ..ports.osc_port import OscPort
    from ..session.learn import Learner


def register(subparsers) -> None:
    """Add `controls` and `learn`."""
    listed = subparsers.add_parser("controls", help="list the control map: what moves what")
    listed.add_argument("--device", metavar="D", help="as one device is heard: name of its file in controls/")
    listed.add_argument("--preset", metavar="P", help="with the rows of a preset")
    listed.add_argument("--json", action="store_true", help="machine-readable")
    listed.set_defaults(func=_controls)
    learnt = subparsers.add_parser("learn", help="wait for a moved control and have it move TARGET from now on")
    learnt.add_argument("target", metavar="TARGET",
                        help="a parameter, latent.N, direction.NAME, brightness, effect.N.NAME of the chain, action.NAME or none")
    learnt.add_argument("--device", metavar="D", help="listen to this MIDI input only (part of its name)")
    learnt.add_argument("--osc", default="", metavar="PORT|HOST:PORT|none",
                        help="where OSC is heard (default 127.0.0.1:9177, where it is free)")
    learnt.add_argument("--seconds", type=float, default=60.0, metavar="S", help="how long to wait (60)")
    learnt.add_argument("--json", action="store_true", help="print the row as JSON")
    learnt.set_defaults(func=_learn)


def _controls(args: argparse.Namespace) -> int:
    import sys

    from ..patch import preset_file
    from ..patch.control_map import row_to_json
    from ..paths import find_preset
    from ..session.control_files import known_devices, placed_rows, read_layers

    if args.device is not None and args.device not in known_devices():
        near = did_you_mean(args.device, known_devices())
        raise UserError(f"no rows were kept for a device named '{args.device}'{near} (there are {', '.join(known_devices()) or 'none'}); "
                        "`latentwave learn TARGET` keeps one")
    patch = preset_file.load(find_preset(args.preset)) if args.preset else None
    layers, told = read_layers()
    for sentence in told:
        print(f"latentwave: {sentence}", file=sys.stderr)
    rows = placed_rows(layers, patch.controls, f"preset {patch.name}") if patch else placed_rows(layers)
    rows = [placed for placed in rows if args.device is None or placed.row.device in ("", args.device)]
    if args.json:
        print(json.dumps([{**row_to_json(placed.row), "from": placed.origin} for placed in rows], indent=1, ensure_ascii=False))
        return 0
    for placed in rows:
        row = placed.row
        where = "" if row.channel is None else f"channel {row.channel}"
        span = "" if (row.low, row.high) == (0, 1) else f"{row.low:g} to {row.high:g}"
        how = " ".join(filter(None, (row.mode, row.curve if row.curve != "linear" else "", span, where, row.device)))
        print(f"{row.source:<14} {row.target:<24} {how:<32} {placed.origin}")
    return 0


def _learn(args: argparse.Namespace) -> int:
    from ..patch.control_map import ControlRow, row_to_json
    from ..ports.rtmidi_ports import MidiPorts, apis_with_jack
    from ..session.control_files import device_name, device_of, file_of, keep_row, known_devices
    from ..session.learn import Learner

    if not 0 < args.seconds <= 3600:
        raise UserError(f"{args.seconds:g} s is outside 0 to 3600")
    learner, lock, devices = Learner(args.target), threading.Lock(), [""]

    def number(port: str) -> int:
        devices.append(device_of(port, known_devices()) or device_name(port))
        return len(devices) - 1

    def take(event, age_s: float) -> None:
        with lock:
            learner.take(event, time.monotonic())

    osc = None if args.device else _hear_osc(args.osc, learner, lock)
    ports = MidiPorts(take, args.device or "all", device_of=number, apis=apis_with_jack())
    ports.start()
    try:
        if osc:
            osc.start()
        if args.device and not ports.names:
            raise UserError(f"no MIDI input named '{args.device}' is connected; `latentwave devices` lists what there is")
        heard = [*ports.names, *([f"OSC at {osc.address.shown}"] if osc else [])]
        print(f"move the control for {learner.target} ({', '.join(heard) or 'no MIDI input yet'})", flush=True)
        found: tuple[ControlRow, int] | None = None
        deadline = time.monotonic() + args.seconds
        while found is None:
            if time.monotonic() > deadline:
                raise UserError(f"no control moved in {args.seconds:g} s; nothing is changed")
            time.sleep(0.02)
            with lock:
                found = learner.row(time.monotonic())
    finally:
        ports.stop()
        if osc:
            osc.close()
    row, device = found[0], devices[found[1]]
    keep_row(row, device)
    told = {**row_to_json(row), "from": str(file_of(device))}
    print(json.dumps(told) if args.json else f"{row.source} moves {row.target} ({row.mode}), kept in {file_of(device)}")
    return 0


def _hear_osc(place: str, learner: "Learner", lock: threading.Lock) -> "OscPort | None":
    """What hears OSC for a learner; None where it is not wanted, or the usual place is taken. Raises UserError for another."""
    from ..ports.osc_packets import TimedMessage
    from ..ports.osc_port import Answer, OscPort, parse_address
    from ..session.osc_addresses import RefusedError, is_own, number, one

    address = parse_address(place)

    def take(message: TimedMessage, answer: Answer) -> None:
        if is_own(message.address):
            return
        try:
            value = number(one(message.arguments)) if message.arguments else 1.0  # without one: a button is pressed
        except (RefusedError, UserError):
            return  # texts and several numbers are no control
        with lock:
            learner.take_osc(message.address, min(max(value, 0.0), 1.0), time.monotonic())

    try:
        return OscPort(address, take, lambda reason: None) if address else None
    except UserError:
        if address and address.required:
            raise
        return None  # a latentwave that plays has it, and learns by itself
