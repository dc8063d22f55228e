"""ONNX files of strangers run in a child process: one that hangs, crashes or eats memory costs timbre, never sound."""

import contextlib
import json
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import UserError
from .onnx_child import MEMORY_BYTES, NUMBERS
from .onnx_external import external_files
from .onnx_reader import UnreadableError
from .verdicts import RefusedError

_CHILD = Path(__file__).with_name("onnx_child.py")
_START_S, _OPEN_S, _RUN_S = 60.0, 5.0, 5.0  # a busy machine may take long to import; the file itself has five seconds
_PLAYED_S = 1.0  # of a decode while it plays
_LARGEST_BYTES = 64 << 20


class Tensor(NamedTuple):
    """An input or output as onnxruntime tells it."""

    name: str
    type: str
    shape: list[int | None]


class _GoneError(Exception):
    """The child does not answer any more; says why."""


class ChildSession:
    """As onnxruntime's InferenceSession, in a child. Until `play` a failure is a UserError; from then on it is rows of NaN, and another
    child is started: each row that is not a number is replaced by the last good one where it is played, so the timbre stands still.
    """

    def __init__(self, path: Path):
        self._path, self._playing, self._closed = path, False, False
        self._lock, self._starting = threading.Lock(), False
        self.restarts = 0
        self.width = 0  # numbers in a row of its answers
        try:
            external_files(path)
        except UnreadableError as error:
            raise RefusedError(path, f"cannot be run ({error}); it is not played") from None
        self._process: subprocess.Popen[bytes] | None = None
        self._process, told = self._open()
        self._inputs, self._outputs = ([Tensor(*row) for row in told[key]] for key in ("inputs", "outputs"))

    @property
    def pid(self) -> int:
        """Of the child; 0 while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def get_inputs(self) -> list[Tensor]:
        """As onnxruntime."""
        return self._inputs

    def get_outputs(self) -> list[Tensor]:
        """As onnxruntime."""
        return self._outputs

    def play(self) -> None:
        """It has shown what it can: from now on it may fail without a word."""
        self._playing = True

    def run(self, names: Sequence[str], values: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """As onnxruntime: one input, one output."""
        given = np.ascontiguousarray(next(iter(values.values())), np.float32)
        with self._lock:
            process = self._process
            try:
                if process is None:
                    raise _GoneError("is being started again")
                found = self._ask(process, names[0], given)
            except _GoneError as error:
                if not self._playing:
                    self._end(process)
                    raise RefusedError(self._path, f"{error}; it is not played") from None
                if not self._closed:
                    self._again(process)
                return [np.full((len(given), self.width), np.nan, np.float32)]
        return [found]

    def close(self) -> None:
        """End the child for good."""
        with self._lock:
            self._closed = True
            self._end(self._process)
            self._process = None

    def _ask(self, process: "subprocess.Popen[bytes]", name: str, given: np.ndarray) -> np.ndarray:
        word = name.encode()
        request = struct.pack("<III", len(given), given.shape[1], len(word)) + word + given.tobytes()
        body = _answer(process, _PLAYED_S if self._playing else _RUN_S, request)
        n_axes = struct.unpack_from("<I", body)[0]
        shape = struct.unpack_from(f"<{n_axes}I", body, 4)
        return np.frombuffer(body, np.float32, offset=4 + 4 * n_axes).reshape(shape).copy()

    def _open(self) -> tuple["subprocess.Popen[bytes]", dict[str, Any]]:
        process = subprocess.Popen([sys.executable, str(_CHILD), str(self._path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, start_new_session=sys.platform != "win32")
        try:
            _answer(process, _START_S)
        except _GoneError:
            self._end(process)
            raise UserError(f"{self._path}: the process that runs models of others cannot be started; try again") from None
        try:
            return process, json.loads(_answer(process, _OPEN_S))
        except (_GoneError, ValueError) as error:
            self._end(process)
            raise RefusedError(self._path, f"{error}; it is not played") from None

    def _again(self, process: "subprocess.Popen[bytes] | None") -> None:
        """Another child, in a thread; nobody waits for it."""
        self._end(process)
        self._process = None
        if not self._starting:
            self._starting = True
            threading.Thread(target=self._start_again, name="latentwave-foreign", daemon=True).start()

    def _start_again(self) -> None:
        try:
            process, _ = self._open()
            self._process = process
            self.restarts += 1
            if self._closed:
                self._end(process)
        except (UserError, OSError):
            pass  # asked for again with the next decode
        finally:
            self._starting = False

    @staticmethod
    def _end(process: "subprocess.Popen[bytes] | None") -> None:
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):
                process.communicate()

    def __del__(self) -> None:
        self._end(getattr(self, "_process", None))


def _answer(process: "subprocess.Popen[bytes]", limit_s: float, request: bytes = b"") -> bytes:
    """The child's next answer, to a request if there is one. Raises _GoneError where it has none in time."""
    assert process.stdin and process.stdout
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(limit_s, end)  # ends the child, and so the reading: a pipe cannot be waited for on every system
    timer.daemon = True
    timer.start()
    try:
        if request:
            process.stdin.write(request)
            process.stdin.flush()
        head = process.stdout.read(5)
        size = int.from_bytes(head[1:], "little")
        body = process.stdout.read(size) if len(head) == 5 and size <= _LARGEST_BYTES else b""
        if len(head) < 5 or len(body) < size:
            raise _GoneError(f"does not answer within {limit_s:g} s" if late.is_set() else "ends the process that runs it")
    except (OSError, ValueError):
        raise _GoneError(f"does not answer within {limit_s:g} s" if late.is_set() else "ends the process that runs it") from None
    finally:
        timer.cancel()
    if head[:1] != NUMBERS:
        raise _GoneError(_refusal(body))
    return body


def _refusal(body: bytes) -> str:
    said = " ".join(body.decode("utf-8", "replace").split())
    if "alloc" in said.lower():
        return f"takes more than {MEMORY_BYTES >> 30} GB of memory"
    return f"cannot be run ({said[:200]})"
