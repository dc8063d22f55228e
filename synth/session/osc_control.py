"""The instrument by OSC: what comes is done on the sample of its time tag; what cannot be done is counted, and told now and then."""

import contextlib
import math
import time
from collections.abc import Callable

from ..engine.engine import Engine
from ..errors import UserError
from ..ports.osc_packets import TimedMessage
from ..ports.osc_port import Answer, OscAddress, OscPort
from ..text import counted
from .osc_addresses import NoRoomError, OscAddresses, RefusedError
from .osc_rows import OscRows
from .osc_session import OscSession

_TELL_S = 5.0  # between sentences about what was refused
_DRIFT_S = 0.0015  # a tag's frame is measured anew where the clocks have gone so far apart
_TRIES, _AT_ONCE_S = 8, 0.0002  # at reading two clocks at one moment: a thread may be held up between them


class TagClock:
    """Frames of time tags. Two tags are as many frames apart as their times say, whatever the clocks jitter.

    time_s: the stream's clock, in seconds.
    """

    def __init__(self, engine: Engine, time_s: Callable[[], float]) -> None:
        self._engine, self._time_s = engine, time_s
        self._began: tuple[float, int] | None = None  # a tag's seconds since 1970, and its frame

    def frame_of(self, at_s: float) -> int:
        """The frame that is rendered at a time in seconds since 1970."""
        (now_s, stream_s, apart_s), sr_hz = self._read_clocks(), self._engine.sr_hz
        frame, began_s = self._engine.clock()
        now_frame = frame + (stream_s - began_s) * sr_hz
        if self._began is None or abs(self._began[1] + (now_s - self._began[0]) * sr_hz - now_frame) > (_DRIFT_S + apart_s) * sr_hz:
            self._began = at_s, round(now_frame + (at_s - now_s) * sr_hz)  # what is whole frames away from it is far from any rounding
        return round(self._began[1] + (at_s - self._began[0]) * sr_hz)

    def _read_clocks(self) -> tuple[float, float, float]:
        """(seconds since 1970, the stream's time at that moment, how far from it at most): read again where the thread was held up."""
        reads: list[tuple[float, float, float]] = []
        while not reads or (reads[-1][2] > _AT_ONCE_S and len(reads) < _TRIES):
            before_s, stream_s, after_s = time.time(), self._time_s(), time.time()
            reads.append(((before_s + after_s) / 2, stream_s, (after_s - before_s) / 2))
        return min(reads, key=lambda read: read[2])


class OscControl:
    """Listens from `start` to `close` on behalf of a session. Raises UserError where the address cannot be had."""

    def __init__(self, session: OscSession, address: OscAddress) -> None:
        self._session = session
        self._clock = TagClock(session.engine, session.output.time_s)
        self.port = OscPort(address, self.take, self._note)
        self.counts = self.port.counts
        self._addresses, self._rows = OscAddresses(session, self.port.answer_slowly), OscRows(session)
        self._told_s, self._untold = -math.inf, 0

    def start(self) -> None:
        """Listen."""
        self.port.start()

    def close(self) -> None:
        """Listen no more; what could not be done and is not told yet is told."""
        self.port.close()
        counts = self.counts
        if counts.refused or counts.damaged or counts.lost:
            self._session.tell(f"OSC: of {counted(counts.messages, 'message')} {counts.refused} could not be done and {counts.lost} "
                               f"found no room; "
                               f"{counted(counts.damaged, 'packet was', 'packets were')} damaged")

    def take(self, message: TimedMessage, answer: Answer) -> None:
        """One message, when it is due: at its time tag, or now."""
        frame = None
        if message.at_s is not None:
            frame = self._clock.frame_of(message.at_s) + self._session.posted_frames
            self.counts.late += frame < self._session.engine.frame
        try:
            if self._addresses.knows(message.address):
                self._addresses.take(message.address, message.arguments, frame, answer)
            else:
                self._rows.take(message.address, message.arguments, frame)
        except NoRoomError:
            self.counts.lost += 1
            self._note("more notes than there is room for")
        except (RefusedError, UserError) as error:
            self.counts.refused += 1
            self._note(message.address[:60], error)
        except Exception as error:  # a fault of ours must not end the thread
            self.counts.refused += 1
            self._note(f"{message.address[:60]} met a fault of latentwave, please report it ({type(error).__name__})", error)

    def _note(self, what: str, error: Exception | None = None) -> None:
        """Something could not be done: told at once, and then a sentence every five seconds at most."""
        self._untold += 1
        now_s = time.monotonic()
        if now_s - self._told_s >= _TELL_S:
            more = f" (and {self._untold - 1} more since)" if self._untold > 1 else ""
            self._session.tell(f"OSC: {what}{f': {error}' if error else ''}{more}")
            self._told_s, self._untold = now_s, 0


def open_osc(session: OscSession, address: OscAddress | None, undo: contextlib.ExitStack) -> OscControl | None:
    """OSC, where it is wanted; that its usual place is taken is told. Raises UserError where it was asked for and cannot be had."""
    try:
        osc = OscControl(session, address) if address else None
    except UserError as error:
        if address and address.required:
            raise
        session.tell(str(error))
        return None
    if osc:
        undo.callback(osc.port.close)
    return osc
