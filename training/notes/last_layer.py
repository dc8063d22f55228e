"""A trained decoder as what its last layer is: levels of the first 127 harmonics, linear in what the layers before it give."""

import copy

import numpy as np
import torch

from synth.samples.spectrum import LSD_FLOOR_DB, LSD_HARMONICS, floored_db, unit_rms

from ..data.features import CENTRE_DB, SCALE_DB, Pool, normalised
from ..export.graphs import Axes
from ..network.model import Autoencoder

_ROWS = 4096


class LastLayer:
    """weights float64[features, 127]: features are the hidden units, the decoder's own latents, and 1.

    Draws as a `Model` does for `tracks.fitting`: low, high, std float32[z] of its latents, `amplitudes`.
    """

    def __init__(self, network: Autoencoder, axes: Axes, low: np.ndarray, high: np.ndarray, std: np.ndarray,
                 weights: np.ndarray | None = None):
        self._network, self._axes = network, axes
        self.low, self.high, self.std = low, high, std
        self.weights = self._trained() if weights is None else weights

    def _trained(self) -> np.ndarray:
        (line, line_bias), (leave, leave_bias) = ((w.detach()[:LSD_HARMONICS], b.detach()[:LSD_HARMONICS])
                                                  for w, b in self._network.decoder.ends())
        return torch.cat([leave, line, (leave_bias + line_bias)[:, None]], 1).numpy().T.astype(float)

    def with_weights(self, weights: np.ndarray) -> "LastLayer":
        """The same decoder with another last layer."""
        return LastLayer(self._network, self._axes, self.low, self.high, self.std, weights)

    def with_network(self, network: Autoencoder) -> "LastLayer":
        """Another decoder and its last layer, on the same latents."""
        return LastLayer(copy.deepcopy(network).eval(), self._axes, self.low, self.high, self.std)

    def own_latents(self, latents: np.ndarray) -> torch.Tensor:
        """Latents as they are played, [n, z], in the network's own axes."""
        return torch.from_numpy(np.asarray(latents, np.float32)) @ self._axes.back + self._axes.mean

    @torch.no_grad()
    def features(self, latents: np.ndarray) -> np.ndarray:
        """What the last layer is given at latents [n, z]: float32[n, features]."""
        own = self.own_latents(latents)
        parts = [torch.cat([self._network.decoder.hidden(rows), rows, torch.ones(len(rows), 1)], 1) for rows in own.split(_ROWS)]
        return torch.cat(parts).numpy()

    @torch.no_grad()
    def encode(self, pool: Pool) -> np.ndarray:
        """The encoder's quick answer to levels, within the ranges: float32[n, z]."""
        own = self._network.encode(torch.from_numpy(normalised(pool.levels_db, pool.known)))
        return np.clip(((own - self._axes.mean) @ self._axes.matrix).numpy(), self.low, self.high)

    def levels_db(self, features: np.ndarray) -> np.ndarray:
        """Levels in dB on a common reference: [n, features] -> float64[n, 127]."""
        return features @ self.weights * SCALE_DB + CENTRE_DB

    def amplitudes(self, latents: np.ndarray) -> np.ndarray:
        """Latents [n, z] -> amplitudes of the first harmonics, the strongest 1: float64[n, 127]."""
        levels = self.features(latents) @ self.weights.astype(np.float32) * np.float32(SCALE_DB)
        return 10 ** ((levels - levels.max(1, keepdims=True)).astype(float) / 20)

    def aims(self, features: np.ndarray, target_db: np.ndarray) -> np.ndarray:
        """What the last layer should say for floored levels [n, 127] at unit RMS, on its own reference: float64[n, 127].

        A harmonic that is on the floor in both is right as it is.
        """
        levels = self.levels_db(features)
        drawn = 20 * np.log10(unit_rms(10 ** (levels / 20)))
        floored = floored_db(10 ** (drawn / 20))
        silent = (target_db < target_db.max(1, keepdims=True) - LSD_FLOOR_DB + 0.1) & (drawn < floored)
        return (levels + np.where(silent, 0.0, target_db - drawn) - CENTRE_DB) / SCALE_DB

    def network(self) -> Autoencoder:
        """The autoencoder with these weights in its decoder; the encoder asks the decoder, so it follows."""
        found = copy.deepcopy(self._network)
        leave, line = found.decoder.leave, found.decoder.line
        inner = leave.in_features
        with torch.no_grad():
            count = min(LSD_HARMONICS, len(line.bias))
            moved = torch.from_numpy((self.weights - self._trained()).T.astype(np.float32))
            leave.weight[:count] += moved[:, :inner]
            line.weight[:count] += moved[:, inner:-1]
            leave.bias[:count] += moved[:, -1]
        return found
