"""How a voice's three tables are heard together: by which curve, and which of them is newer.

STATIC the newest; LEAVE, PASS and ARRIVE the curve of its stream, where its first two spectra, none or its last two are one and
the same; LEVEL replaces the previous table by the newest within one quantum, because the pitch asks for other harmonics.
"""

from ..compile.jit import kernel

STATIC, LEAVE, PASS, ARRIVE, LEVEL = range(5)


@kernel
def next_side(side):
    """The table after one, which is the oldest where `side` is the newest."""
    return side + 1 if side < 2 else 0


@kernel
def previous_side(side):
    """The table before one."""
    return side - 1 if side > 0 else 2
