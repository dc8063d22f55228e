"""Pads: slow sounds that go on changing while they are held."""

from ..gm_spectra import gm
from ..recipe import Drawn, Recipe, amp, chorus, drive, env2, env3, lfo, low, noise, room, unison
from ..textbook_spectra import brass, fm, metal, partials, pulse, reed, saw, vowel


def recipes() -> tuple[Recipe, ...]:
    """Warm ones, then cold ones."""
    return (*_warm(), *_cold())


def _warm() -> tuple[Recipe, ...]:
    return (
        Recipe("Fog Bank", "pad", ("dark", "soft", "slow"),
               "You cannot see the other end of this chord. The wheel is a lamp.",
               {"A": saw(11.0), "B": reed(12, 16)}, 0,
               amp(0.9, 1.0, 0.95, 2.2) | low("low12", 900, 0, 16, 0.4) | lfo(1, "drift", 0.33) | lfo(2, "sine", 0.21)
               | unison(4, 10, 1.0)
               | room(0.35, 4.0, 0.8, 3500),
               """lfo1 position .35
               lfo2 cutoff .07
               random pan .3
               velocity brightness .12
               pressure position .35""",
               "Lamp: position .5; Sea: noise .45; Thicker: detune .1, richness .2; Horizon: reverb.mix .35"),
        Recipe("Honey Jar", "pad", ("warm", "analogue", "classic"),
               "Two sticky saws and a spoon of chorus. Brass players pretend not to like it.",
               {"A": saw(7.5), "B": brass(9)}, 0,
               amp(0.4, 1.0, 0.9, 0.9) | env2(0.7, 1.5, 0.6, 0.9) | low("low24", 900, 18, 14, 0.4, 0.1)
               | lfo(1, "drift", 0.4) | lfo(2, "sine", 0.3)
               | unison(3, 10, 0.8) | chorus(0.4, 0.35, 0.35),
               """lfo1 position .3
               lfo2 richness .12
               velocity brightness .12
               pressure cutoff .15""",
               "Horns: position .5; Spoon: chorus.mix .3; Spread: detune .1; Warm room: reverb.mix .4"),
        Recipe("Velvet Rope", "pad", ("lush", "strings", "wide"),
               "The good kind of waiting: string machine downstairs, choir on the balcony.",
               {"A": saw(6.6), "B": vowel(640, 1190, 2390, slope_db=9)}, 0,
               amp(0.55, 1.0, 0.9, 1.3) | low("low12", 3200, 0, 14, 0.4) | lfo(1, "drift", 0.6)
               | lfo(2, "sine", 4.7, 1.0) | unison(6, 14, 1.0)
               | chorus(0.3, 0.5, 0.4) | room(0.2, 2.4, 0.6),
               """lfo1 position .6
               lfo2 cents .03
               lfo1 brightness .3
               lfo1 cutoff .12
               random brightness .08
               velocity brightness .12
               pressure position .35""",
               "Balcony: position .5; Velvet: cutoff -.2; Crowd: detune .12; Coat check: reverb.mix .4"),
        Recipe("Paper Lanterns", "pad", ("hollow", "gentle", "asian"),
               "Light through something thin. Reeds breathe on their own in the evening air.",
               {"A": gm("reed organ"), "B": gm("shakuhachi")}, 0,
               amp(0.5, 0.8, 0.9, 1.1) | noise(-34, -0.4) | lfo(1, "drift", 0.5) | lfo(2, "sine", 0.26)
               | low("low12", 4200, 0, 14, 0.5)
               | room(0.28, 2.6, 0.6) | unison(2, 6, 0.9),
               """lfo1 position .35
               lfo2 hollowness .2
               lfo1 level .025
               velocity brightness .14
               pressure position .4""",
               "Breath: noise .3, position .3; Hollow: hollowness .3; Moths: lfo1.rate_hz .15, roughness .2; "
               "Garden: delay.mix .3"),
        Recipe("Blue Hour", "pad", ("fm", "electric", "nostalgic"),
               "Electric piano left on overnight: the tines have turned into weather.",
               {"A": fm(1, 0.6), "B": fm(4, 1.3)}, 0,
               amp(0.45, 1.5, 0.85, 1.8) | env3(0.8, 2.5, 0.3, 1.0) | lfo(1, "drift", 0.4) | lfo(2, "sine", 3.1, 0.8)
               | chorus(0.45, 0.3, 0.4)
               | room(0.25, 3.0, 0.7),
               """env3 position .3
               lfo1 position .3
               lfo2 pan .25
               velocity position .25
               pressure position .35
               slide richness .28""",
               "Tines: position .5; Midnight: brightness -.3; Drift: lfo1.rate_hz .15; "
               "Window: delay.mix .3, reverb.mix .2"),
        Recipe("Slow Tide", "pad", ("evolving", "filter", "wide"),
               "In for eight beats and out for eight. Everything on the beach moves a little each time.",
               {"A": saw(5.5), "B": pulse(0.25)}, 0,
               amp(0.7, 1.0, 0.95, 1.6) | low("low24", 700, 0, 14, 0.4, 0.3) | lfo(1, "sine", "4/1", phase=0.75)
               | lfo(2, "drift", 0.4)
               | unison(4, 12, 1.0) | chorus(0.25, 0.25) | room(0.25, 3.0, 0.7),
               """lfo1 cutoff .2
               lfo2 position .35
               random pan .3
               velocity brightness .12
               pressure cutoff .15""",
               "Spring tide: cutoff .22; Undertow: reso .35; Foam: noise .5; Shore: reverb.mix .35"),
    )


def _cold() -> tuple[Recipe, ...]:
    return (
        Recipe("Aurora", "pad", ("shimmer", "high", "evolving"),
               "Curtains of upper partials over a still lake. Let one chord last a minute.",
               {"A": partials((1, 0), (2, -8), (3, -14), (5, -20), (6, -26), rest_db=-66),
                "B": metal((2, 0.3, 0), (12, 0.2, -6), (20, 0.2, -8), (33, 0.2, -12), rest_db=-60)}, 0,
               amp(0.8, 1.0, 0.95, 2.6) | lfo(1, "drift", 0.38) | lfo(2, "drift", 0.55) | unison(3, 9, 1.0)
               | room(0.4, 5.0, 0.85, 10000),
               """lfo1 position .4
               lfo2 pan .4
               lfo2 brightness .1
               velocity position .2
               pressure position .4""",
               "Curtain: position .5; Green: hollowness .3; Faster: lfo1.rate_hz .18, lfo2.rate_hz .18; "
               "Sky: reverb.mix .35"),
        Recipe("Polar Night", "pad", ("cold", "dark", "wind"),
               "No sun until February. A hollow fifth hangs in the noise and the wind finds it.",
               {"A": reed(34, 7), "B": metal((3, 0.25, 0), (7, 0.25, -8), (1, 0.3, -3), rest_db=-56)}, 0,
               amp(1.1, 1.0, 0.95, 3.0) | noise(-32, -0.5) | low("band12", 1100, 0, 16, 0.4, 0.2)
               | lfo(1, "drift", 0.28) | lfo(2, "drift", 0.5)
               | room(0.45, 6.0, 0.9, 4500),
               """lfo1 position .4
               lfo2 cutoff .12
               random pan .4
               velocity brightness .14
               pressure position .4""",
               "Ice: brightness .3; Wind: noise .35; Wolves: roughness .35; Tundra: reverb.mix .35, reverb.decay_s .2"),
        Recipe("Tape Garden", "pad", ("lo-fi", "wow", "warm"),
               "Flutes recorded on a machine that needed repair in 1971. It was never repaired.",
               {"A": gm("flute"), "B": gm("string ensemble")}, 0,
               amp(0.12, 0.6, 0.9, 0.5) | low("low12", 3000, 0, 14, 0.3) | lfo(1, "drift", 1.6) | lfo(2, "drift", 0.5)
               | lfo(3, "sine", 0.9)
               | drive(0.3, 10, "tube", -0.3) | noise(-44, -0.6) | unison(2, 8, 0.8) | room(0.15, 1.4),
               """lfo1 cents .09
               lfo3 cents .05
               lfo2 position .4
               velocity brightness .14
               pressure position .35""",
               "Strings: position .5; Wow: lfo1.rate_hz .08, lfo3.rate_hz .1; Worn: brightness -.3, drive.mix .3; "
               "Greenhouse: reverb.mix .4"),
        Recipe("Cloud Chamber", "pad", ("airy", "breath", "choir"),
               "Half choir, half steam. Particles of vowel leave tracks across the stereo field.",
               {"A": vowel(400, 1700, 2600, slope_db=12, width=0.14),
                "B": vowel(300, 2300, 3100, slope_db=8, width=0.14),
                "C": vowel(750, 1250, 2600, slope_db=12, width=0.14),
                "D": vowel(560, 1000, 2500, slope_db=8, width=0.14)}, 0,
               amp(0.6, 1.0, 0.95, 1.8) | noise(-36, 0.2) | lfo(1, "drift", 0.7) | lfo(2, "drift", 0.5)
               | unison(5, 15, 1.0) | room(0.35, 3.5, 0.75, 9000),
               """lfo1 y .6
               lfo2 position .35
               random pan .35
               velocity brightness .3
               pressure brightness .18
               slide position .4""",
               "Steam: noise .35; Ions: position .5; Ah: y .7; Dome: reverb.mix .35", "akwf-32"),
        Recipe("Iron Lung", "pad", ("breathing", "industrial", "synced"),
               "A machine that breathes for you, once a bar. Reassuring, mostly.",
               {"A": Drawn(23, "fundamental"), "B": Drawn(31, "richness")}, 0,
               amp(0.35, 0.8, 0.95, 1.2) | low("low12", 1100, 0, 14, 0.35, 0.25) | lfo(1, "sine", "1/1", phase=0.75)
               | lfo(2, "drift", 0.4)
               | noise(-38, -0.3) | unison(3, 10, 0.9) | room(0.25, 2.6, 0.6),
               """lfo1 cutoff .2
               lfo1 position .5
               lfo2 richness .25
               lfo1 noise .1
               velocity brightness .14
               pressure cutoff .15
               breath cutoff .15""",
               "Pressure: position .45; Valve: reso .4; Panic: lfo1.sync -.12; Ward: reverb.mix .35", "akwf-8"),
    )
