"""A bare ONNX decoder looked at in a process of its own: what it takes and gives, and the manifest that makes it a model."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from .child_network import ChildSession
from .manifest import CYCLE_SIZE, MOST_HARMONICS, MOST_LATENTS
from .model import open_model
from .onnx_network import Network

_POINTS, _RANGE = 24, 3.0  # latents tried; as far as autoencoders of unit variance are played
_UNHEARD, _HEARD = 1e-5, 1e-3  # of a row's strongest harmonic
_TURN = 0.02  # radians: phases that are the same


@dataclass(frozen=True, slots=True)
class Probed:
    """What a decoder does. phases: radians, cosine reference; decode_s: one row, the pipe included."""

    output: str
    latent_size: int
    harmonics: int
    phases: np.ndarray
    decode_s: float


def probe_decoder(file: Path) -> Probed:
    """Look at a file whose input is `latent` and whose output is `amplitudes` or `cycle`. Raises UserError where it is no decoder."""
    if not file.is_file():
        raise UserError(f"{file}: no such file")
    output, latent_size, width = _shape_of(file)
    network = Network(file, "latent", output, latent_size, width, foreign=True)
    points = np.random.default_rng(0).uniform(-_RANGE, _RANGE, (_POINTS, latent_size)).astype(np.float32)
    found = network.probe(points)
    began_s = time.perf_counter()
    network(points[:1])
    decode_s = time.perf_counter() - began_s
    if network.child:
        network.child.close()
    if output == "amplitudes":
        return Probed(output, latent_size, width, np.full(width, -np.pi / 2), decode_s)
    return Probed("waveform", latent_size, *_harmonics_of(file, found), decode_s)


def _shape_of(file: Path) -> tuple[str, int, int]:
    """(name of the output, latents, columns of the output)."""
    child = ChildSession(file)
    try:
        inputs, names = child.get_inputs(), [tensor.name for tensor in child.get_outputs()]
        output = next((name for name in ("amplitudes", "cycle") if name in names), None)
        if [tensor.name for tensor in inputs] != ["latent"] or output is None:
            raise UserError(f"{file} takes {', '.join(tensor.name for tensor in inputs)} and gives {', '.join(names)}; a decoder takes "
                            "'latent' and gives 'amplitudes' or 'cycle': export it with these names")
        shape = inputs[0].shape
        latent_size = shape[1] if len(shape) == 2 else None
        if latent_size is None or not 1 <= latent_size <= MOST_LATENTS:
            raise UserError(f"{file} takes latents of shape {shape}; [batch, 1 to {MOST_LATENTS}] is wanted")
        [found] = child.run([output], {"latent": np.zeros((shape[0] or 1, latent_size), np.float32)})
        width = found.shape[1] if found.ndim == 2 else 0
        if not (width == CYCLE_SIZE if output == "cycle" else 1 <= width <= MOST_HARMONICS):
            wanted = f"cycles of {CYCLE_SIZE} samples" if output == "cycle" else f"1 to {MOST_HARMONICS} amplitudes"
            raise UserError(f"{file} gives {output} of shape {list(found.shape)}; rows of {wanted} are wanted")
        return output, latent_size, width
    finally:
        child.close()


def _harmonics_of(file: Path, cycles: np.ndarray) -> tuple[int, np.ndarray]:
    """(how many harmonics are in use, their phases) of cycles [n, 2048]."""
    spectra = np.fft.rfft(cycles.astype(float), axis=1)[:, 1:MOST_HARMONICS + 1]
    levels = np.abs(spectra) / np.maximum(np.abs(spectra).max(1, keepdims=True), 1e-30)
    used = np.flatnonzero((levels > _UNHEARD).any(0))
    harmonics = int(used[-1]) + 1 if len(used) else 1
    phases = np.angle((spectra * levels).sum(0))
    away = np.abs(np.angle(spectra * np.exp(-1j * phases)))
    if (away[levels > _HEARD] > _TURN).any():
        raise UserError(f"{file} gives cycles whose harmonics change their phase with the latents; a model's stay, so that morphs do not "
                        "cancel: have it give amplitudes")
    return harmonics, phases[:harmonics]


def write_model(file: Path, probed: Probed, folder: Path) -> None:
    """A model folder with a copy of the decoder and a manifest, whole or not at all. Raises UserError."""
    if folder.exists():
        raise UserError(f"{folder}: is there already; give the name of a folder that is not")
    manifest = {
        "format": 1, "name": folder.name, "kind": "foreign", "output": probed.output, "latent_size": probed.latent_size,
        "cycle_size": CYCLE_SIZE, "harmonics": probed.harmonics, "phases": [float(x) for x in probed.phases],
        "latents": [{"name": f"Z{i + 1}", "low": -_RANGE, "high": _RANGE, "mean": 0.0, "std": 1.0} for i in range(probed.latent_size)],
        "sha256": {"decoder.onnx": hashlib.sha256(file.read_bytes()).hexdigest()}}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as partial:
            made = Path(partial) / folder.name
            made.mkdir()
            shutil.copyfile(file, made / "decoder.onnx")
            (made / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
            for child in open_model(made).children:
                child.close()
            os.replace(made, folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror})") from None
