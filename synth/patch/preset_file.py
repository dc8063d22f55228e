"""Patch <-> JSON: a preset is one file, format 2, that holds what its sound needs even without its model; format 1 is read too.

What is read is what stands there, value for value, or it is refused: docs/preset-format.md.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from .. import __version__
from ..errors import UserError
from ..params.knobs import CORNERS, FARTHEST, MAX_LATENTS, PARAMS, TARGET_KNOBS
from ..paths import write_whole
from ..text import as_whole, decode_text, escape_surrogates, printable
from . import (
    control_map,
    hosted_effect,
    instrument_ref,
    latent_path,
    lfo_shape,
    mod_slots,
    morph,
    unknown_keys,
    waveform_residual,
)
from . import tuning as scala
from .patch import Patch, aim_rows, plugin_targets
from .preset_fallback import FALLBACK_POINTS as FALLBACK_POINTS
from .preset_fallback import from_block, to_block
from .preset_migrations import FORMAT, migrate
from .waveform_residual import WaveformResidual

MAX_BYTES = 64 * 1024  # of a preset but for its plug-ins' own states; one that morphs holds others, each of which may be as long
_LONGEST_ERROR = 400  # letters
MOST_BYTES = MAX_BYTES * (1 + morph.MAX_PARTS) + hosted_effect.MOST_STATES_TEXT


def to_data(patch: Patch) -> dict:
    """The patch as a JSON object, choices by name, of whatever size: a log holds it whole."""
    data: dict = {
        "format": FORMAT, "name": patch.name, "author": patch.author, "category": patch.category, "tags": list(patch.tags),
        "comment": patch.comment, "code_version": __version__,
        "model": {"name": patch.model, "sha256": patch.model_sha256, "latent_size": patch.latent_size},
        "corners": {k: [_latent(x) for x in v] for k, v in patch.corners.items()},
        "params": {k: (PARAMS[k].choices[int(v)] if PARAMS[k].choices else v) for k, v in patch.params.items() if not mod_slots.is_form(k)}
        | {k: v for k, v in patch.named.items() if k not in TARGET_KNOBS},
        "mod": mod_slots.mod_rows(patch.params, {**patch.named, **plugin_targets(patch)}),
        "macros": mod_slots.macro_rows(patch.params, patch.macros),
        "fallback": None if patch.fallback_db is None else to_block(patch.fallback_db),
    }
    if patch.tuning is not None:
        data["tuning"] = scala.to_json(patch.tuning)
    if patch.shapes:
        data["shapes"] = {corner: waveform_residual.to_json(shape) for corner, shape in patch.shapes.items()}
    if patch.lfo_shapes:
        data["lfo_shapes"] = lfo_shape.to_json(patch.lfo_shapes)
    if patch.controls:
        data["controls"] = [control_map.row_to_json(row) for row in patch.controls]
    if patch.latent_path:
        data["latent_path"] = latent_path.to_block(patch.latent_path)
    if patch.table is not None:
        data["wavetable"] = latent_path.table_to_json(patch.table)
    if patch.instrument is not None:
        data["instrument"] = instrument_ref.to_json(patch.instrument)
    if patch.effects:
        data["effects"] = [hosted_effect.to_json(replace(row, moved={})) for row in patch.effects]  # `mod` has what moves them
    if patch.morph is not None:
        data["morph"] = morph.to_dict(patch.morph, to_data)
    return unknown_keys.put(data, patch.unknown)


def to_json(patch: Patch) -> str:
    """The preset's text: UTF-8, keys sorted, at most 64 kB for itself and each part of its morph, and 1 MB for its plug-ins' own states.

    Raises UserError for a longer one.
    """
    data = to_data(patch)
    text = _joined(data)
    _check_length(len(text.encode()), data, f"preset '{patch.name}' is")
    return text


def _check_length(n_bytes: int, data: dict, what: str) -> None:
    """Raises UserError, which begins with `what`, for a preset that is too long."""
    parts = list((data.get("morph") or {}).get("parts", {}).values())
    states = sum(hosted_effect.states_length(part.get("effects")) for part in (data, *parts))
    if states > hosted_effect.MOST_STATES_TEXT:
        raise UserError(f"{what} too large: its plug-ins keep {states / 1e6:.1f} MB of their own, and 1 MB is the most")
    limit = MAX_BYTES * (1 + len(parts))
    if n_bytes - states > limit:
        raise UserError(f"{what} too large for a preset (over {limit // 1024} kB)")


def _latent(value: float) -> float:
    """Six decimals where the engine (float32) plays the same, else as many as it takes: what is saved is what was heard."""
    short = round(float(value), 6)
    return short if np.float32(short) == np.float32(value) else float(str(np.float32(value)))


def _joined(data: dict) -> str:
    rows = (f"{json.dumps(key)}:{_dumped(value)}" for key, value in sorted(data.items()))
    return "{" + ",\n".join(rows) + "}\n"


def _dumped(value) -> str:
    return escape_surrogates(json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def from_json(text: str, source: str = "preset") -> Patch:
    """Patch from a preset's text. Raises UserError with one sentence that names `source`."""
    if len(text) > MOST_BYTES:
        raise UserError(f"{source}: too large for a preset (over {MOST_BYTES >> 10} kB)")
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{source}: not a preset, the JSON is damaged ({error})") from None
    patch = from_data(data, source)
    _check_length(len(text), data, f"{source}:")
    return patch


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
        return _patch(migrate(data, number))
    except UserError as error:
        raise UserError(f"{source}: {_one_line(error)}") from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise UserError(f"{source}: not a complete preset ({type(error).__name__}: {_one_line(error)})") from None


def _one_line(error: Exception) -> str:
    """What is wrong, with words of the file in it, however long they are and whatever is in them."""
    words = printable(error)
    return words if len(words) <= _LONGEST_ERROR else f"{words[:_LONGEST_ERROR]}..."


def _patch(data: dict) -> Patch:
    model = _object(data, "model")
    size = as_whole(0 if model.get("latent_size") is None else model["latent_size"])
    if type(size) is not int or not 0 <= size <= MAX_LATENTS:
        raise UserError(f"latent_size {str(size)[:40]} is no whole number from 0 to {MAX_LATENTS}")
    params: dict[str, float] = {}
    named: dict[str, float | str] = {}
    for name, value in _object(data, "params").items():
        mod_slots.put(params, named, name, value)
    mod_slots.take_mod(data.get("mod"), params, named)
    macros = mod_slots.take_macros(data.get("macros"), params)
    if size:
        mod_slots.check_references(params, size, model=f"the preset's model '{model.get('name', '')}'")
    return aim_rows(Patch(
        name="Untitled" if data["name"] is None else _text(data, "name"), author=_text(data, "author"),
        category=_text(data, "category"), tags=_tags(data.get("tags")), comment=_text(data, "comment"),
        model=_text(model, "name"), model_sha256=_text(model, "sha256"), latent_size=size, corners=_corners(_object(data, "corners"), size),
        params=params, macros=macros, named=named, shapes=_shapes(_object(data, "shapes")),
        lfo_shapes=lfo_shape.from_json(data.get("lfo_shapes")),
        fallback_db=from_block(data["fallback"]) if data.get("fallback") else None, tuning=scala.from_json(data.get("tuning")),
        controls=control_map.rows_of([] if data.get("controls") is None else data["controls"]), unknown=unknown_keys.take(data),
        latent_path=latent_path.from_block(data["latent_path"], size) if data.get("latent_path") is not None else (),
        table=latent_path.table_from_json(data.get("wavetable")), instrument=instrument_ref.from_json(data.get("instrument")),
        effects=hosted_effect.rows_of(data.get("effects")),
        morph=morph.from_dict(data["morph"], from_data) if data.get("morph") is not None else None))


def _object(data: dict, key: str) -> dict:
    """An object; null, or none at all, is an empty one."""
    value = {} if data.get(key) is None else data[key]
    if not isinstance(value, dict):
        raise UserError(f"{key} must be an object, not {str(value)[:40]}")
    return value


def _text(data: dict, key: str) -> str:
    """A text; null, or none at all, is an empty one."""
    value = data.get(key)
    if not isinstance(value, str | None):
        raise UserError(f"{key} must be a text, not {str(value)[:40]}")
    return value or ""


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(filter(None, (word.strip() for word in value.split(","))))
    if not isinstance(value, list | None) or not all(isinstance(tag, str | None) for tag in value or ()):
        raise UserError("tags must be a list of words")
    return tuple(tag for tag in value or () if tag is not None)


def _corners(data: dict, size: int) -> dict[str, tuple[float, ...]]:
    corners = {}
    for name, values in data.items():
        if values is None:
            continue
        numbers = isinstance(values, list) and all(isinstance(x, int | float) and not isinstance(x, bool) for x in values)
        if name not in CORNERS or not numbers or len(values) != size or not all(x == x for x in values):  # x != x: not a number
            raise UserError(f"corner {name} must be {size} finite numbers, corners are named A to D")
        corners[name] = tuple(float(min(max(x, -FARTHEST), FARTHEST)) for x in values)
    return corners


def _shapes(data: dict) -> dict[str, WaveformResidual]:
    if not set(data) <= set(CORNERS):
        raise UserError("shapes belong to corners, which are named A to D")
    return {corner: waveform_residual.from_json(shape, corner) for corner, shape in data.items()}


def from_bytes(raw: bytes, source: str = "preset") -> Patch:
    """Patch from a preset's bytes. Raises UserError with one sentence that names `source`."""
    try:
        return from_json(decode_text(raw), source)
    except UnicodeDecodeError:
        raise UserError(f"{source}: not a preset, the text is not UTF-8") from None


def load(path: str | os.PathLike) -> Patch:
    """Patch from a preset file. Raises UserError with one sentence."""
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path}: too large for a preset (over {MOST_BYTES >> 10} kB)")
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    return from_bytes(raw, str(path))


def save(patch: Patch, path: str | os.PathLike) -> None:
    """Write a preset whole or not at all. Raises UserError."""
    write_text(path, to_json(patch))


def write_text(path: str | os.PathLike, text: str) -> None:
    """Write a small text file whole or not at all. Raises UserError."""
    write_whole(Path(path), text.encode())
