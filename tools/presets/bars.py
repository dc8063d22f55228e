"""What the factory's presets have to keep, measured: the table of the library.

    python -m tools.presets.bars [--quick] [PRESET ...]     a line for each of the factory's, then the bars

Loudness in LU, the momentary maximum of a note (`synth/render/preset_levels.py`), which holds for struck sounds as for held ones; distances
in dB of ERB-LSD on the rendered sound (`listening.py`). --quick leaves the macros out. What was heard of a preset is kept in `build/heard`.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from synth.patch import preset_file
from synth.patch.patch import Patch
from synth.paths import factory_presets, find_preset

from .heard_cache import listen_to_all
from .listening import HANDS, Heard, distance_db

ALWAYS_MOVING = ("pad", "texture", "voice")
MODELLED = ("direction.", "latent.")
PER_VOICE = ("velocity", "release", "key", "random", "pressure", "slide", "amp", "env2", "env3", "lfo1", "lfo2", "lfo3", "lfo4")
EFFECTS = ("drive", "chorus", "delay", "reverb", "eq")
EVEN_LU, APART_DB = 1.5, 3.0


class Bar(NamedTuple):
    """A bar with its figure; `wrong` names presets that fail it on their own."""

    what: str
    figure: str
    kept: bool
    wrong: list[str]


def nearest(all_heard: list[Heard]) -> list[tuple[float, str, str]]:
    """Pairs of one envelope class and their distance, nearest first."""
    pairs = [(distance_db(a.spectrum, b.spectrum), a.name, b.name) for i, a in enumerate(all_heard) for b in all_heard[:i]
             if a.envelope == b.envelope]
    return sorted(pairs)


def _share(what: str, heard: Iterable[Heard], least: float, keeps: Callable[[Heard], bool]) -> Bar:
    asked = list(heard)
    wrong = [h.name for h in asked if not keeps(h)]
    share = 1 - len(wrong) / max(len(asked), 1)
    return Bar(what, f"{100 * share:.0f} % of {len(asked)} (at least {100 * least:.0f})", share >= least - 1e-9, wrong)


def _even(what: str, levels: dict[str, float]) -> Bar:
    low, high = min(levels, key=levels.__getitem__), max(levels, key=levels.__getitem__)
    apart = levels[high] - levels[low]
    figure = f"{levels[low]:.2f} ({low}) to {levels[high]:.2f} ({high}): {apart:.2f} LU apart (at most {EVEN_LU})"
    return Bar(what, figure, apart <= EVEN_LU, [])


def sound_bars(all_heard: list[Heard]) -> list[Bar]:
    """The bars on sound, over presets that were listened to in full; Init, which is neutral, is no part of them."""
    heard = [h for h in all_heard if h.category != "init"]
    lasting = [h for h in heard if h.lasts()]
    pairs = nearest(heard)
    near = [f"{a} / {b} {db:.1f}" for db, a, b in pairs if db < APART_DB]
    found = [
        _even("velocity 100, mean of the register", {h.name: h.mean_lu() for h in heard}),
        _even("velocity 40, mean of the register", {h.name: h.mean_lu(True) for h in heard}),
        Bar("apart, or of another envelope class", f"nearest {pairs[0][0] if pairs else 99:.2f} dB (at least {APART_DB})", not near, near),
        _share("velocity 40 to 110 changes the timbre by 1.5 dB", heard, 0.9, lambda h: h.velocity_db >= 1.5),
        _share("held ones move by 1 dB a second", lasting, 0.5, lambda h: h.motion_db >= 1),
        _share("pads, textures, voices move by 1 dB a second", [h for h in heard if h.category in ALWAYS_MOVING], 1,
               lambda h: h.motion_db >= 1),
        _share("side within 30 dB of mid", heard, 0.5, lambda h: h.side_db >= -30),
        _share("wheel changes it by 3 dB", heard, 1, lambda h: h.hands_db["wheel"] >= 3),
        *(_share(f"{hand} changes it by 1.5 dB", heard, 0.8, lambda h, hand=hand: h.hands_db[hand] >= 1.5) for hand in HANDS[1:]),
        _share("a lone note at velocity 100 peaks under -6 dBFS, under all hands under -1", heard, 1,
               lambda h: h.peak_db < -6 and h.hands_peak_db < -1)]
    if any(h.macros_db for h in heard):
        found.append(_share("macros 1 to 4 each change it by 1 dB", heard, 0.9, lambda h: min(h.macros_db.values()) >= 1))
    return found


def rows(patch: Patch) -> list[tuple[str, str]]:
    """(source, target) of every slot, directions under their names."""
    return [(row["source"], row["target"]) for row in preset_file.to_data(patch)["mod"]]


def moves_its_timbre(patch: Patch) -> bool:
    """Whether anything but the hands on the wheel or a macro moves a latent or direction of each voice."""
    return any(source in PER_VOICE[2:] and target.startswith(MODELLED) for source, target in rows(patch))


def build_bars(patches: list[Patch]) -> list[Bar]:
    """The bars on how presets are made."""
    made = [p for p in patches if p.category != "init"]

    def share(what: str, least: float, keeps: Callable[[Patch], bool]) -> Bar:
        wrong = [p.name for p in made if not keeps(p)]
        figure = f"{100 * (1 - len(wrong) / len(made)):.0f} % (at least {100 * least:.0f})"
        return Bar(what, figure, len(wrong) <= (1 - least) * len(made) + 1e-9, wrong)

    return [
        share("a latent or direction moves in each voice", 2 / 3, moves_its_timbre),
        share("effects", 1 / 2, lambda p: any(p.params.get(f"{e}.mix", 0) > 0 for e in EFFECTS)),
        share("unison", 1 / 3, lambda p: p.params.get("unison.voices", 1) > 1),
        share("answers to velocity, pressure, breath and slide", 1,
              lambda p: {"velocity", "pressure", "breath", "slide"} <= {source for source, _ in rows(p)}),
        share("macros 1 to 4 have names and move something", 1,
              lambda p: len([m for m in p.macros[:4] if m]) == 4 and all(
                  any(f"macro{n}" in (row["source"], row.get("via")) for row in preset_file.to_data(p)["mod"]) for n in range(1, 5))),
        share("a comment", 1, lambda p: len(p.comment) > 20)]


def describe(heard: Heard) -> str:
    """One line."""
    hands = " ".join(f"{heard.hands_db[h]:4.1f}" for h in HANDS)
    keys = "/".join(f"{heard.loud_lu[k]:.0f}" for k in sorted(heard.loud_lu))
    macros = " ".join(f"{db:4.1f}" for db in heard.macros_db.values())
    return (f"{heard.name:17}{heard.category:11}{heard.mean_lu():6.1f}{heard.mean_lu(True):6.1f} {keys:11} "
            f"{'/'.join(heard.envelope):15}{heard.velocity_db:5.1f}{heard.motion_db:6.2f}{heard.side_db:5.0f} | {hands} | {macros} | "
            f"{heard.peak_db:5.1f} {heard.hands_peak_db:5.1f}")


HEAD = (f"{'preset':17}{'category':11}{'v100':>6}{'v40':>6} {'keys':11} {'envelope':15}{'vel':>5}{'move':>6}{'side':>5} | "
        "wheel press breath slide | macros 1-4 | peak, with hands")


def main(names: list[str]) -> int:
    """Print the table and the bars; 1 where the whole library does not keep one: shares mean nothing of a few."""
    quick = "--quick" in names
    files = [Path(find_preset(name)) for name in names if name != "--quick"] or factory_presets()
    print(HEAD)
    all_heard, patches = [], [preset_file.load(file) for file in files]
    for heard in listen_to_all(patches, macros=not quick):
        all_heard.append(heard)
        print(describe(heard), flush=True)
    found = sound_bars(all_heard) + build_bars(patches)
    for bar in found:
        print(f"{'kept  ' if bar.kept else 'MISSED'} {bar.what}: {bar.figure}" + (f"; not {', '.join(bar.wrong)}" if bar.wrong else ""))
    return 0 if len(patches) < len(factory_presets()) or all(bar.kept for bar in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
