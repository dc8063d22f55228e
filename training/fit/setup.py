"""What a run begins with: its recipe, its training data, and the model whose weights it takes up, if any."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from synth import paths
from synth.errors import UserError
from synth.samples.dataset import Dataset

from ..config import Config, minutes_for
from ..data.datasets import NothingNew, TrainingData, gather, sounds_of
from ..export.import_onnx import NOTHING, Base, open_base

MANY = 10**6  # synthetic sounds, as many as are drawn
SETTINGS = {"latent": "latent_size", "synthetic": "synthetic_share", "seed": "seed"}  # options that a run keeps to its end
MOST_STEPS_A_MINUTE = 6000  # that anything takes: what a run by the clock could draw of synthetic sounds
BASE_RATE = 1e-3  # of learning, for weights that have been trained before


@dataclass(frozen=True)
class Beginning:
    """Recipe and training data of a run, the model it begins from (None: PCA), and what a player should be told of that."""

    config: Config
    training_data: TrainingData
    base: Base | None
    told: str = ""


def set_up(args: argparse.Namespace, saved: dict | None, data: Dataset | None, others: Sequence[Dataset]) -> Beginning:
    """A new run as the command line has it, or the one `saved` in a checkpoint.

    A new run with sounds of its own begins from the shipped model of as many latents, unless --from says otherwise or most of
    the sounds are known to that model: then none could judge. Raises UserError for what cannot be trained.
    """
    if saved is not None:
        config = _saved_config(args, saved)
        base = _saved_base(config)
        return Beginning(config, gather(data, config, others, base.seen if base else None), base)
    n_sounds = MANY if data is None else sounds_of(data)
    base, told = _base(args, data), ""
    if base is not None:
        config = _new_config(args, n_sounds, base)
        try:
            training_data = gather(data, config, others, base.seen)
            return Beginning(config, training_data, base, f"training begins from {base.name}; --from {NOTHING} leaves it out")
        except NothingNew:
            if getattr(args, "from") is not None:
                raise
            told = f"{base.name} knows most of these sounds already: training begins from nothing"
    config = _new_config(args, n_sounds, None)
    return Beginning(config, gather(data, config, others), None, told)


def _base(args: argparse.Namespace, data: Dataset | None) -> Base | None:
    asked = getattr(args, "from")
    if asked == NOTHING or asked is None and data is None:
        return None
    if asked is None:
        name = f"akwf-{args.latent or Config.latent_size}"
        if name not in {path.name for path in paths.list_models()}:
            return None
        asked = name
    base = open_base(asked)
    if args.latent not in (None, base.config.latent_size):
        raise UserError(f"model '{base.name}' has {base.config.latent_size} latents, not {args.latent}; "
                        f"leave out --latent, or use --from {NOTHING}")
    return base


def _new_config(args: argparse.Namespace, n_sounds: int, base: Base | None) -> Config:
    minutes = args.minutes or (0.0 if args.steps else minutes_for(n_sounds, base is not None))
    steps = args.steps or Config.steps
    drawn = min(steps, int(minutes * MOST_STEPS_A_MINUTE) + 1) if minutes else steps
    config = Config(
        name=args.name, steps=steps, minutes=minutes,
        **{field: value for option, field in SETTINGS.items() if (value := getattr(args, option)) is not None},
        synthetic_bank=min(Config.synthetic_bank, 1000 + 10 * drawn), validate_every=min(Config.validate_every, steps),
        warmup_steps=min(Config.warmup_steps, max(1, steps // 10)),
    )
    if base is None:
        return config
    return replace(config.shaped_as(base.config), base=base.asked, base_sha256=base.sha256, learning_rate=BASE_RATE)


def _saved_config(args: argparse.Namespace, saved: dict) -> Config:
    """The saved recipe; --steps or --minutes may move its end, nothing else. Raises UserError where the command asks for that."""
    config = Config.from_dict(saved["config"])
    began_with = {option: getattr(config, field) for option, field in SETTINGS.items()} | {"from": config.base or NOTHING}
    for option, began in began_with.items():
        asked = getattr(args, option)
        if asked is not None and asked != began:
            raise UserError(f"this run began with --{option} {began}, not {asked}; leave --{option} out to go on with it, or "
                            "leave out --resume to start anew")
    if args.minutes:
        return replace(config, minutes=args.minutes)
    return replace(config, steps=args.steps, minutes=0.0) if args.steps else config


def _saved_base(config: Config) -> Base | None:
    """The model that a saved run began from: what it has seen judges nothing."""
    if not config.base:
        return None
    try:
        base = open_base(config.base)
    except UserError as error:
        raise UserError(f"this run began from '{config.base}': {error}") from None
    if base.sha256 != config.base_sha256:
        raise UserError(f"model '{config.base}' is not the one this run began from; put that one back, or leave out --resume to start anew")
    return base


def shown(base: str) -> str:
    """The name of a model or its folder, without where that lies; NOTHING for none."""
    return Path(base).name if base else NOTHING
