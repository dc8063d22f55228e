"""A model in `exported/`: its folder checked, its networks opened, cycles from latents and latents from cycles.

Never imports torch: the folder is the only contract with training.
"""

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from .. import paths
from ..errors import UserError
from ..samples.spectrum import magnitudes, unit_rms
from .manifest import CYCLE_SIZE, Manifest, read_manifest

PROBES = 2  # latents decoded on loading: the mean, and the low corner
_ROWS = 24  # rows decoded on loading to hear whether each is the same wherever it stands in a batch
_AMPLITUDES_ERROR = 1e-3  # of the RMS, in any harmonic: far under what fp16 weights do


class Network:
    """One ONNX file with a single float32 input and output, run on the calling thread.

    One thread, no spinning: a decode must not steal the audio thread's core. It runs without the GIL.
    """

    def __init__(self, path: Path, input_name: str, output_name: str, input_size: int, output_size: int):
        self._names, self._input = [output_name], input_name
        self._output_size, self._path = output_size, path
        self._session = _open_session(path)
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if [i.name for i in inputs] != [input_name] or output_name not in [o.name for o in outputs]:
            raise UserError(f"{path} must take '{input_name}' and give '{output_name}'; export the model again")
        if len(inputs[0].shape) != 2 or inputs[0].shape[1] != input_size or inputs[0].type != "tensor(float)":
            raise UserError(f"{path} must take float32 [batch, {input_size}], not {inputs[0].type} {inputs[0].shape}")
        self._run = self._session.run
        self._batch = inputs[0].shape[0] if isinstance(inputs[0].shape[0], int) and inputs[0].shape[0] > 0 else None
        self.steady = False

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """float32[n, input_size] -> float32[n, output_size]."""
        if self._batch is None:
            return self._run(self._names, {self._input: values})[0]
        return self._in_fixed_batches(values, self._batch)

    def _in_fixed_batches(self, values: np.ndarray, size: int) -> np.ndarray:
        """The same of a file that was exported for batches of one size: piece by piece, the last one filled up with its last row."""
        found = []
        for i in range(0, len(values), size):
            piece = values[i:i + size]
            n_rows, filled = len(piece), np.concatenate([piece, np.repeat(piece[-1:], size - len(piece), 0)])
            out = self._run(self._names, {self._input: filled})[0]
            found.append(out[:n_rows] if len(out) == size else out)
        return np.concatenate(found) if found else np.empty((0, self._output_size), np.float32)

    def rows(self, values: np.ndarray) -> np.ndarray:
        """The same, each row as it would be alone: in one batch where `steady`, else one by one."""
        if self.steady or len(values) == 1:
            return self(values)
        return np.concatenate([self(values[i : i + 1]) for i in range(len(values))])

    def find_steady(self, values: np.ndarray) -> None:
        """Whether rows come out bit for bit the same wherever they stand in a batch of any size.

        onnxruntime 1.31 keeps that for matrix products and elementwise steps, not for a ReduceSum over a row whose
        length is no multiple of the vector width.
        """
        whole = self(values)
        self.steady = np.array_equal(self(values[::-1].copy())[::-1], whole) and all(
            np.array_equal(self(values[i : i + n]), whole[i : i + n]) for n in (1, 2, 3, 5) for i in range(0, len(values) - n + 1, n))

    def probe(self, values: np.ndarray) -> np.ndarray:
        """Run once with checks: raises UserError where the file cannot do what its manifest promises."""
        try:
            out = self(values)
        except Exception as error:
            raise UserError(f"{self._path} cannot be run ({_first_line(error)}); export the model again") from None
        if out.shape != (len(values), self._output_size):
            wanted = (len(values), self._output_size)
            raise UserError(f"{self._path} gives shape {out.shape} where {wanted} was promised; export the model again")
        if not np.isfinite(out).all():
            raise UserError(f"{self._path} gives values that are not numbers (NaN or infinity); export the model again")
        return out


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _open_session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 4
    if not path.is_file():
        raise UserError(f"{path} is missing; export the model again or copy it anew")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise UserError(f"{path} cannot be opened ({_first_line(error)}); copy the model anew") from None


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

    name; folder; sha256 of decoder.onnx; latent_size; low, high, mean, std float32[z]; harmonics;
    phases float64[harmonics] (radians, cosine reference); manifest, the raw dict.
    """

    def __init__(self, folder: Path, manifest: Manifest):
        self.name, self.folder, self.manifest = manifest.name, folder, manifest.raw
        self.latent_size, self.harmonics, self.phases = manifest.latent_size, manifest.harmonics, manifest.phases
        self.low, self.high, self.mean, self.std = manifest.low, manifest.high, manifest.mean, manifest.std
        self.sha256 = _checked_hash(folder / "decoder.onnx", manifest.sha256["decoder.onnx"])
        self._encoder: Network | None = None
        self._encoder_hash = manifest.sha256.get("encoder.onnx")
        self._lock = threading.Lock()
        amplitudes = manifest.output == "amplitudes"
        self._turn = np.exp(1j * self.phases) if amplitudes else None
        output = ("amplitudes", self.harmonics) if amplitudes else ("cycle", CYCLE_SIZE)
        self._decoder = Network(folder / "decoder.onnx", "latent", output[0], self.latent_size, output[1])
        self._amplitudes: Network | None = None
        self._probe()
        self._open_amplitudes(manifest.sha256.get("amplitudes.onnx"))

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
        _checked_hash(path, promised)
        network = Network(path, "latent", "amplitudes", self.latent_size, self.harmonics)
        found, wanted = network.probe(spots), magnitudes(self.decode(spots), self.harmonics)
        if np.abs(unit_rms(found.astype(np.float64)) - wanted).max() > _AMPLITUDES_ERROR:
            raise UserError(f"{path} does not sound like decoder.onnx beside it; export the model again")
        network.find_steady(spots)
        self._amplitudes = network

    def amplitudes(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> harmonic amplitudes float32[n, harmonics], at one scale within a row; they go with `phases`.

        From `amplitudes.onnx` where the model has one, else from decoded cycles. A row is bit for bit the same whatever
        else is in the batch. Safe from any thread; releases the GIL. Rows may hold NaN where the decoder does.
        """
        latents = np.ascontiguousarray(latents, np.float32)
        if self._amplitudes is not None:
            return self._amplitudes.rows(latents)
        found = self._decoder.rows(latents)
        if self._turn is None:
            return np.abs(np.fft.rfft(found, axis=1)[:, 1 : self.harmonics + 1] * (2 / CYCLE_SIZE)).astype(np.float32)
        return found

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> cycles float32[n, 2048], unit RMS, zero mean. Safe from any thread; releases the GIL."""
        latents = np.ascontiguousarray(latents, np.float32)
        if self._turn is None:
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
                _checked_hash(path, self._encoder_hash)
                encoder = Network(path, "cycle", "latent", CYCLE_SIZE, self.latent_size)
                encoder.probe(self.decode(self.mean[None]))
                self._encoder = encoder
        return self._encoder(np.ascontiguousarray(cycles, np.float32))


def open_model(name_or_path: str | os.PathLike) -> Model:
    """Open a model by name or folder. Raises UserError with one sentence where anything about it is wrong."""
    folder = paths.find_model(os.fspath(name_or_path))
    return Model(folder, read_manifest(folder))
