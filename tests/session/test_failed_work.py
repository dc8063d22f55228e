"""What failed is told; the memory that it had in hand is free at once, not when the collector comes by."""

import gc
import weakref

import numpy as np
import pytest

from synth.errors import UserError
from synth.session.background import in_thread
from synth.session.breed_actions import BreedActions
from synth.session.loader import Loader


class Engineful:
    """Stands for what is large and made by work that fails: it can be watched as it goes."""

    def __init__(self):
        self.state = np.zeros(1 << 20, np.uint8)


def failing(seen, kind):
    def work(*_):
        large = Engineful()
        seen.append(weakref.ref(large))
        try:
            raise OSError("first")
        except OSError:
            raise kind("this cannot be done") from None
    return work


def in_loader(work):
    loader = Loader(lambda sentence: None)
    loader.start()
    try:
        return loader.load(work, lambda ready: None)
    finally:
        loader.stop()


def bred(work):
    class Actions(BreedActions):
        def __init__(self):
            self._tell = lambda sentence: None
    actions = Actions()
    future = actions._in_background(work)
    actions._busy.join(10)
    return future


@pytest.mark.parametrize("kind", [UserError, ValueError])
@pytest.mark.parametrize("ask", [in_thread, in_loader, bred])
def test_work_that_fails_keeps_nothing_of_what_it_had(ask, kind):
    seen, on = [], gc.isenabled()
    gc.disable()
    try:
        future = ask(failing(seen, kind))
        with pytest.raises(kind, match="this cannot be done"):
            future.result(10)
        assert seen[0]() is None
    finally:
        if on:
            gc.enable()
