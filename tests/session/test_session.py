"""The player without a device: models and presets change, and a take tells enough to be repeated."""

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from synth import paths
from synth.events import note_off, note_on
from synth.patch import preset_file
from synth.session.session import Session
from synth.timbres.static_render import asked_at
from tests.measures import sound

from ..ports.test_recovery import until


def play(tmp_path, work, **options):
    """A take on the silent clock: (session closed, header, rows, recording)."""
    log, wav = tmp_path / "take.jsonl", tmp_path / "take.wav"
    session = Session(preset_file.load(paths.find_preset("Init")), device="none", midi="none", log=log, record=wav, **options)
    try:
        work(session)
        frame = session.snapshot().frame
        assert until(lambda: session.snapshot().frame > frame + 24000)
    finally:
        session.close()
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    return rows[0], rows[1:], soundfile.read(wav, dtype="float32")[0]


def again(cli_here, tmp_path, *args):
    out = tmp_path / "again.wav"
    cli_here("render", "--events", tmp_path / "take.jsonl", "-o", out, "--tail", 10, *args, check=True)
    return soundfile.read(out, dtype="float32")[0]


def test_what_was_posted_before_the_end_takes_effect_and_is_repeated(tmp_path, cli_here):
    log, wav = tmp_path / "take.jsonl", tmp_path / "take.wav"
    session = Session(preset_file.load(paths.find_preset("Init")), device="none", midi="none", log=log, record=wav)
    session.post(note_on(60))
    session.load_preset("Init").result(60)
    session.set_param("osc.position", 0.5)
    session.post(note_off(60))
    session.close()
    rows = [json.loads(line) for line in log.read_text().splitlines()][1:]
    assert sorted(r["type"] for r in rows if r["type"] not in ("decode", "seen")) == ["note_off", "note_on", "param", "patch"]
    assert not session.snapshot().held.any() and session.snapshot().params["osc.position"] == 0.5
    take = soundfile.read(wav, dtype="float32")[0]
    assert len(take) >= max(r["frame"] for r in rows)
    assert np.array_equal(again(cli_here, tmp_path)[:len(take)], take)


def test_a_take_whose_decodes_never_came_is_repeated(tmp_path, cli_here, monkeypatch):
    """The worker stands still from a moment on: what it still owed at the end is told, and the render does not hear it either.

    On a machine so slow that the block that asks can decode nothing itself.
    """
    monkeypatch.setattr("synth.session.session.affordable_products", lambda blocksize, rate: 0)

    def work(session):
        session.post(note_on(60))
        assert until(lambda: session.snapshot().peak_left > 0.02)
        session.decoder.stop()
        session.set_param("osc.position", 0.8)

    _, rows, take = play(tmp_path, work)
    assert any(r["type"] == "decode" for r in rows)
    assert np.array_equal(again(cli_here, tmp_path)[:len(take)], take)


@pytest.mark.parametrize("options", [{}, {"model": "akwf-8"}, {"blocksize": 1024}])
def test_models_change_and_the_take_is_repeated(tmp_path, cli_here, options):
    names = []

    def work(session):
        session.post(note_on(60))
        names.append(session.model)
        assert until(lambda: session.snapshot().peak_left > 0.02)
        session.load_model("akwf-32").result(60)
        names.append(session.model)
        session.set_latent(2, 1.0)
        session.load_preset("Init").result(60)
        names.append(session.model)

    _, rows, take = play(tmp_path, work, **options)
    assert names == ([options["model"], "akwf-32", "akwf-32"] if "model" in options else ["akwf-16", "akwf-32", "akwf-16"])
    assert [r["preset"]["model"]["name"] for r in rows if r["type"] == "patch"] == names[1:]
    assert np.abs(take).max() > 0.02
    assert np.array_equal(again(cli_here, tmp_path)[:len(take)], take)


def test_a_tuning_is_loaded_while_playing_and_the_take_is_repeated(tmp_path, cli_here):
    (tmp_path / "seven.scl").write_text("seven equal\n7\n" + "".join(f"{i * 1200 / 7:.6f}\n" for i in range(1, 8)))

    def work(session):
        session.load_tuning(tmp_path / "seven.scl").result(60)
        session.post(note_on(67))
        assert until(lambda: session.snapshot().peak_left > 0.02)
        session.load_preset("Init").result(60)
        assert session.patch.tuning.name == "seven"

    _, rows, take = play(tmp_path, work)
    heard = again(cli_here, tmp_path)
    assert np.array_equal(heard[:len(take)], take)
    start = next(r["frame"] for r in rows if r["type"] == "note_on") + 4000
    assert abs(sound.alias(heard[start:start + 96000, 0].astype(float), sound.note_hz(72), 48000)["cents"]) < 0.1


def test_a_take_with_a_wavetable_finds_it_again(tmp_path, cli_here):
    from synth.samples.wavetable import read_wavetable
    from synth.timbres.source import WavetableSource

    file = tmp_path / "saw.wav"
    soundfile.write(file, sound.saw_cycle(), 48000, subtype="FLOAT")
    _, _, take = play(tmp_path, lambda session: session.post(note_on(60)), source=WavetableSource("saw", read_wavetable(file).frames),
                      wavetable={"wavetable": str(file), "frame_size": None})
    assert np.array_equal(again(cli_here, tmp_path)[:len(take)], take)


def test_a_morph_that_follows_is_edited_where_it_is_played_and_the_take_is_repeated(tmp_path, cli_here):
    """Followed while it plays, edited half-way, and on its new way a moment later; what is shown is the played value throughout."""
    def work(session):
        source = session.source
        a, b = np.clip(source.map.latents[[3, 40]], source.low, source.high).astype(float).round(6)  # as a log keeps them
        session.load_patch(replace(session.patch, corners={"A": tuple(a), "B": tuple(b)}, fallback_db=None,
                                  params={"osc.position": 0.5})).result(60)
        session.post(note_on(60))
        assert until(lambda: np.allclose(session.snapshot().latents, (a + b) / 2, atol=1e-4) and session.snapshot().peak_left > 0.02)
        session.set_param("osc.follow", 1.0)
        wanted = asked_at(session.patch, source, np.array([0.5]))[0][0]
        assert until(lambda: np.allclose(session.snapshot().latents, wanted, atol=1e-4)) and np.abs(wanted - (a + b) / 2).max() > 0.05
        morph_path = session.engine.morph_path
        session.set_latent(2, 0.4)
        assert until(lambda: abs(session.snapshot().latents[2] - 0.4) < 1e-3)
        assert until(lambda: session.engine.morph_path > morph_path)
        wanted = asked_at(session.patch, source, np.array([0.5]))[0][0]
        assert until(lambda: np.allclose(session.snapshot().latents, wanted, atol=1e-3))

    _, rows, take = play(tmp_path, work)
    assert [r["latent"] for r in rows if r["type"] == "corner"] == [3]
    assert np.array_equal(again(cli_here, tmp_path)[:len(take)], take)
