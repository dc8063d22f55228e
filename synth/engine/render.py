"""render_quantum: 32 frames on the absolute frame grid, and every change of state. Runs on the audio thread only.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..events import PRODUCERS
from .compile.atomics import load_acquire, store_release
from .compile.jit import kernel
from .effects.chain import render_effects
from .modulation import channel_smoothing, filter_morph, matrix, smoothed_knobs, sources
from .notes import dispatch, prefetch, tempo
from .output import amplify_output, limit_output, meter_output
from .state import EVENT_RING, PENDING, QUANTUM, RING_TAIL, SLOTS, TICK
from .timbre import decode_requests, latent_position, spectrum_stream
from .voice import allocation, bank, lane_allocation, update

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
        if s["voices"][slot]["state"] != allocation.FREE:
            s["active"][n] = slot
            n += 1
    s["n_active"] = n


@kernel
def _begin(s):
    """Every voice at the start of a quantum; answers sorted in, ramps moved on: of the shared line and of voices that have their own."""
    spectrum_stream.receive_spectra(s)
    spectrum_stream.advance_stream(s, spectrum_stream.SHARED)
    for i in range(s["n_active"]):
        v = s["voices"][s["active"][i]]
        v["first"] = v["filled"] = 0
        index = v["stream"]
        if index != spectrum_stream.SHARED:
            spectrum_stream.advance_stream(s, index)


@kernel
def _smooth(s):
    """Knobs, amounts, channels and the filter's mix one quantum on."""
    moved = smoothed_knobs.smooth_knobs(s)
    matrix.smooth_amounts(s)
    channel_smoothing.smooth_channels(s)
    was_on = s["filter_on"]
    filter_morph.smooth_filter(s)
    if s["filter_on"] and not was_on:
        lane_allocation.reset_filters(s)
    gap = s["gain_goal"] - s["gain"]
    s["gain"] = s["gain_goal"] if abs(gap) < 1e-6 * s["gain_goal"] else s["gain"] + np.float32(0.5) * gap
    if moved or s["matrix"]["classes"] & matrix.GLOBAL:
        update.set_levels(s)
        s["damping"], s["drive"] = update.damping_of(s), update.drive_of(s)


@kernel
def _play_globals(s):
    """What is one for all and modulated follows the newest voice."""
    sources.advance_global_lfos(s)
    if s["matrix"]["classes"] & matrix.GLOBAL and s["newest"] >= 0:
        sources.read_sources(s, s["voices"][s["newest"]], 0)
        matrix.modulate_globals(s)
        filter_morph.aim_filter(s)


@kernel
def _tick(s):
    """On the tick grid: the shared point moves. Answers how many ticks lie between the decodes of a voice of its own."""
    latent_position.update_shared_position(s)
    n_own = 0
    for i in range(s["n_active"]):
        if s["voices"][s["active"][i]]["stream"] != spectrum_stream.SHARED or s["matrix"]["classes"] & matrix.LATENT:
            n_own += 1
    return latent_position.ticks_between_decodes(s, n_own)


@kernel
def _voices(s, every):
    """Every active voice, sixteen lanes side by side, into state["out"]. every: ticks between a voice's decodes, 0 off the tick."""
    frame, last = s["frame"], -1
    shared = s["streams"][spectrum_stream.SHARED]
    matrix.keep_knobs(s, update.OWN)
    shared0, shared1 = spectrum_stream.ramp_at(shared, frame), spectrum_stream.ramp_at(shared, frame + QUANTUM)
    for i in range(s["n_active"]):
        slot = s["active"][i]
        v = s["voices"][slot]
        mix0, mix1 = shared0, shared1
        if v["stream"] != spectrum_stream.SHARED:
            stream = s["streams"][v["stream"]]
            mix0, mix1 = spectrum_stream.ramp_at(stream, frame), spectrum_stream.ramp_at(stream, frame + QUANTUM)
        bank.load_voice(s, slot, mix0, mix1, every)
        last = max(last, v["group"])
    matrix.restore_knobs(s, update.OWN)
    for group in range(last + 1):
        bank.finish_group(s, group)


@kernel
def render_quantum(s):
    """The next 32 frames into state["out"]; every change of state happens in here, in this order."""
    prefetch.note_arrivals(s)
    _collect(s)
    tempo.advance_beat(s)
    _list_active(s)
    _begin(s)
    _smooth(s)
    if s["n_pending"] > 0:
        dispatch.apply_events(s)
        _list_active(s)
    noisy = s["noise_level"] > 0.0 or s["matrix"]["classes"] & matrix.MIX != 0
    s["noise_on"] = 2 if noisy else max(s["noise_on"] - 1, 0)  # a quantum more, to fade out in
    _play_globals(s)
    every = _tick(s) if s["frame"] % TICK == 0 else 0
    if s["matrix"]["classes"] & matrix.LATENT:
        prefetch.prefetch_notes(s)
    for i in range(QUANTUM):
        s["out"][0, i] = s["out"][1, i] = 0.0
    _voices(s, every)
    decode_requests.publish_requests(s)
    s["stats"]["bad_samples"] += render_effects(s["effects"], s["played"], s["out"], s["tempo_bpm"])
    amplify_output(s)
    limit_output(s)
    meter_output(s)
    s["frame"] += QUANTUM
