"""The pace of a morph of presets: how fast the mix goes along the way, so that what is heard moves evenly.

Where two presets differ much in little room (a notch that closes, harmonics that one has and the other has not) most of the way's change
lies in a few of its steps. There the mix goes slower, and faster where little happens: half-way from even in the mix to even in the sound.
"""

import numpy as np

from ..patch.morph import Morph
from ..patch.patch import Patch
from .momentary_loudness import SR_HZ

UNEVEN = 2.2  # means: a way whose largest step is larger gets a pace
_BANDS_HZ = np.geomspace(40, 16000, 41)
_SILENCE = 1e-5  # power under which a band tells nothing


def bands_db(sound: np.ndarray) -> np.ndarray:
    """Levels of 40 log bands of float32[n, 2], both channels' power, dB: float64[40]."""
    power = (np.abs(np.fft.rfft(sound.astype(float), axis=0)) ** 2).sum(1) / len(sound)
    edges = np.searchsorted(np.fft.rfftfreq(len(sound), 1 / SR_HZ), _BANDS_HZ)
    return 10 * np.log10(np.array([power[a:b].sum() for a, b in zip(edges, edges[1:], strict=False)]) + _SILENCE)


def way_steps(bands: np.ndarray, links: int) -> np.ndarray:
    """How far each step of the way goes, in means of its link's steps: float64[links, steps]. bands: [points, 40] in dB."""
    steps = np.abs(np.diff(bands, axis=0)).mean(1).reshape(links, -1)
    return steps / np.maximum(steps.mean(1, keepdims=True), 1e-9)


def find_pace(morph: Morph[Patch], bands: np.ndarray) -> tuple[tuple[float, ...], ...]:
    """The pace of a morph whose parts lie in one line, none where it is even enough. bands: as it sounds at its curve's points."""
    links = len(morph.parts) - 1
    steps = way_steps(bands, links)
    if steps.max() <= UNEVEN:
        return ()
    even = np.linspace(0, 1, steps.shape[1] + 1)
    rows = []
    for row in steps:
        heard = np.concatenate([[0.0], np.cumsum(0.5 + 0.5 * row)])
        shares = np.interp(even, heard / heard[-1], even) if row.max() > UNEVEN else even
        rows.append(tuple(round(float(share), 4) for share in shares))
    return tuple(rows)
