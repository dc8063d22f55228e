"""Pictures for the README, drawn in the window's colours: a morph as a waterfall of cycles. Needs matplotlib (`[dev]`).

`python -m training.report.pictures akwf-16 docs/pictures/waterfall.png` draws the one in the README.
"""

import os
import sys
from pathlib import Path

import numpy as np

_BACK, _DIM = "#0e1014", "#8e94a4"
_FRONT_LINE, _BACK_LINE, _LIT = "#40d3be", "#9e80ff", "#ff9a45"
_FONT = Path(__file__).parent.parent.parent / "synth" / "gui" / "fonts" / "Inter-Regular.otf"


def draw_waterfall(model, path: np.ndarray, file: str | os.PathLike, rows: int = 56, title: str = "", lit: float | None = 0.5) -> None:
    """Write a PNG of the cycles along a path of latents [n, z], first in front; `lit` 0..1 is the cycle in orange.

    `model` has `decode(float32[n, z]) -> float32[n, 2048]` (`synth.timbres.model.Model`). 1600 x 900 pixels.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    cycles = _cycles(model, np.asarray(path, np.float32), rows)
    figure = Figure(figsize=(16, 9), dpi=100, facecolor=_BACK)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_facecolor(_BACK)
    axes.set_axis_off()
    axes.set_xlim(0, 16)
    axes.set_ylim(0, 9)
    for i in reversed(range(rows)):
        _draw_row(axes, cycles[i], i / (rows - 1), rows - i, lit=False)
    if lit is not None:
        at = round(lit * (rows - 1))
        _draw_row(axes, cycles[at], at / (rows - 1), rows - at + 0.5, lit=True)
    _write_words(axes, title)
    FigureCanvasAgg(figure).print_png(os.fspath(file))


def _cycles(model, path: np.ndarray, rows: int) -> np.ndarray:
    """float[rows, 512] along the path, loudest sample 1, with harmonics under 128 so that a line can show them."""
    at = np.linspace(0, len(path) - 1, rows)
    low = np.minimum(at.astype(int), max(len(path) - 2, 0))
    high = np.minimum(low + 1, len(path) - 1)
    mix = (at - low)[:, None]
    decoded = model.decode(((1 - mix) * path[low] + mix * path[high]).astype(np.float32))
    spectra = np.fft.rfft(decoded)[:, :257]
    spectra[:, 128:] = 0
    cycles = np.fft.irfft(spectra, 512) * (512 / decoded.shape[1])
    return cycles / np.abs(cycles).max()


def _draw_row(axes, cycle: np.ndarray, depth: float, order: float, lit: bool) -> None:
    width, left = 11.6 - 3.6 * depth, 0.9 + 5.4 * depth
    base, height = 1.75 + 5.6 * depth, 1.30 - 0.45 * depth
    x = left + np.linspace(0, 1, len(cycle) + 1) * width
    y = base + np.append(cycle, cycle[0]) * height
    colour = _LIT if lit else _mixed(_FRONT_LINE, _BACK_LINE, depth**0.8)
    if lit:
        axes.plot(x, y, color=colour, linewidth=9, alpha=0.12, zorder=order)
        axes.plot(x, y, color=colour, linewidth=5, alpha=0.22, zorder=order)
    else:
        axes.fill_between(x, y, base - 2.2 * height, facecolor=_mixed(_BACK, colour, 0.05), linewidth=0, alpha=0.82, zorder=order)
    axes.plot(x, y, color=colour, linewidth=2.6 if lit else 1.3, alpha=1.0 if lit else 0.95 - 0.4 * depth, zorder=order,
              solid_joinstyle="round")


def _mixed(a: str, b: str, amount: float) -> str:
    pairs = ((int(a[i:i + 2], 16), int(b[i:i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(p + (q - p) * amount):02x}" for p, q in pairs)


def _write_words(axes, title: str) -> None:
    from matplotlib.font_manager import FontProperties

    font = FontProperties(fname=os.fspath(_FONT)) if _FONT.exists() else FontProperties()
    axes.text(0.55, 8.35, title, color=_DIM, fontproperties=font, fontsize=17, va="center", zorder=1000)
    axes.text(12.95, 1.62, "A", color=_FRONT_LINE, fontproperties=font, fontsize=17, va="center", zorder=1000)
    axes.text(14.5, 7.05, "B", color=_BACK_LINE, fontproperties=font, fontsize=17, va="center", zorder=1000)


def main(model_name: str, file: str, seed: int = 2) -> None:
    """A waterfall between two random points of a model, within its ranges."""
    from synth.paths import find_model
    from synth.timbres.model import open_model

    model = open_model(find_model(model_name))
    low, high, mean = (np.asarray(x) for x in (model.low, model.high, model.mean))
    spread = np.random.default_rng(seed).normal(size=(2, len(mean))) * (high - low) * 0.225
    path = np.clip(mean + spread, low, high)
    draw_waterfall(model, path, file, title=f"{model.name}: 56 cycles on the way between two points of its latent space")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:4]))
