"""The end of a run that began from a model: how much of what it has learnt anew is kept."""

import torch

from .loop import Run

SHARES = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8)  # of the way from the weights a run began with to those it has learnt


def interpolate_weights(run: Run) -> float:
    """Put the average on the way from the weights the run began with to its own, where it draws the validation part best.

    Answers the share of its own, 1 for a run that began from nothing, 0 where nothing that was learnt draws them better. On sounds
    like none that were learnt anew a model keeps more of what it knew so (Wortsman et al. 2022).
    """
    if run.base is None:
        return 1.0
    own = {name: value.clone() for name, value in run.average.state_dict().items()}
    base = {name: value.to(run.device) for name, value in run.base.items()}

    def score(share: float) -> float:
        run.average.load_state_dict({name: torch.lerp(base[name], own[name], share) for name in own})
        lsd_db, erb_db = run.score(run.validation)
        return lsd_db + run.config.erb_weight * erb_db

    best = min((*SHARES, 1.0), key=score)
    score(best)
    return best
