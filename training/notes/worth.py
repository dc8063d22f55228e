"""What adapting was worth: own notes, notes held out and everything else, each beside the base, as words and as a page."""

import html
from dataclasses import dataclass
from pathlib import Path

from synth.paths import write_whole
from synth.text import counted

from ..report.nearness import nearer_words
from .last_layer import LastLayer
from .sets import Frames, Sets

FILE = "report.html"
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;background:#0e1014;color:#dde2ec;max-width:860px;margin:2em auto;padding:0 1em}
td,th{padding:.15em 1.4em .15em 0;text-align:left}small,th,li{color:#8e94a4;font-weight:400}"""


@dataclass(frozen=True)
class Row:
    """What one kind of sounds gained: (LSD, ERB-LSD) in dB by the base and by the adapted model, and how many notes these are."""

    words: str
    key: str
    n_notes: int
    base_db: tuple[float, float]
    own_db: tuple[float, float]

    def sentence(self) -> str:
        """One line of it."""
        return (f"{self.words} ({counted(self.n_notes, 'note')}): {self.base_db[0]:.2f} -> {self.own_db[0]:.2f} dB LSD, "
                f"{self.base_db[1]:.2f} -> {self.own_db[1]:.2f} dB ERB-LSD, {self.verdict}")

    @property
    def verdict(self) -> str:
        """How much nearer they are drawn, by LSD."""
        return nearer_words(self.own_db[0], self.base_db[0])


def measure_worth(base: LastLayer, adapted: LastLayer, sets: Sets) -> list[Row]:
    """The three rows, from what neither learnt nor chose but for the notes that were learnt."""
    kinds: tuple[tuple[str, str, Frames], ...] = (
        ("notes it learnt", "own", sets.learnt), ("notes of yours held out", "held_out", sets.judge),
        ("everything else, other instruments", "others", sets.others_judge))
    return [Row(words, key, frames.n_notes, best_db(frames, base), best_db(frames, adapted))
            for words, key, frames in kinds]


def verdict_of(rows: list[Row]) -> str:
    """All of it in a sentence, as somebody would say it who was asked whether it was worth it."""
    said = "; ".join(f"{row.words} ({counted(row.n_notes, 'note')}): {row.verdict}" for row in rows)
    return f"{said[:1].upper()}{said[1:]}."


def best_db(frames: Frames, layer: LastLayer) -> tuple[float, float]:
    """By latents that are as good as they get: those to begin from are the base's."""
    return frames.fitted(layer).fitted(layer).distances_db(layer)


def write_page(folder: Path, name: str, base: str, rows: list[Row], sets: Sets, instrument: str) -> Path:
    """`report.html` in a model's folder: the figures, and which notes played which part."""
    lines = "".join(f"<tr><td>{html.escape(row.words)}</td><td>{row.n_notes}</td>" + "".join(
        f"<td>{there:.2f} &rarr; {here:.2f}</td>" for there, here in zip(row.base_db, row.own_db, strict=True)) + "</tr>" for row in rows)
    parts = "".join(f"<h2>{words}</h2><ul>{''.join(f'<li>{html.escape(file)}</li>' for file in sets.names[part])}</ul>"
                    for part, words in (("learnt", "Learnt"), ("judge", "Held out")))
    page = (f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(name)}</title><style>{_STYLE}</style>"
            f"<h1>{html.escape(name)}</h1><p>{html.escape(base)}, adapted to whole notes. Distances in dB of the harmonics, frame by "
            f"frame, each note weighing the same: by {html.escape(base)} &rarr; by {html.escape(name)}; less is nearer.</p>"
            f"<p>{html.escape(verdict_of(rows))}</p>"
            f"<table><tr><th></th><th>notes</th><th>LSD</th><th>ERB-LSD</th></tr>{lines}</table>"
            f"<p>An instrument of them: <code>{html.escape(instrument)}</code></p>{parts}</html>\n")
    path = folder / FILE
    write_whole(path, page.encode())
    return path
