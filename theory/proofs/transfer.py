"""Using another claim, or an earlier part: values for its names, proofs of its hypotheses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from theory.core import rules
from theory.core import theorem as kernel
from theory.core.claim import Claim
from theory.core.context import Context, Rejected
from theory.core.latex import text
from theory.core.term import Function, Term, entry, var
from theory.core.theorem import Theorem
from theory.core.verdicts import MODULO, PROVED, ClaimReport, PartReport, Session
from theory.proofs.drive import matched, values_for
from theory.proofs.exists import require_shown_to_exist, require_values_to_exist
from theory.proofs.place import Place, is_plain
from theory.proofs.statement import declarations

if TYPE_CHECKING:
    Checker = Callable[[Claim, Session], ClaimReport]


def earlier_part(place: Place, other: Theorem, claim: Claim, name: str) -> Theorem:
    """The conclusion of an earlier part whose hypotheses are among those here."""
    values: dict[str, Term | Function] = {}
    for known, domain in other.context.declared.items():
        names = tuple(f"#{n + 1}" for n in range(len(domain.ranges)))
        values[known] = (Function(names, entry(known, *map(var, names))) if domain.is_sequence
                         else var(known))
    return _taken(place, other, values, [], claim.id, name)


def by(place: Place, goal: Term, rule: rules.By, claim: Claim, session: Session, check: Checker
       ) -> Theorem:
    """An instance of (a part of) another proved claim."""
    other = rule.claim
    try:
        part = other.part(rule.part)
    except KeyError as problem:
        raise Rejected(str(problem.args[0])) from problem
    if all(other is not used for used in claim.uses):
        raise Rejected(f"{other.id} is not among the claims this one says it uses")
    report = check(other, session)
    found = next((p for p in report.parts if p.part.name == part.name), None)
    proved = (PROVED, MODULO)
    if report.verdict not in proved or found is None or found.verdict not in proved:
        why = report.reason or "a step of it is unproved"
        raise Rejected(f"{other.id} is not proved: {why}")
    return _instance(place, goal, rule, found.theorem or _adopted(other, found))


def _adopted(claim: Claim, report: PartReport) -> Theorem:
    """What another process of this run has shown: the part's statement, read here."""
    names, declared = declarations(claim)
    place = Place(Context(declared), names)
    hypotheses = {name: place.read(prop)
                  for name, prop in claim.all_hypotheses(report.part).items()}
    conclusion = place.read(report.part.conclusion)
    return kernel.adopt(Context(declared, hypotheses), conclusion, claim.id, report.part.name,
                        report.cited)


def _instance(place: Place, goal: Term, rule: rules.By, other: Theorem) -> Theorem:
    if _quantifiers(goal) > _quantifiers(other.prop):  # for each value of its first variables
        inside, inner, finish = place.opened(goal)
        return finish(_instance(inside, inner, rule, other))
    names, _ = declarations(rule.claim)
    symbols = {name: symbol for symbol, name in names.items()}
    if unknown := set(rule.given) - set(names):
        raise Rejected(f"{rule.claim.id} has no symbol {', '.join(map(str, unknown))}")
    values = values_for(place, other, symbols, rule.given)
    shown = _taken(place, other, values, list(rule.using), rule.claim.id, rule.part)
    plain = [place.facts[r] for r in rule.using
             if isinstance(r, str) and is_plain(place.fact(r).prop)]
    place.require_defined(shown.prop, plain)
    known = [fact.prop for fact in place.facts.values()]
    require_values_to_exist(values.values(), known, place.context)
    require_shown_to_exist(goal, [shown.prop, *known], place.context)
    return matched(place, shown, goal)


def _quantifiers(prop: Term) -> int:
    return 1 + _quantifiers(prop.args[-1]) if prop.op == "all" else 0


def _taken(place: Place, other: Theorem, values: dict[str, Term | Function], using: list[Any],
           claim: str, part: str) -> Theorem:
    wanted = kernel.transfer_conditions(place.context, other, values)
    names = list(other.context.hypotheses)
    premises = []
    for number, prop in enumerate(wanted):
        what = f"the hypothesis '{names[number]}'" if number < len(names) else "the domain"
        try:
            premises.append(_premise(place, prop, using))
        except Rejected as problem:
            raise Rejected(f"{what} of {claim} is not shown: {text(prop)}: {problem}") from problem
    return kernel.transfer(place.context, other, values, premises, claim, part)


def _premise(place: Place, prop: Term, using: list[Any]) -> Theorem:
    """A hypothesis is a named fact as it stands, or follows from the named facts where its variables
    are fixed.
    """
    known = [place.fact(name) for name in using if isinstance(name, str)]
    for fact in (*known, *place.facts.values()):
        if fact.prop == prop:
            return kernel.same(place.context, fact, prop)
    for fact in known:
        for taken in (fact, _at_opened(fact, place)):
            if taken.prop.op == prop.op:
                try:
                    return matched(place, taken, prop)
                except Rejected:
                    continue
    if (shown := place.shown(prop)) is not None:
        return shown
    if prop.op in ("all", "implies") and (prop.op == "all" or is_plain(prop.args[0])):
        inside, inner, finish = (place.opened(prop, fresh=True) if prop.op == "all"
                                 else place.assuming(prop))
        return finish(_premise(inside, inner, using))
    here = [_taken_here(place, reference) for reference in using]
    return place.solved(prop, [fact for fact in here if fact is not None])


def _taken_here(place: Place, reference: Any) -> Theorem | None:
    """A named fact at the variables of the same names, if it can be taken there."""
    try:
        fact = place.lookup(reference)
    except Rejected:
        return None
    return fact if is_plain(fact.prop) else None


def _at_opened(fact: Theorem, place: Place) -> Theorem:
    """A quantified fact taken at the variables of the same names that are fixed here, if in range."""
    while fact.prop.op == "all" and fact.prop.hint in place.context.declared:
        try:
            fact = place.instance(fact, var(fact.prop.hint), fact.prop.hint)
        except Rejected:
            break
    return fact


__all__ = ["by", "earlier_part"]
