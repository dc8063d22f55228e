"""A row of a menu."""

from collections.abc import Callable
from typing import NamedTuple


class MenuRow(NamedTuple):
    """do: None is a heading. key: what does the same, or more about it. rule: a line above."""

    words: str
    do: Callable[[], object] | None = None
    key: str = ""
    rule: bool = False
