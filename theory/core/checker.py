"""The proof checker: a claim is proved only if every step of every part follows from facts named before it.

Each step's proposition must be about declared symbols, defined everywhere its variables range, and discharged by its
rule; the last step must be the part's conclusion. Time-outs, unknowns and disagreements leave a step unproved.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.core import analysis, rules
from theory.core.claim import Claim, Part, Step, Var
from theory.core.given import history, readable_sequence, require_given, require_shown_to_exist
from theory.core.inequalities import KNOWN
from theory.core.language import Always, E, range_facts, substitute
from theory.core.read import Unreadable, read_declared
from theory.core.scope import Rejected, Scope, has_plain_domain
from theory.core.solvers import Answer
from theory.core.verdicts import CITED, MODULO, PROVED, UNPROVED, ClaimReport, PartReport, Session, StepReport, claim_report


def check_claim(claim: Claim, session: Session | None = None) -> ClaimReport:
    """Check every part of a claim and, first, the claims it uses."""
    session = session or Session()
    if id(claim) in session.done:
        return session.done[id(claim)]
    if any(other.id == claim.id for other in session.running):
        circle = " <- ".join(c.id for c in (*session.running, claim))
        return ClaimReport(claim, UNPROVED, (), (), 0.0, f"circular: {circle}")
    session.running.append(claim)
    started = time.perf_counter()
    used = [check_claim(other, session) for other in claim.uses]
    parts: tuple[PartReport, ...] = ()
    for part in claim.parts:
        parts += (_check_part(claim, part, parts, session),)
    names = [part.name for part in claim.parts]
    reason = next((f"uses {r.claim.id}, which is unproved: {r.reason}" for r in used if r.verdict == UNPROVED), "")
    if len(set(names)) < len(names):
        reason = "two parts have one name"
    session.running.pop()
    report = claim_report(claim, parts, reason, time.perf_counter() - started)
    session.done[id(claim)] = report
    return report


def _check_part(claim: Claim, part: Part, before: Sequence[PartReport], session: Session) -> PartReport:
    """Check one part; conclusions of earlier proved parts with no further hypotheses are facts, by the part's name."""
    try:
        scope = _opening_scope(claim, part)
    except Rejected as problem:
        return PartReport(part, UNPROVED, (), str(problem))
    usable = [r for r in before if r.verdict != UNPROVED and r.part.hypotheses.items() <= part.hypotheses.items()]
    for report in usable:
        if report.part.name in scope.facts:
            return PartReport(part, UNPROVED, (), f"the name '{report.part.name}' is used twice")
        scope = scope.with_fact(report.part.name, report.part.conclusion)
    reports, reason = _check_steps(part.proof, part.conclusion, scope, claim, session)
    cited = frozenset().union(*(r.cited for r in reports), *(r.cited for r in usable))
    if reason or any(r.verdict == UNPROVED for r in reports):
        return PartReport(part, UNPROVED, reports, reason, cited)
    return PartReport(part, MODULO if cited else PROVED, reports, "", cited)


def undefined_without(claim: Claim, part: Part, hypothesis: str) -> str:
    """Why the part's statement would make no sense without the hypothesis; '' if it still would."""
    fewer = {n: h for n, h in claim.all_hypotheses(part).items() if n != hypothesis}
    try:
        _opening_scope(replace(claim, hypotheses={}), replace(part, hypotheses=fewer))
    except Rejected as problem:
        return str(problem)
    return ""


def proved_without(claim: Claim, part: Part, hypothesis: str, session: Session | None = None) -> bool:
    """Whether the part's proof, as it stands, goes through without the hypothesis (and with nothing cited)."""
    def fewer(named: Mapping[str, Boolean]) -> dict[str, Boolean]:
        return {name: prop for name, prop in named.items() if name != hypothesis}

    parts = [replace(p, hypotheses=fewer(p.hypotheses)) for p in claim.parts[: claim.parts.index(part) + 1]]
    report = check_claim(replace(claim, hypotheses=fewer(claim.hypotheses), parts=parts), session)
    return hypothesis in claim.all_hypotheses(part) and bool(report.parts) and report.parts[-1].verdict == PROVED


def _opening_scope(claim: Claim, part: Part) -> Scope:
    """The facts a part starts from are exactly the hypotheses, each defined under those before it."""
    variables = {var.symbol: _sound_variable(var) for var in claim.variables}
    if len({str(symbol) for symbol in variables}) != len(claim.variables):
        raise Rejected("a symbol is declared twice")
    if twice := set(claim.hypotheses) & set(part.hypotheses):
        raise Rejected(f"the part's hypothesis '{twice.pop()}' has the name of one of the claim's")
    scope = Scope(variables, {}, history=history(claim))
    for name, hypothesis in claim.all_hypotheses(part).items():
        if hypothesis is sp.false:
            raise Rejected(f"vacuous: the hypothesis '{name}' never holds, so it proves anything")
        scope.require_known_symbols(hypothesis)
        scope.require_defined(hypothesis)
        scope = scope.with_fact(name, hypothesis)
        if not hypothesis.has(Always):
            scope = replace(scope, ambient=(*scope.ambient, hypothesis))
    if scope.contradictory(claim.all_hypotheses(part).values()):
        raise Rejected("vacuous: the hypotheses cannot all hold, so they prove anything")
    scope.require_known_symbols(part.conclusion)
    scope.require_defined(part.conclusion)
    return scope


def _sound_variable(var: Var) -> Var:
    """A declared symbol is real, and restricted by nothing but sign and integrality."""
    try:
        read_declared(var.symbol)
    except Unreadable as problem:
        raise Rejected(str(problem)) from problem
    entry = var.symbol[tuple(sp.Dummy(integer=True) for _ in var.over)] if var.over else var.symbol
    if not has_plain_domain(entry):
        raise Rejected(f"declare {var.symbol} as a real symbol with at most a sign and integer=True as its domain")
    if isinstance(var.symbol, sp.IndexedBase) != bool(var.over) or str(var.symbol).startswith("_"):
        raise Rejected(f"{var.symbol} must be a scalar, or a sequence with its index ranges, and not start with '_'")
    return var


def _check_steps(
    steps: Sequence[Step], conclusion: Boolean, scope: Scope, claim: Claim, session: Session
) -> tuple[tuple[StepReport, ...], str]:
    """Check steps in order, each seeing the facts before it; the last must be the conclusion."""
    reports: list[StepReport] = []
    for step in steps:
        reports.append(_check_step(step, scope, claim, session))
        if step.name in scope.facts:
            return tuple(reports), f"the name '{step.name}' is used twice"
        scope = scope.with_fact(step.name, step.prop)
    if not steps:
        return (), "there are no steps"
    if not scope.same(steps[-1].prop, conclusion):
        return tuple(reports), f"the last step proves {steps[-1].prop}, not the conclusion {conclusion}"
    return tuple(reports), ""


def _check_step(step: Step, scope: Scope, claim: Claim, session: Session) -> StepReport:
    started = time.perf_counter()
    children: tuple[StepReport, ...] = ()
    try:
        scope.require_known_symbols(step.prop)
        scope.require_defined(step.prop, _plain_facts(step.rule, scope))
        require_shown_to_exist(step, scope)
        if isinstance(step.rule, rules.Induction):
            answer, children = _induction(step.rule, step.prop, scope, claim, session)
        elif isinstance(step.rule, rules.By):
            answer, cited = _by(step.rule, step.prop, scope, claim, session)
            return _report(step, answer, started, (), cited)
        elif isinstance(step.rule, rules.Cited):
            return _report(step, Answer(True, step.rule.reference), started, (), {step.rule.reference}, CITED)
        else:
            answer = _discharge(step.rule, step.prop, scope)
    except Rejected as problem:
        answer = Answer(False, "checker", str(problem))
    except Exception as problem:  # a malformed rule proves nothing, whatever it breaks
        answer = Answer(False, "checker", f"{type(problem).__name__}: {problem}")
    cited = {c for child in children for c in child.cited}
    return _report(step, answer, started, children, cited)


def _report(step: Step, answer: Answer, started: float, children: tuple, cited: set, proved: str = PROVED) -> StepReport:
    verdict = proved if answer.proved else UNPROVED
    reason = "" if answer.proved else answer.reason
    return StepReport(step, verdict, answer.by, reason, time.perf_counter() - started, children, frozenset(cited))


def _plain_facts(rule: object, scope: Scope) -> tuple[Boolean, ...]:
    """Unquantified facts a rule names; they also serve to show that the step's statement is defined."""
    names = [r for r in getattr(rule, "using", ()) if isinstance(r, str)]
    return tuple(scope.facts[n] for n in names if n in scope.facts and not scope.facts[n].has(Always))


def _discharge(rule: object, goal: Boolean, scope: Scope) -> Answer:
    if isinstance(rule, rules.Polynomial):
        return scope.polynomial(goal, rule.using)
    if isinstance(rule, rules.Known):
        return _known(rule, goal, scope)
    if isinstance(rule, rules.Interval):
        return analysis.interval(rule, goal, scope)
    if isinstance(rule, rules.Monotone):
        return analysis.monotone(rule, goal, scope)
    if isinstance(rule, rules.BelowLimit):
        return analysis.below_limit(rule, goal, scope)
    if isinstance(goal, Always):
        return _discharge(rule, *reversed(scope.open(goal)))
    if isinstance(rule, rules.Identity):
        return _identity(rule, goal, scope)
    if isinstance(rule, rules.Termwise):
        return _termwise(rule, goal, scope)
    if isinstance(rule, rules.LimitValue):
        return analysis.limit_value(rule, goal, scope)
    if isinstance(rule, rules.IntegralValue):
        return analysis.integral_value(rule, goal, scope)
    if isinstance(rule, rules.Expectation):
        return analysis.expectation(rule, goal, scope)
    raise Rejected(f"{type(rule).__name__} is not a rule of this checker")


def _identity(rule: rules.Identity, goal: Boolean, scope: Scope) -> Answer:
    if goal is sp.true:
        return Answer(True, "sympy")
    if isinstance(goal, (sp.Le, sp.Lt, sp.Ge, sp.Gt)) and (margin := scope.normal.expression(goal.gts - goal.lts)).is_Rational:
        strict = isinstance(goal, (sp.Lt, sp.Gt))  # a relation between two numbers
        return Answer(bool(margin > 0 if strict else margin >= 0), "normal form", f"the right side is {margin} larger")
    if not isinstance(goal, sp.Eq):
        raise Rejected("the identity rule proves an equation")
    if point := analysis.spot_check(goal):
        return Answer(False, "spot check", f"the two sides differ at {point}")
    if scope.same(goal, sp.Eq(sp.S.Zero, sp.S.Zero, evaluate=False)):
        return Answer(True, "normal form")
    if goal.has(sp.Limit, sp.Integral):
        raise Rejected("limits and integrals are given a value by the calculus rules only")
    margin = goal.lhs - goal.rhs
    numerator = sp.fraction(sp.together(margin))[0]
    if scope.normal.expression(sp.expand(numerator)) == 0:
        return Answer(True, "sympy (together), normal form")
    left = sp.simplify(sp.gammasimp(sp.expand_func(margin)) if margin.has(sp.gamma) else margin)
    return Answer(left == 0, "sympy (simplify)", f"not shown to vanish: {left}")


def _termwise(rule: rules.Termwise, goal: Boolean, scope: Scope) -> Answer:
    limit = sp.Tuple(*rule.over)
    inside, _ = scope.open(Always(sp.true, limit))
    relation = inside.lookup(rule.fact)
    if not isinstance(relation, (sp.Le, sp.Lt, sp.Ge, sp.Gt, sp.Eq)):
        raise Rejected(f"'{rule.fact}' is not a relation between terms")
    weight = sp.sympify(rule.weight)
    inside.require_known_symbols(weight)
    inside.require_defined(weight)  # before SymPy cancels it against the terms
    equation = isinstance(relation, sp.Eq)
    if not equation and not (answer := inside.polynomial(sp.Ge(weight, 0), rule.using)).proved:
        return replace(answer, reason=f"the weight {weight} is not shown to be non-negative: {answer.reason}")
    left, right = (relation.lhs, relation.rhs) if equation else (relation.lts, relation.gts)
    sums = sp.Sum(weight * left, limit), sp.Sum(weight * right, limit)
    wanted = sp.Eq(*sums, evaluate=False) if equation else sp.Le(*sums, evaluate=False)
    scope.require_known_symbols(wanted)
    scope.require_defined(wanted)
    return Answer(scope.same(goal, wanted), "sum of inequalities", f"it gives {wanted}")


def _known(rule: rules.Known, goal: Boolean, scope: Scope) -> Answer:
    if isinstance(goal, Always):
        return _known(rule, *reversed(scope.open(goal)))
    if rule.name not in KNOWN:
        raise Rejected(f"there is no classical inequality '{rule.name}'; use one of {', '.join(KNOWN)}")
    require_given(rule, scope)
    conclusion, conditions = KNOWN[rule.name](**rule.given)
    scope.require_known_symbols(conclusion)
    scope.require_defined(conclusion)
    for condition in conditions:
        scope.require_known_symbols(condition)
        scope.require_defined(condition)
        if not (answer := scope.polynomial(condition, rule.using)).proved:
            return replace(answer, reason=f"side condition {condition}: {answer.reason}")
    return Answer(scope.same(goal, conclusion), f"{rule.name} and its side conditions", f"it gives {conclusion}")


def _induction(
    rule: rules.Induction, goal: Boolean, scope: Scope, claim: Claim, session: Session
) -> tuple[Answer, tuple[StepReport, ...]]:
    if not isinstance(goal, Always) or not goal.limits[0][0].is_integer or not goal.limits[0][1].is_integer:
        raise Rejected("induction proves a statement quantified first over an integer variable with a lower end")
    (n, lower, upper), *others = goal.limits
    statement = Always(goal.body, *others) if others else goal.body
    first = substitute(statement, {n: lower})
    nonempty = scope if upper == sp.oo else replace(scope, ambient=(*scope.ambient, sp.Le(lower, upper)))
    base, base_gap = _check_steps(rules.subproof("base", first, rule.base), first, nonempty, claim, session)
    inside, _ = scope.open(Always(statement, (n, lower, upper - 1 if upper != sp.oo else upper)))
    inside = inside.with_fact("induction", statement)
    following = substitute(statement, {n: n + 1})
    step, step_gap = _check_steps(rules.subproof("step", following, rule.step), following, inside, claim, session)
    gap = (base_gap and f"base: {base_gap}") or (step_gap and f"step: {step_gap}")
    failed = next((f"{r.step.name}: {r.reason}" for r in (*base, *step) if r.verdict == UNPROVED), "")
    return Answer(not (gap or failed), "induction", gap or failed), (*base, *step)


def _by(rule: rules.By, goal: Boolean, scope: Scope, claim: Claim, session: Session) -> tuple[Answer, set[str]]:
    conclusion = _part(rule).conclusion
    extra = len(getattr(goal, "limits", ())) - len(getattr(conclusion, "limits", ()))
    if extra > 0:  # the goal is the other claim's conclusion for each value of its first variables
        inside, body = scope.open(Always(sp.true, *goal.limits[:extra]))[0], goal.body
        rest = goal.limits[extra:]
        return _by(rule, Always(body, *rest) if rest else body, inside, claim, session)
    other, part = rule.claim, _part(rule)
    if all(other is not used for used in claim.uses):
        raise Rejected(f"{other.id} is not among the claims this one says it uses")
    report = check_claim(other, session)
    part_report = next((p for p in report.parts if p.part.name == part.name), None)
    if report.verdict == UNPROVED or part_report is None or part_report.verdict == UNPROVED:
        raise Rejected(f"{other.id} is not proved: {report.reason or 'a step of it is unproved'}")
    if any(scope.history.get(base) != fixed for base, fixed in history(other).items()):
        raise Rejected(f"the history of {other.id} is not the history here")
    mapping = _instance_mapping(rule, other, scope)
    for name, hypothesis in other.all_hypotheses(part).items():
        wanted = substitute(hypothesis, mapping)
        scope.require_defined(wanted, _plain_facts(rule, scope))
        if not _follows(wanted, rule, scope):
            raise Rejected(f"the hypothesis '{name}' of {other.id} is not shown: {wanted}")
    conclusion = substitute(part.conclusion, mapping)
    scope.require_defined(conclusion, _plain_facts(rule, scope))
    answer = Answer(scope.same(goal, conclusion), f"{other.id} ({part.name})", f"it gives {conclusion}")
    return answer, set(part_report.cited)


def _part(rule: rules.By) -> Part:
    try:
        return rule.claim.part(rule.part)
    except KeyError as problem:
        raise Rejected(str(problem.args[0])) from problem


def _follows(wanted: Boolean, rule: rules.By, scope: Scope) -> bool:
    """A hypothesis of the other claim is a named fact as it stands, or follows from the named facts."""
    if missing := [r for r in rule.using if isinstance(r, str) and r not in scope.facts]:
        raise Rejected(f"there is no fact '{missing[0]}' here; there are {', '.join(scope.facts)}")
    if any(scope.same(_at_opened(scope.facts[r], scope), wanted) for r in rule.using if isinstance(r, str)):
        return True
    usable = [r for r in rule.using if isinstance(r, rules.At) or not scope.facts[r].has(Always)]
    return scope.polynomial(wanted, usable).proved


def _at_opened(fact: Boolean, scope: Scope) -> Boolean:
    """A quantified fact taken at the variables of the same names that are already fixed here, if in range."""
    if not isinstance(fact, Always):
        return fact
    kept = tuple(limit for limit in fact.limits if limit[0] not in scope.opened)
    taken = [condition for limit in fact.limits if limit not in kept for condition in range_facts(limit)]
    if len(kept) == len(fact.limits) or any(analysis.free_atoms(c) & {k[0] for k in kept} or not scope.holds(c) for c in taken):
        return fact
    return Always(fact.body, *kept) if kept else fact.body


def _instance_mapping(rule: rules.By, other: Claim, scope: Scope) -> dict:
    """Values for every symbol of the other claim: of its domain, defined over its range, and no more random."""
    averages = any(h.has(E) for p in other.parts for h in (p.conclusion, *other.all_hypotheses(p).values()))
    mapping = {var.symbol: rule.given.get(var.symbol, var.symbol) for var in other.variables}
    if unknown := set(rule.given) - set(mapping):
        raise Rejected(f"{other.id} has no symbol {', '.join(map(str, unknown))}")
    for var in other.variables:
        target = mapping[var.symbol]
        indices = [sp.Dummy(f"i{n}", integer=True) for n in range(len(var.over))]
        ranges = [sp.Tuple(i, *(substitute(sp.sympify(e), mapping) for e in ends))
                  for i, ends in zip(indices, var.over, strict=True)]
        if var.over:
            readable_sequence(target, scope, len(indices))
            value = target[tuple(indices)] if isinstance(target, sp.IndexedBase) else target(*indices)
        else:
            value = sp.sympify(target)
        inner = scope.open(Always(sp.true, *ranges))[0] if ranges else scope
        inner.require_known_symbols(value)
        inner.require_defined(value)
        inner.require_domain(var.symbol, value, f"value of {var.symbol} in {other.id}", _plain_facts(rule, scope))
        if (averages and not var.random and analysis.free_atoms(value) & scope.random) or (
                other.history and var.random and target != var.symbol):
            raise Rejected(f"{var.symbol} of {other.id} is under an expectation there and cannot become {value}")
    return mapping


__all__ = ["ClaimReport", "PartReport", "Session", "StepReport", "check_claim", "undefined_without"]
