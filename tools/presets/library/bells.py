"""Bells and bars."""

from ..gm_spectra import gm
from ..recipe import Recipe, amp, chorus, echo, env3, lfo, room, unison
from ..textbook_spectra import fm, metal, partials


def recipes() -> tuple[Recipe, ...]:
    """Inharmonic things folded onto harmonics, with beating in place of what was folded away."""
    return (
        Recipe("Tubular Dawn", "bell", ("tubular", "church", "long"),
               "A village that gets up earlier than you. The strike is hard, the hum is kind.",
               {"A": gm("tubular bells", "early"),
                "B": metal((3, 0.1, 0), (7, 0.1, -5), (13, 0.1, -10), (1, 0.2, -10), rest_db=-66)}, 0,
               amp(0.001, 4.5, 0.0, 2.0) | env3(0.001, 0.7) | lfo(1, "drift", 1.0) | unison(2, 3.5, 0.8)
               | room(0.28, 3.2, 0.75, 8000),
               """env3 brightness .2
               env3 roughness .12
               lfo1 hollowness .1
               velocity brightness .25
               pressure position .35""",
               "Strike: brightness .28; Bronze: position .55; Damped: amp.decay_s -.35; "
               "Valley: reverb.mix .35, delay.mix .2", "akwf-32"),
        Recipe("Vibe Check", "bell", ("vibraphone", "jazz", "tremolo"),
               "Aluminium bars, motor on, somebody brushing a snare next door.",
               {"A": gm("vibraphone", "early"), "B": partials((1, 0), (4, -10), (10, -20), rest_db=-74)}, 0,
               amp(0.002, 3.4, 0.0, 0.9) | env3(0.001, 0.2) | lfo(1, "sine", 4.8) | lfo(2, "sine", 4.8, phase=0.25)
               | room(0.2, 1.8, 0.5),
               """lfo1 level .05
               lfo2 pan .35
               env3 brightness .22
               velocity position .3
               pressure position .4
               breath brightness .35
               slide hollowness .4""",
               "Hard yarn: position .5; Motor: lfo1.rate_hz .08, lfo2.rate_hz .08; "
               "Bowed: amp.attack_s .3, richness .2; Club: reverb.mix .35"),
        Recipe("Gamelan Rain", "bell", ("gamelan", "bronze", "beating"),
               "Pairs of bronze tuned apart on purpose, under a roof of palm leaves.",
               {"A": metal((1, 0.1, 0), (3, 0.12, -6), (5, 0.1, -9), (8, 0.1, -14), rest_db=-72),
                "B": metal((2, 0.1, 0), (5, 0.12, -2), (11, 0.1, -6), (17, 0.1, -12), rest_db=-66)}, 0,
               amp(0.001, 2.6, 0.0, 1.2) | env3(0.001, 0.3) | unison(2, 14, 0.9) | lfo(1, "drift", 0.8)
               | room(0.2, 1.8, 0.5) | echo(0.12, "1/8t", 0.35),
               """env3 position .35
               lfo1 hollowness .1
               velocity position .25
               random brightness .1
               pressure position .4
               slide roughness .3
               breath brightness .28""",
               "Mallet: position .5; Ombak: detune .1; Damped: amp.decay_s -.35; Downpour: delay.mix .35", "akwf-32"),
        Recipe("Snow Globe", "bell", ("music box", "high", "delicate"),
               "Shake, then play slowly. Every flake is the same note an octave away.",
               {"A": partials((1, 0), (2, -20), (6, -12), (7, -30), rest_db=-80), "B": fm(9, 0.7)}, 0,
               amp(0.001, 2.0, 0.0, 1.4) | env3(0.001, 0.1) | chorus(0.3, 0.8, 0.2) | echo(0.3, "1/16.", 0.55)
               | room(0.3, 2.8, 0.6, 11000),
               """env3 position .4
               random pan .5
               random position .15
               velocity position .35
               velocity brightness .2
               pressure position .4
               slide brightness .3""",
               "Brass comb: position .5; Flakes: delay.mix .3, delay.feedback .25; Slow spring: amp.decay_s .25; "
               "Winter: reverb.mix .35"),
    )
