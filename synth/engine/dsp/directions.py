"""Named directions (bright, hollow, ...): a latent moved by what a listener names, with a small network that bends straight lines.

Real-time: no allocation, no locks, no I/O, no Python.
"""

import numpy as np

from ..compile.jit import kernel


@kernel
def move_row(latent, amounts, lines, place, bias, amount, middle, middle_bias, leave, scratch):
    """Move one latent float32[z], in place, by amounts float32[d]; arrays: see `timbres/directions.py`. scratch: float32[4, >= hidden]."""
    size, n_amounts, hidden = latent.shape[0], amounts.shape[0], amount.shape[1]
    one = np.float32(1.0)
    first, there, second, second_there = scratch[0], scratch[1], scratch[2], scratch[3]
    for j in range(hidden):
        first[j] = bias[j]
        there[j] = 0.0
        second[j] = middle_bias[j]
        second_there[j] = middle_bias[j]
    for k in range(size):
        x = latent[k]
        for j in range(hidden):
            first[j] += x * place[k, j]
    for d in range(n_amounts):
        x = amounts[d]
        for j in range(hidden):
            there[j] += x * amount[d, j]
        for k in range(size):
            latent[k] += x * lines[d, k]
    for j in range(hidden):
        here = first[j]
        first[j] = here / (one + np.exp(-min(max(here, np.float32(-60.0)), np.float32(60.0))))
        here += there[j]
        there[j] = here / (one + np.exp(-min(max(here, np.float32(-60.0)), np.float32(60.0))))
    for k in range(hidden):
        a, b = first[k], there[k]
        for j in range(hidden):
            second[j] += a * middle[k, j]
            second_there[j] += b * middle[k, j]
    for j in range(hidden):
        a, b = second[j], second_there[j]
        a = a / (one + np.exp(-min(max(a, np.float32(-60.0)), np.float32(60.0))))
        b = b / (one + np.exp(-min(max(b, np.float32(-60.0)), np.float32(60.0))))
        x = (there[j] + b) - (first[j] + a)
        for k in range(size):
            latent[k] += x * leave[j, k]
