"""Our tables in the real Vital engine sound as they do here, and Vital's own tables are read as it plays them."""

import base64
import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from scipy.io import wavfile

from synth.events import Event, Kind
from synth.patch.patch import Patch
from synth.render.offline import render
from synth.render.wavetable_files import write_wavetable
from synth.samples.vital import read_vital
from synth.timbres.model import open_model
from synth.timbres.morph_frames import Stop, along_position
from synth.timbres.source import ModelSource
from tests.servers import WORK_S, child_env

SR_HZ, NOTE, TO_HZ = 48_000, 45, 8000.0
NOTE_HZ = 110.0
needs_vital = pytest.mark.skipif(find_spec("vita") is None, reason="needs the Vital engine (vita), which has no build for this processor")


def vital(tmp_path, jobs):
    """Steady notes of Vital: float64[jobs, n]."""
    task = json.dumps({"jobs": [{"table": t, "place": p, "note": NOTE} for t, p in jobs], "sr_hz": SR_HZ, "out": str(tmp_path / "v.npy")})
    done = subprocess.run([sys.executable, "-m", "tests.vital_play"], input=task, env=child_env(), capture_output=True, text=True,
                          timeout=WORK_S)
    assert done.returncode == 0, done.stderr
    return np.load(tmp_path / "v.npy")[:, SR_HZ // 2:SR_HZ, 0].astype(float)


def harmonics_db(x, count=int(TO_HZ / NOTE_HZ)):
    """Levels of a steady note's harmonics, of float64[n]."""
    t = np.arange(len(x)) / SR_HZ
    waves = np.exp(-2j * np.pi * NOTE_HZ * np.arange(1, count + 1)[:, None] * t)
    return 20 * np.log10(np.abs(waves @ (x * np.blackman(len(x)))) / len(x) + 1e-12)


def a_patch(seed=3):
    source = ModelSource(open_model("akwf-16"))
    rng = np.random.default_rng(seed)
    corners = {c: tuple((source.low + (source.high - source.low) * rng.uniform(0.2, 0.8, 16)).tolist()) for c in "AB"}
    return Patch(corners=corners, latent_size=16, model="akwf-16"), source


def keyframes(frames, places, **more):
    rows = [{"position": int(p), "wave_data": base64.b64encode(np.asarray(f, "<f4").tobytes()).decode()}
            for p, f in zip(places, frames, strict=True)]
    return {"name": "t", "author": "", "version": "1.0.7", "full_normalize": False, "remove_all_dc": False,
            "groups": [{"components": [{"type": "Wave Source", "interpolation": 0, "interpolation_style": 1, "keyframes": rows} | more]}]}


@needs_vital
@pytest.mark.filterwarnings("ignore:Chunk")
@pytest.mark.parametrize("name", ["t.vitaltable", "t.wav"])
def test_a_morph_sounds_in_vital_as_it_does_here(tmp_path, name):
    """One gain for all three positions: levels from frame to frame are kept too."""
    patch, source = a_patch()
    frames = along_position(Stop(patch, source), 256)
    write_wavetable(tmp_path / name, frames / np.abs(frames).max(), "vital" if name == "t.wav" else None)
    if name == "t.wav":
        rate_hz, samples = wavfile.read(tmp_path / name)
        assert (rate_hz, samples.dtype, samples.size) == (88_200, np.int16, 256 * 2048)
        table = keyframes(samples.reshape(256, 2048) / 32768, range(256), interpolation=0, interpolation_style=1)
        places = (0.0, 127.5, 255.0)
    else:
        table, places = json.loads((tmp_path / name).read_text()), (0.0, 128.0, 256.0)
    theirs = vital(tmp_path, [(table, place) for place in places])
    notes = [(0, Event(Kind.NOTE_ON, NOTE, 100 / 127))]
    mine = [render(Patch(**{**vars_of(patch), "params": {"osc.position": p}}), notes, 1.0, sr_hz=SR_HZ)[SR_HZ // 2:, 0].astype(float)
            for p in (0.0, 0.5, 1.0)]
    ours, vitals = (np.array([harmonics_db(x[:SR_HZ // 2]) for x in rows]) for rows in (mine, theirs))
    heard = ours > ours.max(1, keepdims=True) - (80 if name == "t.vitaltable" else 60)
    apart = (ours - vitals)[heard]
    worst = float(np.abs(apart - np.median(apart)).max())
    print(f"{name}: {heard.sum()} harmonics within {worst:.3f} dB")
    assert heard.sum() > 120 and worst < 0.5


def vars_of(patch):
    return {"corners": patch.corners, "latent_size": patch.latent_size, "model": patch.model}


@needs_vital
def test_vitals_tables_are_read_as_vital_plays_them(tmp_path):
    """Keyframes that stand unevenly, in each of its interpolations; two groups; two sources in a group."""
    rng = np.random.default_rng(0)
    k = np.arange(1, 60)
    waves = [np.fft.irfft(np.concatenate([[0], a * np.exp(1j * rng.uniform(-3, 3, 59)), np.zeros(965)])) * 400
             for a in (1 / k, k**-0.5, np.exp(-((k - 12) / 5.0) ** 2) + 1e-3, k**-1.5)]
    tables = [keyframes(waves, (0, 40, 130, 256), interpolation=i, interpolation_style=style) for i in (0, 1) for style in (0, 1, 2)]
    two = keyframes(waves[:1], [0])
    two["groups"] += keyframes(waves[1:2], [0])["groups"]
    over = keyframes(waves[:1], [0])
    over["groups"][0]["components"] += keyframes(waves[1:2], [0])["groups"][0]["components"]
    places = (0, 85, 200)
    theirs = iter(vital(tmp_path, [(t, float(p)) for t in [*tables, two, over] for p in places]))
    gain_db = None
    for table in (*tables, two, over):
        frames = read_vital(json.dumps(table).encode())
        for place in places:
            mine = 20 * np.log10(np.abs(np.fft.rfft(frames[min(place, len(frames) - 1)]))[1:41] / 1024)
            apart = harmonics_db(next(theirs), 40) - mine
            gain_db = float(np.median(apart)) if gain_db is None else gain_db
            assert np.abs(apart - gain_db)[mine > mine.max() - 60].max() < 0.05, (table["groups"][0]["components"][0].keys(), place)
