"""ONNX decoders as others export them, made by formula: what they should sound like is known."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper


@dataclass(frozen=True)
class Stranger:
    """A decoder of 24 harmonics whose levels move with its first two latents, or with its only one."""

    latents: int = 2
    size: int = 2048  # of a cycle; 0: it gives amplitudes
    half: bool = False
    batch: int | str = "batch"
    axes: bool = False  # [1, z] -> [1, 1, size]
    names: tuple[str, str] = ("latent", "cycle")
    offset: float = 0.0
    level: float = 1.0
    tear: float = 0.0  # a step at the wrap
    external: bool = False  # its numbers lie in decoder.onnx.data
    tilt: float = -1.0
    harmonics: int = 24

    @property
    def weights(self) -> np.ndarray:
        """float[z, h] on the logarithm of the amplitudes."""
        k = np.arange(1, self.harmonics + 1)
        found = np.zeros((self.latents, self.harmonics))
        found[0] = 0.5 * np.log(k)
        if self.latents > 1:
            found[1] = np.where(k % 2, 0.0, 1.0)
        return found

    def amplitudes(self, latents: np.ndarray) -> np.ndarray:
        """What it means: float[n, h] of latents [n, z]."""
        return np.exp(latents @ self.weights + self.tilt * np.log(np.arange(1, self.harmonics + 1)))

    def write(self, file: Path) -> Path:
        """The ONNX file."""
        dtype, kind = (np.float16, TensorProto.FLOAT16) if self.half else (np.float32, TensorProto.FLOAT)
        k = np.arange(1, self.harmonics + 1)
        arrays = {"weights": self.weights, "bias": self.tilt * np.log(k)}
        taken, given = self.names
        steps = [("MatMul", [taken, "weights"], "tilted"), ("Add", ["tilted", "bias"], "log"), ("Exp", ["log"], "found")]
        nodes = [helper.make_node(op, names, [found]) for op, names, found in steps]
        last = "found"
        if self.size:
            j = np.arange(self.size)
            arrays["waves"] = self.level * np.cos(2 * np.pi * np.outer(k, j) / self.size + 0.3 * k[:, None])
            arrays["rest"] = self.offset + self.tear * (j / (self.size - 1) - 0.5)
            nodes += [helper.make_node("MatMul", ["found", "waves"], ["drawn"]), helper.make_node("Add", ["drawn", "rest"], ["whole"])]
            last = "whole"
        tensors = [numpy_helper.from_array(np.asarray(array, dtype), name) for name, array in arrays.items()]
        if self.axes:
            nodes.append(helper.make_node("Reshape", [last, "shape"], [given]))
            tensors.append(numpy_helper.from_array(np.array([1, 1, self.size or self.harmonics]), "shape"))
        else:
            nodes.append(helper.make_node("Identity", [last], [given]))
        if self.external:
            self._move_out(tensors[2], file)
        batch = 1 if self.axes else self.batch
        graph = helper.make_graph(nodes, "strange", [helper.make_tensor_value_info(taken, kind, [batch, self.latents])],
                                  [helper.make_tensor_value_info(given, kind, None)], tensors)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        file.write_bytes(made.SerializeToString())
        return file

    @staticmethod
    def _move_out(tensor, file: Path) -> None:
        data = tensor.raw_data
        (file.parent / f"{file.name}.data").write_bytes(data)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": f"{file.name}.data", "offset": "0", "length": str(len(data))}.items():
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value

    def write_model(self, folder: Path) -> Path:
        """The whole folder, as somebody writes it who reads docs/model-folder.md. What is there already is replaced."""
        folder.mkdir(exist_ok=True)
        file = self.write(folder / "decoder.onnx")
        (folder / "manifest.json").write_text(json.dumps({
            "format": 1, "name": folder.name, "output": "waveform" if self.size else "amplitudes", "latent_size": self.latents,
            "cycle_size": self.size or 2048, "harmonics": self.harmonics, "phases": [0.3 * k for k in range(1, self.harmonics + 1)],
            "latents": [{"name": f"K{i}", "low": -1.0, "high": 1.0, "mean": 0.0, "std": 0.5} for i in range(self.latents)],
            "sha256": {"decoder.onnx": hashlib.sha256(file.read_bytes()).hexdigest()}}))
        return folder
