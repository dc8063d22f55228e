"""Sounds that play a rhythm by themselves, in time with the song: hold a chord and listen."""

from ..gm_spectra import gm
from ..recipe import Drawn, Recipe, amp, chorus, drive, echo, lfo, low, room, sub, unison
from ..textbook_spectra import fm, metal, partials, pulse, saw, vowel


def recipes() -> tuple[Recipe, ...]:
    """LFO 1 is the rhythm in each; macro 2 is what changes it."""
    return (*_gates(), *_steps())


def _gates() -> tuple[Recipe, ...]:
    return (
        Recipe("Gate Keeper", "sequence", ("gate", "trance", "synced"),
               "Opens sixteen times a bar, never late. Bring chords.",
               {"A": saw(5.6), "B": saw(3.6)}, 0,
               amp(0.004, 0.3, 1.0, 0.2) | lfo(1, "square", "1/8") | lfo(2, "triangle", "2/1")
               | low("low24", 1300, 0, 20, 0.4, 0.2) | unison(5, 15, 1.0)
               | echo(0.2, "1/8.", 0.4) | room(0.18, 1.8),
               """lfo1 level .2
               lfo2 cutoff .12
               lfo2 richness .2
               velocity brightness .12
               pressure cutoff .18
               random pan .2""",
               "Open: cutoff .25; Rhythm: lfo1.sync -.1; Bright: brightness .3; Stage: reverb.mix .35"),
        Recipe("Pulse Train", "sequence", ("fall", "bass", "drive"),
               "Quarter notes with a running start. Feels faster than it is.",
               {"A": saw(5.0), "B": pulse(0.2)}, 0,
               amp(0.002, 0.3, 1.0, 0.1) | lfo(1, "fall", "1/16") | lfo(2, "fall", "1/4") | lfo(3, "drift", 0.3)
               | low("low24", 450, 0, 22, 0.4, 0.3) | sub(-14, -1, "square")
               | drive(0.35, 12, "tube") | unison(2, 8, 0.7),
               """lfo1 cutoff .12
               lfo1 level .08
               lfo2 cutoff .1
               lfo3 position .4
               velocity brightness .12
               pressure cutoff .15
               breath cutoff .15""",
               "Steam: cutoff .2; Rhythm: lfo1.sync -.1; Coal: drive.amount_db .3; Rails: delay.mix .35"),
        Recipe("Night Train", "sequence", ("shuffle", "pad", "triplets"),
               "Triplets over the points. Warm inside, dark out.",
               {"A": vowel(500, 1000, 2500, slope_db=8), "B": vowel(350, 2000, 2800, slope_db=7)}, 0,
               amp(0.05, 0.3, 1.0, 0.6) | lfo(1, "fall", "1/8t") | lfo(2, "triangle", "1/1") | lfo(3, "drift", 0.5)
               | unison(4, 11, 1.0) | chorus(0.25, 0.4)
               | echo(0.22, "1/4t", 0.45) | room(0.25, 2.4, 0.6),
               """lfo1 level .1
               lfo1 brightness .1
               lfo2 position .3
               lfo3 hollowness .12
               velocity brightness .12
               pressure brightness .2""",
               "Lights: position .5; Rhythm: lfo1.sync -.1; Window: cutoff -.1, brightness -.25; "
               "Tunnel: reverb.mix .35", "akwf-32"),
        Recipe("Clockwork Eye", "sequence", ("tick", "mechanical", "bell"),
               "Small brass wheels. It looks at you in thirty-seconds.",
               {"A": partials((1, 0), (4, -10), (9, -16), rest_db=-70), "B": fm(7, 1.3)}, 0,
               amp(0.002, 0.3, 1.0, 0.3) | lfo(1, "fall", "1/16") | lfo(2, "steps", "1/8") | lfo(3, "square", "1/4")
               | room(0.2, 1.4) | echo(0.2, "1/8.", 0.4),
               """lfo1 level .14
               lfo1 brightness .1
               lfo2 position .35
               lfo2 pan .5
               lfo3 hollowness .1
               velocity position .25
               pressure position .4
               slide roughness .3""",
               "Brass: position .5; Rhythm: lfo1.sync -.1; Rust: roughness .35; Tower: reverb.mix .35"),
        Recipe("Heart Monitor", "sequence", ("sine", "minimal", "dub"),
               "Still alive, once a beat. The echo is the worrying part.",
               {"A": partials((1, 0), (2, -20), (3, -28), rest_db=-76),
                "B": partials((1, 0), (2, -4), (3, -9), (4, -12), (6, -18), rest_db=-62)}, 0,
               amp(0.004, 0.3, 1.0, 0.3) | lfo(1, "fall", "1/4") | lfo(2, "drift", 0.4) | lfo(3, "steps", "1/2")
               | echo(0.4, "1/8.", 0.6, 2600) | room(0.2, 2.0, 0.6, 4000),
               """lfo1 level .2
               lfo1 position .25
               lfo2 position .3
               lfo3 pan .3
               velocity position .35
               pressure position .5
               breath position .5
               slide brightness .3""",
               "Alarm: position .5; Rhythm: lfo1.sync -.1; Flatline: drive.mix .7; Ward: delay.mix .3"),
    )


def _steps() -> tuple[Recipe, ...]:
    return (
        Recipe("Sixteenth Street", "sequence", ("steps", "filter", "random"),
               "Sample-and-hold on every corner. No two blocks alike, all of them in tempo.",
               {"A": saw(4.6), "B": pulse(0.12)}, 0,
               amp(0.003, 0.3, 1.0, 0.15) | lfo(1, "steps", "1/16") | lfo(2, "steps", "1/8.") | lfo(3, "fall", "1/16")
               | low("low24", 1100, 0, 16, 0.4, 0.5) | unison(2, 9, 0.8)
               | echo(0.25, "1/8.", 0.45),
               """lfo1 cutoff .2
               lfo2 position .45
               lfo3 level .05
               lfo2 pan .3
               velocity brightness .12
               pressure cutoff .15""",
               "Up town: cutoff .2; Rhythm: lfo1.sync -.1; Neon: reso .3; Traffic: delay.mix .35"),
        Recipe("Bubble Sort", "sequence", ("random", "pitch", "playful"),
               "Puts your octaves in order, slowly and in public.",
               {"A": fm(1, 0.8), "B": fm(3, 1.6, 0.2)}, 0,
               amp(0.003, 0.3, 1.0, 0.2) | lfo(1, "square", "1/8") | lfo(2, "fall", "1/16") | lfo(3, "steps", "1/8")
               | echo(0.25, "1/16.", 0.4) | room(0.16, 1.2),
               """lfo1 pitch .0625
               lfo2 level .12
               lfo3 position .4
               lfo3 pan .4
               velocity position .25
               velocity brightness .25
               pressure position .4
               slide brightness .28""",
               "Spin: position .5; Rhythm: lfo1.sync -.1, lfo2.sync -.1; Pop: brightness .28; Foam: delay.mix .35"),
        Recipe("Motor Way", "sequence", ("krautrock", "bass", "motorik"),
               "Straight ahead, four in the hand, headlights on wet road.",
               {"A": saw(6.0), "B": Drawn(44, "richness")}, 0,
               amp(0.002, 0.3, 1.0, 0.1) | lfo(1, "fall", "1/8") | lfo(2, "sine", "4/1", phase=0.75)
               | lfo(3, "steps", "1/4") | low("ladder24", 500, 0, 20, 0.4, 0.35) | sub(-12)
               | chorus(0.25, 0.4) | drive(0.25, 10, "tube"),
               """lfo1 cutoff .14
               lfo1 level .07
               lfo2 cutoff .1
               lfo2 position .3
               lfo3 roughness .1
               velocity brightness .12
               pressure cutoff .15""",
               "Overtake: cutoff .22; Rhythm: lfo1.sync -.1; Exhaust: drive.amount_db .35; Rain: delay.mix .35"),
        Recipe("Dotted Line", "sequence", ("dotted", "echo", "pluck"),
               "Sign here, here and here. U-shaped valleys between the echoes.",
               {"A": gm("jazz guitar", "early"), "B": gm("steel guitar", "early")}, 0,
               amp(0.002, 0.3, 1.0, 0.4) | lfo(1, "fall", "1/8.") | lfo(2, "fall", "1/4") | lfo(3, "drift", 0.4)
               | low("low12", 1800, 0, 20, 0.5) | drive(0.35, 10, "soft") | echo(0.4, "1/8.", 0.5)
               | room(0.2, 2.0, 0.6),
               """lfo1 level .16
               lfo1 brightness .12
               lfo2 roughness .08
               lfo3 position .45
               velocity brightness .12
               pressure brightness .2
               random pan .2""",
               "Ink: position .5; Rhythm: lfo1.sync -.1; Pen: brightness .28; Carbon copy: delay.mix .3", "akwf-32"),
        Recipe("Ratchet Moon", "sequence", ("glitch", "polymeter", "metal"),
               "Five against four against the tide. Gets stuck on purpose.",
               {"A": metal((1, 0.3, -3), (5, 0.2, 0), (11, 0.2, -5), rest_db=-56),
                "B": metal((2, 0.2, 0), (17, 0.2, -3), (31, 0.2, -8), rest_db=-56)}, 0,
               amp(0.002, 0.3, 1.0, 0.2) | lfo(1, "fall", "1/32") | lfo(2, "steps", "1/8.") | lfo(3, "square", "1/4.")
               | low("band12", 1500, 0, 16, 0.4, 0.3) | echo(0.25, "1/16.", 0.5)
               | room(0.2, 1.6),
               """lfo1 level .1
               lfo2 position .5
               lfo2 cutoff .1
               lfo3 level .08
               lfo3 pan .4
               velocity brightness .16
               pressure position .4""",
               "Stuck: position .5; Rhythm: lfo1.sync -.1; Grit: drive.mix .6; Tide: reverb.mix .35", "akwf-8"),
        Recipe("Choir Boys", "sequence", ("vowel", "steps", "synced"),
               "They were told to hold the note. They were not told which vowel.",
               {"A": vowel(700, 1150, 2600, slope_db=7), "B": vowel(300, 2300, 3000, slope_db=7),
                "C": vowel(320, 800, 2300, slope_db=8), "D": vowel(530, 1850, 2500, slope_db=7)}, 0,
               amp(0.02, 0.3, 1.0, 0.4) | lfo(1, "steps", "1/8") | lfo(2, "steps", "1/4.") | lfo(3, "fall", "1/8")
               | unison(4, 10, 1.0) | room(0.25, 2.2, 0.7)
               | echo(0.15, "1/4", 0.35),
               """lfo1 position .5
               lfo2 y .5
               lfo3 level .06
               velocity brightness .16
               pressure y .6
               slide position .4
               random pan .25""",
               "Discipline: position .5; Rhythm: lfo1.sync -.16, lfo3.sync -.16; Voices break: roughness .35; Vestry: reverb.mix .35"),
    )
