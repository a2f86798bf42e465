"""Terms as a certificate writes them: read and checked for shape, opened, closed and substituted.

Equal terms are one object (they are kept in a table), so that equality is identity. Bound variables
are numbers that count binders outwards; the last argument of a binder is its body. The names that
an author gave bound variables are forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

Number = int | Fraction
BINDERS = ("sum", "prod", "integral", "limit", "all")
RELATIONS = ("le", "lt", "eq", "ne")
CONNECTIVES = ("and", "or", "not", "implies", "iff")
FUNCTIONS = ("abs", "sign", "exp", "log", "gamma", "max", "min")
PROPOSITIONS = (*RELATIONS, *CONNECTIVES, "all")
ENDS = ("inf", "neginf")
SHAPES = {  # how many arguments at least and at most (None: any number)
    "num": (0, 0), "var": (0, 0), "bound": (0, 0), "const": (0, 0), "inf": (0, 0), "neginf": (0, 0),
    "entry": (1, None), "add": (0, None), "mul": (0, None), "pow": (2, 2), "fn": (1, None),
    "sum": (3, 3), "prod": (3, 3), "integral": (3, 3), "all": (3, 3), "mean": (1, 2),
    "limit": (2, 2), "le": (2, 2), "lt": (2, 2), "eq": (2, 2), "ne": (2, 2), "and": (0, None),
    "or": (0, None), "not": (1, 1), "implies": (2, 2), "iff": (2, 2),
}  # fmt: skip
OWN = "~"  # the first letter of the checker's own variables; no name in a certificate begins with it


class Malformed(Exception):
    """The certificate is not written as it must be; the message says where."""


class Term:
    """One node; `uses` holds its free names with their number of indices, `means` if E is taken."""

    __slots__ = ("op", "data", "args", "loose", "uses", "means", "number")
    op: str
    data: Any
    args: tuple[Term, ...]
    loose: int
    uses: frozenset[tuple[str, int]]
    means: bool
    number: int

    def __repr__(self) -> str:
        if self.op in ("num", "var"):
            return str(self.data)
        parts = [*([str(self.data)] if self.data is not None else []), *map(repr, self.args)]
        return f"{self.op}({', '.join(parts)})"


_TABLE: dict[tuple[Any, ...], Term] = {}
_NAMES: dict[frozenset[tuple[str, int]], frozenset[str]] = {}


def make(op: str, data: Any = None, args: tuple[Term, ...] = ()) -> Term:
    """The term with these parts, always the same object."""
    key = (op, data, args)
    found = _TABLE.get(key)
    if found is not None:
        return found
    term = Term()
    term.op, term.data, term.args, term.number = op, data, args, len(_TABLE)
    binder = op in BINDERS
    reach = [a.loose - (binder and n == len(args) - 1) for n, a in enumerate(args)]
    term.loose = data + 1 if op == "bound" else max([0, *reach])
    own = {(data, len(args))} if op in ("var", "entry") else set()
    term.uses = frozenset(own).union(*(a.uses for a in args))
    term.means = op == "mean" or any(a.means for a in args)
    return _TABLE.setdefault(key, term)


def names(term: Term) -> frozenset[str]:
    """The free names of a term."""
    if term.uses not in _NAMES:
        _NAMES[term.uses] = frozenset(name for name, _ in term.uses)
    return _NAMES[term.uses]


def num(value: Number) -> Term:
    return make("num", int(value) if value.denominator == 1 else value)


def var(name: str) -> Term:
    return make("var", name)


def add(*terms: Term) -> Term:
    return make("add", None, terms)


def mul(*terms: Term) -> Term:
    return make("mul", None, terms)


def power(base: Term, exponent: Term) -> Term:
    return make("pow", None, (base, exponent))


def fn(name: str, *args: Term) -> Term:
    return make("fn", name, args)


def le(left: Term, right: Term) -> Term:
    return make("le", None, (left, right))


def lt(left: Term, right: Term) -> Term:
    return make("lt", None, (left, right))


def eq(left: Term, right: Term) -> Term:
    return make("eq", None, (left, right))


def implies(premise: Term, conclusion: Term) -> Term:
    return make("implies", None, (premise, conclusion))


def binder(op: str, data: Any, name: str, lower: Term, upper: Term, body: Term) -> Term:
    """Σ, Π, ∫ or ∀ over `name`, free in the body."""
    return make(op, data, (lower, upper, close(body, name)))


def forall(name: str, kind: str, lower: Term, upper: Term, body: Term) -> Term:
    return binder("all", kind, name, lower, upper, body)


ZERO, ONE, INF, NEGINF = num(0), num(1), make("inf"), make("neginf")


def sign_fact(sign: str, value: Term) -> Term | None:
    """What a declared sign says of a value."""
    facts = {"positive": lt(ZERO, value), "nonnegative": le(ZERO, value),
             "negative": lt(value, ZERO), "nonpositive": le(value, ZERO),
             "nonzero": make("ne", None, (value, ZERO))}  # fmt: skip
    return facts.get(sign)


# -- binding and substitution ----------------------------------------------------------------------

Leaf = Callable[[Term, int], "Term | None"]


def _walk(term: Term, depth: int, leaf: Leaf, memo: dict[tuple[Term, int], Term]) -> Term:
    """Rebuild a term; `leaf` says what a part below `depth` binders becomes (None: look inside)."""
    key = (term, depth)
    if key not in memo:
        found = leaf(term, depth)
        if found is None:
            last = len(term.args) - 1 if term.op in BINDERS else -1
            args = (_walk(a, depth + (n == last), leaf, memo) for n, a in enumerate(term.args))
            found = make(term.op, term.data, tuple(args))
        memo[key] = found
    return memo[key]


def lift(term: Term, by: int) -> Term:
    """The term moved below further binders."""

    def leaf(part: Term, depth: int) -> Term | None:
        if part.loose <= depth:
            return part
        return make("bound", part.data + by) if part.op == "bound" else None

    return _walk(term, 0, leaf, {}) if by and term.loose else term


def open_(term: Term, value: Term) -> Term:
    """The body of a binder with a value for its variable."""

    def leaf(part: Term, depth: int) -> Term | None:
        if part.loose <= depth:
            return part
        return value if part.op == "bound" else None

    if value.loose or term.loose:
        raise Malformed("a binder is opened from the outside in")
    return _walk(term.args[-1], 0, leaf, {})


def close(term: Term, name: str) -> Term:
    """The term as a body: the free variable `name` becomes that of the binder around it."""

    def leaf(part: Term, depth: int) -> Term | None:
        if (name, 0) not in part.uses:
            return part
        return make("bound", depth) if part.op == "var" else None

    if term.loose:
        raise Malformed("a body is closed from the inside out")
    return _walk(term, 0, leaf, {})


class Function:
    """A function of whole or real numbers given by a formula; its own names never clash."""

    def __init__(self, given: Sequence[str], body: Term) -> None:
        if body.loose or len(set(given)) < len(given):
            raise Malformed("a formula stands alone and names each of its arguments once")
        self.names = tuple(f"{OWN}arg{n}" for n in range(len(given)))
        own = map(var, self.names)
        self.body = substitute(body, dict(zip(given, own, strict=True)))

    def at(self, *values: Term) -> Term:
        if len(values) != len(self.names):
            raise Malformed(f"a formula of {len(self.names)} arguments is taken at {len(values)}")
        return substitute(self.body, dict(zip(self.names, values, strict=True)))


def substitute(term: Term, values: Mapping[str, Term | Function]) -> Term:
    """Terms for free variables and formulas for sequences, all at once."""
    memo: dict[tuple[Term, int], Term] = {}

    def leaf(part: Term, depth: int) -> Term | None:
        if not names(part) & values.keys():
            return part
        value = values.get(part.data) if part.op in ("var", "entry") else None
        if value is None:
            return None
        if (part.op == "entry") != isinstance(value, Function):
            raise Malformed(f"{part.data}: a number and a sequence are confused")
        if isinstance(value, Function):
            return value.at(*(_walk(index, depth, leaf, memo) for index in part.args))
        return lift(value, depth)

    return _walk(term, 0, leaf, memo)


def parts_of(prop: Term) -> list[Term]:
    """The propositions that a conjunction joins."""
    return [p for a in prop.args for p in parts_of(a)] if prop.op == "and" else [prop]


def has_all(prop: Term) -> bool:
    """Whether a proposition is quantified anywhere."""
    return prop.op == "all" or prop.op in CONNECTIVES and any(map(has_all, prop.args))


# -- an order by structure, which keeps when the checker's own variables are renumbered ------------


def compare(one: Term, other: Term) -> int:
    if one is other:
        return 0
    left, right = ((t.op, t.data or 0, len(t.args)) for t in (one, other))
    if left != right:
        return -1 if left < right else 1
    return next((c for a, b in zip(one.args, other.args, strict=True) if (c := compare(a, b))), 0)


by_structure = cmp_to_key(compare)


# -- reading ---------------------------------------------------------------------------------------


def read_terms(raw: Any) -> list[Term]:
    """The terms of a certificate; every one is built from those before it."""
    if not isinstance(raw, list):
        raise Malformed("the terms are not a list")
    terms: list[Term] = []
    for item in raw:
        try:
            terms.append(_read(item, terms))
        except Malformed as problem:
            raise Malformed(f"term {len(terms)}: {problem}") from None
    return terms


def _read(item: Any, before: list[Term]) -> Term:
    if not isinstance(item, list) or len(item) not in (3, 4) or not isinstance(item[2], list):
        raise Malformed("it is not [op, data, arguments, hint]")
    op, data, arguments = item[:3]
    if not isinstance(op, str) or op not in SHAPES:
        raise Malformed(f"there is no term {op!r}")
    if any(type(n) is not int or not 0 <= n < len(before) for n in arguments):
        raise Malformed("its arguments do not come before it")
    args = tuple(before[n] for n in arguments)
    least, most = SHAPES[op]
    if len(args) < least or most is not None and len(args) > most:
        raise Malformed(f"{op} has {len(args)} arguments")
    for n, arg in enumerate(args):
        _require_sort(op, n, arg)
    return make(op, _read_data(op, data, len(args)), args)


def _require_sort(op: str, n: int, arg: Term) -> None:
    if arg.op in ENDS:
        below = arg is NEGINF
        if (op == "limit" and n == 0) or (op in ("all", "integral") and n == 1 - below):
            return
        raise Malformed(f"{arg.op} is no end of {op}")
    wanted = op in CONNECTIVES or op == "all" and n == 2
    if wanted != (arg.op in PROPOSITIONS):
        raise Malformed(f"an argument of {op} is no {'proposition' if wanted else 'number'}")


def _read_data(op: str, data: Any, count: int) -> Any:
    if op == "num":
        if not isinstance(data, str) or not re.fullmatch(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?", data):
            raise Malformed("a number is not written p or p/q")
        above, _, below = data.partition("/")
        if below and int(below) == 0:
            raise Malformed("a fraction has the denominator 0")
        return num(Fraction(int(above), int(below or 1))).data
    if op in ("var", "entry"):
        return require_name(data)
    if op == "bound":
        if type(data) is not int or not 0 <= data < 1000:
            raise Malformed("a bound variable is no small number")
        return data
    choices = {"const": ("pi",), "fn": FUNCTIONS, "all": ("int", "real"), "limit": ("+", "-", "+-")}
    if op not in choices:
        if data is not None:
            raise Malformed(f"{op} has no data")
        return None
    if not isinstance(data, str) or data not in choices[op]:
        raise Malformed(f"{data!r} is no {op}")
    if op == "fn" and count != 1 and data not in ("max", "min"):
        raise Malformed(f"{data} has {count} arguments")
    return data


def require_name(name: Any) -> str:
    if not isinstance(name, str) or not name or name.startswith(OWN):
        raise Malformed(f"{name!r} is no name")
    return name
