"""A finished model as torch again, from its ONNX files: to teach through its decoder, or to train it further."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from torch import Tensor

from synth.errors import UserError
from synth.samples.baseline import load_baseline, unpack
from synth.samples.spectrum import LSD_HARMONICS
from synth.timbres.model import Model, open_model

from ..config import Config
from ..data.datasets import Seen
from ..data.features import CENTRE_DB, SCALE_DB
from ..network.model import Autoencoder, Straight

NOTHING = "nothing"  # a run that begins from no model, but from PCA


@dataclass(frozen=True)
class Base:
    """A model that a run begins from: what it was asked for by, recipe, weights, what it has seen, its manifest's `data`."""

    asked: str
    name: str
    sha256: str
    config: Config
    weights: dict[str, Tensor]
    seen: Seen
    data: list[dict]


def levels_of_decoder(path: Path, harmonics: int = LSD_HARMONICS) -> Callable[[Tensor], Tensor]:
    """Function latents [n, z] -> levels [n, harmonics] in dB on a common reference, differentiable; weights are fixed.

    Raises UserError where the file was not exported by `train`.
    """
    weights = _weights_in(path)
    decoder = {name.removeprefix("model.decoder."): w for name, w in weights.items() if name.startswith("model.decoder.")}
    if not {"line.weight", "enter.weight"} <= decoder.keys() or not {"axes.mean", "axes.back"} <= weights.keys():
        raise UserError(f"{path} was not made by 'latentwave train', so its directions cannot be taught")
    for name in ("line.weight", "line.bias", "leave.weight", "leave.bias"):
        decoder[name] = decoder[name][:harmonics]
    outputs, inputs = decoder["line.weight"].shape
    width = len(decoder["enter.bias"])
    blocks = len({name.split(".")[1] for name in decoder if name.startswith("blocks.")})
    network = Straight(inputs, outputs, width, blocks)
    network.load_state_dict(decoder)
    network.eval().requires_grad_(False)
    mean, back = weights["axes.mean"], weights["axes.back"]
    return lambda latent: network(latent @ back + mean) * SCALE_DB + CENTRE_DB


def open_base(name: str) -> Base:
    """The model of a name or folder, to be trained further. Raises UserError where it was not made by `train`."""
    model = open_model(name)
    config = Config.from_dict(model.manifest.get("config") or {})
    try:
        weights = _state(model.folder)
        Autoencoder(config).load_state_dict(weights)
    except (RuntimeError, OSError, ValueError, DecodeError):
        raise UserError(f"model '{model.name}' was not made by 'latentwave train', so no training can begin from it; "
                        f"use --from {NOTHING}") from None
    return Base(name, model.name, model.sha256, config, weights, _seen(model), list(model.manifest.get("data") or []))


def _seen(model: Model) -> Seen:
    baseline = load_baseline(model.folder)
    seen_db = np.zeros((0, LSD_HARMONICS), np.float32) if baseline is None else unpack(baseline.hashes)
    scores = model.manifest.get("scores") or {}
    return Seen(model.name, str(scores.get("split", "")), seen_db)


def _state(folder: Path) -> dict[str, Tensor]:
    """The weights of an exported autoencoder by the names of its parameters."""
    found = _weights_in(folder / "encoder.onnx") | _weights_in(folder / "decoder.onnx")
    state = {name.removeprefix("model."): weight for name, weight in found.items() if name.startswith("model.")}
    for part in ("encoder", "corrector", "decoder"):  # of two that are equal the exporter keeps one
        line, leave = f"{part}.line.bias", f"{part}.leave.bias"
        for here, there in ((line, leave), (leave, line)):
            if here in state:
                state.setdefault(there, state[here].clone())
    return state


def _weights_in(path: Path) -> dict[str, Tensor]:
    return {t.name.removesuffix(".half"): torch.tensor(numpy_helper.to_array(t).astype(np.float32))
            for t in onnx.load(str(path)).graph.initializer}
