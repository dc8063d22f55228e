"""Unison: level, tuning, width, blend, cleanness; and vibrato and bends of it against a sum of sines."""

import numpy as np
import pytest
from scipy.signal import firwin, oaconvolve

from synth.engine.modulation.unison import start_phase
from synth.events import bend, note_on, set_param
from synth.patch.patch import Patch
from synth.render.offline import Offline
from tests.measures import sound

from .sounds import SR_HZ, saw, table
from .test_bend import CURVES, NOTE, QUANTUM, phases
from .test_own_latents import slot

SINE = table([1.0])


A4 = [(0, note_on(69, 1.0))]


def played(params, events=A4, seconds=1.0, source=SINE):
    return Offline(Patch(params=params), list(events), source=source).read(round(seconds * SR_HZ)).astype(float)


def unison(n, **knobs):
    return {"unison.voices": float(n), **{f"unison.{k}": v for k, v in knobs.items()}}


def level_db(x):
    return 10 * np.log10((x[4800:] ** 2).mean())


def test_one_is_as_loud_as_sixteen():
    """Over long enough that the beats of the tunings average out, within 1 dB of one, both sides together."""
    alone = level_db(played({"unison.voices": 1.0}))
    found = [level_db(played(unison(n, detune_cents=60.0), seconds=4.0)) - alone for n in range(2, 17)]
    print(f"level of 2 to 16 oscillators against one: {min(found):.2f} to {max(found):.2f} dB, mean {np.mean(found):.2f}")
    assert abs(np.mean(found)) < 0.3 and np.abs(found).max() < 1


@pytest.mark.parametrize("n, spread", [(2, 0.0), (5, 0.0), (5, 0.5), (16, 0.0)])
def test_oscillators_lie_at_their_cents(n, spread):
    x = played(unison(n, detune_cents=80.0, spread=spread, width=0.0), seconds=6.0)[:, 0][4800:4800 + (1 << 18)]
    power = sound.power_spectrum(x, len(x))
    place = np.linspace(-1, 1, n)
    cents = 80 * np.sign(place) * np.abs(place) ** (1 + 3 * spread)
    found = []
    for c in cents:
        at = round(440 * 2 ** (c / 1200) * len(x) / SR_HZ)
        i = at - 3 + int(np.argmax(power[at - 3:at + 4]))
        a, b, d = np.log(power[i - 1:i + 2])
        found.append(1200 * np.log2((i + 0.5 * (a - d) / (a - 2 * b + d)) * SR_HZ / len(x) / 440))
        assert power[i] > 0.05 * power.max()
    assert np.abs(np.array(found) - cents).max() < 0.1


def side_levels(x, cents):
    """Level in dB of the line at each tuning, left and right: float64[2, n]."""
    n = len(x)
    rows = [sound.power_spectrum(x[:, side], n) for side in range(2)]
    return np.array([[10 * np.log10(r[round(440 * 2 ** (c / 1200) * n / SR_HZ) - 4:][:9].sum() + 1e-30) for c in cents] for r in rows])


def test_width_places_the_oscillators_and_blend_keeps_the_middle():
    cents = np.linspace(-80, 80, 5)
    narrow, wide, middle = (played(unison(5, detune_cents=80.0, **k), seconds=3.0)[4800:4800 + (1 << 17)]
                            for k in ({"width": 0.0}, {"width": 1.0}, {"width": 1.0, "blend": 0.0}))
    assert np.array_equal(narrow[:, 0], narrow[:, 1])
    left, right = side_levels(wide, cents)
    assert left[0] - right[0] > 60 and right[4] - left[4] > 60 and abs(left[2] - right[2]) < 0.01
    assert (left[1] < right[1]) and (left[3] > right[3])  # pairs take turns
    left, right = side_levels(middle, cents)
    assert np.array_equal(middle[:, 0], middle[:, 1]) and left[2] - left[[0, 1, 3, 4]].max() > 90
    assert level_db(middle) == pytest.approx(level_db(played({"unison.voices": 1.0})), abs=0.05)


def test_a_note_begun_without_width_widens_when_the_knob_is_turned():
    x = played(unison(2, detune_cents=20.0, width=0.0), [*A4, (9600, set_param("unison.width", 1.0))])
    sides = x[:, 0] - x[:, 1]
    assert np.abs(sides[:9600]).max() == 0 and np.abs(sides[14400:]).max() > 0.1 * np.abs(x).max()


def test_the_number_of_oscillators_is_looked_at_when_a_note_starts():
    rows = [(0, note_on(57)), (4800, set_param("macro1.value", 1.0)), (9600, note_on(69))]
    player = Offline(Patch(params=slot(1, "macro1", "unison.voices", 0.2)), rows, source=SINE)
    player.read(12000)
    v = player.engine._s["polyphony"]["voices"]
    assert sorted(v[v["state"] == 1]["unison"]) == [1, 4]


@pytest.mark.parametrize("note", [36, 60, 84, 96])
def test_a_detuned_saw_is_clean(note):
    n = 3
    x = played(unison(n, detune_cents=50.0, width=0.0), [(0, note_on(note, 1.0))], 6.0, saw())[8000:8000 + (1 << 18), 0]
    power, freq = sound.power_spectrum(x, len(x)), np.arange((1 << 17) + 1) * SR_HZ / (1 << 18)
    on = np.zeros(len(power), bool)
    for cents in (-50, 0, 50):
        hz = sound.note_hz(note + cents / 100)
        for k in range(1, int(24000 / hz) + 1):
            at = round(k * hz * len(x) / SR_HZ)
            on[max(at - sound.LOBE_BINS, 0):at + sound.LOBE_BINS + 1] = True
    band = (freq >= 20) & (freq <= 20000)
    found = 10 * np.log10(max(power[band & ~on].sum(), 1e-30) / power[band].sum())
    print(f"alias of a detuned saw at n{note}: {found:.1f} dB")
    assert found <= -90 and (band & ~on).sum() > 0.3 * band.sum()


_HEARD = firwin(1023, 14000, fs=SR_HZ, window=("kaiser", 14))


def error_db(x, cycles, tunings, harmonics=20):
    """Energy of what is not the additive reference: tunings are rows of (ratio, start in cycles), at equal gain."""
    hz = np.gradient(cycles) * SR_HZ
    reference = sum((0.5 - 0.5 * np.cos(np.pi * np.clip((24000 - k * hz * max(r for r, _ in tunings)) / 6000, 0, 1)))
                    * np.sin(2 * np.pi * k * (ratio * cycles + start)) / k for ratio, start in tunings for k in range(1, harmonics + 1))
    heard, wanted = (oaconvolve(y, _HEARD, mode="valid")[4800:] for y in (x, reference))
    error = heard - (heard @ wanted) / (wanted @ wanted) * wanted
    return 10 * np.log10((error**2).sum() / (heard**2).sum())


@pytest.mark.parametrize("name", CURVES)
def test_bent_unison_follows_its_curve(name):
    curve, n = CURVES[name], SR_HZ
    events = [(0, note_on(NOTE, 1.0))] + [(f, bend(float(curve(f / SR_HZ)))) for f in range(QUANTUM, n, QUANTUM)]
    params = {"bend.range_semitones": 12.0, **unison(3, detune_cents=30.0, width=0.0)}
    x = played(params, events, source=table(1 / np.arange(1, 21)))[:, 0]
    tunings = [(2 ** (c / 1200), start_phase(0.0, j)) for j, c in enumerate((-30, 0, 30))]
    found = error_db(x, phases(curve, n // QUANTUM), tunings)
    print(f"unison of 3 bent by a {name}: {found:.1f} dB")
    assert found <= -100


def cycles_of(pitch):
    """Phase in cycles of a pitch in semitones given at the end of every quantum: the frequency goes there by a line."""
    hz = sound.note_hz(np.asarray(pitch))
    steps = [np.full(QUANTUM, hz[0])] + [a + (b - a) / QUANTUM * np.arange(1, QUANTUM + 1) for a, b in zip(hz[:-1], hz[1:], strict=True)]
    return np.concatenate([[0], np.cumsum(np.concatenate(steps))[:-1]]) / SR_HZ


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("rate_hz", [5.0, 50.0])
def test_vibrato_by_an_lfo_follows_its_curve(rate_hz, n):
    """An octave each way, as a bend of 12 semitones; the pitch is the LFO's to a tenth of a cent."""
    params = {**slot(1, "lfo1", "osc.coarse_semitones", 12 / 96), "lfo1.rate_hz": rate_hz, **unison(n, detune_cents=30.0, width=0.0)}
    player = Offline(Patch(params=params), [(0, note_on(NOTE, 1.0))], source=table(1 / np.arange(1, 21)))
    x, pitch = np.empty(SR_HZ), []
    for q in range(SR_HZ // QUANTUM):
        x[q * QUANTUM:(q + 1) * QUANTUM] = player.read(QUANTUM)[:, 0]
        pitch.append(float(player.engine._s["polyphony"]["voices"][player.engine._s["polyphony"]["newest"]]["pitch"]))
    wanted = NOTE + 12 * np.sin(2 * np.pi * rate_hz * np.arange(len(pitch)) * QUANTUM / SR_HZ)
    cents = 100 * np.abs(wanted - pitch).max()
    tunings = [(2 ** (c / 1200), start_phase(0.0, j)) for j, c in enumerate((-30, 0, 30)[:n] if n > 1 else (0,))]
    found = error_db(x, cycles_of(pitch), tunings)
    print(f"vibrato of 12 semitones at {rate_hz:.0f} Hz, unison of {n}: {found:.1f} dB; pitch within {cents:.4f} cents of the LFO's")
    assert found <= -100 and cents < 0.1
