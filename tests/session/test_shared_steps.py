"""The steps of undo are whole states; what many of them have alike is in memory once."""

from pathlib import Path

import numpy as np

from synth.patch import preset_file
from synth.paths import find_preset
from synth.session.document import Document
from synth.session.session import Session
from synth.timbres.source_cache import Choices


def test_a_preset_that_is_loaded_again_and_again_is_kept_once(home, tmp_path):
    file = find_preset("Amber Pad")
    session = Session(preset_file.load(file), file=file, device="none", midi="none")
    try:
        for name in ("Init", "Amber Pad") * 4:
            session.load_preset(name).result(60)
        steps, now, _ = session.document.around(100)
        loaded = [s for s in (*steps, now) if s.patch.name == "Amber Pad"]
        assert len(loaded) == 5
        assert len({id(s.patch.fallback_db) for s in loaded}) <= 2  # that of the start, which came from no load, and one more
        first, last = loaded[0].patch, loaded[-1].patch
        assert np.array_equal(first.fallback_db, last.fallback_db) and first.params == last.params
    finally:
        session.close()


def test_a_file_that_has_changed_meanwhile_is_taken_as_it_is(tmp_path):
    from synth.patch.patch import Patch, with_parts_of

    before = Patch(params={"filter.cutoff_hz": 500.0}, fallback_db=np.zeros((9, 4), np.float32), corners={"A": (0.0,)})
    document = Document(before, Path("a.json"), Choices())
    after = Patch(params={"filter.cutoff_hz": 900.0}, fallback_db=np.ones((9, 4), np.float32), corners={"A": (0.0,)})
    known = document.opened_from(Path("a.json"))
    assert known is before and document.opened_from(Path("b.json")) is None
    found = with_parts_of(after, known)
    assert found.params == {"filter.cutoff_hz": 900.0} and found.fallback_db.all() and found.corners is before.corners
