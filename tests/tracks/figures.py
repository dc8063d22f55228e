"""Figures of instruments made of FluidR3_GM notes, by the measure: `python -m tests.tracks.figures [MODEL ...]` prints all, in minutes.

Harmonics of a frame as `tests/measures/tracks.py` finds them, at the pitch of that frame (a note with vibrato is followed) and, `fixed`,
at one pitch for the whole note; latents in both cases fitted to what they are compared with.
"""

import sys
from functools import lru_cache

import numpy as np

from synth.samples.spectrum import unit_rms
from synth.timbres.model import open_model
from synth.tracks.analysis import fit_track, hear_note, make_zone
from synth.tracks.between import smooth_latents
from synth.tracks.errors import distances
from synth.tracks.fitting import drawn_amplitudes, fingerprint_weights, shaped
from synth.tracks.residual import finish_zone
from synth.tracks.resynthesis import render_zone, zone_amplitudes
from synth.tracks.track_block import TrackBlock
from synth.tracks.zone import TrackInstrument
from tests.measures import tracks as measure
from training.data.soundfont import find_font


@lru_cache(maxsize=200)
def recording(program, key):
    return measure.render_note(find_font(), measure.PROGRAMS[program], key)


@lru_cache(maxsize=200)
def heard(program, key):
    return hear_note(recording(program, key), measure.SR_HZ, 440 * 2 ** ((key - 69) / 12))


@lru_cache(maxsize=400)
def zone(program, key, model_name, fingerprint=True):
    model, note = open_shared(model_name), heard(program, key)
    found = make_zone(note, model, key, 96, fingerprint=fingerprint)
    return finish_zone(found, model, note)[0] if fingerprint else found


@lru_cache(maxsize=4)
def open_shared(name):
    return open_model(name)


def followed_frames(program, key):
    """(amplitudes [n, 127], times) of the measure's frames, each at the pitch the analysis found there."""
    x, note = recording(program, key), heard(program, key)
    times = measure.FRAMES_S[measure.FRAMES_S < note.shape.end_s]
    rows = [measure.harmonics(x, f, [t]) for t, f in zip(times, note.warped.pitch_at(times), strict=True)]
    amplitudes, level = np.concatenate([a for a, _ in rows]), np.concatenate([r for _, r in rows])
    keep = measure.loud(level)
    return amplitudes[keep] + 1e-9, times[keep]


def fixed_frames(program, key):
    """The same at one pitch for the whole note, as the facts were measured."""
    x = recording(program, key)
    amplitudes, level = measure.harmonics(x, measure.pitch_hz(x, key), measure.FRAMES_S)
    keep = measure.loud(level)
    return amplitudes[keep] + 1e-9, measure.FRAMES_S[keep]


def track_errors(program, key, model_name):
    """(zone along the pitch, the same with its fingerprint, fixed frames alone, with fingerprint): LSD and ERB-LSD each, float[4, 2].

    A stiff string's partials are no harmonics: the measure, which listens at multiples, judges them only at a fixed pitch.
    """
    model, found = open_shared(model_name), []
    target, times = followed_frames(program, key)
    onset_s = heard(program, key).shape.onset_s
    if not heard(program, key).stiffness:
        found += [distances(target, zone_amplitudes(zone(program, key, model_name, f), model, times - onset_s)) for f in (False, True)]
    target, times = fixed_frames(program, key)
    for fingerprint in (False, True):
        latents, offsets = fit_track(model, target, times, (times[0], times[-1]), 127, fingerprint)
        drawn = shaped(drawn_amplitudes(model, latents), fingerprint_weights(times, times[[0, -1]]) @ offsets)
        found.append(distances(target, drawn))
    return np.array(found if len(found) == 4 else found + found)


def played_between(zones, key, time_s, model):
    """Amplitudes [n, 127] of a key that was not recorded, from the block that the engine plays."""
    place = TrackBlock(TrackInstrument("", model.name, model.sha256, model.latent_size, tuple(zones)), measure.SR_HZ, model).places[0, key]
    zones = sorted(zones, key=lambda z: (z.key, z.velocity, z.round_robin))
    latents, offsets = 0, np.repeat(np.pad(place["offsets_db"], (0, 127 - len(place["offsets_db"])), mode="edge")[None], len(time_s), 0)
    for index, weight in zip(place["zone"], place["weight"], strict=True):
        latents = latents + weight * smooth_latents(zones[index], np.minimum(time_s, zones[index].end_s))
        offsets[:, :32] += weight * zones[index].offsets_at(time_s)
    return shaped(drawn_amplitudes(model, latents.astype(np.float32)), offsets)


def held_out_errors(program, key, model_name, fingerprint=True):
    """LSD and ERB-LSD of a key as it is played from the zones around it, which do not share its sample."""
    others = [zone(program, k, model_name, fingerprint) for k in measure.KEYS if k != key and abs(k - key) <= 12]
    x = recording(program, key)
    amplitudes, level = measure.harmonics(x, measure.pitch_hz(x, key), measure.FRAMES_S)
    keep = measure.loud(level)
    times = measure.FRAMES_S[keep] - heard(program, key).shape.onset_s
    return distances(unit_rms(amplitudes[keep] + 1e-9), played_between(others, key, times, open_shared(model_name)))


def whole_errors(program, key, model_name):
    """Distance of the whole sound in dB: partials alone, with noise and attack."""
    x, found = recording(program, key), zone(program, key, model_name)
    onset = int(round(heard(program, key).shape.onset_s * measure.SR_HZ))
    played = []
    for extra in (False, True):
        y = np.zeros(len(x))
        y[onset:] = render_zone(found, open_shared(model_name), measure.SR_HZ, len(x) - onset, noise=extra, attack=extra)
        played.append(measure.whole_distance_db(x, y))
    return played


def main(names):
    for name in names:
        tracks = {p: np.mean([track_errors(p, k, name) for k in measure.KEYS], 0) for p in measure.PROGRAMS}
        for program, rows in tracks.items():
            print(name, program, "track, +fingerprint, fixed, +fingerprint:", rows.round(2).tolist(), flush=True)
        print(name, "mean", np.mean(list(tracks.values()), 0).round(3).tolist())
        held = {p: np.array([held_out_errors(p, k, name) for k in keys]) for p, keys in measure.OWN_KEYS.items() if keys}
        for program, rows in held.items():
            print(name, program, "held out:", rows.mean(0).round(2).tolist(), flush=True)
        print(name, "held out, mean of keys", np.concatenate(list(held.values())).mean(0).round(3).tolist(), "of instruments",
              np.mean([rows.mean(0) for rows in held.values()], 0).round(3).tolist())
        whole = {p: np.mean([whole_errors(p, k, name) for k in (51, 60, 69)], 0) for p in measure.PROGRAMS}
        for program, pair in whole.items():
            print(name, program, "whole, without and with noise and attack:", pair.round(2).tolist(), flush=True)
        print(name, "whole mean", np.mean(list(whole.values()), 0).round(3).tolist())


if __name__ == "__main__":
    main(sys.argv[1:] or ["akwf-16", "akwf-32"])
