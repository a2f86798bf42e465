"""Drives authors' calculus rules: values of integrals and limits, facts about Γ, errors C/j.

An integral's value is suggested by `theory.calculus.find`; what the kernel's schemas of calculus
make of it counts. A goal is first opened: it is shown for any values of its quantified variables.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import sympy as sp

from theory.calculus import SCHEMAS
from theory.calculus.find import Found, suggest
from theory.core import rules
from theory.core import theorem as kernel
from theory.core.context import Rejected
from theory.core.forms import forms
from theory.core.latex import text
from theory.core.read import printed_name
from theory.core.ring import as_term
from theory.core.rules import At, Reference
from theory.core.term import (
    INF,
    ONE,
    Function,
    Term,
    add,
    close,
    divide,
    le,
    neg,
    open_,
    subterms,
    var,
)
from theory.core.theorem import Theorem
from theory.proofs.drive import calculus_fact, matched
from theory.proofs.place import Place, is_plain

AUTHORS = ("gamma_next", "gamma_positive", "gamma_one", "gamma_half", "gamma_log_convex",
           "power_product", "power_inverse", "rewrite", "symmetric")


def inside(place: Place, goal: Term, prove: Callable[[Place, Term], Theorem]) -> Theorem:
    """The goal from what `prove` shows inside its quantifiers and premises."""
    if goal.op == "all" or goal.op == "implies" and is_plain(goal.args[0]):
        there, inner, finish = place.opened(goal) if goal.op == "all" else place.assuming(goal)
        return finish(inside(there, inner, prove))
    return prove(place, goal)


def calculus(place: Place, goal: Term, rule: rules.Calculus) -> Theorem:
    """An instance of a schema of calculus."""
    def prove(there: Place, inner: Term) -> Theorem:
        args = _arguments(there, rule)
        shown = calculus_fact(there, rule.name, args, rule.using)
        there.require_defined(shown.prop)
        return matched(there, shown, inner)

    return inside(place, goal, prove)


def _arguments(place: Place, rule: rules.Calculus) -> dict[str, Any]:
    """The author's `given` as terms and functions."""
    if rule.name not in AUTHORS:
        raise Rejected(f"there is no fact of calculus '{rule.name}'; "
                       f"use one of {', '.join(AUTHORS)}")
    place = place.knowing(rule.given)
    args = {name: place.function(value, 1) if isinstance(value, sp.Lambda) else place.number(value)
            for name, value in rule.given.items()}
    try:
        inspect.signature(SCHEMAS[rule.name]).bind(**args)
    except TypeError as problem:
        raise Rejected(f"{rule.name}: {problem}") from problem
    return args


# -- values of integrals and limits ----------------------------------------------------------------


def integral_value(place: Place, goal: Term, rule: rules.IntegralValue) -> Theorem:
    """The integral's value by a suggestion whose conditions hold."""
    def prove(there: Place, inner: Term) -> Theorem:
        suggestions = suggest(*_sides(inner, "integral"))
        return _valued(there, inner, suggestions, rule.using)

    return _of_one(place, goal, prove)


def limit_value(place: Place, goal: Term, rule: rules.LimitValue) -> Theorem:
    """The limit at infinity of a rational function."""
    def prove(there: Place, inner: Term) -> Theorem:
        limit, _ = _sides(inner, "limit")
        return _reached(there, inner, calculus_fact(there, "rational_limit", {"limit": limit}), [])

    return _of_one(place, goal, prove)


def _of_one(place: Place, goal: Term, prove: Callable[[Place, Term], Theorem]) -> Theorem:
    """Inside a goal that speaks of one integral or limit: no other would be shown to exist."""
    if sum(part.op in ("integral", "limit") for part in subterms(goal)) > 1:
        raise Rejected("a step gives one integral or limit its value, and must speak of no other")
    return inside(place, goal, prove)


def _sides(goal: Term, op: str) -> tuple[Term, Term]:
    if goal.op != "eq" or goal.args[0].op != op:
        raise Rejected(f"the {op} rule proves Eq({op.capitalize()}(...), value)")
    return goal.args[0], goal.args[1]


def _valued(place: Place, goal: Term, suggestions: Iterable[Found], using: Sequence[Reference]
            ) -> Theorem:
    """By the first suggestion that gives the value as it stands, or else the first that holds."""
    found: list[tuple[Theorem, Found]] = []
    problem: Exception = Rejected("no antiderivative is found, and the integrand is not classical")
    for suggestion in suggestions:
        try:
            shown = calculus_fact(place, suggestion.name, suggestion.args, using)
        except Rejected as why:
            problem = why
            continue
        found.append((shown, suggestion))
        try:
            return matched(place, shown, goal)
        except Rejected:
            continue
    if not found:
        raise problem
    shown, suggestion = found[0]
    named = [fact for fact in map(place.lookup, using) if is_plain(fact.prop)]
    return _reached(place, goal, shown, [*_helpful(place, suggestion), *named])


def _helpful(place: Place, suggestion: Found) -> Iterator[Theorem]:
    for fact in suggestion.facts:
        try:
            yield calculus_fact(place, fact.name, fact.args)
        except Rejected:
            continue


def _reached(place: Place, goal: Term, shown: Theorem, facts: Sequence[Theorem]) -> Theorem:
    """The author's value from the one that is shown."""
    try:
        return matched(place, shown, goal)
    except Rejected:
        pass
    try:
        return place.solved(goal, [shown, *facts])
    except Rejected as problem:
        raise Rejected(f"the value is {text(shown.prop.args[1])}, and {text(goal.args[1])} is away "
                       f"from it or not shown to be it ({problem})") from problem


# -- from limits and errors ------------------------------------------------------------------------


def below_limit(place: Place, goal: Term, rule: rules.BelowLimit) -> Theorem:
    """A rational sequence that does not fall, read off the growth fact, is below its limit."""
    growth = place.fact(rule.growth)
    if growth.prop.op != "all" or growth.prop.args[-1].op != "le":
        raise Rejected(f"'{rule.growth}' must say a(n) ≤ a(n + {rule.step}) from a number n on")
    name, start = growth.prop.hint or "n", growth.prop.args[0]
    function = Function((name,), open_(growth.prop, var(name)).args[0])
    args = {"function": function, "start": start, "step": rule.step}
    condition, = kernel.make_instance(place.context, "calculus", "below_limit", args).conditions
    grows = _same_sequence(place, growth, condition)
    shown = kernel.schema(place.context, "calculus", "below_limit", args, [grows])
    if rule.limit:
        limit = Term("limit", "-", (INF, close(function.body, name)), name)
        value = calculus_fact(place, "rational_limit", {"limit": limit})
        _same_sequence(place, value, place.fact(rule.limit).prop)
    return _same_sequence(place, shown, goal)


def _same_sequence(place: Place, shown: Theorem, goal: Term) -> Theorem:
    try:
        return matched(place, shown, goal)
    except Rejected as problem:
        raise Rejected("growth, limit and goal do not speak of the same sequence: "
                       f"{problem}") from problem


def archimedes(place: Place, goal: Term, rule: rules.Archimedes) -> Theorem:
    """y ≤ z, as y ≤ z + C/j for every integer j ≥ 1; C is the error at j = 1."""
    def prove(there: Place, inner: Term) -> Theorem:
        if inner.op != "le":
            raise Rejected("an error C/j for every j ≥ 1 shows a relation with ≤ only")
        return _without_error(there, inner, _with_error(there, rule.fact))

    return inside(place, goal, prove)


def _with_error(place: Place, reference: Reference) -> Theorem:
    """The fact at what its variables are here, but for the innermost, j."""
    name, given = (reference.fact, reference.values) if isinstance(reference, At) else (
        reference, {})
    fact, values = place.fact(name), {printed_name(s): place.number(v) for s, v in given.items()}
    while fact.prop.op == "all" and any(p.op == "all" for p in subterms(fact.prop.args[-1])):
        variable = fact.prop.hint
        if variable not in values and variable not in place.context.declared:
            raise Rejected(f"'{name}' needs a value for {variable}")
        fact = place.instance(fact, values.pop(variable, var(variable)), name)
    if values:
        raise Rejected(f"'{name}' takes no value for {', '.join(values)}: its last variable is j, "
                       "and runs over all integers from 1 on")
    if fact.prop.op != "all" or (fact.prop.data, fact.prop.args[1]) != ("int", INF) or \
            fact.prop.args[2].op not in ("le", "lt"):
        raise Rejected(f"'{name}' must say y ≤ z + C/j for every integer j ≥ 1")
    return fact


def _without_error(place: Place, goal: Term, fact: Theorem) -> Theorem:
    (below, above), (left, right) = goal.args, open_(fact.prop, ONE).args
    error = as_term(forms(place.context).number(add(right, neg(left), below, neg(above))))
    name = fact.prop.hint or "j"
    while name in place.context.declared:
        name += "'"
    there = place.at(place.context.open(name, "int", ONE, INF))
    small = divide(error, var(name))
    wanted = le(below, add(above, small))
    here = there.instance(fact, var(name), "the fact")
    try:
        shown = matched(there, here, wanted)
    except Rejected:
        shown = _bounded(there, here, wanted)
    return kernel.archimedes(kernel.generalise(shown))


def _bounded(place: Place, fact: Theorem, wanted: Term) -> Theorem:
    try:
        return place.solved(wanted, [fact])
    except Rejected as problem:
        raise Rejected(f"{text(fact.prop)} does not show {text(wanted)}: the error must be C/j "
                       f"with C free of j ({problem})") from problem
