"""A take whose decode worker answers when it pleases, and what its log makes of it."""

import numpy as np

from synth.events import Kind
from synth.patch.patch import Patch
from synth.render.offline import Offline


class Held:
    """An engine whose answers come later than they were worked out, some blocks' worth at once."""

    def __init__(self, engine):
        self._engine, self._kept = engine, []

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def answer(self, rows, re, im):
        self._kept.append((rows.copy(), re.copy(), im.copy()))
        return len(rows)

    def release(self, n):
        """Hand over the oldest n batches."""
        for rows, re, im in self._kept[:n]:
            assert self._engine.answer(rows, re, im) == len(rows)
        del self._kept[:n]


def take(patch, rows, n_frames, rng, *, blocksize=128, share=0.5, lead=(500, 501), source=None,
         block_products=0):
    """(what was heard float32[n, 2], its log as `render --events` reads it, the last snapshot), every request answered in the end.

    share: of the blocks after which the worker looks for requests. lead: how many frames before its own an event is posted, drawn
    anew for each block; under 0 it is late. block_products: as of `Engine`; by default the worker decodes everything.
    """
    live = Offline(patch, rows, source=source, block_products=block_products)
    live.decoder.engine = held = Held(live.engine)
    heard, told = [], []
    for i in range(n_frames // blocksize + 3):
        last = i >= n_frames // blocksize
        live._feed(live.engine.frame + int(rng.integers(*lead)))
        heard.append(live.engine.process(blocksize))
        held.release(1000 if last else rng.integers(4))
        if last or rng.random() < share:
            live.decoder.pump()
        told += live.engine.take_log()
    patches = iter([row for _, row in rows if isinstance(row, Patch)])
    log = [(f, next(patches) if e.kind == Kind.PATCH else e) for f, e in told]
    return np.concatenate(heard), log, live.engine.snapshot()
