"""`presets morph`: a preset that morphs between others."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..errors import UserError
from ..text import dump_json, printable


def register(actions) -> None:
    """Add `morph` to the actions of `presets`."""
    made = actions.add_parser("morph", help="make a preset that morphs between 2 to 4 others, or along a chain of up to 8")
    made.add_argument("presets", nargs="+", metavar="PRESET", help="names or files, in the order A B C D")
    made.add_argument("-o", "--output", required=True, metavar="NAME", help="the new preset's name among your own, or a file NAME.json")
    made.add_argument("--chain", action="store_true", help="one after another along morph.x, in place of a pad of morph.x and morph.y")
    made.add_argument("--json", action="store_true", help="machine-readable")
    made.set_defaults(func=_morph)


def file_of(output: str, parts: Sequence[str]) -> tuple[Path, str]:
    """(file, name) of a preset made of others, by name or file. Raises UserError where it is among the user's own, or is a part."""
    from ..paths import refuse_input
    from ..session import saving

    if output.lower().endswith(".json"):
        path = Path(output)
        refuse_input(path, *parts)
        return path, saving.check_name(path.stem)
    name = saving.check_name(output)
    file = saving.file_of(name)
    if file.exists():
        raise UserError(f"there is a preset called '{file.stem}' already; choose another name, or give a file NAME.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    return file, name


def _morph(args: argparse.Namespace) -> int:
    from ..patch import preset_file
    from ..render.morph_loudness import grid_points, measure_loudness
    from ..session.morph_actions import morph_of, named_preset
    from .batch import progress_bar

    file, name = file_of(args.output, args.presets)
    made = morph_of([named_preset(preset) for preset in args.presets], "chain" if args.chain else "pad", name)
    assert made.morph is not None
    with progress_bar(len(grid_points(made.morph)), "places on the way heard, to make them equally loud") as heard:
        patch = measure_loudness(made, heard=heard)
    preset_file.save(patch, file)
    morph = patch.morph
    assert morph is not None  # as `morph_of` made it
    mended_db = max(abs(gain) for row in morph.gain_db for gain in row)
    parts = dict(zip(morph.names, (part.name for part in morph.parts), strict=True))
    if args.json:
        print(dump_json({"name": name, "file": str(file), "axis": morph.axis, "parts": parts, "loudness_mended_db": mended_db}, indent=1))
        return 0
    print(printable(f"{file}: {', '.join(f'{letter} {part}' for letter, part in parts.items())}; as loud between them as "
                    f"they are (corrected by up to {mended_db:.1f} dB)"))
    return 0
