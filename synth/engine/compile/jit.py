"""How kernels are compiled: one set of options, and a disk cache whose name holds the kernels' hash.

Numba's cache does not notice an edited callee in another file, so the folder's name changes with any kernel. It also keeps a folder for
each place that a file lies in; ours are found by their place in the package, so that a second copy of it, or one that was moved or
installed anew, starts at once.
"""

import contextlib
import functools
import hashlib
import shutil
import time
from pathlib import Path
from typing import Any

import numba
from numba import config
from numba.core import caching
from numba.core.runtime import nrtdynmod

from ...errors import UserError
from ...paths import cache_folder, write_whole

PACKAGE = Path(__file__).resolve().parents[2]
_LINKED_ONCE = numba.__version__.startswith("0.68.")  # whose insides linking.py knows; others compile too, in several times the time
if _LINKED_ONCE:
    from .brief import widened
    from .linking import PartPipeline, WholePipeline


def kernels_hash() -> str:
    """Hash of every kernel's source, the declarations they are built from, and numba's version; its place too where numba keeps that."""
    digest = hashlib.sha256(numba.__version__.encode())
    if not _LINKED_ONCE:
        digest.update(str(PACKAGE).encode())
    declared = (*sorted((PACKAGE / "params").glob("*.py")), PACKAGE / "events.py")
    elsewhere = (file for file in sorted((PACKAGE / "timbres").glob("*.py")) if b"compile.jit import kernel" in file.read_bytes())
    for file in (*sorted((PACKAGE / "engine").rglob("*.py")), *declared, *elsewhere):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _cache_subfolder(file: str, by_place=caching._CacheLocator.get_suitable_cache_subpath) -> str:
    folder = Path(file).resolve().parent
    return "_".join(folder.relative_to(PACKAGE.parent).parts) if folder.is_relative_to(PACKAGE) else by_place(file)


if _LINKED_ONCE:
    caching._CacheLocator.get_suitable_cache_subpath = staticmethod(_cache_subfolder)  # type: ignore[assignment]

CACHE = cache_folder() / f"kernels-{kernels_hash()}"
config.CACHE_DIR = str(CACHE)  # type: ignore[attr-defined]



def _load_runtime(context):
    """Numba's counting of references, which it compiles anew in each process: here from the cache too, by the processor it is for."""
    codegen = context.codegen()
    file = CACHE / f"runtime-{hashlib.sha256(repr(codegen.magic_tuple()).encode()).hexdigest()[:12]}.bin"
    try:
        kept = file.read_bytes()
        size = int.from_bytes(kept[:8], "little")
        return codegen.unserialize_library(("nrt", "object", (kept[8:8 + size], kept[8 + size:])))
    except OSError:
        pass
    module, library = nrtdynmod.create_nrt_module(context)
    library.enable_object_caching()
    library.add_ir_module(module)
    library.finalize()
    _, _, (machine_code, names) = library.serialize_using_object_code()
    with contextlib.suppress(OSError, UserError):
        CACHE.mkdir(parents=True, exist_ok=True)
        write_whole(file, len(machine_code).to_bytes(8, "little") + machine_code + names)
    return library


if _LINKED_ONCE:
    nrtdynmod.compile_nrt_functions = _load_runtime

_COMPLETE, _KEPT_S = "complete", 14 * 86400
FAST = {"reassoc", "contract", "arcp", "nsz", "afn"}  # NaN and infinity keep their meaning: the guard needs them
_ALL: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": FAST}
OPTIONS: dict[str, Any] = {**_ALL, "cache": True} | ({"pipeline_class": WholePipeline} if _LINKED_ONCE else {})
_PART: dict[str, Any] = {**_ALL, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "pipeline_class": PartPipeline}


class Kernel:
    """A real-time function: called from Python it is compiled as a whole, and cached; called by compiled code it is a part of the caller.

    Numba's own object for it, some 8 kB and 0.1 ms, is made when it is asked for: a start calls a dozen of six hundred.
    """

    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.py_func = function

    @functools.cached_property
    def dispatcher(self):
        """Numba's own object."""
        function = self.py_func
        whole = numba.njit(**(OPTIONS | {"cache": False}))(function)
        compile_whole = whole.compile

        def compile_cached(signature):
            whole.compile = compile_whole
            whole.enable_caching()
            return compile_whole(signature)

        whole.compile = compile_cached
        whole.get_call_template = lambda args, kws: self._part.get_call_template(tuple(widened(a) for a in args), kws)
        whole.get_overload = lambda signature: self._part.get_overload(signature)
        return whole

    @functools.cached_property
    def _part(self):
        return numba.njit(**_PART)(self.py_func)

    @property
    def _numba_type_(self):
        return self.dispatcher._numba_type_

    @property
    def signatures(self):
        """Types of arguments that it is compiled for as a whole."""
        return self.dispatcher.signatures

    def __call__(self, *args):
        return self.dispatcher(*args)


def kernel(function):
    """Compile a real-time function: no allocation, no locks, no I/O, no Python. `.py_func` runs it as plain Python."""
    if config.DISABLE_JIT:  # type: ignore[attr-defined]
        return function
    return Kernel(function) if _LINKED_ONCE else numba.njit(**OPTIONS)(function)


def is_compiled() -> bool:
    """Whether every kernel lies compiled in the cache (the first run compiles them, about a minute)."""
    return (CACHE / _COMPLETE).is_file()


def mark_compiled() -> None:
    """Note that every kernel is compiled; caches of other versions that were not used for two weeks are removed."""
    try:
        (CACHE / _COMPLETE).touch()
        for old in CACHE.parent.glob("kernels-*"):
            if old != CACHE and time.time() - max(f.stat().st_mtime for f in (old, *old.glob(_COMPLETE))) > _KEPT_S:
                shutil.rmtree(old, ignore_errors=True)
    except OSError:  # a cache that cannot be written is slow, not wrong
        pass
