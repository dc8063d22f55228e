"""Search in the library: words anywhere in an entry's texts, by category, tags, rating and more, best match first.

By hand: to look through 10,000 short texts takes some milliseconds, an index of words (sqlite's FTS5) would have to be kept as well.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from .library_entries import Entry, fold

_FIELDS = ("category", "tag", "author", "model", "kind", "origin")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. words: all of them must occur; `tag:slow`, `category:bass`, `author:`, `model:`, `kind:` and `origin:` ask one
    field.

    A quoted phrase is one word. keys: None, or those that alone are looked at (favourites, recently used).
    """

    words: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    least_rating: int = 0
    keys: Container[str] | None = None


def search(entries: Iterable[Entry], query: Query, ratings: Mapping[str, int]) -> list[Entry]:
    """Entries that match, those whose name does before others, else in their order."""
    plain, asked = _parsed(query.words)
    asked += [("category", fold(query.category))] if query.category else []
    asked += [("tag", fold(tag)) for tag in query.tags]
    found: list[tuple[int, Entry]] = []
    for entry in entries:
        words = entry.words
        if not all(word in words for word in plain) or (asked and not all(_has(entry, *want) for want in asked)):
            continue
        if query.keys is not None and entry.key not in query.keys or query.least_rating > ratings.get(entry.key, 0):
            continue
        found.append((_rank(words, plain), entry))
    if plain:
        found.sort(key=lambda pair: pair[0])
    return [entry for _, entry in found]


def _parsed(words: str) -> tuple[list[str], list[tuple[str, str]]]:
    """(plain words, (field, what it must be)) of what was typed."""
    plain: list[str] = []
    asked: list[tuple[str, str]] = []
    for i, part in enumerate(fold(words).split('"')):
        for word in [part] if i % 2 else part.split():
            field, colon, value = word.partition(":")
            if colon and field in _FIELDS and value and not i % 2:
                asked.append((field, value))
            elif word.strip():
                plain.append(" ".join(word.split()))
    return plain, asked


def _has(entry: Entry, field: str, value: str) -> bool:
    if field == "tag":
        return any(fold(tag) == value for tag in entry.tags)
    held = fold(getattr(entry, field))
    return value in held if field in ("author", "model") else held == value


def _rank(words: str, plain: list[str]) -> int:
    """0: the name begins with what was typed; 1: words of it do; 2: it holds them; 3: something else does."""
    if not plain:
        return 0
    name = words.partition("\n")[0]
    if name.startswith(" ".join(plain)):
        return 0
    if all(word in name for word in plain):
        return 1 if all(f" {word}" in f" {name}" for word in plain) else 2
    return 3
