"""OSC by UDP: a socket and a thread that hands messages over when they are due, bundles shortly before their time.

A socket of our own rather than python-osc's servers: those run a handler when a bundle's time has come, which is too late to be heard then.
"""

import heapq
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..errors import UserError
from .osc_packets import DamagedError, TimedMessage, read_packet

HOST, PORT = "127.0.0.1", 9177
LARGEST_BYTES = 65_536  # no datagram is larger
AHEAD_S = 0.05  # a bundle is handed over so long before its time: the thread may be held up
_FARTHEST_S, _MOST_WAITING = 60.0, 16_384
_IDLE_S, _JOIN_S = 0.5, 10.0
_BUFFER_BYTES = 4 << 20
_BURST = 8  # answers at a time
_OVERFLOWS = 40 if sys.platform == "linux" else None  # SO_RXQ_OVFL: Linux tells how many datagrams it had no room for
Answer = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class OscAddress:
    """Where messages come in. required: whether it is an error where it cannot be had."""

    host: str = HOST
    port: int = PORT
    required: bool = True

    @property
    def shown(self) -> str:
        """As players write it."""
        return f"{self.host}:{self.port}"


def parse_address(text: str) -> OscAddress | None:
    """`PORT`, `HOST:PORT` or `none`; '': the usual place, which may be taken. Raises UserError."""
    if not text.strip():
        return OscAddress(required=False)
    if text.strip().casefold() == "none":
        return None
    host, _, port = text.strip().rpartition(":")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise UserError(f"'{text[:80]}' is no place for OSC; give PORT, HOST:PORT or none, as in 9177 or 0.0.0.0:9177")
    return OscAddress(host.strip("[]") or HOST, int(port))


@dataclass(slots=True)
class Counts:
    """What came: messages; those that were refused, lost for want of room, or late for their time tag; packets that were damaged."""

    messages: int = 0
    refused: int = 0
    lost: int = 0
    late: int = 0
    damaged: int = 0


class OscPort:
    """Listens from `start` to `close`. take: called in the thread with each message when it is due, and what answers its sender.

    damaged: told why a packet was none. Raises UserError where the address cannot be had.
    """

    def __init__(self, address: OscAddress, take: Callable[[TimedMessage, Answer], None], damaged: Callable[[str], None]):
        self.address, self.counts = address, Counts()
        self._take, self._damaged = take, damaged
        self._waiting: list[tuple[float, int, TimedMessage, Answer]] = []
        self._answers: deque[tuple[Answer, bytes]] = deque()
        self._number, self._overflowed = 0, 0
        self._socket = _open_socket(address)
        self.port = int(self._socket.getsockname()[1])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="latentwave-osc", daemon=True)

    def start(self) -> None:
        """Listen, in a thread."""
        self._thread.start()

    def answer_slowly(self, answer: Answer, replies: Iterable[bytes]) -> bool:
        """In the thread: send many answers, a few each millisecond, so that a reader's buffer holds them; False while others are sent."""
        if self._answers:
            return False
        self._answers.extend((answer, reply) for reply in replies)
        return True

    def close(self) -> None:
        """Listen no more; what waits for its time is dropped."""
        self._stop.set()
        if self._thread.is_alive():
            with socket.socket(self._socket.family, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", self._socket.getsockname())  # so that it need not wait
            self._thread.join(timeout=_JOIN_S)
        self._socket.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            wait_s = self._waiting[0][0] - AHEAD_S - time.time() if self._waiting else _IDLE_S
            if wait_s <= 0:
                _, _, message, answer = heapq.heappop(self._waiting)
                self._take(message, answer)
                continue
            for answer, reply in [self._answers.popleft() for _ in range(min(len(self._answers), _BURST))]:
                answer(reply)
            self._socket.settimeout(min(max(wait_s, 0.0005), 0.001 if self._answers else _IDLE_S))
            try:
                data, ancillary, _, sender = self._socket.recvmsg(LARGEST_BYTES, 64) if _OVERFLOWS else _received(self._socket)
            except OSError:  # nothing came in time, or a sender that we answered is gone
                continue
            if _OVERFLOWS and ancillary:
                self._count_overflows(ancillary)
            if data:
                self._receive(data, sender)

    def _count_overflows(self, ancillary: list[tuple[int, int, bytes]]) -> None:
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == _OVERFLOWS:
                total = int.from_bytes(value[:4], sys.byteorder)
                self.counts.lost += max(total - self._overflowed, 0)
                self._overflowed = total

    def _receive(self, data: bytes, sender: Any) -> None:
        def answer(reply: bytes) -> None:
            try:
                self._socket.sendto(reply, sender)
            except OSError:
                self.counts.lost += 1

        try:
            messages = read_packet(data)
        except DamagedError as error:
            self.counts.damaged += 1
            self._damaged(str(error))
            return
        self.counts.messages += len(messages)
        now_s = time.time()
        for message in messages:
            if message.at_s is None or message.at_s <= now_s + AHEAD_S:
                self._take(message, answer)
            elif message.at_s > now_s + _FARTHEST_S or len(self._waiting) >= _MOST_WAITING:
                self.counts.refused += 1
                self._damaged(f"a time tag more than {_FARTHEST_S:g} s ahead, or more than {_MOST_WAITING} messages that wait")
            else:
                self._number += 1
                heapq.heappush(self._waiting, (message.at_s, self._number, message, answer))


def _received(opened: socket.socket) -> tuple[bytes, list, int, Any]:
    data, sender = opened.recvfrom(LARGEST_BYTES)
    return data, [], 0, sender


def _open_socket(address: OscAddress) -> socket.socket:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, where = found[0]
        opened = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise UserError(f"OSC cannot listen on {address.shown} ({getattr(error, 'strerror', None) or error})") from None
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        if _OVERFLOWS:
            opened.setsockopt(socket.SOL_SOCKET, _OVERFLOWS, 1)
        opened.bind(where)
    except OSError as error:
        opened.close()
        raise UserError(f"OSC cannot listen on {address.shown} ({error.strerror}); is another latentwave running? "
                        "Give another port with --osc, or --osc none") from None
    return opened
