"""An instrument that was made is found again: in a folder, by its name, by the command that lists them."""

import json
import shutil

from synth import paths
from synth.session.file_kinds import FOLDER, INSTRUMENT, list_folder


def keep_one(home, name):
    """A shipped instrument among the user's own, by another name."""
    shipped = paths.search_folders("instruments")[-1] / "Salt Cello"
    shutil.copytree(shipped, home / "instruments" / name)


def test_folders_that_are_instruments_are_told_from_others(home):
    keep_one(home, "Little Cello")
    (home / "instruments" / "notes").mkdir()
    found = [(entry.path.name, entry.kind) for entry in list_folder(home / "instruments")]
    assert found == [("Little Cello", INSTRUMENT), ("notes", FOLDER)]
    assert paths.own_instruments() == [home / "instruments" / "Little Cello"]


def test_the_command_lists_them_and_says_which_is_damaged(home, cli):
    keep_one(home, "Little Cello")
    (home / "instruments" / "Torn").mkdir()
    (home / "instruments" / "Torn" / "instrument.json").write_text("{")
    rows = {row["name"]: row for row in json.loads(cli("instruments", "--json", check=True).stdout)}
    assert rows["Little Cello"]["notes"] == rows["Salt Cello"]["notes"] > 0 and rows["Little Cello"]["model"]
    assert "damaged" in rows["Torn"]["error"] and "notes" not in rows["Torn"]
    lines = cli("instruments", check=True).stdout.splitlines()
    assert lines[0].startswith("Little Cello ") and str(home / "instruments" / "Little Cello") in lines[0] and " notes of " in lines[0]
