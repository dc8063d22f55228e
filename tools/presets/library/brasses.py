"""Brass and woodwind: breath first, then tone."""

from ..gm_spectra import gm
from ..recipe import Recipe, amp, chorus, echo, env2, env3, lfo, low, noise, room, unison
from ..textbook_spectra import brass, saw


def recipes() -> tuple[Recipe, ...]:
    """Brass, then wind."""
    return (*_brass(), *_wind())


def _brass() -> tuple[Recipe, ...]:
    return (
        Recipe("Bright Herald", "brass", ("trumpet", "solo", "fanfare"),
               "News from the castle wall. Soft is far away; hard is in the room.",
               {"A": gm("trumpet"), "B": brass(22, 14)}, 0,
               amp(0.03, 0.4, 0.85, 0.12) | env2(0.04, 0.4, 0.6, 0.15) | low("low12", 1100, 26, 26, 0.5)
               | lfo(1, "sine", 5.4, 0.6)
               | lfo(2, "drift", 1.0) | room(0.14, 1.3),
               """lfo1 cents .04
               lfo1 brightness .06
               lfo2 richness .14
               velocity brightness .1
               pressure brightness .2
               breath brightness .25
               breath roughness .1""",
               "Blow: position .5; Rip: roughness .35; Cup: hollowness .3, cutoff -.12; Square: reverb.mix .35"),
        Recipe("Slide Alley", "brass", ("trombone", "glide", "jazz"),
               "One arm's length between any two notes. Overlap them and hear it.",
               {"A": gm("trombone"), "B": brass(16, 15)}, 0,
               amp(0.04, 0.4, 0.88, 0.12) | env2(0.06, 0.5, 0.6, 0.15) | low("low12", 800, 26, 26, 0.5)
               | lfo(1, "sine", 4.9, 0.6) | lfo(2, "drift", 0.9)
               | {"voice.mode": "legato", "glide.time_s": 0.12, "glide.mode": "legato"} | room(0.14, 1.2),
               """lfo1 cents .06
               lfo2 position .12
               velocity brightness .12
               pressure brightness .18
               pressure cents .04
               breath position .4""",
               "Blow: position .5; Growl: roughness .35; Plunger: hollowness .35, brightness -.12; "
               "Alley: delay.mix .3"),
        Recipe("Oompah", "brass", ("tuba", "low", "march"),
               "The large end of the parade. Round, patient, surprisingly quick.",
               {"A": gm("tuba"), "B": gm("trombone")}, 0,
               amp(0.03, 0.3, 0.85, 0.1) | env2(0.03, 0.25, 0.5, 0.1) | low("low12", 600, 24, 26, 0.5)
               | lfo(1, "drift", 1.1) | noise(-50, -0.6),
               """lfo1 richness .16
               velocity brightness .14
               pressure position .4
               breath position .35
               breath brightness .1""",
               "Blow: position .5; Rasp: roughness .35; Valve noise: noise .4; Bandstand: reverb.mix .35"),
        Recipe("Forest Horns", "brass", ("horn", "section", "noble"),
               "Four players behind a hill. The wheel turns the bells towards you.",
               {"A": gm("french horn"), "B": gm("trombone", "early")}, 0,
               amp(0.09, 0.6, 0.9, 0.25) | env2(0.14, 0.8, 0.7, 0.3) | low("low12", 800, 20, 22, 0.5)
               | unison(3, 7, 0.8, 0.8) | lfo(1, "drift", 0.7)
               | room(0.28, 2.4, 0.7, 4500),
               """lfo1 position .2
               env2 richness .08
               velocity brightness .14
               pressure position .4
               breath brightness .2""",
               "Bells up: position .55; Stopped: hollowness .35, roughness .15; Herd: detune .08; "
               "Far hill: reverb.mix .35, cutoff -.1", "akwf-32"),
        Recipe("Brass Knuckles", "brass", ("synth", "stabs", "eighties"),
               "Shoulder pads in sound. Stab it, then hold the last one and lean.",
               {"A": saw(5.6), "B": brass(18)}, 0,
               amp(0.008, 0.5, 0.8, 0.2) | env2(0.05, 0.5, 0.45, 0.2) | low("low24", 600, 34, 26, 0.5, 0.15)
               | unison(4, 13, 0.9) | lfo(1, "drift", 0.8)
               | chorus(0.25, 0.6) | room(0.16, 1.2),
               """lfo1 richness .14
               lfo1 cutoff .03
               env2 brightness .06
               velocity brightness .1
               pressure cutoff .15""",
               "Punch: filter.env_semitones .12; Horns: position .5; Pads: detune .1; Arena: reverb.mix .35"),
    )


def _wind() -> tuple[Recipe, ...]:
    return (
        Recipe("Silver Flute", "wind", ("flute", "solo", "breath"),
               "More air than metal. Breath and velocity both mean it.",
               {"A": gm("flute"), "B": gm("flute", "early") + 0.3 * gm("soprano sax")}, 0,
               amp(0.05, 0.2, 0.95, 0.12) | noise(-38, 0.1) | env3(0.01, 0.12) | lfo(1, "sine", 5.0, 0.6)
               | lfo(2, "drift", 0.9) | room(0.2, 1.6, 0.5),
               """env3 noise .12
               lfo1 level .035
               lfo1 brightness .08
               lfo1 cents .03
               lfo2 richness .14
               velocity brightness .18
               pressure brightness .22
               breath noise .15
               breath brightness .2
               slide hollowness .3""",
               "Overblow: position .55; Air: noise .25; Wood: fundamental .3; Cloister: reverb.mix .35", "akwf-32"),
        Recipe("Reed Pipes", "wind", ("pan flute", "airy", "andes"),
               "Bamboo cut to length by someone in a hurry. Chiff included.",
               {"A": gm("pan flute"), "B": gm("ocarina") + 0.1 * gm("clarinet")}, 0,
               amp(0.03, 0.25, 0.85, 0.14) | noise(-30, 0.0) | env3(0.002, 0.09) | lfo(1, "drift", 1.0)
               | lfo(2, "sine", 5.2, 0.8) | room(0.25, 2.2, 0.6)
               | echo(0.12, "1/4", 0.3),
               """env3 noise .18
               lfo1 hollowness .12
               lfo2 level .03
               velocity brightness .3
               velocity noise .1
               pressure brightness .25
               breath noise .2
               slide richness .35""",
               "Ocarina: position .6; Chiff: noise .25; Edge: roughness .35; Valley: delay.mix .3, reverb.mix .2"),
        Recipe("Oboe Lament", "wind", ("oboe", "solo", "plaintive"),
               "It gives the A and then tells you why it is sad.",
               {"A": gm("oboe"), "B": gm("english horn")}, 0,
               amp(0.035, 0.25, 0.92, 0.1) | lfo(1, "sine", 5.3, 0.7) | lfo(2, "drift", 0.9)
               | low("low12", 5200, 0, 14, 0.5) | room(0.22, 1.8, 0.6),
               """lfo1 cents .05
               lfo1 brightness .07
               lfo2 hollowness .16
               velocity brightness .14
               pressure brightness .2
               breath roughness .2
               breath brightness .1""",
               "Cor anglais: position .6; Reed: roughness .35; Far: fundamental .3, cutoff -.1; "
               "Hall: reverb.mix .35", "akwf-32"),
        Recipe("Tenor Late", "wind", ("saxophone", "jazz", "smoky"),
               "Half a chorus behind the beat and better for it. Push and it growls.",
               {"A": gm("tenor sax"), "B": gm("soprano sax")}, 0,
               amp(0.035, 0.3, 0.9, 0.12) | noise(-40, -0.1) | lfo(1, "sine", 5.0, 0.6) | lfo(2, "drift", 1.0)
               | env3(0.01, 0.15) | low("low12", 3600, 0, 20, 0.4)
               | room(0.18, 1.3),
               """lfo1 cents .06
               lfo1 level .02
               lfo2 hollowness .14
               env3 cents -.15
               velocity brightness .14
               pressure roughness .25
               pressure brightness .1
               breath brightness .22""",
               "Alto ego: position .55; Growl: roughness .4; Subtone: noise .25, brightness -.25; "
               "Back room: reverb.mix .35", "akwf-32"),
    )
