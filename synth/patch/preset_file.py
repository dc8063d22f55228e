"""Patch <-> JSON: a preset is one file, format 1, that holds what its sound needs even without its model."""

import json
import os
import tempfile
from pathlib import Path

import numpy as np

from .. import __version__
from ..errors import UserError
from ..params.knobs import CORNERS, FARTHEST, MAX_LATENTS, PARAMS, TARGET_KNOBS
from ..text import as_whole, decode_text, escape_surrogates
from . import control_map, mod_slots, waveform_residual
from . import tuning as scala
from .patch import Patch
from .waveform_residual import WaveformResidual

FORMAT = 1
MAX_BYTES = 64 * 1024
FALLBACK_POINTS = 9
_FLOOR_DB = -100.0


def to_data(patch: Patch) -> dict:
    """The patch as a JSON object, choices by name, of whatever size: a log holds it whole."""
    data: dict = {
        "format": FORMAT, "name": patch.name, "author": patch.author, "category": patch.category, "tags": list(patch.tags),
        "comment": patch.comment, "code_version": __version__,
        "model": {"name": patch.model, "sha256": patch.model_sha256, "latent_size": patch.latent_size},
        "corners": {k: [_latent(x) for x in v] for k, v in patch.corners.items()},
        "params": {k: (PARAMS[k].choices[int(v)] if PARAMS[k].choices else v) for k, v in patch.params.items() if not mod_slots.is_form(k)}
        | {k: v for k, v in patch.named.items() if k not in TARGET_KNOBS},
        "mod": mod_slots.mod_rows(patch.params, patch.named), "macros": mod_slots.macro_rows(patch.params, patch.macros),
        "fallback": None if patch.fallback_db is None else _levels(patch.fallback_db),
    }
    if patch.tuning is not None:
        data["tuning"] = scala.to_json(patch.tuning)
    if patch.shapes:
        data["shapes"] = {corner: waveform_residual.to_json(shape) for corner, shape in patch.shapes.items()}
    if patch.controls:
        data["controls"] = [control_map.row_to_json(row) for row in patch.controls]
    return data


def to_json(patch: Patch) -> str:
    """The preset's text: UTF-8, keys sorted, at most 64 kB. Raises UserError when it cannot be that small."""
    data = to_data(patch)
    text = _joined(data)
    for fine_db in ((np.inf, 40.0), (0.0, 0.0)):  # whole decibels of what it falls back on are enough, between its ends first
        if len(text.encode()) > MAX_BYTES and patch.fallback_db is not None:
            data["fallback"] = _levels(patch.fallback_db, *fine_db)
            text = _joined(data)
    if len(text.encode()) > MAX_BYTES:
        raise UserError(f"preset '{patch.name}' is over 64 kB")
    return text


def _latent(value: float) -> float:
    """Six decimals where the engine (float32) plays the same, else as many as it takes: what is saved is what was heard."""
    short = round(float(value), 6)
    return short if np.float32(short) == np.float32(value) else float(str(np.float32(value)))


def _joined(data: dict) -> str:
    rows = (f"{json.dumps(key)}:{_dumped(value)}" for key, value in sorted(data.items()))
    return "{" + ",\n".join(rows) + "}\n"


def _dumped(value) -> str:
    return escape_surrogates(json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def _levels(rows: np.ndarray, ends_db: float = np.inf, others_db: float = np.inf) -> dict:
    """Tenths of a decibel so far under each row's strongest harmonic, whole ones below; the ends are what corners are encoded from."""
    return {"amplitudes_db": [_trimmed(row, ends_db if i in (0, len(rows) - 1) else others_db) for i, row in enumerate(rows)]}


def _trimmed(row, fine_db: float) -> list:
    row = np.asarray(row, float)
    row = np.maximum(np.where(row > row.max() - fine_db, np.round(row, 1), np.round(row)), _FLOOR_DB)
    above = np.flatnonzero(row > _FLOOR_DB)
    row = row[:above[-1] + 1] if len(above) else row[:0]
    return [int(level) if level.is_integer() else level for level in row.tolist()]


def from_json(text: str, source: str = "preset") -> Patch:
    """Patch from a preset's text. Raises UserError with one sentence that names `source`."""
    if len(text) > MAX_BYTES:
        raise UserError(f"{source}: too large for a preset (over 64 kB)")
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{source}: not a preset, the JSON is damaged ({error})") from None
    return from_data(data, source)


def from_data(data: object, source: str = "preset") -> Patch:
    """Patch from a JSON object, as a preset or a log holds it. Raises UserError with one sentence that names `source`."""
    if not isinstance(data, dict) or "format" not in data:
        raise UserError(f"{source}: not a latentwave preset (no format number)")
    number = as_whole(data["format"])
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise UserError(f"{source}: not a latentwave preset (format {str(data['format'])[:40]})")
    if number > FORMAT:
        raise UserError(f"{source}: made by a newer version (format {number}, this one reads {FORMAT}); update latentwave")
    try:
        return _patch(data)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise UserError(f"{source}: not a complete preset ({type(error).__name__}: {error})") from None


def _patch(data: dict) -> Patch:
    model = data.get("model") or {}
    size = int(model.get("latent_size") or 0)
    if not 0 <= size <= MAX_LATENTS:
        raise UserError(f"latent_size {size} is outside 0 to {MAX_LATENTS}")
    corners = {}
    for name, values in (data.get("corners") or {}).items():
        if values is None:
            continue
        corner = tuple(min(max(float(x), -FARTHEST), FARTHEST) for x in values)
        if name not in CORNERS or len(corner) != size or not np.isfinite(corner).all():
            raise UserError(f"corner {name} must be {size} finite numbers, corners are named A to D")
        corners[name] = corner
    params: dict[str, float] = {}
    named: dict[str, float | str] = {}
    for name, value in (data.get("params") or {}).items():
        mod_slots.put(params, named, name, value)
    mod_slots.take_mod(data.get("mod"), params, named)
    macros = mod_slots.take_macros(data.get("macros"), params)
    if size:
        mod_slots.check_references(params, size, model=f"the preset's model '{model.get('name', '')}'")
    return Patch(
        name="Untitled" if data["name"] is None else str(data["name"]), author=_text(data, "author"),
        category=_text(data, "category"), tags=_tags(data.get("tags")), comment=_text(data, "comment"),
        model=_text(model, "name"), model_sha256=_text(model, "sha256"), latent_size=size, corners=corners,
        params=params, macros=macros, named=named, shapes=_shapes(data.get("shapes") or {}),
        fallback_db=_fallback(data.get("fallback")), tuning=scala.from_json(data.get("tuning")),
        controls=control_map.rows_of(data.get("controls") or []))


def _text(data: dict, key: str) -> str:
    """A text; null, or none at all, is an empty one."""
    value = data.get(key)
    return "" if value is None else str(value)


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(filter(None, (word.strip() for word in value.split(","))))
    if value is not None and not isinstance(value, list):
        raise UserError("tags must be a list of words")
    return tuple(str(tag) for tag in value or () if tag is not None)


def _shapes(data: dict) -> dict[str, WaveformResidual]:
    if not set(data) <= set(CORNERS):
        raise UserError("shapes belong to corners, which are named A to D")
    return {corner: waveform_residual.from_json(shape, corner) for corner, shape in data.items()}


def _fallback(data) -> np.ndarray | None:
    if not data:
        return None
    rows = [np.array(r, float) for r in data["amplitudes_db"]]
    if len(rows) != FALLBACK_POINTS or any(r.ndim != 1 or len(r) > 1023 or not (abs(r) <= 1000).all() for r in rows):
        raise UserError(f"fallback must hold {FALLBACK_POINTS} rows of at most 1023 levels")
    full = np.full((FALLBACK_POINTS, max(1, *(len(r) for r in rows))), _FLOOR_DB, np.float32)
    for row, levels in zip(full, rows, strict=True):
        row[:len(levels)] = levels
    return full


def load(path: str | os.PathLike) -> Patch:
    """Patch from a preset file. Raises UserError with one sentence."""
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path}: too large for a preset (over 64 kB)")
        text = decode_text(path.read_bytes())
    except UnicodeDecodeError:
        raise UserError(f"{path}: not a preset, the text is not UTF-8") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    return from_json(text, str(path))


def save(patch: Patch, path: str | os.PathLike) -> None:
    """Write a preset whole or not at all. Raises UserError."""
    write_text(path, to_json(patch))


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a small text file whole or not at all. Raises UserError."""
    path = Path(path)
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                file.close()
                os.chmod(file.name, 0o644)  # a temporary file is its owner's alone
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from None
