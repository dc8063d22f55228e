"""Processor time of the engine's blocks beside the yardstick's, each the least of many short runs taken in turn.

A machine's clock and its other work drift; runs taken in turn drift together, and the least of each is the one least disturbed.
Blocks are called one after another from compiled code, as an audio thread calls them: Python between two of them takes its time
and leaves the caches cold, each run another way.
"""

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numba import njit

from ..engine.callback import callback
from ..engine.engine import Engine
from ..render.offline import Offline
from .yardstick import ns_per_sample_voice

SR_HZ, BLOCK = 48000, 128
_BLOCKS, ROUNDS, _YARD_BLOCKS = 50, 30, 100


@cache
def _runner() -> Callable:
    kinds = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)
    call = ctypes.CFUNCTYPE(ctypes.c_int, *kinds)(callback().address)

    @njit(nogil=True)
    def run(out, time_info, state, blocks):
        for _ in range(blocks):
            call(0, out, BLOCK, time_info, 0, state)
    return run


def run_blocks(engine: Engine, blocks: int) -> None:
    """A number of blocks by the native callback, nothing between them."""
    out, time_info = np.empty((BLOCK, 2), np.float32), np.zeros(3)
    _runner()(out.ctypes.data, time_info.ctypes.data, engine.state_address, blocks)


def run_blocks_by_python(engine: Engine, blocks: int) -> None:
    """The same through `Engine.process`."""
    for _ in range(blocks):
        engine.process(BLOCK)


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


def timed(player: Offline, after: Callable[[], object] | None = None, blocks: int = _BLOCKS, rounds: int = ROUNDS,
          run: Callable[[Engine, int], None] = run_blocks) -> Cost:
    """Cost of a player's blocks; `after` is called behind each and counted too. run: how an engine plays a number of blocks."""
    run(player.engine, 1)  # compiled
    block_s = yard_ns = float("inf")
    for _ in range(rounds):
        yard_ns = min(yard_ns, ns_per_sample_voice(blocks=_YARD_BLOCKS, repeats=1))
        began = time.process_time()
        if after is None:
            run(player.engine, blocks)
        else:
            for _ in range(blocks):
                run(player.engine, 1)
                after()
        block_s = min(block_s, (time.process_time() - began) / blocks)
    return Cost(block_s, yard_ns)
