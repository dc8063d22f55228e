"""What came late, in words: whether it matters, and what to do when it is heard."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..session.view_state import Snapshot

_LARGEST = 1024  # frames: a larger block would be felt under the fingers


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def lateness(snapshot: "Snapshot") -> str:
    """A short sentence of what was late so far and how much that matters; empty when nothing was."""
    parts = []
    if snapshot.late_events:
        parts.append(f"{_counted(snapshot.late_events, 'key or knob', 'keys or knobs')} took effect late")
    if snapshot.late_starts:
        parts.append(f"{_counted(snapshot.late_starts, 'note', 'notes')} began in the timbre before")
    if snapshot.late_decodes:
        parts.append(f"timbre lagged {_counted(snapshot.late_decodes, 'time', 'times')}")
    if not parts:
        return ""
    return f"{', '.join(parts)} ({remedy(snapshot)})"


def remedy(snapshot: "Snapshot") -> str:
    """What to do about it."""
    if snapshot.late_events or snapshot.blocksize >= _LARGEST:
        return "if you hear it: close other programs"
    return f"if you hear it: --blocksize {max(256, 2 * snapshot.blocksize)}"
