"""Bowed strings, alone and together."""

from ..gm_spectra import gm
from ..recipe import Recipe, amp, chorus, drive, lfo, low, noise, room, unison
from ..textbook_spectra import bowed, saw


def recipes() -> tuple[Recipe, ...]:
    """Solo, section, machine."""
    return (
        Recipe("Cello Alone", "string", ("cello", "solo", "expressive"),
               "One chair, one lamp. Pressure is bow pressure and it shows.",
               {"A": gm("cello"), "B": bowed((220, 6), (420, 8), (2200, 9), f0_hz=130, slope_db=6.5)}, 0,
               amp(0.09, 0.4, 0.92, 0.18) | lfo(1, "sine", 5.0, 0.6) | lfo(2, "drift", 1.1) | noise(-52, -0.3)
               | low("low12", 4200, 0, 18, 0.4)
               | room(0.2, 1.8, 0.6),
               """lfo1 cents .07
               lfo1 brightness .06
               lfo2 hollowness .16
               velocity brightness .14
               pressure roughness .2
               pressure brightness .14
               breath brightness .22""",
               "Bridge: position .6; Rosin: roughness .35; Flautando: fundamental .3, noise .15; "
               "Church: reverb.mix .4", "akwf-32"),
        Recipe("Chamber Nine", "string", ("ensemble", "film", "wide"),
               "Nine good players and a long corridor. Attack follows your hand, not the clock.",
               {"A": gm("string ensemble"), "B": bowed((280, 3), (520, 5), (2800, 9), (4400, 6), slope_db=5.6)}, 0,
               amp(0.2, 0.6, 0.93, 0.5) | unison(5, 13, 1.0) | lfo(1, "drift", 0.6) | lfo(2, "sine", 5.2, 0.9)
               | low("low12", 4800, 0, 16, 0.4)
               | room(0.28, 2.4, 0.7),
               """velocity amp.attack_s -.18
               velocity brightness .12
               lfo1 position .25
               lfo2 cents .05
               random pan .3
               pressure position .35
               pressure brightness .06""",
               "Sul pont: position .5; Swell: amp.attack_s .25; Con sordino: cutoff -.15, brightness -.15; "
               "Scoring stage: reverb.mix .35", "akwf-32"),
        Recipe("String Machine", "string", ("ensemble", "seventies", "chorus"),
               "Divide-down saws through a bucket brigade that has lost count.",
               {"A": saw(6.3), "B": saw(3.2) * (1 + 0.9 * bowed((500, 6), (2600, 10), slope_db=0))}, 0,
               amp(0.12, 0.5, 0.95, 0.45) | chorus(0.5, 0.65, 0.45) | {"chorus.voices": 4} | unison(3, 9, 0.8)
               | lfo(1, "sine", 0.6) | lfo(2, "drift", 0.5)
               | low("low12", 6500, 0, 12, 0.3)
               | {"eq.low_gain_db": -9, "eq.low_freq_hz": 500, "eq.bell1_gain_db": 4, "eq.bell1_freq_hz": 2600, "eq.bell1_q": 0.7},
               """lfo1 hollowness .16
               lfo2 position .25
               lfo2 brightness .2
               velocity brightness .16
               pressure cutoff -.1
               pressure position .4
               slide richness .3
               breath brightness .35""",
               "Violins: position .6; Ensemble: chorus.depth .5; Phase: chorus.feedback .6, chorus.rate_hz -.25; "
               "Space: reverb.mix .4, delay.mix .15"),
        Recipe("Tremolando", "string", ("tremolo", "tense", "synced"),
               "Bows in sixteenths, eyes on the door. Stays exactly in time, which makes it worse.",
               {"A": gm("string ensemble", "early"), "B": gm("viola") + gm("cello", "early")}, 0,
               amp(0.06, 0.4, 0.95, 0.3) | lfo(1, "triangle", "1/32") | lfo(2, "drift", 0.6)
               | lfo(3, "sine", "4/1", phase=0.75) | unison(4, 10, 0.95) | drive(0.3, 8, "soft")
               | low("low12", 2600, 0, 20, 0.4) | room(0.25, 2.0, 0.6),
               """lfo1 level .1
               lfo1 roughness .08
               lfo2 position .3
               lfo3 cutoff .1
               velocity brightness .12
               pressure brightness .2""",
               "Near: position .5; Frantic: lfo1.rate_hz .1, roughness .25; Dread: cutoff -.2; Door: reverb.mix .35"),
    )
