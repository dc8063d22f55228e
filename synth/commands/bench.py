"""`latentwave bench`: cost and quality of the engine on this machine."""

import argparse
import json
import sys
from pathlib import Path

from ..errors import UserError

_ROWS = (  # words, key (dotted), form, bar
    ("full voice, cross-faded, 1", "yardsticks_per_voice.1", "{:.2f} yardsticks", ""),
    ("full voice, cross-faded, each of 16", "yardstick_ratio", "{:.2f} yardsticks", "3, aim 2.2"),
    ("the same, Python between the blocks", "by_python_yardsticks", "{:.2f} yardsticks", ""),
    ("full voice, cross-faded, each of 64", "yardsticks_per_voice.64", "{:.2f} yardsticks", ""),
    ("64 voices with a shared latent", "percent_of_core_64_voices", "{:.2f} % of a core", "8"),
    ("full voice, standing still, each of 16", "still_yardsticks", "{:.2f} yardsticks", ""),
    ("oscillator alone, each of 16", "oscillator_yardsticks", "{:.2f} yardsticks", ""),
    ("one note", "single_yardsticks", "{:.2f} yardsticks", ""),
    ("one note, unison of 16", "unison_16_yardsticks", "{:.2f} yardsticks", "unison_16_bar_yardsticks"),
    ("no voice, a block", "idle_us", "{:.2f} us", "10"),
    ("everything on, 16 notes of 4 oscillators", "everything_percent", "{:.1f} % of a core", ""),
    ("the same on denormal numbers", "denormal_ratio", "{:.2f} times", "1.2"),
    *((f"{n} voices, each its own latent: {what}", f"own_latents.{key}.{field}", form, bar)
      for n, key, bar in (("16", "16", "12"), ("16, by onnxruntime", "16_onnxruntime", ""),
                          ("16 bass", "16_bass", "20"), ("16 bass, by onnxruntime", "16_bass_onnxruntime", ""), ("64", "64", "25"),
                          ("64, by onnxruntime", "64_onnxruntime", ""))
      for what, field, form, bar in (("updates of each", "updates_hz", "{:.0f} a second", "375, at least" if bar and key != "64" else ""),
                                     ("decodes of the worker", "decode_percent", "{:.1f} % of a core", ""),
                                     ("decode and tables", "decode_and_tables_percent", "{:.1f} % of a core", bar))),
    ("decodes, one at a time", "latent_rate_hz", "{:.0f} a second", ""),
    ("sine, THD+N", "thd_n_db", "{:.1f} dB", "-120, aim -140"),
    ("position sweep", "sweep_db", "{:.1f} dB", "-100, aim -120"),
    ("onset error", "onset_error_frames", "{:.0f} frames", "0"),
)


def register(subparsers) -> None:
    """Add `bench`."""
    p = subparsers.add_parser("bench", help="measure cost and quality of the engine on this machine")
    p.add_argument("--json", action="store_true", help="machine-readable")
    p.add_argument("--short", action="store_true", help="in seconds, one note only: rough figures, to see that all of it runs")
    p.add_argument("--picture", metavar="F.svg", help="draw aliasing and droop over the keyboard instead of measuring everything")
    p.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Measure; answers 0 whatever was found. Raises UserError if the picture cannot be written."""
    from rich.console import Console

    from ..bench import bench

    with Console(stderr=True).status("measuring") as status:
        def tell(text: str) -> None:
            status.update(f"measuring {text}")

        if args.picture:
            return _picture(args.picture, tell)
        found = bench.run(tell, args.short)
    if args.json:
        json.dump(found, sys.stdout, indent=1, sort_keys=True)
        print()
        return 0
    _tables(found, bench.committed())
    return 0


def _picture(path: str, tell) -> int:
    from ..bench import bench, bench_picture

    if not Path(path).absolute().parent.is_dir():
        raise UserError(f"{path}: there is no such folder")
    alias, droop = bench.tones(bench.KEYBOARD, tell)
    bench_picture.draw(alias, droop, path)
    print(f"{path}: aliasing {max(alias.values()):.1f} dB, droop {max(droop.values()):.4f} dB at worst")
    return 0


def _at(found: dict, key: str):
    for part in key.split("."):
        found = found.get(part, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, (int, float)) else None


def _against(value: float, last) -> str:
    """This figure over the last committed one; of levels in dB the difference."""
    if last is None:
        return ""
    if value < 0 or last < 0:
        return f"{value - last:+.1f} dB"
    return f"{value / last:.2f}" if last else ""


def _tables(found: dict, last: dict) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title=f"{found['samplerate']} Hz, {found['blocksize']} frames; a yardstick is {found['yardstick_ns']:.2f} ns a sample "
                        "and voice", title_justify="left")
    for column in ("", "measured", "at most", "over the last committed"):
        table.add_column(column, justify="right" if column else "left")
    for words, key, form, bar in _ROWS:
        value, bound = _at(found, key), _at(found, bar)
        if value is not None:
            table.add_row(words, form.format(value), f"{bound:.1f}" if bound is not None else bar, _against(value, _at(last, key)))
    console.print(table)
    quality = Table(title="Quality, saw", title_justify="left")
    for column in ("note", "alias dB", "against the last", "droop dB"):
        quality.add_column(column, justify="right")
    for note, alias in found["alias_db"].items():
        quality.add_row(note, f"{alias:.1f}", _against(alias, _at(last, f"alias_db.{note}")), f"{found['droop_db'][note]:.4f}")
    console.print(quality)
