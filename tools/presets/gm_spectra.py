"""Spectra of General MIDI instruments, as two corners may be encoded from: `gm_spectra.json`, and the tool that measured them.

    python -m tools.presets.gm_spectra        # measures anew: needs the programs and sounds named below, which nothing else does

They were measured on FluidR3 GM (Frank Wen and others, MIT licence), played by fluidsynth without reverb and chorus: levels in dB
of up to 80 harmonics of one key, early in the note and later, over six periods under a Hann window.
"""

import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import mido
import numpy as np
import soundfile

FILE = Path(__file__).with_name("gm_spectra.json")
SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
HARMONICS, FLOOR_DB, SR_HZ, NOTE_AT_S = 80, -80, 48000, 0.1
EARLY_S, LATER_S = 0.09, 0.5
INSTRUMENTS = {  # name -> (program from 0, key)
    "grand piano": (0, 48), "honky-tonk": (3, 55), "tine piano": (4, 55), "harpsichord": (6, 55), "clavinet": (7, 48), "celesta": (8, 67),
    "vibraphone": (11, 60), "marimba": (12, 55), "tubular bells": (14, 60), "dulcimer": (15, 60), "church organ": (19, 55),
    "reed organ": (20, 55), "accordion": (21, 60), "harmonica": (22, 60), "nylon guitar": (24, 52), "steel guitar": (25, 52),
    "jazz guitar": (26, 52), "overdriven guitar": (29, 48), "upright bass": (32, 36), "finger bass": (33, 36), "picked bass": (34, 36),
    "slap bass": (36, 36), "violin": (40, 67), "viola": (41, 60), "cello": (42, 48), "contrabass": (43, 36), "harp": (46, 60),
    "string ensemble": (48, 55),
    "choir aahs": (52, 60), "voice oohs": (53, 60), "trumpet": (56, 64), "trombone": (57, 52), "tuba": (58, 40),
    "muted trumpet": (59, 64), "french horn": (60, 52), "brass section": (61, 55), "soprano sax": (64, 64), "tenor sax": (66, 55),
    "oboe": (68, 67), "english horn": (69, 60), "bassoon": (70, 48), "clarinet": (71, 60), "flute": (73, 72), "pan flute": (75, 67),
    "shakuhachi": (77, 67), "ocarina": (79, 67), "sitar": (104, 52), "banjo": (105, 57), "koto": (107, 57), "kalimba": (108, 64),
    "bagpipe": (109, 60), "steel drum": (114, 62)}


def gm(name: str, moment: str = "later") -> np.ndarray:
    """Amplitudes of an instrument's harmonics, float64[80], `moment` 'early' (0.09 s into the note) or 'later' (0.5 s)."""
    return 10 ** (np.array(_kept()[name][moment], float) / 20)


@cache
def _kept() -> dict:
    return json.loads(FILE.read_text(encoding="utf-8"))["instruments"]


def play(program: int, key: int, velocity: int = 100, hold_s: float = 2.0, seconds: float = 3.0) -> np.ndarray:
    """A note of the sound font: float64[n, 2] from the note's start on. Raises OSError or CalledProcessError without fluidsynth."""
    with tempfile.TemporaryDirectory() as folder:
        song, wave = Path(folder) / "a.mid", Path(folder) / "a.wav"
        ticks = round(960 * NOTE_AT_S)  # 480 a beat, 120 beats a minute
        mido.MidiFile(tracks=[mido.MidiTrack([
            mido.Message("program_change", program=program), mido.Message("note_on", note=key, velocity=velocity, time=ticks),
            mido.Message("note_off", note=key, time=round(960 * hold_s)),
            mido.Message("control_change", control=7, value=100, time=round(960 * (seconds - hold_s)))])]).save(song)
        subprocess.run(["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-r", str(SR_HZ), "-g", "0.6", "-F", wave, SOUNDFONT, song],
                       check=True, capture_output=True)
        sound, _ = soundfile.read(wave, always_2d=True)
    start = round(NOTE_AT_S * SR_HZ)
    return sound[start:start + round(seconds * SR_HZ)]


def measure(sound: np.ndarray, key: int, at_s: float) -> list[int]:
    """Levels of the harmonics at a moment, whole dB under the strongest; the pitch is looked for within 30 cents of the key's."""
    x = sound.mean(1)
    best, found = 0.0, np.zeros(HARMONICS)
    for cents in range(-30, 31, 3):
        f0_hz = 440 * 2 ** ((key - 69 + cents / 100) / 12)
        n = round(6 * SR_HZ / f0_hz)
        piece = x[round(at_s * SR_HZ):][:n]
        piece = piece * np.hanning(len(piece))
        ks = np.arange(1, HARMONICS + 1)
        levels = np.abs(np.exp(-2j * np.pi * f0_hz / SR_HZ * np.outer(ks, np.arange(len(piece)))) @ piece)
        levels[ks * f0_hz > 0.45 * SR_HZ] = 0
        if (levels[:12] ** 2).sum() > best:
            best, found = float((levels[:12] ** 2).sum()), levels
    db = 20 * np.log10(found / found.max() + 1e-9)
    return [int(level) for level in np.maximum(np.round(db), FLOOR_DB)]


def main() -> int:
    """Measure every instrument and write the file."""
    rows = {}
    for name, (program, key) in INSTRUMENTS.items():
        sound = play(program, key)
        rows[name] = {"early": measure(sound, key, EARLY_S), "later": measure(sound, key, LATER_S)}
        print(name, *rows[name]["later"][:8])
    head = '{"from": "FluidR3 GM, MIT licence; levels of harmonics in dB", "instruments": {\n'
    body = ",\n".join(f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in rows.items())
    FILE.write_text(head + body + "}}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
