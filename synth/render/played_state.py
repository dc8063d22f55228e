"""What events leave behind: the sound as it is played by now, and where every channel's controllers stand. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from ..events import Event, Kind, control, lfo_point_of
from ..params.knobs import CORNERS, MAX_LATENTS, PARAMS
from ..patch.chain_change import ChainChange
from ..patch.control_map import ControlMap
from ..patch.lfo_shape import FIRST_SHAPE, LFO_NAMES, turned
from ..patch.patch import Patch

_NAMES = tuple(PARAMS)
_DATA, _DATA_FINE, _UP, _DOWN = 6, 38, 96, 97
_NRPN_FINE, _NRPN, _RPN_FINE, _RPN = 98, 99, 100, 101
_RESET, _FIRST_MODE = 121, 120
_MPE_ZONE = (0, 6)
_Number = tuple[int, int]


class PlayedState:
    """Follows the events of a log. controls: the control map by now, None where the log told none."""

    def __init__(self, patch: Patch, controls: ControlMap | None) -> None:
        self._loaded, self.controls = patch, controls
        self._params: dict[str, float] = {}
        self._corners: dict[tuple[int, int], float] = {}
        self._drawn: dict[int, dict[tuple[int, int], float]] = {}  # LFO -> numbers of its points
        self._counts: dict[int, int] = {}  # LFO -> how many points it has
        self._values: dict[tuple[int, int], Event] = {}  # (channel, controller; 128 bend, 129 pressure) -> the newest
        self._chosen: dict[int, tuple[bool, _Number]] = {}  # channel -> whether a registered parameter is meant, and which
        self._data: dict[tuple[int, bool, _Number], dict[int, Event]] = {}
        self._tempo: Event | None = None
        self._keys: dict[int, Event] = {}  # of a tuning that stands over every sound's own

    @property
    def name(self) -> str:
        """Name of the sound."""
        return self._loaded.name

    def take(self, event: Event, loaded: Patch | ControlMap | ChainChange | None = None) -> None:
        """An event that took effect, and what it brought."""
        if isinstance(loaded, Patch):
            self._loaded = loaded
            self._params.clear()
            self._corners.clear()
            self._drawn.clear()
            self._counts.clear()
        elif isinstance(loaded, ControlMap):
            self.controls = loaded
        elif isinstance(loaded, ChainChange):
            self._loaded = replace(self._loaded, effects=loaded.after(self._loaded.effects))
        elif event.kind in (Kind.PARAM, Kind.MOVED) and 0 <= event.number < len(_NAMES):
            self._params[_NAMES[event.number]] = event.value
        elif event.kind == Kind.CORNER:
            self._corners[divmod(event.number, MAX_LATENTS)] = event.value
        elif event.kind == Kind.LFO_POINT:
            lfo, point, part = lfo_point_of(event.number)
            self._drawn.setdefault(lfo, {})[point, part] = event.value
        elif event.kind == Kind.LFO_POINTS:
            self._counts[event.number] = int(event.value)
        elif event.kind == Kind.CONTROL:
            self._take_control(event)
        elif event.kind == Kind.BEND:
            self._values[event.channel, 128] = event
        elif event.kind == Kind.PRESSURE:
            self._values[event.channel, 129] = event
        elif event.kind == Kind.TEMPO:
            self._tempo = event
        elif event.kind == Kind.KEY_PITCH:
            self._keys[event.number] = event
        elif event.kind == Kind.OWN_TUNING:
            self._keys.clear()

    def _take_control(self, event: Event) -> None:
        channel, number = event.channel, event.number
        if number in (_NRPN, _RPN, _NRPN_FINE, _RPN_FINE):
            registered = number in (_RPN, _RPN_FINE)
            before = self._chosen.get(channel, (registered, (127, 127)))[1]
            value = int(event.value)
            self._chosen[channel] = registered, (value, before[1]) if number in (_RPN, _NRPN) else (before[0], value)
        elif number in (_DATA, _DATA_FINE, _UP, _DOWN):
            registered, which = self._chosen.get(channel, (True, (127, 127)))
            if which != (127, 127):
                self._data.setdefault((channel, registered, which), {})[number] = event
        elif number == _RESET:
            self._values = {key: kept for key, kept in self._values.items() if key[0] != channel}
        elif number < _FIRST_MODE:
            self._values[channel, number] = event

    def patch(self) -> Patch:
        """The sound as it is played by now: as it was loaded, with every knob and latent as it was turned since."""
        found = replace(self._loaded, params={**self._loaded.params, **self._params}) if self._params else self._loaded
        for lfo in {*self._drawn, *self._counts} & set(range(len(LFO_NAMES))):
            name = LFO_NAMES[lfo]
            shape = turned(found.lfo_shapes.get(name, FIRST_SHAPE), self._counts.get(lfo), self._drawn.get(lfo, {}))
            found = replace(found, lfo_shapes={**found.lfo_shapes, name: shape})
        if not self._corners or not found.latent_size:
            return found
        rows = {name: found.corner(name) for name in CORNERS}
        for (corner, latent), value in self._corners.items():
            if latent < found.latent_size:
                rows[CORNERS[corner]][latent] = value
        return replace(found, corners={name: tuple(float(x) for x in row) for name, row in rows.items()})

    def restate(self) -> list[Event]:
        """Events that put the controllers of an instrument that has just begun where these stand; they may turn knobs of its patch.

        What no event tells (phases of LFOs that run for all notes, what chance drew) begins anew.
        """
        zones = sorted(self._data.items(), key=lambda row: (row[0][1:] != (True, _MPE_ZONE), row[0]))
        return [event for key, values in zones for event in _data_events(key, values)] + [
            *self._chosen_events(), *self._values.values(), *([self._tempo] if self._tempo else []), *self._keys.values()]

    def _chosen_events(self) -> Iterator[Event]:
        for channel, (registered, which) in self._chosen.items():
            yield from _choose(channel, registered, which)


def _choose(channel: int, registered: bool, which: _Number) -> Iterator[Event]:
    coarse, fine = (_RPN, _RPN_FINE) if registered else (_NRPN, _NRPN_FINE)
    yield control(coarse, which[0], channel)
    yield control(fine, which[1], channel)


def _data_events(key: tuple[int, bool, _Number], values: dict[int, Event]) -> Iterator[Event]:
    yield from _choose(*key)
    yield from values.values()
