"""Keys -> voices: many notes, or one at a time with the priority, legato and glide that lead players expect."""

from ..compile.jit import kernel
from ..dsp import envelope as env
from ..modulation import envelope_settings
from ..voice import allocation
from ..voice.allocation import HIGH, LAST, LEGATO, LOW, POLY, SOUNDING


@kernel
def _forget(s, channel, note):
    """Take a key out of the list of those held; answers whether it was there."""
    n, keys = s["n_keys"], s["keys"]
    for i in range(n):
        if keys[i]["note"] == note and keys[i]["channel"] == channel:
            for j in range(i, n - 1):
                keys[j] = keys[j + 1]
            s["n_keys"] = n - 1
            return True
    return False


@kernel
def _remember(s, channel, note, velocity):
    _forget(s, channel, note)
    if s["n_keys"] >= s["keys"].shape[0]:
        _forget(s, s["keys"][0]["channel"], s["keys"][0]["note"])
    key = s["keys"][s["n_keys"]]
    key["note"], key["channel"], key["velocity"] = note, channel, velocity
    s["n_keys"] += 1


@kernel
def _find_favoured_key(s):
    """Place in the list of the held key that the priority lets sound; -1 if none that has a pitch is held."""
    best, priority, keys = -1, int(s["played"]["voice_priority"]), s["keys"]
    for i in range(s["n_keys"]):
        pitch = allocation.key_pitch(s, keys[i]["note"])
        if not pitch == pitch:  # another tuning has silenced it since
            continue
        if best < 0 or priority == LAST or (priority == LOW and keys[i]["note"] < keys[best]["note"]) or (
                priority == HIGH and keys[i]["note"] > keys[best]["note"]):
            best = i
    return best


@kernel
def _retrigger(s, v, slot, frame):
    allocation.fill_envelope(s, slot, frame)
    for envelope in (v["amp"], v["env2"], v["env3"]):
        env.enter(envelope, env.ATTACK)
    v["flat"] = -1.0


@kernel
def _retune(s, slot, key, frame, overlapping):
    """The one voice goes on at another key: it glides; its envelopes begin again unless played legato."""
    v = s["voices"][slot]
    from_pitch = v["key_pitch"] + v["glide"]
    v["note"], v["channel"], v["key_down"], v["held_by_pedal"] = key["note"], key["channel"], 1, 0
    v["key_pitch"] = allocation.key_pitch(s, v["note"])
    allocation.begin_glide(s, v, from_pitch, overlapping)
    s["last_pitch"] = v["key_pitch"]
    if int(s["played"]["voice_mode"]) != LEGATO or not overlapping:
        v["velocity"] = key["velocity"]
        allocation.draw_random(v, s["frame"] + frame)
        allocation.set_gain(s, v)
        envelope_settings.set_own_envelopes(s, slot)
        _retrigger(s, v, slot, frame)


@kernel
def _lead(s):
    """Slot of the one voice of mono and legato modes, -1 if it does not sound."""
    slot = s["mono"]
    return slot if slot >= 0 and s["voices"][slot]["state"] == SOUNDING else -1


@kernel
def _play_lead(s, frame, overlapping):
    key = s["keys"][_find_favoured_key(s)]
    slot = _lead(s)
    if slot >= 0:
        _retune(s, slot, key, frame, overlapping)
    else:
        s["mono"] = allocation.start_voice(s, key["channel"], key["note"], key["velocity"], frame, overlapping)


@kernel
def press_key(s, channel, note, velocity, frame):
    """A key goes down at a frame of this quantum."""
    pitch = allocation.key_pitch(s, note)
    if not pitch == pitch:  # the tuning leaves this key silent
        return
    overlapping = s["n_keys"] > 0
    _remember(s, channel, note, velocity)
    if int(s["played"]["voice_mode"]) == POLY:
        allocation.start_voice(s, channel, note, velocity, frame, overlapping)
        return
    key = s["keys"][_find_favoured_key(s)]
    if key["note"] == note and key["channel"] == channel:
        _play_lead(s, frame, overlapping)


@kernel
def release_key(s, channel, note, frame):
    """A key comes up at a frame of this quantum."""
    was_held = _forget(s, channel, note)
    slot = _lead(s)
    mono = int(s["played"]["voice_mode"]) != POLY and slot >= 0
    if mono and was_held and _find_favoured_key(s) >= 0:
        v = s["voices"][slot]
        if v["note"] == note and v["channel"] == channel and v["key_down"]:
            _play_lead(s, frame, True)
    allocation.note_off(s, channel, note, frame)  # other voices of the key too: they began in poly


@kernel
def forget_keys(s, channel):
    """Forget the held keys of a channel."""
    i = s["n_keys"] - 1
    while i >= 0:
        if s["keys"][i]["channel"] == channel:
            _forget(s, channel, s["keys"][i]["note"])
        i -= 1
