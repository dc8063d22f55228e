"""`python -m tests.bench.realtime`: what the compiled callbacks can call. Prints JSON; exit 1 if one can allocate.

The whole of each callback, its kernels linked in, as LLVM sees it: numba's allocator is `NRT_Allocate` and its kin. The error
path that numba puts around every cfunc (PyErr_...) is there too; no kernel of ours raises.
"""

import json
import re
import sys

from numba import cfunc

from synth.engine import callback, jack_process
from synth.engine.jit import OPTIONS


def main() -> int:
    """Compile both callbacks afresh (a minute) and look."""
    options, bad = {**OPTIONS, "cache": False}, []
    for name, module, function in (("portaudio", callback, callback._callback), ("jack", jack_process, jack_process._process)):
        text = cfunc(module.SIGNATURE, **options)(function).inspect_llvm()
        called = sorted(set(re.findall(r'^declare [^@]*@"?([\w.$-]+)', text, re.M)))
        bad += [c for c in called if "alloc" in c.lower()]
        print(json.dumps({"name": name, "ir_bytes": len(text), "can_call": called, "allocates": bad}))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
