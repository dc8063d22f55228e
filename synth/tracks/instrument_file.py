"""An instrument's folder: `instrument.json` and `tracks.npz`, written whole or not at all, and checked before anything of it is used."""

import hashlib
import io
from pathlib import Path

import numpy as np

from .. import __version__
from ..errors import UserError
from ..text import dump_json, printable
from ..whole_folders import whole_folder
from .checking import Checked, open_arrays, read_json
from .spectra import NOISE_BANDS, erb_edges_hz
from .warp import CONTOUR_HZ
from .zone import TrackInstrument, Zone

FORMAT = 1
JSON_FILE, ARRAYS_FILE = "instrument.json", "tracks.npz"
_FALLBACK_STEP_DB = 0.5
_OFFSET_STEP_DB = 0.25
_HALF = np.float16


def save(instrument: TrackInstrument, folder: Path, replace: bool = False, page: str = "") -> str:
    """Write the folder of an instrument; -> the sha256 of its tracks. Raises UserError where it is there or cannot be written."""
    check_free(folder, replace)
    packed = _packed(instrument)
    digest = hashlib.sha256(packed).hexdigest()
    try:
        with whole_folder(folder) as part:
            (part / ARRAYS_FILE).write_bytes(packed)
            (part / JSON_FILE).write_text(dump_json(to_data(instrument, digest), indent=1) + "\n", encoding="utf-8")
            if page:
                (part / f"{folder.name}.html").write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {printable(folder)} ({error.strerror or error})") from None
    return digest


def check_free(folder: Path, replace: bool) -> None:
    """Raises UserError where a folder is there already, or is no instrument that could be replaced."""
    if folder.exists() and not replace:
        raise UserError(f"there is already an instrument {printable(folder)}; give another name, or --replace")
    if folder.exists() and not (folder / JSON_FILE).is_file():
        raise UserError(f"{printable(folder)} is no instrument, so it is not replaced; give another name")


def _packed(instrument: TrackInstrument) -> bytes:
    """The arrays of all zones, one after the other, as a compressed .npz."""
    zones = instrument.zones
    memory = io.BytesIO()
    np.savez_compressed(
        memory, latent=np.concatenate([z.latent for z in zones]).astype(_HALF),
        time_s=np.concatenate([z.time_s for z in zones]).astype(np.float32),  # a half holds no millisecond after the second second
        noise_db=np.concatenate([z.noise_db for z in zones]).astype(_HALF),
        level_db=np.concatenate([z.level_db for z in zones]).astype(_HALF), cents=np.concatenate([z.cents for z in zones]).astype(_HALF),
        fingerprint=np.stack([np.rint(z.fingerprint / _OFFSET_STEP_DB) for z in zones]).astype(np.int8),
        attack=np.concatenate([z.attack for z in zones]).astype(np.int16),
        fallback_s=np.concatenate([z.fallback_s for z in zones]).astype(np.float32),
        fallback=np.concatenate([np.clip(np.rint((z.fallback_db.max(1, keepdims=True) - z.fallback_db) / _FALLBACK_STEP_DB), 0, 255)
                                 for z in zones]).astype(np.uint8))
    return memory.getvalue()


def to_data(instrument: TrackInstrument, digest: str) -> dict:
    """What `instrument.json` holds."""
    rows, row, contour, attack, fallback = [], 0, 0, 0, 0
    for z in instrument.zones:
        rows.append({
            "key": z.key, "velocity": z.velocity, "keys": list(z.keys), "velocities": list(z.velocities), "round_robin": z.round_robin,
            "freq_hz": round(z.freq_hz, 5), "rate_hz": z.rate_hz, "stiffness": float(f"{z.stiffness:.4g}"), "loop": z.loop,
            "source": {"file": z.source, "sha256": z.source_sha256, "start_s": round(z.source_start_s, 5)},
            "steady_s": [round(t, 5) for t in z.steady_s], "release_s": round(z.release_s, 5), "end_s": round(z.end_s, 5),
            "fingerprint_s": [round(t, 5) for t in z.fingerprint_s], "attack_gain": float(f"{z.attack_gain:.6g}"),
            "rows": [row, len(z.time_s)], "contour": [contour, len(z.level_db)], "attack": [attack, len(z.attack)],
            "fallback": [fallback, len(z.fallback_s)], "errors": {k: round(v, 3) for k, v in sorted(z.errors.items())},
        })
        row, contour = row + len(z.time_s), contour + len(z.level_db)
        attack, fallback = attack + len(z.attack), fallback + len(z.fallback_s)
    return {"format": FORMAT, "name": instrument.name, "code_version": __version__,
            "model": {"name": instrument.model, "sha256": instrument.model_sha256, "latent_size": instrument.latent_size},
            "contour_hz": CONTOUR_HZ, "noise_edges_hz": [round(f, 2) for f in erb_edges_hz().tolist()],
            "sha256": {ARRAYS_FILE: digest}, "zones": rows}


def heading(folder: Path) -> tuple[int, str]:
    """How many notes an instrument has, and its model's name: what a list shows of it. Raises UserError for a damaged one."""
    check = Checked(folder / JSON_FILE, read_json(folder / JSON_FILE, FORMAT))
    return len(check.rows("zones", 1, 4096)), check.part("model").text("name")


def load(folder: Path) -> TrackInstrument:
    """An instrument from its folder, everything checked. Raises UserError with one sentence that says what is wrong."""
    data = read_json(folder / JSON_FILE, FORMAT)
    check = Checked(folder / JSON_FILE, data)
    model = check.part("model")
    size = model.whole("latent_size", 1, 256)
    digest = check.part("sha256").text(ARRAYS_FILE)
    rows = check.rows("zones", 1, 4096)
    arrays = open_arrays(folder / ARRAYS_FILE, digest, {
        "latent": (_HALF, (None, size)), "time_s": (np.float32, (None,)), "noise_db": (_HALF, (None, NOISE_BANDS)),
        "level_db": (_HALF, (None,)), "cents": (_HALF, (None,)), "fingerprint": (np.int8, (len(rows), 2, 32)),
        "attack": (np.int16, (None,)), "fallback_s": (np.float32, (None,)), "fallback": (np.uint8, (None, 127))})
    zones = tuple(_zone(row, arrays, index) for index, row in enumerate(rows))
    return TrackInstrument(check.text("name"), model.text("name"), model.text("sha256"), size, zones, digest.lower())


def _zone(row: Checked, arrays: dict[str, np.ndarray], index: int) -> Zone:
    def of(name: str, *columns: str) -> list[np.ndarray]:
        first, count = row.span(name, len(arrays[columns[0]]), least=0 if name == "attack" else 1)
        for column in columns:
            if len(arrays[column]) != len(arrays[columns[0]]):
                row.fail(f"its {column} and {columns[0]} differ in length")
        return [arrays[column][first:first + count] for column in columns]

    time_s, latent, noise_db = of("rows", "time_s", "latent", "noise_db")
    level_db, cents = of("contour", "level_db", "cents")
    fallback_s, fallback = of("fallback", "fallback_s", "fallback")
    (attack,) = of("attack", "attack")
    for name, times in (("rows", time_s), ("fallback", fallback_s)):
        if (np.diff(times) <= 0).any():
            row.fail(f"the times of its {name} do not rise")
    source = row.part("source")
    end_s = row.number("end_s", 0.001, 3600)
    return Zone(
        source=source.text("file"), source_sha256=source.text("sha256"), source_start_s=source.number("start_s", 0, 1e6),
        rate_hz=row.whole("rate_hz", 1000, 1_000_000), key=row.whole("key", 0, 127), velocity=row.whole("velocity", 1, 127),
        freq_hz=row.number("freq_hz", 5, 20_000), steady_s=row.range("steady_s", 0, end_s), release_s=row.number("release_s", 0, end_s),
        end_s=end_s, stiffness=row.number("stiffness", 0, 0.05), time_s=time_s, latent=latent.astype(np.float32),
        noise_db=noise_db.astype(np.float32), level_db=level_db.astype(np.float32), cents=cents.astype(np.float32),
        fingerprint=arrays["fingerprint"][index].astype(np.float32) * np.float32(_OFFSET_STEP_DB),
        fingerprint_s=row.range("fingerprint_s", 0, 3600), attack=attack, attack_gain=row.number("attack_gain", 0, 64),
        fallback_s=fallback_s, fallback_db=fallback.astype(np.float32) * np.float32(-_FALLBACK_STEP_DB),
        round_robin=row.whole("round_robin", 0, 4096), keys=row.whole_range("keys", 0, 127),
        velocities=row.whole_range("velocities", 1, 127), loop=row.choice("loop", ("hold", "none")), errors=row.numbers("errors"))


