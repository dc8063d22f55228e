"""The clock: tempo and song position, from MIDI clock, from a song's tempo map, or the player's own knob.

MIDI clocks (24 a quarter note) arrive jittered; a line fitted through those of the last three seconds by least squares
tells tempo and phase. Where the newest lie off it together the tempo changes, and older ones are forgotten.
"""

import math

from ...events import Kind
from ..compile.jit import kernel
from ..constants import QUANTUM, TICKS

_TICK, _START, _CONTINUE, _STOP, _POSITION, _TEMPO = (
    int(k) for k in (Kind.TICK, Kind.START, Kind.CONTINUE, Kind.STOP, Kind.POSITION, Kind.TEMPO))
_AUTO = 0  # choice of clock.source
_PER_BEAT = 24
_WINDOW_S, _HELD_S = 3.0, 2.0
_ENOUGH = 6  # ticks before the line is trusted
_JITTER_S, _SURE = 0.0015, 4.0  # least jitter reckoned with (a driver's block), deviations that are no chance
_PHASE_S = 0.05  # time constant of corrections of the position
_JUMP_BEATS = 0.25
_TEMPO_S, _GLIDE = 0.4, 0.005  # time constant of changes of the tempo under half a percent
_LOW_BPM, _HIGH_BPM = 20.0, 400.0


@kernel
def _move_to(transport, frame):
    """The position at a frame, by the present tempo."""
    c = transport["clock"]
    c["anchor_beat"] += (frame - c["anchor_frame"]) * transport["tempo_bpm"] / (60.0 * transport["sr_hz"])
    c["anchor_frame"] = frame


@kernel
def _place(transport, frame, beat):
    """The position is `beat` at a frame, at once."""
    transport["clock"]["anchor_frame"], transport["clock"]["anchor_beat"] = frame, beat


@kernel
def _alive(transport, frame):
    """Whether MIDI clocks arrive."""
    c = transport["clock"]
    return c["count"] > 0 and frame - c["ticks"][(c["count"] - 1) % TICKS] < _HELD_S * transport["sr_hz"]


@kernel
def _fit(transport):
    """The line through the clocks of the window: y = frame less the newest's, x = number less the newest's."""
    c = transport["clock"]
    newest = c["count"] - 1
    last = c["ticks"][newest % TICKS]
    n = newest - c["window"] + 1
    if n < 2:
        c["fit_frame"] = last
        return
    mean_x, mean_y, xy = -0.5 * (n - 1), 0.0, 0.0
    for i in range(n):
        y = float(c["ticks"][(newest - i) % TICKS] - last)
        mean_y += y / n
        xy += (-i - mean_x) * y
    period = xy / (n * (n * n - 1.0) / 12.0)
    c["period"] = max(period, 60.0 * transport["sr_hz"] / (_PER_BEAT * 2.0 * _HIGH_BPM))
    c["fit_frame"] = last + mean_y - mean_x * period


@kernel
def _bends(transport):
    """Whether the newest quarter of the window lies off its line, together, by more than the clocks' jitter explains.

    The jitter is told from second differences, which a slow change of tempo hardly touches.
    """
    c = transport["clock"]
    newest = c["count"] - 1
    n = newest - c["window"] + 1
    if n < 2 * _ENOUGH:
        return False
    m, off, square = n // 4, 0.0, 0.0
    for i in range(m):
        off += (c["ticks"][(newest - i) % TICKS] - (c["fit_frame"] - i * c["period"])) / m
    for i in range(n - 2):
        a, b, d = c["ticks"][(newest - i) % TICKS], c["ticks"][(newest - i - 1) % TICKS], c["ticks"][(newest - i - 2) % TICKS]
        square += float(a - 2 * b + d) ** 2 / (6.0 * (n - 2))
    return abs(off) > _SURE * max(math.sqrt(square), _JITTER_S * transport["sr_hz"]) / math.sqrt(m)


@kernel
def _follow(transport):
    """The line through as many of the last clocks as lie on one: the window shrinks where the tempo changes."""
    c = transport["clock"]
    newest = c["count"] - 1
    while newest - c["window"] >= TICKS or c["ticks"][newest % TICKS] - c["ticks"][c["window"] % TICKS] > _WINDOW_S * transport["sr_hz"]:
        c["window"] += 1
    _fit(transport)
    while _bends(transport):
        c["window"] = newest - (newest - c["window"] + 1) * 3 // 4
        _fit(transport)


@kernel
def _take_tick(transport, frame):
    """A MIDI clock at a frame."""
    c = transport["clock"]
    number = c["count"]
    gap = frame - c["ticks"][(number - 1) % TICKS] if number > 0 else 0
    fresh = number == 0 or gap > max(0.4 * transport["sr_hz"], 4.0 * c["period"])
    if fresh:
        c["window"], c["period"] = number, 0.0
    c["ticks"][number % TICKS] = frame
    c["count"] = number + 1
    _follow(transport)
    _move_to(transport, frame)
    if c["armed"]:
        c["armed"] = 0
        c["origin_tick"], c["origin_beat"] = number, c["position"]
        _place(transport, frame, c["position"])
    elif fresh:
        c["origin_tick"], c["origin_beat"] = number, c["anchor_beat"]
    elif number - c["window"] < _ENOUGH:
        _place(transport, frame, c["origin_beat"] + (number - c["origin_tick"]) / _PER_BEAT)


@kernel
def take_clock_event(knobs, transport, kind, value, frame):
    """A clock event at an absolute frame. Position is in quarter notes, tempo in beats a minute."""
    c, auto = transport["clock"], knobs["played"]["clock_source"] == _AUTO
    if kind == _TEMPO:
        _move_to(transport, frame)
        c["song_bpm"] = min(max(value, 1.0), 1000.0) if value > 0.0 else 0.0  # 0: the song, or the host, has none any more
        if auto and not transport["following"] and value > 0.0:
            transport["tempo_bpm"] = c["song_bpm"]
    elif not auto:
        return
    elif kind == _TICK:
        _take_tick(transport, frame)
    elif kind == _START or kind == _CONTINUE:
        if kind == _START:
            c["position"] = 0.0
        transport["running"], c["armed"] = 1, 1
        if not _alive(transport, frame):
            _place(transport, frame, c["position"])
    elif kind == _STOP:
        if transport["running"] and not c["armed"]:
            c["position"] = c["origin_beat"] + (c["count"] - c["origin_tick"]) / _PER_BEAT
        transport["running"] = c["armed"] = 0
    elif kind == _POSITION:
        c["position"] = value = min(max(value, 0.0), 1e7)
        if not _alive(transport, frame):
            _place(transport, frame, value)
        elif transport["running"]:
            c["armed"] = 1


@kernel
def advance_beat(knobs, transport):
    """Once a quantum: transport["tempo_bpm"] and transport["beat"], the song position in quarter notes at the quantum's start.

    Real-time: no allocation, no locks, no I/O, no Python.
    """
    c, p, frame = transport["clock"], knobs["played"], transport["frame"]
    _move_to(transport, frame)
    auto = p["clock_source"] == _AUTO
    newest = c["count"] - 1
    transport["following"] = 1 if auto and newest - c["window"] + 1 >= _ENOUGH and _alive(transport, frame) else 0
    if transport["following"]:
        found = min(max(60.0 * transport["sr_hz"] / (_PER_BEAT * c["period"]), _LOW_BPM), _HIGH_BPM)
        change = found - transport["tempo_bpm"]
        if abs(change) < _GLIDE * found:  # a synced delay must not hear each clock
            change *= 1.0 - math.exp(-QUANTUM / (_TEMPO_S * transport["sr_hz"]))
        transport["tempo_bpm"] += change
        heard = c["origin_beat"] + (newest - c["origin_tick"] + (frame - c["fit_frame"]) / c["period"]) / _PER_BEAT
        error = heard - c["anchor_beat"]
        if abs(error) < _JUMP_BEATS:
            error *= 1.0 - math.exp(-QUANTUM / (_PHASE_S * transport["sr_hz"]))
        c["anchor_beat"] += error
    elif auto and c["song_bpm"] > 0.0:
        transport["tempo_bpm"] = c["song_bpm"]
    else:
        transport["tempo_bpm"] = p["clock_tempo_bpm"]
    transport["beat"] = c["anchor_beat"]
