"""Scala's scales and mappings by Scala's own definitions: golden pitches, every rule of the formats, and the sound."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.events import note_on
from synth.patch import preset_file, tuning
from synth.patch.patch import Patch
from synth.patch.tuning import Keymap, Scale, pitches, read_kbm, read_scl
from synth.render.offline import Offline, render
from tests.engine.sounds import INIT, SR_HZ, table
from tests.measures import sound

C4_HZ = 440 * 2 ** (-9 / 12)
JUST = """! just.scl
!
Ptolemy's intense diatonic
 7
!
 9/8
 5/4   the third
 4/3
 3/2
 5/3
 15/8
 2/1
"""
STANDARD = """! Size of map:
12
! First MIDI note number to retune:
0
! Last:
127
! Middle note:
60
! Reference note:
69
! Reference frequency:
440.0
! Formal octave:
12
! Mapping:
0
1
2
3
4
5
6
7
8
9
10
11
"""


def steps(n, cents):
    """A scale of n equal steps of so many cents."""
    return Scale("", tuple(cents * i for i in range(1, n + 1)))


def edo(n, interval=2.0):
    return steps(n, 1200 * math.log2(interval) / n)


def hz(scale, keymap=None):
    return 440 * 2 ** ((pitches(scale, keymap) - 69) / 12)


def mapped(text_of_map, octave, *, first=0, last=127, middle=60, reference=60, reference_hz=C4_HZ, size=None):
    rows = text_of_map.split()
    size = len(rows) if size is None else size
    return read_kbm("\n".join(map(str, (size, first, last, middle, reference, reference_hz, octave, *rows))))


def test_twelve_equal_steps_are_the_keyboard():
    assert np.abs(pitches(edo(12)) - np.arange(128)).max() < 1e-9
    assert np.abs(pitches(edo(12), read_kbm(STANDARD)) - np.arange(128)).max() < 1e-9
    assert np.abs(tuning.tune_scale(edo(12)).pitches() - np.arange(128)).max() == 0


def test_just_intonation():
    found = hz(read_scl(JUST))
    ratios = [1, 9 / 8, 5 / 4, 4 / 3, 3 / 2, 5 / 3, 15 / 8]
    for key in range(128):
        octave, degree = divmod(key - 60, 7)
        assert found[key] == pytest.approx(C4_HZ * 2.0**octave * ratios[degree], rel=1e-9)


@pytest.mark.parametrize(("cents", "n"), [(77.965, 16), (63.833, 19), (35.099, 34)])  # Carlos alpha, beta, gamma: no octave
def test_carlos(cents, n):
    found = pitches(steps(n, cents))
    assert np.abs(found - (60 + (np.arange(128) - 60) * cents / 100)).max() < 1e-9


@pytest.mark.parametrize(("n", "interval"), [(19, 2.0), (31, 2.0), (13, 3.0)])  # the last is Bohlen-Pierce
def test_equal_divisions(n, interval):
    found = hz(edo(n, interval))
    assert found[60 + n] == pytest.approx(interval * C4_HZ) and found[60 - n] == pytest.approx(C4_HZ / interval)
    assert np.abs(np.diff(pitches(edo(n, interval))) - 12 * math.log2(interval) / n).max() < 1e-9


def test_white_keys_only():
    """Seven notes on the white keys from a middle C; black ones silent; A4 at 432 Hz."""
    keymap = mapped("0 x 1 x 2 3 x 4 x 5 x 6", 7, reference=69, reference_hz=432)
    found = hz(read_scl(JUST), keymap)
    assert np.isnan(found[[61, 63, 66, 68, 70, 49, 1, 126]]).all()
    assert found[69] == pytest.approx(432) and found[81] == pytest.approx(864)
    assert found[60] == pytest.approx(432 / (5 / 3)) and found[64] == pytest.approx(432 * (5 / 4) / (5 / 3))
    assert found[48] == pytest.approx(found[60] / 2) and np.isfinite(found).sum() == 75


def test_a_formal_octave_that_is_none():
    """A pattern of three keys that repeats by a fifth (degree 4 of the scale)."""
    found = hz(read_scl(JUST), mapped("0 1 2", 4))
    assert found[63] / found[60] == pytest.approx(1.5) and found[57] / found[60] == pytest.approx(1 / 1.5)
    assert found[65] / found[60] == pytest.approx(1.5 * 5 / 4)
    again = hz(read_scl(JUST), mapped("0 1 2", 0))  # degree 0: the highest degree of the scale
    assert again[63] / again[60] == pytest.approx(2)


def test_degrees_below_and_beyond_the_scale_and_twice():
    found = hz(read_scl(JUST), mapped("0 0 9 -1 4", 7))
    assert found[61] == found[60] and found[62] / found[60] == pytest.approx(2 * 5 / 4)
    assert found[63] / found[60] == pytest.approx(15 / 16)


def test_descending_and_repeated_notes():
    scale = read_scl("odd\n4\n 300.\n 300.0\n -50.\n 1/2\n")
    found = pitches(scale)
    assert np.abs(found[60:65] - [60, 63, 63, 59.5, 48]).max() < 1e-9 and found[56] == pytest.approx(72)


def test_linear_mapping_and_a_middle_key():
    keymap = mapped("", 5, size=0, middle=62, reference=69, reference_hz=440)
    found = hz(edo(19), keymap)
    assert found[69] == pytest.approx(440) and found[62] == pytest.approx(440 * 2 ** (-7 / 19))
    just = hz(read_scl(JUST), keymap)
    assert just[62 + 7] == pytest.approx(440) and just[62] == pytest.approx(220)


def test_only_a_range_of_keys_is_retuned():
    found = pitches(edo(19), mapped("", 0, size=0, first=50, last=70))
    assert np.array_equal(found[:50], np.arange(50)) and np.array_equal(found[71:], np.arange(71, 128))
    assert found[61] == pytest.approx(60 + 12 / 19)


def test_unmapped_keys_at_the_end_may_be_left_out():
    keymap = mapped("0 1 2", 7, size=5)
    assert keymap.degrees == (0, 1, 2, None, None)


def test_the_scale_of_no_notes_is_one_pitch():
    assert np.abs(pitches(read_scl("nothing\n 0\n")) - 60).max() < 1e-9


@pytest.mark.parametrize(("line", "cents"), [
    ("81/64", 407.82), (" 408.0", 408.0), ("\t408.", 408.0), ("5", 2786.314), ("-5.0", -5.0), ("10/20", -1200.0), ("100.0 cents", 100.0),
    ("100.0 C#", 100.0), ("5/4   E\\", 386.314), (".5", 0.5), ("2147483647/2147483646", 8.06e-7),
    ("3/2 about 702.0", 701.955), ("2/1!", 1200)])
def test_pitch_lines(line, cents):
    assert read_scl(f"x\n1\n{line}").cents[0] == pytest.approx(cents, abs=1e-3)


@pytest.mark.parametrize("text", [
    "", "only words\n", "x\nmany\n", "x\n2\n3/2\n", "x\n1\nfifth\n", "x\n1\n0/1\n", "x\n1\n3/0\n", "x\n1\n-3/2\n", "x\n-1\n", "x\n1\n$\n",
    "x\n1\n" + "9" * 5000, "x\n99999999\n"])
def test_what_is_no_scale(text):
    with pytest.raises(UserError):
        read_scl(text)


@pytest.mark.parametrize(("old", "new"), [
    ("12\n! First", "-3\n! First"), ("127", "200"), ("60", "sixty"), ("440.0", "0"), ("440.0", "A4"), ("\n11\n", "\nfoo\n"), ("127", "-1")])
def test_what_is_no_mapping(old, new):
    with pytest.raises(UserError):
        read_kbm(STANDARD.replace(old, new, 1))
    with pytest.raises(UserError):
        read_kbm(STANDARD[:60])


def test_a_silent_reference_key_is_told():
    with pytest.raises(UserError, match="reference"):
        pitches(read_scl(JUST), mapped("0 x 2", 7, reference=61))


SCALES = st.builds(Scale, st.just(""), st.lists(st.floats(-5000, 5000), max_size=40).map(tuple))
MAPS = st.builds(Keymap, st.integers(0, 127), st.integers(0, 127), st.integers(0, 127), st.integers(0, 127), st.floats(1, 20000),
                 st.integers(-30, 90), st.lists(st.none() | st.integers(-90, 90), max_size=30).map(tuple))


@given(SCALES, MAPS)
def test_any_mapping_keeps_its_own_rules(scale, keymap):
    try:
        found = pitches(scale, keymap)
    except UserError:
        assert math.isnan(keymap.cents(scale, keymap.reference))
        return
    inside = [k for k in range(128) if keymap.first <= k <= keymap.last]
    assert all(found[k] == k for k in range(128) if k not in inside)
    low, high = tuning.LOWEST, tuning.HIGHEST
    assert all(math.isnan(p) or low <= p <= high for p in found)
    reference_pitch = 69 + 12 * math.log2(keymap.reference_hz / 440)
    for key in inside:
        wanted = reference_pitch + (keymap.cents(scale, key) - keymap.cents(scale, keymap.reference)) / 100
        assert found[key] == pytest.approx(min(max(wanted, low), high), abs=1e-6, nan_ok=True)
    if keymap.degrees:  # one pattern up is one formal octave up, everywhere
        step, size = scale.at(keymap.octave or len(scale.cents)), len(keymap.degrees)
        for key in range(128 - size):
            here, above = keymap.cents(scale, key), keymap.cents(scale, key + size)
            assert math.isnan(above) if math.isnan(here) else above - here == pytest.approx(step, abs=1e-6)


@given(st.text(max_size=60) | st.text("0123456789./-x! \n\t", max_size=80))
def test_any_text_is_read_or_refused(text):
    for read in (read_scl, read_kbm):
        try:
            tuned = pitches(*((read_scl(text),) if read is read_scl else (edo(12), read_kbm(text))))
            assert tuned.shape == (128,)
        except UserError as error:
            assert len(str(error)) < 300


def test_presets_keep_their_tuning():
    own = tuning.tune_scale(read_scl(JUST), mapped("0 x 1 x 2 3 x 4 x 5 x 6", 7))
    again = preset_file.from_json(preset_file.to_json(Patch(tuning=own)))
    assert again.tuning == own and "tuning" not in preset_file.to_json(INIT)
    damaged = json.loads(preset_file.to_json(Patch(tuning=own)))
    damaged["tuning"]["notes"][3] = 1e9
    with pytest.raises(UserError):
        preset_file.from_json(json.dumps(damaged))


def pitch_cents(x, wanted_hz):
    return sound.alias(x, wanted_hz, SR_HZ)["cents"]


def test_a_tuned_key_sounds_at_its_pitch_and_a_silent_one_does_not():
    own = tuning.tune_scale(read_scl(JUST), mapped("0 x 1 x 2 3 x 4 x 5 x 6", 7))
    x = render(Patch(tuning=own), [(100, note_on(64))], 3.0, source=table([1.0]))[4000:, 0].astype(float)
    assert abs(pitch_cents(x, C4_HZ * 5 / 4)) < 0.1
    x = render(Patch(tuning=own, params={"master.tune_hz": 442.0}), [(100, note_on(64))], 3.0, source=table([1.0]))[4000:, 0].astype(float)
    assert abs(pitch_cents(x, C4_HZ * 5 / 4 * 442 / 440)) < 0.1
    assert np.abs(render(Patch(tuning=own), [(100, note_on(61))], 0.3, source=table([1.0]))).max() == 0


def test_a_held_key_that_a_new_tuning_leaves_out_goes_on():
    own = tuning.tune_scale(read_scl(JUST), mapped("0 x 1 x 2 3 x 4 x 5 x 6", 7))
    player = Offline(INIT, [(100, note_on(61)), (2000, Patch(tuning=own))], source=table([1.0]))
    x = player.read(9600)
    assert np.isfinite(x).all() and np.abs(x[5000:]).max() > 0.01


def test_a_given_tuning_holds_for_every_preset():
    own = tuning.tune_scale(edo(19))
    player = Offline(INIT, [(100, Patch()), (200, note_on(61))], source=table([1.0]), tuning=own)
    player.read(2000)
    assert player.engine._s["knobs"]["patch"]["tuning"][61] == own.notes[61]


def test_render_takes_scala_files(cli_here, tmp_path):
    (tmp_path / "just.scl").write_text(JUST)
    (tmp_path / "white.kbm").write_text("12\n0\n127\n60\n69\n440\n7\n0\nx\n1\nx\n2\n3\nx\n4\nx\n5\nx\n6\n")
    (tmp_path / "song.jsonl").write_text('{"frame": 0, "type": "note_on", "note": 60}\n{"frame": 9000, "type": "note_off", "note": 60}\n')
    arguments = ("render", "--events", "song.jsonl", "--tail", "0.1")
    done = cli_here(*arguments, "-o", "a.wav", "--tuning", "just.scl", "--keymap", "white.kbm", "--mpe", check=True)
    assert "a.wav" in done.stdout
    for bad in (("--tuning", "none.scl"), ("--tuning", "song.jsonl"), ("--tuning", "just.scl", "--keymap", "just.scl")):
        done = cli_here(*arguments, "-o", "b.wav", *bad)
        assert done.returncode == 1 and done.stderr.count("\n") == 1 and bad[-1] in done.stderr
        assert not (tmp_path / "b.wav").exists()
