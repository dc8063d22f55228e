"""Basses."""

from ..gm_spectra import gm
from ..recipe import Drawn, Recipe, amp, chorus, drive, env2, env3, lfo, low, sub, unison
from ..textbook_spectra import drawbars, fm, metal, partials, pulse, saw, vowel


def recipes() -> tuple[Recipe, ...]:
    """Played from C2 to C3, most of them one note at a time."""
    return (*_analogue(), *_played(), *_digital())


def _analogue() -> tuple[Recipe, ...]:
    return (
        Recipe("Ladder Man", "bass", ("analogue", "mono", "glide"),
               "Three oscillators' worth of swagger in one. Slides where you slur; the wheel turns the saw inside out.",
               {"A": saw(5.6), "B": pulse(0.5)}, 0,
               amp(0.003, 0.7, 0.7, 0.08) | env2(0.002, 0.4, 0.2, 0.1) | low("ladder24", 420, 22, 24, 0.4, 0.15)
               | sub(-4, -1, "square")
               | {"voice.mode": "legato", "glide.time_s": 0.06, "glide.mode": "legato"} | lfo(1, "drift", 0.6)
               | unison(2, 7, 0.5) | {"osc.phase_random": 0.0},
               """lfo1 richness .2
               lfo1 cutoff .06
               lfo1 cents .03
               pressure cutoff .15
               breath cutoff .18
               slide reso .3""",
               "Open: cutoff .25; Squeal: reso .4; Push: filter.drive_db .4; Legs: sub.level_db .12, fundamental .3"),
        Recipe("Reese Witness", "bass", ("detuned", "dark", "moving"),
               "Saw against saw until the walls lean in. Hold it long; it never stands still.",
               {"A": saw(6.4), "B": saw(4.6)}, 0,
               amp(0.006, 0.5, 0.9, 0.12) | low("low24", 900, 0, 18, 0.3, 0.1) | unison(5, 24, 0.6) | sub(-10)
               | lfo(1, "drift", 0.5) | lfo(2, "triangle", 0.16) | chorus(0.25, 0.2, 0.5),
               """lfo1 hollowness .22
               lfo2 cutoff .12
               pressure cutoff .2
               velocity brightness .12
               slide roughness .25""",
               "Spread: detune .12; Snarl: drive.mix .6, roughness .2; Fog: cutoff -.2; "
               "Churn: lfo1.rate_hz .2, lfo2.rate_hz .2"),
        Recipe("Night Bus", "bass", ("garage", "hollow", "vowel"),
               "Hollow and round with somebody talking at the back. The wheel moves you to the top deck.",
               {"A": pulse(0.5) * saw(3.0), "B": vowel(420, 900, 2300, f0_hz=65, slope_db=7)}, 0,
               amp(0.004, 0.6, 0.75, 0.1) | env2(0.002, 0.3, 0.3, 0.1) | low("low24", 700, 18, 22, 0.4, 0.15) | sub(-12)
               | lfo(1, "triangle", "1/4", phase=0.25),
               """lfo1 position .22
               velocity position .25
               pressure position .5
               slide brightness .35
               slide cutoff .12""",
               "Talk: position .5; Lift: cutoff .25; Sub: sub.level_db .15, fundamental .35; Wobble: lfo1.rate_hz .2, reso .35"),
        Recipe("Sub Marine", "bass", ("sub", "pure", "mono"),
               "Felt before it is heard, with a click like a hatch so small speakers know it is there.",
               {"A": partials((1, 0), (2, -22), (3, -30), rest_db=-72),
                "B": partials((1, 0), (2, -5), (3, -12), (4, -20), (5, -24), rest_db=-60)}, 0,
               amp(0.003, 1.2, 0.8, 0.12) | env3(0.001, 0.09) | {"voice.mode": "mono", "glide.time_s": 0.03}
               | lfo(1, "drift", 0.4),
               """env3 position .5
               lfo1 position .2
               velocity position .75
               velocity brightness .25
               pressure position .5
               breath position .5
               slide brightness .4""",
               "Rise: position .5; Knock: env3.decay_s .2, position .3; Grit: drive.mix .6; Long: amp.release_s .3, reverb.mix .25"),
    )


def _played() -> tuple[Recipe, ...]:
    return (
        Recipe("Upright Citizen", "bass", ("acoustic", "jazz", "walking"),
               "Gut strings, a big wooden room inside, shoes tapping. Dig in and it growls.",
               {"A": gm("upright bass", "early"), "B": gm("contrabass")}, 0,
               amp(0.004, 2.6, 0.0, 0.12) | env2(0.001, 0.5, 0.0, 0.2) | low("low12", 700, 22, 30, 0.5),
               """env2 brightness .12
               velocity roughness .15
               velocity brightness .15
               random fundamental .08
               pressure cents .12
               pressure brightness .15""",
               "Growl: roughness .45, brightness .15; Bow arm: position .6, amp.sustain .6; Finger: brightness .25; "
               "Body: fundamental .3",
               "akwf-32"),
        Recipe("Pocket Player", "bass", ("electric", "fingered", "funk"),
               "Two fingers, one pick-up, never early. The wheel swaps fingers for a plectrum.",
               {"A": gm("finger bass", "early"), "B": gm("picked bass", "early")}, 0,
               amp(0.002, 3.0, 0.0, 0.09) | env2(0.001, 0.35, 0.0, 0.2) | low("low12", 900, 26, 26, 0.5)
               | drive(0.25, 8, "tube"),
               """env2 brightness .1
               env2 richness .08
               velocity position .25
               random position .08
               slide position .5""",
               "Pick: position .5; Old strings: brightness -.3; Thumb: fundamental .3; "
               "Amp: drive.mix .5, drive.amount_db .25"),
        Recipe("Slap Happy", "bass", ("electric", "slap", "bright"),
               "Thumb and pop. Soft keys are thumbs; hard ones take the skin off.",
               {"A": gm("slap bass", "early"), "B": gm("clavinet", "early")}, 0,
               amp(0.001, 2.2, 0.0, 0.08) | env2(0.001, 0.16, 0.0, 0.1) | low("low12", 1100, 34, 34, 0.6)
               | chorus(0.15, 0.7, 0.2),
               """env2 brightness .22
               env2 roughness .12
               velocity position .35
               pressure brightness .2""",
               "Pop: position .5; Snap: filter.env_semitones .3, reso .25; Mute: amp.decay_s -.35; "
               "Shine: chorus.mix .35, brightness .15",
               "akwf-32"),
        Recipe("Pedal Board", "bass", ("organ", "round", "soft"),
               "The left foot of a club organ: 16' and 5 1/3' in woollen socks.",
               {"A": drawbars("860000000"), "B": drawbars("888400200")}, 0,
               amp(0.006, 0.2, 0.95, 0.06) | lfo(1, "sine", 6.2, 0.3) | lfo(2, "drift", 0.6) | chorus(0.25, 0.9, 0.3),
               """lfo1 level .02
               lfo2 position .2
               velocity position .75
               velocity brightness .25
               pressure position .5
               breath position .5
               slide brightness .3""",
               "Bars: position .6; Click: brightness .3; Leslie: lfo1.rate_hz .12, chorus.mix .35; Heat: drive.mix .6"),
    )


def _digital() -> tuple[Recipe, ...]:
    return (
        Recipe("Donkey Kick", "bass", ("fm", "house", "short"),
               "The bounce of every warehouse since 1990: a hollow knock with a pitch in it.",
               {"A": fm(2, 0.7), "B": fm(3, 2.2, 0.3)}, 0,
               amp(0.001, 0.45, 0.25, 0.07) | env3(0.001, 0.12) | low("low12", 2600, 0, 16, 0.4),
               """env3 position .7
               velocity position .3
               pressure position .5
               breath position .45
               slide hollowness .3""",
               "Hoof: position .5; Donk: env3.decay_s .2, position .2; Wood: hollowness .35; Barn: reverb.mix .35"),
        Recipe("Tar Pit", "bass", ("growl", "wobble", "synced"),
               "Something large is stuck in it and objects in eighths. The wheel wakes it.",
               {"A": saw(5.0), "B": metal((1, 0.5, 0), (5, 0.3, -3), (9, 0.25, -8), (17, 0.25, -14), rest_db=-36)}, 0,
               amp(0.004, 0.4, 0.95, 0.09) | low("band12", 620, 0, 22, 0.3, 0.45) | sub(-9) | lfo(1, "triangle", "1/8")
               | lfo(2, "drift", 0.7)
               | drive(0.6, 16, "fold") | unison(3, 11, 0.6),
               """lfo1 cutoff .2
               lfo1 position .3
               lfo2 roughness .2
               velocity brightness .15
               pressure position .4
               slide reso .35""",
               "Wake: position .45; Slower: lfo1.sync -.2; Open: cutoff .2; Tar: drive.mix .4, drive.amount_db .3"),
        Recipe("Rust Belt", "bass", ("distorted", "industrial"),
               "A string of scrap iron through a burnt amplifier. Lives on the lowest octave.",
               {"A": gm("overdriven guitar"), "B": Drawn(41, "brightness")}, 0,
               amp(0.003, 0.9, 0.8, 0.1) | env2(0.001, 0.5, 0.3, 0.1) | low("ladder12", 900, 20, 20, 0.4, 0.15)
               | drive(0.8, 18, "hard", -0.3)
               | lfo(1, "steps", 7.0) | lfo(2, "drift", 0.5),
               """lfo1 roughness .1
               lfo2 position .3
               velocity brightness .12
               pressure cutoff .2""",
               "Scrap: position .5; Fire: drive.amount_db .4; Scrape: roughness .35; Yard: reverb.mix .3",
               "akwf-8"),
    )
