"""`latentwave wavetable` and `convert`: sounds as wavetables of other programs, and wavetables between formats."""

import argparse
import json
from pathlib import Path

from ..errors import UserError
from ..text import counted, printable

OWNERS = ("serum", "vital", "surge", "waveedit")
KINDS = ("instrument", "path", "corners")
MOST_PRESETS = 64


def register(subparsers) -> None:
    """Add `wavetable` and `convert`."""
    table = subparsers.add_parser("wavetable", help="write a morph, or what was played, as a wavetable for other synthesizers")
    table.add_argument("presets", nargs="*", metavar="PRESET", help="one: along its position; several: from each to the next")
    table.add_argument("-o", "--output", required=True, metavar="OUT", help=".wav, .wt, .vitaltable, .flac, or a folder for cycles")
    table.add_argument("--frames", type=int, metavar="N", help="how many (default: 256, or what the format takes)")
    table.add_argument("--events", metavar="F.jsonl", help="the timbre of a take, from its first note to its last event")
    table.add_argument("--model", metavar="M", help="name or folder of a model, in place of the presets'")
    table.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE", help="set a parameter of every preset")
    _add_format_options(table)
    table.set_defaults(func=_wavetable)
    convert = subparsers.add_parser("convert", help="a wavetable into another format, or into a preset")
    convert.add_argument("input", metavar="IN", help="a wavetable, or a folder of single cycles")
    convert.add_argument("output", metavar="OUT", help=".wav, .wt, .vitaltable, .flac, .json (a preset), or a folder of cycles")
    convert.add_argument("--frame-size", type=int, metavar="N", help="samples a frame of IN, whatever it says")
    convert.add_argument("--frames", type=int, metavar="N", help="at most so many, evenly along the table")
    convert.add_argument("--as", dest="kind", choices=KINDS, help="what a preset makes of it: frames played (default), a path through a "
                         "model's latents, or corners of one")
    convert.add_argument("--model", metavar="M", help="whose latents (default akwf-16)")
    _add_format_options(convert)
    convert.set_defaults(func=_convert)


def _add_format_options(p) -> None:
    p.add_argument("--for", dest="owner", choices=OWNERS, help="whose .wav (default serum, which most read)")
    p.add_argument("--bits", type=int, choices=(16, 24, 32), help="depth, 32 being float (default: what the format's owner writes)")
    p.add_argument("--json", action="store_true", help="print what was done as JSON")


def _wavetable(args: argparse.Namespace) -> int:
    import numpy as np

    from ..render.wavetable_files import LAYOUTS, layout_for, write_wavetable

    if bool(args.presets) == bool(args.events) or len(args.presets) > MOST_PRESETS:
        raise UserError(f"give one preset or several (at most {MOST_PRESETS}), or --events F.jsonl")
    output = Path(args.output)
    name = layout_for(output, args.owner)
    count = args.frames or (LAYOUTS[name].most if name in LAYOUTS else 16)
    most = LAYOUTS[name].most if name in LAYOUTS else 4096
    if not 1 <= count <= most or args.frames is not None and args.frames < 1:
        raise UserError(f"--frames {args.frames} is outside 1 to {most}, what {name} takes")
    frames = _gesture(args, count) if args.events else _morph(args, count)
    peak = float(np.abs(frames).max())
    if peak < 1e-9:
        raise UserError("this sound is silent all the way, and makes no wavetable")
    written = write_wavetable(output, frames / peak, args.owner, args.bits)
    _tell(args, written, "")
    return 0


def _morph(args, count: int):
    from ..timbres.morph_frames import Stop, along_morph, along_position, along_presets
    from ..timbres.source_cache import played_alone
    from .render import patches_of

    patches = patches_of(args)
    if len(patches) == 1 and patches[0].morph is not None:
        return along_morph(patches[0].morph, count, args.model)
    stops = [Stop(*played_alone(patch, args.model)) for patch in patches]
    return along_position(stops[0], count) if len(stops) == 1 else along_presets(stops, count)


def _gesture(args, count: int):
    from ..gui.waiting import make_ready
    from ..patch import preset_file
    from ..paths import find_preset
    from ..render import event_log
    from ..render.gesture_frames import along_gesture, gesture_span
    from ..render.offline import Offline
    from .render import settings_of, source_of

    header, events = event_log.read(args.events)
    span = gesture_span(events)
    patch = preset_file.from_data(header["preset"], "the log's preset") if header.get("preset") else preset_file.load(find_preset("Init"))
    source = source_of(argparse.Namespace(wavetable=None, frame_size=None, model=args.model), header)
    sr_hz = header.get("samplerate", 48000)
    player = make_ready(lambda say: Offline(patch, events, sr_hz=sr_hz, model=args.model, source=source, settings=settings_of(args),
                                            controls=header.get("controls")))
    return along_gesture(player, span, count)


def _convert(args: argparse.Namespace) -> int:
    from ..paths import refuse_input
    from ..render.table_fit import recounted, without_dc
    from ..render.wavetable_files import layout_for, write_wavetable
    from ..samples.cycle_folder import read_table_or_folder

    if args.frames is not None and args.frames < 1:
        raise UserError(f"--frames {args.frames}: give 1 or more")
    if args.frame_size is not None and args.frame_size < 1:
        raise UserError(f"a frame size of {args.frame_size} is none; give the samples of one cycle, as in --frame-size 2048")
    output = Path(args.output)
    if output.suffix.lower() == ".json":
        return _to_preset(args, output)
    if args.kind or args.model:
        raise UserError("--as and --model go with a preset: give a name that ends in .json")
    layout_for(output, args.owner)
    refuse_input(output, args.input)
    table = read_table_or_folder(Path(args.input), args.frame_size)
    frames, centred = without_dc(table.frames)
    frames, counted = recounted(frames, args.frames, False) if args.frames else (frames, "")
    written = write_wavetable(output, frames, args.owner, args.bits)
    _tell(args, written, "; ".join(filter(None, (table.told, centred, counted))))
    return 0


def _to_preset(args, output: Path) -> int:
    from ..patch import preset_file
    from ..render.keep_table import kept_table
    from ..samples.cycle_folder import read_table_or_folder
    from ..timbres.model import open_model
    from ..timbres.source_cache import DEFAULT_MODEL
    from ..timbres.table_patches import corners_of_table, instrument_of, path_of

    if args.owner or args.bits or args.frames:
        raise UserError("--for, --bits and --frames go with a wavetable, not with a preset")
    kind = args.kind or "instrument"
    if kind == "instrument" and args.model:
        raise UserError("--model goes with --as path or --as corners: an instrument plays the frames themselves")
    table = read_table_or_folder(Path(args.input), args.frame_size)
    frames = table.frames - table.frames.mean(1, keepdims=True)
    name = printable(output.stem)
    if kind == "instrument":
        kept, told = kept_table(Path(args.input), frames, args.frame_size)
        patch = instrument_of(name, frames, kept)
    else:
        patch, told = (path_of if kind == "path" else corners_of_table)(name, frames, open_model(args.model or DEFAULT_MODEL))
    preset_file.save(patch, output)
    message = "; ".join(filter(None, (table.told, told)))
    if args.json:
        print(json.dumps({"output": str(output), "kind": kind, "frames": len(frames), "message": printable(message)}))
    else:
        print(printable(f"{output}: {kind} of {counted(len(frames), 'frame')}" + (f"; {message}" if message else "")))
    return 0


def _tell(args, written, told: str) -> None:
    message = "; ".join(filter(None, (told, written.told)))
    n_frames, size = written.frames.shape
    if args.json:
        print(json.dumps({"output": str(args.output), "layout": written.layout, "frames": n_frames, "frame_size": size,
                          "message": printable(message)}))
    else:
        told = f"{args.output}: {counted(n_frames, 'frame')} of {size} samples ({written.layout})"
        print(printable("; ".join(filter(None, (told, message)))))
