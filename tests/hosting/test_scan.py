"""Plug-ins are looked at in processes of their own: verdicts, how they are kept, and what chains do with what they know."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth.cli import main
from synth.hosting import scan
from synth.patch.hosted_effect import HostedEffect, rows_of, to_json
from synth.patch.patch import Patch
from synth.render.offline import render
from tests.engine.sounds import saw

from .own_plugins import build_plugin

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(home, tmp_path, monkeypatch):
    """A folder of plug-ins, good and bad ones and what is none, in place of the system's."""
    pytest.importorskip("minihost", reason="needs minihost")
    plugins = tmp_path / "lv2"
    for kind in ("Gains", "Delays", "Crashes", "Hangs", "No_numbers"):
        build_plugin(plugins, kind)
    (plugins / "Junk.vst3").write_bytes(b"not a plug-in" * 100)
    (plugins / "Empty.lv2").mkdir()
    monkeypatch.setattr("synth.hosting.plugin_files.standard_folders", lambda: [("lv2", plugins), ("vst3", plugins)])
    monkeypatch.setattr(scan, "LIMIT_S", 5.0)
    return plugins


def test_every_plug_in_gets_its_verdict_which_is_kept_until_it_changes(folder):
    found = {verdict.name: verdict for verdict in scan.scan()}
    verdicts = {name: verdict.verdict for name, verdict in found.items()}
    assert verdicts == {"Gains": "works", "Delays": "works", "Crashes": "crashes", "Hangs": "hangs", "No_numbers": "no numbers",
                        "Junk": "cannot be opened", "Empty": "cannot be opened"}
    assert found["Delays"].latency == 300 and "SIGABRT" in found["Crashes"].why and found["Gains"].params[0]["name"] == "gain"
    before = os.stat(scan.cache_file()).st_mtime_ns
    looked = []
    scan_again, scan._look = scan._look, lambda blank: looked.append(blank.name) or replace(blank, verdict="works")
    try:
        assert {v.name: v.verdict for v in scan.scan()} == verdicts and not looked  # nothing is opened again
        (folder / "Crashes.lv2" / "plugin.ttl").write_text("# another version\n")
        scan.scan()
    finally:
        scan._look = scan_again
    assert looked == ["Crashes"] and os.stat(scan.cache_file()).st_mtime_ns > before


def test_a_plug_in_that_is_known_to_fail_is_never_opened_and_the_rest_plays(folder):
    patch = Patch(params={"osc.level_db": -12.0})
    rows = [HostedEffect(f"lv2:{kind}", params={"gain": 0.25} if kind == "Gains" else {}) for kind in ("Crashes", "No_numbers", "Gains")]
    x = render(replace(patch, effects=tuple(rows)), [], 0.1, source=saw())
    assert x.shape == (4800, 2)
    assert scan.known_verdicts()[str(folder / "Crashes.lv2")].verdict == "crashes"


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"format": 1, "files": [{"file": 3}]}', '{"format": 99, "files": []}'])
def test_a_broken_list_of_verdicts_is_no_list(home, broken):
    scan.cache_file().write_text(broken)
    assert scan.known_verdicts() == {}


def test_the_command_lists_and_looks(home, cli, tmp_path):
    pytest.importorskip("minihost", reason="needs minihost")
    build_plugin(tmp_path / "mine", "Gains")
    build_plugin(tmp_path / "mine", "Crashes")
    env = {"LV2_PATH": str(tmp_path / "mine"), "HOME": str(tmp_path)}
    probed = json.loads(cli("plugins", "probe", "mine/Gains.lv2", "--json", check=True).stdout)
    assert probed["verdict"] == "works" and probed["params"] == [{"name": "gain", "low": "0", "high": "1", "text": "0.5"}]
    cli("plugins", "probe", "mine/Crashes.lv2", "--json", check=True)
    rows = json.loads(cli("plugins", "list", "--effects", "--json", env=env, check=True).stdout)
    told = {row["name"]: row["verdict"] for row in rows}
    assert told["Gains"] == "works" and told["Crashes"] == "crashes" and "Reverb" in told
    by_name = json.loads(cli("plugins", "probe", "gains", "--json", env=env, check=True).stdout)
    assert by_name == {**probed, "file": by_name["file"]}
    assert "room_size                        0 to 1; 0.5 as it comes" in cli("plugins", "probe", "reverb", check=True).stdout
    for name, says in (("Gain", "gain_db"), ("builtin:Gian", "did you mean 'Gain'"), ("Rewerb", "did you mean 'Reverb'"),
                       ("gone.onnx", "no such file"), ("mine/Gain", "no such file")):
        done = cli("plugins", "probe", name)
        assert says in done.stdout + done.stderr and "Traceback" not in done.stderr, done.stderr


def test_rows_are_read_as_they_were_written():
    rows = (HostedEffect("builtin:Reverb", "before", True, 0.25, {"room_size": 0.5, "damping": "0.2"}, state=bytes(range(256)) * 9),)
    assert rows_of(json.loads(json.dumps([to_json(row) for row in rows]))) == rows
    assert np.isclose(rows[0].wet, 0.25)


def test_clap_is_refused_in_a_sentence_and_named_by_a_scan(cli, home, tmp_path, monkeypatch, capsys):
    (tmp_path / "claps").mkdir()
    clap = tmp_path / "claps" / "Surge XT Effects.clap"
    clap.write_bytes(b"\x7fELF")
    song = ROOT / "demo" / "demo.mid"
    for command in (("plugins", "probe", clap), ("render", song, "-o", tmp_path / "no.wav", "--effect", clap)):
        done = cli(*command)
        assert done.returncode == 1 and "runs CLAP" in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
    monkeypatch.setattr("synth.hosting.plugin_files.standard_folders", lambda: [])
    monkeypatch.setenv("CLAP_PATH", str(tmp_path / "claps"))
    assert main(["plugins", "scan"]) == 0
    passed_over = capsys.readouterr().out.splitlines()[-1]
    assert passed_over.startswith("passed over: ") and "Surge XT Effects" in passed_over and "runs CLAP" in passed_over
