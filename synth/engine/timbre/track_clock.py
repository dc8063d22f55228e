"""Where a voice stands in its tracks: which zones it is made of, and the time in each, by speed, loop, release and scrubbing.

Until the steady part of its first zone ends a note runs through its zones as they were recorded (`run_s`), at a speed of its own. Then
`place`, 0 to 1, moves through the steady part: it holds, loops, goes to and fro or drifts. A key that is let go takes it to the recorded
release, where there is one, at the level that it had, and where the speed is 0 at the speed it was recorded. What `track.position` says
is added, in lengths of the held note; once the key is let go, what it moved since, and not back into the held note.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np
from numba import carray, from_dtype

from ...params.knobs import index_of
from ..compile import fastmath
from ..compile.atomics import pointer_intrinsic
from ..compile.jit import kernel
from ..constants import QUANTUM
from ..dsp import envelope as env
from ..dsp import lfo
from .track_records import MOST_ZONES, N_KEY_OFFSETS, PLACE, TRACKS, ZONE

HOLD, LOOP, PING_PONG, DRIFT = range(4)  # as params: track.loop
_MORPH, _LOOP, _RELEASE, _POSITION, _SPEED, _SYNC, _VELOCITY = (
    index_of(name) for name in ("track.zone_morph", "track.loop", "track.release", "track.position", "track.speed", "track.sync",
                                "amp.velocity"))
_NONE, _TAIL_S = 1e-3, 0.02  # a weight that is not heard; a release shorter than this is none
_BACK_S = 0.06  # in which a loop goes back to its beginning, through what lies between
_ATTACK_S = 0.1  # at whose end zones of different lengths begin to go at different speeds
_SCRUB_S = 0.004
_SETTLING = 100  # quanta in which a level that belongs to other tracks goes over
_LEAST_TURN_S = 0.15
_NOISE_SPREAD = 512.0  # quanta that places of notes in the laid noise lie apart, at most: near enough that the processor has it at hand
_GONE_S = 0.2

tracks_at = pointer_intrinsic(from_dtype(TRACKS), "a TRACKS record")
zones_at = pointer_intrinsic(from_dtype(ZONE), "a ZONE record")
places_at = pointer_intrinsic(from_dtype(PLACE), "a PLACE record")


@kernel
def tracks_of(address):
    """The TRACKS record at an address."""
    return carray(tracks_at(address), (1,))[0]


@kernel
def zones_of(tracks):
    """The zones of an instrument: ZONE[n]."""
    return carray(zones_at(tracks["zones"]), (tracks["n_zones"],))


@kernel
def _add_zone(zones, track, index, weight, take):
    """One more zone of a note, or more of one that it has."""
    if abs(weight) < _NONE:
        return
    index += min(int(take * zones[index]["takes"]), zones[index]["takes"] - 1)
    for i in range(track["n"]):
        if track["zone"][i] == index:
            track["weight"][i] += weight
            return
    if track["n"] < MOST_ZONES:
        track["zone"][track["n"]], track["weight"][track["n"]] = index, weight
        track["n"] += 1


@kernel
def _add_place(zones, track, place, most, share, morph, take):
    """The zones of a key in one layer: the nearest alone at a morph of 0, the first `most` of those around it at 1."""
    total, own = 0.0, place["nearest"]
    for i in range(most):
        total += place["weight"][i]
    for i in range(most):
        _add_zone(zones, track, place["zone"][i], np.float32(share * morph * place["weight"][i] / total), take)
    _add_zone(zones, track, own, np.float32(share * (1.0 - morph)), take)
    track["key"] += np.float32(share * (morph * place["key"] + (1.0 - morph) * zones[own]["key"]))
    for k in range(N_KEY_OFFSETS):
        track["key_offset_db"][k] += np.float32(share * morph) * place["offsets_db"][k]
    return share * (morph * place["velocity"] + (1.0 - morph) * zones[own]["velocity"])


@kernel
def choose_zones(knobs, v):
    """Which zones a voice is made of, by its key, velocity and randomness; the heaviest first."""
    track, tracks = v["track"], tracks_of(knobs["patch"]["tracks"])
    zones = zones_of(tracks)
    places = carray(places_at(tracks["key_zones"]), (tracks["n_layers"], 128))
    layer, share, velocity, take = 0, 0.0, v["velocity"] * 127.0, lfo.hash_unit(v["seed"] + np.uint64(77))
    while layer + 1 < tracks["n_layers"] and places[layer + 1, v["note"]]["velocity"] <= velocity:
        layer += 1
    if layer + 1 < tracks["n_layers"]:
        low, high = places[layer, v["note"]]["velocity"], places[layer + 1, v["note"]]["velocity"]
        if high > low:
            share = min(max((velocity - low) / (high - low), 0.0), 1.0)
    morph = np.float64(knobs["value"][_MORPH])
    if morph < 1.0:  # the nearer layer alone, at 0
        share = share * morph + (1.0 - morph) * (1.0 if share > 0.5 else 0.0)
    track["n"], track["key"] = 0, np.float32(0.0)
    for k in range(N_KEY_OFFSETS):
        track["key_offset_db"][k] = np.float32(0.0)
    two = 0.0 < share < 1.0
    most, own = (2 if two else MOST_ZONES), 0.0
    if share < 1.0:
        own += _add_place(zones, track, places[layer, v["note"]], most, 1.0 - share, morph, take)
    if share > 0.0:
        own += _add_place(zones, track, places[layer + 1, v["note"]], most, share, morph, take)
    for i in range(1, track["n"]):
        if track["weight"][i] > track["weight"][0]:
            zone, weight = track["zone"][0], track["weight"][0]
            track["zone"][0], track["weight"][0] = track["zone"][i], track["weight"][i]
            track["zone"][i], track["weight"][i] = zone, weight
    track["alone"] = track["n"] == 1
    track["harmonics"] = zones[track["zone"][0]]["harmonics"]
    depth, unit = np.float64(knobs["value"][_VELOCITY]), own / 127.0
    track["correction"] = 1.0 / max(1.0 - depth + depth * unit * unit, 0.01)
    track["address"] = knobs["patch"]["tracks"]


@kernel
def begin_track(knobs, v):
    """A note starts in its tracks. Its knobs of scope 'start' are as modulation moved them for it."""
    track, knob = v["track"], knobs["value"]
    choose_zones(knobs, v)
    track["loop"], track["releases"] = int(knob[_LOOP]), int(knob[_RELEASE])
    track["looping"] = track["released"] = track["turns"] = 0
    track["settling"] = 0 if v["fresh"] else _SETTLING
    track["run_s"] = track["looped_s"] = track["turn_s"] = 0.0
    track["place"], track["direction"], track["rate"] = 0.0, 1.0, 0.0
    track["scrub"], track["release_db"] = knob[_POSITION], np.float32(0.0)
    if v["fresh"]:
        track["n_bands"], track["noise_at"] = 0, np.int64(lfo.hash_unit(v["seed"] + np.uint64(78)) * _NOISE_SPREAD)


@kernel
def start_tracks(knobs, v):
    """A note starts: in the tracks of its patch, or in none."""
    track = v["track"]
    if v["fresh"]:
        track["gain"][0] = track["gain"][1] = np.float32(1.0)
        for i in range(track["noise"].shape[0]):
            track["noise"][i] = np.float32(0.0)
    if knobs["patch"]["tracks"] != 0:
        begin_track(knobs, v)
    else:
        track["address"], track["n"], track["settling"] = 0, 0, 0
        track["share"] = track["cents"] = np.float32(0.0)


@kernel
def follow_tracks(knobs, v):
    """Before a voice moves: whether it has tracks; those of another patch than it began with are taken where it stands."""
    track = v["track"]
    if track["address"] != knobs["patch"]["tracks"]:
        if knobs["patch"]["tracks"] == 0:
            track["address"], track["n"], track["settling"] = 0, 0, _SETTLING
            track["share"] = track["cents"] = np.float32(0.0)
            track["n_bands"] = 0
        else:
            if track["n"] == 0:  # a note that had none is taken into the middle of it
                begin_track(knobs, v)
                track["run_s"] = 1e3
            choose_zones(knobs, v)
            track["settling"] = _SETTLING
    return track["n"] > 0


@kernel
def _run_time(track, zone, first, ahead_s):
    """Time in s of a zone to which a voice has run that is held, wherever its position is moved; as `zone_time`."""
    t = track["run_s"] + ahead_s
    if track["looping"]:
        length = np.float64(zone["steady_s"][1] - zone["steady_s"][0])
        place = track["place"] + track["direction"] * ahead_s / max(first["steady_s"][1] - first["steady_s"][0], 1e-3)
        t = zone["steady_s"][0] + min(max(place, 0.0), 1.0) * length
    elif first["loops"] and zone["loops"] and t > _ATTACK_S:
        t = _ATTACK_S + (t - _ATTACK_S) * (zone["steady_s"][1] - _ATTACK_S) / max(first["steady_s"][1] - _ATTACK_S, 0.05)
    return t


@kernel
def zone_time(track, zone, first, ahead_s):
    """Time in s of a zone at which a voice stands, `ahead_s` later than now; first: its first zone."""
    if track["released"]:
        moved_s = np.float64(track["scrub"] - track["scrub_let_go"]) * zone["release_s"]
        return zone["release_s"] + max(track["run_s"] + ahead_s + moved_s, 0.0)
    t = _run_time(track, zone, first, ahead_s) + np.float64(track["scrub"]) * zone["release_s"]
    if zone["loops"]:  # while it is held it does not come to an end
        t = min(t, np.float64(zone["release_s"]))
    return max(t, 0.0)


@kernel
def _turn(v, track, length_s):
    """How far a drift goes before it turns, and where to: drawn from the note's own randomness."""
    track["turns"] += 1
    drawn = lfo.hash_unit(v["seed"] + np.uint64(1000 + 2 * track["turns"]))
    track["turn_s"] = _LEAST_TURN_S + drawn * length_s
    track["direction"] = 1.0 if lfo.hash_unit(v["seed"] + np.uint64(1001 + 2 * track["turns"])) < 0.5 else -1.0


@kernel
def _move_place(v, track, first, step_s):
    """A step in the steady part."""
    length_s = max(np.float64(first["steady_s"][1] - first["steady_s"][0]), 1e-3)
    track["looped_s"] += step_s
    if track["loop"] == HOLD:
        return
    if track["loop"] == DRIFT:
        track["turn_s"] -= step_s
        if track["turn_s"] <= 0.0:
            _turn(v, track, length_s)
    speed = 1.0
    if track["loop"] == LOOP and track["direction"] < 0.0:
        speed = max(length_s / _BACK_S, 1.0)
    track["place"] += speed * track["direction"] * step_s / length_s
    if track["place"] >= 1.0:
        track["place"], track["direction"] = max(2.0 - track["place"], 0.0), -1.0
    elif track["place"] <= 0.0:
        track["place"], track["direction"] = min(-track["place"], 1.0), 1.0


@kernel
def _speed(knobs, transport, first):
    """Seconds of recording a second: the speed, or the held note in a note's length of the tempo."""
    sync = int(knobs["value"][_SYNC])
    speed = np.float64(knobs["value"][_SPEED])
    if sync > 0:
        speed *= first["release_s"] * transport["tempo_bpm"] / (60.0 * lfo.BEATS[sync])
    return speed


@kernel
def advance_clock(knobs, transport, v):
    """A voice's place in its tracks to the end of this quantum. Answers whether its key was let go since the last one."""
    track, zones = v["track"], zones_of(tracks_of(v["track"]["address"]))
    first = zones[track["zone"][0]]
    step_s = (QUANTUM - v["first"]) / transport["sr_hz"]
    track["rate"] = _speed(knobs, transport, first)
    if track["released"] and track["rate"] == 0.0:
        track["rate"] = 1.0
    share = 1.0 - math.exp(-step_s / _SCRUB_S)
    track["scrub"] += np.float32(share * (knobs["value"][_POSITION] - track["scrub"]))
    let_go = v["amp"]["stage"] >= env.RELEASE and not track["released"] and track["releases"]
    if let_go and first["end_s"] - first["release_s"] > _TAIL_S:
        return True
    if track["looping"]:
        _move_place(v, track, first, track["rate"] * step_s)
        return False
    track["run_s"] += track["rate"] * step_s
    if not track["released"] and first["loops"] and track["run_s"] >= first["steady_s"][1]:
        track["looping"], track["looped_s"] = 1, 0.0
        track["place"], track["direction"], track["turn_s"] = 1.0, (0.0 if track["loop"] == HOLD else -1.0), _LEAST_TURN_S
    return False


@kernel
def has_ended(track, zones):
    """Whether every zone of a voice has run past its end, and its fall to nothing."""
    first = zones[track["zone"][0]]
    for i in range(track["n"]):
        zone = zones[track["zone"][i]]
        time_s = zone["release_s"] + track["run_s"]
        if not track["released"]:
            if zone["loops"]:
                return False
            time_s = _run_time(track, zone, first, 0.0)
        if time_s < zone["end_s"] + _GONE_S:
            return False
    return True


@kernel
def release_track(track):
    """The recorded release begins."""
    track["released"], track["looping"], track["run_s"], track["scrub_let_go"] = 1, 0, 0.0, track["scrub"]


@kernel
def gain_of_twos(level_db):
    """Linear gain of a level in dB, float64."""
    return fastmath.exp2(level_db * (math.log2(10.0) / 20.0))
