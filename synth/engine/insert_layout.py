"""The memory that the audio thread shares with the process of plug-ins: sizes and places, for both sides, without numba.

    semaphores    three of 64 bytes: the process is woken by the first, answers by the second; the third only orders memory
    2 inserts     before and behind our effects, each: header, sent float32[2, RING], back float32[2, RING], values
                  float32[RING / CHUNK, N_VALUES]: macros, then what each slot of the matrix adds to a parameter

Sample n of either ring is the sound of frame n of the engine, at n % RING.
"""

N_INSERTS = 2
BEFORE, BEHIND = range(N_INSERTS)
CHUNK = 128  # frames that are sent together, on the absolute frame grid
RING = 1 << 15  # frames kept: more than the latency of the way and of the plug-ins
FADE = 128  # frames from the returned sound to ours
MOST_DELAY = RING - 4 * CHUNK
N_MACROS, N_SLOTS = 8, 32
N_VALUES = N_MACROS + N_SLOTS
# int64 words of an insert's header, a cache line apart. SUBMITTED: frames sent, written by the audio thread. The process writes DONE:
# frames that are back; VALID: the first of them that is of the present chain; DELAY: of the chain, in frames; AT: the row that is at
# work, 0 for none (first insert only).
SUBMITTED, DONE, VALID, DELAY, AT = (8 * i for i in range(5))
HEADER = 64  # words
NEVER = 1 << 62  # VALID while there is no chain

WAKE, ANSWER, FENCE = 0, 64, 128  # bytes, of the semaphores
_FIRST = 4096
_RING_BYTES, _VALUE_BYTES = 2 * RING * 4, RING // CHUNK * N_VALUES * 4
_INSERT_BYTES = 8 * HEADER + 2 * _RING_BYTES + _VALUE_BYTES
TOTAL_BYTES = _FIRST + N_INSERTS * _INSERT_BYTES


def places_of(insert: int) -> tuple[int, int, int, int]:
    """Bytes from the beginning to an insert's header, what is sent, what comes back, and the values."""
    head = _FIRST + insert * _INSERT_BYTES
    sent = head + 8 * HEADER
    return head, sent, sent + _RING_BYTES, sent + 2 * _RING_BYTES
