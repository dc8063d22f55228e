"""What each event does to the engine's state."""

import math

from numba import carray

from ...events import LFO_PARTS, Kind
from ...params.knobs import MAX_LATENTS, MAX_LFO_POINTS, N_LFOS, PARAMS
from ...patch.lfo_shape import MOST_BEND
from ..compile.atomics import address_of, load_acquire, store_release
from ..compile.jit import kernel
from ..constants import COUNTER, PATCHES
from ..dsp import lfo
from ..journal import append_row
from ..modulation import envelope_settings, filter_morph, matrix, midi_channels, morph_mix, smoothed_knobs, stack
from ..modulation.control_table import BEND as BEND_ROW
from ..modulation.control_table import JUMP, NOTE, PICKUP, PROGRAM
from ..modulation.control_table import PRESSURE as PRESSURE_ROW
from ..timbre import latent_position
from ..voice.allocation import SOUNDING
from . import control_rows, control_turns, tempo
from .controllers import apply_controller, hear_row
from .note_logic import press_key, release_key

NOTE_ON, NOTE_OFF, BEND, CONTROL = int(Kind.NOTE_ON), int(Kind.NOTE_OFF), int(Kind.BEND), int(Kind.CONTROL)
PARAM, CORNER, PATCH, CONTROLS = int(Kind.PARAM), int(Kind.CORNER), int(Kind.PATCH), int(Kind.CONTROLS)
PROGRAM_CHANGE = int(Kind.PROGRAM)
LFO_POINT, LFO_POINTS, _N_PARTS = int(Kind.LFO_POINT), int(Kind.LFO_POINTS), len(LFO_PARTS)
TICK, TEMPO = int(Kind.TICK), int(Kind.TEMPO)
KEY_PITCH, OWN_TUNING = int(Kind.KEY_PITCH), int(Kind.OWN_TUNING)
_SILENT = -1000.0  # pitches below it
PRESSURE, KEY_PRESSURE = int(Kind.PRESSURE), int(Kind.KEY_PRESSURE)
_PATCH_TAIL = COUNTER["loads_tail"]
_N_PARAMS = len(PARAMS)


@kernel
def take_patch(shared, polyphony, knobs, control_map, latent, spectra, rings, transport, slot):
    """The patch of a loaded slot becomes the one that is played; the slot is free again.

    Eight records, because all that is made from a patch is made anew.
    """
    source = rings["patches"][slot % PATCHES]
    target = knobs["patch"]
    changed = target["source_number"] != source["source_number"]
    target["serial"], target["source_number"], target["latent_size"] = source["serial"], source["source_number"], source["latent_size"]
    target["decoder"], target["tracks"] = source["decoder"], source["tracks"]
    by_index = carray(address_of(target["params"]), (_N_PARAMS,))
    taken = carray(address_of(source["params"]), (_N_PARAMS,))
    for i in range(_N_PARAMS):
        by_index[i] = taken[i]
    control_turns.settle_homes(control_map)
    for i in range(128):
        target["tuning"][i] = source["tuning"][i]
    for i in range(MAX_LATENTS):
        target["low"][i], target["high"][i] = source["low"][i], source["high"][i]
        target["map"][0, i], target["map"][1, i] = source["map"][0, i], source["map"][1, i]
        for c in range(4):
            target["corners"][c, i] = source["corners"][c, i]
    for i in range(N_LFOS):
        target["free"][i] = source["free"][i]
    target["morph"][0]["n"] = source["morph"][0]["n"]
    if source["morph"][0]["n"] > 0:
        target["morph"][0] = source["morph"][0]
        morph_mix.begin_morph(knobs, transport)
    last = stack.n_stacked(knobs) - 1
    for slot in range(polyphony["voices"].shape[0]):
        polyphony["voices"][slot]["part"] = min(polyphony["voices"][slot]["part"], last)
    latent_position.announce_morph_path(knobs, latent)
    latent["morph_path"], latent["morph_path_due"] = latent["newest_morph_path"], transport["frame"]
    target["morph_path"] = latent["newest_morph_path"]
    latent["morph_path_s"] = latent_position.SMOOTHING_S
    smoothed_knobs.turn_all_knobs(knobs)
    derive_settings(shared, polyphony, knobs, transport)
    if changed:
        latent_position.jump_latents(knobs, latent, spectra, transport)
    store_release(rings["counters"], _PATCH_TAIL, load_acquire(rings["counters"], _PATCH_TAIL) + 1)


@kernel
def derive_settings(shared, polyphony, knobs, transport):
    """What is made from several knobs is made anew: the matrix, envelope times, the filter's response."""
    matrix.compile_slots(knobs)
    envelope_settings.set_shared_envelopes(polyphony, knobs, transport)
    filter_morph.aim_filter(shared, knobs)


@kernel
def _set_number(free, number, value):
    """A number of a point of a free shape."""
    point, part = (number // _N_PARTS) % MAX_LFO_POINTS, number % _N_PARTS
    if part == 0:
        free["place"][point] = min(max(value, 0.0), 1.0)
    elif part == 1:
        free["level"][point] = min(max(value, -1.0), 1.0)
    else:
        free["bend"][point] = min(max(value, -MOST_BEND), MOST_BEND)
    lfo.note_jumps(free)


@kernel
def _count_points(free, value):
    free["n"] = int(min(max(value, 2.0), float(MAX_LFO_POINTS)))
    lfo.note_jumps(free)


@kernel
def draw_lfo(knobs, kind, number, value):
    """A free shape is drawn: the patch's, and in a morph of presets, those of all parts."""
    morph = knobs["patch"]["morph"][0]
    i = number if kind == LFO_POINTS else number // (_N_PARTS * MAX_LFO_POINTS)
    if not 0 <= i < N_LFOS:
        return
    for p in range(-1, morph["n"]):
        free = knobs["patch"]["free"][i] if p < 0 else morph["free"][p, i]
        if kind == LFO_POINTS:
            _count_points(free, value)
        else:
            _set_number(free, number, value)


@kernel
def _follow_tuning(polyphony, knobs):
    """Notes that sound go to where the tuning has their keys now; one whose key is silenced stays where it is."""
    for slot in range(polyphony["voices"].shape[0] - 1):
        v = polyphony["voices"][slot]
        if v["state"] == SOUNDING:
            pitch = stack.key_pitch(knobs, v["part"], v["note"])
            if pitch == pitch:
                v["key_pitch"] = pitch


@kernel
def retune(polyphony, knobs, kind, number, value):
    """A key of the tuning that stands over every sound's own; or that there is none any more."""
    if kind == OWN_TUNING:
        knobs["retuned"] = 0
    else:
        if not knobs["retuned"]:
            for note in range(128):
                knobs["key_pitches"][note] = knobs["patch"]["tuning"][note]
        knobs["retuned"] = 1
        knobs["key_pitches"][number & 127] = value if value > _SILENT else math.nan
    _follow_tuning(polyphony, knobs)


@kernel
def set_knob(shared, polyphony, knobs, control_map, transport, index, value):
    """One parameter by its index in the declarations."""
    control_turns.turn_target(shared, polyphony, knobs, transport, index, value)
    control_map["turned"][index] = 0  # where a hand leaves it is its home


@kernel
def _hear(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
          source, number, channel, device, u, frame):
    """What is no controller may be a control too. Answers whether a row of the map took it. Ten records, because `hear_row` takes them."""
    at = control_rows.find_row(control_map["controls"], source, number, channel, device)
    if at < 0 or (midi_channels.is_member(midi, channel) and (source == BEND_ROW or source == PRESSURE_ROW)):
        return False  # a member's bend and pressure speak for its note alone
    if control_rows.is_button(control_map["controls"]["rows"][at]):  # pressed however softly, or by any number; bent upwards
        if source == NOTE or source == PROGRAM:
            u = 1.0
        elif source == BEND_ROW:
            u = 2.0 * u - 1.0
    hear_row(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects, at, u, 127.0 * u, 0, channel, frame)
    return True


@kernel
def _hear_key_up(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects, number, channel, device, frame):
    """A key that is a button is let go; one that jumps stays where its velocity put its target. Ten records, because of `hear_row`."""
    at = control_rows.find_row(control_map["controls"], NOTE, number, channel, device)
    if at >= 0:
        mode = control_map["controls"]["rows"][at]["mode"]
        if mode != JUMP and mode != PICKUP:
            hear_row(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                     at, 0.0, 0.0, 0, channel, frame)


@kernel
def apply_event(lanes, shared, polyphony, knobs, midi, control_map, latent, spectra, rings, transport, effects, event, frame):
    """What an event does, at a frame of this quantum. One that is out of range does nothing, or what its low bits say.

    Eleven records, because an event may concern whatever a player can reach.
    """
    kind, number, value, channel = event["kind"], event["number"], event["value"], event["channel"] & 15
    device = event["channel"] >> 4
    if not math.isfinite(value):
        return
    if kind <= KEY_PRESSURE:
        number = number & 127
    if kind == NOTE_ON and value > 0.0:
        heard = _hear(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                      NOTE, number, channel, device, min(value, 1.0), frame)
        if not heard:  # a key that is a control plays no note
            press_key(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, number, min(value, 1.0), frame)
    elif kind == NOTE_OFF or kind == NOTE_ON:
        midi_channels.key_up(polyphony, midi, channel, number, value)
        release_key(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, number, frame)
        _hear_key_up(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects, number, channel, device, frame)
    elif kind == BEND:
        midi["channels"][channel]["bend"] = min(max(value, -1.0), 1.0)
        _hear(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
              BEND_ROW, 0, channel, device, 0.5 + 0.5 * min(max(value, -1.0), 1.0), frame)
    elif kind == CONTROL:
        apply_controller(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                         channel, device, number, value, frame)
    elif kind == PRESSURE:
        midi["channels"][channel]["pressure"] = min(max(value, 0.0), 127.0)
        _hear(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
              PRESSURE_ROW, 0, channel, device, min(max(value, 0.0), 127.0) / 127.0, frame)
    elif kind == KEY_PRESSURE:
        midi_channels.key_pressure(polyphony, channel, number, value)
    elif kind == PARAM and 0 <= number < _N_PARAMS:
        set_knob(shared, polyphony, knobs, control_map, transport, number, value)
    elif kind == CORNER and 0 <= number < 4 * MAX_LATENTS:
        knobs["patch"]["corners"][number // MAX_LATENTS, number % MAX_LATENTS] = value
        latent["edited"] = transport["frame"]
    elif kind == LFO_POINT or kind == LFO_POINTS:
        draw_lfo(knobs, kind, number, value)
    elif kind == PATCH:
        take_patch(shared, polyphony, knobs, control_map, latent, spectra, rings, transport, number)
    elif kind == CONTROLS:
        control_turns.take_controls(control_map, rings, number)
    elif kind == PROGRAM_CHANGE:  # the value tells who is not to pick a preset that a row took it
        heard = _hear(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                      PROGRAM, 0, channel, device, (number & 127) / 127.0, frame)
        event["value"] = 1.0 if heard else 0.0
    elif kind == KEY_PITCH or kind == OWN_TUNING:
        retune(polyphony, knobs, kind, number, value)
    elif TICK <= kind <= TEMPO:
        tempo.take_clock_event(knobs, transport, kind, value, event["frame"])


@kernel
def apply_events(lanes, shared, polyphony, knobs, midi, control_map, latent, spectra, rings, transport, effects):
    """Every event of this quantum, in order, and told.

    Eleven records, because an event may concern whatever a player can reach.
    """
    for i in range(rings["n_pending"]):
        event = rings["pending"][i]
        frame = event["frame"] - transport["frame"]
        apply_event(lanes, shared, polyphony, knobs, midi, control_map, latent, spectra, rings, transport, effects, event, frame)
        append_row(rings, event["kind"], event["frame"], event["channel"], event["number"], event["value"])
