"""How kernels are compiled: numba's way, less what it does for general Python.

jit: `kernel`, the decorator, and the cache on disk. linking: parts (called by kernels) stay LLVM code, wholes (called by Python or C) link,
optimise and emit all below them once. brief: which of numba's passes run, and what of numba is replaced in this process to remember what
it found. lowering: which instructions of a kernel are written otherwise than numba would; access: the LLVM code of those (items, ranges,
calls). intrinsics: Python functions with LLVM code of our own; simd, simd_math, atomics, wake, fastmath, layout: what kernels are made of.
"""
