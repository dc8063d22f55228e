"""What the terminal view shows: a snapshot as lines of text, and a painter that sends only what changed. Pure."""

import math
import re
from typing import TYPE_CHECKING

from ...text import counted, printable
from ..lateness import lateness

if TYPE_CHECKING:
    from ...session.session import Session
    from ...session.view_state import Snapshot

_STYLES = {"teal": "38;5;79", "orange": "38;5;215", "dim": "38;5;245", "bold": "1", "red": "38;5;203"}
_HELP = ("a w s e … play  z x octave  c v velocity  [ ] position  { } follow  q quit",
         "← → preset    m model    1-8 latent, ↑ ↓ or + − move it    space: all notes off",
         "Shift and a letter:  S save  U undo  R redo")


class Pen:
    """Colours and block characters, or neither where the terminal has none."""

    def __init__(self, colour: bool, unicode: bool) -> None:
        self._colour, self.unicode = colour, unicode

    def ink(self, style: str, words: str) -> str:
        """Words in a colour."""
        return f"\x1b[{_STYLES[style]}m{words}\x1b[0m" if self._colour else words

    def bar(self, unit: float, width: int, style: str = "teal") -> str:
        """A bar filled to 0..1."""
        full, empty = ("━", "─") if self.unicode else ("#", "-")
        n = round(min(max(unit, 0.0), 1.0) * width)
        return self.ink(style, full * n) + self.ink("dim", empty * (width - n))

    def plain(self, words: str) -> str:
        """Words for a terminal that may know ASCII only."""
        return words if self.unicode else words.translate(_ASCII)


_CODE = re.compile(r"(\x1b\[[0-9;]*m)")
_ASCII = str.maketrans({"←": "<", "→": ">", "↑": "^", "↓": "v", "−": "-", "…": "..", "·": "|", "•": "*"})


def clip(line: str, width: int) -> str:
    """A line cut to so many visible characters, its colours closed."""
    out, room = [], width
    for part in _CODE.split(line):
        if not part.startswith("\x1b"):
            part = part[:room]
            room -= len(part)
        out.append(part)
    return "".join(out)


def level_db(peak: float) -> float:
    """Linear to dB, not under -60."""
    return max(-60.0, 20 * math.log10(max(peak, 1e-6)))


def lines(session: "Session", s: "Snapshot", pen: Pen, size: tuple[int, int], selected: int, base: int, velocity: int) -> list[str]:
    """The view for a terminal of (columns, rows)."""
    columns, rows = size
    inner = columns - 4
    head = f"{pen.ink('teal', 'latent')}{pen.ink('bold', 'wave')}   {pen.ink('dim', 'model')} {printable(session.model)[:inner // 3]}" \
           f"   {pen.ink('dim', 'preset')} {printable(session.loading or session.name)[:inner // 3]}" \
           f"{pen.plain(' •') if session.dirty and not session.loading else ''}"
    figures = _figures(s, pen, inner, base, velocity)
    peak = level_db(max(s.peak_left, s.peak_right))
    w = max(8, min(40, inner - 30))
    body = ["", head, "", *_latents(session, s, pen, inner, max(2, rows - 13 - len(figures)), selected), "",
            f"{pen.ink('dim', 'position')}  {pen.bar(s.position, w, 'orange')} {s.position:5.2f}  "
            f"{pen.ink('dim', 'follow')} {s.params['osc.follow']:.2f}",
            f"{pen.ink('dim', 'level')}     {pen.bar(1 + peak / 60, w, 'red' if peak > -0.3 else 'teal')} {peak:5.1f} dB", ""]
    body += figures
    message = printable(session.messages[-1])[:inner] if session.messages else ""
    body += ["", pen.ink("orange", pen.plain(message))] + [pen.ink("dim", pen.plain(h)[:inner]) for h in _help(session)]
    return [clip("  " + line, columns) for line in body][:max(1, rows - 1)]


def _help(session: "Session") -> tuple[str, ...]:
    return (*_HELP[:2], _HELP[2] + ("  B bring back what an earlier run left" if session.left else ""))


def _latents(session: "Session", s: "Snapshot", pen: Pen, inner: int, most: int, selected: int) -> list[str]:
    infos = session.latents[:len(s.latents)]
    across = max(1, min(4, -(-len(infos) // most), inner // 24))
    deep = min(most, -(-len(infos) // across))
    width = min(34, inner // across - 20)
    out = []
    for row in range(deep):
        cells = []
        for i in range(row, min(len(infos), deep * across), deep):
            info, value = infos[i], float(s.latents[i])
            bar = pen.bar((value - info.low) / ((info.high - info.low) or 1.0), max(4, width), "orange" if i == selected else "teal")
            name = f"{i + 1:>2} {printable(info.name)[:6]:<6}"
            cells.append(f"{pen.ink('bold' if i == selected else 'dim', name)} {bar} {value:6.2f}")
        out.append("  ".join(cells))
    return out


def _figures(s: "Snapshot", pen: Pen, inner: int, base: int, velocity: int) -> list[str]:
    """The figures with their names, flowing in lines of at most `inner` characters."""
    pairs = (("voices", str(s.voices)), ("load", f"{100 * s.load:.1f} % (peak {100 * s.load_peak:.1f} %)"), ("xruns", str(s.xruns)),
             *([("late:", late[:inner - 6])] if (late := lateness(s)) else []),
             ("decode age", f"{1000 * s.decode_age_s:.0f} ms"),
             ("keys", f"octave {base // 12 - 1}, velocity {velocity}"), ("last MIDI", printable(s.last_midi) or "-"),
             ("audio", printable(s.audio)[:inner // 2]), ("MIDI", printable(s.midi)[:inner // 2]),
             *([("MIDI out", printable(s.midi_out)[:inner // 2])] if s.midi_out else []),
             *([("follows", printable(s.sync)[:inner // 2])] if s.sync else []))
    rows, used = [""], 0
    for name, value in pairs:
        need = len(name) + len(value) + 1
        if used and used + need + 3 > inner:
            rows.append("")
            used = 0
        rows[-1] += ("   " if used else "") + f"{pen.ink('dim', name)} {value}"
        used += need + (3 if used else 0)
    return rows


def status_line(session: "Session", s: "Snapshot") -> str:
    """One line for a log, where there is no terminal."""
    return (f"{printable(session.name)} on {printable(session.model)}: {counted(s.voices, 'voice')}, "
            f"load {100 * s.load:.1f} %, {counted(s.xruns, 'xrun')}, decode age {1000 * s.decode_age_s:.0f} ms, "
            f"audio {printable(s.audio)}, MIDI {printable(s.midi)}"
            + (f", MIDI out {printable(s.midi_out)}" if s.midi_out else "") + (f", {printable(s.sync)}" if s.sync else "")
            + (f"; {late}" if (late := lateness(s)) else ""))


class Painter:
    """Turns lines into the fewest escape codes: only lines that changed are sent."""

    def __init__(self) -> None:
        self._before: list[str] = []

    def forget(self) -> None:
        """Send everything next time (a new size, or back from suspension)."""
        self._before = []

    def paint(self, now: list[str]) -> str:
        """What to write so that the screen shows `now`."""
        out = [] if self._before else ["\x1b[2J"]
        for i in range(max(len(now), len(self._before))):
            line = now[i] if i < len(now) else ""
            if i >= len(self._before) or self._before[i] != line:
                out.append(f"\x1b[{i + 1};1H{line}\x1b[K")
        self._before = list(now)
        return "".join(out)
