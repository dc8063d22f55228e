"""Every note its own point in the latent space: heard apart, right from the first cycle, and nothing left behind."""

import numpy as np
import pytest

from synth.engine.constants import BLOCK_POOL, COUNTER, POOL
from synth.events import control, mpe_zone, note_off, note_on
from synth.params.knobs import MOD_SOURCES, MOD_TARGETS
from synth.patch.patch import Patch
from synth.render.offline import Offline
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource, WavetableSource
from tests.measures import sound

from .late import take
from .sounds import INIT, SR_HZ, soft

HARMONICS = 60


@pytest.fixture(scope="module")
def model():
    return ModelSource(open_model("akwf-16"))


def slot(n, source, target, amount, via="none"):
    """The knobs of a slot of the matrix, by name."""
    return {f"mod{n}.source": float(MOD_SOURCES.index(source)), f"mod{n}.target": float(MOD_TARGETS.index(target)),
            f"mod{n}.amount": amount, f"mod{n}.via": float(MOD_SOURCES.index(via))}


def levels(x, f0_hz, sr_hz=SR_HZ, harmonics=HARMONICS):
    """Harmonic amplitudes of a tone by projection through a window: float64[harmonics], up to 20 kHz."""
    k = np.arange(1, min(harmonics, int(20000 / f0_hz)) + 1)
    t = np.arange(len(x)) / sr_hz
    window = np.blackman(len(x))
    return np.abs(np.array([(x * window) @ np.exp(-2j * np.pi * f0_hz * h * t) for h in k])) / window.sum() * 2


def lsd(a, b, keep=slice(None)):
    """Log-spectral distance of two rows of amplitudes, at equal power, floored 80 dB under their strongest (tests/measures)."""
    rows = [20 * np.log10(np.maximum(r / r.max(), 1e-4)) + 20 * np.log10(r.max() / np.sqrt((r**2).sum())) for r in (a, b)]
    return float(np.sqrt(((rows[0] - rows[1])[keep] ** 2).mean()))


def whole(engine):
    """Whether every line but the shared one is free, and every spectrum of the pool is free or the shared line's."""
    s = engine._s
    line = s["spectra"]["streams"][0]
    held = {int(i) for i in (line["before"], line["from"], line["to"], *line["queue"][:line["n_queued"]]) if i >= 0}
    used, own = {i for i in held if i < POOL}, {i for i in held if i >= POOL}  # the worker's, the audio thread's
    count = {name: int(s["rings"]["counters"][COUNTER[name]]) for name in ("returned_tail", "returned_head", "answer_tail", "answer_head")}
    returned, answered = (range(count[f"{ring}_tail"], count[f"{ring}_head"]) for ring in ("returned", "answer"))
    waiting = [int(s["rings"]["answers"][i % POOL]["index"]) for i in answered]
    back = list(engine._free) + [int(s["rings"]["returned"][i % POOL]) for i in returned]
    everywhere = sorted(back + sorted(used) + [i for i in waiting if i >= 0])
    free = s["spectra"]["free"][:s["spectra"]["n_free"]].tolist()
    return (not s["spectra"]["streams"]["state"][1:].any() and everywhere == list(range(POOL))
            and sorted([*free, *own]) == list(range(POOL, POOL + BLOCK_POOL)))


def test_opposite_slides_move_each_note_alone(model):
    """Two held notes, opposite slides: each one's spectrum is its own, as when it is alone (bar: 1 dB LSD)."""
    patch = Patch(params=slot(1, "slide", "latent.1", 0.45) | {"osc.level_db": -6.0})
    notes, to = {1: 57, 2: 63}, {1: 127, 2: 0}
    frames = range(4800, 24000, 480)

    def played(channels):
        rows = [(0, e) for e in mpe_zone(15)] + [(100, note_on(notes[c], 0.8, c)) for c in channels]
        rows += [(f, control(74, 64 + (to[c] - 64) * i / 39, c)) for i, f in enumerate(frames) for c in channels]
        x = Offline(patch, rows, source=model).read(3 * SR_HZ)
        return x[48000:48000 + 65536, 0].astype(float)

    both, rest = played((1, 2)), played(())
    assert np.abs(rest).max() == 0
    hz = {c: sound.note_hz(n) for c, n in notes.items()}
    found, worst = {}, 0.0
    for c, other in ((1, 2), (2, 1)):
        alone, together = levels(played((c,)), hz[c]), levels(both, hz[c])
        own = hz[c] * np.arange(1, len(alone) + 1)
        apart = np.abs(own / hz[other] - np.round(own / hz[other])) * hz[other] > 8  # the other's harmonics do not lie there
        assert apart.sum() > 35
        worst, found[c] = max(worst, lsd(alone, together, apart)), together
    print(f"two notes with opposite slides, each against itself alone: LSD {worst:.3f} dB")
    assert worst < 1 and lsd(found[1], found[2]) > 4


@pytest.mark.parametrize("target, amount", [("osc.position", 1.0), ("latent.1", 0.8), ("direction.1", 1.0)])
@pytest.mark.parametrize("frame", [0, 31, 4097])
def test_a_note_starts_at_its_modulated_point(model, target, amount, frame):
    """The first eight cycles are those of the steady note; the way from the unmodulated point would take longer."""
    patch = Patch(params=slot(1, "velocity", target, amount) | {"amp.attack_s": 0.0005, "latent.1": -1.0})
    player, plain = (Offline(p, [(frame, note_on(84, 0.9))], source=model) for p in (patch, Patch(params={"latent.1": -1.0})))
    x, y = (p.read(frame + 24000)[frame:, 0].astype(float) for p in (player, plain))
    n, hz = 330, sound.note_hz(84)  # 7.2 cycles
    first, steady, unmoved = levels(x[70:70 + n], hz), levels(x[12000:12000 + n], hz), levels(y[12000:12000 + n], hz)
    print(f"{target} by velocity, first cycles against steady: LSD {lsd(first, steady):.3f} dB")
    assert lsd(first, steady) < 0.5 and lsd(unmoved, steady) > 3
    assert player.engine.snapshot()["late_starts"] == 0


def test_no_note_of_a_song_starts_late_and_without_looking_ahead_each_is_counted():
    rng = np.random.default_rng(2)
    patch = Patch(params=slot(1, "velocity", "latent.1", 0.8))
    starts = np.concatenate([[0, 0, 1, 31, 32, 32], np.sort(rng.integers(33, 48000, 60))])
    song = [(int(f), note_on(30 + i, 0.5)) for i, f in enumerate(starts)]
    timely = Offline(patch, song, source=soft())
    timely.read(48100)
    assert timely.engine.snapshot()["late_starts"] == 0 and timely.engine.snapshot()["late_decodes"] == 0
    blind = Offline(patch, song[::2], source=soft(), prefetch_frames=0)
    blind.read(48100)
    assert blind.engine.snapshot()["late_starts"] == len(song[::2])


@pytest.mark.parametrize("mode", [1.0, 2.0])
@pytest.mark.parametrize("gap", [90, 110, 150])
def test_lead_notes_a_moment_apart_do_not_start_late(mode, gap):
    patch = Patch(params=slot(1, "velocity", "latent.1", 0.8) | {"voice.mode": mode})
    song = [row for i in range(40) for row in ((1000 * i, note_on(40 + i, 0.5)), (1000 * i + 1000 - gap, note_off(40 + i)))]
    player = Offline(patch, song, source=soft())
    player.read(41000)
    assert player.engine.snapshot()["late_starts"] == 0


def test_what_a_channel_says_before_its_note_is_in_its_start(model):
    """Slide, pressure and bend sent a moment before the note, by its channel and by its zone's master, wheel by the master."""
    for source, before in (("slide", [control(74, 127, 2)]), ("slide", [control(74, 127, 0)]), ("wheel", [control(1, 127, 0)]),
                           ("expression", [control(11, 40, 2)])):
        patch = Patch(params=slot(1, source, "latent.2", 0.4))
        player = Offline(patch, [*((0, e) for e in mpe_zone(15)), *((4000, e) for e in before), (4010, note_on(60, 0.9, 2))], source=model)
        player.read(4032)
        s = player.engine._s
        voice = s["polyphony"]["voices"][np.flatnonzero(s["polyphony"]["voices"]["state"] == 1)[0]]
        started = s["spectra"]["streams"][voice["stream"]]["sent"]["latent"][1].copy()
        player.read(4800)
        assert s["spectra"]["streams"][voice["stream"]]["sent"]["latent"][1] == pytest.approx(started, abs=1e-4), source
        assert player.engine.snapshot()["late_starts"] == 0


MOVED = {**slot(1, "lfo1", "latent.1", 0.4), **slot(2, "velocity", "latent.1", 0.3), **slot(3, "env2", "latent.1", -0.2),
         "lfo1.rate_hz": 7.0, "amp.release_s": 0.01, "osc.level_db": -24.0}


def test_sixty_four_moving_voices_and_steals_leave_every_line_and_spectrum_free():
    rows = [(int(f), note_on(24 + i % 90, 0.3 + 0.7 * (i % 5) / 5, i % 16)) for i, f in enumerate(range(0, 48000, 240))]
    rows += [(50000, note_off(24 + i % 90, i % 16)) for i in range(200)]
    player = Offline(Patch(params=MOVED), rows, source=soft())
    x = player.read(49000)
    assert player.engine.snapshot()["voices"] == 64 and np.isfinite(x).all()
    assert (player.engine._s["spectra"]["streams"]["state"] == 2).sum() >= 60
    player.read(12000)
    assert player.engine.snapshot()["voices"] == 0 and whole(player.engine)


def test_a_decoder_that_never_answers_leaves_the_sound_going():
    rows = [(100 + 500 * i, note_on(40 + i, 0.9)) for i in range(20)] + [(24000, note_off(40 + i)) for i in range(20)]
    player = Offline(Patch(params=MOVED), rows, source=soft())
    player._feed(48000)
    x = np.concatenate([player.engine.process(128) for _ in range(375)])
    s = player.engine.snapshot()
    assert np.abs(x[2000:24000]).max() > 0.01 and np.isfinite(x).all() and s["late_starts"] >= 19
    assert s["voices"] == 0 and (player.engine._s["spectra"]["streams"]["state"][1:] == 0).all()
    player.read(4800)
    assert whole(player.engine)


class Broken(WavetableSource):
    """Every third row is no number."""

    def spectra(self, points, weights, amounts):
        re, im = super().spectra(points, weights, amounts)
        re[1::3] = np.nan
        im[2::3] = np.inf
        return re, im


class Mended(WavetableSource):
    """Every third batch begins with no number, through the check that all sources share."""

    batches = 0

    def _levelled(self, re, im):
        self.batches += 1
        if self.batches % 3 == 0:
            re[0] = np.nan
        return super()._levelled(re, im)


@pytest.mark.parametrize("kind", [Broken, Mended])
def test_a_decoder_that_answers_no_numbers_is_never_heard_as_such(kind):
    n = 2 * np.pi * np.arange(2048) / 2048
    rows = [(100 + 700 * i, note_on(40 + i, 0.9)) for i in range(20)] + [(24000, note_off(40 + i)) for i in range(20)]
    player = Offline(Patch(params=MOVED), rows, source=kind("bad", np.array([np.sin(n), np.sin(3 * n)])))
    x = player.read(48000)
    assert np.isfinite(x).all() and np.abs(x).max() <= 1 and np.abs(x[:24000]).max() > 0.002
    assert player.engine.snapshot()["voices"] == 0 and whole(player.engine)
    again = Offline(Patch(params=MOVED), [(0, note_on(60))], source=soft()).read(4800)
    assert np.abs(again[2000:]).max() > 0.005


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("lead", [(500, 501), (-100, 500)])
@pytest.mark.parametrize("blocksize", [64, 96, 160])
def test_a_take_with_late_decodes_of_many_notes_can_be_repeated(blocksize, lead, seed):
    """The worker answers when it pleases, in blocks off the tick grid, after voices have ended too, and notes come late; a render from
    the log is the same to the sample."""
    rng = np.random.default_rng(seed)
    at = [int(f) for f in rng.integers(200, 30000, 90)]
    patches = [Patch(params=MOVED | {"osc.position": 0.7}), INIT, Patch(params=MOVED)]
    rows = [*((f, note_on(int(n), float(v))) for f, n, v in zip(at[:40], rng.integers(40, 70, 40), rng.uniform(0.2, 1, 40), strict=True)),
            *((f, note_off(int(n))) for f, n in zip(at[40:], rng.integers(40, 70, 50), strict=True)),
            *zip((7000, 15000, 22000), patches, strict=True)]
    rows.sort(key=lambda row: row[0])
    x, log, found = take(Patch(params=MOVED), rows, 38400, rng, blocksize=blocksize, lead=lead, source=soft())
    assert found["late_decodes"] > 0 and found["late_starts"] > 0
    assert np.array_equal(x, Offline(Patch(params=MOVED), log, source=soft(), block_products=0).read(len(x)))


def test_fewer_moving_voices_are_no_late_decodes(model):
    """Forty voices ask at every other tick, ten at each: what falls due within the longer ramps is shed and not counted as late."""
    patch = Patch(params=slot(1, "lfo1", "latent.1", 0.3) | {"voice.count": 64.0, "amp.release_s": 0.01})
    rows = [(100 + 7 * n, note_on(30 + n)) for n in range(40)] + [(9600 + 40 * n, note_off(30 + n)) for n in range(30)]
    player = Offline(patch, rows, source=model)
    player.read(24000)
    found = player.engine.snapshot()
    assert found["voices"] == 10 and found["decodes"] > 1000 and found["late_decodes"] == 0
