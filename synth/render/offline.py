"""Rendering is a function: it serves tests, the benchmark, the README's sounds and the `render` command alike."""

import weakref
from collections.abc import Iterator, Sequence

import numpy as np

from ..engine.constants import PATCHES, QUANTUM
from ..engine.engine import BLOCK_PRODUCTS, DECODE_LATENCY_FRAMES, PREFETCH_FRAMES, Engine
from ..engine.modulation.control_table import compile_rows
from ..events import Event, Kind
from ..patch.chain_change import ChainChange
from ..patch.control_map import ControlMap, map_of
from ..patch.hosted_effect import HostedEffect
from ..patch.patch import Patch
from ..patch.tuning import Tuning
from ..timbres.decode_worker import Decoder
from ..timbres.source import Source
from ..timbres.source_cache import Settings, SourceCache
from .log_rows import Played
from .offline_effects import OfflineEffects

_PIECE = 128  # frames between answers to the engine's requests: under decode_latency_frames less two quanta
AHEAD = 64  # frames beyond what the engine looks ahead
_SHORTLY = 256  # frames for which answers are given at every quantum
Chain = tuple[HostedEffect, ...]
Loadable = Event | Patch | ControlMap
_TOLD = (Kind.DECODE, Kind.LATE_NOTE)  # what a log tells of a take without being played


class Offline:
    """An engine driven without a device; decodes are answered between pieces, so none is ever late.

    events: (frame, Event, or Patch, ControlMap or ChainChange to take), frames rising. controls: the map it begins with, as a take
    tells it, which then changes by `events` alone; None: the default rows and each patch's own. Deterministic, whatever the block sizes.
    """

    def __init__(self, patch: Patch, events: Sequence[tuple[int, Played]] = (), *, sr_hz: int = 48000,
                 model: str | None = None, source: Source | None = None, decode_latency_frames: int = DECODE_LATENCY_FRAMES,
                 prefetch_frames: int = PREFETCH_FRAMES, block_products: int = BLOCK_PRODUCTS, tuning: Tuning | None = None,
                 settings: Settings = (), controls: ControlMap | None = None):
        self.engine = Engine(sr_hz, decode_latency_frames=decode_latency_frames, prefetch_frames=prefetch_frames,
                             block_products=block_products)
        self.decoder = Decoder(self.engine)
        self.source_cache = SourceCache(self.decoder, model, source, tuning)
        resolved, self.source, self.told = self.source_cache.load(self.source_cache.adopt(patch, settings))
        self.decoder.begin(resolved)
        self._logged, self._playing, self._map = controls is not None, self.source, b""
        self.engine.begin_controls(self._compiled(controls or map_of(patch.controls)))
        told = [(f, e) for f, e in events if isinstance(e, Event) and e.kind in _TOLD]
        self.decoder.late = {e.number: f if e.value else None for f, e in told if e.kind == Kind.DECODE}
        played = (row for row in events if not (isinstance(row[1], Event) and row[1].kind in _TOLD))
        self._chains, rows = _split_chains(patch, _last_patches(sorted(played, key=lambda row: row[0])))
        self._events, self._at = rows, 0
        self._loads: list[int] = []  # frames of the patches and maps that the engine has not taken yet
        self._came = _when_seen(self._events, told)
        self._late = sorted(set(self._came.values()))
        self._effects = OfflineEffects(self.engine, patch.effects)
        weakref.finalize(self, self._effects.close)
        self.told = self.told or self._effects.told
        self._feed(_PIECE + prefetch_frames + AHEAD)
        self.engine.prefetch()
        self.decoder.pump()
        self.read(self._effects.latency_frames)  # what is read begins where the chain's sound does

    def take_states(self) -> dict[int, bytes]:
        """What each plug-in of the chain wants to be kept, by its row's key."""
        return self._effects.take_states()

    def close(self) -> None:
        """End the process of the plug-ins, where there are some."""
        self._effects.close()

    def read(self, n_frames: int) -> np.ndarray:
        """The next frames: float32[n_frames, 2]."""
        out = np.empty((n_frames, 2), np.float32)
        done = 0
        while done < n_frames:
            while self._chains and self._chains[0][0] <= self.engine.frame:
                self._effects.set_rows(self._chains.pop(0)[1])
            n = self._effects.piece(self.engine.frame, min(self._piece(), n_frames - done))
            self._feed(self.engine.frame + n + self.engine.prefetch_frames + AHEAD)
            out[done:done + n] = self.engine.process(n)
            self.decoder.pump()
            self._effects.pump()
            done += n
        return out

    def _piece(self) -> int:
        """Frames to the next answers: to where a note came late, and one quantum at a time just after it."""
        now = self.engine.frame
        while self._late and self._late[0] + _SHORTLY <= now:
            self._late.pop(0)
        if not self._late:
            return _PIECE
        return min(_PIECE, self._late[0] - now) if now < self._late[0] else QUANTUM - now % QUANTUM

    def _feed(self, before: int) -> None:
        while self._at < len(self._events) and self._events[self._at][0] < before:
            if self._came.get(self._at, 0) > self.engine.frame:
                return
            frame, event = self._events[self._at]
            if isinstance(event, Patch | ControlMap):
                self._loads = [at for at in self._loads if at + QUANTUM > self.engine.frame]
                if len(self._loads) >= PATCHES:
                    return  # the engine holds no more: the rest follows after the next piece
                self._loads.append(max(frame, self.engine.frame))
                self._change(event, frame)
            elif not self.engine.post(event, "file", frame):
                return  # ring full: the rest follows after the next piece
            self._at += 1

    def _change(self, event: Patch | ControlMap, frame: int) -> None:
        """Another patch, and its own control map where the take tells none; or the map that it tells."""
        if isinstance(event, ControlMap):
            self._change_map(event, frame)
            return
        resolved, self._playing, told = self.source_cache.load(self.source_cache.adopt(event))
        self.told = self.told or told
        self.engine.load(resolved, frame)
        if not self._logged:
            self._change_map(map_of(event.controls), frame)

    def _change_map(self, controls: ControlMap, frame: int) -> None:
        """A map that is another one than before; its rows begin anew."""
        before, table = self._map, self._compiled(controls)
        if self._logged or self._map != before:
            self.engine.load_controls(table, frame)

    def _compiled(self, controls: ControlMap) -> np.ndarray:
        table = compile_rows(controls.rows, self._playing.direction_names, {name: i for i, name in enumerate(controls.devices, 1)})
        self._map = table.tobytes()
        return table


def _last_patches(events: Sequence[tuple[int, Played]]) -> list[tuple[int, Played]]:
    """Of several patches at one frame, the last."""
    last = {frame: i for i, (frame, event) in enumerate(events) if isinstance(event, Patch)}
    return [row for i, row in enumerate(events) if not isinstance(row[1], Patch) or last[row[0]] == i]


def _split_chains(patch: Patch, events: Sequence[tuple[int, Played]]) -> tuple[list[tuple[int, Chain]], list[tuple[int, Loadable]]]:
    """((frame, chain of plug-ins from there on), all other events)."""
    chain, chains, rest = patch.effects, [], []
    for frame, event in events:
        if isinstance(event, Patch | ChainChange):
            chain = event.effects if isinstance(event, Patch) else event.after(chain)
            chains.append((frame, chain))
        if not isinstance(event, ChainChange):
            rest.append((frame, event))
    return chains, rest


def _when_seen(events: Sequence[tuple[int, Loadable]], told: Sequence[tuple[int, Event]]) -> dict[int, int]:
    """Place of each note among the events that came late in a live take -> the frame before which it had not come."""
    waiting: dict[tuple[int, int, int], list[int]] = {}
    for frame, row in told:
        if row.kind == Kind.LATE_NOTE:
            waiting.setdefault((frame + round(row.value), row.channel, row.number), []).append(frame)
    found = {}
    for i, (frame, event) in enumerate(events):
        if isinstance(event, Event) and event.kind == Kind.NOTE_ON and event.value > 0:
            frames = waiting.get((frame, event.channel, event.number))
            if frames:
                found[i] = frames.pop(0)
    return found


def blocks(player: Offline, n_frames: int, blocksize: int) -> Iterator[np.ndarray]:
    """The next n_frames in host blocks of `blocksize`: float32[<= blocksize, 2] each."""
    done = 0
    while done < n_frames:
        n = min(blocksize, n_frames - done)
        yield player.read(n)
        done += n


def render(patch: Patch, events: Sequence[tuple[int, Played]], seconds: float, *, sr_hz: int = 48000, blocksize: int = 128,
           model: str | None = None, source: Source | None = None, controls: ControlMap | None = None) -> np.ndarray:
    """Render events with a patch: float32[seconds * sr_hz, 2]."""
    player = Offline(patch, events, sr_hz=sr_hz, model=model, source=source, controls=controls)
    return np.concatenate(list(blocks(player, round(seconds * sr_hz), blocksize)))
