"""What a patch plays at rest: its morph and offsets as they stand, without modulation."""

import numpy as np

from ..params.knobs import CORNERS, MAX_DIRECTIONS
from ..patch.mod_slots import check_references
from ..patch.patch import Patch, numbered
from .latent_path_source import LatentPathSource
from .model import Model, open_model
from .residual_source import ResidualSource
from .source import ModelSource, Source

Asked = tuple[np.ndarray, np.ndarray, np.ndarray]


def corners_of(patch: Patch, source: Source) -> np.ndarray:
    """Corners A to D, float64[4, z]: the patch's own where it has any for this source."""
    own = patch.corners and patch.latent_size == source.latent_size
    return np.array([patch.corner(c) for c in CORNERS]) if own else np.array(source.corners(), float)


def asked_at(patch: Patch, source: Source, positions: np.ndarray, morph_path: np.ndarray | None = None) -> Asked:
    """(points, weights, amounts) as `Source.spectra` takes them, at `positions` [n] of `osc.position`, all else as the patch stands.

    way: corners float[4, z] whose way is followed, where it is not that of the patch's own.
    """
    x, y = np.asarray(positions, float), patch.params.get("osc.position_y", 0.0)
    weights = np.stack([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y], 1)
    offset = np.array([patch.params.get(f"latent.{i + 1}", 0.0) for i in range(source.latent_size)]) + map_offset(patch, source)
    corners = corners_of(patch, source)
    points = np.clip(weights @ corners + offset, source.low, source.high).astype(np.float32)
    follow = patch.params.get("osc.follow", 0.0)
    if follow and isinstance(source, ModelSource):
        source.morph_paths.displace(points, weights, np.full(len(x), follow), corners if morph_path is None else morph_path)
    amounts = np.tile([patch.params.get(f"direction.{i + 1}", 0.0) for i in range(MAX_DIRECTIONS)], (len(x), 1))
    return points, weights.astype(np.float32), amounts.astype(np.float32)


def map_offset(patch: Patch, source: Source) -> np.ndarray:
    """What a patch's `map.x` and `map.y` add to latents: float64[z]."""
    across, up = (patch.params.get(name, 0.0) for name in ("map.x", "map.y"))
    axes = getattr(source, "map_axes", None)
    return np.zeros(source.latent_size) if axes is None or not (across or up) else across * axes[0] + up * axes[1]


def source_on(patch: Patch, model: Model) -> ModelSource:
    """A model as the patch plays it: with its own waveform shapes, where they were made with this model."""
    source = ModelSource(model)
    if patch.latent_path and patch.model_sha256 in ("", model.sha256) and patch.latent_size in (0, model.latent_size):
        return LatentPathSource(source, patch.latent_path)
    if not patch.shapes or patch.model_sha256 != model.sha256 or patch.latent_size != model.latent_size:
        return source
    return ResidualSource(source, corners_of(patch, source), patch.shapes, patch.params.get("osc.follow", 0.0))


def render_cycle(patch: Patch) -> np.ndarray:
    """The cycle a patch plays at its position: float32[2048], unit RMS; at a corner with a shape, begun as its file was.

    Raises UserError where its model cannot be had.
    """
    source = source_on(patch, open_model(patch.model))
    patch = numbered(patch, source.direction_names)
    check_references(patch.params, source.latent_size, len(source.direction_names), f"'{source.name}'")
    asked = asked_at(patch, source, np.array([patch.params.get("osc.position", 0.0)]))
    re, im = source.spectra(*asked)
    spectrum = np.zeros(1025, complex)
    spectrum[:re.shape[1]] = re[0] + 1j * im[0]
    for name, shape in patch.shapes.items():
        if asked[1][0, CORNERS.index(name)] == 1:
            spectrum *= np.exp(-2j * np.pi * np.arange(1025) * shape.start_cycles)
    cycle = np.fft.irfft(spectrum)
    return (cycle / np.sqrt((cycle**2).mean() + 1e-30)).astype(np.float32)
