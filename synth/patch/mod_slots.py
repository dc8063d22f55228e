"""The readable form that a preset gives to modulation and macros: lists of what moves what, in place of numbered knobs.

    mod:    [{"source": "lfo1", "target": "filter.cutoff_hz", "amount": 0.3, "via": "wheel", "bypass": "on"}, ...]
    macros: [{"name": "Growl", "value": 0.2}, ...]

The n-th of a list is slot or macro n; `"slot": n` says otherwise. A named direction of the model may stand for its number
(`direction.brightness`), as a target or as a knob; it is looked up when the model is known. A target `effect.N.NAME` is a parameter of
the N-th plug-in of the chain, which keeps the slot (`HostedEffect.moved`).
"""

from ..errors import UserError, did_you_mean
from ..params.knobs import (
    EFFECT_TARGET,
    MAX_DIRECTIONS,
    MOD_TARGETS,
    MODEL_KNOBS,
    N_MACROS,
    N_SLOTS,
    PARAMS,
    TARGET_KNOBS,
    param,
)
from ..text import as_whole
from .hosted_effect import parse_target

_PARTS = ("source", "target", "amount", "via", "bypass")
_LEFT_OUT = {"via": "none", "bypass": "off"}  # of a row where they are so
_NAME_LIMIT = 64
Knobs = dict[str, float]
Named = dict[str, float | str]


def is_form(name: str) -> bool:
    """Whether a knob is written as a part of `mod` or `macros`, not among a preset's `params`."""
    group = PARAMS[name].group if name in PARAMS else None
    return group is not None and group.name in ("mod", "macro")


def is_named(name: str, value: object = None) -> bool:
    """Whether a knob, or what a slot's target is set to, is a direction by its name, or a plug-in's parameter."""
    if name in TARGET_KNOBS:
        return isinstance(value, str) and value not in MOD_TARGETS and (_direction(value) or parse_target(value) is not None)
    return _direction(name) and name not in PARAMS


def _direction(name: str) -> bool:
    return name.startswith("direction.") and len(name) > len("direction.") and not name[len("direction."):].isdigit()


def put(knobs: Knobs, named: Named, name: str, value: object) -> None:
    """Set one knob from JSON or the command line. Raises UserError in one sentence."""
    knobs.pop(name, None)
    named.pop(name, None)
    if is_named(name, value):
        named[name] = value if name in TARGET_KNOBS and isinstance(value, str) else PARAMS["direction.1"].parse(value)
    else:
        knobs[name] = _parsed(name, value)


def number_of(name: str, value: object) -> float:
    """A knob's value as a number; that of a slot whose target is a plug-in's parameter is the same for all of them. Raises UserError."""
    of_plugin = name in TARGET_KNOBS and isinstance(value, str) and parse_target(value) is not None
    return param(name).parse(EFFECT_TARGET if of_plugin else value)


def slot_of(name: str) -> int:
    """The slot, from 1, that a knob `modN.target` belongs to."""
    return int(name.partition(".")[0].removeprefix("mod"))


def _parsed(name: str, value: object) -> float:
    """A knob's value; one that only whole numbers can be is not rounded to the nearest."""
    found = param(name).parse(value)
    if PARAMS[name].whole and isinstance(value, float) and value != found:
        raise UserError(f"{name} must be a whole number, not {value:g}")
    return found


def numbered(knobs: Knobs, named: Named, names: tuple[str, ...]) -> Knobs:
    """The knobs with each named direction under its number among the model's `names`. Raises UserError for one it has not."""
    found = dict(knobs)
    for knob, value in named.items():
        direction = str(value if knob in TARGET_KNOBS else knob)
        if direction.removeprefix("direction.") not in names:
            asked = direction.removeprefix("direction.")
            near = did_you_mean(asked, names)
            raise UserError(f"this model has no direction named '{asked}'{near} (it has {', '.join(names) or 'none'})")
        number = f"direction.{names.index(direction.removeprefix('direction.')) + 1}"
        if knob in TARGET_KNOBS:
            found[knob] = float(MOD_TARGETS.index(number))
        else:
            found[number] = float(value)
    return found


def check_references(knobs: Knobs, n_latents: int, n_directions: int = MAX_DIRECTIONS, model: str = "the model") -> None:
    """Raises UserError where a knob, or what a slot moves, is a latent or direction that the model has not."""
    for knob, value in knobs.items():
        name = MOD_TARGETS[int(value)] if knob in TARGET_KNOBS else knob
        kind, _, number = name.partition(".")
        count = {"latent": n_latents, "direction": n_directions}.get(kind)
        if count is not None and int(number) > count:
            moved = f"{knob}={name}" if knob != name else name
            raise UserError(f"{moved} is beyond {model}, which has {count or 'no'} {kind}{'s' if count != 1 else ''}")


def without_references(knobs: Knobs, n_latents: int, n_directions: int) -> Knobs:
    """The knobs for another model: without those of latents and directions, and without slots that move one it has not."""
    kept = {name: value for name, value in knobs.items() if name not in MODEL_KNOBS}
    for knob, value in knobs.items():
        try:
            check_references({knob: value}, n_latents, n_directions)
        except UserError:
            kept = {name: v for name, v in kept.items() if name.partition(".")[0] != knob.partition(".")[0]}
    return kept


def within_references(knobs: Knobs, n_latents: int, n_directions: int) -> Knobs:
    """The knobs without latents, directions and targets that the model has not, which do nothing."""
    def is_within(knob: str, value: float) -> bool:
        try:
            check_references({knob: value}, n_latents, n_directions)
        except UserError:
            return False
        return True

    return {knob: value for knob, value in knobs.items() if is_within(knob, value)}


def by_name(knobs: Knobs, names: tuple[str, ...]) -> tuple[Knobs, Named]:
    """The other way round: (knobs without, directions by their names among the model's), as a preset is best written."""
    found, named = dict(knobs), Named()
    numbers = {f"direction.{n}": f"direction.{name}" for n, name in enumerate(names, 1)}
    for knob, value in knobs.items():
        target = MOD_TARGETS[int(value)] if knob in TARGET_KNOBS else ""
        if knob in numbers:
            named[numbers[knob]] = found.pop(knob)
        elif target in numbers:
            named[knob] = numbers[target]
            del found[knob]
    return found, named


def mod_rows(knobs: Knobs, named: Named) -> list[dict]:
    """The `mod` of a preset: every slot of which any part differs from its default."""
    rows: list[dict] = []
    last = 0
    for n in range(1, N_SLOTS + 1):
        parts = {part: PARAMS[f"mod{n}.{part}"] for part in _PARTS}
        values = {part: knobs.get(p.name, p.default) for part, p in parts.items()}
        if all(values[part] == p.default for part, p in parts.items()) and f"mod{n}.target" not in named:
            continue
        row: dict = {part: p.choices[int(values[part])] if p.choices else float(values[part]) for part, p in parts.items()}
        row["target"] = named.get(f"mod{n}.target", row["target"])
        row = {part: value for part, value in row.items() if _LEFT_OUT.get(part) != value}
        rows.append(row if n == last + 1 else row | {"slot": n})
        last = n
    return rows


def take_mod(rows: object, knobs: Knobs, named: Named) -> None:
    """Set the slots' knobs from a preset's `mod`. Raises UserError in one sentence."""
    n, used = 0, set()
    for i, row in enumerate(_listed(rows, "mod")):
        if not isinstance(row, dict) or any(row.get(part) is None for part in _PARTS[:3]):
            raise UserError(f"mod {i + 1} must name its source, target and amount")
        n = _slot(row, n + 1)
        if n in used:
            raise UserError(f"mod {i + 1} stands in slot {n}, which is taken")
        if n > N_SLOTS:
            raise UserError(f"mod holds more than the {N_SLOTS} slots there are")
        used.add(n)
        for part in _PARTS:
            name = f"mod{n}.{part}"
            if name in knobs or name in named:
                raise UserError(f"{name} stands in both params and mod")
            if row.get(part) is not None:
                put(knobs, named, name, row[part])
                if knobs.get(name) == PARAMS[name].default:
                    del knobs[name]


def _slot(row: dict, otherwise: int) -> int:
    n = as_whole(row.get("slot", otherwise))
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise UserError(f"a slot of modulation is numbered 1 to {N_SLOTS}, not {n!r}")
    return n


def macro_rows(knobs: Knobs, names: tuple[str, ...]) -> list[dict]:
    """The `macros` of a preset: up to the last that has a name or a value."""
    rows = [{"name": names[n] if n < len(names) else "", "value": knobs.get(f"macro{n + 1}.value", 0.0)} for n in range(N_MACROS)]
    used = [n for n, row in enumerate(rows) if row["name"] or row["value"]]
    return rows[:used[-1] + 1] if used else []


def take_macros(rows: object, knobs: Knobs) -> tuple[str, ...]:
    """Set the macros' knobs from a preset's `macros`; answers their names. Raises UserError in one sentence."""
    names = []
    found = _listed(rows, "macros")
    if len(found) > N_MACROS:
        raise UserError(f"macros holds {len(found)}, there are {N_MACROS}")
    for n, row in enumerate(found, 1):
        if not isinstance(row, dict):
            raise UserError(f"macro {n} must hold a name and a value")
        knob = f"macro{n}.value"
        if knob in knobs:
            raise UserError(f"{knob} stands in both params and macros")
        name = row.get("name") or ""
        if not isinstance(name, str) or len(name) > _NAME_LIMIT:
            raise UserError(f"the name of macro {n} must be a text of at most {_NAME_LIMIT} letters")
        names.append(name)
        value = param(knob).parse(0.0 if row.get("value") is None else row["value"])
        if value:
            knobs[knob] = value
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _listed(rows: object, what: str) -> list:
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise UserError(f"{what} must be a list")
    return rows
