"""Reads what authors write in SymPy into terms. Trusted: what is proved is what this module reads.

The tree is taken as it stands. Only the classes listed at the end are read, each exactly and none
derived from them; SymPy is never asked to evaluate, to compare by assumptions or to build an
expression anew. Whatever is not read raises `Unreadable`. The sign declared of a bound variable is
kept as a premise, or refused where none can stand. Whether divisions, roots, indices and limits
make sense, and whether indices and limits are integers, is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core import numbers
from sympy.functions.elementary.miscellaneous import IdentityFunction
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from theory.core import term
from theory.core.domain import (
    Domain,
    Unreadable,
    domain_conditions,
    has_sign,
    is_reserved,
    printed_name,
    read_bound,
    read_declared,
    show,
)
from theory.core.language import Always, E
from theory.core.term import INF, NEGINF, ONE, Function, Term

__all__ = [
    "Domain", "Scope", "Unreadable", "domain_conditions", "printed_name", "read", "read_bound",
    "read_declared", "read_function", "read_number", "read_statement",
]

Scope = Mapping[sp.Basic, str]
Reader = Callable[[Any, Scope], Term]

INFINITE: dict[type, Term] = {numbers.Infinity: INF, numbers.NegativeInfinity: NEGINF}


# -- the entrance --------------------------------------------------------------------------------


def read(expr: Any, scope: Scope) -> Term:
    """A number or a statement about what is in scope.

    `scope` gives the name of every declared symbol and sequence and every opened variable.
    """
    return (read_statement if type(expr) in STATEMENTS else read_number)(expr, scope)


def read_number(expr: Any, scope: Scope) -> Term:
    """An expression that stands for a number."""
    return _entered(_number, expr, scope)


def read_statement(expr: Any, scope: Scope) -> Term:
    """A relation, a combination of statements, or a quantified one."""
    return _entered(_statement, expr, scope)


def read_function(value: Any, scope: Scope, arity: int) -> Function:
    """A formula for a sequence or a function: a Lambda of so many variables, or a sequence."""
    if type(value) is sp.IndexedBase:
        names = tuple(f"#{n + 1}" for n in range(arity))  # no sequence can have such a name
        return Function(names, term.entry(_look_up(value, scope), *map(term.var, names)))
    if type(value) is IdentityFunction and arity == 1:  # what SymPy makes of Lambda(x, x)
        return Function(("#1",), term.var("#1"))
    if type(value) is not sp.Lambda or type(value.args[0]) is not sp.Tuple:
        raise Unreadable(
            f"{show(value)} ({type(value).__name__}) is not a formula; "
            "give a SymPy Lambda or a declared sequence"
        )
    inside = _parameters(value, scope, arity)
    names = tuple(inside[variable] for variable in value.args[0].args)
    return Function(names, read_number(value.args[1], inside))


def _parameters(formula: sp.Lambda, scope: Scope, arity: int) -> dict[sp.Basic, str]:
    """The scope with a formula's variables, which may hide others: each is told apart by name."""
    variables = formula.args[0].args
    if len(variables) != arity or len(set(variables)) < arity:
        raise Unreadable(
            f"{show(formula)} is a formula in {len(variables)} variables; give one in {arity}"
        )
    inside = dict(scope)
    for n, variable in enumerate(variables):
        read_bound(variable)
        name = printed_name(variable)
        inside[variable] = f"#{n + 1}" if name in inside.values() or is_reserved(name) else name
    return inside


def _entered(reader: Reader, expr: Any, scope: Scope) -> Term:
    try:
        return reader(expr, scope)
    except RecursionError:
        raise Unreadable(
            "the expression is nested too deeply to be read; name its parts in smaller steps"
        ) from None


def _number(expr: Any, scope: Scope) -> Term:
    reader = NUMBERS.get(type(expr))
    if reader is not None:
        return reader(expr, scope)
    if type(expr) in STATEMENTS:
        raise Unreadable(
            f"{show(expr)} is a statement where a number is expected; "
            "combine statements with And, Or, Not, Implies, Equivalent"
        )
    raise _refusal(expr)


def _statement(expr: Any, scope: Scope) -> Term:
    reader = STATEMENTS.get(type(expr))
    if reader is not None:
        return reader(expr, scope)
    if type(expr) in NUMBERS:
        raise Unreadable(
            f"{show(expr)} is a number where a statement is expected; "
            "write a relation, such as Le(a, b)"
        )
    raise _refusal(expr)


def _refusal(expr: Any) -> Unreadable:
    """Why something of a class that is not read is refused."""
    kind = type(expr)
    if kind in (bool, BooleanTrue, BooleanFalse):
        return Unreadable(
            "SymPy has already decided this relation; write it with evaluate=False"
        )
    if kind is sp.Xor:
        return Unreadable("Xor cannot be handed to a solver; write it as an Or of Ands")
    if kind is sp.IndexedBase:
        return Unreadable(f"{expr} is a sequence where a number is expected; write {expr}[i]")
    origin = next((base for base in kind.__mro__ if base in NUMBERS or base in STATEMENTS), None)
    if origin is None and isinstance(expr, sp.Function):
        return Unreadable(
            f"the function {kind.__name__} is not one the checker knows; "
            "it knows Abs, sign, exp, log, gamma, Max, Min, sqrt and E"
        )
    hint = "write it with sums, products, powers, entries, relations and Always"
    if kind in (float, sp.Float):
        hint = "it is not exact; write Rational(1, 10) for 0.1"
    elif kind in INFINITE:
        hint = "infinity is no number, and ends only a range of Always, an Integral or a Limit"
    elif origin is not None:
        hint = f"only {origin.__name__} itself is, no class derived from it"
    return Unreadable(f"{show(expr)} ({kind.__name__}) is not part of the language: {hint}")


def _look_up(symbol: Any, scope: Scope) -> str:
    if symbol not in scope:
        raise Unreadable(f"{symbol} is not declared by the claim (same name, same domain)")
    return scope[symbol]


def _args(expr: Any, *counts: int) -> tuple[Any, ...]:
    """The arguments of a node, as many as its class takes; without counts, at least one."""
    if len(expr.args) not in counts and (counts or not expr.args):
        wanted = " or ".join(map(str, counts)) or "at least 1"
        kind = type(expr).__name__
        raise Unreadable(f"{kind} stands here with {len(expr.args)} arguments; give it {wanted}")
    return expr.args


# -- numbers -------------------------------------------------------------------------------------


def _rational(expr: Any, scope: Scope) -> Term:
    if type(expr) in (int, Fraction):
        return term.num(expr)
    return term.num(Fraction(int(expr.p), int(expr.q)))


def _variable(expr: Any, scope: Scope) -> Term:
    return term.var(_look_up(expr, scope))


def _entry(expr: Any, scope: Scope) -> Term:
    base, *indices = _args(expr)
    if type(base) is not sp.IndexedBase:
        raise Unreadable(f"{show(base)} is taken at an index; only an IndexedBase has entries")
    return term.entry(_look_up(base, scope), *(_number(index, scope) for index in indices))


def _power(expr: Any, scope: Scope) -> Term:
    base, exponent = _args(expr, 2)
    if type(base) is numbers.Exp1:
        return term.fn("exp", _number(exponent, scope))
    return term.power(_number(base, scope), _number(exponent, scope))


def _node(op: str, data: str | None = None, counts: tuple[int, ...] = ()) -> Reader:
    """Numbers made of numbers, in the order in which they stand."""

    def reader(expr: Any, scope: Scope) -> Term:
        return Term(op, data, tuple(_number(arg, scope) for arg in _args(expr, *counts)))

    return reader


# -- what binds a variable -----------------------------------------------------------------------


def _bind(variable: Any, scope: Scope) -> tuple[str, Domain, Scope]:
    """A bound variable's name and domain, and the scope with it, in which it hides nothing."""
    domain = read_bound(variable)
    name = printed_name(variable)
    if variable in scope or name in scope.values() or is_reserved(name):
        why = ": such names are the checker's own" if is_reserved(name) else ""
        raise Unreadable(
            f"the bound variable {name} hides one that is already in use{why}; rename it"
        )
    return name, domain, {**scope, variable: name}


def _limits(expr: Any) -> tuple[Any, ...]:
    if len(expr.args) < 2:
        raise Unreadable(f"{type(expr).__name__} has no range here; give it one, such as (i, 1, N)")
    return expr.args[1:]


def _range(limit: Any) -> tuple[Any, ...]:
    """Variable, lower and upper end of a range."""
    if type(limit) is not sp.Tuple or len(limit.args) != 3:
        raise Unreadable(f"{show(limit)} is not a range; write (variable, lower end, upper end)")
    return limit.args


def _end(expr: Any, scope: Scope) -> Term:
    """A number, or an infinity where one may stand."""
    return INFINITE[type(expr)] if type(expr) in INFINITE else _number(expr, scope)


def _require_in_range(name: str, domain: Domain, lower: Term) -> None:
    """An integer variable's sign may only repeat what its lower end, written out, says."""
    repeats = (
        domain.sign in ("positive", "nonnegative")
        and isinstance(lower.data, int)
        and has_sign(domain.sign, lower)
    )
    if domain.sign and not repeats:
        raise Unreadable(
            f"the bound variable {name} may be declared positive or nonnegative only where its "
            f"range says so; declare {name} as integer=True"
        )


def _summed(op: str) -> Reader:
    """Σ or Π: the innermost range stands first; a range may speak of the variables after it."""

    def nested(body: Any, limits: tuple[Any, ...], scope: Scope) -> Term:
        if not limits:
            return _number(body, scope)
        variable, lower, upper = _range(limits[-1])
        name, domain, inside = _bind(variable, scope)
        if domain.kind != "int" or type(lower) in INFINITE or type(upper) in INFINITE:
            raise Unreadable(
                f"the sum over {name} needs integer limits: declare {name} with integer=True, and "
                "end the range at a number (oo is not part of the language here)"
            )
        low, high = _number(lower, scope), _number(upper, scope)
        _require_in_range(name, domain, low)
        inner = nested(body, limits[:-1], inside)
        return Term(op, None, (low, high, term.close(inner, name)), name)

    def reader(expr: Any, scope: Scope) -> Term:
        limits = _limits(expr)
        return nested(expr.args[0], limits, scope)

    return reader


def _integral(expr: Any, scope: Scope) -> Term:
    limits = _limits(expr)
    if len(limits) != 1:
        raise Unreadable(f"{show(expr)} has {len(limits)} variables; write an integral over one")
    variable, lower, upper = _range(limits[0])
    name, domain, inside = _bind(variable, scope)
    low, high = _end(lower, scope), _end(upper, scope)
    if domain.kind != "real" or not _keeps_sign(domain.sign, low, high):
        raise Unreadable(
            f"the integral over {name} needs a real variable, and a sign only if both ends have it "
            f"as they are written; declare {name} as real=True"
        )
    body = _number(expr.args[0], inside)
    return Term("integral", None, (low, high, term.close(body, name)), name)


def _keeps_sign(sign: str, low: Term, high: Term) -> bool:
    """Whether a variable between ends written as numbers has the sign, but for 0, a null set."""
    above = has_sign("nonnegative", low) and has_sign("nonnegative", high)
    below = has_sign("nonpositive", low) and has_sign("nonpositive", high)
    kept = {"": True, "nonzero": above or below}
    return kept.get(sign, above if sign in ("positive", "nonnegative") else below)


def _limit(expr: Any, scope: Scope) -> Term:
    body, variable, point, side = _args(expr, 4)
    name, domain, inside = _bind(variable, scope)
    if type(side) is not sp.Symbol or side.name not in ("+", "-", "+-"):
        raise Unreadable(f"the limit over {name} comes from {show(side)}; write '+', '-' or '+-'")
    target = _end(point, scope)
    follows = target in (INF, NEGINF) and has_sign(domain.sign or "nonzero", target)
    if domain.kind != "real" or domain.sign and not follows:
        raise Unreadable(
            f"the limit over {name} needs a real variable, and a sign only if it goes to an "
            f"infinity of that sign; declare {name} as real=True"
        )
    inner = _number(body, inside)
    return Term("limit", side.name, (target, term.close(inner, name)), name)


# -- statements ----------------------------------------------------------------------------------


def _relation(op: str, hint: str = "") -> Reader:
    """A comparison; with a hint, one that its author wrote the other way round."""

    def reader(expr: Any, scope: Scope) -> Term:
        left, right = (_number(arg, scope) for arg in _args(expr, 2))
        return Term(op, None, (right, left) if hint else (left, right), hint)

    return reader


def _connective(op: str, counts: tuple[int, ...] = ()) -> Reader:
    def reader(expr: Any, scope: Scope) -> Term:
        return Term(op, None, tuple(_statement(arg, scope) for arg in _args(expr, *counts)))

    return reader


def _always(expr: Any, scope: Scope) -> Term:
    limits = _limits(expr)
    return _quantified(expr.args[0], limits, scope)


def _quantified(body: Any, limits: tuple[Any, ...], scope: Scope) -> Term:
    """∀, outermost range first; a real variable's sign is a premise unless its range says it."""
    if not limits:
        return _statement(body, scope)
    variable, lower, upper = _range(limits[0])
    name, domain, inside = _bind(variable, scope)
    low, high = _end(lower, scope), _end(upper, scope)
    if low == INF or high == NEGINF:
        raise Unreadable(f"the range of {name} is empty; it may start at -oo and end at oo")
    held = _quantified(body, limits[1:], inside)
    stated = domain.sign in ("positive", "nonnegative") and has_sign(domain.sign, low)
    if domain.kind == "int":
        _require_in_range(name, domain, low)
    elif domain.sign and not stated:
        [premise] = domain_conditions(domain, term.var(name))
        held = term.implies(premise, held)
    return term.forall(name, domain.kind, low, high, held)


# -- the classes that are read -------------------------------------------------------------------

NUMBERS: dict[type, Reader] = {
    **dict.fromkeys((int, Fraction, sp.Integer, sp.Rational, numbers.Half), _rational),
    **dict.fromkeys((numbers.Zero, numbers.One, numbers.NegativeOne), _rational),
    **dict.fromkeys((sp.Symbol, sp.Dummy), _variable),
    numbers.Exp1: lambda expr, scope: term.fn("exp", ONE),
    numbers.Pi: lambda expr, scope: term.const("pi"),
    sp.Indexed: _entry, sp.Add: _node("add"), sp.Mul: _node("mul"), sp.Pow: _power,
    sp.Max: _node("fn", "max"), sp.Min: _node("fn", "min"), sp.Abs: _node("fn", "abs", (1,)),
    sp.sign: _node("fn", "sign", (1,)), sp.gamma: _node("fn", "gamma", (1,)),
    sp.exp: _node("fn", "exp", (1,)), sp.log: _node("fn", "log", (1,)),
    sp.Sum: _summed("sum"), sp.Product: _summed("prod"), E: _node("mean", None, (1, 2)),
    sp.Integral: _integral, sp.Limit: _limit,
}
STATEMENTS: dict[type, Reader] = {
    sp.Le: _relation("le"), sp.Lt: _relation("lt"), sp.Eq: _relation("eq"), sp.Ne: _relation("ne"),
    sp.Ge: _relation("le", "≥"), sp.Gt: _relation("lt", ">"), Always: _always,
    sp.And: _connective("and"), sp.Or: _connective("or"), sp.Not: _connective("not", (1,)),
    sp.Implies: _connective("implies", (2,)), sp.Equivalent: _connective("iff", (2,)),
}
