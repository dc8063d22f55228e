"""A plug-in of a file, run by minihost, in the child only."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..engine.insert_layout import CHUNK, MOST_DELAY
from ..errors import UserError, did_you_mean
from .param_names import MOST_PARAMS, names_of

_MOST_STEPS = 64  # of a parameter that is turned a step at a time
Row = dict[str, Any]


class Plugin:
    """A plug-in of a file. One that is mono runs twice, for either side."""

    def __init__(self, file: str, sr_hz: float):
        import minihost

        try:
            self._lanes = [minihost.Plugin(file, sr_hz, CHUNK, 2, 2)]
            first = self._lanes[0]
            if first.num_input_channels < 1 or first.num_output_channels < 1:
                raise UserError("takes no sound or gives none: it is no effect")
            if first.num_output_channels == 1:
                self._lanes.append(minihost.Plugin(file, sr_hz, CHUNK, 2, 2))
        except RuntimeError as error:
            raise UserError(f"cannot be opened ({_plain(error)})") from None
        channels = max(2, first.num_input_channels), max(2, first.num_output_channels)  # a side chain hears silence
        self._x, self._y = (np.zeros((n, CHUNK), np.float32) for n in channels)
        if file.endswith(".lv2"):  # whose latency is a port that only running writes
            for lane in self._lanes:
                lane.process(self._x, self._y)
                lane.reset()
        self.latency = self.told_latency
        infos = [first.get_param_info(i) for i in range(min(first.num_params, MOST_PARAMS))]
        self._names = names_of([(info["name"], info["label"], info["is_automatable"]) for info in infos])

    @property
    def told_latency(self) -> int:
        """As `Effect`."""
        return min(max(self._lanes[0].latency_samples, 0), MOST_DELAY)

    def process(self, x: np.ndarray) -> np.ndarray:
        """As `Effect`."""
        if len(self._lanes) == 1:
            self._x[:2] = x
            self._lanes[0].process(self._x, self._y)
            return self._y[:2]
        out = np.empty((2, CHUNK), np.float32)
        for side, lane in enumerate(self._lanes):
            self._x[0], self._x[1] = x[side], 0.0
            lane.process(self._x, self._y)
            out[side] = self._y[0]
        return out

    def reset(self) -> None:
        """As `Effect`."""
        for lane in self._lanes:
            lane.reset()

    def _index(self, name: str) -> int:
        if name not in self._names:
            few = ", ".join(list(self._names)[:20]) or "none"
            raise UserError(f"it has no parameter '{name}'{did_you_mean(name, self._names)} (it has {few})")
        return self._names[name]

    def set_param(self, name: str, value: float | str) -> None:
        """As `Effect`."""
        index = self._index(name)
        unit = self._from_text(index, value) if isinstance(value, str) else float(value)
        for lane in self._lanes:
            lane.set_param(index, min(max(unit, 0.0), 1.0))

    def unit_of(self, name: str, text: str) -> float:
        """As `Effect`."""
        return self._from_text(self._index(name), text)

    def _from_text(self, index: int, text: str) -> float:
        """What shows as a text. Plug-ins whose own reading of texts is wrong are asked what they show, and the place is found between."""
        first = self._lanes[0]
        wanted = _number(text)
        found = float(first.param_from_text(index, text))
        if wanted is None or _near(_number(first.param_to_text(index, found)), wanted):
            return found
        low, high = 0.0, 1.0
        at_low, at_high = (_number(first.param_to_text(index, end)) for end in (low, high))
        if at_low is None or at_high is None or not min(at_low, at_high) <= wanted <= max(at_low, at_high):
            raise UserError(f"{text} is outside {first.param_to_text(index, 0.0)} to {first.param_to_text(index, 1.0)}")
        for _ in range(40):
            middle = 0.5 * (low + high)
            shown = _number(first.param_to_text(index, middle))
            if shown is None:
                raise UserError(f"'{text}' is not understood by it; give a number from 0 to 1 of its range in the preset")
            low, high = (middle, high) if (shown < wanted) == (at_low < at_high) else (low, middle)
        return 0.5 * (low + high)

    def set_unit(self, name: str, unit: float) -> None:
        """As `Effect`."""
        if name in self._names:
            self.set_param(name, unit)

    def params(self, names: Iterable[str] | None = None) -> list[Row]:
        """As `Effect`."""
        first, rows = self._lanes[0], []
        for name, i in self._names.items() if names is None else ((n, self._names[n]) for n in names if n in self._names):
            value, info = float(first.get_param(i)), first.get_param_info(i)
            steps = int(info["num_steps"])
            rows.append({"name": name, "label": info["name"], "low": self._text(i, 0.0), "high": self._text(i, 1.0),
                         "value": value, "unit": value, "text": self._text(i, value), "home": float(info["default_value"]),
                         "steps": steps if 1 < steps <= _MOST_STEPS else 0})
        return rows

    def _text(self, index: int, value: float) -> str:
        """As the plug-in shows it, with its unit where that is not in the text."""
        first = self._lanes[0]
        text, label = str(first.param_to_text(index, value)).strip(), str(first.get_param_info(index)["label"]).strip()
        if re.fullmatch(r"[-+]?\d+\.\d{3,}", text):  # more digits than a hand sets
            text = f"{float(text):.4g}"
        return f"{text} {label}" if label and _number(text) is not None and not text.casefold().endswith(label.casefold()) else text

    def get_state(self) -> bytes:
        """As `Effect`."""
        return bytes(self._lanes[0].get_state())

    def set_state(self, state: bytes) -> None:
        """As `Effect`."""
        for lane in self._lanes:
            try:
                lane.set_state(state)
            except RuntimeError as error:
                raise UserError(f"the state that is kept for it is none of its own ({_plain(error)}), so it plays without") from None


def _plain(error: object) -> str:
    return " ".join(str(error).split())[:200]


def _number(text: str) -> float | None:
    found = re.search(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?", text)
    return float(found.group()) if found else None


def _near(a: float | None, b: float) -> bool:
    return a is not None and abs(a - b) <= 0.005 * max(abs(a), abs(b), 0.1)
