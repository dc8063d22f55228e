"""`latentwave plugins`: instruments by others, listed and looked at."""

import argparse
import json
from pathlib import Path

from ..text import counted, printable


def register(subparsers) -> None:
    """Add `plugins` with its words."""
    from .plugin_effects import register_effects

    command = subparsers.add_parser("plugins", help="instruments and effects by others")
    words = command.add_subparsers(dest="word", required=True, metavar="WORD")
    listed = words.add_parser("list", help="list the models that are neither shipped nor trained here")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(func=_list)
    probed = words.add_parser("probe", help="look at a bare ONNX decoder in a process of its own, and make a model of it")
    probed.add_argument("file", metavar="FILE", help="of a decoder, or of an effect plug-in, whose name does too")
    probed.add_argument("-o", "--output", metavar="FOLDER", help="write a model folder: the decoder and a manifest")
    probed.add_argument("--json", action="store_true")
    probed.set_defaults(func=_probe)
    register_effects(words, listed, probed)


def _list(args: argparse.Namespace) -> int:
    if args.effects:
        from .plugin_effects import list_effects

        return list_effects(args)
    from .. import paths
    from ..timbres.foreign import is_foreign
    from ..timbres.network_decoder import known_refusal
    from .model import rows_of_models

    def row_of(folder: Path, manifest) -> dict | None:
        if not is_foreign(manifest.sha256["decoder.onnx"]):
            return None
        return {"name": manifest.name, "folder": str(folder), "output": manifest.output, "latent_size": manifest.latent_size,
                "refused": known_refusal(folder, manifest)}

    rows = rows_of_models(row_of)
    if args.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        refused = row.get("refused") and f"refused: it {row['refused']}"
        what = row.get("error") or refused or f"{counted(row['latent_size'], 'latent')} to {row['output']}"
        print(printable(f"{row['name']:<24} {what}  {row['folder']}"))
    if not rows:
        print(f"no models by others; they go into {printable(paths.user_folder() / 'models')}")
    return 0


def _probe(args: argparse.Namespace) -> int:
    from ..timbres.model_probe import probe_decoder, write_model
    from .plugin_effects import is_effect, probe_effect

    if is_effect(args.file):
        return probe_effect(args)
    file = Path(args.file)
    probed = probe_decoder(file)
    if args.output:
        write_model(file, probed, Path(args.output))
    row = {"file": str(file), "output": probed.output, "latent_size": probed.latent_size, "cycle_size": probed.cycle_size,
           "harmonics": probed.harmonics, "told": probed.told, "decode_ms": round(1000 * probed.decode_s, 3), "folder": args.output}
    if args.json:
        print(json.dumps(row))
        return 0
    written = f"; {printable(args.output)} is a model now: its knobs go from -3 to 3 until you edit the manifest" if args.output else ""
    print(f"{printable(file.name)}: {counted(probed.latent_size, 'latent')} to {probed.output} with {probed.harmonics} harmonics, "
          f"{row['decode_ms']:g} ms a decode{written}")
    if probed.told:
        print(printable(probed.told))
    return 0
