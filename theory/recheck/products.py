"""Goals that follow from facts by multiplying them with what is ≥ 0 and adding up.

What to multiply by is guessed from the goal: the sums that are factors in it, and the monomials
that turn a monomial of a fact into one of the goal's. A guess can fail, never mislead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations_with_replacement

from theory.recheck.linear import adds_up
from theory.recheck.polynomials import (
    UNIT,
    Mono,
    Poly,
    TooLarge,
    constant,
    gcd,
    join,
    scaled,
)
from theory.recheck.signs import Fact, Known
from theory.recheck.terms import RELATIONS, Term

FACTORS, COLUMNS, ROUNDS = 5, 50, 4
LONGEST = 200  # terms of a product that is still of use
LARGEST = 200_000  # pairs of monomials that are compared in one round


def follows_by_products(
    known: Known, premises: list[Term], goal: Term, patient: bool = False
) -> bool:
    """Whether a relation follows from premises and facts of the context in this way. Unless
    `patient`, a search that grows large is given up.
    """
    if goal.op not in ("le", "lt", "eq"):
        return False
    margin = known.margin(goal)
    margin, strict = known.strengthened(margin, goal.op == "lt")
    facts = _facts(known, premises)
    factors = _factors(known, [goal, *premises])
    sides = [margin, scaled(margin, -1)] if goal.op == "eq" else [margin]
    return all(_adds_up(known, facts, factors, side, strict, patient) for side in sides)


def _facts(known: Known, premises: list[Term]) -> list[Fact]:
    """The premises come first: they were chosen for the goal."""
    margins = [known.margin(p) for p in premises if p.op in RELATIONS]
    chosen = [f for f in known.facts if any(f.margin in (m, scaled(m, -1)) for m in margins)]
    ordered = chosen + known.facts
    return [fact for n, fact in enumerate(ordered) if fact not in ordered[:n]]


def _factors(known: Known, terms: list[Term]) -> list[Poly]:
    """The sums that are factors somewhere in the terms and have a sign, and their products."""
    found: list[Poly] = [constant(1)]
    for part in dict.fromkeys(part for term in terms for part in _multiplied(term)):
        if part.loose or len(found) > FACTORS:
            continue
        poly = known.read(known.context, part)
        if len(poly) > 1 and poly not in found and known.nonneg(poly):
            found.append(poly)
    pairs = combinations_with_replacement(found, 2)
    products = [known.read.times(known.context, one, other) for one, other in pairs]
    return [p for n, p in enumerate(products) if p not in products[:n]]


def _multiplied(term: Term) -> Iterator[Term]:
    factors = term.args if term.op == "mul" else term.args[:1] if term.op == "pow" else ()
    yield from (arg for arg in factors if arg.op == "add")
    for arg in term.args:
        yield from _multiplied(arg)


def _adds_up(
    known: Known, facts: list[Fact], factors: list[Poly], goal: Poly, strict: bool, patient: bool
) -> bool:
    monos = {mono for mono in goal if mono is not UNIT}
    products = []
    for factor in factors:
        for fact in facts:
            margin = _product(known, fact.margin, factor)
            if margin and len(margin) < LONGEST:
                sure = fact.strict and factor == {UNIT: 1}
                products.append(Fact(margin, sure, fact.equation))
    columns: dict[tuple[int, Mono], Fact] = {}
    for _ in range(ROUNDS):
        before = len(columns)
        if not patient and len(monos) * sum(len(fact.margin) for fact in products) > LARGEST:
            return False
        _choose(known, products, monos, columns)
        if len(columns) == before:
            return False
        if _solved(known, list(columns.values()), goal, strict):
            return True
        monos |= {m for fact in columns.values() for m in fact.margin if m is not UNIT}
    return False


def _solved(known: Known, columns: list[Fact], goal: Poly, strict: bool) -> bool:
    table = [(fact.margin, fact.strict) for fact in columns] + [(constant(1), True)]
    for mono in {m for poly in (goal, *(f.margin for f in columns)) for m in poly} - {UNIT}:
        sign = known.monomial(mono)
        if sign.above or sign.below:
            table.append(({mono: 1 if sign.above else -1}, sign.nonzero))
    return adds_up(goal, table, strict)


def _choose(
    known: Known, products: list[Fact], monos: set[Mono], columns: dict[tuple[int, Mono], Fact]
) -> None:
    """Some more facts times monomials, those that hold most monomials of the goal."""
    scores: list[tuple[float, int, Mono]] = []
    for n, fact in enumerate(products):
        hits: Counter[Mono] = Counter()
        for target in monos:
            hits.update(
                rest for part in fact.margin if (rest := _quotient(known, target, part)) is not None
            )
        scores += [(count / len(fact.margin), n, rest) for rest, count in hits.items()]
    scores.sort(key=lambda s: (-s[0], s[1], [(t.number, e) for t, e in s[2]]))
    most = len(columns) + COLUMNS
    for _, n, rest in scores:
        fact, sign = products[n], known.monomial(rest)
        if (n, rest) in columns or not (fact.equation or sign.above or sign.below):
            continue
        flip = 1 if fact.equation or sign.above else -1
        margin = _product(known, fact.margin, {rest: flip})
        if margin and len(margin) < LONGEST:
            columns[n, rest] = Fact(margin, fact.strict and sign.nonzero, fact.equation)
        if len(columns) == most:
            return


def _product(known: Known, one: Poly, other: Poly) -> Poly:
    try:
        return known.read.times(known.context, one, other)
    except TooLarge:
        return {}


def _quotient(known: Known, target: Mono, part: Mono) -> Mono | None:
    """A monomial that turns one monomial into the other, if their atoms allow for it."""
    common = gcd(part, target)
    rest, part = join(target, common, -1), join(part, common, -1)
    if not part:
        return rest
    if not known.monomial(part).nonzero:
        return None
    key = ("quotient", known.read, rest, part)
    memory = known.context.memory
    if key not in memory:
        inverse = known.read.inverse(known.context, {part: 1})
        found = known.read.times(known.context, {rest: 1}, inverse)
        memory[key] = next(iter(found)) if len(found) == 1 else None
    quotient: Mono | None = memory[key]
    return quotient
