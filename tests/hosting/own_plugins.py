"""Plug-ins that the tests build: LV2 bundles of a few lines of C, each with one fault, or with one figure that is known."""

import platform
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from synth.errors import UserError
from synth.hosting.scan import find_plugin

SOURCE = Path(__file__).with_name("lv2_plugins.c")
DELAY = 300
_PORTS = """
 lv2:port [ a lv2:InputPort, lv2:AudioPort ; lv2:index 0 ; lv2:symbol "in_l" ; lv2:name "In L" ] ,
  [ a lv2:InputPort, lv2:AudioPort ; lv2:index 1 ; lv2:symbol "in_r" ; lv2:name "In R" ] ,
  [ a lv2:OutputPort, lv2:AudioPort ; lv2:index 2 ; lv2:symbol "out_l" ; lv2:name "Out L" ] ,
  [ a lv2:OutputPort, lv2:AudioPort ; lv2:index 3 ; lv2:symbol "out_r" ; lv2:name "Out R" ] ,
  [ a lv2:InputPort, lv2:ControlPort ; lv2:index 4 ; lv2:symbol "gain" ; lv2:name "Gain" ;
    lv2:default 0.5 ; lv2:minimum 0.0 ; lv2:maximum 1.0 ]"""
_LATENCY = """ ,
  [ a lv2:OutputPort, lv2:ControlPort ; lv2:index 5 ; lv2:symbol "latency" ; lv2:name "Latency" ; lv2:portProperty lv2:reportsLatency ;
    lv2:designation lv2:latency ; lv2:minimum 0.0 ; lv2:maximum 1000.0 ]"""
_MANY = "".join(f""" ,
  [ a lv2:InputPort, lv2:ControlPort ; lv2:index {n} ; lv2:symbol "part_{n}" ; lv2:name "{'Last' if n == 133 else f'Part {n}'}" ;
    lv2:default 1.0 ; lv2:minimum 0.0 ; lv2:maximum 1.0 ]""" for n in range(5, 134))
_PREFIXES = "@prefix lv2: <http://lv2plug.in/ns/lv2core#> .\n@prefix doap: <http://usefulinc.com/ns/doap#> .\n"
_LETTERS = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"


def build_plugin(folder: Path, kind: str) -> Path:
    """A bundle `kind.lv2` in a folder, compiled; skips the test where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("needs a C compiler to build plug-ins")
    bundle, uri = folder / f"{kind}.lv2", f"urn:latentwave:test:{kind}"
    bundle.mkdir(parents=True)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", f"-D{kind.upper()}", f'-DURI="{uri}"', "-o", str(bundle / "plugin.so"),
                    str(SOURCE), "-lm"], check=True, capture_output=True)
    (bundle / "manifest.ttl").write_text(f"{_PREFIXES}@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
                                         f"<{uri}> a lv2:Plugin ; lv2:binary <plugin.so> ; rdfs:seeAlso <plugin.ttl> .\n")
    ports = _PORTS + {"Delays": _LATENCY, "Many": _MANY}.get(kind, "")
    (bundle / "plugin.ttl").write_text(f'{_PREFIXES}<{uri}> a lv2:Plugin ; doap:name "{kind}" ;\n'
                                       f' doap:license <http://opensource.org/licenses/isc> ;{ports} .\n')
    return bundle


def need_vst3(name: str) -> None:
    """Skip the test where the machine has no VST3 of that name."""
    try:
        find_plugin("vst3", name)
    except UserError:
        pytest.skip("needs zam-plugins and dragonfly-reverb-lv2")


def build_vst3(folder: Path) -> Path:
    """A bundle `Keeps.vst3` in a folder, which keeps more than its parameter (vst3_plugin.c); skips as `build_plugin`, and off Linux."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler to build plug-ins")
    bundle = folder / "Keeps.vst3"
    inside = bundle / "Contents" / f"{platform.machine()}-linux"
    inside.mkdir(parents=True)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(inside / "Keeps.so"), str(SOURCE.with_name("vst3_plugin.c")),
                    "-lpthread", "-ldl"], check=True, capture_output=True)
    return bundle


def kept_state(gain: float, file: int, begins: bytes = b"KEPT") -> bytes:
    """The whole state of `Keeps.vst3` as its hosts give it: what it keeps, in JUCE's base64 (six bits a letter, lowest first) in XML."""
    data = begins + struct.pack("<fi", gain, file)
    bits = int.from_bytes(data, "little")
    letters = "".join(_LETTERS[bits >> 6 * n & 63] for n in range(-(-8 * len(data) // 6)))
    xml = (f'<?xml version="1.0" encoding="UTF-8"?> <VST3PluginState><IComponent>{len(data)}.{letters}</IComponent>'
           "<IEditController>0.</IEditController></VST3PluginState>").encode()
    return b"VC2!" + struct.pack("<I", len(xml)) + xml + b"\0"
