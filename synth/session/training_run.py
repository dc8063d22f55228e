"""A model that is trained beside what is played: a folder is looked through, a run is started, stopped and gone on with, each in a process
of its own. `training` is not imported here: its command line is all that is known of it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import paths
from ..errors import UserError
from ..text import counted, printable
from .child_process import ChildProcess

MARK, PICTURES = "progress ", "reconstructions.npz"
CHECKING, CHECKED, LEARNING, STOPPED, DONE, FAILED = "checking", "checked", "learning", "stopped", "done", "failed"
MAKING, MADE = "making", "made"  # an instrument of recordings
_MOST_PICTURES = 24


@dataclass
class Findings:
    """What a folder holds: counts, what was left out and why, and some of its cycles float32[n, 2048].

    dataset: what is learnt from: where the cycles were put, or the folder itself, of whose whole notes `cycles` is the number.
    """

    folder: Path
    dataset: Path
    cycles: int = 0
    groups: int = 0
    files: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    pictures: np.ndarray = field(default_factory=lambda: np.zeros((0, 2048), np.float32))
    whole_notes: bool = False

    @property
    def words(self) -> str:
        """Of all that, in one line; of notes as the command says it."""
        if self.whole_notes:
            return f"{counted(self.cycles, 'note')}, {self.groups} of them different; {len(self.left_out)} left out"
        found = f"{counted(self.cycles, 'cycle')} of {counted(self.files, 'file')}"
        return f"{found}, {self.groups} of them different; {len(self.left_out)} left out"


class TrainingRun:
    """One folder and one run at a time. stage: one of those above, or ''. facts: the newest line of the run's progress.

    tell: takes a sentence for the player. learnt: told the folder of each model that can be played while it learns, and its name when
    it is done.
    """

    def __init__(self, tell: Callable[[str], object], learnt: Callable[[str, bool], object]) -> None:
        self._tell, self._learnt = tell, learnt
        self.stage, self.words, self.name = "", "", ""
        self.findings: Findings | None = None
        self.facts: dict[str, Any] = {}
        self._child: ChildProcess | None = None
        self._asked_to_stop = False
        self._model = ""
        self.made: Path | None = None  # the instrument that was made last
        self._learns_from: Path | None = None  # of the run that was started last
        self._whole_notes = False  # whether what was learnt last, or is now, are whole notes
        self._adapted: tuple[Path, str] | None = None  # a folder of notes, and the model that was adapted to them

    @property
    def is_running(self) -> bool:
        """Whether a folder is looked through or a model learns."""
        return self.stage in (CHECKING, LEARNING, MAKING)

    @property
    def can_resume(self) -> bool:
        """Whether the run of this name stopped before its end; of notes there is nothing to go on with."""
        return (bool(self.name) and not self.is_running and not self._whole_notes and self.stage != DONE
                and (self._runs(self.name) / "last.pt").is_file())

    @staticmethod
    def _runs(name: str) -> Path:
        return paths.training_output_folder() / ".runs" / name

    def pictures(self) -> tuple[np.ndarray, np.ndarray] | None:
        """(levels float32[n, 127] in dB of held-out sounds, the same as it draws them now); None of notes, or before there are any."""
        if self._whole_notes:
            return None
        try:
            with np.load(self._runs(self.name) / "live" / PICTURES) as found:
                return found["target_db"], found["drawn_db"]
        except (OSError, ValueError, KeyError):
            return None

    # ---- what is asked for -----------------------------------------------------------------------------------------
    def check(self, folder: Path, whole_notes: bool = False) -> None:
        """Look through a folder, for cycles or for whole notes; returns when that is done. Raises UserError where nothing can be learnt."""
        self._free()
        self.facts = {}
        if whole_notes:
            self._check_notes(folder)
            return
        target = paths.user_folder() / "training"
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{target}: cannot be made ({error.strerror})") from None
        dataset = target / f"{folder.name or 'sounds'}.npz"
        self.findings = None
        lines: list[str] = []
        self._follow(CHECKING, ["cycles", str(folder), "-o", str(dataset), "--json"], lines.append)
        report = json.loads(lines[-1])
        self.findings = Findings(folder, Path(report["dataset"]), report["cycles"], report["groups"], len(report["files"]),
                                 report["left_out"], _some_cycles(Path(report["dataset"])))
        self._checked()

    def _check_notes(self, folder: Path) -> None:
        self.findings = None
        lines: list[str] = []

        def take(line: str) -> None:
            lines.append(line)
            if line.startswith(MARK):
                self._take(line)

        self._follow(CHECKING, ["train", str(folder), "--notes", "--check", "--live", "--name", folder.name or "notes"], take)
        report = json.loads(lines[-1])
        self.findings = Findings(folder, folder, report["notes"], report["different"], 0, report["left_out"],
                                 _cycles_of(report["levels_db"]), whole_notes=True)
        self._checked()

    def _checked(self) -> None:
        assert self.findings
        self.stage, self.facts = CHECKED, {}
        self._tell(f"{printable(self.findings.folder.name)}: {self.findings.words}")

    def learn(self, name: str, minutes: float | None, resume: bool = False) -> None:
        """Train on what was looked through; returns when the run ends. Raises UserError."""
        self._free()
        if self.findings is None and not resume:
            raise UserError("look through a folder first")
        self.name, self.facts, self._asked_to_stop, self._model = name, {}, False, ""
        found = self.findings
        self._whole_notes = found is not None and found.whole_notes and not resume
        if not resume and found:
            self._learns_from = found.dataset
        data = [str(self._learns_from)] if self._learns_from else []
        more = (["--minutes", f"{minutes:g}"] if minutes else []) + ["--resume"] * resume + ["--notes"] * self._whole_notes
        code = self._follow(LEARNING, ["train", *data, "--name", name, "--live", *more], self._take)
        if self._asked_to_stop and (code or not self._whole_notes):
            self.stage = STOPPED
            self._tell(f"'{printable(name)}' stopped; nothing was made" if self._whole_notes else
                       f"'{printable(name)}' stopped, everything is saved; Resume goes on")
            return
        self.stage = DONE
        if self._whole_notes and found:
            self._adapted = found.folder, name
        self._tell(f"'{printable(name)}' has learnt{', as far as it came' * self._asked_to_stop}: it stands among the models" + (
            "; Instrument makes one of your notes, played by it" if self._whole_notes else ", with presets of its own"))
        self._learnt(name, True)

    def make_instrument(self, source: Path, name: str) -> Path | None:
        """An instrument of the notes in a file or folder, on the model that was adapted to them, if any.

        Answers its folder, None where it was stopped. Raises UserError.
        """
        self._free()
        self.facts, self._asked_to_stop = {}, False
        lines: list[str] = []

        def take(line: str) -> None:
            if line.startswith(MARK):
                self.facts = json.loads(line.removeprefix(MARK))
            lines.append(line)

        model = ["--model", self._adapted[1]] if self._adapted and self._adapted[0] == source else []
        self._follow(MAKING, ["instrument", str(source), "-o", name, "--json", "--live", *model], take)
        if self._asked_to_stop:
            self.stage, self.words = "", "stopped; nothing was made"
            return None
        report = json.loads(lines[-1])
        self.stage, left_out = MADE, report["left_out"]
        passed = f"; {len(left_out)} left out: {next(iter(left_out))} {next(iter(left_out.values()))}" if left_out else ""
        page = f"report: {printable(report['page'])}"
        made = f"'{printable(name)}': {counted(len(report['zones']), 'note')}, {report['whole_db']:.2f} dB from the recordings "
        made += f"({report['verdicts']['whole_db']}){passed}"
        self.words, self.facts = f"{made}; {page}", {"rows": (made, page)}
        self.made = Path(report["folder"])
        return self.made

    def stop(self) -> None:
        """Ask it to stop at the next step; it saves what it has."""
        self._asked_to_stop = True
        if self._child:
            self._child.stop()

    def end(self) -> None:
        """At the end of the instrument: stop and wait until all is saved."""
        if self.is_running and self._child:
            self.stop()
            self._child.end()

    # ---- how -------------------------------------------------------------------------------------------------------
    def _free(self) -> None:
        if self.is_running:
            raise UserError("training is busy; stop it first")

    def _follow(self, stage: str, arguments: list[str], take: Callable[[str], object]) -> int:
        """Until the process has ended; answers its exit code, which is only not 0 where it was asked to stop."""
        self.stage = stage
        try:
            self._child = ChildProcess(arguments, take)
            code = self._child.wait()
        except OSError as error:
            self.stage = FAILED
            raise UserError(f"no process can be begun ({error.strerror})") from None
        if code and not self._asked_to_stop:
            self.stage = FAILED
            raise UserError(self._child.last.removeprefix("latentwave: error: ")[:300] or "it ended before it was done")
        return code

    def _take(self, line: str) -> None:
        if not line.startswith(MARK):
            self.words = printable(line)[:200]
            return
        facts = json.loads(line.removeprefix(MARK))
        if facts.get("stage") == "told":
            self._tell(facts["sentence"])
            return
        self.facts = facts
        if facts.get("model") and facts["model"] != self._model:
            self._model = facts["model"]
            self._learnt(self._model, False)


def _some_cycles(dataset: Path) -> np.ndarray:
    """Cycles evenly along a data set."""
    try:
        if dataset.is_dir():
            cycles = np.load(dataset / "cycles.npy", mmap_mode="r")
        else:
            with np.load(dataset) as found:
                cycles = found["cycles"]
    except (OSError, ValueError, KeyError):
        return np.zeros((0, 2048), np.float32)
    return np.array(cycles[np.linspace(0, len(cycles) - 1, min(len(cycles), _MOST_PICTURES)).astype(int)], np.float32)


def _cycles_of(levels_db: list[list[float]]) -> np.ndarray:
    """Levels in dB of the first harmonics [n][k] -> cycles of sines float32[n, 2048]."""
    bins = np.zeros((len(levels_db), 1025), complex)
    for row, levels in zip(bins, levels_db, strict=True):
        row[1:len(levels) + 1] = -1j * 10 ** (np.array(levels) / 20)
    return np.fft.irfft(bins).astype(np.float32)
