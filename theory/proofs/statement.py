"""A claim's part as the kernel sees it: declared names with their domains, hypotheses, conclusion,
each shown to make sense under what stands before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanFalse

from theory.core import theorem as kernel
from theory.core.claim import Claim, Fixed, Part, Var
from theory.core.context import Context, Declared, Rejected
from theory.core.domain import Unreadable, printed_name, read_declared
from theory.core.latex import text
from theory.core.term import INF, NEGINF, ZERO, Term, lt
from theory.core.theorem import Theorem
from theory.proofs.place import SIDE, Place, is_plain


class Vacuous(Rejected):
    """The hypotheses contradict each other."""


def opening(claim: Claim, part: Part) -> tuple[Place, Term]:
    """Where a part's proof starts, and its conclusion, which is still to be shown to make sense."""
    names, declared = declarations(claim)
    if twice := set(claim.hypotheses) & set(part.hypotheses):
        raise Rejected(f"the part's hypothesis '{twice.pop()}' has the name of one of the claim's")
    read: dict[str, Term] = {}
    for name, hypothesis in claim.all_hypotheses(part).items():
        if isinstance(hypothesis, BooleanFalse):
            raise Vacuous(f"vacuous: the hypothesis '{name}' never holds, so it proves anything")
        before = Context(declared, dict(read))
        facts = {known: kernel.hypothesis(before, known) for known in read}
        place = Place(before, names, facts)
        prop = place.read(hypothesis)
        place.require_defined(prop)
        read[name] = prop
    root = Context(declared, read)
    place = Place(root, names)
    for name, hypothesis in claim.all_hypotheses(part).items():
        place = place.with_fact(name, kernel.hypothesis(root, name), hypothesis)
    conclusion = place.read(part.conclusion)
    require_satisfiable(place)
    return place.knowing(*claim.all_hypotheses(part).values()), conclusion


def require_satisfiable(place: Place) -> None:
    """The solvers find no contradiction among the hypotheses and the domains; of a quantified one
    they see the first index.
    """
    plain, rest = place.ambient()
    try:
        facts = dict.fromkeys([*plain, *rest, *_at_first_indices(place)])
        kernel.arithmetic(place.context, lt(ZERO, ZERO), list(facts), SIDE)
    except kernel.Unproved:
        return
    raise Vacuous("vacuous: the hypotheses cannot all hold, so they prove anything")


def _at_first_indices(place: Place) -> Iterator[Theorem]:
    """Quantified hypotheses at the lower ends of their ranges, where these are not empty."""
    for fact in place.facts.values():
        try:
            while fact.prop.op == "all" and fact.prop.args[0] != NEGINF:
                fact = place.instance(fact, fact.prop.args[0], "hypothesis")
        except Rejected:
            continue
        if is_plain(fact.prop):
            yield fact


def declarations(claim: Claim) -> tuple[dict[sp.Basic, str], dict[str, Declared]]:
    """What symbols are called, and the domain of each name."""
    names: dict[sp.Basic, str] = {}
    for declared in claim.variables:
        names[declared.symbol] = _name(declared)
    if len(set(names.values())) < len(claim.variables):
        raise Rejected("a symbol is declared twice")
    fixed = history(claim)
    place = Place(Context({}), names)
    found = {names[v.symbol]: _declared(v, place, fixed.get(v.symbol)) for v in claim.variables}
    for v in claim.variables:
        _require_scalars(names[v.symbol], found)
    return names, found


def _name(declared: Var) -> str:
    symbol = declared.symbol
    try:
        read_declared(symbol)
    except Unreadable as problem:
        raise Rejected(str(problem)) from problem
    if isinstance(symbol, sp.IndexedBase) != bool(declared.over):
        raise Rejected(f"{symbol} must be a scalar, or a sequence with its index ranges, "
                       "and not start with '_'")
    return printed_name(symbol) if isinstance(symbol, (sp.Symbol, sp.Dummy)) else str(symbol.label)


def _declared(declared: Var, place: Place, fixed: Fixed | None) -> Declared:
    domain = read_declared(declared.symbol)
    ranges = tuple((place.number(low), INF if high == sp.oo else place.number(high))
                   for low, high in declared.over)
    return Declared(domain.kind, domain.sign, ranges, declared.random,
                    None if fixed is None else fixed.time, 0 if fixed is None else fixed.lag)


def _require_scalars(name: str, declared: Mapping[str, Declared]) -> None:
    """The ranges of a sequence speak of scalars that are not random."""
    for end in (end for pair in declared[name].ranges for end in pair):
        for other in end.free:
            if declared[other].is_sequence or declared[other].random:
                raise Rejected(f"the index ranges of {name} speak of {text(end)}, which is a "
                               "sequence or random")


def history(claim: Claim) -> dict[sp.Basic, Fixed]:
    """The claim's history with the index that is time named for every sequence."""
    indices = {var.symbol: len(var.over) for var in claim.variables if var.random}
    found: dict[sp.Basic, Fixed] = {}
    for base, fixed in claim.history.items():
        many = indices.get(base, 0)
        if not isinstance(fixed, Fixed) and many > 1:
            raise Rejected(f"say which index of {base} is time: "
                           f"history={{{base}: Fixed(lag={fixed}, time=0)}}, or time=1")
        found[base] = fixed if isinstance(fixed, Fixed) else Fixed(fixed)
        if not 0 <= found[base].time < many:
            raise Rejected(f"the history speaks of index {found[base].time} of {base}, "
                           f"which has {many} and must be random")
    return found


__all__ = ["Boolean", "declarations", "history", "opening", "require_satisfiable"]
