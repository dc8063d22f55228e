"""Vectors of LANES float32 at any place of a flat array, and what a small network needs of them: fused products, powers of two.

As in `simd`, the same source runs as plain Python on numpy rows.
"""

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from ..constants import LANES
from . import access
from .intrinsics import compiled_as
from .simd import _INTEGERS, _VECTOR, _repeat, _spread, lanes_type

_EXP2 = (1.0, 0.6931471805599453, 0.2402265069591007, 0.05550410866482158, 0.009618129107628477, 0.0013333558146428443,
         0.00015403530393381608)  # Taylor: within 2e-8 for -0.5 to 0.5
_ROOT_HALF = 0x3F3504F3  # bits of the root of 1/2
_ATANH = tuple(2 / math.log(2) / n for n in (1, 3, 5, 7, 9))  # within 1e-9 for -0.1716 to 0.1716


def load_at(array, at):
    """LANES values of a flat float32 array from its element `at` on."""
    return np.array(array[at:at + LANES], np.float32)


def load_shorts_at(array, at):
    """LANES values of a flat int16 array from its element `at` on, as float32."""
    return np.array(array[at:at + LANES], np.float32)


def spread_at(array, at):
    """Element `at` of a flat float32 array in every lane. `array[at]` looks whether the place is negative, which costs as much again."""
    return np.full(LANES, array[at], np.float32)


def store_at(array, at, value):
    """Write a vector, or one scalar for all lanes, to a flat float32 array from its element `at` on."""
    array[at:at + LANES] = value


def multiply_add(a, b, c):
    """a * b + c of every lane, rounded once where the processor can; a may be a scalar."""
    return np.float32(a) * b + c


def exp2(value):
    """2^x of every lane, relative error under 2e-7; x is held to -126..126."""
    return np.exp2(np.clip(value, -126, 126)).astype(np.float32)


def transpose_at(array, at, step, target, to):
    """LANES rows of LANES values of a flat float32 array, the first at its element `at`, `step` elements apart: their columns, one after
    the other, from element `to` of another.
    """
    rows = np.stack([array[at + i * step:at + i * step + LANES] for i in range(LANES)])
    target[to:to + LANES * LANES] = rows.T.ravel()


def log2(value):
    """Logarithm to base 2 of every lane, of numbers from 1e-37 up: within 2e-7 of itself, or of 1 where that is more."""
    return np.log2(value).astype(np.float32)


def greater(a, b):
    """The greater of every lane."""
    return np.maximum(a, b)


def highest(value):
    """The greatest of the lanes."""
    return np.float32(np.max(value))


def _place(builder, array, at):
    data = access.data_of(builder, array)
    return builder.bitcast(builder.gep(data, [at]), _VECTOR.as_pointer())


@compiled_as(load_at)
def _load_at(typingctx, array, at):
    def codegen(context, builder, sig, args):
        return builder.load(_place(builder, args[0], args[1]), align=4)

    return lanes_type(array, types.intp), codegen


@compiled_as(load_shorts_at)
def _load_shorts_at(typingctx, array, at):
    def codegen(context, builder, sig, args):
        data = access.data_of(builder, args[0])
        shorts = ir.VectorType(ir.IntType(16), LANES)
        return builder.sitofp(builder.load(builder.bitcast(builder.gep(data, [args[1]]), shorts.as_pointer()), align=2), _VECTOR)

    return lanes_type(array, types.intp), codegen


@compiled_as(spread_at)
def _spread_at(typingctx, array, at):
    def codegen(context, builder, sig, args):
        data = access.data_of(builder, args[0])
        return _repeat(builder, _VECTOR, builder.load(builder.gep(data, [args[1]]), align=4))

    return lanes_type(array, types.intp), codegen


@compiled_as(store_at)
def _store_at(typingctx, array, at, value):
    def codegen(context, builder, sig, args):
        builder.store(_spread(context, builder, sig.args[2], args[2]), _place(builder, args[0], args[1]), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), codegen


def _call(builder, name, result, *values):
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, [v.type for v in values]), name)
    return builder.call(function, values)


def _all(number):
    return ir.Constant(_VECTOR, [float(np.float32(number))] * LANES)


@compiled_as(multiply_add)
def _multiply_add(typingctx, a, b, c):
    def codegen(context, builder, sig, args):
        values = [_spread(context, builder, kind, value) for kind, value in zip(sig.args, args, strict=True)]
        return _call(builder, f"llvm.fmuladd.v{LANES}f32", _VECTOR, *values)

    return lanes_type(a, b, c), codegen


@compiled_as(exp2)
def _exp2(typingctx, value):
    """The whole part goes into the exponent's bits, the rest through a polynomial."""
    def codegen(context, builder, sig, args):
        held = builder.select(builder.fcmp_ordered("<", args[0], _all(-126.0)), _all(-126.0), args[0])  # what is no number stays none
        held = builder.select(builder.fcmp_ordered(">", held, _all(126.0)), _all(126.0), held)
        whole = _call(builder, f"llvm.floor.v{LANES}f32", _VECTOR, builder.fadd(held, _all(0.5)))
        rest, found = builder.fsub(held, whole), _all(_EXP2[-1])
        for number in _EXP2[-2::-1]:
            found = _call(builder, f"llvm.fmuladd.v{LANES}f32", _VECTOR, found, rest, _all(number))
        bits = builder.shl(builder.fptosi(whole, _INTEGERS), ir.Constant(_INTEGERS, [23] * LANES))
        return builder.bitcast(builder.add(builder.bitcast(found, _INTEGERS), bits), _VECTOR)

    return lanes_type(value), codegen


@compiled_as(transpose_at)
def _transpose_at(typingctx, array, at, step, target, to):
    """Rows whose numbers differ in one bit exchange halves, bit by bit."""
    def codegen(context, builder, sig, args):
        index, rows = args[1].type, []
        for i in range(LANES):
            place = builder.add(args[1], builder.mul(args[2], ir.Constant(index, i)))
            rows.append(builder.load(_place(builder, args[0], place), align=4))
        for near in (1 << bit for bit in range(LANES.bit_length() - 1)):
            low = ir.Constant(_INTEGERS, [lane + (LANES - near) * bool(lane & near) for lane in range(LANES)])
            high = ir.Constant(_INTEGERS, [LANES + lane if lane & near else lane + near for lane in range(LANES)])
            for i in (i for i in range(LANES) if not i & near):
                pair = rows[i], rows[i + near]
                rows[i], rows[i + near] = (builder.shuffle_vector(*pair, mask) for mask in (low, high))
        for i, row in enumerate(rows):
            place = builder.add(args[4], ir.Constant(index, i * LANES))
            builder.store(row, _place(builder, args[3], place), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, target, types.intp), codegen


@compiled_as(log2)
def _log2(typingctx, value):
    """The exponent's bits are the whole part; the rest, of a number between the roots of 1/2 and 2, by the series of atanh."""
    def codegen(context, builder, sig, args):
        def number(bits):
            return ir.Constant(_INTEGERS, [bits] * LANES)

        bits = builder.bitcast(args[0], _INTEGERS)
        whole = builder.ashr(builder.sub(bits, number(_ROOT_HALF)), number(23))
        rest = builder.bitcast(builder.sub(bits, builder.shl(whole, number(23))), _VECTOR)
        ratio = builder.fdiv(builder.fsub(rest, _all(1.0)), builder.fadd(rest, _all(1.0)))
        square, found = builder.fmul(ratio, ratio), _all(_ATANH[-1])
        for factor in _ATANH[-2::-1]:
            found = _call(builder, f"llvm.fmuladd.v{LANES}f32", _VECTOR, found, square, _all(factor))
        return _call(builder, f"llvm.fmuladd.v{LANES}f32", _VECTOR, ratio, found, builder.sitofp(whole, _VECTOR))

    return lanes_type(value), codegen


@compiled_as(greater)
def _greater(typingctx, a, b):
    def codegen(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered("<", args[0], args[1]), args[1], args[0])

    return lanes_type(a, b), codegen


@compiled_as(highest)
def _highest(typingctx, value):
    def codegen(context, builder, sig, args):
        return _call(builder, f"llvm.vector.reduce.fmax.v{LANES}f32", ir.FloatType(), args[0])

    return types.float32(value), codegen
