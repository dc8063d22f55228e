"""`latentwave render`: a song or an event log to a WAV file, with the engine that plays live."""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..patch.patch import Patch

_PROGRESS_STEP = 0.005


def register(subparsers) -> None:
    """Add `render`."""
    p = subparsers.add_parser("render", help="render a MIDI file or an event log to WAV")
    p.add_argument("songs", nargs="*", metavar="SONG.mid", help="Standard MIDI Files; several with -o DIR")
    p.add_argument("--events", metavar="F.jsonl", help="an event log in place of a song")
    p.add_argument("-o", "--output", required=True, metavar="OUT.wav|DIR")
    add_sound_options(p, preset=False)
    p.add_argument("--preset", metavar="P", action=_Each, help="name or file of a preset; may be given again with -o DIR")
    p.add_argument("--stems", action="store_true", help="a file for each channel that plays notes")
    p.add_argument("--jobs", type=int, metavar="N", help="files at a time, each in a process (default: one a processor)")
    add_keyboard_options(p)
    p.add_argument("--samplerate", type=int, metavar="HZ")
    p.add_argument("--blocksize", type=int, default=128, metavar="N")
    p.add_argument("--tail", type=float, default=2.0, metavar="S", help="seconds after the last event")
    p.add_argument("--program-changes", action="store_true", help="let program changes pick presets")
    p.add_argument("--drums", action="store_true", help="play channel 10 too")
    p.add_argument("--json", action="store_true", help="print what was done as JSON")
    p.add_argument("--progress", action="store_true", help="print lines `progress PART`, from 0 to 1, for a program that waits")
    p.set_defaults(func=run, presets=[])


class _Each(argparse.Action):
    """Keeps the last value under the option's name, and all of them as `presets`."""

    def __call__(self, parser, namespace, values, option_string=None):
        namespace.preset, namespace.presets = values, [*namespace.presets, values]


def add_sound_options(p, preset: bool = True) -> None:
    """Options that say what sounds; shared with `bench` and `play`. `preset`: --preset among them, once."""
    if preset:
        p.add_argument("--preset", metavar="P", help="name or file of a preset")
    p.add_argument("--instrument", metavar="NAME", help="an instrument of recordings (see `instrument`): alone, or by the preset")
    p.add_argument("--model", metavar="M", help="name or folder of a model, in place of the preset's")
    p.add_argument("--wavetable", metavar="FILE", help="a wavetable file in place of a model, its frames along osc.position")
    p.add_argument("--frame-size", type=int, metavar="N", help="samples a frame of the wavetable")
    p.add_argument("--effect", action="append", default=[], metavar="NAME[,PARAM=VALUE...]",
                   help="a plug-in or built-in effect of the [host] extra on the output; again for a chain (see `plugins`)")
    p.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE", help="set a parameter (see `params`)")


def add_keyboard_options(p) -> None:
    """Options that say how keys are understood; shared with `play`."""
    p.add_argument("--tuning", metavar="F.scl", help="a Scala scale in place of equal temperament, for every preset")
    p.add_argument("--keymap", metavar="F.kbm", help="a Scala keyboard mapping for it")
    p.add_argument("--mpe", type=int, nargs="?", const=15, default=0, metavar="N", choices=range(16),
                   help="an MPE zone on channel 1 with N channels for notes (15), for a controller that does not announce it")


def tuning_of(args):
    """The tuning of --tuning and --keymap, or None. Raises UserError."""
    from ..patch import tuning

    return tuning.load(args.tuning, args.keymap) if args.tuning or args.keymap else None


def patch_of(args, logged: dict | None = None):
    """Patch of --preset (else the log's own, else Init) on --instrument, with every --set applied. Raises UserError."""
    from ..patch import preset_file
    from ..paths import find_preset

    if getattr(args, "instrument", None):
        return with_settings(_instrument_patch(args), args)
    if logged and not args.preset:
        return with_settings(preset_file.from_data(logged, "the log's preset"), args)
    return with_settings(preset_file.load(find_preset(args.preset or "Init")), args)


def _instrument_patch(args) -> "Patch":
    """What plays --instrument, at the presets' loudness: --preset with its tracks, or the instrument alone. Raises UserError."""
    from ..patch import preset_file
    from ..paths import find_instrument, find_preset
    from ..render.instrument_levels import with_even_levels
    from ..tracks.instrument_file import load
    from ..tracks.playing import patch_of_instrument, with_instrument

    folder = find_instrument(args.instrument)
    named = str(folder.absolute()) if os.sep in args.instrument else folder.name
    instrument = load(folder)
    patch = with_instrument(preset_file.load(find_preset(args.preset)), instrument, named) if args.preset \
        else patch_of_instrument(instrument, named)
    return with_even_levels(patch, instrument)


def patches_of(args) -> list["Patch"]:
    """Every preset of `args.presets` with every --set applied. Raises UserError."""
    from ..patch import preset_file
    from ..paths import find_preset

    return [with_settings(preset_file.load(find_preset(name)), args) for name in args.presets]


def with_settings(patch: "Patch", args) -> "Patch":
    """The patch with every --effect and --set applied, which may move what an effect has. Raises UserError."""
    from ..patch.patch import with_param

    patch = with_effects(patch, getattr(args, "effect", ()))
    for name, value in settings_of(args):
        patch = with_param(patch, name, value)
    return patch


def with_effects(patch: "Patch", words: "Sequence[str]") -> "Patch":
    """The patch with every --effect behind its own chain. Raises UserError."""
    if not words:
        return patch
    from dataclasses import replace

    from ..hosting.words import parse_effect
    from ..patch.hosted_effect import MOST_ROWS

    rows = (*patch.effects, *map(parse_effect, words))
    if len(rows) > MOST_ROWS:
        raise UserError(f"a chain has at most {MOST_ROWS} effects, not {len(rows)}")
    return replace(patch, effects=rows)


def settings_of(args) -> list[tuple[str, str]]:
    """(parameter, value) of every --set. Raises UserError."""
    found = []
    for text in args.set:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--set {text}: give PARAM=VALUE, as in --set osc.position=0.5")
        found.append((name.strip(), value.strip()))
    return found


def source_of(args, logged: dict | None = None):
    """The wavetable that stands in for a model (of --wavetable, else of the log where neither it nor --model is given), or None."""
    if logged and logged.get("wavetable") and not args.wavetable and not args.model:
        args = argparse.Namespace(wavetable=str(logged["wavetable"]), frame_size=logged.get("frame_size"))
    if not args.wavetable:
        if args.frame_size is not None:
            raise UserError("--frame-size goes with --wavetable")
        return None
    from ..timbres.source_cache import open_wavetable

    return open_wavetable(args.wavetable, args.frame_size)


def performance_of(args):
    """What is to be rendered, of SONG.mid or --events. Raises UserError."""
    from ..render.performance import read_log, read_midi

    if bool(args.song) == bool(args.events):
        raise UserError("give either SONG.mid or --events F.jsonl")
    if args.events:
        return read_log(args.events, args.samplerate)
    return read_midi(args.song, args.samplerate, drums=args.drums, program_changes=args.program_changes, mpe=args.mpe)


def run(args: argparse.Namespace) -> int:
    """Render; answers 0. Raises UserError with one sentence."""
    from .batch import is_batch, run_batch

    if args.jobs is not None and args.jobs < 1:
        raise UserError(f"--jobs {args.jobs}: give 1 or more")
    if is_batch(args):
        return run_batch(args)
    row = render_one(argparse.Namespace(**vars(args) | {"song": args.songs[0] if args.songs else None, "channel": None}))
    if args.json:
        print(json.dumps(row))
    else:
        tell(row)
    return 0


def render_one(args: argparse.Namespace) -> dict:
    """Render one file: `song` or `events`, of all channels or of one; what was done, as --json tells it. Raises UserError."""
    import numpy as np

    from ..gui.waiting import make_ready
    from ..paths import refuse_input
    from ..ports.latency import delays_of_take
    from ..render.offline import Offline, blocks
    from ..render.performance import with_zone
    from ..render.wav_writer import WavWriter, check_target
    from .batch import of_channel

    if not 1 <= args.blocksize <= 65536:
        raise UserError(f"block size {args.blocksize} is outside 1 to 65536")
    found = performance_of(args)
    header, sr_hz, n_frames = found.header, found.sr_hz, found.n_frames(args.tail)
    patch, source, tuning = patch_of(args, header.get("preset")), source_of(args, header), tuning_of(args)
    events = with_zone(found.events, args.mpe)
    events = events if args.channel is None else of_channel(events, args.channel)
    check_target(args.output)
    refuse_input(Path(args.output), *filter(None, (args.wavetable, args.song, args.events)))
    player = make_ready(lambda say: Offline(patch, events, sr_hz=sr_hz, model=args.model, source=source, tuning=tuning,
                                            settings=settings_of(args), controls=header.get("controls"), **delays_of_take(header)))
    peak, done, told_at = 0.0, 0, 0.0
    with WavWriter(args.output, sr_hz) as out:
        for block in blocks(player, n_frames, args.blocksize):
            peak, done = max(peak, float(np.abs(block).max(initial=0))), done + len(block)
            out.write(block)
            if args.progress and done / n_frames >= told_at + _PROGRESS_STEP:
                told_at = done / n_frames
                print(f"progress {told_at:.3f}", flush=True)
    player.close()
    return _row(args, player, n_frames, sr_hz, peak, patch, "; ".join(filter(None, (found.told, player.told))))


def _row(args, player, n_frames, sr_hz, peak, patch, message) -> dict:
    from ..text import printable
    from ..units import gain_to_db

    snapshot = player.engine.snapshot()
    return {"output": str(args.output), "frames": n_frames, "seconds": n_frames / sr_hz, "samplerate": sr_hz, "preset": patch.name,
            "model": player.source.name, "peak_db": round(float(gain_to_db(peak)), 2), "late_events": int(snapshot["late_events"]),
            "late_decodes": int(snapshot["late_decodes"]),
            "late_starts": int(snapshot["late_starts"]), "message": printable(message)}


def tell(row: dict) -> None:
    """What was rendered, for people."""
    from ..text import printable

    print(printable(f"{row['output']}: {row['seconds']:.2f} s, {row['preset']} on {row['model']}, peak {row['peak_db']:.1f} dBFS"
                    + (f"; {row['message']}" if row["message"] else "")))
