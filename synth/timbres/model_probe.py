"""A bare ONNX decoder looked at in a process of its own: what it takes and gives, and the manifest that makes it a model."""

import hashlib
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..whole_folders import whole_folder
from .child_network import ChildSession
from .manifest import CYCLE_SIZE, LONGEST_CYCLE, MOST_HARMONICS, MOST_LATENTS, SHORTEST_CYCLE
from .mending import closed
from .model import open_model
from .onnx_external import external_files
from .onnx_network import Network
from .verdicts import forget_verdicts

_POINTS, _RANGE = 24, 3.0  # latents tried; as far as autoencoders of unit variance are played
_UNHEARD, _HEARD = 1e-5, 1e-3  # of a row's strongest harmonic
_TURN = 0.02  # radians: phases that are the same


@dataclass(frozen=True, slots=True)
class Probed:
    """What a decoder does. phases: radians, cosine reference; decode_s: one row, the pipe included; told: what is changed of it, or ''."""

    output: str
    latent_size: int
    cycle_size: int
    harmonics: int
    phases: np.ndarray
    decode_s: float
    told: str = ""


def probe_decoder(file: Path) -> Probed:
    """Look at a file with one input, `latent`, and one output, `amplitudes` or `cycle`, or others that show what they are.

    Raises UserError where it is no decoder.
    """
    if not file.is_file():
        raise UserError(f"{file}: no such file")
    forget_verdicts(hashlib.sha256(file.read_bytes()).hexdigest())
    output, latent_size, width = _shape_of(file)
    network = Network(file, "latent", output, latent_size, width, foreign=True)
    points = np.random.default_rng(0).uniform(-_RANGE, _RANGE, (_POINTS, latent_size)).astype(np.float32)
    found = network.probe(points)
    began_s = time.perf_counter()
    network(points[:1])
    decode_s = time.perf_counter() - began_s
    if network.child:
        network.child.close()
    if output == "amplitudes" or (output != "cycle" and found.min() >= 0 and width <= MOST_HARMONICS):
        return Probed("amplitudes", latent_size, CYCLE_SIZE, width, np.full(width, -np.pi / 2), decode_s)
    harmonics, phases, told = _harmonics_of(found)
    return Probed("waveform", latent_size, width, harmonics, phases, decode_s, told)


def _shape_of(file: Path) -> tuple[str, int, int]:
    """(name of the output, latents, numbers in a row of it)."""
    child = ChildSession(file)
    try:
        inputs, names = child.get_inputs(), [tensor.name for tensor in child.get_outputs()]
        output = next((name for name in ("amplitudes", "cycle", *names[:1]) if name in names), None)
        if len(inputs) != 1 or output is None or (output not in ("amplitudes", "cycle") and len(names) > 1):
            raise UserError(f"{file} takes {', '.join(tensor.name for tensor in inputs)} and gives {', '.join(names)}; a decoder takes "
                            "'latent' and gives 'amplitudes' or 'cycle': export it with these names")
        shape = inputs[0].shape
        known = [size for size in shape[1:] if size is not None and size > 0]
        latent_size = int(np.prod(known)) if known and len(shape) >= 2 else 0
        if not 1 <= latent_size <= MOST_LATENTS:
            raise UserError(f"{file} takes latents of shape {shape}; [batch, 1 to {MOST_LATENTS}] is wanted")
        rows = shape[0] or 1
        [found] = child.run([output], {inputs[0].name: np.zeros((rows, latent_size), np.float32)})
        width = found.size // rows if found.size % rows == 0 else 0
        largest = MOST_HARMONICS if output == "amplitudes" else LONGEST_CYCLE
        if not (1 if output == "amplitudes" else SHORTEST_CYCLE) <= width <= largest:
            wanted = f"1 to {largest} amplitudes" if output == "amplitudes" else f"cycles of {SHORTEST_CYCLE} to {largest} samples"
            raise UserError(f"{file} gives {output} of shape {list(found.shape)}; rows of {wanted} are wanted")
        return output, latent_size, width
    finally:
        child.close()


def _harmonics_of(cycles: np.ndarray) -> tuple[int, np.ndarray, str]:
    """(how many harmonics are in use, phases for them, what is changed of them or '') of cycles [n, size]."""
    size = cycles.shape[1]
    spectra = np.fft.rfft(closed(cycles), axis=1)[:, 1:min(MOST_HARMONICS, (size - 1) // 2) + 1]
    levels = np.abs(spectra) / np.maximum(np.abs(spectra).max(1, keepdims=True), 1e-30)
    used = np.flatnonzero((levels > _UNHEARD).any(0))
    harmonics = int(used[-1]) + 1 if len(used) else 1
    phases = np.angle((spectra * levels).sum(0))
    away = np.abs(np.angle(spectra * np.exp(-1j * phases)))
    told = "its harmonics change their phase with the latents; here they keep one, so that morphs do not cancel" if (
        away[levels > _HEARD] > _TURN).any() else ""
    return harmonics, phases[:harmonics], told


def write_model(file: Path, probed: Probed, folder: Path) -> None:
    """A model folder with a copy of the decoder and a manifest, whole or not at all. Raises UserError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder}: is there already; give the name of a new folder")
    others = external_files(file)
    if apart := [other for other in others if other.parent != file.parent or not other.is_file()]:
        raise UserError(f"{file} keeps numbers in {apart[0]}, which is not beside it; copy it there")
    manifest = {
        "format": 1, "name": folder.name, "kind": "foreign", "output": probed.output, "latent_size": probed.latent_size,
        "cycle_size": probed.cycle_size, "harmonics": probed.harmonics, "phases": [float(x) for x in probed.phases],
        "latents": [{"name": f"Z{i + 1}", "low": -_RANGE, "high": _RANGE, "mean": 0.0, "std": 1.0} for i in range(probed.latent_size)],
        "sha256": {"decoder.onnx": _hash_of(file)} | {other.name: _hash_of(other) for other in others}}
    try:
        with whole_folder(folder) as made:
            shutil.copyfile(file, made / "decoder.onnx")
            for other in others:
                shutil.copyfile(other, made / other.name)
            (made / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
            open_model(made).close()
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror})") from None


def _hash_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
