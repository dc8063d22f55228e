"""Many songs with many presets, and a song's channels apart: `render` in parallel processes."""

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ..errors import UserError
from ..text import as_file_name, printable


@contextlib.contextmanager
def progress_bar(count: int, of_what: str) -> Iterator[Callable[[int], None]]:
    """Gives a function that shows how many are done: a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda n_done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn(of_what), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=count)
        yield lambda n_done: bar.update(task, completed=n_done)


def is_batch(args: argparse.Namespace) -> bool:
    """Whether more than one file is asked for."""
    return len(args.songs) > 1 or len(args.presets) > 1 or args.stems


def tasks_of(args: argparse.Namespace) -> list[argparse.Namespace]:
    """The options of each file to render, its output among them: SONG.wav, SONG - PRESET.wav, SONG - ch01.wav. Raises UserError."""
    if args.events and not args.stems:
        raise UserError("--events writes one file: give -o OUT.wav")
    single = {key: value for key, value in vars(args).items() if key not in ("songs", "presets", "stems", "jobs", "debug")}
    folder, only = Path(args.output), len(args.songs) <= 1 and len(args.presets) <= 1
    as_file = only and args.stems and folder.suffix.lower() == ".wav" and not folder.is_dir()
    if not as_file and (folder.suffix.lower() == ".wav" or folder.exists() and not folder.is_dir()):
        raise UserError(f"{printable(folder)}: several files are written; give a folder")
    found: list[argparse.Namespace] = []
    for song in args.songs or [None]:
        for preset in args.presets or [args.preset]:
            stem = folder.stem if as_file else Path(song or args.events).stem + (f" - {_plain(preset)}" if len(args.presets) > 1 else "")
            one = argparse.Namespace(**single | {"song": song, "preset": preset})
            for channel in _channels(one) if args.stems else (None,):
                name = f"{stem}{'' if channel is None else f' - ch{channel + 1:02d}'}.wav"
                output = (folder.parent if as_file else folder) / name
                found.append(argparse.Namespace(**vars(one) | {"channel": channel, "output": str(output)}))
    twice = {task.output for task in found if sum(other.output == task.output for other in found) > 1}
    if twice:
        raise UserError(f"two of these would be written as {printable(Path(min(twice)).name)}; render them into folders of their own")
    return found


def _plain(preset: str) -> str:
    name = Path(preset).stem if preset.endswith(".json") else preset
    return as_file_name(printable(name))


def _channels(args: argparse.Namespace) -> list[int]:
    """Channels that play notes. Raises UserError."""
    from ..events import Event, Kind
    from .render import performance_of

    if args.mpe:
        raise UserError("--stems goes by channel, and --mpe gives each note a channel of its own")
    return sorted({e.channel for _, e in performance_of(args).events if isinstance(e, Event) and e.kind == Kind.NOTE_ON and e.value > 0})


def of_channel(events: Sequence, channel: int) -> list:
    """Events without the notes of other channels; what moves knobs stays, for there is one timbre."""
    from ..events import Event, Kind

    notes = (Kind.NOTE_ON, Kind.NOTE_OFF)
    return [(f, e) for f, e in events if not (isinstance(e, Event) and e.kind in notes and e.channel != channel)]


def run_batch(args: argparse.Namespace) -> int:
    """Render every file, each whole or not at all; the others go on where one cannot be. Raises UserError at the end for those."""
    from ..render.parallel import count_jobs, run_all
    from .render import render_one, tell

    n_jobs, tasks = count_jobs(args.jobs), tasks_of(args)
    folder = Path(tasks[0].output).parent
    if not folder.is_dir():
        try:
            folder.mkdir()
        except OSError as error:
            raise UserError(f"{printable(folder)}: cannot be made ({error.strerror})") from None
    with progress_bar(len(tasks), "files") as done:
        answers = run_all(render_one, tasks, n_jobs, done)
    rows = [row for row, _ in answers if row is not None]
    if args.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            tell(row)
    failed = [sentence for _, sentence in answers if sentence]
    if failed:
        more = f"; and {len(failed) - 1} more of {len(tasks)} files" if len(failed) > 1 else ""
        raise UserError(f"{failed[0]}{more}")
    return 0
