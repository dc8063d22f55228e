"""The knob panel's groups and their colours, from the knobs' declarations, so that a new knob shows up by itself."""

from ...params.knobs import KNOBS
from ...params.param import Group, Param

ELSEWHERE = frozenset({"morph", "output"})  # groups that have a panel of their own
_COLOURS = {"osc": "blue", "amp": "teal", "env2": "violet", "filter": "orange", "play": "rose", "master": "teal",
            "drive": "orange", "eq": "teal", "chorus": "blue", "delay": "violet", "reverb": "blue", "limiter": "rose"}
_PALETTE = ("violet", "blue", "teal", "rose", "orange")


def grouped() -> list[tuple[Group, list[Param]]]:
    """(group, knobs) for the knob panel, in declaration order."""
    groups: dict[Group, list[Param]] = {}
    for param in KNOBS:
        assert param.group is not None  # `declared` saw to it
        if param.group.name not in ELSEWHERE:
            groups.setdefault(param.group, []).append(param)
    return list(groups.items())


def colour(group: Group | None) -> str:
    """Name of a group's colour in the theme; an unknown group gets one of the palette, always the same."""
    name = group.name if group else ""
    return _COLOURS.get(name) or _PALETTE[sum(map(ord, name)) % len(_PALETTE)]


def compact(param: Param, value: float) -> str:
    """The value as it fits under a knob: `show` in fewer characters."""
    return param.show(value).replace("-0 ", "0 ")
