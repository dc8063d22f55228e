"""`train --notes`: a model adapted to recordings of whole notes, in well under a minute."""

import argparse
import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from synth.errors import UserError
from synth.samples.bar import reading_bar
from synth.timbres.density import load_map
from synth.timbres.model import Model, open_model

from ..config import Config
from ..export.import_onnx import NOTHING, Base, axes_of, open_base
from ..export.model_folder import add_scores
from ..network.model import Autoencoder
from ..train import described, stop_on_signal, told_refusals
from .adapted_model import export
from .closed_form import adapt
from .descent import Length, descend
from .frames import Note, read_notes
from .last_layer import LastLayer
from .sets import Sets, different_notes, make_sets
from .telling import Teller, found_words
from .worth import Row, measure_worth, write_page

_LEAST_GAIN_DB = 0.02


class Choice(NamedTuple):
    """What is exported, and what found it: "base", "closed form" or "descent"."""

    layer: LastLayer
    words: str

    @property
    def sentence(self) -> str:
        """Why it was taken."""
        if self.words == "base":
            return "the base is kept as it is: all that drew your notes nearer drew those that were kept aside worse"
        return f"the {self.words} is taken: it draws your notes nearest, and those that were kept aside no worse"


def run(args: argparse.Namespace, target: Path) -> int:
    """Adapt and export, or with --check only look. Raises UserError for what cannot be learnt."""
    if not args.data or args.others or args.resume or args.frame_size or args.synthetic is not None:
        raise UserError("--notes takes a folder of recordings, and no --with, --resume, --frame-size or --synthetic")
    if not args.check:
        base, model = _base(args)
    torch.set_num_threads(1)  # small matrices: more threads only wait
    length = Length(args.minutes or 0.0, args.steps or 0)
    teller = Teller(args.live, length != Length())
    with reading_bar(not args.live) as bar:
        notes, refusals = read_notes([Path(args.data)], teller.heard if args.live else bar)
    told_refusals(refusals, found_words(notes, refusals))
    if args.check:
        teller.found(notes, refusals, different_notes(notes))
        return 0
    sets = make_sets(model, notes, args.seed or 0)
    print(f"adapting {base.name} to {len(sets.names['learnt'])} of them; {len(sets.names['judge'])} are held out to judge", flush=True)
    network = Autoencoder(base.config)
    network.load_state_dict(base.weights)
    layer = LastLayer(network.eval().requires_grad_(False), axes_of(model.folder), model.low, model.high, model.std)
    known = load_map(model.folder, model.latent_size)
    about = sets, known.density if known else None, base.config.harmonics, args.seed or 0
    stages = adapt(layer, *about, teller.turned)
    with stop_on_signal() as stopped:  # from here there is something to keep
        choice = Choice(stages[-1].layer, "closed form" if len(stages) > 1 else "base")
        if length != Length() and (found := descend(stages, *about, length, teller.descended, stopped)):
            choice = Choice(found, "descent")
        print(("stopped; what was found by then is kept: " if stopped() else "")
              + choice.sentence, flush=True)
        rows = measure_worth(layer, choice.layer, sets)
        config = replace(base.config, name=args.name, base=base.asked, base_sha256=base.sha256, seed=args.seed or 0)
        made = export(model, choice.layer, axes_of(model.folder), sets, config, _origin(args, base, notes, choice, rows), target)
        _tell(made, base, rows, sets, args)
    teller.ended(rows)
    return 0


def _base(args: argparse.Namespace) -> tuple[Base, Model]:
    asked = getattr(args, "from") or f"akwf-{args.latent or Config.latent_size}"
    if asked == NOTHING:
        raise UserError(f"whole notes adapt a model; use --from MODEL, or leave out --notes to train from {NOTHING}")
    base = open_base(asked)
    if args.latent not in (None, base.config.latent_size):
        raise UserError(f"model '{base.name}' has {base.config.latent_size} latents, not {args.latent}; leave out --latent")
    return base, open_model(asked)


def _origin(args: argparse.Namespace, base: Base, notes: Sequence[Note], choice: "Choice", rows: list[Row]) -> dict:
    digest = hashlib.sha256()
    for note in notes:
        digest.update(np.ascontiguousarray(note.amplitudes).tobytes())
    words = ["latentwave", "train", Path(args.data).name, "--notes", "--from", Path(base.asked).name, "--name", args.name]
    words += ["--seed", str(args.seed)] if args.seed else []
    if choice.words == "descent":  # the closed form comes without it
        words += ["--minutes", f"{args.minutes:g}"] if args.minutes else ["--steps", str(args.steps)]
    return {"data": [described(Path(args.data)) | {"sha256": digest.hexdigest()}, *base.data], "command": shlex.join(words),
            "base": {"name": base.name, "sha256": base.sha256, "share": 0.0 if choice.words == "base" else 1.0},
            "notes": {"chosen": choice.words} | {
                row.key: {"n": row.n_notes, "base_db": _rounded(row.base_db), "own_db": _rounded(row.own_db)} for row in rows}}


def _rounded(pair: tuple[float, float]) -> list[float]:
    return [round(value, 4) for value in pair]


def _tell(made: Model, base: Base, rows: list[Row], sets: Sets, args: argparse.Namespace) -> None:
    """The report, and what was gained in words."""
    own, held_out = rows[0], rows[1]
    add_scores(made, {"split": "whole notes", "lsd_db": round(held_out.own_db[0], 4), "erb_lsd_db": round(held_out.own_db[1], 4),
                      "n": held_out.n_notes})
    play = shlex.join(["latentwave", "instrument", args.data, "-o", args.name, "--model", args.name])
    page = write_page(made.folder, made.name, base.name, rows, sets, play)
    if own.base_db[0] - own.own_db[0] < _LEAST_GAIN_DB:
        print(f"nothing that was learnt draws your notes nearer without harm to others: {made.name} is {base.name} as it was")
    for row in rows:
        print(row.sentence(), flush=True)
    print(f"{made.folder}\nreport: {page}\nan instrument of these notes: {play}", flush=True)
