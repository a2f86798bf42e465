"""Normal forms: a term as a polynomial over atoms that are in normal form themselves.

Nothing is rewritten unless its side condition is shown in the context. `plain` rewrites nothing
that has one; the conditions of `normal_form` are shown with what `plain` makes of the facts.
A mode says which last terms are taken out of sums: those that are "written" (an upper end n + 2
has two), the "least" sum is left (as many as there certainly are, up to a few), or all are "kept".
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import floor

from theory.recheck import gathered
from theory.recheck.contexts import Context
from theory.recheck.polynomials import (
    UNIT,
    Mono,
    Poly,
    TooLarge,
    as_term,
    atom,
    constant,
    content,
    divides,
    factors,
    from_term,
    join,
    leading,
    number,
    plus,
    scaled,
)
from theory.recheck.signs import Known, known
from theory.recheck.terms import Number, Term, by_structure, fn, make, num, power

E = make("const", "e")  # exp(x) is e^x
LARGEST_POWER = 16
MINUS, HALF = num(-1), Fraction(1, 2)


class Reader:
    """One of the three ways to read terms, in whatever context."""

    def __init__(self, form: Callable[[Context], Normal]) -> None:
        self.form = form

    def __call__(self, context: Context, term: Term) -> Poly:
        return self.form(context).poly(term)

    def times(self, context: Context, one: Poly, other: Poly) -> Poly:
        return self.form(context).times(one, other)

    def inverse(self, context: Context, poly: Poly) -> Poly:
        return self.form(context).inverse(poly)


def normal(context: Context, mode: str = "written") -> Normal:
    key = ("normal", mode)
    if key not in context.memory:
        context.memory[key] = Normal(context, known(context, plain), mode)
    found: Normal = context.memory[key]
    return found


class Normal:
    """Normal forms in one context; without a context, whatever needs no condition."""

    def __init__(self, context: Context | None, facts: Known | None, mode: str) -> None:
        self.context, self.facts, self.mode = context, facts, mode
        self.memory: dict[Term, Poly] = {}
        self.reduced: dict[Mono, Poly] = {}

    # -- conditions --------------------------------------------------------------------------------

    def nonneg(self, poly: Poly, strict: bool = False) -> bool:
        value = number(poly)
        if value is not None:
            return value > 0 or value == 0 and not strict
        return self.facts is not None and self.facts.nonneg(_PLAIN.poly(as_term(poly)), strict)

    def positive(self, poly: Poly) -> bool:
        return poly == {((E, 1),): 1} or self.nonneg(poly, True)

    def nonzero(self, poly: Poly) -> bool:
        value = number(poly)
        if value is not None:
            return value != 0
        if poly == {((E, 1),): 1}:
            return True
        return self.facts is not None and self.facts.nonzero(_PLAIN.poly(as_term(poly)))

    def is_whole(self, poly: Poly) -> bool:
        value = number(poly)
        if value is not None:
            return value.denominator == 1
        return self.context is not None and self.context.is_whole(as_term(poly))

    # -- sums and products -------------------------------------------------------------------------

    def poly(self, term: Term) -> Poly:
        if term not in self.memory:
            self.memory[term] = self._poly(term)
        return self.memory[term]

    def _poly(self, term: Term) -> Poly:
        if term.op == "num":
            return constant(term.data)
        if term.op == "add":
            total: Poly = {}
            for arg in term.args:
                total = plus(total, self.poly(arg))
            return total
        if term.op == "mul":
            total = constant(1)
            for arg in sorted(term.args, key=lambda a: len(self.poly(a))):
                total = self.times(total, self.poly(arg))
            return total
        if term.op == "pow":
            return self.power(self.poly(term.args[0]), self.poly(term.args[1]))
        if term.op == "fn":
            return self._function(term)
        if term.op in ("sum", "prod"):
            return gathered.gathered(self, term)
        if term.op == "mean":
            return gathered.mean(self, term)
        if term.op in ("integral", "limit"):
            return atom(gathered.analytic(self, term))
        if term.op == "entry":
            return atom(make("entry", term.data, tuple(as_term(self.poly(a)) for a in term.args)))
        return atom(term)

    def times(self, one: Poly, other: Poly) -> Poly:
        if len(one) * len(other) > 40_000:
            raise TooLarge("a product is too large to be written out")
        total: dict[Mono, Number] = {}
        for left, value in one.items():
            for right, factor in other.items():
                for mono, c in self.reduce(join(left, right)).items():
                    total[mono] = total.get(mono, 0) + c * value * factor
        return {mono: value for mono, value in total.items() if value}

    def whole_power(self, base: Poly, exponent: int) -> Poly:
        """base^exponent for exponent ≥ 0."""
        value = number(base)
        if value is not None:
            if exponent * max(abs(value.numerator), value.denominator).bit_length() > 20_000:
                raise TooLarge("a power of a number is too large")
            return constant(value**exponent)
        if exponent > LARGEST_POWER and len(base) > 1:
            return self.reduce(((as_term(base), exponent),))
        total = constant(1)
        if len(base) == 1 and exponent > LARGEST_POWER:
            ((mono, c),) = base.items()
            raised = self.reduce(tuple((term, e * exponent) for term, e in mono))
            return self.times(raised, self.whole_power(constant(c), exponent))
        for _ in range(exponent):
            total = self.times(total, base)
        return total

    def reduce(self, mono: Mono) -> Poly:
        """A product of atoms, with powers of the same base brought together."""
        if mono not in self.reduced:
            step = self._step(mono)
            total: Poly = {mono: 1} if step is None else {}
            for part, value in (step or {}).items():
                total = plus(total, self.reduce(part), value)
            self.reduced[mono] = total
        return self.reduced[mono]

    def _step(self, mono: Mono) -> Poly | None:
        """One rewriting of a product of atoms, None if there is none left to make."""
        for term, exponent in mono:
            found: Poly | None = None
            if term.op == "fn" and term.data == "abs" and exponent > 1:
                rest = join(mono, ((term, exponent - exponent % 2),), -1)
                square = self.whole_power(from_term(term.args[0]), exponent - exponent % 2)
                found = self.times({rest: 1}, square)
            elif term.op == "pow" and term.args[1].op != "num":
                found = self._gather_powers(mono, term.args[0])
            elif term.op == "pow" and term.args[1].data == -1:
                found = self._cancel(mono, term, exponent)
            elif term.op == "pow" and term.args[1].data.denominator > 1:
                found = self._gather_roots(mono, term.args[0])
            if found is not None:
                return found
        return None

    def _cancel(self, mono: Mono, inverse: Term, below: int) -> Poly | None:
        """b · b⁻¹ = 1 if b ≠ 0, or where there is a factor that is 0 with b; b² b⁻¹ = b always."""
        base = inverse.args[0]
        poly = from_term(base)
        first = leading(poly)
        alone = poly == atom(base)
        above = dict(mono).get(base, 0) if alone else int(divides(first, mono))
        if not above:
            return None
        vanishes = any(t.op == "pow" and t.args[0] is base and _is_fraction(t.args[1])
                       for t, _ in mono)  # fmt: skip
        if alone and above != below:
            common = min(above, below)
            return {join(mono, ((base, common), (inverse, common)), -1): 1}
        if vanishes or self.nonzero(poly):
            rest = join(join(mono, first, -1), ((inverse, 1),), -1)
            left: Poly = {rest: 1}
            for other, c in poly.items():
                if other != first:
                    left = plus(left, {join(join(rest, other), ((inverse, 1),)): -c})
            return scaled(left, _tidy(1 / Fraction(poly[first])))
        if alone and below > 1:
            return {join(mono, ((base, below - 1), (inverse, below - 1)), -1): 1}
        return None

    def _gather_roots(self, mono: Mono, base: Term) -> Poly | None:
        """b^(p/q) b^(r/s) = b^(p/q + r/s), but √b √b = b for b ≥ 0 only."""
        roots = [(t, e) for t, e in mono
                 if t.op == "pow" and t.args[0] is base and _is_fraction(t.args[1])]  # fmt: skip
        total = sum((Fraction(t.args[1].data) * e for t, e in roots), Fraction(0))
        if len(roots) == 1 and roots[0][1] == 1:
            return None
        poly = from_term(base)
        count, part = floor(total), total - floor(total)
        kept: Mono = UNIT
        if part:
            kept = ((power(base, num(part)), 1),)
        elif not self.nonneg(poly):
            count, kept = count - 1, ((power(base, num(HALF)), 2),)
        rest = join(join(mono, tuple(roots), -1), kept)
        if rest == mono:
            return None
        return self._spread({rest: 1}, poly, count)

    def _spread(self, rest: Poly, poly: Poly, count: int) -> Poly:
        """rest · poly^count, products not yet reduced."""
        if len(poly) == 1:
            ((mono, value),) = poly.items()
            if value == 1:
                power_ = tuple((term, e * count) for term, e in mono)
                return {join(left, power_ if count else UNIT): c for left, c in rest.items()}
        for _ in range(count):
            total: Poly = {}
            for left, value in rest.items():
                for right, c in poly.items():
                    total = plus(total, {join(left, right): value * c})
            rest = total
        return rest

    # -- powers ------------------------------------------------------------------------------------

    def power(self, base: Poly, exponent: Poly) -> Poly:
        value = number(exponent)
        if value is None:
            return self._symbolic(base, exponent)
        count, part = floor(value), Fraction(value) - floor(value)
        inverse = self.whole_power(self.inverse(base) if count < 0 else base, abs(count))
        return self.times(inverse, self.root(base, part)) if part else inverse

    def inverse(self, base: Poly) -> Poly:
        """(cab)⁻¹ = c⁻¹ a⁻¹ b⁻¹ always."""
        value = number(base)
        if value is not None:
            return constant(1 / Fraction(value) if value else 0)
        value, shared, rest = content(self.cleared(base))
        total = constant(_tidy(1 / Fraction(value)))
        if rest != constant(1):
            total = self.times(total, atom(power(as_term(rest), MINUS)))
        for term, exponent in shared:
            total = self.times(total, self.whole_power(self._atom_inverse(term), exponent))
        return total

    def _atom_inverse(self, term: Term) -> Poly:
        if term.op == "pow":
            base, exponent = term.args
            if exponent is MINUS:
                return from_term(base)
            if exponent.op == "num" and 0 < exponent.data < 1:  # r⁻¹ = r^(q-1) b⁻¹ for r = b^(1/q)
                rest = self.root(from_term(base), 1 - exponent.data)
                return self.times(rest, self.inverse(from_term(base)))
            poly, e = from_term(base), from_term(exponent)
            if exponent.op != "num" and (self.is_whole(e) or self.positive(poly)):
                return self._symbolic(poly, scaled(e, -1))
        if term.op == "fn" and term.data == "abs":  # |b|⁻¹ = |b| b⁻²
            return self.times(atom(term), self.whole_power(self.inverse(from_term(term.args[0])), 2))
        return atom(power(term, MINUS))

    def cleared(self, poly: Poly) -> Poly:
        """d⁻¹ (d · poly) for the denominators d ≠ 0 of a sum: what is under a root or a line."""
        below: dict[Term, int] = {}
        for mono in poly:
            for term, e in mono:
                if term.op == "pow" and term.args[1] is MINUS:
                    below[term] = max(below.get(term, 0), e)
        if len(poly) < 2:
            return poly
        taken: Mono = UNIT
        for term, e in sorted(below.items(), key=lambda pair: by_structure(pair[0])):
            base = from_term(term.args[0])
            if self.nonzero(base):
                poly = self.times(poly, self.whole_power(base, e))
                taken = join(taken, ((term, e),))
        return {join(mono, taken): c for mono, c in poly.items()}

    def root(self, base: Poly, part: Fraction) -> Poly:
        """base^part for 0 < part < 1: factors that are ≥ 0 have roots of their own."""
        value = number(base)
        if value is not None and value <= 0:
            return {}
        value, shared, rest = content(self.cleared(base))
        total = self._number_power(_size(value), constant(part))
        hidden = rest if value > 0 else scaled(rest, -1)
        for term, exponent in shared:
            single = atom(term)
            if self.nonneg(single):
                total = self.times(total, self._atom_power(term, part * exponent))
            elif exponent % 2 == 0:
                inverse = term.op == "pow" and term.args[1] is MINUS  # |1/b| is a power of |b|
                size = self.absolute(from_term(term.args[0]) if inverse else single)
                raised = part * exponent * (-1 if inverse else 1)
                total = self.times(total, self.power(size, constant(_tidy(raised))))
            else:
                hidden = self.times(hidden, {((term, exponent),): 1})
        if hidden == constant(1):
            return total
        return self.times(total, atom(power(as_term(hidden), num(part))))

    def _atom_power(self, term: Term, exponent: Fraction) -> Poly:
        """An atom that is ≥ 0 to a power > 0."""
        if term.op == "pow":
            base, inner = term.args
            poly = from_term(base)
            if inner.op == "num" and self.nonneg(poly):
                return self.power(poly, constant(_tidy(inner.data * exponent)))
            if inner.op != "num" and self.positive(poly):
                return self._symbolic(poly, scaled(from_term(inner), exponent))
        count, part = floor(exponent), exponent - floor(exponent)
        kept = ((term, count),) if count else UNIT
        if part:
            kept = join(kept, ((power(term, num(part)), 1),))
        return self.reduce(kept)

    def _number_power(self, value: Number, exponent: Poly) -> Poly:
        """A number > 0 to a power, by its prime factors."""
        total = constant(1)
        primes = dict(factors(value.numerator))
        primes |= {p: -n for p, n in factors(value.denominator).items()}
        for prime, n in primes.items():
            whole = number(scaled(exponent, n))
            if whole is None:
                total = self.times(total, self._raised(num(prime), scaled(exponent, n)))
                continue
            count, part = floor(whole), Fraction(whole) - floor(whole)
            if abs(count) * prime.bit_length() > 20_000:
                raise TooLarge("a power of a number is too large")
            total = scaled(total, _tidy(Fraction(prime) ** count))
            total = self.times(total, atom(power(num(prime), num(part)))) if part else total
        return total

    def _symbolic(self, base: Poly, exponent: Poly) -> Poly:
        """A power whose exponent is no number: (ab)ⁿ = aⁿ bⁿ for integers n, or a, b > 0."""
        whole, value = self.is_whole(exponent), number(base)
        if value is not None and value > 0:
            return self._number_power(value, exponent)
        if not base:
            return atom(power(as_term(base), as_term(exponent)))
        value, shared, rest = content(self.cleared(base))
        singles = [*((atom(t), e) for t, e in shared), (rest, 1)]
        if not whole and not all(self.positive(one) for one, _ in singles) or value < 0:
            value, shared, rest = 1, UNIT, base
            singles = [(base, 1)]
        total = self._number_power(_size(value), exponent)
        for one, e in singles:
            if one != constant(1):
                total = self.times(total, self._single_power(one, scaled(exponent, e), whole))
        return total

    def _single_power(self, one: Poly, exponent: Poly, whole: bool) -> Poly:
        term = as_term(one)
        if one == atom(term) and term.op == "pow":
            base, inner = term.args
            poly, e = from_term(base), from_term(inner)
            nested = whole and self.is_whole(e) or self.positive(poly)
            if nested:
                product = self.times(e, exponent)
                value = number(product)
                return self._raised(base, product) if value is None else self.power(poly, product)
        return self._raised(term, exponent)

    def _raised(self, base: Term, exponent: Poly) -> Poly:
        return self.reduce(((power(base, as_term(exponent)), 1),))

    def _gather_powers(self, mono: Mono, base: Term) -> Poly | None:
        """bˣ bʸ = b^(x+y) for b > 0, for integers x, y if b ≠ 0 or both are ≥ 0."""
        poly = from_term(base)
        powers = [(t, e, from_term(t.args[1])) for t, e in mono
                  if t.op == "pow" and t.args[0] is base and t.args[1].op != "num"]  # fmt: skip
        whole = [part for part in powers if self.is_whole(part[2])]
        if self.positive(poly):
            chosen = powers
        elif self.nonzero(poly):
            chosen = whole
        else:
            chosen = [part for part in whole if self.nonneg(part[2])]
        if not chosen:
            return None
        total: Poly = {}
        for _, e, exponent in chosen:
            total = plus(total, exponent, e)
        rest = join(mono, tuple((t, e) for t, e, _ in chosen), -1)
        if self.nonzero(poly):
            shift: Number = total.get(UNIT, 0)
        else:
            plain_power = dict(rest).get(base, 0) if poly == atom(base) else 0
            rest = join(rest, ((base, plain_power),), -1) if plain_power else rest
            total = plus(total, constant(plain_power))
            shift = self._surely_above(total)
        total = plus(total, constant(-shift))
        kept: Poly = {join(rest, ((power(base, as_term(total)), 1),) if total else UNIT): 1}
        if shift == floor(shift) and shift >= 0:
            kept = self._spread(kept, poly, int(shift))
        else:
            kept = self.times(kept, self.power(poly, constant(shift)))
        return None if kept == {mono: 1} else kept

    def _surely_above(self, exponent: Poly) -> int:
        """The largest small number that an exponent is shown not to be below."""
        shift = 0
        while shift < 8 and self.nonneg(plus(exponent, constant(-shift - 1))):
            shift += 1
        return shift

    # -- functions ---------------------------------------------------------------------------------

    def _function(self, term: Term) -> Poly:
        args = [self.poly(arg) for arg in term.args]
        first, name = args[0], term.data
        if name == "exp":
            return self._exp(first)
        if name == "abs":
            return self.absolute(first)
        if name == "sign":  # sign(x) = |x| / x
            return self.times(self.absolute(first), self.inverse(first))
        if name == "log":
            return self._log(first)
        if name == "max":
            return self._max(args)
        if name == "min":
            return scaled(self._max([scaled(arg, -1) for arg in args]), -1)
        return atom(fn(name, as_term(first)))

    def _exp(self, poly: Poly) -> Poly:
        """e^(x+y) = e^x e^y, and e^(c log a) = a^c for a > 0."""
        total = constant(1)
        for mono, value in poly.items():
            term = mono[0][0] if len(mono) == 1 and mono[0][1] == 1 else E
            inside = from_term(term.args[0]) if (term.op, term.data) == ("fn", "log") else {}
            if inside and self.positive(inside):
                total = self.times(total, self.power(inside, constant(value)))
                poly = plus(poly, {mono: -value})
        return self.times(total, self.power({((E, 1),): 1}, poly)) if poly else total

    def absolute(self, poly: Poly) -> Poly:
        if self.nonneg(poly):
            return poly
        if self.nonneg(scaled(poly, -1)):
            return scaled(poly, -1)
        value, shared, rest = content(self.cleared(poly))
        total = constant(_size(value))
        for term, exponent in shared:
            total = self.times(total, self.whole_power(self._atom_size(term), exponent))
        if rest == constant(1):
            return total
        if self.nonneg(rest) or self.nonneg(scaled(rest, -1)):
            return self.times(total, rest if self.nonneg(rest) else scaled(rest, -1))
        return self.times(total, atom(fn("abs", as_term(rest))))

    def _atom_size(self, term: Term) -> Poly:
        single = atom(term)
        if self.nonneg(single):
            return single
        if self.nonneg(scaled(single, -1)):
            return scaled(single, -1)
        if term.op == "pow" and term.args[1] is MINUS:
            return self.inverse(self.absolute(from_term(term.args[0])))
        return atom(fn("abs", term))

    def _log(self, poly: Poly) -> Poly:
        """The logarithm of a product of factors > 0."""
        value = number(poly)
        if value is not None and value <= 0:
            return {}
        value, shared, rest = content(self.cleared(poly))
        singles = [atom(term) for term, _ in shared] + [rest]
        if value < 0 or not all(map(self.positive, singles)):
            return atom(fn("log", as_term(poly)))
        total: Poly = {}
        for sign, whole in ((1, value.numerator), (-1, value.denominator)):
            for prime, n in factors(whole).items():
                total = plus(total, atom(fn("log", num(prime))), sign * n)
        for term, exponent in shared:
            total = plus(total, self._atom_log(term), exponent)
        return total if rest == constant(1) else plus(total, atom(fn("log", as_term(rest))))

    def _atom_log(self, term: Term) -> Poly:
        if term.op == "pow" and self.positive(from_term(term.args[0])):
            inside = constant(1) if term.args[0] is E else self._log(from_term(term.args[0]))
            return self.times(from_term(term.args[1]), inside)
        return constant(1) if term is E else atom(fn("log", term))

    def _max(self, args: list[Poly]) -> Poly:
        kept: list[Poly] = []
        for n, arg in enumerate(args):
            others = kept + args[n + 1 :]
            if not any(self.nonneg(plus(other, arg, -1)) for other in others):
                kept.append(arg)
        if len(kept) == 1:
            return kept[0]
        return atom(fn("max", *sorted(map(as_term, kept), key=by_structure)))

    # -- propositions ------------------------------------------------------------------------------

    def zero(self, poly: Poly) -> bool:
        """Whether a polynomial is 0, with each denominator b cleared: if b is not 0, by
        multiplication, if it is, what is divided by it drops out.
        """
        below = next((t for m in poly for t, _ in m if t.op == "pow" and t.args[1] is MINUS), None)
        if below is None:
            return not poly
        base, by_power = from_term(below.args[0]), dict[int, Poly]()
        for mono, c in poly.items():
            n = dict(mono).get(below, 0)
            rest = join(mono, ((below, n),), -1) if n else mono
            by_power[n] = plus(by_power.get(n, {}), {rest: c})
        most, total = max(by_power), dict[Mono, Number]()
        for n, part in by_power.items():
            total = plus(total, self.times(part, self.whole_power(base, most - n)))
        if any(dict(mono).get(below) for mono in total):
            return False
        return self.zero(total) and (self.nonzero(base) or self.zero(by_power.get(0, {})))


def _is_fraction(exponent: Term) -> bool:
    return bool(exponent.op == "num" and exponent.data.denominator > 1)


def _size(value: Number) -> Number:
    return value if value >= 0 else -value


def _tidy(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else value


_PLAIN = Normal(None, None, "kept")
plain = Reader(lambda context: _PLAIN)
MODES = {mode: Reader(partial(normal, mode=mode)) for mode in ("written", "least", "kept")}
