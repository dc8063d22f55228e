"""Steps of a network put together: what is linear is carried along as matrices until a number of it is needed, then made by one product."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ..engine.compile.layout import LINE
from ..engine.constants import HARMONICS, LANES
from ..engine.dsp import network_steps as network

MOST_NUMBERS = 16384  # of a row's workspace
MOST_WEIGHTS = 1 << 24
_FEW = 64


class TooLargeError(ValueError):
    """The network is larger than the kernel takes, or holds what is not a number."""


@dataclass(frozen=True, eq=False)
class _Made:
    """Numbers that a step has put into the workspace: where, and how many."""

    at: int
    size: int


@dataclass(frozen=True, eq=False)
class Linear:
    """A value [n, size]: products of made numbers with matrices [m, size] (None: the numbers themselves), added, times `gain` [size] or
    one for all, and an offset float64[size]. The gain stands apart so that large matrices are gone through once, when they are packed.
    """

    size: int
    terms: dict[_Made, np.ndarray | None]
    offset: np.ndarray
    gain: np.ndarray | float = 1.0

    def moved(self, by: np.ndarray | float) -> Linear:
        """With something added to every row."""
        return replace(self, offset=self.offset + self._spread(by))

    def scaled(self, by: np.ndarray | float) -> Linear:
        """With every number times its own or one factor."""
        by = self._spread(by) if np.ndim(by) else by
        return replace(self, gain=self.gain * by, offset=self.offset * by)

    def _spread(self, by: np.ndarray | float) -> np.ndarray:
        return np.broadcast_to(np.reshape(by, -1), (self.size,)).astype(float)

    def matrix(self, made: _Made) -> np.ndarray:
        """float64[m, size] of one term, its gain in it."""
        found = self.terms[made]
        return (np.eye(made.size) if found is None else found.astype(float)) * self.gain

    def is_whole(self, made: _Made) -> bool:
        """Whether made numbers are taken as they stand."""
        return self.terms[made] is None and np.ndim(self.gain) == 0 and self.gain == 1.0

    def plus(self, other: Linear) -> Linear:
        """Two of them, added. Raises ValueError where their sizes differ."""
        if self.size != other.size:
            raise ValueError("sizes differ")
        plain = all(np.ndim(value.gain) == 0 and value.gain == 1.0 for value in (self, other))
        if plain and not set(self.terms) & set(other.terms):
            return Linear(self.size, self.terms | other.terms, self.offset + other.offset)
        terms: dict[_Made, np.ndarray | None] = {made: self.matrix(made) for made in self.terms}
        for made in other.terms:
            terms[made] = terms[made] + other.matrix(made) if made in self.terms else other.matrix(made)
        return Linear(self.size, terms, self.offset + other.offset)

    @property
    def cost(self) -> int:
        """Products that making it takes."""
        return sum(made.size * self.size for made in self.terms if not self.is_whole(made))


def _multiplied(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b in double precision, without BLAS: on a busy machine its threads wait for one another for a tenth of a second."""
    return np.einsum("ij,jk->ik", a, b.astype(float))


def _padded(size: int) -> int:
    return -(-size // LANES) * LANES


def _in_panels(value: Linear, made: _Made) -> np.ndarray:
    """One term of a value as the kernel reads it: float32[panels, inputs, LANES], zero beyond the last output."""
    matrix = value.terms[made]
    padded = np.zeros((made.size, _padded(value.size)), np.float32)
    padded[:, :value.size] = np.eye(made.size, dtype=np.float32) if matrix is None else matrix
    padded[:, :value.size] *= np.asarray(value.gain, np.float32)
    return padded.reshape(made.size, -1, LANES).transpose(1, 0, 2)


def on_a_line(numbers: np.ndarray) -> np.ndarray:
    """A copy that begins on a cache line, so that no vector that is read lies across two."""
    raw = np.empty(numbers.nbytes + LINE, np.uint8)
    at = -raw.ctypes.data % LINE
    found = raw[at:at + numbers.nbytes].view(numbers.dtype)
    found[:] = numbers
    return found


@dataclass(frozen=True)
class Network:
    """What `engine/dsp/network.py` runs: steps int64[n, len(STEP)], weights float32; a row's length, where its levels are."""

    steps: np.ndarray
    weights: np.ndarray
    stride: int
    levels_at: int
    harmonics: int

    def products(self, harmonics: int) -> int:
        """Multiplications of one row whose lowest harmonics are wanted."""
        found = 0
        for step in self.steps:
            cost = network.PRODUCTS_OF[step[network.KIND]]
            if cost and step[network.FIRST] < harmonics:
                panels = int(step[network.N_PANELS])
                if step[network.LEVELS]:
                    panels = min(panels, -(-(harmonics - int(step[network.FIRST])) // LANES))
                found += cost * panels * LANES * int(step[network.N_INPUTS])
        return found


@dataclass
class Builder:
    """Collects steps and weights; `latent` is the value that the network begins with."""

    latent_size: int
    _steps: list[list[int]] = field(default_factory=list)
    _weights: list[np.ndarray] = field(default_factory=list)
    _n_weights: int = 0
    _stride: int = 0

    def __post_init__(self) -> None:
        made = self._room(self.latent_size)
        self.latent = Linear(self.latent_size, {made: None}, np.zeros(self.latent_size))
        self._any = made

    @staticmethod
    def _made_of(value: Linear) -> _Made | None:
        """The made numbers that a value is, untouched."""
        made, *rest = value.terms
        return made if not rest and value.is_whole(made) and not value.offset.any() else None

    def _room(self, size: int) -> _Made:
        made = _Made(self._stride, size)
        self._stride += _padded(size)
        if self._stride > MOST_NUMBERS:
            raise TooLargeError("it is larger than the kernel takes")
        return made

    def _keep(self, numbers: np.ndarray) -> int:
        at, self._n_weights = self._n_weights, self._n_weights + _padded(numbers.size)
        if self._n_weights > MOST_WEIGHTS:
            raise TooLargeError("it is larger than the kernel takes")
        if not np.abs(numbers).max(initial=0) < 1e30:
            raise TooLargeError("its weights are not all numbers")
        self._weights.append(np.pad(numbers.ravel().astype(np.float32), (0, _padded(numbers.size) - numbers.size)))
        return at

    def _step(self, **named: int) -> None:
        self._steps.append([{"add": -1, **named}.get(name, 0) for name in network.STEP])

    def is_dearer(self, value: Linear, size: int) -> bool:
        """Whether the products of a value and of a matrix that follows, as one, cost more than the two."""
        if self._made_of(value) or not value.cost:
            return False
        as_one = sum(made.size for made in value.terms) * size
        return as_one > value.cost + value.size * size

    def product(self, value: Linear, matrix: np.ndarray) -> Linear:
        """A value times float64[size, outputs]."""
        terms: dict[_Made, np.ndarray | None] = {
            made: matrix if value.is_whole(made) else _multiplied(value.matrix(made), matrix) for made in value.terms}
        return Linear(matrix.shape[1], terms, value.offset @ matrix)

    def made(self, value: Linear, act: int = network.NONE) -> Linear:
        """A value put into the workspace, through a function of every number."""
        made = self._made_of(value)
        if made is None or act:
            made = self._room(value.size)
            self._make(value, made.at, act)
        return Linear(value.size, {made: None}, np.zeros(value.size))

    def _make(self, value: Linear, at: int, act: int = network.NONE, first: int = 0, levels: int = 0) -> None:
        """The products of a value, one step for each made number that it is of; what is added as it stands comes with the first."""
        size, panels = value.size, _padded(value.size) // LANES
        whole = [made for made in value.terms if value.is_whole(made)]
        terms = [made for made in value.terms if made not in whole[:1]]
        if not terms:
            value, terms = Linear(size, {self._any: np.zeros((self._any.size, size))}, value.offset), [self._any]
        for i, made in enumerate(terms):
            weights = self._keep(_in_panels(value, made))
            bias = np.zeros(panels * LANES)
            bias[:size] = value.offset if i == 0 else 0.0
            add = at if i else whole[0].at if whole else -1
            through = act if i == len(terms) - 1 else network.NONE
            close = made == self._any and not act and (levels or size <= _FEW)  # levels, or the few numbers that they are made of
            self._step(kind=network.CLOSE if close else network.PRODUCT, input=made.at, n_inputs=made.size, output=at, n_panels=panels,
                       weights=weights, bias=self._keep(bias), add=add, act=through, first=first, levels=levels)

    def silu(self, value: Linear) -> Linear:
        """x times its logistic function."""
        return self.made(value, network.SILU)

    def is_short_form(self, value: Linear) -> bool:
        """Whether a layer norm of a value is cheaper taken of the few numbers that it is linear in."""
        return len(value.terms) == 1 and 4 * next(iter(value.terms)).size < value.size

    def norm(self, value: Linear, epsilon: float) -> Linear:
        """A layer norm without gain and offset.

        Of something linear in few numbers y, x = y M + b: less its mean it is (y, 1) C, its variance the squared length of (y, 1) R with
        R from a QR decomposition of C; so it is C times (y, 1) over that length, few numbers again.
        """
        if not self.is_short_form(value):
            made = self._made_of(value)
            if made is None:
                raise ValueError("not made")
            out = self._room(made.size)
            self._step(kind=network.NORM, input=made.at, n_inputs=made.size, output=out.at, n_panels=1,
                       weights=self._keep(np.array([epsilon])))
            return Linear(made.size, {out: None}, np.zeros(made.size))
        made, = value.terms
        centred = np.vstack([value.matrix(made), value.offset])
        centred = centred - centred.mean(1, keepdims=True)
        root = np.linalg.qr(centred.T / np.sqrt(value.size)).R.T
        length, out = self._room(made.size + 1), self._room(made.size + 1)
        self._make(Linear(made.size + 1, {made: root[:-1]}, root[-1]), length.at)
        self._step(kind=network.FORM, input=made.at, n_inputs=made.size, output=out.at, n_panels=1, add=length.at,
                   weights=self._keep(np.array([epsilon])))
        return Linear(value.size, {out: centred}, np.zeros(value.size))

    def finish(self, pieces: list[Linear]) -> Network:
        """The network whose last steps make these pieces of the levels, one after the other."""
        at = self._stride
        self._stride += _padded(HARMONICS) + LANES
        if self._stride > MOST_NUMBERS:
            raise TooLargeError("it is larger than the kernel takes")
        first = 0
        for piece in pieces:  # a piece's last panel may reach over the next one's beginning, which is written after it
            self._make(piece, at + first, first=first, levels=1)
            first += piece.size
        self._skip_unneeded()
        return Network(np.array(self._steps, np.int64), on_a_line(np.concatenate(self._weights)), self._stride, at, first)

    def _skip_unneeded(self) -> None:
        """Mark from which harmonic on each step is needed: that of the first step that reads what it makes."""
        needed: dict[int, int] = {}
        for step in reversed(self._steps):
            if not step[network.LEVELS]:
                step[network.FIRST] = needed.get(step[network.OUTPUT], HARMONICS)
            for at in (step[network.INPUT], step[network.ADD]):
                needed[at] = min(needed.get(at, HARMONICS), step[network.FIRST])
