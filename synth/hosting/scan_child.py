"""A plug-in looked at in a process of its own: `python -m synth.hosting.scan_child FILE RATE` says on one line what it found."""

import sys

import numpy as np

from ..engine.insert_layout import CHUNK
from ..errors import UserError
from .child_command import end_with, own_answers
from .plugin_effect import Plugin

_CHUNKS = 40  # of noise, then as many of silence


def look(file: str, sr_hz: float) -> dict:
    """What a plug-in is: verdict 'works', or another with the reason."""
    try:
        plugin = Plugin(file, sr_hz)
    except UserError as error:
        return {"verdict": "no effect" if "no effect" in str(error) else "cannot be opened", "why": str(error)}
    noise = np.random.default_rng(0).uniform(-0.25, 0.25, (_CHUNKS, 2, CHUNK)).astype(np.float32)
    for chunk in [*noise, *np.zeros_like(noise)]:
        if not np.isfinite(plugin.process(chunk)).all():
            return {"verdict": "no numbers", "why": "gives what are no numbers"}
    return {"verdict": "works", "why": "", "latency": plugin.told_latency, "state_bytes": len(plugin.get_state()),
            "params": [{key: row[key] for key in ("name", "low", "high", "text")} for row in plugin.params()]}


def main() -> None:
    """Look, and say it."""
    answers = own_answers()
    try:
        told = look(sys.argv[1], float(sys.argv[2]))
    except ImportError as error:
        told = {"verdict": "", "why": f"{error.name} is not installed"}
    end_with(answers, told)


if __name__ == "__main__":
    main()
