"""A model's manifest.json: read, checked, and refused in one sentence where it is not what the contract says."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from ..text import as_whole, decode_text

FORMAT = 1
CYCLE_SIZE = 2048
MOST_LATENTS = 256
MOST_HARMONICS = CYCLE_SIZE // 2 - 1
SHORTEST_CYCLE, LONGEST_CYCLE = 64, 8192  # samples that a stranger's decoder may give; ours give CYCLE_SIZE
OUTPUTS = ("waveform", "amplitudes")
BIGGEST_BYTES = 16 << 20


@dataclass(frozen=True)
class Manifest:
    """What the contract's manifest says, as arrays: low, high, mean, std float32[z]; phases float64[harmonics].

    replaces: hashes of the decoders whose place it took, whose latents mean the same on it.
    """

    name: str
    output: str
    latent_size: int
    cycle_size: int
    harmonics: int
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    phases: np.ndarray
    sha256: dict[str, str]
    replaces: frozenset[str]
    raw: dict[str, Any]


def read_manifest(folder: Path) -> Manifest:
    """Manifest of a model folder. Raises UserError: missing, damaged, of a newer format, or not as promised."""
    path = folder / "manifest.json"
    try:
        if path.stat().st_size > BIGGEST_BYTES:
            raise UserError(f"{path} is too large to be a manifest; export the model again")
        raw = json.loads(decode_text(path.read_bytes()))
    except FileNotFoundError:
        raise UserError(f"{folder} holds no manifest.json, so it is no model") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise UserError(f"{path} is damaged (not JSON); export the model again or copy it anew") from None
    if not isinstance(raw, dict):
        raise UserError(f"{path} is damaged (not a JSON object); export the model again or copy it anew")
    return _parsed(raw, path)


def _parsed(raw: dict[str, Any], path: Path) -> Manifest:
    _check_format(raw, path)
    size = _whole(raw, "latent_size", 1, MOST_LATENTS, path)
    harmonics = _whole(raw, "harmonics", 1, MOST_HARMONICS, path)
    cycle_size = _whole(raw, "cycle_size", SHORTEST_CYCLE, LONGEST_CYCLE, path)
    output = raw.get("output") or "waveform"
    if output not in OUTPUTS:
        raise UserError(f"{path}: 'output' is {output!r}, not one of {', '.join(OUTPUTS)}")
    if output == "waveform" and harmonics > (cycle_size - 1) // 2:
        raise UserError(f"{path}: a 'cycle_size' of {cycle_size} holds {(cycle_size - 1) // 2} harmonics, not {harmonics}")
    latents = raw.get("latents")
    if not isinstance(latents, list) or len(latents) != size or not all(isinstance(x, dict) for x in latents):
        raise UserError(f"{path}: 'latents' must list {size} latents with name, low, high, mean and std")
    columns = [_numbers([x.get(key) for x in latents], size, f"latents' {key}", path) for key in _COLUMNS]
    low, high, mean, std = (column.astype(np.float32) for column in columns)
    if not (low < high).all() or not (std > 0).all():
        raise UserError(f"{path}: every latent needs low under high and std above 0")
    phases = _numbers(raw.get("phases"), harmonics, "phases", path)
    sums = raw.get("sha256")
    if not isinstance(sums, dict) or not isinstance(sums.get("decoder.onnx"), str):
        raise UserError(f"{path}: 'sha256' must hold the hash of decoder.onnx")
    if not all(isinstance(value, str) and Path(key).name == key for key, value in sums.items()):
        raise UserError(f"{path}: 'sha256' must hold hashes of files in the same folder")
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip():
        raise UserError(f"{path}: 'name' must be a text")
    replaces = raw.get("replaces") or []
    if not isinstance(replaces, list) or not all(isinstance(x, str) for x in replaces):
        raise UserError(f"{path}: 'replaces' must list hashes of decoders")
    return Manifest(name, output, size, cycle_size, harmonics, low, high, mean, std, phases, sums, frozenset(replaces), raw)


_COLUMNS = ("low", "high", "mean", "std")


def _check_format(raw: dict[str, Any], path: Path) -> None:
    number = as_whole(raw.get("format"))
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise UserError(f"{path} has no valid 'format' number, so it is no model's manifest")
    if number > FORMAT:
        raise UserError(f"{path} was made by a newer version (format {number}); update latentwave")


def _whole(raw: dict[str, Any], key: str, low: int, high: int, path: Path) -> int:
    value = as_whole(raw.get(key))
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        wanted = str(low) if low == high else f"a whole number from {low} to {high}"
        raise UserError(f"{path}: '{key}' must be {wanted}, not {value!r}")
    return value


def _numbers(values: Any, count: int, what: str, path: Path) -> np.ndarray:
    """float64[count] of a JSON list of finite numbers."""
    if not isinstance(values, list) or len(values) != count or not all(_is_finite(v) for v in values):
        raise UserError(f"{path}: {what} must be {count} finite numbers")
    return np.array(values, np.float64)


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e30 and math.isfinite(value)
