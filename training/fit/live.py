"""What a program that waits sees of a run, and hears: progress as JSON lines, reconstructions of held-out sounds, playable models."""

import copy
import json
import shutil
import time
from pathlib import Path

import numpy as np
import torch

from synth.errors import UserError
from synth.paths import whole_file
from synth.samples.baseline import pca_distances
from synth.samples.groups import describe
from synth.samples.spectrum import LSD_HARMONICS

from ..config import Config
from ..data.datasets import TrainingData
from ..data.features import FLOOR_DB, cycles_of, normalised
from ..export import model_folder
from ..export.graphs import Axes
from .loop import Run

MARK = "progress "  # begins each line
PICTURES = "reconstructions.npz"  # drawn_db, target_db float32[n, 127]
_TELL_S, _MODEL_S, _KEPT, _SHOWN = 0.5, 20.0, 2, 8


class Live:
    """Called after each step, as `Progress` is. folder: made anew; the newest models stand in it as `step-000100`."""

    def __init__(self, config: Config, training_data: TrainingData, folder: Path, stopped) -> None:
        self._config, self._data, self._folder, self._stopped = config, training_data, folder, stopped
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._axes: Axes | None = None
        self._told_at = self._exported_at = -1e9
        self._scored, self._model = 0, ""
        self._pca_db = float(pca_distances(model_folder.make_baseline(training_data, config.latent_size),
                                           describe(cycles_of(training_data.parts["val"])))[0].mean())

    def __call__(self, run: Run, loss_db: float) -> None:
        """Tell how far it is; after a score, draw and export."""
        now = time.monotonic()
        if len(run.history) != self._scored:
            self._scored = len(run.history)
            self._draw(run)
            if now - self._exported_at > _MODEL_S and not self._stopped():
                self._export(run)
                self._exported_at = time.monotonic()
        elif now - self._told_at < _TELL_S and run.progress < 1.0:
            return
        self._told_at = now
        minutes = self._config.minutes
        left_s = 60 * minutes - run.elapsed_s if minutes else run.elapsed_s * (1 / max(run.progress, 1e-3) - 1)
        self.tell("learning", part=run.progress, step=run.step, left_s=max(left_s, 0.0), loss_db=loss_db, pca_lsd_db=self._pca_db,
                  history=run.history[-200:], model=self._model)

    def tell(self, stage: str, **facts) -> None:
        """One line."""
        print(MARK + json.dumps({"stage": stage, **facts}), flush=True)

    @torch.no_grad()
    def _draw(self, run: Run) -> None:
        """Some held-out sounds and how they are drawn now."""
        pool = self._data.parts["val"].take(np.arange(min(_SHOWN, len(self._data.parts["val"]))))
        features = torch.from_numpy(normalised(pool.levels_db, pool.known)).to(run.device)
        drawn = run.average.decode(run.average.encode(features)).cpu().numpy()
        with whole_file(self._folder / PICTURES) as file:
            np.savez(file, drawn_db=_seen(drawn), target_db=_seen(pool.levels_db))

    def _export(self, run: Run) -> None:
        """A model that plays as the run now stands; a sound made with an earlier one means the same with this."""
        target = self._folder / f"step-{run.step:06d}"
        try:
            self._axes = model_folder.export_as_it_learns(copy.deepcopy(run.average), self._config, self._data, target, self._axes)
        except UserError as error:  # the run is worth more than its preview
            self.tell("told", sentence=f"this step cannot be played: {error}")
            return
        self._model = str(target)
        for old in sorted(self._folder.glob("step-*"))[:-_KEPT]:
            shutil.rmtree(old, ignore_errors=True)


def _seen(levels_db: np.ndarray) -> np.ndarray:
    """The first harmonics, with the loudest at 0 dB."""
    levels = levels_db[:, :LSD_HARMONICS]
    return np.maximum(levels - levels.max(1, keepdims=True), FLOOR_DB).astype(np.float32)
