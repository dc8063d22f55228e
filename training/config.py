"""Every number a training run depends on, in one frozen record that travels in the checkpoint."""

from dataclasses import asdict, dataclass, fields, replace

_SHAPE = ("latent_size", "harmonics", "width", "blocks", "last", "upper_rank", "encoder_width", "passes")
_FEW, _MANY = 500, 4_000  # different sounds
_SHORT, _LONG, _LONG_FROM_A_MODEL = 2.5, 11.0, 5.0  # minutes


def minutes_for(n_sounds: int, from_a_model: bool) -> float:
    """How long a run of so many different sounds is worth: 2.5 minutes for five hundred and fewer; for four thousand and more 5 where
    it begins from a model, else 11.
    """
    share = (min(max(n_sounds, _FEW), _MANY) - _FEW) / (_MANY - _FEW)
    return round(_SHORT + share * ((_LONG_FROM_A_MODEL if from_a_model else _LONG) - _SHORT), 1)


@dataclass(frozen=True)
class Config:
    """Recipe of one run. Levels in dB, probabilities and shares 0..1, the rest counts."""

    name: str = "model"
    latent_size: int = 16
    harmonics: int = 1023
    seed: int = 0
    base: str = ""  # the model that the run begins from; none: its straight lines begin as PCA
    base_sha256: str = ""

    steps: int = 8_000
    minutes: float = 0.0  # above 0, the clock ends the run and steps do not
    batch: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    warmup_steps: int = 200
    gradient_norm: float = 1.0
    ema: float = 0.998
    validate_every: int = 250

    width: int = 256
    blocks: int = 2
    last: int = 0  # units of a lean decoder's last layer, where they are fewer than its width
    upper_rank: int = 0  # of harmonics above 127 in a lean decoder; none: a decoder with norms and a full last layer
    encoder_width: int = 256
    passes: int = 3  # times the encoder looks at what its answer still misses

    erb_weight: float = 0.5
    upper_weight: float = 0.15  # known harmonics above 127
    prior_weight: float = 0.05  # harmonics nobody knows: held to the extrapolated envelope
    morph_weight: float = 0.1  # half-way latents should draw half-way spectra
    even_weight: float = 2.0  # no step of a morph much longer than the others
    latent_noise: float = 0.05
    latent_penalty: float = 1e-3

    synthetic_share: float = 0.3
    synthetic_bank: int = 20_000
    more_share: float = 0.25  # of the rest, cycles of other collections (--with), where there are any
    augment_share: float = 0.85

    def to_dict(self) -> dict:
        """Plain dict for checkpoints and manifests."""
        return asdict(self)

    def shaped_as(self, other: "Config") -> "Config":
        """This recipe with the network of another one."""
        return replace(self, **{name: getattr(other, name) for name in _SHAPE})

    @classmethod
    def from_dict(cls, values: dict) -> "Config":
        """Config of a saved dict; keys of other versions are dropped, absent ones take the default."""
        names = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in values.items() if key in names})
