"""A trained model brings presets of its own sounds, named after their files, that live; and it is told what training was worth."""

import json
import re
import shutil

import numpy as np
import pytest

from synth.patch import preset_file
from synth.paths import bundled_folder, list_presets
from synth.render.preset_levels import LOUD_LU, STEP_LU, level
from synth.samples.spectrum import erb_lsd
from synth.timbres.model import open_model
from tools.presets import bars, listening
from tools.presets.textbook_spectra import cycle, fm, metal, pulse, saw, vowel
from training.export import own_presets
from training.export.own_presets import COUNT, medoids, write_presets
from training.report.own_sounds import describe_worth


@pytest.fixture(scope="module")
def cycles():
    spectra = [*(saw(slope) for slope in np.linspace(3, 12, 8)), *(pulse(w) for w in np.linspace(0.06, 0.5, 8)),
               *(fm(r, d) for r in (1, 2, 5) for d in (0.5, 1.5, 3.0)), *(vowel(f, 1500, 2600) for f in (300, 500, 800)),
               *(metal((c, 0.2, 0), (1, 0.2, -6)) for c in (4, 9, 15, 30))]
    return np.array([cycle(spectrum / np.abs(spectrum).max()) for spectrum in spectra], np.float32)


@pytest.fixture
def one_levelled(monkeypatch):
    """The first preset of each category is brought to its loudness, and no other: that is most of making them."""
    done = set()

    def once(patch, **options):
        if patch.category in done:
            return patch
        done.add(patch.category)
        return level(patch, **options)

    monkeypatch.setattr(own_presets, "level", once)


@pytest.fixture
def mine(home):
    folder = home / "models" / "mine"
    shutil.copytree(bundled_folder() / "exported" / "akwf-8", folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"name": "mine"}))
    return open_model(str(folder))


def test_medoids_are_members_of_clusters_far_apart():
    rng = np.random.default_rng(3)
    points = np.concatenate([rng.normal(centre, 0.1, (20, 2)) for centre in ((0, 0), (5, 0), (0, 7), (9, 9))])
    rows, of = medoids(points, 4)
    assert sorted(rows // 20) == [0, 1, 2, 3] and all(len(set(of[i * 20:i * 20 + 20])) == 1 for i in range(4))
    assert len(set(medoids(points[:3], 16)[0])) == 3, "fewer sounds than presets"


def test_a_model_brings_sixteen_of_its_sounds(mine, cycles, one_levelled, cli, tmp_path):
    names = [f"kit/Rusty {i // 4}.wav:{i % 4}" for i in range(len(cycles))]
    files = write_presets(mine, cycles, names)
    patches = [preset_file.load(file) for file in files]
    assert len(files) == COUNT == len({p.corners["A"] for p in patches}) and set(files) <= set(list_presets())
    assert all(re.fullmatch(r"Rusty \d( \d)?", p.name) and p.model == "mine" for p in patches) and len({p.category for p in patches}) >= 4
    assert all(bar.kept for bar in bars.build_bars(patches)[:1]), "their timbre moves by itself"
    for patch in patches:
        ends = mine.decode(np.array([patch.corner("A"), patch.corner("B")], np.float32))
        assert erb_lsd(ends[:1], ends[1:])[0] > 1, "the wheel leads elsewhere"
    for patch in {p.category: p for p in reversed(patches)}.values():  # the first of each
        heard = listening.listen(patch)
        assert heard.mean_lu() == pytest.approx(LOUD_LU, abs=0.75), "one loudness, which is the factory's"
        assert heard.mean_lu(soft=True) == pytest.approx(LOUD_LU - STEP_LU, abs=0.75)
        assert heard.peak_db < -3 and heard.hands_db["wheel"] > 1.5
    again = sorted(write_presets(mine, cycles[:2], [f"Bell {i:02}.wav:0" for i in range(2)]))
    assert sorted((mine.folder / "presets").glob("*.json")) == again, "those of the last training alone"
    cli("play", "--model", "mine", "--device", "none", "--no-gui", "--seconds", 0.5, "--log-events", "take.jsonl", check=True)
    assert json.loads((tmp_path / "take.jsonl").read_text().splitlines()[0])["preset"]["name"] == again[0].stem, "the first is opened"


def test_worth_is_told_beside_the_shipped_model(mine, cycles):
    said = describe_worth(mine, cycles)
    assert re.search(r"\d+ held-out cycles: \d.\d\d dB LSD, .* by mine; .* by the shipped akwf-16: \d+ % (nearer|farther)", said)
    assert "shipped" not in describe_worth(open_model("akwf-16"), cycles[:4])
