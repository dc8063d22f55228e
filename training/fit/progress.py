"""The progress bar: steps or minutes, rate, time left, and the scores that choose the model."""

import sys

from tqdm import tqdm

from ..config import Config
from .loop import Run


class Progress:
    """Called after each step; a context manager that closes its bar."""

    def __init__(self, config: Config, step: int, shown: bool = True):
        self.minutes = minutes = config.minutes
        total, unit = (max(1, round(minutes * 60)), "s") if minutes else (config.steps, "step")
        every_s = 0.2 if sys.stderr.isatty() else 10.0
        self.bar = tqdm(total=total, initial=0 if minutes else step, unit=unit, mininterval=every_s, dynamic_ncols=True,
                        disable=not shown)
        self.mean: float | None = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *exception: object) -> None:
        self.bar.close()

    def __call__(self, run: Run, loss_db: float) -> None:
        """Move the bar to where the run stands."""
        self.mean = loss_db if self.mean is None else 0.98 * self.mean + 0.02 * loss_db
        texts = {"loss": f"{self.mean:.2f} dB"}
        if run.history:
            texts |= {"held-out LSD": f"{run.history[-1][1]:.2f}", "ERB": f"{run.history[-1][2]:.2f}"}
        self.bar.set_postfix(texts, refresh=False)
        done = round(run.elapsed_s) if self.minutes else run.step
        self.bar.update(min(done, self.bar.total) - self.bar.n)
