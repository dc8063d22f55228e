"""Breeding: eight relatives of a sound at a time, one is picked, it goes on from there or back. It is heard, so they are alike in
loudness and differ in sound; and from what is picked a taste is learnt, which the next eight lean to.
"""

from dataclasses import dataclass, replace

import numpy as np

from ..errors import UserError
from ..params.knobs import PARAMS
from ..patch.patch import Patch, numbered
from ..patch.sections import SECTIONS, check_sections
from ..timbres.inside import mapped
from ..timbres.locks import kept_where_locked
from ..timbres.mutation import check_amount, cross, mutate
from ..timbres.preference import Preference, learn
from ..timbres.source import ModelSource, Source
from ..timbres.static_render import asked_at
from .audition import Heard, distance_db, listen

CANDIDATES = 8
_POOL, _MOST_POOLS = 12, 3  # relatives that the eight are chosen from
_MOST_GAIN_DB, _LOUDEST_PEAK = 12.0, 0.95
_STEADY_DB = 0.5  # that the notes of a candidate may differ by chance
_TO_TASTE = 0.6  # of a pool, once something has been picked


@dataclass(frozen=True)
class Generation:
    """A sound and eight relatives of it; points float[8, z] of these in standard deviations, what the taste is learnt from.

    distances_db: how far each is from the parent, by the ERB spectrum of a C4.
    """

    parent: Patch
    candidates: tuple[Patch, ...]
    points: np.ndarray
    distances_db: tuple[float, ...]


class Breeding:
    """A line of generations. The same seed and picks give the same candidates.

    source: of the patch, with a map of its sounds. locked, locked_knobs: sections and knobs that stay as they are.
    partner: the first eight are children of the patch and this one.
    Raises UserError where it cannot be bred.
    """

    def __init__(self, patch: Patch, source: Source, *, amount: float = 0.3, locked=(), seed: int = 0, partner: Patch | None = None,
                 locked_knobs: frozenset[str] = frozenset()):
        self.source: ModelSource = mapped(source)
        self.locked, self.amount, self.seed = check_sections(locked), check_amount(amount), seed
        self._locked_knobs = locked_knobs
        self._partner = numbered(partner, self.source.direction_names) if partner else None
        self._picks: list[tuple[np.ndarray, int]] = []
        self._steps = 0
        self._line: list[Generation] = []
        self._line.append(self._breed(numbered(patch, self.source.direction_names)))

    @property
    def now(self) -> Generation:
        """The present eight and their parent."""
        return self._line[-1]

    @property
    def taste(self) -> Preference:
        """What the picks tell."""
        return learn(self._picks, self.source.latent_size)

    @property
    def learnt(self) -> str:
        """The taste in a sentence."""
        return self.taste.sentence(self.source.map, self.source.model.std)

    @property
    def can_go_back(self) -> bool:
        """Whether there is an earlier generation."""
        return len(self._line) > 1

    def pick(self, index: int) -> Generation:
        """A candidate (from 0) is the next parent; answers its eight. Raises UserError where there is none of that number."""
        if not 0 <= index < len(self.now.candidates):
            raise UserError(f"there is no candidate {index + 1}; there are {len(self.now.candidates)}")
        self._picks.append((self.now.points, index))
        self._steps += 1
        self._partner = None
        self._line.append(self._breed(self.now.candidates[index]))
        return self.now

    def go_back(self) -> Generation:
        """The generation before, its eight as they were; the pick is forgotten. Raises UserError where there is none."""
        if not self.can_go_back:
            raise UserError("there is no earlier generation")
        self._line.pop()
        self._picks.pop()
        return self.now

    def again(self) -> Generation:
        """Another eight of the same parent."""
        self._steps += 1
        self._line[-1] = self._breed(self.now.parent)
        return self.now

    # ---- how -------------------------------------------------------------------------------------------------------
    def _breed(self, parent: Patch) -> Generation:
        rng = np.random.default_rng([self.seed, self._steps])
        kept: list[tuple[Patch, Heard]] = []
        own: Heard | None = None
        for _ in range(_MOST_POOLS):
            drawn = self._to_taste([self._draw(parent, rng) for _ in range(_POOL)])
            heard = listen([parent, *drawn])
            own = heard[0]
            kept += [pair for pair in (in_line(p, h, own, self._locked_knobs) for p, h in zip(drawn, heard[1:], strict=True)) if pair]
            if len(kept) >= CANDIDATES:
                break
        if own is None or len(kept) < 2:
            raise UserError(f"'{parent.name}' has no relatives of its loudness; lock less of it, or take a smaller amount")
        chosen = _farthest(own, [h for _, h in kept], CANDIDATES)
        stem = f"{parent.name} x {self._partner.name}"[:50] if self._partner else parent.name
        named = tuple(replace(kept[i][0], name=_name(stem, n)) for n, i in enumerate(chosen, 1))
        return Generation(parent, named, np.array([self.point_of(patch) for patch in named]),
                          tuple(distance_db(own, kept[i][1]) for i in chosen))

    def _draw(self, parent: Patch, rng: np.random.Generator) -> Patch:
        if self._partner is not None:
            drawn = cross(parent, self._partner, self.source, rng, self.locked)
        else:
            drawn = mutate(parent, self.source, rng, self.amount, self.locked)
        return kept_where_locked(drawn, parent, self._locked_knobs, self.source)

    def _to_taste(self, drawn: list[Patch]) -> list[Patch]:
        if not self._picks:
            return drawn
        scores = self.taste.scores(np.array([self.point_of(patch) for patch in drawn]))
        best = np.argsort(-scores, kind="stable")[:max(CANDIDATES, round(_TO_TASTE * len(drawn)))]
        return [drawn[i] for i in sorted(best)]

    def point_of(self, patch: Patch) -> np.ndarray:
        """Where a patch plays at rest, in standard deviations of the model's latents: float64[z]."""
        position = np.array([patch.params.get("osc.position", 0.0)])
        point = asked_at(patch, self.source, position)[0][0]
        return (point - np.asarray(self.source.model.mean)) / np.asarray(self.source.model.std)


def _name(parent: str, number: int) -> str:
    stem, _, last = parent.rpartition(" ")
    grown = f"{stem} {last}.{number}" if stem and last.replace(".", "").isdigit() else f"{parent} {number}"
    return grown if len(grown) <= 60 else f"{parent[:50].rstrip()} {number}"


def in_line(patch: Patch, heard: Heard, own: Heard, locked: frozenset[str] = frozenset()) -> tuple[Patch, Heard] | None:
    """The patch at the loudness of its parent; None where no gain makes it that. A gain that is locked stays."""
    knob = PARAMS["master.gain_db"]
    if knob.name in locked:
        return patch, heard
    before = patch.params.get(knob.name, float(knob.default))
    more_db = own.loudness_db - heard.loudness_db
    gain_db = round(before + more_db, 2)
    peak = heard.peak * 10 ** (more_db / 20)
    steady = heard.spread_db <= max(_STEADY_DB, own.spread_db)
    if not steady or abs(more_db) > _MOST_GAIN_DB or not knob.low <= gain_db <= knob.high or peak > max(_LOUDEST_PEAK, own.peak):
        return None
    levelled = replace(patch, params={**patch.params, knob.name: gain_db})
    return levelled, Heard(own.loudness_db, heard.bands, peak)


def _farthest(own: Heard, heard: list[Heard], most: int) -> list[int]:
    """Which are most different from the parent and one another: the farthest first, each next the farthest from all before."""
    away = np.array([distance_db(own, h) for h in heard])
    chosen: list[int] = []
    while len(chosen) < min(most, len(heard)):
        best = int(np.where(np.isin(np.arange(len(heard)), chosen), -1.0, away).argmax())
        chosen.append(best)
        away = np.minimum(away, [distance_db(heard[best], h) for h in heard])
    return sorted(chosen)


def change_section(patch: Patch, source: Source, section: str, seed: int | None = None, amount: float = 0.8,
                   locked_knobs: frozenset[str] = frozenset()) -> Patch:
    """The patch with one section drawn anew, at its loudness. Raises UserError where nothing is found that sounds."""
    locked = frozenset(SECTIONS) - check_sections([section])
    patch, rng = numbered(patch, mapped(source).direction_names), np.random.default_rng(seed)
    drawn = [kept_where_locked(mutate(patch, source, rng, amount, locked), patch, locked_knobs, mapped(source)) for _ in range(4)]
    own, *heard = listen([patch, *drawn])
    for found in (in_line(p, h, own, locked_knobs) for p, h in zip(drawn, heard, strict=True)):
        if found:
            return replace(found[0], name=patch.name)
    raise UserError(f"no {section} was found in which '{patch.name}' sounds; try again")
