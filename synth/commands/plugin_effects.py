"""`latentwave plugins scan`, and what `list` and `probe` say of effects: plug-ins of the system, and those that the host brings."""

import argparse
import json
from pathlib import Path

from ..text import counted, printable


def register_effects(words, listed, probed) -> None:
    """Add `scan`, and to `list` and `probe` what they need for effects."""
    scanned = words.add_parser("scan", help="look at every effect plug-in of this system, each in a process of its own")
    scanned.add_argument("--again", action="store_true", help="those too that were looked at before")
    scanned.add_argument("--json", action="store_true")
    scanned.set_defaults(func=_scan)
    listed.add_argument("--effects", action="store_true", help="list effect plug-ins and built-in effects instead")
    probed.epilog = ("An effect plug-in (.vst3, .lv2, .component, or its name) is looked at too: whether it works, its latency and "
                     "parameters, under the names that --effect takes.")


def _scan(args: argparse.Namespace) -> int:
    from ..hosting.plugin_files import NO_CLAP, list_claps
    from ..hosting.scan import Verdict, scan

    def tell(verdict: Verdict) -> None:
        if not args.json:
            print(printable(_sentence(_row(verdict))), flush=True)

    found = scan(tell, again=args.again)
    if args.json:
        print(json.dumps([_row(verdict) for verdict in found]))
    elif not found:
        from ..hosting.plugin_files import standard_folders

        print(f"no plug-ins in {printable(', '.join(str(folder) for _, folder in standard_folders()))}")
    if (claps := list_claps()) and not args.json:
        print(printable(f"passed over: {', '.join(file.stem for file in claps)} (CLAP); {NO_CLAP}"))
    return 0


def _row(verdict) -> dict:
    return {"plugin": verdict.plugin, "name": verdict.name, "kind": verdict.kind, "verdict": verdict.verdict, "why": verdict.why,
            "latency": verdict.latency, "params": list(verdict.params), "file": verdict.file}


def _sentence(row: dict) -> str:
    late = f", {counted(row['latency'], 'frame')} late" if row["latency"] else ""
    works = f"works{late}, {counted(len(row['params']), 'parameter')}"
    return f"{row['plugin']:<36} {works if row['verdict'] == 'works' else row['verdict'] + ': ' + row['why']}"


def list_effects(args: argparse.Namespace) -> int:
    """Built-in effects, and plug-ins with what is known of them."""
    from ..hosting.builtins import BUILTINS
    from ..hosting.plugin_files import list_plugins
    from ..hosting.scan import known_verdicts

    known = known_verdicts()
    rows = list(map(_builtin_row, BUILTINS))
    for kind, file in list_plugins():
        verdict = known.get(str(file))
        rows.append(_row(verdict) if verdict else {
            "plugin": f"{kind}:{file.stem}", "name": file.stem, "kind": kind, "verdict": "not looked at", "why": "`plugins scan` does it",
            "latency": 0, "params": [], "file": str(file)})
    if args.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        print(printable(_sentence(row)))
    return 0


def _builtin_row(name: str) -> dict:
    from ..hosting.builtins import BUILTINS

    params = [{"name": knob.name, "low": knob.show(knob.low), "high": knob.show(knob.high), "text": knob.show(knob.default)}
              for knob in BUILTINS[name]]
    return {"plugin": f"builtin:{name}", "name": name, "kind": "builtin", "verdict": "works", "why": "", "latency": 0, "file": "",
            "params": params}


def is_effect(named: str) -> bool:
    """Whether what is to be looked at is called as effect plug-ins are: a file of theirs, or a name and no file."""
    from ..hosting.plugin_files import CLAP, ENDINGS

    file = Path(named)
    return file.suffix.lower() in (*ENDINGS, CLAP) or not (file.suffix or file.exists() or len(file.parts) > 1)


def probe_effect(args: argparse.Namespace) -> int:
    """Look at one plug-in anew, or at a built-in effect. Raises UserError."""
    from ..hosting.builtins import builtin_named
    from ..hosting.plugin_files import CLAP, ENDINGS
    from ..hosting.scan import find_plugin, verdict_on
    from ..hosting.words import named_effect

    file = Path(args.file)
    if file.suffix.lower() in (*ENDINGS, CLAP):
        row = _row(verdict_on(file.absolute(), again=True))
    else:
        effect = named_effect(args.file)
        row = (_builtin_row(builtin_named(effect.name)) if effect.kind == "builtin"
               else _row(verdict_on(find_plugin(effect.kind, effect.name), again=True)))
    if args.json:
        print(json.dumps(row))
        return 0
    print(printable(_sentence(row)))
    for param in row["params"]:
        print(printable(f"  {param['name']:<32} {param['low']} to {param['high']}; {param['text']} as it comes"))
    return 0
