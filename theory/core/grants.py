"""Side conditions: what follows in a context from declared signs and linear arithmetic, without a
solver.

`holds` grants a relation whose margin is a sum of what is known to be ≥ 0: of monomials with a sign
and of facts of the context (ends of ranges, assumptions, unquantified hypotheses), the latter times
numbers or monomials with a sign. It may fail to grant what is true, never the reverse. Hypotheses
that it used are recorded in `context.touched`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from theory.core.context import Context, Rejected, sign_fact
from theory.core.ring import (
    ATOMS,
    UNIT,
    Monomial,
    Number,
    Poly,
    as_term,
    atom,
    constant,
    divides,
    plus,
    quotient,
    scaled,
    single,
    times,
)
from theory.core.term import INF, NEGINF, ONE, ZERO, Term, add, le, lt, neg, open_, rebuild, var

DEPTH = 6  # how many facts are added up
BUDGET = 250  # and how many ways to do so are tried
LARGEST_POWER = 12


@dataclass(frozen=True)
class Sign:
    """Whether a number is known to be ≥ 0, ≤ 0, other than 0."""

    above: bool = False
    below: bool = False
    nonzero: bool = False

    def __and__(self, other: Sign) -> Sign:
        """The sign of a product."""
        alike = self.above and other.above or self.below and other.below
        unlike = self.above and other.below or self.below and other.above
        return Sign(alike, unlike, self.nonzero and other.nonzero)

    def __or__(self, other: Sign) -> Sign:
        """What two ways to look at one number say together."""
        return Sign(self.above or other.above, self.below or other.below,
                    self.nonzero or other.nonzero)

    @property
    def positive(self) -> bool:
        return self.above and self.nonzero


POSITIVE, NONNEGATIVE, UNKNOWN = Sign(True, nonzero=True), Sign(True), Sign()
DECLARED = {
    "": UNKNOWN, "positive": POSITIVE, "nonnegative": NONNEGATIVE, "nonzero": Sign(nonzero=True),
    "negative": Sign(below=True, nonzero=True), "nonpositive": Sign(below=True),
}


def sign_of_number(value: Number) -> Sign:
    return Sign(value >= 0, value <= 0, value != 0)


@dataclass(frozen=True)
class Fact:
    """margin ≥ 0, or > 0; from a hypothesis of that name, if from one."""

    margin: Poly
    strict: bool
    hypothesis: str = ""


@dataclass
class Grants:
    """What a context grants; `of(context)` remembers it there."""

    context: Context
    facts: list[Fact]
    unequal: list[tuple[Poly, str]]
    by_monomial: dict[tuple[Monomial, bool], list[Fact]] = field(default_factory=dict)
    multiples: list[tuple[Monomial, Fact]] = field(default_factory=list)
    memory: dict = field(default_factory=dict)
    signs: dict[int, Sign] = field(default_factory=dict)
    products: dict[Monomial, Sign] = field(default_factory=dict)
    looking: int = 0  # for how many atoms a sign is being looked for
    left: int = 0

    # -- relations -----------------------------------------------------------------------------

    def holds(self, prop: Term) -> bool:
        """Whether the proposition is granted."""
        if prop not in self.memory:
            self.memory[prop] = False  # until it is known otherwise
            self.memory[prop] = self._holds(prop)
        return self.memory[prop]

    def _holds(self, prop: Term) -> bool:
        if prop.op == "and":
            return all(self.holds(arg) for arg in prop.args)
        if prop.op == "or":
            return any(self.holds(arg) for arg in prop.args)
        if prop.op not in ("le", "lt", "eq", "ne"):
            return False
        left, right = prop.args
        margin = plus(flat(right, self.context), flat(left, self.context), -1)
        if prop.op in ("le", "lt"):
            if left == ZERO and right.op in ("add", "mul", "pow"):
                sign = self._as_written(right)
                if sign.positive or sign.above and prop.op == "le":
                    return True
            return self.at_least(margin, prop.op == "lt")
        if prop.op == "ne":
            return self.nonzero(margin)
        return not margin or self.at_least(margin) and self.at_least(scaled(margin, -1))

    def nonzero(self, margin: Poly) -> bool:
        """Whether a polynomial is granted not to be 0."""
        if len(margin) == 1:
            (monomial, value), = margin.items()
            if self.monomial(monomial, value).nonzero:
                return True
        for poly, name in self.unequal:
            if plus(poly, margin, -1) == {} or plus(poly, margin) == {}:
                self.context.touched.add(name)
                return True
        return self.at_least(margin, True) or self.at_least(scaled(margin, -1), True)

    def at_least(self, margin: Poly, strict: bool = False) -> bool:
        """Whether margin ≥ 0 (> 0) is granted."""
        if self.whole(margin):  # between integers m > 0 is m - 1 ≥ 0, and m ≥ 0 is m + 1 > 0
            margin, strict = (plus(margin, constant(-1)), False) if strict else (margin, False)
        before, self.left = self.left, BUDGET
        try:
            return self._search(margin, strict, DEPTH)
        finally:
            self.left = before

    def _search(self, margin: Poly, strict: bool, depth: int) -> bool:
        """Take away facts until every monomial has a sign."""
        positive, bad = not strict, None
        for monomial, value in margin.items():
            sign = self.monomial(monomial, value)
            if not sign.above:
                bad = monomial if bad is None or len(monomial) > len(bad) else bad
            positive = positive or sign.positive
        if bad is None:
            return positive
        self.left -= 1
        if not depth or self.left < 0 or bad == UNIT and len(margin) == 1:
            return False
        for fact, poly in self._candidates(bad, margin[bad] > 0):
            factor = Fraction(margin[bad]) / poly[bad]
            rest = plus(margin, poly, -(int(factor) if factor.denominator == 1 else factor))
            if self._search(rest, strict and not fact.strict, depth - 1):
                self.context.touched.update({fact.hypothesis} - {""})
                return True
        return False

    def _candidates(self, bad: Monomial, positive: bool) -> list[tuple[Fact, Poly]]:
        """Facts, times monomials that are ≥ 0, that hold the monomial with the same sign."""
        found = [(fact, fact.margin) for fact in self.by_monomial.get((bad, positive), ())]
        if len(bad) < 2 and sum(e for _, e in bad) < 2:
            return found
        for part, fact in self.multiples:
            if part != bad and divides(part, bad):
                rest = quotient(bad, part)
                sign = self.monomial(rest, 1)
                if sign.above and (fact.margin[part] > 0) == positive:
                    weak = Fact(fact.margin, fact.strict and sign.nonzero, fact.hypothesis)
                    found.append((weak, times(fact.margin, {rest: 1})))
        return found

    # -- signs ---------------------------------------------------------------------------------

    def monomial(self, monomial: Monomial, value: Number = 1) -> Sign:
        sign = self.products.get(monomial)
        if sign is None:
            sign = POSITIVE
            for number, exponent in monomial:
                one = self.atom(number)
                sign &= one if exponent % 2 else Sign(True, nonzero=one.nonzero)
            if not self.looking:  # or an atom on the way may not have its sign yet
                self.products[monomial] = sign
        return sign if value > 0 else Sign(sign.below, sign.above, sign.nonzero)

    def atom(self, number: int) -> Sign:
        """The sign of an atom: by its form, by the context around, by linear arithmetic."""
        if number not in self.signs:
            self.looking += 1
            self.signs[number] = UNKNOWN  # until it is known otherwise
            self.signs[number] = self._atom(number)
            self.looking -= 1
        return self.signs[number]

    def _atom(self, number: int) -> Sign:
        term, around, sign = ATOMS[number], self.context.parent, UNKNOWN
        outside = around is not None and term.free <= around.declared.keys()
        if outside and around is not None:
            sign = of(around).atom(number)
        if sign.nonzero and (sign.above or sign.below):
            return sign
        if not outside or self.context.opened is None:  # a new variable tells nothing of it
            sign = sign | self._by_form(term)
        self.signs[number] = sign
        return sign | self._by_facts(number, sign)

    def sign(self, term: Term) -> Sign:
        """The sign of a term: as it is written, (x - c)² for one, or else multiplied out."""
        written = self._as_written(term)
        if written.above or written.below:
            return written
        margin = flat(term, self.context)
        above, below = self.at_least(margin), self.at_least(scaled(margin, -1))
        return Sign(above, below, self.nonzero(margin))

    def _as_written(self, term: Term) -> Sign:
        if term.op == "mul":
            sign = POSITIVE
            for arg in term.args:
                sign &= self._as_written(arg)
            return sign
        if term.op == "add":
            signs = [self._as_written(arg) for arg in term.args]
            above, below = all(s.above for s in signs), all(s.below for s in signs)
            return Sign(above, below, (above or below) and any(s.nonzero for s in signs))
        if term.op == "pow" and term.args[1].op == "num" and term.args[1].data == 2:
            return Sign(True, nonzero=self._as_written(term.args[0]).nonzero)
        if term.op == "num":
            return sign_of_number(term.data)
        return self.monomial(next(iter(poly))) if len(poly := flat(term, self.context)) == 1 and \
            next(iter(poly.values())) == 1 else UNKNOWN

    def _by_facts(self, number: int, known: Sign) -> Sign:
        it, minus = single(number), scaled(single(number), -1)
        if not any(((number, 1),) == monomial for monomial, _ in self.by_monomial):
            return known
        above, below = self.at_least(it), self.at_least(minus)
        nonzero = above and self.at_least(it, True) or below and self.at_least(minus, True)
        return Sign(above, below, nonzero or self.nonzero(it))

    def _by_form(self, term: Term) -> Sign:
        if term.op == "var":
            return DECLARED[self.context.declared[term.data].sign]
        if term.op == "entry":
            return self._entry(term)
        if term.op == "const":
            return POSITIVE
        if term.op == "pow":
            return self._power(*term.args)
        if term.op == "fn":
            return self._function(term)
        if term.op in ("sum", "prod"):
            return self._gathered(term)
        if term.op == "mean":
            return Sign(of(self.context.sure).sign(term.args[0]).above)
        return UNKNOWN

    def _entry(self, term: Term) -> Sign:
        """The declared sign, which holds inside the declared ranges."""
        declared = self.context.declared[term.data]
        if not declared.sign or len(term.args) != len(declared.ranges):
            return UNKNOWN
        inside = all(self.context.is_whole(i) and self.holds(le(low, i))
                     and (high == INF or self.holds(le(i, high)))
                     for i, (low, high) in zip(term.args, declared.ranges, strict=True))
        return DECLARED[declared.sign] if inside else UNKNOWN

    def _power(self, base: Term, exponent: Term) -> Sign:
        sign = self.sign(base)
        if exponent.op == "num" and isinstance(exponent.data, int):
            even = exponent.data % 2 == 0
            return Sign(even or sign.above, not even and sign.below, sign.nonzero)
        if exponent.op == "num":  # a root, 0 where there is none
            return Sign(True, nonzero=sign.positive)
        return Sign(sign.above, nonzero=sign.positive or sign.nonzero
                    and self.context.is_whole(exponent))

    def _function(self, term: Term) -> Sign:
        if term.data == "exp":
            return POSITIVE
        signs = [self.sign(arg) for arg in term.args]
        if term.data == "abs":
            return Sign(True, nonzero=signs[0].nonzero)
        if term.data == "sign":
            return signs[0]
        if term.data == "gamma":
            return POSITIVE if signs[0].positive else UNKNOWN
        if term.data in ("max", "min"):
            some, every = (any, all) if term.data == "max" else (all, any)
            above, below = some(s.above for s in signs), every(s.below for s in signs)
            positive = some(s.positive for s in signs)
            return Sign(above, below, positive or all(s.nonzero for s in signs))
        return UNKNOWN

    def _gathered(self, term: Term) -> Sign:
        """Terms of one sign add up to it, factors > 0 multiply to one."""
        opened = open_body(term, self.context)
        if opened is None:
            return UNKNOWN
        inside, body = opened
        sign = of(inside).sign(body)
        if term.op == "prod":
            return Sign(sign.above, nonzero=sign.nonzero)
        low, high = term.args[:2]
        whole = self.context.is_whole(low) and self.context.is_whole(high)
        some = (sign.above or sign.below) and sign.nonzero and whole and self.holds(le(low, high))
        return Sign(sign.above, sign.below, some)

    def whole(self, margin: Poly) -> bool:
        """Whether a polynomial is an integer by its form."""
        return all(isinstance(value, int) and all(self.context.is_whole(ATOMS[n]) for n, _ in mono)
                   for mono, value in margin.items())


# -- what a context knows --------------------------------------------------------------------------


def of(context: Context) -> Grants:
    """The grants of a context."""
    if "grants" not in context.memory:
        context.memory["grants"] = _gather(context)
    return context.memory["grants"]


def _gather(context: Context) -> Grants:
    if context.parent is not None:
        around = of(context.parent)
        grants = Grants(context, list(around.facts), list(around.unequal))
        props = [(prop, "") for prop in context.ranges()]
    else:
        grants = Grants(context, [], [])
        props = [(prop, name) for name, prop in context.hypotheses.items()]
        signs = ((d.sign, var(name)) for name, d in context.declared.items() if not d.is_sequence)
        props += [(fact, "") for sign, v in signs if (fact := sign_fact(sign, v)) is not None]
    for prop, name in props:
        for relation in _parts(prop):
            _add(grants, relation, name)
    for known in grants.facts:
        for monomial, value in known.margin.items():
            grants.by_monomial.setdefault((monomial, value > 0), []).append(known)
            if monomial != UNIT:
                grants.multiples.append((monomial, known))
    return grants


def _parts(prop: Term) -> list[Term]:
    return [part for arg in prop.args for part in _parts(arg)] if prop.op == "and" else [prop]


def _add(grants: Grants, prop: Term, name: str) -> None:
    if prop.op not in ("le", "lt", "eq", "ne"):
        return
    left, right = prop.args
    margin = plus(flat(right, grants.context), flat(left, grants.context), -1)
    if prop.op == "ne":
        grants.unequal.append((margin, name))
        return
    strict = prop.op == "lt"
    if strict and grants.whole(margin):
        margin, strict = plus(margin, constant(-1)), False
    grants.facts.append(Fact(margin, strict, name))
    if prop.op == "eq":
        grants.facts.append(Fact(scaled(margin, -1), False, name))


def open_body(binder: Term, context: Context) -> tuple[Context, Term] | None:
    """The body of a sum or product with its variable opened, named by how deep it stands; None where
    the range is random, for then no one value of the variable can be looked at.
    """
    low, high = binder.args[:2]
    if any(end not in (INF, NEGINF) and context.is_random(end) for end in (low, high)):
        return None
    name = f"#{context.depth + 1:02d}"
    if name in context.declared:
        raise Rejected(f"{name} is a name of the checker's own")
    kind = "int" if binder.op in ("sum", "prod") else binder.data or "real"
    return context.open(name, kind, low, high), open_(binder, var(name))


def flat(term: Term, context: Context) -> Poly:
    """The term as a polynomial; what is not +, · or a small power of terms is an atom."""
    memory = context.root.memory.setdefault("flat", {})
    if term not in memory:
        memory[term] = _flat(term, context)
    return memory[term]


def _flat(term: Term, context: Context) -> Poly:
    if term.op == "num":
        return constant(term.data)
    if term.op == "add":
        total: Poly = {}
        for arg in term.args:
            total = plus(total, flat(arg, context))
        return total
    if term.op == "mul":
        total = constant(1)
        for arg in term.args:
            total = times(total, flat(arg, context))
        return total
    if term.op == "pow" and term.args[1].op == "num" and isinstance(term.args[1].data, int):
        exponent, base = term.args[1].data, flat(term.args[0], context)
        if 0 <= exponent <= LARGEST_POWER:
            total = constant(1)
            for _ in range(exponent):
                total = times(total, base)
            return total
    numbers = ("num", "var", "bound", "entry", "const", "add", "mul", "pow", "fn", "mean", "sum")
    args = tuple(as_term(flat(arg, context)) if not arg.loose and arg.op in numbers else arg
                 for arg in term.args)
    return atom(rebuild(term, args))


def at_most(left: Term, right: Term, context: Context) -> bool:
    """Whether left ≤ right is granted."""
    return of(context).holds(le(left, right))


def count(low: Term, high: Term) -> Term:
    """How many integers there are from low to high, both whole, if the range is not reversed."""
    return add(high, neg(low), ONE)


__all__ = ["Grants", "Sign", "at_most", "count", "flat", "lt", "of", "open_body", "ZERO"]
