"""A preset as recorded notes for samplers: WAV files with an SFZ, and a SoundFont."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..events import note_off, note_on
from ..params.knobs import PARAMS
from ..patch.patch import Patch
from ..paths import write_whole
from .looping import Loop, blend_loop, find_loop, is_held
from .offline import Offline
from .sample_files import sample_wav
from .soundfont import Sampled

_QUIET = 10 ** (-80 / 20)  # where a note that dies away is cut
_LIKE_MONO = 10 ** (-90 / 20)
_EARLIEST = 0.35  # of a held note: no loop begins before
NOTES = re.compile(r"(\d+)(?:-(\d+)(?:/(\d+))?)?")


@dataclass(frozen=True)
class NoteTask:
    """One note to record: everything a process needs to know. seconds: how long its key is held."""

    patch: Patch
    note: int
    velocity: int
    seconds: float
    sr_hz: int
    model: str | None = None
    loops: bool = True


@dataclass(frozen=True)
class Recorded:
    """What was recorded: float32[n, 1 or 2], looped where it is held; one channel where both are alike."""

    samples: np.ndarray
    loop: Loop | None


def parse_notes(text: str) -> list[int]:
    """'36-96/4,60' -> keys, rising. Raises UserError."""
    found: set[int] = set()
    for part in text.split(","):
        match = NOTES.fullmatch(part.strip())
        if not match:
            raise UserError(f"--notes {text[:60]}: give keys as 60, 36-96 or 36-96/4, with commas between")
        first, last, step = int(match[1]), int(match[2] or match[1]), int(match[3] or 1)
        if last < first or step < 1:
            raise UserError(f"--notes {part}: the last key lies below the first")
        found |= set(range(first, min(last, 128) + 1, step))
    if not found or max(found) > 127:
        raise UserError(f"--notes {text[:60]}: keys are 0 to 127")
    return sorted(found)


def parse_velocities(text: str) -> list[int]:
    """'40,80,127' -> velocities, rising. Raises UserError."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and 1 <= int(part) <= 127 for part in parts):
        raise UserError(f"--velocities {text[:60]}: give whole numbers from 1 to 127, with commas between")
    return sorted({int(part) for part in parts})


def spread(places: Sequence[int], low: int = 0, high: int = 127) -> list[tuple[int, int]]:
    """The (first, last) of all values from low to high for which each place stands: to half-way between neighbours."""
    halves = [(a + b) // 2 for a, b in zip(places, places[1:], strict=False)]
    return list(zip([low, *(half + 1 for half in halves)], [*halves, high], strict=True))


def layers(velocities: Sequence[int]) -> list[tuple[int, int]]:
    """The velocities (first, last) of each layer: up to its own, the loudest to 127."""
    return list(zip([1, *(v + 1 for v in velocities[:-1])], [*velocities[:-1], 127], strict=True))


def record_note(task: NoteTask) -> Recorded:
    """Play one note from silence. Held ones end in a loop, those that die away in silence."""
    held = round(task.seconds * task.sr_hz)
    events = [(0, note_on(task.note, task.velocity / 127)), (held, note_off(task.note))]
    player = Offline(task.patch, events, sr_hz=task.sr_hz, model=task.model)
    samples = player.read(held)
    if np.abs(samples[:, 0] - samples[:, 1]).max(initial=0) <= _LIKE_MONO * np.abs(samples).max(initial=0):
        samples = samples[:, :1]
    loop = find_loop(samples, task.sr_hz, round(_EARLIEST * held)) if task.loops and is_held(samples, task.sr_hz) else None
    if loop:
        return Recorded(blend_loop(samples, loop, task.sr_hz).astype(np.float32), loop)
    loud = np.flatnonzero(np.abs(samples).max(1) > _QUIET * np.abs(samples).max(initial=0))
    samples = samples[:loud[-1] + 1 if len(loud) else 1].copy()
    fade = min(len(samples), task.sr_hz // 100)
    samples[len(samples) - fade:] *= np.linspace(1, 0, fade)[:, None] ** 2
    return Recorded(samples, None)


def release_of(patch: Patch) -> float:
    """Seconds in which a sampler lets a note go: the preset's own release."""
    return float(patch.params.get("amp.release_s", PARAMS["amp.release_s"].default))


def zones(tasks: Sequence[NoteTask], recorded: Sequence[Recorded]) -> list[Sampled]:
    """Each recorded note with the keys and velocities that it stands for."""
    notes, velocities = sorted({t.note for t in tasks}), sorted({t.velocity for t in tasks})
    keys, layer = dict(zip(notes, spread(notes), strict=True)), dict(zip(velocities, layers(velocities), strict=True))
    return [Sampled(r.samples, t.note, keys[t.note], layer[t.velocity], r.loop, release_of(t.patch))
            for t, r in zip(tasks, recorded, strict=True)]


def sfz(name: str, folder: str, found: Sequence[Sampled]) -> str:
    """The text of an SFZ whose samples lie in `folder` beside it."""
    lines = [f"// {name}, recorded from latentwave", "<group>", "amp_veltrack=0", f"ampeg_release={found[0].release_s:.4f}"]
    for zone in found:
        lines += ["<region>", f"sample={folder}/{sample_name(zone)}", f"pitch_keycenter={zone.note}",
                  f"lokey={zone.keys[0]} hikey={zone.keys[1]} lovel={zone.velocities[0]} hivel={zone.velocities[1]}",
                  "loop_mode=no_loop" if zone.loop is None else
                  f"loop_mode=loop_continuous loop_start={zone.loop.start} loop_end={zone.loop.end - 1}"]
    return "\n".join(lines) + "\n"


def sample_name(zone: Sampled) -> str:
    """A sample's file: `n060-v100.wav`."""
    return f"n{zone.note:03d}-v{zone.velocities[1]:03d}.wav"


def write_samples(folder: Path, found: Sequence[Sampled], sr_hz: int, bits: int) -> None:
    """One WAV a note, its loop in a `smpl` chunk. Raises UserError."""
    for zone in found:
        write_whole(folder / sample_name(zone), sample_wav(zone, sr_hz, bits))
