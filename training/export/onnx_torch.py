"""A decoder's ONNX graph as a torch module: its nodes one by one, for the few operations that decoders are made of."""

import numpy as np
import torch

from synth.errors import UserError
from synth.timbres.onnx_reader import Graph, Node

Tensors = list[torch.Tensor]


def _split(x: Tensors, a: dict) -> Tensors:
    if len(x) > 1:
        return list(torch.split(x[0], [int(n) for n in x[1]], a.get("axis", 0)))
    return list(torch.chunk(x[0], a["num_outputs"], a.get("axis", 0)))


def _gemm(x: Tensors, a: dict) -> torch.Tensor:
    left, right = (x[i].T if a.get(name) else x[i] for i, name in enumerate(("transA", "transB")))
    found = a.get("alpha", 1.0) * (left @ right)
    return found + a.get("beta", 1.0) * x[2] if len(x) > 2 else found


def _norm(x: Tensors, a: dict) -> torch.Tensor:
    return torch.nn.functional.layer_norm(x[0], x[0].shape[-1:], x[1], x[2] if len(x) > 2 else None, a.get("epsilon", 1e-5))


def _axes(x: Tensors, a: dict) -> list[int]:
    return [int(n) for n in (x[1] if len(x) > 1 else a["axes"])]


_STEPS = {
    "MatMul": lambda x, a: x[0] @ x[1], "Gemm": _gemm, "LayerNormalization": _norm, "Split": _split,
    "Add": lambda x, a: x[0] + x[1], "Sub": lambda x, a: x[0] - x[1], "Mul": lambda x, a: x[0] * x[1], "Div": lambda x, a: x[0] / x[1],
    "Pow": lambda x, a: x[0] ** x[1], "Neg": lambda x, a: -x[0], "Abs": lambda x, a: x[0].abs(), "Exp": lambda x, a: x[0].exp(),
    "Log": lambda x, a: x[0].log(), "Sqrt": lambda x, a: x[0].sqrt(), "Sin": lambda x, a: x[0].sin(), "Cos": lambda x, a: x[0].cos(),
    "Sigmoid": lambda x, a: x[0].sigmoid(), "Tanh": lambda x, a: x[0].tanh(), "Relu": lambda x, a: x[0].relu(),
    "Identity": lambda x, a: x[0], "Cast": lambda x, a: x[0].float(), "Concat": lambda x, a: torch.cat(x, a["axis"]),
    "ReduceSum": lambda x, a: x[0].sum(_axes(x, a), bool(a.get("keepdims", 1))),
    "ReduceMax": lambda x, a: x[0].amax(_axes(x, a), bool(a.get("keepdims", 1)))}


class GraphModule(torch.nn.Module):
    """Runs a graph of one input and one output. Raises UserError where it holds a step that is not known here. To be traced."""

    def __init__(self, graph: Graph, name: str) -> None:
        super().__init__()
        self._nodes: list[Node] = [node for node in graph.nodes if node.kind != "Constant"]
        unknown = sorted({node.kind for node in self._nodes} - _STEPS.keys())
        if unknown:
            raise UserError(f"{name} cannot be exported: its decoder takes the step {unknown[0]}, which is not known here")
        told = {node.outputs[0]: np.asarray(node.attributes["value"]) for node in graph.nodes if node.kind == "Constant"}
        constants = graph.constants | told
        self._places = {key: f"constant_{i}" for i, key in enumerate(constants)}
        for key, place in self._places.items():
            array = np.array(constants[key])
            self.register_buffer(place, torch.from_numpy(array.astype(np.float32) if array.dtype.kind == "f" else array))
        [self._taken], [self._given] = graph.inputs, graph.outputs

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents [n, z] -> what the graph gives."""
        values: dict[str, torch.Tensor] = {key: getattr(self, place) for key, place in self._places.items()}
        values[self._taken] = latents
        for node in self._nodes:
            found = _STEPS[node.kind]([values[key] for key in node.inputs if key], node.attributes)
            values |= dict(zip(node.outputs, found if isinstance(found, list) else [found], strict=True))
        return values[self._given]
