"""The sections of a sound, as breeding changes or keeps them: which knobs belong to which."""

from collections.abc import Iterable

from ..errors import UserError, did_you_mean
from ..params.effects import EFFECTS
from ..params.knobs import PARAMS
from .mod_slots import is_named
from .patch import Patch

_GROUPS = {
    "latents": {"morph", "latent", "direction", "map"},
    "oscillator": {"osc", "sub", "noise", "unison"},
    "filter": {"filter"},
    "envelopes": {"amp", "env2", "env3"},
    "modulation": {"mod", "macro", *(f"lfo{n}" for n in range(1, 5))},
    "effects": set(EFFECTS),
}
SECTIONS = tuple(_GROUPS)
_PITCH = ("osc.coarse_semitones", "osc.fine_cents")  # the key that is pressed stays the key that is heard


def section_of(name: str) -> str:
    """The section of a knob, or '' where it belongs to none: pitch, level, voices and the clock are the player's."""
    if name in _PITCH or name.startswith("morph."):
        return ""
    group = PARAMS[name].group if name in PARAMS else None
    kind = group.name if group else name.partition(".")[0] if is_named(name) else ""
    return next((section for section, groups in _GROUPS.items() if kind in groups), "")


def knobs_of(section: str) -> tuple[str, ...]:
    """Names of the knobs of a section."""
    return tuple(name for name in PARAMS if section_of(name) == section)


def check_sections(names: Iterable[str]) -> frozenset[str]:
    """Sections by their names. Raises UserError for one that is none."""
    found = frozenset(name.strip().casefold() for name in names if name.strip())
    for name in found:
        if name not in SECTIONS:
            raise UserError(f"no section named '{name}'{did_you_mean(name, SECTIONS)}; there are {', '.join(SECTIONS)}")
    return found


def part_of(patch: Patch, section: str) -> tuple:
    """All that a section of a patch holds, to be compared."""
    knobs = tuple(sorted((k, v) for k, v in patch.params.items() if section_of(k) == section and v != PARAMS[k].default))
    more = (tuple(sorted(patch.corners.items())), tuple(sorted(patch.shapes.items())), patch.model_sha256) if section == "latents" else ()
    return knobs + more


def with_section(patch: Patch, other: Patch, section: str) -> dict[str, float]:
    """Knobs of a patch, those of one section as `other` has them."""
    kept = {k: v for k, v in patch.params.items() if section_of(k) != section}
    return kept | {k: v for k, v in other.params.items() if section_of(k) == section}
