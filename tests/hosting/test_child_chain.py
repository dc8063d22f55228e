"""What the child does with an effect whose sound cannot be played: our own goes on, and the effect is left out for good."""

import base64

import numpy as np
import pytest

from synth.engine.insert_layout import CHUNK
from synth.hosting import child_chain
from synth.hosting.child_chain import Chain

from .own_plugins import build_vst3

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


def test_another_state_goes_into_a_plug_in_that_runs_and_its_parameters_over_it(tmp_path):
    pytest.importorskip("minihost", reason="needs minihost")
    row = {**ROW, "kind": "vst3", "name": "Keeps", "path": str(build_vst3(tmp_path)), "params": {"gain": 0.5}}
    x, chain = np.ones((2, CHUNK), np.float32), Chain(SR_HZ)

    def heard(**other):
        changed = chain.set_rows([{**row, **other}], running=True)
        return changed, [chain.rows[0].process(x)[0, -1] for _ in range(child_chain.START_CHUNKS + 1)][-1]

    assert heard() == (True, 0.5)
    effect = chain.rows[0].effect
    text = base64.b64encode(effect.get_state()).decode()
    assert heard(state=text, params={}) == (False, 0.5), "a state tells parameters too"
    assert heard(state=text) == (False, 0.5) and heard(state=text, params={"gain": 0.75}) == (False, 0.75)
    assert heard(params={}) == (False, 1.0), "without one it is as it was opened"
    assert heard(state=text[:40]) == (False, 0.5) and "none of its own" in chain.rows[0].told_row()["told"]
    assert heard(state=text) == (False, 0.5) and not chain.rows[0].told_row()["told"]
    assert chain.rows[0].effect is effect
    assert heard(state=text, tries=1)[0] and chain.rows[0].effect is not effect
    assert heard(params={}, tries=1) == (True, 1.0), "one that was opened with a state is opened anew without it"
