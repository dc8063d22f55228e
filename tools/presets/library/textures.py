"""Textures: what lies behind the music, or is it."""

from ..gm_spectra import gm
from ..recipe import Drawn, Recipe, amp, chorus, drive, echo, lfo, low, noise, room, unison
from ..textbook_spectra import fm, metal, partials, pulse


def recipes() -> tuple[Recipe, ...]:
    """Each is different every time it is played."""
    return (
        Recipe("Rain on Tin", "texture", ("rain", "random", "metal"),
               "Drops land where they like. The wheel changes the roof.",
               {"A": metal((2, 0.2, 0), (9, 0.15, -4), (21, 0.12, -9), rest_db=-60),
                "B": metal((5, 0.15, 0), (14, 0.12, -3), (37, 0.12, -8), rest_db=-60)}, 0,
               amp(0.25, 0.5, 0.95, 1.2) | noise(-28, 0.5) | lfo(1, "steps", 9.0) | lfo(2, "steps", 6.1)
               | lfo(3, "drift", 0.4) | room(0.35, 2.4, 0.5, 9000),
               """lfo1 level .09
               lfo2 pan .5
               lfo2 brightness .15
               lfo3 position .4
               velocity brightness .16
               pressure lfo1.rate_hz .08
               pressure brightness .18""",
               "Roof: position .5; Heavier: lfo1.rate_hz .1, lfo2.rate_hz .1; Gutter: noise .3; Yard: reverb.mix .35"),
        Recipe("Granular Moss", "texture", ("granular", "soft", "organic"),
               "Something green that grows when you stop looking.",
               {"A": Drawn(3, "fundamental"), "B": Drawn(8, "hollowness"), "C": Drawn(12, "-brightness"),
                "D": Drawn(15)}, 0,
               amp(0.5, 0.5, 0.95, 2.0) | lfo(1, "steps", 13.0) | lfo(2, "drift", 0.8) | lfo(3, "drift", 0.35)
               | low("low12", 2600, 0, 16, 0.4) | unison(3, 12, 1.0)
               | echo(0.3, "1/16.", 0.6) | room(0.3, 3.0, 0.6),
               """lfo1 position .3
               lfo3 brightness .16
               lfo1 pan .3
               lfo2 y .7
               lfo3 cutoff .12
               velocity brightness .3
               pressure position .4""",
               "Spores: lfo1.rate_hz .1, delay.feedback .2; Light: brightness .28; Other bank: y .7; "
               "Under: reverb.mix .35"),
        Recipe("Static Garden", "texture", ("noise", "radio", "digital"),
               "Weeds between two radio stations. Tune with the wheel.",
               {"A": fm(13, 3.0, 1.2), "B": pulse(0.03) + 0.2 * fm(7, 2.0)}, 0,
               amp(0.15, 0.4, 0.95, 0.8) | noise(-24, 0.3) | low("band12", 1800, 0, 18, 0.3, 0.45)
               | lfo(1, "drift", 0.9) | lfo(2, "steps", 14.0) | lfo(3, "drift", 0.4)
               | room(0.2, 1.6),
               """lfo1 cutoff .18
               lfo2 level .04
               lfo3 position .4
               lfo2 pan .4
               velocity brightness .16
               pressure cutoff .18
               breath noise .25""",
               "Tune: position .5, cutoff .1; Interference: noise .3, lfo2.rate_hz .08; Signal: reso .35; "
               "Antenna: delay.mix .35"),
        Recipe("Insect Choir", "texture", ("insects", "high", "nature"),
               "Ten thousand small violins in the grass, none of them bored.",
               {"A": metal((11, 0.12, 0), (23, 0.1, -4), (1, 0.2, -14), rest_db=-62),
                "B": metal((17, 0.1, 0), (31, 0.1, -3), (47, 0.1, -8), (1, 0.2, -10), rest_db=-62)}, 0,
               amp(0.6, 0.5, 0.95, 1.4) | lfo(1, "triangle", 21.0) | lfo(2, "drift", 0.8) | lfo(3, "drift", 0.5)
               | unison(4, 30, 1.0) | room(0.3, 2.0, 0.5, 10000),
               """lfo1 level .08
               lfo2 lfo1.rate_hz .06
               lfo3 position .6
               lfo2 brightness .22
               random pan .4
               velocity brightness .16
               pressure position .4""",
               "Crickets: position .5; Heat: lfo1.rate_hz .06, brightness .15; Swarm: detune .2; Dusk: reverb.mix .35"),
        Recipe("Deep Ice", "texture", ("cold", "low", "cracks"),
               "Kilometres of it, moving a hand's width a year. It does crack.",
               {"A": partials((1, 0), (2, -9), (3, -15), (7, -30), rest_db=-70),
                "B": metal((2, 0.3, 0), (5, 0.2, -8), (19, 0.2, -18), rest_db=-60)}, 0,
               amp(1.0, 0.5, 0.95, 3.0) | low("low24", 700, 0, 14, 0.4, 0.3) | lfo(1, "drift", 0.35)
               | lfo(2, "steps", 0.9) | lfo(3, "fall", 2.3) | unison(3, 18, 1.0)
               | room(0.5, 8.0, 1.0, 3500),
               """lfo1 position .6
               lfo1 brightness .16
               lfo2 roughness .2
               lfo2 cutoff .16
               lfo1 cents .08
               random pan .4
               velocity brightness .16
               pressure cutoff .18""",
               "Crack: roughness .35, reso .2; Melt: cutoff .2; Pressure: drive.mix .6; Depth: sub.level_db .75"),
        Recipe("Solar Wind", "texture", ("space", "wide", "sweep"),
               "Charged and slow. It bends around whatever you play over it.",
               {"A": Drawn(27, "richness"),
                "B": partials((1, -6), (2, -3), (3, 0), (4, -4), (6, -8), (9, -14), rest_db=-60)}, 0,
               amp(0.8, 0.5, 0.95, 2.4) | noise(-30, -0.2) | low("notch24", 900, 0, 0, 0.3, 0.3) | lfo(1, "sine", 0.19)
               | lfo(2, "drift", 0.45) | lfo(3, "sine", 0.31)
               | unison(4, 14, 1.0) | chorus(0.3, 0.15, 0.6, 0.004, 0.5) | room(0.4, 5.0, 0.9),
               """lfo1 cutoff .25
               lfo2 position .4
               lfo3 noise .12
               random pan .4
               velocity brightness .16
               pressure position .4
               breath noise .25""",
               "Storm: noise .3, position .3; Flare: brightness .3; Orbit: lfo1.rate_hz .15, lfo3.rate_hz .15; "
               "Heliopause: reverb.mix .3, delay.mix .2", "akwf-32"),
        Recipe("Machine Dreams", "texture", ("industrial", "rhythmic", "synced"),
               "The night shift, half asleep. Belts in dotted eighths, a relay on the four.",
               {"A": Drawn(35, "-fundamental"),
                "B": metal((1, 0.3, -6), (6, 0.2, 0), (13, 0.2, -5), (29, 0.15, -10), rest_db=-58)}, 0,
               amp(0.1, 0.5, 0.95, 0.6) | low("band12", 1200, 0, 16, 0.3, 0.35) | lfo(1, "steps", "1/8.")
               | lfo(2, "fall", "1/4") | lfo(3, "drift", 0.4) | noise(-34, -0.2)
               | drive(0.35, 12, "hard") | echo(0.25, "1/8.", 0.5) | room(0.2, 2.0),
               """lfo1 cutoff .15
               lfo2 level .07
               lfo1 pan .35
               lfo3 position .4
               velocity brightness .16
               pressure cutoff .18""",
               "Shift: position .5; Overload: drive.amount_db .35; Relay: reso .35; "
               "Hall nine: reverb.mix .35", "akwf-8"),
        Recipe("Slow Rust", "texture", ("decay", "gritty", "dark"),
               "Iron, water, time. Nothing happens, continuously.",
               {"A": gm("bagpipe"), "B": fm(5, 4.0, 1.0)}, 0,
               amp(0.7, 0.5, 0.95, 2.0) | low("low12", 1300, 0, 18, 0.4, 0.2) | lfo(1, "drift", 0.4)
               | lfo(2, "drift", 1.7) | noise(-38, -0.6) | unison(3, 9, 0.9)
               | drive(0.4, 14, "fold", -0.3) | room(0.3, 3.6, 0.8, 3500),
               """lfo1 position .45
               lfo2 roughness .18
               lfo2 level .03
               lfo1 cutoff .1
               velocity brightness .16
               pressure cutoff .18""",
               "Flakes: roughness .35; Water: noise .35; Hammer: drive.amount_db .35; Shed: reverb.mix .35", "akwf-8"),
    )
