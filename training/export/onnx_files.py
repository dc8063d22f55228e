"""Torch graphs -> ONNX files: one file each, dynamic batch, plain operators, and proof that they answer alike."""

import copy
import warnings
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.onnx import TrainingMode

from synth.errors import UserError

Model = TypeVar("Model", bound=nn.Module)
OPSET = 17
DECODER_TOLERANCE = 1e-5  # single precision itself is up to 2.5e-6 off on the edges of a long run's ranges; a fault is far more
ENCODER_TOLERANCE = 5e-4  # the last steps lift rounding; the contract allows 1e-3
HEARD_DB, LEVEL_TOLERANCE_DB = -80.0, 0.05  # under the strongest: a share of the peak would pass a whole dB there
SMALLEST_HALVED = 4096  # numbers; below that half precision saves nothing


def write_onnx(graph: nn.Module, example: Tensor, names: tuple[str, str], path: Path) -> None:
    """Export one graph; `names` are those of its input and output."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(graph.train(), (example,), str(path), input_names=[names[0]], output_names=[names[1]],
                          training=TrainingMode.PRESERVE,  # else of weights that are equal one is kept, and the others' names lost
                          dynamic_axes={name: {0: "batch"} for name in names}, opset_version=OPSET, dynamo=False)
    graph.eval()


def with_half_weights(model: Model) -> Model:
    """A copy whose large parameters are rounded to half precision, as `store_halves` will keep them."""
    rounded = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in rounded.parameters():
            if parameter.numel() >= SMALLEST_HALVED:
                parameter.copy_(parameter.half().float())
    return rounded


def share_constants(graph: onnx.GraphProto) -> None:
    """Keep one of each constant: a loop written out repeats them at every turn."""
    kept: dict[bytes, str] = {}
    same: dict[str, str] = {}
    nodes = []
    for node in graph.node:
        if node.op_type == "Constant":
            value = b"".join(attribute.SerializeToString() for attribute in node.attribute)
            first = kept.setdefault(value, node.output[0])
            if first != node.output[0]:
                same[node.output[0]] = first
                continue
        for i, name in enumerate(node.input):
            node.input[i] = same.get(name, name)
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


def store_halves(path: Path) -> None:
    """Keep large weights that half precision holds exactly as half, widened by a Cast on loading: half the file."""
    model = onnx.load(str(path))
    graph = model.graph
    share_constants(graph)
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        small = values.astype(np.float16) if values.dtype == np.float32 and values.size >= SMALLEST_HALVED else None
        if small is None or not np.array_equal(small.astype(np.float32), values):
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(small, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(casts + nodes)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def check_against_torch(graph: nn.Module, given: np.ndarray, answer: np.ndarray, tolerance: float) -> float:
    """Largest difference of onnxruntime's answer from torch's, relative to its largest; raises above `tolerance`."""
    with torch.no_grad():
        expected = graph(torch.from_numpy(given)).numpy()
    worst = float(np.abs(answer - expected).max() / max(np.abs(expected).max(), 1.0))
    if not worst <= tolerance:
        name = type(graph).__name__
        raise UserError(f"the exported {name} differs from the trained one by {worst:.1e}; nothing was exported")
    return worst


def check_levels(graph: nn.Module, latents: np.ndarray, answer: np.ndarray) -> float:
    """Largest difference in dB of onnxruntime's amplitudes [n, harmonics] from torch's, of harmonics that are heard; raises where it is
    too large.
    """
    with torch.no_grad():
        expected = graph(torch.from_numpy(latents)).numpy()
    there, here = (20 * np.log10(np.maximum(x, 1e-12)) for x in (expected, answer))
    heard = there > there.max(1, keepdims=True) + HEARD_DB
    worst = float(np.abs(here - there)[heard].max())
    if not worst <= LEVEL_TOLERANCE_DB:
        raise UserError(f"the exported levels differ from the trained ones by {worst:.2f} dB; nothing was exported")
    return worst
