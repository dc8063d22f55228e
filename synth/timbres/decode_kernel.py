"""A model's decoder run by the engine's own kernel in place of onnxruntime: the same answers for less, without its import."""

import numpy as np

from ..engine.constants import BLOCK_HIDDEN, BLOCK_NUMBERS
from ..engine.dsp import network
from ..engine.timbre.records import DECODER
from ..params.knobs import MAX_DIRECTIONS
from .directions import Directions
from .network_builder import Network, on_a_line


class DecodeKernel:
    """Latents -> amplitudes, from any thread, without the GIL; a row is the same to the bit whatever else is in the batch."""

    def __init__(self, found: Network):
        self.network = found

    def amplitudes(self, latents: np.ndarray, harmonics: int | None = None) -> np.ndarray:
        """Latents [n, z] -> amplitudes float32[n, harmonics] of unit RMS: of the lowest so many harmonics, of all without a number."""
        latents = np.ascontiguousarray(latents, np.float32)
        net, out = self.network, np.empty((len(latents), harmonics or self.network.harmonics), np.float32)
        work = on_a_line(np.zeros(network.ROWS * net.stride, np.float32))
        network.decode_amplitudes(net.steps, net.weights, work, net.stride, net.levels_at, latents, out)
        return out


class BlockDecoder:
    """A decoder as the audio thread takes it: a DECODER record and the arrays that it tells the addresses of. Whoever plays it keeps it."""

    def __init__(self, found: Network, phases: np.ndarray, directions: Directions | None):
        turn = np.exp(1j * np.asarray(phases))
        names = ("straight", "place", "bias", "amount", "middle", "middle_bias", "leave")
        named = dict(zip(names, directions.arrays, strict=True)) if directions else {}
        self._arrays = {"steps": found.steps, "weights": found.weights, "cosine": turn.real.astype(np.float32),
                        "sine": turn.imag.astype(np.float32), **named}
        self._record = np.zeros(1, DECODER)
        row = self._record[0]
        for name, array in self._arrays.items():
            row[name] = array.ctypes.data
        row["n_steps"], row["n_weights"], row["stride"] = len(found.steps), len(found.weights), found.stride
        row["levels_at"], row["harmonics"] = found.levels_at, found.harmonics
        if directions:
            z, hidden = directions.arrays[1].shape
            row["n_directions"], row["hidden"] = min(len(directions.names), MAX_DIRECTIONS), hidden
            row["direction_products"] = 2 * hidden * (hidden + z)

    @property
    def address(self) -> int:
        """Of the record."""
        return self._record.ctypes.data


def block_decoder(found: Network, phases: np.ndarray, directions: Directions | None) -> BlockDecoder | None:
    """The decoder of a network for the audio thread; None where it is too large for it."""
    if found.stride > BLOCK_NUMBERS or (directions and len(directions.bias) > BLOCK_HIDDEN):
        return None
    return BlockDecoder(found, phases, directions)
