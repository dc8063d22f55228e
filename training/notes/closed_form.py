"""The closed form: the decoder's last layer by ridge regression, the frames' latents by Gauss-Newton steps, in turn.

The ridge is not towards nothing but towards what the base says: of the sounds it knows (its density) and of textbook ones. Each turn
holds it less, until notes that were not learnt from or other instruments become worse: what is answered is the last before, or the base
itself. What notes not learnt from become is heard in turn: what three quarters of the notes teach, on the fourth.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth.timbres.density import Density

from ..data.synthetic import synthetic_pool
from .last_layer import LastLayer
from .sets import Frames, Sets

HOLDS = (1.0, 0.5, 0.3, 0.2, 0.14, 0.1)  # weight of what should stay as it is, beside that of the notes
MOST_WORSE_DB = 0.08  # of LSD or ERB-LSD, that sounds kept aside may become
ENOUGH = 0.28  # nearer than the base: more is bought of others
_DRAWN, _DRAWN_SHARE = 4000, 0.5  # latents of the base's density
_MADE, _MADE_SHARE = 4000, 1.0  # textbook cycles: a wider field than any collection
_HEARD_FRAMES = 12  # of a note that was not learnt from
_LOW, _LOW_HOLD = 16, 4.0  # harmonics that the ear tells apart weigh a third of its bands and an eighth of the LSD
_RIDGE = 1e-5


@dataclass(frozen=True)
class Stage:
    """A last layer on the way; LSD and ERB-LSD in dB of notes it was not learnt from, own and of other instruments: float64[notes, 2]."""

    layer: LastLayer
    hold: float
    notes_db: np.ndarray
    others_db: np.ndarray

    def worse_db(self, base: "Stage") -> tuple[float, float]:
        """How much worse than the base on (own notes, others'), mean of notes, the larger of both measures; below 0 where it is better."""
        return tuple(float((here - there).mean(0).max())  # type: ignore[return-value]
                     for here, there in ((self.notes_db, base.notes_db), (self.others_db, base.others_db)))


def worse_words(own_db: float, others_db: float) -> str:
    """What is told of that."""
    return (f"notes not learnt from {_changed_words(own_db)}, other instruments' {_changed_words(others_db)} "
            f"(at most {MOST_WORSE_DB} dB worse)")


def _changed_words(worse_db: float) -> str:
    if abs(worse_db) < 0.005:
        return "no worse"
    return f"{abs(worse_db):.2f} dB {'worse' if worse_db > 0 else 'nearer'}"


def kept_moments(layer: LastLayer, density: Density | None, harmonics: int, seed: int) -> np.ndarray:
    """Second moments of the features over sounds that should stay as they are: float64[features, features]."""
    kept = _MADE_SHARE * _moments(layer.features(layer.encode(synthetic_pool(_MADE, harmonics, seed))))
    if density is not None:
        kept = kept + _DRAWN_SHARE * _moments(layer.features(density.sample(np.random.default_rng(seed), _DRAWN)))
    return kept


def _moments(features: np.ndarray) -> np.ndarray:
    rows = features.astype(float)
    return rows.T @ rows / len(rows)


def solve(layer: LastLayer, base: np.ndarray, learnt: Frames, kept: np.ndarray, hold: float) -> LastLayer:
    """The last layer that draws the frames best at their latents, held to the `base` weights."""
    features = layer.features(learnt.latents).astype(float)
    weighted = features * learnt.weights[:, None]
    moments, wanted = weighted.T @ features, weighted.T @ (layer.aims(features, learnt.target_db) - features @ base)
    moved = [np.linalg.solve(moments + held * kept + _RIDGE * np.eye(len(kept)), wanted[:, part])
             for held, part in ((_LOW_HOLD * hold, slice(0, _LOW)), (hold, slice(_LOW, None)))]
    return layer.with_weights(base + np.concatenate(moved, 1))


def adapt(base: LastLayer, sets: Sets, density: Density | None, harmonics: int, seed: int,
          report: Callable[[Stage, Stage], None] = lambda stage, first: None) -> list[Stage]:
    """The base, then last layers that draw the learnt notes nearer and nearer; the last one is the choice. `report` is told each."""
    kept = kept_moments(base, density, harmonics, seed)
    learnt = sets.learnt.thinned().fitted(base).fitted(base)
    heard, others = learnt.thinned(_HEARD_FRAMES), sets.others_choose.fitted(base).fitted(base)
    own_db = learnt.distances_db(base)[0]
    stages = [Stage(base, np.inf, heard.note_distances_db(base), others.note_distances_db(base))]
    for hold in HOLDS:
        layer = solve(stages[-1].layer, base.weights, learnt, kept, hold)
        unheard_db = np.zeros_like(stages[0].notes_db)
        for fold in np.unique(sets.fold):
            without = solve(stages[-1].layer, base.weights, learnt.of_notes(sets.fold != fold), kept, hold)
            unheard_db[sets.fold == fold] = heard.of_notes(sets.fold == fold).fitted(without).note_distances_db(without)
        others = others.fitted(layer)
        stage = Stage(layer, hold, unheard_db, others.note_distances_db(layer))
        report(stage, stages[0])
        if max(stage.worse_db(stages[0])) > MOST_WORSE_DB:
            break
        stages.append(stage)
        learnt = learnt.fitted(layer)
        if learnt.distances_db(layer)[0] < (1 - ENOUGH) * own_db:
            break
    return stages
