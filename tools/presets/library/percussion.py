"""Percussion: tuned where it helps, noisy where it must be. Played from C2 to C4."""

from ..gm_spectra import gm
from ..recipe import Recipe, amp, drive, env2, env3, lfo, low, noise, room, unison
from ..textbook_spectra import metal, partials, pulse


def recipes() -> tuple[Recipe, ...]:
    """Skins, wood, metal."""
    return (*_skins(), *_others())


def _skins() -> tuple[Recipe, ...]:
    return (
        Recipe("Kick Start", "percussion", ("kick", "drum", "electronic"),
               "One foot, one floor. Higher keys tighten the skin; the wheel adds a knuckle.",
               {"A": partials((1, 0), (2, -22), rest_db=-74),
                "B": partials((1, 0), (2, -6), (3, -10), (5, -18), rest_db=-56)}, 0,
               amp(0.001, 0.5, 0.0, 0.12) | {"amp.decay_curve": 3} | env3(0.001, 0.07) | env2(0.001, 0.03)
               | noise(-40, 0.2) | drive(0.35, 10, "soft"),
               """env3 pitch .25
               env3 noise .12
               env3 position .4
               velocity position .3
               velocity brightness .15
               pressure position .5
               breath position .5
               slide hollowness .3
               slide position .35""",
               "Knuckle: position .5; Longer: amp.decay_s .2; Dive: env3.decay_s .15, pitch .06; "
               "Rubble: drive.amount_db .4"),
        Recipe("Floor Tom", "percussion", ("tom", "drum", "acoustic"),
               "Deep enough to lean on. Rolls well, complains never.",
               {"A": partials((1, 0), (2, -9), (3, -17), (4, -24), rest_db=-66),
                "B": metal((1, 0.2, 0), (3, 0.25, -5), (7, 0.25, -12), rest_db=-56)}, 0,
               amp(0.001, 0.9, 0.0, 0.25) | env3(0.001, 0.11) | env2(0.001, 0.12) | low("low12", 700, 30, 24, 0.5)
               | noise(-34, -0.2) | room(0.18, 0.9, 0.4),
               """env3 pitch .05
               env3 noise .14
               env3 brightness .14
               velocity position .25
               random cents .05
               pressure position .45
               breath position .4
               slide hollowness .35
               slide cutoff .12""",
               "Stick: position .5; Tight: amp.decay_s -.25; Rods: noise .3; Garage: reverb.mix .4"),
        Recipe("Snare Crow", "percussion", ("snare", "noise", "drum"),
               "Two wires and a temper. Soft strokes are ghosts.",
               {"A": partials((1, 0), (2, -3), (3, -9), (5, -16), rest_db=-58),
                "B": metal((2, 0.3, 0), (6, 0.3, -2), (15, 0.3, -8), rest_db=-50)}, 0,
               amp(0.001, 0.4, 0.0, 0.14) | {"amp.decay_curve": 4} | env3(0.001, 0.04) | env2(0.001, 0.16) | low("high12", 180, 0, 0, 0.6)
               | noise(-9, 0.3) | drive(1.0, 16, "soft") | room(0.12, 0.6, 0.3),
               """env3 pitch .06
               env2 noise .12
               velocity noise .1
               velocity brightness .2
               pressure noise.color .25
               pressure position .3
               breath noise.color -.3
               slide noise -.15
               slide position .35""",
               "Wires: noise .12, noise.color .2; Rim: position .6, noise -.25; Gate: amp.decay_s -.2; "
               "Hall: reverb.mix .45"),
        Recipe("Taiko House", "percussion", ("taiko", "cinematic", "large"),
               "A drum the size of a door, hit by somebody who trained for it.",
               {"A": partials((1, 0), (2, -5), (3, -12), (4, -15), (6, -24), rest_db=-60),
                "B": metal((1, 0.3, 0), (4, 0.35, -4), (11, 0.3, -12), rest_db=-52)}, 0,
               amp(0.002, 1.6, 0.0, 0.6) | env3(0.001, 0.18) | env2(0.001, 0.2) | low("low24", 420, 36, 26, 0.4, 0.1)
               | noise(-26, -0.5) | unison(3, 18, 0.7)
               | room(0.35, 2.4, 0.8, 4500),
               """env3 pitch .04
               env3 noise .14
               env3 position .3
               velocity brightness .12
               random cents .05
               pressure position .45
               breath cutoff .15""",
               "Rim: position .5; Ensemble: detune .15; Bachi: brightness .3; "
               "Gorge: reverb.mix .35, delay.mix .2", "akwf-32"),
    )


def _others() -> tuple[Recipe, ...]:
    return (
        Recipe("Wood Shed", "percussion", ("woodblock", "clave", "dry"),
               "A log, a stick, a dry afternoon. Velocity finds the hollow.",
               {"A": partials((1, 0), (3, -16), (4, -12), rest_db=-72),
                "B": partials((2, 0), (5, -4), (9, -8), (14, -14), rest_db=-60)}, 0,
               amp(0.001, 0.26, 0.0, 0.1) | env3(0.001, 0.02)
               | {"amp.decay_curve": 4, "osc.coarse_semitones": 12, "osc.level_db": 3} | room(0.14, 0.5, 0.25),
               """env3 noise .4
               env3 position .3
               velocity position .35
               random position .15
               pressure position .5
               breath position .35
               slide hollowness .35""",
               "Hollow: hollowness .35; Clave: position .55; Longer: amp.decay_s .15; Alley: delay.mix .35"),
        Recipe("Hat Trick", "percussion", ("hi-hat", "metal", "noise"),
               "Closed, half, open: decided by velocity and by how long you dare.",
               {"A": metal((9, 0.3, 0), (17, 0.25, -2), (29, 0.25, -4), (47, 0.3, -6), rest_db=-44),
                "B": metal((14, 0.3, 0), (33, 0.25, -1), (61, 0.3, -4), rest_db=-44)}, 0,
               amp(0.001, 0.24, 0.0, 0.07) | {"amp.decay_curve": 3} | noise(-4, 0.8) | low("high24", 4200, 0, 0, 0.2, 0.1)
               | {"osc.coarse_semitones": 24} | unison(3, 40, 0.6)
               | drive(1.0, 14, "soft"),
               """velocity amp.decay_s .06
               velocity cutoff -.1
               random hollowness .15
               random pan .25
               pressure cutoff -.14
               breath cutoff -.14
               slide cutoff .1
               slide roughness .3""",
               "Open: amp.decay_s .2; Bronze: position .5, noise -.1; Trash: drive.amount_db .3, roughness .35; "
               "Shed: reverb.mix .4"),
        Recipe("Cowbell Fever", "percussion", ("cowbell", "808", "metal"),
               "Two squares a fifth and a bit apart. There is no such thing as enough.",
               {"A": pulse(0.5) * metal((2, 0.4, 0), (3, 0.3, -1), (6, 0.3, -9), (9, 0.3, -10), rest_db=-50),
                "B": metal((3, 0.2, 0), (5, 0.2, -2), (8, 0.2, -6), (13, 0.2, -9), rest_db=-54)}, 0,
               amp(0.001, 0.6, 0.0, 0.12) | env3(0.001, 0.03) | {"osc.coarse_semitones": 12, "osc.level_db": 0}
               | low("band12", 1500, 0, 16, 0.6, 0.25) | unison(2, 9, 0.4)
               | drive(0.9, 16, "soft") | {"drive.level_db": 4, "limiter.on": "on", "limiter.ceiling_db": -12.5},
               """env3 brightness .3
               velocity brightness .12
               velocity position .15
               pressure position .45
               breath roughness .35
               slide position .35
               random hollowness .1""",
               "Fever: position .5; Prescription: amp.decay_s .2; Dent: roughness .35; "
               "Stadium: delay.mix .3, reverb.mix .25"),
        Recipe("Steel Sunday", "percussion", ("steel drum", "caribbean", "tuned"),
               "An oil barrel that went to music school. Rolls in thirds.",
               {"A": gm("steel drum", "early"), "B": gm("marimba", "early") + 0.4 * gm("steel drum")}, 0,
               amp(0.002, 1.0, 0.0, 0.4) | env3(0.001, 0.25) | {"osc.coarse_semitones": 12} | lfo(1, "drift", 1.6)
               | lfo(2, "sine", 6.0, 0.2) | unison(2, 5, 0.8)
               | room(0.16, 1.0),
               """env3 brightness .22
               env3 hollowness .1
               lfo1 richness .14
               lfo2 level .025
               velocity brightness .25
               velocity position .2
               pressure position .5
               random position .1""",
               "Mallets: position .6; Chrome: brightness .28; Damp: amp.decay_s -.2; "
               "Beach: reverb.mix .35, delay.mix .2"),
        Recipe("Shaker Motel", "percussion", ("shaker", "noise", "rhythm"),
               "Rice in a plastic egg. Hold the key and it keeps going in sixteenths.",
               {"A": metal((20, 0.4, 0), (45, 0.4, -3), rest_db=-44),
                "B": metal((12, 0.4, 0), (33, 0.4, -6), rest_db=-44)}, 0,
               amp(0.002, 0.2, 0.9, 0.05) | noise(4, 0.6) | low("band12", 5200, 0, 20, 0.2, 0.2)
               | drive(0.9, 12, "soft") | lfo(1, "fall", "1/16") | lfo(2, "fall", "1/4") | lfo(3, "drift", 0.9)
               | {"osc.level_db": -8, "limiter.on": "on", "limiter.ceiling_db": -13},
               """lfo1 noise .16
               lfo1 level .1
               lfo2 noise .05
               lfo3 cutoff .12
               lfo3 position .3
               lfo3 pan .5
               velocity cutoff .06
               pressure cutoff .2
               pressure position .4
               breath cutoff -.18
               slide cutoff -.2
               slide hollowness .3""",
               "Egg to tube: cutoff -.2; Faster: lfo1.sync -.1; Beads: position .5, reso .35; Corridor: reverb.mix .4"),
    )
