"""Sample maps of others: SFZ and Decent Sampler presets, as far as they say which file is which note."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

from ..errors import UserError
from ..text import decode_text, printable, split_lines
from .names import note_named

SUFFIXES = (".sfz", ".dspreset")
_MOST_BYTES = 16 << 20
_OPCODE = re.compile(r"(\w+)=(.*?)(?=\s+\w+=|$)")
_HEADER = re.compile(r"<(\w+)>")


@dataclass(frozen=True)
class Region:
    """One row of a map: a sound file; its key, velocity, ranges and take, None where the map is silent."""

    path: Path
    key: int | None = None
    keys: tuple[int, int] | None = None
    velocities: tuple[int, int] | None = None
    take: int = 0


def read_map(path: Path) -> list[Region]:
    """Regions of a map file. Raises UserError where it cannot be read, or names no sound."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserError(f"{printable(path)} is too large for a sample map")
        text = decode_text(path.read_bytes(), "latin-1")
    except OSError as error:
        raise UserError(f"{printable(path)} cannot be read ({error.strerror or error})") from None
    regions = _sfz(text, path.parent) if path.suffix.lower() == ".sfz" else _decent(text, path)
    if not regions:
        raise UserError(f"{printable(path)} names no sound files; give the folder of sounds itself")
    return regions


def _sfz(text: str, folder: Path) -> list[Region]:
    found: list[Region] = []
    levels: dict[str, dict[str, str]] = {"control": {}, "global": {}, "master": {}, "group": {}}
    header, opcodes = "", {}  # type: str, dict[str, str]
    defines: dict[str, str] = {}

    def close() -> None:
        if header == "region":
            every = {**levels["global"], **levels["master"], **levels["group"], **opcodes}
            if "sample" in every:
                found.append(_sfz_region(every, folder, levels["control"].get("default_path", "")))
        elif header in levels:
            levels[header] = opcodes
            for lower in list(levels)[list(levels).index(header) + 1:] if header != "control" else ():
                levels[lower] = {}

    for line in split_lines(text):
        line = re.split(r"(?:^|\s)//", line)[0]
        define = re.match(r"\s*#define\s+(\$\w+)\s+(\S+)", line)
        if define:
            defines[define[1]] = define[2]
            continue
        for name, value in defines.items():
            line = line.replace(name, value)
        pieces = _HEADER.split(line)
        for index, piece in enumerate(pieces):
            if index % 2:
                close()
                header, opcodes = piece.lower(), {}
            else:
                opcodes.update({match[1].lower(): match[2].strip() for match in _OPCODE.finditer(piece)})
    close()
    return found


def _sfz_region(opcodes: dict[str, str], folder: Path, default_path: str) -> Region:
    key = _key(opcodes.get("pitch_keycenter", opcodes.get("key")))
    one = _key(opcodes.get("key"))
    return Region(folder / (default_path + opcodes["sample"]).replace("\\", "/"), key,
                  _range(opcodes, "lokey", "hikey", (0, 127)) or (None if one is None else (one, one)),
                  _range(opcodes, "lovel", "hivel", (1, 127)), _number(opcodes.get("seq_position")) or 0)


def _decent(text: str, path: Path) -> list[Region]:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # nothing a preset needs; entities can be made to fill the memory
        raise UserError(f"{printable(path)} is no Decent Sampler preset (it declares entities)")
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise UserError(f"{printable(path)} is damaged ({error})") from None
    found = []
    for group in root.iter("group"):
        for sample in group.iter("sample"):
            values = {**{k.lower(): v for k, v in group.attrib.items()}, **{k.lower(): v for k, v in sample.attrib.items()}}
            if values.get("path"):
                found.append(Region(path.parent / values["path"].replace("\\", "/"), _key(values.get("rootnote")),
                                    _range(values, "lonote", "hinote", (0, 127)), _range(values, "lovel", "hivel", (1, 127)),
                                    _number(values.get("seqposition")) or 0))
    return found


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and re.fullmatch(r"-?\d{1,4}", value.strip()) else None


def _key(value: str | None) -> int | None:
    number = _number(value)
    if number is not None:
        return number if 0 <= number <= 127 else None
    return note_named(value.strip()) if value else None


def _range(opcodes: dict[str, str], low: str, high: str, limits: tuple[int, int]) -> tuple[int, int] | None:
    """(low, high) within limits, or None where neither is told or they make no range."""
    first, last = _key(opcodes.get(low)), _key(opcodes.get(high))
    if first is None and last is None:
        return None
    found = max(limits[0], limits[0] if first is None else first), min(limits[1], limits[1] if last is None else last)
    return found if found[0] <= found[1] else None
