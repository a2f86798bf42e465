"""Index variables in scope and what is computed with them: ranges, places, exponents.

A statement below binders is evaluated for all their values at once: every bound variable has an
axis, the outermost first, and a mask tells which combinations of values count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from checks.errors import RequestError
from theory.core.latex import text
from theory.core.term import INF, Term

HORIZON = 64  # how far a quantifier without an upper end is followed


@dataclass(frozen=True)
class Frame:
    """The values along every axis, which positions count, and what the axes are called."""

    values: tuple[np.ndarray, ...]
    mask: np.ndarray  # bool, shape (s1, .., sk)
    names: tuple[str, ...]

    @property
    def depth(self) -> int:
        return self.mask.ndim

    def axis(self, index: int) -> np.ndarray:
        """The values of the variable of the index-th binder outwards, along its own axis."""
        place = self.depth - 1 - index
        shape = [1] * self.depth
        shape[place] = -1
        return self.values[place].reshape(shape)

    def show(self, term: Term) -> str:
        """A term with the names that its bound variables have here."""
        return text(term, self.names)


NOWHERE = Frame((), np.ones((), dtype=bool), ())


@dataclass(frozen=True)
class Integers:
    """Integer expressions of index variables and of `sizes`, which a claim declares integer."""

    sizes: frozenset[str]
    measured: Mapping[Any, Any]

    def ratio(self, term: Term, frame: Frame) -> tuple[np.ndarray, int] | None:
        """Integers over one positive denominator, of shape broadcastable to the mask; None for what
        is no polynomial in sizes and index variables."""
        if term.op == "num":
            value = Fraction(term.data)
            return np.full((1,) * frame.depth, value.numerator), value.denominator
        if term.op == "bound":
            return frame.axis(term.data), 1
        if term.op == "var":
            return self._size(term.data, frame) if term.data in self.sizes else None
        if term.op not in ("add", "mul"):
            return None
        args = [self.ratio(arg, frame) for arg in term.args]
        known = [arg for arg in args if arg is not None]
        if len(known) < len(args):
            return None
        if term.op == "mul":
            return _product([top for top, _ in known]), math.prod(below for _, below in known)
        below = math.lcm(*(below for _, below in known))
        return _total([top * (below // own) for top, own in known]), below

    def _size(self, name: str, frame: Frame) -> tuple[np.ndarray, int]:
        value = self.measured.get(name)
        if not isinstance(value, (int, np.integer)):
            raise RequestError(
                f"{name} is used as a size or index; "
                "the measurement must give it as one Python int."
            )
        return np.full((1,) * frame.depth, int(value)), 1

    def integer(self, term: Term, frame: Frame) -> np.ndarray:
        """An integer expression, shape broadcastable to the mask."""
        found = self.ratio(term, frame)
        if found is None or (found[0] % found[1] != 0).any():
            raise RequestError(f"{frame.show(term)} cannot be read as an integer.")
        return found[0] // found[1]

    def open(self, binder: Term, frame: Frame) -> Frame:
        """Add an axis over every integer value a binder's variable takes anywhere; the mask keeps
        those in its range."""
        name, (lower, upper) = binder.hint, binder.args[:2]
        if binder.op not in ("sum", "prod") and binder.data != "int":
            raise RequestError(
                f"{name} runs over the reals; a measured statement quantifies over integers only."
            )
        low = self.integer(lower, frame)
        high = low + HORIZON - 1 if upper == INF else self.integer(upper, frame)
        lows, highs = (np.broadcast_to(end, frame.mask.shape)[frame.mask] for end in (low, high))
        if (highs < lows - 1).any():
            raise RequestError(f"the range of {name} has a negative number of values.")
        values = np.arange(lows.min(), highs.max() + 1) if lows.size else np.arange(0)
        inside = (low[..., None] <= values) & (values <= high[..., None])
        return Frame((*frame.values, values), frame.mask[..., None] & inside, (*frame.names, name))

    def place(self, index: Term, frame: Frame, lower: Term, length: int, term: Term) -> np.ndarray:
        """Where on an axis of that length an index points; what is masked points nowhere harmful."""
        place = self.integer(index, frame) - self.integer(lower, NOWHERE)
        if (np.broadcast_to((place < 0) | (place >= length), frame.mask.shape) & frame.mask).any():
            raise RequestError(
                f"{frame.show(term)} reaches outside the {length} measured values of its index."
            )
        return np.clip(place, 0, length - 1)


def _total(arrays: list[np.ndarray]) -> np.ndarray:
    result = arrays[0]
    for array in arrays[1:]:
        result = result + array
    return result


def _product(arrays: list[np.ndarray]) -> np.ndarray:
    result = arrays[0]
    for array in arrays[1:]:
        result = result * array
    return result
