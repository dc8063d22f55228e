"""A model in `exported/`: its folder checked, its networks opened, cycles from latents and latents from cycles.

Never imports torch: the folder is the only contract with training.
"""

import os
import threading
from pathlib import Path

import numpy as np

from .. import paths
from ..errors import UserError
from .child_network import ChildSession
from .decode_kernel import BlockDecoder, DecodeKernel, block_decoder
from .decoder_file import DeclinedError, read_network
from .directions import Directions
from .foreign import is_foreign
from .manifest import CYCLE_SIZE, Manifest, read_manifest
from .network_decoder import NetworkDecoder, checked_hash, cycles_of
from .onnx_network import Network

__all__ = ["Model", "Network", "open_model"]  # Network: for training, which tries files alone

_FILES = ("manifest.json", "decoder.onnx", "amplitudes.onnx", "map.npz")
Marks = tuple[tuple[int, int], ...]


def marks_of(folder: Path) -> Marks:
    """When each of a model's files was written, and how long it is; other marks: somebody wrote them anew."""
    found = []
    for name in _FILES:
        try:
            told = (folder / name).stat()
            found.append((told.st_mtime_ns, told.st_size))
        except OSError:
            found.append((0, 0))
    return tuple(found)


class Model:
    """A loaded model.

    name; folder; marks of its files when they were read; sha256 of decoder.onnx; replaces: hashes of decoders of the same latents;
    latent_size; low, high, mean, std float32[z]; harmonics; phases float64[harmonics] (radians, cosine reference); manifest, the raw dict;
    declined: why onnxruntime plays it, '' where the engine's own kernel does.
    """

    def __init__(self, folder: Path, manifest: Manifest, by_kernel: bool = True):
        self.marks = marks_of(folder)
        self.name, self.folder, self.manifest = manifest.name, folder, manifest.raw
        self.latent_size, self.harmonics, self.phases = manifest.latent_size, manifest.harmonics, manifest.phases
        self.low, self.high, self.mean, self.std = manifest.low, manifest.high, manifest.mean, manifest.std
        self.sha256, self.replaces = checked_hash(folder / "decoder.onnx", manifest.sha256["decoder.onnx"]), manifest.replaces
        for name in manifest.sha256.keys() - {"decoder.onnx", "encoder.onnx", "amplitudes.onnx"}:
            checked_hash(folder / name, manifest.sha256[name])  # numbers that an ONNX file keeps beside it
        self._encoder: Network | None = None
        self._encoder_hash = manifest.sha256.get("encoder.onnx")
        self._lock = threading.Lock()
        self._output = manifest.output
        self._kernel: DecodeKernel | None = None
        self.declined = "" if by_kernel else "not asked to"  # why the kernel does not play it; '' where it does
        if by_kernel:
            self._open_kernel(manifest.sha256.get("amplitudes.onnx"))
        self._by_networks = NetworkDecoder(folder, manifest, self.sha256) if self._kernel is None else None

    def reads(self, decoder_sha256: str) -> bool:
        """Whether latents that were made with a decoder mean the same here: it is this one, or one whose place this took."""
        return decoder_sha256 == self.sha256 or decoder_sha256 in self.replaces

    def _open_kernel(self, promised: str | None) -> None:
        """The engine's own kernel for the decoder, if it knows its graph and its answers are numbers."""
        amplitudes = self.folder / "amplitudes.onnx"
        if promised is not None or amplitudes.is_file():
            checked_hash(amplitudes, promised)
        try:
            kernel = DecodeKernel(read_network(self.folder, self._output, self.latent_size, self.harmonics))
            power = (kernel.amplitudes(np.stack([self.mean, self.low, self.high])).astype(float) ** 2).sum(1)
            if not (np.abs(power - 2) < 0.01).all():
                raise DeclinedError("its answers are not all numbers")
        except DeclinedError as error:
            self.declined = str(error)
        else:
            self._kernel = kernel

    @property
    def children(self) -> list[ChildSession]:
        """Processes in which a stranger's decoder runs."""
        return self._by_networks.children if self._by_networks else []

    def close(self) -> None:
        """End those processes for good: the timbre stands still from now on."""
        for child in self.children:
            child.close()

    def block_decoder(self, directions: Directions | None) -> BlockDecoder | None:
        """The decoder as the audio thread runs it, with named directions; None where it cannot."""
        return block_decoder(self._kernel.network, self.phases, directions) if self._kernel else None

    def amplitudes(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> harmonic amplitudes float32[n, harmonics], at one scale within a row; they go with `phases`.

        By the kernel, from `amplitudes.onnx` where the model has one, else from decoded cycles. A row is bit for bit the same whatever
        else is in the batch. Safe from any thread; releases the GIL. Rows may hold NaN where the decoder does.
        """
        latents = np.ascontiguousarray(latents, np.float32)
        if self._kernel is not None:
            return self._kernel.amplitudes(latents)
        assert self._by_networks is not None
        return self._by_networks.amplitudes(latents)

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> cycles float32[n, 2048], unit RMS, zero mean. Safe from any thread; releases the GIL."""
        latents = np.ascontiguousarray(latents, np.float32)
        if self._by_networks is not None:
            return self._by_networks.decode(latents)
        return cycles_of(self.amplitudes(latents), self.phases)

    def encode(self, cycles: np.ndarray) -> np.ndarray:
        """Cycles [n, 2048] at any level, rotation, polarity -> latents float32[n, z].

        The encoder is opened on first use. Raises UserError where the model has no encoder, or a damaged one.
        """
        with self._lock:
            if self._encoder is None:
                path = self.folder / "encoder.onnx"
                if not path.is_file():
                    raise UserError(f"model '{self.name}' has no encoder, so sounds cannot be encoded with it")
                foreign = is_foreign(checked_hash(path, self._encoder_hash))
                encoder = Network(path, "cycle", "latent", CYCLE_SIZE, self.latent_size, foreign)
                encoder.probe(self.decode(self.mean[None]))
                self._encoder = encoder
        return self._encoder(np.ascontiguousarray(cycles, np.float32))


def open_model(name_or_path: str | os.PathLike, by_kernel: bool = True) -> Model:
    """Open a model by name or folder. Raises UserError with one sentence where anything about it is wrong.

    by_kernel: False has onnxruntime play it in any case, to compare.
    """
    folder = paths.find_model(os.fspath(name_or_path))
    return Model(folder, read_manifest(folder), by_kernel)
