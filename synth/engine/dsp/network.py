"""A decoder's network: steps over rows of numbers in a workspace, from a latent to the levels of harmonics.

What the steps are, `synth/timbres/decoder_graph.py` reads from a model's ONNX file. A step is a row of int64 (`STEP`): a product with a
matrix, a layer norm, or that of something linear in few numbers. Matrices lie in panels of LANES outputs, [panel, input, lane], so that
a step reads them once and in order. Every output adds its products up in the order of the inputs, whatever rows stand beside it: a row
comes out the same to the bit alone and in any batch.
Levels are sums of numbers many times as large, and a rounding of 1e-7 of these would be heard as 1e-4 dB: sums of levels are added up
BLOCK inputs at a time, and what comes straight from a latent with what each addition loses (after Kahan, 1965).
Real-time: no allocation, no locks, no I/O, no Python.
"""

import math

import numpy as np

from ..compile.jit import kernel
from ..compile.simd_math import exp2, greater, highest, load_at, multiply_add, spread_at, store_at
from ..constants import LANES
from .network_steps import (
    ACT,
    ADD,
    BIAS,
    CLOSE,
    FIRST,
    INPUT,
    KIND,
    LEVELS,
    N_INPUTS,
    N_PANELS,
    NORM,
    OUTPUT,
    PRODUCT,
    ROWS,
    SILU,
    WEIGHTS,
)

BLOCK = 32  # inputs of a sum that are added up by themselves
_LOG2_E = np.float32(1.4426950408889634)


@kernel
def _silu(x):
    """x times its logistic function, every lane."""
    return x / (exp2(x * -_LOG2_E) + np.float32(1.0))


@kernel
def _finish(work, at, add, act, value):
    """A panel's sums, with what is added to them and through the step's function, into the workspace."""
    if add >= 0:
        value = value + load_at(work, add)
    if act == SILU:
        value = _silu(value)
    store_at(work, at, value)


@kernel
def _block_of(step):
    """Inputs that are added up by themselves: all where it is not levels that are made."""
    return np.int64(BLOCK) if step[LEVELS] else max(step[N_INPUTS], np.int64(1))


@kernel
def _close_product(step, weights, work, row, n_panels):
    """A product of one row, of few inputs: what an addition loses is added up beside the sum."""
    n, x, add, lanes = step[N_INPUTS], row + step[INPUT], step[ADD], np.int64(LANES)
    for p in range(n_panels):
        total, at = load_at(weights, step[BIAS] + p * lanes), step[WEIGHTS] + p * lanes * n
        lost = total * np.float32(0.0)
        for k in range(n):
            value, weight = spread_at(work, x + k), load_at(weights, at + k * lanes)
            found = multiply_add(value, weight, total)
            lost = lost + multiply_add(value, weight, total - found)
            total = found
        _finish(work, row + step[OUTPUT] + p * lanes, row + add + p * lanes if add >= 0 else add, step[ACT], total + lost)


@kernel
def _product_of_one(step, weights, work, n_panels):
    """A product of one row, four panels at a time."""
    n, x, out, block = step[N_INPUTS], step[INPUT], step[OUTPUT], _block_of(step)
    w, b, act = step[WEIGHTS], step[BIAS], step[ACT]
    add = step[ADD]
    lanes, size, p = np.int64(LANES), np.int64(LANES) * n, np.int64(0)
    more = lanes if add >= 0 else np.int64(0)
    while p + 4 <= n_panels:
        w0 = w + p * size
        a0, a1 = load_at(weights, b + p * lanes), load_at(weights, b + (p + 1) * lanes)
        a2, a3 = load_at(weights, b + (p + 2) * lanes), load_at(weights, b + (p + 3) * lanes)
        for first in range(n - 1, -1, -block):
            value, at = spread_at(work, x + first), w0 + first * lanes
            b0, b1 = value * load_at(weights, at), value * load_at(weights, at + size)
            b2, b3 = value * load_at(weights, at + 2 * size), value * load_at(weights, at + 3 * size)
            for k in range(first - 1, max(first - block, -1), -1):
                value, at = spread_at(work, x + k), w0 + k * lanes
                b0 = multiply_add(value, load_at(weights, at), b0)
                b1 = multiply_add(value, load_at(weights, at + size), b1)
                b2 = multiply_add(value, load_at(weights, at + 2 * size), b2)
                b3 = multiply_add(value, load_at(weights, at + 3 * size), b3)
            a0, a1, a2, a3 = a0 + b0, a1 + b1, a2 + b2, a3 + b3
        _finish(work, out + p * lanes, add, act, a0)
        add += more
        _finish(work, out + (p + 1) * lanes, add, act, a1)
        add += more
        _finish(work, out + (p + 2) * lanes, add, act, a2)
        add += more
        _finish(work, out + (p + 3) * lanes, add, act, a3)
        add += more
        p += 4
    while p < n_panels:
        a0, w0 = load_at(weights, b + p * lanes), w + p * size
        for first in range(n - 1, -1, -block):
            b0 = spread_at(work, x + first) * load_at(weights, w0 + first * lanes)
            for k in range(first - 1, max(first - block, -1), -1):
                b0 = multiply_add(spread_at(work, x + k), load_at(weights, w0 + k * lanes), b0)
            a0 = a0 + b0
        _finish(work, out + p * lanes, add, act, a0)
        add += more
        p += 1


@kernel
def _finish_four(work, at, add, act, stride, a0, a1, a2, a3):
    """`_finish` of a panel of four rows."""
    more = stride if add >= 0 else np.int64(0)
    _finish(work, at, add, act, a0)
    _finish(work, at + stride, add + more, act, a1)
    _finish(work, at + 2 * stride, add + 2 * more, act, a2)
    _finish(work, at + 3 * stride, add + 3 * more, act, a3)


@kernel
def _product_of_four(step, weights, work, stride, n_panels):
    """A product of four rows, two panels at a time."""
    n, x, out, block = step[N_INPUTS], step[INPUT], step[OUTPUT], _block_of(step)
    w, b, act = step[WEIGHTS], step[BIAS], step[ACT]
    add = step[ADD]
    lanes, size, p = np.int64(LANES), np.int64(LANES) * n, np.int64(0)
    more = lanes if add >= 0 else np.int64(0)
    while p + 2 <= n_panels:
        w0 = w + p * size
        a0, b0 = load_at(weights, b + p * lanes), load_at(weights, b + (p + 1) * lanes)
        a1 = a2 = a3 = a0
        b1 = b2 = b3 = b0
        for first in range(n - 1, -1, -block):
            left, right, at = load_at(weights, w0 + first * lanes), load_at(weights, w0 + first * lanes + size), x + first
            x0, x1 = spread_at(work, at), spread_at(work, at + stride)
            x2, x3 = spread_at(work, at + 2 * stride), spread_at(work, at + 3 * stride)
            c0, c1, c2, c3 = x0 * left, x1 * left, x2 * left, x3 * left
            d0, d1, d2, d3 = x0 * right, x1 * right, x2 * right, x3 * right
            for k in range(first - 1, max(first - block, -1), -1):
                left, right, at = load_at(weights, w0 + k * lanes), load_at(weights, w0 + k * lanes + size), x + k
                x0, x1 = spread_at(work, at), spread_at(work, at + stride)
                x2, x3 = spread_at(work, at + 2 * stride), spread_at(work, at + 3 * stride)
                c0, d0 = multiply_add(x0, left, c0), multiply_add(x0, right, d0)
                c1, d1 = multiply_add(x1, left, c1), multiply_add(x1, right, d1)
                c2, d2 = multiply_add(x2, left, c2), multiply_add(x2, right, d2)
                c3, d3 = multiply_add(x3, left, c3), multiply_add(x3, right, d3)
            a0, a1, a2, a3 = a0 + c0, a1 + c1, a2 + c2, a3 + c3
            b0, b1, b2, b3 = b0 + d0, b1 + d1, b2 + d2, b3 + d3
        _finish_four(work, out + p * lanes, add, act, stride, a0, a1, a2, a3)
        _finish_four(work, out + (p + 1) * lanes, add + more, act, stride, b0, b1, b2, b3)
        add += 2 * more
        p += 2
    if p < n_panels:
        w0 = w + p * size
        a0 = load_at(weights, b + p * lanes)
        a1 = a2 = a3 = a0
        for first in range(n - 1, -1, -block):
            left, at = load_at(weights, w0 + first * lanes), x + first
            c0, c1 = spread_at(work, at) * left, spread_at(work, at + stride) * left
            c2, c3 = spread_at(work, at + 2 * stride) * left, spread_at(work, at + 3 * stride) * left
            for k in range(first - 1, max(first - block, -1), -1):
                left, at = load_at(weights, w0 + k * lanes), x + k
                c0, c1 = multiply_add(spread_at(work, at), left, c0), multiply_add(spread_at(work, at + stride), left, c1)
                c2 = multiply_add(spread_at(work, at + 2 * stride), left, c2)
                c3 = multiply_add(spread_at(work, at + 3 * stride), left, c3)
            a0, a1, a2, a3 = a0 + c0, a1 + c1, a2 + c2, a3 + c3
        _finish_four(work, out + p * lanes, add, act, stride, a0, a1, a2, a3)


@kernel
def _norm(step, weights, work, row):
    """A row to mean 0 and variance 1. After Ba et al., 'Layer Normalization', 2016; gain and offset are in the next product."""
    n, x, out = step[N_INPUTS], row + step[INPUT], row + step[OUTPUT]
    given, made, total, power = work[x:x + n], work[out:out + n], 0.0, 0.0
    for k in range(n):
        total += given[k]
    mean = np.float32(total / n)
    for k in range(n):
        away = np.float64(given[k]) - total / n
        power += away * away
    scale = np.float32(1.0 / math.sqrt(power / n + weights[step[WEIGHTS]]))
    for k in range(n):
        made[k] = (given[k] - mean) * scale


@kernel
def _form(step, weights, work, row):
    """A layer norm of what is linear in few numbers y: y and 1 over its deviation, the length of another product of them (`add`)."""
    n, x, out, length = step[N_INPUTS], row + step[INPUT], row + step[OUTPUT], row + step[ADD]
    given, made, far, power = work[x:x + n], work[out:out + n], work[length:length + n + 1], 0.0
    for k in range(n + 1):
        power += np.float64(far[k]) * far[k]
    scale = np.float32(1.0 / math.sqrt(power + weights[step[WEIGHTS]]))
    for k in range(n):
        made[k] = given[k] * scale
    work[out + n] = scale


@kernel
def _panels_wanted(step, harmonics):
    """Panels of a step that the lowest `harmonics` need: all, some of the last layer's, or none."""
    if step[FIRST] >= harmonics:
        return np.int64(0)
    if step[LEVELS] == 0:
        return step[N_PANELS]
    return min(step[N_PANELS], (harmonics - step[FIRST] + LANES - 1) // LANES)


@kernel
def run_network(steps, weights, work, stride, four, harmonics):
    """One latent at the beginning of `work` (float32), or four of them `stride` numbers apart -> levels of the lowest `harmonics` in
    octaves (twice the amplitude is 1), with an offset of each row's own, where the last steps put them.

    steps: int64[n, len(STEP)]; weights: float32.
    """
    for i in range(steps.shape[0]):
        step = steps[i]
        n_panels = _panels_wanted(step, harmonics)
        if n_panels == 0:
            continue
        if step[KIND] == PRODUCT and four:
            _product_of_four(step, weights, work, stride, n_panels)
        elif step[KIND] == PRODUCT:
            _product_of_one(step, weights, work, n_panels)
        else:
            for j in range(ROWS if four else 1):
                if step[KIND] == CLOSE:
                    _close_product(step, weights, work, j * stride, n_panels)
                elif step[KIND] == NORM:
                    _norm(step, weights, work, j * stride)
                else:
                    _form(step, weights, work, j * stride)


@kernel
def amplitudes_of(work, at, harmonics):
    """Levels in octaves at `at` of the workspace -> amplitudes in their place, the strongest 1, then zeros to the end of the panel."""
    lanes, n = np.int64(LANES), (harmonics + LANES - 1) // LANES
    for k in range(harmonics, n * LANES):
        work[at + k] = work[at]
    top = load_at(work, at)
    for p in range(1, n):
        top = greater(top, load_at(work, at + p * lanes))
    strongest = highest(top)
    for p in range(n):
        store_at(work, at + p * lanes, exp2(load_at(work, at + p * lanes) - strongest))
    for k in range(harmonics, n * LANES):
        work[at + k] = np.float32(0.0)


@kernel
def decode_amplitudes(steps, weights, work, stride, levels_at, latents, out):
    """Latents float32[n, z] -> amplitudes float32[n, harmonics] of waveforms of unit RMS. work: float32[ROWS * stride].

    As many harmonics as `out` has columns, from the lowest.
    """
    n, size = latents.shape
    harmonics, row = out.shape[1], 0
    while row < n:
        four = n - row >= ROWS
        rows = ROWS if four else 1
        for j in range(rows):
            for k in range(size):
                work[j * stride + k] = latents[row + j, k]
        run_network(steps, weights, work, stride, four, harmonics)
        for j in range(rows):
            at = j * stride + levels_at
            amplitudes_of(work, at, harmonics)
            made, to, power = work[at:at + harmonics], out[row + j], 0.0
            for k in range(harmonics):
                power += np.float64(made[k]) * made[k]
            scale = np.float32(1.0 / math.sqrt(0.5 * power))
            for k in range(harmonics):
                to[k] = made[k] * scale
        row += rows
