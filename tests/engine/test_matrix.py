"""The modulation matrix: every source, every target, as declared; read from the voices where that is exact, heard where it is sound."""

import numpy as np
import pytest

from synth.engine.modulation import matrix
from synth.events import bend, control, note_off, note_on, pressure, set_param
from synth.params.knobs import FILTER_TYPES, KNOBS, LFO_SHAPES, MOD_SOURCES, PARAMS
from synth.params.param import SYNCS
from synth.patch.patch import Patch
from synth.render.offline import Offline

from .sounds import SR_HZ, click_db, soft, table
from .test_own_latents import slot

SINE = table([1.0])
OCTAVE = 12 / 96  # amount that makes a whole source an octave


def voices(player):
    """The sounding voices, oldest first."""
    rows = player.engine._s["polyphony"]["voices"]
    return sorted(rows[rows["state"] == 1], key=lambda v: v["serial"])


def semitones(params, events, frames=9600, sounding=0):
    """How far the pitch of a voice is from its key after events."""
    player = Offline(Patch(params={"bend.range_semitones": 0.0, **params}), events, source=SINE)
    player.read(frames)
    v = voices(player)[sounding]
    return v["pitch"] - v["note"]


def to_pitch(source, amount=OCTAVE, via="none"):
    return slot(1, source, "osc.coarse_semitones", amount, via)


NOTE = (0, note_on(60, 0.6))


@pytest.mark.parametrize("source, params, events, value", [
    ("velocity", {}, [NOTE], 0.6), ("key", {}, [(0, note_on(90))], 0.5), ("key", {}, [(0, note_on(0))], -1.0),
    ("release", {}, [(0, control(64, 127)), NOTE, (2000, note_off(60, velocity=0.25))], 0.25),
    ("wheel", {}, [(0, control(1, 64)), NOTE], 64 / 127), ("breath", {}, [NOTE, (1000, control(2, 32))], 32 / 127),
    ("expression", {}, [NOTE, (1000, control(11, 100))], 100 / 127), ("pressure", {}, [NOTE, (500, pressure(127))], 1.0),
    ("slide", {}, [NOTE, (500, control(74, 127))], 1.0), ("slide", {}, [NOTE], 0.0), ("bend", {}, [NOTE, (500, bend(-0.5))], -0.5),
    ("amp", {"amp.sustain": 0.7, "amp.decay_s": 0.05}, [NOTE], 0.7), ("env2", {"env2.sustain": 0.3, "env2.decay_s": 0.05}, [NOTE], 0.3),
    ("env3", {"env3.sustain": 0.4, "env3.decay_s": 0.05}, [NOTE], 0.4), ("macro3", {"macro3.value": 0.25}, [NOTE], 0.25),
    ("macro8", {}, [NOTE, (100, set_param("macro8.value", 1.0))], 1.0)])
def test_every_source_moves_its_target_by_its_amount(source, params, events, value):
    assert semitones({**params, **to_pitch(source)}, events) == pytest.approx(12 * value, abs=2e-4)
    assert semitones({**params, **to_pitch(source, -OCTAVE)}, events) == pytest.approx(-12 * value, abs=2e-4)


def test_a_held_voice_at_rest_follows_a_modulated_tuning():
    """Only the tuning moves: the voice's pitch in semitones stays where it is, its phase must not."""
    def step(at):
        events = [NOTE, (4800, set_param("macro1.value", 1.0))]
        player = Offline(Patch(params=slot(1, "macro1", "master.tune_hz", 0.5)), events, source=SINE)
        player.read(at)
        return int(voices(player)[0]["step"][0])
    assert step(9600) > 1.01 * step(4800)


def test_a_second_source_scales_the_first_and_slots_add_up():
    assert semitones(to_pitch("velocity", via="wheel"), [(0, control(1, 32)), NOTE]) == pytest.approx(12 * 0.6 * 32 / 127, abs=2e-4)
    two = {**to_pitch("velocity"), **slot(32, "macro1", "osc.coarse_semitones", -OCTAVE), "macro1.value": 0.5}
    assert semitones(two, [NOTE]) == pytest.approx(12 * 0.1, abs=2e-4)


def test_a_target_is_clipped_at_the_ends_of_its_range():
    assert semitones(to_pitch("velocity", 1.0), [(0, note_on(20, 1.0))]) == pytest.approx(48, abs=1e-4)
    assert semitones({**to_pitch("velocity", -1.0), "osc.coarse_semitones": 24.0}, [(0, note_on(90, 1.0))]) == pytest.approx(-48, abs=1e-4)


def test_32_slots_at_once_and_each_that_is_taken_away_is_gone():
    params = {k: v for n in range(1, 33) for k, v in slot(n, "velocity", "osc.coarse_semitones", n / 96 / 32).items()}
    total = sum(range(1, 33)) / 32
    assert semitones(params, [(0, note_on(40, 1.0))]) == pytest.approx(total, abs=1e-3)
    some = [(2000, set_param(f"mod{n}.source", 0.0)) for n in (1, 17, 32)]
    assert semitones(params, [(0, note_on(40, 1.0)), *some]) == pytest.approx(total - 50 / 32, abs=1e-3)
    assert semitones(params, [(0, note_on(40, 1.0)), *((2000, set_param(f"mod{n}.source", 0.0)) for n in range(1, 33))]) == 0


def test_random_is_of_the_note_and_its_frame():
    found = {(f, n): semitones(to_pitch("random"), [(f, note_on(n))]) / 12 for f in (0, 700, 701) for n in (60, 61, 62, 63)}
    assert len({round(v, 4) for v in found.values()}) == 12 and -1 <= min(found.values()) < -0.3 and 0.3 < max(found.values()) <= 1
    assert semitones(to_pitch("random"), [(0, note_on(48)), (700, note_on(61))], sounding=1) / 12 == pytest.approx(found[700, 61], abs=1e-6)


# ---- LFOs

ONE = [(0, note_on(60))]


def lfo_curve(params, events=ONE, quanta=300, source="lfo1"):
    """The value of an LFO at the end of every quantum of the first voice's life (and of the last voice's), read from its pitch."""
    player = Offline(Patch(params={**to_pitch(source), **params}), list(events), source=SINE)
    rows = []
    for _ in range(quanta):
        player.read(32)
        v = voices(player)
        rows.append(((v[0]["pitch"] - v[0]["note"]) / 12, (v[-1]["pitch"] - v[-1]["note"]) / 12))
    return np.array(rows).T


T = np.arange(300) * 32 / SR_HZ  # since the note began, at the ends of its quanta


@pytest.mark.parametrize("params, expected", [
    ({"lfo1.rate_hz": 5.0}, np.sin(2 * np.pi * 5 * T)),
    ({"lfo1.rate_hz": 5.0, "lfo1.phase_cycles": 0.25}, np.cos(2 * np.pi * 5 * T)),
    ({"lfo1.rate_hz": 5.0, "lfo1.polarity": 1.0}, 0.5 + 0.5 * np.sin(2 * np.pi * 5 * T)),
    ({"lfo1.rate_hz": 5.0, "lfo1.fade_s": 0.1}, np.sin(2 * np.pi * 5 * T) * np.minimum(T / 0.1, 1)),
    ({"lfo1.sync": float(SYNCS.index("1/16")), "clock.tempo_bpm": 90.0}, np.sin(2 * np.pi * 6 * T)),
    ({"lfo1.sync": float(SYNCS.index("1/8t"))}, np.sin(2 * np.pi * 6 * T))])
def test_an_lfo_is_its_shape_from_the_notes_start(params, expected):
    assert np.abs(lfo_curve(params)[0] - expected).max() < 2e-3


def test_lfos_of_voices_start_with_their_notes_and_a_global_one_is_one_for_all():
    events = [(0, note_on(60)), (3200, note_on(67))]
    own = lfo_curve({"lfo1.rate_hz": 5.0}, events)
    assert np.abs(own[1][100:] - own[0][:200]).max() < 1e-4 and np.abs(own[1][100:] - own[0][100:]).max() > 0.5
    one = lfo_curve({"lfo1.rate_hz": 5.0, "lfo1.scope": 1.0}, events)
    assert np.array_equal(one[0][100:], one[1][100:])
    later = lfo_curve({"lfo1.rate_hz": 5.0, "lfo1.scope": 1.0}, [(0, note_on(60)), (4096, note_on(60))])
    assert np.abs(later[1][:250] - np.sin(2 * np.pi * 5 * (T[:250] + 32 / SR_HZ))).max() < 2e-3  # it has run since the start


def test_an_lfo_keeps_its_rate_whatever_else_is_modulated():
    """One that also moves what is one for all is read twice a quantum for the newest voice, but runs once."""
    also = slot(2, "lfo1", "master.gain_db", 0.05)
    assert np.abs(lfo_curve({"lfo1.rate_hz": 5.0, **also})[0] - np.sin(2 * np.pi * 5 * T)).max() < 2e-3


def test_the_rate_of_an_lfo_is_modulated():
    unit = PARAMS["lfo1.rate_hz"].to_unit
    amount = unit(8.0) - unit(4.0)
    found = lfo_curve({"lfo1.rate_hz": 4.0, **slot(2, "macro1", "lfo1.rate_hz", amount), "macro1.value": 1.0})[0]
    assert np.abs(found - np.sin(2 * np.pi * 8 * T)).max() < 5e-3


# ---- targets

# where modulated and set are not to be the same: what is only looked at when a note starts or a key goes down is the note before's;
# clocks and modes are not sound
BEFORE = ("voice.", "glide.", "bend.", "clock.")
BASE = {"unison.voices": 3.0, "filter.type": float(FILTER_TYPES.index("low12")), "filter.cutoff_hz": 1500.0, "filter.env_semitones": 12.0,
        "filter.keytrack": 0.5, "filter.velocity_semitones": 6.0, "sub.level_db": -20.0, "noise.level_db": -40.0, "env2.sustain": 0.5,
        "amp.sustain": 0.8, "amp.decay_s": 0.05, "env2.decay_s": 0.05, "env3.decay_s": 0.05, "env3.sustain": 0.5,
        **slot(2, "lfo1", "osc.fine_cents", 0.1), **slot(3, "env3", "osc.fine_cents", 0.1), "macro1.value": 1.0,
        "amp.release_s": 0.05, "osc.phase_random": 0.3, "lfo1.rate_hz": 20.0}
LATENT_TARGETS = ("osc.position", "osc.position_y", "direction.")
VOICE_TARGETS = [p for p in KNOBS if not p.name.startswith(BEFORE) and matrix.CLASS[[k.name for k in KNOBS].index(p.name)] != matrix.GLOBAL
                 and not p.name.startswith(("macro", "lfo2", "lfo3", "lfo4", "direction"))]


def rendered(params, note=57):
    return Offline(Patch(params=params), [(0, note_on(note, 0.8)), (6400, note_off(note))], source=soft()).read(9600)


@pytest.mark.parametrize("p", [
    pytest.param(p, id=p.name) for p in VOICE_TARGETS])
def test_a_modulated_knob_sounds_as_if_it_were_set(p):
    """Every knob that a voice has for itself: moved by a macro from where the patch has it to another place, from the first frame."""
    here = BASE.get(p.name, p.default)
    start = p.to_unit(here)
    far = 0.1 if p.curve == "time" else 0.3
    u = start + far if start < 0.6 else start - far
    there = p.from_unit(u)
    x = rendered({**BASE, p.name: there})
    y = rendered({**BASE, **slot(1, "macro1", p.name, p.to_unit(there) - start)})
    assert np.abs(x - y).max() < 2e-3 * np.abs(x).max()


def test_pan_level_and_pitch_are_heard():
    def level(x, side):
        return 10 * np.log10((x[4800:, side].astype(float) ** 2).mean() + 1e-30)

    def played(*slots):
        params = {k: v for i, (target, amount) in enumerate(slots) for k, v in slot(i + 1, "velocity", target, amount).items()}
        return Offline(Patch(params=params), [(0, note_on(69, 1.0))], source=SINE).read(48000)

    plain = played()
    assert level(played(("osc.level_db", -10 / 66)), 0) - level(plain, 0) == pytest.approx(-10, abs=0.01)
    right = played(("master.pan", 0.5))
    assert level(right, 0) < -100 and level(right, 1) - level(plain, 1) == pytest.approx(3.01, abs=0.01)
    x = played(("osc.fine_cents", 0.25))[9600:9600 + 32768, 0]
    hz = 440 * 2 ** (50 / 1200)
    t = np.arange(32768) / SR_HZ
    wave = x * np.exp(-2j * np.pi * hz * t)
    turn = np.unwrap(np.angle([wave[i:i + 4096] @ np.hanning(4096) for i in range(0, 28672, 512)]))
    assert abs(np.polyfit(np.arange(len(turn)) * 512 / SR_HZ, turn, 1)[0] / (2 * np.pi)) < hz * (2 ** (0.1 / 1200) - 1)


def test_what_is_one_for_all_follows_the_newest_voice():
    params = {**slot(1, "velocity", "master.gain_db", -12 / 72), "amp.velocity": 0.0}
    rows = [(0, note_on(60, 1.0)), (9600, note_on(72, 0.5)), (19200, note_off(72))]
    player = Offline(Patch(params=params), rows, source=SINE)
    gains = []
    for _ in range(2):
        player.read(9600)
        gains.append(float(player.engine._s["knobs"]["played"]["master_gain_db"]))
    assert gains == pytest.approx([-12, -6], abs=1e-3)
    player = Offline(Patch(params=params), [*rows, (20000, set_param("mod1.source", 0.0))], source=SINE)
    player.read(24000)
    assert player.engine._s["knobs"]["played"]["master_gain_db"] == 0


@pytest.mark.parametrize("name", ["filter.type", "master.tune_hz", "amp.velocity"])
def test_modulated_globals_are_heard(name):
    p = PARAMS[name]
    there = {"filter.type": float(FILTER_TYPES.index("high12")), "master.tune_hz": 460.0, "amp.velocity": 0.5}[name]
    amount = p.to_unit(there) - p.to_unit(BASE.get(name, p.default))
    x, y = rendered({**BASE, name: there}), rendered({**BASE, **slot(1, "macro1", name, amount)})
    assert 20 * np.log10(np.sqrt((x[3200:6400] ** 2).mean() / (y[3200:6400] ** 2).mean())) == pytest.approx(0, abs=0.5)
    if name == "master.tune_hz":
        spectra = [np.abs(np.fft.rfft(z[1600:5696, 0] * np.hanning(4096))) for z in (x, y)]
        assert np.abs(spectra[0] - spectra[1]).max() < 0.2 * spectra[0].max()


def test_modulated_unison_at_every_place_among_the_lanes_is_what_set_unison_is():
    """A stereo voice takes two lanes of sixteen, also where only modulation makes it one."""
    notes = [(40 * i, note_on(36 + i, 0.3)) for i in range(20)]
    uneven = [*notes[:15], (2000, set_param("macro1.value", 1.0)), *((4000 + f, e) for f, e in notes[15:])]
    x = Offline(Patch(params=slot(1, "macro1", "unison.voices", 0.2)), uneven, source=soft()).read(9600)
    set_ = [*notes[:15], (2000, set_param("unison.voices", 4.0)), *((4000 + f, e) for f, e in notes[15:])]
    y = Offline(Patch(), set_, source=soft()).read(9600)
    assert np.abs(x).max() > 0.05 and np.abs(x - y).max() < 1e-4


JUMPS = [("velocity", t, a) for t, a in (("osc.level_db", -0.5), ("master.pan", 0.5), ("unison.width", -0.7), ("filter.drive_db", 0.5),
                                         ("filter.cutoff_hz", -0.6), ("filter.resonance", 0.8),
                                         ("osc.coarse_semitones", 0.1), ("osc.position", 1.0), ("master.gain_db", -0.5))]
HELD = {"filter.type": float(FILTER_TYPES.index("low24")), "filter.cutoff_hz": 5000.0}


@pytest.mark.parametrize("how, source, target, amount", [
    pytest.param(how, *jump)
    for how in ("amount", "slot", "wheel") for jump in JUMPS])
def test_nothing_clicks_when_modulation_jumps(how, source, target, amount):
    """The declared amount, the slot itself, or the controller behind it (the measure of test_purity)."""
    by = "breath" if how == "wheel" else source
    frames = [(4000 + i * 3011, i % 2) for i in range(12)]
    change = {"amount": lambda on: set_param("mod1.amount", on * amount), "wheel": lambda on: control(2, 127 * on),
              "slot": lambda on: set_param("mod1.source", on * float(MOD_SOURCES.index(source)))}[how]
    params = {**HELD, **slot(1, by, target, 0.0 if how == "amount" else amount), **({"unison.voices": 4.0} if "width" in target else {})}
    x = Offline(Patch(params=params), [(100, note_on(48)), *((f, change(on)) for f, on in frames)], source=soft()).read(43200)
    found = click_db(x)
    print(f"{how} of {target}: {found:.1f} dBFS")
    assert np.abs(x).max() > 0.05 and found < -80


@pytest.mark.parametrize("shape", LFO_SHAPES)
def test_every_lfo_shape_moves_level_and_pitch_without_a_click(shape):
    params = {**slot(1, "lfo1", "osc.level_db", 0.2), **slot(2, "lfo1", "osc.coarse_semitones", 0.05), "lfo1.rate_hz": 9.0,
              "lfo1.shape": float(LFO_SHAPES.index(shape)), "osc.level_db": -12.0}
    found = click_db(Offline(Patch(params=params), [(100, note_on(48))], source=soft()).read(48000))
    print(f"{shape} LFO on level and pitch: {found:.1f} dBFS")
    assert found < -80


def test_velocity_moves_the_attack_of_each_note():
    p = PARAMS["amp.attack_s"]
    params = {**slot(1, "velocity", "amp.attack_s", p.to_unit(0.3) - p.to_unit(0.1)), "amp.attack_s": 0.1}
    for velocity, expected in ((1.0, 0.3), (0.5, p.from_unit((p.to_unit(0.3) + p.to_unit(0.1)) / 2))):
        player = Offline(Patch(params=params), [(0, note_on(60, velocity))], source=SINE)
        reached = next(i for i in range(600) if player.read(32) is not None and voices(player)[0]["amp"]["level"] >= 1)
        assert (reached + 1) * 32 / SR_HZ == pytest.approx(expected, abs=64 / SR_HZ)


def test_a_row_that_is_bypassed_moves_nothing_and_goes_and_comes_without_a_click():
    """To the bit as without depth; switched in the midst of a note it fades out and in."""
    moved = {**slot(1, "lfo1", "osc.level_db", 0.2), "lfo1.rate_hz": 3.0}
    plain = Offline(Patch(params={**moved, "mod1.amount": 0.0}), [NOTE], source=SINE).read(48000)
    bypassed = Offline(Patch(params={**moved, "mod1.bypass": 1.0}), [NOTE], source=SINE).read(48000)
    assert np.array_equal(plain, bypassed)
    switched = Offline(Patch(params=moved), [NOTE, (24000, set_param("mod1.bypass", 1.0)), (40000, set_param("mod1.bypass", 0.0))],
                       source=SINE).read(72000)
    assert np.abs(switched[30000:39000] - plain[30000:39000]).max() < 1e-3 * np.abs(plain).max(), "as if it were not there"
    assert np.abs(switched[4000:23000] - plain[4000:23000]).max() > 0.05 * np.abs(plain).max()
    assert np.abs(switched[60000:72000]).max() > 1.05 * np.abs(plain).max(), "and there again"
    for at in (24000, 40000):
        assert click_db(switched[at - 4800:at + 9600]) < -80
