"""A model in `exported/`: its folder checked, its networks opened, cycles from latents and latents from cycles.

Never imports torch: the folder is the only contract with training.
"""

import hashlib
import os
import threading
from pathlib import Path

import numpy as np

from .. import paths
from ..errors import UserError
from ..samples.spectrum import magnitudes, unit_rms
from .child_network import ChildSession
from .decode_kernel import BlockDecoder, DecodeKernel, block_decoder
from .decoder_file import DeclinedError, read_network
from .directions import Directions
from .foreign import is_foreign
from .manifest import CYCLE_SIZE, Manifest, read_manifest
from .onnx_network import Network

__all__ = ["Model", "Network", "open_model"]  # Network: for training, which tries files alone
PROBES = 2  # latents decoded on loading: the mean, and the low corner
_ROWS = 24  # rows decoded on loading to hear whether each is the same wherever it stands in a batch
_AMPLITUDES_ERROR = 1e-3  # of the RMS, in any harmonic: far under what fp16 weights do


def _checked_hash(path: Path, promised: str | None) -> str:
    """sha256 of a file; raises UserError where it is missing or not the one its manifest names."""
    if not path.is_file():
        raise UserError(f"{path} is missing; export the model again or copy it anew")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if promised is not None and found != promised.lower():
        raise UserError(f"{path} is damaged or was replaced (its hash is not the manifest's); copy the model anew")
    return found


class Model:
    """A loaded model.

    name; folder; sha256 of decoder.onnx; replaces: hashes of decoders of the same latents; latent_size; low, high, mean, std float32[z];
    harmonics; phases float64[harmonics] (radians, cosine reference); manifest, the raw dict; declined: why onnxruntime plays it, ''
    where the engine's own kernel does.
    """

    def __init__(self, folder: Path, manifest: Manifest, by_kernel: bool = True):
        self.name, self.folder, self.manifest = manifest.name, folder, manifest.raw
        self.latent_size, self.harmonics, self.phases = manifest.latent_size, manifest.harmonics, manifest.phases
        self.low, self.high, self.mean, self.std = manifest.low, manifest.high, manifest.mean, manifest.std
        self.sha256, self.replaces = _checked_hash(folder / "decoder.onnx", manifest.sha256["decoder.onnx"]), manifest.replaces
        self._encoder: Network | None = None
        self._encoder_hash = manifest.sha256.get("encoder.onnx")
        self._lock = threading.Lock()
        self._output, self._turn = manifest.output, np.exp(1j * self.phases)
        self._kernel: DecodeKernel | None = None
        self.declined = "" if by_kernel else "not asked to"  # why the kernel does not play it; '' where it does
        if by_kernel:
            self._open_kernel(manifest.sha256.get("amplitudes.onnx"))
        if self._kernel is None:
            self._open_networks(manifest.sha256.get("amplitudes.onnx"))

    def reads(self, decoder_sha256: str) -> bool:
        """Whether latents that were made with a decoder mean the same here: it is this one, or one whose place this took."""
        return decoder_sha256 == self.sha256 or decoder_sha256 in self.replaces

    def _open_kernel(self, promised: str | None) -> None:
        """The engine's own kernel for the decoder, if it knows its graph and its answers are numbers."""
        amplitudes = self.folder / "amplitudes.onnx"
        if promised is not None or amplitudes.is_file():
            _checked_hash(amplitudes, promised)
        try:
            kernel = DecodeKernel(read_network(self.folder, self._output, self.latent_size, self.harmonics))
            power = (kernel.amplitudes(np.stack([self.mean, self.low, self.high])).astype(float) ** 2).sum(1)
            if not (np.abs(power - 2) < 0.01).all():
                raise DeclinedError("its answers are not all numbers")
        except DeclinedError as error:
            self.declined = str(error)
        else:
            self._kernel = kernel

    def _open_networks(self, promised: str | None) -> None:
        """The decoder by onnxruntime."""
        amplitudes = self._output == "amplitudes"
        output = ("amplitudes", self.harmonics) if amplitudes else ("cycle", CYCLE_SIZE)
        self._decoder = Network(self.folder / "decoder.onnx", "latent", output[0], self.latent_size, output[1], is_foreign(self.sha256))
        self._amplitudes: Network | None = None
        self._probe()
        self._open_amplitudes(promised)
        for network in (self._decoder, self._amplitudes):
            if network is not None and network.child is not None:
                network.child.play()

    @property
    def children(self) -> list[ChildSession]:
        """Processes in which a stranger's decoder runs."""
        networks = [] if self._kernel is not None else [self._decoder, self._amplitudes]
        return [network.child for network in networks if network is not None and network.child is not None]

    def _probe(self) -> None:
        """Warm up, and hear whether the decoder does what it promises."""
        self._decoder.probe(np.stack([self.mean, self.low])[:PROBES])
        cycles = self.decode(np.stack([self.mean, self.low, self.high]))
        rms = np.sqrt((cycles.astype(np.float64) ** 2).mean(1))
        if np.abs(rms - 1).max() > 0.01 or np.abs(cycles.mean(1)).max() > 0.01:
            raise UserError(f"{self.folder / 'decoder.onnx'} gives cycles that are not of unit RMS and zero mean")

    def _open_amplitudes(self, promised: str | None) -> None:
        """The optional `amplitudes.onnx`, the decoder without its inverse FFT; refused where it is not the decoder's."""
        path = self.folder / "amplitudes.onnx"
        spots = np.random.default_rng(0).uniform(self.low, self.high, (_ROWS, self.latent_size)).astype(np.float32)
        if promised is None and not path.is_file():
            self._decoder.find_steady(spots)
            return
        sha256 = _checked_hash(path, promised)
        network = Network(path, "latent", "amplitudes", self.latent_size, self.harmonics, is_foreign(sha256))
        found, wanted = network.probe(spots), magnitudes(self.decode(spots), self.harmonics)
        if np.abs(unit_rms(found.astype(np.float64)) - wanted).max() > _AMPLITUDES_ERROR:
            raise UserError(f"{path} does not sound like decoder.onnx beside it; export the model again")
        network.find_steady(spots)
        self._amplitudes = network

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
        if self._amplitudes is not None:
            return self._amplitudes.rows(latents)
        found = self._decoder.rows(latents)
        if self._output == "waveform":
            return np.abs(np.fft.rfft(found, axis=1)[:, 1 : self.harmonics + 1] * (2 / CYCLE_SIZE)).astype(np.float32)
        return found

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> cycles float32[n, 2048], unit RMS, zero mean. Safe from any thread; releases the GIL."""
        latents = np.ascontiguousarray(latents, np.float32)
        if self._kernel is not None:
            return self._from_amplitudes(self._kernel.amplitudes(latents))
        if self._output == "waveform":
            return self._decoder(latents)
        return self._from_amplitudes(self._decoder(latents))

    def _from_amplitudes(self, amplitudes: np.ndarray) -> np.ndarray:
        """Harmonic amplitudes [n, harmonics] -> cycles with the manifest's phases, unit RMS."""
        level = np.sqrt((amplitudes.astype(np.float64) ** 2).sum(1, keepdims=True) / 2)
        spectrum = np.zeros((len(amplitudes), CYCLE_SIZE // 2 + 1), complex)
        spectrum[:, 1 : self.harmonics + 1] = amplitudes / np.maximum(level, 1e-30) * self._turn
        return (np.fft.irfft(spectrum, CYCLE_SIZE) * (CYCLE_SIZE / 2)).astype(np.float32)

    def encode(self, cycles: np.ndarray) -> np.ndarray:
        """Cycles [n, 2048] at any level, rotation, polarity -> latents float32[n, z].

        The encoder is opened on first use. Raises UserError where the model has no encoder, or a damaged one.
        """
        with self._lock:
            if self._encoder is None:
                path = self.folder / "encoder.onnx"
                if not path.is_file():
                    raise UserError(f"model '{self.name}' has no encoder, so sounds cannot be encoded with it")
                foreign = is_foreign(_checked_hash(path, self._encoder_hash))
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
