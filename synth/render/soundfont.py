"""Recorded notes as a SoundFont 2.04 file: what fluidsynth and most samplers play. By hand: no kept library writes one.

After the SoundFont 2.04 specification (Creative, 2006); stereo notes are linked pairs, levels are the samples' own.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .looping import Loop

_PAN, _RELEASE, _INSTRUMENT, _KEYS, _VELOCITIES, _SAMPLE, _LOOPS, _ROOT = 17, 38, 41, 43, 44, 53, 54, 58  # generators
_MONO, _RIGHT, _LEFT = 1, 2, 4
_GAP = 46  # zeros behind each sample
_GUARD = 8  # frames behind a loop that repeat its beginning, for whoever interpolates
_LEVEL_BY_VELOCITY = (0x0502, 48, 0, 0, 0)  # a default modulator, its amount none: each sample is as loud as its velocity made it
_CUTOFF_BY_VELOCITY = (0x0102, 8, 0, 0, 0)


@dataclass(frozen=True)
class Sampled:
    """One note: float[n, 1 or 2], its key, the keys and velocities (first, last) that it stands for, and its loop."""

    samples: np.ndarray
    note: int
    keys: tuple[int, int]
    velocities: tuple[int, int]
    loop: Loop | None = None
    release_s: float = 0.01


@dataclass
class _Tables:
    """The growing rows of `pdta`, and the sound."""

    sound: list[np.ndarray] = field(default_factory=list)
    length: int = 0
    headers: list[bytes] = field(default_factory=list)
    bags: list[bytes] = field(default_factory=list)
    generators: list[bytes] = field(default_factory=list)
    modulators: list[bytes] = field(default_factory=list)


def soundfont(name: str, notes: Sequence[Sampled], sr_hz: int) -> bytes:
    """A file with one preset (bank 0, program 0). All samples are scaled alike where the loudest goes over full scale."""
    peak = max(float(np.abs(note.samples).max(initial=0)) for note in notes)
    gain = 32767 / max(peak, 1.0)
    tables = _Tables()
    for note in notes:
        channels = note.samples.shape[1]
        for channel in range(channels):
            kind = _MONO if channels == 1 else (_LEFT, _RIGHT)[channel]
            other = len(tables.headers) + (0 if channels == 1 else 1 - 2 * channel)
            _add_sample(tables, note, channel, gain, sr_hz, kind, other if channels == 2 else 0)
            _add_zone(tables, note, 0 if channels == 1 else (-500, 500)[channel])
    end = struct.pack("<HH", len(tables.generators), len(tables.modulators))
    text = name.encode("ascii", "replace")[:19]
    pdta = [
        (b"phdr", struct.pack("<20sHHHIII", text, 0, 0, 0, 0, 0, 0) + struct.pack("<20sHHHIII", b"EOP", 0, 0, 1, 0, 0, 0)),
        (b"pbag", struct.pack("<HHHH", 0, 0, 1, 0)), (b"pmod", bytes(10)),
        (b"pgen", struct.pack("<HH", _INSTRUMENT, 0) + bytes(4)),
        (b"inst", struct.pack("<20sH", text, 0) + struct.pack("<20sH", b"EOI", len(tables.bags))),
        (b"ibag", b"".join(tables.bags) + end), (b"imod", b"".join(tables.modulators) + bytes(10)),
        (b"igen", b"".join(tables.generators) + bytes(4)),
        (b"shdr", b"".join(tables.headers) + struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0))]
    info = [(b"ifil", struct.pack("<HH", 2, 4)), (b"isng", b"EMU8000\0"), (b"INAM", _even(text + b"\0")), (b"ISFT", b"latentwave\0\0")]
    sound = np.concatenate(tables.sound).astype("<i2").tobytes()
    body = b"sfbk" + _list(b"INFO", info) + _list(b"sdta", [(b"smpl", sound)]) + _list(b"pdta", pdta)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _add_sample(tables: _Tables, note: Sampled, channel: int, gain: float, sr_hz: int, kind: int, other: int) -> None:
    whole = np.clip(np.round(note.samples[:, channel] * gain), -32768, 32767)
    if note.loop:
        whole = np.concatenate([whole[:note.loop.end], whole[note.loop.start:note.loop.start + _GUARD]])
    start, end = tables.length, tables.length + len(whole)
    first, last = (start + note.loop.start, start + note.loop.end) if note.loop else (start, end - 1)
    label = f"n{note.note:03d} v{note.velocities[1]:03d}{' LR'[1 + channel] if kind != _MONO else ''}".encode()
    tables.headers.append(struct.pack("<20sIIIIIBbHH", label, start, end, first, last, sr_hz, note.note, 0, other, kind))
    tables.sound += [whole, np.zeros(_GAP)]
    tables.length = end + _GAP


def _add_zone(tables: _Tables, note: Sampled, pan: int) -> None:
    tables.bags.append(struct.pack("<HH", len(tables.generators), len(tables.modulators)))
    timecents = round(1200 * np.log2(max(note.release_s, 0.001)))
    rows = [(_KEYS, note.keys[0] | note.keys[1] << 8), (_VELOCITIES, note.velocities[0] | note.velocities[1] << 8), (_PAN, pan & 0xFFFF),
            (_RELEASE, max(timecents, -12000) & 0xFFFF), (_LOOPS, 1 if note.loop else 0), (_ROOT, note.note),
            (_SAMPLE, len(tables.headers) - 1)]  # the sample has to stand last
    tables.generators += [struct.pack("<HH", *row) for row in rows]
    tables.modulators += [struct.pack("<HHhHH", *row) for row in (_LEVEL_BY_VELOCITY, _CUTOFF_BY_VELOCITY)]


def _even(data: bytes) -> bytes:
    return data + b"\0" * (len(data) % 2)


def _list(name: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    body = name + b"".join(kind + struct.pack("<I", len(data)) + _even(data) for kind, data in chunks)
    return b"LIST" + struct.pack("<I", len(body)) + body
