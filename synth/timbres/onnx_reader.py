"""An ONNX file read without the `onnx` package, which is no dependency of playing: its nodes and its constants.

Seven messages of the format (onnx.proto3) are all that is needed, and reading them takes a millisecond. Protocol Buffers, 'Encoding'.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_TYPES = {1: np.float32, 6: np.int32, 7: np.int64, 10: np.float16, 11: np.float64}  # TensorProto.DataType
_MOST_NUMBERS = 1 << 26


class UnreadableError(ValueError):
    """The file is no ONNX file, is cut off, or keeps its numbers in a way that is not read here; the message says which."""


@dataclass(frozen=True)
class Node:
    """One operation: its inputs and outputs by name; attributes are int, float, list of int, or an array."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, object]


@dataclass
class Graph:
    """nodes in the order in which they are run; constants by name; inputs and outputs by name."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise UnreadableError("it is cut off or no ONNX file")
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    """(number, wire type, value) of each field of a message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, kind, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise UnreadableError("it is no ONNX file")
        if at + size > len(data):
            raise UnreadableError("it is cut off")
        yield number, kind, data[at:at + size]
        at += size


def message(value: int | memoryview) -> memoryview:
    """A field that holds bytes. Raises UnreadableError for a number."""
    if isinstance(value, int):
        raise UnreadableError("it is no ONNX file")
    return value


def text(value: int | memoryview) -> str:
    """A field that holds a text. Raises UnreadableError."""
    try:
        return bytes(message(value)).decode()
    except UnicodeDecodeError:
        raise UnreadableError("it is no ONNX file") from None


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _integers(kind: int, value: int | memoryview) -> list[int]:
    """One number of a repeated field, or all of them packed."""
    if isinstance(value, int):
        return [_signed(value)]
    found, at = [], 0
    while kind == _BYTES and at < len(value):
        number, at = _varint(value, at)
        found.append(_signed(number))
    return found


def _tensor(data: memoryview) -> tuple[str, np.ndarray]:
    name, shape, kind, raw, numbers = "", list[int](), 0, memoryview(b""), list[memoryview]()
    for number, wire, value in fields(data):
        if number == 1:
            shape += _integers(wire, value)
        elif number == 2:
            kind = _integers(wire, value)[0]
        elif number == 8:
            name = text(value)
        elif number == 9:
            raw = message(value)
        elif number == 4:
            numbers.append(message(value))
        elif number in (5, 7, 10, 11, 13) or (number == 14 and value):
            raise UnreadableError("it keeps numbers in a way that is not read here")
    if kind not in _TYPES:
        raise UnreadableError(f"it holds numbers of type {kind}")
    if numbers and kind != 1:
        raise UnreadableError("it keeps numbers in a way that is not read here")
    given = np.frombuffer(raw if not numbers else b"".join(numbers), np.dtype(_TYPES[kind]).newbyteorder("<"))
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if any(n < 0 for n in shape) or count > _MOST_NUMBERS or count != len(given):
        raise UnreadableError("a constant is not as long as it says")
    return name, given.reshape(shape)


def _attribute(data: memoryview) -> tuple[str, object]:
    name, value, many = "", None, list[int]()
    for number, wire, given in fields(data):
        if number == 1:
            name = text(given)
        elif number == 2:
            value = struct.unpack("<f", message(given))[0]
        elif number == 3:
            value = _integers(wire, given)[0]
        elif number == 4:
            value = bytes(message(given))
        elif number == 5:
            value = _tensor(message(given))[1]
        elif number == 8:
            many += _integers(wire, given)
            value = many
        elif number not in (13, 20):  # a text for people, the type
            value = NotImplemented  # of a kind that no operation known here has
    return name, value


def _node(data: memoryview) -> Node:
    inputs, outputs, kind, domain, attributes = list[str](), list[str](), "", "", {}
    for number, _, value in fields(data):
        if number == 1:
            inputs.append(text(value))
        elif number == 2:
            outputs.append(text(value))
        elif number == 4:
            kind = text(value)
        elif number == 5:
            name, attribute = _attribute(message(value))
            attributes[name] = attribute
        elif number == 7:
            domain = text(value)
    return Node(kind if domain in ("", "ai.onnx") else f"{domain}.{kind}", tuple(inputs), tuple(outputs), attributes)


def _value_name(data: memoryview) -> str:
    return next((text(value) for number, _, value in fields(data) if number == 1), "")


def _graph(data: memoryview) -> Graph:
    graph = Graph()
    for number, _, value in fields(data):
        if number == 1:
            graph.nodes.append(_node(message(value)))
        elif number == 5:
            name, array = _tensor(message(value))
            graph.constants[name] = array
        elif number == 11:
            graph.inputs.append(_value_name(message(value)))
        elif number == 12:
            graph.outputs.append(_value_name(message(value)))
        elif number == 15:
            raise UnreadableError("it holds sparse constants")
    graph.inputs = [name for name in graph.inputs if name not in graph.constants]
    return graph


def read_graph(path: Path) -> Graph:
    """The graph of an ONNX file. Constants are views of the file's bytes. Raises UnreadableError; OSError."""
    graph = None
    for number, _, value in fields(memoryview(path.read_bytes())):
        if number == 7:
            graph = _graph(message(value))
    if graph is None:
        raise UnreadableError("it holds no graph")
    return graph
