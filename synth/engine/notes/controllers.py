"""What MIDI controllers do to channels and voices: pedals, volume, pan, registered parameters, resets; the rest is the control map's.

What comes on the master channel of an MPE zone is done to every channel of the zone (but for what `channels` adds up).
"""

import numpy as np

from ...params.controls import PANIC
from ..compile.jit import kernel
from ..constants import SLOTS
from ..effects.chain import silence
from ..modulation import midi_channels
from ..modulation.control_table import NRPN
from ..voice.allocation import SOUNDING, fade_voice, release_voice
from . import control_rows, control_turns, mpe_zones
from .note_logic import forget_keys, release_key

_NULL = 0x3FFF  # no registered parameter is chosen
_BEND_RANGE, _FINE, _COARSE, _MPE = 0, 1, 2, 6


@kernel
def _pedal_up(polyphony, midi, channel, frame):
    """Release what no pedal holds any more."""
    ch = midi["channels"][channel]
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel and v["held_by_pedal"]:
            if not ch["sustain"] and not v["sostenuto"]:
                v["held_by_pedal"] = 0
                release_voice(polyphony, slot, frame)


@kernel
def _sostenuto(polyphony, midi, channel, down, frame):
    ch = midi["channels"][channel]
    if down and ch["sostenuto"]:  # a pedal that says so again catches no new notes
        return
    ch["sostenuto"] = down
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel:
            v["sostenuto"] = 1 if down and v["key_down"] else 0
    if not down:
        _pedal_up(polyphony, midi, channel, frame)


@kernel
def _all_notes(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, frame, at_once):
    """Every note of a channel ends, faded at once or as its key were let go.

    Seven records, because a key let go may start a voice (see `allocation.start_voice`).
    """
    forget_keys(polyphony, channel)
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel:
            if at_once:
                fade_voice(polyphony, slot, frame)
            elif v["key_down"]:
                midi_channels.key_up(polyphony, midi, channel, v["note"], 64.0 / 127.0)
                release_key(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, v["note"], frame)


@kernel
def hear_row(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects, at, u, raw, steps, channel, frame):
    """A row of the control map hears its control (see `move_by_row`); panic ends every note here, on its frame.

    Ten records, because a row may turn a knob, and panic ends whatever sounds.
    """
    asked = control_turns.move_by_row(control_map, shared, polyphony, knobs, midi, rings, transport, at, u, raw, steps, channel, frame)
    if asked == PANIC:
        for c in range(16):
            _all_notes(lanes, polyphony, knobs, midi, spectra, rings, transport, c, frame, True)
        silence(effects)


@kernel
def _reset(polyphony, midi, channel, frame):
    """CC121 on one channel."""
    mpe_zones.reset_controllers(midi["channels"][channel])
    for slot in range(SLOTS):
        v = polyphony["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel:
            v["pressure"] = 0.0
    _sostenuto(polyphony, midi, channel, 0, frame)


@kernel
def _wide(ch, apply_controller, value):
    """14-bit: value of controller n with its fine half n + 32, in units of the coarse one; a new coarse one clears the fine."""
    if apply_controller >= 32:
        return ch["msb"][apply_controller - 32] + value / 128.0
    ch["msb"][apply_controller] = int(value)
    return value


@kernel
def _on_channel(lanes, polyphony, knobs, midi, spectra, rings, transport, effects, channel, number, value, frame):
    """What a controller does to one channel.

    Eight records, because what it may end or wipe lies in so many.
    """
    ch = midi["channels"][channel]
    down = 1 if value >= 64.0 else 0
    coarse = number - 32 if 32 <= number < 64 else number
    if coarse == 1:
        ch["wheel"] = _wide(ch, number, value)
    elif coarse == 2:
        ch["breath"] = _wide(ch, number, value)
    elif coarse == 7:
        ch["volume"] = _wide(ch, number, value)
    elif coarse == 10:
        ch["pan"] = _wide(ch, number, value)
    elif coarse == 11:
        ch["expression"] = _wide(ch, number, value)
    elif number == 64:
        ch["sustain"] = down
        if not down:
            _pedal_up(polyphony, midi, channel, frame)
    elif number == 66:
        _sostenuto(polyphony, midi, channel, down, frame)
    elif number == 67:
        ch["soft"] = down
    elif number == 120:
        _all_notes(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, frame, True)
        silence(effects)
    elif number == 121:
        _reset(polyphony, midi, channel, frame)
    elif number >= 123:
        _all_notes(lanes, polyphony, knobs, midi, spectra, rings, transport, channel, frame, False)


@kernel
def _present(knobs, midi, channel, ch):
    """The 14-bit value of the chosen parameter."""
    if ch["rpn"] == _BEND_RANGE:
        cents = int(round(100.0 * midi_channels.bend_range(knobs, midi, channel)))
        return cents // 100 << 7 | cents % 100
    if ch["rpn"] == _FINE:
        return int(round(8192.0 * ch["fine"])) + 8192
    return (int(round(ch["coarse"])) + 64) << 7


@kernel
def _give(midi, channel, ch, data):
    """The chosen parameter gets a 14-bit value. Members of a zone share their bend range; a master tunes its whole zone."""
    wanted = ch["rpn"]
    member, leads = midi_channels.is_member(midi, channel), ch["master"] == channel
    for c in range(16):
        other = midi["channels"][c]
        with_us = ch["master"] >= 0 and other["master"] == ch["master"]
        if wanted == _BEND_RANGE and (c == channel or (with_us and member and midi_channels.is_member(midi, c))):
            other["bend_range"] = min((data >> 7) + (data & 127) / 100.0, 96.0)
        elif wanted == _FINE and (c == channel or (with_us and leads)):
            other["fine"] = (data - 8192) / 8192.0
        elif wanted == _COARSE and (c == channel or (with_us and leads)):
            other["coarse"] = (data >> 7) - 64.0


@kernel
def _choose(ch, number, byte):
    """CC98 to 101 choose a parameter by half its number: a registered one, or one of the maker's (NRPN)."""
    if number >= 100:
        ch["rpn"] = byte << 7 | (ch["rpn"] & 127) if number == 101 else (ch["rpn"] & ~127) | byte
        ch["nrpn"] = _NULL
        return
    ch["rpn"] = _NULL
    chosen = byte << 7 | (ch["nrpn"] & 127) if number == 99 else (ch["nrpn"] & ~127) | byte
    if chosen != ch["nrpn"]:
        ch["nrpn"], ch["nrpn_data"], ch["nrpn_fine"] = chosen, 0, 0


@kernel
def _unregistered(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                  channel, device, number, byte, frame):
    """CC6, 38, 96 and 97 for a parameter number that a row of the control map may hear. Ten records, because `hear_row` takes them."""
    ch, controls = midi["channels"][channel], control_map["controls"]
    if number == 6:
        ch["nrpn_data"] = byte << 7
    elif number == 38:
        ch["nrpn_data"], ch["nrpn_fine"] = (ch["nrpn_data"] & ~127) | byte, 1
    at = control_rows.find_row(controls, NRPN, ch["nrpn"], channel, device)
    if at >= 0:
        u = control_rows.at_data(controls["rows"][at], ch["nrpn_data"], ch["nrpn_fine"])
        steps = (1 if number == 96 else -1) if number >= 96 else 0
        hear_row(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                 at, u, 127.0 * u, steps, channel, frame)


@kernel
def _registered(polyphony, knobs, midi, channel, number, byte, frame):
    """CC6, 38, 96 and 97 for the registered parameter that is chosen.

    A step of CC96 and CC97 is a semitone, or the least one of fine tuning.
    """
    ch = midi["channels"][channel]
    if ch["rpn"] == _MPE:
        if number == 6 and byte <= 15 and (channel == 0 or channel == 15):
            mpe_zones.configure_zone(polyphony, midi, channel, byte, frame)
    elif ch["rpn"] <= _COARSE:
        if number == 6:
            data = byte << 7
        elif number == 38:
            data = (_present(knobs, midi, channel, ch) & ~127) | byte
        else:
            step = 1 if ch["rpn"] == _FINE else 128
            data = min(max(_present(knobs, midi, channel, ch) + (step if number == 96 else -step), 0), _NULL)
        _give(midi, channel, ch, data)


@kernel
def _by_map(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects, channel, device, number, value, frame):
    """The row of the control map that hears a controller moves its target. A member's slide (CC74) speaks for its note alone.

    Ten records, because `hear_row` takes them.
    """
    ch, controls = midi["channels"][channel], control_map["controls"]
    if number < 32:
        ch["msb"][number] = int(value)
    if number == 74 and midi_channels.is_member(midi, channel):
        return
    at = control_rows.find_controller(controls, number, channel, device)
    if at < 0:
        return
    r = controls["rows"][at]
    coarse, fine = value, 0.0
    if r["number"] != number:
        coarse, fine = np.float64(ch["msb"][number - 32]), value
    hear_row(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
             at, control_rows.at_controller(r, coarse, fine), value, 0, channel, frame)


@kernel
def apply_controller(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                     channel, device, number, value, frame):
    """What a MIDI controller does ('conventions players expect'), and what the control map has it move.

    Ten records, because what it may end, wipe or turn lies in so many.
    """
    ch = midi["channels"][channel]
    value = min(max(value, 0.0), 127.0)
    byte = int(value) & 127
    if 98 <= number <= 101:
        _choose(ch, number, byte)
        return
    if number == 6 or number == 38 or number == 96 or number == 97:
        if ch["nrpn"] != _NULL:
            _unregistered(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                          channel, device, number, byte, frame)
        else:
            _registered(polyphony, knobs, midi, channel, number, byte, frame)
        return
    if number == 74:
        ch["slide"] = value
    elif ch["master"] == channel:
        for c in range(16):
            if midi["channels"][c]["master"] == channel:
                _on_channel(lanes, polyphony, knobs, midi, spectra, rings, transport, effects, c, number, value, frame)
    else:
        _on_channel(lanes, polyphony, knobs, midi, spectra, rings, transport, effects, channel, number, value, frame)
    if number == 121:
        control_turns.turn_home(control_map, shared, polyphony, knobs, rings, transport, channel, frame)
    elif number < 120:
        _by_map(lanes, shared, polyphony, knobs, midi, control_map, spectra, rings, transport, effects,
                channel, device, number, value, frame)
