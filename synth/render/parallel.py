"""The same work on many things in processes of their own: answers in the things' order, whatever ends first."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

from ..errors import UserError

T = TypeVar("T")
R = TypeVar("R")
Answer = tuple[R | None, str]


def count_jobs(asked: int | None) -> int:
    """How many processes: as asked, or one a processor. Raises UserError."""
    if asked is not None and not 1 <= asked <= 256:
        raise UserError(f"--jobs {asked} is outside 1 to 256")
    return asked or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else asked or os.cpu_count() or 1


def run_all(work: Callable[[T], R], things: Sequence[T], n_jobs: int, done: Callable[[int], None]) -> list[Answer]:
    """(what `work` answered or None, the sentence of its UserError or '') of each thing. done: is told how many are.

    work: a function of a module, its things and answers picklable. The first is done here, so that kernels are compiled once.
    Ctrl-C ends the processes and what they were writing.
    """
    answers: list[Answer | None] = [None] * len(things)
    n_done = 0
    alone = len(things) if n_jobs == 1 else 1
    for i in range(alone):
        answers[i] = _answer(work, things[i])
        n_done += 1
        done(n_done)
    if alone < len(things):
        with ProcessPoolExecutor(min(n_jobs, len(things) - alone), multiprocessing.get_context("spawn"), _begin) as pool:
            futures = {pool.submit(_answer, work, things[i]): i for i in range(alone, len(things))}
            try:
                for future in as_completed(futures):
                    answers[futures[future]] = future.result()
                    n_done += 1
                    done(n_done)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for child in multiprocessing.active_children():
                    child.terminate()
                raise
    return [answer for answer in answers if answer is not None]


def _answer(work: Callable[[T], R], thing: T) -> Answer:
    try:
        return work(thing), ""
    except UserError as error:
        return None, str(error)


def _begin() -> None:
    """In a child: the parent answers Ctrl-C, and ends us with SIGTERM, after which nothing half-written is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
