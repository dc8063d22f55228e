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
from torch.nn import functional

from synth.errors import UserError
from synth.samples.baseline import load_baseline, unpack
from synth.samples.spectrum import LSD_HARMONICS
from synth.timbres.model import Model, open_model

from ..config import Config
from ..data.datasets import Seen
from ..data.features import CENTRE_DB, SCALE_DB
from ..network.layers import Lean, Straight
from ..network.model import Autoencoder, Decoder
from .graphs import Axes

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
    network = _network_of(_both_biases(decoder, ""))
    (line, line_bias), (leave, leave_bias) = ((weight[:harmonics], bias[:harmonics]) for weight, bias in network.ends())
    mean, back = weights["axes.mean"], weights["axes.back"]

    def levels_db(latent: Tensor) -> Tensor:
        own = latent @ back + mean
        return (functional.linear(own, line, line_bias) + functional.linear(network.hidden(own), leave, leave_bias)) * SCALE_DB + CENTRE_DB

    return levels_db


def _network_of(decoder: dict[str, Tensor]) -> Decoder:
    """The decoder of these weights, fixed."""
    (outputs, inputs), width = decoder["line.weight"].shape, _width(decoder)
    if "start.weight" in decoder:
        upper, rank = decoder["basis.weight"].shape if "basis.weight" in decoder else (0, 1)
        network: Decoder = Lean(inputs, outputs + upper, width, decoder["leave.weight"].shape[1], rank)
    else:
        blocks = len({name.split(".")[1] for name in decoder if name.startswith("blocks.")})
        network = Straight(inputs, outputs, width, blocks)
    network.load_state_dict(decoder)
    return network.eval().requires_grad_(False)


def _width(decoder: dict[str, Tensor]) -> int:
    return len(decoder.get("up0.bias", decoder["enter.bias"]))


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
    for part in ("encoder.", "corrector.", "decoder."):
        _both_biases(state, part)
    return state


def _both_biases(state: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    """The weights, filled in place: of two biases that are equal the exporter keeps one."""
    for upper in ("", "_upper"):
        line, leave = f"{part}line{upper}.bias", f"{part}leave{upper}.bias"
        for here, there in ((line, leave), (leave, line)):
            if here in state:
                state.setdefault(there, state[here].clone())
    return state


def axes_of(folder: Path) -> Axes:
    """The axes of an exported model."""
    weights = _weights_in(folder / "encoder.onnx") | _weights_in(folder / "decoder.onnx")
    axes = Axes(np.zeros(len(weights["axes.mean"])), np.eye(len(weights["axes.mean"])))
    axes.load_state_dict({name: weights[f"axes.{name}"] for name in ("mean", "matrix", "back")})
    return axes


def _weights_in(path: Path) -> dict[str, Tensor]:
    return {t.name.removesuffix(".half"): torch.tensor(numpy_helper.to_array(t).astype(np.float32))
            for t in onnx.load(str(path)).graph.initializer}
