"""Imports point one way (the house's ground plan), playing never needs torch, and no file names a machine."""

import ast
import graphlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from tests.servers import WORK_S, child_env

ROOT = Path(__file__).resolve().parent.parent
RANKS = (("errors", "units", "paths", "text", "whole_folders", "extras"), ("params",), ("events", "midi_bytes"), ("patch",), ("engine",),
         ("samples",), ("timbres", "tracks", "hosting"), ("render",), ("ports",), ("session",), ("bench", "api"), ("gui",),
         ("commands", "cli", "__main__"))
RANK = {room: rank for rank, rooms in enumerate(RANKS) for room in rooms}
TRAINING_MAY = {"units", "errors", "extras", "paths", "text", "whole_folders", "params", "patch", "samples", "timbres", "tracks", "render"}
GUI_MAY_OF_ENGINE = "synth.engine.engine"


def modules(package: str) -> dict[str, Path]:
    """Every module of a package by its dotted name."""
    found = {}
    for file in sorted((ROOT / package).rglob("*.py")):
        if "_bundled" not in file.parts:
            parts = file.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


ALL = modules("synth") | modules("training")


def imported(module: str, file: Path, top_level: bool = False) -> set[str]:
    """Dotted names that a module imports, relative ones made absolute; of ours, down to the module.

    `top_level` leaves out what is imported inside a function.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    names: set[str] = set()
    for node in ast.walk(tree):
        if top_level and id(node) in inside:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parent, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                names.add(full if full in ALL else base)
    return names


def room(module: str) -> str:
    """The room of `synth` a module lives in: `engine` of `synth.engine.state`."""
    return (module.split(".") + [""])[1]


@pytest.mark.parametrize("module", sorted(ALL))
def test_imports_point_one_way(module):
    wrong = []
    for name in imported(module, ALL[module]):
        top = name.split(".")[0]
        if module.startswith("synth"):
            if top in ("training", "torch", "onnx", "tqdm", "scipy", "matplotlib", "tests"):
                wrong.append(name)
            elif top == "synth" and room(name) and room(module) and RANK[room(name)] > RANK[room(module)]:
                wrong.append(f"{name} (a later room)")
            elif room(module) == "gui" and room(name) == "engine" and top == "synth" and name != GUI_MAY_OF_ENGINE:
                wrong.append(f"{name} (the window sees only {GUI_MAY_OF_ENGINE})")
        elif top == "tests" or (top == "synth" and room(name) not in TRAINING_MAY | {""}):
            wrong.append(name)
    assert not wrong, f"{module} may not import {', '.join(sorted(wrong))}"


def test_no_import_cycles():
    graph = {m: {n for n in imported(m, f, top_level=True) if n in ALL and n != m} for m, f in ALL.items()}
    for module, names in graph.items():  # a package's __init__ re-exporting its own modules is no cycle
        graph[module] = {n for n in names if not module.startswith(f"{n}.")}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"imports go in a circle: {' -> '.join(error.args[1])}")


def test_every_room_has_a_rank():
    rooms = {room(m) for m in ALL if m.startswith("synth")} - {""}
    assert rooms <= RANK.keys(), f"give {rooms - RANK.keys()} a place in RANKS"


def test_playing_needs_no_torch_and_no_training():
    code = ("import importlib, sys\n"
            f"for name in {sorted(m for m in ALL if m.startswith('synth') and not m.endswith('__main__'))!r}:\n"
            "    importlib.import_module(name)\n"
            "print([m for m in ('torch', 'onnx', 'training', 'matplotlib', 'tqdm') if m in sys.modules])\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=WORK_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not numba.__version__.startswith("0.68."), reason="other versions of numba load their whole library first")
def test_a_warm_start_imports_no_compiler_library():
    """What takes half a second and tens of megabytes, and only compiling needs."""
    heavy = ("onnxruntime", "scipy.linalg", "torch", "dearpygui", "numba.np.arraymath", "numba.typed.dictimpl")
    code = ("import sys\nfrom synth.cli import main\n"
            "code = main('play --no-gui --device none --midi none --seconds 0.05'.split())\n"
            f"print(code, [m for m in {heavy!r} if m in sys.modules])\n")
    for _ in range(2):  # the first may compile
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=WORK_S, env=child_env())
        assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "0 []"


@pytest.mark.skipif(not numba.__version__.startswith("0.68."), reason="other versions of numba keep a cache for each place")
def test_a_second_copy_of_the_package_compiles_nothing(tmp_path):
    shutil.copytree(ROOT / "synth", tmp_path / "synth", ignore=shutil.ignore_patterns("__pycache__", "_bundled"))
    code = ("import sys\nfrom numba.core import event\nfrom synth.engine.engine import Engine\n"
            "compiled = event.RecordingListener()\nevent.register('numba:compile', compiled)\n"
            "Engine(48000)\nprint([str(e.data['dispatcher']) for _, e in compiled.buffer if e.is_start], Engine.__module__, sys.path[0])\n")
    for place in (ROOT, tmp_path):  # the first may compile
        done = subprocess.run([sys.executable, "-c", code], cwd=place, capture_output=True, text=True, timeout=WORK_S,
                              env=child_env() | {"PYTHONPATH": str(place)})
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[] synth.engine.engine")


def test_no_file_names_a_machine():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git clone: there is no list of files to read")
    private = re.compile(r"/(?:root|home/\w+|Users/\w+|opt/\w+|work)/[\w.]|\bpypi\.org|deb\.debian|registry\.npm")
    found = []
    for name in listed.stdout.split("\0"):
        file = ROOT / name
        if name and file.suffix in (".py", ".toml", ".md", ".txt", ".json", ".sh", "") and file.is_file():
            text = file.read_text(encoding="utf-8", errors="ignore")
            found += [f"{name}: {m.group()}" for m in private.finditer(text) if file != Path(__file__).resolve()]
    assert not found
