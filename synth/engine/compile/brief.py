"""What numba does again and again for each kernel, done once: that was a third of the processor time of a cold compile.

Which signature `a + b` of two float32 has is found anew at each `+`, by trying every template there is, twice; here the answer is kept.
Passes that rewrite what no kernel contains (closures, `with`, raising, unrolling by literals, array expressions) are left out.
A lookup that fails writes the whole text of a record into an error that nobody reads; its name says the same.
"""

from contextlib import contextmanager

from numba import types
from numba.core import compiler, compiler_machinery, typed_passes, untyped_passes
from numba.core.types.functions import BaseFunction

_NOT_NEEDED = (
    untyped_passes.WithLifting, untyped_passes.InlineClosureLikes, untyped_passes.RewriteDynamicRaises,
    untyped_passes.MakeFunctionToJitFunction, untyped_passes.InlineInlinables, untyped_passes.FindLiterallyCalls,
    untyped_passes.LiteralUnroll, untyped_passes.LiteralPropagationSubPipelinePass,
    typed_passes.NopythonRewrites, typed_passes.DumpParforDiagnostics)
_find_call_type = BaseFunction.get_call_type
_depth = 0


def _remembered_call_type(self, context, args, kws):
    if not _depth or kws:
        return _find_call_type(self, context, args, kws)
    known = self.__dict__.setdefault("_known_call_types", {})
    if args not in known:
        known[args] = _find_call_type(self, context, args, kws)
    return known[args]


@contextmanager
def remembering():
    """Within it call types are found once for each function and types of arguments."""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1


def install() -> None:
    """Let numba's types answer from memory within `remembering`."""
    BaseFunction.get_call_type = _remembered_call_type  # type: ignore[method-assign]
    types.Record.__repr__ = lambda self: self.name  # type: ignore[method-assign, attr-defined]


def widened(kind: types.Type) -> types.Type:
    """The type of an argument that a kernel is compiled for: once for whole numbers of either size, constants or not."""
    kind = types.unliteral(kind)
    return types.int64 if kind == types.int32 else kind


def needed_passes(state) -> compiler_machinery.PassManager:
    """Numba's passes for compiled code, less what no kernel needs."""
    all_passes = compiler.DefaultPassBuilder.define_nopython_pipeline(state)
    found = compiler_machinery.PassManager("kernel")
    found.passes = [one for one in all_passes.passes if one[0] not in _NOT_NEEDED]
    found.finalize()
    return found
