"""Questions to the solvers: do propositions, read in normal form, contradict each other?

An atom becomes a real constant, the same one for the same normal form, so that an answer "unsat"
holds for every value it could take. What is known of atoms goes along: their granted signs, what
inverses, roots, |·|, sign, max and min mean, bounds of π. Each assertion has a label, so that the
answer can say which it needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from theory.core.context import Context, Rejected
from theory.core.forms import Forms, forms
from theory.core.functions import INVERSE, ROOTS
from theory.core.ring import ATOMS, Number, Poly
from theory.core.solving import Question
from theory.core.term import Term

PI = (Fraction(314159265358, 10**11), Fraction(314159265359, 10**11))
RELATION = {"le": ">=", "lt": ">", "eq": "=", "ne": "distinct"}  # of right - left and 0


class Translation:
    """Propositions as SMT-LIB text, and what is known of the constants that stand for atoms."""

    def __init__(self, context: Context, mode: str) -> None:
        self.forms: Forms = forms(context, mode)
        self.atoms: dict[int, str] = {}
        self.known: dict[str, str] = {}

    def proposition(self, prop: Term) -> str:
        if prop.op in RELATION:
            return self._relation(prop)
        if prop.op not in ("and", "or", "not", "implies", "iff"):
            raise Rejected("a quantified fact inside a formula cannot go to the solver; "
                           "name it with At(...)")
        args = " ".join(map(self.proposition, prop.args))
        return f"({ {'implies': '=>', 'iff': '='}.get(prop.op, prop.op) } {args})"

    def _relation(self, prop: Term) -> str:
        margin, op = self.forms.margin(prop), prop.op
        if op == "lt" and self.forms.grants.whole(margin):  # a < b is a + 1 ≤ b for integers
            return f"(>= {self.number(margin)} 1)"
        return f"({RELATION[op]} {self.number(margin)} 0)"

    def number(self, poly: Poly) -> str:
        parts = []
        for monomial, value in poly.items():
            factors = [self.atom(n) for n, exponent in monomial for _ in range(exponent)]
            factors = [literal(value), *factors] if value != 1 or not factors else factors
            parts.append(factors[0] if len(factors) == 1 else f"(* {' '.join(factors)})")
        return "0" if not parts else parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"

    def atom(self, number: int) -> str:
        if number not in self.atoms:
            name = self.atoms[number] = f"a{len(self.atoms)}"
            known = [*self._meaning(number, name), *self._sign(number, name)]
            for n, text in enumerate(known):
                self.known[f"{name}_{n}"] = text
        return self.atoms[number]

    def _sign(self, number: int, name: str) -> list[str]:
        sign = self.forms.grants.atom(number)
        if sign.above:
            whole = sign.nonzero and self.forms.context.is_whole(ATOMS[number])
            return [f"({'>=' if whole or not sign.nonzero else '>'} {name} {int(whole)})"]
        if sign.below:
            return [f"({'<' if sign.nonzero else '<='} {name} 0)"]
        return [f"(distinct {name} 0)"] if sign.nonzero else []

    def _meaning(self, number: int, name: str) -> list[str]:
        """What is true of an atom by what it is."""
        term = ATOMS[number]
        if number in INVERSE:
            below = self.number(INVERSE[number])
            if self.forms.grants.nonzero(INVERSE[number]):
                return [f"(= (* {name} {below}) 1)"]
            return [f"(=> (distinct {below} 0) (= (* {name} {below}) 1))",
                    f"(=> (= {below} 0) (= {name} 0))"]
        if number in ROOTS:
            base, degree = ROOTS[number]
            inside = self.number(base)
            power = f"(= (* {' '.join([name] * degree)}) {inside})"
            granted = self.forms.granted(base)
            return [power if granted else f"(=> (>= {inside} 0) {power})"]
        if term.op == "const":
            low, high = (literal(end) for end in PI)
            return [f"(> {name} {low})", f"(< {name} {high})"]
        return self._choice(term, name) if term.op == "fn" else []

    def _choice(self, term: Term, name: str) -> list[str]:
        if term.data not in ("abs", "sign", "max", "min"):
            return []
        args = [self.number(self.forms.number(arg)) for arg in term.args]
        if term.data == "abs":
            return [f"(= {name} (ite (>= {args[0]} 0) {args[0]} (* (- 1) {args[0]})))"]
        if term.data == "sign":
            return [f"(= {name} (ite (> {args[0]} 0) 1 (ite (< {args[0]} 0) (- 1) 0)))"]
        beyond = ">=" if term.data == "max" else "<="
        all_of = [f"({beyond} {name} {arg})" for arg in args]
        return [*all_of, f"(or {' '.join(f'(= {name} {arg})' for arg in args)})"]

    # -- integers, on a second look --------------------------------------------------------------

    def gaps(self) -> dict[str, str]:
        """Integer variables are not in (-1, 0) and (0, 1)."""
        found = {}
        for number, name in self.atoms.items():
            term, sign = ATOMS[number], self.forms.grants.atom(number)
            if term.op == "var" and self.forms.context.is_whole(term) and not sign.positive:
                for low in (-1, 0):
                    text = f"(or (<= {name} {literal(low)}) (>= {name} {literal(low + 1)}))"
                    found[f"gap_{name}_{low + 1}"] = text
        return found


def literal(value: Number) -> str:
    """A rational number in SMT-LIB."""
    value = Fraction(value)
    size = str(abs(value.numerator))
    size = size if value.denominator == 1 else f"(/ {size} {value.denominator})"
    return f"(- {size})" if value < 0 else size


def question(context: Context, facts: Sequence[Term], goal: Term, mode: str = "written",
             whole: bool = False) -> tuple[Question, Translation]:
    """The question whether the facts can hold and the goal fail; facts are labelled f0, f1, …"""
    translation = Translation(context, mode)
    asserted = [(f"f{n}", translation.proposition(fact)) for n, fact in enumerate(facts)]
    asserted.append(("goal", f"(not {translation.proposition(goal)})"))
    known = {**translation.known, **(translation.gaps() if whole else {})}
    names = tuple(translation.atoms.values())
    return Question(names, (*asserted, *known.items())), translation
