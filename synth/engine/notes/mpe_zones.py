"""MPE zones: which channels carry single notes, and which one speaks for all of them.

M1-100-UM, 'MIDI Polyphonic Expression' 1.1: the lower zone has channel 1 as its master and members from 2 up, the upper one
channel 16 and members from 15 down; a zone that is made takes channels from the other; no members, no zone.
"""

from ..compile.jit import kernel
from ..constants import SLOTS
from ..voice.allocation import SOUNDING, release_voice


@kernel
def _master_of(midi, channel):
    """The master of a channel, itself for a master, -1 for an ordinary channel."""
    lower, upper = midi["zones"][0], midi["zones"][1]
    if lower > 0 and channel <= lower:
        return 0
    if upper > 0 and channel >= 15 - upper:
        return 15
    return -1


@kernel
def reset_controllers(ch):
    """CC121: as RP-015 says; volume and pan stay."""
    ch["bend"] = 0.0
    ch["expression"] = 127.0
    ch["brightness"] = ch["slide"] = 64.0
    ch["pressure"] = ch["wheel"] = ch["breath"] = 0.0
    ch["sustain"] = ch["sostenuto"] = ch["soft"] = 0
    ch["rpn"] = ch["nrpn"] = 0x3FFF
    for i in range(32):
        if i != 7 and i != 10:
            ch["msb"][i] = 0
    ch["msb"][11] = 127
    for i in range(16, 20):
        ch["msb"][i] = 64


@kernel
def _join(midi, channel):
    """A channel begins its part in a zone with its master's volume, pan, wheel and pedals."""
    ch = midi["channels"][channel]
    if ch["master"] < 0 or ch["master"] == channel:
        return
    m = midi["channels"][ch["master"]]
    ch["volume"], ch["pan"], ch["expression"] = m["volume"], m["pan"], m["expression"]
    ch["wheel"], ch["breath"], ch["coarse"], ch["fine"] = m["wheel"], m["breath"], m["coarse"], m["fine"]
    ch["sustain"], ch["soft"] = m["sustain"], m["soft"]


@kernel
def _release_channel(polyphony, channel, frame):
    """End the notes of a channel whatever the pedals say."""
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel:
            v["key_down"] = v["held_by_pedal"] = v["sostenuto"] = 0
            release_voice(polyphony, slot, frame)


@kernel
def configure_zone(polyphony, midi, channel, members, frame):
    """The MPE Configuration Message (RPN 6) on a master channel: its zone has `members` members from now on.

    Notes on channels whose part changes are let go; bend ranges of the zone are as the patch has them again.
    """
    zones, which = midi["zones"], 0 if channel == 0 else 1
    zones[which] = members
    if members > 0:
        zones[1 - which] = min(zones[1 - which], max(14 - members, 0))
    changed, rpn = 0, midi["channels"][channel]["rpn"]
    for c in range(16):
        ch, master = midi["channels"][c], _master_of(midi, c)
        if master != ch["master"]:
            _release_channel(polyphony, c, frame)
            ch["master"], ch["bend_range"] = master, -1.0
            reset_controllers(ch)
            changed |= 1 << c
        elif master == channel:
            ch["bend_range"] = -1.0
    for c in range(16):
        if changed >> c & 1:
            _join(midi, c)
    midi["channels"][channel]["rpn"] = rpn  # more data may follow
