"""A chain as the child is told of it: files found and known to work, built-in effects by their names."""

import base64
from collections.abc import Mapping, Sequence

from ..errors import UserError
from ..patch.hosted_effect import PLACES, HostedEffect
from .builtins import builtin_named
from .scan import WORKS, find_plugin, verdict_on


def rows_for_child(rows: Sequence[HostedEffect], left_out: Mapping[int, str], tries: Mapping[int, int]) -> list[dict]:
    """Rows as `child_chain` takes them; `why` says why one is not to be opened. tries: how often a hand asked to open one again."""
    return [{**_row(row, left_out.get(row.key, "")), "tries": tries.get(row.key, 0)} for row in rows]


def look_again(row: HostedEffect | None) -> None:
    """Look anew at a plug-in whose verdict is known. Raises UserError where it is missing."""
    if row and row.kind != "builtin":
        verdict_on(find_plugin(row.kind, row.name, row.file), again=True)


def turned_rows(before: Sequence[HostedEffect], rows: Sequence[HostedEffect]) -> list[dict] | None:
    """What a hand turned in the chain: params, wet and bypass of rows; None where more than that changed."""
    if len(before) != len(rows) or any(_fixed(a) != _fixed(b) for a, b in zip(before, rows, strict=True)):
        return None
    return [{"key": b.key, "params": b.params, "wet": b.wet, "bypass": b.bypass}
            for a, b in zip(before, rows, strict=True) if (a.params, a.wet, a.bypass) != (b.params, b.wet, b.bypass)]


def _fixed(row: HostedEffect) -> tuple:
    return row.key, row.plugin, row.place, row.macros, row.moved, row.state, row.file


def _row(row: HostedEffect, why: str) -> dict:
    name, path = row.name, ""
    try:
        if row.kind == "builtin":
            name = builtin_named(row.name)
        elif not why:
            path, why = _opened(row)
    except UserError as error:
        why = f"is missing: {error}"
    return {"key": row.key, "kind": row.kind, "name": name, "path": path, "why": why, "place": PLACES.index(row.place),
            "bypass": row.bypass, "wet": row.wet, "params": row.params, "state": base64.b64encode(row.state).decode(),
            "macros": {name: (m.macro, m.low, m.high) for name, m in row.macros.items()}, "moved": row.moved}


def _opened(row: HostedEffect) -> tuple[str, str]:
    """(file, why it is not opened) of a plug-in."""
    file = find_plugin(row.kind, row.name, row.file)
    verdict = verdict_on(file)
    return str(file), "" if verdict.verdict == WORKS else f"is not played: it {verdict.why}"
