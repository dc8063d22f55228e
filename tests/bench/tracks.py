"""`python -m tests.bench.tracks [INSTRUMENT ...]`: 16 voices on tracks beside 16 voices of moving latents, in turn. Prints JSON lines.

plain: without noise and attack, so that what the noise bands cost is told apart.
"""

import json
import sys

import numpy as np

from synth import paths
from synth.bench.costs import moving_patch, playing
from synth.bench.timing import timed
from synth.patch.patch import with_param
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from synth.tracks.instrument_file import load
from synth.tracks.playing import patch_of_instrument
from tests.bench import SHORT

NOTES, TURNS = range(52, 68), 1 if SHORT else 5


def measure(name):
    """Median processor time of a block with tracks, and without noise, over one with latents that LFOs move."""
    instrument = load(paths.find_instrument(name))
    patch = patch_of_instrument(instrument, name)
    moving = playing(moving_patch(), NOTES, ModelSource(open_model(instrument.model)))
    plain = with_param(with_param(patch, "track.noise_db", -60.0), "track.attack_db", -60.0)
    players = {"moving": moving, "tracks": playing(patch, NOTES), "plain": playing(plain, NOTES)}
    spent = {key: [] for key in players}
    for _ in range(TURNS):
        for key, player in players.items():
            cost = timed(player, player.decoder.pump, blocks=60, rounds=3)
            spent[key].append(cost.block_s / cost.yard_ns)
    middle = {key: float(np.median(values)) for key, values in spent.items()}
    return {"figure": "16 voices on tracks, over 16 of moving latents", "instrument": name,
            "ratio": round(middle["tracks"] / middle["moving"], 2), "without_noise": round(middle["plain"] / middle["moving"], 2)}


if __name__ == "__main__":
    for given in sys.argv[1:] or ["Salt Cello", "Paper Flute"]:
        print(json.dumps(measure(given)), flush=True)
