"""How long after its time stamp what is played takes effect, so that every note starts at its own timbre (contracts, 'Time').

A note's own point is asked for `look_ahead` frames before it starts: a block and more, so that the decode worker has at least
the time from one callback to the next. Its event must be in the engine's ring by then. JACK's MIDI is posted by the process
callback itself at the start of a block: it needs no more than that. What Python posts (polled ports, window, terminal) comes
in the midst of a block, up to a poll after its stamp, and is seen at the start of the next one: a block and a poll more.
"""

from dataclasses import dataclass

from ..engine.constants import QUANTUM, TICK
from ..engine.engine import BLOCK_PRODUCTS, DECODE_LATENCY_FRAMES, PREFETCH_FRAMES

_POLL_S = 0.00125  # ports are looked at each millisecond (midi.POLL_S)


@dataclass(frozen=True, slots=True)
class Delays:
    """Fixed delays in frames. `event`: of JACK's MIDI and of knobs; `posted`: of what Python posts on behalf of a keyboard;
    `look_ahead`: from the request of a note's own point to its start; `decode`: from a tick's request to its ramp.
    """

    event: int
    posted: int
    prefetch: int
    decode: int

    def header(self) -> dict[str, int]:
        """As a take's log tells them."""
        return {"event_latency_frames": self.event, "posted_latency_frames": self.posted, "look_ahead_frames": self.prefetch,
                "decode_latency_frames": self.decode}


def delays_for(blocksize: int, sr_hz: int) -> Delays:
    """Delays for the largest block in use. A block that is no multiple of the quantum begins anywhere in one: a quantum more."""
    prefetch = _whole(max(blocksize, PREFETCH_FRAMES))
    event = prefetch + (QUANTUM if blocksize % QUANTUM else 0)
    posted = event + _whole(blocksize) + _whole(round(_POLL_S * sr_hz))
    return Delays(event, posted, prefetch, max(DECODE_LATENCY_FRAMES, _whole(blocksize + TICK)))


def _whole(n_frames: int) -> int:
    """Rounded up to quanta."""
    return -(-n_frames // QUANTUM) * QUANTUM


def logged(header: dict, name: str, least: int, otherwise: int) -> int:
    """A delay of a take's header, where it is one that the engine can have; else what it was before logs told it."""
    told = header.get(name)
    if isinstance(told, int) and not isinstance(told, bool) and least <= told <= 1 << 16 and told % QUANTUM == 0:
        return told
    return otherwise


def products_of_take(header: dict) -> int:
    """Multiplications that a take's engine could spend on decodes in a block: as its header tells, none where it is of before that was so.

    What has no header is no take, and is rendered as anything is.
    """
    told = header.get("block_products", 0) if header else BLOCK_PRODUCTS
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told <= BLOCK_PRODUCTS else 0


def delays_of_take(header: dict) -> dict[str, int]:
    """A take's own delay of decodes, look-ahead and budget, as `Offline` takes them, so that its notes start at the same points."""
    return {"decode_latency_frames": logged(header, "decode_latency_frames", DECODE_LATENCY_FRAMES, DECODE_LATENCY_FRAMES),
            "prefetch_frames": logged(header, "look_ahead_frames", PREFETCH_FRAMES, PREFETCH_FRAMES),
            "block_products": products_of_take(header)}
