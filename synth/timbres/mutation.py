"""A sound changed at random, by an amount and within sections, its latents where sounds are; and two sounds crossed."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import UserError
from ..params.effects import EFFECTS
from ..params.knobs import MOD_SOURCES, MOD_TARGETS, N_SLOTS, PARAMS
from ..patch.patch import Patch
from ..patch.sections import SECTIONS, knobs_of, with_section
from . import fallback
from .inside import mapped, pull_inside, wander
from .source import ModelSource, Source
from .static_render import corners_of

_TRIES = 12
_STEP = 0.3  # standard deviation of a knob at amount 1, in the width of its slider
_FILTERS = ("low12", "low24", "ladder24", "band12")
_SWITCHED_ON = {"drive": "drive.mix", "chorus": "chorus.mix", "delay": "delay.mix", "reverb": "reverb.mix"}
_MOVERS = ("velocity", "lfo1", "lfo2", "env3", "wheel", "pressure", "slide")
_MOVED = ("osc.position", "filter.cutoff_hz", *(f"latent.{n}" for n in range(1, 9)), "master.pan", "unison.detune_cents")
_KEPT = {"limiter.on", "limiter.ceiling_db", "osc.level_db", "amp.velocity", "osc.phase_cycles"}
Knobs = dict[str, float]


def value_of(params: Knobs, name: str) -> float:
    """A knob's value."""
    return params.get(name, float(PARAMS[name].default))


def turn(params: Knobs, names: Iterable[str], amount: float, chance: float, rng: np.random.Generator) -> None:
    """Turn each of some knobs, if chance has it, by a part of its slider's width; of choices, to another."""
    for name in names:
        hit, by = rng.random() < chance, rng.standard_normal()
        if not hit or name in _KEPT:
            continue
        knob = PARAMS[name]
        if knob.choices:
            if rng.random() < amount:
                params[name] = float(rng.integers(len(knob.choices)))
        else:
            unit = knob.to_unit(value_of(params, name)) + amount * _STEP * by
            params[name] = knob.parse(float(f"{knob.from_unit(unit):.6g}"))


def _used(params: Knobs, section: str) -> list[str]:
    return [name for name in knobs_of(section) if value_of(params, name) != PARAMS[name].default]


def _oscillator(params: Knobs, source: Source, amount: float, rng: np.random.Generator) -> None:
    if rng.random() < 0.4 * amount:
        params["unison.voices"] = float(rng.choice([1, 2, 3, 5, 7]))
    for level in ("sub.level_db", "noise.level_db"):
        if value_of(params, level) <= -60 and rng.random() < 0.3 * amount:
            params[level] = float(np.round(rng.uniform(-36, -15), 1))
    names = [n for n in _used(params, "oscillator") if n != "unison.voices"]
    turn(params, [n for n in names if value_of(params, n) > -60 or not n.endswith("level_db")], amount, 0.7, rng)


def _filter(params: Knobs, source: Source, amount: float, rng: np.random.Generator) -> None:
    types = PARAMS["filter.type"].choices
    if value_of(params, "filter.type") == 0:
        if rng.random() >= 0.5 * amount:
            return
        params["filter.cutoff_hz"] = float(np.round(np.exp(rng.uniform(np.log(900), np.log(9000))), 1))
        params["filter.type"] = float(types.index(str(rng.choice(_FILTERS))))
    elif rng.random() < 0.3 * amount:
        params["filter.type"] = float(types.index(str(rng.choice(_FILTERS))))
    turn(params, ("filter.cutoff_hz", "filter.resonance", "filter.env_semitones"), 0.7 * amount, 0.8, rng)
    turn(params, ("filter.drive_db", "filter.keytrack", "filter.velocity_semitones"), 0.7 * amount, 0.4, rng)
    params["filter.cutoff_hz"] = max(value_of(params, "filter.cutoff_hz"), 150.0)
    params["filter.resonance"] = min(value_of(params, "filter.resonance"), 0.85)


def _envelopes(params: Knobs, source: Source, amount: float, rng: np.random.Generator) -> None:
    attack_s = value_of(params, "amp.attack_s")
    turn(params, [f"amp.{k}" for k in ("attack_s", "decay_s", "sustain", "release_s")], 0.6 * amount, 0.8, rng)
    for group in ("env2", "env3"):
        turn(params, [f"{group}.{k}" for k in ("attack_s", "decay_s", "sustain", "release_s")], amount, 0.6, rng)
    turn(params, ("amp.decay_curve", "amp.attack_curve", "env2.decay_curve"), amount, 0.3, rng)
    params["amp.attack_s"] = min(value_of(params, "amp.attack_s"), max(1.3 * attack_s, 0.3))  # a key that is pressed is heard
    params["amp.decay_s"] = max(value_of(params, "amp.decay_s"), 0.05)


def _modulation(params: Knobs, source: Source, amount: float, rng: np.random.Generator) -> None:
    turn(params, [f"mod{n}.amount" for n in range(1, N_SLOTS + 1) if value_of(params, f"mod{n}.target")], 0.7 * amount, 0.7, rng)
    turn(params, [f"lfo{n}.{k}" for n in range(1, 5) for k in ("rate_hz", "fade_s")], amount, 0.4, rng)
    free = [n for n in range(1, N_SLOTS + 1) if not value_of(params, f"mod{n}.source") and not value_of(params, f"mod{n}.target")]
    if free and rng.random() < 0.8 * amount:
        targets = [t for t in _MOVED if not t.startswith("latent.") or int(t[7:]) <= source.latent_size]
        slot = f"mod{free[0]}"
        params[f"{slot}.source"] = float(MOD_SOURCES.index(str(rng.choice(_MOVERS))))
        params[f"{slot}.target"] = float(MOD_TARGETS.index(str(rng.choice(targets))))
        params[f"{slot}.amount"] = float(np.round(rng.choice([-1, 1]) * rng.uniform(0.05, 0.25 + 0.25 * amount), 3))


def _effects(params: Knobs, source: Source, amount: float, rng: np.random.Generator) -> None:
    for effect, mix in _SWITCHED_ON.items():
        off = value_of(params, mix) == 0
        if off and rng.random() < 0.35 * amount:
            params[mix] = float(np.round(rng.uniform(0.1, 0.4), 3))
        elif not off:
            turn(params, [p.name for p in EFFECTS[effect]], 0.7 * amount, 0.5, rng)
            params[mix] = min(max(value_of(params, mix), 0.02), 0.6)
    turn(params, [n for n in _used(params, "effects") if n.startswith("eq.")], amount, 0.6, rng)


_CHANGES: dict[str, Callable[[Knobs, Source, float, np.random.Generator], None]] = {
    "oscillator": _oscillator, "filter": _filter, "envelopes": _envelopes, "modulation": _modulation, "effects": _effects}


def check_amount(amount: float) -> float:
    """An amount of change. Raises UserError outside 0 to 1."""
    if not 0 < amount <= 1:
        raise UserError(f"an amount of {amount:g} is outside 0 to 1; 0.3 is a good start")
    return float(amount)


def _bred(patch: Patch, source: ModelSource, name: str, **changes) -> Patch:
    found = replace(patch, name=name, author="", tags=(), **changes)
    kept = fallback.keep(found, source.model)
    return replace(kept, model=patch.model) if patch.model and patch.model_sha256 == source.sha256 else kept  # it may be a folder


def mutate(patch: Patch, source: Source, rng: np.random.Generator, amount: float, locked: frozenset[str] = frozenset()) -> Patch:
    """The patch, its directions numbered, with every section that is not locked changed by an amount 0..1; locked ones stay to the bit.

    Raises UserError where what plays it has no map of its sounds, or it is a morph of presets.
    """
    if patch.morph is not None:
        raise UserError(f"'{patch.name}' is a morph of presets; breed its parts")
    model, amount = mapped(source), check_amount(amount)
    params = dict(patch.params)
    corners = patch.corners
    draws = {section: np.random.default_rng(rng.integers(2**63)) for section in SECTIONS}  # a lock changes no other section's draw
    if "latents" not in locked:
        rows = corners_of(patch, model)
        corners = {c: _moved(model, rows["ABCD".index(c)], amount, draws["latents"]) for c in (corners or {"A": (), "B": ()})}
    for section in _CHANGES:
        if section not in locked:
            params = _changed(params, section, model, amount, draws[section])
    clean = {name: value for name, value in params.items() if value != PARAMS[name].default or name in patch.params}
    if "latents" in locked and not corners:
        return replace(patch, params=clean)
    return _bred(patch, model, patch.name, corners=corners, params=clean)


def _changed(params: Knobs, section: str, source: ModelSource, amount: float, rng: np.random.Generator) -> Knobs:
    """The knobs with a section changed: drawn again where chance left all of it as it was."""
    found = dict(params)
    for _ in range(_TRIES):
        _CHANGES[section](found, source, amount, rng)
        if any(value_of(found, name) != value_of(params, name) for name in found):
            break
    return found


def _moved(source: ModelSource, latent: np.ndarray, amount: float, rng: np.random.Generator) -> tuple[float, ...]:
    return tuple(float(x) for x in wander(source, latent, amount, rng))


def cross(a: Patch, b: Patch, source: Source, rng: np.random.Generator, locked: frozenset[str] = frozenset()) -> Patch:
    """A child of two patches: each section is the one's or the other's; latents of one model lie between theirs, inside the density.

    Locked sections are those of `a`. source: of `a`. Raises UserError where one of them cannot be bred.
    """
    for patch in (a, b):
        if patch.morph is not None:
            raise UserError(f"'{patch.name}' is a morph of presets; breed its parts")
    model = mapped(source)
    params, from_b, changes = dict(a.params), rng.random(len(SECTIONS)) < 0.5, dict[str, Any]()
    for section, taken in zip(SECTIONS, from_b, strict=True):
        if section in locked or section == "latents" or not taken:
            continue
        params = with_section(replace(a, params=params), b, section)
        if section == "modulation":  # what its LFOs are drawn as goes with it
            changes["lfo_shapes"] = b.lfo_shapes
    name = f"{a.name} x {b.name}"[:60]
    t = float(rng.uniform(0.25, 0.75))
    if "latents" not in locked and b.model_sha256 == model.sha256 and b.latent_size == model.latent_size:
        ours, theirs = corners_of(a, model), corners_of(b, model)
        names = [c for c in "ABCD" if c in a.corners or c in b.corners] or ["A"]
        changes["corners"] = {c: tuple(float(x) for x in pull_inside(model, (1 - t) * ours[i] + t * theirs[i]))
                              for i, c in ((("ABCD").index(c), c) for c in names)}
        near = a if t < 0.5 else b
        changes["shapes"] = {c: shape for c, shape in near.shapes.items() if c in changes["corners"]}
        params = with_section(replace(a, params=params), near, "latents")
    clean = {k: v for k, v in params.items() if v != PARAMS[k].default or k in a.params}
    return _bred(a, model, name, params=clean, comment=f"Between {a.name} and {b.name}", **changes)
