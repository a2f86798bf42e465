"""Evaluate a claim's own statements on batches of measured arrays: floats, rationals or balls.

Nothing is typed a second time: sums over steps and coordinates, quantifiers and relations are read
from the claim, as the terms that are proved and shown. Every value has shape (B, s1, .., sk): the
batch, then one axis for each index variable in scope (of a sum, a product or a quantifier). Beside
each value goes its magnitude, the same term with every part made positive: rounding is measured
against it. What a statement does not define, such as a quotient by zero, has no value here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import torch

from checks.arithmetic import Arithmetic, Array, RationalArithmetic, TorchArithmetic
from checks.calculus import number_of
from checks.errors import RequestError
from checks.frames import NOWHERE, Frame, Integers
from checks.margins import Margins, all_of, any_of, constant, exists, fold
from checks.powers import Value, integer_power, rational_power, real_power
from checks.reading import is_mean, reading_of, shape
from theory.core import Claim
from theory.core.term import ONE, Term, bound, subterms

RELATIONS = {
    "le": "lt",
    "lt": "le",
    "eq": "ne",
    "ne": "eq",
}  # and what their negations are, the ordered ones turned round


class Evaluation:
    """Evaluate terms, or what an author wrote for them, on measured arrays of one claim.

    measured: see `checks.battery.check.Measured`. Raises RequestError for a missing symbol, a wrong
    shape, NaN.
    """

    def __init__(self, claim: Claim, measured: Mapping[Any, Any], arithmetic: Arithmetic) -> None:
        self.arithmetic, self.reading = arithmetic, reading_of(claim)
        self.measured = {str(k): v for k, v in measured.items() if not is_mean(k)}
        self.means = self._means(claim, measured)
        self.integers = Integers(self.reading.integers, self.measured)
        names = {str(var.symbol) for var in claim.variables if not var.random}
        if missing := sorted(names - set(self.measured)):
            raise RequestError(
                f"{claim.id}: the measurement gives no {', '.join(missing)}; "
                "add it to what it returns."
            )
        for name, array in measured.items():
            if isinstance(array, torch.Tensor) and not torch.isfinite(array).all():
                raise RequestError(
                    f"{claim.id}: the measured {name} holds NaN or infinity; "
                    "look for overflow or 0/0 in it."
                )
        arrays = [v for v in measured.values() if hasattr(v, "shape") and len(v.shape)]
        sizes = {v.shape[0] for v in arrays}
        if len(sizes) > 1 or 0 in sizes:
            raise RequestError(
                f"{claim.id}: arrays for {sorted(sizes)} problems; "
                "give all of them one batch, not empty."
            )
        self.batch = sizes.pop() if sizes else 1

    def _means(self, claim: Claim, measured: Mapping[Any, Any]) -> dict[Term, Any]:
        found: dict[Term, Any] = {}
        for key, array in measured.items():
            known = self.reading.mean(key) if is_mean(key) else None
            if known is not None and found.setdefault(known, array) is not array:
                raise RequestError(
                    f"{claim.id}: the measurement gives {key} twice, "
                    "under different names of its indices."
                )
        return found

    # -- what is asked from outside ----------------------------------------------------------------

    def term(self, prop: Any) -> Term:
        """The term that an author's expression or statement is."""
        return self.reading.term(prop)

    def statement(self, prop: Any) -> Margins:
        """The statement's margin, at least zero where it holds: shape (B, positions)."""
        with self.arithmetic.working():
            return self._margins(self.term(prop), NOWHERE, True).only_kept()

    def along(self, sums: Any, axes: int) -> Array:
        """What stands inside so many sums, for all values of their indices: (B, n1, .., n_axes)."""
        term, frame = self.term(sums), NOWHERE
        with self.arithmetic.working():
            for _ in range(axes):
                term, frame = term.args[-1], self.integers.open(term, frame)
            return self.value(term, frame).value

    # -- real values -------------------------------------------------------------------------------

    def value(self, term: Term, frame: Frame) -> Value:
        """A number, shape broadcastable to (B, *mask shape)."""
        op = term.op
        if op == "entry":
            return self._entry(term, frame)
        if op in ("add", "mul"):
            args = [self.value(arg, frame) for arg in term.args]
            join = _total if op == "add" else _product
            return Value(join([a.value for a in args]), join([a.size for a in args]))
        if op == "num":
            return self._rational(term, frame)
        if op == "bound":
            return self._exact(frame.axis(term.data)[None])
        simple = {
            "var": self._symbol,
            "pow": self._power,
            "fn": self._function,
            "mean": self._mean,
            "sum": self._folded,
            "prod": self._folded,
            "const": self._constant,
            "integral": self._calculus,
            "limit": self._calculus,
        }
        if op not in simple:
            raise RequestError(f"{frame.show(term)} is no number and cannot be evaluated as one.")
        return simple[op](term, frame)

    def _exact(self, integers: np.ndarray) -> Value:
        value = self.arithmetic.array(integers)
        return Value(value, self.arithmetic.abs(value))

    def _rational(self, term: Term, frame: Frame) -> Value:
        value = Fraction(term.data)
        if value.denominator == 1:
            return self._exact(np.full((1,) * (1 + frame.depth), value.numerator))
        return self._number(self.arithmetic.array(str(value)), frame)

    def _number(self, scalar: Array, frame: Frame) -> Value:
        value = scalar.reshape((1,) * (1 + frame.depth))
        return Value(value, self.arithmetic.abs(value))

    def _constant(self, term: Term, frame: Frame) -> Value:
        """π, or e as exp(1)."""
        if isinstance(self.arithmetic, TorchArithmetic):
            return self._number(self.arithmetic.array(np.pi if term.op == "const" else np.e), frame)
        if isinstance(self.arithmetic, RationalArithmetic):
            raise RequestError(
                f"{frame.show(term)} has no value in {self.arithmetic.name} arithmetic."
            )
        with self.arithmetic.working():
            ball = flint.arb.pi() if term.op == "const" else flint.arb.const_e()
            return self._number(self.arithmetic.array(ball), frame)

    def _calculus(self, term: Term, frame: Frame) -> Value:
        """The number an integral or a limit is, at the measured sizes; in floats only."""
        given = {name: self.measured.get(name) for name in term.free}
        sizes = {n: int(v) for n, v in given.items() if isinstance(v, (int, np.integer))}
        if len(sizes) < len(given) or term.loose:
            odd = ", ".join(sorted(set(given) - set(sizes))) or "an index"
            raise RequestError(
                f"{frame.show(term)} depends on {odd}; "
                "only sizes, given as Python ints, may stand in it."
            )
        if not isinstance(self.arithmetic, TorchArithmetic):
            raise RequestError(
                f"{frame.show(term)} has no value in {self.arithmetic.name} arithmetic."
            )
        number = number_of(term, tuple(sorted(sizes.items())))
        return self._number(self.arithmetic.array(number), frame)

    def _symbol(self, term: Term, frame: Frame) -> Value:
        value: Any = self.measured.get(term.data)
        if value is None:
            raise RequestError(f"the measurement gives no {term.data}; add it to what it returns.")
        if not hasattr(value, "shape") or not len(value.shape):
            return self._number(self.arithmetic.array(value), frame)
        if len(value.shape) != 1:
            raise RequestError(
                f"{term.data} is a scalar: give shape (B,), not {tuple(value.shape)}."
            )
        column = value.reshape((-1,) + (1,) * frame.depth)
        return Value(column, self.arithmetic.abs(column))

    def _entry(self, term: Term, frame: Frame) -> Value:
        array: Any = self.measured.get(term.data)
        lowers = self.reading.lower.get(term.data, [])
        if len(lowers) != len(term.args):
            raise RequestError(
                f"{term.data} is not declared with {len(term.args)} index ranges; mend its Var."
            )
        if not hasattr(array, "shape") or len(array.shape) != 1 + len(term.args):
            raise RequestError(
                f"{term.data} needs {len(term.args)} index axes after the batch axis."
            )
        places = [
            self.integers.place(index, frame, lower, length, term)
            for index, lower, length in zip(term.args, lowers, array.shape[1:], strict=True)
        ]
        picked = array[(slice(None), *self._index(np.broadcast_arrays(*places)))]
        return Value(picked, self.arithmetic.abs(picked))

    def _index(self, places: Sequence[np.ndarray]) -> list[Any]:
        if isinstance(self.arithmetic, TorchArithmetic):
            return [torch.as_tensor(np.array(p), device=self.arithmetic.device) for p in places]
        return list(places)

    def _folded(self, term: Term, frame: Frame) -> Value:
        """A sum or a product over one index."""
        opened = self.integers.open(term, frame)
        found = self.value(term.args[-1], opened)
        return Value(*(self._over_last(part, opened, term.op) for part in found))

    def _over_last(self, array: Array, frame: Frame, op: str) -> Array:
        neutral = 0 if op == "sum" else 1
        if isinstance(self.arithmetic, TorchArithmetic):
            mask = torch.as_tensor(frame.mask, device=self.arithmetic.device)[None]
            outside = torch.full((), neutral, dtype=array.dtype, device=array.device)
            kept = torch.where(mask, array, outside)
            return kept.sum(-1) if op == "sum" else kept.prod(-1)
        wide = np.broadcast_shapes(array.shape, (1, *frame.mask.shape))
        if not wide[-1]:
            return self.arithmetic.full(wide[:-1], neutral)
        inside = np.broadcast_to(array, wide)
        values = np.where(frame.mask[None], inside, self.arithmetic.array(neutral))
        if op == "sum":
            return self.arithmetic.sum(values, -1)
        return np.asarray(np.prod(values, axis=-1), dtype=object)

    def _mean(self, term: Term, frame: Frame) -> Value:
        known, outward = shape(term)
        array = self.means.get(known)
        if array is None:
            raise RequestError(
                f"the measurement gives no value for {frame.show(term)}; key it by that expression."
            )
        inside = sorted(outward, reverse=True)  # outermost first
        if not hasattr(array, "shape") or len(array.shape) != 1 + len(inside):
            raise RequestError(
                f"{frame.show(term)} needs shape (B{', n' * len(inside)}); "
                "axis n holds its index's values 1, 2, ..."
            )
        if not inside:
            picked = array.reshape((-1,) + (1,) * frame.depth)
        else:
            places = [
                self.integers.place(bound(index), frame, ONE, length, term)
                for index, length in zip(inside, array.shape[1:], strict=True)
            ]
            picked = array[(slice(None), *self._index(np.broadcast_arrays(*places)))]
        return Value(picked, self.arithmetic.abs(picked))

    def _power(self, term: Term, frame: Frame) -> Value:
        base, exponent = self.value(term.args[0], frame), term.args[1]
        if exponent.op == "num":
            return rational_power(base, Fraction(exponent.data), self.arithmetic)
        known = self.integers.ratio(exponent, frame)
        if known is None or known[1] > 2:
            return real_power(base, self.value(exponent, frame), self.arithmetic)
        if known[1] == 2:
            base = rational_power(base, Fraction(1, 2), self.arithmetic)
        return integer_power(base, np.where(frame.mask, known[0], 1)[None], self.arithmetic)

    def _function(self, term: Term, frame: Frame) -> Value:
        name = term.data
        if name == "exp" and term.args[0] == ONE:
            return self._constant(term, frame)
        args = [self.value(arg, frame) for arg in term.args]
        if name in ("max", "min"):
            choose = self.arithmetic.maximum if name == "max" else self.arithmetic.minimum
            value = args[0].value
            for arg in args[1:]:
                value = choose(value, arg.value)
            return Value(value, _total([a.size for a in args]))
        [inside] = args
        value = getattr(self.arithmetic, name)(inside.value)
        size = self.arithmetic.abs(value)
        if name == "abs":
            size = inside.size
        elif name == "log":
            size = size + inside.size / self.arithmetic.abs(inside.value)
        elif name in ("exp", "gamma"):  # relative error: the argument's absolute error
            size = size * (1 + inside.size)
        return Value(value, size)

    # -- statements --------------------------------------------------------------------------------

    def _margins(self, prop: Term, frame: Frame, wanted: bool) -> Margins:
        """Margins of the statement, or of its negation: shape (B, *mask shape, positions)."""
        if prop.op in RELATIONS:
            return self._relation(prop, frame, wanted)
        if prop.op == "all":
            inner = self.integers.open(prop, frame)
            body = self._margins(prop.args[-1], inner, wanted)
            return (
                fold(body, 1) if wanted else exists(body, inner.mask, frame.mask, self.arithmetic)
            )
        if prop.op == "not":
            return self._margins(prop.args[0], frame, not wanted)
        if prop.op not in ("and", "or", "implies", "iff"):
            raise RequestError(
                f"{frame.show(prop)} is no statement and cannot be evaluated as one."
            )
        if not prop.args:  # nothing to hold, or nothing that could
            shape_ = (self.batch, *frame.mask.shape, 1)
            return constant(
                (prop.op == "and") == wanted, shape_, frame.mask[..., None], self.arithmetic
            )
        return self._joined(prop, frame, wanted)

    def _joined(self, prop: Term, frame: Frame, wanted: bool) -> Margins:
        if prop.op == "iff":
            left, right = prop.args
            both = Term(
                "and",
                None,
                (Term("implies", None, (left, right)), Term("implies", None, (right, left))),
            )
            return self._margins(both, frame, wanted)
        flipped = prop.op == "implies"
        parts = [
            self._margins(arg, frame, wanted != (flipped and k == 0))
            for k, arg in enumerate(prop.args)
        ]
        every = (prop.op == "and") == wanted
        return all_of(parts) if every else any_of(parts, frame.mask, self.arithmetic)

    def _relation(self, prop: Term, frame: Frame, wanted: bool) -> Margins:
        op, (low, high) = (prop.op if wanted else RELATIONS[prop.op]), prop.args
        ordered = op in ("le", "lt")
        if ordered and not wanted:
            low, high = high, low
        left, right = self.value(low, frame), self.value(high, frame)
        margin, size = (
            self._wide(right.value - left.value, frame),
            self._wide(right.size + left.size, frame),
        )
        if not ordered:
            margin = self.arithmetic.abs(margin)
        marks = np.ones(tuple(margin.shape), dtype=bool)
        sides = (self._wide(left.value, frame), self._wide(right.value, frame)) if ordered else None
        return Margins(
            -margin if op == "eq" else margin,
            size,
            marks & (op in ("lt", "ne")),
            marks & (op == "eq"),
            sides,
            frame.mask[..., None],
        )

    def _wide(self, array: Array, frame: Frame) -> Array:
        """(B, *mask shape, 1): one position."""
        shape_ = (self.batch, *frame.mask.shape)
        wide = torch.broadcast_to if isinstance(array, torch.Tensor) else np.broadcast_to
        return wide(array, shape_)[..., None]


def speaks_of_limits(term: Term) -> bool:
    """Whether an integral or a limit stands in a term, which can take for ever."""
    return any(part.op in ("integral", "limit") for part in subterms(term))


def _total(arrays: Sequence[Array]) -> Array:
    result = arrays[0]
    for array in arrays[1:]:
        result = result + array
    return result


def _product(arrays: Sequence[Array]) -> Array:
    result = arrays[0]
    for array in arrays[1:]:
        result = result * array
    return result
