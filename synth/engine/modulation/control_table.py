"""The control map as the audio thread holds it: a table of rows and what each remembers, made from `ControlRow`s beforehand."""

import math
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from ...params.controls import ACTIONS, BRIGHTNESS, CURVES, KEPT_BY_RESET, MAX_ROWS, MODES, SOURCES
from ...params.knobs import PARAM_INDEX, PARAMS
from ...patch.control_map import ControlRow
from ...patch.hosted_effect import parse_target
from ..compile.layout import on_lines

CC, CC14, NRPN, BEND, PRESSURE, NOTE, PROGRAM = (SOURCES.index(s) for s in ("cc", "cc14", "nrpn", "bend", "pressure", "note", "program"))
JUMP, PICKUP, RELATIVE_TWOS, RELATIVE_SIGNED, TOGGLE, MOMENTARY = range(len(MODES))
LINEAR, EXP, LOG, S = range(len(CURVES))
KNOB, LATENT, CHANNEL_BRIGHTNESS, ACTION, PLUGIN = range(5)  # what a row moves
OFFSET, TIME, LOGARITHMIC, WHOLE = range(4)  # how its value follows from the slider position
_LAW = {"linear": OFFSET, "log": LOGARITHMIC, "time": TIME, "count": WHOLE, "choice": WHOLE}
N_PARAMS = len(PARAMS)
NOWHERE = -1  # target of a row that moves nothing: `none`, or what this sound does not have
ANY, ABSENT = -1, -2  # device or channel of a row

CONTROL_ROW = np.dtype([
    ("source", "i4"), ("number", "i4"), ("wide", "i4"), ("channel", "i4"), ("device", "i4"),  # wide: a 14-bit pair
    ("mode", "i4"), ("curve", "i4"), ("what", "i4"), ("target", "i4"), ("law", "i4"),  # target: index in PARAMS or ACTIONS
    ("centred", "i4"), ("resets", "i4"),  # 64 is exactly the middle; CC121 brings the target home
    ("low", "f8"), ("high", "f8"), ("base", "f8"), ("width", "f8"),  # slider positions; the knob's range (log2 where logarithmic)
    ("last", "f8"), ("at", "f8"), ("placed", "f4"), ("holds", "i4"), ("down", "i4"),  # see control_rows.py
], align=True)
CONTROLS = np.dtype([("n", "i8"), ("rows", CONTROL_ROW, (MAX_ROWS,))], align=True)
CONTROL_MAP = on_lines([
    ("controls", CONTROLS),
    ("home", "f4", (N_PARAMS,)), ("turned", "u1", (N_PARAMS,)),  # of what controls have turned: where it stood
])


def rows_for_engine(rows: Sequence[ControlRow]) -> list[ControlRow]:
    """Rows that `compile_rows` makes its table of; the journal counts them from 0."""
    return [row for row in rows if row.kind not in ("osc", "host")][-MAX_ROWS:]  # the more special stand last


def compile_rows(rows: Sequence[ControlRow], directions: Sequence[str] = (), devices: Mapping[str, int] | None = None) -> np.ndarray:
    """CONTROL_ROW[n] of rows, the more special ones last. directions: names of the model's; devices: number of each name in the rows.

    Rows that are fed from elsewhere (`osc`, `host`) are left out; one of a device that has no number is never heard, and one whose
    target this sound does not have moves nothing.
    """
    heard = rows_for_engine(rows)
    table = np.zeros(len(heard), CONTROL_ROW)
    for r, row in zip(table, heard, strict=True):
        r["source"], r["number"], r["wide"] = CC if row.kind == "cc14" else SOURCES.index(row.kind), row.number, row.kind == "cc14"
        r["channel"] = ANY if row.channel is None else row.channel - 1
        r["device"] = ANY if not row.device else (devices or {}).get(row.device, ABSENT)
        r["mode"], r["curve"], r["low"], r["high"], r["last"] = MODES.index(row.mode), CURVES.index(row.curve), row.low, row.high, np.nan
        r["resets"] = row.kind in ("bend", "pressure") or (row.kind.startswith("cc") and row.number not in KEPT_BY_RESET)
        _aim(r, row.target, directions)
    return table


def _aim(r: np.void, target: str, directions: Sequence[str]) -> None:
    """What a row moves, and how."""
    group, _, name = target.partition(".")
    if group == "direction" and name in directions:
        target = f"direction.{list(directions).index(name) + 1}"
    if group == "action":
        r["what"], r["target"] = ACTION, ACTIONS.index(name)
    elif parse_target(target):  # which the session turns
        r["what"], r["target"] = PLUGIN, zlib.crc32(target.encode()) & 0x7FFFFFFF  # so that another target is another table
    elif target == BRIGHTNESS:  # 0..127 with 64 in the middle, as CC74 is
        r["what"], r["centred"], r["base"], r["width"] = CHANNEL_BRIGHTNESS, 1, 1.0, 126.0
    elif target not in PARAMS:
        r["target"] = NOWHERE
    elif group == "latent":  # its width is the model's
        r["what"], r["target"], r["centred"] = LATENT, PARAM_INDEX[target], 1
    else:
        p = PARAMS[target]
        r["what"], r["target"], r["law"], r["centred"] = KNOB, PARAM_INDEX[target], _LAW[p.curve], p.low == -p.high
        r["base"], r["width"] = (math.log2(p.low), math.log2(p.high / p.low)) if p.curve == "log" else (p.low, p.high - p.low)

