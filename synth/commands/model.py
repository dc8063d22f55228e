"""Commands about models: `models`, `decode`, `encode`."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UserError
from ..text import counted, printable

if TYPE_CHECKING:
    from ..timbres.manifest import Manifest

DEFAULT_MODEL = "akwf-16"
WHEEL = {"later part": "to the sound's later part", "last frame": "to the last frame", "brighter": "to the same, brighter",
         "same": "nowhere: this sound stands still"}


def register(subparsers) -> None:
    """Add `models`, `decode` and `encode`."""
    models = subparsers.add_parser("models", help="list the models")
    models.add_argument("--json", action="store_true")
    models.set_defaults(func=_models)
    decode = subparsers.add_parser("decode", help="write one cycle of a model as a sound file")
    decode.add_argument("--model", help="name or folder")
    decode.add_argument("--latent", metavar="Z0,Z1,...", help="one number a latent")
    decode.add_argument("--preset", metavar="P", help="in place of both: the cycle of a preset at its position, with its own shape")
    decode.add_argument("-o", "--output", required=True, metavar="CYCLE.wav")
    decode.set_defaults(func=_decode)
    _add_encode(subparsers)


def _add_encode(subparsers) -> None:
    encode = subparsers.add_parser("encode", help="find the latent that sounds most like a file")
    encode.add_argument("file", metavar="FILE")
    encode.add_argument("--model", default=DEFAULT_MODEL, help=f"name or folder (default {DEFAULT_MODEL})")
    encode.add_argument("--as", dest="kind", choices=("cycle", "recording"), help="default: by length")
    encode.add_argument("--frame-size", type=int, metavar="N", help="each N samples are one cycle; the first is taken")
    encode.add_argument("--refine", action=argparse.BooleanOptionalAction, default=True, help="search on from there")
    encode.add_argument("--keep-shape", action="store_true", help="the preset keeps the file's own waveform shape; goes with -o")
    encode.add_argument("-o", "--output", metavar="PRESET.json", help="write a preset that holds this latent")
    encode.add_argument("--json", action="store_true")
    encode.set_defaults(func=_encode)


def rows_of_models(row_of: Callable[[Path, "Manifest"], dict | None]) -> list[dict]:
    """What `row_of` tells of each model that is found, None for none; one whose manifest is damaged is told with its `error`."""
    from .. import paths
    from ..timbres.manifest import read_manifest

    rows: list[dict] = []
    for folder in paths.list_models():
        try:
            row = row_of(folder, read_manifest(folder))
        except UserError as error:
            row = {"name": folder.name, "folder": str(folder), "error": str(error)}
        rows += [row] if row else []
    return rows


def _row_of_model(folder: Path, manifest: "Manifest") -> dict:
    scores = manifest.raw.get("scores")
    return {"name": manifest.name, "latent_size": manifest.latent_size, "harmonics": manifest.harmonics,
            "scores": scores if isinstance(scores, dict) else {}, "directions": _directions(manifest.raw), "folder": str(folder),
            **_decoder_of(folder, manifest)}


def _models(args: argparse.Namespace) -> int:
    rows = rows_of_models(_row_of_model)
    if args.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        print(printable(row["name"] + "  " + (row["error"] if "error" in row else describe(row))))
    return 0


def _decoder_of(folder: Path, manifest: "Manifest") -> dict:
    """`decoder`: 'kernel' or 'onnxruntime', which plays what the kernel does not know; `declined`: why."""
    from ..timbres.decoder_file import DeclinedError, read_network

    try:
        read_network(folder, manifest.output, manifest.latent_size, manifest.harmonics)
    except DeclinedError as error:
        return {"decoder": "onnxruntime", "declined": str(error)}
    except OSError as error:
        return {"decoder": "onnxruntime", "declined": f"{Path(error.filename or '').name} cannot be read"}
    return {"decoder": "kernel", "declined": ""}


def _directions(manifest: dict) -> list[str]:
    """Names of a model's directions, in the order of the knobs `direction.1` on."""
    rows = manifest.get("directions")
    return [str(row["name"]) for row in rows if isinstance(row, dict) and "name" in row] if isinstance(rows, list) else []


def describe(row: dict) -> str:
    """A model in a line: its size, how well it draws, where it is, and whether onnxruntime plays it. Why is for who makes models."""
    scores = row["scores"]
    quality = f"LSD {scores['lsd_db']:.2f} dB" if isinstance(scores.get("lsd_db"), int | float) else "not measured"
    declined = ", played by onnxruntime, at more of the processor (why: --json)" if row["declined"] else ""
    return f"{counted(row['latent_size'], 'latent')}, {row['harmonics']} harmonics, {quality}, {row['folder']}{declined}"


def parse_latent(text: str, size: int):
    """'0.1,-2,...' -> float32[size]. Raises UserError unless there are `size` finite numbers."""
    import numpy as np

    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--latent must be numbers with commas between, not '{text[:60]}'") from None
    if len(values) != size:
        raise UserError(f"--latent holds {len(values)} numbers, but this model has {size} latents")
    if not all(abs(value) < 1e6 for value in values):
        raise UserError("--latent holds a number that is not finite, or absurdly large")
    return np.array(values, np.float32)


def _decode(args: argparse.Namespace) -> int:
    import numpy as np

    from ..patch import preset_file
    from ..paths import find_preset
    from ..timbres.model import open_model
    from ..timbres.static_render import render_cycle

    if args.preset:
        if args.model or args.latent:
            raise UserError("give either --preset, or --model and --latent")
        cycle = render_cycle(preset_file.load(find_preset(args.preset)))
    elif args.model and args.latent:
        model = open_model(args.model)
        cycle = model.decode(parse_latent(args.latent, model.latent_size)[None])[0]
    else:
        raise UserError("give --model and --latent, or --preset")
    if not np.isfinite(cycle).all():
        raise UserError("this latent lies so far outside the model's range that it has no sound")
    write_cycle(cycle, Path(args.output))
    return 0


def write_cycle(cycle, path: Path) -> None:
    """float32[n] -> a mono float32 WAV with a 48 kHz header, unscaled; whole or not at all."""
    from ..render.wav_writer import WavWriter

    with WavWriter(path, 48_000, channels=1) as out:
        out.write(cycle[:, None])


def _encode(args: argparse.Namespace) -> int:
    from ..patch import preset_file
    from ..text import printable
    from ..timbres.encoding import encode_sound, preset_of
    from ..timbres.model import open_model
    from ..timbres.sample_input import read_sound

    if args.keep_shape and not args.output:
        raise UserError("--keep-shape goes with -o PRESET.json, which keeps it")
    source, output = Path(args.file), Path(args.output) if args.output else None
    if output and output.suffix.lower() != ".json":
        raise UserError(f"the preset must be named .json, not '{output.name}'")
    model = open_model(args.model)
    sound = read_sound(source, args.kind, args.frame_size)
    found = encode_sound(model, sound, args.refine)
    if output:
        preset_file.save(preset_of(model, found, sound, printable(source.name), printable(output.stem), args.keep_shape), output)
    if args.json:
        print(json.dumps(found))
        return 0
    print("latent " + ",".join(f"{value:.4f}" for value in found["latent"]))
    pitch = f", pitch {found['source_hz']:.2f} Hz" if found["source_hz"] else ""
    print(f"{found['lsd_db']:.2f} dB from the file (LSD){pitch}")
    if found["message"]:
        print(found["message"])
    if output:
        print(f"{printable(output)}: the mod wheel leads {WHEEL[found['corner_b_is']]}")
    return 0
