"""Text as others save it: Scala files, presets, manifests and names. Each is read for what it means, and printed safely."""

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from synth import cli as command_line
from synth import paths
from synth.errors import UserError
from synth.events import note_on
from synth.gui.terminal.textview import Painter
from synth.params.knobs import FARTHEST
from synth.patch import preset_file, tuning
from synth.patch.patch import Patch, with_param
from synth.render.offline import render
from synth.text import dump_json, printable, split_lines
from synth.timbres.manifest import read_manifest
from synth.timbres.model import open_model
from synth.timbres.source import ModelSource
from tests.broken import WHOLE_PRESET
from tests.engine.sounds import soft

JUST = ("! x.scl", "!", "a scale", " 7", "!", " 9/8", " 5/4", " 4/3", " 3/2", " 5/3", " 15/8", " 2/1")
CENTS = [1200 * np.log2(over / under) for over, under in ((9, 8), (5, 4), (4, 3), (3, 2), (5, 3), (15, 8), (2, 1))]
SCL = "\n".join(JUST) + "\n"
QUICK = "--no-gui --device none --midi none --seconds 0.2"
ESCAPES = "Pad\x1b[31m\x1b]0;x\x07\nnew\x9b31m\u202e\ud800line"
MODEL = paths.bundled_folder() / "exported" / "akwf-16"


@pytest.mark.parametrize("raw", [
    SCL.encode(), SCL.encode("utf-8-sig"), SCL.encode("utf-16"), b"\xfe\xff" + SCL.encode("utf-16-be"), SCL.encode("utf-32"),
    *(SCL.replace("\n", end).encode() for end in ("\r", "\r\n", "\r\r\n")), SCL.rstrip().encode(),
    *(SCL.replace("a scale", f"Tempered by ear{mark} (1975)").encode(code) for mark, code in (
        ("\x85", "latin-1"), ("\x85", "utf-8"), ("\u2028", "utf-8"), ("\u2029", "utf-8"),
        ("\x0b\x0c\x1c\x1d\x1e", "utf-8"), ("é", "cp1252"))),
    *(SCL.replace("! x.scl", f"! by{mark} me").encode(code) for mark, code in (("\x85", "latin-1"), ("\u2028", "utf-8"))),
    SCL.replace("9/8", "9 / 8").replace("5/4", "+5/4").replace("3/2", "3/2, the fifth").encode()])
def test_a_scale_however_it_is_saved(raw, tmp_path):
    (tmp_path / "x.scl").write_bytes(raw)
    found = tuning.load(tmp_path / "x.scl").pitches()
    assert np.abs(found[60:68] - 60 - np.array([0, *CENTS]) / 100).max() < 1e-6


@pytest.mark.parametrize("line, cents", [
    (" 203,910", 203.91), ("1200,000 octave", 1200), (",5", 0.5), ("-5,25", -5.25), ("5, third", 2786.314)])
def test_decimal_commas_are_cents(line, cents):
    assert tuning.read_scl(f"x\n1\n{line}").cents[0] == pytest.approx(cents, abs=1e-3)


@pytest.mark.parametrize("line", ["1.200,000", "1,200.000", "7\\12", "3:2", "2^1", "3//2", "\x1b[31m"])
def test_a_pitch_that_would_be_misread_is_refused(line):
    with pytest.raises(UserError):
        tuning.read_scl(f"x\n1\n{line}")


def test_a_mapping_with_commas_and_carriage_returns(tmp_path):
    lines = ("! by \x85 me", "0", "0", "127", "60", "69", "442,5", "0")
    (tmp_path / "x.kbm").write_bytes("\r".join(lines).encode("latin-1"))
    assert tuning.load(None, tmp_path / "x.kbm").pitches()[69] == pytest.approx(69 + 12 * np.log2(442.5 / 440), abs=1e-6)


def test_a_scale_whose_mark_lies_is_told(tmp_path):
    (tmp_path / "x.scl").write_bytes(b"\xff\xfe\x00\xd8\x41")
    with pytest.raises(UserError, match="UTF-16"):
        tuning.load(tmp_path / "x.scl")


@given(st.data())
def test_mutated_scales_and_mappings_are_read_or_refused(tmp_path_factory, data):
    whole = data.draw(st.sampled_from([SCL.encode(), SCL.encode("utf-16"), b"12\n0\n127\n60\n69\n440,0\n12\nx\n1\n2\n"]))
    raw = bytearray(whole[:data.draw(st.integers(0, len(whole)))] if data.draw(st.booleans()) else whole)
    for place in data.draw(st.lists(st.integers(0, max(len(raw) - 1, 0)), max_size=6)):
        if raw:
            raw[place] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.getbasetemp() / "mutated"
    file.write_bytes(raw)
    for pair in ((file, None), (None, file)):
        try:
            notes = tuning.load(*pair).notes
        except UserError as error:
            assert len(str(error)) < 500
        else:
            assert len(notes) == 128 and all(n is None or np.isfinite(n) for n in notes)


@given(st.lists(st.floats(-1e5, 1e5).map(lambda c: round(c, 6)), min_size=1, max_size=30), st.sampled_from([".", ","]),
       st.sampled_from(["\n", "\r", "\r\n", "\r\r\n"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_written_scale_is_read_as_it_was(tmp_path_factory, cents, point, end, encoding):
    file = tmp_path_factory.getbasetemp() / "written.scl"
    lines = ["! \u2028", "by ear\x85", f" {len(cents)}", *(f"{c:.6f}".replace(".", point) for c in cents)]
    file.write_bytes((end.join(lines) + end).encode(encoding))
    assert tuning._read(file, tuning.read_scl).cents == pytest.approx(cents, abs=1e-6)


def preset(**changes) -> dict:
    return json.loads(json.dumps(WHOLE_PRESET)) | changes


@pytest.mark.parametrize("encode", [lambda t: t.encode("utf-8-sig"), lambda t: t.encode("utf-16"),
                                    lambda t: t.replace("{", "\r\n{", 1).encode()])
def test_a_preset_however_it_is_saved(encode, tmp_path):
    (tmp_path / "x.json").write_bytes(encode(json.dumps(preset(name="Schön"), ensure_ascii=False)))
    patch = preset_file.load(tmp_path / "x.json")
    assert patch.name == "Schön"
    preset_file.save(patch, tmp_path / "y.json")
    assert (tmp_path / "y.json").read_bytes()[:1] == b"{"


@pytest.mark.parametrize("changes", [
    {"format": 1.0},
    {key: None for key in ("tags", "corners", "params", "mod", "macros", "fallback", "author", "category", "comment", "model")},
    {"model": {"name": None, "sha256": None, "latent_size": None}}, {"model": {"name": "", "sha256": "", "latent_size": 0.0}},
    {"tags": [None]}, {"macros": [{"name": None, "value": None}]}, {"shapes": None, "tuning": None},
    {"mod": [{"source": "lfo1", "target": "osc.position", "amount": 0.0, "via": None}]}, {"corners": {"A": None}}])
def test_null_and_floats_mean_nothing_and_wholes(changes):
    patch = preset_file.from_data(preset(**changes))
    assert (patch.name, patch.author, patch.tags, patch.model, patch.corners, patch.macros) == ("Whole", "", (), "", {}, ())


@pytest.mark.parametrize("value", [True, 1.5, "1", None, [], 0])
def test_a_format_that_is_none_is_refused(value):
    with pytest.raises(UserError, match="format"):
        preset_file.from_data(preset(format=value))


@pytest.mark.parametrize("value", [1e39, -1e300, 1e30])
@pytest.mark.filterwarnings("error")
def test_a_latent_beyond_arithmetic_is_clipped_and_heard(value):
    size = open_model("akwf-16").latent_size
    patch = preset_file.from_data(preset(model={"name": "akwf-16", "sha256": "", "latent_size": size},
                                     corners={"A": [value, *[0] * (size - 1)], "B": [-value, *[0] * (size - 1)]}, fallback=None))
    assert abs(patch.corners["A"][0]) == FARTHEST
    x = render(with_param(patch, "osc.position", 0.5), [(0, note_on(60))], 0.3)
    assert np.isfinite(x).all() and abs(x[4800:]).max() > 1e-2


def test_tags_as_words():
    assert preset_file.from_data(preset(tags="warm, soft")).tags == ("warm", "soft")


@pytest.fixture
def model(tmp_path) -> Path:
    """A copy of a shipped model."""
    shutil.copytree(MODEL, tmp_path / "model")
    return tmp_path / "model"


def test_a_manifest_however_it_is_saved(model):
    raw = json.loads((model / "manifest.json").read_text())
    rows = [row | {"name": None} for row in raw["latents"]]
    changed = raw | {"format": 1.0, "latent_size": 16.0, "cycle_size": 2048.0, "directions": None, "scores": None, "data": None,
                     "output": None, "latents": rows}
    (model / "manifest.json").write_text(json.dumps(changed), encoding="utf-8-sig")
    assert read_manifest(model).latent_size == 16
    assert ModelSource(open_model(model)).latent_names[:2] == ("Z1", "Z2")


@pytest.mark.parametrize("size", [1, 5])
def test_a_decoder_of_a_fixed_batch_plays(model, size):
    """Graphs that were exported for one batch size: the same cycles, row by row."""
    whole = open_model(model)
    latents = np.random.default_rng(0).uniform(whole.low, whole.high, (13, whole.latent_size)).astype(np.float32)
    cycles, found = whole.decode(latents), whole.amplitudes(latents)
    encoded = whole.encode(cycles)
    manifest = json.loads((model / "manifest.json").read_text())
    for name in ("decoder.onnx", "encoder.onnx", "amplitudes.onnx"):
        graph = onnx.load(model / name)
        for value in (*graph.graph.input, *graph.graph.output):
            value.type.tensor_type.shape.dim[0].ClearField("dim_param")
            value.type.tensor_type.shape.dim[0].dim_value = size
        onnx.save(graph, model / name)
        manifest["sha256"][name] = hashlib.sha256((model / name).read_bytes()).hexdigest()
    (model / "manifest.json").write_text(json.dumps(manifest))
    fixed = open_model(model)
    assert np.abs(fixed.decode(latents) - cycles).max() < 1e-4
    assert np.abs(fixed.amplitudes(latents) - found).max() < 1e-3 * np.abs(found).max()
    assert np.abs(fixed.encode(cycles) - encoded).max() < 1e-3
    assert fixed.decode(latents[:0]).shape == (0, 2048)


def test_what_is_printed_cannot_drive_a_terminal():
    assert printable(ESCAPES).isprintable() and "?line" in printable(ESCAPES)
    dump_json([ESCAPES]).encode("ascii")
    assert json.loads(dump_json([ESCAPES])) == [ESCAPES]
    assert split_lines("a\x85b\u2028c\nd\r\r\ne\r") == ["a\x85b\u2028c", "d", "e"]


SONG = "render --events song.jsonl -o a.wav"
COMMANDS = ("presets", "presets --json", "models", "models --json", "doctor", f"{SONG} --preset Evil", "play QUICK --preset Evil",
            f"{SONG} --preset x\x1b[31m", f"{SONG} --model \x9b31m", "decode --model x\x1b]0; --latent 0 -o a.wav",
            "render nothing\x1b[2J.mid -o a.wav", f"{SONG} --tuning evil.scl", f"{SONG} --preset broken.json")


def run_in(folder: Path, line: list[str], cli, capfd, monkeypatch) -> tuple[int, str, str]:
    """(exit code, stdout, stderr) of a command; what takes over signals is run in a process of its own."""
    if line[0] == "play":
        done = cli(*line)
        return done.returncode, done.stdout, done.stderr
    monkeypatch.chdir(folder)
    code = command_line.main(line)
    return code, *capfd.readouterr()


@pytest.mark.parametrize("line", COMMANDS)
def test_no_command_prints_a_foreign_name_raw(line, home, tmp_path, cli, capfd, monkeypatch):
    (home / "presets").mkdir()
    (home / "models").mkdir()
    (home / "presets" / "Evil.json").write_text(json.dumps(preset(name=ESCAPES, comment=ESCAPES, category=ESCAPES, author=ESCAPES)))
    (home / "presets" / "E\x1b[31mvil2.json").write_text(json.dumps(preset(params={ESCAPES: 1})))
    shutil.copytree(MODEL, home / "models" / "E\x1b[31mvil")
    manifest = json.loads((MODEL / "manifest.json").read_text())
    (home / "models" / "E\x1b[31mvil" / "manifest.json").write_text(json.dumps(manifest | {"name": ESCAPES, "output": ESCAPES}))
    (tmp_path / "song.jsonl").write_text('{"frame": 0, "type": "note_on", "note": 60}\n')
    (tmp_path / "evil.scl").write_text("x\n1\n\x1b[31m\n")
    (tmp_path / "broken.json").write_text(json.dumps(preset(model={"name": ESCAPES, "sha256": "", "latent_size": 0}, fallback=None)))
    _, *said = run_in(tmp_path, line.replace("QUICK", QUICK).split(" "), cli, capfd, monkeypatch)
    for text in said:
        assert "Traceback" not in text
        assert all(c.isprintable() or c == "\n" for c in text), repr(text)


def test_the_terminal_views_own_escapes_are_all_there_are(home):
    from synth.gui.terminal.textview import Pen, lines
    from synth.session.session import Session

    player = Session(preset_file.from_data(preset(name=ESCAPES)), device="none", midi="none")
    try:
        player.tell(ESCAPES)
        view = lines(player, player.snapshot(), Pen(colour=False, unicode=True), (120, 40), 0, 60, 100)
    finally:
        player.close()
    assert all(line.isprintable() for line in view) and Painter().paint(view)


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
@pytest.mark.parametrize("line, made", [
    (f"{SONG} --tail 0", ".wav"), (f"{SONG} --tail 0 --json", ".wav"), ("render @.jsonl -o x.mp3", ""),
    ("render --events @.jsonl -o @.wav", ".wav"),
    ("decode --preset Init -o @.wav", ".wav"), ("presets --random @.json", ".json"), ("encode cycle.wav -o @.json", ".json"),
    (f"play {QUICK} --record @.wav --log-events @2.jsonl", ".wav"), (f"{SONG} --preset @.json", ""), (f"{SONG} --model @", "")])
def test_names_that_are_no_text(line, made, home, tmp_path, cli, capfd, monkeypatch):
    """A name that is not UTF-8, for what is written and in what is said."""
    name = os.fsdecode(b"mod\x85")
    for file in ("song.jsonl", f"{name}.jsonl"):
        (tmp_path / file).write_text('{"frame": 0, "type": "note_on", "note": 60}\n{"frame": 4800, "type": "note_off", "note": 60}\n')
    soundfile.write(tmp_path / "cycle.wav", np.sin(2 * np.pi * np.arange(600) / 600), 48000)
    line = line.replace("a.wav", "@.wav") if made else line
    code, *said = run_in(tmp_path, line.replace("@", name).split(), cli, capfd, monkeypatch)
    assert "Traceback" not in said[1] and len(said[1].splitlines()) <= 1
    assert code == (0 if made else 1), said
    if made:
        assert (tmp_path / f"{name}{made}").stat().st_size > 100
    if made == ".json":
        assert preset_file.load(tmp_path / f"{name}.json").name == "mod?"


def test_hidden_files_are_no_presets_and_no_models(home):
    for kind in ("presets", "models"):
        (home / kind).mkdir()
    (home / "presets" / "My Pad.json").write_text(json.dumps(preset()))
    known = len(paths.list_presets())
    for hidden in ("._My Pad.json", ".hidden.json"):
        (home / "presets" / hidden).write_bytes(b"\0\5\x16\7")
    (home / "presets" / "folder.json").mkdir()
    shutil.copytree(MODEL, home / "models" / "._mine")
    assert len(paths.list_presets()) == known and "My Pad" in [p.stem for p in paths.list_presets()]
    assert "._mine" not in [p.name for p in paths.list_models()]
    with pytest.raises(UserError):
        paths.find_preset("._My Pad")


def test_a_note_above_half_the_rate_is_silent():
    """G9 (12,544 Hz) at 22,050 Hz: nothing to hear, and nothing folded; the key below half the rate is heard."""
    for key, silent in ((127, True), (120, False)):
        x = render(Patch(), [(0, note_on(key))], 0.5, sr_hz=22050, source=soft())
        assert bool(abs(x[4000:]).max() < 1e-4) is silent
