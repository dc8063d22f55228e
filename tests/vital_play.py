"""Plays notes with the real Vital engine (`vita`, GPL: a process of its own). stdin: {"jobs": [{table, place, note}], "sr_hz", "out"}."""

import json
import sys

import numpy as np
import vita


def play(table: dict, place: float, note: int, sr_hz: int) -> np.ndarray:
    """A steady note of Vital's first oscillator alone: float32[n, 2]."""
    synth = vita.Synth()
    synth.set_sample_rate(sr_hz)
    preset = json.loads(synth.to_json())
    preset["settings"] |= {"osc_1_wave_frame": place, "osc_1_random_phase": 0.0, "oversampling": 2.0, "velocity_track": 0.0}
    preset["settings"]["wavetables"][0] = table
    assert synth.load_json(json.dumps(preset)), "Vital refuses the preset"
    return synth.render(note, 1.0, 1.1, 1.1).T


if __name__ == "__main__":
    task = json.load(sys.stdin)
    np.save(task["out"], np.array([play(job["table"], job["place"], job["note"], task["sr_hz"]) for job in task["jobs"]]))
