"""A finished model's decoder as torch again, from its ONNX file: for what is taught through the decoder afterwards."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from synth.errors import UserError
from synth.samples.spectrum import LSD_HARMONICS

from .features import CENTRE_DB, SCALE_DB
from .model import Straight


def levels_of_decoder(path: Path, harmonics: int = LSD_HARMONICS) -> Callable[[Tensor], Tensor]:
    """Function latents [n, z] -> levels [n, harmonics] in dB on a common reference, differentiable; weights are fixed.

    Raises UserError where the file was not exported by `train`.
    """
    weights = {t.name.removesuffix(".half"): torch.tensor(numpy_helper.to_array(t).astype(np.float32))
               for t in onnx.load(str(path)).graph.initializer}
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
