"""Keys and organs."""

from ..gm_spectra import gm
from ..recipe import Recipe, amp, chorus, drive, env2, env3, lfo, low, noise, room, unison
from ..textbook_spectra import fm, partials


def recipes() -> tuple[Recipe, ...]:
    """What is struck, then what is blown by bellows."""
    return (*_struck(), *_organs())


def _struck() -> tuple[Recipe, ...]:
    return (
        Recipe("Grand Hotel", "keys", ("piano", "concert", "bright"),
               "The lobby piano at three in the morning, lid up. The wheel sends it out on tour.",
               {"A": gm("grand piano", "early"), "B": gm("honky-tonk", "early")}, 0,
               amp(0.002, 5.0, 0.0, 0.3) | env2(0.001, 1.8, 0.0, 0.4) | low("low12", 1300, 22, 34, 0.6)
               | unison(2, 2.5, 0.6) | room(0.14, 1.6),
               """env2 brightness .12
               env2 richness .08
               velocity brightness .1
               random fundamental .04
               pressure brightness .2""",
               "Tour: position .6, detune .05; Hammers: brightness .28; Felt: cutoff -.2, amp.attack_s .15; "
               "Ballroom: reverb.mix .4", "akwf-32"),
        Recipe("Saloon Door", "keys", ("piano", "detuned", "ragtime"),
               "Drinks have been spilled in it. The high strings have opinions of their own.",
               {"A": gm("honky-tonk", "early"), "B": gm("harpsichord", "early")}, 0,
               amp(0.001, 3.2, 0.0, 0.14) | env2(0.001, 0.8, 0.0, 0.3) | low("low12", 1700, 20, 26, 0.6)
               | unison(3, 11, 0.7) | room(0.1, 0.7, 0.25),
               """env2 brightness .14
               velocity roughness .1
               random cents .04
               slide hollowness .28""",
               "Tacks: position .6; Whisky: detune .1; Spittoon: fundamental .3; Piano roll: delay.mix .3"),
        Recipe("Rhode Island", "keys", ("electric piano", "chorus", "soul"),
               "Seventy-three keys in a suitcase. Bells on top when you mean it.",
               {"A": gm("tine piano", "early"), "B": fm(8, 0.7) + 0.6 * fm(1, 0.9)}, 0,
               amp(0.002, 3.6, 0.0, 0.25) | env2(0.001, 0.9, 0.0, 0.3) | low("low12", 900, 20, 36, 0.6)
               | lfo(1, "sine", 4.6) | chorus(0.4, 0.55, 0.35),
               """lfo1 pan .5
               env2 position .15
               velocity position .2
               pressure position .35
               slide richness .3""",
               "Bells: position .45; Suitcase: drive.mix .5; Swim: chorus.depth .5, lfo1.rate_hz .05; "
               "Club: reverb.mix .35", "akwf-32"),
        Recipe("Wurly Bird", "keys", ("electric piano", "reed", "tremolo"),
               "Reeds hit with hammers: it barks in the middle and apologises at the top.",
               {"A": partials((1, 0), (2, -6), (3, -13), (4, -16), (5, -22), (7, -28), rest_db=-58),
                "B": fm(2, 1.6, 0.3)}, 0,
               amp(0.002, 2.6, 0.0, 0.16) | env2(0.001, 0.5, 0.0, 0.2) | low("low12", 800, 26, 34, 0.6)
               | drive(0.35, 10, "tube") | lfo(1, "sine", 5.6)
               | lfo(2, "sine", 5.6, phase=0.25),
               """lfo1 level .045
               lfo2 pan .25
               env2 roughness .12
               velocity position .3
               pressure position .35
               slide hollowness .35
               breath roughness .25""",
               "Bark: position .45; Tremolo: lfo1.rate_hz .08, lfo2.rate_hz .08; "
               "Crumble: drive.mix .5, drive.amount_db .25; Porch: reverb.mix .35"),
        Recipe("Toy Parade", "keys", ("celesta", "toy", "music box"),
               "Small and brave. Tin bars, paper hats, one flat wheel.",
               {"A": gm("celesta", "early"), "B": partials((1, 0), (3, -7), (5, -12), (9, -18), rest_db=-62)}, 0,
               amp(0.001, 1.8, 0.0, 0.5) | env3(0.001, 0.15) | lfo(1, "drift", 1.3) | room(0.16, 1.2)
               | chorus(0.2, 0.9, 0.2),
               """env3 brightness .25
               lfo1 cents .03
               velocity position .3
               random position .15
               pressure position .4
               slide brightness .3""",
               "Tin: position .55; Wind up: amp.decay_s -.3; Rust: roughness .35; Nursery: delay.mix .35"),
    )


def _organs() -> tuple[Recipe, ...]:
    return (
        Recipe("Rotary Rig", "organ", ("tone wheel", "rock", "leslie"),
               "Horn and drum in a wooden box, wound up to fast. Pressure opens the valves.",
               {"A": partials((1, -4), (2, 0), (3, -5), (4, -9), rest_db=-60),
                "B": partials((1, 0), (2, 0), (3, -2), (4, 0), (6, -4), (8, -3), (10, -9), (12, -9), (16, -4),
                     rest_db=-60)}, 0,
               amp(0.003, 0.1, 1.0, 0.04) | lfo(1, "sine", 6.7, scope="global")
               | lfo(2, "sine", 6.7, phase=0.25, scope="global") | drive(0.5, 14, "tube")
               | chorus(0.35, 1.1, 0.3) | env3(0.001, 0.06),
               """lfo1 pan .3
               lfo2 brightness .08
               lfo1 cents .03
               env3 brightness .2
               velocity position .3
               pressure position .5
               breath position .5
               slide brightness .28""",
               "Bars: position .55; Slow: lfo1.rate_hz -.35, lfo2.rate_hz -.35, chorus.rate_hz -.3, chorus.mix .3; "
               "Valves: drive.amount_db .35; Cabinet: reverb.mix .3", "akwf-32"),
        Recipe("Reed Room", "organ", ("harmonium", "drone", "folk"),
               "A harmonium with a slow leak. Keeps one note going for the whole service.",
               {"A": gm("reed organ"), "B": gm("bagpipe")}, 0,
               amp(0.09, 0.2, 1.0, 0.15) | lfo(1, "drift", 0.9) | lfo(2, "sine", 3.4, 0.5) | unison(2, 6, 0.7)
               | noise(-46, -0.5) | room(0.16, 1.3),
               """lfo1 richness .14
               lfo1 level .02
               lfo2 brightness .05
               velocity brightness .14
               pressure position .4
               breath brightness .22""",
               "Drone: position .55; Pump: lfo1.rate_hz .15, noise .2; Cracked: roughness .35; "
               "Chapel: reverb.mix .4", "akwf-32"),
        Recipe("Carousel", "organ", ("accordion", "fair", "musette"),
               "Three reeds to a note, tuned by a man who liked beats. Painted horses included.",
               {"A": gm("accordion"), "B": gm("harmonica")}, 0,
               amp(0.035, 0.2, 0.95, 0.08) | unison(3, 16, 0.8) | lfo(1, "drift", 1.0) | lfo(2, "sine", 5.0, 0.4),
               """lfo1 hollowness .14
               lfo2 level .02
               velocity brightness .14
               pressure brightness .18
               breath brightness .22
               pressure level .04""",
               "Musette: detune .22; Brass ring: position .6; Steam: noise .5; Fairground: reverb.mix .3, delay.mix .2"),
    )
