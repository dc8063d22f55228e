"""A path through a model's latents that a preset's position goes along, and the wavetable file that a preset plays: their JSON."""

import base64
import binascii
import os
from dataclasses import dataclass

import numpy as np

from ..errors import UserError
from ..params.knobs import FARTHEST
from ..text import as_whole

MOST_ROWS = 64
LARGEST_FRAME = 1 << 16
LatentPath = tuple[tuple[float, ...], ...]
_TYPE = np.dtype("<f2")  # 0.001 of a latent's spread


@dataclass(frozen=True, slots=True)
class TableRef:
    """The wavetable that a preset plays: a file's name in the folder `wavetables`, its hash, the frame size if one was given (else 0)."""

    name: str
    sha256: str = ""
    frame_size: int = 0


def to_block(path: LatentPath) -> dict:
    """Rows of latents as a preset holds them."""
    rows = as_kept(path)
    return {"rows": len(rows), "latents": len(rows[0]), "data": base64.b64encode(np.array(rows, _TYPE).tobytes()).decode()}


def as_kept(path: LatentPath | np.ndarray) -> LatentPath:
    """The path as its file gives it back: what is heard now is what is heard then."""
    return tuple(tuple(row) for row in np.asarray(path, _TYPE).astype(float).tolist())


def from_block(block: object, latent_size: int) -> LatentPath:
    """Rows of latents of what `to_block` made. Raises UserError where it is none."""
    if not isinstance(block, dict) or not {"rows", "latents", "data"} <= block.keys():
        raise UserError("latent_path must hold rows, latents and data")
    n_rows, size = as_whole(block["rows"]), as_whole(block["latents"])
    if type(n_rows) is not int or not 2 <= n_rows <= MOST_ROWS or type(size) is not int or size != latent_size:
        raise UserError(f"latent_path must hold 2 to {MOST_ROWS} rows of {latent_size} latents")
    try:
        raw = base64.b64decode(block["data"], validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise UserError("the latent_path's data is not base64") from None
    if len(raw) != n_rows * size * _TYPE.itemsize:
        raise UserError(f"the latent_path's data holds {len(raw)} bytes, {n_rows} rows of {size} are {n_rows * size * _TYPE.itemsize}")
    rows = np.frombuffer(raw, _TYPE).reshape(n_rows, size)
    if not np.isfinite(rows).all() or np.abs(rows.astype(float)).max(initial=0) > FARTHEST:
        raise UserError("the latent_path's data holds what is no number")
    return as_kept(rows)


def table_to_json(table: TableRef) -> dict:
    """The reference as a preset holds it."""
    return {"name": table.name, "sha256": table.sha256, "frame_size": table.frame_size}


def table_from_json(data: object) -> TableRef | None:
    """The reference of a preset; None where it has none. Raises UserError."""
    if data is None:
        return None
    if not isinstance(data, dict) or not isinstance(name := data.get("name"), str) or not name:
        raise UserError("wavetable must hold the name of a file")
    sha256, frame_size = data.get("sha256") or "", as_whole(data.get("frame_size") or 0)
    if os.path.basename(name) != name or "\\" in name or name.startswith(".") or "\0" in name:
        raise UserError("wavetable must name a file in the folder of wavetables, without a path")
    if not isinstance(sha256, str) or type(frame_size) is not int or not 0 <= frame_size <= LARGEST_FRAME:
        raise UserError(f"a wavetable's hash is a text and its frame_size a whole number up to {LARGEST_FRAME}")
    return TableRef(name, sha256, frame_size)
