"""The autoencoder: log magnitudes -> latent -> log magnitudes. Two straight lines with a small network beside each."""

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..config import Config
from ..data.features import CENTRE_DB, FLOOR_DB, SCALE_DB
from .layers import Lean, Straight

ONE_BY_ONE = 255  # harmonics the encoder sees singly
GROUP = 16  # above them, as means of so many
Decoder = Straight | Lean


class Autoencoder(nn.Module):
    """Encoder and decoder between normalised levels and a latent.

    The encoder sees the lower harmonics one by one and the upper ones in groups. It decodes its first answer, in the same
    view, and corrects it by what is still missing, `passes` times with one network.
    """

    def __init__(self, config: Config):
        super().__init__()
        h, z, self.passes = config.harmonics, config.latent_size, config.passes
        self.latent_size = z
        seen = viewed_size(h)
        self.encoder = Straight(seen, z, config.encoder_width, config.blocks)
        self.decoder = make_decoder(config)
        self.corrector = Straight(seen + z, z, config.encoder_width // 2, 1)
        nn.init.zeros_(self.corrector.line.weight)
        nn.init.zeros_(self.corrector.line.bias)

    def encode(self, features: Tensor, draw: Callable[[Tensor], Tensor] | None = None) -> Tensor:
        """Normalised levels [n, harmonics] (floored) -> latent [n, z]; `draw` stands for the decoder in this view."""
        view = viewed(features)
        draw = draw or narrowed(self.decoder)
        latent = self.encoder(view)
        for _ in range(self.passes):
            latent = latent + self.corrector(torch.cat([view - floored(draw(latent)), latent], -1))
        return latent

    def decode(self, latent: Tensor, lowest: int | None = None) -> Tensor:
        """Latent [n, z] -> levels [n, harmonics] in dB on an arbitrary common reference; of the `lowest` harmonics alone."""
        line, leave = ((weight[:lowest], bias[:lowest]) for weight, bias in self.decoder.ends())
        hidden = self.decoder.hidden(latent)
        return (functional.linear(latent, *line) + functional.linear(hidden, *leave)) * SCALE_DB + CENTRE_DB


def make_decoder(config: Config) -> Decoder:
    """A decoder of the config's shape, untrained: a lean one where it has a rank for the upper harmonics."""
    if config.upper_rank:
        return Lean(config.latent_size, config.harmonics, config.width, config.last or config.width, config.upper_rank)
    return Straight(config.latent_size, config.harmonics, config.width, config.blocks)


def viewed_size(harmonics: int) -> int:
    """How many numbers the encoder sees of that many harmonics."""
    return min(harmonics, ONE_BY_ONE) + max(harmonics - ONE_BY_ONE, 0) // GROUP


def viewed(x: Tensor) -> Tensor:
    """The first 255 of the last axis as they are, then means of 16 at a time; a rest of fewer is left out."""
    groups = (x.shape[-1] - ONE_BY_ONE) // GROUP
    if groups < 1:
        return x[..., :ONE_BY_ONE]
    upper = x[..., ONE_BY_ONE : ONE_BY_ONE + groups * GROUP].unflatten(-1, (groups, GROUP)).mean(-1)
    return torch.cat([x[..., :ONE_BY_ONE], upper], -1)


def _narrow_ends(decoder: Decoder) -> list[tuple[Tensor, Tensor]]:
    return [(viewed(weight.T).T, viewed(bias)) for weight, bias in decoder.ends()]


def narrowed(decoder: Decoder) -> Callable[[Tensor], Tensor]:
    """The decoder with `viewed` taken of its last layer's weights in place of its answer: the same, for less."""
    line, leave = _narrow_ends(decoder)
    return lambda latent: functional.linear(latent, *line) + functional.linear(decoder.hidden(latent), *leave)


def narrow_copy(decoder: Decoder) -> Decoder:
    """`narrowed` as a network of its own, to be exported."""
    copied = copy.deepcopy(decoder)
    if isinstance(copied, Lean):
        copied.one_end()
    with torch.no_grad():
        for layer, (weight, bias) in zip((copied.line, copied.leave), _narrow_ends(decoder), strict=True):
            layer.weight, layer.bias = nn.Parameter(weight.contiguous()), nn.Parameter(bias)
    return copied


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
    features, weights = (viewed(torch.as_tensor(x)).numpy() for x in (features, weights))
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
