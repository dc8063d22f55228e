"""The engine's rooms: kernels take the records they work on, only the doors see the whole state, imports point down."""

import ast
from pathlib import Path

import pytest

import synth.engine

ENGINE = Path(synth.engine.__file__).parent
DOORS = {"engine", "callback", "render", "jack_process", "first_block", "midi_sending"}
TOWER = (("constants", "compile", "memory", "journal", "abi", "resolved_patch"), ("dsp",), ("effects",), ("timbre",), ("modulation",),
         ("rings", "output", "insert_layout", "host_events"), ("voice",),
         ("notes",), ("state", "memory_ahead", "worker_side", "reader_side", "audition", "insert", "render", "first_block", "midi_sending"),
         ("callback",), ("jack_process", "engine"))
RANK = {room: rank for rank, rooms in enumerate(TOWER) for room in rooms}
MOST_RECORDS, MOST_LINES = 5, 300
FILES = {".".join(file.relative_to(ENGINE).with_suffix("").parts): file for file in sorted(ENGINE.rglob("*.py"))}


def whole_state() -> set[str]:
    """Names of the records that the state is made of."""
    from synth.engine.state import STATE

    return {name for name in STATE.names if STATE[name].names} | {"v", "ch", "event", "envelope"}


def kernels(tree: ast.Module) -> list[ast.FunctionDef]:
    """Functions marked as kernels, and those that are compiled by hand."""
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)
            and any(ast.unparse(mark).startswith(("kernel", "cfunc")) for mark in node.decorator_list)]


def complaints(source: str, is_door: bool, records: set[str]) -> list[str]:
    """What a file's kernels do against the house's rules."""
    found = []
    for node in kernels(ast.parse(source)):
        names = [a.arg for a in node.args.args]
        if not is_door and {"s", "state", "engine"} & set(names):
            found.append(f"{node.name} sees the whole state")
        taken = records & set(names)
        if len(taken) > MOST_RECORDS and "because" not in (ast.get_docstring(node) or ""):
            found.append(f"{node.name} takes {len(taken)} records and does not say why")
    return found


@pytest.mark.parametrize("module", FILES)
def test_kernels_take_the_records_they_name(module):
    source = FILES[module].read_text(encoding="utf-8")
    assert not complaints(source, module in DOORS, whole_state())
    assert source.count("\n") <= MOST_LINES


def test_a_kernel_that_sees_too_much_is_told():
    too_many = ", ".join(sorted(whole_state())[:MOST_RECORDS + 1])
    source = (f"@kernel\ndef a(s, i):\n    pass\n\n@kernel\ndef b({too_many}):\n    pass\n\n"
              f"@kernel\ndef c({too_many}):\n    '''Six, because.'''\n")
    assert [line.split()[0] for line in complaints(source, False, whole_state())] == ["a", "b"]
    assert [line.split()[0] for line in complaints(source, True, whole_state())] == ["b"]


def imported(module: str) -> set[str]:
    """Rooms and files of the engine that a module imports."""
    package = module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level and node.level <= len(package) + 1:
            base = package[:len(package) - node.level + 1] + (node.module.split(".") if node.module else [])
            found |= {".".join([*base, alias.name]) for alias in node.names}
    return found


@pytest.mark.parametrize("module", [m for m in FILES if not m.endswith("__init__")])
def test_imports_point_down_the_tower(module):
    rooms = {name.split(".")[0] for name in imported(module)}
    assert rooms <= set(RANK), f"{module}: which rank has {rooms - set(RANK)}?"
    assert all(RANK[room] <= RANK[module.split(".")[0]] for room in rooms), f"{module} imports {rooms}"
    assert "state" not in rooms or module in DOORS


def test_nobody_else_imports_the_state():
    root = ENGINE.parent.parent
    files = [f for room in ("synth", "training", "tools") for f in (root / room).rglob("*.py") if ENGINE not in f.parents]
    files.remove(root / "tools" / "step_engine.py")  # it stands in for the doors where nothing is compiled
    assert [f for f in files if "engine.state import" in f.read_text(encoding="utf-8")] == []
