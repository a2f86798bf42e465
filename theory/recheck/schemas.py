"""Classical inequalities and identities of sums: each gives a proposition and its conditions.

Terms speak of the summation index as a free variable that is not declared where the node stands.
"""

from __future__ import annotations

from collections.abc import Callable

from theory.recheck.calculus import between, convex
from theory.recheck.certificate import Data
from theory.recheck.contexts import Context
from theory.recheck.nodes import wrong
from theory.recheck.terms import (
    ENDS,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    binder,
    eq,
    fn,
    forall,
    le,
    lt,
    mul,
    num,
    power,
    substitute,
    var,
)

Schema = tuple[Term, list[Term]]
MINUS, TWO = num(-1), num(2)


class Args:
    """The arguments of a schema, in a context; an index must be a new name."""

    def __init__(self, data: Data, context: Context) -> None:
        self.data, self.context = data, context

    def __call__(self, *keys: str) -> tuple[Term, ...]:
        terms = tuple(self.data.term(key) for key in keys)
        if any(term.loose or term.op in ENDS for term in terms):
            wrong("an argument of the schema does not stand alone")
        return terms

    def new(self, key: str) -> str:
        name = self.data.name(key)
        if name in self.context.declared:
            wrong(f"the index {name} is already in use")
        return name

    def steady(self, value: Term, body: Term) -> None:
        """A random value may not be put for a variable under a mean."""
        if body.means and self.context.is_random(value):
            wrong("a random value is put under a mean")

    def whole(self, value: Term) -> None:
        if not self.context.is_whole(value):
            wrong(f"{value!r} is not an integer by its form")


class Over:
    """Sums and quantifiers over the schema's index."""

    def __init__(self, args: Args) -> None:
        self.name = args.new("index")
        self.low, self.high = args("lower", "upper")
        if (self.name, 0) in self.low.uses | self.high.uses:
            wrong("an end of the range holds the index")

    def sum(self, body: Term) -> Term:
        return binder("sum", None, self.name, self.low, self.high, body)

    def product(self, body: Term) -> Term:
        return binder("prod", None, self.name, self.low, self.high, body)

    def every(self, prop: Term) -> Term:
        return forall(self.name, "int", self.low, self.high, prop)

    def at(self, body: Term, value: Term) -> Term:
        return substitute(body, {self.name: value})


def cauchy_schwarz(args: Args) -> Schema:
    over, (a, b, weight) = Over(args), args("a", "b", "weight")
    squares = [over.sum(mul(weight, power(one, TWO))) for one in (a, b)]
    left = power(over.sum(mul(weight, a, b)), TWO)
    return le(left, mul(*squares)), [over.every(le(ZERO, weight))]


def triangle(args: Args) -> Schema:
    over, (a,) = Over(args), args("a")
    return le(fn("abs", over.sum(a)), over.sum(fn("abs", a))), []


def term_below_sum(args: Args) -> Schema:
    over, (a, at) = Over(args), args("a", "at")
    args.whole(at)
    args.steady(at, a)
    conditions = [over.every(le(ZERO, a)), le(over.low, at), le(at, over.high)]
    return le(over.at(a, at), over.sum(a)), conditions


def swap_triangle(args: Args) -> Schema:
    outer, inner = args.new("outer"), args.new("inner")
    a, low, high = args("a", "lower", "upper")
    if outer == inner:
        wrong("the two indices have one name")
    before, after = add(var(outer), MINUS), add(var(inner), ONE)
    left = binder("sum", None, outer, low, high, binder("sum", None, inner, low, before, a))
    right = binder("sum", None, inner, low, high, binder("sum", None, outer, after, high, a))
    for end in (low, high):
        if {(outer, 0), (inner, 0)} & end.uses:
            wrong("an end of the range holds an index")
    return eq(left, right), []


def swap_rectangle(args: Args) -> Schema:
    outer, inner = args.new("outer"), args.new("inner")
    a, low, high, first, last = args("a", "outer_lower", "outer_upper", "inner_lower", "inner_upper")
    if outer == inner or any({(outer, 0), (inner, 0)} & e.uses for e in (low, high, first, last)):
        wrong("an end of a range holds an index, or the two have one name")
    left = binder("sum", None, outer, low, high, binder("sum", None, inner, first, last, a))
    right = binder("sum", None, inner, first, last, binder("sum", None, outer, low, high, a))
    return eq(left, right), []


def last_term(args: Args) -> Schema:
    over, (a,) = Over(args), args("a")
    args.whole(over.high)
    args.steady(over.high, a)
    rest = binder("sum", None, over.name, over.low, add(over.high, MINUS), a)
    return eq(over.sum(a), add(rest, over.at(a, over.high))), [le(over.low, over.high)]


def first_term(args: Args) -> Schema:
    over, (a,) = Over(args), args("a")
    args.whole(over.low)
    args.steady(over.low, a)
    rest = binder("sum", None, over.name, add(over.low, ONE), over.high, a)
    return eq(over.sum(a), add(over.at(a, over.low), rest)), [le(over.low, over.high)]


def shift(args: Args) -> Schema:
    over, (a, by) = Over(args), args("a", "by")
    args.whole(by)
    args.steady(by, a)
    low, high = (add(end, mul(MINUS, by)) for end in (over.low, over.high))
    moved = binder("sum", None, over.name, low, high, over.at(a, add(var(over.name), by)))
    if (over.name, 0) in by.uses:
        wrong("what the index is shifted by holds it")
    return eq(over.sum(a), moved), []


def log_of_product(args: Args) -> Schema:
    over, (a,) = Over(args), args("a")
    left = fn("log", over.product(a))
    return eq(left, over.sum(fn("log", a))), [over.every(lt(ZERO, a))]


def product_last(args: Args) -> Schema:
    over, (a,) = Over(args), args("a")
    args.whole(over.high)
    args.steady(over.high, a)
    rest = binder("prod", None, over.name, over.low, add(over.high, MINUS), a)
    return eq(over.product(a), mul(rest, over.at(a, over.high))), [le(over.low, over.high)]


def product_positive(args: Args) -> Schema:
    over, (a,) = Over(args), args("a")
    return lt(ZERO, over.product(a)), [over.every(lt(ZERO, a))]


def product_below(args: Args) -> Schema:
    over, (a, b) = Over(args), args("a", "b")
    conditions = [over.every(le(ZERO, a)), over.every(le(a, b))]
    return le(over.product(a), over.product(b)), conditions


def exp_sum(args: Args) -> Schema:
    x, y = args("x", "y")
    return eq(fn("exp", add(x, y)), mul(fn("exp", x), fn("exp", y))), []


def log_tangent(args: Args) -> Schema:
    (x,) = args("x")
    return le(fn("log", x), add(x, MINUS)), [lt(ZERO, x)]


def exp_tangent(args: Args) -> Schema:
    (x,) = args("x")
    return le(add(ONE, x), fn("exp", x)), []


def exp_increasing(args: Args) -> Schema:
    low, high = args("low", "high")
    return le(fn("exp", low), fn("exp", high)), [le(low, high)]


def log_increasing(args: Args) -> Schema:
    low, high = args("low", "high")
    return le(fn("log", low), fn("log", high)), [lt(ZERO, low), le(low, high)]


def jensen(args: Args) -> Schema:
    over, (point, weight) = Over(args), args("point", "weight")
    f = Function([args.data.name("variable")], args.data.term("body"))
    low, high = args.data.term("low"), args.data.term("high")
    if f.body.means:
        wrong("the function takes a mean")
    conditions = list(convex(f, low, high))
    conditions += [over.every(prop) for prop in between(point, low, high)]
    conditions += [over.every(le(ZERO, weight)), eq(over.sum(weight), ONE)]
    held = [term for term in (f.body, low, high) if (over.name, 0) in term.uses]
    if held:
        wrong("the function or its interval holds the index")
    left = f.at(over.sum(mul(weight, point)))
    return le(left, over.sum(mul(weight, f.at(point)))), conditions


KNOWN: dict[str, Callable[[Args], Schema]] = {
    f.__name__: f
    for f in (
        cauchy_schwarz, triangle, term_below_sum, swap_triangle, swap_rectangle, last_term,
        first_term, shift, exp_tangent, exp_increasing, log_increasing, jensen, log_of_product,
        product_last, product_positive, product_below, exp_sum, log_tangent,
    )
}  # fmt: skip
