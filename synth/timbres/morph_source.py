"""The source of a morph of presets: each part's own source decodes its own point, and what comes is mixed.

Parts on one model are mixed as points of its latent space, and decoded once; with `osc.follow` on the way where its sounds are. Different
models, wavetables and kept levels are mixed as spectra: levels in the log domain, phases by the shorter way. One part alone is exactly
what its own source says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..engine.constants import LANES, N_PART_KNOBS, PART_KNOBS
from ..engine.timbre.block_mix import mix_rows
from ..params.knobs import MAX_DIRECTIONS
from ..patch.morph import Morph
from ..patch.patch import Patch
from .decode_kernel import BlockDecoder, phases_alone, turned
from .phases import Phases
from .residual_source import ResidualSource
from .source import ModelSource, Source, Spectra, _Batched
from .static_render import asked_at, corners_of

_X, _Y, _FOLLOW = 0, 1, 2
_AMOUNTS = slice(3, 3 + MAX_DIRECTIONS)
assert PART_KNOBS[_X] == "osc.position" and PART_KNOBS[_FOLLOW] == "osc.follow" and PART_KNOBS[_AMOUNTS.start] == "direction.1"


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A part of a morph: its patch, directions numbered, what plays it, and where its latents lie among those of all."""

    patch: Patch
    source: Source
    first: int

    @property
    def last(self) -> int:
        """One beyond its last latent."""
        return self.first + self.source.latent_size


class MorphSource(_Batched):
    """What plays a morph. parts: (patch, source) each, directions numbered."""

    sha256 = ""

    def __init__(self, morph: Morph[Patch], parts: Sequence[tuple[Patch, Source]]):
        first = np.cumsum([0, *(source.latent_size for _, source in parts)])
        self.parts = tuple(SourcePart(patch, source, int(at)) for (patch, source), at in zip(parts, first, strict=False))
        self.morph, self.latent_size = morph, int(first[-1])
        self.name = ", ".join(dict.fromkeys(part.source.name for part in self.parts))
        self.low = np.concatenate([part.source.low for part in self.parts]).astype(np.float32)
        self.high = np.concatenate([part.source.high for part in self.parts]).astype(np.float32)
        self.latent_names = tuple(f"{letter} {name}" for letter, part in zip(morph.names, self.parts, strict=True)
                                  for name in part.source.latent_names)
        names = {part.source.direction_names for part in self.parts}
        self.direction_names = names.pop() if len(names) == 1 else ()
        self.map_axes = _axes_of(self.parts)
        self._corners = [np.asarray(corners_of(part.patch, part.source), np.float32) for part in self.parts]
        self._rest = [_rest_of(part) for part in self.parts]
        self._groups = _grouped(self.parts)
        width = max(part.source.spectrum(rest)[0].shape[0] for part, rest in zip(self.parts, self._rest, strict=True))
        self._width = -(-width // LANES) * LANES
        self._phases = Phases([self.parts[members[0]].source for members in self._groups], self._width)
        self.part_decoders = self._part_decoders()
        self.block_decoder = phases_alone(self._phases.first) if any(self.part_decoders) else None

    def _part_decoders(self) -> tuple[BlockDecoder | None, ...]:
        """What the audio thread can decode each part by, with its turns off the phases of the mix; None: the worker does."""
        found: list[BlockDecoder | None] = [getattr(part.source, "block_decoder", None) for part in self.parts]
        for g, members in enumerate(self._groups):
            decoder, turn = found[members[0]], self._phases.turn_of(g)
            if decoder is not None and turn is not None:
                decoder = turned(decoder, turn)
            for p in members:
                found[p] = decoder
        return tuple(found)

    def corners(self) -> np.ndarray:
        """Corners of all parts side by side: float64[4, latent_size]."""
        return np.concatenate(self._corners, 1).astype(float)

    @property
    def first_of_group(self) -> list[int]:
        """For each part the first one on the same source."""
        return [next(members[0] for members in self._groups if p in members) for p in range(len(self.parts))]

    def find_paths(self, own: dict[str, float]) -> None:
        """Find the morph paths that are followed in and between parts, so that no decode waits for them. own: the morph's knobs."""
        between = False
        for part, corners in zip(self.parts, self._corners, strict=True):
            if isinstance(part.source, ModelSource) and {**part.patch.params, **own}.get("osc.follow", 0.0) > 0:
                part.source.morph_paths.find(corners)
                between = True
        if between and len(self._groups) == 1:
            source = self.parts[0].source
            for ends in self._ends():
                if isinstance(source, ModelSource):
                    source.morph_paths.find(ends)

    # ---- decoding --------------------------------------------------------------------------------------------------
    def spectra(self, points, weights, amounts):
        """As `Source.spectra`, where corners A to D stand for the morph's own: x and y of the pad, or x along the chain."""
        x, y = weights[:, 1] + weights[:, 3], weights[:, 2] + weights[:, 3]
        shares = np.array([self.morph.weights(*at) for at in zip(x, y, strict=True)], np.float32)
        knobs = np.zeros((len(points), len(self.parts), N_PART_KNOBS), np.float32)
        for p, part in enumerate(self.parts):
            knobs[:, p] = [part.patch.params.get(name, 0.0) for name in PART_KNOBS]
        rest = np.tile(np.concatenate(self._rest), (len(points), 1)).astype(np.float32)
        return self.mixed(rest, shares, knobs)

    def spectra_of(self, points: np.ndarray) -> Spectra:
        """(re, im) float32[n, 1 + h] of LATENT_POSITION[n] (see engine/timbre/records.py), all of one kind (`kinds`)."""
        n = len(self.parts)
        latents = np.ascontiguousarray(points["latent"][:, :self.latent_size])
        return self.mixed(latents, np.ascontiguousarray(points["parts"][:, :n]), np.ascontiguousarray(points["part_knobs"][:, :n]))

    def kinds(self, points: np.ndarray) -> np.ndarray:
        """Which part is heard alone at each of LATENT_POSITION[n], -1 where more are: int64[n]. Each has its own number of harmonics."""
        return _alone(points["parts"][:, :len(self.parts)])

    def mixed(self, latents: np.ndarray, shares: np.ndarray, knobs: np.ndarray) -> Spectra:
        """Spectra of played points: latents float32[n, latent_size], how much of each part float32[n, parts], and its knobs."""
        alone = _alone(shares)
        found: list[tuple[np.ndarray, Spectra]] = []
        for p in np.unique(alone[alone >= 0]):
            rows = np.flatnonzero(alone == p)
            found.append((rows, self._part(int(p), latents[rows], knobs[rows])))
        rows = np.flatnonzero(alone < 0)
        if len(rows):
            found.append((rows, self._mix(latents[rows], shares[rows], knobs[rows])))
        if len(found) == 1:
            return found[0][1]
        width = max(re.shape[1] for _, (re, _) in found)
        re, im = np.zeros((len(latents), width), np.float32), np.zeros((len(latents), width), np.float32)
        for rows, (its_re, its_im) in found:
            re[rows, :its_re.shape[1]], im[rows, :its_im.shape[1]] = its_re, its_im
        return re, im

    def _asked(self, p: int, latents: np.ndarray, knobs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(points, weights, amounts) of a part, as its source takes them, on the path it follows."""
        part, one = self.parts[p], np.float32(1.0)
        points = np.ascontiguousarray(latents[:, part.first:part.last])
        x, y, follow = knobs[:, p, _X], knobs[:, p, _Y], knobs[:, p, _FOLLOW]
        weights = np.stack([(one - x) * (one - y), x * (one - y), (one - x) * y, x * y], 1)
        if isinstance(part.source, ModelSource) and follow.any():
            points = points.copy()
            part.source.morph_paths.displace(points, weights, follow, self._corners[p])
        return points, weights, np.ascontiguousarray(knobs[:, p, _AMOUNTS])

    def _part(self, p: int, latents: np.ndarray, knobs: np.ndarray) -> Spectra:
        return self.parts[p].source.spectra(*self._asked(p, latents, knobs))

    def _group(self, members: Sequence[int], latents: np.ndarray, shares: np.ndarray, knobs: np.ndarray) -> Spectra:
        """Parts on one source, at the mean of their points; shares: float32[n, parts], some of the members' above 0.

        Such a source has no shapes of its own, so it is not asked by corners' weights.
        """
        if len(members) == 1:
            return self._part(members[0], latents, knobs)
        follows, source = knobs[:, :, _FOLLOW].any(), self.parts[members[0]].source
        total = shares[:, members[0]].copy()
        for p in members[1:]:
            total += shares[:, p]
        points, amounts = np.zeros((len(latents), source.latent_size), np.float32), np.zeros((len(latents), MAX_DIRECTIONS), np.float32)
        turned = knobs[:, :, _AMOUNTS].any()
        for p in members:
            share, part = (shares[:, p] / total)[:, None], self.parts[p]
            points += share * (self._asked(p, latents, knobs)[0] if follows else latents[:, part.first:part.last])
            if turned:
                amounts += share * knobs[:, p, _AMOUNTS]
        if follows and isinstance(source, ModelSource) and len(members) == len(self.parts):
            self._lead(source, points, shares, knobs)
        return source.spectra(points, np.zeros((len(latents), 4), np.float32), amounts)

    def _ends(self) -> list[np.ndarray]:
        """Corners float32[4, z] of the ways between the parts' points of one model: of the pad, or of each link of the chain."""
        rest, n = self._rest, len(self.parts)
        if self.morph.axis == "chain":
            return [np.stack([rest[i], rest[i + 1]] * 2) for i in range(n - 1)]
        order = (0, 1, 0, 1) if n == 2 else (0, 1, 2, 2) if n == 3 else (0, 1, 2, 3)
        return [np.stack([rest[i] for i in order])]

    def _lead(self, source: ModelSource, points: np.ndarray, shares: np.ndarray, knobs: np.ndarray) -> None:
        """Points between parts of one model leave the straight line for where its sounds are, as far as they follow."""
        follow = np.zeros(len(points), np.float32)
        for p in range(len(self.parts)):
            follow += shares[:, p] * knobs[:, p, _FOLLOW]
        for i, ends in enumerate(self._ends()):
            weights = np.zeros((len(points), 4), np.float32)
            if self.morph.axis == "chain":
                weights[:, :2] = shares[:, i:i + 2]
                here = np.where(weights[:, :2].all(1), follow, np.float32(0))
            else:
                weights[:, :shares.shape[1]], here = shares, follow
            source.morph_paths.displace(points, weights, here, ends)

    def _mix(self, latents: np.ndarray, shares: np.ndarray, knobs: np.ndarray) -> Spectra:
        """Rows in which more than one part is heard."""
        if len(self._groups) == 1:
            return self._group(self._groups[0], latents, shares, knobs)
        n, weights = len(latents), np.zeros((len(latents), len(self._groups)), np.float32)
        re, im = (np.zeros((len(self._groups), n, self._width), np.float32) for _ in range(2))
        for g, members in enumerate(self._groups):
            for p in members:
                weights[:, g] += shares[:, p]
            rows = np.flatnonzero(weights[:, g] > 0)
            if len(rows):
                its_re, its_im = self._group(members, latents[rows], shares[rows], knobs[rows])
                re[g, rows, :its_re.shape[1]], im[g, rows, :its_im.shape[1]] = its_re, its_im
        power, level = np.zeros_like(re), np.zeros((n, self._width), np.float32)
        mix_rows(re, im, weights, power, level)
        return self._levelled(*self._phases.turned(level, re, im, power, weights))


def _rest_of(part: SourcePart) -> np.ndarray:
    """The point of a part as it stands, float32[z]."""
    return asked_at(part.patch, part.source, np.array([part.patch.params.get("osc.position", 0.0)]))[0][0]


def _axes_of(parts: Sequence[SourcePart]) -> np.ndarray:
    """Latents that cross each part's map, side by side, float32[2, z]; 0 where a part has none."""
    axes = [getattr(part.source, "map_axes", None) for part in parts]
    return np.concatenate([np.zeros((2, part.source.latent_size), np.float32) if found is None else found
                           for part, found in zip(parts, axes, strict=True)], axis=1)


def _alone(shares: np.ndarray) -> np.ndarray:
    return np.where(shares.max(1) < 1, -1, shares.argmax(1))


def _grouped(parts: Sequence[SourcePart]) -> list[list[int]]:
    """Parts by the source whose points can be mixed: those on one model or table; one with shapes of its own is by itself."""
    groups: list[list[int]] = []
    for p, part in enumerate(parts):
        same = [g for g in groups if parts[g[0]].source is part.source and not isinstance(part.source, ResidualSource)]
        if same:
            same[0].append(p)
        else:
            groups.append([p])
    return groups
