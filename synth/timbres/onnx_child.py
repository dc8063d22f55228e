"""A stranger's ONNX file, run in a process of its own: `python onnx_child.py FILE`, driven by `child_network.py` through its pipes.

It may take 2 GiB of memory and ends with whoever started it. Every answer is a length and that many bytes: first a JSON object that
tells inputs and outputs, then for each request (columns, rows, float32s) its answer's shape and numbers, or why there is none.
Imports nothing of ours, so that it starts quickly.
"""

import contextlib
import json
import os
import signal
import struct
import sys
import threading
import time

MEMORY_BYTES = 2 << 30
NUMBERS, REFUSED = b"N", b"E"


def _limit() -> None:
    """No more memory than that, and no life without the parent; as far as the system can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    threading.Thread(target=_follow_parent, args=(os.getppid(),), daemon=True).start()
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    if hasattr(os, "nice"):
        os.nice(1)


def _follow_parent(parent: int) -> None:
    """End when the parent has ended, though the file never answers; Linux's own way would end us with the thread that started us."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def main(path: str) -> None:
    """Serve until the parent closes the pipe."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what libraries print is no answer
    import numpy as np
    import onnxruntime

    def answer(kind: bytes, body: bytes) -> None:
        answers.write(struct.pack("<cI", kind, len(body)) + body)
        answers.flush()

    answer(NUMBERS, b"")  # ready: from here on it is the file's time
    _limit()
    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        told = {key: [[v.name, v.type, [d if isinstance(d, int) else None for d in v.shape]] for v in values]
                for key, values in (("inputs", session.get_inputs()), ("outputs", session.get_outputs()))}
    except BaseException as error:
        answer(REFUSED, str(error).encode("utf-8", "replace")[:4000])
        return
    answer(NUMBERS, json.dumps(told).encode())
    kinds = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
    while head := requests.read(8):
        n_rows, n_columns = struct.unpack("<II", head)
        size = struct.unpack("<I", requests.read(4))[0]
        name = requests.read(size).decode()
        values = np.frombuffer(requests.read(4 * n_rows * n_columns), np.float32).reshape(n_rows, n_columns)
        try:
            given = session.get_inputs()[0]
            row = [d if isinstance(d, int) and d > 0 else -1 for d in given.shape[1:]]  # some take more than two axes
            values = values.astype(kinds[given.type]).reshape(n_rows, *row)
            found = np.ascontiguousarray(session.run([name], {given.name: values})[0], np.float32)
            answer(NUMBERS, struct.pack(f"<I{found.ndim}I", found.ndim, *found.shape) + found.tobytes())
        except BaseException as error:
            answer(REFUSED, str(error).encode("utf-8", "replace")[:4000])


if __name__ == "__main__":
    main(sys.argv[1])
