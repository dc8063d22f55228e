"""A kernel's instructions without counts of references: it makes no array and keeps none, so it only borrows what it is given.

Numba counts up and down at each variable that may hold an array, clears each one that is not used any more, and looks at what it held
before: a sixth of the LLVM code of JACK's callback and its parts. Allocating in a kernel fails as it compiles.
"""

from numba import types
from numba.core import lowering, typed_passes
from numba.core.compiler_machinery import register_pass
from numba.core.errors import TypingError


class _Lower(lowering.Lower):
    """Variables are stored and loaded, no more."""

    def delvar(self, name):
        if name not in self._blk_local_varmap and not self._disable_sroa_like_opt:
            self._singly_assigned_vars.discard(name)

    def storevar(self, value, name, argidx=None):
        self._alloca_var(name, self.typeof(name))
        if name in self._singly_assigned_vars and not self._disable_sroa_like_opt:
            self._blk_local_varmap[name] = value
        else:
            self.builder.store(value, self.getvar(name))


@register_pass(mutates_CFG=True, analysis_only=False)
class KernelLowering(typed_passes.NativeLowering):
    """Numba's lowering, in a context that has no references to count."""

    _name = "kernel_lowering"

    @property
    def lowering_class(self):
        return _Lower

    def run_pass(self, state):
        if isinstance(state.return_type, types.Array) and not state.flags.no_cpython_wrapper:
            raise TypingError("a kernel that Python calls gives back no array: it would not own it")
        state.targetctx = state.targetctx.subtarget(enable_nrt=False)
        return super().run_pass(state)
