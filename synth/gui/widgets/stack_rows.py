"""What the window says of a stack of presets, and the rows by which a part's layer is changed."""

from functools import partial
from typing import Any

from ...patch.stack import LEAST_LEVEL_DB, MOST_LEVEL_DB, MOST_TRANSPOSED, Layer
from ..panels.piano import note_name
from .menu_row import MenuRow

_SPLIT, _LOUD = 60, 80
_ALL_KEYS, _ALL_VELOCITIES = Layer().keys, Layer().velocities


def layer_words(layer: Layer) -> str:
    """A layer in a few words, as 'C2 to B3, -3 dB'."""
    low, high = layer.keys
    words = ["all keys" if layer.keys == _ALL_KEYS else f"{note_name(low)} to {note_name(high)}"]
    if layer.velocities != _ALL_VELOCITIES:
        words.append("velocity {} to {}".format(*layer.velocities))
    if layer.level_db:
        words.append(f"{layer.level_db:+g} dB")
    if layer.transpose_semitones:
        words.append(f"{layer.transpose_semitones:+d} st")
    if layer.pan:
        words.append(f"pan {layer.pan:+g}")
    return ", ".join(words)


def layer_rows(session: Any, part: int, layer: Layer) -> list[MenuRow]:
    """Rows of a menu that change a part's layer; each is a step of undo."""
    def change(**fields: object) -> Any:
        return partial(session.set_layer, part, **fields)

    def moved(by: int) -> int:
        return min(max(layer.transpose_semitones + by, -MOST_TRANSPOSED), MOST_TRANSPOSED)

    def levelled(by_db: float) -> float:
        return min(max(layer.level_db + by_db, LEAST_LEVEL_DB), MOST_LEVEL_DB)

    return [MenuRow(f"Below {note_name(_SPLIT)}", change(keys=(0, _SPLIT - 1)), rule=True),
            MenuRow(f"From {note_name(_SPLIT)} on", change(keys=(_SPLIT, 127))), MenuRow("All keys", change(keys=_ALL_KEYS)),
            MenuRow("Soft notes", change(velocities=(1, _LOUD - 1)), f"to {_LOUD - 1}", rule=True),
            MenuRow("Loud notes", change(velocities=(_LOUD, 127)), f"from {_LOUD}"),
            MenuRow("All velocities", change(velocities=_ALL_VELOCITIES)),
            MenuRow("Octave up", change(transpose_semitones=moved(12)), rule=True),
            MenuRow("Octave down", change(transpose_semitones=moved(-12))),
            MenuRow("Louder", change(level_db=levelled(3.0)), "3 dB"), MenuRow("Quieter", change(level_db=levelled(-3.0)), "3 dB"),
            MenuRow("Left", change(pan=-0.5)), MenuRow("Centre", change(pan=0.0)), MenuRow("Right", change(pan=0.5))]
