"""What an effect is: its knobs, its memory and its kernels, in one descriptor at the end of its file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...params.effects import EFFECTS
from ...params.param import Param

CONTEXT = np.dtype([  # what an effect hears of the world
    ("sr_hz", "f8"), ("tempo_bpm", "f8"),
    ("at_once", "i4"),  # this is the first quantum: controls begin where the knobs are
    ("rest", "i4"),  # nothing has come in for seconds: what has no tail ends at once
    ("woken", "i4"),  # the first sound after such a rest
], align=True)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect behind the voices; off by default, and then the sound is left bit for bit as it was.

    name: of its file and of its entry in `params.effects.EFFECTS`, where its knobs stand; their order there is that of the sound.
    record: dtype of its memory, zeroed before `prepare(unit, sr_hz)` fills in what depends on the rate; plain Python, once.
    render(unit, knobs, out, context): kernel; one quantum, float32[2, QUANTUM] in place. knobs: record of PARAM_DTYPE, in range.
    idle(unit, knobs): kernel; whether it is off, has come to rest and no knob asks for it. While all are idle, none is rendered.
    silence(unit): kernel; all sound off: its tail is faded at once and forgotten. None for what has none.
    ring_floats(sr_hz): how many numbers of its field `ring`, from the first on, are used at a rate. None for what has no ring.
    """

    name: str
    record: np.dtype
    prepare: Callable[[Any, float], None]
    render: Callable[[Any, Any, Any, Any], None]
    idle: Callable[[Any, Any], bool]
    silence: Callable[[Any], None] | None = None
    ring_floats: Callable[[float], int] | None = None

    @property
    def knobs(self) -> tuple[Param, ...]:
        """Its declared knobs."""
        return EFFECTS[self.name]
