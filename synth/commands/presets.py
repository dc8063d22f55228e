"""`presets`: what there is to play, and all that can be done to it; its words are in `preset_search` and `preset_changes`."""

import argparse
from dataclasses import replace
from pathlib import Path

from ..errors import UserError
from ..patch.programs import Program, list_programs
from ..text import dump_json, printable
from . import morph, preset_breed, preset_changes, preset_search, stack


def register(subparsers) -> None:
    """Add `presets`."""
    listed = subparsers.add_parser("presets", help="list the presets with the number that picks each; search, save, rename, pack them")
    listed.add_argument("--json", action="store_true", help="machine-readable")
    listed.add_argument("--category", metavar="C", help="only those of a category")
    listed.add_argument("--random", metavar="FILE.json", help="write a preset drawn from where a model's sounds are, and list nothing")
    listed.add_argument("--model", metavar="M", help="goes with --random: name or folder of the model (default akwf-16)")
    listed.add_argument("--seed", type=int, metavar="N", help="goes with --random: the same seed draws the same preset")
    listed.set_defaults(func=_presets)
    words = listed.add_subparsers(metavar="", title="what else", dest="word")
    preset_search.register(words)
    preset_changes.register(words)
    morph.register(words)
    stack.register(words)
    preset_breed.register(words)


def preset_row(program: Program) -> dict:
    """What a list tells of a preset; `error` in one sentence where its file cannot be read."""
    from ..patch import preset_file

    row: dict = {"bank": program.bank, "program": program.number, "name": program.file.stem, "file": str(program.file)}
    try:
        patch = preset_file.load(program.file)
    except UserError as error:
        return row | {"error": str(error)}
    return row | {"name": patch.name, "category": patch.category, "tags": list(patch.tags), "author": patch.author,
                  "comment": patch.comment, "model": patch.model, "keeps_its_sound": patch.fallback_db is not None}


def _presets(args: argparse.Namespace) -> int:
    if args.random is not None:
        return _random(args)
    if args.model is not None or args.seed is not None:
        raise UserError("--model and --seed go with --random FILE.json")
    rows = _rows()
    if args.category is not None:
        rows = [row for row in rows if str(row.get("category", "")).casefold() == args.category.casefold()]
    if args.json:
        print(dump_json(rows, indent=1))
        return 0
    for row in rows:
        kind = row.get("category", "damaged")
        place = f"{row['bank']}:{row['program']:<3d}"
        print(printable(f"{place}  {row['name']:<18} {kind:<8} {row.get('error') or row['comment']}").rstrip())
    return 0


def _rows() -> list[dict]:
    """A row for each program, from the library's index, which reads only what has changed."""
    from ..session.library_index import Index

    index = Index()
    index.refresh()
    rows = []
    for program in list_programs():
        entry = index.by_path.get(str(program.file))
        if entry is None:
            rows.append(preset_row(program))
            continue
        row: dict = {"bank": program.bank, "program": program.number, "name": entry.name, "file": str(program.file), "key": entry.key}
        rows.append(row | ({"error": entry.error} if entry.error else {
            "category": entry.category, "tags": list(entry.tags), "author": entry.author, "comment": entry.comment, "model": entry.model,
            "keeps_its_sound": entry.keeps_its_sound}))
    return rows


def _random(args: argparse.Namespace) -> int:
    import numpy as np

    from ..patch import preset_file
    from ..patch.patch import Patch
    from ..timbres.model import open_model
    from ..timbres.random_patch import random_patch
    from ..timbres.source import ModelSource
    from ..timbres.source_cache import DEFAULT_MODEL

    path = Path(args.random)
    if path.suffix.lower() != ".json":
        raise UserError(f"the preset must be named .json, not '{path.name}'")
    if args.seed is not None and args.seed < 0:
        raise UserError(f"a seed is a whole number from 0 on, not {args.seed}")
    source = ModelSource(open_model(args.model or DEFAULT_MODEL))
    patch = random_patch(source, np.random.default_rng(args.seed), Patch())
    preset_file.save(replace(patch, name=printable(path.stem)), path)
    print(printable(f"{path}: {patch.comment}"))
    return 0
