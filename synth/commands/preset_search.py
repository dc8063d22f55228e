"""`presets search` and `presets nearest`: find a sound by its words, or by how it sounds."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UserError
from ..text import dump_json, printable

if TYPE_CHECKING:
    from ..session.library import Library
    from ..session.library_entries import Entry


def register(words) -> None:
    """Add `search` and `nearest`."""
    search = words.add_parser("search", help="list what matches: words of the name, category, tags, author, comment, model")
    search.add_argument("words", nargs="*", metavar="WORDS",
                        help="all must occur; category:bass, tag:slow, author:, model:, kind: ask one field")
    search.add_argument("--category", metavar="C", default=argparse.SUPPRESS, help="only those of a category")
    search.add_argument("--tag", metavar="T", action="append", default=[], help="only those with a tag; may be given again")
    search.add_argument("--rating", type=int, metavar="STARS", default=0, help="only those rated so high, 1 to 5")
    search.add_argument("--favourites", action="store_true", help="only favourites")
    search.add_argument("--recent", action="store_true", help="what was loaded last, the latest first")
    search.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable")
    search.set_defaults(func=_search)
    nearest = words.add_parser("nearest", help="list what sounds nearest to a preset or a recording, with its distance in dB")
    nearest.add_argument("sound", metavar="PRESET|FILE", help="name of a preset, or a recording, cycle or wavetable")
    nearest.add_argument("--limit", type=int, metavar="N", default=12, help="how many (default 12)")
    nearest.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable")
    nearest.set_defaults(func=_nearest)


def open_library() -> "Library":
    """The library as the folders now are."""
    from ..session.library import Library

    told: list[str] = []
    library = Library(told.append)
    library.refresh()
    for sentence in told:
        print(printable(sentence))
    return library


def entry_row(library: "Library", entry: "Entry") -> dict:
    """What a list tells of an entry of the library."""
    row = {"key": entry.key, "kind": entry.kind, "name": entry.name, "file": str(entry.file), "category": entry.category,
           "tags": list(entry.tags), "author": entry.author, "comment": entry.comment, "model": entry.model,
           "keeps_its_sound": entry.keeps_its_sound, "rating": library.marks.ratings.get(entry.key, 0),
           "favourite": entry.key in library.marks.favourites}
    return row | {"error": entry.error} if entry.error else row


def _told(row: dict, before: str = "") -> str:
    stars = "*" * row["rating"] + ("+" if row["favourite"] else "")
    return printable(f"{before}{row['key']:<28} {row['category'] or '-':<10} {stars:<5} {row.get('error') or row['comment']}").rstrip()


def _search(args: argparse.Namespace) -> int:
    if not 0 <= args.rating <= 5:
        raise UserError(f"a rating is 1 to 5 stars, not {args.rating}")
    library = open_library()
    found = library.search(" ".join(args.words), args.category or "", tuple(args.tag), favourites=args.favourites, least_rating=args.rating)
    if args.recent:
        kept = set(found)
        found = [entry for entry in library.recent() if entry in kept]
    rows = [entry_row(library, entry) for entry in found]
    if args.json:
        print(dump_json(rows, indent=1))
    else:
        print("\n".join(_told(row) for row in rows) if rows else "nothing matches")
    return 0


def _nearest(args: argparse.Namespace) -> int:
    from ..patch import preset_file
    from ..samples.tables import TABLES

    if args.limit < 1:
        raise UserError(f"--limit is 1 or more, not {args.limit}")
    library, file = open_library(), Path(args.sound)
    if file.is_file() and file.suffix.lower() != ".json":
        found = library.nearest_to(file, args.limit)
    elif file.suffix.lower() in (*TABLES, ".wav", ".flac", ".aif", ".aiff"):
        raise UserError(f"there is no file {printable(file)}")
    else:
        entry = None if file.is_file() else library.find(args.sound)
        sound = entry.file if entry and entry.kind == "wavetable" else preset_file.load(entry.file if entry else file)
        found = [pair for pair in library.nearest_to(sound, args.limit + 1) if entry is None or pair[0] != entry][:args.limit]
    rows = [entry_row(library, entry) | {"distance_db": round(away, 2)} for entry, away in found]
    if args.json:
        print(dump_json(rows, indent=1))
    else:
        print("\n".join(_told(row, f"{row['distance_db']:6.1f} dB  ") for row in rows))
    return 0
