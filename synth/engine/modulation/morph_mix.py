"""A morph of presets while it sounds: how much of each part there is, and the knobs, amounts and level that follow from it.

The shared position is where the knobs `morph.x` and `morph.y` stand: its mix takes the place of the patch's knobs, so that all that reads
them hears a morph. Where modulation moves the position each voice has a mix of its own, laid over the knobs while that voice is
computed. A knob is mixed in slider positions; a choice is the heaviest part's, where nothing lies between two of them.
With one part alone, nothing is mixed: its values are taken as they are, so that it sounds as its preset to the bit.
Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np
from numba import carray

from ...params.effects import LONGEST_DELAY_S
from ...params.knobs import FIRST_LATENT, KNOBS, N_SLOTS, PARAM_INDEX, index_of
from ...params.param import SYNC_BEATS, Scope
from ..compile.atomics import address_of
from ..compile.jit import kernel
from ..dsp.morph_place import find_gain_db, place_weights
from ..dsp.smoothing import pole_of
from . import held_knobs, matrix, sources, stack
from .smoothed_knobs import BETWEEN, SMOOTHED, aim_knob, between_unit, from_unit, held_value, to_natural_unit, to_unit

X, Y = PARAM_INDEX["morph.x"], PARAM_INDEX["morph.y"]
_OCTAVE, _SHAPE = index_of("sub.octave"), index_of("sub.shape")
_DELAY_SYNC, _DELAY_TIME = index_of("delay.sync"), index_of("delay.time_s")
_BEATS = np.array(SYNC_BEATS)
_ARRIVAL_S = 0.01  # time constant with which voices' own mixes come in after a load
# what lies between the parts: a value between theirs, or the heaviest part's
_MIXED = np.array([p.between or not p.whole or (p.curve == "count" and p.scope is not Scope.MIX) for p in KNOBS])


@kernel
def _look_at(morph, weights):
    """These weights are those that what is looked at is mixed by."""
    heaviest, alone, mask = 0, -1, 0
    for p in range(morph["n"]):
        w = weights[p]
        morph["now"][p] = w
        if w > weights[heaviest]:
            heaviest = p
        if w == 1.0:
            alone = p
        if w > 0.0:
            mask |= 1 << p
    morph["heaviest"], morph["alone"], morph["mask"] = heaviest, alone, mask
    share, params = np.float32(0.0), morph["params"]
    for p in range(morph["n"]):
        if params[p, _OCTAVE] == params[heaviest, _OCTAVE] and params[p, _SHAPE] == params[heaviest, _SHAPE]:
            share += weights[p]
    near = max(np.float32(2.0) * share - np.float32(1.0), np.float32(0.0))
    faded = near * near * (np.float32(3.0) - np.float32(2.0) * near)  # in steps that are even in dB where one takes over from the other
    morph["sub_share"] = np.float32(1.0) if alone >= 0 else faded


@kernel
def _mixed_unit(morph, i):
    """Slider position of knob i by the present weights."""
    if morph["alone"] >= 0:
        return morph["unit"][morph["alone"], i]
    if not _MIXED[i]:
        return morph["unit"][morph["heaviest"], i]
    unit = np.float32(0.0)
    for p in range(morph["n"]):
        unit += morph["now"][p] * morph["unit"][p, i]
    return unit


@kernel
def _value_at(i, unit):
    """What `knobs["value"]` holds at a slider position."""
    return between_unit(i, unit) if BETWEEN[i] else from_unit(i, unit)


@kernel
def _mixed_value(morph, i):
    """Value in its unit of knob i by the present weights."""
    if morph["alone"] >= 0:
        return morph["params"][morph["alone"], i]
    return to_natural_unit(i, _value_at(i, _mixed_unit(morph, i)))


@kernel
def _mix_tuning(knobs, morph):
    """The pitch of each key for notes to come; a key that any part silences is the heaviest part's."""
    tuning, alone = knobs["patch"]["tuning"], morph["alone"]
    for note in range(128):
        pitch = 0.0
        for p in range(morph["n"]):
            if morph["now"][p] > 0.0:
                pitch += np.float64(morph["now"][p]) * morph["tuning"][p, note]
        if alone >= 0:
            pitch = morph["tuning"][alone, note]
        elif not pitch == pitch:
            pitch = morph["tuning"][morph["heaviest"], note]
        tuning[note] = pitch


@kernel
def _mix_delay(knobs, morph, params, played):
    """Delays of other syncs meet between their times."""
    same, unit, tempo_bpm = True, np.float32(0.0), max(morph["tempo_bpm"], np.float32(1.0))
    for p in range(morph["n"]):
        same = same and (morph["now"][p] <= 0.0 or morph["params"][p, _DELAY_SYNC] == morph["params"][morph["heaviest"], _DELAY_SYNC])
    if same:
        return
    for p in range(morph["n"]):
        beats = _BEATS[int(morph["params"][p, _DELAY_SYNC])]
        time_s = morph["params"][p, _DELAY_TIME] if beats == 0.0 else np.float32(beats * 60.0 / tempo_bpm)
        while time_s > np.float32(LONGEST_DELAY_S):
            time_s *= np.float32(0.5)
        unit += morph["now"][p] * to_unit(_DELAY_TIME, time_s)
    params[_DELAY_SYNC] = played[_DELAY_SYNC] = 0.0
    params[_DELAY_TIME] = played[_DELAY_TIME] = from_unit(_DELAY_TIME, unit)


@kernel
def _apply_shared(knobs, morph):
    """The mix of the shared position takes the place of the patch's knobs."""
    place_weights(morph, morph["x"], morph["y"], morph["shared"])
    _look_at(morph, morph["shared"])
    params, played = carray(address_of(knobs["patch"]["params"]), (FIRST_LATENT,)), carray(address_of(knobs["played"]), (FIRST_LATENT,))
    for k in range(morph["n_differing"]):
        i = morph["differing"][k]
        if not morph["held"][i]:
            params[i] = played[i] = _mixed_value(morph, i)
            aim_knob(knobs, i, params[i])
    _mix_delay(knobs, morph, params, played)
    if morph["tuned"]:
        _mix_tuning(knobs, morph)
    morph["shared_gain_db"] = np.float32(0.0) if knobs["matrix"]["moves_morph"] else find_gain_db(morph, morph["x"], morph["y"])


@kernel
def begin_morph(knobs, transport):
    """A morph was loaded: its position is where the patch has it, at once."""
    morph = knobs["patch"]["morph"][0]
    params = carray(address_of(knobs["patch"]["params"]), (FIRST_LATENT,))
    for i in (X, Y):
        knobs["target"][i] = knobs["unit"][0, i] = knobs["unit"][1, i] = knobs["value"][i] = params[i]
    morph["x"], morph["y"], morph["arrived"], morph["tempo_bpm"] = params[X], params[Y], 0.0, transport["tempo_bpm"]
    if morph["stack"]:
        morph["arrived"] = 1.0  # parts do not move
    place_weights(morph, morph["x"], morph["y"], morph["shared"])
    _look_at(morph, morph["shared"])
    matrix.compile_slots(knobs)
    _apply_shared(knobs, morph)


@kernel
def follow_morph(knobs, transport):
    """Once a quantum: the shared mix follows the knobs `morph.x` and `morph.y`, and the tempo. Answers whether it moved."""
    morph, value, tempo_bpm = knobs["patch"]["morph"][0], knobs["value"], np.float32(transport["tempo_bpm"])
    if morph["arrived"] != 1.0:
        morph["arrived"] += pole_of(_ARRIVAL_S, transport["sr_hz"]) * (np.float32(1.0) - morph["arrived"])
        if morph["arrived"] > 0.9999:
            morph["arrived"] = 1.0
    if morph["gliding"]:
        held_knobs.glide(morph, transport["sr_hz"])
    if value[X] == morph["x"] and value[Y] == morph["y"] and tempo_bpm == morph["tempo_bpm"]:
        return False
    mask = morph["mask"]
    morph["x"], morph["y"], morph["tempo_bpm"] = value[X], value[Y], tempo_bpm
    _apply_shared(knobs, morph)
    if morph["mask"] != mask:
        matrix.compile_slots(knobs)
    else:
        matrix.weigh_amounts(knobs, knobs["matrix"]["amount"])
    return True


@kernel
def keep_shared(knobs):
    """Remember the knobs that voices' own mixes will be laid over."""
    morph = knobs["patch"]["morph"][0]
    for k in range(morph["n_differing"]):
        i = morph["differing"][k]
        morph["kept_unit"][i], morph["kept_value"][i] = knobs["unit"][1, i], knobs["value"][i]


@kernel
def restore_shared(knobs):
    """The knobs and weights as `keep_shared` found them."""
    morph = knobs["patch"]["morph"][0]
    for k in range(morph["n_differing"]):
        i = morph["differing"][k]
        knobs["unit"][1, i], knobs["value"][i] = morph["kept_unit"][i], morph["kept_value"][i]
    _look_at(morph, morph["shared"])
    morph["now_gain_db"] = 0.0


@kernel
def _lay_mix(knobs, weights, classes):
    """A voice's own mix in the place of the knobs of some scopes (see matrix.py), and of its amounts."""
    morph, unit, value = knobs["patch"]["morph"][0], knobs["unit"][1], knobs["value"]
    _look_at(morph, weights)
    for k in range(morph["n_differing"]):
        i = morph["differing"][k]
        if not matrix.CLASS[i] & classes:
            continue
        if morph["held"][i]:
            if morph["left"][1, i] > 0.0:
                unit[i] = morph["kept_unit"][i] + morph["left"][1, i] * held_knobs.mixed_away(morph, i)
                value[i] = _value_at(i, unit[i])
            continue
        if morph["alone"] >= 0 and morph["arrived"] == 1.0 and morph["kept_unit"][i] == knobs["target"][i]:
            unit[i] = morph["unit"][morph["alone"], i]  # exactly as the part's preset has it, smoothed or not
            value[i] = _value_at(i, unit[i]) if SMOOTHED[i] else held_value(i, morph["params"][morph["alone"], i])
        else:
            unit[i] = morph["kept_unit"][i] + morph["arrived"] * (_mixed_unit(morph, i) - knobs["target"][i])
            value[i] = _value_at(i, unit[i])
    m = knobs["matrix"]
    matrix.weigh_amounts(knobs, m["own"])
    for i in range(m["n"]):
        if m["slot"][i] >= N_SLOTS:
            m["now"][m["slot"][i]] = m["own"][i]


@kernel
def _move_voice(knobs, v):
    """Where the sources put a voice's own position, by the sums of the targets; its weights, and its level."""
    m, morph, unit = knobs["matrix"], knobs["patch"]["morph"][0], knobs["unit"][1]
    if morph["stack"]:
        stack.place_part(morph, v)
        morph["now_gain_db"] = v["morph_gain_db"]
        return
    x, y = unit[X], unit[Y]
    for j in range(m["n_targets"]):
        if m["target"][j] == X:
            x += m["sum"][j]
        elif m["target"][j] == Y:
            y += m["sum"][j]
    place_weights(morph, x, y, v["morph"])
    morph["now_gain_db"] = v["morph_gain_db"] = find_gain_db(morph, x, y)


@kernel
def lay_first(knobs, midi, transport, v):
    """Before a voice's first sound: the mix it starts with, laid over the knobs (after `keep_shared`)."""
    sources.read_sources(knobs, midi, transport, v, 0)
    _move_voice(knobs, v)
    _lay_mix(knobs, v["morph"], matrix.ALL)


@kernel
def lay_voice(knobs, midi, transport, v, n):
    """A voice's sources n frames on, and its own mix of the parts laid over the knobs (after `keep_shared`): the targets' sums are its."""
    _lay_mix(knobs, v["morph"], matrix.LFO)
    sources.read_sources(knobs, midi, transport, v, n)
    _move_voice(knobs, v)
    _lay_mix(knobs, v["morph"], matrix.ALL)
    matrix.sum_targets(knobs)


@kernel
def lay_again(knobs, v):
    """The mix of a voice as `lay_voice` left it, laid over the knobs once more; its sources are put back, its targets summed after it."""
    knobs["patch"]["morph"][0]["now_gain_db"] = v["morph_gain_db"]
    _lay_mix(knobs, v["morph"], matrix.ALL)


@kernel
def lay_newest(knobs, midi, transport, v):
    """What is one for all is the newest voice's mix, into `played` (after `keep_shared`); modulation of it comes after."""
    morph, played = knobs["patch"]["morph"][0], carray(address_of(knobs["played"]), (FIRST_LATENT,))
    _lay_mix(knobs, morph["shared"] if morph["stack"] else v["morph"], matrix.ALL)
    sources.read_sources(knobs, midi, transport, v, 0)
    for k in range(morph["n_differing"]):
        i = morph["differing"][k]
        if matrix.CLASS[i] & matrix.GLOBAL and not morph["held"][i]:
            played[i] = to_natural_unit(i, knobs["value"][i])


@kernel
def advance_global_lfos(knobs, transport):
    """Global LFOs one quantum on; in a stack those of each part, by its own knobs."""
    morph = knobs["patch"]["morph"][0]
    if morph["n"] == 0 or not morph["stack"]:
        sources.advance_global_lfos(knobs, transport, 0)
        return
    keep_shared(knobs)
    weights = morph["one"]
    for part in range(morph["n"]):
        for p in range(weights.shape[0]):
            weights[p] = np.float32(1.0) if p == part else np.float32(0.0)
        _lay_mix(knobs, weights, matrix.LFO)
        sources.advance_global_lfos(knobs, transport, part)
    restore_shared(knobs)
