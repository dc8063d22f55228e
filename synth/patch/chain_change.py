"""A chain of plug-ins that became another one while it played: what a take tells of it. Pure."""

from dataclasses import dataclass, replace

from ..errors import UserError
from ..text import as_whole
from .hosted_effect import HostedEffect, rows_of, to_json

Rows = tuple[HostedEffect, ...]


@dataclass(frozen=True, slots=True)
class ChainChange:
    """rows: the chain from now on, each with its place (from 0) in the chain before, -1 for one that is new.

    One that was there is told without its own state and file, where they are as they were. forgets: which of `rows`, from 0, have no state
    any more.
    """

    rows: tuple[tuple[int, HostedEffect], ...]
    forgets: tuple[int, ...] = ()

    def after(self, before: Rows) -> Rows:
        """The chain from now on; rows that were there stay who they were, so that they go on playing."""
        return tuple(_kept(row, before[was], n in self.forgets) if 0 <= was < len(before) and before[was].plugin == row.plugin else row
                     for n, (was, row) in enumerate(self.rows))


def _kept(row: HostedEffect, before: HostedEffect, forgets: bool) -> HostedEffect:
    return replace(row, key=before.key, state=row.state or (b"" if forgets else before.state), file=row.file or before.file)


def change_between(before: Rows, now: Rows) -> ChainChange | None:
    """What makes one chain the other; None where that is nothing."""
    if before == now and [row.key for row in before] == [row.key for row in now]:
        return None
    places = {row.key: (i, row) for i, row in enumerate(before)}
    found, forgets = [], []
    for n, row in enumerate(now):
        place, old = places.get(row.key, (-1, None))
        if old and old.state and not row.state:
            forgets.append(n)
        if old and (old.state, old.file) == (row.state, row.file):
            row = replace(row, state=b"", file="")
        found.append((place, row))
    return ChainChange(tuple(found), tuple(forgets))


def change_to_data(change: ChainChange) -> dict:
    """As a log tells it: an empty state is one that is no more."""
    return {"effects": [to_json(row) | ({"was": was} if was >= 0 else {}) | ({"state": ""} if n in change.forgets else {})
                        for n, (was, row) in enumerate(change.rows)]}


def change_from_data(data: dict) -> ChainChange:
    """What `change_to_data` made. Raises UserError."""
    rows = rows_of(data["effects"])
    told = data["effects"] or ()
    return ChainChange(tuple((_place(each.get("was", -1)), row) for each, row in zip(told, rows, strict=True)),
                       tuple(n for n, each in enumerate(told) if each.get("state") == ""))


def _place(value: object) -> int:
    was = as_whole(value)
    if isinstance(was, bool) or not isinstance(was, int):
        raise UserError(f"an effect's place before is a whole number, not {str(value)[:40]}")
    return was
