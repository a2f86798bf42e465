"""Terms: numbers, variables, sums, means, relations, quantifiers. Immutable, compared by structure, and inert.

A constructor stores what it is given: nothing is simplified, merged, ordered or decided. Bound variables are numbers that
count binders outwards (locally nameless), so statements that differ in the names of bound variables only are equal and a
substitution cannot capture. The name an author gave a bound variable is kept as a `hint` for the reader's eye.

Every term has a value under an assignment of reals to variables and of functions on the integers to sequences:
x/0 = 0, 0⁰ = 1, roots and logarithms of what has none are 0, Σ and Π over an empty or reversed range are 0 and 1. The
inferences are right for these values; that a statement never speaks of such a case is shown apart (`defined`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

NUMBER_OPS = ("num", "var", "bound", "entry", "const", "add", "mul", "pow", "fn", "sum", "prod", "mean", "integral", "limit")
RELATIONS = ("le", "lt", "eq", "ne")
CONNECTIVES = ("and", "or", "not", "implies", "iff")
BINDERS = ("sum", "prod", "integral", "limit", "all")  # the last argument is the body, in which bound(0) is theirs
FUNCTIONS = {"abs": 1, "sign": 1, "exp": 1, "log": 1, "gamma": 1, "max": 0, "min": 0}  # arity; 0: one or more


class Term:
    """One node: what it is (`op`), a number or name (`data`), its arguments, and the name of what it binds (`hint`)."""

    __slots__ = ("op", "data", "args", "hint", "loose", "free", "_hash")
    op: str
    data: Any
    args: tuple[Term, ...]
    hint: str
    loose: int
    free: frozenset[str]
    _hash: int

    def __init__(self, op: str, data: Any = None, args: tuple[Term, ...] = (), hint: str = "") -> None:
        put = object.__setattr__
        put(self, "op", op)
        put(self, "data", data)
        put(self, "args", args)
        put(self, "hint", hint)
        inside = max((a.loose for a in args), default=0)
        if op in BINDERS:
            inside = max(args[-1].loose - 1, *(a.loose for a in args[:-1]), 0)
        put(self, "loose", data + 1 if op == "bound" else inside)  # how many binders around it its indices reach
        free = frozenset().union(*(a.free for a in args)) if args else frozenset()
        put(self, "free", free | {data} if op in ("var", "entry") else free)
        put(self, "_hash", hash((op, data, args)))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("terms are immutable")

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Term) and self._hash == other._hash and self.op == other.op
                                 and self.data == other.data and self.args == other.args)

    def __repr__(self) -> str:
        inside = [*([repr(self.data)] if self.data is not None else []), *map(repr, self.args)]
        return f"{self.op}({', '.join(inside)})"

    def __reduce__(self) -> tuple:
        return Term, (self.op, self.data, self.args, self.hint)


# -- constructors ------------------------------------------------------------------------------------------------------


def num(value: int | Fraction) -> Term:
    """An exact rational number."""
    whole = isinstance(value, int) or value.denominator == 1
    return Term("num", int(value) if whole else Fraction(value))


def var(name: str) -> Term:
    """A scalar variable."""
    return Term("var", name)


def bound(index: int) -> Term:
    """The variable of the index-th binder outwards."""
    return Term("bound", index)


def entry(name: str, *indices: Term) -> Term:
    """An entry of a sequence."""
    return Term("entry", name, indices)


def const(name: str) -> Term:
    """π."""
    return Term("const", name)


def add(*terms: Term) -> Term:
    return Term("add", None, terms)


def mul(*terms: Term) -> Term:
    return Term("mul", None, terms)


def power(base: Term, exponent: Term) -> Term:
    return Term("pow", None, (base, exponent))


def neg(term: Term) -> Term:
    return mul(num(-1), term)


def sub(left: Term, right: Term) -> Term:
    return add(left, neg(right))


def divide(left: Term, right: Term) -> Term:
    return mul(left, power(right, num(-1)))


def root(base: Term, degree: int = 2) -> Term:
    return power(base, num(Fraction(1, degree)))


def fn(name: str, *args: Term) -> Term:
    """A named function of `FUNCTIONS`."""
    return Term("fn", name, args)


def mean(body: Term, step: Term | None = None) -> Term:
    """E(body), or given the history before a step."""
    return Term("mean", None, (body,) if step is None else (body, step))


def le(left: Term, right: Term) -> Term:
    return Term("le", None, (left, right))


def lt(left: Term, right: Term) -> Term:
    return Term("lt", None, (left, right))


def eq(left: Term, right: Term) -> Term:
    return Term("eq", None, (left, right))


def ne(left: Term, right: Term) -> Term:
    return Term("ne", None, (left, right))


def both(*props: Term) -> Term:
    return Term("and", None, props)


def either(*props: Term) -> Term:
    return Term("or", None, props)


def negation(prop: Term) -> Term:
    return Term("not", None, (prop,))


def implies(premise: Term, conclusion: Term) -> Term:
    return Term("implies", None, (premise, conclusion))


ZERO, ONE = num(0), num(1)
INF, NEGINF = Term("inf"), Term("neginf")  # ends of ranges only


def sum_(name: str, lower: Term, upper: Term, body: Term) -> Term:
    """Σ over the integers from lower to upper; `name` is free in body and bound here."""
    return Term("sum", None, (lower, upper, close(body, name)), name)


def prod(name: str, lower: Term, upper: Term, body: Term) -> Term:
    """Π over the integers from lower to upper."""
    return Term("prod", None, (lower, upper, close(body, name)), name)


def forall(name: str, kind: str, lower: Term, upper: Term, body: Term) -> Term:
    """body for all integers (kind "int") or reals (kind "real") from lower to upper, either of which may be infinite."""
    return Term("all", kind, (lower, upper, close(body, name)), name)


# -- binding and substitution ------------------------------------------------------------------------------------------


def rebuild(term: Term, args: tuple[Term, ...]) -> Term:
    """The same node over other arguments."""
    return term if all(a is b for a, b in zip(args, term.args, strict=True)) else Term(term.op, term.data, args, term.hint)


def _walk(term: Term, depth: int, leaf: Callable[[Term, int], Term | None]) -> Term:
    """Rebuild a term, `leaf` deciding what a node becomes below `depth` binders (None: look inside)."""
    found = leaf(term, depth)
    if found is not None:
        return found
    last = len(term.args) - 1
    binder = term.op in BINDERS
    return rebuild(term, tuple(_walk(arg, depth + (binder and n == last), leaf) for n, arg in enumerate(term.args)))


def lift(term: Term, by: int) -> Term:
    """The term moved below `by` further binders: what it says of binders around it stays so."""
    def leaf(part: Term, depth: int) -> Term | None:
        if part.loose <= depth:
            return part
        return bound(part.data + by) if part.op == "bound" else None

    return _walk(term, 0, leaf) if by and term.loose else term


def open_(binder: Term, value: Term) -> Term:
    """The body of a binder with a closed value for its variable."""
    def leaf(part: Term, depth: int) -> Term | None:
        if part.loose <= depth:
            return part
        return value if part.op == "bound" else None

    if value.loose or binder.loose:
        raise ValueError("open binders from the outside in, with values that stand alone")
    return _walk(binder.args[-1], 0, leaf)


def close(term: Term, name: str) -> Term:
    """The term as a body: the free variable `name` becomes the variable of the binder around it."""
    def leaf(part: Term, depth: int) -> Term | None:
        if name not in part.free:
            return part
        return bound(depth) if part.op == "var" and part.data == name else None

    if term.loose:
        raise ValueError("a term is closed from the inside out")
    return _walk(term, 0, leaf)


class Function:
    """A sequence given by a formula: the entry at `names` = indices is `body`."""

    __slots__ = ("names", "body")
    names: tuple[str, ...]
    body: Term

    def __init__(self, names: tuple[str, ...], body: Term) -> None:
        if body.loose or len(set(names)) < len(names):
            raise ValueError("a formula for a sequence stands alone and names each index once")
        self.names, self.body = names, body

    def at(self, indices: tuple[Term, ...]) -> Term:
        """The formula at the given indices, which may speak of binders around the entry."""
        if len(indices) != len(self.names):
            raise ValueError(f"a sequence of {len(self.names)} indices is taken at {len(indices)}")
        return substitute(self.body, dict(zip(self.names, indices, strict=True)))


def substitute(term: Term, values: Mapping[str, Term | Function]) -> Term:
    """Terms for free variables, formulas for sequences, all at once."""
    names = frozenset(values)

    def leaf(part: Term, depth: int) -> Term | None:
        if not part.free & names:
            return part
        value = values.get(part.data) if part.op in ("var", "entry") else None
        if value is None:
            return None
        if (part.op == "entry") != isinstance(value, Function):
            raise ValueError(f"{part.data}: a number and a sequence cannot take each other's place")
        if isinstance(value, Function):
            return value.at(tuple(_walk(index, depth, leaf) for index in part.args))
        return lift(value, depth)

    return _walk(term, 0, leaf)


def subterms(term: Term) -> Iterator[Term]:
    """The term and all its parts, outermost first; bodies of binders as they stand."""
    yield term
    for arg in term.args:
        yield from subterms(arg)
