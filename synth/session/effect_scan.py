"""Looking at the plug-ins of this machine from the window: in a thread, with how far it is; and what there is to add to a chain."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from ..hosting.builtins import BUILTINS
from ..hosting.plugin_files import list_plugins
from ..hosting.scan import WORKS, Verdict, known_verdicts, scan
from ..text import counted
from .background import in_thread


class EffectChoice(NamedTuple):
    """What may be put into a chain. words: as `add_effect` takes it. kind: 'builtin', 'vst3', 'lv2' or 'au'. why: it cannot, or ''."""

    words: str
    name: str
    kind: str
    why: str = ""


def effect_choices() -> list[EffectChoice]:
    """Built-in effects, plug-ins that were looked at, and those that cannot be used, last. Of one name those with an editor come first."""
    builtins = [EffectChoice(f"builtin:{name}", name, "builtin") for name in sorted(BUILTINS)]
    found = sorted(known_verdicts().values(), key=lambda v: (v.verdict != WORKS, v.name.casefold(), v.kind == "lv2", v.kind))
    return builtins + [EffectChoice(v.plugin, v.name, v.kind, "" if v.verdict == WORKS else v.verdict) for v in found]


class EffectScan:
    """One scan at a time. done, of: plug-ins looked at, and all of them; name: of the one before."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._future: Future[list[Verdict]] | None = None
        self.done = self.of = 0
        self.name = ""

    @property
    def is_running(self) -> bool:
        """Whether plug-ins are being looked at."""
        return self._future is not None and not self._future.done()

    def start(self, again: bool = False) -> "Future[list[Verdict]]":
        """Look at those that are new, or `again` at all. Its future answers the verdicts."""
        if self._future is None or self._future.done():
            self.done, self.of, self.name = 0, 0, ""
            self._future = in_thread(lambda: self._scan(again), self._tell)
        return self._future

    def _scan(self, again: bool) -> list[Verdict]:
        self.of = len(list_plugins())
        found = scan(self._note, again)
        work = sum(verdict.verdict == WORKS for verdict in found)
        self._tell(f"{counted(len(found), 'plug-in')} on this machine, {work} of them {'works' if work == 1 else 'work'}" if found else
                   "no plug-ins lie in the folders of this system; docs/plug-ins.md tells which those are")
        return found

    def _note(self, verdict: Verdict) -> None:
        self.done, self.name = self.done + 1, verdict.name
