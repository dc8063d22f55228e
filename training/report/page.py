"""`report.html` beside a finished model: one file with everything in it, opened in any browser without a network.

Curves, reconstructions, a walk, the map, and short notes to listen to. Drawn as SVG here, so that nothing else is needed.
"""

import base64
import html
import io
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from synth.paths import write_whole
from synth.samples.spectrum import erb_lsd, log_magnitudes, lsd
from synth.timbres.density import Map, load_map
from synth.timbres.loudness import cycle_harmonics, gain_of
from synth.timbres.model import Model

from .evaluate import rebuild

FILE = "report.html"
EXAMPLES = 6
CURVE_POINTS = 200
WALK = 12
RATE_HZ, NOTE_HZ, NOTE_S = 32_000, 110.0, 1.2
_COLOURS = ("#9aa3b5", "#40d3be", "#ff9a45")
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;background:#0e1014;color:#dde2ec;max-width:1060px;margin:2em auto;padding:0 1em}
h2{margin-top:2em;font-weight:500}td,th{padding:.15em 1em .15em 0;text-align:left}svg{background:#161a21;border-radius:6px;margin:4px}
small,th{color:#8e94a4;font-weight:400}audio{height:28px;width:230px;vertical-align:middle}figure{display:inline-block;margin:4px}"""


def _svg(lines: Sequence[np.ndarray], width: int = 320, height: int = 110, low: float | None = None,
         high: float | None = None, extra: str = "") -> str:
    """Polylines [n, 2] (x 0..1, y in their unit) in one picture, the last on top."""
    whole = np.concatenate([line[:, 1] for line in lines]) if lines else np.array([0.0, 1.0])
    low = float(whole.min()) if low is None else low
    high = float(whole.max()) if high is None else high
    span = max(high - low, 1e-9)
    drawn = []
    for i, line in enumerate(lines):
        y = height - 6 - (np.clip(line[:, 1], low, high) - low) / span * (height - 12)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(6 + line[:, 0] * (width - 12), y, strict=True))
        drawn.append(f'<polyline fill="none" stroke="{_COLOURS[i % 3]}" stroke-width="1.4" points="{points}"/>')
    return f'<svg width="{width}" height="{height}" role="img">{extra}{"".join(drawn)}</svg>'


def _curve(y: np.ndarray) -> np.ndarray:
    return np.stack([np.linspace(0, 1, len(y)), y], 1)


def _note(cycles: np.ndarray) -> str:
    """An audio element of a note that walks through cycles [n, 2048], one after the other, at equal loudness."""
    n = int(RATE_HZ * NOTE_S)
    time_s = np.arange(n) / RATE_HZ
    most = int(0.45 * RATE_HZ / NOTE_HZ)
    tables = []
    for cycle in cycles:
        h = cycle_harmonics(cycle, most)
        tables.append(np.fft.irfft(np.pad(h * gain_of(h), (0, 1025 - len(h))), 2048) * 1024)
    at = np.linspace(0, len(tables) - 1, n)
    first = np.minimum(at.astype(int), max(len(tables) - 2, 0))
    last = np.minimum(first + 1, len(tables) - 1)
    phase = (time_s * NOTE_HZ % 1) * 2048
    left = phase.astype(int)
    mix, part = at - first, phase - left
    table = np.array(tables)
    sound = sum(weight * ((1 - part) * table[row, left] + part * table[row, (left + 1) % 2048])
                for weight, row in ((1 - mix, first), (mix, last)))
    fade = np.minimum(1, np.minimum(time_s / 0.01, (NOTE_S - time_s) / 0.08))
    samples = np.rint(np.clip(sound * fade, -1, 1) * 32767).astype("<i2")
    memory = io.BytesIO()
    with wave.open(memory, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return f'<audio controls preload="none" src="data:audio/wav;base64,{base64.b64encode(memory.getvalue()).decode()}"></audio>'


def _reconstructions(model: Model, cycles: np.ndarray) -> str:
    """Held-out cycles from the best drawn to the worst: spectrum, copy, both to be heard."""
    copies = rebuild(model, cycles)
    distances, erb = lsd(cycles, copies), erb_lsd(cycles, copies)
    order = np.argsort(distances)
    parts = []
    for row in order[np.linspace(0, len(order) - 1, min(EXAMPLES, len(order))).astype(int)]:
        spectra = log_magnitudes(np.stack([cycles[row], copies[row]]))
        picture = _svg([_curve(spectrum - spectra[0].max()) for spectrum in spectra], low=-80.0, high=5.0)
        parts.append(f"<figure>{picture}<br>{_note(cycles[row][None])}<br>{_note(copies[row][None])}"
                     f"<figcaption><small>LSD {distances[row]:.2f} dB, ERB-LSD {erb[row]:.2f} dB</small></figcaption></figure>")
    return "".join(parts)


def _walk(model: Model, found: Map | None) -> str:
    """A way through random sounds and back, as waveforms and as one note."""
    rng = np.random.default_rng(2)
    if found is None:
        ends = model.mean + rng.standard_normal((3, model.latent_size)) * model.std
    else:
        ends = found.density.sample(rng, 3)
    ends = np.clip(ends, model.low, model.high)
    at = np.linspace(0, 2, WALK)
    first = np.minimum(at.astype(int), 1)
    cycles = model.decode(ends[first] + (at - first)[:, None] * (ends[first + 1] - ends[first]))
    shapes = "".join(_svg([_curve(cycle[::8])], 160, 70) for cycle in cycles)
    return f"{shapes}<br>{_note(cycles)}"


def _map(found: Map, size: int = 480) -> str:
    """The density as squares, known sounds as named points."""
    rows, columns = found.image.shape
    step = size / columns
    cells = [f'<rect x="{c * step:.1f}" y="{size - (r + 1) * step:.1f}" width="{step:.2f}" height="{step:.2f}" '
             f'fill="#9e80ff" fill-opacity="{found.image[r, c] / 255:.2f}"/>'
             for r in range(rows) for c in range(columns) if found.image[r, c] > 6]
    for name, (x, y) in zip(found.names, found.points, strict=True):
        left = (x - found.extent[0]) / (found.extent[1] - found.extent[0]) * size
        top = size - (y - found.extent[2]) / (found.extent[3] - found.extent[2]) * size
        cells.append(f'<circle cx="{left:.1f}" cy="{top:.1f}" r="3" fill="#40d3be"><title>{html.escape(name)}</title></circle>')
        cells.append(f'<text x="{left + 4:.1f}" y="{top + 3:.1f}" font-size="8" fill="#dde2ec">{html.escape(name[:14])}</text>')
    return _svg([], size, size, extra="".join(cells))


def _table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    def cell(value: object) -> str:
        return f"{value:.3f}" if isinstance(value, float) else html.escape(str(value))

    lines = ["".join(f"<td>{cell(value)}</td>" for value in row) for row in rows]
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _smooth(losses: np.ndarray) -> np.ndarray:
    """Loss of each step -> (step, mean since the point before): float[m, 2], at most 200 points."""
    parts = np.array_split(np.asarray(losses, float), max(1, min(CURVE_POINTS, len(losses))))
    ends = np.cumsum([len(part) for part in parts])
    return np.array([(end, part.mean()) for end, part in zip(ends, parts, strict=True)])


def _curves(history: Sequence[Sequence[float]], losses: Sequence[float]) -> str:
    """Training loss and held-out distances over the steps."""
    rows = np.array([row[:3] for row in history], float).reshape(-1, 3)
    lines = [rows[:, [0, i]] for i in (1, 2)] if len(rows) else []
    lines += [_smooth(np.array(losses))] if len(losses) else []
    if not lines:
        return "none"
    last = max(line[:, 0].max() for line in lines)
    high = 1.1 * float(np.quantile(np.concatenate([line[:, 1] for line in lines]), 0.95))  # the first steps are off the page
    return _svg([line / [last, 1] for line in lines], 660, 220, low=0.0, high=high) + f"<p><small>{int(last)} steps</small></p>"


def write_curve(folder: Path, history: Sequence[Sequence[float]], losses: Sequence[float]) -> None:
    """Write `curve.csv`: a line a step with its training loss, and held-out distances where they were measured."""
    held_out = {int(row[0]): (row[1], row[2]) for row in history}
    lines = ["step,training_loss_db,held_out_lsd_db,held_out_erb_lsd_db"]
    for step, loss in enumerate(losses, 1):
        lines.append(f"{step},{loss:.4f}," + ("{:.4f},{:.4f}".format(*held_out[step]) if step in held_out else ","))
    write_whole(folder / "curve.csv", ("\n".join(lines) + "\n").encode())


def write_report(model: Model, held_out: np.ndarray, history: Sequence[Sequence[float]],
                 losses: Sequence[float] = ()) -> Path:
    """Write `report.html` into the model's folder: held-out cycles [n, 2048], rows of (step, LSD, ERB-LSD), loss a step."""
    found = load_map(model.folder, model.latent_size)
    scores, name = model.manifest.get("scores", {}), html.escape(model.name)
    keys = ("name", "correlation", "gain", "leak", "rms_leak")
    named = _table([[row.get(key, "") for key in keys] for row in model.manifest.get("directions", [])], keys)
    draws = "" if found is None else _note(model.decode(np.clip(
        found.density.sample(np.random.default_rng(7), 8), model.low, model.high)))
    body = [
        f"<h1>{name}</h1><p>Play it: <code>latentwave play --model {name}</code></p>", "<h2>Scores</h2>",
        _table(list(scores.items()), ("", "dB, on the held-out part")),
        "<h2>While training</h2><p><small>dB: held-out cycles, grey LSD, green ERB-LSD; orange: the training loss (LSD, half "
        "of ERB-LSD and the harmonics above 127, of augmented and synthetic cycles)</small></p>", _curves(history, losses),
        "<h2>Cycles it has never seen</h2><p><small>grey: the cycle; green: what the model draws; best to worst. First player: "
        "the cycle, second: the model's</small></p>", _reconstructions(model, held_out),
        "<h2>A walk</h2>", _walk(model, found),
        "<h2>Map</h2>" + (_map(found) + f"<p>Eight random sounds: {draws}</p>" if found is not None else "none"),
        "<h2>Named directions</h2>", named,
    ]
    path = model.folder / FILE
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title><style>{_STYLE}</style>{''.join(body)}</html>\n"
    write_whole(path, page.encode())
    return path
