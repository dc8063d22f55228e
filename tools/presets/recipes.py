"""The shipped presets as recipes: sounds to encode at the corners, and knobs. `python -m tools.presets.make_presets` cooks them.

`level_db` brings every preset to the same loudness (K-weighted, measured by `tools/listen.py`); no lone note at
velocity 100 peaks above -6 dBFS.
"""

from dataclasses import dataclass, field

import numpy as np

from .textbook_spectra import K, bowed, brass, drawbars, fm, metal, partials, pipes, plucked, pulse, reed, saw, vowel


@dataclass(frozen=True)
class Akwf:
    """A cycle of the Adventure Kid collection: number `index` (from 0) of a family's file."""

    family: str
    index: int


Sound = np.ndarray | Akwf


@dataclass(frozen=True)
class Recipe:
    """One preset. sounds: what corners A, B (C, D) are encoded from. knobs: values that differ from default, by name."""

    name: str
    category: str
    tags: tuple[str, ...]
    comment: str
    sounds: dict[str, Sound]
    level_db: float = 0.0
    knobs: dict[str, float | str] = field(default_factory=dict)


def _amp(attack_s: float, decay_s: float, sustain: float, release_s: float) -> dict:
    return {"amp.attack_s": attack_s, "amp.decay_s": decay_s, "amp.sustain": sustain, "amp.release_s": release_s}


def _env2(attack_s: float, decay_s: float, sustain: float, release_s: float) -> dict:
    return {"env2.attack_s": attack_s, "env2.decay_s": decay_s, "env2.sustain": sustain, "env2.release_s": release_s}


def _low(kind: str, cutoff_hz: float, env: float = 0, velocity: float = 0, key: float = 0.5, resonance: float = 0.0) -> dict:
    knobs: dict = {"filter.type": kind, "filter.cutoff_hz": cutoff_hz, "filter.env_semitones": env,
                   "filter.velocity_semitones": velocity, "filter.keytrack": key, "filter.resonance": resonance}
    return {name: value for name, value in knobs.items() if value != 0}


def recipes() -> tuple[Recipe, ...]:
    """Every shipped preset, Init first."""
    return (
        Recipe("Init", "init", ("neutral",), "Neutral: a saw at A, a square at B, nothing else.",
               {"A": saw(), "B": pulse(0.5, -120)}),
        *_keys(), *_plucks(), *_basses(), *_leads(), *_organs(), *_strings(), *_pads())


def _keys() -> tuple[Recipe, ...]:
    return (
        Recipe("Tine Piano", "keys", ("electric piano", "soft", "velocity"),
               "Round tines that bark when played hard. The wheel moves to a bright digital piano.",
               {"A": partials((1, 0), (2, -10), (3, -17), (4, -22), (5, -27), (6, -30), (7, -24), (8, -36), rest_db=-60),
                "B": fm(7, 0.9) + 0.5 * fm(1, 1.1)}, 2.5,
               _amp(0.002, 3.2, 0.0, 0.22) | _env2(0.001, 0.7, 0.0, 0.2) | _low("low12", 380, 20, 44, 0.7)),
        Recipe("Felt Piano", "keys", ("piano", "quiet"),
               "An upright with the felt down; the wheel lifts it.",
               {"A": Akwf("piano", 15), "B": Akwf("piano", 17)}, 1.5,
               _amp(0.004, 4.5, 0.0, 0.35) | _env2(0.001, 1.6, 0.0, 0.3) | _low("low12", 700, 14, 40, 0.6)),
        Recipe("Clav Wire", "keys", ("clavinet", "funky"),
               "Struck strings under two pick-ups: dark at A, wiry at B. Likes short notes.",
               {"A": Akwf("clavinet", 28), "B": Akwf("clavinet", 23)}, 3.5,
               _amp(0.001, 1.3, 0.0, 0.06) | _env2(0.001, 0.28, 0.15, 0.1) | _low("low24", 1300, 26, 30, 0.6, 0.25)),
    )


def _plucks() -> tuple[Recipe, ...]:
    return (
        Recipe("Nylon Room", "pluck", ("guitar", "acoustic"),
               "A string plucked near the middle; the wheel walks towards the bridge.",
               {"A": plucked(0.38, 11), "B": plucked(0.085, 7)}, 3.5,
               _amp(0.001, 2.4, 0.0, 0.18) | _env2(0.001, 0.5, 0.0, 0.2) | _low("low12", 1000, 30, 26, 0.6)),
        Recipe("Wood Bars", "pluck", ("marimba", "mallet"),
               "Rosewood bars over tubes: a fundamental, a fourth partial, a knock. The wheel hardens the mallet.",
               {"A": partials((1, 0), (4, -24), (10, -42), rest_db=-80),
                "B": partials((1, 0), (3, -30), (4, -9), (10, -19), (16, -34), rest_db=-66)},
               5, _amp(0.001, 1.5, 0.0, 0.35) | _env2(0.001, 0.2, 0.0, 0.1) | _low("low12", 1400, 24, 24, 0.8)),
        Recipe("Bell Orchard", "bell", ("fm", "bright", "long"),
               "Chowning's bell folded onto one cycle; the wheel turns glass to bronze.",
               {"A": fm(5, 1.0) + 0.35 * partials((1, 0), (2, -14), rest_db=-80),
                "B": metal((2, 0.05, -4), (3, 0.04, -14), (7, 0.05, 0), (11, 0.07, -6), (19, 0.08, -12))
                + partials((1, -3), rest_db=-90)}, 1,
               _amp(0.001, 5.5, 0.0, 2.2) | _env2(0.001, 2.5, 0.0, 2.0) | _low("low12", 1800, 28, 20, 0.6)),
        Recipe("Ice Pluck", "pluck", ("sequence", "digital"),
               "Short, cold and wide open: for arpeggios. The wheel thins it out.",
               {"A": saw(4.0), "B": Akwf("overtone", 14)}, 3.5,
               _amp(0.001, 1.7, 0.0, 0.6) | _env2(0.001, 0.8, 0.0, 0.25) | _low("low24", 500, 44, 18, 0.5, 0.3)),
    )


def _basses() -> tuple[Recipe, ...]:
    return (
        Recipe("Deep Current", "bass", ("sub", "round"),
               "Nearly a sine below, a dark saw when the wheel goes up.",
               {"A": partials((1, 0), (2, -16), (3, -24), (4, -36), (5, -42), rest_db=-64), "B": saw(7.5)}, 2.5,
               _amp(0.004, 0.8, 0.75, 0.09) | _env2(0.001, 0.35, 0.25, 0.1) | _low("low24", 420, 22, 20, 0.5, 0.1)),
        Recipe("Rubber Bass", "bass", ("fm", "picked"),
               "A two-operator bass that snaps. The wheel adds teeth.",
               {"A": fm(1, 1.3, 0.2), "B": fm(2, 2.6, 0.9)}, 3.5,
               _amp(0.002, 1.1, 0.35, 0.08) | _env2(0.001, 0.22, 0.1, 0.08) | _low("low24", 600, 30, 26, 0.5, 0.2)),
        Recipe("Acid Line", "bass", ("resonant", "303"),
               "Saw to square through a squelching filter: play it staccato, then legato, then bend it.",
               {"A": saw(), "B": pulse(0.5)}, 0,
               _amp(0.002, 0.6, 0.55, 0.05) | _env2(0.001, 0.26, 0.0, 0.06) | _low("low24", 260, 42, 20, 0.35, 0.72)),
    )


def _leads() -> tuple[Recipe, ...]:
    return (
        Recipe("Neon Lead", "lead", ("bright", "solo", "overdriven"),
               "The wheel is the drive: from a plain saw to a shout.",
               {"A": saw(6.6), "B": Akwf("distorted", 8)}, 0.5,
               _amp(0.006, 0.5, 0.85, 0.12) | _env2(0.004, 0.8, 0.5, 0.2) | _low("low12", 2400, 20, 16, 0.6)),
        Recipe("Hollow Reed", "lead", ("woodwind", "clarinet", "breath"),
               "A clarinet low down; the wheel opens the bore towards a saxophone.",
               {"A": reed(30, 9), "B": Akwf("altosax", 5)}, 0.5,
               _amp(0.045, 0.3, 0.9, 0.11) | _env2(0.06, 0.4, 0.8, 0.1) | _low("low12", 1500, 14, 22, 0.6)),
        Recipe("Chip Hero", "lead", ("8-bit", "pulse"),
               "A console's pulse, from a half to an eighth. No filter, no manners.",
               {"A": pulse(0.5), "B": pulse(0.125)}, 2.5,
               _amp(0.001, 0.25, 0.7, 0.04)),
        Recipe("Vox Machine", "voice", ("formant", "robot"),
               "A machine that says 'oh' and, up the wheel, 'ee'. Y goes to 'ah' and 'oo'.",
               {"A": vowel(500, 850, 2500, slope_db=7), "B": vowel(280, 2250, 2900, slope_db=7),
                "C": vowel(730, 1090, 2440, slope_db=7), "D": vowel(310, 870, 2240, slope_db=7)}, 0.5,
               _amp(0.012, 0.4, 0.85, 0.14)),
        Recipe("Copper Brass", "brass", ("section", "swell"),
               "Horns that open as they swell; the wheel blows harder.",
               {"A": brass(4), "B": brass(14)}, 0.5,
               _amp(0.05, 0.6, 0.85, 0.16) | _env2(0.09, 0.7, 0.6, 0.18) | _low("low12", 520, 30, 24, 0.6)),
    )


def _organs() -> tuple[Recipe, ...]:
    return (
        Recipe("Drawbar Club", "organ", ("tone wheel", "jazz"),
               "888 000 000 at A, all bars out at B: the wheel is the right hand on the drawbars.",
               {"A": drawbars("888000000"), "B": drawbars("888866668")}, -4,
               _amp(0.003, 0.1, 1.0, 0.03) | {"amp.velocity": 0.25}),
        Recipe("Cathedral", "organ", ("pipes", "church"),
               "Flutes and a principal; the wheel draws the mixture and the reeds.",
               {"A": pipes((1, 0), (2, -9), (4, -20), slope_db=13),
                "B": pipes((1, 0), (2, -2), (3, -8), (4, -4), (6, -8), (8, -7), slope_db=7)}, -4,
               _amp(0.035, 0.1, 1.0, 0.28) | {"amp.velocity": 0.2}),
    )


def _strings() -> tuple[Recipe, ...]:
    return (
        Recipe("Slow Bows", "string", ("ensemble", "warm"),
               "Celli that lean in; the wheel hands the line to the violins.",
               {"A": bowed((220, 5), (450, 7), (900, -6), (1400, 3), slope_db=8.5),
                "B": bowed((290, 3), (500, 4), (2600, 9), (4200, 5), slope_db=6)}, 0,
               _amp(0.24, 0.8, 0.9, 0.45) | _env2(0.4, 1.0, 0.8, 0.5) | _low("low12", 1500, 14, 18, 0.5)),
        Recipe("Solo Fiddle", "string", ("violin", "lead"),
               "One player near the microphone. Bend it a little; the wheel leans towards the bridge.",
               {"A": Akwf("violin", 12), "B": Akwf("violin", 7)}, 0,
               _amp(0.07, 0.4, 0.9, 0.13) | _low("low12", 5000, 0, 20, 0.5)),
    )


def _pads() -> tuple[Recipe, ...]:
    return (
        Recipe("Amber Pad", "pad", ("warm", "slow"),
               "Late sun: a soft saw that opens into a choir.",
               {"A": saw(9.0), "B": vowel(650, 1080, 2650, slope_db=7)}, 0,
               _amp(0.65, 1.5, 0.85, 1.4) | _env2(1.2, 2.0, 0.6, 1.4) | _low("low24", 700, 20, 14, 0.4)),
        Recipe("Glass Harp", "pad", ("glass", "pure"),
               "Wet fingers on wine glasses; the wheel lets the overtones ring.",
               {"A": partials((1, 0), (2, -34), (3, -22), (5, -38), rest_db=-80),
                "B": partials((1, -4), (3, -4), (5, -9), (8, -12), (11, -14), (17, -21), rest_db=-64)}, 0.5,
               _amp(0.22, 0.8, 0.9, 1.1) | {"osc.phase_random": 1.0}),
        Recipe("Quiet Choir", "voice", ("choir", "vowel", "soft"),
               "Four vowels on a square: 'oo' and 'ah' along the wheel, 'oh' and 'eh' across Y.",
               {"A": vowel(320, 800, 2300, slope_db=11, width=0.12),
                "B": vowel(700, 1150, 2600, slope_db=10, width=0.12),
                "C": vowel(480, 880, 2500, slope_db=11, width=0.12), "D": vowel(530, 1850, 2500, slope_db=10, width=0.12)}, 0,
               _amp(0.3, 0.6, 0.9, 0.7) | _low("low12", 6000, 0, 0, 0.3) | {"osc.phase_random": 1.0}),
        Recipe("Shimmer Drift", "fx", ("evolving", "noisy", "wide"),
               "Dust and light: a hum at A, a swarm of high harmonics at B. Move the wheel slowly.",
               {"A": metal((1, 0.3, 0), (6, 0.25, -18), (24, 0.3, -34)),
                "B": metal((1, 0.2, -6), (9, 0.15, 0), (23, 0.12, -3), (41, 0.1, -5), (80, 0.2, -14)) * (1 + 0.8 * np.cos(2.4 * K))}, 0,
               _amp(0.9, 2.0, 0.8, 2.4) | _env2(2.5, 2.5, 0.7, 2.0) | _low("low12", 1200, 26, 10, 0.3, 0.2) | {"osc.phase_random": 1.0}),
    )
