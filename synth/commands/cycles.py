"""`cycles`: recordings, packs and single cycles -> one data set, a word on each file, and a page that shows what was found."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UserError
from ..text import counted
from . import instrument

if TYPE_CHECKING:
    from ..samples.collect import Report

SHOWN = 100  # files told one by one; --json names them all


def register(subparsers) -> None:
    """Add `cycles`, and `instrument`, which reads the same folders."""
    instrument.register(subparsers)
    parser = subparsers.add_parser("cycles", help="cut single cycles out of a folder of sounds")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("-o", "--output", required=True, metavar="DATASET",
                        help="NAME.npz, or NAME for a folder of arrays that need not fit in memory")
    parser.add_argument("--frame-size", type=int, metavar="N", help="each N samples of a file are one cycle")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(func=_cycles)


def _cycles(args: argparse.Namespace) -> int:
    from ..samples.bar import reading_bar
    from ..samples.collect import collect

    output = Path(args.output).expanduser()
    if output.suffix.lower() not in (".npz", ""):
        raise UserError(f"the data set must be named .npz, or have no suffix for a folder, not '{output.name}'")
    if not output.parent.is_dir():
        raise UserError(f"there is no folder {output.parent} to write to")
    folder = Path(args.folder).expanduser()
    if not folder.is_dir():
        raise UserError(f"there is no folder {args.folder}")
    with reading_bar() as progress:
        report = collect(folder, output, args.frame_size, progress)
    if args.json:
        print(json.dumps(asdict(report)))  # in ASCII: a name that is no text stays valid JSON
    else:
        _tell(report, output)
    return 0


def _tell(report: "Report", output: Path) -> None:
    lines = [f"{name}: {counted(count, 'cycle')}" + (f"; {report.remarks[name]}" if name in report.remarks else "")
             for name, count in report.files.items()]
    _some(lines, "files were taken")
    _some([f"{name}: left out, {reason}" for name, reason in report.left_out.items()], "were left out")
    if report.dataset != str(output):
        print(f"so many cycles need not fit in memory: written as a folder, {report.dataset}")
    print(f"{report.dataset}: {counted(report.cycles, 'cycle')}, {report.groups} of them different; pictures of them: {report.page}")


def _some(lines: list[str], rest: str) -> None:
    for line in lines[:SHOWN]:
        print(line)
    if len(lines) > SHOWN:
        print(f"... and {len(lines) - SHOWN} more {rest} (--json names them all)")
