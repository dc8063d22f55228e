"""Curves that the window draws: envelopes, LFO shapes, responses of filter and equaliser. Pure: knob values in, points out.

They follow the kernels (`engine/dsp`), which a test holds them to; a picture needs no sample rate.
"""

import math
from collections.abc import Callable

import numpy as np

from ..patch.lfo_shape import FIRST_SHAPE, Shape
from ..patch.lfo_shape import bent as curve

Value = Callable[[str], float]  # a knob's value by its name


def bent(t: np.ndarray, curve: float) -> np.ndarray:
    """0..1 -> 0..1 by an envelope's curve: 0 a straight line, above it fast first."""
    return t if abs(curve) < 1e-3 else np.expm1(-curve * t) / math.expm1(-curve)


def lfo_points(shape: str, n: int = 129) -> tuple[np.ndarray, np.ndarray]:
    """(cycles, value -1..1) of an LFO's shape over a cycle, over four for the random ones; jumps stand upright."""
    random = np.random.default_rng(5).uniform(-1, 1, 7)
    if shape == "sine":
        x = np.linspace(0, 1, n)
        return x, np.sin(2 * np.pi * x)
    if shape == "triangle":
        return np.array([0, 0.25, 0.75, 1.0]), np.array([0, 1.0, -1.0, 0])
    if shape == "rise":
        return np.array([0, 1.0, 1.0]), np.array([-1.0, 1.0, -1.0])
    if shape == "fall":
        return np.array([0, 0, 1.0]), np.array([-1.0, 1.0, -1.0])
    if shape == "square":
        return np.array([0, 0.5, 0.5, 1.0, 1.0]), np.array([1.0, 1.0, -1.0, -1.0, 1.0])
    if shape == "steps":
        return np.repeat(np.arange(5), 2)[1:-1] / 4.0, np.repeat(random[:4], 2)
    if shape == "free":
        return shape_points(FIRST_SHAPE)
    x = np.linspace(0, 4, n)
    i, t = np.minimum(x.astype(int), 3), x - np.minimum(x.astype(int), 3)
    a, b, c, d = (random[i + k] for k in range(4))
    return x / 4, 0.8 * (b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))


def shape_points(shape: Shape, n: int = 17) -> tuple[np.ndarray, np.ndarray]:
    """(cycles, value -1..1) of a free shape, n places to each segment that bends."""
    found = [(np.array([one[0]]), np.array([one[1]])) if abs(one[2]) < 1e-3 else (
        np.linspace(one[0], other[0], n), one[1] + (other[1] - one[1]) * curve(np.linspace(0, 1, n), np.array(one[2])))
        for one, other in zip(shape, shape[1:], strict=False)]
    return (np.concatenate([*(x for x, _ in found), [shape[-1][0]]]), np.concatenate([*(y for _, y in found), [shape[-1][1]]]))


_QUARTER = 2 * math.log(1 + math.sqrt(2))  # bend that meets a quarter of a sine half-way
_DRAWN: dict[str, Shape] = {
    "sine": ((0.0, 0.0, _QUARTER), (0.25, 1.0, -_QUARTER), (0.5, 0.0, _QUARTER), (0.75, -1.0, -_QUARTER), (1.0, 0.0, 0.0)),
    "triangle": ((0.0, 0.0, 0.0), (0.25, 1.0, 0.0), (0.75, -1.0, 0.0), (1.0, 0.0, 0.0)),
    "rise": ((0.0, -1.0, 0.0), (1.0, 1.0, 0.0)), "fall": ((0.0, 1.0, 0.0), (1.0, -1.0, 0.0)),
    "square": ((0.0, 1.0, 0.0), (0.5, 1.0, 0.0), (0.5, -1.0, 0.0), (1.0, -1.0, 0.0))}


def as_drawn(shape: str) -> Shape:
    """A shape that is declared as points to draw on from; one that is random as none was drawn yet."""
    return _DRAWN.get(shape, FIRST_SHAPE)


def filter_db(filter_type: str, hz: np.ndarray, cutoff_hz: float, resonance: float) -> np.ndarray:
    """Level in dB of a filter at frequencies: float64[n]. Analogue prototypes of the kernels' filters, without drive."""
    if filter_type == "off":
        return np.zeros(len(hz))
    s = 1j * hz / cutoff_hz
    k = math.sqrt(2) * (1 - resonance) ** 2 + 0.01
    kind, double = filter_type.rstrip("0123456789"), filter_type.endswith("24")
    if kind == "ladder":
        feedback = 4.3 * (1 - (k - 0.01) / math.sqrt(2))
        pole = 1 / (1 + s)
        h = (1 + feedback) ** 0.5 * (pole**4 if double else pole**2) / (1 + feedback * pole**4)
    else:
        def one(damping: float) -> np.ndarray:
            top = {"low": np.ones_like(s), "band": damping * s, "high": s * s, "notch": 1 + s * s}[kind]
            return top / (1 + damping * s + s * s)
        if double:
            wide = 1.84775907 if kind in ("low", "high") else k
            h = one(wide) * one(k * 0.76536686 / math.sqrt(2) if kind in ("low", "high") else k)
        else:
            h = one(k)
    return 20 * np.log10(np.maximum(np.abs(h), 1e-6))


def eq_db(hz: np.ndarray, value: Value) -> np.ndarray:
    """Level in dB of the equaliser: two shelves and two bells. Zoelzer's analogue prototypes (R. Bristow-Johnson's cookbook)."""
    total = np.zeros(len(hz))
    for band in ("low", "bell1", "bell2", "high"):
        gain_db = value(f"eq.{band}_gain_db")
        if gain_db:
            s, a = 1j * hz / value(f"eq.{band}_freq_hz"), 10 ** (gain_db / 40)
            if band.startswith("bell"):
                q = value(f"eq.{band}_q")
                h = (s * s + s * a / q + 1) / (s * s + s / (a * q) + 1)
            else:
                t = 1 / s if band == "high" else s
                edge = math.sqrt(a) * math.sqrt(2)
                h = a * (t * t + edge * t + a) / (a * t * t + edge * t + 1)
            total += 20 * np.log10(np.maximum(np.abs(h), 1e-6))
    return total
