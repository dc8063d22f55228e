"""Effects: sounds with a story in them. One key is usually enough."""

from ..gm_spectra import gm
from ..recipe import Drawn, Recipe, amp, chorus, drive, echo, env3, lfo, low, noise, room, unison
from ..textbook_spectra import fm, metal, partials, pulse, saw, vowel


def recipes() -> tuple[Recipe, ...]:
    """Rising, falling, passing."""
    return (
        Recipe("Last Riser", "fx", ("riser", "build", "synced"),
               "Sixteen beats of promise. Let go on the one.",
               {"A": saw(7.0), "B": saw(2.8)}, 0,
               amp(3.0, 0.5, 1.0, 0.5) | env3(7.5, 0.5, 1.0, 0.4) | {"env3.attack_curve": 0, "amp.attack_curve": 0.5}
               | noise(-30, 0.2)
               | low("low24", 500, 0, 14, 0.3, 0.3) | lfo(1, "square", "1/16") | lfo(2, "drift", 0.7)
               | unison(5, 20, 1.0) | drive(0.5, 10, "soft") | echo(0.2, "1/8.", 0.5) | room(0.3, 3.0, 0.7),
               """env3 pitch .125
               env3 cutoff .4
               env3 position .6
               env3 noise .3
               lfo1 level .03
               lfo2 pan .3
               velocity brightness .16
               pressure cutoff .18""",
               "Urgency: lfo1.sync -.1, reso .3; Promise: noise .3; Spread: detune .15; Cliff: reverb.mix .35"),
        Recipe("Falling Star", "fx", ("fall", "downlifter", "bright"),
               "Wish quickly. It is gone in four bars and takes the treble with it.",
               {"A": metal((3, 0.3, 0), (13, 0.2, -4), (37, 0.2, -9), rest_db=-56), "B": fm(9, 2.0, 0.6)}, 0,
               amp(0.01, 7.0, 0.2, 2.0) | {"amp.decay_curve": 2} | env3(0.01, 6.0) | {"env3.decay_curve": 1}
               | low("low12", 700, 0, 16, 0.4, 0.25) | lfo(1, "drift", 0.8)
               | lfo(2, "triangle", 7.0) | unison(3, 14, 1.0) | echo(0.35, "1/8.", 0.6) | room(0.35, 4.0, 0.9, 9000),
               """env3 pitch .18
               env3 cutoff .35
               lfo1 position .45
               lfo2 pan .4
               velocity brightness .3
               pressure position .4""",
               "Sparks: position .5; Tail: delay.mix .3; Flutter: lfo2.rate_hz .1, roughness .2; "
               "Orbit: reverb.mix .35"),
        Recipe("Siren Song", "fx", ("siren", "alarm", "rave"),
               "Up and down until the lights come on. The wheel changes the district.",
               {"A": pulse(0.5), "B": gm("bagpipe")}, 0,
               amp(0.02, 0.3, 1.0, 0.3) | lfo(1, "triangle", 0.7, phase=0.75) | lfo(2, "drift", 0.5)
               | drive(0.3, 12, "hard") | low("low12", 3600, 0, 16, 0.3) | echo(0.35, "1/4", 0.55)
               | room(0.25, 2.2, 0.7),
               """lfo1 pitch .06
               lfo1 cutoff .08
               lfo2 position .35
               velocity brightness .18
               pressure lfo1.rate_hz .15
               pressure brightness .18
               breath cutoff .12
               breath roughness .2""",
               "District: position .5; Panic: lfo1.rate_hz .18; Megaphone: drive.amount_db .35, cutoff -.1; "
               "Distance: reverb.mix .35"),
        Recipe("Laser Tag", "fx", ("laser", "zap", "game"),
               "Zap. You are out. Velocity decides how far it falls.",
               {"A": partials((1, 0), (2, -12), (3, -20), (4, -28), rest_db=-66), "B": fm(2, 3.0, 0.8)}, 0,
               amp(0.001, 0.8, 0.0, 0.25) | env3(0.001, 0.22) | {"env3.decay_curve": 4} | echo(0.3, "1/16.", 0.5)
               | lfo(1, "steps", 23.0)
               | drive(0.5, 10, "soft") | room(0.12, 1.0),
               """env3 pitch .35
               env3 position .2
               velocity env3.decay_s .06
               velocity brightness .16
               lfo1 roughness .2
               random pan .5
               pressure position .4
               breath position .3
               slide hollowness .35
               slide position .25""",
               "Higher: pitch .125; Longer: env3.decay_s .2, amp.decay_s .2; Melt: roughness .4; "
               "Echo base: delay.mix .35"),
        Recipe("Sonar Room", "fx", ("ping", "underwater", "echo"),
               "Ping, and then the long business of waiting for an answer.",
               {"A": partials((1, 0), (2, -30), rest_db=-80),
                "B": partials((1, 0), (3, -8), (5, -14), (8, -20), rest_db=-66)}, 0,
               amp(0.004, 1.4, 0.08, 1.2) | env3(0.004, 0.4) | low("low12", 1400, 0, 26, 0.5, 0.2)
               | lfo(1, "drift", 0.6) | lfo(2, "sine", 0.4) | echo(0.45, "1/2", 0.7, 2200)
               | room(0.45, 6.0, 1.0, 2500),
               """env3 position .3
               lfo1 position .3
               lfo2 cents .06
               velocity position .5
               velocity brightness .2
               pressure position .5
               breath position .5
               slide brightness .3""",
               "Hull: position .5; Fathoms: delay.time_s .2, brightness -.25; Contact: roughness .4, drive.mix .4; "
               "Abyss: reverb.mix .35"),
        Recipe("Engine Room", "fx", ("engine", "drone", "mechanical"),
               "Diesel at idle. Pressure is the throttle; mind the belt.",
               {"A": metal((1, 0.4, 0), (3, 0.4, -4), (8, 0.4, -9), (21, 0.3, -15), rest_db=-40),
                "B": fm(1, 5.0, 1.3)}, 0,
               amp(0.12, 0.3, 1.0, 0.5) | {"osc.coarse_semitones": -24} | lfo(1, "fall", 11.0) | lfo(2, "drift", 0.8)
               | noise(-26, -0.5) | drive(0.5, 14, "tube", -0.2)
               | low("low24", 1300, 0, 16, 0.3, 0.2) | unison(2, 16, 0.7) | room(0.2, 1.4, 0.5, 3500),
               """lfo1 level .07
               lfo1 noise .08
               lfo2 position .35
               lfo2 lfo1.rate_hz .03
               velocity brightness .16
               pressure lfo1.rate_hz .12
               pressure pitch .05
               pressure cutoff .12""",
               "Throttle: lfo1.rate_hz .12, pitch .05; Leak: noise .3; Load: drive.amount_db .35; "
               "Bulkhead: reverb.mix .35", "akwf-8"),
        Recipe("Portal", "fx", ("sweep", "space", "strange"),
               "A doorway in the corner of the room. The carpet leans towards it.",
               {"A": Drawn(91, "hollowness"), "B": Drawn(97, "brightness"), "C": vowel(300, 2600, 3800, slope_db=5),
                "D": Drawn(99, "-fundamental")}, 0,
               amp(0.6, 0.5, 1.0, 2.5) | lfo(1, "sine", 0.23) | lfo(2, "drift", 0.7) | lfo(3, "triangle", 0.31)
               | low("notch24", 1000, 0, 0, 0.3, 0.4) | unison(4, 22, 1.0)
               | chorus(0.4, 0.12, 0.7, 0.003, 0.7) | echo(0.3, "1/4.", 0.6) | room(0.4, 6.0, 1.0),
               """lfo1 y .7
               lfo2 position .45
               lfo3 cutoff .25
               lfo1 cents .12
               random pan .4
               velocity brightness .16
               pressure position .4""",
               "Threshold: position .5; Gravity: pitch -.125; Teeth: roughness .4, drive.mix .3; "
               "Other side: reverb.mix .35", "akwf-32"),
    )
