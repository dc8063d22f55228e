"""Notes of a free General MIDI soundfont -> a data set of single cycles, one group a program.

    python -m training.data.soundfont -o soundfont.npz [--font FluidR3_GM.sf2]

Renders through the `fluidsynth` program (dry: no reverb, no chorus), cuts as `latentwave cycles` does, and leaves out what is
within 1 dB of a cycle already taken. FluidR3_GM is Debian's fluid-soundfont-gm; by Frank Wen and others, MIT.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import mido
import numpy as np
import soundfile

from synth.errors import UserError
from synth.samples.cutting import Cut, cut_recording
from synth.samples.cycles import SampleError
from synth.samples.dataset import Dataset, save
from synth.samples.groups import describe, near_any
from synth.samples.pitch import cents
from synth.text import counted
from synth.units import note_to_hz

FONTS = tuple(Path(folder) / "FluidR3_GM.sf2" for folder in (
    "/usr/share/sounds/sf2", "/usr/share/soundfonts", "/usr/local/share/soundfonts"))
SOURCE = {"name": "FluidR3 GM soundfont", "author": "Frank Wen and contributors", "licence": "MIT",
          "url": "https://packages.debian.org/stable/fluid-soundfont-gm",
          "sha256": "74594e8f4250680adf590507a306655a299935343583256f3b722c48a1bc1cb0"}
RATE_HZ = 48_000
KEYS = tuple(range(24, 85, 4))
VELOCITIES = (45, 110)
CYCLES_A_NOTE = 3
FURTHEST_CENTS = 60.0  # from the key, in any octave: an organ's stops sound octaves away, a chord or an effect elsewhere
DRUM_CHANNEL = 9


class Note(NamedTuple):
    """One note to render: General MIDI program from 0, key, velocity; channel 9 plays the drums."""

    program: int
    key: int
    velocity: int = 100
    channel: int = 0


def find_font(asked: Path | None = None) -> Path | None:
    """The soundfont asked for, or Debian's where it is installed; None without it or without `fluidsynth`."""
    found = next((path for path in ([asked] if asked else FONTS) if path.is_file()), None)
    return found if found and shutil.which("fluidsynth") else None


def render_notes(font: Path, notes: Sequence[Note], held_s: float = 1.2, rest_s: float = 0.3) -> np.ndarray:
    """Each note by itself, mono at 48 kHz: -> float32[n, samples]. Every note is cut off before the next begins."""
    with tempfile.TemporaryDirectory() as folder:
        song, sound = Path(folder) / "notes.mid", Path(folder) / "notes.wav"
        _song(notes, held_s, rest_s).save(song)
        subprocess.run(["fluidsynth", "-niq", "-R", "0", "-C", "0", "-g", "0.5", "-r", str(RATE_HZ), "-O", "float", "-T", "wav",
                        "-F", str(sound), str(font), str(song)], check=True, capture_output=True, timeout=600)
        samples = soundfile.read(sound, dtype="float32", always_2d=True)[0].mean(1)
    size = int(round((held_s + rest_s) * RATE_HZ))
    samples = np.pad(samples, (0, max(0, size * len(notes) - len(samples))))
    return samples[: size * len(notes)].reshape(len(notes), size)


def _song(notes: Sequence[Note], held_s: float, rest_s: float) -> mido.MidiFile:
    """One note after the other, a tick a millisecond."""
    track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000)])
    for program, key, velocity, channel in notes:
        track += [
            mido.Message("control_change", control=120, channel=channel),
            mido.Message("program_change", program=program, channel=channel),
            mido.Message("note_on", note=key, velocity=velocity, channel=channel),
            mido.Message("note_off", note=key, channel=channel, time=round(held_s * 1000)),
            mido.Message("control_change", control=120, channel=channel, time=round(rest_s * 1000)),
        ]
    song = mido.MidiFile(ticks_per_beat=1000)
    song.tracks.append(track)
    return song


def off_key_cents(freq_hz: float, key: int) -> float:
    """How far a pitch lies from a key in the nearest octave, -600..600 cents."""
    return (cents(freq_hz, float(note_to_hz(key))) + 600) % 1200 - 600


def cycles_of_program(font: Path, program: int) -> list[tuple[str, Cut]]:
    """(name, cut) of the notes of one program that hold their key's pitch."""
    notes = [Note(program, key, velocity) for key in KEYS for velocity in VELOCITIES]
    found = []
    for note, samples in zip(notes, render_notes(font, notes), strict=True):
        try:
            cuts = cut_recording([samples.astype(float)], RATE_HZ, CYCLES_A_NOTE)
        except SampleError:
            continue
        name = f"gm{program + 1:03d}-key{note.key}-velocity{note.velocity}"
        found += [(f"{name}:{i}", cut) for i, cut in enumerate(cuts) if abs(off_key_cents(cut.freq_hz, note.key)) < FURTHEST_CENTS]
    return found


def build(font: Path) -> Dataset:
    """All programs' cycles, near-duplicates left out; group = program."""
    names: list[str] = []
    cuts: list[Cut] = []
    groups: list[int] = []
    spectra = np.zeros((0, 127), np.float32)
    for program in range(128):
        kept = 0
        for name, cut in cycles_of_program(font, program):
            spectrum = describe(cut.cycle[None])
            if near_any(spectrum, spectra)[0]:
                continue
            spectra = np.concatenate([spectra, spectrum])
            names.append(name)
            cuts.append(cut)
            groups.append(program)
            kept += 1
        print(f"program {program + 1}: {counted(kept, 'cycle')}", flush=True)
    return Dataset(
        np.stack([cut.cycle for cut in cuts]), np.array([cut.known_harmonics for cut in cuts], np.int32),
        np.unique(groups, return_inverse=True)[1].astype(np.int32), np.array(names),
        np.array([cut.freq_hz for cut in cuts], np.float32),
    )


def main() -> None:
    """The command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m training.data.soundfont", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--font", type=Path)
    args = parser.parse_args()
    font = find_font(args.font)
    if font is None:
        sys.exit("latentwave: error: needs fluidsynth and FluidR3_GM.sf2 (Debian: fluidsynth fluid-soundfont-gm)")
    try:
        found = build(font)
        save(found, args.output)
    except UserError as error:
        sys.exit(f"latentwave: error: {error}")
    print(f"{args.output}: {counted(len(found), 'cycle')} of {counted(found.group.max() + 1, 'program')}")


if __name__ == "__main__":
    main()
