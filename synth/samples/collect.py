"""A folder of sounds -> a data set on disk, with a report: what `latentwave cycles` does."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import UserError
from .dataset import check_frame_size, notes_of, nothing_usable
from .finding import Refusal
from .folder import Progress, scan
from .groups import describe, groups_with_notes
from .page import write_page
from .writer import Writer


@dataclass
class Report:
    """Where the data set and its page are, and what became of each file."""

    dataset: str = ""
    page: str = ""
    cycles: int = 0
    groups: int = 0
    files: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, str] = field(default_factory=dict)


def collect(folder: Path, output: Path, frame_size: int | None = None, progress: Progress | None = None) -> Report:
    """Read every file under `folder`, write the data set and its page beside it. Raises UserError where nothing is usable."""
    check_frame_size(frame_size)
    report = Report()
    refusals: list[Refusal] = []
    notes: list[np.ndarray] = []
    with Writer(output) as writer:
        for found in scan(folder, frame_size, progress):
            refusals += found.refusals
            if found.remark:
                report.remarks[found.name] = found.remark
            if found.cuts:
                own = notes_of(found.cuts)
                notes.append(np.where(own >= 0, own + writer.count, -1))
                cuts = [cut for _, cut in found.cuts]
                writer.add(np.stack([cut.cycle for cut in cuts]), [cut.known_harmonics for cut in cuts],
                           [name for name, _ in found.cuts], [cut.freq_hz for cut in cuts])
                report.files[found.name] = len(cuts)
        report.left_out = {refusal.name: refusal.reason for refusal in refusals}
        if not writer.count:
            raise UserError(nothing_usable(folder, refusals))
        cycles = writer.cycles()
        spectra_db = describe(cycles)
        group = groups_with_notes(spectra_db, np.concatenate(notes), writer.pitches_hz())
        report.cycles, report.groups = writer.count, int(group.max()) + 1
        page = write_page(writer.path, cycles, writer.names(), spectra_db, report.left_out, report.remarks)
        del cycles
        writer.finish(group)
    report.dataset, report.page = str(writer.path), str(page)
    return report
