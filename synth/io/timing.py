"""Processor time of the engine's blocks beside the yardstick's, each the least of several runs taken in turn.

A machine's clock and its other work drift; runs taken in turn drift together, and the least of each is the one least disturbed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from .offline import Offline
from .yardstick import ns_per_sample_voice

SR_HZ, BLOCK = 48000, 128
_BLOCKS, _ROUNDS = 150, 9


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time a block, and the yardstick in ns a sample and voice as it was beside."""

    block_s: float
    yard_ns: float

    def ns(self, n_voices: int = 1) -> float:
        """ns a sample and voice."""
        return self.block_s / BLOCK / n_voices * 1e9

    def yards(self, n_voices: int = 1) -> float:
        """Yardsticks a voice."""
        return self.ns(n_voices) / self.yard_ns

    @property
    def percent(self) -> float:
        """Of a core, in real time."""
        return 100 * self.block_s * SR_HZ / BLOCK

    def less(self, other: "Cost") -> "Cost":
        """What this costs beyond another."""
        return Cost(max(self.block_s - other.block_s, 0.0), min(self.yard_ns, other.yard_ns))


def timed(player: Offline, after: Callable[[], object] | None = None, blocks: int = _BLOCKS, rounds: int = _ROUNDS) -> Cost:
    """Cost of a player's blocks; `after` is called behind each and counted too."""
    block_s = yard_ns = float("inf")
    for _ in range(rounds):
        yard_ns = min(yard_ns, ns_per_sample_voice(blocks=400, repeats=1))
        began = time.process_time()
        for _ in range(blocks):
            player.engine.process(BLOCK)
            if after:
                after()
        block_s = min(block_s, (time.process_time() - began) / blocks)
    return Cost(block_s, yard_ns)
