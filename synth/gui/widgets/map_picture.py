"""The picture of where a model's sounds are."""

import numpy as np

_RAMP = np.array([[16, 18, 24], [38, 30, 74], [58, 50, 128], [40, 96, 140], [38, 150, 140], [64, 211, 190], [214, 240, 226]], float)


def map_pixels(image: np.ndarray, size: int = 256) -> np.ndarray:
    """uint8[rows, columns] density, first row lowest -> RGBA float32[size * size * 4], first row highest, smoothly enlarged."""
    rows, columns = image.shape
    y, x = np.linspace(rows - 1, 0, size), np.linspace(0, columns - 1, size)
    whole = image.astype(float)
    between = np.array([np.interp(x, np.arange(columns), row) for row in whole])
    level = np.array([np.interp(y, np.arange(rows), column) for column in between.T]).T / 255
    at = np.clip(level, 0, 1) ** 0.7 * (len(_RAMP) - 1)
    rgb = np.stack([np.interp(at, np.arange(len(_RAMP)), _RAMP[:, c]) for c in range(3)], -1) / 255
    return np.concatenate([rgb, np.ones((*rgb.shape[:2], 1))], -1).astype(np.float32).ravel()
