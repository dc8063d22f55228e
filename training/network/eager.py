"""Torch without its compiler, until something asks for it.

Every optimizer imports `torch._dynamo` at its first step, two seconds of processor time, to tell a compiler that nobody uses here
where to break off. A module that knows the two words it says stands in its place; whoever asks for more gets the real one.
"""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch

_NAME = "torch._dynamo"


class _Compiler(ModuleType):
    """`torch._dynamo` while nothing is compiled."""

    @staticmethod
    def graph_break(msg: str = "") -> None:
        """Nothing is compiled: there is nothing to break off."""

    @staticmethod
    def disable(fn: Callable, recursive: bool = True, **_: Any) -> Callable:
        """Nothing is compiled: the function as it is."""
        return fn

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":  # what asks any module, say for its file
            raise AttributeError(name)
        if sys.modules.get(_NAME) is self:
            del sys.modules[_NAME]
        return getattr(importlib.import_module(_NAME), name)


def install() -> None:
    """Postpone the compiler, unless it has been imported already."""
    if _NAME not in sys.modules:
        sys.modules[_NAME] = torch._dynamo = _Compiler(_NAME)
