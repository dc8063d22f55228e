"""The page of an instrument: each zone's error beside one cycle's and the nearest sample's, pictures, sound before and after."""

import base64
import io
import struct
import zlib
from html import escape

import numpy as np
import soundfile

from ..text import counted, printable
from ..timbres.model import Model
from .building import Built
from .distance import band_levels_db
from .names import key_name
from .nearness import LEGEND, WORDS, nearness
from .residual import recorded
from .zone import Zone

SHOWN = 12  # zones with pictures and sound, spread over the instrument
_LONGEST_S = 3.0
_RANGE_DB = 65.0
_FAST, _SLOW = 25.0, 6.0  # knots a second
_STYLE = """body{background:#0e1014;color:#d8dce6;font:14px/1.45 Inter,system-ui,sans-serif;margin:32px auto;max-width:1120px;
padding:0 16px}
h1{font-size:22px}h2{font-size:16px;margin-top:36px}p,li,small{color:#8e94a4}table{border-collapse:collapse;width:100%}
td,th{padding:3px 10px;text-align:right;border-bottom:1px solid #262b35}th{color:#8e94a4;font-weight:normal}
td:first-child,th:first-child{text-align:left}td small{display:block;line-height:1}.v0{color:#40d3be}.v1{color:#a3d8cf}.v3{color:#ff9a45}
section{border-top:1px solid #262b35;margin-top:28px}.pair{display:grid;grid-template-columns:1fr 1fr;gap:14px}
figure{margin:0}figcaption{font-size:12px;color:#8e94a4}img{width:100%;height:180px;image-rendering:pixelated;border-radius:6px}
audio{width:100%;height:34px}svg{width:100%;height:110px;background:#14171d;border-radius:6px}text{fill:#8e94a4;font-size:11px}"""
_COLUMNS = (("lsd_db", "track"), ("cycle_lsd_db", "one cycle"), ("neighbour_lsd_db", "nearest sample"), ("erb_lsd_db", "track, ERB"),
            ("cycle_erb_lsd_db", "one cycle, ERB"), ("neighbour_erb_lsd_db", "nearest, ERB"), ("above_noise_lsd_db", "above noise"),
            ("whole_db", "whole sound"))


def make_page(built: Built, model: Model) -> str:
    """The page as HTML text, everything within it."""
    zones, name = built.instrument.zones, escape(printable(built.instrument.name))
    shown = np.unique(np.linspace(0, len(zones) - 1, min(SHOWN, len(zones))).astype(int)).tolist()
    parts = [
        f"<h1>{name}</h1><p>{counted(len(zones), 'note')} as tracks of {escape(printable(model.name))}: {_on_the_whole(zones)}</p><p>"
        "Figures are distances from the recording in dB, less is nearer: of harmonics frame by frame (LSD, and ERB-LSD as the ear "
        "groups them), and of the whole sound with its noise in 36 bands. <i>One cycle</i>: the same note as one still waveform. "
        "<i>Nearest sample</i>: the nearest other key's recording in this one's place, as a sampler would shift it. Harmonics over half "
        "the sample rate count as right; <i>above noise</i> is LSD over those that stand 12 dB above it.</p>"
        f"<p>{LEGEND}</p>",
        _table(zones), *(_section(zones[i], built, i) for i in shown),
        _list("Remarks", built.remarks), _list("Left out", built.left_out),
    ]
    return f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title><style>{_STYLE}</style>{''.join(parts)}</html>\n"


def _name(zone: Zone) -> str:
    take = f", take {zone.round_robin + 1}" if zone.round_robin else ""
    return f"{key_name(zone.key)} at {zone.velocity}{take}"


def _table(zones: tuple[Zone, ...]) -> str:
    head = "".join(f"<th>{words}</th>" for _, words in _COLUMNS)
    rows = [f"<tr><td title='{escape(zone.source, quote=True)}'>{_name(zone)}</td>"
            + "".join(_cell(key, zone.errors.get(key)) for key, _ in _COLUMNS) for zone in zones]
    mean = "".join(_cell(key, _mean(zones, key)) for key, _ in _COLUMNS)
    return f"<table><tr><th>note</th>{head}</tr>{''.join(rows)}<tr><th>mean</th>{mean}</tr></table>"


def _mean(zones: tuple[Zone, ...], key: str) -> float | None:
    values = [zone.errors[key] for zone in zones if key in zone.errors]
    return sum(values) / len(values) if values else None


def _cell(key: str, value: float | None) -> str:
    if value is None:
        return "<td>-</td>"
    word = nearness(key, value)
    return f"<td>{value:.2f} <small class=v{WORDS.index(word)}>{word}</small></td>"


def _on_the_whole(zones: tuple[Zone, ...]) -> str:
    """The figures that matter most, in a sentence."""
    said = [f"{words} {db:.2f} dB ({nearness(key, db)})" for key, words in
            (("whole_db", "the whole sound"), ("lsd_db", "harmonics"), ("cycle_lsd_db", "those of one still waveform"))
            if (db := _mean(zones, key)) is not None]
    return ", ".join(said) + " from the recordings, on average."


def _pace(zone: Zone) -> str:
    """How much of a note's timbre was kept, and what that says."""
    n, a_second = len(zone.time_s), len(zone.time_s) / max(zone.end_s, 1e-3)
    moves = "moves fast" if a_second > _FAST else "moves" if a_second > _SLOW else "hardly moves"
    return f"a timbre that {moves}: {counted(n, 'knot')} (latents at a moment) in {zone.end_s:.2f} s"


def _section(zone: Zone, built: Built, index: int) -> str:
    note = built.heard[index]
    true = recorded(note)[: int(_LONGEST_S * note.rate_hz)]
    played = built.played[index][: len(true)]
    levels = [band_levels_db(x, note.rate_hz) for x in (true, played)]
    top = levels[0].max()
    figures = "".join(
        f"<figure><img alt='{words}' src='{_picture(level, top)}'><figcaption>{words}</figcaption>{_sound(x, note.rate_hz)}</figure>"
        for words, level, x in zip(("recording", "track"), levels, (true, played), strict=True))
    about = [f"{zone.freq_hz:.2f} Hz", _pace(zone),
             f"let go at {zone.release_s:.2f} s" if zone.release_s < zone.end_s else "no release"]
    about += [f"partials that lie sharp, as a stiff string's do ({zone.stiffness:.1e})"] if zone.stiffness else []
    about += [f"noise in {counted(n, 'band')}"] if (n := int((zone.noise_db > -119).any(0).sum())) else ["no noise"]
    about += [f"{len(zone.attack) / zone.rate_hz * 1000:.0f} ms of its attack kept as they are"] if len(zone.attack) else []
    near = [f"{words} {zone.errors[key]:.2f} dB: {nearness(key, zone.errors[key])}" for key, words in
            (("lsd_db", "Harmonics"), ("whole_db", "The whole sound")) if key in zone.errors]
    return (f"<section><h2>{_name(zone)} <small>{escape(printable(zone.source))}</small></h2>"
            f"<p>{'; '.join(near)}</p><p>{', '.join(about)}</p>"
            f"<div class=pair>{figures}</div>{_contours(zone)}</section>")


def _picture(levels_db: np.ndarray, top_db: float) -> str:
    """Bands over time as a PNG in a data address: low bands below, 65 dB from black to light."""
    value = np.clip((levels_db - top_db + _RANGE_DB) / _RANGE_DB, 0, 1)[:, ::-1].T
    stops = np.array([[14, 16, 20], [70, 50, 140], [64, 211, 190], [245, 250, 240]], float)
    place = value * (len(stops) - 1)
    low = np.minimum(place.astype(int), len(stops) - 2)
    colours = (stops[low] + (place - low)[..., None] * (stops[low + 1] - stops[low])).astype(np.uint8)
    return "data:image/png;base64," + base64.b64encode(_png(colours)).decode()


def _png(colours: np.ndarray) -> bytes:
    """uint8[height, width, 3] as a PNG. By hand: the only libraries that write one are for development (Pillow, matplotlib)."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = colours.shape
    rows = b"".join(b"\0" + row.tobytes() for row in colours)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _sound(samples: np.ndarray, rate_hz: int) -> str:
    memory = io.BytesIO()
    soundfile.write(memory, np.clip(samples, -1, 1), rate_hz, format="FLAC", subtype="PCM_16")
    return f"<audio controls preload=none src='data:audio/flac;base64,{base64.b64encode(memory.getvalue()).decode()}'></audio>"


def _contours(zone: Zone) -> str:
    """Level (violet, 60 dB) and pitch (green, a semitone) over time."""
    x = np.linspace(0, 1000, len(zone.level_db))
    level = 100 - 90 * np.clip((zone.level_db - zone.level_db.max() + 60) / 60, 0, 1)
    pitch = 55 - 45 * np.clip(zone.cents / 50, -1, 1)
    heard = zone.level_db > zone.level_db.max() - 45
    lines = "".join(f'<polyline points="{" ".join(f"{a:.0f},{b:.1f}" for a, b in zip(xs.tolist(), ys.tolist(), strict=True))}" fill=none '
                    f'stroke="{colour}" stroke-width=1.5 vector-effect=non-scaling-stroke />'
                    for xs, ys, colour in ((x, level, "#9e80ff"), (x[heard], pitch[heard], "#40d3be")))
    places = [at / max(zone.end_s, 1e-6) * 1000 for at in (*zone.steady_s, zone.release_s)]
    held = "".join(f'<line x1={at:.0f} x2={at:.0f} y1=0 y2=110 stroke="#3a4150" />' for at in places)
    return (f'<svg viewBox="0 0 1000 110" preserveAspectRatio=none>{held}{lines}</svg>'
            "<p><small>violet: level, 60 dB high; green: pitch, a quarter tone up and down; lines: steady part and release</small></p>")


def _list(title: str, told: dict[str, str]) -> str:
    rows = "".join(f"<li>{escape(printable(file))}: {escape(printable(words))}</li>" for file, words in list(told.items())[:500])
    return f"<h2>{title}</h2><ul>{rows}</ul>" if told else ""
