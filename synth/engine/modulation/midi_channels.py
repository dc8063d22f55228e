"""What channels say of the notes on them: bend, pressure, slide, wheel; in an MPE zone the master's added to the note's own.

M1-100-UM, 'MIDI Polyphonic Expression' 1.1: a member channel speaks for its note while the key is down; what it says after
that is meant for the next note on the channel, so a releasing note keeps its last bend, pressure and slide.
"""

from ..compile.jit import kernel
from ..constants import SLOTS

_SOUNDING = 1  # voices.SOUNDING; voices comes later


@kernel
def is_member(midi, channel):
    """Whether a channel carries single notes of an MPE zone."""
    master = midi["channels"][channel]["master"]
    return master >= 0 and master != channel


@kernel
def bend_range(knobs, midi, channel):
    """Semitones of a full bend: RPN 0's, else the patch's for a note's own channel or for any other."""
    ch, p = midi["channels"][channel], knobs["played"]
    if ch["bend_range"] >= 0.0:
        return ch["bend_range"]
    return p["bend_note_range_semitones"] if is_member(midi, channel) else p["bend_range_semitones"]


@kernel
def bend_semitones(knobs, midi, channel):
    """Semitones that a channel is bent and tuned (RPN 1 and 2), its master's bend added."""
    ch = midi["channels"][channel]
    semitones = ch["bend"] * bend_range(knobs, midi, channel) + ch["coarse"] + ch["fine"]
    if is_member(midi, channel):
        semitones += midi["channels"][ch["master"]]["bend"] * bend_range(knobs, midi, ch["master"])
    return semitones


@kernel
def read_channel(midi, v):
    """Once a quantum, and when a note starts: a voice takes what its channel says, unless that is meant for the next note."""
    if v["key_down"] or not is_member(midi, v["channel"]):
        ch = midi["channels"][v["channel"]]
        v["own_bend"], v["own_pressure"], v["own_slide"] = ch["bend"], ch["pressure"] / 127.0, slide_unit(ch["slide"])


@kernel
def bend_of(knobs, midi, v):
    """Semitones that a voice is bent and tuned by its channel and master. Listens (see `listen`)."""
    read_channel(midi, v)
    channel = v["channel"]
    return bend_semitones(knobs, midi, channel) + (v["own_bend"] - midi["channels"][channel]["bend"]) * bend_range(knobs, midi, channel)


@kernel
def bend_unit_of(midi, v):
    """The bend of a voice, -1..1, its master's added: a source of modulation."""
    ch, unit = midi["channels"][v["channel"]], v["own_bend"]
    if is_member(midi, v["channel"]):
        unit += midi["channels"][ch["master"]]["bend"]
    return min(max(unit, -1.0), 1.0)


@kernel
def slide_unit(value):
    """CC74, 0..127, as 0..1 with 64 at exactly 0.5."""
    return value / 128.0 if value <= 64.0 else 0.5 + (value - 64.0) / 126.0


@kernel
def slide_of(midi, v):
    """The slide (CC74) of a voice, 0..1, its master's added; 0.5 where none came."""
    slide = v["own_slide"]
    if is_member(midi, v["channel"]):
        slide += slide_unit(midi["channels"][midi["channels"][v["channel"]]["master"]]["slide"]) - 0.5
    return min(max(slide, 0.0), 1.0)


@kernel
def pressure_of(midi, v):
    """The pressure on a voice, 0..1: of its channel and master together, or of its key where that is more."""
    pressure = v["own_pressure"]
    if is_member(midi, v["channel"]):
        pressure += midi["channels"][midi["channels"][v["channel"]]["master"]]["pressure"] / 127.0
    return min(max(pressure, v["pressure"]), 1.0)


@kernel
def wheel_of(midi, channel):
    """The mod wheel (CC1) of a channel, 0..1."""
    return min(midi["channels"][channel]["wheel"] / 127.0, 1.0)


@kernel
def breath_of(midi, channel):
    """Breath (CC2) of a channel, 0..1."""
    return min(midi["channels"][channel]["breath"] / 127.0, 1.0)


@kernel
def expression_of(midi, channel):
    """Expression (CC11) of a channel, 0..1."""
    return min(midi["channels"][channel]["expression"] / 127.0, 1.0)


@kernel
def key_pressure(polyphony, channel, note, value):
    """Pressure 0..127 on one key (polyphonic aftertouch): on the notes it holds."""
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == _SOUNDING and v["channel"] == channel and v["note"] == note and v["key_down"]:
            v["pressure"] = min(max(value / 127.0, 0.0), 1.0)


@kernel
def key_up(polyphony, midi, channel, note, velocity):
    """Before a key is let go: its notes learn how fast, and keep what their own channel said last."""
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == _SOUNDING and v["channel"] == channel and v["note"] == note and v["key_down"]:
            v["release_velocity"] = min(max(velocity, 0.0), 1.0)
            read_channel(midi, v)
