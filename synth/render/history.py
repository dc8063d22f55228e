"""What was played in the last hour and more: the folder `history/` of the user's folder, read.

Each instrument that played has a folder there: `events-0000.jsonl` and so on, an event log in pieces, those that are full packed as
`.jsonl.gz`; `phrases.jsonl`, where its phrases begin and end; and `lock`, which it holds while it runs. The first line of a piece is a
header with the sound and the controllers as they were by then, so that what comes before may go when room is needed.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from .. import paths
from ..engine.constants import QUANTUM, TICK
from ..errors import UserError
from ..events import Event, Kind, from_json
from ..patch import preset_file
from ..patch.patch import Patch
from ..text import printable
from . import event_log
from .log_rows import Played, check_latents
from .phrases import REST_S, Phrase, PhraseTracker
from .played_state import PlayedState

MOST_BYTES = 64 << 20
_LARGEST_PIECE = 64 << 20  # unpacked; ours are a megabyte and one row
_LEAD_FRAMES = 4096 // TICK * TICK  # in which a sound that begins anew takes its controllers, before its first note
Rows = list[tuple[int, Played]]


@dataclass(frozen=True, slots=True)
class KeptPhrase:
    """A phrase that can be rendered. at_s: when it began, seconds since 1970. exact: whether all that led to it is kept."""

    phrase: Phrase
    folder: Path
    at_s: float
    sr_hz: int
    exact: bool

    @property
    def seconds(self) -> float:
        """From its first note's start to its last one's end."""
        return (self.phrase.end - self.phrase.start) / self.sr_hz


@dataclass(frozen=True, slots=True)
class Replay:
    """What `Offline` plays to make a phrase heard: `header` and `events` as of an event log; the phrase begins at `start`."""

    header: dict
    events: Rows
    start: int


def folder() -> Path:
    """The history's folder; not created here."""
    return paths.user_folder() / "history"


def pieces_of(session: Path) -> list[Path]:
    """The pieces of a session's log, oldest first; of one that was being packed, the whole one."""
    found = {path.name.split(".")[0]: path for path in sorted(session.glob("events-*.jsonl"))}
    found |= {path.name.split(".")[0]: path for path in session.glob("events-*.jsonl.gz")}
    pieces = [found[name] for name in sorted(found)]
    return pieces if not pieces or _has_header(pieces[-1]) else pieces[:-1]


def _has_header(piece: Path) -> bool:
    """Whether the first line of the newest piece was written before a crash."""
    with open(piece, "rb") as file:
        return piece.suffix == ".gz" or file.readline().endswith(b"\n")


def list_phrases() -> tuple[list[KeptPhrase], list[str]]:
    """(every phrase that is kept, oldest first; sentences about what cannot be read).

    Those of one session stay in the order of its frames, also where the system's clock was set back meanwhile.
    """
    found: list[tuple[float, KeptPhrase]] = []
    told = []
    for session in sorted(folder().glob("*/")):
        try:
            if pieces := pieces_of(session):
                phrases = _phrases_of(session, pieces)
                found += zip(accumulate((kept.at_s for kept in phrases), max), phrases, strict=True)
        except UserError as error:
            told.append(str(error))
    return [kept for _, kept in sorted(found, key=lambda pair: pair[0])], told


def _phrases_of(session: Path, pieces: list[Path]) -> list[KeptPhrase]:
    first = _header_of(pieces[0])
    sr_hz, began_s, first_frame = first["samplerate"], float(first.get("began_at", 0.0)), _frame_of(first)
    found, lost, whole = [], None, first.get("piece", 0) == 0
    for row in _index_rows(session / "phrases.jsonl"):
        if "lost" in row:
            lost = row["lost"] if lost is None else lost
        elif row["start"] >= first_frame:
            phrase = Phrase(row["start"], row["end"], row["notes"], row["preset"])
            found.append(KeptPhrase(phrase, session, row["at"], sr_hz, whole and lost is None))
    known = found[-1].phrase.end if found else first_frame - 1
    return found + [KeptPhrase(phrase, session, began_s + phrase.start / sr_hz, sr_hz, whole and lost is None)
                    for phrase in _later_phrases(pieces, known, sr_hz)]


def _index_rows(path: Path) -> Iterator[dict]:
    """What is told of phrases; a line that was cut short, or is none of ours, is passed over."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    kinds = {"start": int, "end": int, "notes": int, "preset": str, "at": float}
    for line in lines:
        try:
            row = json.loads(line)
            if isinstance(row["lost"] if "lost" in row else 0, int) and ("lost" in row or all(
                    isinstance(row[key], kind) for key, kind in kinds.items())):
                yield row
        except (ValueError, KeyError, TypeError, RecursionError):
            continue


def _later_phrases(pieces: list[Path], known: int, sr_hz: int) -> list[Phrase]:
    """Phrases that begin after the frame `known`, of which the index tells nothing: the newest, or those of a crash."""
    at = len(pieces) - 1
    while at > 0 and _frame_of(_header_of(pieces[at])) > known:
        at -= 1
    tracker, found, last, state = PhraseTracker(sr_hz), [], known, None
    for piece in pieces[at:]:
        for row in parse_piece(piece):
            if isinstance(row, dict):
                state = state or _state_of(row)
                continue
            frame, what = row
            assert state
            _take(state, what)
            if isinstance(what, Event) and frame > known:
                found.append(tracker.take(frame, what, state.name))
                last = frame
    found.append(tracker.close(last))
    return [phrase for phrase in found if phrase]


def _take(state: PlayedState, what: Played) -> None:
    state.take(*((what, None) if isinstance(what, Event) else (Event(Kind.PATCH), what)))


def _state_of(header: dict) -> PlayedState:
    return PlayedState(preset_file.from_data(header["preset"], "the history"), header.get("controls"))


def _frame_of(header: dict) -> int:
    return int(header.get("frame", 0))


def _text_of(piece: Path, first_line: bool = False) -> str:
    try:
        with (gzip.open(piece) if piece.suffix == ".gz" else open(piece, "rb")) as file:
            raw = file.readline(_LARGEST_PIECE + 1) if first_line else file.read(_LARGEST_PIECE + 1)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or "it is damaged"
        raise UserError(f"{printable(piece)}: a part of the history cannot be read ({why})") from None
    if len(raw) > _LARGEST_PIECE:
        raise UserError(f"{printable(piece)}: too large for a part of the history")
    return raw.decode("utf-8", errors="replace")


def parse_piece(piece: Path) -> Iterator[dict | tuple[int, Played]]:
    """Header and rows of a piece of a log, knobs that controllers moved among them. Raises UserError."""
    yield from event_log.parse(_text_of(piece), piece)


def _header_of(piece: Path) -> dict:
    first = next(event_log.parse(_text_of(piece, first_line=True), piece), None)
    if not isinstance(first, dict) or not isinstance(first.get("samplerate"), int) or not isinstance(first.get("frame", 0), int):
        raise UserError(f"{printable(piece)}: a part of the history has no beginning")
    return first


def _rows_until(pieces: list[Path], until: int) -> Iterator[dict | tuple[int, Played]]:
    for piece in pieces:
        if _frame_of(_header_of(piece)) > until:
            return
        for row in parse_piece(piece):
            if isinstance(row, dict) or row[0] <= until:
                yield row


def _is_moved(what: Played) -> bool:
    return isinstance(what, Event) and what.kind == Kind.MOVED


def replay_of(kept: KeptPhrase, tail_s: float = REST_S) -> Replay:
    """All that led to a phrase and the phrase itself: with it the sound comes out as it was, to the sample.

    Where its beginning had to go, from the oldest that is kept on, as near as its controllers tell. Raises UserError.
    """
    pieces = pieces_of(kept.folder)
    if not pieces:
        raise UserError("this phrase is not kept any more")
    until = kept.phrase.end + round(tail_s * kept.sr_hz)
    header: dict = {}
    rows: Rows = []
    for row in _rows_until(pieces, until):
        if isinstance(row, dict):
            header = header or row
        elif not _is_moved(row[1]):
            rows.append(row)
    check_latents(kept.folder, header, rows)
    if header.get("piece", 0) == 0:
        return Replay(header, rows, kept.phrase.start)
    began = [from_json(row)[1] for row in header.get("restate", [])]
    return _begun_anew(header, began, _state_of(header).patch(), rows, _frame_of(header), kept.phrase.start)


def phrase_alone(kept: KeptPhrase, tail_s: float = REST_S) -> tuple[Replay, Patch]:
    """A phrase as if its first note were the first of all, the controllers put where they stood; and its preset as it then was."""
    start, until = kept.phrase.start, kept.phrase.end + round(tail_s * kept.sr_hz)
    pieces = pieces_of(kept.folder)
    headers = [_header_of(piece) for piece in pieces]
    first = max((i for i, header in enumerate(headers) if _frame_of(header) < start or i == 0), default=-1)
    if first < 0 or _frame_of(headers[0]) > start:
        raise UserError("this phrase is not kept any more")
    state, rows = _state_of(headers[first]), []
    for row in headers[first].get("restate", []):
        state.take(from_json(row)[1])
    for row in _rows_until(pieces[first:], until):
        if isinstance(row, dict):
            continue
        if row[0] < start:
            _take(state, row[1])
        elif not _is_moved(row[1]):
            rows.append(row)
    patch = state.patch()
    header = {**headers[first], "preset": preset_file.to_data(patch)}
    if state.controls is not None:
        header["controls"] = state.controls
    for key in ("restate", "piece", "frame", "began_at", "history"):
        header.pop(key, None)
    return _begun_anew(header, state.restate(), patch, rows, start, start), patch


def _begun_anew(header: dict, began: list[Event], patch: Patch, rows: Rows, first: int, start: int) -> Replay:
    """Rows from the frame `first` on, for an instrument that begins just before them. Which decodes were late means nothing to it.

    began: where its controllers stand, which may turn knobs: so the patch is loaded once more after them.
    """
    base = max(first - _LEAD_FRAMES, 0) // TICK * TICK
    shifted = [(frame - base, what) for frame, what in rows
               if not (isinstance(what, Event) and what.kind in (Kind.DECODE, Kind.LATE_NOTE))]
    rows_began: Rows = [*((0, event) for event in began), (QUANTUM, patch)] if began else []
    return Replay(header, [*rows_began, *shifted], start - base)
