"""What a MIDI channel adds to its voices, smoothed: level, pan, brightness."""

import math

from .jit import kernel
from .knobs import SMOOTHING_S
from .state import QUANTUM


@kernel
def gain_of(ch):
    """Gain of CC7 and CC11: 0 dB at volume 100 and expression 127, 40 dB a decade (General MIDI)."""
    return (ch["volume"] / 100.0) ** 2 * (ch["expression"] / 127.0) ** 2


@kernel
def pan_of(ch):
    """Pan -1..1 of CC10; 64 is the centre."""
    return max(ch["pan"] - 64.0, -63.0) / 63.0


@kernel
def brightness_of(ch):
    """Semitones that CC74 moves the cut-off; 64 is none."""
    return (ch["brightness"] - 64.0) * 0.75


@kernel
def snap(s):
    """Every channel's values at once."""
    for c in range(16):
        ch = s["channels"][c]
        for i in range(2):
            ch["gain"][i], ch["pan_now"][i], ch["bright_now"][i] = gain_of(ch), pan_of(ch), brightness_of(ch)


@kernel
def _approach(row, target, c):
    a = row[0] + c * (target - row[0])
    b = row[1] + c * (a - row[1])
    if abs(target - a) + abs(a - b) < 1e-6:
        a = b = target
    row[0], row[1] = a, b


@kernel
def smooth(s):
    """Every channel one quantum on: two equal poles."""
    c = 1.0 - math.exp(-QUANTUM / (s["sr_hz"] * SMOOTHING_S))
    for channel in range(16):
        ch = s["channels"][channel]
        _approach(ch["gain"], gain_of(ch), c)
        _approach(ch["pan_now"], pan_of(ch), c)
        _approach(ch["bright_now"], brightness_of(ch), c)
