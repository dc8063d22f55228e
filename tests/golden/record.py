"""Golden file: hashes and short spectra of what `cases` renders. `python -m tests.golden.record "why the sound changed" [CASE ...]`

The file's history is its list of reasons: each entry names the cases whose sound changed and why.
"""

import hashlib
import json
import platform
import sys
from datetime import date
from importlib import metadata
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np

from .cases import BLOCK_SIZES, RATES_HZ, is_kept, render_case, render_demo, short_cases

GOLDEN = Path(__file__).with_name("renders.json")
EDGES_HZ = tuple(float(hz) for hz in np.round(55 * 2 ** np.arange(0, 9.0, 0.75), 1))  # of the bands of a short spectrum
_FLOOR_DB = -120.0


def fingerprint() -> str:
    """What the last bits of a render depend on: processor and versions of what makes code for it."""
    versions = " ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "numba", "llvmlite", "onnxruntime"))
    features = ",".join(sorted(name for name, on in llvm.get_host_cpu_features().items() if on))
    return f"{platform.system()} {llvm.get_host_cpu_name()} {hashlib.sha256(features.encode()).hexdigest()[:8]} {versions}"


def short_spectrum(sound: np.ndarray, sr_hz: int) -> list[list[float]]:
    """Power in each band of left and of right, dB, rounded to 0.01. sound: float32[n, 2]."""
    power = np.abs(np.fft.rfft(sound.astype(np.float64), axis=0)) ** 2 / len(sound) ** 2
    at = np.searchsorted(np.fft.rfftfreq(len(sound), 1 / sr_hz), EDGES_HZ)
    return [[round(max(_FLOOR_DB, 10 * float(np.log10(power[a:b, side].sum() + 1e-30))), 2) for a, b in zip(at, at[1:], strict=False)]
            for side in (0, 1)]


def describe(sound: np.ndarray, sr_hz: int) -> dict:
    """What is kept of a render: `sha256` of its samples (float32, interleaved), `spectrum_db` [2, bands]."""
    return {"sha256": hashlib.sha256(np.ascontiguousarray(sound, "<f4").tobytes()).hexdigest(), "spectrum_db": short_spectrum(sound, sr_hz)}


def render_all(names: set[str] | None = None) -> dict[str, dict]:
    """"case at rate" -> description, for all cases or those named. Raises AssertionError where the block size is heard."""
    found = {}
    cases = short_cases()
    for sr_hz in RATES_HZ:
        for name in (*cases, "demo"):
            if not is_kept(name, sr_hz) or (names and name not in names):
                continue
            renders = [render_demo(sr_hz, n) if name == "demo" else render_case(cases[name], sr_hz, n) for n in BLOCK_SIZES]
            assert np.array_equal(*renders), f"{name} at {sr_hz} Hz: the block size is heard"
            found[f"{name} at {sr_hz}"] = describe(renders[0], sr_hz)
            print(f"{name} at {sr_hz} Hz", flush=True)
    return found


def main(argv: list[str]) -> int:
    """Render and write the file anew, the reason and what changed noted in its history."""
    if not argv:
        print(__doc__)
        return 2
    reason, names = argv[0], set(argv[1:])
    before = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {"history": [], "renders": {}}
    kept = {f"{name} at {sr_hz}" for name in (*short_cases(), "demo") for sr_hz in RATES_HZ if is_kept(name, sr_hz)}
    renders = {key: row for key, row in (before["renders"] | render_all(names)).items() if key in kept}
    changed = sorted({key.rpartition(" at ")[0] for key, now in renders.items() if before["renders"].get(key) != now})
    if not changed and before.get("fingerprint") == fingerprint():
        print("nothing changed")
        return 0
    history = [*before["history"], {"date": date.today().isoformat(), "reason": reason, "changed": changed}]
    head = json.dumps({"fingerprint": fingerprint(), "history": history}, indent=1)[:-2]
    rows = ",\n".join(f"  {json.dumps(key)}: {json.dumps(renders[key], separators=(',', ':'))}" for key in sorted(renders))
    GOLDEN.write_text(f'{head},\n "renders": {{\n{rows}\n }}\n}}\n')
    print(f"{len(changed)} cases changed: {', '.join(changed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
