"""Random patches: corners drawn from where a model's sounds are, all else as the player has it."""

from dataclasses import replace

import numpy as np

from ..errors import UserError
from ..params.knobs import MODEL_KNOBS
from ..patch.patch import Patch
from ..samples.spectrum import erb_lsd
from . import fallback
from .locks import kept_where_locked
from .source import ModelSource, Source

_DRAWS = 8  # that corner B is chosen from, for a morph worth hearing
_UNHEARD = MODEL_KNOBS | {"osc.position", "osc.position_y"}


def random_patch(source: Source, rng: np.random.Generator, like: Patch, locked: frozenset[str] = frozenset()) -> Patch:
    """A patch on the model of `source`: A drawn from its density, B the draw of eight that sounds least like it, knobs of `like`.

    Latent offsets and the position go back to none, but those that are locked stay.
    Raises UserError where what is played has no map of its sounds.
    """
    if not isinstance(source, ModelSource) or source.map is None:
        raise UserError(f"{source.name} has no map of its sounds, so none can be drawn from it")
    drawn = np.clip(source.map.density.sample(rng, 1 + _DRAWS), source.low, source.high)
    cycles = source.model.decode(drawn)
    far = 1 + int(erb_lsd(cycles[1:], np.repeat(cycles[:1], _DRAWS, 0)).argmax())
    corners = {name: tuple(round(float(x), 6) for x in drawn[i]) for name, i in (("A", 0), ("B", far))}
    near = [_nearest(source, drawn[i]) for i in (0, far)]
    params = {name: value for name, value in like.params.items() if name not in _UNHEARD}
    found = fallback.keep(replace(
        like, name=f"Random {int(rng.integers(1000)):03d}", author="", category="random", tags=(), shapes={}, named={}, corners=corners,
        latent_path=(), table=None,
        comment=f"Drawn from {source.name}, between something like {near[0]} and {near[1]}", params=params), source.model)
    found = kept_where_locked(found, like, locked, source)
    return replace(found, model=like.model) if like.model and like.model_sha256 == source.sha256 else found  # it may be a folder


def _nearest(source: ModelSource, latent: np.ndarray) -> str:
    """The known sound nearest to a latent, by name."""
    assert source.map is not None
    away = (source.map.latents - latent) / source.model.std
    return source.map.names[int((away**2).sum(1).argmin())] if len(away) else "itself"
