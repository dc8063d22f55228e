"""Write demo/demo.mid, the demo song 'First Light': about a minute in E minor, made for latentwave.

    python tools/make_demo.py

Six sections of four bars, a preset each (its line in presets/order.txt), on one channel: without
`--program-changes` it is the same piece for a single timbre. The wheel (CC1) morphs
throughout; pressure leans on the pad and the horns.
"""

import re
from pathlib import Path

import mido

ROOT = Path(__file__).resolve().parent.parent
TICKS, BPM = 480, 92
STEP = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def key(name: str) -> int:
    """MIDI note of 'F#4'; C4 is 60."""
    letter, sharp, octave = re.fullmatch(r"([A-G])(#?)(-?\d)", name).groups()
    return STEP[letter] + len(sharp) + 12 * (int(octave) + 1)


def programs() -> dict[str, int]:
    """Program of each shipped preset: its place in the factory's order file."""
    lines = (ROOT / "presets" / "order.txt").read_text(encoding="utf-8").splitlines()
    return {name: i for i, name in enumerate(line for line in lines if line and not line.startswith("#"))}


class Song:
    """Messages by tick; bars count from 1, beats from 1 (a beat may be a fraction)."""

    def __init__(self):
        self._rows = []

    def add(self, bar: float, beat: float, kind: str, **what) -> None:
        """A message; of several at a tick note-offs come first, then programs and controllers, then note-ons."""
        tick = round(((bar - 1) * 4 + beat - 1) * TICKS)
        rank = {"note_off": 0, "program_change": 1, "control_change": 2, "pitchwheel": 2, "aftertouch": 2, "note_on": 3}[kind]
        self._rows.append((tick, rank, len(self._rows), mido.Message(kind, **what)))

    def note(self, bar, beat, length, names, velocity, strum=0.0):
        """One note or several ('E3 B3 G4'), held for `length` beats; `strum` beats between them."""
        for i, name in enumerate(names.split()):
            self.add(bar, beat + i * strum, "note_on", note=key(name), velocity=velocity - (i == 0) * 4)
            self.add(bar, beat + length, "note_off", note=key(name), velocity=64)

    def line(self, bar, beat, text, velocity, gate=0.92):
        """A melody: 'E5:1.5 D5:.5 -:1 B4:2'; a trailing '!' accents."""
        for word in text.split():
            name, length = word.rstrip("!").split(":")
            if name != "-":
                self.note(bar, beat, float(length) * gate, name, velocity + 14 * word.endswith("!"))
            beat += float(length)

    def control(self, bar, beat, number, value):
        """A controller."""
        self.add(bar, beat, "control_change", control=number, value=round(value))

    def sweep(self, bar, beat, length, number, first, last, per_beat=12):
        """A controller moved by a smooth curve over `length` beats."""
        n = int(length * per_beat)
        for i in range(n + 1):
            x = i / n
            self.control(bar, beat + length * x, number, first + (last - first) * x * x * (3 - 2 * x))

    def bend(self, bar, beat, length, first, last, per_beat=24):
        """The pitch wheel, -1..1 of two semitones, moved over `length` beats."""
        n = max(int(length * per_beat), 1)
        for i in range(n + 1):
            self.add(bar, beat + length * i / n, "pitchwheel", pitch=round((first + (last - first) * i / n) * 8191))

    def lean(self, bar, beat, length, first, last, per_beat=12):
        """Pressure on the keys (0..127) moved by a smooth curve over `length` beats."""
        n = int(length * per_beat)
        for i in range(n + 1):
            x = i / n
            self.add(bar, beat + length * x, "aftertouch", value=round(first + (last - first) * x * x * (3 - 2 * x)))

    def pedal(self, bar, beat, length):
        """The sustain pedal."""
        self.control(bar, beat, 64, 127)
        self.control(bar, beat + length, 64, 0)

    def save(self, path: Path) -> None:
        """Write a type 0 file."""
        track = mido.MidiTrack([mido.MetaMessage("track_name", name="First Light"), mido.MetaMessage("time_signature"),
                                mido.MetaMessage("key_signature", key="Em"), mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM))])
        now = 0
        for tick, _, _, message in sorted(self._rows, key=lambda row: row[:3]):
            track.append(message.copy(time=tick - now))
            now = tick
        mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]).save(path)


def dawn(s: Song, bar: int) -> None:
    """A pad that opens, and the theme for the first time, far away."""
    for i, chord in enumerate(("E2 B2 G3 D4 F#4", "C2 G2 E3 B3 D4", "G2 D3 B3 D4 A4", "D2 A2 G3 A3 E4")):
        s.note(bar + i, 1, 3.8, chord, 62 + 2 * (i % 3), strum=0.06)
    s.line(bar, 2, "B4:2.5", 70)
    s.line(bar + 1, 1, "-:1 E5:1.5 D5:1.4", 74)
    s.line(bar + 2, 1, "-:.5 D5:1.5 B4:1.9", 72)
    s.line(bar + 3, 1, "A4:2.2 F#4:1.5", 66)
    s.sweep(bar, 1, 9, 1, 0, 118)
    s.sweep(bar + 2, 2, 7, 1, 118, 30)
    s.lean(bar + 1, 1, 6, 0, 90)
    s.lean(bar + 3, 1, 3, 90, 0)


def keys(s: Song, bar: int) -> None:
    """The theme at the piano, with the pedal and a left hand."""
    left = ("E2:.5 B2:.5 G3:1 D4:1 B3:1", "C2:.5 G2:.5 E3:1 B3:1 G3:1", "G2:.5 D3:.5 B3:1 A3:1 D3:1",
            "D2:.5 A2:.5 G3:1 A3:.5 F#3:1.5")
    right = ("E5:1.5! D5:.5 B4:1 F#4:1", "G4:.5 B4:.5 E5:1.5! D5:.5 B4:1", "D5:1! A5:1 G5:.5 F#5:.5 D5:1", "E5:1 D5:.5 A4:1.5 F#4:.7")
    for i in range(4):
        s.pedal(bar + i, 1.05, 3.75)
        s.line(bar + i, 1, left[i], 62)
        s.line(bar + i, 1, right[i], 84)
    s.sweep(bar + 1, 3, 2, 1, 0, 50)
    s.sweep(bar + 2, 1, 6, 1, 50, 95)


def night_drive(s: Song, bar: int) -> None:
    """A bass line; brightness and morph climb, the wheel falls off the end."""
    roots = (("E2", "G2", "D3"), ("C2", "E2", "B2"), ("G2", "B2", "F#3"), ("D2", "A2", "C3"))
    for i, (root, third, top) in enumerate(roots):
        up = re.sub(r"\d", lambda m: str(int(m.group()) + 1), root)
        s.line(bar + i, 1, f"{root}:.5! {root}:.25 -:.25 {up}:.25 {root}:.25 {third}:.5! {root}:.25 {up}:.25 {top}:.5! "
               + (f"{root}:.25 {third}:.25 {up}:.5" if i < 3 else f"{root}:.25 -:.25 {up}:.5"), 82 + 3 * i, gate=0.8)
    s.sweep(bar, 1, 8, 74, 44, 80)
    s.sweep(bar + 2, 1, 6, 74, 80, 98)
    s.sweep(bar + 1, 1, 8, 1, 0, 127)
    s.bend(bar + 3, 4.5, 0.4, 0, -1)
    s.bend(bar + 4, 0.98, 0, 0, 0)
    s.control(bar + 4, 0.98, 74, 64)


def rain(s: Song, bar: int) -> None:
    """Sixteenths over the theme's harmony; the theme is their top notes."""
    chords = ("E3 B3 D4 F#4 G4 B4", "C3 G3 B3 D4 E4 G4", "G3 D4 A4 B4 D5 F#4", "D3 A3 E4 F#4 A4 D5")
    for i, chord in enumerate(chords):
        names = chord.split()
        for step, n in enumerate((0, 1, 2, 3, 4, 5, 3, 2, 1, 3, 4, 5, 2, 3, 4, 3)):
            s.note(bar + i, 1 + step / 4, 0.23, names[n], 68 + (step % 4 == 0) * 16 + (step % 3 == 0) * 6 + 2 * i)
    s.line(bar, 1, "E5:1.5 D5:.5 B4:2", 82)
    s.line(bar + 1, 1, "G4:1 B4:1 E5:1.5 D5:.5", 84)
    s.line(bar + 2, 1, "D5:2 A5:1 B5:1", 88)
    s.line(bar + 3, 1, "A5:1.5 F#5:.5 E5:1.6", 84)
    s.sweep(bar, 1, 8, 1, 0, 127)
    s.sweep(bar + 2, 1, 7, 1, 127, 0)


def noon(s: Song, bar: int) -> None:
    """The theme in full, with horns, a bend into its highest note, expression swells."""
    for i, chord in enumerate(("C3 G3 E4", "D3 A3 F#4", "E3 B3 G4", "B2 F#3 D4 A4")):
        s.note(bar + i, 1, 3.7, chord, 68)
    s.line(bar, 1, "G5:1.5! F#5:.5 E5:1 D5:1", 88)
    s.line(bar + 1, 1, "F#5:1.5! E5:.5 D5:1 A4:1", 90)
    s.line(bar + 2, 1, "E5:1 G5:1 A5:2!", 94)
    s.line(bar + 3, 1, "A5:1! F#5:1 D5:1.5", 86)
    s.bend(bar + 2, 3.0, 0.02, 0, 0)
    s.bend(bar + 2, 3.5, 0.4, 0, 1)  # A rises to B
    s.bend(bar + 3, 0.99, 0, 0, 0)
    s.sweep(bar, 1, 7, 1, 10, 110)
    s.sweep(bar + 3, 1, 3, 1, 110, 20)
    for i in range(4):
        s.sweep(bar + i, 1, 1.5, 11, 96, 127)
        s.lean(bar + i, 2, 1.5, 0, 70)
        s.lean(bar + i, 3.6, 0.3, 70, 0)
        s.sweep(bar + i, 3, 1.5, 11, 127, 96)
    s.control(bar + 4, 0.98, 11, 127)


def evening(s: Song, bar: int) -> None:
    """A chorale on the theme that comes to rest in the major."""
    chorale = (("E3 B3 G4 B4", 2), ("C3 G3 E4 C5", 2), ("G2 D3 B3 D5", 2), ("D3 A3 F#4 A4", 2), ("C3 G3 E4 G4", 2), ("A2 E3 C4 E4 B4", 2))
    beat = 1.0
    for i, (chord, length) in enumerate(chorale):
        s.note(bar, beat, length * 0.97, chord, 76 - 2 * i)
        beat += length
    s.sweep(bar, 1, 8, 1, 0, 110)
    s.sweep(bar + 2, 1, 4, 1, 110, 20)


def stars(s: Song, bar: int) -> None:
    """The last chord, E major with a ninth, one bell at a time."""
    s.pedal(bar, 1.02, 7)
    for i, name in enumerate("E2 B2 E3 G#3 B3 F#4 G#4 B4 E5 F#5 B5".split()):
        s.note(bar, 1 + 0.25 * i, 0.24, name, 68 - 2 * i)
    s.note(bar, 4.5, 0.4, "E6", 60)
    s.sweep(bar, 2, 4, 1, 0, 90)


SECTIONS = (("Fog Bank", dawn, 4), ("Rhode Island", keys, 4), ("Ladder Man", night_drive, 4), ("Harp Seal", rain, 4),
            ("Forest Horns", noon, 4), ("Aah Section", evening, 3), ("Snow Globe", stars, 2))


def build() -> Song:
    """The whole piece."""
    song, bar, number = Song(), 1, programs()
    song.control(1, 1, 7, 94)  # the loudest chords stay over 17 dB under full scale
    for preset, section, bars in SECTIONS:
        at = (bar, 1) if bar == 1 else (bar - 1, 4.97)
        song.add(*at, "program_change", program=number[preset])
        song.control(*at, 1, 0)
        section(song, bar)
        bar += bars
    return song


def main() -> None:
    """Write the file."""
    (ROOT / "demo").mkdir(exist_ok=True)
    build().save(ROOT / "demo" / "demo.mid")


if __name__ == "__main__":
    main()
