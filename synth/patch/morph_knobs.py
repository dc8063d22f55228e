"""Knobs of a morph's parts: what is silent in a part takes the values of the parts in which it sounds.

A part whose delay is off would else drag the others' delay to its own idle time, one that uses no LFO would bend the others' rate. A part
alone sounds the same either way, as what is changed is what it does not use.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..params.effects import EFFECTS
from ..params.knobs import EFFECT_TARGET, KNOBS, MOD_SOURCES, MOD_TARGETS, N_LFOS, N_SLOTS, PARAMS

Knobs = dict[str, float]
_OFF_DB = -59.99
_NEUTRAL = (  # what is off, and where its knobs then are: a filter wide open; levels behind an effect as without it
    ("filter.type", {"filter.cutoff_hz": 20000.0}), ("drive.mix", {"drive.tone": 0.0, "drive.level_db": 0.0}),
    ("limiter.on", {"limiter.gain_db": 0.0, "limiter.ceiling_db": 0.0}))


@dataclass(frozen=True, slots=True)
class Route:
    """What moves what in a part, by the indices of `MOD_SOURCES` and `MOD_TARGETS`."""

    source: int
    target: int
    amount: float
    via: int = 0


def routes_of(params: Knobs) -> tuple[Route, ...]:
    """Slots of a patch that move anything in a morph, in their order: the plug-ins it goes through are its own, not the parts'."""
    found = []
    for n in range(1, N_SLOTS + 1):
        source, target, amount, via, bypass = (
            params.get(f"mod{n}.{part}", 0.0) for part in ("source", "target", "amount", "via", "bypass"))
        name = MOD_TARGETS[int(target)]
        if source and target and amount and not bypass and not name.startswith("morph.") and name != EFFECT_TARGET:
            found.append(Route(int(source), int(target), float(amount), int(via)))
    return tuple(found)


class _Part:
    """A part's knobs, all of them, and what its slots listen to and move."""

    def __init__(self, params: Knobs) -> None:
        self.knobs = {p.name: float(params.get(p.name, p.default)) for p in KNOBS}
        routes = routes_of(params)
        self.sources = {MOD_SOURCES[i] for route in routes for i in (route.source, route.via)}
        self.targets = {MOD_TARGETS[route.target] for route in routes}

    def is_on(self, group: str, knob: str, off: Callable[[float], bool]) -> bool:
        """Whether a knob is not off, or something may move it."""
        return not off(self.knobs[f"{group}.{knob}"]) or f"{group}.{knob}" in self.targets


def _is_zero(value: float) -> bool:
    return value == 0


def _has_filter(part: _Part) -> bool:
    return part.is_on("filter", "type", _is_zero)


def _effect_on(name: str) -> Callable[[_Part], bool]:
    if name == "eq":
        return lambda part: True  # each of its gains is a knob that is off at 0
    return lambda part: part.is_on(name, "on" if name == "limiter" else "mix", _is_zero)


# knobs (by prefix, but for some), and whether a part hears them
_SILENT: tuple[tuple[str, tuple[str, ...], Callable[[_Part], bool]], ...] = (
    ("sub.", ("sub.level_db",), lambda part: part.is_on("sub", "level_db", lambda db: db < _OFF_DB)),
    ("noise.", ("noise.level_db",), lambda part: part.is_on("noise", "level_db", lambda db: db < _OFF_DB)),
    ("unison.", ("unison.voices",), lambda part: part.is_on("unison", "voices", lambda n: n <= 1)),
    ("filter.", ("filter.cutoff_hz", "filter.type"), _has_filter),
    ("env2.", (), lambda part: "env2" in part.sources or (
        _has_filter(part) and part.is_on("filter", "env_semitones", _is_zero))),
    ("env3.", (), lambda part: "env3" in part.sources),
    *((f"lfo{n}.", (), lambda part, name=f"lfo{n}": name in part.sources) for n in range(1, N_LFOS + 1)),
    *((f"{name}.", (f"{name}.on" if name == "limiter" else f"{name}.mix",), _effect_on(name)) for name in EFFECTS),
)


def audible_knobs(parts: Sequence[Knobs]) -> list[Knobs]:
    """Every knob of each part, silent ones as the others have them: their mean in slider positions, or the first's where
    nothing lies between.

    parts: knobs that differ from default, slots among them. What is off is neutral (`_NEUTRAL`).
    """
    rows = [_Part(params) for params in parts]
    for prefix, but, is_heard in _SILENT:
        heard = [row for row in rows if is_heard(row)]
        silent = [row for row in rows if not is_heard(row)]
        if not heard or not silent:
            continue
        for name in (name for name in rows[0].knobs if name.startswith(prefix) and name not in but):
            p = PARAMS[name]
            mean = sum(p.to_unit(row.knobs[name]) for row in heard) / len(heard)
            value = heard[0].knobs[name] if p.whole else p.from_unit(mean)
            for row in silent:
                row.knobs[name] = value
    for row in rows:
        for switch, neutral in _NEUTRAL:
            if row.knobs[switch] == 0 and switch not in row.targets:
                row.knobs |= neutral
    return [row.knobs for row in rows]
