"""What a schema gives: a conclusion that holds if all conditions do, for the kernel to prove.

`Refused` is how a schema says no: what was given does not have the shape that the rule is about.
"""

from __future__ import annotations

from typing import NamedTuple

from theory.core.term import INF, NEGINF, ZERO, Function, Term, le, substitute


class Refused(Exception):
    """What was given does not have the shape that the rule is about; the message says how to mend
    it.
    """


class Instance(NamedTuple):
    """`conclusion` holds if all `conditions` hold; `labels` say in words what each condition is
    for.

    Two things are about form, and are looked at where the names are declared: the terms of `whole`
    must be integers, and where `put` holds (body, value) the value was put for a variable of the
    body, so that it must not be random if the body has a mean.
    """

    conclusion: Term
    conditions: tuple[Term, ...] = ()
    labels: tuple[str, ...] = ()
    whole: tuple[Term, ...] = ()
    put: tuple[tuple[Term, Term], ...] = ()


def instance(
    conclusion: Term,
    *labelled: tuple[str, Term],
    whole: tuple[Term, ...] = (),
    put: tuple[tuple[Term, Term], ...] = (),
) -> Instance:
    """An instance from conditions with their labels."""
    labels, conditions = tuple(zip(*labelled, strict=True)) if labelled else ((), ())
    return Instance(conclusion, conditions, labels, whole, put)


def fresh(wanted: str, *terms: Term) -> str:
    """A name for a bound variable that none of the terms uses."""
    used = frozenset().union(*(term.free for term in terms))
    name = wanted or "x"
    while name in used:
        name += "'"
    return name


def constants(function: Function) -> Term:
    """A term with the names that a function of one number uses beside its argument."""
    return function.at((ZERO,))


def require_ends(lower: Term, upper: Term) -> None:
    """-∞ is a lower end only and ∞ an upper one."""
    if lower == INF or upper == NEGINF:
        raise Refused("a range goes from its smaller end to its larger one")


def between(point: Term, lower: Term, upper: Term) -> list[Term]:
    """The point lies in the closed interval; an infinite end asks nothing."""
    low = [] if lower == NEGINF else [le(lower, point)]
    return low if upper == INF else [*low, le(point, upper)]


def at(prop: Term, name: str, value: Term) -> Term:
    """The proposition with a value for one variable."""
    return substitute(prop, {name: value})
