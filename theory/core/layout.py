"""How a term is laid out for a reader, whatever it is written in: order, signs, brackets and names.

Quotients are set as fractions, negative terms come last and with a minus sign, factors stand in the
usual order, a comparison is read in the direction its author wrote, and a bound variable keeps its
author's name unless that name already means something else where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from theory.core.term import INF, NEGINF, ZERO, Term, num, power

GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi "
    "rho sigma tau upsilon phi chi psi omega "
    "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega".split()
)
# How tightly what is shown hangs together; what reaches to its right (a sum, ln x) is a factor only
# where nothing follows.
RELATION, SUM, REACH, PRODUCT, POWER, ATOM = range(6)
BIG = ("sum", "prod", "integral", "limit")  # operators that reach as far to the right as they can
FLIPPED = {"≥": "le", ">": "lt"}


class Shown(NamedTuple):
    """What is shown, and how tightly it hangs together: what is looser than allowed gets brackets."""

    text: str
    level: int


class Range(NamedTuple):
    """A quantifier as it is spoken: the variable's name and what it runs over."""

    name: str
    kind: str
    lower: Term
    upper: Term
    strict: bool  # whether the lower end itself is left out


class Printer:
    """What both forms share. Names in scope are listed from the outermost inwards."""

    open, shut = "(", ")"
    relations: dict[str, str] = {}
    words: dict[str, str] = {}

    # -- statements --------------------------------------------------------------------------------

    def whole(self, term: Term, names: tuple[str, ...]) -> str:
        """A statement with its quantifiers behind it, as they are spoken."""
        ranges, body, scope = self.quantifiers(term, names)
        if not ranges:
            return self.show(term, names).text
        return f"{self.show(body, scope).text}{self.words['for all']}{self.ranges(ranges)}"

    def quantifiers(
        self, term: Term, scope: tuple[str, ...]
    ) -> tuple[list[str], Term, tuple[str, ...]]:
        """The ranges in front of a statement, in words, and what stands behind them."""
        spoken = []
        while term.op == "all":
            outer, scope = scope, (*scope, self.fresh(term, scope))
            lower, upper, body = term.args
            found, left_out, body = _guard(Range(scope[-1], term.data, lower, upper, False), body)
            spoken.append(self.range(found, outer))
            spoken += [self.show(prop, scope).text for prop in left_out]
            term = body
        return spoken, term, scope

    def range(self, over: Range, scope: tuple[str, ...]) -> str:
        """lower ≤ name ≤ upper, without ends that are infinite."""
        name, below = self.name(over.name), self.relations["lt" if over.strict else "le"]
        kind = self.words["real"] if over.kind == "real" else ""
        low, high = (self.show(end, scope).text for end in (over.lower, over.upper))
        if over.upper == INF:
            above = self.relations[">" if over.strict else "≥"]
            if over.lower == NEGINF:
                return (kind or self.words["integer"]) + name
            return f"{kind}{name} {above} {low}"
        until = f"{name} {self.relations['le']} {high}"
        return kind + (until if over.lower == NEGINF else f"{low} {below} {until}")

    def ranges(self, spoken: Sequence[str]) -> str:
        return self.words["comma"].join(spoken)

    def statement(self, term: Term, scope: tuple[str, ...]) -> Shown:
        """A relation, a connective or a quantifier inside a formula."""
        if term.op in ("le", "lt", "eq", "ne"):
            left, right, sign = *term.args, term.hint or term.op
            if sign in FLIPPED:
                left, right = right, left
            sides = (self.show(side, scope).text for side in (left, right))
            return Shown(
                f" {self.relations.get(sign, self.relations[term.op])} ".join(sides), RELATION
            )
        if term.op == "all":
            ranges, body, inner = self.quantifiers(term, scope)
            return Shown(
                f"{self.words['every']}{self.ranges(ranges)}: {self.words['gap']}"
                f"{self.show(body, inner).text}",
                RELATION,
            )
        if term.op == "not":
            return Shown(
                self.words["not"] + self.bracketed(self.show(term.args[0], scope).text), ATOM
            )
        if not term.args:
            return Shown(self.words["true" if term.op == "and" else "false"], ATOM)
        parts = [self.show(part, scope).text for part in term.args]
        loose = ("and", "or", "implies", "iff", "all")
        bracketed = [
            self.bracketed(p) if a.op in loose else p for p, a in zip(parts, term.args, strict=True)
        ]
        return Shown(f" {self.words[term.op]} ".join(bracketed), RELATION)

    # -- numbers -----------------------------------------------------------------------------------

    def show(self, term: Term, scope: tuple[str, ...]) -> Shown:
        """Any term below the binders whose variables `scope` names."""
        if term.op in ("inf", "neginf"):
            return Shown(self.words[term.op], ATOM)
        if term.op == "num":
            return self.number(Fraction(term.data))
        if term.op in ("var", "bound", "const"):
            return Shown(
                self.name(scope[-1 - term.data] if term.op == "bound" else term.data), ATOM
            )
        if term.op == "entry":
            return Shown(
                self.entry(term.data, [self.show(index, scope).text for index in term.args]), ATOM
            )
        kinds = {
            "add": self.sum,
            "mul": self.product,
            "pow": self.power,
            "fn": self.function,
            "mean": self.mean,
        }
        if term.op in kinds:
            return kinds[term.op](term, scope)
        return self.operator(term, scope) if term.op in BIG else self.statement(term, scope)

    def number(self, value: Fraction) -> Shown:
        if value < 0:
            return Shown(self.words["minus"] + self.number(-value).text, SUM)
        if value.denominator == 1:
            return Shown(str(value.numerator), ATOM)
        return self.quotient(Shown(str(value.numerator), ATOM), Shown(str(value.denominator), ATOM))

    def sum(self, term: Term, scope: tuple[str, ...]) -> Shown:
        """Terms in the usual order, each with its sign."""
        shown: list[str] = []
        for part in _ordered_terms(term):
            negative, rest = _sign(part)
            found = self.show(rest, scope)
            loose = found.level == SUM and (
                negative or shown and found.text.startswith(self.words["minus"])
            )
            body = self.bracketed(found.text) if found.level < SUM or loose else found.text
            joint = (
                ("- " if shown else self.words["minus"]) if negative else ("+ " if shown else "")
            )
            shown.append(joint + body)
        return Shown(
            " ".join(shown) or "0",
            SUM if len(shown) > 1 or shown and _sign(term.args[0])[0] else ATOM,
        )

    def product(self, term: Term, scope: tuple[str, ...]) -> Shown:
        """A minus sign, a fraction, and behind it what is too long to stand in one."""
        negative, positive = _sign(term)
        if negative:
            found = self.show(positive, scope)
            inner = self.bracketed(found.text) if found.level <= SUM else found.text
            return Shown(self.words["minus"] + inner, SUM)
        above, below = _fraction(term)
        if not below:
            return self.factors(above, scope)
        long = (
            []
            if any(_long(factor) for factor in below)
            else [factor for factor in above if _long(factor)]
        )
        short = [factor for factor in above if not _long(factor)] if long else above
        quotient = self.quotient(self.factors(short, scope), self.factors(below, scope))
        if not long:
            return quotient
        rest = self.factors(long, scope)
        behind = rest.text if rest.level >= REACH else self.bracketed(rest.text)
        return Shown(
            quotient.text + self.words["times"] + behind,
            REACH if REACH <= rest.level < PRODUCT else PRODUCT,
        )

    def factors(self, factors: Sequence[Term], scope: tuple[str, ...]) -> Shown:
        """Factors side by side, a dot before a number only."""
        if len(factors) < 2:
            return self.show(factors[0], scope) if factors else Shown("1", ATOM)
        shown, level = "", PRODUCT
        for place, factor in enumerate(factors):
            found, last = self.show(factor, scope), place == len(factors) - 1
            stays = found.level >= (REACH if last else PRODUCT)
            level = REACH if last and found.level == REACH else level
            body = found.text if stays else self.bracketed(found.text)
            kind = (
                "dot" if body[0].isdigit() else "before ln" if body.startswith(r"\ln") else "times"
            )
            shown += (self.words[kind] if place else "") + body
        return Shown(shown, level)

    def power(self, term: Term, scope: tuple[str, ...]) -> Shown:
        base, exponent = term.args
        if exponent.op == "num" and exponent.data < 0:
            return self.quotient(
                Shown("1", ATOM), self.show(_raised(base, -Fraction(exponent.data)), scope)
            )
        if exponent.op == "num" and Fraction(exponent.data).numerator == 1 and exponent.data != 1:
            return self.root(self.show(base, scope).text, Fraction(exponent.data).denominator)
        found = self.show(base, scope)
        simple = (
            found.level == ATOM
            and base.op not in ("fn", "mean")
            or base.op == "fn"
            and base.data in ("abs", "max", "min")
        )
        return self.raised(
            found.text if simple or base.op == "mean" else self.bracketed(found.text),
            self.show(exponent, scope),
        )

    def operator(self, term: Term, scope: tuple[str, ...]) -> Shown:
        """Σ, Π, an integral or a limit: everything behind it up to a plus sign belongs to it."""
        inner = (*scope, self.fresh(term, scope))
        body = self.show(term.args[-1], inner)
        ends = [self.show(end, scope) for end in term.args[:-1]]
        return self.big(
            term.op,
            self.name(inner[-1]),
            ends,
            body.text if body.level >= REACH else self.bracketed(body.text),
        )

    def fresh(self, binder: Term, scope: tuple[str, ...]) -> str:
        """The author's name of a bound variable, primed until it means nothing else here."""
        name = binder.hint or "i"
        while name in scope or name in binder.args[-1].free:
            name += "'"
        return name

    def bracketed(self, inside: str) -> str:
        return self.open + inside + self.shut

    # -- what the two forms write differently ------------------------------------------------------

    def name(self, name: str) -> str:
        raise NotImplementedError

    def entry(self, name: str, indices: list[str]) -> str:
        raise NotImplementedError

    def quotient(self, above: Shown, below: Shown) -> Shown:
        raise NotImplementedError

    def root(self, inside: str, degree: int) -> Shown:
        raise NotImplementedError

    def raised(self, base: str, exponent: Shown) -> Shown:
        raise NotImplementedError

    def function(self, term: Term, scope: tuple[str, ...]) -> Shown:
        raise NotImplementedError

    def mean(self, term: Term, scope: tuple[str, ...]) -> Shown:
        raise NotImplementedError

    def big(self, op: str, name: str, ends: list[Shown], body: str) -> Shown:
        raise NotImplementedError


# -- order and signs -------------------------------------------------------------------------------


def _sign(term: Term) -> tuple[bool, Term]:
    """Whether a minus sign stands before a term, and the term without it."""
    if term.op == "num" and term.data < 0:
        return True, num(-term.data)
    if term.op != "mul":
        return False, term
    for place, factor in enumerate(term.args):
        if factor.op == "num" and factor.data < 0:
            rest = (
                *term.args[:place],
                *([] if factor.data == -1 else [num(-factor.data)]),
                *term.args[place + 1 :],
            )
            return True, rest[0] if len(rest) == 1 else Term("mul", None, rest)
    return False, term


def _ordered_terms(term: Term) -> list[Term]:
    """The terms of a sum: numbers first, but behind mere names; then the rest, Σ, what is negative."""
    simple = all(_is_simple(part) for part in term.args if part.op != "num")

    def key(part: Term) -> tuple[bool, int]:
        return _sign(part)[0], (2 if simple else 0) if part.op == "num" else 3 if _long(part) else 1

    return sorted(term.args, key=key)


def _is_simple(term: Term) -> bool:
    """A name, or a power or multiple of one."""
    if term.op in ("mul", "pow"):
        return any(_is_simple(part) for part in term.args) and all(
            _is_simple(p) or p.op == "num" for p in term.args
        )
    return term.op in ("var", "bound", "const")


def _fraction(term: Term) -> tuple[list[Term], list[Term]]:
    """Factors above and below the line, each in the usual order."""
    above: list[Term] = []
    below: list[Term] = []
    for factor in _flat(term):
        if factor.op == "num":
            value = Fraction(factor.data)
            above += [num(value.numerator)] if value.numerator != 1 else []
            below += [num(value.denominator)] if value.denominator != 1 else []
        elif factor.op == "pow" and factor.args[1].op == "num" and factor.args[1].data < 0:
            below.append(_raised(factor.args[0], -Fraction(factor.args[1].data)))
        else:
            above.append(factor)
    return sorted(above, key=_rank), sorted(below, key=_rank)


def _flat(term: Term) -> Iterable[Term]:
    for factor in term.args:
        yield from _flat(factor) if factor.op == "mul" else (factor,)


def _raised(base: Term, exponent: Fraction) -> Term:
    return base if exponent == 1 else power(base, num(exponent))


def _rank(factor: Term) -> tuple[bool, int]:
    """Numbers, names and brackets of these; then entries, functions, means, brackets; sums last."""
    inner = factor.args[0] if factor.op == "pow" else factor
    if not _varies(factor):
        return False, {"num": 0, "const": 1, "var": 2, "bound": 2, "add": 3}.get(
            inner.op, 2 if factor.op == "pow" else 4
        )
    if inner.op == "entry":
        return True, 0 if inner.data.partition("_")[0] in GREEK else 1
    last = factor.op == "fn" and factor.data == "log"
    return True, 9 if factor.op in BIG else 8 if last else {"fn": 2, "mean": 3, "add": 4}.get(
        inner.op, 5
    )


def _varies(term: Term) -> bool:
    """Whether an entry, a mean or a sum stands in a term; what else there is is its coefficient."""
    return term.op in ("entry", "mean", *BIG) or any(_varies(part) for part in term.args)


def _long(term: Term) -> bool:
    """Whether a sum or the like stands in a term outside any mean: it is set beside a fraction."""
    return term.op in BIG or term.op in ("add", "mul") and any(_long(part) for part in term.args)


def _guard(over: Range, body: Term) -> tuple[Range, list[Term], Term]:
    """What a quantified variable's own domain says: in its range, or apart; and the statement."""
    others = []
    while body.op == "implies" and all(_is_domain(prop) for prop in _conjuncts(body.args[0])):
        for prop in _conjuncts(body.args[0]):
            if prop.op in ("le", "lt") and prop.args[0] == ZERO and over.lower in (NEGINF, ZERO):
                over = over._replace(lower=ZERO, strict=over.strict or prop.op == "lt")
            else:
                others.append(prop)
        body = body.args[1]
    return over, others, body


def _conjuncts(prop: Term) -> tuple[Term, ...]:
    return prop.args if prop.op == "and" else (prop,)


def _is_domain(prop: Term) -> bool:
    """A comparison of the innermost bound variable with zero."""
    sides = {(side.op, side.data) for side in prop.args}
    return prop.op in ("le", "lt", "ne") and sides == {("bound", 0), ("num", 0)}
