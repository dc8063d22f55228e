"""The shipped presets: each loads, plays, keeps what it needs to outlive its model; and a preset is what it was after JSON."""

import base64
import json
import zlib
from dataclasses import replace
from functools import cache

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.errors import UserError
from synth.events import control, note_off, note_on
from synth.params.knobs import CORNERS, KNOBS, PARAMS
from synth.patch import preset_file
from synth.patch.hosted_effect import HostedEffect
from synth.patch.patch import Patch
from synth.paths import bundled_folder
from synth.render.offline import render
from synth.samples.spectrum import erb_lsd, lsd
from synth.timbres import fallback
from synth.timbres.model import open_model as open_model_anew
from synth.timbres.source import ModelSource
from synth.timbres.static_render import asked_at, source_on
from tests.measures import spectrum
from tests.measures.loudness import loudest_db

SR_HZ = 48000
FILES = sorted((bundled_folder() / "presets").glob("*.json"))
shipped = pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
open_model = cache(open_model_anew)


def at_rest(patch: Patch) -> Patch:
    """The patch without its modulation."""
    return replace(patch, params={k: v for k, v in patch.params.items() if not k.startswith("mod")}, named={})


def played(patch, key, velocity=100 / 127, wheel=None, seconds=1.6):
    events = [(0, control(1, wheel))] if wheel is not None else []
    return render(patch, [*events, (4800, note_on(key, velocity)), (4800 + 72000, note_off(key))], seconds + 0.1)[4800:, 0]


def path(patch, model, count):
    """Cycles as played at `count` positions from A to B, with the shapes of corners."""
    source = source_on(patch, model)
    re, im = source.spectra(*asked_at(patch, source, np.linspace(0, 1, count)))
    return np.fft.irfft(np.pad(re + 1j * im.astype(complex), ((0, 0), (0, 1025 - re.shape[1]))), axis=1)


def test_there_is_a_choice():
    patches = [preset_file.load(f) for f in FILES]
    assert len(patches) >= 97 and "Init" in {p.name for p in patches}
    assert {p.model for p in patches} == {"akwf-8", "akwf-16", "akwf-32"}
    assert {p.category for p in patches} >= {"bass", "lead", "pad", "keys", "pluck", "brass", "string", "voice", "texture", "percussion",
                                             "fx", "sequence"}
    assert all(p.comment and p.tags and p.name == f.stem for p, f in zip(patches, FILES, strict=True))


@shipped
def test_file_is_whole_and_small(file):
    text = file.read_text(encoding="utf-8")
    data = json.loads(text)
    assert len(text.encode()) <= 64 * 1024
    assert list(data) == sorted(data) and list(data["params"]) == sorted(data["params"])
    patch = preset_file.from_json(text)
    assert {**json.loads(preset_file.to_json(patch)), "code_version": data["code_version"]} == data
    assert all(PARAMS[name].default != value for name, value in patch.params.items()), "only what differs from default"


@shipped
def test_fallback_is_the_models_sound(file):
    patch = preset_file.load(file)
    model = open_model(patch.model)
    assert patch.model_sha256 == model.sha256, "the model changed: run `python -m tools.presets.make_presets --reencode`"
    assert spectrum.lsd(path(patch, model, 9), fallback.cycles_of(patch.fallback_db)).max() < 0.5


@shipped
def test_wheel_is_a_real_and_smooth_change(file):
    patch = preset_file.load(file)
    if patch.instrument is not None:  # its wheel moves recordings: tests/tracks/test_shipped.py hears it
        return
    model = open_model(patch.model)
    way = path(patch, model, 33)
    assert erb_lsd(way[:1], way[-1:])[0] > 3
    steps = erb_lsd(way[:-1], way[1:])
    assert steps.max() < 4 * steps.mean()


@pytest.mark.parametrize("name", ["Init", "Tine Piano", "Amber Pad", "Quiet Choir"])
@pytest.mark.parametrize("wheel", [0, 64, 127])
def test_preset_outlives_its_model(name, wheel):
    """But for what moves its latents and directions, which is off then."""
    patch = at_rest(preset_file.load(bundled_folder() / "presets" / f"{name}.json"))
    orphan = replace(patch, model="a-model-long-gone", model_sha256="0" * 64)
    before, after = (_cycle(played(p, 45, wheel=wheel)) for p in (patch, orphan))
    assert spectrum.lsd(before[None], after[None], harmonics=100)[0] < 1.0
    assert abs(loudest_db(played(patch, 60)) - loudest_db(played(orphan, 60))) < 0.5


def _cycle(x):
    """Harmonics of 110 Hz over its last second of holding, as one cycle: float64[2048]."""
    x = x[24000:72000] * np.hanning(48000)
    bins = np.abs(np.fft.rfft(x, 48000))
    amplitudes = np.zeros(1025)
    amplitudes[1:101] = [bins[110 * k] for k in range(1, 101)]
    return np.fft.irfft(amplitudes, 2048)


def test_render_says_that_a_model_is_gone(cli_here, tmp_path, home):
    data = json.loads((bundled_folder() / "presets" / "Init.json").read_text())
    data["model"]["name"] = "gone"
    (tmp_path / "orphan.json").write_text(json.dumps(data))
    song = mido.MidiFile(tracks=[mido.MidiTrack([mido.Message("note_on", note=60, velocity=100),
                                                 mido.Message("note_off", note=60, time=480)])])
    song.save(tmp_path / "song.mid")
    done = cli_here("render", "song.mid", "-o", "out.wav", "--preset", "orphan.json", "--json", check=True)
    told = json.loads(done.stdout)
    assert "without its latents" in told["message"] and told["peak_db"] > -30


def test_positions_follow_the_engines_morph():
    model = open_model("akwf-16")
    corners = {c: tuple(np.full(16, v)) for c, v in zip(CORNERS, (0.0, 1.0, -1.0, 0.5), strict=True)}
    patch = Patch(latent_size=16, corners=corners, params={"osc.position_y": 0.25, "latent.3": 0.2})
    points = asked_at(patch, ModelSource(model), np.linspace(0, 1, 9))[0]
    assert points[0, 0] == pytest.approx(-0.25) and points[-1, 0] == pytest.approx(0.875)
    assert points[0, 2] == pytest.approx(-0.05)
    assert points[4, 1] == pytest.approx((points[0, 1] + points[-1, 1]) / 2)
    assert (points >= model.low - 1e-6).all() and (points <= model.high + 1e-6).all()


def test_cycles_of_levels_have_those_levels():
    levels = np.array([[0.0, -6.0, -100.0, -20.0]])
    found = np.abs(np.fft.rfft(fallback.cycles_of(levels)[0].astype(float)))[1:5] / 1024
    relative_db = 20 * np.log10(found / found[0] + 1e-12)
    assert relative_db[1] == pytest.approx(-6, abs=1e-3) and relative_db[3] == pytest.approx(-20, abs=1e-3)
    assert relative_db[2] < -120
    assert lsd(fallback.cycles_of(levels), fallback.cycles_of(levels - 3))[0] < 1e-3


words = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
numbers = st.floats(-16, 16).map(lambda x: round(x, 6))


def values_of(p):
    return st.integers(int(p.low), int(p.high)).map(float) if p.curve in ("choice", "count") else st.floats(p.low, p.high)


@st.composite
def patches(draw):
    size = draw(st.integers(0, 32))
    names = draw(st.lists(st.sampled_from(KNOBS), unique=True, max_size=8))
    params = {p.name: draw(values_of(p)) for p in names}
    width = draw(st.integers(1, 64))
    levels = draw(st.none() | st.lists(st.lists(st.integers(-999, 100), min_size=width, max_size=width), min_size=9, max_size=9))
    if levels is not None:
        levels = np.array(levels, np.float32) / np.float32(10)
    return Patch(
        name=draw(words), author=draw(words), category=draw(words), tags=tuple(draw(st.lists(words, max_size=4))), comment=draw(words),
        model=draw(words), model_sha256=draw(words), latent_size=size, params=params, fallback_db=levels,
        corners={c: tuple(draw(st.lists(numbers, min_size=size, max_size=size))) for c in draw(st.sets(st.sampled_from(CORNERS)))})


@given(patches())
def test_json_and_back(patch):
    again = preset_file.from_json(preset_file.to_json(patch))
    assert (again.fallback_db is None) == (patch.fallback_db is None)
    if patch.fallback_db is not None:
        kept = again.fallback_db.shape[1]  # harmonics at the floor in every row at the end are left out
        np.testing.assert_allclose(again.fallback_db, patch.fallback_db[:, :kept], atol=0.03)
        assert (patch.fallback_db[:, kept:] <= -99.9).all()
    kept = {name: value for name, value in patch.params.items() if value or not name.startswith("macro")}  # in a list of their own
    assert replace(again, fallback_db=None) == replace(patch, fallback_db=None, params=kept)


def test_a_preset_over_64_kb_is_not_written():
    with pytest.raises(UserError, match="Wide.*64 kB"):
        preset_file.to_json(Patch(name="Wide", comment="x" * 70_000))


def test_what_plug_ins_keep_may_be_a_megabyte_beside_the_preset(tmp_path):
    states = [np.random.default_rng(n).bytes(350_000) for n in range(3)]
    effects = tuple(HostedEffect(f"vst3:Keeps{n}", state=state) for n, state in enumerate(states))
    wide = Patch(name="Wide", comment="x" * 60_000, effects=effects[:2])
    preset_file.save(wide, tmp_path / "Wide.json")
    assert preset_file.load(tmp_path / "Wide.json").effects == wide.effects
    with pytest.raises(UserError, match="'Wide' is too large: its plug-ins keep 1.4 MB of their own, and 1 MB is the most"):
        preset_file.to_json(replace(wide, effects=effects))
    with pytest.raises(UserError, match="'Wide'.*64 kB"):
        preset_file.to_json(replace(wide, comment="x" * 70_000))
    data = preset_file.to_data(replace(wide, effects=effects))
    (tmp_path / "Wide.json").write_text(json.dumps(data))
    with pytest.raises(UserError, match="Wide.json: too large: its plug-ins keep 1.4 MB"):
        preset_file.load(tmp_path / "Wide.json")


@pytest.mark.parametrize(("state", "says"), [("!", "damaged"), ("aGVsbG8=", "damaged"), (7, "damaged"), (["a"], "damaged"),
                                             (base64.b64encode(zlib.compress(b"x" * (2 << 20))).decode(), "over 1 MB"),
                                             (base64.b64encode(zlib.compress(bytes(range(200)))[:99]).decode(), "cut short")])
def test_a_bad_state_of_a_plug_in_is_one_sentence(state, says):
    with pytest.raises(UserError, match=f"a plug-in's state is .*{says}"):
        preset_file.from_data(preset_file.to_data(Patch()) | {"effects": [{"plugin": "vst3:Keeps", "state": state}]})
