"""Words of the control map: what a control is, how it moves its target, what can be asked for beside parameters."""

SOURCES = ("cc", "cc14", "nrpn", "bend", "pressure", "note", "program", "osc", "host")
MODES = ("jump", "pickup", "relative_twos", "relative_signed", "toggle", "momentary")
RELATIVE = ("relative_twos", "relative_signed")
CURVES = ("linear", "exp", "log", "s")  # u; u^2, slow first; 1 - (1 - u)^2, fast first; u^2 (3 - 2 u)
ACTIONS = ("panic", "next_preset", "previous_preset", "undo", "redo", "save", "record")
PANIC = ACTIONS.index("panic")
BRIGHTNESS = "brightness"  # the cut-off of one channel's notes, up to 48 semitones each way; CC74's default target
NONE = "none"  # a row that takes a control away from what it moved
MAX_ROWS = 256
RESERVED = frozenset({0, 6, 32, 38, *range(96, 102), *range(120, 128)})  # bank, data entry, parameter numbers, channel mode
KEPT_BY_RESET = frozenset({7, 10, *range(70, 80), *range(91, 96)})  # controllers that CC121 leaves alone (MIDI RP-015)
