"""Where a position on a pad or along a chain lies between the parts of a morph, and the level that keeps its loudness.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..compile.jit import kernel


@kernel
def _find_link(morph, x):
    """(link of a chain, how far along it) of a position 0..1."""
    i, stops = 0, morph["stops"]
    while i < morph["n"] - 2 and x >= stops[i + 1]:
        i += 1
    return i, min(max((x - stops[i]) / (stops[i + 1] - stops[i]), np.float32(0.0)), np.float32(1.0))


@kernel
def _paced(morph, link, share):
    """How far the mix has gone along a link when the position has gone a share of it; as `patch.morph.Morph`, exact at the parts."""
    steps = morph["link_steps"]
    if steps == 0:
        return share
    at = share * np.float32(steps)
    i = min(int(at), steps - 1)
    f, first = at - np.float32(i), link * (steps + 1) + i
    return (np.float32(1.0) - f) * morph["pace"][first] + f * morph["pace"][first + 1]


@kernel
def place_weights(morph, x, y, out):
    """How much of each part is at a position: float32[MAX_PARTS]; as `patch.morph.Morph.weights`."""
    n, one = morph["n"], np.float32(1.0)
    x, y = min(max(x, np.float32(0.0)), one), min(max(y, np.float32(0.0)), one)
    for p in range(out.shape[0]):
        out[p] = 0.0
    if morph["stack"]:  # what is one for all is the first part's
        out[0] = one
    elif morph["chain"]:
        i, share = _find_link(morph, x)
        share = _paced(morph, i, share)
        out[i], out[i + 1] = one - share, share
    elif n == 2:
        share = _paced(morph, 0, x)
        out[0], out[1] = one - share, share
    elif n == 3:
        out[0], out[1], out[2] = (one - x) * (one - y), x * (one - y), y
    else:
        out[0], out[1], out[2], out[3] = (one - x) * (one - y), x * (one - y), (one - x) * y, x * y


@kernel
def find_gain_db(morph, x, y):
    """Level that keeps the loudness on the line, at a position."""
    rows, columns = morph["rows"], morph["columns"]
    if columns == 0:
        return np.float32(0.0)
    u, v = min(max(x, np.float32(0.0)), np.float32(1.0)) * (columns - 1), min(max(y, np.float32(0.0)), np.float32(1.0)) * (rows - 1)
    if morph["chain"]:  # its steps are parts of each link
        i, share = _find_link(morph, x)
        u = (i + share) * (columns - 1) / (morph["n"] - 1)
    i, j = min(int(u), max(columns - 2, 0)), min(int(v), max(rows - 2, 0))
    fx, fy, at = np.float32(u - i), np.float32(v - j), j * columns + i
    right, up = min(1, columns - 1), columns if rows > 1 else 0
    gain = morph["gain_db"]
    low = gain[at] + fx * (gain[at + right] - gain[at])
    return low + fy * (gain[at + up] + fx * (gain[at + up + right] - gain[at + up]) - low)
