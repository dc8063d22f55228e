"""A patch: one sound as a value. What a preset file holds, what the document edits, what the engine is told."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import UserError
from ..params.knobs import EFFECT_TARGET, MOD_TARGETS, TARGET_KNOBS
from . import mod_slots
from . import tuning as scala
from .control_map import ControlRow
from .hosted_effect import HostedEffect, aim_slot, moved_targets, parse_target
from .instrument_ref import InstrumentRef
from .latent_path import LatentPath, TableRef
from .lfo_shape import Shape
from .morph import Morph
from .waveform_residual import WaveformResidual

_OF_PLUGIN = float(MOD_TARGETS.index(EFFECT_TARGET))


@dataclass(frozen=True, slots=True)
class Patch:
    """A sound: a model's corners, knob values that differ from default, and the amplitudes to fall back on.

    corners: corner name -> float[latent_size]; B, C and D default to A. params: knob name -> value, those of modulation slots
    and macros among them. macros: their names, as far as they have any. named: knobs and targets that are directions of the
    model by name, until the model is known (`numbered`). shapes: corner name -> the waveform shape it keeps.
    tuning: the pitch of each key; None: equal temperament. controls: rows of the control map that are the preset's own.
    latent_path: rows of latents that the position goes along, in place of the line from its first to its last.
    table: the wavetable file that plays in place of a model.
    morph: whole presets that this one morphs between; `params` then holds only what is set for all of them (see `morph.py`).
    lfo_shapes: LFO -> the points of its free shape, where any are drawn; in a morph those that are set for all parts.
    instrument: of recordings, whose tracks move the latents. effects: plug-ins of others that the sound goes through.
    fallback_db: float32[9, harmonics] levels in dB at unit RMS along the position path, or None.
    unknown: keys of its file that this version does not know (see `unknown_keys`).
    """

    name: str = "Init"
    author: str = ""
    category: str = "init"
    tags: tuple[str, ...] = ()
    comment: str = ""
    model: str = ""
    model_sha256: str = ""
    latent_size: int = 0
    corners: dict[str, tuple[float, ...]] = field(default_factory=dict)
    params: dict[str, float] = field(default_factory=dict)
    macros: tuple[str, ...] = ()
    named: dict[str, float | str] = field(default_factory=dict)
    shapes: dict[str, WaveformResidual] = field(default_factory=dict)
    lfo_shapes: dict[str, Shape] = field(default_factory=dict)
    fallback_db: np.ndarray | None = None
    tuning: scala.Tuning | None = None
    controls: tuple[ControlRow, ...] = ()
    latent_path: LatentPath = ()
    table: TableRef | None = None
    morph: "Morph[Patch] | None" = None
    instrument: InstrumentRef | None = None
    effects: tuple[HostedEffect, ...] = ()
    unknown: dict[str, dict] = field(default_factory=dict)

    def corner(self, name: str) -> np.ndarray:
        """Latents of a corner, float64[latent_size]: A stands in for an absent B, A and B for C and D."""
        stand_in = {"A": "A", "B": "A", "C": "A", "D": "B"}
        while name not in self.corners and name != "A":
            name = stand_in[name]
        return np.array(self.corners.get(name, (0.0,) * self.latent_size), float)


_LARGE = ("fallback_db", "params", "corners")  # fields of kilobytes


def with_parts_of(patch: Patch, known: Patch) -> Patch:
    """The patch as it is, what is equal in `known` taken from there: of a sound that is loaded a hundred times the steps keep it once."""
    parts = {name: (getattr(patch, name), getattr(known, name)) for name in _LARGE}
    return replace(patch, **{name: theirs for name, (ours, theirs) in parts.items() if _is_same(ours, theirs)})


def _is_same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    return type(a) is type(b) and not isinstance(a, np.ndarray) and a == b


def with_param(patch: Patch, name: str, value: object) -> Patch:
    """The patch with one knob set, as JSON or the command line give it; directions may be named. Raises UserError."""
    params, named = dict(patch.params), dict(patch.named)
    mod_slots.put(params, named, name, value)
    return aim_rows(replace(aim_target(patch, name, value), params=params, named=named))


def aim_target(patch: Patch, name: str, value: object) -> Patch:
    """The patch whose chain knows what a slot moves in it, where the knob is a slot's target that is set to a value. Raises UserError."""
    if name not in TARGET_KNOBS or value in (EFFECT_TARGET, _OF_PLUGIN):
        return patch
    target = value if isinstance(value, str) and parse_target(value) else None
    effects = aim_slot(patch.effects, mod_slots.slot_of(name), target)
    return patch if effects is patch.effects else replace(patch, effects=effects)


def aim_rows(patch: Patch) -> Patch:
    """The patch with what its named targets are of plug-ins told to the chain. Raises UserError for one that it does not have."""
    targets = {name: value for name, value in patch.named.items() if isinstance(value, str) and parse_target(value)}
    for name, value in targets.items():
        patch = aim_target(patch, name, value)
    if not targets:
        return patch
    return replace(patch, params={**patch.params, **dict.fromkeys(targets, _OF_PLUGIN)},
                   named={name: value for name, value in patch.named.items() if name not in targets})


def plugin_targets(patch: Patch) -> dict[str, str]:
    """Knobs of slots that move a plug-in's parameter, and its name as a target, `effect.N.NAME`."""
    found = {f"mod{slot}.target": target for slot, target in moved_targets(patch.effects).items()}
    return {name: target for name, target in found.items() if patch.params.get(name) == _OF_PLUGIN}


def numbered(patch: Patch, directions: tuple[str, ...]) -> Patch:
    """The patch with its named directions under their numbers among the model's. Raises UserError for one it has not."""
    if not patch.named:
        return patch
    try:
        return replace(patch, params=mod_slots.numbered(patch.params, patch.named, directions), named={})
    except UserError as error:
        raise UserError(f"{patch.name}: {error}") from None


def by_name(patch: Patch, directions: tuple[str, ...]) -> Patch:
    """The patch with its directions under the model's names for them, as it is best written down."""
    params, named = mod_slots.by_name(patch.params, directions)
    return replace(patch, params=params, named={**patch.named, **named})
