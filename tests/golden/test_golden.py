"""The sound is what it was: every golden render, to the bit on the machine it was made on, by its spectrum on others."""

import json

import numpy as np
import pytest

from .cases import BLOCK_SIZES, RATES_HZ, is_kept, render_case, render_demo, short_cases
from .record import GOLDEN, describe, fingerprint

KEPT = json.loads(GOLDEN.read_text())
HOW = "if this change is meant, say why: python -m tests.golden.record \"why\""
NEAR_DB, QUIET_DB = 0.3, -80.0


def difference(kept: dict, now: dict) -> str:
    """What differs between two descriptions, or nothing. To the bit where this is the machine of the file."""
    if kept["sha256"] == now["sha256"]:
        return ""
    gaps_db = np.abs(np.maximum(kept["spectrum_db"], QUIET_DB) - np.maximum(now["spectrum_db"], QUIET_DB))
    if KEPT["fingerprint"] != fingerprint() and gaps_db.max() < NEAR_DB:
        return ""
    return f"samples differ, bands by {gaps_db.max():.2f} dB at most"


def compare(names: dict[str, np.ndarray], sr_hz: int) -> None:
    """Fail with every render that is not as it was kept."""
    told = {name: difference(KEPT["renders"][f"{name} at {sr_hz}"], describe(sound, sr_hz)) for name, sound in names.items()}
    changed = {name: what for name, what in told.items() if what}
    assert not changed, f"{changed}; {HOW}"


@pytest.mark.parametrize("sr_hz", RATES_HZ)
def test_the_sound_is_what_it_was(sr_hz):
    compare({name: render_case(case, sr_hz, BLOCK_SIZES[i % 2]) for i, (name, case) in enumerate(short_cases().items())
             if is_kept(name, sr_hz)}, sr_hz)


def test_the_demo_song_is_what_it_was():
    compare({"demo": render_demo(48000, BLOCK_SIZES[1])}, 48000)


def test_every_case_is_kept_and_every_change_has_its_reason():
    names = {f"{name} at {sr_hz}" for name in (*short_cases(), "demo") for sr_hz in RATES_HZ if is_kept(name, sr_hz)}
    assert set(KEPT["renders"]) == names
    assert all(row["reason"] and row["changed"] for row in KEPT["history"])
