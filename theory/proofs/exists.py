"""Integrals and limits are numbers only where they are shown to exist: each that a statement speaks
of is one that a known statement speaks of, under no further premises and for no fewer values.

Terms are total, so that the kernel takes a divergent integral for the number 0; no statement may.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from theory.core.context import Context, Rejected
from theory.core.forms import forms
from theory.core.latex import text
from theory.core.term import BINDERS, Function, Term, lift

Around = tuple[Term | tuple, ...]  # premises, and binders with their ends; outermost first


def require_shown_to_exist(prop: Term, known: Iterable[Term], context: Context) -> None:
    """Each integral and limit in a statement exists, as those in the known ones do."""
    wanted = list(_spoken_of(prop))
    if not wanted:
        return
    there = [found for statement in known for found in _spoken_of(statement)]
    for around, part in wanted:
        if not any(_covers(one, (around, part), context) for one in there):
            name = "LimitValue" if part.op == "limit" else "IntegralValue"
            raise Rejected(f"{text(part) if not part.loose else part.op} is not shown to exist "
                           f"here: first give its value by {name}, in one of the calculus rules")


def require_values_to_exist(values: Iterable[Term | Function], known: Iterable[Term],
                            context: Context) -> None:
    """So do those in what is put for another statement's names."""
    known = list(known)
    for value in values:
        body = value.body if isinstance(value, Function) else value
        require_shown_to_exist(body, known, context)


def _spoken_of(term: Term, around: Around = ()) -> Iterator[tuple[Around, Term]]:
    """The integrals and limits in a term, each with what stands around it."""
    if term.op in ("integral", "limit"):
        yield around, term
    inner = around
    if term.op == "implies":
        inner = (*around, term.args[0])
    elif term.op in BINDERS:
        inner = (*around, (term.op, term.data, term.args[:-1]))
    elif term.op == "mean":  # on every sample, not on those alone that satisfy a premise
        inner = (*around, ("mean",))
    for arg in term.args[:-1]:
        yield from _spoken_of(arg, inner if term.op == "mean" else around)
    for arg in term.args[-1:]:
        yield from _spoken_of(arg, inner)


def _covers(known: tuple[Around, Term], wanted: tuple[Around, Term], context: Context) -> bool:
    """Whether the one integral or limit is the other, and exists at least where that is wanted."""
    (there, one), (here, other) = known, wanted
    if ("mean",) in here and here != there:
        here = tuple(entry for entry in here if isinstance(entry, tuple) and entry != ("mean",))
    if here[:len(there)] != there:
        return False
    further = sum(isinstance(entry, tuple) and entry != ("mean",) for entry in here[len(there):])
    if lift(one, further) == other:
        return True
    closed = one.op == other.op == "integral" and not one.loose and not other.loose
    return closed and forms(context).number(one) == forms(context).number(other)


__all__ = ["require_shown_to_exist", "require_values_to_exist"]
