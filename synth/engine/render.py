"""render_quantum: 32 frames on the absolute frame grid, and every change of state. Runs on the audio thread only.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..events import PRODUCERS
from . import (
    asking,
    changes,
    control,
    knobs,
    lanes,
    lines,
    look_ahead,
    matrix,
    modulation,
    places,
    points,
    response,
    strips,
    tempo,
    voices,
)
from .atomics import load_acquire, store_release
from .effects.chain import render_effects
from .jit import kernel
from .output import amplify, limit, meter
from .state import EVENT_RING, PENDING, QUANTUM, RING_TAIL, SLOTS, TICK

_PRODUCERS = len(PRODUCERS)


@kernel
def _collect(s):
    """Move the events of this quantum from the producers' rings to `pending`, by frame, then by producer order."""
    end, counters, pending = s["frame"] + QUANTUM, s["counters"], s["pending"]
    n = 0
    for producer in range(_PRODUCERS):
        head = s["arrived"][producer]
        tail = load_acquire(counters, RING_TAIL + 8 * producer)
        ring = s["rings"][producer]
        while tail < head and n < PENDING and ring[tail % EVENT_RING]["frame"] < end:
            event = ring[tail % EVENT_RING]
            if event["frame"] < s["frame"]:
                s["stats"]["late_events"] += 1
            frame = max(event["frame"], s["frame"])
            i = n
            while i > 0 and pending[i - 1]["frame"] > frame:
                pending[i] = pending[i - 1]
                i -= 1
            pending[i] = event
            pending[i]["frame"] = frame
            n += 1
            tail += 1
        store_release(counters, RING_TAIL + 8 * producer, tail)
    s["n_pending"] = n


@kernel
def _list_active(s):
    n = 0
    for slot in range(SLOTS):
        if s["voices"][slot]["state"] != voices.FREE:
            s["active"][n] = slot
            n += 1
    s["n_active"] = n


@kernel
def _begin(s):
    """Every voice at the start of a quantum; answers sorted in, ramps moved on: of the shared line and of voices that have their own."""
    lines.receive(s)
    lines.step(s, lines.SHARED)
    for i in range(s["n_active"]):
        v = s["voices"][s["active"][i]]
        v["first"] = v["filled"] = 0
        index = v["line"]
        if index != lines.SHARED:
            lines.step(s, index)


@kernel
def _smooth(s):
    """Knobs, amounts, channels and the filter's mix one quantum on."""
    moved = knobs.move(s)
    matrix.smooth_amounts(s)
    strips.smooth(s)
    was_on = s["filter_on"]
    response.smooth(s)
    if s["filter_on"] and not was_on:
        places.forget_filter(s)
    gap = s["gain_goal"] - s["gain"]
    s["gain"] = s["gain_goal"] if abs(gap) < 1e-6 * s["gain_goal"] else s["gain"] + np.float32(0.5) * gap
    if moved or s["matrix"]["classes"] & matrix.GLOBAL:
        control.set_levels(s)
        s["damping"], s["drive"] = control.damping_of(s), control.drive_of(s)


@kernel
def _play_globals(s):
    """What is one for all and modulated follows the newest voice."""
    modulation.move_global(s)
    if s["matrix"]["classes"] & matrix.GLOBAL and s["newest"] >= 0:
        modulation.read_sources(s, s["voices"][s["newest"]], 0)
        matrix.play_global(s)
        response.aim(s)


@kernel
def _tick(s):
    """On the tick grid: the shared point moves. Answers how many ticks lie between the decodes of a voice of its own."""
    points.share(s)
    n_own = 0
    for i in range(s["n_active"]):
        if s["voices"][s["active"][i]]["line"] != lines.SHARED or s["matrix"]["classes"] & matrix.LATENT:
            n_own += 1
    return points.turns(s, n_own)


@kernel
def _voices(s, every):
    """Every active voice, sixteen lanes side by side, into state["out"]. every: ticks between a voice's decodes, 0 off the tick."""
    frame, last = s["frame"], -1
    shared = s["lines"][lines.SHARED]
    matrix.keep(s, control.OWN)
    shared0, shared1 = lines.ramp_at(shared, frame), lines.ramp_at(shared, frame + QUANTUM)
    for i in range(s["n_active"]):
        slot = s["active"][i]
        v = s["voices"][slot]
        mix0, mix1 = shared0, shared1
        if v["line"] != lines.SHARED:
            line = s["lines"][v["line"]]
            mix0, mix1 = lines.ramp_at(line, frame), lines.ramp_at(line, frame + QUANTUM)
        lanes.load(s, slot, mix0, mix1, every)
        last = max(last, v["group"])
    matrix.take_off(s, control.OWN)
    for group in range(last + 1):
        lanes.finish(s, group)


@kernel
def render_quantum(s):
    """The next 32 frames into state["out"]; every change of state happens in here, in this order."""
    look_ahead.notice(s)
    _collect(s)
    tempo.advance(s)
    _list_active(s)
    _begin(s)
    _smooth(s)
    if s["n_pending"] > 0:
        changes.apply_all(s)
        _list_active(s)
    noisy = s["noise_level"] > 0.0 or s["matrix"]["classes"] & matrix.MIX != 0
    s["noise_on"] = 2 if noisy else max(s["noise_on"] - 1, 0)  # a quantum more, to fade out in
    _play_globals(s)
    every = _tick(s) if s["frame"] % TICK == 0 else 0
    if s["matrix"]["classes"] & matrix.LATENT:
        look_ahead.look_ahead(s)
    for i in range(QUANTUM):
        s["out"][0, i] = s["out"][1, i] = 0.0
    _voices(s, every)
    asking.publish(s)
    s["stats"]["bad_samples"] += render_effects(s["effects"], s["played"], s["out"], s["sr_hz"], s["tempo_bpm"])
    amplify(s)
    limit(s)
    meter(s)
    s["frame"] += QUANTUM
