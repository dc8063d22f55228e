"""The first twenty-four presets. Their names, program numbers and corners stay; what moves them came later."""


from ..recipe import Akwf, Recipe, amp, chorus, echo, env2, lfo, low, room, unison
from ..textbook_spectra import fm, metal, partials, plucked, pulse, saw
from . import classics_held


def recipes() -> tuple[Recipe, ...]:
    """Init first."""
    return (
        Recipe("Init", "init", ("neutral",), "Neutral: a saw at A, a square at B, nothing else.",
               {"A": saw(), "B": pulse(0.5, -120)}),
        *_keys(), *_plucks(), *_basses(), *classics_held.recipes())


def _keys() -> tuple[Recipe, ...]:
    return (
        Recipe("Tine Piano", "keys", ("electric piano", "soft", "velocity"),
               "Round tines that bark when played hard. The wheel moves to a bright digital piano.",
               {"A": partials((1, 0), (2, -10), (3, -17), (4, -22), (5, -27), (6, -30), (7, -24), (8, -36),
                    rest_db=-60),
                "B": fm(7, 0.9) + 0.5 * fm(1, 1.1)}, 0,
               amp(0.002, 3.2, 0.0, 0.22) | env2(0.001, 0.7, 0.0, 0.2) | low("low12", 380, 20, 44, 0.7)
               | lfo(1, "sine", 4.2) | chorus(0.12, 0.6, 0.25),
               """velocity position .12
               env2 richness .1
               lfo1 pan .4 via macro3
               pressure position .35
               breath position .3
               slide richness .3""",
               "Bark: position .5; Bell: brightness .25; Tremolo:; Room: reverb.mix .35"),
        Recipe("Felt Piano", "keys", ("piano", "quiet"),
               "An upright with the felt down; the wheel lifts it.",
               {"A": Akwf("piano", 15), "B": Akwf("piano", 17)}, 0,
               amp(0.004, 4.5, 0.0, 0.35) | env2(0.001, 1.6, 0.0, 0.3) | low("low12", 700, 14, 40, 0.6)
               | room(0.14, 1.6, 0.45, 4500),
               """env2 richness .08
               random fundamental .06
               velocity brightness .06""",
               "Felt off: brightness .3; Wood: hollowness .25; Soft hammer: amp.attack_s .25; Hall: reverb.mix .4"),
        Recipe("Clav Wire", "keys", ("clavinet", "funky"),
               "Struck strings under two pick-ups: dark at A, wiry at B. Likes short notes.",
               {"A": Akwf("clavinet", 28), "B": Akwf("clavinet", 23)}, 0,
               amp(0.001, 1.3, 0.0, 0.06) | env2(0.001, 0.28, 0.15, 0.1) | low("low24", 1300, 26, 30, 0.6, 0.25),
               """velocity position .15
               env2 roughness .1
               slide position .3""",
               "Wah: cutoff .2, reso .3; Bite: roughness .25; Mute: amp.decay_s -.35; "
               "Phase: chorus.mix .5, chorus.feedback .35"),
    )


def _plucks() -> tuple[Recipe, ...]:
    return (
        Recipe("Nylon Room", "pluck", ("guitar", "acoustic"),
               "A string plucked near the middle; the wheel walks towards the bridge.",
               {"A": plucked(0.38, 11), "B": plucked(0.085, 7)}, 0,
               amp(0.001, 2.4, 0.0, 0.18) | env2(0.001, 0.5, 0.0, 0.2) | low("low12", 1000, 30, 26, 0.6)
               | room(0.16, 0.8, 0.3),
               """velocity position .15
               env2 brightness .08
               random position .1
               pressure cents .1""",
               "Nail: position .5; Body: fundamental .25; Damp: amp.decay_s -.35; "
               "Chapel: reverb.mix .45, reverb.decay_s .2"),
        Recipe("Wood Bars", "pluck", ("marimba", "mallet"),
               "Rosewood bars over tubes: a fundamental, a fourth partial, a knock. The wheel hardens the mallet.",
               {"A": partials((1, 0), (4, -24), (10, -42), rest_db=-80),
                "B": partials((1, 0), (3, -30), (4, -9), (10, -19), (16, -34), rest_db=-66)},
               0, amp(0.001, 1.5, 0.0, 0.35) | env2(0.001, 0.2, 0.0, 0.1) | low("low12", 1400, 24, 24, 0.8),
               """velocity position .45
               env2 position .25
               pressure position .4
               breath position .4
               slide position .35""",
               "Hard: position .6; Tube: fundamental .3; Roll off: amp.decay_s .25; "
               "Garden: delay.mix .35, reverb.mix .2"),
        Recipe("Bell Orchard", "bell", ("fm", "bright", "long"),
               "Chowning's bell folded onto one cycle; the wheel turns glass to bronze.",
               {"A": fm(5, 1.0) + 0.35 * partials((1, 0), (2, -14), rest_db=-80),
                "B": metal((2, 0.05, -4), (3, 0.04, -14), (7, 0.05, 0), (11, 0.07, -6), (19, 0.08, -12))
                + partials((1, -3), rest_db=-90)}, 0,
               amp(0.001, 5.5, 0.0, 2.2) | env2(0.001, 2.5, 0.0, 2.0) | low("low12", 1800, 28, 20, 0.6)
               | lfo(1, "drift", 0.4)
               | room(0.2, 3.0, 0.7, 9000),
               """velocity position .2
               lfo1 hollowness .1
               env2 brightness .12""",
               "Bronze: position .5; Shards: roughness .3; Shorter: amp.decay_s -.3; "
               "Valley: reverb.mix .35, delay.mix .25"),
        Recipe("Ice Pluck", "pluck", ("sequence", "digital"),
               "Short, cold and wide open: for arpeggios. The wheel thins it out.",
               {"A": saw(4.0), "B": Akwf("overtone", 14)}, 0,
               amp(0.001, 1.7, 0.0, 0.6) | env2(0.001, 0.8, 0.0, 0.25) | low("low24", 500, 44, 18, 0.5, 0.3)
               | unison(2, 7, 0.8) | echo(0.18, "1/8.", 0.35),
               """random hollowness .08
               env2 richness .1""",
               "Crack: filter.env_semitones .15; Thaw: brightness -.3; Hold: amp.decay_s .3; Echo: delay.mix .35"),
    )


def _basses() -> tuple[Recipe, ...]:
    return (
        Recipe("Deep Current", "bass", ("sub", "round"),
               "Nearly a sine below, a dark saw when the wheel goes up.",
               {"A": partials((1, 0), (2, -16), (3, -24), (4, -36), (5, -42), rest_db=-64), "B": saw(7.5)}, 0,
               amp(0.004, 0.8, 0.75, 0.09) | env2(0.001, 0.35, 0.25, 0.1) | low("low24", 420, 22, 32, 0.5, 0.1)
               | lfo(1, "drift", 0.5),
               """velocity position .45
               env2 position .15
               lfo1 position .12
               pressure position .4
               breath position .4
               velocity brightness .25""",
               "Saw: position .5; Growl: roughness .3, drive.mix .3; Thump: filter.env_semitones .3; "
               "Below: sub.level_db .88, fundamental .3"),
        Recipe("Rubber Bass", "bass", ("fm", "picked"),
               "A two-operator bass that snaps. The wheel adds teeth.",
               {"A": fm(1, 1.3, 0.2), "B": fm(2, 2.6, 0.9)}, 0,
               amp(0.002, 1.1, 0.35, 0.08) | env2(0.001, 0.22, 0.1, 0.08) | low("low24", 600, 30, 26, 0.5, 0.2),
               """velocity position .2
               env2 position .25
               pressure position .4
               breath position .35""",
               "Teeth: position .5; Snap: filter.env_semitones .35, roughness .3; Mud: brightness -.3; Wide: chorus.mix .45"),
        Recipe("Acid Line", "bass", ("resonant", "303"),
               "Saw to square through a squelching filter: play it staccato, then legato, then bend it.",
               {"A": saw(), "B": pulse(0.5)}, 0,
               amp(0.002, 0.6, 0.55, 0.05) | env2(0.001, 0.26, 0.0, 0.06) | low("low24", 260, 42, 20, 0.35, 0.72),
               """pressure cutoff .15
               velocity reso .15
               random cutoff .012
               breath cutoff .15
               slide cutoff .12
               env2 richness .08""",
               "Cut-off: cutoff .3; Resonance: reso .25; Accent: filter.env_semitones .15; Burn: drive.mix .7"),
    )
