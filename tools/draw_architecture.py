"""Draws docs/pictures/architecture.svg from the code: the rooms of synth/ and training/, and which of them imports which.

`python -m tools.draw_architecture` writes the picture anew; `tests/packaging/test_docs.py` fails where it is not what the code says.
An arrow points from a room to one that it imports. An arrow that follows from two others is left out. Layout by hand: the graph is
small, and Graphviz would be a system package.
"""

import ast
import textwrap
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"
BASICS, EVENTS, LIBRARY = "synth (ground)", "synth (events)", "synth (library)"
DOORS, GROUND = "synth/engine (the doors)", "synth/engine (ground)"
_ABOUT = {BASICS: "Errors, units, paths, texts of others: files at the root of synth/ that know nothing of it.",
          EVENTS: "What can happen to the sound, and MIDI bytes read as such: files at the root of synth/ that know the knobs.",
          LIBRARY: "latentwave in programs of others: load, render, play (api.py).",
          DOORS: "The ways in, and the state put together of the rooms' records: engine, callback, render, state.",
          GROUND: "What every room of the engine may use: sizes, rings, the journal.",
          "synth/commands": "The command line: one module for each family of commands, and the parser.",
          "training": "Training, export and scoring of models; the only part that needs torch."}
_TOP = {"cli", "__main__"}  # files at the root of synth/ that belong to the command line
_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 226, 78, 22, 46, 24
_CHARACTERS, _LINES = 36, 4
Graph = dict[str, set[str]]


def read_modules() -> dict[str, Path]:
    """Every module of synth and training by its dotted name."""
    files = [file for package in ("synth", "training") for file in (ROOT / package).rglob("*.py") if "_bundled" not in file.parts]
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in sorted(files)}


def imports_of(module: str, file: Path, known: dict[str, Path]) -> set[str]:
    """Modules of ours that a module imports, at its top or inside a function."""
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            names |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base for alias in node.names}
    return names & known.keys()


def room_of(module: str, ground: set[str], above: set[str]) -> str:
    """The room of a module. ground: modules at the engine's root that its rooms import; above: those at synth's that know of rooms."""
    parts = module.split(".")
    if parts[0] == "training":
        return "training"
    if parts[1:] == ["api"]:
        return LIBRARY
    if len(parts) < 2 or (len(parts) == 2 and not (ROOT / "synth" / parts[1]).is_dir()):
        return "synth/commands" if parts[-1] in _TOP else EVENTS if module in above else BASICS
    if parts[1] != "engine":
        return f"synth/{parts[1]}"
    if len(parts) > 2 and (ROOT / "synth" / "engine" / parts[2]).is_dir():
        return f"synth/engine/{parts[2]}"
    return GROUND if module in ground else DOORS


def rooms() -> Graph:
    """Room -> rooms that it imports."""
    known = read_modules()
    imported = {module: imports_of(module, file, known) for module, file in known.items()}
    ground = {name for module, names in imported.items() if module.startswith("synth.engine.") and module.count(".") > 2
              for name in names if name.startswith("synth.engine.") and name.count(".") == 2 and known[name].name != "__init__.py"}
    todo = list(ground)
    while todo:  # and what those import
        more = {name for name in imported[todo.pop()] if name.startswith("synth.engine.") and name.count(".") == 2
                and known[name].name != "__init__.py"} - ground
        ground |= more
        todo += more
    above: set[str] = set()
    while more := {module for module, names in imported.items() if module.count(".") == 1 and module.startswith("synth.")
                   and any(name.count(".") > 1 or name in above for name in names)} - above:
        above |= more
    graph: Graph = {}
    for module, names in imported.items():
        here = room_of(module, ground, above)
        graph.setdefault(here, set()).update({room_of(name, ground, above) for name in names} - {here})
    return graph


def reach(graph: Graph, start: str) -> set[str]:
    """Rooms that are imported by a room or by what it imports."""
    found: set[str] = set()
    todo = list(graph[start])
    while todo:
        room = todo.pop()
        if room not in found:
            found.add(room)
            todo += graph[room]
    return found


def without_shortcuts(graph: Graph) -> Graph:
    """The graph without arrows that follow from others; those of a circle all stay."""
    return {room: {to for to in targets if room in reach(graph, to) or not any(
        to in reach(graph, other) and other not in reach(graph, to) for other in targets - {to})} for room, targets in graph.items()}


def layers(graph: Graph) -> list[list[str]]:
    """Rooms in rows, each above all that it imports (a circle's members share what is below them)."""
    below = {room: {to for to in reach(graph, room) if room not in reach(graph, to)} for room in graph}
    depth: dict[str, int] = {}
    for room in sorted(graph, key=lambda name: (len(below[name]), name)):
        depth[room] = 1 + max((depth[to] for to in below[room]), default=-1)
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for room in sorted(graph):
        rows[len(rows) - 1 - depth[room]].append(room)
    return rows


def _about(room: str) -> str:
    file = ROOT / room / "__init__.py"
    if room in _ABOUT or not file.is_file():
        return _ABOUT.get(room, "")
    told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return " ".join(told.split("\n\n")[0].split()).replace("`", "")


def _places(rows: list[list[str]], graph: Graph, width: float) -> dict[str, tuple[float, float]]:
    """Upper left corner of each room; a row is ordered by where what imports it lies."""
    at: dict[str, tuple[float, float]] = {}
    for y, row in enumerate(rows):
        def middle(room: str) -> tuple[float, str]:
            above = [at[other][0] for other in at if room in graph[other]]  # noqa: B023 - used at once
            return (sum(above) / len(above) if above else 0.0, room)
        left = (width - len(row) * (_WIDTH + _GAP_X) + _GAP_X) / 2
        for x, room in enumerate(sorted(row, key=middle)):
            at[room] = (left + x * (_WIDTH + _GAP_X), _MARGIN + y * (_HEIGHT + _GAP_Y))
    return at


def _box(room: str, x: float, y: float) -> list[str]:
    fill = "#fdf1dc" if room.startswith("synth/engine") else "#e8eef7"
    lines = textwrap.wrap(_about(room), _CHARACTERS, max_lines=_LINES, placeholder=" ...")
    return [f'<rect x="{x:.0f}" y="{y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="{fill}" stroke="#44506a"/>',
            f'<text x="{x + 9:.0f}" y="{y + 17:.0f}" class="name">{escape(room)}/</text>'.replace(")/<", ")<"),
            *(f'<text x="{x + 9:.0f}" y="{y + 32 + 13 * i:.0f}">{escape(line)}</text>' for i, line in enumerate(lines))]


def _arrow(start: tuple[float, float], end: tuple[float, float], back: bool) -> str:
    x0, y0, x1, y1 = start[0] + _WIDTH / 2, start[1] + _HEIGHT, end[0] + _WIDTH / 2, end[1]
    if start[1] >= end[1]:
        y0, y1 = start[1] + _HEIGHT / 2, end[1] + _HEIGHT / 2
    bend = max((y1 - y0) / 2, 20)
    return (f'<path d="M{x0:.0f} {y0:.0f} C{x0:.0f} {y0 + bend:.0f} {x1:.0f} {y1 - bend:.0f} {x1:.0f} {y1 - 3:.0f}" '
            f'class="{"back" if back else "down"}" marker-end="url(#head)"/>')


def draw() -> str:
    """The picture as SVG text, the same for the same code."""
    full = rooms()
    graph, rows = without_shortcuts(full), layers(full)
    width = max(len(row) for row in rows) * (_WIDTH + _GAP_X) - _GAP_X + 2 * _MARGIN
    height = len(rows) * (_HEIGHT + _GAP_Y) - _GAP_Y + 2 * _MARGIN
    at = _places(rows, graph, width)
    body = [_arrow(at[room], at[to], at[room][1] >= at[to][1]) for room in sorted(graph) for to in sorted(graph[room])]
    for room in sorted(at):
        body += _box(room, *at[room])
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">\n'
            '<title>Rooms of latentwave: an arrow points to what is imported</title>\n'
            '<style>text{font:11px sans-serif;fill:#333c4e}.name{font-weight:bold;font-size:13px;fill:#111722}'
            'path{fill:none;stroke:#8693ab;stroke-width:1.4}.back{stroke:#c0392b}</style>\n'
            '<defs><marker id="head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0L8 4L0 8z" style="fill:#8693ab;stroke:none"/></marker></defs>\n'
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>\n')
    return head + "\n".join(body) + "\n</svg>\n"


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
