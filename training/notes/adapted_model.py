"""A base with another last layer -> a model folder: the base's latents, map and named directions, its own decoder and encoder."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from synth.samples.baseline import Baseline, load_baseline, pack, save_baseline, unpack
from synth.timbres.model import Model, open_model

from ..export.graphs import Axes
from ..export.model_folder import make_manifest, write_folder, write_manifest, write_networks
from ..export.onnx_files import with_half_weights
from .last_layer import LastLayer
from .sets import Frames, Sets

_KEPT = ("map.npz",)


def export(base: Model, adapted: LastLayer, axes: Axes, sets: Sets, config: Any, origin: dict, target: Path) -> Model:
    """Write the folder beside `target`, then put it in place. Raises UserError where it cannot be written or answers otherwise."""
    def fill(partial: Path) -> None:
        network = with_half_weights(adapted.network().eval())
        latents = sets.learnt.fitted(adapted).latents
        phases = np.array(base.manifest["phases"])
        hashes = write_networks(network, axes, phases, latents[:8].astype(np.float32), partial)
        manifest = make_manifest(config, _reach(base, latents), phases, origin, hashes)
        write_manifest(manifest | {"directions": base.manifest.get("directions", [])}, partial)
        for name in _KEPT:
            if (base.folder / name).is_file():
                shutil.copyfile(base.folder / name, partial / name)
        _add_seen(base, sets.learnt, partial)

    write_folder(target, fill)
    return open_model(target)


def _reach(base: Model, latents: np.ndarray) -> list[dict]:
    """The base's latents, their ranges as wide as the notes' are."""
    low, high = np.quantile(latents, (0.001, 0.999), axis=0)
    return [row | {"low": round(float(min(row["low"], low[i])), 4), "high": round(float(max(row["high"], high[i])), 4)}
            for i, row in enumerate(base.manifest["latents"])]


def _add_seen(base: Model, learnt: Frames, folder: Path) -> None:
    """The base's baseline, with what this model has seen besides: `evaluate` leaves it out."""
    baseline = load_baseline(base.folder)
    if baseline is None:
        return
    seen = np.concatenate([unpack(baseline.hashes), learnt.target_db.astype(np.float32)])
    save_baseline(Baseline(baseline.mean, baseline.components, pack(seen)), folder)
