"""What a voice's tracks say at its place: latents, level, pitch, offsets of harmonics, noise. Zones are mixed by fixed weights.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np
from numba import carray, types

from ...params.knobs import index_of
from ..compile import fastmath
from ..compile.atomics import floats_at, pointer_intrinsic
from ..compile.jit import kernel
from ..compile.simd import select, sqrt
from ..compile.simd_math import exp2, load_at, multiply_add, store_at
from ..constants import LANES, QUANTUM, TICK
from ..dsp import envelope as env
from ..dsp.smoothing import TIMES_S
from . import track_clock
from .track_clock import gain_of_twos, tracks_of, zone_time, zones_of
from .track_records import LAID_BANDS, N_KEY_OFFSETS, N_OFFSETS, NOISE_BANDS, STEPS_HZ

_AMOUNT, _FORMANT, _NOISE, _CONTOUR, _TUNING, _ATTACK = (
    index_of(name) for name in ("track.amount", "track.formant", "track.noise_db", "track.contour", "track.tuning",
                                "track.attack_db"))
LEVEL_DB = -18.0  # of a table whose gain is 1: near what a spectrum at equal loudness has, so that `track.amount` is even
_BEYOND_DB_A_S = 600.0  # after the recording's end
_EVEN_S = 0.3  # half-life of how far the end of a held note's steady part lies from its mean
_LOWEST_DB, _OFF_DB = -110.0, -59.99
_SMOOTHING_S = TIMES_S["hand"]  # of latent positions; see latent_position.py
_QUANTA = TICK // QUANTUM
_SETTLING = np.float32(0.05)
_TO_TWOS = np.float32(math.log2(10.0) / 20.0)  # dB to powers of two

whole_at = pointer_intrinsic(types.int32, "int32")


@kernel
def _contour(address, n, time_s):
    """A contour at 100 Hz at a time, on a curve without corners, as what is scrubbed passes them fast (Catmull and Rom 1974); held at
    its ends."""
    values = carray(floats_at(address), (n,))
    at = min(max(time_s * STEPS_HZ, 0.0), n - 1.0)
    left = min(int(at), max(n - 2, 0))
    x = np.float32(at - left)
    a, b, c, d = values[max(left - 1, 0)], values[left], values[min(left + 1, n - 1)], values[min(left + 2, n - 1)]
    half = np.float32(0.5)
    return b + half * x * (c - a + x * (2 * a - 5 * b + 4 * c - d + x * (3 * (b - c) + d - a)))


@kernel
def _knot(zone, time_s):
    """(row at or before a time, share of the next row)."""
    n, times = zone["n_rows"], carray(floats_at(zone["time_s"]), (zone["n_rows"],))
    if n == 1 or time_s <= times[0]:
        return np.int64(0), np.float32(0.0)
    if time_s >= times[n - 1]:
        return n - 2, np.float32(1.0)
    left = carray(whole_at(zone["left"]), (zone["n_steps"],))
    row = np.int64(left[min(int(time_s * STEPS_HZ), zone["n_steps"] - 1)])
    while row < n - 2 and times[row + 1] <= time_s:
        row += 1
    return row, np.float32((time_s - times[row]) / (times[row + 1] - times[row]))


@kernel
def _change_db(track, zone, time_s):
    """What a zone's levels at a time are changed by: while the steady part of a struck note goes round, what it loses there goes on being
    lost; that of a held one comes to its mean, without slope and swells, in which its place may linger. Beyond its end a zone falls to
    nothing."""
    change_db = np.float64(track["release_db"])
    if track["looping"] and zone["dies"]:
        length_s = np.float64(zone["steady_s"][1] - zone["steady_s"][0])
        back_s = min(max(time_s - zone["steady_s"][1], -length_s), 0.0)
        change_db += zone["slope_db_a_s"] * (track["looped_s"] - back_s)
    elif track["looping"]:
        inside_s = min(max(time_s, np.float64(zone["steady_s"][0])), np.float64(zone["steady_s"][1]))
        at_end = np.float64(_contour(zone["swell_db"], zone["n_steps"], np.float64(zone["steady_s"][1])))
        change_db += at_end * fastmath.exp2(-track["looped_s"] / _EVEN_S)
        change_db -= np.float64(_contour(zone["swell_db"], zone["n_steps"], inside_s))
    if time_s > zone["end_s"]:
        change_db -= _BEYOND_DB_A_S * (time_s - zone["end_s"])
    return change_db


@kernel
def _level_db(track, zone, time_s):
    return np.float64(_contour(zone["level_db"], zone["n_steps"], time_s)) + _change_db(track, zone, time_s)


@kernel
def _mixed_level_db(track, zones):
    found = 0.0
    for i in range(track["n"]):
        zone = zones[track["zone"][i]]
        found += track["weight"][i] * _level_db(track, zone, zone_time(track, zone, zones[track["zone"][0]], 0.0))
    return found


@kernel
def _share(knobs, track):
    """How much of its tracks a voice has: the amount, in a morph of presets times the weight of their part."""
    part, share = tracks_of(track["address"])["part"], np.float64(knobs["value"][_AMOUNT])
    return share if part < 0 else share * knobs["patch"]["morph"][0]["now"][part]


@kernel
def advance_track(knobs, transport, v):
    """A voice's place, level and pitch to the end of this quantum; its knobs are as modulation moved them for it."""
    track, knob = v["track"], knobs["value"]
    track["gain"][0] = track["gain"][1]
    goal = np.float32(1.0)
    if track_clock.follow_tracks(knobs, v):
        zones = zones_of(tracks_of(track["address"]))
        if track_clock.advance_clock(knobs, transport, v):
            before_db = _mixed_level_db(track, zones)
            track_clock.release_track(track)
            track["release_db"] = np.float32(before_db - _mixed_level_db(track, zones))
        share, cents = _share(knobs, track), np.float64(0.0)
        for i in range(track["n"]):
            zone = zones[track["zone"][i]]
            time_s = zone_time(track, zone, zones[track["zone"][0]], 0.0)
            cents += track["weight"][i] * (knob[_CONTOUR] * _contour(zone["cents"], zone["n_steps"], time_s)
                                           + knob[_TUNING] * zone["tuning_cents"])
        track["share"], track["cents"] = np.float32(share), np.float32(cents * share)
        if share == 1.0 and v["amp"]["stage"] < env.FADE and track_clock.has_ended(track, zones):
            env.enter(v["amp"], env.FADE)  # nothing more will be heard of it
        level_db = max(_mixed_level_db(track, zones), _LOWEST_DB) - LEVEL_DB
        goal = np.float32(gain_of_twos(share * level_db) * (1.0 + share * (track["correction"] - 1.0)))
        track["attack_gain"] = np.float32(0.0)
        if knob[_ATTACK] > _OFF_DB:
            track["attack_gain"] = np.float32(gain_of_twos(np.float64(knob[_ATTACK])) * share * track["correction"])
    if track["settling"] > 0:
        track["settling"] -= 1
        goal = track["gain"][0] + _SETTLING * (goal - track["gain"][0])
    track["gain"][1] = goal
    if v["fresh"]:
        track["gain"][0] = goal


@kernel
def _add_latents(tracks, track, zone, first, weight, ahead_s, to):
    """A zone's latents at a voice's place, weighed, added to float32[z]."""
    size = tracks["latent_size"]
    row, part = _knot(zone, zone_time(track, zone, first, ahead_s))
    rows = carray(floats_at(zone["latent"] if track["alone"] else zone["smooth"]), (zone["n_rows"], size))
    right = min(row + 1, zone["n_rows"] - 1)
    for i in range(size):
        to[i] += weight * (rows[row, i] + part * (rows[right, i] - rows[row, i]))


@kernel
def move_target(knobs, latent, transport, v, delay_frames):
    """A voice's target position, moved by how far its tracks lie from corner A: corners, offsets and modulation are on top.

    delay_frames: from the tick that asks to the beginning of its ramp.
    """
    track, patch, share = v["track"], knobs["patch"], knobs["value"][_AMOUNT]
    if track["n"] == 0 or share == 0.0:
        return
    tracks = tracks_of(track["address"])
    first, size = tracks["first"], tracks["latent_size"]
    zones, to = zones_of(tracks), latent["target"]["latent"][first:first + size]
    ahead_s = track["rate"] * ((TICK + delay_frames) / transport["sr_hz"] + _SMOOTHING_S)
    for i in range(size):
        to[i] -= share * patch["corners"][0, first + i]
    for i in range(track["n"]):
        _add_latents(tracks, track, zones[track["zone"][i]], zones[track["zone"][0]], share * track["weight"][i], ahead_s, to)
    for i in range(size):
        to[i] = min(max(to[i], patch["low"][first + i]), patch["high"][first + i])


@kernel
def _set_offsets(track, zones):
    """Gains of the first harmonics at a voice's place."""
    gains = track["offset"]
    for k in range(0, N_KEY_OFFSETS, LANES):
        store_at(gains, k, load_at(track["key_offset_db"], k))
    for i in range(track["n"]):
        zone = zones[track["zone"][i]]
        time_s, span_s = zone_time(track, zone, zones[track["zone"][0]], 0.0), zone["offsets_s"][1] - zone["offsets_s"][0]
        part = np.float32(min(max((time_s - zone["offsets_s"][0]) / max(span_s, 1e-6), 0.0), 1.0))
        first, last = zone["offsets_db"][0], zone["offsets_db"][1]
        for k in range(0, N_OFFSETS, LANES):
            here = multiply_add(part, load_at(last, k) - load_at(first, k), load_at(first, k))
            store_at(gains, k, multiply_add(track["weight"][i], here, load_at(gains, k)))
    for k in range(0, N_KEY_OFFSETS, LANES):
        store_at(gains, k, exp2(load_at(gains, k) * (track["share"] * _TO_TWOS)))


@kernel
def _add_noise(track, zone, first, weight, level_db, to):
    """Power of a zone's noise bands at a voice's place, weighed, added to float32[32]."""
    time_s = zone_time(track, zone, first, 0.0)
    row, part = _knot(zone, time_s)
    rows = carray(floats_at(zone["noise_db"]), (zone["n_rows"] * LAID_BANDS,))
    left, right = row * LAID_BANDS, min(row + 1, zone["n_rows"] - 1) * LAID_BANDS
    level = np.float32(level_db + _change_db(track, zone, time_s))
    for b in range(0, LAID_BANDS, LANES):
        before = load_at(rows, left + b)
        band_db = multiply_add(part, load_at(rows, right + b) - before, before)
        power = select(band_db, _LOWEST_DB, np.float32(0.0), exp2((band_db + level) * (np.float32(2.0) * _TO_TWOS)))
        store_at(to, b, multiply_add(weight, power, load_at(to, b)))


@kernel
def _set_noise(track, zones, knob, fresh):
    """How the noise bands go to where they are at a voice's place, within the quanta of a tick; those of a new note are there."""
    level_db, step = np.float64(knob[_NOISE]), track["noise_step"]
    gain = track["share"] * track["correction"] if level_db > _OFF_DB else np.float32(0.0)
    for b in range(0, LAID_BANDS, LANES):
        store_at(step, b, np.float32(0.0))
    if gain > 0.0:
        for i in range(track["n"]):
            if track["weight"][i] > 0.0:
                _add_noise(track, zones[track["zone"][i]], zones[track["zone"][0]], track["weight"][i], level_db, step)
    track["n_bands"] = 0
    for b in range(0, LAID_BANDS, LANES):
        goal = sqrt(load_at(step, b)) * gain
        if fresh:
            store_at(track["noise"], b, goal)
        store_at(step, b, (goal - load_at(track["noise"], b)) * np.float32(1.0 / _QUANTA))
    for b in range(NOISE_BANDS):
        if track["noise"][b] > 0.0 or step[b] > 0.0:
            track["bands"][track["n_bands"]] = b
            track["n_bands"] += 1


@kernel
def shape_voice(knobs, v, pitch):
    """On a tick: a voice's offsets, formants and noise at its place. pitch: in semitones, that it sounds at."""
    track = v["track"]
    if track["n"] == 0:
        return
    zones = zones_of(tracks_of(track["address"]))
    _set_offsets(track, zones)
    _set_noise(track, zones, knobs["value"], v["fresh"] != 0)
    formant = np.float64(knobs["value"][_FORMANT])
    track["ratio"] = np.float32(1.0)
    if formant > 0.0:
        track["ratio"] = np.float32(2.0 ** (formant * (pitch - track["key"]) / 12.0))
