"""Voices, human and not."""

from ..gm_spectra import gm
from ..recipe import Drawn, Knobs, Recipe, amp, chorus, drive, echo, lfo, noise, room, unison
from ..textbook_spectra import vowel


def _crowd(voices: int, cents: float) -> Knobs:
    return unison(voices, cents, 1.0) | lfo(2, "sine", 5.1, 0.7)


def recipes() -> tuple[Recipe, ...]:
    """All of them move from vowel to vowel while they are held."""
    return (
        Recipe("Monks at Noon", "voice", ("choir", "low", "chant"),
               "Eight bass voices and one cough. Best in open fifths, below middle C.",
               {"A": vowel(430, 740, 2300, f0_hz=110, slope_db=10), "B": vowel(600, 1000, 2500, f0_hz=110, slope_db=8),
                "C": vowel(300, 700, 2200, f0_hz=110, slope_db=10),
                "D": vowel(400, 1900, 2500, f0_hz=110, slope_db=8)}, 0,
               amp(0.18, 0.4, 0.95, 0.6) | _crowd(5, 11) | lfo(1, "drift", 0.6) | lfo(3, "drift", 0.35)
               | noise(-48, -0.5) | room(0.4, 4.5, 0.85, 4000, 0.03),
               """lfo1 y .65
               lfo3 position .4
               lfo1 brightness .12
               lfo2 cents .03
               velocity brightness .16
               pressure y .7
               slide position .45
               breath brightness .22""",
               "Ah: position .5; Hum: y .8, brightness -.2; Throat: roughness .35; Abbey: reverb.mix .35", "akwf-32"),
        Recipe("Soprano Air", "voice", ("solo", "high", "opera"),
               "A singer who warms up through your speakers. Vibrato arrives late, as it should.",
               {"A": vowel(800, 1150, 2900, 3900, f0_hz=300, slope_db=9),
                "B": vowel(350, 2000, 2800, 3600, f0_hz=300, slope_db=9),
                "C": vowel(450, 800, 2830, 3800, f0_hz=300, slope_db=9),
                "D": vowel(325, 700, 2700, 3800, f0_hz=300, slope_db=9)}, 0,
               amp(0.09, 0.3, 0.95, 0.25) | lfo(1, "sine", 5.7, 0.9) | lfo(2, "drift", 0.9) | lfo(3, "drift", 0.8) | noise(-46, 0.2)
               | room(0.28, 2.6, 0.7),
               """lfo1 cents .09
               lfo1 level .02
               lfo1 brightness .08
               lfo2 y 1
               lfo2 position .5
               lfo3 brightness .16
               velocity brightness .16
               pressure brightness .2
               pressure lfo1.rate_hz .02
               slide position .5
               breath noise .2
               breath brightness .2""",
               "Ee: position .55; Oo: y .8; Breath: noise .3; Balcony: reverb.mix .35"),
        Recipe("Aah Section", "voice", ("choir", "mixed", "classic"),
               "The choir everybody has used, standing closer and singing newer words.",
               {"A": gm("choir aahs"), "B": gm("voice oohs")}, 0,
               amp(0.16, 0.4, 0.95, 0.5) | _crowd(5, 14) | lfo(1, "drift", 0.6) | lfo(3, "drift", 0.9)
               | room(0.28, 2.4, 0.7),
               """lfo1 position .4
               lfo3 hollowness .12
               lfo2 cents .04
               random pan .3
               velocity brightness .16
               pressure brightness .2
               breath noise .25""",
               "Ooh: position .6; Crowd: detune .1; Whisper: noise .4, fundamental -.2; "
               "Cathedral: reverb.mix .35", "akwf-32"),
        Recipe("Alien Choir", "voice", ("strange", "formant", "evolving"),
               "Harmonious people from elsewhere. They use vowels we have no mouths for.",
               {"A": Drawn(71, "hollowness"), "B": vowel(280, 2900, 4200, slope_db=5),
                "C": vowel(900, 1000, 5200, slope_db=6), "D": Drawn(77, "richness")}, 0,
               amp(0.3, 0.5, 0.95, 1.2) | _crowd(3, 10) | lfo(1, "drift", 0.5) | lfo(3, "triangle", 0.13)
               | room(0.4, 4.0, 0.8, 8000) | echo(0.15, "1/4.", 0.4),
               """lfo1 y .7
               lfo3 position .4
               lfo2 cents .04
               random hollowness .15
               velocity brightness .3
               velocity richness .2
               pressure roughness .3""",
               "First contact: position .5; Grammar: lfo1.rate_hz .2; Static: roughness .35, noise .35; "
               "Ship: reverb.mix .35", "akwf-32"),
        Recipe("Robot Priest", "voice", ("robot", "vocoder", "mono"),
               "Reads scripture at the clock's tempo. Confession in sixteenths on request.",
               {"A": vowel(280, 2250, 2900, slope_db=3.5), "B": vowel(730, 1090, 2440, slope_db=3.5),
                "C": vowel(300, 870, 2240, slope_db=3.5),
                "D": vowel(530, 1840, 2480, slope_db=3.5)}, 0,
               amp(0.006, 0.2, 0.95, 0.07) | {"voice.mode": "legato", "glide.time_s": 0.03} | lfo(1, "steps", "1/8")
               | lfo(2, "steps", "1/8.")
               | chorus(0.3, 0.3, 0.4, 0.005, 0.3) | drive(0.3, 10, "hard"),
               """lfo1 y .5
               lfo2 position .4
               velocity brightness .16
               pressure brightness .2
               slide y .6
               breath roughness .3""",
               "Doctrine: position .5; Faster: lfo1.sync -.1, lfo2.sync -.1; Rust: drive.mix .5, roughness .2; "
               "Nave: reverb.mix .4"),
    )
