"""Checkpoints: whole or not at all, loaded without running anything that is in them."""

import os
from pathlib import Path

import torch

from synth.errors import UserError

LAST, BEST = "last.pt", "best.pt"


def save(state: dict, path: Path) -> None:
    """Write beside, flush to the disk, rename: a kill at any moment leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with open(partial, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load(path: Path) -> dict:
    """State of a checkpoint: tensors and plain values only. Raises UserError where it is missing or damaged."""
    if not path.is_file():
        raise UserError(f"nothing to resume at {path}; leave out --resume to start anew")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"the checkpoint {path} is damaged ({str(error).splitlines()[0]}); start anew") from None
