"""`params`: every knob."""

import argparse
import json

from ..params.knobs import KNOBS, MAX_LATENTS, N_SLOTS, PARAMS, SLOTS
from ..params.param import Param


def register(subparsers) -> None:
    """Add `params`."""
    knobs = subparsers.add_parser("params", help="list every parameter: the names that --set and presets use")
    form = knobs.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="machine-readable")
    form.add_argument("--markdown", action="store_true", help="the table of docs/params.md")
    knobs.set_defaults(func=_params)


def param_row(p: Param) -> dict:
    """A parameter as JSON."""
    row = {"name": p.name, "low": p.low, "high": p.high, "default": p.default, "unit": p.unit, "curve": p.curve, "help": p.help,
           "label": p.label, "group": p.group.name if p.group else "", "scope": p.scope.reach, "smoothing_s": p.smoothing_s}
    if p.choices:
        row |= {"choices": list(p.choices), "default": p.choices[int(p.default)]}
    if p.meanings:
        row["meanings"] = dict(zip(p.choices, p.meanings, strict=True))
    return row


def _shown(p: Param) -> tuple[str, str, str]:
    """(range, unit, default) as text."""
    if p.choices:
        return p.brief or ", ".join(p.choices), "", p.choices[int(p.default)]
    return f"{p.low:g} to {p.high:g}", p.unit, f"{p.default:g}"


def _table() -> list[tuple[str, str, str, str, str, str]]:
    """(name, range, unit, default, scope, help) of every knob; of latents and slots, the first stands for all."""
    rows = [(p.name, *_shown(p), p.scope.reach, p.explained) for p in KNOBS]
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
