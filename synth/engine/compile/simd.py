"""Sixteen voices in one register: a vector of LANES float32 for kernels.

`load(array, row)` gives the sixteen values of a row of float32[n, LANES], `store` writes them back; + - * /, `sqrt` and
`select` work on all lanes at once, scalars spread to every lane, `total` adds them up. Compiled, a vector is one LLVM value,
so a recursion keeps its state in registers instead of memory (a filter costs a third) and nothing depends on the
vectoriser's mood. As plain Python the same source runs on numpy rows.
"""

import operator

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, errors
from numba.extending import lower_builtin, models, register_model, type_callable

from ..constants import LANES
from . import access
from .intrinsics import compiled_as

_VECTOR, _INTEGERS = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(ir.IntType(32), LANES)
_SHIFTS, _FACTORS = (np.uint32(16), np.uint32(15), np.uint32(16)), (np.uint32(0x7FEB352D), np.uint32(0x846CA68B))


class Lanes(types.Type):
    """Numba type of a vector of LANES float32."""

    def __init__(self):
        super().__init__(name=f"Lanes{LANES}")


lanes_type = Lanes()


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager, fe_type):
        super().__init__(manager, fe_type, _VECTOR)


def _spread(context, builder, kind, value):
    """A scalar of any number type, or a vector, as a vector."""
    if isinstance(kind, Lanes):
        return value
    return _repeat(builder, _VECTOR, context.cast(builder, value, kind, types.float32))


def _repeat(builder, vector, scalar):
    first = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), ir.Constant(_INTEGERS, [0] * LANES))


def _declare(function, method):
    @type_callable(function)
    def typing(context):
        def typer(a, b):
            if isinstance(a, Lanes) and isinstance(b, (Lanes, types.Number)) or isinstance(b, Lanes) and isinstance(a, types.Number):
                return lanes_type
        return typer

    def lower(context, builder, sig, args):
        a, b = (_spread(context, builder, kind, value) for kind, value in zip(sig.args, args, strict=True))
        return getattr(builder, method)(a, b)

    for pair in ((Lanes, Lanes), (Lanes, types.Number), (types.Number, Lanes)):
        lower_builtin(function, *pair)(lower)


for _function, _method in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"), (operator.truediv, "fdiv"),
                           (operator.iadd, "fadd"), (operator.isub, "fsub"), (operator.imul, "fmul")):
    _declare(_function, _method)


def _address(context, builder, array_type, array, index_type, index):
    """Pointer to the vector at a row of a C-ordered float32 array whose last axis is LANES long."""
    data = access.data_of(builder, array)
    row = context.cast(builder, index, index_type, types.intp)
    return builder.bitcast(builder.gep(data, [builder.mul(row, ir.Constant(row.type, LANES))]), _VECTOR.as_pointer())


def _check(array, dtype=types.float32):
    if not isinstance(array, types.Array) or array.ndim > 2 or array.layout != "C" or array.dtype != dtype:
        raise errors.TypingError(f"rows of lanes lie in a C-ordered {dtype}[n, LANES] or {dtype}[LANES]")


def load(array, row):
    """The sixteen values of one row of float32[n, LANES] (row 0 of float32[LANES])."""
    return np.array(array.reshape(-1, LANES)[row], np.float32)


def store(array, row, value):
    """Write a vector, or one scalar for all lanes, to a row of float32[n, LANES]."""
    array.reshape(-1, LANES)[row] = value


def entry(array, i):
    """Number i of a flat array, or the sixteen values of row i of float32[n, LANES]."""
    return load(array, i) if array.ndim == 2 else array[i]


def sqrt(value):
    """Square root of every lane."""
    return np.sqrt(value)


def total(value):
    """Sum of the lanes."""
    return np.float32(np.sum(value))


def select(a, b, less, else_):
    """`less` where a < b, `else_` elsewhere. Any of them may be a scalar."""
    return np.where(np.less(a, b), less, else_).astype(np.float32)


def white(seeds, turn):
    """White noise -1..1 of every lane: a hash of uint32[2, LANES] seeds and a uint32. After Wellons, 'lowbias32', 2018."""
    h = seeds[0] + np.uint32(turn)
    h = (h ^ (h >> _SHIFTS[0])) * _FACTORS[0] ^ seeds[1]
    h = (h ^ (h >> _SHIFTS[1])) * _FACTORS[1]
    return (h ^ (h >> _SHIFTS[2])).astype(np.int32).astype(np.float32) * np.float32(2.0**-31)


def _row(context, builder, sig, args):
    return builder.load(_address(context, builder, sig.args[0], args[0], sig.args[1], args[1]), align=4)


@compiled_as(load)
def _load(typingctx, array, row):
    _check(array)
    return lanes_type(array, row), _row


@compiled_as(entry)
def _entry(typingctx, array, i):
    if array.ndim == 2:
        _check(array)
        return lanes_type(array, i), _row

    def codegen(context, builder, sig, args):
        return access.item(context, builder, sig.args[0], args[0], sig.args[1], args[1])

    return array.dtype(array, i), codegen


@compiled_as(store)
def _store(typingctx, array, row, value):
    _check(array)

    def codegen(context, builder, sig, args):
        pointer = _address(context, builder, sig.args[0], args[0], sig.args[1], args[1])
        builder.store(_spread(context, builder, sig.args[2], args[2]), pointer, align=4)
        return context.get_dummy_value()

    return types.void(array, row, value), codegen


@compiled_as(sqrt)
def _sqrt(typingctx, value):
    def codegen(context, builder, sig, args):
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(_VECTOR, [_VECTOR]), f"llvm.sqrt.v{LANES}f32")
        return builder.call(function, args)

    return lanes_type(value), codegen


@compiled_as(total)
def _total(typingctx, value):
    def codegen(context, builder, sig, args):
        kind = ir.FunctionType(ir.FloatType(), [ir.FloatType(), _VECTOR])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32")
        return builder.call(function, [ir.Constant(ir.FloatType(), -0.0), args[0]], fastmath=("reassoc",))

    return types.float32(value), codegen


@compiled_as(select)
def _select(typingctx, a, b, less, else_):
    def codegen(context, builder, sig, args):
        a, b, less, else_ = (_spread(context, builder, kind, value) for kind, value in zip(sig.args, args, strict=True))
        return builder.select(builder.fcmp_ordered("<", a, b), less, else_)

    return lanes_type(a, b, less, else_), codegen


@compiled_as(white)
def _white(typingctx, seeds, turn):
    _check(seeds, types.uint32)

    def codegen(context, builder, sig, args):
        def mixed(h, shift, factor=1):
            h = builder.xor(h, builder.lshr(h, ir.Constant(_INTEGERS, [int(shift)] * LANES)))
            return builder.mul(h, ir.Constant(_INTEGERS, [int(factor)] * LANES))

        data = access.data_of(builder, args[0])
        low = builder.bitcast(data, _INTEGERS.as_pointer())
        high = builder.bitcast(builder.gep(data, [ir.Constant(ir.IntType(64), LANES)]), _INTEGERS.as_pointer())
        turn = context.cast(builder, args[1], sig.args[1], types.uint32)
        h = builder.add(builder.load(low, align=4), _repeat(builder, _INTEGERS, turn))
        h = builder.xor(mixed(h, _SHIFTS[0], _FACTORS[0]), builder.load(high, align=4))
        h = mixed(mixed(h, _SHIFTS[1], _FACTORS[1]), _SHIFTS[2])
        return builder.fmul(builder.sitofp(h, _VECTOR), ir.Constant(_VECTOR, [2.0**-31] * LANES))

    return lanes_type(seeds, turn), codegen
