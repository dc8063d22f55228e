"""Reads the decoder of a model folder for the engine's own kernel, or says why it is none that the kernel knows. Needs no compiler."""

from pathlib import Path

import numpy as np

from .decoder_graph import UnknownGraphError, network_of
from .network_builder import Network, TooLargeError
from .onnx_reader import Graph, UnreadableError, read_graph


class DeclinedError(ValueError):
    """The kernel does not play a model; the message says why."""


def read_network(folder: Path, output: str, latent_size: int, harmonics: int) -> Network:
    """The network of a model folder whose decoder gives `output` (`waveform` or `amplitudes`).

    Raises DeclinedError with the reason where its graph is none that the kernel knows.
    """
    try:
        if output == "amplitudes":
            return network_of(read_graph(folder / "decoder.onnx"), latent_size, harmonics)
        if not (folder / "amplitudes.onnx").is_file():
            raise DeclinedError("it has no amplitudes.onnx")
        graph = read_graph(folder / "amplitudes.onnx")
        if not _begins_with(read_graph(folder / "decoder.onnx"), graph):
            raise DeclinedError("its amplitudes.onnx is not decoder.onnx without the last steps")
        return network_of(graph, latent_size, harmonics)
    except (UnknownGraphError, UnreadableError, TooLargeError) as error:
        raise DeclinedError(str(error)) from None


def _begins_with(graph: Graph, beginning: Graph) -> bool:
    """Whether a graph takes the same steps with the same constants as another, and then goes on: both are then one decoder."""
    if len(graph.nodes) < len(beginning.nodes) or graph.inputs != beginning.inputs:
        return False
    same = {name: name for name in graph.inputs}
    for a, b in zip(graph.nodes, beginning.nodes, strict=False):
        if a.kind != b.kind or len(a.inputs) != len(b.inputs) or not _are_alike(a.attributes, b.attributes):
            return False
        for left, right in zip(a.inputs, b.inputs, strict=True):
            known = left in graph.constants and right in beginning.constants
            if not (_are_alike(graph.constants[left], beginning.constants[right]) if known else same.get(left) == right):
                return False
        same |= dict(zip(a.outputs, b.outputs, strict=False))
    return True


def _are_alike(a: object, b: object) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_are_alike(a[key], b[key]) for key in a)
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and a == b
