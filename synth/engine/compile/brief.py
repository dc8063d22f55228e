"""What numba does again and again for each kernel, done once: a third of the processor time of a cold compile, half of a warm start.

Which signature `a + b` of two float32 has is found anew at each `+`, by trying every template there is, twice; here the answer is kept.
Passes that rewrite what no kernel contains (closures, `with`, raising, unrolling by literals, array expressions) are left out.
A lookup that fails writes the whole text of a record into an error that nobody reads; its name says the same. The name of a function
that takes a record's address held that text, 130 kB where it is the whole state, and so did each call of it; now a hash of it.
What lies in the cache is machine code: to load it numba needs none of its own library (arrays, dictionaries, random numbers), which
it imports before it looks; here it looks first. The type of a record is built once, not at each array that lies in it.
To call a kernel with an array numba asks whether it is a masked one, and imports numpy.ma for that: a twentieth of a second.
Nor does machine code that never raises need the environments of what it calls, six hundred for a callback, each looked up by name.
Each kernel looked through all registries for what had been declared since the last one; here one count says that there is nothing new.
It timed each step, at every level of the tree, and nobody asks. Variables of an instruction were listed by trying five kinds on all
that it holds.
"""

import hashlib
from contextlib import contextmanager, nullcontext
from functools import lru_cache

import numpy as np
from numba import types
from numba.core import (
    base,
    caching,
    compiler,
    compiler_machinery,
    event,
    imputils,
    ir,
    postproc,
    transforms,
    typed_passes,
    untyped_passes,
)
from numba.core.base import BaseContext
from numba.core.runtime import rtsys
from numba.core.types.functions import BaseFunction
from numba.core.typing import templates, typeof
from numba.core.typing.context import BaseContext as TypingContext
from numba.np import numpy_support

from . import access
from .lowering import KernelLowering

_NOT_NEEDED = (
    untyped_passes.WithLifting, untyped_passes.InlineClosureLikes, untyped_passes.RewriteDynamicRaises,
    untyped_passes.MakeFunctionToJitFunction, untyped_passes.InlineInlinables, untyped_passes.FindLiterallyCalls,
    untyped_passes.LiteralUnroll, untyped_passes.LiteralPropagationSubPipelinePass,
    typed_passes.InlineOverloads, typed_passes.NopythonRewrites, typed_passes.DumpParforDiagnostics)
ENVIRONMENT = "_ZN08NumbaEnv"  # how the names of environments begin
_find_call_type, _find_array_type = BaseFunction.get_call_type, typeof.typeof_impl.dispatch(np.ndarray)
_post_process_all = postproc.PostProcessor.run
_HOLD_NO_VARIABLE = frozenset((ir.Loc, str, int, float, bool, type(None)))
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


def _n_declared(context) -> int:
    """How much has been declared in the registries of a context, and in those that it has yet to see."""
    registries = {templates.builtin_registry, imputils.builtin_registry, *context._registries}
    return sum(len(kept) for registry in registries for kept in vars(registry).values() if type(kept) is list)


def _when_needed(refresh):
    """A context's `refresh`, left out within `remembering` where nothing was declared since the last one."""
    def refresh_when_needed(self):
        n_declared = _n_declared(self)
        if not _depth or n_declared != self.__dict__.get("_n_declared"):
            refresh(self)
            self._n_declared = n_declared

    return refresh_when_needed


def _where_heard(tell):
    """An event's start or end, told where anybody listens to its kind."""
    return lambda kind, *rest, **details: tell(kind, *rest, **details) if event._registered.get(kind) else None


def _variables_in(value) -> list[ir.Var]:
    """The variables in a part of an instruction, in order; numba's `_rec_list_vars`, which asks for what is most frequent last."""
    kind = type(value)
    if kind is ir.Var:
        return [value]
    if kind in _HOLD_NO_VARIABLE:
        return []
    if kind is dict:
        value = value.values()
    elif kind is not list and kind is not tuple:
        return value.list_vars() if isinstance(value, ir.Inst) else []
    found = []
    for one in value:
        if type(one) is ir.Var:
            found.append(one)
        elif type(one) not in _HOLD_NO_VARIABLE:
            found += _variables_in(one)
    return found


def _load_overload(self, sig, target_context):
    rtsys.initialize(target_context)
    with self._guard_against_spurious_io_errors():
        return self._load_overload(sig, target_context)


def _typeof_array(value, context):
    """The type of an array, of which only a subclass may be masked."""
    if type(value) is not np.ndarray or value.dtype.hasobject:
        return _find_array_type(value, context)
    kind, layout = numpy_support.from_dtype(value.dtype), numpy_support.map_layout(value)
    return types.Array(kind, value.ndim, layout, readonly=not value.flags.writeable)


@lru_cache(None)
def _short_name(name: str) -> str:
    return "Pointer" + hashlib.sha256(name.encode()).hexdigest()[:16]


def install() -> None:
    """Replace what the module tells of, for all that numba does in this process; most of it acts only within `remembering`."""
    caching.Cache.load_overload = _load_overload  # type: ignore[method-assign]
    typeof.typeof_impl.register(np.ndarray)(_typeof_array)
    compiler.CompileResult._find_referenced_environments = lambda self: ()  # type: ignore[method-assign]
    build = lru_cache(None)(lambda dtype, is_aligned, build=numpy_support.from_struct_dtype: build(dtype))
    numpy_support.from_struct_dtype = lambda dtype: build(dtype, dtype.isalignedstruct)  # two that are equal may differ in that
    numpy_support.as_struct_dtype = lru_cache(None)(numpy_support.as_struct_dtype)
    BaseFunction.get_call_type = _remembered_call_type  # type: ignore[method-assign]
    ir.Inst._rec_list_vars = lambda self, value: _variables_in(value)  # type: ignore[method-assign]
    for context in (BaseContext, TypingContext):
        context.refresh = _when_needed(context.refresh)  # type: ignore[method-assign]
    event.start_event, event.end_event = _where_heard(event.start_event), _where_heard(event.end_event)
    event.install_timer = lambda kind, callback: nullcontext()  # type: ignore[assignment, return-value]
    postproc.PostProcessor.run = _post_process  # type: ignore[method-assign]
    base.user_function = access.call_of  # type: ignore[attr-defined]
    types.Record.__repr__ = lambda self: self.name  # type: ignore[method-assign, attr-defined]
    types.CPointer.mangling_args = property(lambda self: (_short_name(self.name), ()))  # type: ignore[method-assign, assignment]


def widened(kind: types.Type) -> types.Type:
    """The type of an argument that a kernel is compiled for: once for whole numbers of either size, constants or not."""
    kind = types.unliteral(kind)
    return types.int64 if kind == types.int32 else kind


class _Passes(compiler_machinery.PassManager):
    """Runs each pass, without numba's report of it."""

    def _runPass(self, index, pss, internal_state):  # noqa: N802 - numba's name
        pss.analysis = self._analysis
        pss.run_initialization(internal_state)
        pss.run_pass(internal_state)
        pss.run_finalizer(internal_state)


def _post_process(self, emit_dels=False, extend_lifetimes=False):
    """Numba's, without the lives of variables where no `del` is asked for: only those and generators need them."""
    if emit_dels or self.func_ir.is_generator or not _depth:
        _post_process_all(self, emit_dels, extend_lifetimes)
    else:
        self.func_ir.blocks = transforms.canonicalize_cfg(self.func_ir.blocks)
        self.func_ir.generator_info = None


@lru_cache(None)
def needed_passes() -> compiler_machinery.PassManager:
    """Numba's passes for compiled code, less what no kernel needs."""
    state = compiler.StateDict()
    state.func_ir, state.flags = None, compiler.Flags()
    all_passes = compiler.DefaultPassBuilder.define_nopython_pipeline(state)
    found = _Passes("kernel")
    found.passes = [(KernelLowering, why) if one is typed_passes.NativeLowering else (one, why)
                    for one, why in all_passes.passes if one not in _NOT_NEEDED]
    found.finalize()
    return found
