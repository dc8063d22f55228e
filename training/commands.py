"""Training's commands for the `latentwave` command line. `evaluate` needs no torch."""

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from synth.errors import UserError
from synth.extras import install_command
from synth.text import counted, printable


def register(subparsers) -> None:
    """Add `train`, `evaluate` and `export`."""
    _add_train(subparsers)
    _add_evaluate(subparsers)
    _add_export(subparsers)


def _add_train(subparsers) -> None:
    parser = subparsers.add_parser("train", help="train a model on your samples and export it")
    parser.add_argument("data", nargs="?", metavar="FOLDER|DATASET",
                        help="sound files of one cycle each, or a data set; left out: synthetic cycles alone")
    parser.add_argument("--notes", action="store_true",
                        help="recordings of whole notes: adapt the shipped model to them, all their frames, in under a minute; with "
                        "--minutes further, by descent")
    parser.add_argument("--check", action="store_true",
                        help="with --notes: say which notes are found and what is left out, and learn nothing")
    parser.add_argument("--name", required=True, help="what the model will be called")
    parser.add_argument("--latent", type=int, help="number of latents, 1..256 (default 16)")
    parser.add_argument("--synthetic", type=float, metavar="SHARE",
                        help="share of synthetic cycles mixed in (default 0.3)")
    parser.add_argument("--frame-size", type=int, metavar="N", help="each N samples of a file are one cycle")
    parser.add_argument("--with", dest="others", action="append", default=[], metavar="DATASET",
                        help="another folder or data set, learnt besides; may be repeated")
    parser.add_argument("--from", metavar="MODEL", help="the model that training begins from, or 'nothing' "
                        "(default: the shipped one of as many latents)")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int, help="length in steps")
    length.add_argument("--minutes", type=float,
                        help="length in minutes (default 2.5 for five hundred sounds, 5 for four thousand; 11 from nothing)")
    parser.add_argument("--resume", action="store_true", help="go on where the run of this name stopped")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    parser.add_argument("--seed", type=int, help="of everything random (default 0)")
    parser.add_argument("--live", action="store_true",
                        help="for a program that waits: progress as lines of JSON, and models to play while it learns")
    parser.add_argument("--out", metavar="DIR", help="where the model folder goes")
    parser.set_defaults(func=_train)


def _add_evaluate(subparsers) -> None:
    parser = subparsers.add_parser("evaluate", help="measure a model on cycles it has not seen")
    parser.add_argument("model", metavar="MODEL", help="name or folder of a model")
    parser.add_argument("data", metavar="FOLDER|DATASET")
    parser.add_argument("--frame-size", type=int, metavar="N", help="each N samples of a file are one cycle")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(func=_evaluate)


def _add_export(subparsers) -> None:
    parser = subparsers.add_parser("export", help="write a model for another program")
    parser.add_argument("model", metavar="MODEL", help="name or folder of a model")
    parser.add_argument("--nn", action="store_true", required=True, help="as a TorchScript for nn~ in Max and Pure Data: frequency and "
                        "latents in, audio out")
    parser.add_argument("-o", "--output", required=True, metavar="FILE.ts")
    parser.set_defaults(func=_export)


@contextlib.contextmanager
def _interrupted_at_once() -> Iterator[None]:
    """Ctrl-C and the like end the process there and then: nothing is written yet. Exit code 130."""
    numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, lambda *_: os._exit(130)) for number in numbers if signal.getsignal(number) != signal.SIG_IGN}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _train(args: argparse.Namespace) -> int:
    if args.minutes is not None and not args.minutes > 0:
        raise UserError("--minutes must be above 0")
    try:
        with _interrupted_at_once():  # torch answers an interrupt of its import with an abort
            from .train import run
    except ImportError as error:
        if error.name not in ("torch", "onnx", "tqdm"):
            raise
        raise UserError(f"training needs {error.name}; install it with: {install_command('train')}") from None
    return run(args)


def _export(args: argparse.Namespace) -> int:
    try:
        with _interrupted_at_once():
            from .export.nn_tilde import export_nn
    except ImportError as error:
        if error.name != "torch":
            raise
        raise UserError(f"exporting needs torch; install it with: {install_command('train')}") from None
    module = export_nn(args.model, Path(args.output))
    labels = ", ".join(label.removeprefix("(signal) ") for label in module.forward_input_labels)
    print(f"{printable(args.output)}: inlets {printable(labels)}; `set sample_rate 44100` where the patch does not run at 48000 Hz")
    return 0


def _evaluate(args: argparse.Namespace) -> int:
    from synth.samples import dataset
    from synth.samples.bar import reading_bar
    from synth.timbres.model import open_model

    from .report.evaluate import evaluate

    model = open_model(args.model)
    with reading_bar() as progress:
        data, refusals = dataset.load(Path(args.data), args.frame_size, progress)
    for refusal in refusals[:12]:
        print(f"left out {refusal.name}: {refusal.reason}", file=sys.stderr)
    scores = evaluate(model, data)
    if args.json:
        print(json.dumps(scores))
        return 0
    rows = [("model, one-shot", scores["lsd_db"], scores["erb_lsd_db"])]
    if scores["pca_lsd_db"] is not None:
        rows.append((f"PCA, {model.latent_size} numbers", scores["pca_lsd_db"], scores["pca_erb_lsd_db"]))
    print(f"{'':18}{'LSD dB':>8}{'ERB-LSD dB':>12}")
    for label, lsd_db, erb_lsd_db in rows:
        print(f"{label:18}{lsd_db:8.2f}{erb_lsd_db:12.2f}")
    print(f"{counted(scores['n'] or 0, 'cycle')}; {scores['n_left_out']} left out, seen in training")
    return 0
