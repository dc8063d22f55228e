"""Checkpoints: whole or not at all, loaded without running anything that is in them."""

import io
import os
from pathlib import Path

import torch

from synth.errors import UserError

LAST, BEST = "last.pt", "best.pt"


def save(state: dict, path: Path) -> None:
    """Write beside, flush to the disk, rename: a kill at any moment leaves the old file or the new one.

    Raises UserError where the disk is full or the folder cannot be written.
    """
    partial = path.with_suffix(".part")
    buffer = io.BytesIO()  # torch reports a full disk as an error of its own kind; a plain write does not
    torch.save(state, buffer)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "wb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UserError(f"cannot write {path} ({error.strerror or error}); the one before it is whole") from None


def load(path: Path) -> dict:
    """State of a checkpoint: tensors and plain values only. Raises UserError where it is missing or damaged."""
    if not path.is_file():
        raise UserError(f"nothing to resume at {path}; leave out --resume to start anew")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"the checkpoint {path} is damaged ({str(error).splitlines()[0]}); start anew") from None
