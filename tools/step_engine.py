"""The whole engine as plain Python, quantum by quantum, to step through in a debugger: no kernel is compiled, numpy shows every record.

    python -m tools.step_engine --preset "Amber Pad" --note 60 --quanta 40
    python -m pdb -m tools.step_engine          # b synth/engine/voice/allocation.py:start_voice

About a thousand times slower than compiled. What has no Python body (atomic loads, addresses) gets one here; only the doors
for hosts (`callback.py`, `jack_process.py`) cannot run so.
"""

import argparse
import ctypes
import os
import sys
from types import SimpleNamespace

import numpy as np


def _address_of(record) -> object:
    return ctypes.cast(record.__array_interface__["data"][0], ctypes.POINTER(ctypes.c_float))


def _store_release(array, index, value) -> None:
    array[index] = value


def _state(address: int) -> np.void:
    from synth.engine.state import STATE

    return np.frombuffer((ctypes.c_char * STATE.itemsize).from_address(address), STATE)[0]


def _process(engine, n_frames: int, now_s: float | None = None) -> np.ndarray:
    """`Engine.process` without a door: quanta, and what a block before left of the last one."""
    from synth.engine.constants import QUANTUM
    from synth.engine.render import render_quantum

    s, out, at = engine._s, np.empty((n_frames, 2), np.float32), 0
    while at < n_frames:
        if s["fifo_read"] >= QUANTUM:
            render_quantum(s)
            s["fifo"][:] = s["output"]["out"]
            s["fifo_read"] = 0
        n = min(QUANTUM - int(s["fifo_read"]), n_frames - at)
        out[at:at + n] = s["fifo"][:, int(s["fifo_read"]):][:, :n].T
        s["fifo_read"] += n
        at += n
    return out


def _as_it_stands(function):
    """A kernel as a plain function, which is its own Python."""
    function.py_func = function
    return function


def make_plain() -> None:
    """Before anything of the engine is imported: kernels stay Python functions, which `Engine.process` calls, so commands play too."""
    if any(name.startswith("synth.engine") for name in sys.modules):
        raise RuntimeError("make_plain() comes before the first import of synth.engine")
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    np.seterr(over="ignore")  # hashes run over on purpose
    from synth.engine.compile import atomics, jit

    jit.kernel = _as_it_stands
    atomics.load_acquire, atomics.store_release, atomics.address_of = lambda array, index: int(array[index]), _store_release, _address_of
    atomics.call_count = atomics.cycle_count = lambda *_: 0  # nobody is to be woken
    from synth.engine import engine, first_block

    first_block.begin = lambda address, serial: first_block.take_patch(_state(address), serial)
    first_block.set_rate = lambda address: first_block.take_rate(_state(address))
    first_block.prefetch = lambda address: first_block.ask_ahead(_state(address))
    engine.quantum = engine.callback = engine.process = lambda: SimpleNamespace(address=0)  # type: ignore[assignment]
    engine.Engine.process = _process  # type: ignore[method-assign]
    allocate = engine.allocate  # the decode worker does them all: a decoder on the audio thread is read by its address
    engine.allocate = lambda sr_hz, latency, ahead, block_products: allocate(sr_hz, latency, ahead, 0)


def play(preset: str, note: int, quanta: int, breakpoints: bool = False) -> np.ndarray:
    """A note of a preset, float32[2, 32 * quanta]; what is asked of the decode worker is answered after each quantum."""
    from synth.engine.engine import Engine
    from synth.engine.render import render_quantum
    from synth.events import note_on
    from synth.patch import preset_file
    from synth.paths import find_preset
    from synth.timbres.decode_worker import Decoder
    from synth.timbres.source_cache import SourceCache

    engine = Engine()
    decoder = Decoder(engine)
    cache = SourceCache(decoder)
    decoder.begin(cache.load(cache.adopt(preset_file.load(find_preset(preset))))[0])
    engine.post(note_on(note), "window", 40)
    state, heard = engine._s, []
    for _ in range(quanta):
        if breakpoints:
            breakpoint()  # noqa: T100 - what this tool is for: `s` steps into the quantum
        render_quantum(state)
        decoder.pump()
        heard.append((state["output"]["out"] if "output" in state.dtype.names else state["out"]).copy())
    return np.concatenate(heard, 1)


def main() -> None:
    """Play a note, or stop before each quantum."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--preset", default="Init")
    parser.add_argument("--note", type=int, default=60)
    parser.add_argument("--quanta", type=int, default=100, help="of 32 frames each")
    parser.add_argument("--stop", action="store_true", help="stop in the debugger before each quantum")
    args = parser.parse_args()
    make_plain()
    x = play(args.preset, args.note, args.quanta, args.stop)
    first = np.flatnonzero(x.any(0))
    print(f"{x.shape[1]} frames, peak {np.abs(x).max():.4f}, first sound at frame {first[0] if len(first) else 'none'}")


if __name__ == "__main__":
    main()
