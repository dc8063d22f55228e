"""Sixteen presets of a trained model's own sounds, in `presets/` of its folder: medoids of what it learnt, made to live.

Each is named after the file that its sound came from. A is the sound, B the farthest of the few that lie around it, so the wheel
leads from one of the user's sounds to another. What moves is what the model can do: its named directions, else the latents that
change its sound most. Each is brought to the factory's loudness, loud and soft, by listening to it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from synth.patch import mod_slots, preset_file
from synth.patch.patch import Patch, with_param
from synth.render.preset_levels import level
from synth.samples.spectrum import erb_log_magnitudes
from synth.timbres import fallback
from synth.timbres.model import Model
from synth.timbres.source import ModelSource

from .latent_map import encoded

COUNT = 16
FOLDER = "presets"  # `paths.find_preset` knows it
_MOST, _ROUNDS, _AROUND = 1500, 20, 4
_LATENT_SHARE = 0.12  # of a latent's range, where the model has no directions
Knobs = dict[str, float | str]


def medoids(points: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows of the `count` medoids, medoid of each row) of points float[n, d]: begun farthest apart, then Voronoi rounds.

    By hand because scipy is no dependency of training. Park and Jun 2009, "A simple and fast algorithm for K-medoids clustering".
    """
    away = np.sqrt(np.maximum(((points[:, None] - points[None]) ** 2).sum(2), 0))
    chosen = [int(away.sum(1).argmin())]
    while len(chosen) < min(count, len(points)):
        chosen.append(int(away[:, chosen].min(1).argmax()))
    rows = np.array(chosen)
    for _ in range(_ROUNDS):
        of = away[:, rows].argmin(1)
        moved = rows.copy()
        for i in range(len(rows)):
            mine = np.flatnonzero(of == i)
            if len(mine):
                moved[i] = mine[away[np.ix_(mine, mine)].sum(1).argmin()]
        if (moved == rows).all():
            break
        rows = moved
    return rows, away[:, rows].argmin(1)


def _names(names: Sequence[str]) -> list[str]:
    """File stems of `file:index`, each once: the second of a file is 'stem 2'."""
    found: list[str] = []
    for name in names:
        stem = Path(name.rpartition(":")[0] or name).stem[:48].strip(". ") or "Sound"
        n = 1 + sum(other == stem or other.rpartition(" ")[0] == stem for other in found)
        found.append(stem if n == 1 else f"{stem} {n}")
    return found


def _roles(brightness: np.ndarray) -> list[str]:
    """What each sound plays: the darkest are basses, the brightest plucks and leads, between them keys and pads in turn."""
    order = np.argsort(np.argsort(brightness)) / max(len(brightness) - 1, 1)
    between = ("pad", "keys", "texture", "lead")
    return ["bass" if at < 0.15 else "pluck" if at > 0.88 else between[i % 4] for i, at in enumerate(order)]


def _knobs(role: str) -> Knobs:
    slow: Knobs = {"amp.attack_s": 0.5, "amp.release_s": 1.4, "unison.voices": 3, "unison.detune_cents": 9, "osc.phase_random": 1.0,
                   "chorus.mix": 0.25, "reverb.mix": 0.25, "reverb.decay_s": 2.6, "lfo1.rate_hz": 0.4}
    roles: dict[str, Knobs] = {
        "pad": slow,
        "texture": slow | {"amp.attack_s": 0.9, "reverb.mix": 0.4, "lfo2.rate_hz": 0.6},
        "keys": {"amp.decay_s": 2.8, "amp.sustain": 0.0, "amp.release_s": 0.25, "lfo1.rate_hz": 1.2, "reverb.mix": 0.14},
        "pluck": {"amp.decay_s": 1.1, "amp.sustain": 0.0, "amp.release_s": 0.4, "delay.mix": 0.2, "delay.sync": "1/8.",
                  "delay.ping_pong": "on", "lfo1.rate_hz": 1.2},
        "lead": {"amp.attack_s": 0.01, "amp.release_s": 0.15, "delay.mix": 0.14, "delay.sync": "1/8.", "lfo1.rate_hz": 0.8},
        "bass": {"amp.attack_s": 0.004, "amp.decay_s": 0.8, "amp.sustain": 0.75, "amp.release_s": 0.1, "filter.type": "low24",
                 "filter.cutoff_hz": 1400, "filter.velocity_semitones": 18, "filter.keytrack": 0.5, "lfo1.rate_hz": 0.6}}
    found: Knobs = {"lfo1.shape": "drift", "lfo2.shape": "drift", "lfo3.rate_hz": 5.3, "lfo3.fade_s": 0.6}
    return found | roles[role]


def _movers(model: Model, latents: np.ndarray) -> list[tuple[str, float]]:
    """Three targets and the amounts that move them a good way: directions by name, else the latents that matter most."""
    names = ModelSource(model).direction_names
    if names:
        return [(f"direction.{name}", 0.2) for name in (*names, *names, *names)[:3]]
    middle = np.median(latents, 0)[None]
    ends = [np.repeat(middle, model.latent_size, 0) for _ in range(2)]
    for sign, end in zip((-1, 1), ends, strict=True):
        end[np.arange(model.latent_size), np.arange(model.latent_size)] += sign * latents.std(0)
    low, high = (erb_log_magnitudes(model.decode(end.astype(np.float32))) for end in ends)
    order = np.argsort(-((high - low) ** 2).mean(1))
    return [(f"latent.{int(order[i % len(order)]) + 1}", _LATENT_SHARE) for i in range(3)]


def _slots(movers: list[tuple[str, float]], role: str) -> list[dict]:
    (first, a), (second, b), (third, c) = movers
    rows = [("velocity", first, 0.6 * a), ("pressure", "osc.position", 0.4), ("breath", first, a), ("slide", second, 1.4 * b),
            ("random", third, 0.3 * c), ("lfo1", "osc.position", 0.3 if role in ("pad", "texture") else 0.12), ("lfo1", second, 0.6 * b),
            ("lfo2", "master.pan", 0.25 if role == "texture" else 0.0), ("lfo3", "osc.fine_cents", 0.04 if role == "lead" else 0.0),
            ("macro1", "osc.position", 0.5), ("macro2", first, 1.4 * a), ("macro3", third, 1.4 * c), ("macro4", "reverb.mix", 0.4)]
    return [{"source": source, "target": target, "amount": amount} for source, target, amount in rows if amount]


def _title(target: str) -> str:
    kind, _, name = target.partition(".")
    return name.capitalize() if kind == "direction" else f"Latent {name}"


def make_presets(model: Model, cycles: np.ndarray, names: Sequence[str], count: int = COUNT) -> list[Patch]:
    """Presets of a model's own sounds: cycles float32[n, 2048] that it learnt, their names `file:index`."""
    few = np.linspace(0, len(cycles) - 1, min(len(cycles), _MOST)).astype(int)
    latents = np.clip(encoded(model, cycles[few]), model.low, model.high)
    spectra = erb_log_magnitudes(model.decode(latents))
    rows, _ = medoids(spectra, count)
    movers = _movers(model, latents)
    found, source = [], ModelSource(model)
    brightness = spectra[rows] @ np.linspace(-1, 1, spectra.shape[1])
    for row, name, role in zip(rows, _names([names[few[row]] for row in rows]), _roles(brightness), strict=True):
        around = rows[np.argsort(((spectra[rows] - spectra[row]) ** 2).sum(1))[1:1 + _AROUND]]
        far = around[-1] if len(around) else row
        params: dict[str, float] = {}
        named: dict[str, float | str] = {}
        mod_slots.take_mod(_slots(movers, role), params, named)
        patch = Patch(
            name=name, author="", category=role, tags=("trained", model.name), model=model.name, model_sha256=model.sha256,
            latent_size=model.latent_size, corners={c: tuple(round(float(x), 6) for x in latents[i]) for c, i in (("A", row), ("B", far))},
            comment=f"A sound of your own, {names[few[row]]}; the wheel leads to {names[few[far]]}.", params=params, named=named,
            macros=("The other", _title(movers[0][0]), _title(movers[2][0]), "Space"))
        for knob, value in _knobs(role).items():
            patch = with_param(patch, knob, value)
        found.append(fallback.keep(level(patch, rounds=1, source=source), model))
    return found


def write_presets(model: Model, cycles: np.ndarray, names: Sequence[str]) -> list[Path]:
    """Write the model's presets into its folder, in place of those of an earlier training. Answers their files, in order."""
    folder = model.folder / FOLDER
    patches = make_presets(model, cycles, names)
    folder.mkdir(exist_ok=True)
    files = [folder / f"{patch.name}.json" for patch in patches]
    for patch, file in zip(patches, files, strict=True):
        preset_file.save(patch, file)
    for old in set(folder.glob("*.json")) - set(files):
        old.unlink()
    return files
