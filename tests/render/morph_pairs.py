"""Random pairs of presets for morphs, every knob that sounds drawn, and what is measured along the way between them."""

import hashlib
from dataclasses import replace

import numpy as np

from synth import paths
from synth.events import note_on, set_param
from synth.params.effects import EFFECTS
from synth.params.knobs import CORNERS, FILTER_TYPES, KNOBS, MOD_SOURCES, MOD_TARGETS
from synth.patch.latent_path import TableRef
from synth.patch.morph import Morph
from synth.patch.patch import Patch
from synth.render.momentary_loudness import loudest_db
from synth.render.morph_loudness import CHORD, measure_loudness, render_points
from synth.render.offline import Offline
from synth.render.wavetable_files import write_wavetable
from synth.timbres.model import open_model
from synth.timbres.random_patch import random_patch
from synth.timbres.source import ModelSource
from tests.engine.sounds import click_db

MODELS = ("akwf-8", "akwf-16", "akwf-32")
GONE, TABLE = "gone", "table"  # a preset whose model is gone; one that plays a wavetable
CATEGORIES = {  # knobs that make the kind; attack and release in seconds
    "pad": (0.15, 0.6), "keys": (0.003, 0.2), "pluck": (0.002, 0.15), "bass": (0.003, 0.1), "lead": (0.01, 0.15), "brass": (0.06, 0.15),
}
SR_HZ = 48000
_BANDS_HZ = np.geomspace(40, 16000, 41)
_TARGETS = ("osc.fine_cents", "osc.level_db", "filter.cutoff_hz", "master.pan", "osc.position", "unison.detune_cents")
_SOURCES = ("lfo1", "lfo2", "env2", "velocity", "key", "wheel")


def _table() -> TableRef:
    """A wavetable of nine frames in the user's folder, written where it is not there yet: harmonics that come and turn."""
    file = paths.user_folder() / "wavetables" / "Morph pairs.wav"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        k, at = np.arange(1, 81), np.linspace(0, 1, 9)[:, None]
        phases = np.random.default_rng(7).uniform(0, 2 * np.pi, len(k)) + at * k
        cycles = np.exp(1j * phases) / k ** (1.6 - 0.9 * at) * (0.2 + np.cos(at * k) ** 2)
        write_wavetable(file, 0.1 * np.fft.irfft(np.pad(cycles * 1024, ((0, 0), (1, 944))), 2048, axis=1))
    return TableRef(file.name, hashlib.sha256(file.read_bytes()).hexdigest())


def random_part(rng: np.random.Generator, category: str, source: str = "", *, soft: bool = False) -> Patch:
    """A preset of a category. source: one of MODELS, GONE, TABLE, or drawn.

    soft: GONE and of 12 harmonics, no noise and no drive, so that whatever lies above 8 kHz is a click.
    """
    attack_s, release_s = CATEGORIES[category]
    knobs = {
        "amp.attack_s": attack_s * rng.uniform(0.5, 2), "amp.decay_s": rng.uniform(0.1, 1.0),
        "amp.sustain": rng.uniform(0.3, 1.0), "amp.release_s": release_s, "osc.position": rng.uniform(0, 1),
        "osc.level_db": rng.uniform(-12, 0), "unison.voices": float(rng.choice([1, 1, 2, 3, 5])), "unison.detune_cents": rng.uniform(4, 20),
        "env2.decay_s": rng.uniform(0.05, 0.8), "env2.sustain": rng.uniform(0, 1), "master.pan": rng.uniform(-0.3, 0.3)}
    if rng.random() < 0.7:
        kind = float(rng.integers(1, 11))
        high = FILTER_TYPES[int(kind)].startswith("high")  # one that lets nothing of the chord through is no sound to morph
        knobs |= {"filter.type": kind, "filter.cutoff_hz": float(np.exp(rng.uniform(np.log(300), np.log(800 if high else 8000)))),
                  "filter.resonance": rng.uniform(0, 0.6), "filter.env_semitones": 0.0 if high else rng.uniform(-12, 36)}
    if rng.random() < 0.3:
        knobs |= {"sub.level_db": rng.uniform(-24, -6), "sub.octave": float(rng.integers(-2, 1)),
                  "sub.shape": 0.0 if soft else float(rng.integers(0, 3))}
    if not soft and rng.random() < 0.2:
        knobs |= {"noise.level_db": rng.uniform(-50, -30), "noise.color": rng.uniform(-1, 1)}
    for n in (1, 2):
        knobs |= {f"lfo{n}.rate_hz": float(np.exp(rng.uniform(np.log(0.2), np.log(8)))),
                  f"lfo{n}.shape": float(rng.integers(0, 2 if soft else 5)),  # random shapes are not the same twice
                  f"lfo{n}.sync": float(rng.choice([0, 0, 16, 19])), f"lfo{n}.scope": float(rng.integers(0, 2))}
    for n in range(1, int(rng.integers(1, 4))):
        mover, target = str(rng.choice(_SOURCES)), str(rng.choice(_TARGETS))
        knobs |= {f"mod{n}.source": float(MOD_SOURCES.index("velocity" if target == "osc.level_db" else mover)),
                  f"mod{n}.target": float(MOD_TARGETS.index(target)), f"mod{n}.amount": rng.uniform(-0.1, 0.1)}
    for name in ("chorus", "delay", "reverb", *(() if soft else ("drive",))):
        if rng.random() < 0.4:
            knobs |= {p.name: float(p.from_unit(rng.uniform(0.1, 0.6))) for p in EFFECTS[name]} | {f"{name}.mix": rng.uniform(0.1, 0.5)}
    if rng.random() < 0.3:
        knobs |= {"eq.low_gain_db": rng.uniform(-6, 6), "eq.high_gain_db": rng.uniform(-6, 6)}
    known = {p.name for p in KNOBS}
    patch = Patch(name=f"{category} {rng.integers(1000)}", category=category,
                  params={k: round(float(v), 6) for k, v in knobs.items() if k in known or k.startswith("mod")})
    source = source or str(rng.choice([*MODELS * 3, GONE, TABLE]))
    if source == TABLE and not soft:
        return replace(patch, table=_table())
    if soft or source == GONE:
        levels = np.full((9, 12 if soft else 200), -100.0, np.float32)
        for row in levels:
            row[:] = -rng.uniform(3, 12) * np.log2(np.arange(1, len(row) + 1)) - rng.uniform(0, 6, len(row))
        return replace(patch, model="gone", model_sha256="0" * 64, latent_size=8, corners={"A": (0.0,) * 8}, fallback_db=levels)
    model = ModelSource(open_model(source))
    drawn = random_patch(model, rng, Patch())
    return replace(patch, model=drawn.model or model.name, model_sha256=model.sha256, latent_size=model.latent_size,
                   corners={c: drawn.corners[c] for c in CORNERS if c in drawn.corners})


def morph_between(parts, axis: str = "pad", **params) -> Patch:
    """A morph of parts, measured."""
    return measure_loudness(Patch(name="morph", morph=Morph(tuple(parts), axis), params=params))


def bands_db(sound: np.ndarray) -> np.ndarray:
    """Levels of 40 log bands of float32[n, 2], both channels' power, dB."""
    power = (np.abs(np.fft.rfft(sound.astype(float), axis=0)) ** 2).sum(1) / len(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / SR_HZ)
    edges = np.searchsorted(hz, _BANDS_HZ)
    return 10 * np.log10(np.array([power[a:b].sum() for a, b in zip(edges, edges[1:], strict=False)]) + 1e-5)


def walk(patch: Patch, n: int = 33) -> tuple[np.ndarray, np.ndarray]:
    """(loudness [n], bands [n, 40]) in dB of the chord at n points from A to B."""
    sounds = render_points(patch, [(i / (n - 1), 0.0) for i in range(n)])
    return np.array([loudest_db(s) for s in sounds]), np.array([bands_db(s) for s in sounds])


def away_from_line(loudness: np.ndarray) -> float:
    """Farthest from the straight line between the ends, dB."""
    return float(np.abs(loudness - np.linspace(loudness[0], loudness[-1], len(loudness))).max())


def largest_step(bands: np.ndarray) -> float:
    """Largest step of the way, in means of its steps: mean absolute difference of neighbours' bands."""
    steps = np.abs(np.diff(bands, axis=0)).mean(1)
    return float(steps.max() / max(steps.mean(), 1e-9))


def sweep_faults(patch: Patch, sweep_s: float) -> list[str]:
    """What is wrong when a chord is held and morph.x goes from 0 to 1 in so many seconds: clicks over -80 dBFS, gaps. Of soft parts.

    Played under the safety limiter's ceiling, which draws such edges of its own.
    """
    start, steps = round(0.5 * SR_HZ), round(sweep_s * 200)
    sweep = [(start + round(i / 200 * SR_HZ), set_param("morph.x", i / steps)) for i in range(steps + 1)]

    def played(gain_db):
        rows = [(0, set_param("master.gain_db", gain_db)), *((480, note_on(n)) for n in CHORD), *sweep]
        return Offline(patch, rows).read(round((0.5 + sweep_s + 0.5) * SR_HZ))

    sound = played(0.0)
    if np.abs(sound).max() > 0.96:
        sound = played(-12.0)
    heard, found = sound[round(0.3 * SR_HZ):], []
    if click_db(heard) >= -80:
        found.append(f"a click of {click_db(heard):.1f} dBFS")
    pieces = heard[:len(heard) // 480 * 480].reshape(-1, 480 * 2)
    level_db = 10 * np.log10((pieces.astype(float) ** 2).mean(1) + 1e-20)
    ends_db = [np.median(level_db[-30:]), np.median(level_db[:20])]
    if level_db.min() < min(ends_db) - 20:
        found.append("a gap")
    return found
