"""Composite terms under a line or a root, replaced by arbitrary numbers of the same sign.

What holds for every number y > 0 holds for the q-th root of a term B > 0 in place of it: then B is
y^q, and no solver has to look into B. Nothing is replaced inside a mean, where an arbitrary number
would not be random.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import lcm

from theory.recheck.contexts import Context
from theory.recheck.normal import Normal
from theory.recheck.polynomials import Poly
from theory.recheck.terms import (
    INF,
    NEGINF,
    OWN,
    ZERO,
    Term,
    eq,
    le,
    lt,
    make,
    num,
    power,
    var,
)


def abstracted(
    context: Context, props: list[Term], form: Normal
) -> tuple[Context, list[Term], list[Term]] | None:
    """Where the numbers are, the propositions about them, and what they stand for."""
    degrees: dict[Term, int] = {}
    polys: dict[Term, Poly] = {}
    for base, degree in (found for prop in props for found in _bases(prop)):
        poly = form.poly(base)
        same = next((b for b, other in polys.items() if other == poly), base)
        if len(poly) > 1 and (same in polys or form.nonneg(poly)):
            polys[same] = poly
            degrees[same] = lcm(degrees.get(same, 1), degree)
    chosen: dict[Term, Term] = {}
    for base, degree in degrees.items():
        name = f"{OWN}{context.own + 1:02d}"
        strict = form.nonneg(polys[base], True)
        context = context.open(name, "real", NEGINF, INF)
        context = context.assume((lt if strict else le)(ZERO, var(name)), surely=True)
        chosen[base] = var(name) if degree == 1 else power(var(name), num(degree))
    if not chosen:
        return None

    def replaced(term: Term) -> Term:
        if term.op == "mean" or not term.args:
            return term
        if term.op == "add" and not term.loose and term not in memory:
            poly = form.poly(term)
            memory[term] = next((chosen[b] for b, p in polys.items() if p == poly), None)
        found = memory.get(term)
        return found or make(term.op, term.data, tuple(map(replaced, term.args)))

    memory: dict[Term, Term | None] = {}
    meaning = [eq(chosen[base], base) for base in chosen]
    return context, [replaced(prop) for prop in props], meaning


def _bases(term: Term) -> Iterator[tuple[Term, int]]:
    """Sums under a line or a root, with the degree of the root."""
    if term.op == "mean":
        return
    if term.op == "pow" and term.args[0].op == "add" and not term.loose:
        exponent = term.args[1]
        if exponent.op == "num" and (exponent.data < 0 or exponent.data.denominator > 1):
            yield term.args[0], exponent.data.denominator
    for arg in term.args:
        yield from _bases(arg)
