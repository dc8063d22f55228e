"""`presets save`, `rename`, `duplicate`, `delete`, `restore`, `rate`, `favourite`, `pack` and `unpack`: changes of the library."""

import argparse
from dataclasses import replace
from pathlib import Path

from ..errors import UserError
from ..patch.patch import Patch, numbered
from ..text import printable
from .preset_search import open_library


def register(words) -> None:
    """Add the words that change something."""
    def add(word: str, func, help: str, *arguments: str) -> argparse.ArgumentParser:
        parser = words.add_parser(word, help=help)
        for argument in arguments:
            parser.add_argument(argument.lower(), metavar=argument)
        parser.set_defaults(func=func)
        return parser

    save = add("save", _save, "save a sound among your presets, with other knobs or words if asked", "SOUND", "NAME")
    save.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE", help="a knob of it; may be given again")
    save.add_argument("--category", metavar="C", default=argparse.SUPPRESS)
    save.add_argument("--tags", metavar="A,B", help="words to search for")
    save.add_argument("--author", metavar="A")
    save.add_argument("--comment", metavar="TEXT")
    save.add_argument("--replace", action="store_true", help="where there is one of that name, it goes to the bin")
    add("rename", _rename, "give one of your presets another name; rating and program number stay", "PRESET", "NAME")
    copy = add("duplicate", _duplicate, "copy a preset among your own", "PRESET")
    copy.add_argument("name", metavar="NAME", nargs="?", default="", help="of the copy (default: the next that is free)")
    add("delete", _delete, "move one of your presets to the bin", "PRESET")
    back = add("restore", _restore, "take a preset out of the bin; without a name, list what lies there")
    back.add_argument("preset", metavar="PRESET", nargs="?")
    rate = add("rate", _rate, "give a preset 1 to 5 stars, 0 for none", "PRESET")
    rate.add_argument("stars", metavar="STARS", type=int)
    favourite = add("favourite", _favourite, "make a preset a favourite", "PRESET")
    favourite.add_argument("--off", action="store_true", help="it is none any more")
    pack = add("pack", _pack, "write presets and wavetables as one zip, to give away")
    pack.add_argument("presets", metavar="PRESET", nargs="*", help="names or keys (default: all of your own)")
    pack.add_argument("-o", "--output", required=True, metavar="PACK.zip")
    pack.add_argument("--search", metavar="WORDS", help="what `presets search` finds")
    add("unpack", _unpack, "take a pack in: its presets stand in a folder of its name", "PACK.zip")


def _say(sentence: str) -> int:
    print(printable(sentence))
    return 0


def _save(args: argparse.Namespace) -> int:
    from ..patch import preset_file
    from ..patch.patch import with_param
    from ..session import library_files, saving

    library = open_library()
    file = Path(args.sound)
    patch = preset_file.load(file if file.suffix == ".json" and file.is_file() else library.find(args.sound).file)
    for setting in args.set:
        knob, equals, value = setting.partition("=")
        if not equals:
            raise UserError(f"--set takes PARAM=VALUE, not '{setting}'")
        patch = with_param(patch, knob, value)
    words = {field: getattr(args, field, None) for field in ("category", "author", "comment")}
    patch = replace(patch, name=saving.check_name(args.name), **{field: value for field, value in words.items() if value is not None})
    if args.tags is not None:
        patch = replace(patch, tags=tuple(filter(None, (tag.strip() for tag in args.tags.split(",")))))
    target = saving.file_of(patch.name)
    there = next((entry for entry in library.entries if entry.file == target), None)
    if target.exists() and not args.replace:
        raise UserError(f"there is a preset called '{target.stem}' already; give another name, or --replace")
    kept = _kept(patch)
    if there:
        library_files.keep_copy(there)
    saving.write_kept(kept, target)
    return _say(f"'{patch.name}' is saved as {target}")


def _kept(patch: Patch) -> Patch:
    """The patch with the sound it makes on its model, where that is there; else with what it kept before."""
    from ..session import saving
    from ..timbres.model import open_model
    from ..timbres.source import ModelSource
    from ..timbres.source_cache import DEFAULT_MODEL

    if patch.morph is not None:
        return patch
    try:
        source = ModelSource(open_model(patch.model or DEFAULT_MODEL))
    except UserError:
        return patch
    if patch.model_sha256 and patch.model_sha256 != source.sha256:
        return patch
    return saving.as_kept(numbered(patch, source.direction_names), source)


def _rename(args: argparse.Namespace) -> int:
    library = open_library()
    old = library.find(args.preset)
    new = library.rename(old.key, args.name)
    return _say(f"'{old.name}' is called '{new.name}' now: {new.file}")


def _duplicate(args: argparse.Namespace) -> int:
    library = open_library()
    found = library.duplicate(library.find(args.preset).key, args.name)
    return _say(f"'{found.name}' is there now: {found.file}")


def _delete(args: argparse.Namespace) -> int:
    library = open_library()
    entry = library.find(args.preset)
    library.delete(entry.key)
    return _say(f"'{entry.name}' lies in the bin; `latentwave presets restore` brings it back")


def _restore(args: argparse.Namespace) -> int:
    from ..session.library_files import deleted_files

    if args.preset is not None:
        found = open_library().restore(args.preset)
        return _say(f"'{found.name}' is back: {found.file}")
    names = [file.stem for file in deleted_files()]
    return _say("\n".join(map(printable, names)) if names else "the bin is empty")


def _rate(args: argparse.Namespace) -> int:
    library = open_library()
    entry = library.find(args.preset)
    library.marks.rate(entry.key, args.stars)
    return _say(f"'{entry.name}' has {args.stars or 'no'} star{'' if args.stars == 1 else 's'}")


def _favourite(args: argparse.Namespace) -> int:
    library = open_library()
    entry = library.find(args.preset)
    library.marks.set_favourite(entry.key, not args.off)
    return _say(f"'{entry.name}' is {'no favourite any more' if args.off else 'a favourite'}")


def _pack(args: argparse.Namespace) -> int:
    library = open_library()
    if args.search is not None and args.presets:
        raise UserError("give names of presets, or --search WORDS")
    if args.search is not None:
        entries = library.search(args.search)
    else:
        entries = [library.find(name) for name in args.presets] or [entry for entry in library.entries if entry.is_own]
    library.pack([entry for entry in entries if not entry.error], Path(args.output))
    return _say(f"{args.output}: {len(entries)} sound{'' if len(entries) == 1 else 's'}")


def _unpack(args: argparse.Namespace) -> int:
    found = open_library().unpack(Path(getattr(args, "pack.zip")))
    for sentence in found.told:
        print(printable(sentence))
    return _say(f"'{found.name}': {len(found.files)} sound{'' if len(found.files) == 1 else 's'} in {found.files[0].parent}")
