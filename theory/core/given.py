"""What an author gives a rule, and a claim its history, is looked at before any of it is used.

Weights and terms must be defined over the whole range before SymPy may cancel them; a sequence is a declared one or a
formula; an integral or a limit is a number only where something says so; the index that counts time is named.
"""

from __future__ import annotations

import sympy as sp

from theory.core import rules
from theory.core.claim import Claim, Fixed, Step
from theory.core.language import Always
from theory.core.read import Unreadable, printed_name, read_function
from theory.core.scope import Rejected, Scope


def history(claim: Claim) -> dict[sp.Basic, Fixed]:
    """The claim's history with the index that is time named for every sequence."""
    indices = {var.symbol: len(var.over) for var in claim.variables if var.random}
    found: dict[sp.Basic, Fixed] = {}
    for base, fixed in claim.history.items():
        count = indices.get(base, 0)
        if not isinstance(fixed, Fixed) and count > 1:
            raise Rejected(f"say which index of {base} is time: history={{{base}: Fixed(lag={fixed}, time=0)}}, or time=1")
        found[base] = fixed if isinstance(fixed, Fixed) else Fixed(fixed)
        if not 0 <= found[base].time < count:
            raise Rejected(f"the history speaks of index {found[base].time} of {base}, which has {count} and must be random")
    return found


def require_given(rule: rules.Known, scope: Scope) -> None:
    """Terms, weights and points are defined over the whole range before the inequality multiplies and cancels them."""
    given = rule.given
    limits = [sp.Tuple(*given["over"])] if "over" in given else []
    if isinstance(given.get("outer"), tuple):  # a rectangle
        limits = [sp.Tuple(*given["outer"]), sp.Tuple(*given["inner"])]
    elif "outer" in given and "inner" in given:
        ends = given.get("lower"), given.get("upper")
        limits = [sp.Tuple(given[name], *ends) for name in ("outer", "inner")]
        limits[1] = sp.Tuple(given["inner"], ends[0], given["outer"] - 1)
    inside = scope.open(Always(sp.true, *limits))[0] if limits else scope
    for name in ("a", "b", "weight", "point", "x", "low", "high"):
        if name in given:
            value = sp.sympify(given[name])
            inside.require_known_symbols(value)
            inside.require_defined(value)


def readable_sequence(target: object, scope: Scope, arity: int) -> None:
    """A sequence is a declared one or a formula; a Python function could answer anything."""
    try:
        read_function(target, {s: printed_name(s) for s in (*scope.variables, *scope.opened)}, arity)
    except Unreadable as problem:
        raise Rejected(str(problem)) from problem


def require_shown_to_exist(step: Step, scope: Scope) -> None:
    """An integral or a limit is a number only where a hypothesis, an earlier step or this very rule gives it a value."""
    if isinstance(step.rule, (rules.LimitValue, rules.IntegralValue, rules.By, rules.Cited)):
        return
    known = set().union(*(fact.atoms(sp.Integral, sp.Limit) for fact in scope.facts.values()))
    if missing := step.prop.atoms(sp.Integral, sp.Limit) - known:
        rule = "LimitValue" if isinstance(next(iter(missing)), sp.Limit) else "IntegralValue"
        raise Rejected(f"{missing.pop()} is not shown to exist: first give its value by {rule}, in one of the calculus rules")
