"""A model's decoder run by the engine's own kernel in place of onnxruntime: the same answers for less, without its import."""

from collections.abc import Sequence

import numpy as np

from ..engine.constants import BLOCK_HIDDEN, BLOCK_NUMBERS, HARMONICS, LANES
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
    """A DECODER record for the audio thread, and the arrays that it tells the addresses of. Whoever plays it keeps it."""

    def __init__(self, arrays: dict[str, np.ndarray], numbers: dict[str, int]):
        self.arrays, self.numbers = arrays, numbers
        self._record = np.zeros(1, DECODER)
        for name, array in arrays.items():
            self._record[0][name] = array.ctypes.data
        for name, number in numbers.items():
            self._record[0][name] = number

    def with_morph_path(self, sines: Sequence[np.ndarray]) -> "BlockDecoder":
        """One more that follows the path of a patch's corners: two float32[TERMS, z], as `MorphPaths.find` gives them."""
        return BlockDecoder(self.arrays | {"morph_path": np.ascontiguousarray(sines, np.float32)}, self.numbers)

    @property
    def address(self) -> int:
        """Of the record."""
        return self._record.ctypes.data


def network_decoder(found: Network, phases: np.ndarray, directions: Directions | None) -> BlockDecoder:
    """A model's decoder, with its phases and named directions."""
    names = ("straight", "place", "bias", "amount", "middle", "middle_bias", "leave")
    named = dict(zip(names, directions.arrays, strict=True)) if directions else {}
    numbers = {"n_steps": len(found.steps), "n_weights": len(found.weights), "stride": found.stride, "levels_at": found.levels_at,
               "harmonics": found.harmonics}
    if directions:
        z, hidden = directions.arrays[1].shape
        numbers |= {"n_directions": min(len(directions.names), MAX_DIRECTIONS), "hidden": hidden,
                    "direction_products": 2 * hidden * (hidden + z)}
    return BlockDecoder({"steps": found.steps, "weights": found.weights, **_circle(phases), **named}, numbers)


def rows_decoder(rows: np.ndarray, phases: np.ndarray | None) -> BlockDecoder:
    """Rows complex[n, harmonics] along one axis. phases: float[harmonics] where those of all rows are the same, else None."""
    n, harmonics = rows.shape
    arrays = {"re": np.ascontiguousarray(rows.real, np.float32), "im": np.ascontiguousarray(rows.imag, np.float32)}
    return BlockDecoder(arrays | (_circle(phases) if phases is not None else {}),
                        {"n_rows": n, "harmonics": harmonics, "moving": int(phases is None), "levels_at": LANES,
                         "stride": (harmonics // LANES + 2) * LANES})


def phases_alone(phases: np.ndarray) -> BlockDecoder:
    """The phases of a mix: float[1 + harmonics] radians, from the 0th on."""
    found = np.zeros(HARMONICS)
    found[:len(phases) - 1] = phases[1:HARMONICS + 1]
    return BlockDecoder(_circle(found), {"harmonics": HARMONICS})


def turned(decoder: BlockDecoder, turn: np.ndarray) -> BlockDecoder:
    """A decoder in a mix whose phases are others by float[1 + harmonics] radians, from the 0th on."""
    cycles = np.zeros(HARMONICS + 1, np.float32)
    held = min(len(turn), len(cycles))
    cycles[1:held] = turn[1:held] / (2 * np.pi)
    return BlockDecoder(decoder.arrays | {"turn": cycles}, decoder.numbers)


def _circle(phases: np.ndarray) -> dict[str, np.ndarray]:
    turn = np.exp(1j * np.asarray(phases))
    return {"cosine": turn.real.astype(np.float32), "sine": turn.imag.astype(np.float32)}


def block_decoder(found: Network, phases: np.ndarray, directions: Directions | None) -> BlockDecoder | None:
    """The decoder of a network for the audio thread; None where it is too large for it."""
    if found.stride > BLOCK_NUMBERS or (directions and len(directions.bias) > BLOCK_HIDDEN):
        return None
    return network_decoder(found, phases, directions)
