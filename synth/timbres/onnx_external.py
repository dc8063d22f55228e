"""Where an ONNX file keeps numbers outside itself ('external data'): known before anything of it is run. onnx.proto3, TensorProto."""

from collections.abc import Iterator
from pathlib import Path

from .onnx_reader import UnreadableError, fields, message, text

_TENSORS = {"model": {7: "graph"}, "graph": {1: "node", 5: "tensor", 15: "sparse"}, "node": {5: "attribute"},
            "sparse": {1: "tensor", 2: "tensor"},
            "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"}}  # fields that lead to tensors
_DEEPEST = 64


def _places(data: memoryview, kind: str = "model", depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise UnreadableError("its graphs lie too deep in one another")
    for number, _, value in fields(data):
        if kind == "tensor" and number == 13:
            entry = {key: text(found) for key, _, found in fields(message(value))}
            if entry.get(1) == "location":
                yield entry.get(2, "")
        elif kind != "tensor" and number in _TENSORS[kind]:
            yield from _places(message(value), _TENSORS[kind][number], depth + 1)


def external_files(path: Path) -> list[Path]:
    """Files beside an ONNX file that hold numbers of its; [] for a file that cannot be read, which whoever runs it tells.

    Raises UnreadableError where one lies outside its folder, by its name or by a link.
    """
    try:
        names = sorted(set(_places(memoryview(path.read_bytes()))))
    except (UnreadableError, OSError):
        return []
    home = path.parent.resolve()
    for name in names:
        if not name or not (home / name).resolve().is_relative_to(home):
            raise UnreadableError(f"it keeps numbers outside its folder, in '{name}'")
    return [path.parent / name for name in names]
