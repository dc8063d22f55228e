"""Compiling a tree of kernels in half the time: each function is optimised and made machine code once, where it is called from outside.

Numba links every callee into its caller's module, optimises the whole and emits it, at every level of the tree; of the 100 s that
the callbacks took, that was 50. Here a kernel called by kernels stays LLVM code as its own lowering left it (`Part`); the function
that is called from Python or from C (`Whole`) links every part below it once, then optimises and emits.
A library of numba's own that calls a part gets it with all that lies below it, so kernels may be called from any jitted function.
"""

from llvmlite import binding as llvm
from numba.core import codegen, compiler

from . import brief

brief.install()


class _NoEnvironment:
    """A codegen that has no machine code of a part to tell its environment; ours never raise, so none is looked for."""

    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)

    def set_env(self, name, environment):
        pass


class _Below(codegen.JITCodeLibrary):
    """A library that keeps all that lies below it: callees before callers, each once."""

    def __init__(self, codegen, name, **options):
        super().__init__(codegen, name, **options)
        self.below: dict = {}

    def add_linking_library(self, library):
        library._ensure_finalized()
        for one in (*getattr(library, "below", ()), library):
            self.below.setdefault(one)

    def _link_all(self, module):
        """LLVM takes what it has seen a call of: callers first."""
        for library in reversed(self.below):
            module.link_in(library.own_module() if isinstance(library, Part) else library._get_module_for_linking(), preserve=True)


class Part(_Below):
    """A kernel inside others."""

    @property
    def codegen(self):
        return _NoEnvironment(self._codegen)

    def finalize(self):
        self._raise_if_finalized()
        self._finalize_dynamic_globals()
        self._finalized = True

    def _optimize_functions(self, module):
        module.data_layout = self._codegen._data_layout  # the whole that it is linked into is optimised, and it with that

    def own_module(self):
        """What was lowered of this function alone, to be linked many times."""
        return super()._get_module_for_linking()

    def _get_module_for_linking(self):
        module = self.own_module().clone()
        self._link_all(module)
        return module

    def enable_object_caching(self):
        pass

    def get_pointer_to_function(self, name):
        return 0


class Whole(_Below):
    """What is called from outside, with every part below it."""

    def finalize(self):
        own = {function.name for function in self._final_module.functions if not function.is_declaration}
        self._link_all(self._final_module)
        for function in self._final_module.functions:  # what nobody else can call is taken into its caller, or called as is best
            if not function.is_declaration and function.name not in own:
                function.linkage = "private"  # not internal: the loader would find it under its name for other modules
        super().finalize()

    def serialize_using_object_code(self):
        """Machine code, and the names in it. Numba would keep all of its LLVM code as well, for callers that link it; none does, and
        reading that at each start took a tenth of it and 40 MB.
        """
        self._ensure_finalized()
        return self.name, "object", (self._get_compiled_object(), _names_of(self._final_module).as_bitcode())


def _names_of(module):
    """A module that defines the same names, each as nothing; the loader asks it what there is. Nobody asks for environments by name."""
    functions = [f'define void @"{one.name}"() {{ ret void }}' for one in module.functions if _is_seen(one)]
    variables = [f'@"{one.name}" = global i8 0' for one in module.global_variables
                 if _is_seen(one) and not one.name.startswith(brief.ENVIRONMENT)]
    return llvm.parse_assembly("\n".join(variables + functions))


def _is_seen(value) -> bool:
    return not value.is_declaration and value.linkage not in (llvm.Linkage.private, llvm.Linkage.internal)


class _Pipeline(compiler.Compiler):
    library: type[_Below] = Whole

    def __init__(self, typingctx, targetctx, library, *rest):
        if library is None:
            library = self.library(targetctx.codegen(), "kernel")
            library.enable_object_caching()
        super().__init__(typingctx, targetctx, library, *rest)

    def define_pipelines(self):
        return [brief.needed_passes()]

    def compile_extra(self, func):
        with brief.remembering():
            return super().compile_extra(func)


class PartPipeline(_Pipeline):
    """Compiles a kernel that kernels call."""

    library = Part


class WholePipeline(_Pipeline):
    """Compiles what Python or C calls. How numba typed it is not kept: its text of the state is half a megabyte for each in the cache, and
    again in memory at each start.
    """

    def compile_extra(self, func):
        return super().compile_extra(func)._replace(type_annotation="")
