"""`latentwave samplepack`: presets recorded note by note for samplers, as WAV with SFZ, and as a SoundFont."""

import argparse
import json
from pathlib import Path

from ..errors import UserError
from ..text import as_file_name, counted, printable

MOST_SAMPLES = 4096


def register(subparsers) -> None:
    """Add `samplepack`."""
    p = subparsers.add_parser("samplepack", help="record presets for samplers: notes and velocities as WAV with SFZ, and a SoundFont")
    p.add_argument("presets", nargs="+", metavar="PRESET", help="names or files")
    p.add_argument("-o", "--output", required=True, metavar="DIR", help="a new folder")
    p.add_argument("--notes", default="24-108/4", metavar="LOW-HIGH/STEP", help="keys that are recorded (default 24-108/4)")
    p.add_argument("--velocities", default="50,90,127", metavar="V,V,...", help="layers (default 50,90,127)")
    p.add_argument("--seconds", type=float, default=4.0, metavar="S", help="how long each key is held (default 4)")
    p.add_argument("--loop", action=argparse.BooleanOptionalAction, default=True, help="repeat what is still heard at the end")
    p.add_argument("--bits", type=int, choices=(16, 24, 32), default=24, help="of the WAVs, 32 being float (default 24)")
    p.add_argument("--samplerate", type=int, default=48000, metavar="HZ")
    p.add_argument("--model", metavar="M", help="name or folder of a model, in place of the presets'")
    p.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE", help="set a parameter of every preset")
    p.add_argument("--jobs", type=int, metavar="N", help="processes at a time (default: one a processor)")
    p.add_argument("--json", action="store_true", help="print what was done as JSON")
    p.set_defaults(func=_run)


def _run(args: argparse.Namespace) -> int:
    from ..render.parallel import count_jobs, run_all
    from ..render.sample_pack import NoteTask, parse_notes, parse_velocities, record_note
    from .batch import progress_bar
    from .render import patches_of

    notes, velocities, n_jobs = parse_notes(args.notes), parse_velocities(args.velocities), count_jobs(args.jobs)
    if not 0.5 <= args.seconds <= 60:
        raise UserError(f"--seconds {args.seconds:g} is outside 0.5 to 60")
    if len(notes) * len(velocities) * len(args.presets) > MOST_SAMPLES:
        raise UserError(f"{len(notes) * len(velocities) * len(args.presets)} samples are more than {MOST_SAMPLES}; take fewer notes")
    target = Path(args.output)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UserError(f"{printable(target)}: is there already; give the name of a new folder")
    if not target.absolute().parent.is_dir():
        raise UserError(f"{printable(target.parent)}: no such folder")
    patches = patches_of(args)
    tasks = [NoteTask(patch, note, velocity, args.seconds, args.samplerate, args.model, args.loop)
             for patch in patches for note in notes for velocity in velocities]
    with progress_bar(len(tasks), "notes") as done:
        answers = run_all(record_note, tasks, n_jobs, done)
    if sentence := next((told for _, told in answers if told), ""):
        raise UserError(sentence)
    each = len(notes) * len(velocities)
    rows = _write(args, target, [(patch, tasks[i * each:(i + 1) * each], [a for a, _ in answers[i * each:(i + 1) * each]])
                                 for i, patch in enumerate(patches)])
    _tell(args, rows)
    return 0


def _write(args, target: Path, packs: list) -> list[dict]:
    from ..paths import write_whole
    from ..render.sample_pack import sfz, write_samples, zones
    from ..render.soundfont import soundfont
    from ..whole_folders import whole_folder

    rows: list[dict] = []
    try:
        with whole_folder(target.absolute()) as part:
            for patch, tasks, recorded in packs:
                found, name = zones(tasks, recorded), _plain(patch.name, {row["preset"] for row in rows})
                (part / name).mkdir()
                write_samples(part / name, found, args.samplerate, args.bits)
                write_whole(part / f"{name}.sfz", sfz(name, name, found).encode())
                write_whole(part / f"{name}.sf2", soundfont(name, found, args.samplerate))
                rows.append({"preset": name, "samples": len(found), "loops": sum(zone.loop is not None for zone in found)})
    except OSError as error:
        raise UserError(f"{printable(target)}: cannot be written ({error.strerror})") from None
    return rows


def _plain(name: str, taken: set[str]) -> str:
    """A preset's name as that of files, its own in this pack."""
    plain = base = as_file_name(printable(name)).strip()[:80] or "Untitled"
    number = 1
    while plain in taken:
        number += 1
        plain = f"{base} {number}"
    return plain


def _tell(args, rows: list[dict]) -> None:
    if args.json:
        print(json.dumps({"output": str(args.output), "presets": rows}))
        return
    for row in rows:
        print(printable(f"{args.output}: {row['preset']}.sfz and .sf2, {counted(row['samples'], 'sample')}, {row['loops']} of them looped"))
