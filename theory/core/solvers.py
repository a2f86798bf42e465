"""Nonlinear real arithmetic by SMT: does a goal follow from facts? z3 answers, cvc5 gives a second opinion.

What the solvers cannot read (sequence entries, sums, logarithms, expectations) becomes a real variable, the same one for
the same normal form, so a proof holds for every value it could take. Division and roots are total functions whose
defining equations hold only where they are defined; that a statement is defined is checked elsewhere.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass

import cvc5
import sympy as sp
import z3
from sympy.logic.boolalg import Boolean

from theory.core.normal import Normalizer
from theory.core.solver_process import SolverProcess, Verdict

Z3_MILLISECONDS = 10_000
CVC5_MILLISECONDS = 1_000
Z3, CVC5 = SolverProcess(z3), SolverProcess(cvc5)


class Untranslatable(Exception):
    """The proposition has a construct the translation does not know."""


@dataclass(frozen=True)
class Answer:
    """`proved` only if z3 found the negation unsatisfiable and cvc5 did not contradict it."""

    proved: bool
    by: str
    reason: str = ""


class Translation:
    """Propositions to z3 over the reals; `constraints` collects what is true of the variables introduced."""

    def __init__(self, normal: Normalizer) -> None:
        self.normal = normal
        self.names: dict[sp.Basic, z3.ArithRef] = {}
        self.constraints: list[z3.BoolRef] = []

    def proposition(self, prop: Boolean) -> z3.BoolRef:
        """Translate a relation or a propositional combination of relations."""
        if prop in (sp.true, sp.false):
            return z3.BoolVal(prop is sp.true)
        if isinstance(prop, (sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq, sp.Ne)):
            return self._relation(prop)
        args = [self.proposition(arg) for arg in prop.args]
        if isinstance(prop, sp.And):
            return z3.And(*args)
        if isinstance(prop, sp.Or):
            return z3.Or(*args)
        if isinstance(prop, sp.Not):
            return z3.Not(args[0])
        if isinstance(prop, sp.Implies):
            return z3.Implies(*args)
        if isinstance(prop, sp.Equivalent):
            return z3.And(*[args[0] == other for other in args[1:]])
        raise Untranslatable(f"{type(prop).__name__} cannot be handed to a solver")

    def _relation(self, prop: Boolean) -> z3.BoolRef:
        margin = self.normal.expression(prop.lhs - prop.rhs)
        slack = 1 if margin.is_integer and isinstance(prop, (sp.Lt, sp.Gt)) else 0  # a < b is a ≤ b-1 for integers
        value = self.term(margin)
        if isinstance(prop, sp.Lt):
            return value + slack <= 0 if slack else value < 0
        if isinstance(prop, sp.Gt):
            return value - slack >= 0 if slack else value > 0
        if isinstance(prop, (sp.Le, sp.Ge)):
            return value <= 0 if isinstance(prop, sp.Le) else value >= 0
        return value == 0 if isinstance(prop, sp.Eq) else value != 0

    def term(self, expr: sp.Expr) -> z3.ArithRef:
        """Translate a scalar expression in normal form."""
        if isinstance(expr, sp.Rational):
            return z3.Q(expr.p, expr.q)
        if isinstance(expr, sp.Float) or expr.has(sp.nan, sp.zoo) or expr in (sp.oo, -sp.oo) or expr.is_real is False:
            raise Untranslatable(f"{expr} is not an exact real number")
        if isinstance(expr, sp.Add):
            return z3.Sum(*[self.term(arg) for arg in expr.args])
        if isinstance(expr, sp.Mul):
            return z3.Product(*[self.term(arg) for arg in expr.args])
        if isinstance(expr, sp.Pow) and isinstance(expr.exp, sp.Rational) and expr.base.is_real is not False:
            return self._power(expr)
        if isinstance(expr, (sp.Abs, sp.sign, sp.Max, sp.Min)):
            return self._choice(expr)
        return self._variable(expr)

    def _power(self, expr: sp.Pow) -> z3.ArithRef:
        p, q = expr.exp.p, expr.exp.q
        base = self.term(expr.base) if q == 1 else self._root(expr.base, q)
        value = functools.reduce(lambda a, b: a * b, [base] * abs(p))
        if p > 0:
            return value
        key = sp.Pow(expr.base, expr.exp, evaluate=False)
        if key not in self.names:
            self.names[key] = z3.Real(f"inverse{len(self.names)}")
            self.constraints.append(z3.Implies(value != 0, self.names[key] * value == 1))
        return self.names[key]

    def _root(self, base: sp.Expr, degree: int) -> z3.ArithRef:
        key = sp.Pow(base, sp.Rational(1, degree), evaluate=False)
        if key not in self.names:
            root = self.names[key] = z3.Real(f"root{len(self.names)}")
            inside = self.term(base)
            power = functools.reduce(lambda a, b: a * b, [root] * degree)
            self.constraints += [root >= 0, z3.Implies(inside >= 0, power == inside)]
        return self.names[key]

    def _choice(self, expr: sp.Expr) -> z3.ArithRef:
        args = [self.term(arg) for arg in expr.args]
        if isinstance(expr, sp.Abs):
            return z3.If(args[0] >= 0, args[0], -args[0])
        if isinstance(expr, sp.sign):
            return z3.If(args[0] > 0, z3.RealVal(1), z3.If(args[0] < 0, z3.RealVal(-1), z3.RealVal(0)))
        larger = isinstance(expr, sp.Max)
        return functools.reduce(lambda a, b: z3.If((a >= b) if larger else (a <= b), a, b), args)

    def _variable(self, expr: sp.Expr) -> z3.ArithRef:
        if expr.is_extended_real is not True and not isinstance(expr, (sp.Sum, sp.Integral, sp.Limit, sp.log)):
            raise Untranslatable(f"{expr} is not known to be real")
        if expr not in self.names:
            self.names[expr] = z3.Real(f"atom{len(self.names)}")
            self.constraints += _assumptions(expr, self.names[expr])
        return self.names[expr]


def _assumptions(expr: sp.Expr, value: z3.ArithRef) -> list[z3.BoolRef]:
    """What the declared domain of an atom says of its value (nothing for sums, integrals and the like)."""
    if isinstance(expr, sp.NumberSymbol):
        low, high = (sp.Rational(f(expr * 10**12)) / 10**12 for f in (sp.floor, sp.ceiling))
        return [value > z3.Q(low.p, low.q), value < z3.Q(high.p, high.q)]
    if isinstance(expr, sp.Sum):  # a defined sum has no negative number of terms
        return [value >= 0] if expr.args[0].is_nonnegative else []
    if isinstance(expr, (sp.Integral, sp.Limit)):
        return []
    known = {"is_positive": value > 0, "is_nonnegative": value >= 0, "is_negative": value < 0,
             "is_nonpositive": value <= 0, "is_nonzero": value != 0}
    whole = [value >= 1] if expr.is_integer and expr.is_positive else []  # the solver reads integers as reals
    return whole + [fact for name, fact in known.items() if getattr(expr, name) is True]


def entails(facts: Iterable[Boolean], goal: Boolean, normal: Normalizer, second_opinion: bool = True) -> Answer:
    """Whether `goal` follows from `facts` over the reals; unknown, time-out and disagreement are all 'not proved'."""
    translation = Translation(normal)
    try:
        assertions = [translation.proposition(fact) for fact in facts]
        negation = z3.Not(translation.proposition(goal))
    except Untranslatable as problem:
        return Answer(False, "z3", str(problem))
    query = z3.Solver()
    query.add(*translation.constraints, *assertions, negation)
    text = query.to_smt2()
    first = _z3_verdict(text)
    if first.answer == "sat":
        return Answer(False, "z3", f"z3 found values that break it: {_readable(first.detail, translation)}")
    if first.answer != "unsat":
        return Answer(False, "z3", f"z3 does not know ({first.detail})")
    other = _cvc5_verdict(text) if second_opinion else "unasked"
    if other == "sat":
        return Answer(False, "z3, cvc5", "DISAGREEMENT: z3 says proved, cvc5 says there are values that break it")
    return Answer(True, "z3, cvc5" if other == "unsat" else "z3")


def _readable(model: str, translation: Translation) -> str:
    values = json.loads(model)
    pairs = [f"{key} = {values[str(name)]}" for key, name in translation.names.items() if str(name) in values]
    return ", ".join(pairs[:8])


def _z3_verdict(problem: str) -> Verdict:
    """z3's verdict on an SMT-LIB problem in nonlinear real arithmetic."""
    return Z3.ask(problem, Z3_MILLISECONDS)


def _cvc5_verdict(problem: str) -> str:
    """'sat', 'unsat' or 'unknown' from cvc5 for the same problem."""
    return CVC5.ask(problem, CVC5_MILLISECONDS).answer
