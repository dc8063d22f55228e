"""How a record lies in memory: what is big begins on a cache line, so that sixteen lanes are one line and records share none."""

from typing import Any

import numpy as np

LINE = 64  # bytes


def on_lines(fields: list[tuple[Any, ...]]) -> np.dtype:
    """A structured dtype of (name, format[, shape]) fields: those of a line or more begin on one, its size is a whole number of them."""
    names, formats, offsets, at = [], [], [], 0
    for field in fields:
        form = np.dtype([field], align=True)
        step = LINE if form.itemsize >= LINE else form.alignment
        at += -at % step
        names.append(field[0])
        formats.append(form[0])
        offsets.append(at)
        at += form.itemsize
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": at + -at % LINE}, align=True)
