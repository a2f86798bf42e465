"""Calculus, interval and expectation rules: derivatives and limits by SymPy, boxes by Arb, E by its three laws."""

from __future__ import annotations

import functools
import itertools
import operator
import random
from dataclasses import replace
from typing import Any

import flint
import mpmath
import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core.inequalities import between, curvature, written
from theory.core.language import Always, E, free_atoms, substitute
from theory.core.normal import Normalizer
from theory.core.rules import BelowLimit, Expectation, IntegralValue, Interval, LimitValue, Monotone
from theory.core.scope import Rejected, Scope
from theory.core.solvers import Answer

SMOOTH = (sp.Add, sp.Mul, sp.Pow, sp.log, sp.exp, sp.Symbol, sp.Number, sp.NumberSymbol, sp.Indexed, sp.IndexedBase,
          sp.Tuple, sp.Idx)


# -- calculus ----------------------------------------------------------------------------------------------------------


def monotone(rule: Monotone, goal: Boolean, scope: Scope) -> Answer:
    """R-L is ≥ 0 at the base point, does not fall right of it and does not rise left of it."""
    if not isinstance(goal, Always) or len(goal.limits) != 1 or not isinstance(goal.body, (sp.Le, sp.Ge)):
        raise Rejected("the monotone rule proves a non-strict relation quantified over one real variable")
    (x, lower, upper), = goal.limits
    margin = goal.body.gts - goal.body.lts
    if x.is_nonzero and not (x.is_positive or x.is_negative):
        raise Rejected(f"the range of {x} has a hole at 0; the monotone rule needs an interval")
    if x.is_integer or any(not isinstance(node, SMOOTH) for node in sp.preorder_traversal(margin)):
        raise Rejected("the monotone rule needs a real variable and a smooth expression")
    base = sp.sympify(rule.base)
    scope.require_known_symbols(base)
    scope.require_defined(base)
    scope.require_domain(x, base, "base point")
    if not all(scope.holds(c) for c in between(base, (lower, upper))):
        raise Rejected(f"the base point {base} is not shown to lie between {lower} and {upper}")
    start = scope.polynomial(sp.Ge(substitute(margin, {x: base}), 0), rule.using)
    if not start.proved:
        return replace(start, reason=f"at the base point: {start.reason}")
    slope = sp.together(sp.diff(margin, x))
    for side, sign in ((sp.Ge(x, base), 1), (sp.Le(x, base), -1)):
        answer = scope.polynomial(Always(sp.Implies(side, sp.Ge(sign * slope, 0)), *goal.limits), rule.using)
        if not answer.proved:
            return replace(answer, reason=f"slope {'right' if sign > 0 else 'left'} of {base}: {answer.reason}")
    return Answer(True, f"sympy (derivative), {answer.by}")


def limit_value(rule: LimitValue, goal: Boolean, scope: Scope) -> Answer:
    """SymPy's limit, believed only if the function is numerically close to it far out."""
    if not isinstance(goal, sp.Eq) or not isinstance(goal.lhs, sp.Limit):
        raise Rejected("the limit rule proves Eq(Limit(...), value)")
    body, variable, point = goal.lhs.args[:3]
    if free_atoms(goal) - {variable}:
        raise Rejected("the limit rule takes expressions of one variable")
    if point != sp.oo and not point.is_Rational:
        raise Rejected("the limit point must be a rational number or oo")
    gaps = []
    for exponent in (4, 8, 12, 16, 20):  # a slow or wrong limit is off somewhere; 1e-12 is what 30 digits may lose there
        away = 10**exponent + sp.Rational(1, 3)
        near = away if point == sp.oo else point + 1 / away
        gaps.append(abs(sp.N(body.subs(variable, near), 30, maxn=10_000) - sp.N(goal.rhs, 30)))
    if not (gaps[-1] < 1e-8 and all(later <= max(earlier, sp.Float("1e-12")) for earlier, later in itertools.pairwise(gaps))):
        return Answer(False, "sympy", f"near the limit point the function is {gaps[-1]} away from {goal.rhs}")
    return Answer(sp.simplify(goal.lhs.doit() - goal.rhs) == 0, "sympy (limit)", f"SymPy finds {goal.lhs.doit()}")


def integral_value(rule: IntegralValue, goal: Boolean, scope: Scope) -> Answer:
    """SymPy's integral, believed only if quadrature at sample parameters agrees."""
    if not isinstance(goal, sp.Eq) or not isinstance(goal.lhs, sp.Integral):
        raise Rejected("the integral rule proves Eq(Integral(...), value)")
    parameters = sorted(free_atoms(goal.lhs), key=str)
    if any(not isinstance(p, sp.Symbol) or not p.is_positive for p in parameters):
        raise Rejected("the integral rule takes positive scalar parameters")
    (x, lower, upper), = goal.lhs.limits
    _require_integrand(goal.lhs, scope)
    for sample in (1, 2, 5):
        values = {p: sp.Integer(sample + n) for n, p in enumerate(parameters)}
        f = sp.lambdify(x, goal.lhs.function.subs(values), "mpmath")
        ends = [mpmath.mpf(e) if e.is_finite else mpmath.inf * int(sp.sign(e)) for e in (lower, upper)]
        middle = [mpmath.mpf(0)] if lower == -sp.oo and upper == sp.oo else []
        gap = abs(mpmath.quad(f, [ends[0], *middle, ends[1]]) - mpmath.mpf(sp.N(goal.rhs.subs(values), 30)))
        if not gap < 1e-8:
            return Answer(False, "sympy", f"quadrature at {values} is {gap} away")
    value = goal.lhs.doit()
    if isinstance(value, sp.Piecewise):  # SymPy's first case, where the integral converges
        value, converges = value.args[0]
        if not scope.holds(converges):
            return Answer(False, "sympy (integral)", f"it converges only if {converges}")
    return Answer(sp.simplify(sp.gammasimp(value - goal.rhs)) == 0, "sympy (integral)", f"SymPy finds {value}")


def _require_integrand(integral: sp.Integral, scope: Scope) -> None:
    """No pole, and no root or logarithm of a negative number, strictly between the ends, whatever the parameters."""
    (x, lower, upper), = integral.limits
    inside = tuple(c for c in (sp.Lt(lower, x), sp.Lt(x, upper)) if c is not sp.true)
    scope.open(Always(sp.true, sp.Tuple(x, lower, upper)))[0].require_defined(integral.function, inside)


def below_limit(rule: BelowLimit, goal: Boolean, scope: Scope) -> Answer:
    """A sequence that does not fall (in strides) lies below its limit."""
    growth, limit = scope.facts.get(rule.growth), scope.facts.get(rule.limit)
    if not isinstance(goal, Always) or not isinstance(growth, Always) or not (
            isinstance(limit, sp.Eq) and isinstance(limit.lhs, sp.Limit)):
        raise Rejected("the rule needs a quantified goal, a quantified growth fact and the value of a limit")
    (n, start, end), = goal.limits
    body, variable, point = limit.lhs.args[:3]
    if not n.is_integer or end != sp.oo or point != sp.oo or not isinstance(rule.step, int) or rule.step < 1:
        raise Rejected("the variable must run over the integers from a number on")
    term = substitute(body, {variable: n})
    wanted_growth = Always(sp.Le(term, substitute(term, {n: n + rule.step})), *goal.limits)
    wanted_goal = Always(sp.Le(term, limit.rhs), *goal.limits)
    if not scope.same(growth, wanted_growth) or not scope.same(goal, wanted_goal):
        raise Rejected("growth, limit and goal do not speak of the same sequence")
    return Answer(True, "monotone sequences lie below their limit")


# -- intervals ---------------------------------------------------------------------------------------------------------


def interval(rule: Interval, goal: Boolean, scope: Scope) -> Answer:
    """Bisect the box until Arb shows R-L > 0 (or ≥ 0) on every piece; a margin touching zero is not shown."""
    if not isinstance(goal, Always) or not isinstance(goal.body, (sp.Le, sp.Lt, sp.Ge, sp.Gt)):
        raise Rejected("the interval rule proves a quantified inequality")
    variables = goal.variables
    if any(not e.is_Rational for limit in goal.limits for e in limit[1:]) or any(v.is_integer for v in variables):
        raise Rejected("the interval rule needs real variables and rational corners")
    if free_atoms(goal):
        raise Rejected("the interval rule takes no further symbols")
    margin = goal.body.gts - goal.body.lts
    strict = isinstance(goal.body, (sp.Lt, sp.Gt))
    todo, used = [[tuple(limit[1:]) for limit in goal.limits]], 0
    while todo:
        box, used = todo.pop(), used + 1
        if used > rule.boxes:
            return Answer(False, "arb", f"not decided after {rule.boxes} boxes; last box {box}")
        value = ball(margin, {v: _enclose(*side) for v, side in zip(variables, box, strict=True)})
        if value > 0 or (not strict and value >= 0):
            continue
        if value < 0:
            return Answer(False, "arb", f"fails on the box {box}")
        widest = max(range(len(box)), key=lambda i: box[i][1] - box[i][0])
        low, high = box[widest]
        middle = (low + high) / 2
        todo += [[*box[:widest], half, *box[widest + 1:]] for half in ((low, middle), (middle, high))]
    return Answer(True, f"arb ({used} boxes)")


def _enclose(low: sp.Rational, high: sp.Rational) -> flint.arb:
    return flint.arb(flint.fmpq(low.p, low.q)).union(flint.arb(flint.fmpq(high.p, high.q)))


def ball(expr: sp.Expr, values: dict) -> flint.arb:
    """Enclosure of a scalar expression in ball arithmetic at the current precision."""
    if expr in values:
        return values[expr]
    if expr.is_Rational:
        return flint.arb(flint.fmpq(int(expr.p), int(expr.q)))
    args = [ball(arg, values) for arg in expr.args]
    if isinstance(expr, sp.Add):
        return sum(args, flint.arb(0))
    if isinstance(expr, sp.Mul):
        product = flint.arb(1)
        for arg in args:
            product *= arg
        return product
    if isinstance(expr, sp.Pow):
        if expr.exp.is_Integer:  # a ball around 0 has no power in Arb, but it has products
            whole = functools.reduce(operator.mul, [args[0]] * abs(int(expr.exp)), flint.arb(1))
            return whole if expr.exp > 0 else 1 / whole
        return args[0].sqrt() if expr.exp == sp.S.Half else args[0] ** args[1]
    simple: dict[Any, Any] = {sp.log: flint.arb.log, sp.exp: flint.arb.exp, sp.gamma: flint.arb.gamma, sp.Abs: abs}
    if expr.func in simple:
        return simple[expr.func](args[0])
    if isinstance(expr, (sp.Max, sp.Min)):
        return functools.reduce(flint.arb.max if isinstance(expr, sp.Max) else flint.arb.min, args)
    if expr in (sp.pi, sp.E):
        return flint.arb.pi() if expr == sp.pi else flint.arb(1).exp()
    raise Rejected(f"{expr.func} has no enclosure")


# -- expectations ------------------------------------------------------------------------------------------------------


def expectation(rule: Expectation, goal: Boolean, scope: Scope) -> Answer:
    """Linearity (with what the history fixes pulled out), tower, monotonicity, Jensen."""
    kinds = {"linearity": _linearity, "tower": _tower, "monotone": _monotone_mean, "jensen": _jensen_mean}
    if rule.kind not in kinds:
        raise Rejected(f"there is no expectation rule '{rule.kind}'; use one of {', '.join(kinds)}")
    return kinds[rule.kind](rule, goal, scope)


def _linearity(rule: Expectation, goal: Boolean, scope: Scope) -> Answer:
    linear = Normalizer(scope.holds, scope.random, scope.known_before)
    if not isinstance(goal, sp.Eq):
        raise Rejected("linearity proves an equation")
    margin = linear.expression(goal.lhs) - linear.expression(goal.rhs)
    return Answer(sp.expand(margin) == 0, "linearity of E", f"left over: {sp.expand(margin)}")


def _tower(rule: Expectation, goal: Boolean, scope: Scope) -> Answer:
    if not isinstance(goal, sp.Eq) or not isinstance(goal.lhs, E) or not isinstance(goal.lhs.args[0], E):
        raise Rejected("the tower rule proves E(E(x, k)) = E(x)")
    inner = goal.lhs.args[0]
    fine = len(goal.lhs.args) == 1 and len(inner.args) == 2 and goal.rhs == E(inner.args[0])
    return Answer(fine, "tower rule", "the two sides are not E(E(x, k)) and E(x)")


def _monotone_mean(rule: Expectation, goal: Boolean, scope: Scope) -> Answer:
    fact = scope.lookup(rule.using[0])
    history = [sp.sympify(rule.given["history"])] if "history" in rule.given else []
    if not isinstance(fact, (sp.Le, sp.Ge, sp.Lt, sp.Gt)):
        raise Rejected("monotonicity of E needs an inequality that holds on every sample")
    wanted = written(sp.Le, E(fact.lts, *history), E(fact.gts, *history))
    linear = Normalizer(scope.holds, scope.random, scope.known_before)
    alike = isinstance(goal, (sp.Le, sp.Ge)) and sp.expand(  # up to linearity: the mean of a number is that number
        linear.expression(goal.gts - goal.lts) - linear.expression(wanted.gts - wanted.lts)) == 0
    return Answer(alike or scope.same(goal, wanted), "monotonicity of E", f"it gives {wanted}")


def _jensen_mean(rule: Expectation, goal: Boolean, scope: Scope) -> Answer:
    function, point = rule.given["function"], rule.given["point"]
    domain, concave = rule.given.get("domain", (-sp.oo, sp.oo)), rule.given.get("concave", False)
    history = [sp.sympify(rule.given["history"])] if "history" in rule.given else []
    if free_atoms(function.expr) & scope.random:
        raise Rejected("Jensen's function must not itself be random")
    if free_atoms(sp.Tuple(*domain)) & scope.random:
        raise Rejected("Jensen's interval must not be random")
    conditions = [curvature(function, domain, -1 if concave else 1), *between(point, domain)]
    for condition in conditions:
        scope.require_known_symbols(condition)
        scope.require_defined(condition)
        if not (answer := scope.polynomial(condition, rule.using)).proved:
            return replace(answer, reason=f"side condition {condition}: {answer.reason}")
    outside, inside = function(E(point, *history)), E(function(point), *history)
    wanted = written(sp.Le, *((inside, outside) if concave else (outside, inside)))
    return Answer(scope.same(goal, wanted), f"Jensen; curvature by {answer.by}", f"it gives {wanted}")


# -- exact spot checks -------------------------------------------------------------------------------------------------


def spot_check(goal: sp.Eq, seed: int = 0, points: int = 3) -> str | None:
    """A point where the two sides differ, or None: random rationals in the symbols' domains, sums written out."""
    rng = random.Random(seed)
    margin = (goal.lhs - goal.rhs).doit(deep=False) if not goal.has(sp.Integral, sp.Limit, E) else sp.S.Zero
    for _ in range(points):
        values = {s: _sample(s, rng) for s in sorted(margin.free_symbols, key=str)
                  if isinstance(s, sp.Symbol) and not s.is_zero}
        bases = {e.base.label for e in margin.atoms(sp.Indexed)}
        concrete = margin.subs({s: v for s, v in values.items() if s not in bases}).doit()
        entries = {e: _sample(e, rng) for e in sorted(concrete.atoms(sp.Indexed), key=str)}
        value = concrete.subs(entries)
        if value.is_number and not value.has(sp.nan, sp.zoo) and abs(sp.N(value, 40)) > sp.Float("1e-25"):
            return f"{values | entries}"
    return None


def _sample(symbol: sp.Expr, rng: random.Random) -> sp.Rational:
    if symbol.is_integer:
        return sp.Integer(rng.randint(2, 5))
    value = sp.Rational(rng.randint(1, 40), rng.randint(1, 40))
    return value if symbol.is_nonnegative or rng.random() < 0.5 else -value if not symbol.is_positive else value
