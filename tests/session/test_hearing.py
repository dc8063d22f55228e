"""A preset that is pointed at is heard over what is played, the newest only; a damaged one is told in a sentence."""

import time

import numpy as np

from synth import paths
from synth.session.hearing import Hearing
from tests.servers import LIMIT_S

from .desk import SR, Desk


def waited(match):
    deadline = time.monotonic() + LIMIT_S
    while not match():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_note_of_another_preset_sounds_and_the_document_does_not_change(tmp_path):
    desk, told, sounds = Desk("Init"), [], []

    def play(sound):
        sounds.append(sound)
        return desk.engine.audition.play(sound)

    hearing, before = Hearing(SR, play, told.append), desk.document.state
    hearing.ask(paths.find_preset("Deep Ice"))
    hearing.ask(paths.find_preset("Acid Line"))  # the hand went on
    waited(lambda: sounds)
    x = desk.engine.process(SR)
    assert len(sounds) == 1 and np.abs(x).max() > 0.02 and desk.document.state is before
    assert not desk.engine.recording(0)[0].any(), "no take has it"
    hearing.ask(paths.find_preset("Acid Line"))  # known by now
    waited(lambda: len(sounds) == 2)
    assert sounds[1] is sounds[0]
    assert np.abs(desk.engine.process(4800)).max() > 0.01
    hearing.stop()
    assert not desk.engine.process(9600)[4800:].any()
    broken = tmp_path / "Broken.json"
    broken.write_text("{")
    hearing.ask(broken)
    waited(lambda: told)
    assert "Broken.json" in told[0]
