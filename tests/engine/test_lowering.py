"""What kernels do most is written by compile/access.py and not by numba: it must do what Python does."""

from types import FunctionType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.errors import TypingError

from synth.engine.compile.jit import kernel

ROW = np.dtype([("number", "i4"), ("on", "?"), ("line", "f4", (5,)), ("plane", "f8", (2, 3)), ("cube", "i2", (2, 3, 4))], align=True)
HALL = np.dtype([("rows", ROW, (3,)), ("total", "f8")], align=True)


def _mark(line, i, value):
    line[i] = value


def _two(plane, i):
    return plane[i], len(plane[i]), plane[i, 0] > plane[i, -1]


mark, two = kernel(_mark), kernel(_two)


def _items(hall, flat, i, j, k, u, out):
    """Every kind of index, read and written, on arrays of their own and in records, through calls and views."""
    row = hall["rows"][i]
    line, plane, cube = row["line"], row["plane"], row["cube"]
    out[0] = line[k] + line[u] + line[-1] + line[2]
    out[1] = plane[i % 2, j] + plane[1, -2] + plane[u, j]
    out[2] = cube[i % 2, j, k] + cube[-1][j][k] + cube[0, 1][-2] + cube[u, j][1]
    row["number"] += i
    row["on"] = not row["on"]
    plane[i % 2, j] += 2.5
    cube[u, -1, k] = 7.9
    mark(line, k, 3.5)
    mark(plane[1], j, 4)
    first, n, more = two(plane, i % 2)
    out[3] = first[j] + n + (1 if more else 0)
    out[4] = flat[i % 3 - 3, 1] + flat[i][j] + len(flat) + flat.shape[1]
    flat[-1, j] = flat[0, -3]
    hall["total"] += hall["rows"][k % 3]["line"][j] + hall["rows"][-1]["number"]
    out[5] = line[1:4][k % 3] + plane[:, 1][i % 2]


def _ranges(start, stop, step, out):
    """Loops of every kind, one in the other, left early, and what is left of their variable."""
    n = 0
    for i in range(stop):
        out[0] += i
    for i in range(start, stop):
        for j in range(i, stop):
            if j > 9:
                break
            if (i + j) % 3 == 0:
                continue
            out[1] += i * j + 1
    for i in range(stop, start, -1):
        out[2] += i + n
        n += 1
    for i in range(start, stop, 3):
        out[3] += i * i
    for i in range(stop, start, -4):
        out[4] += i * 7
    for i in range(start, stop, step):
        out[5] += i
    i = -100
    for i in range(start, stop):  # noqa: B007
        pass
    out[6] = i


def _fails(number):
    if number > 3:
        raise ValueError("too many")
    return number


def _gives_arrays(line):
    return line[1:], 2


ITEMS, RANGES = kernel(_items), kernel(_ranges)
PLAIN_ITEMS = FunctionType(_items.__code__, {**globals(), "mark": _mark, "two": _two})  # calls nothing that is compiled


@given(st.integers(-3, 2), st.integers(-3, 2), st.integers(-4, 3), st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_items_of_arrays_and_records_are_those_of_python(i, j, k, u, seed):
    rng = np.random.default_rng(seed)
    halls = np.zeros(1, HALL)
    halls["rows"]["number"] = rng.integers(-50, 50, 3)
    for name in ("line", "plane", "cube"):
        halls["rows"][name] = rng.integers(-50, 50, halls["rows"][name].shape)
    halls["rows"]["on"], halls["total"] = True, 0.5
    flat, out = rng.integers(-50, 50, (3, 4)).astype(float), np.zeros(6)  # exact, in whatever order they are added
    known_halls, known_flat, known_out = halls.copy(), flat.copy(), out.copy()
    ITEMS(halls[0], flat, i, j, k, np.uint32(u), out)
    PLAIN_ITEMS(known_halls[0], known_flat, i, j, k, u, known_out)
    assert np.array_equal(out, known_out) and np.array_equal(flat, known_flat)
    assert halls["total"] == known_halls["total"]
    assert all(np.array_equal(halls["rows"][name], known_halls["rows"][name]) for name in ROW.names)


@given(st.integers(-15, 15), st.integers(-15, 15), st.sampled_from((-5, -2, -1, 1, 2, 5)))
def test_loops_are_those_of_python(start, stop, step):
    out, known = np.zeros(7, np.int64), np.zeros(7, np.int64)
    RANGES(start, stop, step, out)
    _ranges(start, stop, step, known)
    assert np.array_equal(out, known)


def test_a_kernel_that_raises_is_refused():
    with pytest.raises(TypingError, match="raises nothing"):
        kernel(_fails)(2)


def test_python_gets_no_array_of_a_kernel():
    with pytest.raises(TypingError, match="no array"):
        kernel(_gives_arrays)(np.zeros(3))
