"""Uses quantified facts for side conditions: x[i] > 0 for every i, at the entries that stand in a
condition, and for the product or the sum of all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from theory.core import theorem as kernel
from theory.core.context import Rejected
from theory.core.instance import Refused
from theory.core.term import ZERO, Term, entry, forall, le, lt, open_, subterms, var
from theory.core.theorem import Theorem

if TYPE_CHECKING:
    from theory.proofs.place import Place


def about_entries(place: Place, prop: Term) -> list[Theorem]:
    """Quantified facts that bound every entry of a sequence that a condition speaks of."""
    return [fact for fact in place.facts.values()
            if fact.prop.op == "all" and _sequence(fact.prop) in prop.free]


@functools.lru_cache(maxsize=4096)
def _sequence(prop: Term) -> str | None:
    """The sequence whose every entry a statement compares with something free of entries."""
    body, names = prop, list[str]()
    while body.op == "all" and body.data == "int":
        names.append(f"#{len(names)}")
        body = open_(body, var(names[-1]))
    entries = [part for part in subterms(body) if part.op == "entry"]
    plain = body.op in ("le", "lt", "ne") and len(entries) == 1 and not any(
        part.op in ("sum", "prod", "mean", "integral", "limit") for part in subterms(body))
    if plain and entries[0] == entry(entries[0].data, *map(var, names)):
        return str(entries[0].data)
    return None


def instances(place: Place, prop: Term) -> list[Theorem]:
    """What these facts say of the entries that stand in the condition, where they are in range."""
    about = about_entries(place, prop)
    closed = list(dict.fromkeys(
        part for part in subterms(prop) if part.op == "entry" and not part.loose)) if about else []
    found = [fact for one in about for at in closed for fact in _instance(place, one, at)]
    return [*found, *_of_sums(place, prop)]


def _of_sums(place: Place, prop: Term) -> Iterator[Theorem]:
    """What quantified facts say of the sums in the condition, where their variables are fixed here
    under the same names.
    """
    if not any(part.op in ("sum", "prod") for part in subterms(prop)):
        return
    for name, fact in place.facts.items():
        try:
            while fact.prop.op == "all" and fact.prop.hint in place.context.declared:
                fact = place.instance(fact, var(fact.prop.hint), name)
        except Rejected:
            continue
        relation = fact.prop.op in ("le", "lt", "ne") and fact is not place.facts[name]
        if relation and any(part.op in ("sum", "prod") for part in subterms(fact.prop)):
            yield fact


def _instance(place: Place, fact: Theorem, at: Term) -> Iterator[Theorem]:
    if _sequence(fact.prop) == at.data:
        try:
            for index in at.args:
                fact = place.instance(fact, index, at.data)
            yield fact
        except (Rejected, IndexError):
            return


def gathered(place: Place, prop: Term) -> Theorem | None:
    """0 < Π, 0 ≤ Σ, 0 < Σ and Σ ≠ 0 from what is known of every factor or term; None for the rest."""
    whole = prop.args[0] if prop.op == "ne" and prop.args[1] == ZERO else prop.args[-1]
    if prop.op not in ("le", "lt", "ne") or prop.op != "ne" and prop.args[0] != ZERO:
        return None
    if whole.op == "prod" and prop.op == "lt":
        return _product(place, whole)
    if whole.op == "sum":
        return _sum(place, prop, whole) if prop.op == "le" else _some_term(place, prop, whole)
    return None


def _name(place: Place, binder: Term) -> str:
    name = binder.hint or "i"
    while name in place.context.declared:
        name += "'"
    return name


def _product(place: Place, whole: Term) -> Theorem | None:
    name = _name(place, whole)
    low, high, _ = whole.args
    body = open_(whole, var(name))
    args = {"a": body, "index": name, "lower": low, "upper": high}
    try:
        each = place.prove(forall(name, "int", low, high, lt(ZERO, body)))
        return kernel.schema(place.context, "known", "product_positive", args, [each])
    except (Rejected, Refused):
        return None


def _sum(place: Place, prop: Term, whole: Term) -> Theorem | None:
    low, high, _ = whole.args
    try:
        inside = place.at(place.context.open(_name(place, whole), "int", low, high))
        each = inside.prove(le(ZERO, open_(whole, var(_name(place, whole)))))
        return kernel.same(place.context, kernel.termwise(each), prop)
    except Rejected:
        return None


def _some_term(place: Place, prop: Term, whole: Term) -> Theorem | None:
    """0 < Σ as its first term is > 0 and the others are ≥ 0."""
    name, (low, high, _) = _name(place, whole), whole.args
    body, context = open_(whole, var(name)), place.context
    try:
        some = [place.prove(le(low, high))]
        args = {"a": body, "index": name, "lower": low, "upper": high}
        split = kernel.schema(context, "known", "first_term", args, some)
        first, rest = split.prop.args[1].args
        facts = [split, place.prove(lt(ZERO, first)), place.prove(le(ZERO, rest))]
        return kernel.arithmetic(context, prop, facts, (1000, 500))
    except (Rejected, Refused):
        return None


__all__ = ["about_entries", "gathered", "instances"]
