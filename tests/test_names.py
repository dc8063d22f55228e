"""One word a concept (docs/glossary.md): names that the glossary replaced do not come back, and every file it names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(file for package in ("synth", "training") for file in (ROOT / package).rglob("*.py") if "_bundled" not in file.parts)
OLD_MODULES = {  # of any room; `bank` and `control` are names of other things by now
    "changes", "applied", "asking", "points", "places", "lanes", "turning", "look_ahead", "plugin", "shaped", "shapes", "keeper", "seen",
    "survey", "ways", "route", "times", "response", "strips", "quads", "quick", "link_once", "keys", "still", "chance", "sounds",
    "settle", "reopen", "atlas", "judge", "half_way", "material", "begin", "player"}
OLD_CLASSES = {"Material", "Shelf", "Loaded", "Keeper", "Shape", "Instrument", "Ways", "Labels", "Lines"}
OLD_FUNCTIONS = {"judge", "half_way", "route", "shed", "settle", "asking", "ask_at", "turning"}
OLD_FIELDS = {"lines", "points", "point", "ways", "way", "asking", "applied", "changes", "told", "shed", "strips", "places"}  # of a dtype
OLD_EVENTS = {"SEEN"}
RECORD_LETTERS = re.compile(r"[iuf][1248]|S\d+")


def dtype_fields(tree: ast.AST):
    """Names of fields in lists that declare a dtype: tuples of a name and a type or another record."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) in (2, 3) and isinstance(name := node.elts[0], ast.Constant):
            kind = node.elts[1]
            plain = isinstance(kind, ast.Constant) and isinstance(kind.value, str) and RECORD_LETTERS.fullmatch(kind.value)
            if isinstance(name.value, str) and (plain or isinstance(kind, ast.Name) and kind.id.isupper()):
                yield name.value, node.lineno


def test_old_names_are_gone():
    found = [f"{file.relative_to(ROOT)}: module" for file in FILES if file.stem in OLD_MODULES]
    for file in FILES:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = [(n.name, n.lineno, OLD_CLASSES) for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
        named += [(n.name, n.lineno, OLD_FUNCTIONS) for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        named += [(name, line, OLD_FIELDS) for name, line in dtype_fields(tree)]
        named += [(t.id, n.lineno, OLD_EVENTS) for n in ast.walk(tree) if isinstance(n, ast.Assign) for t in n.targets
                  if isinstance(t, ast.Name)]
        found += [f"{file.relative_to(ROOT)}:{line}: {name}" for name, line, old in named if name in old]
    assert not found, "docs/glossary.md has another word for: " + "; ".join(found)


def test_the_check_sees_fields():
    fields = dict(dtype_fields(ast.parse('A = [("lines", "i4"), ("point", POINT), ("weights", "f4", (4,)), (64, 0.0)]')))
    assert set(fields) == {"lines", "point", "weights"}


def test_every_file_of_the_glossary_is_there():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    lacking = []
    for line in text.splitlines():
        if line.startswith("|"):
            folder = Path()
            for path in re.findall(r"`([\w/.-]+(?:\.py|/))`", line.split("|")[-2]):
                here = next((base for base in (ROOT / "synth", ROOT, ROOT / "synth" / folder) if (base / path).exists()), None)
                folder = Path(path).parent if "/" in path else folder
                lacking += [] if here else [path]
    assert not lacking


def test_no_word_of_the_glossary_stands_twice():
    rows = [line.split("|")[1].strip() for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
            if line.startswith("| ")]
    words = [word.strip() for row in rows if row not in ("word", "---") for word in row.split(",")]
    assert len(words) == len(set(words)), sorted({word for word in words if words.count(word) > 1})
