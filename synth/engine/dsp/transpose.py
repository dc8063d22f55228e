"""Rows turned into lanes: sixteen voices' frames, each in a row of its own, to frames of sixteen voices side by side.

Voices write their rows frame after frame, which stores whole vectors; what runs on sixteen voices at once wants columns. The
transposition in between is made of eight by eight blocks in registers, three rounds of shuffles each.
"""

from llvmlite import ir
from numba import types

from ..compile import access
from ..compile.intrinsics import compiled_as
from ..constants import LANES, QUANTUM

_BLOCK = 8
_KIND = ir.VectorType(ir.FloatType(), _BLOCK)
_INDEX = ir.IntType(64)
_ROUNDS = (  # which rows meet, and how their halves are taken; the usual network for eight by eight
    ((0, 1), (2, 3), (4, 5), (6, 7), (0, 8, 1, 9, 4, 12, 5, 13), (2, 10, 3, 11, 6, 14, 7, 15)),
    ((0, 2), (1, 3), (4, 6), (5, 7), (0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15)),
    ((0, 4), (1, 5), (2, 6), (3, 7), (0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15)),
)
_ORDER = (0, 2, 1, 3)  # of the two inner rounds' results


def _mask(numbers):
    return ir.Constant(ir.VectorType(ir.IntType(32), _BLOCK), list(numbers))


def _turn_block(builder, rows):
    """Eight vectors of eight -> the eight columns."""
    for *pairs, low, high in _ROUNDS:
        found = [None] * _BLOCK
        for a, b in pairs:
            found[a] = builder.shuffle_vector(rows[a], rows[b], _mask(low))
            found[b] = builder.shuffle_vector(rows[a], rows[b], _mask(high))
        rows = found
    return [rows[4 * half + i] for half in range(2) for i in _ORDER]


def transpose_rows(rows, lanes):
    """float32[LANES, QUANTUM] -> float32[QUANTUM, LANES], both in C order."""
    lanes[:, :] = rows.T


@compiled_as(transpose_rows)
def _turn(typingctx, rows, lanes):
    def codegen(context, builder, signature, args):
        source, target = (access.data_of(builder, array) for array in args)

        def at(data, offset):
            return builder.bitcast(builder.gep(data, [ir.Constant(_INDEX, offset)]), _KIND.as_pointer())

        for lane in range(0, LANES, _BLOCK):
            for frame in range(0, QUANTUM, _BLOCK):
                block = [builder.load(at(source, (lane + i) * QUANTUM + frame), align=4) for i in range(_BLOCK)]
                for i, column in enumerate(_turn_block(builder, block)):
                    builder.store(column, at(target, (frame + i) * LANES + lane), align=4)
        return context.get_dummy_value()
    return types.void(rows, lanes), codegen
