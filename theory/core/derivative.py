"""Derivatives of sums, products, powers, exp and log by one variable, and the conditions under
which they are right.

Terms are total (1/0 = 0, a root or logarithm of what has none is 0), so the formula alone would say
too much: x^(-1) has a value at 0 and no slope there. Where all of `smooth_where` holds, the term is
differentiable as often as one likes around the point, and `derivative` is its derivative. Whatever
does not contain the variable is a constant.
"""

from __future__ import annotations

from theory.core.instance import Refused
from theory.core.term import ONE, ZERO, Term, add, lt, mul, ne, num, power


def derivative(term: Term, name: str) -> Term:
    """The derivative by the variable, right where all of `smooth_where` holds."""
    if name not in term.free:
        return ZERO
    if term.op == "var":
        return ONE
    if term.op == "add":
        return _sum(*(derivative(arg, name) for arg in term.args))
    if term.op == "mul":
        return _sum(
            *(
                _product(*term.args[:n], derivative(arg, name), *term.args[n + 1 :])
                for n, arg in enumerate(term.args)
            )
        )
    base = term.args[0]
    if term.op == "pow" and name not in term.args[1].free:
        return _product(term.args[1], _one_power_less(*term.args), derivative(base, name))
    if term.op == "fn" and term.data == "exp":
        return _product(term, derivative(base, name))
    if term.op == "fn" and term.data == "log":
        return _product(power(base, num(-1)), derivative(base, name))
    raise Refused(_why(term, name))


def smooth_where(term: Term, name: str) -> list[Term]:
    """Conditions at a point under which the term is smooth around it; refused where no such
    conditions are known.
    """
    if name not in term.free or term.op == "var":
        return []
    inside = [condition for arg in term.args for condition in smooth_where(arg, name)]
    here: list[Term] = []
    if term.op == "pow" and name not in term.args[1].free:
        base, exponent = term.args
        if exponent.op != "num" or exponent.data.denominator != 1:
            here = [lt(ZERO, base)]
        elif exponent.data < 0:
            here = [ne(base, ZERO)]
    elif term.op == "fn" and term.data == "log":
        here = [lt(ZERO, term.args[0])]
    elif term.op not in ("add", "mul") and (term.op, term.data) != ("fn", "exp"):
        raise Refused(_why(term, name))
    return list(dict.fromkeys(inside + here))


def _why(term: Term, name: str) -> str:
    what = term.data if term.op == "fn" else term.op
    if term.op == "pow":
        what = "a power with it in the exponent (write exp)"
    return (
        f"the expression is not smooth in {name}: only +, ·, powers, exp and log of it are "
        f"differentiated, not {what}"
    )


def _one_power_less(base: Term, exponent: Term) -> Term:
    if exponent.op == "num":
        less = exponent.data - 1
        return ONE if less == 0 else base if less == 1 else power(base, num(less))
    return power(base, add(exponent, num(-1)))


def _sum(*terms: Term) -> Term:
    kept = [term for term in terms if term != ZERO]
    return kept[0] if len(kept) == 1 else add(*kept) if kept else ZERO


def _product(*terms: Term) -> Term:
    kept = [term for term in terms if term != ONE]
    return ZERO if ZERO in kept else kept[0] if len(kept) == 1 else mul(*kept) if kept else ONE
