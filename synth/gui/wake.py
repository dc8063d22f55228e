"""What sleeps, and what a hand that touches it sets: a filter that is off, an effect at a mix of 0. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from ..params.effects import EFFECTS
from ..params.knobs import PARAMS


@dataclass(frozen=True, slots=True)
class Sleeper:
    """A module that is off while `switch` has the value `off`; woken it gets `on`."""

    group: str
    switch: str
    off: float
    on: float


def _choice(name: str, words: str) -> float:
    return float(PARAMS[name].choices.index(words))


_WAKING = {group: tuple(knob for knob in knobs if knob.wakes) for group, knobs in EFFECTS.items()}
SLEEPERS: dict[str, Sleeper] = {s.group: s for s in (
    Sleeper("filter", "filter.type", _choice("filter.type", "off"), _choice("filter.type", "low24")),
    Sleeper("sub", "sub.level_db", -60.0, -12.0),
    Sleeper("noise", "noise.level_db", -60.0, -24.0),
    *(Sleeper(group, knob.name, knob.default, knob.high if knob.choices else 0.3) for group, (knob, *more) in _WAKING.items() if not more),
)}


def is_asleep(group: str, value: Callable[[str], float]) -> bool:
    """Whether a module does nothing to the sound. value: of a knob by its name."""
    if group in _WAKING:
        return all(value(knob.name) == knob.default for knob in _WAKING[group])
    sleeper = SLEEPERS.get(group)
    return sleeper is not None and value(sleeper.switch) == sleeper.off


def waking(name: str, value: Callable[[str], float]) -> tuple[str, float] | None:
    """(knob, value) that wakes the module of a knob that is touched by hand; None where it is awake, or is that knob itself."""
    group = name.partition(".")[0]
    sleeper = SLEEPERS.get(group)
    if sleeper is None or name == sleeper.switch or value(sleeper.switch) != sleeper.off:
        return None
    return sleeper.switch, sleeper.on
