"""Program changes: the factory's numbers never move, the user's presets have a bank of their own and the order they are given."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import mido
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from synth import paths
from synth.patch import programs
from tests.ports.test_jack import KEYS, Play
from tests.ports.test_recovery import until
from tests.servers import LIMIT_S

FIRST = ("Init", "Acid Line", "Amber Pad", "Bell Orchard", "Cathedral", "Chip Hero", "Clav Wire", "Copper Brass", "Deep Current",
         "Drawbar Club", "Felt Piano", "Glass Harp", "Hollow Reed", "Ice Pluck", "Neon Lead", "Nylon Room", "Quiet Choir", "Rubber Bass",
         "Shimmer Drift", "Slow Bows", "Solo Fiddle", "Tine Piano", "Vox Machine", "Wood Bars")


def add_preset(home: Path, name: str, like: str) -> None:
    """A user's preset that sounds like a factory one."""
    (home / "presets").mkdir(exist_ok=True)
    data = json.loads((paths.bundled_folder() / "presets" / f"{like}.json").read_text(encoding="utf-8")) | {"name": name}
    (home / "presets" / f"{name}.json").write_text(json.dumps(data))


def song(folder: Path, *messages: mido.Message) -> Path:
    """A file of one long note after the messages."""
    note = [mido.Message(kind, note=52, velocity=100, time=time) for kind, time in (("note_on", 240), ("note_off", 480))]
    track = mido.MidiTrack([*messages, *note])
    path = folder / "song.mid"
    mido.MidiFile(tracks=[track], ticks_per_beat=480).save(path)
    return path


def sound(cli_here, tmp_path: Path, file: Path, *options: str):
    cli_here("render", file, "-o", "out.wav", *options, check=True)
    return soundfile.read(tmp_path / "out.wav", dtype="float32")[0]


def change(program: int, **banks: int) -> list[mido.Message]:
    """cc0=, cc32= and a program change, on channel 3."""
    return [*(mido.Message("control_change", control=int(name[2:]), value=value, channel=2) for name, value in banks.items()),
            mido.Message("program_change", program=program, channel=2)]


def test_the_factorys_numbers_are_fixed_and_whole():
    order = programs._factory_order()
    assert order[:len(FIRST)] == [name.casefold() for name in FIRST], "songs rely on these numbers"
    lacking = {file.stem for file in paths.shipped_presets() if file.stem.casefold() not in order}
    assert not lacking, f"add at the end of presets/order.txt: {', '.join(sorted(lacking))}"


def test_a_users_presets_change_no_factory_program(cli_here, home, tmp_path):
    file = song(tmp_path, *change(11))
    before = sound(cli_here, tmp_path, file, "--program-changes")
    add_preset(home, "Aardvark", "Acid Line")
    add_preset(home, "Glass Harp", "Acid Line")  # found first by its name, yet program 11 of the factory stays what it is
    assert (sound(cli_here, tmp_path, file, "--program-changes") == before).all()
    assert abs(sound(cli_here, tmp_path, song(tmp_path), "--preset", "Glass Harp") - before).max() > 0.01


@pytest.mark.parametrize("banks", [{"cc0": 1}, {"cc32": 1}, {"cc0": 0, "cc32": 1}, {"cc0": 1, "cc32": 0}], ids=str)
def test_bank_1_holds_the_users_presets(cli_here, home, tmp_path, banks):
    add_preset(home, "Mine", "Acid Line")
    found = sound(cli_here, tmp_path, song(tmp_path, *change(0, **banks)), "--program-changes")
    assert (found == sound(cli_here, tmp_path, song(tmp_path), "--preset", "Acid Line")).all()


def listed(cli_here) -> dict[str, tuple[int, int]]:
    return {row["name"]: (row["bank"], row["program"]) for row in json.loads(cli_here("presets", "--json", check=True).stdout)}


def test_the_user_orders_the_bank_and_new_presets_follow(cli_here, home):
    add_preset(home, "Moth", "Init")
    add_preset(home, "Owl", "Init")
    assert (listed(cli_here)["Moth"], listed(cli_here)["Owl"]) == ((1, 0), (1, 1))
    add_preset(home, "Ant", "Init")
    assert (listed(cli_here)["Moth"], listed(cli_here)["Owl"], listed(cli_here)["Ant"]) == ((1, 0), (1, 1), (1, 2))
    (home / "presets" / "order.txt").write_bytes("Owl\r\n# later\r\nMoth.json\r\n".encode("utf-16"))
    found = listed(cli_here)
    assert (found["Owl"], found["Moth"], found["Ant"]) == ((1, 0), (1, 1), (1, 2)) and found["Wood Bars"] == (0, 23)
    (home / "presets" / "Owl.json").unlink()
    assert listed(cli_here)["Moth"] == (1, 1), "the number of what is gone is nobody else's"


def test_a_number_without_a_preset_leaves_the_sound(cli_here, home, tmp_path):
    file = song(tmp_path, *change(1), *change(7, cc0=1))
    told = json.loads(cli_here("render", file, "-o", "out.wav", "--program-changes", "--json", check=True).stdout)
    assert "program 7 of bank 1" in told["message"]
    found = soundfile.read(tmp_path / "out.wav", dtype="float32")[0]
    assert (found == sound(cli_here, tmp_path, song(tmp_path), "--preset", "Acid Line")).all()


def patches(log: Path) -> list[str]:
    return [row["preset"]["name"] for row in map(json.loads, log.read_text().splitlines()) if row["type"] == "patch"]


def test_play_answers_bank_select(jack_server, home, tmp_path):
    add_preset(home, "Aardvark", "Acid Line")
    log = tmp_path / "take.jsonl"
    with Play(jack_server | {"LATENTWAVE_HOME": str(home)}, "--log-events", log) as play:
        keys = subprocess.Popen([sys.executable, str(KEYS), "latentwave:midi_in"], env=jack_server, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        assert keys.stdout.readline().strip() == "ready"
        names = []
        for lines, wanted in (("0 192 2", "Amber Pad"), ("0 176 0 1\n0 192 0", "Aardvark"), ("0 176 0 0\n0 192 1", "Acid Line")):
            keys.stdin.write(f"{lines}\n")
            keys.stdin.flush()
            names.append(wanted)
            assert until(lambda: patches(log) == names)
        keys.communicate(timeout=LIMIT_S)
        assert play.process.poll() is None, play.process.stdout.read()


NAMES = st.sets(st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=12).filter(
    lambda name: name.strip() and not name.startswith(".")), min_size=1, max_size=6)


@settings(max_examples=30)
@given(NAMES, NAMES, st.data())
def test_no_number_ever_moves_by_itself(before, after, data):
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict("os.environ", LATENTWAVE_HOME=folder):
        place = Path(folder) / "presets"
        place.mkdir()
        made = {}
        for name in before:
            try:
                shutil.copy(paths.factory_presets()[0], place / f"{name}.json")
            except OSError:
                continue
        for p in programs.list_programs():
            made[p.file] = (p.bank, p.number)
        gone = data.draw(st.sampled_from(sorted(before)))
        (place / f"{gone}.json").unlink(missing_ok=True)
        for name in after:
            shutil.copy(paths.factory_presets()[0], place / f"{name}.json")
        now = {p.file: (p.bank, p.number) for p in programs.list_programs()}
        assert all(now[file] == number for file, number in made.items() if file in now)
        assert len(set(now.values())) == len(now) and min(number[0] for number in now.values()) == 0
        assert {p.file: (p.bank, p.number) for p in programs.list_programs()} == now
