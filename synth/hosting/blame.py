"""Whose fault it is that the process of the plug-ins ended, and which of them are left out for it."""

from collections.abc import Sequence

from ..patch.hosted_effect import HostedEffect
from .scan import death_of

_MOST_CRASHES = 2  # of one plug-in
_KILLED = -9  # by somebody else


class Blame:
    """left_out: why a row, by its key, is not opened any more. tries: how often a hand asked to open it again. last: how the last child
    ended.
    """

    def __init__(self) -> None:
        self.left_out: dict[int, str] = {}
        self.tries: dict[int, int] = {}
        self.last = ""
        self._crashes: dict[int, int] = {}

    def note_end(self, rows: Sequence[HostedEffect], key: int, code: int, by_us: bool) -> None:
        """A child ended while a row, by its key, was at work (0: none). by_us: because it hung."""
        row = guilty_row(rows, key)
        how = "hangs" if by_us else f"ends the process that runs it ({death_of(code)})"
        self.last = f"the plug-in '{row.name}' {how}" if row else f"the process of the plug-ins ended ({death_of(code)})"
        if row and (by_us or code != _KILLED):
            self._crashes[row.key] = self._crashes.get(row.key, 0) + 1
            if self._crashes[row.key] >= _MOST_CRASHES:
                self.left_out[row.key] = f"{how}; it is left out"

    def forgive(self, key: int) -> None:
        """A hand asks to open a row again."""
        self.tries[key] = self.tries.get(key, 0) + 1
        self.left_out.pop(key, None)
        self._crashes.pop(key, None)


def guilty_row(rows: Sequence[HostedEffect], key: int) -> HostedEffect | None:
    """The row at work; a key under 0 says that it was being opened."""
    return next((row for row in rows if row.key == abs(key)), None)
