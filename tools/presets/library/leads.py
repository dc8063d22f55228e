"""Leads: made to be played one note at a time, bent and leaned on."""

from ..gm_spectra import gm
from ..recipe import Drawn, Knobs, Recipe, amp, chorus, drive, echo, env2, env3, lfo, low, room, unison
from ..textbook_spectra import fm, metal, partials, pulse, saw, vowel


def _mono(glide_s: float) -> Knobs:
    return {"voice.mode": "legato", "glide.time_s": glide_s}


def recipes() -> tuple[Recipe, ...]:
    """Sustained, most with a vibrato that a hand deepens."""
    return (
        Recipe("Saw Doctor", "lead", ("supersaw", "wide", "trance"),
               "Seven saws and one licence to practise. Keep the chords simple, it does the rest.",
               {"A": saw(5.4), "B": saw(3.4)}, 0,
               amp(0.004, 0.6, 0.85, 0.18) | env2(0.002, 0.6, 0.4, 0.2) | low("low12", 4200, 20, 22, 0.5, 0.1)
               | unison(7, 22, 0.95)
               | lfo(1, "drift", 0.8) | room(0.15, 1.6) | echo(0.16, "1/8.", 0.35),
               """lfo1 richness .2
               lfo1 brightness .12
               pressure cutoff .15
               pressure brightness .12
               velocity brightness .22""",
               "Surgery: detune .12; Needle: brightness .3; Theatre: reverb.mix .35; Recall: delay.mix .35"),
        Recipe("Square Meal", "lead", ("pulse", "pwm", "mono"),
               "Meat and potatoes: a pulse whose width will not sit still.",
               {"A": pulse(0.5), "B": pulse(0.08)}, 0,
               amp(0.005, 0.4, 0.9, 0.1) | low("low12", 4200, 0, 18, 0.5) | _mono(0.04) | lfo(1, "triangle", 0.7)
               | lfo(2, "sine", 5.5, 0.4)
               | echo(0.15, "1/8", 0.3),
               """lfo1 position .35
               lfo2 cents .04
               lfo2 cents .08 via pressure
               pressure brightness .3
               pressure position .3
               velocity position .2
               slide richness .35
               breath brightness .35""",
               "Narrow: position .5; Faster: lfo1.rate_hz .35, richness .35; Gravy: drive.mix .8, drive.amount_db .3; "
               "Seconds: delay.mix .35"),
        Recipe("Laser Disc", "lead", ("sync", "sweep", "bright"),
               "One oscillator shouting another into line. Each note tears downwards; pressure tears it up again.",
               {"A": metal((1, 0.4, -4), (3, 0.3, 0), (5, 0.3, -8), rest_db=-24),
                "B": metal((1, 0.4, -8), (11, 0.25, 0), (17, 0.3, -6), rest_db=-24)}, 0,
               amp(0.003, 0.6, 0.85, 0.12) | env3(0.002, 0.9, 0.15, 0.3) | lfo(1, "sine", 5.8, 0.5)
               | lfo(2, "drift", 0.6) | chorus(0.2, 0.5)
               | echo(0.15, "1/8.", 0.3),
               """env3 position .75
               lfo1 cents .05
               lfo2 position .12
               velocity position .3
               velocity brightness .12
               pressure position .45
               breath position .4""",
               "Tear: position .4; Slow tear: env3.decay_s .3; Burn: drive.mix .6; Ghost: delay.mix .35"),
        Recipe("Ether Wave", "lead", ("theremin", "pure", "glide"),
               "Hands in the air. Nearly a sine, nearly a voice, nearly in tune.",
               {"A": partials((1, 0), (2, -18), (3, -26), (4, -36), rest_db=-72),
                "B": vowel(600, 1000, 2600, slope_db=9)}, 0,
               amp(0.09, 0.3, 1.0, 0.2) | _mono(0.16) | lfo(1, "sine", 5.3, 0.6) | lfo(2, "drift", 0.7)
               | room(0.3, 2.4, 0.6),
               """lfo1 cents .1
               lfo1 level .02
               lfo2 position .16
               velocity position .65
               velocity brightness .15
               pressure position .5
               breath position .5
               slide hollowness .35
               slide position .25""",
               "Voice: position .55; Nerves: lfo1.rate_hz .08, lfo1.fade_s -.3; Valve: drive.mix .5; "
               "Moon: reverb.mix .35"),
        Recipe("Sunday Driver", "lead", ("soft", "mono", "west coast"),
               "Elbow out of the window. A rounded triangle that whistles when the wheel goes up.",
               {"A": partials((1, 0), (3, -19), (5, -28), (7, -34), rest_db=-66), "B": saw(7.0)}, 0,
               amp(0.012, 0.5, 0.85, 0.14) | _mono(0.09) | low("low24", 2600, 0, 16, 0.5, 0.2)
               | lfo(1, "sine", 5.0, 0.4) | lfo(2, "drift", 0.8)
               | chorus(0.3, 0.6, 0.3),
               """lfo1 cents .04
               lfo1 cents .1 via pressure
               lfo2 position .25
               velocity position .35
               pressure position .5
               pressure brightness .2
               breath position .4
               slide hollowness .4""",
               "Whistle: position .55; Bite: reso .5, cutoff .3, brightness .25; Chrome: brightness .4, richness .25; "
               "Coast: delay.mix .35, reverb.mix .2"),
        Recipe("Overdriver", "lead", ("guitar", "distorted", "solo"),
               "A guitar that never goes out of tune and never says no. Lean on the key for feedback.",
               {"A": gm("overdriven guitar", "early"), "B": fm(3, 2.0, 0.6)}, 0,
               amp(0.004, 2.5, 0.7, 0.15) | low("low12", 3600, 0, 14, 0.4) | drive(0.85, 20, "tube", 0.1)
               | lfo(1, "sine", 5.9, 0.5)
               | lfo(2, "drift", 0.9) | echo(0.18, "1/4", 0.3) | room(0.1, 1.0),
               """lfo1 cents .05
               lfo2 roughness .16
               pressure position .5
               velocity brightness .12
               pressure cents .02
               breath position .35""",
               "Feedback: position .6; Gain: drive.amount_db .4; Tone: brightness .45; "
               "Stadium: reverb.mix .3, delay.mix .25"),
        Recipe("Talk Show", "lead", ("talkbox", "vowel", "funk"),
               "Tube in the mouth: the wheel opens it, pressure rounds it, and it always has an opinion.",
               {"A": vowel(300, 870, 2240, slope_db=5), "B": vowel(730, 1100, 2440, slope_db=5),
                "C": vowel(300, 2250, 3000, slope_db=5), "D": vowel(530, 1840, 2480, slope_db=5)}, 0,
               amp(0.006, 0.3, 0.9, 0.08) | _mono(0.05) | env3(0.04, 0.3, 0.3) | lfo(1, "drift", 0.9)
               | drive(0.3, 10, "tube") | chorus(0.15, 0.6),
               """env3 position .35
               lfo1 y .4
               velocity position .4
               velocity brightness .12
               pressure y .7
               slide position .5
               breath brightness .28""",
               "Ah: position .6; Ee: y .8; Wow: env3.attack_s .35, env3.decay_s .3, y .3; Crunch: drive.mix .5"),
        Recipe("Hyperlane", "lead", ("digital", "wide", "epic"),
               "Every star a line. Wide, sharp and slightly too fast; the wheel leaves the system.",
               {"A": Drawn(7, "richness"), "B": Drawn(19, "brightness")}, 0,
               amp(0.006, 0.8, 0.8, 0.25) | env2(0.003, 0.7, 0.4, 0.3) | low("low12", 3000, 18, 18, 0.5)
               | unison(5, 14, 1.0)
               | lfo(1, "drift", 0.6) | echo(0.25, "1/8.", 0.5) | room(0.2, 2.2, 0.6),
               """lfo1 position .3
               env2 richness .12
               pressure cutoff .15
               pressure position .3
               velocity brightness .12""",
               "Leave: position .5; Warp: detune .15; Flare: brightness .3; Wake: delay.mix .35, reverb.mix .2",
               "akwf-32"),
        Recipe("Harmonica Jim", "lead", ("harmonica", "blues", "breath"),
               "Cross harp at a level crossing. Blow harder and the reeds complain.",
               {"A": gm("harmonica"), "B": gm("accordion")}, 0,
               amp(0.03, 0.3, 0.9, 0.08) | lfo(1, "sine", 5.2, 0.5) | lfo(2, "drift", 1.1) | room(0.12, 0.9, 0.3)
               | env3(0.05, 0.4),
               """lfo1 level .03
               lfo1 brightness .08
               lfo2 hollowness .14
               env3 cents -.1
               velocity brightness .14
               pressure cents -.15
               pressure brightness .15
               breath brightness .25""",
               "Wah: lfo1.rate_hz .05, brightness -.25; Cross: position .6; Reeds: roughness .35; "
               "Bullet mic: drive.mix .8, drive.amount_db .3"),
    )
