"""The autoencoder: log magnitudes -> latent -> log magnitudes. Two straight lines with a small network beside each."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import Config
from .features import CENTRE_DB, FLOOR_DB, SCALE_DB


class Block(nn.Module):
    """Residual block: x + W2 silu(W1 norm(x)). [n, width] -> [n, width]."""

    def __init__(self, width: int):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)
        nn.init.zeros_(self.down.weight)
        nn.init.zeros_(self.down.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Shape kept."""
        return x + self.down(functional.silu(self.up(self.norm(x))))


class Straight(nn.Module):
    """A linear path plus a small network whose last layer starts at zero: [n, inputs] -> [n, outputs]."""

    def __init__(self, inputs: int, outputs: int, width: int, blocks: int):
        super().__init__()
        self.line = nn.Linear(inputs, outputs)
        self.enter = nn.Linear(inputs, width)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(blocks)))
        self.leave = nn.Linear(width, outputs)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: Tensor) -> Tensor:
        """[n, inputs] -> [n, outputs]."""
        return self.line(x) + self.leave(functional.silu(self.blocks(self.enter(x))))


class Autoencoder(nn.Module):
    """Encoder and decoder between normalised levels and a latent.

    The encoder decodes its first answer and corrects it by what is still missing, `passes` times with one network.
    """

    def __init__(self, config: Config):
        super().__init__()
        h, z, self.passes = config.harmonics, config.latent_size, config.passes
        self.encoder = Straight(h, z, config.encoder_width, config.blocks)
        self.decoder = Straight(z, h, config.width, config.blocks)
        self.corrector = Straight(h + z, z, config.encoder_width // 2, 1)
        nn.init.zeros_(self.corrector.line.weight)
        nn.init.zeros_(self.corrector.line.bias)

    def encode(self, features: Tensor) -> Tensor:
        """Normalised levels [n, harmonics] (floored) -> latent [n, z]."""
        latent = self.encoder(features)
        for _ in range(self.passes):
            missing = features - floored(self.decoder(latent))
            latent = latent + self.corrector(torch.cat([missing, latent], -1))
        return latent

    def decode(self, latent: Tensor) -> Tensor:
        """Latent [n, z] -> levels [n, harmonics] in dB on an arbitrary common reference."""
        return self.decoder(latent) * SCALE_DB + CENTRE_DB


def floored(features: Tensor) -> Tensor:
    """Normalised levels, shifted to 0 dB at the strongest and floored as the encoder's input is."""
    top = (0.0 - CENTRE_DB) / SCALE_DB
    shifted = features - features.amax(-1, keepdim=True) + top
    return shifted.clamp(min=(FLOOR_DB - CENTRE_DB) / SCALE_DB)


def start_from_pca(model: Autoencoder, features: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> None:
    """Set both straight lines to the PCA of normalised levels, latents at unit variance.

    features, targets float[n, harmonics]: what the encoder sees and what the decoder should say (they differ above
    the known harmonics); weights float[harmonics]: importance of each.
    """
    z = model.encoder.line.out_features
    mean, aim = features.mean(0), targets.mean(0)
    centred = (features - mean) * weights
    values, vectors = np.linalg.eigh(centred.T.astype(np.float64) @ centred / len(centred))
    order = np.argsort(values)[::-1][:z]
    spread = np.sqrt(np.maximum(values[order], 1e-6))
    project = (vectors[:, order] * weights[:, None] / spread).T
    latent = (features - mean) @ project.T
    back = np.linalg.lstsq(latent.T @ latent + 1e-3 * np.eye(z), latent.T @ (targets - aim), rcond=None)[0]
    with torch.no_grad():
        model.encoder.line.weight.copy_(torch.tensor(project))
        model.encoder.line.bias.copy_(torch.tensor(-project @ mean))
        model.decoder.line.weight.copy_(torch.tensor(back.T))
        model.decoder.line.bias.copy_(torch.tensor(aim))
