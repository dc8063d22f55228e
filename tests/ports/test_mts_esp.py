"""MTS-ESP through its own client package, with a library that stands for libMTS: heard by notes that sound, told, and gone again."""

import json
import shutil
import subprocess
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from synth.events import SILENT_KEY
from synth.ports.mts_esp import pitch_of
from synth.ports.osc_packets import message_bytes
from tests.servers import end, need

from .test_jack import KEYS, Play
from .test_midi_out import free_port, osc
from .test_recovery import until

TABLE = np.dtype([("frequency_hz", "f8", 128), ("silent", "u1", 128), ("scale", "S64"), ("master", "i4")], align=True)
EQUAL_HZ = 440.0 * 2.0 ** ((np.arange(128) - 69) / 12)


@pytest.fixture
def library(tmp_path):
    """The environment of a client, and the table that its master writes."""
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler to stand for libMTS")
    built = tmp_path / "libmts.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", built, KEYS.with_name("libmts.c"), "-ldl"], check=True)
    (tmp_path / "table").write_bytes(bytes(TABLE.itemsize))
    table = np.memmap(tmp_path / "table", TABLE, "r+", shape=())
    return SimpleNamespace(env={"LD_PRELOAD": str(built), "MTS_LIBRARY": str(built), "MTS_TABLE": str(tmp_path / "table")}, table=table)


def master(library, ratios, scale, silent=()):
    """A tuning given at once."""
    library.table["frequency_hz"] = EQUAL_HZ * ratios
    library.table["silent"] = np.isin(np.arange(128), silent)
    library.table["scale"], library.table["master"] = scale.encode(), 1


def pitch_hz(x, near_hz):
    """The strongest frequency within a semitone of one, by the peak of a windowed spectrum."""
    n = 1 << 18
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)), n))
    low, high = round(near_hz / 1.06 * n / 48000), round(near_hz * 1.06 * n / 48000)
    return (low + int(np.argmax(power[low:high]))) * 48000 / n


def test_a_master_is_followed_by_notes_that_sound(library, jack_server, tmp_path):
    pytest.importorskip("mtsespy", reason="needs mtsespy")
    need("jack_lsp")
    port, log, wav = free_port(), tmp_path / "take.jsonl", tmp_path / "take.wav"
    master(library, 2.0 ** (30 / 1200), "thirty up", silent=[60])
    with Play(jack_server | library.env, "--mts-esp", "--midi", "none", "--osc", port, "--log-events", log, "--record", wav) as play:
        def told(n_keys):
            return until(lambda: log.read_text().count('"key_pitch"') >= n_keys)

        def played_on():
            """Three quarters of a second more are in the take, which has another name while it grows."""
            size = next(tmp_path.glob(".take.wav.*")).stat().st_size
            return until(lambda: next(tmp_path.glob(".take.wav.*")).stat().st_size > size + 36000 * 8)

        assert told(128), play.process.poll()
        osc(port, message_bytes("/note/on", 60, 1.0), message_bytes("/note/on", 69, 1.0))
        assert until(lambda: log.read_text().count('"note_on"') == 2)
        assert played_on()
        master(library, 2.0 ** (-20 / 1200), "twenty down")
        assert told(256)
        assert played_on()
        library.table["master"] = 0
        assert until(lambda: '"own_tuning"' in log.read_text())
        assert played_on()
        end(play.process)
    assert play.process.returncode == 0 and "MTS-ESP: thirty up" in play.said, play.said
    rows = [json.loads(line) for line in log.read_text().splitlines()[1:]]
    changes = sorted({r["frame"] for r in rows if r["type"] in ("key_pitch", "own_tuning")})
    on = next(r["frame"] for r in rows if r["type"] == "note_on" and r["note"] == 69)
    off = next(r["frame"] for r in rows if r["type"] == "own_tuning")
    second = next(f for f in changes if f > on)
    assert [f for f in changes if f > on] == [second, off], "each change at one frame"
    x = soundfile.read(wav)[0].sum(1)
    for first, cents in ((on, 30), (second, -20), (off, 0)):
        found = pitch_hz(x[first + 4800:first + 4800 + 24000], 440.0)
        assert 1200 * np.log2(found / 440.0) == pytest.approx(cents, abs=1.0)
    low = np.abs(np.fft.rfft(x[on + 4800:on + 28800] * np.hanning(24000)))
    assert low[round(261.6 / 2) - 4:round(261.6 / 2) + 5].max() < 1e-3 * low.max(), "a key that is filtered is silent"


def test_what_is_missing_is_one_sentence(cli):
    pytest.importorskip("mtsespy", reason="needs mtsespy")
    done = cli("play", "--no-gui", "--device", "none", "--midi", "none", "--mts-esp", "--seconds", 0.2)
    assert done.returncode == 1 and "libMTS was not found" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(("frequency_hz", "pitch"), [(440.0, 69.0), (880.0, 81.0), (0.0, None), (-1.0, None), (float("nan"), None),
                                                     (float("inf"), None)])
def test_frequencies_that_are_none(frequency_hz, pitch):
    assert pitch_of(frequency_hz) == pitch and SILENT_KEY < -1000
