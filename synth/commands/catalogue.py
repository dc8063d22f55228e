"""`presets` and `params`: what there is to play, and every knob."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from ..errors import UserError
from ..params.knobs import KNOBS, MAX_LATENTS, N_SLOTS, PARAMS, SLOTS
from ..params.param import Param
from ..patch.programs import Program, list_programs
from ..text import dump_json, printable


def register(subparsers) -> None:
    """Add `presets` and `params`."""
    listed = subparsers.add_parser("presets", help="list the presets with the bank and program number that pick each")
    listed.add_argument("--json", action="store_true", help="machine-readable")
    listed.add_argument("--random", metavar="FILE.json", help="write a preset drawn from where a model's sounds are, and list nothing")
    listed.add_argument("--model", metavar="M", help="goes with --random: name or folder of the model (default akwf-16)")
    listed.add_argument("--seed", type=int, metavar="N", help="goes with --random: the same seed draws the same preset")
    listed.set_defaults(func=_presets)
    knobs = subparsers.add_parser("params", help="list every parameter: the names that --set and presets use")
    form = knobs.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="machine-readable")
    form.add_argument("--markdown", action="store_true", help="the table of docs/params.md")
    knobs.set_defaults(func=_params)


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
    rows = [preset_row(program) for program in list_programs()]
    if args.json:
        print(dump_json(rows, indent=1))
        return 0
    for row in rows:
        kind = row.get("category", "damaged")
        place = f"{row['bank']}:{row['program']:<3d}"
        print(printable(f"{place}  {row['name']:<18} {kind:<8} {row.get('error') or row['comment']}").rstrip())
    return 0


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


def param_row(p: Param) -> dict:
    """A parameter as JSON."""
    row = {"name": p.name, "low": p.low, "high": p.high, "default": p.default, "unit": p.unit, "curve": p.curve, "help": p.help,
           "label": p.label, "group": p.group.name if p.group else "", "scope": p.scope.reach, "smoothing_s": p.smoothing_s}
    if p.choices:
        row |= {"choices": list(p.choices), "default": p.choices[int(p.default)]}
    return row


def _shown(p: Param) -> tuple[str, str, str]:
    """(range, unit, default) as text."""
    if p.choices:
        return p.brief or ", ".join(p.choices), "", p.choices[int(p.default)]
    return f"{p.low:g} to {p.high:g}", p.unit, f"{p.default:g}"


def _table() -> list[tuple[str, str, str, str, str, str]]:
    """(name, range, unit, default, scope, help) of every knob; of latents and slots, the first stands for all."""
    rows = [(p.name, *_shown(p), p.scope.reach, p.help) for p in KNOBS]
    latent = PARAMS["latent.1"]
    rows.append((f"latent.1 ... latent.{MAX_LATENTS}", *_shown(latent), latent.scope.reach, "Offset of a latent from the morph path"))
    return rows + [(p.name, *_shown(p), p.scope.reach, f"{p.help} (and so on to mod{N_SLOTS})") for p in SLOTS[:len(SLOTS) // N_SLOTS]]


def markdown() -> str:
    """The declarations as the table of docs/params.md."""
    head = ("# Parameters\n\nMade by `latentwave params --markdown` from the declarations in `synth/params/knobs.py`. These names are\n"
            "what presets hold and `--set` takes, as in `latentwave play --set filter.type=low24 --set filter.cutoff_hz=900`.\n\n"
            "Scope is whose value it is where modulation moves it: `voice`, every voice has its own at every moment; `start`, every voice\n"
            "has its own from when its note starts; `global`, there is one for all, moved by the newest voice.\n\n")
    lines = ["| name | range | unit | default | scope | what it does |", "|---|---|---|---|---|---|"]
    lines += [f"| `{name}` | {' | '.join(rest)} |".replace("|  |", "| |") for name, *rest in _table()]
    return head + "\n".join(lines) + "\n"


def _params(args: argparse.Namespace) -> int:
    if args.json:
        print(json.dumps([param_row(p) for p in PARAMS.values()], indent=1, ensure_ascii=False))
    elif args.markdown:
        print(markdown(), end="")
    else:
        for name, limits, unit, default, _, text in _table():
            limits = f"{limits} {unit}".strip()
            print(f"{name:<28} {limits:<16} default {default:<6} {text}" if len(limits) < 17 else
                  f"{name:<28} {limits}, default {default}. {text}")
    return 0
