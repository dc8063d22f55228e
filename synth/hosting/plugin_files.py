"""Where plug-ins lie on each system, and the hash that says whether one is the file that was looked at."""

import hashlib
import os
import sys
from pathlib import Path

from ..errors import UserError

ENDINGS = {".vst3": "vst3", ".lv2": "lv2", ".component": "au"}
CLAP = ".clap"
NO_CLAP = "neither of the hosts (minihost, pedalboard) runs CLAP; use the VST3 or LV2 of the same plug-in"


def standard_folders() -> list[tuple[str, Path]]:
    """(kind, folder) in the order in which they are searched; `VST3_PATH` and `LV2_PATH` name more, which come first."""
    home = Path.home()
    if sys.platform == "darwin":
        bases = [home / "Library/Audio/Plug-Ins", Path("/Library/Audio/Plug-Ins")]
        found = [(kind, base / name) for base in bases for kind, name in (("vst3", "VST3"), ("au", "Components"), ("lv2", "LV2"))]
    elif os.name == "nt":
        common = Path(os.environ.get("COMMONPROGRAMFILES", r"C:\Program Files\Common Files"))
        local = Path(os.environ.get("LOCALAPPDATA", str(home / "AppData/Local"))) / "Programs/Common/VST3"
        found = [("vst3", local), ("vst3", common / "VST3"), ("lv2", Path(os.environ.get("APPDATA", str(home))) / "LV2"),
                 ("lv2", common / "LV2")]
    else:
        found = [(kind, base / f"{dot}{kind}") for base, dot in ((home, "."), (Path("/usr/local/lib"), ""), (Path("/usr/lib"), ""))
                 for kind in ("vst3", "lv2")]
    named = [(kind, os.environ.get(f"{kind.upper()}_PATH", "").split(os.pathsep)) for kind in ("vst3", "lv2")]
    return [(kind, Path(part)) for kind, parts in named for part in parts if part] + found


def list_plugins() -> list[tuple[str, Path]]:
    """(kind, file or bundle) of everything in the standard folders that is called as a plug-in is, the first of a name of each kind."""
    found: dict[tuple[str, str], Path] = {}
    for kind, folder in standard_folders():
        for ending in (ending for ending, of in ENDINGS.items() if of == kind):
            for file in sorted(folder.glob(f"*{ending}")) + sorted(folder.glob(f"*/*{ending}")):
                found.setdefault((kind, file.stem), file)
    return [(kind, file) for (kind, _), file in sorted(found.items(), key=lambda row: (row[0][1].casefold(), row[0][0]))]


def list_claps() -> list[Path]:
    """CLAP plug-ins in their standard folders, which cannot be run."""
    home = Path.home()
    if sys.platform == "darwin":
        folders = [base / "Library/Audio/Plug-Ins/CLAP" for base in (home, Path("/"))]
    elif os.name == "nt":
        folders = [Path(os.environ.get("COMMONPROGRAMFILES", r"C:\Program Files\Common Files")) / "CLAP"]
    else:
        folders = [home / ".clap", Path("/usr/local/lib/clap"), Path("/usr/lib/clap")]
    named = [Path(part) for part in os.environ.get("CLAP_PATH", "").split(os.pathsep) if part]
    return sorted({file for folder in (*named, *folders) for pattern in (f"*{CLAP}", f"*/*{CLAP}") for file in folder.glob(pattern)})


def kind_of(file: Path) -> str:
    """'vst3', 'lv2' or 'au' by the file's ending. Raises UserError."""
    kind = ENDINGS.get(file.suffix.lower())
    if file.suffix.lower() == CLAP:
        raise UserError(f"{file.name} cannot be played: {NO_CLAP}")
    if kind is None:
        raise UserError(f"{file}: a plug-in ends in {', '.join(ENDINGS)}")
    if not file.exists():
        raise UserError(f"{file}: no such plug-in")
    return kind


def hash_of(file: Path) -> str:
    """sha256 of a plug-in: its file, or all of its bundle. Raises UserError."""
    digest = hashlib.sha256()
    parts = [file] if file.is_file() else sorted(part for part in file.rglob("*") if part.is_file())
    try:
        for part in parts:
            digest.update(str(part.relative_to(file)).encode() + b"\0")
            with part.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from None
    return digest.hexdigest()
