"""What is told while a model is adapted to notes: sentences for a terminal, the same as lines of JSON for a program that waits."""

import json
import sys
from collections.abc import Sequence

import numpy as np

from synth.samples.finding import Refusal
from synth.text import counted

from ..fit.live import MARK
from .closed_form import HOLDS, Stage, worse_words
from .frames import Note, group_by_sample
from .worth import Row

_READ, _BEFORE_DESCENT = 0.4, 0.3  # of the time that all takes: reading, of the closed form's; both, of a descent's
_SHOWN_HARMONICS, _MOST_SHOWN = 64, 24


def found_words(notes: Sequence[Note], refusals: Sequence[Refusal]) -> str:
    """What a folder holds, in one line."""
    return f"{counted(len(notes), 'note')}, {len(np.unique(group_by_sample(notes)))} of them different; {len(refusals)} left out"


class Teller:
    """live: whether a program waits; descends: whether there is more to come after the closed form."""

    def __init__(self, live: bool, descends: bool) -> None:
        self._live, self._turns, self._most = live, 0, _BEFORE_DESCENT if descends else 1.0

    def say(self, sentence: str, part: float, **facts: object) -> None:
        """A sentence, and how much of all is done."""
        if self._live:
            print(MARK + json.dumps({"stage": "learning", "said": sentence, "part": round(part, 3), **facts}), flush=True)
        else:
            print(sentence, file=sys.stderr, flush=True)

    def heard(self, done: int, total: int) -> None:
        """So many recordings were read."""
        self.say(f"{done} of {counted(total, 'recording')} heard", self._most * _READ * done / max(total, 1))

    def turned(self, stage: Stage, first: Stage) -> None:
        """A turn of the closed form was made."""
        self._turns += 1
        self.say(f"held by {stage.hold:g}: {worse_words(*stage.worse_db(first))}",
                 self._most * (_READ + (1 - _READ) * self._turns / (len(HOLDS) + 2)))

    def descended(self, sentence: str, part: float) -> None:
        """So much of the descent is done."""
        self.say(sentence, self._most + (1 - self._most) * part)

    def ended(self, rows: Sequence[Row]) -> None:
        """What it was worth, as the report says it."""
        if self._live:
            self.say("done", 1.0, rows=[row.sentence() for row in rows])

    def found(self, notes: Sequence[Note], refusals: Sequence[Refusal], group: np.ndarray) -> None:
        """What a folder holds, in full: the last line. levels_db [n][64]: the mean spectra of some of the notes, to be drawn."""
        if not self._live:
            return
        some = [notes[i] for i in np.linspace(0, len(notes) - 1, min(len(notes), _MOST_SHOWN)).astype(int)]
        levels = [(10 * np.log10(np.mean(note.amplitudes[:, :_SHOWN_HARMONICS] ** 2, 0) + 1e-20)).round(1).tolist() for note in some]
        print(json.dumps({"notes": len(notes), "different": len(np.unique(group)), "levels_db": levels,
                          "left_out": {refusal.name: refusal.reason for refusal in refusals}}), flush=True)
