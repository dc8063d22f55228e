"""What a terminal shows while the instrument is made ready: a bar with what is left, or a line now and then."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TextIO, TypeVar

from ..session.preparing import Preparation, Progress

T = TypeVar("T")
_LOOK_S, _LINE_S = 0.2, 10.0


@contextlib.contextmanager
def _bar(out: TextIO) -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal, gone when done; elsewhere a line every ten seconds."""
    if out.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        with Bar(BarColumn(bar_width=20), TextColumn("{task.description}"), console=Console(file=out), transient=True) as bar:
            task = bar.add_task("", total=1.0)
            yield lambda progress: bar.update(task, completed=progress.part, description=progress.sentence(brief=True))
        return
    told_at = -_LINE_S

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _LINE_S:
            told_at = time.monotonic()
            print(progress.sentence(), file=out, flush=True)

    yield tell


@contextlib.contextmanager
def telling() -> Iterator[Callable[[Progress], None]]:
    """Gives a function that tells a progress on stderr, where it takes long; a terminal that is gone is no matter."""
    with contextlib.ExitStack() as stack:
        bar: Callable[[Progress], None] | None = None

        def tell(progress: Progress) -> None:
            nonlocal bar
            if progress.left_s is not None:
                with contextlib.suppress(OSError):
                    bar = bar or stack.enter_context(_bar(sys.stderr))
                    bar(progress)

        yield tell


def wait_for(preparation: Preparation[T], ended: Callable[[], bool]) -> bool:
    """Tell how far it is, where that takes long, until it is done; answers whether it is, or the end was asked for before."""
    with telling() as tell:
        while not preparation.wait(_LOOK_S) and not ended():
            tell(preparation.progress)
    return preparation.done


def make_ready(make: Callable[[Callable[[str], None]], T]) -> T:
    """What `make` answers, its progress told meanwhile; for commands. Ctrl-C ends the process at once: compiling cannot be stopped."""
    preparation = Preparation(make)
    wait_for(preparation, lambda: False)
    return preparation.result
