"""A kernel's instructions without counts of references: it makes no array and keeps none, so it only borrows what it is given.

Numba counts up and down at each variable that may hold an array, clears each one that is not used any more, and looks at what it held
before: a sixth of the LLVM code of JACK's callback and its parts. Allocating in a kernel fails as it compiles, and so does raising.
Items of arrays and records, ranges and pairs are written by `access`.
"""

from numba import types
from numba.core import ir, lowering, typed_passes
from numba.core.compiler_machinery import register_pass
from numba.core.errors import TypingError

from . import access

_RAISES = (ir.Raise, ir.StaticRaise, ir.DynamicRaise, ir.TryRaise, ir.StaticTryRaise, ir.DynamicTryRaise)


class _Lower(lowering.Lower):
    """Variables are stored and loaded, no more; what kernels do most is written by `access`."""

    def delvar(self, name):
        if name not in self._blk_local_varmap and not self._disable_sroa_like_opt:
            self._singly_assigned_vars.discard(name)

    def storevar(self, value, name, argidx=None):
        self._alloca_var(name, self.typeof(name))
        if name in self._singly_assigned_vars and not self._disable_sroa_like_opt:
            self._blk_local_varmap[name] = value
        else:
            self.builder.store(value, self.getvar(name))

    def lower_inst(self, inst):
        if type(inst) in _RAISES:
            raise TypingError("a kernel raises nothing: nobody could catch it in the audio thread", inst.loc)
        if type(inst) is ir.StaticSetItem and isinstance(self.typeof(inst.target.name), types.Array):
            return self.lower_setitem(inst.target, inst.index_var, inst.value, self.fndesc.calltypes[inst])
        return super().lower_inst(inst)

    def lower_setitem(self, target_var, index_var, value_var, signature):
        kind, index_type = self.typeof(target_var.name), self.typeof(index_var.name)
        if not access.can_index(kind, index_type) or len(access.parts_of(index_type)) < kind.ndim or not isinstance(
                kind.dtype, types.Number | types.Boolean):
            return super().lower_setitem(target_var, index_var, value_var, signature)
        value = self.context.cast(self.builder, self._cast_var(value_var, signature.args[2]), signature.args[2], kind.dtype)
        access.put_item(self.context, self.builder, kind, self.loadvar(target_var.name), index_type, self.loadvar(index_var.name), value)
        return None

    def lower_getitem(self, resty, expr, value, index, signature):
        kind, index_type, made = self.typeof(value.name), self.typeof(index.name), signature.return_type
        if not access.can_index(kind, index_type):
            return super().lower_getitem(resty, expr, value, index, signature)
        array, at = self.loadvar(value.name), self.loadvar(index.name)
        if len(access.parts_of(index_type)) == kind.ndim:
            found = access.item(self.context, self.builder, kind, array, index_type, at)
        else:
            found = access.view(self.context, self.builder, made, array, index_type, at)
        return self.context.cast(self.builder, found, made, resty)

    def lower_call(self, resty, expr):
        signature, function = self.fndesc.calltypes[expr], self.typeof(expr.func.name)
        if isinstance(function, types.Function) and function.typing_key is range and not expr.vararg:
            args = [self._cast_var(var, kind) for var, kind in zip(expr.args, signature.args, strict=True)]
            made = access.make_range(self.context, self.builder, signature.return_type, args)
            return self.context.cast(self.builder, made, signature.return_type, resty)
        return super().lower_call(resty, expr)

    def lower_expr(self, resty, expr):
        kind = self.typeof(expr.value.name) if expr.op in ("static_getitem", "getiter", "iternext", "pair_first", "pair_second") else None
        if expr.op == "static_getitem":
            if isinstance(kind, types.Record) and isinstance(expr.index, str) and isinstance(kind.typeof(expr.index), types.NestedArray):
                return access.nested_array(self.context, self.builder, kind, self.loadvar(expr.value.name), expr.index)
            if isinstance(kind, types.Array) and expr.index_var is not None:
                return self.lower_getitem(resty, expr, expr.value, expr.index_var, self.fndesc.calltypes[expr])
        elif expr.op == "getiter" and isinstance(kind, types.RangeType):
            value = self.loadvar(expr.value.name)
            if access.has_known_step(self.builder, value):
                return access.begin_range(self.context, self.builder, kind, value)
        elif expr.op == "iternext" and isinstance(kind, types.RangeIteratorType):
            return access.next_of_range(self.context, self.builder, resty, self.loadvar(expr.value.name))
        elif expr.op in ("pair_first", "pair_second"):
            return access.field(self.builder, self.loadvar(expr.value.name), int(expr.op == "pair_second"))
        return super().lower_expr(resty, expr)


@register_pass(mutates_CFG=True, analysis_only=False)
class KernelLowering(typed_passes.NativeLowering):
    """Numba's lowering, in a context that has no references to count."""

    _name = "kernel_lowering"

    @property
    def lowering_class(self):
        return _Lower

    def run_pass(self, state):
        kinds = state.return_type.types if isinstance(state.return_type, types.BaseTuple) else (state.return_type,)
        if any(isinstance(kind, types.Array) for kind in kinds) and not state.flags.no_cpython_wrapper:
            raise TypingError("a kernel that Python calls gives back no array: it would not own it")
        state.targetctx = state.targetctx.subtarget(enable_nrt=False)
        return super().run_pass(state)
