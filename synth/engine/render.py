"""render_quantum: 32 frames on the absolute frame grid, and every change of state. Runs on the audio thread only.

Real-time: no allocation, no locks, no I/O, no Python.
"""


from ..events import PRODUCERS
from .audition import add_audition
from .compile.atomics import load_acquire, store_release
from .compile.jit import kernel
from .constants import EVENT_RING, N_SOURCES, PENDING, QUANTUM, RING_TAIL, SLOTS, TICK
from .effects.chain import render_effects
from .insert import exchange_insert
from .insert_layout import BEFORE, BEHIND
from .modulation import channel_smoothing, envelope_settings, filter_morph, matrix, morph_mix, smoothed_knobs, sources
from .notes import dispatch, prefetch, tempo
from .output import amplify_output, limit_output, meter_output
from .timbre import block_decode, block_decoders, decode_requests, latent_position, spectrum_stream
from .voice import allocation, bank, lane_allocation, own_position, track_sound, update

_PRODUCERS = len(PRODUCERS)


@kernel
def _collect(rings, frame):
    """Move the events of the quantum that begins at `frame` from the producers' rings to `pending`, by frame, then by producer order."""
    end, counters, pending = frame + QUANTUM, rings["counters"], rings["pending"]
    n = 0
    for producer in range(_PRODUCERS):
        head = rings["arrived"][producer]
        tail = load_acquire(counters, RING_TAIL + 8 * producer)
        ring = rings["events"][producer]
        while tail < head and n < PENDING and ring[tail % EVENT_RING]["frame"] < end:
            event = ring[tail % EVENT_RING]
            if event["frame"] < frame:
                rings["late_events"] += 1
            at = max(event["frame"], frame)
            i = n
            while i > 0 and pending[i - 1]["frame"] > at:
                pending[i] = pending[i - 1]
                i -= 1
            pending[i] = event
            pending[i]["frame"] = at
            n += 1
            tail += 1
        store_release(counters, RING_TAIL + 8 * producer, tail)
    rings["n_pending"] = n


@kernel
def _list_active(polyphony):
    n = 0
    for slot in range(SLOTS):
        if polyphony["voices"][slot]["state"] != allocation.FREE:
            polyphony["active"][n] = slot
            n += 1
    polyphony["n_active"] = n


@kernel
def _begin(s):
    """Every voice at the start of a quantum; answers sorted in."""
    polyphony = s["polyphony"]
    spectrum_stream.receive_spectra(s["spectra"], s["rings"], s["transport"])
    for i in range(polyphony["n_active"]):
        v = polyphony["voices"][polyphony["active"][i]]
        v["first"] = v["filled"] = 0


@kernel
def _smooth(s):
    """Knobs, amounts, channels and the filter's mix one quantum on."""
    knobs, shared, share = s["knobs"], s["shared"], s["knobs"]["smoothing"]
    moved = smoothed_knobs.smooth_knobs(knobs, s["transport"]["sr_hz"])
    if knobs["patch"]["morph"][0]["n"] > 0 and morph_mix.follow_morph(knobs, s["transport"]):
        envelope_settings.set_shared_envelopes(s["polyphony"], knobs, s["transport"])
        filter_morph.aim_filter(shared, knobs)
        moved = True
    matrix.smooth_amounts(knobs)
    channel_smoothing.smooth_channels(s["midi"], share["hand"])
    was_on, begins = shared["filter_on"], filter_morph.choose_own(shared, knobs)
    filter_morph.smooth_filter(shared, share["hand"])
    if shared["filter_on"] and not was_on:
        lane_allocation.reset_filters(s["lanes"])
    if begins:
        lane_allocation.begin_own_filters(s["lanes"], shared)
    gap = shared["gain_goal"] - shared["gain"]
    shared["gain"] = shared["gain_goal"] if abs(gap) < 1e-6 * shared["gain_goal"] else shared["gain"] + share["gain"] * gap
    if moved or knobs["matrix"]["classes"] & matrix.GLOBAL:
        update.set_shared_levels(shared, knobs)


@kernel
def _play_globals(s):
    """What is one for all and modulated follows the newest voice."""
    knobs, polyphony, transport = s["knobs"], s["polyphony"], s["transport"]
    morph_mix.advance_global_lfos(knobs, transport)
    if knobs["matrix"]["classes"] & matrix.GLOBAL and polyphony["newest"] >= 0:
        v, own = polyphony["voices"][polyphony["newest"]], knobs["matrix"]["moves_morph"] != 0
        if own:
            morph_mix.keep_shared(knobs)
            morph_mix.lay_newest(knobs, s["midi"], transport, v)
        else:
            sources.read_sources(knobs, s["midi"], transport, v, 0)
        matrix.modulate_globals(knobs)
        filter_morph.aim_filter(s["shared"], knobs)
        if own:
            morph_mix.restore_shared(knobs)


@kernel
def _tick(s):
    """On the tick grid: the shared point moves. Answers how many ticks lie between the decodes of a voice of its own; 0: none has one."""
    knobs, polyphony, spectra = s["knobs"], s["polyphony"], s["spectra"]
    spectra["products_left"] = spectra["block_products"]
    latent_position.update_shared_position(knobs, s["latent"], s["spectra"], s["rings"], s["transport"])
    n_own = 0
    for i in range(polyphony["n_active"]):
        stream = polyphony["voices"][polyphony["active"][i]]["stream"]
        if stream != spectrum_stream.SHARED or knobs["matrix"]["classes"] & matrix.LATENT:
            n_own += 1
    block_decode.decode_listed(knobs, spectra, s["tables"], s["transport"], TICK)
    return latent_position.ticks_between_decodes(knobs, spectra, n_own) if n_own > 0 else 0


@kernel
def _modulate_voice(s, slot, every):
    """A voice's envelopes, glide and modulation to the end of this quantum; on a tick its latent position. every: as of `_tick`.

    The knobs stay as modulation moved them for this voice; the caller keeps them.
    """
    knobs, polyphony, midi, transport = s["knobs"], s["polyphony"], s["midi"], s["transport"]
    v = polyphony["voices"][slot]
    allocation.fill_envelope(polyphony, slot, QUANTUM)
    update.advance_envelopes(polyphony, knobs, slot)
    allocation.advance_glide(v)
    modulated = knobs["matrix"]["n"] > 0 or knobs["matrix"]["moves_morph"] != 0
    if modulated:
        if knobs["matrix"]["moves_morph"]:
            morph_mix.lay_voice(knobs, midi, transport, v, 0 if v["fresh"] else QUANTUM)
        else:
            sources.read_sources(knobs, midi, transport, v, 0 if v["fresh"] else QUANTUM)
        if every > 0 and v["own_envelopes"] and knobs["patch"]["morph"][0]["n"] > 0:  # they bend while it sounds
            envelope_settings.set_own_envelopes(polyphony, knobs, midi, transport, slot)
        matrix.lay_modulation(knobs, update.OWN)
    tracked = knobs["patch"]["tracks"] != 0
    if tracked or v["track"]["address"] != 0 or v["track"]["settling"] > 0:
        own_position.advance_tracks(knobs, midi, transport, v, transport["frame"] % TICK == 0)
    if every > 0 and (modulated or tracked or v["stream"] != spectrum_stream.SHARED):
        own_position.update_own_position(knobs, midi, s["latent"], s["spectra"], s["rings"], transport, v, every)


@kernel
def _move_positions(s, every):
    """On a tick, before the voices sound: the positions of all of them, so that those decoded here are decoded together."""
    knobs, polyphony, kept = s["knobs"], s["polyphony"], s["latent"]["sources"]
    for i in range(polyphony["n_active"]):
        slot = polyphony["active"][i]
        _modulate_voice(s, slot, every)
        for j in range(N_SOURCES):
            kept[slot, j] = knobs["source"][j]
    block_decode.decode_listed(knobs, s["spectra"], s["tables"], s["transport"], TICK * every)


@kernel
def _lay_again(s, slot):
    """The knobs as modulation moved them for a voice in `_move_positions`."""
    knobs = s["knobs"]
    if knobs["matrix"]["n"] > 0 or knobs["matrix"]["moves_morph"]:
        for j in range(N_SOURCES):
            knobs["source"][j] = s["latent"]["sources"][slot, j]
        if knobs["matrix"]["moves_morph"]:
            morph_mix.lay_again(knobs, s["polyphony"]["voices"][slot])
        matrix.sum_targets(knobs)
        matrix.lay_modulation(knobs, update.OWN)


@kernel
def _tell_voice(s, slot):
    """All of a voice's controls to the end of this quantum, into s["controls"], from its knobs as modulation moved them."""
    controls, knobs, midi, transport = s["controls"], s["knobs"], s["midi"], s["transport"]
    v, spectra, frame = s["polyphony"]["voices"][slot], s["spectra"], transport["frame"]
    if v["stream"] != spectrum_stream.SHARED:
        spectrum_stream.advance_stream(spectra, s["rings"], transport, v["stream"])
    stream = spectra["streams"][v["stream"]]
    controls["mix"][0], controls["mix"][1] = spectrum_stream.ramp_at(stream, frame), spectrum_stream.ramp_at(stream, frame + QUANTUM)
    update.set_pitch(controls, knobs, midi, v)
    update.set_oscillators(s["tables"], controls, knobs, s["spectra"], transport, v, slot)
    update.set_levels(controls, s["shared"], knobs, midi, v)
    v["age"] += QUANTUM - v["first"]


@kernel
def _voices(s, every):
    """Every active voice, sixteen lanes side by side, into the output. every: ticks between a voice's decodes, 0 off the tick."""
    lanes, polyphony, spectra, transport = s["lanes"], s["polyphony"], s["spectra"], s["transport"]
    last, together = -1, every > 0 and block_decoders.decodes_in_block(s["knobs"])
    matrix.keep_knobs(s["knobs"], update.OWN)
    own = s["knobs"]["matrix"]["moves_morph"] != 0
    if own:
        morph_mix.keep_shared(s["knobs"])
    if together:
        _move_positions(s, every)
    for i in range(polyphony["n_active"]):
        slot = polyphony["active"][i]
        if together:
            _lay_again(s, slot)
        else:
            _modulate_voice(s, slot, every)
        _tell_voice(s, slot)
        bank.load_voice(lanes, s["tables"], s["controls"], polyphony, slot, s["shared"]["filter_own"] != 0)
        track_sound.shape_lanes(lanes, transport, polyphony["voices"][slot])
        last = max(last, polyphony["voices"][slot]["group"])
    matrix.restore_knobs(s["knobs"], update.OWN)
    if own:
        morph_mix.restore_shared(s["knobs"])
    for group in range(last + 1):
        bank.render_group(s["output"], lanes, s["shared"], transport, group, s["knobs"]["smoothing"]["hand"])
        bank.free_ended_voices(lanes, polyphony, spectra, s["rings"], transport, group)


@kernel
def _apply_events(s):
    dispatch.apply_events(s["lanes"], s["shared"], s["polyphony"], s["knobs"], s["midi"], s["control_map"], s["latent"], s["spectra"],
                          s["rings"], s["transport"], s["effects"])


@kernel
def _finish(s):
    """Effects, level and limiter on the quantum's sound; it is metered and kept."""
    output, stats, transport, knobs = s["output"], s["stats"], s["transport"], s["knobs"]
    exchange_insert(s["inserts"][BEFORE], output["out"], transport["frame"], knobs)
    stats["bad_samples"] += render_effects(s["effects"], knobs["played"], output["out"], transport["tempo_bpm"])
    exchange_insert(s["inserts"][BEHIND], output["out"], transport["frame"], knobs)
    amplify_output(output, s["shared"])
    limit_output(output, transport, stats)
    meter_output(output, s["rings"], stats)
    add_audition(s["audition"], output, s["rings"], transport)


@kernel
def render_quantum(s):
    """The next 32 frames into the output; every change of state happens in here, in this order."""
    knobs, lanes, rings, transport, out = s["knobs"], s["lanes"], s["rings"], s["transport"], s["output"]["out"]
    prefetch.note_arrivals(rings, transport)
    _collect(rings, transport["frame"])
    tempo.advance_beat(knobs, transport)
    _list_active(s["polyphony"])
    _begin(s)
    _smooth(s)
    if rings["n_pending"] > 0:
        _apply_events(s)
        _list_active(s["polyphony"])
    noisy = s["shared"]["noise_level"] > 0.0 or knobs["matrix"]["classes"] & matrix.MIX != 0
    lanes["noise_on"] = 2 if noisy else max(lanes["noise_on"] - 1, 0)  # a quantum more, to fade out in
    _play_globals(s)
    every = _tick(s) if transport["frame"] % TICK == 0 else 0
    spectrum_stream.advance_stream(s["spectra"], rings, transport, spectrum_stream.SHARED)
    if knobs["matrix"]["classes"] & matrix.LATENT:
        prefetch.prefetch_notes(s["polyphony"], knobs, s["midi"], s["latent"], s["spectra"], rings, transport)
    for i in range(QUANTUM):
        out[0, i] = out[1, i] = 0.0
    _voices(s, every)
    decode_requests.publish_requests(rings)
    _finish(s)
    transport["frame"] += QUANTUM
