"""Frames cut from a sound that runs on: each one's beginning is blended with what follows its end, so that it closes."""

import numpy as np

_BLENDED = 8  # the share of a frame over which its beginning goes on from its end: one in eight
_WORSE = 1.5  # times as far from itself as from its neighbour
_MANY = 1 / 3  # the share of a file's frames that are torn where a sound runs through them; of 44 collections of cycles at most .14


def breaks(before: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """How far the first two samples of a frame lie from the straight line of the last two before it: float64[n]."""
    last, slope = before[:, -1], before[:, -1] - before[:, -2]
    return np.hypot(behind[:, 0] - last - slope, behind[:, 1] - last - 2 * slope)


def close_frames(samples: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """(frames float64[n, size] of samples float64[..], how many of them were blended): those that are torn where they wrap.

    A frame is torn where its end is further from its beginning than any two samples inside, and than it is from the next frame. A
    sawtooth whose jump is at the wrap also jumps into its neighbour, and stays. In a collection of cycles one of them may lead into
    the next by chance: unless at least a third are torn, nothing runs on and every frame is given to the bit. The last frame has no
    sound behind it where the file ends with it: its end is led to what stands before its beginning.
    """
    frames = samples[:len(samples) // size * size].reshape(-1, size).copy()
    if len(frames) < 2 or size < 2 * _BLENDED:
        return frames, 0
    whole = frames.copy()
    wraps, joins = np.abs(whole[:, 0] - whole[:, -1]), np.abs(whole[1:, 0] - whole[:-1, -1])
    torn = (wraps > np.abs(np.diff(whole, axis=1)).max(1)) & (wraps > _WORSE * np.append(joins, joins[-1]))
    if torn.mean() < _MANY:
        return frames, 0
    length = size // _BLENDED
    fade = np.sin(np.linspace(0, np.pi / 2, length, endpoint=False)) ** 2
    for i in np.flatnonzero(torn):
        behind = samples[(i + 1) * size:(i + 1) * size + length]
        if len(behind) == length:
            frames[i, :length] = (1 - fade) * behind + fade * whole[i, :length]
        else:
            frames[i, -length:] = (1 - fade[::-1]) * samples[i * size - length:i * size] + fade[::-1] * whole[i, -length:]
    return frames, int(torn.sum())
