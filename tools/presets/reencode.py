"""Presets brought to a model that was trained anew: each corner is encoded again from the sound that its preset keeps.

The ends of a preset's fallback are the sound of its corners A and B. They stay as they are, whatever the model, so that a preset
does not drift from model to model; the rows between are made anew. A corner that the model draws too far from its sound gets a
shape: what is wanting of each harmonic's level.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from synth.errors import UserError
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.samples.cycles import to_cycle
from synth.samples.spectrum import LSD_FLOOR_DB, erb_lsd, log_magnitudes, lsd, magnitudes
from synth.timbres import fallback
from synth.timbres.density import Map, load_map
from synth.timbres.gauss_newton import refine
from synth.timbres.model import Model
from synth.timbres.residual_source import level_residual

from .recipes import recipes
from .textbook_spectra import cycle

NEAR_DB = 0.45  # LSD from its sound, above which a corner gets a shape: with rounding a fallback is within 0.5 of what it stands for
_SILENCE_DB = -100.0  # where a preset's levels end
STEPS = 15
_WELL = 4.0  # dB^2 of LSD and ERB-LSD
_DRAWN, _STARTS = 2000, 6  # random sounds looked at, and begun from besides


def encoded(model: Model, cycles: np.ndarray) -> np.ndarray:
    """Latents float32[n, z] of cycles, refined: from the encoder's answer and from the random sounds that lie nearest."""
    found = refine(model, cycles, np.clip(model.encode(cycles), model.low, model.high), STEPS)
    cost = _cost(model, cycles, found)
    hard = np.flatnonzero(cost >= _WELL)  # what the encoder found is kept where it will do
    sounds = load_map(model.folder, model.latent_size)
    if sounds is None or not len(hard):
        return found
    for start in _near(model, cycles[hard], sounds):
        end = refine(model, cycles[hard], start, STEPS)
        there = 1.5 * _cost(model, cycles[hard], end)
        better = there < cost[hard]
        found[hard[better]], cost[hard[better]] = end[better], there[better]
    return found


def _cost(model: Model, cycles: np.ndarray, latents: np.ndarray) -> np.ndarray:
    drawn = model.decode(latents)
    return lsd(cycles, drawn) ** 2 + erb_lsd(cycles, drawn) ** 2


def _near(model: Model, cycles: np.ndarray, found: Map) -> np.ndarray:
    """The few of many random sounds nearest to each cycle: float32[few, n, z]."""
    drawn = np.clip(found.density.sample(np.random.default_rng(0), _DRAWN), model.low, model.high)
    spectra = log_magnitudes(model.decode(drawn))
    wanted = log_magnitudes(cycles)
    order = np.argsort(((wanted[:, None] - spectra[None]) ** 2).sum(2), 1)[:, :_STARTS]
    return drawn[order].transpose(1, 0, 2)


def corner_levels(patch: Patch, model: Model) -> dict[str, np.ndarray]:
    """The sound of each corner: levels in dB at unit RMS, float[n], no fewer than the model's harmonics.

    A and B are the ends of the fallback. C and D, which no fallback holds, are the recipe's of that name where it gives them by
    formula. Raises UserError where a corner has no sound.
    """
    if patch.fallback_db is None:
        raise UserError(f"{patch.name} keeps no sound to encode again")
    far = sorted({"C", "D"} & set(patch.corners))
    if far and patch.params.get("osc.position_y"):
        raise UserError(f"{patch.name}: what it keeps lies between its corners, at osc.position_y above 0")
    recipe = {r.name: r.sounds for r in recipes()}.get(patch.name, {})
    formulas = {name: sound for name, sound in recipe.items() if isinstance(sound, np.ndarray)}
    for name in far:
        if name not in formulas:
            raise UserError(f"{patch.name}: corner {name} cannot be found again without its model")
    ends = _widened(patch.fallback_db[[0, -1]], model)
    found = {"A": ends[0]} | ({"B": ends[1]} if "B" in patch.corners else {})
    for name in far:
        amplitudes = magnitudes(to_cycle(cycle(formulas[name])), max(model.harmonics, len(formulas[name])))
        found[name] = np.maximum(20 * np.log10(np.maximum(amplitudes, 1e-9)), _SILENCE_DB)
    return found


def _widened(rows: np.ndarray, model: Model) -> np.ndarray:
    """Rows [2, n] that tell of all the model's harmonics: those that an older model cut off go on as this one does."""
    n = rows.shape[1]
    if n >= model.harmonics:
        return rows
    wide = np.pad(rows, ((0, 0), (0, model.harmonics - n)), constant_values=_SILENCE_DB)
    cut = rows[:, -1] > rows.max(1) - LSD_FLOOR_DB
    if cut.any():
        amplitudes = model.amplitudes(encoded(model, fallback.cycles_of(rows)))
        on_db = 20 * np.log10(np.maximum(amplitudes / amplitudes[:, n - 1:n], 1e-9)) + rows[:, -1:]
        wide[cut, n:] = np.round(np.maximum(on_db, _SILENCE_DB), 1)[cut, n:]
    return wide


def reencode(patch: Patch, model: Model) -> tuple[Patch, dict[str, float]]:
    """(preset on another model, LSD in dB of each corner as the model alone draws it to its sound).

    Raises UserError where a corner has no sound to be encoded from.
    """
    sounds = corner_levels(patch, model)
    wanted = np.concatenate([fallback.cycles_of(levels[None]) for levels in sounds.values()])
    latents = np.round(encoded(model, wanted).astype(float), 6)
    away = dict(zip(sounds, lsd(wanted, model.decode(latents)).tolist(), strict=True))
    corners = dict(zip(sounds, latents, strict=True))
    shapes = {name: level_residual(model, sounds[name], corners[name]) for name in sounds if away[name] > NEAR_DB}
    params = {name: value for name, value in patch.params.items() if not name.startswith("latent.")}
    moved = replace(patch, corners={name: tuple(z.tolist()) for name, z in corners.items()}, shapes=shapes, params=params,
                    latent_size=model.latent_size)
    found = fallback.keep(moved, model)
    assert found.fallback_db is not None
    width = max(len(levels) for levels in (sounds["A"], sounds.get("B", sounds["A"]), found.fallback_db[0]))
    rows = np.pad(found.fallback_db, ((0, 0), (0, width - found.fallback_db.shape[1])), constant_values=_SILENCE_DB)
    for row, name in ((0, "A"), (-1, "B")):
        if name in sounds:
            rows[row, :len(sounds[name])] = sounds[name]
    return replace(found, fallback_db=rows[:, :fallback.KEPT_HARMONICS]), away


def reencode_all(model: Model, folder: Path) -> None:
    """Every preset of a folder that was made with another model of that name, told a line each."""
    for file in sorted(folder.glob("*.json")):
        patch = preset_file.load(file)
        if patch.model != model.name:
            print(f"{patch.name:16} stands on {patch.model}: left as it is")
        elif patch.model_sha256 == model.sha256 and patch.latent_size == model.latent_size:
            print(f"{patch.name:16} up to date")
        else:
            found, away = reencode(patch, model)
            preset_file.save(found, file)
            assert patch.fallback_db is not None and found.fallback_db is not None
            way = lsd(fallback.cycles_of(patch.fallback_db), fallback.cycles_of(found.fallback_db))
            print(f"{patch.name:16} LSD of the model alone to the sound kept: " + ", ".join(
                f"{name} {db:.2f}{' (shaped)' if name in found.shapes else ''}" for name, db in sorted(away.items()))
                + f" dB; between the corners, 7 points, old to new: {way[1:-1].mean():.2f} dB")
