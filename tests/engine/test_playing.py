"""Conventions players expect, heard: pedals, controllers, bend range, polyphony, envelope times, loudness."""

import numpy as np
import pytest

from synth.events import bend, control, note_off, note_on
from synth.patch.patch import Patch
from synth.render.offline import Offline, render
from tests.measures import sound

from .sounds import INIT, SR_HZ, saw, soft, table


def level_db(x):
    return 10 * np.log10(np.mean(np.asarray(x, float) ** 2) + 1e-30)


def play(events, seconds=0.6, patch=INIT, source=None):
    return render(patch, events, seconds, source=source or soft())


def sounding(x, frame):
    return np.abs(x[frame:frame + 480]).max() > 1e-3


def pitch(x):
    """Frequency in Hz of a steady sine."""
    n = len(x)
    power = sound.power_spectrum(x, n)
    guess = np.argmax(power[10:]) + 10
    a, b, c = np.log(power[guess - 1:guess + 2])
    return (guess + 0.5 * (a - c) / (a - 2 * b + c)) * SR_HZ / n


def test_sustain_holds_and_lets_go():
    x = play([(0, note_on(48)), (1000, control(64, 64)), (2000, note_off(48)), (12000, control(64, 63))])
    assert sounding(x, 8000) and not sounding(x, 13000)


def test_sostenuto_holds_only_what_was_down():
    x = play([(0, note_on(48)), (1000, control(66, 127)), (1500, note_on(60)), (2000, note_off(48)), (2000, note_off(60)),
              (12000, control(66, 0))], source=table([1.0]))
    held = x[8000:11840, 0]
    assert abs(pitch(held) - sound.note_hz(48)) < 1 and not sounding(x, 13000)


def test_all_notes_off_respects_sustain_and_all_sound_off_does_not():
    base = [(0, note_on(48)), (500, control(64, 127))]
    assert sounding(play([*base, (5000, control(123, 0))]), 12000)
    assert not sounding(play([*base, (5000, control(120, 0))]), 12000)


def test_soft_pedal_softens():
    loud, gentle = play([(0, note_on(48))]), play([(0, control(67, 127)), (10, note_on(48))])
    assert -6 < level_db(gentle[5000:20000]) - level_db(loud[5000:20000]) < -2


@pytest.mark.parametrize(("controller", "value", "change_db"), [
    (7, 100, 0.0), (7, 127, 4.15), (7, 50, -12.04), (11, 127, 0.0), (11, 64, -11.9)])
def test_volume_and_expression(controller, value, change_db):
    plain, changed = play([(0, note_on(48))]), play([(0, control(controller, value)), (1, note_on(48))])
    assert level_db(changed[8000:24000]) - level_db(plain[8000:24000]) == pytest.approx(change_db, abs=0.05)


def test_pan_moves_and_the_centre_is_untouched():
    x = play([(0, control(10, 127)), (1, note_on(48))])[8000:]
    assert level_db(x[:, 1]) - level_db(x[:, 0]) > 60
    centre = play([(0, control(10, 64)), (1, note_on(48))])
    assert np.array_equal(centre[:, 0], centre[:, 1])


@pytest.mark.parametrize(("set_up", "semitones"), [
    ([], 2.0), ([(101, 0), (100, 0), (6, 12)], 12.0), ([(101, 0), (100, 0), (6, 3), (38, 50)], 3.5),
    ([(101, 0), (100, 0), (6, 12), (101, 127), (100, 127), (6, 5)], 12.0)])
def test_bend_range_by_rpn(set_up, semitones):
    events = [(i, control(*c)) for i, c in enumerate(set_up)] + [(50, bend(1.0)), (60, note_on(60))]
    x = play(events, 1.5, source=table([1.0]))[8000:8000 + 60000, 0].astype(float)
    assert 1200 * np.log2(pitch(x) / sound.note_hz(60 + semitones)) == pytest.approx(0, abs=0.5)


def test_channels_bend_on_their_own():
    x = play([(0, note_on(60, 1.0, 0)), (0, bend(1.0, 1))], 1.5, source=table([1.0]))[8000:68000, 0].astype(float)
    assert 1200 * np.log2(pitch(x) / sound.note_hz(60)) == pytest.approx(0, abs=0.5)


def test_reset_controllers_brings_the_patch_back():
    events = [(0, note_on(48)), (100, control(1, 127)), (200, bend(0.7)), (300, control(11, 30)), (400, control(17, 127))]
    plain = play([(0, note_on(48))], 1.0)
    reset = play([*events, (8000, control(121, 0))], 1.0)
    a, b = np.abs(np.fft.rfft(plain[24000:40384, 0] * np.hanning(16384))), np.abs(np.fft.rfft(reset[24000:40384, 0] * np.hanning(16384)))
    assert 20 * np.log10(np.abs(a - b).max() / a.max()) < -60


def test_mod_wheel_goes_from_a_to_b():
    def spectrum(value):
        x = play([(0, control(1, value)), (1, note_on(60))], 1.0)[16000:]
        return np.abs(np.fft.rfft(x[:16384, 0] * np.hanning(16384)))

    at_a, at_b, wheel = spectrum(0), spectrum(127), 261.6256
    second = int(round(2 * wheel * 16384 / SR_HZ))
    assert at_a[second - 2:second + 3].max() > 100 * at_b[second - 2:second + 3].max()  # B holds odd harmonics alone


def test_velocity_sets_the_level_only():
    loud, quiet = play([(0, note_on(48, 1.0))]), play([(0, note_on(48, 0.5))])
    assert level_db(quiet[5000:]) - level_db(loud[5000:]) == pytest.approx(-12.04, abs=0.02)
    assert np.abs(quiet * 4 - loud).max() < 1e-5


def test_polyphony_is_64_and_the_65th_steals():
    player = Offline(INIT, [(i, note_on(24 + i)) for i in range(70)], source=soft())
    player.read(4096)
    assert player.engine.snapshot()["voices"] == 64


def test_stealing_takes_released_notes_first():
    patch = Patch(params={"voice.count": 2.0, "amp.release_s": 2.0})
    x = render(patch, [(0, note_on(48)), (100, note_on(60)), (5000, note_off(60)), (6000, note_on(72))], 1.0, source=table([1.0]))
    held = x[20000:36384, 0].astype(float)
    spectrum = np.abs(np.fft.rfft(held * np.hanning(16384)))
    levels = {n: spectrum[int(round(sound.note_hz(n) * 16384 / SR_HZ))] for n in (48, 60, 72)}
    assert levels[48] > 0.5 * levels[72] and levels[60] < 0.01 * levels[72]


@pytest.mark.parametrize(("stage", "seconds"), [("attack", 0.1), ("attack", 0.5), ("release", 0.2), ("decay", 0.3)])
def test_envelope_times(stage, seconds):
    """Half way through its time each stage stands where its curve says."""
    patch = Patch(params={f"amp.{stage}_s": seconds, "amp.sustain": 0.25 if stage == "decay" else 1.0})
    off = 30000
    x = render(patch, [(0, note_on(96)), (off, note_off(96))], 1.5, source=table([1.0]))[:, 0].astype(float)
    level = np.sqrt(np.convolve(x**2, np.ones(115) / 115, mode="same"))  # five periods
    level /= level[off - 200] if stage != "decay" else 4 * level[off - 200]
    fall = (np.exp(-3) - np.exp(-6)) / (1 - np.exp(-6))  # the curves at half their time
    if stage == "attack":
        found = 2 * np.argmax(level >= (1 - np.exp(-0.75)) / (1 - np.exp(-1.5)))
    elif stage == "decay":
        found = 2 * (np.flatnonzero(level[:off - 200] > 0.25 + 0.75 * fall)[-1] - 96)  # the attack takes 96 frames
    else:
        found = 2 * (np.flatnonzero(level > fall)[-1] - off)
    assert found / SR_HZ == pytest.approx(seconds, rel=0.01)


def test_init_is_neutral():
    x = render(Patch(), [(100, note_on(60))], 2.0, source=saw())
    assert np.array_equal(x[:, 0], x[:, 1])
    bypassed = render(Patch(params={"filter.cutoff_hz": 100.0, "filter.resonance": 1.0}), [(100, note_on(60))], 2.0, source=saw())
    assert np.array_equal(x, bypassed)


@pytest.mark.parametrize(("kind", "at_hz", "change_db"), [(1, 1000.0, -3.01), (2, 1000.0, -3.01), (4, 1000.0, -3.01)])
def test_filter_corner(kind, at_hz, change_db):
    note = 69 + 12 * np.log2(at_hz / 440)
    patch = {"osc.fine_cents": 100 * (note - round(note)), "filter.cutoff_hz": at_hz}
    open_db = level_db(render(Patch(params=patch), [(0, note_on(round(note)))], 1.0, source=table([1.0]))[24000:])
    x = render(Patch(params={**patch, "filter.type": float(kind)}), [(0, note_on(round(note)))], 1.0, source=table([1.0]))
    assert level_db(x[24000:]) - open_db == pytest.approx(change_db, abs=0.15)
