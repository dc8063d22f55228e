"""`history`: what was played, phrase by phrase, as sound, as a MIDI file, and the preset as it then was."""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UserError
from ..text import dump_json, printable

if TYPE_CHECKING:
    from ..render.history import KeptPhrase

_KINDS = (".wav", ".mid", ".midi", ".json")


def register(subparsers) -> None:
    """Add `history`."""
    p = subparsers.add_parser("history", help="list what was played, phrase by phrase, or render a phrase")
    p.set_defaults(func=_list, json=False)
    p.add_argument("--json", action="store_true", help="machine-readable")
    actions = p.add_subparsers(dest="action", metavar="list|render")
    listed = actions.add_parser("list", help="list the phrases (as `history` alone)")
    listed.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable")
    listed.set_defaults(func=_list)
    r = actions.add_parser("render", help="render a phrase as WAV, MIDI file or preset, by the name's ending")
    r.add_argument("number", metavar="N", help="the phrase's number in the list, or `last`")
    r.add_argument("-o", "--output", required=True, action="append", metavar="F",
                   help="OUT.wav, OUT.mid or PRESET.json; may be given again")
    r.add_argument("--tail", type=float, default=2.0, metavar="S", help="seconds after the last note is let go (2)")
    r.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable")
    r.set_defaults(func=_render)


def _row(number: int, kept: "KeptPhrase") -> dict:
    return {"number": number, "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(kept.at_s)), "seconds": round(kept.seconds, 3),
            "notes": kept.phrase.notes, "preset": kept.phrase.preset, "exact": kept.exact, "samplerate": kept.sr_hz,
            "start": kept.phrase.start, "end": kept.phrase.end, "session": kept.folder.name}


def _list(args: argparse.Namespace) -> int:
    import sys

    from ..render.history import list_phrases
    from ..render.unfinished import length_of

    found, told = list_phrases()
    for sentence in told:
        print(f"latentwave: {printable(sentence)}", file=sys.stderr)
    rows = [_row(number, kept) for number, kept in enumerate(found, 1)]
    if args.json:
        print(dump_json(rows, indent=1))
        return 0
    if not rows:
        print("Nothing has been played yet; what `latentwave play` plays is kept here.")
    for row, kept in zip(rows, found, strict=True):
        notes = f"{row['notes']} note{'' if row['notes'] == 1 else 's'}"
        print(printable(f"{row['number']:4d}  {row['time'].replace('T', ' ')}  {length_of(kept.seconds):>12}  {notes:<10} {row['preset']}"
                        + ("" if kept.exact else "  (nearly: its beginning is not kept any more)")))
    return 0


def _phrase_of(text: str) -> "KeptPhrase":
    from ..render.history import list_phrases

    found, told = list_phrases()
    if not found:
        raise UserError("; ".join(told) or "nothing has been played yet, so there is no phrase to render")
    number = len(found) if text == "last" else int(text) if text.isdecimal() and len(text) < 10 else 0
    if not 1 <= number <= len(found):
        raise UserError(f"there is no phrase {printable(text)}; `latentwave history` lists 1 to {len(found)}, and `last` is the newest")
    return found[number - 1]


def _check(outputs: Sequence[str]) -> None:
    from ..render.midi_capture import check_target as check_midi
    from ..render.wav_writer import check_target as check_wav

    for name in outputs:
        path = Path(name)
        kind = path.suffix.lower()
        if kind not in _KINDS:
            raise UserError(f"{name}: give a name that ends in .wav, .mid or .json")
        if kind == ".json":
            if path.is_dir() or not path.parent.is_dir():
                raise UserError(f"{name}: no preset can be written there")
        else:
            (check_wav if kind == ".wav" else check_midi)(name)


def _render(args: argparse.Namespace) -> int:
    if not 0 <= args.tail <= 600:
        raise UserError(f"a tail of {args.tail:g} s is outside 0 to 600")
    _check(args.output)
    kept = _phrase_of(args.number)
    writers = {".wav": _write_wav, ".mid": _write_midi, ".midi": _write_midi, ".json": _write_preset}
    told = [writers[Path(name).suffix.lower()](kept, name, args.tail) for name in args.output]
    if args.json:
        print(dump_json({"outputs": [str(name) for name in args.output], "preset": kept.phrase.preset, "exact": kept.exact,
                         "frames": kept.phrase.end - kept.phrase.start + round(args.tail * kept.sr_hz), "samplerate": kept.sr_hz}))
        return 0
    for sentence in told:
        print(printable(sentence))
    return 0


def _source(header: dict):
    from .render import source_of

    return source_of(argparse.Namespace(wavetable=None, model=None, frame_size=None), header)


def _write_wav(kept: "KeptPhrase", name: str, tail_s: float) -> str:
    """Play all that led to the phrase, and write what is heard from its first note on."""
    from ..gui.waiting import make_ready
    from ..patch import preset_file
    from ..ports.latency import delays_of_take
    from ..render.history import replay_of
    from ..render.offline import Offline, blocks
    from ..render.unfinished import length_of
    from ..render.wav_writer import WavWriter

    replay = replay_of(kept, tail_s)
    patch, source = preset_file.from_data(replay.header["preset"], "the history"), _source(replay.header)
    n_frames = kept.phrase.end - kept.phrase.start + round(tail_s * kept.sr_hz)
    delays = delays_of_take(replay.header)
    player = make_ready(lambda say: Offline(
        patch, replay.events, sr_hz=kept.sr_hz, source=source, controls=replay.header.get("controls"),
        decode_latency_frames=delays["decode_latency_frames"], prefetch_frames=delays["prefetch_frames"],
        block_products=delays["block_products"]))
    with WavWriter(name, kept.sr_hz) as out:
        for _ in blocks(player, replay.start, 8192):
            pass
        for block in blocks(player, n_frames, 8192):
            out.write(block)
    how = "as it was played" if kept.exact else "nearly as it was played, as its beginning is not kept any more"
    return f"{name}: {length_of(n_frames / kept.sr_hz)}, {kept.phrase.preset}, {how}"


def _write_midi(kept: "KeptPhrase", name: str, tail_s: float) -> str:
    from ..patch.control_map import map_to_data
    from ..paths import write_whole
    from ..render.history import phrase_alone
    from ..render.midi_capture import rows_of_played, smf_of_log

    replay, _ = phrase_alone(kept, tail_s)
    header = dict(replay.header)
    if "controls" in header:
        header["controls"] = map_to_data(header["controls"])
    write_whole(Path(name), smf_of_log(header, rows_of_played(replay.events)))
    return f"{name}: {kept.phrase.notes} note{'' if kept.phrase.notes == 1 else 's'}, a tick a frame at {kept.sr_hz} Hz"


def _write_preset(kept: "KeptPhrase", name: str, tail_s: float) -> str:
    from ..errors import UserError
    from ..patch import preset_file
    from ..render.history import phrase_alone
    from ..session.saving import as_kept
    from ..timbres.model import open_model
    from ..timbres.source import ModelSource

    patch = phrase_alone(kept, tail_s)[1]
    try:
        source = ModelSource(open_model(patch.model))
        patch = as_kept(patch, source) if source.sha256 == patch.model_sha256 else patch
    except UserError:  # its model is gone: what it keeps of its sound stays
        pass
    preset_file.save(patch, name)
    return f"{name}: {patch.name} as it was when the phrase began"
