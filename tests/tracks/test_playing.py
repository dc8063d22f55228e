"""An instrument of recordings in the engine: what each knob does to the sound, with notes made in code."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from synth.events import bend, control, note_off, note_on
from synth.patch import preset_file
from synth.patch.instrument_ref import InstrumentRef
from synth.patch.patch import Patch
from synth.render.offline import blocks
from synth.timbres.model import open_model
from tests.engine.sounds import click_db
from tests.measures import sound
from tests.tracks import playing
from tests.tracks.playing import SR_HZ, harmonics_db, played, sounds, with_knobs

MODEL = "akwf-16"
SOFT, LOUD = 48, 112


def level_db(x):
    return 10 * np.log10((x.astype(float) ** 2).mean() + 1e-20)


@pytest.fixture(scope="module")
def zones():
    """Held notes: two keys, two velocities, the upper key duller; a plucked one."""
    model = open_model(MODEL)
    held = [playing.made_zone(key, velocity, model, seconds=1.0, decay_db_a_s=0.0, level=0.1 if velocity == SOFT else 0.3,
                              vibrato_cents=12.0 if key == 60 else 0.0, noise=1e-3, most=10)
            for key in (60, 72) for velocity in (SOFT, LOUD)]
    return held, [playing.made_zone(60, 100, model, seconds=1.2, decay_db_a_s=12.0)]


@pytest.fixture
def patch(home, zones):
    return playing.saved(home, "Held", zones[0], open_model(MODEL))


@pytest.fixture
def plucked(home, zones):
    return playing.saved(home, "Plucked", zones[1], open_model(MODEL))


@pytest.fixture
def dull(home):
    """Two drawn instruments with nothing of their own above 8 kHz."""
    model = open_model(MODEL)
    return [playing.saved(home, f"Dull {seed}", [playing.drawn_zone(model, 60, seed=seed)], model) for seed in (0, 1)]


def note_of(patch, key=60, velocity=LOUD, seconds=1.2, held_s=None, **options):
    events = [(0.1, note_on(key, velocity / 127))] + ([(0.1 + held_s, note_off(key))] if held_s else [])
    return played(patch, events, seconds, **options)


def test_a_note_is_as_loud_as_its_recording_begins_at_its_frame_and_is_in_tune(patch, zones):
    for zone in zones[0]:
        x = note_of(patch, zone.key, zone.velocity)[:, 0]
        wanted = 20 * np.log10(0.1 if zone.velocity == SOFT else 0.3)
        steady = x[int(0.5 * SR_HZ): int(1.0 * SR_HZ)]
        recorded = sounds.note(sounds.key_hz(zone.key), seconds=1.0, decay_db_a_s=0.0, level=10 ** (wanted / 20))[20_000:40_000]
        first = np.flatnonzero(np.abs(x) > 0.03 * np.abs(x).max())[0] - int(0.1 * SR_HZ)
        print(f"key {zone.key} velocity {zone.velocity}: {level_db(steady) - level_db(recorded):+.2f} dB, from frame {first}")
        assert abs(level_db(steady) - level_db(recorded)) < 1.0
        assert 0 <= first < 0.002 * SR_HZ and not x[: int(0.1 * SR_HZ)].any()


def test_no_amount_of_it_is_the_still_sound_to_the_bit(patch):
    still = replace(patch, instrument=None)
    for gesture in ([], [(0.3 + 0.01 * i, bend(i / 40)) for i in range(40)]):
        events = [(0.1, note_on(60, 0.8)), (0.15, note_on(67, 0.5)), *gesture, (0.9, note_off(60))]
        a, b = (played(p, events, 1.2) for p in (with_knobs(patch, track_amount=0.0), still))
        print(f"greatest difference {np.abs(a - b).max():.2e} of {np.abs(b).max():.2f}")
        assert np.abs(a - b).max() < 1e-4 * np.abs(b).max()  # each voice has a spectrum of its own there: other rounding


def test_the_same_whatever_the_block_size_and_again(patch):
    events = [(0.1, note_on(60, 0.8)), (0.11, note_on(72, 0.3)), (0.5, control(1, 90)), (0.7, note_off(60))]
    from synth.render.offline import Offline

    frames = [(int(t * SR_HZ), e) for t, e in events]
    first, other = (np.concatenate(list(blocks(Offline(patch, frames), SR_HZ, size))) for size in (128, 480))
    assert np.array_equal(first, other) and np.array_equal(first, np.concatenate(list(blocks(Offline(patch, frames), SR_HZ, 128))))


@pytest.mark.parametrize("loop", ["hold", "loop", "ping-pong", "drift"])
def test_a_held_note_goes_on_as_long_as_it_is_held(dull, loop):
    x = note_of(with_knobs(dull[0], track_loop=["hold", "loop", "ping-pong", "drift"].index(loop)), 60, 100, 20.0)
    seconds = [level_db(x[i * SR_HZ: (i + 1) * SR_HZ, 0]) for i in range(1, 20)]
    clicks = click_db(x)
    print(f"{loop}: {min(seconds):.2f} to {max(seconds):.2f} dB, clicks {clicks:.1f} dBFS")
    assert max(seconds) - min(seconds) < 1.0 and clicks < -80 and max(seconds) > -24


def test_a_struck_note_dies_away_and_its_voice_is_free(plucked):
    x = note_of(plucked, 60, 100, 10.0)[:, 0]
    levels = np.array([level_db(x[int((0.6 + i) * SR_HZ): int((0.7 + i) * SR_HZ)]) for i in range(5)])
    print("levels a second apart:", levels.round(1).tolist())
    assert (np.diff(levels) < -8).all() and (np.diff(levels) > -24).all()
    from synth.render.offline import Offline

    player = Offline(plucked, [(100, note_on(60)), (SR_HZ, note_off(60))])
    player.read(3 * SR_HZ)
    assert player.engine.snapshot()["voices"] == 0


def test_the_release_is_the_recorded_one(dull):
    """150 dB a second were drawn."""
    on, off = (note_of(with_knobs(dull[0], track_release=r, amp_release_s=0.002 if not r else 20.0), 60, 100, 1.4, 0.7) for r in (1, 0))
    before = level_db(on[int(0.7 * SR_HZ): int(0.75 * SR_HZ), 0])
    tail = [level_db(x[int(0.89 * SR_HZ): int(0.91 * SR_HZ), 0]) - before for x in (on, off)]
    print(f"100 ms after: {tail[0]:.1f} dB with the recorded release, {tail[1]:.1f} without; clicks {click_db(on):.1f} dBFS")
    assert -18 < tail[0] < -12 and tail[1] < -60 and click_db(on) < -80


def test_speed_stretches_and_the_tempo_may_say_how_long_it_is(plucked):
    def falls_in(x, db=-6.0):
        loud = np.array([level_db(x[i: i + 960]) for i in range(int(0.15 * SR_HZ), len(x) - 960, 960)])
        return np.flatnonzero(loud < loud[0] + db)[0] * 0.02

    plain, slow, fast = (falls_in(note_of(with_knobs(plucked, track_speed=v), 60, 100, 3.0)[:, 0]) for v in (1.0, 0.5, 2.0))
    print("seconds to fall by 6 dB:", plain, slow, fast)
    assert 1.6 < slow / plain < 2.4 and 0.4 < fast / plain < 0.6
    synced = [falls_in(note_of(with_knobs(plucked, track_sync="free 1/1 1/2".split().index(word) and _sync(word), clock_tempo_bpm=120.0),
                               60, 100, 4.0)[:, 0]) for word in ("1/1", "1/2")]
    print("by the tempo:", synced)
    assert 1.7 < synced[0] / synced[1] < 2.3


def _sync(word):
    from synth.params.param import SYNCS

    return float(SYNCS.index(word))


def test_scrubbing_by_hand_finds_each_place_and_is_clean(plucked):
    """A 5 Hz LFO over half the note (bar: spread as a moving latent's), and the wheel: standing still in one place."""
    still = with_knobs(plucked, track_speed=0.0, track_noise_db=-60, track_attack_db=-60)
    start, late = (note_of(with_knobs(still, track_position=p), 60, 100, 1.0)[24000:48000, 0] for p in (0.1, 0.9))
    print(f"at the beginning {level_db(start):.1f}, late {level_db(late):.1f} dB")
    assert level_db(start) - level_db(late) > 6
    moved = with_knobs(still, track_position=0.5, mod1_source=_source("lfo1"), mod1_target=_target("track.position"), mod1_amount=0.25,
                       lfo1_rate_hz=5.0)
    latent = with_knobs(replace(still, instrument=None), mod1_source=_source("lfo1"), mod1_target=_target("latent.2"), mod1_amount=0.1,
                        lfo1_rate_hz=5.0)
    found, other = (sound.spread(note_of(p, 60, 100, 2.0)[24000:24000 + 65536, 0].astype(float), sound.note_hz(60), SR_HZ)
                    for p in (moved, latent))
    print(f"spread: scrubbed {found:.1f} dB, a latent {other:.1f} dB")
    assert found < -70  # latents 1 and 3 of this model alone: -71 and -56


def test_a_scrubbed_note_that_is_let_go_gets_no_louder_and_ends(dull):
    """It goes into the recorded release from wherever it stands, and not back into the held note, whatever moves its place."""
    scrubbed = with_knobs(dull[0], track_speed=0.0, track_position=0.5, amp_release_s=20.0, mod1_source=_source("lfo1"),
                          mod1_target=_target("track.position"), mod1_amount=0.3, lfo1_rate_hz=1.0)
    x = note_of(scrubbed, 60, 100, 6.0, 1.5)
    held, after = (np.array([level_db(x[i:i + 2400, 0]) for i in range(int(a * SR_HZ), int(b * SR_HZ) - 2400, 2400)])
                   for a, b in ((0.3, 1.6), (1.6, 6.0)))
    print(f"held {held.min():.1f} to {held.max():.1f} dB, let go {after.max():.1f}, at last {after[-1]:.1f}; clicks {click_db(x):.1f} dBFS")
    assert after.max() < held.max() + 1.0 and after[-1] < -100 and click_db(x) < -80
    far = note_of(with_knobs(scrubbed, track_speed=1.0, mod1_amount=0.5), 60, 100, 4.0)  # past its end, half of the time
    levels = [level_db(far[i:i + 2400, 0]) for i in range(int(0.3 * SR_HZ), int(3.9 * SR_HZ), 2400)]
    assert min(levels) > held.min() - 6.0 and click_db(far) < -80, "a note that is held goes on"


def _source(name):
    from synth.params.knobs import MOD_SOURCES

    return float(MOD_SOURCES.index(name))


def _target(name):
    from synth.params.knobs import MOD_TARGETS

    return float(MOD_TARGETS.index(name))


def test_formants_stay_where_they_are_or_go_with_the_key(plucked):
    """Twelve semitones up: by harmonic number harmonic 3 is as strong as it was; by frequency as harmonic 6 was."""
    quiet = with_knobs(plucked, track_speed=0.0, track_position=0.3, track_noise_db=-60, track_attack_db=-60)
    own, up, kept = (harmonics_db(note_of(with_knobs(quiet, track_formant=f), key, 100, 1.0)[24000:43200, 0].astype(float),
                                  sound.note_hz(key), SR_HZ, 16) for key, f in ((60, 0.0), (72, 0.0), (72, 1.0)))
    own, up, kept = own - own[0], up - up[0], kept - kept[0]
    print(own.round(1).tolist(), up.round(1).tolist(), kept.round(1).tolist())
    assert np.abs(up[:6] - own[:6]).max() < 0.5
    assert np.abs(kept[:6] - (own[1::2] - own[1])[:6]).max() < 0.5


def test_between_recorded_keys_and_velocities_both_are_mixed(patch):
    soft, between, loud = (level_db(note_of(patch, 60, v)[24000:43200, 0]) for v in (SOFT, 80, LOUD))
    print("levels by velocity:", soft, between, loud)
    assert soft + 2 < between < loud - 2
    apart = with_knobs(patch, track_zone_morph=0.0, amp_velocity=0.0)
    near, other = (level_db(note_of(apart, 60, v)[24000:43200, 0]) for v in (LOUD - 4, LOUD))
    assert abs(near - other) < 0.1


def test_pitch_follows_the_recording_as_far_as_it_is_told(patch):
    def swing_cents(x):
        """Standard deviation of the pitch, from the phase of the first harmonic."""
        t = np.arange(len(x)) / SR_HZ
        down = np.convolve(x * np.exp(-2j * np.pi * sound.note_hz(60) * t), np.hanning(1024), "valid")[24000:-9600:64]
        return np.std(1200 * np.log2(1 + np.diff(np.unwrap(np.angle(down))) * SR_HZ / 64 / 2 / np.pi / sound.note_hz(60)))

    still, kept = (swing_cents(note_of(with_knobs(patch, track_contour=c), 60, LOUD, 1.6)[:, 0].astype(float)) for c in (0.0, 1.0))
    print(f"standard deviation of the pitch in cents: {still:.2f} flattened, {kept:.2f} kept")
    assert still < 1.5 and kept > 2.5


def test_noise_and_attack_have_levels_of_their_own(patch):
    def between_harmonics(x):
        return 10 ** (sound.spread(x[24000:24000 + 65536].astype(float), sound.note_hz(60), SR_HZ) / 10) * (x**2).mean()

    off, on, more = (between_harmonics(note_of(with_knobs(patch, track_noise_db=db, track_contour=0.0), 60, LOUD, 2.0)[:, 0])
                     for db in (-60, 0, 6))
    print("power between harmonics, dB:", [round(10 * np.log10(v), 1) for v in (off, on, more)])
    assert on > 10 * off and 3 < more / on < 5


def test_the_corners_latents_and_effects_of_the_preset_go_on_top(patch):
    plain = note_of(patch)[24000:43200, 0]
    for params in ({"latent_2": 1.0}, {"filter_type": 1, "filter_cutoff_hz": 400.0}, {"osc_coarse_semitones": 12}):
        moved = note_of(with_knobs(patch, **params))[24000:43200, 0]
        assert np.abs(moved - plain).max() > 0.1 * np.abs(plain).max(), params


def test_without_its_model_the_levels_that_its_tracks_keep_are_played(patch, zones, home):
    folder = home / "instruments" / "Held"
    data = json.loads((folder / "instrument.json").read_text())
    data["model"]["name"], data["model"]["sha256"] = "gone", "0" * 64
    (folder / "instrument.json").write_text(json.dumps(data))
    from synth.render.offline import Offline

    orphan = replace(patch, model="gone", model_sha256="0" * 64)
    player = Offline(orphan, [(4800, note_on(60, LOUD / 127))])
    x = player.read(SR_HZ)[:, 0]
    (folder / "instrument.json").write_text(json.dumps(data | {"model": {"name": patch.model, "sha256": patch.model_sha256,
                                                                         "latent_size": 16}}))
    whole = note_of(patch)[: SR_HZ, 0]
    a, b = (harmonics_db(y[24000:43200].astype(float), sound.note_hz(60), SR_HZ, 12) for y in (x, whole))
    print(player.told, np.abs(a - b).round(1).tolist())
    assert "gone" in player.told and "levels that its recordings keep" in player.told
    assert np.abs(a - b)[:6].max() < 3 and abs(level_db(x[24000:]) - level_db(whole[24000:])) < 1


def test_on_a_model_that_took_the_place_of_its_own_the_tracks_are_played(patch, home):
    """By a decoder that was made anew beside the same latents; another model's play only as levels."""
    whole, file = note_of(patch, seconds=0.5), home / "instruments" / "Held" / "instrument.json"
    before = min(open_model(MODEL).replaces)
    data = json.loads(file.read_text())
    file.write_text(json.dumps(data | {"model": data["model"] | {"sha256": before}}))
    assert np.array_equal(note_of(replace(patch, model_sha256=before), seconds=0.5), whole) and level_db(whole[9600:]) > -40


def test_without_the_instrument_one_sentence_and_the_still_sound(patch, home):
    from synth.render.offline import Offline

    lost = replace(patch, instrument=InstrumentRef("Nobody"))
    other = replace(patch, instrument=InstrumentRef("Held", "1" * 64))
    for named, words in ((lost, "no instrument of recordings named 'Nobody'"), (other, "is not the one it was made with")):
        player = Offline(named, [(4800, note_on(60))])
        x = player.read(SR_HZ // 2)
        assert words in player.told and "still sound" in player.told
        assert np.array_equal(x, Offline(replace(patch, instrument=None), [(4800, note_on(60))]).read(SR_HZ // 2))


def test_a_preset_keeps_its_instrument(patch):
    assert preset_file.from_json(preset_file.to_json(patch)).instrument == patch.instrument
    assert "instrument" not in json.loads(preset_file.to_json(Patch()))


def test_another_preset_comes_while_notes_sound_without_a_click(dull):
    from synth.render.offline import Offline

    still = replace(dull[0], instrument=None)
    for first, then in ((dull[0], still), (still, dull[0]), (dull[0], dull[1])):
        x = Offline(first, [(4800, note_on(60, 100 / 127)), (24000, then)]).read(SR_HZ)
        print(f"clicks {click_db(x):.1f} dBFS")
        assert click_db(x) < -80 and level_db(x[-9600:]) > -40


def test_a_key_retaken_and_a_line_in_one_voice_do_not_click(dull):
    """Against the same notes, each in a voice of its own, whose spectra reach 8 kHz at -79 dBFS."""
    line = [(0.1 + 0.2 * i, e) for i, e in enumerate((note_on(60, 0.8), note_on(64, 0.5), note_off(60), note_on(64, 0.9), note_off(64)))]
    found = [click_db(played(with_knobs(dull[0], voice_mode=mode), line, 1.6)) for mode in (0, 1, 2)]
    print(f"clicks in poly, mono and legato: {np.round(found, 1).tolist()} dBFS")
    assert max(found) < found[0] + 2 and found[0] < -75


def test_a_pack_carries_the_instrument_and_a_damaged_one_is_passed_over(patch, dull, home, tmp_path):
    from synth.session.library_entries import Entry
    from synth.session.pack import read_pack, write_pack

    presets = home / "presets"
    presets.mkdir()
    for name, sound_ in (("Mine", patch), ("Other", dull[0])):
        preset_file.save(replace(sound_, name=name), presets / f"{name}.json")
    entries = [Entry(f"user/{name}", str(presets / f"{name}.json")) for name in ("Mine", "Other")]
    write_pack(entries, tmp_path / "both.zip")
    wanted = note_of(patch)
    (home / "presets").rename(tmp_path / "presets")
    (home / "instruments").rename(tmp_path / "instruments")
    brought = read_pack(tmp_path / "both.zip")
    assert not brought.told and {file.name for file in brought.files} == {"Mine.json", "Other.json"}
    assert np.array_equal(note_of(preset_file.load(brought.files[0])), wanted)

    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(tmp_path / "both.zip") as good, zipfile.ZipFile(bad, "w") as out:
        for info in good.infolist():
            data = good.read(info)
            out.writestr(info.filename, data[:-50] if info.filename == "instruments/Held/tracks.npz" else data)
        out.writestr("instruments/Held/evil.py", "print()")
    told = read_pack(bad).told
    print(told)
    assert len(told) == 2 and any("Held" in words and "damaged" in words for words in told)
    assert not list((home / "instruments").rglob("evil.py")) and not list((home / "instruments" / "bad").glob("Held"))
