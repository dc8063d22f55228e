"""Nothing that was played is lost: real instruments play, are killed, and their phrases come out as they sounded, to the sample."""

import gzip
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from synth import paths
from synth.events import Event, Kind, control, note_off, note_on, set_param
from synth.patch import preset_file
from synth.patch.control_map import map_of
from synth.render import event_log
from synth.render.history import folder, list_phrases, phrase_alone, pieces_of, replay_of
from synth.render.offline import Offline
from synth.session import history
from synth.session.history import History
from tests.servers import LIMIT_S, WORK_S, child_env

SR = 48000
posix = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")

SOAK_MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))  # under one: the short form


def rendered(replay, n_frames):
    """A replay from its phrase's first note on."""
    player = Offline(preset_file.from_data(replay.header["preset"]), replay.events, sr_hz=SR, controls=replay.header["controls"],
                     decode_latency_frames=replay.header["decode_latency_frames"], prefetch_frames=replay.header["look_ahead_frames"])
    player.read(replay.start)
    return player.read(n_frames)


@posix
def test_two_instruments_are_killed_and_every_phrase_of_both_is_there_to_the_sample(home, tmp_path, cli, cli_here):
    players = []
    for name, note in (("one", 50), ("two", 57)):
        (tmp_path / name).mkdir()
        players.append(subprocess.Popen([sys.executable, "-m", "tests.session.history_players", str(tmp_path / name), str(note)],
                                        env=child_env(), stdout=subprocess.PIPE, text=True))
    assert all(int(process.stdout.readline()) > 4 * SR for process in players)
    during, told = list_phrases()  # they still play
    assert len(during) == 4 and told == []
    for process in players:
        process.send_signal(signal.SIGKILL)
        process.wait(LIMIT_S)
        process.stdout.close()
    rows = json.loads(cli("history", "list", "--json", check=True).stdout)
    assert [row["number"] for row in rows] == [1, 2, 3, 4] and len({row["session"] for row in rows}) == 2
    assert sorted(row["preset"] for row in rows) == ["Amber Pad", "Amber Pad", "Narrow Tines", "Narrow Tines"]
    assert all(row["exact"] and row["notes"] == 2 for row in rows)
    kept, _ = list_phrases()
    for name in ("one", "two"):
        take = soundfile.read(next((tmp_path / name).glob(".take.wav.*.part")), dtype="float32")[0]
        log = event_log.read(tmp_path / name / "take.jsonl")[1]
        starts = {at for at, event in log if isinstance(event, Event) and event.kind == Kind.NOTE_ON}
        mine = [found for found in kept if found.phrase.start in starts]
        assert len(mine) == 2
        for found in mine:
            start, n = found.phrase.start, found.phrase.end - found.phrase.start + 2 * SR
            heard = take[start:start + n]
            sound = rendered(replay_of(found), n)
            assert len(heard) > 0.3 * SR and np.abs(heard).max() > 0.02
            assert np.array_equal(sound[:len(heard)], heard)
    number = next(row["number"] for row in rows if row["preset"] == "Narrow Tines")
    cli_here("history", "render", number, "-o", "x.wav", "-o", "x.mid", "-o", "x.json", "--tail", "0.5", check=True)
    cli_here("render", "x.mid", "-o", "y.wav", "--tail", "0.5", check=True)
    again, alone = (soundfile.read(tmp_path / name, dtype="float32")[0] for name in ("x.wav", "y.wav"))
    patch = preset_file.load(tmp_path / "x.json")
    assert patch.name == "Narrow Tines" and patch.tuning and patch.tuning.name == "narrow"
    assert np.abs(again).max() > 0.02 and abs(np.abs(alone).max() / np.abs(again).max() - 1) < 0.3
    done = cli("play", "--no-gui", "--device", "none", "--midi", "none", "--seconds", "0.1", cwd=tmp_path / "one", check=True)
    assert "take.mid" in done.stdout and not list((tmp_path / "one").glob(".take.*"))
    cli_here("render", tmp_path / "one" / "take.mid", "-o", "m.wav", "--tail", "0", check=True)
    mid, wav = (soundfile.read(path, dtype="float32")[0] for path in (tmp_path / "m.wav", tmp_path / "one" / "take.wav"))
    assert np.array_equal(mid[:len(wav)], wav[:len(mid)]) and len(mid) > 4 * SR


class Clock:
    """An engine's frame, by hand."""

    frame = 0


def keep(clock, told, **more):
    patch = preset_file.load(paths.find_preset("Init"))
    controls = map_of(())
    first = event_log.header(patch, SR, 128, controls=controls, decode_latency_frames=256, look_ahead_frames=128)
    return History(first, patch, controls, lambda: clock.frame, told.append, **more)


def test_the_folder_is_bounded_and_what_is_left_sounds_as_it_did(home):
    """A minute of phrases with a wheel that hardly rests, in pieces of 15 kB and 150 kB in all: the newest stay, and play."""
    clock, told, events = Clock(), [], [(500, set_param("filter.type", 3.0)), (500, set_param("filter.cutoff_hz", 700.0))]
    for phrase in range(24):
        at = 3 * SR * phrase
        events += [(at, note_on(48 + phrase % 24, 0.5)), (at + 20000, note_off(48 + phrase % 24))]
        events += [(at + 90 * i, control(1 if i % 40 == 0 else 2, (i * 7 + phrase) % 128)) for i in range(200)]
    patch = preset_file.load(paths.find_preset("Init"))
    player = Offline(patch, events, sr_hz=SR, controls=map_of(()))
    kept = keep(clock, told, most_bytes=150_000, piece_bytes=15_000)
    for _ in range(24):
        heard = player.read(3 * SR)
        clock.frame = player.engine.frame
        kept.put([(frame, event, None) for frame, event in player.engine.take_log()])
    assert kept.close() == "" and told == []
    size = sum(file.stat().st_size for file in folder().rglob("*") if file.is_file())
    session = next(folder().iterdir())
    assert 100_000 < size <= 150_000 + 20_000 and any(piece.suffix == ".gz" for piece in pieces_of(session))
    index = session / "phrases.jsonl"
    rows = [json.loads(line) for line in index.read_text().splitlines()]
    index.write_text("".join(json.dumps(row | ({"at": row["at"] - 3600} if row.get("start", 0) > 60 * SR else {})) + "\n" for row in rows))
    found, told = list_phrases()  # the clock was set back by an hour
    assert told == [] and 2 < len(found) < 24 and not any(k.exact for k in found)
    assert found[-1].at_s < found[0].at_s - 3000
    assert [k.phrase.start for k in found] == [3 * SR * i for i in range(24)][-len(found):]
    last = found[-1]
    for replay in (replay_of(last), phrase_alone(last)[0]):  # Init leaves nothing to chance
        sound = rendered(replay, 2 * SR)
        assert np.abs(heard).max() > 0.02 and np.abs(sound - heard[:2 * SR]).max() < 1e-5
    then = phrase_alone(last)[1].params
    assert then["filter.type"] == 3 and then["filter.cutoff_hz"] == 700 and 0 < then["osc.position"] < 1


def test_the_oldest_of_others_goes_first_and_never_what_another_instrument_plays(home):
    clock, told = Clock(), []
    sizes = {"most_bytes": 60_000, "piece_bytes": 15_000}
    noise = [(40 * i, control(1, i % 128), None) for i in range(1000)]
    dead = keep(clock, told, **sizes)
    dead.put([(0, note_on(60), None), *noise, (90000, note_off(60), None)])
    dead.close()
    alive = keep(clock, told, **sizes)
    alive.put([(0, note_on(62), None), (5, note_off(62), None)])
    own = keep(clock, told, **sizes)
    own.put([(0, note_on(64), None)])
    for _ in range(20):
        own.put([(frame + 5, event, what) for frame, event, what in noise])
    own.close()
    starts = [k.folder.name for k in list_phrases()[0]]
    assert alive._folder.name in starts and own._folder.name not in starts  # its own first note had to go
    assert dead._folder.name not in starts and told == []
    alive.close()


def test_a_session_without_a_note_leaves_nothing(home):
    clock, told = Clock(), []
    kept = keep(clock, told)
    kept.put([(0, control(1, 5), None)])
    kept.close()
    assert list(folder().iterdir()) == [] and list_phrases() == ([], [])


@pytest.mark.skipif(sys.platform == "win32", reason="folders are closed otherwise there")
def test_a_folder_that_takes_nothing_is_told_once_and_harms_nothing(home, monkeypatch):
    (home / "history").write_text("a file where the folder belongs")
    clock, told = Clock(), []
    kept = keep(clock, told)
    kept.put([(0, note_on(60), None)])
    assert kept.close() == "" and len(told) == 1 and "history" in told[0] and "sound goes on" in told[0]


def test_damaged_pieces_are_told_and_the_others_listed(home, cli_here):
    clock, told = Clock(), []
    for note in (60, 62):
        kept = keep(clock, told)
        kept.put([(0, note_on(note), None), (9, note_off(note), None)])
        kept.close()
    first, second = sorted(folder().iterdir())
    piece = pieces_of(first)[0]
    for raw in (b"", b"no log\n", piece.read_bytes()[:300], b'{"type":"header","format":1,"samplerate":"x"}\n', b"\xff\xfe\x00" * 99):
        piece.write_bytes(raw)
        found, _ = list_phrases()
        assert [k.folder for k in found if k.folder == second] == [second]
    piece.rename(first / "events-0000.jsonl.gz")
    for raw in (b"\x1f\x8b bad", gzip.compress(b"\0" * (70 << 20)), gzip.compress(b"{}\n")[:-6]):
        (first / "events-0000.jsonl.gz").write_bytes(raw)
        found, told = list_phrases()
        assert [k.folder for k in found] == [second] and len(told) == 1
    done = cli_here("history", check=True)
    assert "history" in done.stderr and done.stdout.count("\n") == 1
    for words in (("9", "-o", "a.wav"), ("x", "-o", "a.wav"), ("1", "-o", "a.mp3"), ("1", "-o", "no/a.wav"),
                  ("1", "-o", "a.wav", "--tail", "-1")):
        done = cli_here("history", "render", *words)
        assert done.returncode == 1 and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_a_pack_that_was_cut_short_is_read_from_the_whole_piece(home):
    clock, told = Clock(), []
    kept = keep(clock, told)
    kept.put([(0, note_on(60), None), (9, note_off(60), None)])
    kept.close()
    (session,) = folder().iterdir()
    (piece,) = pieces_of(session)
    (session / f"{piece.name}.part").write_bytes(b"\x1f\x8b")
    (session / "events-0001.jsonl").write_bytes(b'{"type":"head')  # the next piece was just begun
    assert len(list_phrases()[0]) == 1
    history.pack(piece)
    assert len(list_phrases()[0]) == 1 and pieces_of(session)[0].suffix == ".gz"


@posix
@pytest.mark.parametrize("times", [6, pytest.param(200 if SOAK_MINUTES >= 1 else 2, marks=pytest.mark.soak)])
def test_killed_while_it_writes_and_packs_no_piece_is_unreadable_and_no_row_older_than_a_moment_lost(times, home):
    done = subprocess.run([sys.executable, "-m", "tests.session.history_killed", str(times)], env=child_env(), capture_output=True,
                          text=True, timeout=WORK_S * times)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) == times and all(rows >= given and not told for given, rows, told in found), found
    assert sum(given > 20 for given, _, _ in found) > times / 2 and any(folder().glob("*/*.gz"))
