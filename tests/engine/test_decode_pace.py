"""What moves slowly is decoded less often, is as clean, and still answers a hand at once."""

import numpy as np

from synth.events import note_on, set_param
from synth.patch.patch import Patch
from synth.render.offline import Offline
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from tests.measures import sound

from .sounds import SR_HZ
from .test_own_latents import slot

SLOW_FRAMES, TICK = 6 * SR_HZ, 128


def player(events=(), **knobs):
    source = ModelSource(open_model("akwf-16"))
    swing = 1.0 / float(source.high[1] - source.low[1])
    return Offline(Patch(params={**slot(1, "lfo1", "latent.2", swing), **knobs}), [(100, note_on(60)), *events], source=source)


def decodes_of(found, n_frames):
    before = int(found.engine.snapshot()["decodes"])
    x = found.read(n_frames)
    return x, int(found.engine.snapshot()["decodes"]) - before


def test_a_slow_lfo_takes_a_quarter_of_the_decodes_and_is_as_clean():
    slow, fast = (player(**{"lfo1.rate_hz": rate}) for rate in (0.1, 2.0))
    slow.read(SLOW_FRAMES)
    fast.read(SR_HZ)
    x, few = decodes_of(slow, 65536)
    _, all_of_them = decodes_of(fast, 65536)
    spread = sound.spread(x[:, 0].astype(float), sound.note_hz(60), SR_HZ)
    print(f"0.1 Hz: {few} decodes, spread {spread:.1f} dB; 2 Hz: {all_of_them}")
    assert all_of_them >= 65536 // TICK - 1 and few <= 0.3 * all_of_them and spread <= -100


def test_a_hand_is_heard_within_two_ticks_of_what_it_was():
    """The knob moves amid a long ramp, at four places of it: beside the same phrase without, the sound differs soon."""
    for late in range(4):
        frame = SLOW_FRAMES + late * TICK
        turned, left = (player(events, **{"lfo1.rate_hz": 0.1}) for events in ([(frame, set_param("latent.1", 1.0))], []))
        a, b = (found.read(frame + SR_HZ // 4)[:, 0] for found in (turned, left))
        apart = np.abs(a - b)
        first = int(np.flatnonzero(apart > 0.01 * np.abs(b[frame:]).max())[0]) - frame
        print(f"turned {late} ticks later: heard after {first} frames")
        assert 0 <= first <= 2 * TICK
        bends = np.abs(np.diff(a, 2))  # a jump would stand out of both timbres
        assert bends[frame - TICK:frame + 8 * TICK].max() < 1.1 * max(bends[frame - 4800:frame].max(), bends[frame + 4800:].max())
