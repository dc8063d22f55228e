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
_PATIENCE = 4  # times that limit where the machine is so busy that the file hardly ran
_LARGEST_BYTES = 64 << 20


class Tensor(NamedTuple):
    """An input or output as onnxruntime tells it."""

    name: str
    type: str
    shape: list[int | None]


class _GoneError(Exception):
    """The child does not answer any more; says why. sure: whether it would not on a machine with less to do."""

    def __init__(self, why: str, sure: bool = True):
        super().__init__(why)
        self.sure = sure


class ChildSession:
    """As onnxruntime's InferenceSession, in a child. Until `play` a failure is a UserError; from then on it is rows of NaN, and another
    child, which waits since then, takes its place: each row that is not a number is replaced by the last good one where it is played,
    so the timbre stands still.
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
        self._spare: subprocess.Popen[bytes] | None = None
        self._process, told = self._open()
        self._inputs, self._outputs = ([Tensor(*row) for row in told[key]] for key in ("inputs", "outputs"))

    @property
    def pid(self) -> int:
        """Of the child; 0 while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    @property
    def waits(self) -> bool:
        """Whether another is there to take the place of the one that plays."""
        return self._spare is not None and self._spare.poll() is None

    def get_inputs(self) -> list[Tensor]:
        """As onnxruntime."""
        return self._inputs

    def get_outputs(self) -> list[Tensor]:
        """As onnxruntime."""
        return self._outputs

    def play(self) -> None:
        """It has shown what it can: from now on it may fail without a word, and another waits to take its place."""
        self._playing = True
        self._start_more()

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
                    raise RefusedError(self._path, f"{error}; it is not played", error.sure) from None
                if not self._closed:
                    self._again(process)
                return [np.full((len(given), self.width), np.nan, np.float32)]
        return [found]

    def close(self) -> None:
        """End the child for good."""
        with self._lock:
            self._closed = True
            self._end(self._process)
            self._end(self._spare)
            self._process = self._spare = None

    def _ask(self, process: "subprocess.Popen[bytes]", name: str, given: np.ndarray) -> np.ndarray:
        word = name.encode()
        request = struct.pack("<III", len(given), given.shape[1], len(word)) + word + given.tobytes()
        body = _answer(process, _PLAYED_S, request) if self._playing else _answer(process, _RUN_S, request, _PATIENCE)
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
            return process, json.loads(_answer(process, _OPEN_S, times=_PATIENCE))
        except (_GoneError, ValueError) as error:
            self._end(process)
            raise RefusedError(self._path, f"{error}; it is not played", getattr(error, "sure", True)) from None

    def _again(self, process: "subprocess.Popen[bytes] | None") -> None:
        """The one that waits, or where there is none another as soon as it is there; nobody waits for it."""
        self._end(process)
        self._process, spare, self._spare = None, self._spare, None
        if spare is not None and spare.poll() is None:
            self._process = spare
            self.restarts += 1
        else:
            self._end(spare)
        self._start_more()

    def _start_more(self) -> None:
        if not self._starting:
            self._starting = True
            threading.Thread(target=self._start_missing, name="latentwave-foreign", daemon=True).start()

    def _start_missing(self) -> None:
        """One to play where there is none, and one that waits."""
        try:
            while not self._closed and (self._process is None or self._spare is None):
                process, _ = self._open()
                if self._process is None:
                    self._process = process
                    self.restarts += 1
                else:
                    self._spare = process
            if self._closed:
                self._end(self._process)
                self._end(self._spare)
        except (UserError, OSError):
            pass  # asked for again with the next decode
        finally:
            self._starting = False

    @staticmethod
    def _end(process: "subprocess.Popen[bytes] | None") -> None:
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError, ValueError):  # ended before: its pipes are closed
                process.communicate()

    def __del__(self) -> None:
        self._end(getattr(self, "_process", None))
        self._end(getattr(self, "_spare", None))


def _spent(pid: int) -> tuple[float, float]:
    """Seconds that a process's main thread has run, and has waited for a processor; zeros where the system does not tell."""
    try:
        ran_ns, waited_ns, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    except (OSError, ValueError):
        return 0.0, 0.0
    return int(ran_ns) / 1e9, int(waited_ns) / 1e9


class _Watch:
    """Ends a child that has not answered in time, and so the reading: a pipe cannot be waited for on every system.

    times: how often the limit may pass while the machine is so busy that the child has hardly run. `late` is set where it was ended,
    `busy` where it had hardly run even then.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", limit_s: float, times: int) -> None:
        self._process, self._limit_s, self._times = process, limit_s, times
        self._before = _spent(process.pid)
        self._answered, self.late, self.busy = threading.Event(), False, False
        threading.Thread(target=self._run, daemon=True).start()

    def end(self) -> None:
        """There is an answer, or there will be none."""
        self._answered.set()

    def _run(self) -> None:
        for _ in range(self._times):
            if self._answered.wait(self._limit_s):
                return
            ran_s, waited_s = (now - before for now, before in zip(_spent(self._process.pid), self._before, strict=True))
            self.busy = ran_s < self._limit_s / 2 and waited_s > self._limit_s / 4
            if not self.busy:
                break
        self.late = True
        self._process.kill()


def _answer(process: "subprocess.Popen[bytes]", limit_s: float, request: bytes = b"", times: int = 1) -> bytes:
    """The child's next answer, to a request if there is one. Raises _GoneError where it has none in time."""
    assert process.stdin and process.stdout
    watch = _Watch(process, limit_s, times)
    try:
        if request:
            process.stdin.write(request)
            process.stdin.flush()
        head = process.stdout.read(5)
        size = int.from_bytes(head[1:], "little")
        body = process.stdout.read(size) if len(head) == 5 and size <= _LARGEST_BYTES else b""
    except (OSError, ValueError):
        head = body = b""
        size = 0
    finally:
        watch.end()
    if len(head) < 5 or len(body) < size:
        raise _GoneError(f"does not answer within {limit_s:g} s" if watch.late else "ends the process that runs it", not watch.busy)
    if head[:1] != NUMBERS:
        raise _GoneError(_refusal(body))
    return body


def _refusal(body: bytes) -> str:
    said = " ".join(body.decode("utf-8", "replace").split())
    if "alloc" in said.lower():
        return f"takes more than {MEMORY_BYTES >> 30} GB of memory"
    return f"cannot be run ({said[:200]})"
