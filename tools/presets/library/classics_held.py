"""Of the first twenty-four presets those that are held: leads, organs, strings, pads."""

import numpy as np

from ..recipe import Akwf, Recipe, amp, chorus, echo, env2, lfo, low, room, unison
from ..textbook_spectra import K, bowed, brass, drawbars, metal, partials, pipes, pulse, reed, saw, vowel


def recipes() -> tuple[Recipe, ...]:
    """In the order of their program numbers."""
    return (*_leads(), *_organs(), *_strings(), *_pads())


def _leads() -> tuple[Recipe, ...]:
    return (
        Recipe("Neon Lead", "lead", ("bright", "solo", "overdriven"),
               "The wheel is the drive: from a plain saw to a shout.",
               {"A": saw(6.6), "B": Akwf("distorted", 8)}, 0,
               amp(0.006, 0.5, 0.85, 0.12) | env2(0.004, 0.8, 0.5, 0.2) | low("low12", 2400, 20, 16, 0.6)
               | lfo(1, "sine", 5.4, 0.5)
               | lfo(2, "drift", 0.7) | unison(2, 6, 0.6) | echo(0.14, "1/8.", 0.3),
               """lfo1 cents .05 via pressure
               lfo1 cents .03
               lfo2 richness .12
               pressure position .35
               velocity brightness .1""",
               "Shout: position .4; Glare: brightness .3; Swarm: detune .25, richness .2; Distance: delay.mix .3, reverb.mix .25"),
        Recipe("Hollow Reed", "lead", ("woodwind", "clarinet", "breath"),
               "A clarinet low down; the wheel opens the bore towards a saxophone.",
               {"A": reed(30, 9), "B": Akwf("altosax", 5)}, 0,
               amp(0.045, 0.3, 0.9, 0.11) | env2(0.06, 0.4, 0.8, 0.1) | low("low12", 1500, 14, 22, 0.6)
               | lfo(1, "sine", 4.8, 0.7)
               | lfo(2, "drift", 1.1),
               """lfo1 cents .06 via pressure
               lfo1 brightness .05
               lfo2 richness .14
               breath brightness .3
               env2 position .08
               pressure brightness .2""",
               "Bore: position .5; Reed: roughness .3; Air: noise .5; Stage: reverb.mix .35"),
        Recipe("Chip Hero", "lead", ("8-bit", "pulse"),
               "A console's pulse, from a half to an eighth. No filter, no manners.",
               {"A": pulse(0.5), "B": pulse(0.125)}, 0,
               amp(0.001, 0.25, 0.7, 0.04) | lfo(1, "square", 6.0, 0.4) | lfo(2, "triangle", 0.35),
               """lfo1 cents .12 via pressure
               lfo2 position .25
               velocity position .3
               pressure position .2
               slide richness .4
               breath brightness .3""",
               "Width: position .5; Octaves: pitch .125; Crush: roughness .35, drive.mix .5; Level two: delay.mix .4"),
        Recipe("Vox Machine", "voice", ("formant", "robot"),
               "A machine that says 'oh' and, up the wheel, 'ee'. Y goes to 'ah' and 'oo'.",
               {"A": vowel(500, 850, 2500, slope_db=7), "B": vowel(280, 2250, 2900, slope_db=7),
                "C": vowel(730, 1090, 2440, slope_db=7), "D": vowel(310, 870, 2240, slope_db=7)}, 0,
               amp(0.012, 0.4, 0.85, 0.14) | lfo(1, "drift", 0.6) | lfo(3, "drift", 0.9) | lfo(2, "sine", 5.0, 0.4) | chorus(0.2, 0.4),
               """lfo1 y .6
               lfo1 position .6
               lfo3 hollowness .15
               velocity brightness .25
               pressure y .6
               pressure brightness .15
               lfo2 cents .05
               slide position .4
               slide hollowness .3
               env2 brightness .1""",
               "Ee: position .6; Ah: y .8; Robot: roughness .35; Hall: reverb.mix .4"),
        Recipe("Copper Brass", "brass", ("section", "swell"),
               "Horns that open as they swell; the wheel blows harder.",
               {"A": brass(4), "B": brass(14)}, 0,
               amp(0.05, 0.6, 0.85, 0.16) | env2(0.09, 0.7, 0.6, 0.18) | low("low12", 520, 30, 24, 0.6)
               | lfo(1, "drift", 0.8)
               | unison(3, 9, 0.8, 0.7) | room(0.12, 1.2),
               """env2 position .25
               lfo1 position .15
               velocity position .25
               pressure position .4
               breath position .4
               slide roughness .35""",
               "Blow: position .5; Rasp: roughness .3; Slow: amp.attack_s .25; Hall: reverb.mix .35"),
    )


def _organs() -> tuple[Recipe, ...]:
    return (
        Recipe("Drawbar Club", "organ", ("tone wheel", "jazz"),
               "888 000 000 at A, all bars out at B: the wheel is the right hand on the drawbars.",
               {"A": drawbars("888000000"), "B": drawbars("888866668")}, 0,
               amp(0.003, 0.1, 1.0, 0.03) | lfo(1, "sine", 6.6) | chorus(0.3, 0.8, 0.35),
               """velocity position .45
               velocity brightness .15
               lfo1 pan .15
               lfo1 position .06
               pressure position .5
               breath position .5
               slide brightness .3""",
               "Bars: position .6; Fast: lfo1.rate_hz .1, chorus.rate_hz .4; Dirt: drive.mix .6; "
               "Church: reverb.mix .4"),
        Recipe("Cathedral", "organ", ("pipes", "slow"),
               "Principals: 8' alone at A, with octaves, fifths and a mixture at B. Let it ring.",
               {"A": pipes((1, 0), slope_db=14),
                "B": pipes((1, 0), (2, -2), (3, -8), (4, -4), (6, -8), (8, -7), slope_db=7)}, 0,
               amp(0.035, 0.1, 1.0, 0.28) | lfo(1, "drift", 0.9) | room(0.3, 4.0, 0.85, 5000, 0.03),
               """velocity position .3
               lfo1 richness .12
               pressure position .45
               breath position .5""",
               "Mixture: position .6; Reeds: roughness .3; Wind: noise .4; Nave: reverb.mix .3, reverb.decay_s .2"),
    )


def _strings() -> tuple[Recipe, ...]:
    return (
        Recipe("Slow Bows", "string", ("ensemble", "warm"),
               "Celli that lean in; the wheel hands the line to the violins.",
               {"A": bowed((220, 5), (450, 7), (900, -6), (1400, 3), slope_db=8.5),
                "B": bowed((290, 3), (500, 4), (2600, 9), (4200, 5), slope_db=6)}, 0,
               amp(0.24, 0.8, 0.9, 0.45) | env2(0.4, 1.0, 0.8, 0.5) | low("low12", 1500, 14, 18, 0.5)
               | lfo(1, "drift", 0.45)
               | lfo(2, "sine", 5.1, 0.8) | unison(5, 11, 0.9) | room(0.18, 1.8),
               """lfo1 position .2
               lfo2 cents .04
               velocity brightness .12
               pressure position .3""",
               "Violins: position .5; Rosin: roughness .25; Nearer: amp.attack_s -.2; Hall: reverb.mix .35"),
        Recipe("Solo Fiddle", "string", ("violin", "lead"),
               "One player near the microphone. Bend it a little; the wheel leans towards the bridge.",
               {"A": Akwf("violin", 12), "B": Akwf("violin", 7)}, 0,
               amp(0.07, 0.4, 0.9, 0.13) | low("low12", 5000, 0, 20, 0.5) | lfo(1, "sine", 5.6, 0.5)
               | lfo(2, "drift", 1.0) | room(0.12, 1.0, 0.3),
               """lfo1 cents .07
               lfo1 cents .08 via pressure
               lfo2 hollowness .12
               lfo1 brightness .05
               velocity brightness .12
               pressure brightness .2""",
               "Bridge: position .6; Rosin: roughness .25; Mute: brightness -.3, fundamental .2; Hall: reverb.mix .4"),
    )


def _pads() -> tuple[Recipe, ...]:
    return (
        Recipe("Amber Pad", "pad", ("warm", "slow"),
               "Late sun: a soft saw that opens into a choir.",
               {"A": saw(9.0), "B": vowel(650, 1080, 2650, slope_db=7)}, 0,
               amp(0.65, 1.5, 0.85, 1.4) | env2(1.2, 2.0, 0.6, 1.4) | low("low24", 700, 20, 14, 0.4)
               | lfo(1, "drift", 0.3)
               | unison(4, 9, 0.9) | chorus(0.25, 0.3) | room(0.2, 2.4, 0.6),
               """lfo1 position .3
               random pan .2
               velocity brightness .12
               pressure position .4""",
               "Choir: position .5; Sun: cutoff .2; Slower: amp.attack_s .3; Dusk: reverb.mix .4"),
        Recipe("Glass Harp", "pad", ("glass", "pure"),
               "Wet fingers on wine glasses; the wheel lets the overtones ring.",
               {"A": partials((1, 0), (2, -34), (3, -22), (5, -38), rest_db=-80),
                "B": partials((1, -4), (3, -4), (5, -9), (8, -12), (11, -14), (17, -21), rest_db=-64)}, 0,
               amp(0.22, 0.8, 0.9, 1.1) | {"osc.phase_random": 1.0} | lfo(1, "drift", 0.5) | lfo(2, "sine", 4.0)
               | room(0.3, 3.0, 0.7, 9000),
               """lfo1 position .3
               lfo2 level .03
               velocity position .45
               pressure position .4
               breath position .4
               slide hollowness .35""",
               "Overtones: position .5; Wet: chorus.mix .5; Tremble: lfo2.rate_hz .15; Cellar: reverb.mix .35"),
        Recipe("Quiet Choir", "voice", ("choir", "vowel", "soft"),
               "Four vowels on a square: 'oo' and 'ah' along the wheel, 'oh' and 'eh' across Y.",
               {"A": vowel(320, 800, 2300, slope_db=11, width=0.12),
                "B": vowel(700, 1150, 2600, slope_db=10, width=0.12),
                "C": vowel(480, 880, 2500, slope_db=11, width=0.12),
                "D": vowel(530, 1850, 2500, slope_db=10, width=0.12)}, 0,
               amp(0.3, 0.6, 0.9, 0.7) | low("low12", 6000, 0, 0, 0.3) | lfo(1, "drift", 0.5)
               | lfo(2, "sine", 5.0, 0.8) | lfo(3, "drift", 0.7) | unison(4, 12, 0.9) | room(0.25, 2.2, 0.6),
               """lfo1 y .7
               lfo3 position .35
               lfo3 hollowness .12
               lfo2 cents .05
               velocity brightness .12
               pressure y .6
               slide position .4
               random fundamental .06""",
               "Ah: position .6; Oh: y .7; Breath: noise .45; Chapel: reverb.mix .4"),
        Recipe("Shimmer Drift", "fx", ("evolving", "noisy", "wide"),
               "Dust and light: a hum at A, a swarm of high harmonics at B. Move the wheel slowly.",
               {"A": metal((1, 0.3, 0), (6, 0.25, -18), (24, 0.3, -34)),
                "B": metal((1, 0.2, -6), (9, 0.15, 0), (23, 0.12, -3), (41, 0.1, -5), (80, 0.2, -14)) * (1 + 0.8
                     * np.cos(2.4 * K))}, 0,
               amp(0.9, 2.0, 0.8, 2.4) | env2(2.5, 2.5, 0.7, 2.0) | low("low12", 1200, 26, 10, 0.3, 0.2)
               | {"osc.phase_random": 1.0}
               | lfo(1, "drift", 0.35) | lfo(2, "drift", 0.8) | room(0.35, 5.0, 0.8, 9000) | unison(3, 8, 1.0),
               """lfo1 position .35
               lfo2 pan .4
               velocity brightness .15
               pressure position .4""",
               "Swarm: position .6; Light: brightness .3; Drift: lfo1.rate_hz .15; Nowhere: reverb.mix .4"),
    )
