"""What is rendered for the golden file: every factory preset over one phrase, the demo song, and patches that use every feature."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from synth import paths
from synth.bench.costs import EVERYTHING, patch_of, saw
from synth.events import Event, Kind, bend, control, mpe_zone, note_off, note_on, pressure, set_corner, set_param, tempo
from synth.patch import preset_file
from synth.patch.patch import Patch, with_param
from synth.patch.programs import find_program
from synth.patch.tuning import Tuning
from synth.render.midifile import read_midi_file
from synth.render.offline import Offline, blocks
from synth.timbres.source import Source

RATES_HZ = (44100, 48000, 96000)
BLOCK_SIZES = (128, 480)  # the second is no multiple of the grid's tick
PRESETS = (  # the first ones, and of the others those that between them use every effect, source and kind of movement
    "Init", "Acid Line", "Amber Pad", "Bell Orchard", "Cathedral", "Chip Hero", "Clav Wire", "Copper Brass", "Deep Current", "Drawbar Club",
    "Felt Piano", "Glass Harp", "Hollow Reed", "Ice Pluck", "Neon Lead", "Nylon Room", "Quiet Choir", "Rubber Bass", "Shimmer Drift",
    "Slow Bows", "Solo Fiddle", "Tine Piano", "Vox Machine", "Wood Bars",
    "Iron Lung", "Rotary Rig", "Koto Garden", "Silver Flute", "Portal", "Sixteenth Street")
Timed = tuple[float, Event | Patch]


class Case(NamedTuple):
    """One golden render: a patch, what is played (seconds, event), and for how long."""

    patch: Patch
    played: list[Timed]
    seconds: float
    source: Callable[[], Source] | None = None


def phrase() -> list[Timed]:
    """Two chords, a sweep of the mod wheel, a bend, a pedalled note and a release: 2.6 s."""
    played: list[Timed] = [(0.0, note_on(n, v)) for n, v in ((48, 0.9), (60, 0.6), (67, 0.35))]
    played += [(0.2 + i * 0.008, control(1, 127 * i / 60)) for i in range(61)]
    played += [(0.8, note_off(n)) for n in (48, 60, 67)]
    played += [(0.9, control(64, 127)), (0.9, note_on(55, 1.0)), (0.95, note_on(83, 0.5)), (1.1, note_off(55)), (1.1, note_off(83))]
    played += [(1.2 + i * 0.01, bend(float(np.sin(i * 0.2)))) for i in range(40)]
    played += [(1.3 + i * 0.02, control(74, 64 + 3 * i)) for i in range(20)]
    return [*played, (1.62, bend(0.0)), (1.7, control(64, 0)), (1.75, note_on(36, 0.8)), (2.0, note_off(36))]


def _mpe() -> Case:
    slots = (("slide", "latent.1", 0.4), ("pressure", "osc.position", 0.8), ("bend", "latent.2", 0.2))
    patch = patch_of({"osc.position": 0.2}, slots)
    played: list[Timed] = [(0.0, event) for event in mpe_zone(15)]
    for i, note in enumerate((52, 59, 64)):
        channel = 1 + i
        played += [(0.1 + 0.1 * i, note_on(note, 0.7, channel)), (1.4 + 0.1 * i, note_off(note, channel))]
        played += [(0.3 + 0.01 * k, bend(0.04 * np.sin(0.3 * k + i), channel)) for k in range(60)]
        played += [(0.35 + 0.01 * k, control(74, min(127, 64 + k * (i + 1) / 2), channel)) for k in range(60)]
        played += [(0.4 + 0.01 * k, pressure(2.0 * k, channel)) for k in range(60)]
    return Case(patch, [*played, (1.0, bend(0.3))], 2.0)


def _everything(source: Callable[[], Source] | None) -> Case:
    played: list[Timed] = [(0.001 * i, note_on(40 + i, 0.8)) for i in range(16)]
    return Case(EVERYTHING, [*played, (0.2, control(1, 90)), (0.6, control(120, 0))], 0.9, source)


def _features() -> dict[str, Case]:
    """Patches that use, among them, every kind of knob and of event."""
    mono = patch_of({"voice.mode": "legato", "voice.priority": "low", "glide.time_s": 0.1, "sub.level_db": -12, "noise.level_db": -40.0,
                     "unison.voices": 5, "filter.type": "band24", "filter.cutoff_hz": 1500, "filter.resonance": 0.7, "amp.release_s": 0.1})
    synced = patch_of({"lfo1.sync": "1/8", "lfo1.shape": "steps", "lfo2.scope": "global", "lfo2.shape": "drift", "delay.mix": 0.4,
                       "delay.sync": "1/16", "chorus.mix": 0.5, "filter.type": "notch12", "filter.cutoff_hz": 900},
                      (("lfo1", "latent.3", 0.4), ("lfo2", "filter.cutoff_hz", 0.3), ("macro1", "direction.1", 1.0)))
    turned = [(0.1 + 0.01 * i, set_param(name, value)) for i in range(60) for name, value in (
        ("filter.cutoff_hz", 300.0 * 1.05 ** i), ("master.pan", i / 60), ("master.gain_db", -i / 10), ("latent.2", i / 60),
        ("macro1.value", i / 60), ("osc.position_y", i / 60), ("drive.mix", i / 120), ("reverb.mix", i / 120))]
    hands: list[Timed] = [(0.02, note_on(45, 0.8)), (0.15, control(16, 100)), (0.3, control(83, 20)), (0.4, note_on(57, 0.6)),
                          (0.5, control(66, 127)), (0.6, note_off(45)), (0.7, control(67, 127)), (0.75, note_on(64, 0.9)),
                          (0.8, control(66, 0)), (0.85, control(7, 60)), (0.9, control(10, 100)), (1.0, control(121, 0)),
                          (1.1, control(123, 0))]
    filters = [(0.05 + 0.09 * i, set_param("filter.type", float(i))) for i in range(1, 11)]
    chord: list[Timed] = [(0.0, note_on(n, 0.8)) for n in (41, 53, 60)]
    follow = replace(preset_file.load(paths.find_preset("Vox Machine")), name="follow")
    follow = with_param(follow, "osc.follow", 1.0)
    tuned = replace(patch_of({"master.tune_hz": 432.0, "bend.range_semitones": 12.0}),
                    tuning=Tuning("19 to the octave", tuple(60 + (n - 60) * 12 / 19 for n in range(128))))
    return {
        "mono": Case(mono, [(0.0, note_on(48)), (0.2, note_on(36)), (0.4, note_on(60)), (0.6, note_off(36)), (0.9, note_off(48)),
                            (0.95, note_off(60))], 1.3),
        "synced": Case(synced, [(0.0, tempo(140.0)), *chord, (0.5, tempo(90.0)), (0.6, set_param("macro1.value", 0.7))], 1.3),
        "knobs": Case(patch_of({"filter.type": "low24"}, (("macro1", "osc.level_db", -0.2),)), [*chord, *turned], 1.0),
        "hands": Case(patch_of({}), hands, 1.4),
        "filters": Case(patch_of({"filter.cutoff_hz": 1200.0, "filter.resonance": 0.5, "filter.drive_db": 6.0}), [*chord, *filters], 1.2),
        "follow": Case(follow, phrase(), 2.2),
        "tuned": Case(tuned, [*chord, (0.3, bend(0.5)), (0.5, set_corner("A", 2, 0.5))], 0.8),
        "changes": Case(preset_file.load(paths.find_preset("Amber Pad")),
                        [*chord, (0.4, preset_file.load(paths.find_preset("Tine Piano"))), (0.5, note_on(72)),
                         (0.8, preset_file.load(paths.find_preset("Acid Line"))), (0.85, note_on(48))], 1.2),
    }


def is_kept(name: str, sr_hz: int) -> bool:
    """Whether a case is kept at a rate: presets at one each in turn, the demo song at 48 kHz, patches of features at all."""
    if name == "demo":
        return sr_hz == 48000
    preset = name.removeprefix("preset ")
    return preset == name or RATES_HZ[PRESETS.index(preset) % len(RATES_HZ)] == sr_hz


def short_cases() -> dict[str, Case]:
    """Name -> case, of all but the demo song."""
    folder = paths.bundled_folder() / "presets"
    found = {f"preset {name}": Case(preset_file.load(folder / f"{name}.json"), phrase(), 2.4) for name in PRESETS}
    return {**found, "mpe": _mpe(), "everything": _everything(None), "everything saw": _everything(saw), **_features()}


def render_case(case: Case, sr_hz: int, blocksize: int) -> np.ndarray:
    """The case's sound, float32[n, 2]."""
    rows = [(round(at_s * sr_hz), event) for at_s, event in case.played]
    player = Offline(case.patch, rows, sr_hz=sr_hz, source=case.source() if case.source else None)
    return np.concatenate(list(blocks(player, round(case.seconds * sr_hz), blocksize)))


def render_demo(sr_hz: int, blocksize: int) -> np.ndarray:
    """The demo song with its program changes, float32[n, 2]."""
    events = [(f, preset_file.load(find_program(0, e.number)) if e.kind == Kind.PROGRAM else e)
              for f, e in read_midi_file(paths.demo_song(), sr_hz, program_changes=True)]
    player = Offline(preset_file.load(paths.find_preset("Init")), events, sr_hz=sr_hz)
    return np.concatenate(list(blocks(player, events[-1][0] + sr_hz, blocksize)))
