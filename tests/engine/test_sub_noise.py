"""Sub-oscillator and noise: clean, as loud as they say, and a function of phase, seed and frame alone."""

import numpy as np
import pytest

from synth.engine.constants import LANES, QUANTUM
from synth.engine.dsp import noise, sub
from synth.events import note_off, note_on, set_param
from synth.patch.patch import Patch
from synth.render.offline import Offline
from tests.measures.loudness import momentary_db
from tests.measures.sound import alias, note_hz, power_spectrum, thd_n

from .sounds import table

SR_HZ = 48000
TABLES = sub.tables()


def tone(shape, steps, add=sub.add):
    """Steps (cycles * 2^64 a frame) at the end of each quantum, ramped; float32[n]."""
    out, phase, scratch = np.zeros(len(steps) * QUANTUM, np.float32), np.uint64(0), np.zeros(sub.N_SCRATCH, np.float32)
    before = int(steps[0])
    for i, after in enumerate(steps):
        phase = np.uint64(add(phase, np.uint64(before), np.int64((int(after) - before) // QUANTUM), shape, 1.0, 1.0, TABLES, scratch,
                              out[i * QUANTUM:(i + 1) * QUANTUM], 0))
        before += (int(after) - before) // QUANTUM * QUANTUM
    return out


@pytest.mark.parametrize("note", [24, 36, 60, 84, 108])
def test_shapes_do_not_alias_and_are_as_loud_as_the_oscillator(note):
    steps = np.full(4096, note_hz(note) / SR_HZ * 2.0**64)
    assert thd_n(tone(sub.SINE, steps), note_hz(note), SR_HZ) < -130
    for shape, power in ((sub.TRIANGLE, 2), (sub.SQUARE, 1)):
        out = tone(shape, steps)
        found = alias(out, note_hz(note), SR_HZ, ideal=lambda k, power=power: (k % 2) / k**power)
        assert found["alias_db"] < -105 and found["droop_db"] < 0.02 and abs(found["cents"]) < 0.05
        assert abs(20 * np.log10(out.std()) + 18) < 0.5


def test_a_gliding_square_goes_from_table_to_table_without_a_click():
    hz = 400 * 2 ** (np.linspace(0, 3, 400))
    loud = np.convolve(np.abs(np.diff(tone(sub.SQUARE, hz / SR_HZ * 2.0**64), 2)), np.ones(256) / 256, "valid")
    assert np.abs(np.diff(20 * np.log10(loud[::64]))).max() < 2.5


def test_the_sub_is_itself_as_plain_python_from_any_frame():
    step, phases, outs = np.uint64(0.0123 * 2**64), [], []
    with np.errstate(over="ignore"):
        for add in (sub.add, sub.add.py_func):
            for shape in range(3):
                x, scratch = np.zeros(QUANTUM, np.float32), np.zeros(sub.N_SCRATCH, np.float32)
                phases.append(int(add(np.uint64(77), step, np.int64(-3 * 2**45), shape, 0.5, 1.0, TABLES, scratch, x, 5)))
                outs.append(x)
    assert len(set(phases)) == 1 and not np.any(np.array(outs)[:, :5]) and np.abs(np.subtract(outs[:3], outs[3:])).max() < 1e-6
    j = np.arange(1, QUANTUM - 4)
    p = 0.0123 * j - 3 * 2.0**-19 * j * (j + 1) / 2
    assert outs[0][5:] == pytest.approx(10 ** (-18 / 20) * np.sqrt(2) * np.sin(2 * np.pi * p) * (0.5 + np.arange(6, 33) / 64), abs=1e-6)


def hiss(color, n=1 << 16, start=0, sr_hz=SR_HZ, gain=1.0):
    rows, seeds, out = np.zeros((noise.N_ROWS, LANES), np.float32), np.zeros((2, LANES), np.uint32), np.zeros((n, LANES), np.float32)
    for lane in range(LANES):
        noise.set_seed(seeds, lane, np.uint64(12345678912345 * lane + 99))
    rows[noise.GAIN], rows[noise.COLOR] = gain, color
    for i in range(0, n, QUANTUM):
        noise.add_lanes(out[i:i + QUANTUM], rows, seeds, start + i, np.log2(sr_hz))
    return out.astype(float)


@pytest.mark.parametrize("color, octave_db", [(-1.0, -6), (0.0, 0), (1.0, 6)])
def test_noise_has_its_colour_and_loudness(color, octave_db):
    out = hiss(color)
    power = sum(power_spectrum(out[i:i + 4096, v], 4096) for i in range(0, 1 << 16, 4096) for v in range(LANES))
    bands = [power[int(hz / 1.19 / SR_HZ * 4096):int(hz * 1.19 / SR_HZ * 4096)].mean() for hz in (500, 1000, 2000, 4000)]
    assert np.abs(np.diff(10 * np.log10(bands)) - octave_db).max() < 1
    assert abs(10 * np.log10(np.mean(10 ** (momentary_db(out[:, 3]) / 10))) + 18) < 1.5


def test_noise_is_a_function_of_seed_and_frame():
    white = hiss(0.0, 4096)
    assert np.abs(np.corrcoef(white.T) - np.eye(LANES)).max() < 0.08  # voices are strangers
    assert np.abs(white[1025:] - hiss(0.0, 3072, start=1024)[1:]).max() < 1e-6 and not hiss(0.5, 64, gain=0.0).any()
    lags = np.correlate(white[:, 0], white[:, 0], "full")[4096:]
    assert np.abs(lags).max() < 0.08 * np.sum(white[:, 0] ** 2)


def test_noise_is_itself_as_plain_python():
    found = []
    for add in (noise.add_lanes, noise.add_lanes.py_func):
        rows, seeds = np.zeros((noise.N_ROWS, LANES), np.float32), np.zeros((2, LANES), np.uint32)
        x = np.zeros((QUANTUM, LANES), np.float32)
        for lane in range(LANES):
            noise.set_seed(seeds, lane, np.uint64(lane) << np.uint64(33))
        rows[noise.GAIN], rows[noise.COLOR], rows[noise.DCOLOR] = 1.0, np.linspace(-1, 1, LANES), 0.01
        with np.errstate(over="ignore"):
            add(x, rows, seeds, 1 << 40, 15.5)
        found.append(x)
    assert np.abs(found[0] - found[1]).max() < 1e-6 and np.abs(found[0]).max() > 0.1


def test_noise_turned_up_under_a_held_note_rises_from_silence():
    """Also where the voice's place was another's, who ended with the noise on."""
    rows = [(0, note_on(12)), (4800, note_off(12)), (14400, set_param("noise.level_db", -60.0)), (19200, note_on(12)),
            (24000, set_param("noise.level_db", 0.0))]
    player = Offline(Patch(params={"noise.level_db": 0.0, "amp.release_s": 0.01}), rows, source=table([1.0]))
    x = np.abs(np.diff(player.read(28800)[:, 0], 2))  # of the sine at 16 Hz nothing is left
    assert x[:4800].max() > 0.05 and x[20000:24000].max() < 1e-4
    assert x[24000:24060].max() < 0.2 * x[26000:].max()
