"""`compiled_as`: gives a Python function a body of hand-written LLVM code inside kernels; called from Python, the function itself runs."""

from collections.abc import Callable

from numba import types
from numba.core.typing.templates import infer_global, make_intrinsic_template
from numba.extending import intrinsic


def compiled_as(function: Callable) -> Callable[[Callable], object]:
    """Decorates what types and writes `function` in kernels, as numba's `intrinsic` is defined: (typing context, argument types) ->
    (signature, code generator). Numba's `overload` would do it by a jitted function around an intrinsic, typed and inlined at each call.
    """
    def declare(define: Callable) -> object:
        written = intrinsic(define)
        infer_global(function, types.Function(make_intrinsic_template(written, define, function.__name__)))
        return written

    return declare
