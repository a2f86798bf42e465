"""Under which conditions a number or a statement makes sense. Trusted.

Terms have a value everywhere (1/0 = 0, ln 0 = 0, …), and no statement may speak of such values:
where all conditions of `obligations` hold, it never does. What has to be right by its form (whole
ends and indices, as many indices as declared, something random in a mean) is refused on the spot.
A condition is to be shown where its part stands: for every value of the variables around it, and
under the premises around it. No part of an `and` or `or` is a premise of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from theory.core.context import Context, Rejected
from theory.core.instance import between
from theory.core.latex import text
from theory.core.term import (
    CONNECTIVES,
    FUNCTIONS,
    INF,
    NEGINF,
    ONE,
    RELATIONS,
    ZERO,
    Term,
    add,
    either,
    le,
    lt,
    ne,
    neg,
    open_,
    var,
)

Obligations = Iterator[tuple[Context, Term]]


def obligations(term: Term, context: Context) -> Obligations:
    """Conditions under which a term or a statement makes sense in the context, each with the
    context, this one or a child, in which it is to be shown.
    """
    if term.op not in KINDS or term.loose:
        raise Rejected(f"{text(term) if not term.loose else term} is not part of the language")
    yield from KINDS[term.op](term, context)


def _parts(term: Term, context: Context) -> Obligations:
    for arg in term.args:
        yield from obligations(arg, context)


# -- numbers ---------------------------------------------------------------------------------------


def _variable(term: Term, context: Context) -> Obligations:
    context.require_known(term)
    if context.declared[term.data].is_sequence:
        raise Rejected(f"{term.data} is a sequence where a number is expected; give it indices")
    yield from ()


def _entry(term: Term, context: Context) -> Obligations:
    """Every index is an integer in its declared range."""
    yield from _parts(term, context)
    context.require_known(term)
    ranges = context.declared[term.data].ranges
    if not ranges or len(ranges) != len(term.args):
        raise Rejected(f"{text(term)} does not match the declared index ranges of {term.data}")
    for index, ends in zip(term.args, ranges, strict=True):
        if not context.is_whole(index):
            raise Rejected(
                f"the index {text(index)} of {text(term)} is not known to be an integer"
            )
        yield from ((context, prop) for prop in between(index, *ends))


def _power(term: Term, context: Context) -> Obligations:
    yield from _parts(term, context)
    base, exponent = term.args
    yield from ((context, prop) for prop in _power_conditions(base, exponent, context))


def _power_conditions(base: Term, exponent: Term, context: Context) -> list[Term]:
    """Quotients by 0, roots of negative numbers and other powers of what is not positive."""
    if exponent.op == "num":
        value = Fraction(exponent.data)
        if value.denominator == 1:
            return [ne(base, ZERO)] if value < 0 else []
        return [le(ZERO, base) if value > 0 else lt(ZERO, base)]
    if context.is_whole(exponent):
        return [either(ne(base, ZERO), le(ZERO, exponent))]
    return [lt(ZERO, base)]


def _function(term: Term, context: Context) -> Obligations:
    arity = FUNCTIONS.get(term.data)
    if arity is None or not term.args or arity not in (0, len(term.args)):
        raise Rejected(f"the function {term.data} is not one the checker knows")
    yield from _parts(term, context)
    if term.data in ("log", "gamma"):
        yield context, lt(ZERO, term.args[0])


def _mean(term: Term, context: Context) -> Obligations:
    """The body makes sense on every sample, so that what some samples satisfy does not help."""
    body, *steps = term.args
    yield from obligations(body, context.sure)
    for step in steps:
        yield from obligations(step, context)
        if context.is_random(step):
            raise Rejected(f"the step that {text(term)} is taken at must not be random")
    if not any(context.declared[name].random for name in body.free):
        raise Rejected(
            f"nothing in {text(term)} is random; declare what varies with Var(..., random=True)"
        )


# -- what binds a variable -------------------------------------------------------------------------


def _fold(term: Term, context: Context) -> Obligations:
    """Σ and Π go over a range of integers that is not reversed; it may be empty."""
    lower, upper, _ = term.args
    yield from _ends(term, context, "sum" if term.op == "sum" else "product")
    yield context, le(ZERO, add(upper, neg(lower), ONE))
    yield from _body(term, "int", context)


def _quantifier(term: Term, context: Context) -> Obligations:
    yield from _ends(term, context, "quantifier" if term.data == "int" else "")
    yield from _body(term, term.data, context)


def _integral(term: Term, context: Context) -> Obligations:
    """One point does not matter, so that the ends themselves may be left out. From a larger end to
    a smaller one an integral would be read as minus another, which nothing here takes it for.
    """
    yield from _ends(term, context)
    lower, upper, _ = term.args
    if lower != NEGINF and upper != INF:
        yield context, le(lower, upper)
    yield from _body(term, "real", context, strict=True)


def _limit(term: Term, context: Context) -> Obligations:
    """The form only: a limit is spoken of where a rule gives it a value."""
    yield from _ends(term, context)
    name, inside = _opened(term, "real", NEGINF, INF, context)
    for _ in obligations(open_(term, var(name)), inside):
        pass


def _ends(term: Term, context: Context, whole: str = "") -> Obligations:
    """The ends make sense, and are whole where they are to be; those of sums are finite."""
    for end in term.args[:-1]:
        if end in (INF, NEGINF) and term.op not in ("sum", "prod"):
            continue
        if end not in (INF, NEGINF):
            yield from obligations(end, context)
        if whole and not context.is_whole(end):
            raise Rejected(f"the {whole} over {term.hint or 'i'} needs integer limits")


def _body(term: Term, kind: str, context: Context, strict: bool = False) -> Obligations:
    lower, upper, _ = term.args
    name, inside = _opened(term, kind, lower, upper, context)
    if strict:
        for end, prop in ((lower, lt(lower, var(name))), (upper, lt(var(name), upper))):
            inside = inside if end in (INF, NEGINF) else inside.assume(prop)
    yield from obligations(open_(term, var(name)), inside)


def _opened(
    term: Term, kind: str, lower: Term, upper: Term, context: Context
) -> tuple[str, Context]:
    """A new name for the variable, and the context in which it is any number of the range."""
    name = term.hint or "i"
    while name in context.declared or name in term.free:
        name += "'"
    if not any(context.is_random(end) for end in (lower, upper)):
        return name, context.open(name, kind, lower, upper)
    inside = context.open(name, kind, NEGINF, INF)  # of the samples on which it lies in the range
    for prop in between(var(name), lower, upper):
        inside = inside.assume(prop)
    return name, inside


# -- statements ------------------------------------------------------------------------------------


def _implication(term: Term, context: Context) -> Obligations:
    """What follows need make sense under the premise only."""
    premise, conclusion = term.args
    yield from obligations(premise, context)
    yield from obligations(conclusion, context.assume(premise))


KINDS: dict[str, Callable[[Term, Context], Obligations]] = {
    **dict.fromkeys(("num", "const", "add", "mul", *RELATIONS, *CONNECTIVES), _parts),
    "var": _variable,
    "entry": _entry,
    "pow": _power,
    "fn": _function,
    "mean": _mean,
    "sum": _fold,
    "prod": _fold,
    "integral": _integral,
    "limit": _limit,
    "all": _quantifier,
    "implies": _implication,
}
