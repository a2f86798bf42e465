"""Classical facts about sums, products, exp, log and convex functions, instantiated on terms.

What a schema concludes holds if its conditions hold, on every sample and for the total values of
terms: an empty sum is 0, an empty product 1. Trusted. A schema is given the terms of a sum over the
free variable `index` and binds it, so that no other value may contain that name. Which values must
be integers, and which were put for a variable, is said in the instance (`whole`, `put`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from theory.core.context import has_mean
from theory.core.curvature import convex
from theory.core.instance import Instance, Refused, at, between, constants, instance
from theory.core.term import (
    INF,
    NEGINF,
    NUMBER_OPS,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    eq,
    fn,
    forall,
    le,
    lt,
    mul,
    neg,
    num,
    power,
    prod,
    subterms,
    sum_,
    var,
)

ONE_LESS = num(-1)


# -- ranges and what may be put in them ------------------------------------------------------------


class Range(NamedTuple):
    """The integers from `lower` to `upper`, and the name they go by."""

    name: str
    lower: Term
    upper: Term

    def total(self, body: Term) -> Term:
        return sum_(self.name, self.lower, self.upper, body)

    def product(self, body: Term) -> Term:
        return prod(self.name, self.lower, self.upper, body)

    def every(self, prop: Term) -> Term:
        return forall(self.name, "int", self.lower, self.upper, prop)

    def at(self, body: Term, value: Term) -> Term:
        return at(body, self.name, value)

    def up_to(self, upper: Term) -> Range:
        return self._replace(upper=upper)

    def holds_one(self) -> tuple[str, Term]:
        return "the range is not empty", le(self.lower, self.upper)


def _over(
    index: str, lower: Term, upper: Term, terms: tuple[Term, ...], apart: tuple[Term, ...] = ()
) -> Range:
    """The range of an index that occurs in `terms` only, not in the ends, nor in what is apart."""
    _require_numbers(*terms, lower, upper, *apart)
    _require_variable(index, *terms)
    _require_free(index, lower, upper, *apart)
    return Range(index, lower, upper)


def _require_numbers(*terms: Term) -> None:
    """Numbers that stand alone: no statements, no infinities, nothing of a binder around them."""
    if any(term.loose or term.op not in NUMBER_OPS for term in terms):
        raise Refused("a classical inequality takes numbers that stand alone, and no infinities")


def _require_free(name: str, *terms: Term) -> None:
    """A name that is to be bound occurs in its body only."""
    if any(name in term.free for term in terms):
        raise Refused(
            f"the index {name} also occurs in an end of its range or in a value outside the sum; "
            "rename it"
        )


def _require_variable(name: str, *bodies: Term) -> None:
    """An index is a number, so no sequence of the bodies may bear its name."""
    for body in bodies:
        if any(part.op == "entry" and part.data == name for part in subterms(body)):
            raise Refused(f"the index {name} has the name of a sequence; rename it")


# -- sums ------------------------------------------------------------------------------------------


def cauchy_schwarz(
    *, a: Term, b: Term, weight: Term, index: str, lower: Term, upper: Term
) -> Instance:
    """(Σ w a b)² ≤ Σ w a² · Σ w b² for w ≥ 0."""
    over, two = _over(index, lower, upper, (a, b, weight)), num(2)
    squares = (over.total(mul(weight, power(term, two))) for term in (a, b))
    return instance(
        le(power(over.total(mul(weight, a, b)), two), mul(*squares)),
        ("weights are not negative", over.every(le(ZERO, weight))),
    )


def triangle(*, a: Term, index: str, lower: Term, upper: Term) -> Instance:
    """|Σ a| ≤ Σ |a|."""
    over = _over(index, lower, upper, (a,))
    return instance(le(fn("abs", over.total(a)), over.total(fn("abs", a))))


def term_below_sum(*, a: Term, at: Term, index: str, lower: Term, upper: Term) -> Instance:
    """aⱼ ≤ Σ a for terms ≥ 0 and an integer j in the range."""
    over = _over(index, lower, upper, (a,), (at,))
    return instance(
        le(over.at(a, at), over.total(a)),
        ("terms are not negative", over.every(le(ZERO, a))),
        ("not before the range", le(lower, at)),
        ("not behind the range", le(at, upper)),
        whole=(at,),
        put=((a, at),),
    )


def swap_triangle(*, a: Term, outer: str, inner: str, lower: Term, upper: Term) -> Instance:
    """Σ_{t=lo}^{hi} Σ_{i=lo}^{t-1} a(t, i) = Σ_{i=lo}^{hi} Σ_{t=i+1}^{hi} a(t, i)."""
    _require_two(outer, inner)
    rows, columns = (_over(name, lower, upper, (a,)) for name in (outer, inner))
    row = sum_(inner, lower, add(var(outer), ONE_LESS), a)
    column = sum_(outer, add(var(inner), ONE), upper, a)
    return instance(eq(rows.total(row), columns.total(column)))


def swap_rectangle(
    *,
    a: Term,
    outer: str,
    outer_lower: Term,
    outer_upper: Term,
    inner: str,
    inner_lower: Term,
    inner_upper: Term,
) -> Instance:
    """Σ_t Σ_i a(t, i) = Σ_i Σ_t a(t, i) over ranges that do not depend on each other."""
    _require_two(outer, inner)
    rows = _over(outer, outer_lower, outer_upper, (a,), (inner_lower, inner_upper))
    columns = _over(inner, inner_lower, inner_upper, (a,), (outer_lower, outer_upper))
    return instance(eq(rows.total(columns.total(a)), columns.total(rows.total(a))))


def _require_two(outer: str, inner: str) -> None:
    if outer == inner:
        raise Refused(f"two sums are swapped, and both go over {outer}; rename one of them")


def last_term(*, a: Term, index: str, lower: Term, upper: Term) -> Instance:
    """Σ_{i=lo}^{hi} a = Σ_{i=lo}^{hi-1} a + a(hi) if there is a term."""
    over = _over(index, lower, upper, (a,))
    parts = add(over.up_to(add(upper, ONE_LESS)).total(a), over.at(a, upper))
    return instance(eq(over.total(a), parts), over.holds_one(), whole=(upper,), put=((a, upper),))


def first_term(*, a: Term, index: str, lower: Term, upper: Term) -> Instance:
    """Σ_{i=lo}^{hi} a = a(lo) + Σ_{i=lo+1}^{hi} a if there is a term."""
    over = _over(index, lower, upper, (a,))
    parts = add(over.at(a, lower), over._replace(lower=add(lower, ONE)).total(a))
    return instance(eq(over.total(a), parts), over.holds_one(), whole=(lower,), put=((a, lower),))


def shift(*, a: Term, by: Term, index: str, lower: Term, upper: Term) -> Instance:
    """Σ_{i=lo}^{hi} a(i) = Σ_{i=lo-by}^{hi-by} a(i+by) for an integer `by`."""
    over, moved = _over(index, lower, upper, (a,), (by,)), add(var(index), by)
    other = Range(index, add(lower, neg(by)), add(upper, neg(by)))
    parts = other.total(over.at(a, moved))
    return instance(eq(over.total(a), parts), whole=(by,), put=((a, by),))


def jensen(
    *,
    variable: str,
    body: Term,
    point: Term,
    weight: Term,
    index: str,
    lower: Term,
    upper: Term,
    low: Term,
    high: Term,
) -> Instance:
    """f(Σ w x) ≤ Σ w f(x) for weights w ≥ 0 of sum 1 and x in an interval on which f is convex;
    f(variable) = body.
    """
    _require_numbers(body)
    _require_variable(variable, body)
    if has_mean(body):
        raise Refused("Jensen's function must not contain a mean: it is taken at random values")
    function = Function((variable,), body)
    finite = tuple(end for end in (low, high) if end not in (INF, NEGINF))
    over = _over(index, lower, upper, (point, weight), (constants(function), *finite))
    mixed = function.at((over.total(mul(weight, point)),))
    return instance(
        le(mixed, over.total(mul(weight, function.at((point,))))),
        *(("convex", prop) for prop in convex(function, low, high)),
        *(("points in the interval", over.every(prop)) for prop in between(point, low, high)),
        ("weights are not negative", over.every(le(ZERO, weight))),
        ("weights of sum 1", eq(over.total(weight), ONE)),
    )


# -- products --------------------------------------------------------------------------------------


def log_of_product(*, a: Term, index: str, lower: Term, upper: Term) -> Instance:
    """ln Π a = Σ ln a for a > 0."""
    over = _over(index, lower, upper, (a,))
    return instance(
        eq(fn("log", over.product(a)), over.total(fn("log", a))),
        ("factors are positive", over.every(lt(ZERO, a))),
    )


def product_last(*, a: Term, index: str, lower: Term, upper: Term) -> Instance:
    """Π_{i=lo}^{hi} a = Π_{i=lo}^{hi-1} a · a(hi) if there is a factor."""
    over = _over(index, lower, upper, (a,))
    parts = mul(over.up_to(add(upper, ONE_LESS)).product(a), over.at(a, upper))
    return instance(eq(over.product(a), parts), over.holds_one(), whole=(upper,), put=((a, upper),))


def product_positive(*, a: Term, index: str, lower: Term, upper: Term) -> Instance:
    """0 < Π a for a > 0."""
    over = _over(index, lower, upper, (a,))
    return instance(
        lt(ZERO, over.product(a)), ("factors are positive", over.every(lt(ZERO, a)))
    )


def product_below(*, a: Term, b: Term, index: str, lower: Term, upper: Term) -> Instance:
    """Π a ≤ Π b for 0 ≤ a ≤ b."""
    over = _over(index, lower, upper, (a, b))
    return instance(
        le(over.product(a), over.product(b)),
        ("factors are not negative", over.every(le(ZERO, a))),
        ("factor by factor", over.every(le(a, b))),
    )


# -- exp and log -----------------------------------------------------------------------------------


def exp_tangent(*, x: Term) -> Instance:
    """1 + x ≤ eˣ."""
    _require_numbers(x)
    return instance(le(add(ONE, x), fn("exp", x)))


def exp_increasing(*, low: Term, high: Term) -> Instance:
    """eᵃ ≤ eᵇ for a ≤ b."""
    _require_numbers(low, high)
    return instance(le(fn("exp", low), fn("exp", high)), ("in order", le(low, high)))


def exp_sum(*, x: Term, y: Term) -> Instance:
    """eˣ⁺ʸ = eˣ eʸ."""
    _require_numbers(x, y)
    return instance(eq(fn("exp", add(x, y)), mul(fn("exp", x), fn("exp", y))))


def log_increasing(*, low: Term, high: Term) -> Instance:
    """ln a ≤ ln b for 0 < a ≤ b."""
    _require_numbers(low, high)
    return instance(
        le(fn("log", low), fn("log", high)),
        ("positive", lt(ZERO, low)),
        ("in order", le(low, high)),
    )


def log_tangent(*, x: Term) -> Instance:
    """ln x ≤ x - 1 for x > 0."""
    _require_numbers(x)
    return instance(le(fn("log", x), add(x, ONE_LESS)), ("positive", lt(ZERO, x)))


SCHEMAS: Mapping[str, Callable[..., Instance]] = {
    schema.__name__: schema
    for schema in (
        cauchy_schwarz,
        triangle,
        term_below_sum,
        swap_triangle,
        swap_rectangle,
        last_term,
        first_term,
        shift,
        jensen,
        log_of_product,
        product_last,
        product_positive,
        product_below,
        exp_tangent,
        exp_increasing,
        exp_sum,
        log_increasing,
        log_tangent,
    )
}
