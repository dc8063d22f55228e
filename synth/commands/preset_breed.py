"""`presets breed`, `mutate` and `cross`: relatives of a preset, written as presets."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UserError
from ..text import dump_json, printable

if TYPE_CHECKING:
    from ..session.breed import Breeding


def register(words) -> None:
    """Add the words to those of `presets`."""
    from ..patch.sections import SECTIONS

    bred = words.add_parser("breed", help="eight relatives of a preset, written to a folder")
    bred.add_argument("preset", metavar="P", help="name or file of a preset")
    bred.add_argument("-o", "--output", required=True, metavar="DIR", help="folder for the presets, made where it is not there")
    mutated = words.add_parser("mutate", help="one relative of a preset")
    mutated.add_argument("preset", metavar="P", help="name or file of a preset")
    crossed = words.add_parser("cross", help="children of two presets: one, or eight in a folder")
    crossed.add_argument("preset", metavar="A", help="name or file of a preset, whose locked sections stay")
    crossed.add_argument("partner", metavar="B", help="the other one")
    for p in (mutated, crossed):
        p.add_argument("-o", "--output", required=True, metavar="F", help="OUT.json" + (", or a folder" if p is crossed else ""))
    for p in (bred, mutated):
        p.add_argument("--amount", type=float, default=0.3, metavar="X", help="how far they go, 0 to 1 (0.3)")
    for p in (bred, mutated, crossed):
        p.add_argument("--lock", default="", metavar="S,S", help=f"sections that stay as they are, of {', '.join(SECTIONS)}")
        p.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed breeds the same presets (0)")
        p.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable")
        p.set_defaults(func=_breed)


def _breed(args: argparse.Namespace) -> int:
    from ..gui.waiting import make_ready
    from ..patch import preset_file
    from ..paths import find_preset, refuse_input
    from ..session.breed import Breeding
    from ..timbres.model import open_model
    from ..timbres.source import ModelSource
    from ..timbres.source_cache import DEFAULT_MODEL

    if args.seed < 0:
        raise UserError(f"a seed is a whole number from 0 on, not {args.seed}")
    target = Path(args.output)
    one = target.suffix.lower() == ".json"
    if one and args.word == "breed":
        raise UserError(f"{target}: eight presets are written; give a folder, or `mutate` one")
    if not one and args.word == "mutate":
        raise UserError(f"{target}: a preset is written; give a name that ends in .json")
    parents = [find_preset(name) for name in (args.preset, getattr(args, "partner", None)) if name]
    refuse_input(target, *parents)
    patch, *partners = map(preset_file.load, parents)
    partner = partners[0] if partners else None
    source = ModelSource(open_model(patch.model or DEFAULT_MODEL))
    if patch.model_sha256 and patch.model_sha256 != source.sha256:
        raise UserError(f"{patch.name}: its model '{patch.model}' is not the one it was made with, so it cannot be bred")
    amount = getattr(args, "amount", 0.3)
    bred = make_ready(lambda say: Breeding(patch, source, amount=amount, locked=args.lock.split(","), seed=args.seed, partner=partner))
    return _write(bred, target, one, getattr(args, "json", False))


def _write(bred: "Breeding", target: Path, one: bool, as_json: bool) -> int:
    from ..patch import preset_file
    from ..session.saving import as_kept

    rows, found = [], bred.now
    if not one:
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{target}: cannot be made ({error.strerror})") from None
    which: Sequence[int] = [0] if one else range(len(found.candidates))
    for i in which:
        patch = found.candidates[i]
        file = target if one else target / f"{_file_name(patch.name)}.json"
        preset_file.save(as_kept(patch, bred.source), file)
        rows.append({"file": str(file), "name": patch.name, "erb_lsd_db": round(found.distances_db[i], 2)})
    if as_json:
        print(dump_json({"parent": found.parent.name, "seed": bred.seed, "locked": sorted(bred.locked), "presets": rows}, indent=1))
        return 0
    for row in rows:
        print(printable(f"{row['file']}: {row['name']}, {row['erb_lsd_db']:.1f} dB from {found.parent.name}"))
    return 0


def _file_name(name: str) -> str:
    return "".join("-" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in name).strip(" .") or "Untitled"
