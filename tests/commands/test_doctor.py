"""`doctor` and `devices` tell the truth about a machine with servers, one without, and one with broken libraries."""

import json
import shutil

import pytest

from synth.paths import bundled_folder


def report(cli, **keywords) -> dict[str, dict]:
    data = json.loads(cli("doctor", "--json", check=True, **keywords).stdout)
    assert set(data) == {"version", "missing", "checks"}
    assert all(c["mend"] for c in data["checks"] if c["status"] == "missing")
    return {c["name"]: c for c in data["checks"]}


@pytest.fixture
def silent():
    """Environment of a machine without JACK (a server name that nobody runs) and without a display."""
    return {"JACK_DEFAULT_SERVER": "lw_nobody", "DISPLAY": "", "WAYLAND_DISPLAY": ""}


def test_doctor_finds_a_jack_server_and_a_display(cli, jack_server, xvfb_display):
    found = report(cli, env=jack_server | {"DISPLAY": xvfb_display["DISPLAY"]})
    assert found["audio out"]["status"] == "ok" and "JACK" in found["audio out"]["found"]
    assert found["MIDI"]["status"] == "ok" and "Jack: yes" in found["MIDI"]["found"]
    assert found["display"] == {"name": "display", "status": "ok", "found": xvfb_display["DISPLAY"], "mend": ""}


def test_doctor_speaks_plainly_where_there_is_nothing(cli, silent, home):
    found = report(cli, env=silent)
    assert found["display"]["status"] == "note" and "terminal view" in found["display"]["mend"]
    assert found["user folder"]["found"].startswith(str(home))
    assert "Jack: no" in found["MIDI"]["found"]
    done = cli("doctor", env=silent, check=True)
    assert "-> " in done.stdout and done.stderr == ""


def test_doctor_names_the_library_that_is_missing(cli, silent, tmp_path):
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    (tmp_path / "rtmidi.py").write_text("raise ImportError('libasound.so.2: cannot open shared object file')\n")
    found = report(cli, env=silent | {"PYTHONPATH": f"{tmp_path}:{__file__.rsplit('/tests/', 1)[0]}"})
    assert found["audio"]["status"] == "missing" and "libportaudio2" in found["audio"]["mend"]
    assert found["python-rtmidi"]["status"] == "missing" and "libasound2" in found["python-rtmidi"]["mend"]


def test_doctor_reports_a_display_that_does_not_answer(cli, silent):
    found = report(cli, env=silent | {"DISPLAY": ":987"})
    assert found["display"]["status"] == "missing" and ":987" in found["display"]["found"]


def test_devices_lists_the_jack_server_and_keeps_its_keys(cli, jack_server):
    data = json.loads(cli("devices", "--json", env=jack_server, check=True).stdout)
    assert set(data) == {"audio", "midi"}
    assert set(data["audio"]) == {"library", "outputs", "inputs", "error"} and set(data["midi"]) == {
        "inputs", "outputs", "apis", "error"}
    jack = [d for d in data["audio"]["outputs"] if "JACK" in d["host_api"]]
    assert jack and jack[0]["channels"] == 2 and jack[0]["samplerate"] == 48000 and isinstance(jack[0]["index"], int)
    assert "Audio out:" in cli("devices", env=jack_server, check=True).stdout


def test_devices_without_any_exits_0_and_says_none(cli, silent):
    done = cli("devices", env=silent, check=True)
    assert "MIDI in: none" in done.stdout and done.stderr == ""


def test_doctor_names_what_is_damaged_in_the_users_folder(cli, silent, home):
    factory = bundled_folder()
    for kind in ("presets", "models"):
        (home / kind).mkdir()
    assert report(cli, env=silent)["presets"]["status"] == "ok"
    (home / "presets" / "Torn.json").write_text('{"format": 1, "na')
    far = json.loads((factory / "presets" / "Init.json").read_text()) | {"mod": [{"source": "lfo1", "target": "latent.77", "amount": 0.5}]}
    (home / "presets" / "Far.json").write_text(json.dumps(far))
    for name in ("cut", "bare", "headless"):
        shutil.copytree(factory / "exported" / "akwf-8", home / "models" / name)
    (home / "models" / "cut" / "encoder.onnx").write_bytes(b"\0" * 99)
    (home / "models" / "bare" / "decoder.onnx").unlink()
    (home / "models" / "headless" / "manifest.json").unlink()
    (home / "odd.scl").write_text("! odd\nodd\n 2\n 100.0\n")
    found = report(cli, env=silent)
    for row, names in (("presets", ("Torn", "Far")), ("models", ("cut", "bare", "headless")), ("tunings", ("odd.scl",))):
        assert found[row]["status"] == "missing" and all(name in found[row]["found"].partition("damaged")[2] for name in names), found[row]
        assert all(name in found[row]["mend"] for name in names)
    assert "akwf-16" in found["models"]["found"].partition("damaged")[0] and "Init" in found["presets"]["found"].partition("damaged")[0]
    assert "Everything works" not in cli("doctor", env=silent, check=True).stdout
