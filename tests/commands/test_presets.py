"""`presets` on the command line: lists, searches, and changes that lose nothing."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from synth import cli as command_line
from synth.patch import preset_file
from synth.paths import bundled_folder


def test_presets_in_the_order_of_program_changes(cli, home):
    rows = json.loads(cli("presets", "--json", check=True).stdout)
    assert [r["program"] for r in rows] == [i % 128 for i in range(len(rows))]
    assert [r["bank"] for r in rows] == [0 if i < 128 else 120 for i in range(len(rows))]
    names = [r["name"] for r in rows]
    assert names[0] == "Init" and len(names) > 12
    assert all(r["keeps_its_sound"] and r["model"].startswith(("akwf-", "string-")) and r["comment"] for r in rows)
    lines = cli("presets", check=True).stdout.splitlines()
    assert len(lines) == len(rows) and all(r["name"] in line for r, line in zip(rows, lines, strict=True))


def test_a_users_preset_is_listed_and_a_damaged_one_said_to_be(cli, home):
    folder = home / "presets"
    folder.mkdir()
    mine = json.loads((bundled_folder() / "presets" / "Init.json").read_text()) | {"name": "Aardvark"}
    (folder / "Aardvark.json").write_text(json.dumps(mine))
    (folder / "Broken.json").write_text('{"format": 1, "na')
    rows = {r["name"]: r for r in json.loads(cli("presets", "--json", check=True).stdout)}
    assert (rows["Aardvark"]["bank"], rows["Aardvark"]["program"]) == (1, 0)
    assert "damaged" in rows["Broken"]["error"] and "category" not in rows["Broken"]
    assert "damaged" in cli("presets", check=True).stdout


def run(capfd, *words: object) -> str:
    """What a command prints; it must succeed."""
    code = command_line.main(["presets", *map(str, words)])
    out, err = capfd.readouterr()
    assert code == 0, err
    return out


def refused(capfd, *words: object) -> str:
    """The one sentence of a command that fails."""
    assert command_line.main(["presets", *map(str, words)]) == 1
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("latentwave: error: "), lines
    return lines[0]


def rows(capfd, *words: object) -> list[dict]:
    return json.loads(run(capfd, *words, "--json"))


def keys(capfd, *words: object) -> list[str]:
    return [row["key"] for row in rows(capfd, *words)]


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder that is no lock."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*")
            if f.is_file() and not {"cache", "index"} & set(f.parts) and not f.name.endswith(".lock")}


def test_search_by_words_fields_and_marks(home, capfd):
    assert "factory/Amber Pad" == keys(capfd, "search", "AMBÉR")[0]
    pads = rows(capfd, "search", "category:pad")
    assert len(pads) > 1 and all(row["category"] == "pad" for row in pads)
    assert keys(capfd, "search", "--category", "pad") == [row["key"] for row in pads]
    assert keys(capfd, "--category", "pad", "search") == [row["key"] for row in pads], "an option before the word holds too"
    assert len(run(capfd, "--category", "pad").splitlines()) == len(pads)
    assert run(capfd, "search", "no such sound").strip() == "nothing matches"
    run(capfd, "rate", "Glass Harp", 5)
    run(capfd, "rate", "Cathedral", 3)
    run(capfd, "favourite", "cathedral")
    assert keys(capfd, "search", "--rating", 4) == ["factory/Glass Harp"] and keys(capfd, "search", "--favourites") == ["factory/Cathedral"]
    row = rows(capfd, "search", "cathedral")[0]
    assert (row["rating"], row["favourite"]) == (3, True)
    run(capfd, "favourite", "cathedral", "--off")
    assert not keys(capfd, "search", "--favourites") and "6" in refused(capfd, "rate", "Cathedral", 6)
    assert "Cathedral" in refused(capfd, "rate", "Cathedrl", 1), "a near name is said"
    data = json.loads((home / "library.json").read_text())
    assert data["ratings"] == {"factory/Glass Harp": 5, "factory/Cathedral": 3}
    assert "rating" not in (bundled_folder() / "presets" / "Cathedral.json").read_text()


def test_save_rename_duplicate_delete_and_back(home, capfd):
    run(capfd, "save", "Amber Pad", "Dark Amber", "--set", "filter.cutoff_hz=400", "--category", "drone", "--tags", "slow, dark")
    patch = preset_file.load(home / "presets" / "Dark Amber.json")
    assert patch.params["filter.cutoff_hz"] == 400 and (patch.name, patch.category, patch.tags) == ("Dark Amber", "drone", ("slow", "dark"))
    assert patch.fallback_db is not None and "already" in refused(capfd, "save", "Init", "dark amber")
    run(capfd, "rate", "Dark Amber", 4)
    run(capfd, "duplicate", "Dark Amber")
    run(capfd, "duplicate", "Glass Harp", "My Harp")
    listed = {row["name"]: row["program"] for row in json.loads(run(capfd, "--json")) if row["bank"] == 1}
    run(capfd, "rename", "Dark Amber", "Black Amber")
    again = {row["name"]: row["program"] for row in json.loads(run(capfd, "--json")) if row["bank"] == 1}
    assert again == {"Black Amber" if name == "Dark Amber" else name: n for name, n in listed.items()}, "a program number stays"
    assert preset_file.load(home / "presets" / "Black Amber.json").name == "Black Amber"
    assert rows(capfd, "search", "--rating", 4)[0]["key"] == "user/Black Amber", "and so does a rating"
    before = (home / "presets" / "Black Amber.json").read_bytes()
    run(capfd, "delete", "Black Amber")
    assert not (home / "presets" / "Black Amber.json").exists() and "Black Amber" in run(capfd, "restore")
    run(capfd, "restore", "black amber")
    assert (home / "presets" / "Black Amber.json").read_bytes() == before and run(capfd, "restore").strip() == "the bin is empty"
    assert "factory" in refused(capfd, "delete", "Glass Harp") and "factory" in refused(capfd, "rename", "Glass Harp", "Mine")
    run(capfd, "save", "Init", "Black Amber", "--replace")
    assert run(capfd, "restore").strip() == "Black Amber", "what was replaced lies in the bin"


@pytest.mark.parametrize("name", ["a/b", "..", "../up", "con", "x" * 300, ".hidden", "", "a\\b", "a\x07b", "nul.json", "a:b"])
def test_a_name_that_no_file_can_have_is_refused_and_nothing_changes(name, home, capfd):
    run(capfd, "save", "Init", "Mine")
    before = bytes_of(home)
    for words in (("save", "Init", name), ("rename", "Mine", name), *([("duplicate", "Mine", name)] if name else [])):
        assert "name" in refused(capfd, *words) or "called" in refused(capfd, *words)
    assert bytes_of(home) == before


def test_two_presets_with_one_name_are_both_there_and_asked_for_by_their_keys(home, capfd):
    for place in ("A", "B"):
        (home / "presets" / place).mkdir(parents=True)
        shutil.copy(bundled_folder() / "presets" / "Init.json", home / "presets" / place / "Twin.json")
    assert [key for key in keys(capfd, "search", "twin")] == ["user/A/Twin", "user/B/Twin"] or keys(capfd, "search", "origin:user") == [
        "user/A/Twin", "user/B/Twin"]
    assert "user/A/Twin, user/B/Twin" in refused(capfd, "delete", "Twin")
    run(capfd, "delete", "user/B/Twin")
    run(capfd, "duplicate", "A/Twin", "Third")
    assert "already" in refused(capfd, "rename", "Twin", "third")
    assert sorted(keys(capfd, "search", "origin:user")) == ["user/A/Third", "user/A/Twin"]


def test_a_pack_goes_out_and_comes_in_whole(home, capfd, tmp_path, monkeypatch):
    run(capfd, "save", "Amber Pad", "One")
    run(capfd, "save", "Glass Harp", "Two")
    (home / "wavetables").mkdir(exist_ok=True)
    soundfile.write(home / "wavetables" / "Saw.wav", np.linspace(-1, 1, 2048), 48000)
    run(capfd, "pack", "-o", tmp_path / "Night Drive.zip")
    with zipfile.ZipFile(tmp_path / "Night Drive.zip") as pack:
        assert sorted(pack.namelist()) == ["pack.json", "presets/One.json", "presets/Two.json", "wavetables/Saw.wav"]
    monkeypatch.setenv("LATENTWAVE_HOME", str(tmp_path / "other"))
    run(capfd, "unpack", tmp_path / "Night Drive.zip")
    found = tmp_path / "other"
    for name in ("presets/Night Drive/One.json", "presets/Night Drive/Two.json"):
        assert (found / name).read_bytes() == (home / "presets" / Path(name).name).read_bytes()
    assert (found / "wavetables" / "Night Drive" / "Saw.wav").is_file()
    run(capfd, "unpack", tmp_path / "Night Drive.zip")
    assert (found / "presets" / "Night Drive 2" / "One.json").is_file(), "what was there stays"
    assert {row["name"] for row in json.loads(run(capfd, "--json")) if row["bank"] == 1} == {"One", "Two"}
    assert not [f for f in found.rglob(".unpacking-*")]


PRESET = (bundled_folder() / "presets" / "Init.json").read_bytes()


def bomb(file: Path, change=lambda raw: raw, **members: bytes) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in members.items():
            pack.writestr(name, data)
    file.write_bytes(change(file.read_bytes()))
    return file


@pytest.mark.parametrize("name", [
    "../../evil.json", "/evil.json", "presets/../../../evil.json", "C:\\evil.json", "..\\evil.json", "a/b:c.json"])
def test_a_pack_that_climbs_out_of_its_folder_is_refused_whole(name, home, capfd, tmp_path):
    bomb(tmp_path / "Bad.zip", **{"presets/Good.json": PRESET, name: PRESET})
    assert "outside" in refused(capfd, "unpack", tmp_path / "Bad.zip")
    assert not [f for f in (*home.rglob("*.json"), *tmp_path.rglob("evil*")) if not {"cache", "index"} & set(f.parts)]


def linked() -> bytes:
    info = zipfile.ZipInfo("presets/link.json")
    info.external_attr = 0o120777 << 16
    return info


def test_packs_that_lie_swell_or_are_damaged_are_told_in_a_sentence(home, capfd, tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "Link.zip", "w") as pack:
        pack.writestr(linked(), "/etc/passwd")
    assert "outside" in refused(capfd, "unpack", tmp_path / "Link.zip")
    big = bomb(tmp_path / "Big.zip", **{"presets/Big.json": b" " * (40 << 20)})
    assert "nothing of it can be used" in refused(capfd, "unpack", big) and big.stat().st_size < 1 << 17
    monkeypatch.setattr("synth.session.pack.MOST_BYTES", 50_000)
    many = bomb(tmp_path / "Many.zip", **{f"presets/{i}.json": PRESET for i in range(30)})
    assert "more than" in refused(capfd, "unpack", many)
    monkeypatch.undo()
    monkeypatch.setenv("LATENTWAVE_HOME", str(home))
    for file, words in ((bomb(tmp_path / "Empty.zip"), "no presets"),
                        (bomb(tmp_path / "Torn.zip", lambda raw: raw[:40], a=PRESET), "damaged"),
                        (tmp_path / "None.zip", "No such file"), (bomb(tmp_path / "Other.zip", **{"song.mid": b"MThd"}), "no presets"),
                        (bomb(tmp_path / "Crc.zip", lambda raw: raw.replace(raw[60:64], b"XXXX", 1), **{"a.json": PRESET}), ""),
                        (bomb(tmp_path / "Twice.zip", **{"a.json": PRESET, "presets/A.json": PRESET}), "twice")):
        assert words in refused(capfd, "unpack", file)
    assert not [f for f in home.rglob("*.json") if not {"cache", "index"} & set(f.parts)] and not list(home.rglob(".unpacking*"))
    half = bomb(tmp_path / "Half.zip", **{"Good.json": PRESET, "Bad.json": b"{", "read me.txt": b"hello"})
    assert "passed over" in run(capfd, "unpack", half)
    assert [f.name for f in (home / "presets" / "Half").iterdir()] == ["Good.json"]


def test_nearest_finds_itself_first_and_likes_before_unlikes(home, capfd, tmp_path):
    run(capfd, "save", "Glass Harp", "Twin", "--set", "master.gain_db=-3")
    found = rows(capfd, "nearest", "Glass Harp", "--limit", 40)
    assert found[0]["key"] == "user/Twin" and found[0]["distance_db"] < 0.1 and found[1]["distance_db"] > 0.5
    assert [row["distance_db"] for row in found] == sorted(row["distance_db"] for row in found) and len(found) > 20
    cycle = 2 / np.pi * np.arcsin(np.sin(2 * np.pi * np.arange(96000) * 110 / 48000)) * 0.3  # a triangle wave of two seconds
    soundfile.write(tmp_path / "Triangle.wav", cycle, 48000)
    soundfile.write(home / "presets" / "Soft.wav", 2 / np.pi * np.arcsin(np.sin(2 * np.pi * np.arange(2048) / 2048)), 48000)
    assert rows(capfd, "nearest", tmp_path / "Triangle.wav")[0]["key"] == "user/Soft.wav", "a wavetable dropped on the folder is there"
    assert "no file" in refused(capfd, "nearest", "gone.wav")


def test_a_folder_that_cannot_be_written_is_told(home, capfd, monkeypatch):
    run(capfd, "save", "Init", "Mine")
    before = bytes_of(home)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    for name in ("os.rename", "os.replace", "tempfile.NamedTemporaryFile", "tempfile.mkdtemp"):
        monkeypatch.setattr(name, refuse)
    with_pack = bomb(home.parent / "P.zip", **{"a.json": PRESET})
    for words in (("save", "Init", "Other"), ("rename", "Mine", "Yours"), ("duplicate", "Mine"), ("delete", "Mine"), ("rate", "Mine", 3),
                  ("favourite", "Mine"), ("unpack", with_pack), ("pack", "-o", home.parent / "out.zip")):
        assert "Permission denied" in refused(capfd, *words), words
    assert bytes_of(home) == before and not (home.parent / "out.zip").exists()
