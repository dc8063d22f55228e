"""A bar of files read, for the commands that read folders."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .folder import Progress


@contextmanager
def reading_bar(shown: bool = True) -> Iterator[Progress | None]:
    """A bar on stderr of a terminal, gone when done; None where nobody looks."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("files"), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
