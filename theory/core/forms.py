"""Normal forms: terms with the same normal form have the same value wherever the context holds.

A number becomes a polynomial over atoms. Without conditions, since terms are total: expansion, a sum
of sums, (ab)⁻¹ = a⁻¹b⁻¹, (ab)ⁿ = aⁿbⁿ, a²a⁻¹ = a, e^(x+y) = eˣeʸ. With conditions that `grants`
grants, and not otherwise: a·a⁻¹ = 1, b^(n+m) = bⁿbᵐ, √(ab) = √a√b, ln(ab), last terms of sums.
Means are linear; what the history fixes comes out of them. What stands inside a mean is looked at in
`context.sure`: an assumption about some samples says nothing there.
"""

from __future__ import annotations

from fractions import Fraction

from theory.core import functions
from theory.core.context import Context
from theory.core.functions import Base
from theory.core.grants import count, of, open_body
from theory.core.ring import (
    ATOMS,
    UNIT,
    Monomial,
    Poly,
    as_term,
    atom,
    constant,
    is_constant,
    key,
    plus,
    scaled,
    size,
)
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Term,
    add,
    close,
    eq,
    le,
    mean,
    num,
    open_,
    rebuild,
    sub,
    var,
)

MODES = ("written", "least", "kept")
WRITTEN_OUT = 200  # sums of at most so many terms, of a number of terms that is a number
TRUE, FALSE = eq(ZERO, ZERO), eq(ZERO, ONE)


class Forms(Base):
    """Normal forms in one context, in one of three modes for sums. "written": they keep their lower
    end, and what is written as a last term (an upper end n + c, c > 0) is split off. "least": they
    start at 0 and are as short as is granted, so that shifted sums agree. "kept": nothing is split.
    """

    def number(self, term: Term) -> Poly:
        """The normal form of a closed number."""
        if term not in self.memory:
            self.memory[term] = self._number(term)
        return self.memory[term]

    def _number(self, term: Term) -> Poly:
        if term.op == "num":
            return constant(term.data)
        if term.op == "add":
            total: Poly = {}
            for arg in term.args:
                total = plus(total, self.number(arg))
            return total
        if term.op == "mul":
            total = constant(1)
            for arg in term.args:
                total = self.product(total, self.number(arg))
            return total
        if term.op == "pow":
            return functions.power(self, self.number(term.args[0]), self.number(term.args[1]))
        if term.op == "fn":
            return functions.FORMS[term.data](self, [self.number(arg) for arg in term.args])
        if term.op in ("sum", "prod"):
            return self._gathered(term)
        if term.op == "mean":
            step = None if len(term.args) == 1 else self.term(term.args[1])
            return self._mean(self._sure().number(term.args[0]), step)
        if term.op == "entry":
            return atom(rebuild(term, tuple(map(self.term, term.args))))
        if term.op in ("integral", "limit"):
            return atom(self._bound(term))
        return atom(term)

    def term(self, term: Term) -> Term:
        """The normal form as a term; an infinite end stays what it is."""
        return term if term in (INF, NEGINF) else as_term(self.number(term))

    def _sure(self) -> Forms:
        return forms(self.context.sure, self.mode)

    # -- sums and products -----------------------------------------------------------------------

    def _gathered(self, term: Term) -> Poly:
        low, high = (self.number(end) for end in term.args[:2])
        ends = as_term(low), as_term(high)
        term = rebuild(term, (*ends, term.args[2]))
        if any(self.context.is_random(end) or not self.context.is_whole(end) for end in ends):
            return atom(term)
        terms = plus(plus(high, low, -1), constant(1))
        if is_constant(terms) and terms.get(UNIT, 0) <= WRITTEN_OUT:
            return self._written_out(term, low, range(int(terms.get(UNIT, 0))))
        short, last = self._shortened(low, high)
        tail = self._written_out(term, short, range(1, last + 1))
        rest = rebuild(term, (ends[0], as_term(short), term.args[2]))
        join = plus if term.op == "sum" else self.product
        return join(self._linear(self._from_zero(rest)), tail)

    def _written_out(self, term: Term, start: Poly, places: range) -> Poly:
        total = constant(0 if term.op == "sum" else 1)
        for place in places:
            value = self.number(open_(term, as_term(plus(start, constant(place)))))
            total = plus(total, value) if term.op == "sum" else self.product(total, value)
        return total

    def _shortened(self, low: Poly, high: Poly) -> tuple[Poly, int]:
        """The upper end without last terms, and how many there are."""
        rest = {monomial: value for monomial, value in high.items() if monomial != UNIT}
        offset = int(high.get(UNIT, 0))
        if self.mode == "kept":
            return high, 0
        if self.mode == "written":
            enough = offset > 0 and rest and self.granted(plus(plus(rest, low, -1), constant(1)))
            return (rest, offset) if enough else (high, 0)
        last = self.spare(plus(plus(high, low, -1), constant(1)))
        return plus(high, constant(-last)), last

    def _from_zero(self, term: Term) -> Term:
        if self.mode != "least" or term.args[0] == ZERO:
            return term
        low, high, _ = term.args
        name = f"#{self.context.depth + 1:02d}"
        return rebuild(term, (ZERO, self.term(sub(high, low)),
                              close(open_(term, add(var(name), low)), name)))

    def _linear(self, term: Term) -> Poly:
        """Σ c·b = c·Σ b, and Π likewise for one monomial; c is free of the index."""
        opened = open_body(term, self.context)
        assert opened is not None
        inside, body = opened
        form = forms(inside, self.mode).number(body)
        ends = term.args[:2]
        return self.sum_of(form, *ends) if term.op == "sum" else self._product_of(form, *ends)

    def sum_of(self, form: Poly, low: Term, high: Term) -> Poly:
        """The sum over the variable opened here next, of terms in normal form."""
        total: Poly = {}
        for monomial, value in form.items():
            inner, outer = self._part(monomial)
            if inner:
                gathered = atom(self._binder("sum", low, high, {inner: 1}))
            else:
                gathered = self._count(low, high)
            total = plus(total, self.product({outer: value}, gathered))
        return total

    def _product_of(self, form: Poly, low: Term, high: Term) -> Poly:
        number = self._count(low, high)
        if len(form) != 1 or number == atom(self._binder("sum", low, high, constant(1))):
            return atom(self._binder("prod", low, high, form))
        (monomial, value), = form.items()
        inner, outer = self._part(monomial)
        total = functions.power(self, {outer: value}, number)
        for one, exponent in inner:
            gathered = self._binder("prod", low, high, {((one, 1),): 1})
            total = self.product(total, atom(gathered, exponent))
        return total

    def _count(self, low: Term, high: Term) -> Poly:
        """The number of terms of a range that is granted not to be reversed."""
        terms = self.number(count(low, high))
        whole = self.granted(terms)
        return terms if whole else atom(self._binder("sum", low, high, constant(1)))

    def _part(self, monomial: Monomial) -> tuple[Monomial, Monomial]:
        """The factors with the variable opened here next, and the others."""
        name = f"#{self.context.depth + 1:02d}"
        inner = tuple(pair for pair in monomial if name in ATOMS[pair[0]].free)
        return inner, tuple(pair for pair in monomial if pair not in inner)

    def _binder(self, op: str, low: Term, high: Term, body: Poly) -> Term:
        return Term(op, None, (low, high, close(as_term(body), f"#{self.context.depth + 1:02d}")))

    def _bound(self, term: Term) -> Term:
        """An integral, a limit or a quantifier with its parts in normal form."""
        ends = tuple(map(self.term, term.args[:-1]))
        around = ends if len(ends) == 2 else (NEGINF, INF)
        kind = term.data if term.op == "all" else "real"
        opened = open_body(Term("all", kind, (*around, term.args[-1])), self.context)
        if opened is None:
            return rebuild(term, (*ends, term.args[-1]))
        inside, body = opened
        name, form = f"#{self.context.depth + 1:02d}", forms(inside, self.mode)
        value = form.statement(body) if term.op == "all" else form.term(body)
        return Term(term.op, term.data, (*ends, close(value, name)))

    # -- means -----------------------------------------------------------------------------------

    def _mean(self, form: Poly, step: Term | None) -> Poly:
        """The mean of a form of `context.sure`, monomial by monomial."""
        total: Poly = {}
        for monomial, value in form.items():
            fixed = tuple(p for p in monomial if self._fixed(ATOMS[p[0]], step))
            rest = tuple(p for p in monomial if p not in fixed)
            total = plus(total, self.product({fixed: value}, self._mean_of(rest, step)))
        return total

    def _mean_of(self, rest: Monomial, step: Term | None) -> Poly:
        if not rest:
            return constant(1)
        if (found := self._towered(rest, step)) is not None:
            return self._mean(found, step)
        (number, exponent), *more = rest
        inner = ATOMS[number]
        if not more and exponent == 1 and inner.op == "sum":
            opened = open_body(inner, self.context)
            if opened is not None:
                form = forms(opened[0], self.mode)
                return self.sum_of(form._mean(form._sure().number(opened[1]), step),
                                   *inner.args[:2])
        body = as_term({rest: 1})
        return atom(mean(body) if step is None else mean(body, step))

    def _towered(self, rest: Monomial, step: Term | None) -> Poly | None:
        """E(x E(y | k)) = E(x y) if the history before step k fixes x; so too E(· | j) for j ≤ k."""
        for pair in rest:
            inner, others = ATOMS[pair[0]], tuple(p for p in rest if p != pair)
            if inner.op != "mean" or pair[1] > 1:
                continue
            body, at = inner.args
            known = all(known_before(ATOMS[n], at, self.context.sure) for n, _ in others)
            if known and (step is None or self.granted(self.number(sub(at, step)))):
                sure = self._sure()
                return sure.product({others: 1}, sure.number(body))
        return None

    def _fixed(self, term: Term, step: Term | None) -> bool:
        """Whether a factor may come out of the mean."""
        random = self.context.is_random(term)
        return not random or step is not None and known_before(term, step, self.context)

    # -- statements ------------------------------------------------------------------------------

    def statement(self, prop: Term) -> Term:
        """The normal form of a proposition: equal ones hold together."""
        if prop.op in ("le", "lt", "eq", "ne"):
            return self._relation(prop.op, self.margin(prop))
        if prop.op == "all":
            return self._bound(prop)
        args = tuple(map(self.statement, prop.args))
        if prop.op in ("and", "or"):
            args = tuple(sorted(dict.fromkeys(args), key=key))
        return Term(prop.op, None, args)

    def margin(self, relation: Term) -> Poly:
        """right - left."""
        left, right = relation.args
        return plus(self.number(right), self.number(left), -1)

    def _relation(self, op: str, margin: Poly) -> Term:
        if is_constant(margin):
            value = margin.get(UNIT, 0)
            held = {"le": value >= 0, "lt": value > 0, "eq": value == 0, "ne": value != 0}[op]
            return TRUE if held else FALSE
        content = functions.content(margin)[0]
        factor = Fraction(content) if op in ("eq", "ne") else size(content)
        return Term(op, None, (ZERO, as_term(scaled(margin, 1 / factor))))

    def vanishes(self, poly: Poly) -> bool:
        """Whether the form is 0, denominators that are not 0 multiplied out."""
        for _ in range(12):
            if not poly:
                return True
            below = [n for monomial in poly for n, _ in monomial if n in functions.INVERSE]
            below = [n for n in below if self.grants.nonzero(functions.INVERSE[n])]
            if not below:
                return False
            poly = self.product(poly, functions.INVERSE[below[0]])
        return False


def known_before(term: Term, step: Term, context: Context) -> bool:
    """Whether the history before the step fixes a term: each random entry is early enough."""
    if not context.is_random(term):
        return True
    if term.op == "entry":
        declared = context.declared[term.data]
        if declared.random and declared.time is not None:
            latest = add(step, num(-declared.lag))
            if not of(context).holds(le(term.args[declared.time], latest)):
                return False
        return (not declared.random or declared.time is not None) and all(
            known_before(index, step, context) for index in term.args)
    if term.op in ("sum", "prod"):
        opened = open_body(term, context)
        return opened is not None and known_before(opened[1], step, opened[0])
    if term.op in ("add", "mul", "pow", "fn"):
        return all(known_before(arg, step, context) for arg in term.args)
    if term.op == "mean":  # given an earlier history
        return of(context).holds(le(term.args[1], step))
    return False


def forms(context: Context, mode: str = "written") -> Forms:
    """The normal forms of a context, remembered there."""
    if ("forms", mode) not in context.memory:
        if mode not in MODES:
            raise ValueError(f"there is no mode '{mode}'")
        context.memory["forms", mode] = Forms(context, mode)
    return context.memory["forms", mode]


