"""Text that others wrote: decoded, cut into lines, and made safe to print."""

import codecs
import json
import re
from typing import Any

_MARKS = (  # UTF-32's before UTF-16's, which begin alike
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LINE_END = re.compile(r"\r\r\n|\r\n|\r|\n")  # CR CR LF: written twice as text
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def decode_text(raw: bytes, otherwise: str = "") -> str:
    """Text of a file's bytes: as its byte-order mark says, else UTF-8, else `otherwise`. Raises UnicodeDecodeError."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if not otherwise:
            raise
        return raw.decode(otherwise)


def split_lines(text: str) -> list[str]:
    """Lines that end at LF, CR, CR LF or CR CR LF alone; `str.splitlines` also cuts at U+0085, U+2028 and others, which are text."""
    lines = _LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


def printable(words: object) -> str:
    """Words on one line that cannot drive a terminal: control characters become spaces, bytes of a name that is no text become '?'."""
    text = str(words)
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" if "\ud800" <= c <= "\udfff" else " " for c in text)


def as_file_name(words: str, allowed: str = " -_") -> str:
    """Words as every system takes them in a file's name: letters, digits and what is `allowed`, a hyphen for all else."""
    return "".join(c if c.isalnum() or c in allowed else "-" for c in words)


def counted(n: float, noun: str, several: str = "") -> str:
    """How many there are of what: `1 note`, `2 notes`. several: the noun where there are none or many, if that is not its name and an s."""
    return f"{n:g} {noun}" if n == 1 else f"{n} {several or noun + 's'}"


def dump_json(value: Any, **how: Any) -> str:
    """JSON that every terminal and encoding takes: what is not printable ASCII is escaped."""
    return json.dumps(value, ensure_ascii=True, **how).replace("\x7f", "\\u007f")


def escape_surrogates(text: str) -> str:
    """JSON text in which halves of characters (from names that are not UTF-8) are written as escapes, so that it can be UTF-8."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def as_whole(value: object) -> object:
    """A whole number written as 1.0 is that number; everything else stays what it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
