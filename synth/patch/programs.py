"""Which preset a program change picks: bank 0 holds the factory's presets, bank 1 the user's own, each numbered by a file.

`order.txt` in a folder of presets names one a line: the n-th is program n, counted from 0. The factory's is fixed and only ever
grows at its end. The user's may be edited; a preset that it does not name yet is added at its end, and a name whose file is gone
keeps its place, so that no number moves by itself. Presets of installed packages are numbered among the user's own.
"""

import codecs
import contextlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from .. import paths
from ..errors import UserError
from ..events import Event, Kind
from .preset_file import write_text

ORDER_FILE = "order.txt"
BANK_SIZE = 128
FACTORY, USER = 0, 1
_FACTORY_MORE = 119  # the factory's presets beyond 128 begin bank 120: the banks after 1 are the user's
_ROUND = 24  # the factory's programs beyond its last go round its first 24, however many are added later
_COARSE, _FINE = 0, 32  # MIDI 1.0 Detailed Specification 4.2, bank select


@dataclass(frozen=True, slots=True)
class Program:
    """A preset's file and the bank and program number (0..127) that pick it."""

    bank: int
    number: int
    file: Path


class BankSelect:
    """What each MIDI channel has chosen by bank select. Bank n is CC0 = n or CC32 = n with the other at 0, as keyboards differ."""

    def __init__(self) -> None:
        self._chosen = [[0, 0] for _ in range(16)]

    def take(self, event: Event) -> tuple[int, int] | None:
        """(bank, program number) where the event is a program change; a bank select is remembered until then."""
        coarse, fine = chosen = self._chosen[event.channel & 15]
        if event.kind == Kind.CONTROL and event.number in (_COARSE, _FINE):
            chosen[event.number == _FINE] = int(event.value) & 127
        if event.kind != Kind.PROGRAM:
            return None
        return (coarse * BANK_SIZE + fine if coarse and fine else coarse or fine), event.number


def list_programs() -> list[Program]:
    """Every preset with its numbers, the factory's first. Presets of the user's that have no number yet are given one for good."""
    factory = _numbered(_factory_order(), paths.shipped_presets(), FACTORY)
    return factory + _numbered(_user_order(), paths.added_presets(), USER)


def find_program(bank: int, number: int) -> Path:
    """The file that a program change picks. Raises UserError where nothing has that number."""
    found = {(p.bank, p.number): p.file for p in list_programs()}
    if bank == FACTORY and (bank, number) not in found:
        number %= _ROUND
    if (bank, number) not in found:
        raise UserError(f"no preset at program {number} of bank {bank}; `latentwave presets` lists their numbers")
    return found[bank, number]


def user_order_file() -> Path:
    """Where the numbers of the user's own presets are kept."""
    return paths.user_folder() / "presets" / ORDER_FILE


def _key(name: str) -> str:
    """What two spellings of a preset's name share."""
    line = " ".join(name.encode("utf-8", "replace").decode().split())
    return unicodedata.normalize("NFC", line.removesuffix(".json")).casefold()


def _names(text: str) -> list[str]:
    """The names of an order file: a line each; blank lines and those that begin with # are passed over."""
    lines = (line.strip() for line in text.splitlines())
    return list({_key(line): None for line in lines if line and (line[0] != "#" or line.endswith(".json"))})


def _numbered(order: list[str], files: list[Path], bank: int) -> list[Program]:
    """Files in the order of their keys; those it does not name follow at its end."""
    by_key = {_key(file.stem): file for file in files}
    keys = order + [key for key in by_key if key not in order]
    more = _FACTORY_MORE if bank == FACTORY else bank
    return [Program(bank if i < BANK_SIZE else more + i // BANK_SIZE, i % BANK_SIZE, by_key[key])
            for i, key in enumerate(keys) if key in by_key]


def _factory_order() -> list[str]:
    file = paths.bundled_folder() / "presets" / ORDER_FILE
    return _names(file.read_text(encoding="utf-8")) if file.is_file() else []


def _decoded(raw: bytes) -> str:
    """Text as editors save it: UTF-8, UTF-16 with its mark, else Windows' western code page."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _user_order() -> list[str]:
    """Keys of the user's order file, to which presets that it does not name are added."""
    file = user_order_file()
    try:
        text = _decoded(file.read_bytes())
    except OSError:
        text = ""
    order = _names(text)
    new = [preset.stem for preset in paths.added_presets() if _key(preset.stem) not in order]
    if new:
        lines = [" ".join(name.split()) + (".json" if name.startswith("#") else "") for name in new]
        _keep(file, text, [line.encode("utf-8", "replace").decode() for line in lines])
    return order + [_key(name) for name in new]


def _keep(file: Path, text: str, lines: list[str]) -> None:
    """Add lines at the end of the order file; where it cannot be written, numbers follow the names until it can."""
    head = text or ("# Program numbers of your presets, bank 1: the first line is program 0. Move lines to change the order.\n"
                    "# New presets are added at the end; a name whose preset is gone keeps its number.\n")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, (head if head.endswith("\n") else head + "\n") + "\n".join(lines) + "\n")
    except (OSError, UserError):
        return


def note_renamed(old: str, new: str) -> None:
    """A preset of the user's has another name: it keeps its number. Where the file cannot be written, its number is a new one."""
    file = user_order_file()
    try:
        text = _decoded(file.read_bytes())
    except OSError:
        return
    lines = [new if _key(line.strip()) == _key(old) and not line.startswith("#") else line for line in text.splitlines()]
    with contextlib.suppress(UserError):
        write_text(file, "\n".join(lines) + "\n")
