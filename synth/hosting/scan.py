"""Verdicts on plug-ins: each is looked at in a process of its own, for ten seconds at most, and what was found is kept by its hash."""

import json
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from .. import paths
from ..errors import UserError, did_you_mean
from ..extras import install_command
from .child_command import command_of, environment
from .plugin_files import hash_of, kind_of, list_plugins

LIMIT_S = 10.0
_RATE_HZ = 48000
_FORMAT = 1
WORKS = "works"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a plug-in's file. verdict: 'works', 'crashes', 'hangs', 'no numbers', 'no effect' or 'cannot be opened'; why: as a
    sentence goes on. latency: frames at 48 kHz. params: name, low, high and text of each.
    """

    file: str
    kind: str
    name: str
    sha256: str
    verdict: str
    why: str = ""
    latency: int = 0
    params: tuple[dict, ...] = ()

    @property
    def plugin(self) -> str:
        """As a chain names it."""
        return f"{self.kind}:{self.name}"


def cache_file() -> Path:
    """Where verdicts are kept."""
    return paths.user_folder() / "plugins.json"


def known_verdicts() -> dict[str, Verdict]:
    """Verdicts by file; none where nothing was looked at, or what is kept cannot be read."""
    try:
        data = json.loads(cache_file().read_text(encoding="utf-8"))
        rows = data["files"] if data["format"] == _FORMAT else []
        return {row["file"]: Verdict(**{**row, "params": tuple(row["params"])}) for row in rows}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _keep(found: dict[str, Verdict]) -> None:
    cache_file().parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(verdict) for _, verdict in sorted(found.items())]
    paths.write_whole(cache_file(), (json.dumps({"format": _FORMAT, "files": rows}, indent=1) + "\n").encode())


def scan(told: Callable[[Verdict], None] = lambda verdict: None, again: bool = False) -> list[Verdict]:
    """Look at every plug-in in the usual folders that was not looked at as it is; `again`: at all of them. Raises UserError."""
    known, found = known_verdicts(), {}
    for _, file in list_plugins():
        found[str(file)] = verdict = _fresh(known.get(str(file)), file, again)
        told(verdict)
        _keep({**known, **found})
    elsewhere = {file: verdict for file, verdict in known.items() if file not in found and Path(file).exists()}
    _keep({**elsewhere, **found})
    return [*found.values()]


def verdict_on(file: Path, again: bool = False) -> Verdict:
    """The verdict on one plug-in, kept if it is as it was. Raises UserError where there is none of that name."""
    known = known_verdicts()
    verdict = _fresh(known.get(str(file)), file, again)
    if verdict is not known.get(str(file)):
        _keep({**known_verdicts(), str(file): verdict})
    return verdict


def _fresh(before: Verdict | None, file: Path, again: bool) -> Verdict:
    kind, digest = kind_of(file), hash_of(file)
    if before and before.sha256 == digest and not again:
        return before
    return _look(Verdict(str(file), kind, file.stem, digest, ""))


def _look(blank: Verdict) -> Verdict:
    process = subprocess.Popen(command_of("scan_child", blank.file, _RATE_HZ), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, env=environment(), start_new_session=os.name == "posix")
    try:
        answer, _ = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return replace(blank, verdict="hangs", why=f"does not answer within {LIMIT_S:g} s")
    if process.returncode != 0 or not answer:
        return replace(blank, verdict="crashes", why=f"ends the process that opens it ({death_of(process.returncode)})")
    told = json.loads(answer)
    if not told["verdict"]:
        raise UserError(f"plug-ins cannot be looked at: {told['why']}; {install_command('host')}")
    return replace(blank, verdict=told["verdict"], why=told["why"], latency=told.get("latency", 0), params=tuple(told.get("params", ())))


def death_of(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def find_plugin(kind: str, name: str, file: str = "") -> Path:
    """The file of a plug-in by kind and name, in the usual folders or where it lay. Raises UserError naming near ones."""
    if file and Path(file).exists():
        return Path(file)
    files = list_plugins()
    found = next((path for of, path in files if of == kind and path.stem.casefold() == name.casefold()), None)
    if found is None:
        near = did_you_mean(name, [path.stem for of, path in files if of == kind])
        raise UserError(f"no {kind.upper()} plug-in is called '{name}' here{near}; `latentwave plugins list --effects` tells what there is")
    return found
