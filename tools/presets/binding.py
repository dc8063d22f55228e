"""Presets bound to a model whose latents mean what they did, as one whose decoder was made lean: corners and knobs stay to the bit.

Only the model's hash and the fallback are new; and shapes, so that a shaped corner sounds as before. Where another sounds too far from
before, it may be sought anew, from its own latents on.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from synth.errors import UserError
from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.patch.waveform_residual import WaveformResidual, shape
from synth.render.momentary_loudness import loudest_db
from synth.samples.spectrum import lsd
from synth.timbres import fallback
from synth.timbres.gauss_newton import refine
from synth.timbres.model import Model, open_model
from synth.timbres.residual_source import levels_at

from .listening import LOUD, Take, bands_db, distance_db, middle, play
from .reencode import NEAR_DB, STEPS


def bind(patch: Patch, before: Model, model: Model, seek: bool = False) -> Patch:
    """The preset on `model`, where it stood on `before`. seek: corners that would sound further than NEAR_DB from before are sought anew.

    Raises UserError where it stood on another, or the two models have not the same latents.
    """
    if patch.model_sha256 != before.sha256:
        raise UserError(f"{patch.name} was not made with the model in {before.folder}")
    if before.latent_size != model.latent_size or before.harmonics != model.harmonics:
        raise UserError(f"{before.name} and {model.name} have not the same latents; use --reencode")
    corners = patch.corners | (_sought(patch, before, model) if seek else {})
    shapes = {name: _moved(found, levels_at(before, patch.corners[name], len(found.phases)),
                           levels_at(model, corners[name], len(found.phases))) for name, found in patch.shapes.items()}
    return fallback.keep(replace(patch, corners=corners, shapes=shapes), model)


def _sought(patch: Patch, before: Model, model: Model) -> dict[str, tuple[float, ...]]:
    """Corners that sound too far from before, brought nearer."""
    latents = np.array([patch.corners[name] for name in patch.corners], np.float32)
    wanted = before.decode(latents)
    found = refine(model, wanted, latents, STEPS)
    away, then = (lsd(wanted, model.decode(z)) for z in (latents, found))
    return {name: tuple(np.round(found[i].astype(float), 6).tolist()) for i, name in enumerate(patch.corners)
            if away[i] > NEAR_DB and then[i] < away[i]}


def _moved(found: WaveformResidual, was: np.ndarray, now: np.ndarray) -> WaveformResidual:
    """A corner's shape on a model that draws levels `now` there [n] where they were `was`: what is heard stays."""
    return shape(found.phases, found.residual_db + was - now, found.start_cycles)


def bind_all(before: Path, model: Model, folder: Path, seek: Sequence[str] = ()) -> None:
    """Every preset of a folder that stands on the model in the folder `before`, those named in `seek` sought anew.

    How far each sounds from before is told in a line.
    """
    old = open_model(str(before))
    for file in sorted(folder.glob("*.json")):
        patch = preset_file.load(file)
        if patch.model == model.name and patch.model_sha256 != model.sha256:
            found = bind(patch, old, model, patch.name in seek)
            preset_file.save(found, file)
            print(f"{patch.name:16} {_compare(replace(patch, model=str(before)), old, found, model)}", flush=True)


def _compare(was: Patch, before: Model, now: Patch, model: Model) -> str:
    """How far a preset sounds from before: the sound of a note, and its way from corner to corner."""
    held: Take = ("held",), middle(now.category), LOUD, 1.0
    a, b = (play(patch, [held])[0] for patch in (was, now))
    ways = [fallback.cycles_of(fallback.levels_along(patch, m)) for patch, m in ((was, before), (now, model))]
    away = lsd(*ways)
    return (f"a note {distance_db(bands_db(a), bands_db(b)):.2f} dB ERB-LSD, {loudest_db(b) - loudest_db(a):+.2f} LU; position 0 to 1, "
            f"9 points, LSD {away.mean():.2f}, at most {away.max():.2f} dB")
