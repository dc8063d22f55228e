"""The commands `instrument`, recordings of notes -> an instrument of latent tracks, and `instruments`."""

import argparse
import json
from pathlib import Path

from ..text import counted, printable
from .model import DEFAULT_MODEL


def register(subparsers) -> None:
    """Add `instrument` and `instruments`."""
    made = subparsers.add_parser("instrument", help="make an instrument of your recordings of notes")
    made.add_argument("inputs", nargs="+", metavar="FILE|FOLDER", help="sound files, folders of them, SFZ or Decent Sampler maps")
    made.add_argument("-o", "--output", required=True, metavar="NAME", help="its name: a folder in your `instruments/`")
    made.add_argument("--model", default=DEFAULT_MODEL, help=f"name or folder (default {DEFAULT_MODEL})")
    made.add_argument("--replace", action="store_true", help="in place of an instrument of that name")
    made.add_argument("--json", action="store_true")
    made.add_argument("--live", action="store_true", help="for a program that waits: progress as lines of JSON")
    made.set_defaults(func=_instrument)
    listed = subparsers.add_parser("instruments", help="list the instruments of recordings: yours, then those that came with the program")
    listed.add_argument("--json", action="store_true", help="machine-readable")
    listed.set_defaults(func=_instruments)


def _instruments(args: argparse.Namespace) -> int:
    from .. import paths

    rows = [_row_of(folder) for folder in paths.list_instruments()]
    if args.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        what = row.get("error") or f"{counted(row['notes'], 'note')} of {row['model']}"
        print(printable(f"{row['name']:<24} {what}  {row['folder']}"))
    return 0


def _row_of(folder: Path) -> dict:
    """`name`, `folder`, and `notes` (a number) and `model`, or the `error` of one that is damaged."""
    from ..errors import UserError
    from ..tracks.instrument_file import heading

    row: dict = {"name": folder.name, "folder": str(folder)}
    try:
        n_notes, model = heading(folder)
        return row | {"notes": n_notes, "model": model}
    except UserError as error:
        return row | {"error": str(error)}


def _instrument(args: argparse.Namespace) -> int:
    from .. import paths
    from ..samples.bar import reading_bar
    from ..timbres.model import open_model
    from ..tracks import instrument_file
    from ..tracks.building import build, file_name
    from ..tracks.nearness import nearness
    from ..tracks.report import make_page

    name = file_name(args.output)
    folder = paths.user_folder() / "instruments" / name
    instrument_file.check_free(folder, args.replace)
    model = open_model(args.model)
    with reading_bar(not (args.json or args.live)) as progress:
        built = build([Path(given) for given in args.inputs], name, model, _tell_progress if args.live else progress)
    digest = instrument_file.save(built.instrument, folder, args.replace, make_page(built, model))
    page = folder / f"{name}.html"
    zones = built.instrument.zones
    mean = {key: round(sum(z.errors[key] for z in zones) / len(zones), 3) for key in ("lsd_db", "erb_lsd_db", "cycle_lsd_db", "whole_db")}
    if args.json:
        rows = [{"key": z.key, "velocity": z.velocity, "round_robin": z.round_robin, "source": z.source, "freq_hz": round(z.freq_hz, 3),
                 "keys": list(z.keys), "velocities": list(z.velocities),
                 "errors": {k: round(v, 3) for k, v in z.errors.items()}} for z in zones]
        print(json.dumps({"name": name, "folder": str(folder), "page": str(page), "sha256": digest, "model": model.name, "zones": rows,
                          "left_out": built.left_out, "remarks": built.remarks, **mean,
                          "verdicts": {key: nearness(key, db) for key, db in mean.items()}}))
        return 0
    for file, reason in built.left_out.items():
        print(printable(f"left out: {file} {reason}"))
    for file, remark in built.remarks.items():
        print(printable(f"{file} {remark}" if not file.startswith("(") and file != "takes" else remark))
    said = {key: f"{db:.2f} dB ({nearness(key, db)})" for key, db in mean.items()}
    print(f"{counted(len(zones), 'note')} as tracks of {printable(model.name)}: {said['lsd_db']} from the recordings by LSD, "
          f"as one still cycle {said['cycle_lsd_db']}; the whole sound {said['whole_db']}")
    print(printable(folder))
    print(f"how near each note comes, with pictures and sound: {printable(page)}")
    return 0


def _tell_progress(done: int, total: int) -> None:
    """One line, as `train --live` writes them."""
    print("progress " + json.dumps({"stage": "making", "part": done / max(total, 1), "done": done, "of": total}), flush=True)
