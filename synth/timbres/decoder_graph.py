"""A decoder's ONNX graph -> the steps of a network that the engine's own kernel runs (`engine/dsp/network.py`).

The graph is walked node by node. A value is kept as what it is linear in: products that follow one another become one where that is no
dearer, gains and offsets go into the weights, and a layer norm of something linear in the latent is taken of a few numbers in place of
many. What is not known here is declined with its reason; onnxruntime then plays the model.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .network_builder import Builder, Linear, Network
from .onnx_reader import Graph, Node

_KNOWN_ATTRIBUTES = {"Gemm": {"alpha", "beta", "transA", "transB"}, "LayerNormalization": {"axis", "epsilon", "stash_type"},
                     "ReduceMax": {"axes", "keepdims", "noop_with_empty_axes"}, "ReduceSum": {"axes", "keepdims", "noop_with_empty_axes"},
                     "Concat": {"axis"}, "Cast": {"to", "saturate"}, "Constant": {"value"}}
_FLOAT = 1  # TensorProto.FLOAT
_TO_OCTAVES = 1 / np.log(2)


class UnknownGraphError(ValueError):
    """The graph is none that the kernel knows; the message says where it parts from those."""


@dataclass(frozen=True)
class _Level:
    """Pieces of levels, one after the other; `less_top`: the strongest of them taken off."""

    pieces: tuple[Linear, ...]
    less_top: bool = False


@dataclass(frozen=True)
class _Top:
    of: _Level


@dataclass(frozen=True)
class _Logistic:
    of: str


@dataclass(frozen=True)
class _Power:
    """exp of levels to a power (1: amplitudes, 2: their squares), or `summed` squares times `scale`, or the `root` of that."""

    levels: _Level
    power: int = 1
    summed: bool = False
    scale: float = 1.0
    root: bool = False
    divided: bool = False


Value = Linear | _Level | _Top | _Logistic | _Power | np.ndarray


@dataclass
class _Walk:
    """What is known of each value so far."""

    builder: Builder
    values: dict[str, Value] = field(default_factory=dict)

    def take(self, node: Node) -> None:
        unknown = set(node.attributes) - _KNOWN_ATTRIBUTES.get(node.kind, set())
        rule: Callable[[Node, list], Value] | None = getattr(self, f"_{node.kind.lower()}", None)
        if rule is None or unknown or len(node.outputs) != 1:
            raise UnknownGraphError(f"it does not know the step {node.kind}" + (f" with {', '.join(sorted(unknown))}" if unknown else ""))
        try:
            given = [self.values[name] for name in node.inputs]
        except KeyError as error:
            raise UnknownGraphError(f"the step {node.kind} takes {error}, which nothing gives") from None
        try:
            found = rule(node, given)
        except (TypeError, ValueError, AttributeError, IndexError):
            found = NotImplemented
        if found is NotImplemented or found is None:
            raise UnknownGraphError(f"it does not know the step {node.kind} as it stands there")
        self.values[node.outputs[0]] = found

    def _constant(self, node: Node, given: list) -> Value:
        return np.asarray(node.attributes["value"])

    def _identity(self, node: Node, given: list) -> Value:
        return given[0]

    def _cast(self, node: Node, given: list) -> Value:
        constant = isinstance(given[0], np.ndarray) and node.attributes["to"] == _FLOAT
        return given[0].astype(np.float32) if constant else NotImplemented

    def _matmul(self, node: Node, given: list) -> Value:
        value, matrix = given
        if isinstance(value, _Power) and value.power == 2 and not value.summed and _is_ones(matrix, value.levels):
            return _Power(value.levels, 2, True)
        return self.builder.product(self._linear(node.inputs[0], matrix), matrix)

    def _gemm(self, node: Node, given: list) -> Value:
        named = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0} | node.attributes
        if named["transA"]:
            return NotImplemented
        matrix = given[1] if named["alpha"] == 1 else given[1].astype(float) * named["alpha"]
        matrix = matrix.T if named["transB"] else matrix
        found = self.builder.product(self._linear(node.inputs[0], matrix), matrix)
        return found.moved(named["beta"] * np.asarray(given[2], float)) if len(given) > 2 else found

    def _linear(self, name: str, matrix: np.ndarray) -> Linear:
        """A value that a matrix is multiplied with; what would be dearer as one product is made first."""
        value = self.values[name]
        if not isinstance(value, Linear) or matrix.ndim != 2 or matrix.shape[0] != value.size:
            raise ValueError
        if self.builder.is_dearer(value, matrix.shape[1]):
            self.values[name] = value = self.builder.made(value)
        return value

    def _layernormalization(self, node: Node, given: list) -> Value:
        value, epsilon = given[0], node.attributes.get("epsilon", 1e-5)
        over_rows = node.attributes.get("axis", -1) in (-1, 1) and node.attributes.get("stash_type", 1) == 1
        if not over_rows or not isinstance(value, Linear) or not isinstance(epsilon, float):
            return NotImplemented
        if not self.builder.is_short_form(value):
            self.values[node.inputs[0]] = value = self.builder.made(value)
        found = self.builder.norm(value, epsilon)
        return found.scaled(np.asarray(given[1], float)).moved(np.asarray(given[2], float) if len(given) > 2 else 0.0)

    def _sigmoid(self, node: Node, given: list) -> Value:
        return _Logistic(node.inputs[0]) if isinstance(given[0], Linear) else NotImplemented

    def _add(self, node: Node, given: list) -> Value:
        a, b = given if not isinstance(given[0], np.ndarray) else given[::-1]
        if isinstance(a, Linear) and isinstance(b, Linear):
            return a.plus(b)
        if isinstance(a, Linear):
            return a.moved(np.asarray(b, float))
        if isinstance(a, _Level) and not a.less_top and np.size(b) == 1:
            return _Level(tuple(piece.moved(b.item()) for piece in a.pieces))
        return NotImplemented

    def _sub(self, node: Node, given: list) -> Value:
        levels, top = self._levels(given[0]), given[1]
        return _Level(levels.pieces, True) if isinstance(top, _Top) and top.of == levels and not levels.less_top else NotImplemented

    def _levels(self, value: Value) -> _Level:
        return value if isinstance(value, _Level) else _Level((value,)) if isinstance(value, Linear) else NotImplemented

    def _mul(self, node: Node, given: list) -> Value:
        for (a, name), b in (((given[0], node.inputs[0]), given[1]), ((given[1], node.inputs[1]), given[0])):
            if isinstance(b, _Logistic) and b.of == name:
                return self.builder.silu(a)
        a, b = given if not isinstance(given[0], np.ndarray) else given[::-1]
        if isinstance(a, _Power) and isinstance(b, _Power) and a == b == _Power(a.levels):
            return _Power(a.levels, 2)
        if np.size(b) != 1 or not isinstance(b, np.ndarray):
            return a.scaled(np.asarray(b, float)) if isinstance(a, Linear) and isinstance(b, np.ndarray) else NotImplemented
        if isinstance(a, _Level) and b.item() > 0:
            return _Level(tuple(piece.scaled(b.item()) for piece in a.pieces), a.less_top)
        if isinstance(a, _Power) and a.summed and not a.root:
            return _Power(a.levels, 2, True, a.scale * b.item())
        return a.scaled(b.item()) if isinstance(a, Linear) else NotImplemented

    def _concat(self, node: Node, given: list) -> Value:
        pieces = tuple(piece for value in given for piece in self._levels(value).pieces)
        return _Level(pieces) if node.attributes["axis"] in (-1, 1) else NotImplemented

    def _reducemax(self, node: Node, given: list) -> Value:
        return _Top(self._levels(given[0])) if _is_over_rows(node, given) else NotImplemented

    def _reducesum(self, node: Node, given: list) -> Value:
        squares = isinstance(given[0], _Power) and given[0].power == 2 and not given[0].summed
        return _Power(given[0].levels, 2, True) if squares and _is_over_rows(node, given) else NotImplemented

    def _exp(self, node: Node, given: list) -> Value:
        return _Power(self._levels(given[0]))

    def _sqrt(self, node: Node, given: list) -> Value:
        value = given[0]
        good = isinstance(value, _Power) and value.summed and not value.root
        return _Power(value.levels, 2, True, value.scale, True) if good else NotImplemented

    def _div(self, node: Node, given: list) -> Value:
        a, b = given
        good = isinstance(a, _Power) and a == _Power(a.levels) and isinstance(b, _Power) and b.root and a.levels == b.levels
        return _Power(a.levels, 1, scale=b.scale, divided=True) if good else NotImplemented


def _is_ones(matrix: np.ndarray, levels: _Level) -> bool:
    return matrix.shape == (sum(piece.size for piece in levels.pieces), 1) and bool((matrix == 1).all())


def _is_over_rows(node: Node, given: list) -> bool:
    axes = node.attributes.get("axes", given[1].tolist() if len(given) > 1 else None)
    return axes in ([-1], [1]) and node.attributes.get("keepdims", 1) == 1


def network_of(graph: Graph, latent_size: int, harmonics: int) -> Network:
    """The network of a graph that takes `latent` [n, z] and gives `amplitudes` [n, harmonics] of unit RMS.

    Raises UnknownGraphError with the reason where it is none that the kernel knows.
    """
    if graph.inputs != ["latent"] or graph.outputs != ["amplitudes"]:
        raise UnknownGraphError("it does not take 'latent' and give 'amplitudes' alone")
    builder = Builder(latent_size)
    walk = _Walk(builder, {**graph.constants, "latent": builder.latent})
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            walk.take(node)
        found = walk.values.get("amplitudes")
        if not isinstance(found, _Power) or not found.divided or abs(found.scale - 0.5) > 1e-6:
            raise UnknownGraphError("it does not end in amplitudes of unit RMS")
        if sum(piece.size for piece in found.levels.pieces) != harmonics:
            raise UnknownGraphError(f"it does not give {harmonics} harmonics")
        return builder.finish([piece.scaled(_TO_OCTAVES) for piece in found.levels.pieces])

