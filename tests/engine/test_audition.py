"""The audition voice: a sound over what is played, which goes on as it would without, and is not in what is recorded."""

import numpy as np

from synth.events import note_on
from synth.patch.patch import Patch
from synth.render.offline import Offline

from .sounds import SR_HZ, click_db, soft


def player(level_db=-12.0, at=0):
    return Offline(Patch(params={"osc.level_db": level_db}), [(at, note_on(48))], source=soft())


def tone(hz=500.0, seconds=0.5, level=0.1):
    t = np.arange(round(SR_HZ * seconds)) / SR_HZ
    edge = np.minimum(1, np.minimum(t, t[::-1]) / 0.01)
    return np.repeat((edge * level * np.sin(2 * np.pi * hz * t))[:, None], 2, axis=1).astype(np.float32)


def test_it_is_heard_over_a_held_note_and_leaves_that_and_its_recording_alone():
    plain, heard = player(), player()
    before, also = plain.read(4800), heard.read(4800)
    assert np.array_equal(before, also)
    assert heard.engine.audition.play(tone())
    x, y = plain.read(48000), heard.read(48000)
    over = y - x
    assert np.abs(over[:24000] - tone()).max() < 1e-6 and not over[24000:].any(), "from the next frame on, to its end"
    assert np.array_equal(plain.engine.recording(0)[0], heard.engine.recording(0)[0]), "a take has what was played"
    for _ in range(50):
        assert heard.engine.audition.play(tone())
        heard.read(640)


def test_a_note_that_begins_ends_it_and_so_does_the_next_without_a_click():
    ended = player(-60.0, 9600 + 4801)
    ended.read(4801)
    ended.engine.audition.play(tone(440.0, 2.0))
    x = ended.read(24000)
    assert np.abs(x[4000:9000]).max() > 0.09 and np.abs(x[11000:]).max() < 0.01 and click_db(x[200:]) < -80
    follows = player(-60.0)
    follows.engine.audition.play(tone(440.0, 2.0))
    first = follows.read(9600)
    follows.engine.audition.play(tone(700.0, 0.2))
    second = follows.read(24000)
    both = np.concatenate([first, second])
    assert click_db(both[200:]) < -80
    peak = np.abs(np.fft.rfft(second[2000:9000, 0] * np.hanning(7000)))
    assert abs(peak.argmax() * SR_HZ / 7000 - 700) < 10
    follows.engine.audition.play(tone(440.0, 2.0))
    follows.read(4800)
    follows.engine.audition.stop()
    assert np.abs(follows.read(9600)[2000:]).max() < 0.01


def test_together_they_stay_under_the_ceiling_and_a_full_queue_is_refused():
    loud = player(6.0)
    loud.engine.audition.play(tone(level=0.9))
    assert np.abs(loud.read(24000)).max() <= 0.9662
    waiting = player()
    assert [waiting.engine.audition.play(tone()) for _ in range(5)].count(False) >= 1
    waiting.read(640)
    assert waiting.engine.audition.play(tone())
