"""What became of a row of the chain, as its child told it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RowStatus:
    """What became of a row: whether it runs, else why not; its latency in frames; its parameters as the child tells them.

    told: a sentence on its settings; wrong: how many of them it does not take.
    """

    ok: bool = False
    why: str = "is being opened"
    told: str = ""
    latency: int = 0
    params: tuple[dict, ...] = ()
    wrong: int = 0


def status_of(row: dict) -> RowStatus:
    """Of a row as the child tells it."""
    return RowStatus(row["ok"], row["why"], row["told"], row["latency"], tuple(row["params"]), row["wrong"])


def turned_status(before: RowStatus, row: dict) -> RowStatus:
    """With parameters that a hand turned as they are now."""
    known = {param["name"]: param for param in row["params"]}
    return replace(before, told=row["told"], wrong=row["wrong"], params=tuple(known.get(param["name"], param) for param in before.params))


def news(name: str, before: RowStatus | None, now: RowStatus) -> str:
    """The sentence that says what is new about a row; '' for nothing that a player must know."""
    if not now.ok and (before is None or before.why != now.why):
        return f"the plug-in '{name}' {now.why}"
    if now.told and (before is None or before.told != now.told):
        return f"the plug-in '{name}': {now.told}"
    return ""
