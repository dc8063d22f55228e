"""Short names, groups and colours of knobs, read off their declarations, so that a new knob shows up by itself."""

from ...params.knobs import KNOBS
from ...params.param import Param

ELSEWHERE = frozenset({"osc.position", "osc.position_y", "osc.follow", "master.gain_db"})  # have a panel of their own
_UNIT_SUFFIXES = ("_s", "_hz", "_db", "_cents", "_semitones", "_cycles")
_FAMILY = {"bend": "play", "voice": "play", "glide": "play"}
_TITLES = {"osc": "Oscillator", "amp": "Amp envelope", "env2": "Filter envelope", "play": "Play", "eq": "Equaliser"}
_SHORT = {"bend.range_semitones": "Bend", "voice.count": "Voices", "osc.phase_random": "Random"}
_COLOURS = {"osc": "blue", "amp": "teal", "env2": "violet", "filter": "orange", "play": "rose", "master": "teal",
            "drive": "orange", "eq": "teal", "chorus": "blue", "delay": "violet", "reverb": "blue", "limiter": "rose"}
_PALETTE = ("violet", "blue", "teal", "rose", "orange")


def group_of(param: Param) -> str:
    """The group a knob is drawn in: its prefix, small ones together."""
    prefix = param.name.split(".")[0]
    return _FAMILY.get(prefix, prefix)


def grouped() -> list[tuple[str, list[Param]]]:
    """(group, knobs) for the knob panel, in declaration order."""
    groups: dict[str, list[Param]] = {}
    for param in KNOBS:
        if param.name not in ELSEWHERE:
            groups.setdefault(group_of(param), []).append(param)
    return list(groups.items())


def title(group: str) -> str:
    """A group as its heading reads."""
    return _TITLES.get(group, group.capitalize()).upper()


def colour(group: str) -> str:
    """Name of a group's colour in the theme; an unknown group gets one of the palette, always the same."""
    return _COLOURS.get(group) or _PALETTE[sum(map(ord, group)) % len(_PALETTE)]


def short(param: Param) -> str:
    """A knob's name as its label reads: without group and unit."""
    if param.name in _SHORT:
        return _SHORT[param.name]
    tail = param.name.split(".", 1)[1]
    for suffix in _UNIT_SUFFIXES:
        tail = tail.removesuffix(suffix)
    return tail.replace("_", " ").capitalize()


def compact(param: Param, value: float) -> str:
    """The value as it fits under a knob: `show` in fewer characters."""
    return param.show(value).replace("-0 ", "0 ")
