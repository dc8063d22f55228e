"""A page that shows a data set: waveforms, spectra, a flat map, and what was left out. One HTML file, drawn by hand as SVG."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from ..paths import write_whole
from ..text import counted, printable

SHOWN = 60  # waveforms, spread over the data set
ON_MAP = 4000
TOLD = 500  # files left out that are named
_PALETTE = ("#40d3be", "#9e80ff", "#ff9a45", "#5aa9ff", "#ff6f91", "#b6d957", "#e8c547", "#c58cff")
_HEAD = "<!doctype html><meta charset=utf-8><title>"
_STYLE = """body{background:#0e1014;color:#d8dce6;font:14px/1.45 Inter,system-ui,sans-serif;margin:32px auto;
max-width:1120px;padding:0 16px}
h1{font-size:22px}h2{font-size:16px;margin-top:36px}p,li{color:#8e94a4}svg{background:#14171d;border:1px solid #262b35;border-radius:6px}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px}figure{margin:0}
figcaption{font-size:11px;color:#8e94a4;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.grid svg{width:100%;height:72px}
.wide{width:100%;height:auto}text{fill:#8e94a4;font-size:11px}"""


def write_page(dataset: Path, cycles: np.ndarray, names: Sequence[str] | np.ndarray, spectra_db: np.ndarray, left_out: dict[str, str],
               remarks: dict[str, str]) -> Path:
    """Write NAME.html beside the data set, of cycles float32[n, 2048] and their floored dB [n, 127]; -> its path. Raises UserError."""
    path, title = _free_page(dataset), escape(printable(dataset.name))
    shown = np.unique(np.linspace(0, len(cycles) - 1, min(SHOWN, len(cycles))).astype(int))
    pictures = "".join(_waveform(np.asarray(cycles[row]), str(names[row])) for row in shown)
    parts = [
        f"<h1>{title}</h1><p>{counted(len(cycles), 'cycle')}; {counted(len(left_out), 'file or frame', 'files or frames')} left out.</p>",
        f"<h2>Waveforms</h2><p>{len(shown)} of them, spread over the whole.</p><div class=grid>{pictures}</div>",
        "<h2>Spectra</h2><p>Level of each harmonic under the strongest: the middle cycle, the middle half, all but the outer "
        f"tenth at each end.</p>{_spectra(spectra_db)}",
        "<h2>Map</h2><p>Cycles that sound alike lie together (the two directions in which the spectra differ most); one colour "
        f"a file or folder. Point at a dot for its name.</p>{_map(spectra_db, names)}",
        _list("Remarks", remarks), _list("Left out", left_out),
    ]
    text = f"{_HEAD}{title}</title><style>{_STYLE}</style>{''.join(parts)}"
    write_whole(path, text.encode())
    return path


def _free_page(dataset: Path) -> Path:
    """Where the page goes, as nobody gave its name: in place of one of ours, but beside a page of somebody else."""
    stem = dataset.name.removesuffix(".npz")
    path, number = dataset.with_name(f"{stem}.html"), 1
    while path.exists() and not (path.is_file() and path.read_bytes().startswith(_HEAD.encode())):
        number += 1
        path = dataset.with_name(f"{stem}-{number}.html")
    return path


def _points(x: np.ndarray, y: np.ndarray) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))


def _waveform(cycle: np.ndarray, name: str) -> str:
    curve = cycle[::8] / max(float(np.abs(cycle).max()), 1e-9)
    line = _points(np.linspace(2, 198, len(curve)), 36 - 32 * curve)
    return (f'<figure><svg viewBox="0 0 200 72" preserveAspectRatio=none><polyline points="{line}" fill=none stroke="#40d3be" '
            f'stroke-width=1.5 /></svg><figcaption title="{escape(name)}">{escape(name)}</figcaption></figure>')


def _spectra(spectra_db: np.ndarray) -> str:
    some = spectra_db[:: max(1, len(spectra_db) // ON_MAP)]
    under = some - some.max(1, keepdims=True)
    low, quarter, middle, upper, high = np.percentile(under, [10, 25, 50, 75, 90], axis=0)
    x = 50 + 1000 * np.log2(np.arange(1, under.shape[1] + 1)) / np.log2(under.shape[1])

    def y(levels_db: np.ndarray) -> np.ndarray:
        return 15 - levels_db * 3.2

    def band(lower: np.ndarray, higher: np.ndarray, opacity: float) -> str:
        line = _points(np.concatenate([x, x[::-1]]), np.concatenate([y(lower), y(higher)[::-1]]))
        return f'<polygon points="{line}" fill="#9e80ff" opacity={opacity} />'

    rulers = "".join(f'<line x1=50 x2=1050 y1={15 + 3.2 * d} y2={15 + 3.2 * d} stroke="#262b35" /><text x=8 y={19 + 3.2 * d}>-{d} dB</text>'
                     for d in (0, 20, 40, 60, 80))
    ticks = "".join(f'<text x={50 + 1000 * np.log2(k) / np.log2(under.shape[1]):.0f} y=292 text-anchor=middle>{k}</text>'
                    for k in (1, 2, 4, 8, 16, 32, 64, 127))
    return (f'<svg class=wide viewBox="0 0 1070 300">{rulers}{ticks}{band(low, high, 0.22)}{band(quarter, upper, 0.4)}'
            f'<polyline points="{_points(x, y(middle))}" fill=none stroke="#40d3be" stroke-width=2 /></svg>')


def _map(spectra_db: np.ndarray, names: Sequence[str] | np.ndarray) -> str:
    rows = np.unique(np.linspace(0, len(spectra_db) - 1, min(ON_MAP, len(spectra_db))).astype(int))
    centred = spectra_db[rows] - spectra_db[rows].mean(0)
    axes = np.linalg.eigh(centred.T.astype(np.float64) @ centred)[1][:, -2:]
    flat = centred @ axes
    low, high = np.percentile(flat, [0.5, 99.5], axis=0)
    placed = np.clip((flat - low) / np.maximum(high - low, 1e-9), -0.02, 1.02)
    families = {family: i for i, family in enumerate(dict.fromkeys(_family(str(names[row])) for row in rows))}
    dots = "".join(
        f'<circle cx={20 + 1030 * x:.0f} cy={20 + 500 * y:.0f} r=3 fill="{_PALETTE[families[_family(str(names[row]))] % len(_PALETTE)]}" '
        f'opacity=.75><title>{escape(str(names[row]))}</title></circle>'
        for row, (y, x) in zip(rows.tolist(), placed.tolist(), strict=True))
    return f'<svg class=wide viewBox="0 0 1070 540">{dots}</svg>'


def _family(name: str) -> str:
    """What shares a colour: the folder of a file, or the file of a cycle in the top folder."""
    folder, _, file = name.rpartition("/")
    return folder or file.rpartition(":")[0]


def _list(title: str, told: dict[str, str]) -> str:
    if not told:
        return ""
    rows = "".join(f"<li>{escape(name)}: {escape(reason)}</li>" for name, reason in list(told.items())[:TOLD])
    more = f"<p>and {len(told) - TOLD} more</p>" if len(told) > TOLD else ""
    return f"<h2>{title}</h2><ul>{rows}</ul>{more}"
