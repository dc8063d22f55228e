"""ONNX files run by onnxruntime: encoders, and decoders that the engine's own kernel does not know. It is imported when one is opened."""

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UserError
from .child_network import ChildSession
from .verdicts import RefusedError

_TAKEN = {False: ("tensor(float)",), True: ("tensor(float)", "tensor(float16)")}  # of us, of strangers


class Network:
    """One ONNX file with a single float32 input and output, run on the calling thread.

    One thread, no spinning: a decode must not steal the audio thread's core. It runs without the GIL. foreign: in a process of its own
    (see `child_network`), where float16, axes of one, and any name of a lone input and a lone output are taken too.
    """

    def __init__(self, path: Path, input_name: str, output_name: str, input_size: int, output_size: int, foreign: bool = False):
        self._output_size, self._path = output_size, path
        self.child = ChildSession(path) if foreign else None
        self._session: Any = self.child or _open_session(path)
        inputs, outputs = self._session.get_inputs(), [o.name for o in self._session.get_outputs()]
        if foreign and len(inputs) == 1:
            input_name = inputs[0].name
        if foreign and len(outputs) == 1:
            output_name = outputs[0]
        self._names, self._input = [output_name], input_name
        if [i.name for i in inputs] != [input_name] or output_name not in outputs:
            raise RefusedError(path, f"must take '{input_name}' and give '{output_name}'; export the model again")
        if inputs[0].type not in _TAKEN[foreign] or not _holds(inputs[0].shape, input_size, foreign):
            raise RefusedError(path, f"must take float32 [batch, {input_size}], not {inputs[0].type} {inputs[0].shape}")
        self._run = self._session.run
        self._batch = inputs[0].shape[0] if isinstance(inputs[0].shape[0], int) and inputs[0].shape[0] > 0 else None
        self.steady = False
        if self.child:
            self.child.width = output_size

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """float32[n, input_size] -> float32[n, output_size]."""
        if self._batch is None:
            return self._once(values)
        return self._in_fixed_batches(values, self._batch)

    def _once(self, values: np.ndarray) -> np.ndarray:
        """What the file gives for rows; a stranger's may hold axes of one, which go."""
        found = self._run(self._names, {self._input: values})[0]
        if self.child is not None and found.ndim != 2 and found.size == len(values) * self._output_size:
            return found.reshape(len(values), self._output_size)
        return found

    def _in_fixed_batches(self, values: np.ndarray, size: int) -> np.ndarray:
        """The same of a file that was exported for batches of one size: piece by piece, the last one filled up with its last row."""
        found = []
        for i in range(0, len(values), size):
            piece = values[i:i + size]
            n_rows, filled = len(piece), np.concatenate([piece, np.repeat(piece[-1:], size - len(piece), 0)])
            out = self._once(filled)
            found.append(out[:n_rows] if len(out) == size else out)
        return np.concatenate(found) if found else np.empty((0, self._output_size), np.float32)

    def rows(self, values: np.ndarray) -> np.ndarray:
        """The same, each row as it would be alone: in one batch where `steady`, else one by one."""
        if self.steady or len(values) == 1:
            return self(values)
        return np.concatenate([self(values[i : i + 1]) for i in range(len(values))])

    def find_steady(self, values: np.ndarray) -> None:
        """Whether rows come out bit for bit the same wherever they stand in a batch of any size.

        onnxruntime 1.31 keeps that for matrix products and elementwise steps, not for a ReduceSum over a row whose
        length is no multiple of the vector width.
        """
        whole = self(values)
        self.steady = np.array_equal(self(values[::-1].copy())[::-1], whole) and all(
            np.array_equal(self(values[i : i + n]), whole[i : i + n]) for n in (1, 2, 3, 5) for i in range(0, len(values) - n + 1, n))

    def probe(self, values: np.ndarray) -> np.ndarray:
        """Run once with checks: raises UserError where the file cannot do what its manifest promises."""
        try:
            out = self(values)
        except UserError:
            raise
        except Exception as error:
            raise RefusedError(self._path, f"cannot be run ({_first_line(error)}); export the model again") from None
        if out.shape != (len(values), self._output_size):
            wanted = (len(values), self._output_size)
            raise RefusedError(self._path, f"gives shape {out.shape} where {wanted} was promised; export the model again")
        if not np.isfinite(out).all():
            raise RefusedError(self._path, "gives values that are not numbers (NaN or infinity); export the model again")
        return out


def _holds(shape: list, size: int, foreign: bool) -> bool:
    """Whether an input of that shape takes rows of a size; a stranger's may be spread over several axes."""
    if not foreign:
        return len(shape) == 2 and shape[1] == size
    known = [d for d in shape[1:] if isinstance(d, int) and d > 0]
    free = len(shape) - 1 - len(known)
    rest = int(np.prod(known, dtype=object))
    return len(shape) >= 2 and (rest == size if free == 0 else free == 1 and rest == 1)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _open_session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 4
    if not path.is_file():
        raise UserError(f"{path} is missing; export the model again or copy it anew")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise UserError(f"{path} cannot be opened ({_first_line(error)}); copy the model anew") from None
