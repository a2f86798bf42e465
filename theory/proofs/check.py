"""Checking a claim: each step of each part driven through the kernel, the last one the conclusion.

A part is proved if there is a theorem of the kernel that says its conclusion under its hypotheses,
and nothing cited in the proof tree. Time-outs, unknowns and disagreements leave a step unproved.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy.logic.boolalg import Boolean

from theory.core import rules
from theory.core import theorem as kernel
from theory.core.claim import Claim, Part, Step
from theory.core.context import Rejected
from theory.core.functions import INVERSE, ROOTS
from theory.core.instance import Refused
from theory.core.latex import text
from theory.core.ring import ATOMS
from theory.core.solving import SolverMissing
from theory.core.term import Term
from theory.core.theorem import Theorem, nodes
from theory.core.verdicts import (
    CITED,
    MODULO,
    PROVED,
    UNPROVED,
    VACUOUS,
    ClaimReport,
    PartReport,
    Session,
    StepReport,
    claim_report,
)
from theory.proofs import calculus, drive
from theory.proofs.exists import require_shown_to_exist
from theory.proofs.place import Place, is_plain
from theory.proofs.statement import Vacuous, opening
from theory.proofs.transfer import by, earlier_part

CALCULUS: Mapping[type, Callable[[Place, Term, Any], Theorem]] = {
    rules.IntegralValue: calculus.integral_value, rules.LimitValue: calculus.limit_value,
    rules.BelowLimit: calculus.below_limit, rules.Calculus: calculus.calculus,
    rules.Archimedes: calculus.archimedes,
}
# what gives an integral or a limit its value, or (By) looks itself at what it speaks of
GIVES_VALUES = (rules.LimitValue, rules.IntegralValue, rules.By, rules.Cited)
STAND_IN = "an unproved step"  # makes the steps after it readable; nothing with one is proved


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
    reason = next((f"uses {r.claim.id}, which is unproved: {r.reason or 'a step of it is'}"
                   for r in used if r.verdict == UNPROVED), "")
    if len(set(names)) < len(names):
        reason = "two parts have one name"
    session.running.pop()
    report = claim_report(claim, parts, reason, time.perf_counter() - started)
    session.done[id(claim)] = report
    return report


def _check_part(claim: Claim, part: Part, before: Sequence[PartReport], session: Session
                ) -> PartReport:
    """Check one part; conclusions of earlier proved parts with no further hypotheses are facts."""
    try:
        place, conclusion = opening(claim, part)
        for report in before:
            theorem = report.theorem
            if theorem is None or not _fewer(report.part, part):
                continue
            if report.part.name in place.facts:
                raise Rejected(f"the name '{report.part.name}' is used twice")
            fact = earlier_part(place, theorem, claim, report.part.name)
            place = place.with_fact(report.part.name, fact, report.part.conclusion)
        place.require_defined(conclusion)
    except Rejected as problem:
        verdict = VACUOUS if isinstance(problem, Vacuous) else UNPROVED
        return PartReport(part, verdict, (), str(problem))
    work = Work(claim, session)
    proved, reports, reason = work.steps(place, conclusion, part.proof)
    cited = frozenset().union(*(r.cited for r in reports), *(fact.cited for fact in place.facts.values()),
                              frozenset[str]() if proved is None else proved.cited)
    if proved is not None and not reason:
        known = [*(f.prop for f in place.facts.values()), *(r.goal for r in reports if r.goal is not None)]
        try:
            require_shown_to_exist(conclusion, known, place.context)
        except Rejected as problem:
            reason = str(problem)
        if type(proved) is not Theorem or proved.context is not place.context or proved.prop != conclusion:
            reason = "what is proved is not the conclusion"
    if proved is None or reason or any(r.verdict == UNPROVED for r in reports):
        return PartReport(part, UNPROVED, reports, reason, cited)
    verdict = MODULO if cited else PROVED
    return PartReport(part, verdict, reports, "", cited, proved, _unused(place, proved))


def _unused(place: Place, proved: Theorem) -> tuple[str, ...]:
    """Hypotheses that no inference, no side condition and no definedness rests on."""
    root = place.context.root
    shown = [proved, *root.memory.get("definedness", [])]
    named = {node.data["name"] for theorem in shown for node in nodes(theorem)
             if node.rule == "hypothesis"}
    return tuple(name for name in root.hypotheses if name not in named | root.touched)


def _fewer(one: Part, other: Part) -> bool:
    return one.hypotheses.items() <= other.hypotheses.items()


@dataclass
class Work:
    """The proof of one part on its way: which inferences were already told of."""

    claim: Claim
    session: Session
    told: set[int] = field(default_factory=set)

    def steps(self, place: Place, conclusion: Term, proof: Sequence[Step]
              ) -> tuple[Theorem | None, tuple[StepReport, ...], str]:
        """Check steps in order, each seeing the facts before it; the last must be the conclusion."""
        reports: list[StepReport] = []
        shown: Theorem | None = None
        for step in proof:
            known = place.knowing(step.prop, getattr(step.rule, "__dict__", {}))
            shown, report = self.step(known, step)
            reports.append(report)
            if step.name in place.facts:
                return None, tuple(reports), f"the name '{step.name}' is used twice"
            if shown is None:
                return None, tuple(reports), ""  # its statement cannot even be read
            place = place.with_fact(step.name, shown, step.prop)
        if shown is None:
            return None, (), "there are no steps"
        try:
            return drive.matched(place, shown, conclusion), tuple(reports), ""
        except Rejected:
            return None, tuple(reports), (
                f"the last step proves {text(shown.prop)}, not the conclusion {text(conclusion)}")

    def step(self, place: Place, step: Step) -> tuple[Theorem | None, StepReport]:
        started = time.perf_counter()
        children: list[StepReport] = []
        goal: Term | None = None
        try:
            goal = place.read(step.prop)
            place.context.require_known(goal)
            place.require_defined(goal, self._plain(step.rule, place))
            if type(step.rule) not in GIVES_VALUES:
                known = [fact.prop for fact in place.facts.values()]
                require_shown_to_exist(goal, known, place.context)
            shown = self._prove(step.rule, goal, place, children)
            reason = next((f"{r.step.name}: {r.reason}" for r in children if r.verdict == UNPROVED), "")
        except (Rejected, Refused) as problem:
            shown, reason = None, explain(problem)
        except SolverMissing:
            raise
        except Exception as problem:  # a malformed rule proves nothing, whatever it breaks
            shown, reason = None, f"{type(problem).__name__}: {problem}"
        by_whom = "checker" if shown is None else (
            step.rule.reference if isinstance(step.rule, rules.Cited) else self._by(shown))
        verdict = UNPROVED if shown is None or reason else (
            CITED if isinstance(step.rule, rules.Cited) else PROVED)
        cited = frozenset[str]() if shown is None else shown.cited - {STAND_IN}
        if shown is None and goal is not None:
            shown = kernel.cite(place.context, goal, STAND_IN)
        report = StepReport(step, verdict, by_whom, reason, time.perf_counter() - started,
                            tuple(children), cited, goal)
        return shown, report

    def _prove(self, rule: Any, goal: Term, place: Place, children: list[StepReport]) -> Theorem:
        if isinstance(rule, rules.Cited):
            return kernel.cite(place.context, goal, rule.reference)
        if isinstance(rule, rules.Polynomial):
            return drive.polynomial(place, goal, rule.using)
        if isinstance(rule, rules.Identity):
            return drive.identity(place, goal)
        if isinstance(rule, rules.Termwise):
            return drive.termwise(place, goal, rule)
        if isinstance(rule, rules.Known):
            return drive.known(place, goal, rule)
        if isinstance(rule, rules.Expectation):
            return drive.expectation(place, goal, rule)
        if isinstance(rule, rules.Interval):
            return drive.interval(place, goal, rule)
        if isinstance(rule, rules.Monotone):
            return drive.monotone(place, goal, rule)
        if type(rule) in CALCULUS:
            return CALCULUS[type(rule)](place, goal, rule)
        if isinstance(rule, rules.By):
            return by(place, goal, rule, self.claim, self.session, check_claim)
        if isinstance(rule, rules.Induction):
            return drive.induction(place, goal, rule, self._subproof(children))
        raise Rejected(f"{type(rule).__name__} is not a rule of this checker")

    def _subproof(self, children: list[StepReport]) -> drive.Steps:
        def steps(place: Place, goal: Term, proof: Any, name: str) -> Theorem:
            if not isinstance(proof, (list, tuple)):
                return self._at_once(place.knowing(getattr(proof, "__dict__", {})), goal, proof, name, children)
            proved, reports, gap = self.steps(place, goal, proof)
            children.extend(reports)
            failed = next((f"{r.step.name}: {r.reason}" for r in reports
                           if r.verdict == UNPROVED), "")
            if proved is None or failed:
                raise Rejected(f"{name}: {gap}" if gap else failed)
            return proved

        return steps

    def _at_once(self, place: Place, goal: Term, rule: Any, name: str, children: list[StepReport]
                 ) -> Theorem:
        """A sub-goal proved by one bare rule."""
        started, step = time.perf_counter(), Step(name, Boolean(), rule)
        try:
            shown = self._prove(rule, goal, place, children)
        except (Rejected, Refused) as problem:
            children.append(StepReport(step, UNPROVED, "checker", explain(problem),
                                       time.perf_counter() - started, goal=goal))
            raise Rejected(f"{name}: {explain(problem)}") from problem
        verdict = CITED if isinstance(rule, rules.Cited) else PROVED
        children.append(StepReport(step, verdict, self._by(shown), "",
                                   time.perf_counter() - started, (), shown.cited, goal))
        return shown

    @staticmethod
    def _plain(rule: Any, place: Place) -> list[Theorem]:
        """Unquantified facts a rule names; they also serve to show that the step makes sense."""
        names = [r for r in getattr(rule, "using", ()) if isinstance(r, str)]
        return [place.facts[n] for n in names if n in place.facts and is_plain(place.facts[n].prop)]

    def _by(self, shown: Theorem) -> str:
        """Who showed it: the solvers asked since the last step, or the kernel alone."""
        fresh = list(nodes(shown, self.told))
        solvers = {node.data["by"] for node in fresh if node.rule == "arithmetic"}
        transfers = [node.data["claim"] for node in fresh if node.rule == "transfer"
                     and "claim" in node.data]
        who = (["z3" if "z3" in solvers else "z3, cvc5"] if solvers else [])
        return ", ".join([*transfers, *who]) or "kernel"


def explain(problem: Exception) -> str:
    """Why a step is not proved; a solver's values for the goal's own names."""
    if not isinstance(problem, kernel.Unproved):
        return str(problem)
    opinion, translation = problem.opinion, problem.translation
    if opinion.disagreement:
        return opinion.detail
    if opinion.answer != "sat":
        return f"z3 does not know ({opinion.detail})"
    values, unknown = [], []
    for number, name in translation.atoms.items():
        term, value = ATOMS[number], opinion.model.get(name)
        whole = translation.forms.context.is_whole(term)
        if term.op in ("var", "entry") and value is not None and not (whole and "/" in value):
            values.append(f"{text(term)} = {value}")
        elif term.op not in ("const", "pow") or number not in ROOTS and number not in INVERSE:
            unknown.append(text(term))
    known = f"; it knows nothing more of {', '.join(unknown[:4])}" if unknown else ""
    return f"z3 found values that break it: {', '.join(values[:8]) or 'of what follows'}{known}"


def undefined_without(claim: Claim, part: Part, hypothesis: str) -> str:
    """Why the part's statement would make no sense without the hypothesis; '' if it still would."""
    fewer = {n: h for n, h in claim.all_hypotheses(part).items() if n != hypothesis}
    try:
        place, conclusion = opening(replace(claim, hypotheses={}), replace(part, hypotheses=fewer))
        place.require_defined(conclusion)
    except Rejected as problem:
        return str(problem)
    return ""


def proved_without(claim: Claim, part: Part, hypothesis: str, session: Session | None = None
                   ) -> bool:
    """Whether the part's proof, as it stands, goes through without the hypothesis."""
    def fewer(named: Mapping[str, Boolean]) -> dict[str, Boolean]:
        return {name: prop for name, prop in named.items() if name != hypothesis}

    parts = [replace(p, hypotheses=fewer(p.hypotheses))
             for p in claim.parts[: claim.parts.index(part) + 1]]
    report = check_claim(replace(claim, hypotheses=fewer(claim.hypotheses), parts=parts), session)
    return (hypothesis in claim.all_hypotheses(part) and bool(report.parts)
            and report.parts[-1].verdict == PROVED)


__all__ = ["ClaimReport", "PartReport", "Session", "StepReport", "check_claim", "proved_without",
           "undefined_without"]
