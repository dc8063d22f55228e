"""What OSC needs of a session; `Session` has it."""

from collections.abc import Hashable
from concurrent.futures import Future
from typing import Protocol

from ..engine.engine import Engine
from ..events import Event
from ..patch.control_map import ControlMap
from ..ports.portaudio import Output
from ..timbres.source import Source


class OscSession(Protocol):
    """See `Session` and its parts for what each means."""

    engine: Engine
    output: Output

    @property
    def source(self) -> Source: ...  # noqa: D102

    @property
    def directions(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def control_map(self) -> ControlMap: ...  # noqa: D102

    @property
    def posted_frames(self) -> int: ...  # noqa: D102

    def tell(self, sentence: str) -> None: ...  # noqa: D102

    def post(self, event: Event, producer: str = ..., frame: int | None = ...) -> bool: ...  # noqa: D102

    def value_now(self, name: str) -> float: ...  # noqa: D102

    def set_param(self, name: str, value: object, producer: str = ..., gesture: Hashable = ..., frame: int | None = ...) -> None:  # noqa: D102
        ...

    def set_latent(self, index: int, value: float, producer: str = ..., gesture: Hashable = ..., frame: int | None = ...) -> None:  # noqa: D102
        ...

    def effect_value(self, target: str) -> float: ...  # noqa: D102

    def turn_effect(self, target: str, unit: float) -> None: ...  # noqa: D102

    def type_effect(self, target: str, text: str) -> None: ...  # noqa: D102

    def load_preset(self, name: str) -> "Future[None]": ...  # noqa: D102

    def act(self, name: str) -> None: ...  # noqa: D102

    def heard_osc(self, path: str, value: float) -> bool: ...  # noqa: D102
