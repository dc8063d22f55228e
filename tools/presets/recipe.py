"""What a recipe is, and the words recipes are written in.

`moves` and `macros` are texts, so that a sound can be read at a glance. A line of `moves` is a modulation slot, `SOURCE TARGET AMOUNT`
with `via SOURCE` after it if asked; `position`, `y`, `cutoff` and the names of directions stand for their targets. `macros` is
`Name: TARGET AMOUNT, TARGET AMOUNT; Name: ...`. A hand that moves nothing in `moves` gets what `HANDS` says.
"""

from dataclasses import dataclass, field

import numpy as np

from synth.timbres.density import load_map
from synth.timbres.model import Model

Knobs = dict[str, float | str]
DIRECTIONS = ("brightness", "hollowness", "fundamental", "roughness", "richness")
_SHORT = {"position": "osc.position", "y": "osc.position_y", "cutoff": "filter.cutoff_hz", "reso": "filter.resonance",
          "cents": "osc.fine_cents", "pitch": "osc.coarse_semitones", "level": "osc.level_db", "noise": "noise.level_db",
          "pan": "master.pan", "detune": "unison.detune_cents"} | {name: f"direction.{name}" for name in DIRECTIONS}
HANDS = {"velocity": "velocity brightness .12", "pressure": "pressure brightness .2", "breath": "breath brightness .16",
         "slide": "slide hollowness .3"}

OPENS = {"pressure": "pressure cutoff .12", "breath": "breath cutoff .12"}
DARK_HZ = 3500


@dataclass(frozen=True)
class Akwf:
    """A cycle of the Adventure Kid collection: number `index` (from 0) of a family's file."""

    family: str
    index: int


@dataclass(frozen=True)
class Drawn:
    """A sound drawn from the model's density: of `many` drawn with a seed, the one that lies farthest along a direction of the model.

    `towards` may begin with '-', the other way; empty, the first drawn is taken.
    """

    seed: int
    towards: str = ""
    many: int = 40


Sound = np.ndarray | Akwf | Drawn


@dataclass(frozen=True)
class Recipe:
    """One preset. sounds: what corners A, B (C, D) are encoded from. knobs: values that differ from default, by name.

    level_db is where the level is left for presets that are not brought to the library's loudness (Init).
    """

    name: str
    category: str
    tags: tuple[str, ...]
    comment: str
    sounds: dict[str, Sound]
    level_db: float = 0.0
    knobs: Knobs = field(default_factory=dict)
    moves: str = ""
    macros: str = ""
    model: str = "akwf-16"


def drawn_latent(sound: Drawn, model: Model) -> np.ndarray:
    """The latent of a drawn sound: float32[z], within the model's ranges."""
    found = load_map(model.folder, model.latent_size)
    assert found is not None
    latents = np.clip(found.density.sample(np.random.default_rng(sound.seed), sound.many if sound.towards else 1), model.low, model.high)
    if not sound.towards:
        return latents[0]
    spectra = 20 * np.log10(model.amplitudes(latents)[:, :64] + 1e-4)
    weight = _SCORES[sound.towards.removeprefix("-")]
    score = spectra @ weight(np.arange(1, 65))
    return latents[int(score.argmin() if sound.towards.startswith("-") else score.argmax())]


_SCORES = {"brightness": lambda k: np.log(k) - np.log(k).mean(), "hollowness": lambda k: np.where(k % 2, 1.0, -1.0),
           "fundamental": lambda k: np.where(k == 1, 63.0, -1.0), "richness": lambda k: np.ones(len(k))}


def slots(recipe: Recipe) -> list[dict]:
    """The recipe's modulation, as the `mod` of a preset: its own moves, the hands it leaves free, its macros."""
    lines = [line.split() for line in recipe.moves.strip().splitlines() if line.strip()]
    if recipe.category != "init":
        taken = {line[0] for line in lines}
        lines += [text.split() for hand, text in HANDS.items() if hand not in taken]
        if float(recipe.knobs.get("filter.cutoff_hz", 20000)) < DARK_HZ:  # what is brighter must also get through
            lines += [text.split() for hand, text in OPENS.items() if hand not in taken]
    for n, (_, moved) in enumerate(_macros(recipe), 1):
        lines += [[f"macro{n}", target, amount] for target, amount in moved]
    return [_slot(line) for line in lines]


def _slot(line: list[str]) -> dict:
    source, target, amount, *via = line
    row: dict = {"source": source, "target": _SHORT.get(target, target), "amount": float(amount)}
    return row | {"via": via[1]} if via else row


def _macros(recipe: Recipe) -> list[tuple[str, list[list[str]]]]:
    found = []
    for text in filter(None, (part.strip() for part in recipe.macros.split(";"))):
        name, _, moved = text.partition(":")
        found.append((name.strip(), [item.split() for item in moved.split(",") if item.strip()]))
    return found


def macro_names(recipe: Recipe) -> tuple[str, ...]:
    """Names of macros 1 and on."""
    return tuple(name for name, _ in _macros(recipe))


def amp(attack_s: float, decay_s: float, sustain: float, release_s: float) -> Knobs:
    """The amplitude envelope."""
    return {"amp.attack_s": attack_s, "amp.decay_s": decay_s, "amp.sustain": sustain, "amp.release_s": release_s}


def env2(attack_s: float, decay_s: float, sustain: float = 0.0, release_s: float = 0.3) -> Knobs:
    """The filter envelope."""
    return {"env2.attack_s": attack_s, "env2.decay_s": decay_s, "env2.sustain": sustain, "env2.release_s": release_s}


def env3(attack_s: float, decay_s: float, sustain: float = 0.0, release_s: float = 0.3) -> Knobs:
    """The third envelope, for `moves`."""
    return {"env3.attack_s": attack_s, "env3.decay_s": decay_s, "env3.sustain": sustain, "env3.release_s": release_s}


def low(kind: str, cutoff_hz: float, env: float = 0, velocity: float = 0, key: float = 0.5, resonance: float = 0.0) -> Knobs:
    """The filter, how far envelope 2 and velocity open it in semitones, and how far it follows the key."""
    knobs: Knobs = {"filter.type": kind, "filter.cutoff_hz": cutoff_hz, "filter.env_semitones": env,
                    "filter.velocity_semitones": velocity, "filter.keytrack": key, "filter.resonance": resonance}
    return {name: value for name, value in knobs.items() if value != 0}


def lfo(n: int, shape: str, rate: float | str, fade_s: float = 0.0, scope: str = "voice", phase: float = 0.0) -> Knobs:
    """LFO n: free at a rate in Hz, or synced to the length of a cycle ('1/8')."""
    knobs: Knobs = {f"lfo{n}.shape": shape}
    knobs |= {f"lfo{n}.sync": rate} if isinstance(rate, str) else {f"lfo{n}.rate_hz": rate}
    knobs |= {f"lfo{n}.fade_s": fade_s} if fade_s else {}
    knobs |= {f"lfo{n}.phase_cycles": phase} if phase else {}
    return knobs | ({f"lfo{n}.scope": scope} if scope != "voice" else {})


def unison(voices: int, cents: float, width: float = 0.8, blend: float = 1.0) -> Knobs:
    """So many oscillators a note, `cents` apart at most each way; their start phases differ."""
    return {"unison.voices": voices, "unison.detune_cents": cents, "unison.width": width, "unison.blend": blend, "osc.phase_random": 1.0}


def sub(level_db: float, octave: int = -1, shape: str = "sine") -> Knobs:
    """The sub-oscillator."""
    return {"sub.level_db": level_db, "sub.octave": octave, "sub.shape": shape}


def noise(level_db: float, color: float = 0.0) -> Knobs:
    """Noise beside the oscillator."""
    return {"noise.level_db": level_db, "noise.color": color}


def chorus(mix: float, rate_hz: float = 0.5, depth: float = 0.3, delay_s: float = 0.01, feedback: float = 0.0) -> Knobs:
    """The chorus; a delay under 5 ms with feedback flanges."""
    return {"chorus.mix": mix, "chorus.rate_hz": rate_hz, "chorus.depth": depth, "chorus.delay_s": delay_s, "chorus.feedback": feedback}


def echo(mix: float, sync: str = "1/8.", feedback: float = 0.4, high_cut_hz: float = 5000.0, ping_pong: str = "on") -> Knobs:
    """Echoes in time with the song."""
    return {"delay.mix": mix, "delay.sync": sync, "delay.feedback": feedback, "delay.high_cut_hz": high_cut_hz, "delay.low_cut_hz": 160.0,
            "delay.ping_pong": ping_pong}


def room(mix: float, decay_s: float = 1.2, size: float = 0.4, damping_hz: float = 6000.0, predelay_s: float = 0.01) -> Knobs:
    """The reverb."""
    return {"reverb.mix": mix, "reverb.decay_s": decay_s, "reverb.size": size, "reverb.damping_hz": damping_hz,
            "reverb.predelay_s": predelay_s}


def drive(mix: float, amount_db: float = 12.0, kind: str = "soft", tone: float = 0.0) -> Knobs:
    """Distortion behind all voices."""
    return {"drive.mix": mix, "drive.amount_db": amount_db, "drive.type": kind, "drive.tone": tone}
