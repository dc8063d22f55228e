"""The oscillator's inner loop: a quantum of frames read from a table by four fitted taps, eight frames at a time.

A phase is walked in 32 bits, eight frames in a vector: its upper bits say where a frame's four samples lie, the rest is their
fraction. A frame is the dot product of the four samples, loaded at once, and four weights, cubic polynomials of the fraction;
the eight sums are made in three steps. Written out, because numba would widen every number to 64 bits.
LLVM's generic vectors: SSE, AVX or NEON as the processor has them.
"""

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from ..compile import access
from ..compile.intrinsics import compiled_as
from ..constants import QUANTUM
from .interpolation import taps

_F, _I = ir.FloatType(), ir.IntType(32)
_FAST = ("reassoc", "contract", "nsz")
_V8, _I8 = ir.VectorType(_F, 8), ir.VectorType(_I, 8)
_COEFFICIENTS = taps().astype(np.float32)  # [tap, power]


def _constant8(power):
    """Coefficients of one power for the four taps, twice."""
    return ir.Constant(_V8, [float(_COEFFICIENTS[tap, power]) for tap in range(4)] * 2)


def _numbers(numbers):
    return ir.Constant(_I8, [int(n) for n in numbers])


class _Emit:
    """Instructions for a quantum. The arguments are arrays, then phase, step, bend, log2_size and the row that is written."""

    def __init__(self, context, builder, args):
        self.context, self.builder, self.args = context, builder, args
        *_, phase, step, bend, self.log2_size, _ = args
        self.places = cgutils.alloca_once(builder, ir.ArrayType(_I, 8))
        self.first = builder.add(self.splat(phase), builder.mul(self.splat(step), _numbers(range(8))))
        self.eight = self.splat(builder.mul(step, ir.Constant(_I, 8)))
        self.bend = self.splat(bend)

    def data(self, n):
        return access.data_of(self.builder, self.args[n])

    def splat(self, scalar):
        vector = ir.VectorType(scalar.type, 8)
        one = self.builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, ir.Constant(_I, 0))
        return self.builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), _numbers([0] * 8))

    def row(self, data, block):
        return self.builder.bitcast(self.builder.gep(data, [ir.Constant(ir.IntType(64), 8 * block)]), _V8.as_pointer())

    def pair(self, low, high, numbers):
        return self.builder.shuffle_vector(low, high, ir.Constant(ir.VectorType(_I, len(numbers)), list(numbers)))

    def spread(self, eight, a):
        """Value a of a vector of eight in the low half, a + 4 in the high half."""
        return self.pair(eight, eight, [a] * 4 + [a + 4] * 4)

    def add(self, a, b):
        return self.builder.fadd(a, b, flags=_FAST)

    def mul(self, a, b):
        return self.builder.fmul(a, b, flags=_FAST)

    def walk(self, block):
        """Where eight frames fall: their first taps into `places`; answers their fractions."""
        b = self.builder
        i = np.arange(8 * block, 8 * block + 8)
        bent = b.fptosi(b.fmul(self.bend, ir.Constant(_V8, [float(n) for n in i * (i + 1) // 2])), _I8)
        at = b.add(self.first, bent)
        self.first = b.add(self.first, self.eight)
        places = b.lshr(at, self.splat(b.sub(ir.Constant(_I, 32), self.log2_size)))
        b.store(places, b.bitcast(self.places, _I8.as_pointer()), align=4)
        rest = b.lshr(b.shl(at, self.splat(self.log2_size)), _numbers([8] * 8))
        return self.mul(b.sitofp(rest, _V8), ir.Constant(_V8, [2.0**-24] * 8))

    def taps(self, table, a):
        """Four samples each of frames a and a + 4."""
        b = self.builder
        found = []
        for n in (a, a + 4):
            place = b.load(b.gep(self.places, [ir.Constant(_I, 0), ir.Constant(_I, n)]))
            start = b.gep(table, [b.zext(place, ir.IntType(64))])
            found.append(b.load(b.bitcast(start, ir.VectorType(_F, 4).as_pointer()), align=4))
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

    def write(self, block, products):
        """Dot products of frames 0..7 from those of (0, 4), (1, 5), (2, 6), (3, 7)."""
        sums = self.halves(self.halves(products[0], products[1]), self.halves(products[2], products[3]))
        self.builder.store(sums, self.row(self.data(len(self.args) - 1), block), align=4)


def _frames(table, phase, step, bend, log2_size):
    i = np.arange(QUANTUM)
    at = (int(phase) + i * int(step) + (np.float32(bend) * (i * (i + 1) // 2)).astype(np.int64)) & 0xFFFFFFFF
    x = ((at << log2_size & 0xFFFFFFFF) >> 8) * 2.0**-24
    return (table[(at >> (32 - log2_size))[:, None] + np.arange(4)] * (x[:, None] ** np.arange(4) @ _COEFFICIENTS.T)).sum(1)


def read(table, phase, step, bend, log2_size, out):
    """A quantum of a table of 2^log2_size samples (and 3 more) into float32[QUANTUM] `out`.

    phase: uint32, cycles * 2^32, of frame 0; step: uint32 per frame; bend: float32, added to the step each frame.
    """
    out[:] = _frames(table, phase, step, bend, log2_size)


_COUNT = np.arange(1, QUANTUM + 1, dtype=np.float32)


def read_curve(old, new, c0, c1, c2, phase, step, bend, log2_size, out):
    """As `read_two`, the blend c0 + c1 i + c2 i^2 (float32) in frame i, counted from 1."""
    read_two(old, new, c0 + c1 * _COUNT + c2 * _COUNT**2, phase, step, bend, log2_size, out)


def read_three(old, mid, new, mix, slope, phase, step, bend, log2_size, out):
    """As `read`, on a quadratic B-spline through three tables: u = mix + slope i in frame i, counted from 1 (see spectrum_stream.py)."""
    a, b, c = (_frames(table, phase, step, bend, log2_size) for table in (old, mid, new))
    u = mix + slope * _COUNT
    out[:] = b + 0.5 * (1 - u) ** 2 * (a - b) + 0.5 * u**2 * (c - b)


def read_two(old, new, blend, phase, step, bend, log2_size, out):
    """As `read`, from the old table to the new by float32[QUANTUM] `blend` (0 = old, 1 = new)."""
    before, after = (_frames(table, phase, step, bend, log2_size) for table in (old, new))
    out[:] = before + blend * (after - before)


_WALK = (types.uint32, types.uint32, types.float32, types.int32)


@compiled_as(read)
def _read(typingctx, table, phase, step, bend, log2_size, out):
    def codegen(context, builder, signature, args):
        e = _Emit(context, builder, args)
        table_ = e.data(0)
        for block in range(QUANTUM // 8):
            fractions = e.walk(block)
            e.write(block, [e.mul(e.weights(fractions, a), e.taps(table_, a)) for a in range(4)])
        return context.get_dummy_value()
    return types.void(table, *_WALK, out), codegen


def _emit(e, order, shares_of):
    """Frames between tables, arguments by their numbers; shares_of: block -> how much of each table but the first to put in the first
    one's place, a vector of eight each."""
    tables = [e.data(i) for i in order]
    for block in range(QUANTUM // 8):
        fractions, shares = e.walk(block), shares_of(block)
        products = []
        for a in range(4):
            first, *others = (e.taps(table, a) for table in tables)
            mixed = first
            for share, other in zip(shares, others, strict=True):
                mixed = e.add(mixed, e.mul(e.spread(share, a), e.builder.fsub(other, first, flags=_FAST)))
            products.append(e.mul(e.weights(fractions, a), mixed))
        e.write(block, products)
    return e.context.get_dummy_value()


def _counted(block):
    """Frames of a block, counted from 1."""
    return ir.Constant(_V8, [8.0 * block + i for i in range(1, 9)])


@compiled_as(read_two)
def _read_two(typingctx, old, new, blend, phase, step, bend, log2_size, out):
    def codegen(context, builder, signature, args):
        e = _Emit(context, builder, args)
        return _emit(e, (0, 1), lambda block: [builder.load(e.row(e.data(2), block), align=4)])
    return types.void(old, new, blend, *_WALK, out), codegen


@compiled_as(read_curve)
def _read_curve(typingctx, old, new, c0, c1, c2, phase, step, bend, log2_size, out):
    def codegen(context, builder, signature, args):
        e = _Emit(context, builder, args)
        c0, c1, c2 = (e.splat(c) for c in args[2:5])
        return _emit(e, (0, 1), lambda block: [e.add(c0, e.mul(_counted(block), e.add(c1, e.mul(c2, _counted(block)))))])
    return types.void(old, new, *[types.float32] * 3, *_WALK, out), codegen


@compiled_as(read_three)
def _read_three(typingctx, old, mid, new, mix, slope, phase, step, bend, log2_size, out):
    def codegen(context, builder, signature, args):
        e = _Emit(context, builder, args)
        mix, slope = e.splat(args[3]), e.splat(args[4])
        half, one = (ir.Constant(_V8, [number] * 8) for number in (0.5, 1.0))

        def shares(block):
            u = e.add(mix, e.mul(slope, _counted(block)))
            left = builder.fsub(one, u, flags=_FAST)
            return [e.mul(half, e.mul(x, x)) for x in (left, u)]
        return _emit(e, (1, 0, 2), shares)
    return types.void(old, mid, new, *[types.float32] * 2, *_WALK, out), codegen
