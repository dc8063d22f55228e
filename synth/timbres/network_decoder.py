"""A model's decoder run by onnxruntime: looked at when it is opened, and where it is a stranger's run in a child, its cycles mended."""

import hashlib
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..samples.spectrum import magnitudes, unit_rms
from .child_network import ChildSession
from .foreign import is_foreign
from .manifest import CYCLE_SIZE, Manifest
from .mending import cycle_amplitudes
from .onnx_external import external_files
from .onnx_network import Network
from .onnx_reader import UnreadableError
from .verdicts import RefusedError, keep_verdict, key_of, known_verdict

_ROWS = 24  # decoded on loading to hear whether each is the same wherever it stands in a batch
_AMPLITUDES_ERROR = 1e-3  # of the RMS, in any harmonic: far under what fp16 weights do
_AGAIN = "as was found before; `latentwave plugins probe` on the file looks again"


def checked_hash(path: Path, promised: str | None) -> str:
    """sha256 of a file; raises UserError where it is missing or not the one its manifest names."""
    if not path.is_file():
        raise UserError(f"{path} is missing; export the model again or copy it anew")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if promised is not None and found != promised.lower():
        raise UserError(f"{path} is damaged or was replaced (its hash is not the manifest's); copy the model anew")
    return found


def cycles_of(amplitudes: np.ndarray, phases: np.ndarray) -> np.ndarray:
    """Harmonic amplitudes [n, h] -> cycles float32[n, 2048] of phases float[h], unit RMS."""
    level = np.sqrt((amplitudes.astype(np.float64) ** 2).sum(1, keepdims=True) / 2)
    spectrum = np.zeros((len(amplitudes), CYCLE_SIZE // 2 + 1), complex)
    spectrum[:, 1 : len(phases) + 1] = amplitudes / np.maximum(level, 1e-30) * np.exp(1j * phases)
    return (np.fft.irfft(spectrum, CYCLE_SIZE) * (CYCLE_SIZE / 2)).astype(np.float32)


def _key(file: Path, sha256: str) -> str:
    """What a verdict of a stranger's decoder is kept by; '' where it reads data outside its folder, which is refused without running it."""
    try:
        others = [file.with_name("amplitudes.onnx"), *external_files(file)]
    except UnreadableError:
        return ""
    return key_of(sha256, file.with_name("manifest.json"), others)


def known_refusal(folder: Path, manifest: Manifest) -> str:
    """Why a stranger's model was refused when it was looked at; '' where it was not, or was not looked at."""
    key = _key(folder / "decoder.onnx", manifest.sha256["decoder.onnx"])
    known = known_verdict(key) if key else None
    return known[0] if known else ""


class NetworkDecoder:
    """Opens `decoder.onnx` of a folder, and `amplitudes.onnx` where there is one. Raises UserError where it is not as promised.

    What was found of a stranger's is kept: it is looked at once, and one that was refused is refused at once.
    """

    def __init__(self, folder: Path, manifest: Manifest, sha256: str):
        self._file, self._manifest = folder / "decoder.onnx", manifest
        foreign = is_foreign(sha256)
        self._mended = manifest.output == "waveform" and (foreign or manifest.cycle_size != CYCLE_SIZE)
        self._amplitudes: Network | None = None
        key = _key(self._file, sha256) if foreign else ""
        known = known_verdict(key) if key else None
        if known and known[0]:
            raise RefusedError(self._file, f"{known[0]} ({_AGAIN})")
        try:
            self._open(foreign, known[1] if known else None)
        except RefusedError as error:
            if key and error.sure:
                keep_verdict(key, error.why)
            raise
        if key and not known:
            keep_verdict(key, "", (self._amplitudes or self._decoder).steady)
        for child in self.children:
            child.play()

    def _open(self, foreign: bool, steady: bool | None) -> None:
        """steady: what was found when it was looked at before; None: it was not."""
        m = self._manifest
        output = ("amplitudes", m.harmonics) if m.output == "amplitudes" else ("cycle", m.cycle_size)
        self._decoder = Network(self._file, "latent", output[0], m.latent_size, output[1], foreign)
        if steady is None:
            self._probe()
        self._open_amplitudes(steady)

    @property
    def children(self) -> list[ChildSession]:
        """Processes in which a stranger's decoder runs."""
        return [network.child for network in (self._decoder, self._amplitudes) if network is not None and network.child is not None]

    def _probe(self) -> None:
        """Warm up, and hear whether the decoder does what it promises."""
        m = self._manifest
        self._decoder.probe(np.stack([m.mean, m.low]))
        if self._mended:
            found = self.amplitudes(np.stack([m.mean, m.low, m.high]))
            if not np.isfinite(found).all() or not (found.max(1) > 1e-9).any():
                raise RefusedError(self._file, "gives silence where cycles of unit RMS and zero mean are wanted")
            return
        cycles = self.decode(np.stack([m.mean, m.low, m.high]))
        rms = np.sqrt((cycles.astype(np.float64) ** 2).mean(1))
        if not (np.abs(rms - 1) <= 0.01).all() or np.abs(cycles.mean(1)).max() > 0.01:
            raise RefusedError(self._file, "gives cycles that are not of unit RMS and zero mean")

    def _open_amplitudes(self, steady: bool | None) -> None:
        """The optional `amplitudes.onnx`, the decoder without its inverse FFT; refused where it is not the decoder's."""
        m, path = self._manifest, self._file.with_name("amplitudes.onnx")
        promised = m.sha256.get("amplitudes.onnx")
        spots = np.random.default_rng(0).uniform(m.low, m.high, (_ROWS, m.latent_size)).astype(np.float32)
        network = self._decoder
        if promised is not None or path.is_file():
            network = Network(path, "latent", "amplitudes", m.latent_size, m.harmonics, is_foreign(checked_hash(path, promised)))
            if steady is None:
                found, wanted = network.probe(spots), magnitudes(self.decode(spots), m.harmonics)
                if np.abs(unit_rms(found.astype(np.float64)) - wanted).max() > _AMPLITUDES_ERROR:
                    raise RefusedError(path, "does not sound like decoder.onnx beside it; export the model again")
            self._amplitudes = network
        if steady is None:
            network.find_steady(spots)
        else:
            network.steady = steady

    def amplitudes(self, latents: np.ndarray) -> np.ndarray:
        """As `Model.amplitudes`."""
        m = self._manifest
        if self._amplitudes is not None:
            return self._amplitudes.rows(latents)
        found = self._decoder.rows(latents)
        if self._mended:
            return cycle_amplitudes(found, m.harmonics)
        if m.output == "waveform":
            return np.abs(np.fft.rfft(found, axis=1)[:, 1 : m.harmonics + 1] * (2 / CYCLE_SIZE)).astype(np.float32)
        return found

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """As `Model.decode`."""
        if self._manifest.output == "waveform" and not self._mended:
            return self._decoder(latents)
        found = self.amplitudes(latents) if self._mended else self._decoder(latents)
        return cycles_of(found, self._manifest.phases)
