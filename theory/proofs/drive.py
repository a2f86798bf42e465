"""Rules at work: each driver takes a place, a goal as its author wrote it and as a term, and a rule,
and returns a theorem that says the goal, or says why it cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp

from theory.core import rules
from theory.core import theorem as kernel
from theory.core.context import Rejected
from theory.core.curvature import convex
from theory.core.forms import MODES, forms
from theory.core.instance import Refused, between
from theory.core.latex import text
from theory.core.read import printed_name
from theory.core.ring import as_term
from theory.core.rules import At, Reference
from theory.core.schemas import SCHEMAS
from theory.core.term import INF, NEGINF, ONE, ZERO, Function, Term, le, open_, subterms, sum_, var
from theory.core.theorem import Theorem
from theory.proofs.place import Place, is_plain


def matched(place: Place, shown: Theorem, goal: Term) -> Theorem:
    """The goal from a theorem with its normal form."""
    for mode in MODES:
        try:
            return kernel.same(place.context, shown, goal, mode)
        except Rejected:
            continue
    raise Rejected(f"it gives {text(shown.prop)}")


# -- arithmetic --------------------------------------------------------------------------------------


def polynomial(place: Place, goal: Term, using: Sequence[Reference]) -> Theorem:
    """Quantifiers and premises opened, then arithmetic from the facts, taken inside."""
    if goal.op == "all" or goal.op == "implies" and is_plain(goal.args[0]):
        inside, inner, finish = place.opened(goal) if goal.op == "all" else place.assuming(goal)
        return finish(polynomial(inside, inner, using))
    if goal.op == "and" and not is_plain(goal):
        parts = [polynomial(place, part, using) for part in goal.args]
        return kernel.conjoin(place.context, *parts)
    facts = [place.lookup(reference) for reference in using]
    for fact in facts:
        if fact.prop == goal:
            return kernel.same(place.context, fact, goal)  # of this context, not one around it
        if any(part.op == "all" for part in subterms(fact.prop)):
            raise Rejected("a quantified fact inside a formula cannot go to the solver; "
                           "name it with At(...)")
    return place.solved(goal, facts)


def identity(place: Place, goal: Term) -> Theorem:
    """An equation by normal forms, then by what denominators, roots and |·| mean."""
    if goal.op == "all" or goal.op == "implies":
        inside, inner, finish = place.opened(goal) if goal.op == "all" else place.assuming(goal)
        return finish(identity(inside, inner))
    if goal.op not in ("eq", "le", "lt"):
        raise Rejected("the identity rule proves an equation")
    for mode in MODES:
        try:
            return kernel.identity(place.context, goal, mode)
        except Rejected:
            continue
    if any(part.op in ("integral", "limit") for part in subterms(goal)):
        raise Rejected("limits and integrals are given a value by the calculus rules only")
    if goal.op != "eq":
        raise Rejected("the identity rule proves an equation")
    try:
        return place.solved(goal, [])
    except Rejected as problem:
        left = as_term(forms(place.context).margin(goal))
        raise Rejected("the two sides differ, or their difference is not shown to vanish: "
                       f"{text(left)}") from problem


# -- sums --------------------------------------------------------------------------------------------


def termwise(place: Place, goal: Term, rule: rules.Termwise) -> Theorem:
    if goal.op == "all":
        inside, inner, finish = place.opened(goal)
        return finish(termwise(inside, inner, rule))
    variable, low, high = rule.over
    name = printed_name(variable)
    place = place.knowing(variable)
    inside = place.at(place.context.open(name, "int", place.number(low), place.number(high)))
    fact = inside.lookup(rule.fact)
    if fact.prop.op not in ("le", "lt", "eq"):
        raise Rejected(f"'{rule.fact}' is not a relation between terms")
    fact = kernel.same(inside.context, fact, fact.prop)
    weight = inside.number(rule.weight)
    inside.require_defined(weight)
    if weight == ONE:
        shown = kernel.termwise(fact)
    elif fact.prop.op == "eq":
        shown = kernel.termwise(fact, None, weight)
    else:
        try:
            positive = polynomial(inside, le(ZERO, weight), rule.using)
        except Rejected as problem:
            raise Rejected(f"the weight {text(weight)} is not shown to be non-negative: "
                           f"{problem}") from problem
        shown = kernel.termwise(fact, positive, weight)
    return matched(place, shown, goal)


def induction(place: Place, goal: Term, rule: rules.Induction, steps: Steps) -> Theorem:
    """`steps(place, goal, proof, name)` proves the two sub-goals."""
    if goal.op != "all" or goal.data != "int" or goal.args[0] == NEGINF:
        raise Rejected("induction proves a statement quantified first over an integer variable "
                       "with a lower end")
    if "induction" in place.facts and place.facts["induction"].rule != "given":
        raise Rejected("'induction' is what an induction calls the statement for n; "
                       "give your own hypothesis or step of that name another")
    low, high, _ = goal.args
    start = place.context if high == INF else place.context.assume(le(low, high))
    base = steps(place.at(start), open_(goal, low), rule.base, "base")
    name = goal.hint
    before = high if high == INF else Term("add", None, (high, Term("num", -1)))
    inside = place.context.open(name, "int", low, before)
    holds = open_(goal, var(name))
    assumed = inside.assume(holds, surely=True)
    there = place.at(assumed).with_fact("induction", kernel.given(assumed, holds))
    following = open_(goal, Term("add", None, (var(name), ONE)))
    step = steps(there, following, rule.step, "step")
    return kernel.induction(place.context, goal, base, step)


Steps = Callable[[Place, Term, Any, str], Theorem]


# -- classical inequalities --------------------------------------------------------------------------


def known(place: Place, goal: Term, rule: rules.Known) -> Theorem:
    if goal.op == "all":
        inside, inner, finish = place.opened(goal)
        return finish(known(inside, inner, rule))
    if rule.name not in SCHEMAS:
        raise Rejected(f"there is no classical inequality '{rule.name}'; "
                       f"use one of {', '.join(SCHEMAS)}")
    place = place.knowing(rule.given)
    args = known_arguments(place, rule)
    try:
        found = kernel.make_instance(place.context, "known", rule.name, args)
    except Refused as problem:
        raise Rejected(str(problem)) from problem
    conditions = [condition_of(place, prop, rule.using) for prop in found.conditions]
    shown = kernel.schema(place.context, "known", rule.name, args, conditions)
    place.require_defined(shown.prop)
    return matched(place, shown, goal)


def condition_of(place: Place, prop: Term, using: Sequence[Reference]) -> Theorem:
    """A side condition, from the context or the named facts."""
    shown = place.shown(prop)
    if shown is not None:
        return shown
    try:
        return polynomial(place, prop, using)
    except Rejected as problem:
        raise Rejected(f"side condition {text(prop)}: {problem}") from problem


def known_arguments(place: Place, rule: rules.Known) -> dict[str, Any]:
    """The author's `given` as terms; each is defined over the whole range."""
    given = dict(rule.given)
    args: dict[str, Any] = {}
    inside = place
    for key, prefix in (("over", ""), ("outer", "outer_"), ("inner", "inner_")):
        if isinstance(given.get(key), (tuple, sp.Tuple)):
            variable, low, high = given.pop(key)
            args |= {prefix + "lower": place.number(low), prefix + "upper": place.number(high),
                     key if prefix else "index": printed_name(variable)}
            ends = args[prefix + "lower"], args[prefix + "upper"]
            inside = inside.at(inside.context.open(printed_name(variable), "int", *ends))
    if "outer" in given:  # a triangle
        low, high = (place.number(given.pop(key)) for key in ("lower", "upper"))
        args |= {key: printed_name(given.pop(key)) for key in ("outer", "inner")}
        args |= {"lower": low, "upper": high}
        outer = inside.context.open(args["outer"], "int", low, high)
        before = Term("add", None, (var(args["outer"]), Term("num", -1)))
        inside = inside.at(outer.open(args["inner"], "int", low, before))
    if "function" in given:
        function = place.function(given.pop("function"), 1)
        low, high = given.pop("domain", (-sp.oo, sp.oo))
        args |= {"variable": function.names[0], "body": function.body}
        args |= {"low": end(place, low), "high": end(place, high)}
    if rule.name in ("cauchy_schwarz", "jensen"):
        given.setdefault("weight", 1)
    for key, value in given.items():
        at = place if key in ("at", "by") else inside
        args[key] = at.number(value)
        at.require_defined(args[key])
    return args


def end(place: Place, value: Any) -> Term:
    """An end of an interval, which may be infinite."""
    return INF if value == sp.oo else NEGINF if value == -sp.oo else place.number(value)


# -- means -------------------------------------------------------------------------------------------


def expectation(place: Place, goal: Term, rule: rules.Expectation) -> Theorem:
    if goal.op == "all":
        inside, inner, finish = place.opened(goal)
        return finish(expectation(inside, inner, rule))
    kinds = {"linearity": _linearity, "tower": _tower, "monotone": _monotone_mean,
             "jensen": _jensen_mean}
    if rule.kind not in kinds:
        raise Rejected(f"there is no expectation rule '{rule.kind}'; "
                       f"use one of {', '.join(kinds)}")
    return kinds[rule.kind](place, goal, rule)


def _linearity(place: Place, goal: Term, rule: rules.Expectation) -> Theorem:
    if goal.op != "eq":
        raise Rejected(f"{rule.kind} proves an equation")
    for mode in MODES:
        try:
            return kernel.identity(place.context, goal, mode)
        except Rejected:
            continue
    left = as_term(forms(place.context).margin(goal))
    raise Rejected(f"left over: {text(left)}")


def _tower(place: Place, goal: Term, rule: rules.Expectation) -> Theorem:
    if goal.op != "eq" or goal.args[0].op != "mean" or goal.args[0].args[0].op != "mean":
        raise Rejected("the tower rule proves E(E(x, k)) = E(x)")
    try:
        return _linearity(place, goal, rule)
    except Rejected as problem:
        raise Rejected(f"the two sides are not E(E(x, k)) and E(x): {problem}") from problem


def _history(place: Place, rule: rules.Expectation) -> Term | None:
    return place.number(rule.given["history"]) if "history" in rule.given else None


def _monotone_mean(place: Place, goal: Term, rule: rules.Expectation) -> Theorem:
    fact = place.lookup(rule.using[0])
    if fact.prop.op not in ("le", "lt"):
        raise Rejected("monotonicity of E needs an inequality that holds on every sample")
    shown = kernel.mean_monotone(place.context, fact, _history(place, rule))
    return matched(place, shown, goal)


def _jensen_mean(place: Place, goal: Term, rule: rules.Expectation) -> Theorem:
    function = place.function(rule.given["function"], 1)
    point = place.number(rule.given["point"])
    low, high = (end(place, e) for e in rule.given.get("domain", (-sp.oo, sp.oo)))
    concave = bool(rule.given.get("concave", False))
    try:
        wanted = kernel.jensen_conditions(place.context, function, point, (low, high), concave)
    except Refused as problem:
        raise Rejected(str(problem)) from problem
    conditions = [condition_of(place, prop, rule.using) for prop in wanted]
    shown = kernel.mean_jensen(place.context, function, point, (low, high), concave,
                               _history(place, rule), conditions)
    if goal.op == "le":  # side by side: f(E x) ≤ E f(x) for f is not said by what holds for -f
        for side, other in zip(shown.prop.args, goal.args, strict=True):
            if not any(forms(place.context, mode).number(side) ==
                       forms(place.context, mode).number(other) for mode in MODES):
                raise Rejected(f"it gives {text(shown.prop)}")
    return matched(place, shown, goal)


# -- calculus ----------------------------------------------------------------------------------------


def calculus(place: Place, goal: Term, name: str, args: Mapping[str, Any],
             using: Sequence[Reference] = ()) -> Theorem:
    """The goal by a schema of calculus."""
    return matched(place, calculus_fact(place, name, args, using), goal)


def calculus_fact(place: Place, name: str, args: Mapping[str, Any],
                  using: Sequence[Reference] = ()) -> Theorem:
    """What a schema of calculus says, with its conditions proved."""
    try:
        found = kernel.make_instance(place.context, "calculus", name, args)
    except Refused as problem:
        raise Rejected(str(problem)) from problem
    conditions = []
    for label, prop in zip(found.labels, found.conditions, strict=True):
        try:
            conditions.append(condition_of(place, prop, using))
        except Rejected as problem:
            raise Rejected(f"{label}: {problem}") from problem
    return kernel.schema(place.context, "calculus", name, args, conditions)


def monotone(place: Place, goal: Term, rule: rules.Monotone) -> Theorem:
    base = place.number(rule.base)
    place.require_defined(base)
    return calculus(place, goal, "monotone_goal", {"goal": goal, "base": base}, rule.using)


def interval(place: Place, goal: Term, rule: rules.Interval) -> Theorem:
    return calculus(place, goal, "interval", {"goal": goal, "boxes": rule.boxes})


# -- other claims ------------------------------------------------------------------------------------


def values_for(place: Place, other: Theorem, symbols: Mapping[str, Any], given: Mapping[Any, Any]
               ) -> dict[str, Term | Function]:
    """A value for each name of another statement: what is given, or what has the name here."""
    values: dict[str, Term | Function] = {}
    for name, domain in other.context.declared.items():
        symbol = symbols[name]
        value = given.get(symbol, symbol)
        if domain.is_sequence:
            values[name] = place.function(value, len(domain.ranges))
        else:
            number = values[name] = place.number(value)
            place.require_defined(number)
    return values


__all__ = ["At", "between", "calculus", "calculus_fact", "convex", "expectation", "identity",
           "induction", "interval", "known", "matched", "monotone", "polynomial", "sum_",
           "termwise", "values_for"]
