"""Four taps at a time: frames of a table read as vectors of their four neighbouring samples.

A frame is the dot product of four samples, loaded at once from where its phase falls, and four weights, cubic polynomials of
its fraction that are evaluated side by side. Eight frames are taken together, so that their sums are made in three steps.
LLVM's generic vectors: SSE, AVX or NEON as the processor has them.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from .interpolation import taps

_F, _I = ir.FloatType(), ir.IntType(32)
_FAST = ("reassoc", "contract", "nsz")
_V8 = ir.VectorType(_F, 8)
_COEFFICIENTS = taps().astype(np.float32)  # [tap, power]


def _constant8(power):
    """Coefficients of one power for the four taps, twice."""
    return ir.Constant(_V8, [float(_COEFFICIENTS[tap, power]) for tap in range(4)] * 2)


def _mask(numbers):
    return ir.Constant(ir.VectorType(_I, len(numbers)), list(numbers))


class _Emit:
    """Instructions for eight frames from frame `i` on; arrays are given as pointers to their data."""

    def __init__(self, context, builder, signature, args):
        self.context, self.builder, self.signature, self.args = context, builder, signature, args

    def data(self, n):
        return self.context.make_array(self.signature.args[n])(self.context, self.builder, self.args[n]).data

    def at(self, pointer, offset):
        return self.builder.gep(pointer, [offset])

    def plus(self, value, n):
        return self.builder.add(value, ir.Constant(value.type, n))

    def vector(self, pointer, kind, align=4):
        return self.builder.load(self.builder.bitcast(pointer, kind.as_pointer()), align=align)

    def pair(self, low, high, numbers):
        return self.builder.shuffle_vector(low, high, _mask(numbers))

    def spread(self, eight, a):
        """Value a of a vector of eight in the low half, a + 4 in the high half."""
        return self.pair(eight, eight, [a] * 4 + [a + 4] * 4)

    def add(self, a, b):
        return self.builder.fadd(a, b, flags=_FAST)

    def mul(self, a, b):
        return self.builder.fmul(a, b, flags=_FAST)

    def taps(self, table, places, a):
        """Four samples each of frames a and a + 4."""
        b = self.builder
        kind = ir.VectorType(_F, 4)
        found = []
        for n in (a, a + 4):
            place = b.zext(b.extract_element(places, ir.Constant(_I, n)), ir.IntType(64))
            found.append(self.vector(self.at(table, place), kind))
        return self.pair(*found, range(8))

    def weights(self, fractions, a):
        x = self.spread(fractions, a)
        w = _constant8(3)
        for power in (2, 1, 0):
            w = self.add(self.mul(w, x), _constant8(power))
        return w

    def halves(self, a, b):
        """Sums of neighbours: of a in the even places of each half, as x86's horizontal add orders them."""
        even = self.pair(a, b, [0, 2, 8, 10, 4, 6, 12, 14])
        odd = self.pair(a, b, [1, 3, 9, 11, 5, 7, 13, 15])
        return self.add(even, odd)

    def sums(self, products):
        """Dot products of frames 0..7 from those of (0, 4), (1, 5), (2, 6), (3, 7)."""
        return self.halves(self.halves(products[0], products[1]), self.halves(products[2], products[3]))


@intrinsic
def _read(typingctx, table, index, ws, i):
    """ws[i:i + 8] <- frames of one table."""
    def codegen(context, builder, signature, args):
        e = _Emit(context, builder, signature, args)
        table_, index_, ws_ = e.data(0), e.data(1), e.data(2)
        places = e.vector(e.at(index_, args[3]), ir.VectorType(_I, 8))
        fractions = e.vector(e.at(ws_, args[3]), _V8)
        products = [e.mul(e.weights(fractions, a), e.taps(table_, places, a)) for a in range(4)]
        builder.store(e.sums(products), builder.bitcast(e.at(ws_, args[3]), _V8.as_pointer()), align=4)
        return context.get_dummy_value()
    return types.void(table, index, ws, i), codegen


@intrinsic
def _read_two(typingctx, old, new, index, ws, i, blend):
    """ws[i:i + 8] <- frames from `old` to `new` by ws[blend + i ...]."""
    def codegen(context, builder, signature, args):
        e = _Emit(context, builder, signature, args)
        old_, new_, index_, ws_ = e.data(0), e.data(1), e.data(2), e.data(3)
        places = e.vector(e.at(index_, args[4]), ir.VectorType(_I, 8))
        fractions = e.vector(e.at(ws_, args[4]), _V8)
        blends = e.vector(e.at(ws_, builder.add(args[4], args[5])), _V8)
        products = []
        for a in range(4):
            before, after = e.taps(old_, places, a), e.taps(new_, places, a)
            step = e.mul(e.spread(blends, a), builder.fsub(after, before, flags=_FAST))
            products.append(e.mul(e.weights(fractions, a), e.add(before, step)))
        builder.store(e.sums(products), builder.bitcast(e.at(ws_, args[4]), _V8.as_pointer()), align=4)
        return context.get_dummy_value()
    return types.void(old, new, index, ws, i, blend), codegen


def read(table, index, ws, i):
    """Frames i..i + 7 of a table into ws[i:i + 8], which held their fractions; index[i:i + 8]: the first of their taps."""
    x = ws[i:i + 8, None] ** np.arange(4)
    ws[i:i + 8] = (table[index[i:i + 8, None] + np.arange(4)] * (x @ _COEFFICIENTS.T)).sum(1)


def read_two(old, new, index, ws, i, blend):
    """As `read`, from the old table to the new by ws[blend + i:...] (0 = old, 1 = new)."""
    b = ws[blend + i:blend + i + 8].copy()
    a, c = ws[i:i + 8].copy(), ws[i:i + 8].copy()
    for table, row in ((old, a), (new, c)):
        x = row[:, None] ** np.arange(4)
        row[:] = (table[index[i:i + 8, None] + np.arange(4)] * (x @ _COEFFICIENTS.T)).sum(1)
    ws[i:i + 8] = a + b * (c - a)


@overload(read, inline="always")
def _read_overload(table, index, ws, i):
    return lambda table, index, ws, i: _read(table, index, ws, np.int64(i))


@overload(read_two, inline="always")
def _read_two_overload(old, new, index, ws, i, blend):
    return lambda old, new, index, ws, i, blend: _read_two(old, new, index, ws, np.int64(i), np.int64(blend))
