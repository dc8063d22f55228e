"""What a run trains, chooses and reports on: cycles split by near-duplicate group, plus a synthetic bank."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np

from synth.errors import UserError
from synth.samples.dataset import Dataset
from synth.samples.groups import LINK_DB, describe, groups_with_takes, near_any
from synth.text import counted

from ..config import Config
from .features import Pool, pool_of
from .synthetic import synthetic_pool

PARTS = ("train", "val", "test")
SPELT_OUT = {"val": "validation", "test": "test"}
FEWEST_CYCLES = 24
FEWEST_SOUNDS = 6  # groups of near-duplicates, or notes
ASIDE_DB = LINK_DB + 0.5  # what is learnt besides keeps so far from what judges: more than rounding in a baseline's hashes
FIXED_SPLITS = (Path(__file__).parent.parent / "splits" / "akwf.json",)


@dataclass(frozen=True)
class Seen:
    """What a model that a run begins from was trained or chosen on: its split, and floored spectra float32[n, 127]."""

    model: str
    split: str
    spectra_db: np.ndarray


class NothingNew(UserError):
    """Too few sounds are left that the model a run begins from has not seen."""


@dataclass(frozen=True)
class TrainingData:
    """Pools of each part, the bank, and what `evaluate` must later leave out."""

    parts: dict[str, Pool]
    bank: Pool
    split: str
    seen_db: np.ndarray  # float32[n, 127]: floored spectra of train and validation cycles, empty where all is synthetic
    names: tuple[str, ...] = ()  # of the train part, empty where all is synthetic
    more: Pool | None = None  # learnt besides: other collections, which choose and judge nothing


def sounds_of(dataset: Dataset) -> int:
    """Different sounds: cycles of one note are one; single cycles that nobody has grouped yet are each one."""
    return len(np.unique(dataset.group)) if (dataset.group >= 0).all() else len(dataset)


def split_by_group(group: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """80/10/10 by group: row numbers of each part. Small groups and large ones are dealt alike, whole.

    From three groups on no part is empty: where a large group swallowed one, the smallest group to spare goes there.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.unique(group))
    counts = np.bincount(group)[order]
    before = np.concatenate([[0], np.cumsum(counts)[:-1]]) / max(counts.sum(), 1)
    part_of = np.full(group.max() + 1, 0)
    part_of[order[before >= 0.8]] = 1
    part_of[order[before >= 0.9]] = 2
    numbers, sizes = np.unique(group, return_counts=True)
    smallest = numbers[np.argsort(sizes, kind="stable")]
    for part in (1, 2):
        spare = [number for number in smallest if (part_of[numbers] == part_of[number]).sum() > 1]
        if spare and not (part_of[numbers] == part).any():
            part_of[spare[0]] = part
    return {part: np.flatnonzero(part_of[group] == i) for i, part in enumerate(PARTS)}


def fixed_split(names: np.ndarray, split_file: Path) -> dict[str, np.ndarray] | None:
    """The parts of a known collection, or None where the names are not that collection's."""
    fixed = json.loads(split_file.read_text("utf-8-sig"))
    if len(names) != fixed["cycles"]:
        return None
    keys = [name.rpartition(":") for name in names.tolist()]
    where = {(Path(file).stem, index): row for row, (file, _, index) in enumerate(keys)}
    parts = {}
    for part in PARTS[1:]:
        named = fixed[SPELT_OUT[part]]
        wanted = [(stem, str(i)) for stem, indices in named.items() for i in indices]
        if not all(key in where for key in wanted):
            return None
        parts[part] = np.array(sorted(where[key] for key in wanted))
    rest = np.ones(len(names), bool)
    rest[np.concatenate(list(parts.values()))] = False
    return {"train": np.flatnonzero(rest), **parts}


def split(dataset: Dataset, seed: int, spectra_db: np.ndarray) -> tuple[dict[str, np.ndarray], str]:
    """(rows of each part, name of the split): the fixed one where the collection is known, else by group."""
    for file in FIXED_SPLITS:
        parts = fixed_split(dataset.name, file)
        if parts is not None:
            return parts, file.name
    return split_by_group(_groups(dataset, spectra_db), seed), f"by group, seed {seed}"


def _groups(dataset: Dataset, spectra_db: np.ndarray) -> np.ndarray:
    """What a split never tears: the groups that came with the data set, or else near-duplicates and takes of one note. int64[n]."""
    if (dataset.group >= 0).all():
        return np.asarray(dataset.group)
    return groups_with_takes(spectra_db, dataset.source_hz)


def weigh_notes(dataset: Dataset, group: np.ndarray) -> np.ndarray:
    """How often each cycle should count so that notes count the same, however many cycles they were cut into: float64[n].

    A note is what has a pitch and one file and group; other cycles count once each.
    """
    file = np.array([name.rpartition(":")[0] or name for name in dataset.name.tolist()])
    pitched = np.isfinite(dataset.source_hz)
    number = np.unique(np.where(pitched, np.char.add(np.char.add(file, ":"), group.astype(str)), dataset.name), return_inverse=True)[1]
    return np.where(pitched, 1 / np.bincount(number)[number], 1.0)


def _new_ones_judge(rows: dict[str, np.ndarray], dataset: Dataset, spectra_db: np.ndarray, before: Seen) -> dict[str, np.ndarray]:
    """Rows of each part, with groups that a model has seen before moved from validation and test to training."""
    kept, moved, all_groups = dict(rows), [rows["train"]], _groups(dataset, spectra_db)
    for part in PARTS[1:]:
        mine = rows[part]
        group = all_groups[mine]
        old = np.isin(group, group[near_any(spectra_db[mine], before.spectra_db, ASIDE_DB)])
        if 2 * old.sum() > len(mine):
            raise NothingNew(f"model '{before.model}' has been trained on most of these sounds, so that too few could judge; "
                             "use --from nothing, or --resume to go on with an unfinished run")
        kept[part] = mine[~old]
        moved.append(mine[old])
    return kept | {"train": np.sort(np.concatenate(moved))}


def gather(dataset: Dataset | None, config: Config, others: Sequence[Dataset] = (), before: Seen | None = None) -> TrainingData:
    """Split before any statistic; refuse in one sentence what cannot be trained on.

    `others` are learnt besides, less what lies close to a validation or test cycle. What the model that a run begins from has
    seen `before` judges nothing: it is learnt. Raises NothingNew where that is more than half of what was to judge.
    """
    seen_before = np.zeros((0, 127), np.float32) if before is None else before.spectra_db
    if dataset is None:
        pool = synthetic_pool(max(config.synthetic_bank, 500), config.harmonics, config.seed)
        rows = split_by_group(np.arange(len(pool)), config.seed)
        parts = {part: pool.take(rows[part]) for part in PARTS}
        more, more_db = _besides(others, np.zeros((0, 127), np.float32), config.harmonics)
        return TrainingData(parts, parts["train"], "synthetic", np.concatenate([seen_before, more_db]), more=more)
    spectra_db = describe(dataset.cycles)
    rows, name = split(dataset, config.seed, spectra_db)
    if before is not None and not before.split == name in {file.name for file in FIXED_SPLITS}:  # the same parts of the same cycles
        rows = _new_ones_judge(rows, dataset, spectra_db, before)
    sounds = sounds_of(dataset)
    if sounds < FEWEST_SOUNDS:
        raise UserError(f"only {counted(sounds, 'different sound')}; add recordings until there are at least {FEWEST_SOUNDS}, so that "
                        "some can be kept aside to judge by, or leave the folder out to train on synthetic ones")
    if len(dataset) < FEWEST_CYCLES or not all(len(rows[part]) for part in PARTS):
        distinct = sum(len(rows[part]) > 0 for part in PARTS)
        raise UserError(
            f"only {len(dataset)} usable cycles{', too many of them alike' if distinct < 3 else ''}; add cycles until "
            f"there are at least {FEWEST_CYCLES} different ones, or leave the folder out to train on synthetic ones"
        )
    often = weigh_notes(dataset, _groups(dataset, spectra_db))
    parts = {part: _pool(dataset, rows[part], config.harmonics, often[rows[part]]) for part in PARTS}
    bank = synthetic_pool(config.synthetic_bank if config.synthetic_share > 0 else 1, config.harmonics, config.seed)
    seen = np.sort(np.concatenate([rows["train"], rows["val"]]))
    more, more_db = _besides(others, spectra_db[np.concatenate([rows["val"], rows["test"]])], config.harmonics)
    seen_db = np.concatenate([seen_before, spectra_db[seen], more_db])
    return TrainingData(parts, bank, name, seen_db, tuple(dataset.name[rows["train"]].tolist()), more)


def _besides(others: Sequence[Dataset], judges_db: np.ndarray, harmonics: int) -> tuple[Pool | None, np.ndarray]:
    """(pool of other collections, their floored spectra [n, 127]), without cycles near to those that judge."""
    pools, seen = [], [np.zeros((0, 127), np.float32)]
    for other in others:
        spectra_db = describe(other.cycles)
        rows = np.flatnonzero(~near_any(spectra_db, judges_db, ASIDE_DB))
        if len(rows):
            pools.append(_pool(other, rows, harmonics))
            seen.append(spectra_db[rows])
    if not pools:
        return None, seen[0]
    return reduce(Pool.joined, pools), np.concatenate(seen)


def _pool(dataset: Dataset, rows: np.ndarray, harmonics: int, often: np.ndarray | None = None) -> Pool:
    """Rows of a data set."""
    return pool_of(np.asarray(dataset.cycles[rows]), dataset.known_harmonics[rows], harmonics, often=often)
