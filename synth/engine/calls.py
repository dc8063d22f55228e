"""Calls from one separately compiled stage of the engine to another, by its address in the state.

Numba links and optimises a kernel's callees into it again at every level, so a deep tree compiles in quadratic time. The
stages cut the tree: each is compiled once (`stages.py`) and called through a pointer, which costs a nanosecond or two.
"""

from .atomics import call_count, record_address
from .jit import kernel

QUANTUM, EVENTS, VOICES, FINISH, BUILD, LOOK_AHEAD, EFFECTS = range(7)
N_STAGES = 7


@kernel
def run(s, stage):
    """Run a stage on the state; what it needs to know lies in `job`."""
    call_count(s["stages"][stage], record_address(s))
