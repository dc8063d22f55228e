"""Keys -> voices: many notes, or one at a time with the priority, legato and glide that lead players expect."""

from ..compile.jit import kernel
from ..dsp import envelope as env
from ..modulation import stack
from ..timbre import track_clock
from ..voice import allocation
from ..voice.allocation import HIGH, LAST, LEGATO, LOW, POLY, SOUNDING


@kernel
def _forget(polyphony, channel, note):
    """Take a key out of the list of those held; answers whether it was there."""
    n, keys = polyphony["n_keys"], polyphony["keys"]
    for i in range(n):
        if keys[i]["note"] == note and keys[i]["channel"] == channel:
            for j in range(i, n - 1):
                keys[j] = keys[j + 1]
            polyphony["n_keys"] = n - 1
            return True
    return False


@kernel
def _remember(polyphony, channel, note, velocity):
    _forget(polyphony, channel, note)
    if polyphony["n_keys"] >= polyphony["keys"].shape[0]:
        _forget(polyphony, polyphony["keys"][0]["channel"], polyphony["keys"][0]["note"])
    key = polyphony["keys"][polyphony["n_keys"]]
    key["note"], key["channel"], key["velocity"] = note, channel, velocity
    polyphony["n_keys"] += 1


@kernel
def _find_favoured_key(polyphony, knobs, part):
    """Place in the list of the held key that a part's priority lets sound; -1 if none that it hears, and that has a pitch, is held."""
    best, priority, keys = -1, int(stack.knob_of(knobs, part, stack.PRIORITY)), polyphony["keys"]
    for i in range(polyphony["n_keys"]):
        pitch = stack.key_pitch(knobs, part, keys[i]["note"])
        if not pitch == pitch or not stack.hears(knobs, part, keys[i]["note"], keys[i]["velocity"]):  # silenced by a tuning since
            continue
        if best < 0 or priority == LAST or (priority == LOW and keys[i]["note"] < keys[best]["note"]) or (
                priority == HIGH and keys[i]["note"] > keys[best]["note"]):
            best = i
    return best


@kernel
def _retrigger(polyphony, v, slot, frame):
    allocation.fill_envelope(polyphony, slot, frame)
    for envelope in (v["amp"], v["env2"], v["env3"]):
        env.enter(envelope, env.ATTACK)
    v["flat"] = -1.0


@kernel
def _retune(polyphony, knobs, midi, transport, slot, key, frame, overlapping):
    """The one voice goes on at another key: it glides; its envelopes begin again unless played legato."""
    v = polyphony["voices"][slot]
    from_pitch = v["key_pitch"] + v["glide"]
    v["note"], v["channel"], v["key_down"], v["held_by_pedal"] = key["note"], key["channel"], 1, 0
    v["key_pitch"] = stack.key_pitch(knobs, v["part"], v["note"])
    allocation.begin_glide(knobs, transport, v, from_pitch, overlapping)
    polyphony["last_pitch"][v["part"]] = v["key_pitch"]
    if int(stack.knob_of(knobs, v["part"], stack.MODE)) != LEGATO or not overlapping:
        v["velocity"] = key["velocity"]
        allocation.draw_random(v, transport["frame"] + frame)
        allocation.settle_start(polyphony, knobs, midi, transport, slot)
        _retrigger(polyphony, v, slot, frame)
    elif v["track"]["n"] > 0:
        track_clock.choose_zones(knobs, v)


@kernel
def _lead(polyphony, part):
    """Slot of a part's one voice of mono and legato modes, -1 if it does not sound."""
    slot = polyphony["mono"][part]
    return slot if slot >= 0 and polyphony["voices"][slot]["state"] == SOUNDING else -1


@kernel
def _play_lead(lanes, polyphony, knobs, midi, spectra, rings, transport, frame, overlapping, part):
    """A part's one voice goes to the key that the priority favours, or starts at it.

    Seven records, because a voice may start (see `allocation.start_voice`).
    """
    key = polyphony["keys"][_find_favoured_key(polyphony, knobs, part)]
    slot = _lead(polyphony, part)
    if slot >= 0:
        _retune(polyphony, knobs, midi, transport, slot, key, frame, overlapping)
    else:
        polyphony["mono"][part] = allocation.start_voice(lanes, polyphony, knobs, midi, spectra, rings, transport,
                                                         key["channel"], key["note"], key["velocity"], frame, overlapping, part)


@kernel
def _n_heard(polyphony, knobs, part):
    """Keys held that a part hears."""
    n = 0
    for i in range(polyphony["n_keys"]):
        if stack.hears(knobs, part, polyphony["keys"][i]["note"], polyphony["keys"][i]["velocity"]):
            n += 1
    return n


@kernel
def _press_part(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, note, velocity, frame, overlapping, part):
    """A part hears a key that goes down. Seven records, because a voice may start (see `allocation.start_voice`)."""
    if int(stack.knob_of(knobs, part, stack.MODE)) == POLY:
        allocation.start_voice(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, note, velocity, frame, overlapping, part)
        return
    key = polyphony["keys"][_find_favoured_key(polyphony, knobs, part)]
    if key["note"] == note and key["channel"] == channel:
        _play_lead(lanes, polyphony, knobs, midi, spectra, rings, transport, frame, overlapping, part)


@kernel
def press_key(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, note, velocity, frame):
    """A key goes down at a frame of this quantum.

    Seven records, because a voice may start (see `allocation.start_voice`).
    """
    remembered = False
    for part in range(stack.n_stacked(knobs)):
        pitch = stack.key_pitch(knobs, part, note)
        if not pitch == pitch or not stack.hears(knobs, part, note, velocity):  # the tuning leaves this key silent
            continue
        overlapping = _n_heard(polyphony, knobs, part) - (1 if remembered else 0) > 0
        if not remembered:
            _remember(polyphony, channel, note, velocity)
            remembered = True
        _press_part(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, note, velocity, frame, overlapping, part)


@kernel
def release_key(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, note, frame):
    """A key comes up at a frame of this quantum.

    Seven records, because a voice may start (see `allocation.start_voice`).
    """
    was_held = _forget(polyphony, channel, note)
    for part in range(stack.n_stacked(knobs)):
        slot = _lead(polyphony, part)
        mono = int(stack.knob_of(knobs, part, stack.MODE)) != POLY and slot >= 0
        if mono and was_held and _find_favoured_key(polyphony, knobs, part) >= 0:
            v = polyphony["voices"][slot]
            if v["note"] == note and v["channel"] == channel and v["key_down"]:
                _play_lead(lanes, polyphony, knobs, midi, spectra, rings, transport, frame, True, part)
    allocation.note_off(polyphony, midi, channel, note, frame)  # other voices of the key too: they began in poly


@kernel
def forget_keys(polyphony, channel):
    """Forget the held keys of a channel."""
    i = polyphony["n_keys"] - 1
    while i >= 0:
        if polyphony["keys"][i]["channel"] == channel:
            _forget(polyphony, channel, polyphony["keys"][i]["note"])
        i -= 1
