"""A sound that is ready to be heard: made in the loader's thread, taken by the editor."""

from dataclasses import dataclass

from ..engine.resolved_patch import ResolvedPatch
from ..patch.patch import Patch
from ..timbres.source import Source
from ..timbres.source_cache import Choices


@dataclass(frozen=True, slots=True)
class Prepared:
    """A patch that is ready to sound: what the engine takes, what plays it, and a sentence for the player.

    logged: the patch that a log has to hold to play the same, where that is another one (see `prepare_meanwhile`).
    """

    patch: Patch
    choices: Choices
    resolved: ResolvedPatch
    source: Source
    told: str
    logged: Patch | None = None
