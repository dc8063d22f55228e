"""Plucked strings, and what is plucked nowhere but here."""

from ..gm_spectra import gm
from ..recipe import Recipe, amp, chorus, drive, echo, env2, env3, lfo, low, room, unison
from ..textbook_spectra import fm, partials, plucked, saw


def recipes() -> tuple[Recipe, ...]:
    """All of them end by themselves."""
    return (
        Recipe("Steel Wheels", "pluck", ("guitar", "steel", "folk"),
               "Bronze strings, open windows. Hard notes find the fret.",
               {"A": gm("steel guitar", "early"), "B": plucked(0.06, 5)}, 0,
               amp(0.001, 3.0, 0.0, 0.2) | env2(0.001, 0.6, 0.0, 0.3) | low("low12", 1300, 28, 28, 0.6)
               | room(0.12, 0.9, 0.3) | unison(2, 3, 0.7),
               """env2 brightness .14
               velocity roughness .1
               random position .1
               pressure cents .1
               pressure brightness .16""",
               "Bridge: position .55; Twelve: detune .2, brightness .15, unison.blend .3; Palm: amp.decay_s -.4; "
               "Canyon: delay.mix .35", "akwf-32"),
        Recipe("Harp Seal", "pluck", ("harp", "soft", "glissando"),
               "Round as the animal. Run your thumb along the white keys and apologise to nobody.",
               {"A": gm("harp", "early"), "B": plucked(0.2, 7)}, 0,
               amp(0.002, 2.8, 0.0, 1.0) | env2(0.001, 1.0, 0.0, 0.6) | low("low12", 1500, 18, 24, 0.7)
               | room(0.25, 2.2, 0.6),
               """env2 brightness .1
               velocity position .2
               key pan .8
               random fundamental .06
               pressure position .4
               slide hollowness .4
               breath position .3""",
               "Nails: position .5; Bisbigliando: delay.mix .4; Dry land: reverb.mix -.25, amp.release_s -.3; "
               "Ice: brightness .28, reverb.decay_s .2"),
        Recipe("Koto Garden", "pluck", ("koto", "japan", "bend"),
               "Thirteen silk strings; press after you have plucked and the pitch gives way.",
               {"A": gm("koto", "early"), "B": gm("koto")}, 0,
               amp(0.001, 1.9, 0.0, 0.4) | env3(0.001, 0.1) | env2(0.001, 0.4, 0.0, 0.2)
               | low("low12", 1800, 22, 24, 0.6) | room(0.16, 1.2),
               """env3 cents .2
               env2 brightness .16
               velocity brightness .12
               pressure cents .5
               pressure richness .2
               random hollowness .08
               slide position .55""",
               "Silk: position .6; Scrape: roughness .35; Stones: amp.decay_s -.35; "
               "Pond: delay.mix .3, reverb.mix .2", "akwf-32"),
        Recipe("Sitar Sun", "pluck", ("sitar", "buzz", "drone"),
               "The bridge buzzes because somebody filed it so. Noon, no wind.",
               {"A": gm("sitar", "early"), "B": gm("sitar")}, 0,
               amp(0.002, 3.6, 0.0, 0.5) | env3(0.001, 1.6) | lfo(1, "drift", 0.9) | lfo(2, "triangle", 0.5)
               | chorus(0.25, 0.2, 0.4, 0.004, 0.4) | room(0.18, 1.6),
               """env3 roughness .2
               env3 brightness .14
               lfo1 hollowness .14
               velocity brightness .25
               pressure cents .5
               pressure brightness .16""",
               "Bridge: roughness .35; Sympathetic: chorus.feedback .25, reverb.mix .2; Meend: position .6; "
               "Temple: delay.mix .3"),
        Recipe("Thumb Piano", "pluck", ("kalimba", "wood", "small"),
               "Rake tines on a gourd, with bottle caps for company.",
               {"A": gm("kalimba", "early"),
                "B": partials((1, 0), (3, -8), (6, -15), (11, -18), (15, -22), rest_db=-60)}, 0,
               amp(0.001, 1.1, 0.0, 0.3) | env3(0.001, 0.08) | room(0.14, 0.8, 0.3) | echo(0.12, "1/8", 0.3),
               """env3 brightness .25
               velocity position .3
               velocity brightness .2
               random position .2
               random pan .4
               pressure position .45
               breath position .4
               slide roughness .3""",
               "Caps: position .5; Gourd: fundamental .3; Bounce: delay.mix .3; Longer: amp.decay_s .25"),
        Recipe("Hammered Dew", "pluck", ("dulcimer", "strings", "bright"),
               "Two strings to a course, two hammers, wet grass.",
               {"A": gm("dulcimer", "early"), "B": gm("harpsichord")}, 0,
               amp(0.001, 2.2, 0.0, 0.7) | env2(0.001, 0.7, 0.0, 0.4) | low("low12", 2000, 20, 24, 0.6)
               | unison(2, 7, 0.9) | room(0.22, 1.8, 0.5),
               """env2 brightness .14
               velocity position .15
               velocity brightness .1
               random pan .35
               pressure position .4""",
               "Course: detune .1; Steel: position .5; Felt: brightness -.3; Meadow: reverb.mix .35", "akwf-32"),
        Recipe("Pixel Pluck", "pluck", ("digital", "short", "game"),
               "Sixteen colours, all of them bright. Gone before you can count it.",
               {"A": fm(1, 1.1, 0.3), "B": fm(5, 1.9)}, 0,
               amp(0.001, 0.5, 0.0, 0.2) | env3(0.001, 0.12) | echo(0.22, "1/16.", 0.4)
               | lfo(1, "steps", "1/16", scope="global"),
               """env3 position .5
               lfo1 richness .15
               velocity position .25
               pressure position .4
               slide hollowness .35
               breath position .3""",
               "Palette: position .5; Jump: pitch .125; Lives: delay.mix .35; Boss: drive.mix .6, roughness .2"),
        Recipe("Trance Formers", "pluck", ("trance", "supersaw", "gate"),
               "Five in the morning, hands up, filter down. Turn Cut-off until they cheer.",
               {"A": saw(5.2), "B": saw(3.2)}, 0,
               amp(0.001, 0.9, 0.0, 0.3) | env2(0.001, 0.35, 0.0, 0.3) | low("low24", 500, 30, 22, 0.5, 0.1)
               | unison(7, 16, 0.95) | drive(0.8, 14, "soft")
               | echo(0.25, "1/8.", 0.45) | room(0.2, 2.0),
               """env2 richness .1
               random hollowness .08
               pressure cutoff .15
               velocity brightness .1""",
               "Cut-off: cutoff .3; Cheer: filter.env_semitones .15, brightness .15; Longer: amp.decay_s .25; "
               "Lasers: delay.mix .3"),
    )
