"""The `train` command, step by step: read, check, fit, choose, export, report."""

import argparse
import hashlib
import os
import re
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from synth import paths
from synth.errors import UserError
from synth.samples import dataset as datasets
from synth.samples.bar import reading_bar
from synth.samples.dataset import Dataset
from synth.samples.finding import Refusal
from synth.text import counted
from synth.timbres.model import Model

from .config import Config
from .data.datasets import TrainingData
from .data.features import cycles_of
from .export import model_folder
from .export.import_onnx import Base
from .fit import checkpoint
from .fit.live import Live
from .fit.loop import Run, fit
from .fit.parallel import Team, team
from .fit.progress import Progress
from .fit.setup import set_up, shown
from .fit.weight_interpolation import interpolate_weights
from .report.own_sounds import bring_presets
from .report.page import write_curve, write_report
from .report.scores import final_scores

MOST_STEPS = 10**9
REFUSALS_SHOWN = 12
KNOWN_DATA = {
    "akwf.json": {"name": "Adventure Kid Waveforms", "author": "Kristoffer Ekstrand (Adventure Kid)", "licence": "CC0",
                  "url": "https://www.adventurekid.se/akrt/waveforms/adventure-kid-waveforms/"},
}


def run(args: argparse.Namespace) -> int:
    """Train and export one model; 0 when done or when stopped with everything saved."""
    with team() as us:
        return _run(args, us)


def _run(args: argparse.Namespace, us: Team) -> int:
    _check(args)
    target, runs = _places(args)
    if args.notes:
        from .notes.run import run as adapt_to_notes

        return adapt_to_notes(args, target)
    with reading_bar(us.leads) as bar:
        data, refusals = datasets.load(Path(args.data), args.frame_size, bar) if args.data else (None, [])
    if us.leads:
        told_refusals(refusals, "no folder given: training on synthetic cycles alone" if data is None else counted(len(data), "cycle"))
    saved = checkpoint.load(runs / checkpoint.LAST) if args.resume else None
    others = [datasets.load(Path(path), None)[0] for path in args.others]
    beginning = set_up(args, saved, data, others)
    config, training_data, base = beginning.config, beginning.training_data, beginning.base
    if us.leads and beginning.told:
        print(beginning.told, flush=True)
    if us.leads and not (args.steps or args.minutes or saved):
        print(f"training for {counted(config.minutes, 'minute')}; --minutes or --steps makes it shorter or longer", flush=True)
    torch.set_num_threads(max(1, min(4, (os.cpu_count() or 1) // 2)))  # small matrices: more threads only wait
    trainer = Run(config, training_data, pick_device(args.device), us, base.weights if base else None)
    _make(runs)
    if saved is not None:
        trainer.restore(saved)
    elif us.leads:
        _keep_aside(runs)
    with stop_on_signal() as stopped, Progress(config, trainer.step, us.leads and not args.live) as progress:
        live = Live(config, training_data, runs / "live", stopped) if args.live and us.leads else None
        finished = fit(trainer, runs, stopped, live or progress)
    if not us.leads:
        return 0
    if not finished:
        print(f"stopped at step {trainer.step}, everything is saved in {runs}; the same command with --resume goes on")
        return 0
    history, losses, steps = trainer.history, trainer.losses, trainer.step
    if trainer.skipped:
        print(f"{trainer.skipped} of {counted(steps, 'step')} left out: the gradient was no number", flush=True)
    trainer.restore(checkpoint.load(runs / checkpoint.BEST))
    origin: dict[str, Any] = {"data": _sources(args, config, data, others, training_data), "command": command_of(args, config),
                              "steps": steps}
    if base:
        origin |= _came_from(base, interpolate_weights(trainer), origin["data"])
    _report(model_folder.export(trainer.average, config, training_data, origin, target), training_data, history, losses)
    return 0


def _report(model: Model, training_data: TrainingData, history: list[tuple[int, float, float]], losses: list[float]) -> None:
    """Score a finished model on its test part, write its report and curve beside it, and say where they are."""
    scores = final_scores(model, training_data)
    model_folder.add_scores(model, scores)
    model.manifest["scores"] = scores
    page = write_report(model, cycles_of(training_data.parts["test"]), history, losses)
    write_curve(model.folder, history, losses)
    print(f"{model.folder}: " + ", ".join(f"{k} {v:.2f}" for k, v in scores.items() if isinstance(v, float)))
    print(f"curves, sounds and the map: {page}")
    bring_presets(model, training_data)


def _came_from(base: Base, share: float, sources: list[dict]) -> dict:
    """The manifest's `base`, and `data` with what that one learnt."""
    print(f"{share:.0%} of the way from {base.name} to what was learnt draws held-out sounds best: taken" if share else
          f"nothing that was learnt draws held-out sounds better than {base.name}: that one is kept, with a map of your sounds", flush=True)
    return {"base": {"name": base.name, "sha256": base.sha256, "share": share},
            "data": sources + [row for row in base.data if row not in sources]}


def _places(args: argparse.Namespace) -> tuple[Path, Path]:
    """(model folder, run folder), not made yet. Raises UserError for a name that is none."""
    if not re.fullmatch(r"[\w][\w .+-]{0,63}", args.name):
        raise UserError(f"'{args.name}' is no name for a model; use letters, digits, spaces and . - + _")
    out = Path(args.out).expanduser() if args.out else paths.training_output_folder()
    return out / args.name, out / ".runs" / args.name


def _make(runs: Path) -> None:
    """The run's folder, made only once all that was asked for is found good."""
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to {runs} ({error.strerror}); give another folder with --out") from None


def told_refusals(refusals: list[Refusal], taken: str) -> None:
    """Say what was not taken, and why, then what was."""
    for refusal in refusals[:REFUSALS_SHOWN]:
        print(f"left out {refusal.name}: {refusal.reason}", file=sys.stderr)
    if len(refusals) > REFUSALS_SHOWN:
        print(f"left out {len(refusals) - REFUSALS_SHOWN} more", file=sys.stderr)
    print(taken, flush=True)


def _check(args: argparse.Namespace) -> None:
    """Refuse options that make no sense before anything is read or written."""
    if args.latent is not None:
        _between("--latent", args.latent, 1, 256)
    if args.synthetic is not None:
        _between("--synthetic", args.synthetic, 0.0, 1.0)
    if args.steps is not None:
        _between("--steps", args.steps, 1, MOST_STEPS)
    pick_device(args.device)
    if args.check and not args.notes:
        raise UserError("--check goes with --notes; `latentwave cycles FOLDER` says what there is of single cycles")


def _between(option: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UserError(f"{option} must lie between {low} and {high}, not {value}")


def pick_device(wanted: str) -> str:
    """'cpu', 'cuda' or 'mps'. Raises UserError where the one asked for is not there."""
    have = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        return "cuda" if have["cuda"] else "cpu"  # small matrices: Apple's GPU is slower than its CPU here
    if not have[wanted]:
        raise UserError(f"no {wanted} device on this machine; use --device auto")
    return wanted


def _keep_aside(runs: Path) -> None:
    """A fresh start never destroys an earlier run of the same name."""
    names = [name for name in (checkpoint.LAST, checkpoint.BEST) if (runs / name).is_file()]
    number = next(n for n in range(1, MOST_STEPS) if not any((runs / f"earlier-{_nth(n)}{name}").exists() for name in names))
    for name in names:
        (runs / name).replace(runs / f"earlier-{_nth(number)}{name}")
    if names:
        print(f"an earlier run of this name is kept as earlier-{_nth(number)}*.pt in {runs}", file=sys.stderr)


def _nth(number: int) -> str:
    return "" if number == 1 else f"{number}-"


def command_of(args: argparse.Namespace, config: Config) -> str:
    """The command that makes this model again; folders and data sets by their last name alone."""
    words = ["latentwave", "train"] + ([Path(args.data).name] if args.data else [])
    words += ["--frame-size", str(args.frame_size)] if args.frame_size else []
    for path in args.others:
        words += ["--with", Path(path).name]
    words += ["--from", shown(config.base), "--name", config.name, "--latent", str(config.latent_size), "--seed", str(config.seed)]
    words += ["--synthetic", f"{config.synthetic_share:g}"] if config.synthetic_share != Config.synthetic_share else []
    words += ["--minutes", f"{config.minutes:g}"] if config.minutes else ["--steps", str(config.steps)]
    return shlex.join(words)


def _sources(args: argparse.Namespace, config: Config, data: Dataset | None, others: Sequence[Dataset],
             training_data: TrainingData) -> list[dict]:
    """The manifest's `data`: whose sounds these are."""
    sources = []
    if data is not None:
        found = KNOWN_DATA.get(training_data.split) or described(Path(args.data))
        sources.append(found | {"sha256": _digest(data)})
    sources += [described(Path(path)) | {"sha256": _digest(other)} for path, other in zip(args.others, others, strict=True)]
    if data is None or config.synthetic_share > 0:
        sources.append({"name": "synthetic cycles", "author": "", "licence": "CC0", "url": "", "sha256": ""})
    return sources


def described(path: Path) -> dict[str, str]:
    """Name, author, licence and url of a collection: `key: value` lines of the text file of its name, where there is one."""
    path = path.expanduser().resolve()
    found = {"name": path.stem, "author": "", "licence": "", "url": ""}
    try:
        lines = path.with_suffix(".txt").read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return found
    pairs = [line.partition(":") for line in lines]
    return found | {key.strip().lower(): value.strip() for key, _, value in pairs if key.strip().lower() in found}


def _digest(data: Dataset) -> str:
    """sha256 of a data set's cycles."""
    digest = hashlib.sha256()
    for start in range(0, len(data), 4096):
        digest.update(np.ascontiguousarray(data.cycles[start : start + 4096]).tobytes())
    return digest.hexdigest()


@contextmanager
def stop_on_signal() -> Iterator[Callable[[], bool]]:
    """Within it, Ctrl-C and SIGTERM ask for a stop at the next step; a second one ends at once."""
    asked: list[int] = []

    def ask(number, frame):
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    earlier = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
