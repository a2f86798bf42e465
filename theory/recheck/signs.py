"""What a context shows without a solver: signs of atoms and monomials, and linear arithmetic.

A relation is shown if its margin is a sum of margins of facts (ends of ranges, assumptions,
unquantified hypotheses, also times monomials of known sign) and of monomials with a sign. `read`
turns terms into polynomials; whatever it does must be right in the context.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from theory.recheck.contexts import Context
from theory.recheck.linear import adds_up
from theory.recheck.polynomials import (
    UNIT,
    Mono,
    Poly,
    atom,
    constant,
    divides,
    from_term,
    join,
    plus,
    scaled,
)
from theory.recheck.terms import INF, OWN, ZERO, Number, Term, le, open_, var


class Read(Protocol):
    """A way to read terms as polynomials, which are multiplied in the same way."""

    def __call__(self, context: Context, term: Term) -> Poly: ...
    def times(self, context: Context, one: Poly, other: Poly) -> Poly: ...
    def inverse(self, context: Context, poly: Poly) -> Poly: ...


MOST_FACTS, NESTED = 60, 4


class Sign(NamedTuple):
    """Whether a number is known to be ≥ 0, ≤ 0, other than 0."""

    above: bool = False
    below: bool = False
    nonzero: bool = False

    def times(self, other: Sign) -> Sign:
        return Sign(
            self.above and other.above or self.below and other.below,
            self.above and other.below or self.below and other.above,
            self.nonzero and other.nonzero,
        )

    def also(self, other: Sign) -> Sign:
        return Sign(*(a or b for a, b in zip(self, other, strict=True)))


POSITIVE, UNKNOWN = Sign(True, nonzero=True), Sign()
DECLARED = {
    "": UNKNOWN, "positive": POSITIVE, "nonnegative": Sign(True), "nonzero": Sign(nonzero=True),
    "negative": Sign(below=True, nonzero=True), "nonpositive": Sign(below=True),
}  # fmt: skip


class Fact(NamedTuple):
    """margin ≥ 0, > 0 if strict; an equation is also there the other way round."""

    margin: Poly
    strict: bool
    equation: bool = False


def known(context: Context, read: Read) -> Known:
    """What the context shows of polynomials that `read` gives; kept there."""
    key = ("known", read)
    if key not in context.memory:
        context.memory[key] = Known(context, read)
    found: Known = context.memory[key]
    return found


class Known:
    def __init__(self, context: Context, read: Read) -> None:
        self.context, self.read = context, read
        self.facts: list[Fact] = []
        self.unequal: list[Poly] = []
        self.signs: dict[Term, Sign] = {}
        self.forms: dict[Term, Sign] = {}
        self.memory: dict[tuple[frozenset[tuple[Mono, Number]], bool], bool] = {}
        for prop in context.facts():
            self._add(prop, True)

    def _add(self, prop: Term, holds: bool) -> None:
        if prop.op == "not":
            return self._add(prop.args[0], not holds)
        if prop.op not in ("le", "lt", "eq", "ne"):
            return None
        margin = self.margin(prop)
        if prop.op in ("eq", "ne"):
            if holds != (prop.op == "eq"):
                self.unequal.append(margin)
            else:
                self.facts += [Fact(margin, False, True), Fact(scaled(margin, -1), False, True)]
            return None
        strict = (prop.op == "lt") == holds
        margin, strict = self.strengthened(margin if holds else scaled(margin, -1), strict)
        self.facts.append(Fact(margin, strict))
        return None

    def margin(self, relation: Term) -> Poly:
        """Right side minus left side."""
        left, right = (self.read(self.context, side) for side in relation.args)
        return plus(right, left, -1)

    def strengthened(self, margin: Poly, strict: bool) -> tuple[Poly, bool]:
        """Between integers, m > 0 is m - 1 ≥ 0."""
        whole = strict and all(
            value.denominator == 1 and all(self.context.is_whole(term) for term, _ in mono)
            for mono, value in margin.items()
        )
        return (plus(margin, constant(-1)), False) if whole else (margin, strict)

    # -- relations ---------------------------------------------------------------------------------

    def holds(self, prop: Term) -> bool:
        if prop.op in ("and", "or"):
            return (all if prop.op == "and" else any)(map(self.holds, prop.args))
        if prop.op in ("le", "lt", "ne"):
            margin, strict = self.margin(prop), prop.op == "lt"
            if self.nonzero(margin) if prop.op == "ne" else self.nonneg(margin, strict):
                return True
            return self._structurally(prop)
        if prop.op == "eq":
            margin = self.margin(prop)
            return self.nonneg(margin) and self.nonneg(scaled(margin, -1))
        return False

    def _structurally(self, prop: Term) -> bool:
        """A comparison with 0."""
        left, right = prop.args
        if left is not ZERO and right is not ZERO:
            return False
        sign = self.structural(right if left is ZERO else left)
        if prop.op == "ne":
            return sign.nonzero
        way = sign.above if left is ZERO else sign.below
        return way and (prop.op == "le" or sign.nonzero)

    def structural(self, term: Term) -> Sign:
        """The sign of a term by how it is written: of its factors, or of all it adds up."""
        if term.op == "mul":
            sign = POSITIVE
            for arg in term.args:
                sign = sign.times(self.structural(arg))
            return sign
        sign = UNKNOWN
        if term.op == "add" and term.args:
            signs = [self.structural(arg) for arg in term.args]
            above, below = all(s.above for s in signs), all(s.below for s in signs)
            sign = Sign(above, below, (above or below) and any(s.nonzero for s in signs))
        elif term.op == "pow" and term.args[1].op == "num":
            base, exponent = self.structural(term.args[0]), term.args[1].data
            even = exponent.numerator % 2 == 0 or exponent.denominator > 1
            nonzero = base.nonzero and (exponent.denominator == 1 or base.above)
            sign = Sign(even or base.above, not even and base.below, nonzero)
        return sign if sign.above and sign.nonzero else sign.also(self.sign_of_term(term))

    def sign_of_term(self, term: Term) -> Sign:
        return self.sign_of(self.read(self.context, term))

    def sign_of(self, poly: Poly) -> Sign:
        return Sign(self.nonneg(poly), self.nonneg(scaled(poly, -1)), self.nonzero(poly))

    def nonzero(self, poly: Poly) -> bool:
        if len(poly) == 1 and self.monomial(*next(iter(poly.items()))).nonzero:
            return True
        for margin in self.unequal:
            if margin.keys() == poly.keys():
                mono = next(iter(margin), UNIT)
                if not margin or not plus(scaled(poly, margin[mono]), margin, -poly[mono]):
                    return True
        return self.nonneg(poly, True) or self.nonneg(scaled(poly, -1), True)

    def nonneg(self, poly: Poly, strict: bool = False) -> bool:
        """Whether the polynomial is shown to be ≥ 0 (> 0)."""
        poly, strict = self.strengthened(poly, strict)
        signs = [self.monomial(mono, value) for mono, value in poly.items()]
        if all(sign.above for sign in signs):
            return not strict or any(sign.nonzero for sign in signs)
        if len(poly) == 1 and sum(exponent for _, exponent in next(iter(poly))) < 2:
            return False  # the facts were asked when the sign of the atom was sought
        key = frozenset(poly.items()), strict
        if key not in self.memory:
            ways = (self._adds_up(poly, strict, products) for products in (0, 2))
            self.memory[key] = any(ways)
        return self.memory[key]

    def _adds_up(self, goal: Poly, strict: bool, products: int) -> bool:
        monos = {m for m in goal if m is not UNIT}
        found = self._multiples(monos, products) if products else []
        chosen: list[Fact] = []
        left = self.facts
        while len(chosen) < MOST_FACTS:
            touched = [fact for fact in left if not monos.isdisjoint(fact.margin)]
            if not touched:
                break
            left = [fact for fact in left if monos.isdisjoint(fact.margin)]
            chosen += touched
            monos |= {m for fact in touched for m in fact.margin if m is not UNIT}
        if not chosen and not found:
            return False
        columns = [(fact.margin, fact.strict) for fact in chosen + found] + [(constant(1), True)]
        for mono in monos:
            sign = self.monomial(mono)
            if sign.above or sign.below:
                columns.append(({mono: 1 if sign.above else -1}, sign.nonzero))
        return adds_up(goal, columns, strict)

    def _multiples(self, monos: set[Mono], rounds: int) -> list[Fact]:
        """Facts times monomials with a sign (equations: any) that hold a monomial of the goal."""
        found: dict[tuple[int, Mono], Fact] = {}
        for _ in range(rounds):
            for target in sorted(monos, key=lambda m: [(t.number, e) for t, e in m]):
                for n, fact in enumerate(self.facts):
                    for part in fact.margin:
                        if part is UNIT or part == target or not divides(part, target):
                            continue
                        rest = join(target, part, -1)
                        sign = self.monomial(rest)
                        usable = fact.equation or sign.above or sign.below
                        if usable and (n, rest) not in found and len(found) < MOST_FACTS:
                            flip = -1 if sign.below and not sign.above and not fact.equation else 1
                            margin = self.read.times(self.context, fact.margin, {rest: flip})
                            found[n, rest] = Fact(margin, fact.strict and sign.nonzero)
            monos |= {m for fact in found.values() for m in fact.margin if m is not UNIT}
        return list(found.values())

    # -- signs -------------------------------------------------------------------------------------

    def monomial(self, mono: Mono, value: Number = 1) -> Sign:
        sign = Sign(value >= 0, value <= 0, value != 0)
        for term, exponent in mono:
            one = self.sign(term)
            sign = sign.times(one if exponent % 2 else Sign(True, nonzero=one.nonzero))
        return sign

    def sign(self, term: Term) -> Sign:
        """The sign of an atom: by its form, then by the facts that hold it."""
        if term not in self.signs:
            self.signs[term] = UNKNOWN  # until it is known otherwise
            sign = self.signs[term] = self.form(term)
            if not (sign.nonzero and (sign.above or sign.below)):
                self.signs[term] = sign.also(self._by_facts(term))
        return self.signs[term]

    def _by_facts(self, term: Term) -> Sign:
        it = atom(term)
        (mono,) = it
        if not any(mono in poly for poly in (*(f.margin for f in self.facts), *self.unequal)):
            return UNKNOWN
        minus = scaled(it, -1)

        def shown(poly: Poly, strict: bool) -> bool:
            poly, strict = self.strengthened(poly, strict)
            return self._adds_up(poly, strict, 0)

        above, below = shown(it, False), shown(minus, False)
        nonzero = above and shown(it, True) or below and shown(minus, True)
        nonzero = nonzero or any(poly.keys() == it.keys() for poly in self.unequal)
        return Sign(above, below, nonzero)

    def form(self, term: Term) -> Sign:
        if term not in self.forms:
            self.forms[term] = UNKNOWN
            self.forms[term] = self._form(term)
        return self.forms[term]

    def _form(self, term: Term) -> Sign:
        if term.op == "var":
            return DECLARED[self.context.declared[term.data].sign]
        if term.op == "entry":
            return self._entry(term)
        if term.op == "const":
            return POSITIVE
        if term.op == "pow":
            return self._power(*term.args)
        if term.op == "fn":
            return self._function(term.data, [self._sign_of_term(arg) for arg in term.args])
        if term.op in ("sum", "prod"):
            return self._gathered(term)
        if term.op == "mean":
            inside = known(self.context.sure, self.read)
            sign = inside.sign_of(from_term(term.args[0]))
            return Sign(sign.above, sign.below)
        return self._sign_of_term(term) if term.op in ("add", "mul", "num") else UNKNOWN

    def _sign_of_term(self, term: Term) -> Sign:
        return self.sign_of(from_term(term))

    def _entry(self, term: Term) -> Sign:
        """The declared sign, which holds inside the declared ranges only."""
        declared = self.context.declared[term.data]
        if not declared.sign:
            return UNKNOWN
        inside = all(
            self.context.is_whole(index)
            and self.holds(le(low, index))
            and (high is INF or self.holds(le(index, high)))
            for index, (low, high) in zip(term.args, declared.ranges, strict=True)
        )
        return DECLARED[declared.sign] if inside else UNKNOWN

    def _power(self, base: Term, exponent: Term) -> Sign:
        sign = self._sign_of_term(base)
        if exponent.op == "num" and exponent.data.denominator == 1:
            even = exponent.data % 2 == 0
            return Sign(even or sign.above, not even and sign.below, sign.nonzero)
        if exponent.op == "num":
            return Sign(True, nonzero=sign.above and sign.nonzero)
        whole = self.context.is_whole(exponent)
        return Sign(sign.above, nonzero=sign.nonzero and (whole or sign.above))

    def _function(self, name: str, signs: list[Sign]) -> Sign:
        first = signs[0]
        if name == "exp":
            return POSITIVE
        if name == "abs":
            return Sign(True, nonzero=first.nonzero)
        if name == "gamma":
            return POSITIVE if first.above and first.nonzero else UNKNOWN
        if name == "sign":
            return first
        if name not in ("max", "min"):
            return UNKNOWN
        some, every = (any, all) if name == "max" else (all, any)
        positive = some(s.above and s.nonzero for s in signs)
        negative = every(s.below and s.nonzero for s in signs)
        return Sign(some(s.above for s in signs), every(s.below for s in signs),
                    positive or negative)  # fmt: skip

    def _gathered(self, term: Term) -> Sign:
        """Terms of one sign add up to it; factors > 0 multiply to one."""
        low, high, _ = term.args
        asked: set[Term] = self.context.root.memory.setdefault("asked", set())
        if term in asked or len(asked) >= NESTED or any(map(self.context.is_random, (low, high))):
            return UNKNOWN
        name = f"{OWN}{self.context.own + 1:02d}"
        child = self.context.open(name, "int", low, high)
        asked.add(term)  # facts about the sum are of no use for one of its terms
        try:
            sign = known(child, self.read).sign_of_term(open_(term, var(name)))
        finally:
            asked.discard(term)
        if term.op == "prod":
            return Sign(sign.above, nonzero=sign.nonzero)
        whole = self.context.is_whole(low) and self.context.is_whole(high)
        some = sign.nonzero and (sign.above or sign.below) and whole and self.holds(le(low, high))
        return Sign(sign.above, sign.below, some)
