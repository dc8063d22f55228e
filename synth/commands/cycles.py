"""`cycles`: recordings, packs and single cycles -> one data set, with a word on each file."""

import argparse
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

from ..errors import UserError


def register(subparsers) -> None:
    """Add `cycles`."""
    parser = subparsers.add_parser("cycles", help="cut single cycles out of a folder of sounds")
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("-o", "--output", required=True, metavar="DATASET",
                        help="NAME.npz, or NAME for a folder of arrays that need not fit in memory")
    parser.add_argument("--frame-size", type=int, metavar="N", help="each N samples of a file are one cycle")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(func=_cycles)


def _cycles(args: argparse.Namespace) -> int:
    from ..samples import dataset
    from ..samples.groups import describe, near_duplicate_groups

    output = Path(args.output).expanduser()
    if output.suffix.lower() not in (".npz", ""):
        raise UserError(f"the data set must be named .npz, or have no suffix for a folder, not '{output.name}'")
    if not output.parent.is_dir():
        raise UserError(f"there is no folder {output.parent} to write to")
    if not Path(args.folder).expanduser().is_dir():
        raise UserError(f"there is no folder {args.folder}")
    found, refusals = dataset.load(Path(args.folder), args.frame_size)
    found = replace(found, group=near_duplicate_groups(describe(found.cycles)))
    dataset.save(found, output)
    taken = Counter(_file_of(name) for name in found.name.tolist())
    report: dict = {"dataset": str(output), "cycles": len(found), "groups": int(found.group.max()) + 1,
              "files": dict(sorted(taken.items())), "left_out": {r.name: r.reason for r in refusals}}
    if args.json:
        print(json.dumps(report, ensure_ascii=False))
        return 0
    for name, count in report["files"].items():
        print(f"{name}: {count} cycle{'s' if count > 1 else ''}")
    for refusal in refusals:
        print(f"{refusal.name}: left out, {refusal.reason}")
    print(f"{output}: {len(found)} cycles, {report['groups']} of them different")
    return 0


def _file_of(name: str) -> str:
    """'sub/pack.wav:12' -> 'sub/pack.wav'; the name of a file that is one cycle stays."""
    file, _, index = name.rpartition(":")
    return file if file and index.isdigit() else name
