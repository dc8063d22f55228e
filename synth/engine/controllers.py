"""What MIDI controllers do to channels and voices: pedals, volume, pan, morph, bend range, resets."""

from .jit import kernel
from .state import SLOTS
from .voices import SOUNDING, fade_out, note_off, release


@kernel
def _pedal_up(s, channel, frame):
    """Release what no pedal holds any more."""
    ch = s["channels"][channel]
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel and v["held_by_pedal"]:
            if not ch["sustain"] and not v["sostenuto"]:
                v["held_by_pedal"] = 0
                release(s, slot, frame)


@kernel
def _sostenuto(s, channel, down, frame):
    ch = s["channels"][channel]
    ch["sostenuto"] = down
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel:
            v["sostenuto"] = 1 if down and v["key_down"] else 0
    if not down:
        _pedal_up(s, channel, frame)


@kernel
def reset_controllers(ch):
    """CC121: as RP-015 says; volume and pan stay."""
    ch["bend"] = 0.0
    ch["expression"] = 127.0
    ch["brightness"] = 64.0
    ch["sustain"] = ch["sostenuto"] = ch["soft"] = 0
    ch["rpn"] = 0x3FFF


@kernel
def _all_notes(s, channel, frame, at_once):
    for slot in range(SLOTS):
        v = s["voices"][slot]
        if v["state"] == SOUNDING and v["channel"] == channel:
            if at_once:
                fade_out(s, slot, frame)
            elif v["key_down"]:
                note_off(s, channel, v["note"], frame)


@kernel
def _data_entry(s, ch, controller, value):
    """RPN 0: bend range, semitones by CC6 and cents by CC38."""
    if ch["rpn"] == 0:
        if controller == 6:
            ch["data_msb"] = int(value)
            ch["bend_range"] = value
        else:
            ch["bend_range"] = ch["data_msb"] + value / 100.0


@kernel
def _wide(ch, controller, value):
    """14-bit: value of controller n with its fine half n + 32, in units of the coarse one."""
    if controller >= 32:
        return ch["msb"][controller - 32] + value / 128.0
    ch["msb"][controller] = int(value)
    return value


@kernel
def controller(s, channel, number, value, frame):
    """What a MIDI controller does ('conventions players expect'); unknown ones do nothing."""
    ch = s["channels"][channel]
    down = 1 if value >= 64.0 else 0
    coarse = number - 32 if 32 <= number < 64 else number
    if coarse == 1:
        s["patch"]["params"]["osc_position"] = min(_wide(ch, number, value) / 127.0, 1.0)
    elif coarse == 7:
        ch["volume"] = _wide(ch, number, value)
    elif coarse == 10:
        ch["pan"] = _wide(ch, number, value)
    elif coarse == 11:
        ch["expression"] = _wide(ch, number, value)
    elif 16 <= coarse <= 19:
        s["cc_offset"][coarse - 16] = min((_wide(ch, number, value) - 64.0) / 63.0, 1.0)
    elif 80 <= number <= 83:
        s["cc_offset"][number - 76] = (value - 64.0) / 63.0
    elif number == 6 or number == 38:
        _data_entry(s, ch, number, value)
    elif number == 64:
        ch["sustain"] = down
        if not down:
            _pedal_up(s, channel, frame)
    elif number == 66:
        _sostenuto(s, channel, down, frame)
    elif number == 67:
        ch["soft"] = down
    elif number == 74:
        ch["brightness"] = value
    elif number == 101:
        ch["rpn"] = (int(value) << 7) | (ch["rpn"] & 0x7F)
    elif number == 100:
        ch["rpn"] = (ch["rpn"] & ~0x7F) | int(value)
    elif number == 98 or number == 99:
        ch["rpn"] = 0x3FFF
    elif number == 120:
        _all_notes(s, channel, frame, True)
    elif number == 121:
        reset_controllers(ch)
        s["patch"]["params"]["osc_position"] = s["home_position"]
        for i in range(8):
            s["cc_offset"][i] = 0.0
        _sostenuto(s, channel, 0, frame)
    elif number >= 123:
        _all_notes(s, channel, frame, False)
