"""What a MIDI channel adds to its voices, smoothed: level, pan, brightness."""

import numpy as np

from ..compile.jit import kernel
from ..dsp.smoothing import two_poles


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
def snap_channels(midi):
    """Every channel's values at once."""
    for c in range(16):
        ch = midi["channels"][c]
        for i in range(2):
            ch["gain"][i], ch["pan_now"][i], ch["bright_now"][i] = gain_of(ch), pan_of(ch), brightness_of(ch)


@kernel
def _approach(row, target, share):
    row[0], row[1] = two_poles(row[0], row[1], np.float32(target), share)


@kernel
def smooth_channels(midi, share):
    """Every channel one quantum on; share: see dsp/smoothing.py."""
    for channel in range(16):
        ch = midi["channels"][channel]
        _approach(ch["gain"], gain_of(ch), share)
        _approach(ch["pan_now"], pan_of(ch), share)
        _approach(ch["bright_now"], brightness_of(ch), share)
