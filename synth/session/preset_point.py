"""Where on a model's map a preset is: the latents that it plays at rest; and a preset of a point on it."""

from dataclasses import replace

import numpy as np

from ..errors import UserError
from ..patch.patch import Patch
from ..timbres.source import ModelSource, Source
from ..timbres.static_render import asked_at

_MOVES = ("osc.position", "osc.position_y", "map.x", "map.y")  # knobs that lead away from a point


def point_of(patch: Patch, source: Source) -> np.ndarray:
    """Latents float64[z] of a preset at its position, offsets included. Raises UserError where it has none on this source's map."""
    name = f"'{patch.name}'"
    if not isinstance(source, ModelSource):
        raise UserError("what plays now is not drawn by a model: it has no map to go on")
    if patch.morph is not None:
        raise UserError(f"{name} is a morph of presets: it has no one point on the map")
    if patch.instrument is not None:
        raise UserError(f"{name} plays recordings, which move all the time: it has no one point on the map")
    if not patch.corners:
        raise UserError(f"{name} is not drawn by a model: it has no point on the map")
    if patch.model != source.name or patch.latent_size != source.latent_size:
        raise UserError(f"{name} plays the model '{patch.model}', and the map is of '{source.name}': a click on it loads both")
    if patch.model_sha256 not in ("", source.sha256):
        raise UserError(f"{name} was made with another version of '{source.name}', whose map this is: a click loads it as it was")
    position = patch.params.get("osc.position", 0.0)
    if patch.latent_path:
        return np.array(patch.latent_path[round(position * (len(patch.latent_path) - 1))], float)
    return np.asarray(asked_at(patch, source, np.array([position]))[0][0], float)


def sound_at(patch: Patch, source: ModelSource, latents: np.ndarray, name: str) -> Patch:
    """The sound as it would be at latents float[z] of a model, and nowhere else: envelopes, filter and effects are its own."""
    params = {knob: value for knob, value in patch.params.items() if knob not in _MOVES and not knob.startswith("direction.")}
    named = {knob: value for knob, value in patch.named.items() if not knob.startswith("direction.")}
    return replace(patch, name=name, params=params, named=named, model=source.name, model_sha256=source.sha256,
                   latent_size=source.latent_size, corners={"A": tuple(float(value) for value in latents)}, shapes={}, latent_path=(),
                   instrument=None, table=None, fallback_db=None, author="", comment=f"a point on the map of {source.name}")
