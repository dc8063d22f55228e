"""`latentwave bench`: cost and quality of the engine on this machine."""

import argparse
import json
import sys


def register(subparsers) -> None:
    """Add `bench`."""
    p = subparsers.add_parser("bench", help="measure cost and quality of the engine on this machine")
    p.add_argument("--json", action="store_true", help="machine-readable")
    p.set_defaults(func=run)


def run(args: argparse.Namespace) -> int:
    """Measure; answers 0."""
    from rich.console import Console

    from ..io import bench

    console = Console(stderr=True)
    with console.status("measuring") as status:
        found = bench.run(lambda text: status.update(f"measuring {text}"))
    if args.json:
        json.dump(found, sys.stdout, indent=1)
        print()
        return 0
    _tables(found)
    return 0


def _tables(found: dict) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    cost = Table(title=f"Cost, {found['samplerate']} Hz, {found['blocksize']} frames", title_justify="left")
    for column in ("", "ns per sample and voice", "yardsticks"):
        cost.add_column(column, justify="left" if not column else "right")
    rows = [(f"full voice, {n} voices", v) for n, v in found["ns_per_sample_voice"].items()]
    rows += [("oscillator alone, 16 voices", found["oscillator_ns_per_sample_voice"]),
             ("full voice, 16 voices, morphing", found["morphing_ns_per_sample_voice"])]
    for name, ns in rows:
        cost.add_row(name, f"{ns:.2f}", f"{ns / found['yardstick_ns']:.2f}")
    console.print(cost)
    quality = Table(title="Quality, saw", title_justify="left")
    for column in ("note", "alias dB", "droop dB"):
        quality.add_column(column, justify="right")
    for note, alias in found["alias_db"].items():
        quality.add_row(note, f"{alias:.1f}", f"{found['droop_db'][note]:.4f}")
    console.print(quality)
    console.print(f"yardstick {found['yardstick_ns']:.2f} ns; idle {found['idle_us']:.2f} us a block; "
                  f"sine THD+N {found['thd_n_db']:.1f} dB; position sweep {found['sweep_db']:.1f} dB; "
                  f"onset error {found['onset_error_frames']} frames; {found['latent_rate_hz']:.0f} decodes a second on one core")
