"""What the child does with an effect whose sound cannot be played: our own goes on, and the effect is left out for good."""

import numpy as np
import pytest

from synth.engine.insert_layout import CHUNK
from synth.hosting import child_chain
from synth.hosting.child_chain import Chain

SR_HZ = 48000
ROW = {"key": 1, "kind": "builtin", "name": "Gain", "path": "", "why": "", "place": 1, "bypass": False, "wet": 1.0,
       "params": {"gain_db": -20.0}, "state": "", "macros": {}, "moved": {}, "tries": 0}


class Faulty:
    """A built-in effect that from its third chunk on gives something else."""

    def __init__(self, effect, spoil):
        self._effect, self._spoil, self._n = effect, spoil, 0

    def __getattr__(self, name):
        return getattr(self._effect, name)

    def process(self, x):
        self._n += 1
        y = self._effect.process(x)
        return self._spoil(y) if self._n > 2 else y


def raises(y):
    raise RuntimeError("2 channels are not 1")


@pytest.mark.parametrize(("spoil", "says"), [(lambda y: y * np.nan, "no numbers"), (lambda y: y[:1], "1 channels of"),
                                             (lambda y: y[:, :7], "2 channels of 7 frames"), (raises, "cannot go on")])
def test_an_effect_whose_sound_cannot_be_played_is_left_out_whatever_is_turned_after(monkeypatch, spoil, says):
    pytest.importorskip("pedalboard", reason="needs pedalboard")
    open_effect = child_chain.open_effect
    monkeypatch.setattr(child_chain, "open_effect", lambda *words: Faulty(open_effect(*words), spoil))
    chain = Chain(SR_HZ)
    chain.set_rows([ROW], running=False)
    slot, tone = chain.rows[0], np.sin(np.arange(40 * CHUNK) / 20).astype(np.float32)
    chunks = [np.stack([tone[i:i + CHUNK]] * 2) for i in range(0, len(tone), CHUNK)]
    heard = [slot.process(x) for x in chunks]
    assert np.allclose(heard[1], 0.1 * chunks[1], atol=1e-4)
    for x, y in zip(chunks[2:], heard[2:], strict=True):
        assert np.array_equal(x, y)
    assert says in slot.why and slot.why.endswith("it is left out") and not slot.told_row()["ok"]
    chain.turn([{"key": 1, "params": {"gain_db": -3.0}, "wet": 0.5, "bypass": False}])
    slot.effect._spoil = lambda y: y  # well again, too late
    assert all(np.array_equal(x, slot.process(x)) for x in chunks)
    chain.set_rows([{**ROW, "tries": 1}], running=True)
    assert chain.rows[0].told_row()["ok"], "a hand asked to open it again"
