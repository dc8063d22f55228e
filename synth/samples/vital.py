"""Vital's `.vitaltable` -> frames: JSON with groups of components, whose keyframes stand along 257 places of the knob.

After Vital 1.0's `WavetableCreator` and `WavetableComponent`; `tests/samples/test_vital_engine.py` holds it against Vital itself.
"""

import base64
import binascii
import json

import numpy as np

from .cycles import SampleError

VITAL_FRAME = 2048
LAST_PLACE = 256  # of the knob, from 0
WAVE_SOURCE = "Wave Source"
_BY_SPECTRUM = 1  # a component's "interpolation": levels and phases between keyframes, not samples
_NEAREST, _CUBIC = 0, 2  # its "interpolation_style"; 1 is linear


def read_vital(data: bytes) -> np.ndarray:
    """Frames float64[n, 2048]: the keyframes where they stand evenly, else what Vital plays at each of its places.

    Raises SampleError for what is no such file, and for components that only Vital can compute.
    """
    try:
        groups = [[_component(part) for part in group["components"]] for group in json.loads(data.decode("utf-8-sig"))["groups"]]
    except SampleError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise SampleError(f"cannot be read as a Vital wavetable ({type(error).__name__})") from None
    tracks = [group[-1] for group in groups if group]  # a source takes the place of those before it in its group
    if not tracks:
        raise SampleError("holds no frames of 2048 samples")
    if len(tracks) == 1 and is_even(tracks[0][0]):
        return tracks[0][1]
    return np.mean([_along(*track) for track in tracks], axis=0)


def even_places(count: int) -> list[int]:
    """Where `count` frames stand so that the knob's whole way leads through them."""
    return [round(i * LAST_PLACE / max(count - 1, 1)) for i in range(count)]


def is_even(places: np.ndarray) -> bool:
    """Whether keyframes stand in equal steps from the first place on, to the last or not."""
    steps = np.diff(places)
    return len(places) == 1 or places.tolist() == even_places(len(places)) or bool(places[0] == 0 and (steps == steps[0]).all())


def _component(part: dict) -> tuple[np.ndarray, np.ndarray, int, int]:
    """(places, frames, interpolation, style) of one component, its keyframes in order."""
    kind = part.get("type", WAVE_SOURCE)
    if kind != WAVE_SOURCE:
        raise SampleError(f"is drawn by a '{str(kind)[:40]}' that only Vital can compute; export it there as a .wav")
    rows = sorted(((int(row["position"]) if "position" in row else i, _wave(row["wave_data"], i))
                   for i, row in enumerate(part["keyframes"])), key=lambda row: row[0])
    if not rows:
        raise SampleError("holds no frames of 2048 samples")
    places, first = np.unique(np.clip([place for place, _ in rows], 0, LAST_PLACE), return_index=True)
    if len(places) < len(rows) <= LAST_PLACE + 1:
        raise SampleError("has two frames at one place")
    return (places, np.array([rows[i][1] for i in first]), int(part.get("interpolation", _BY_SPECTRUM)),
            int(part.get("interpolation_style", 1)))


def _wave(text: str, number: int) -> np.ndarray:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SampleError(f"is damaged: frame {number + 1} is no base64") from None
    if len(data) != 4 * VITAL_FRAME:
        raise SampleError(f"is damaged: frame {number + 1} is of {len(data)} bytes, where Vital's are of {4 * VITAL_FRAME}")
    return np.frombuffer(data, "<f4").astype(np.float64)


def _along(places: np.ndarray, frames: np.ndarray, interpolation: int, style: int) -> np.ndarray:
    """What stands at each place from 0 to 256: float64[257, 2048]."""
    at = np.arange(LAST_PLACE + 1)
    i = np.clip(np.searchsorted(places, at, "right") - 1, 0, len(places) - 1)
    around = np.clip(i + np.arange(-1, 3)[:, None], 0, len(places) - 1)  # before, from, to and after each place
    ranges = np.diff(places[around], axis=0)
    mix = np.minimum((at - places[i]) / np.maximum(ranges[1], 1), 1) * (style != _NEAREST)
    drawn = _cubic if style == _CUBIC else _linear
    if interpolation != _BY_SPECTRUM:
        return drawn(frames[around], ranges, mix)
    spectra = np.fft.rfft(frames, axis=1)[around]
    steps = np.angle(spectra[1:] * np.conj(spectra[:-1]))
    phases = np.angle(spectra[1]) + np.stack([-steps[0], 0 * steps[1], steps[1], steps[1] + steps[2]])
    levels = drawn(np.sqrt(np.abs(spectra)), ranges, mix) ** 2
    return np.fft.irfft(levels * np.exp(1j * drawn(phases, ranges, mix)), VITAL_FRAME, axis=1)


def _linear(values: np.ndarray, ranges: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """Values float[4, n, width] before, from, to and after n places, mixed by float[n]: float[n, width]."""
    return values[1] + mix[:, None] * (values[2] - values[1])


def _cubic(values: np.ndarray, ranges: np.ndarray, mix: np.ndarray) -> np.ndarray:
    """As `_linear`, smooth where places are float[3, n] apart; an end's slope is nothing."""
    before, start, end, after = values
    t, span = mix[:, None], np.maximum(ranges[1], 1)
    slope_in = np.where(ranges[0] > 0, 1 / (1 + ranges[0] / span), 0)[:, None] * (end - before)
    slope_out = np.where(ranges[2] > 0, 1 / (1 + ranges[2] / span), 0)[:, None] * (after - start)
    rise = end - start
    return start + t * rise + t * (1 - t) * ((1 - t) * (slope_in - rise) + t * (rise - slope_out))
