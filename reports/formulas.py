"""A claim's formulas and declarations in print: from the same terms that are proved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from reports.mathml import mathml
from theory.core import Claim, Fixed, Var
from theory.core.domain import Domain, Unreadable, domain_conditions, printed_name, read_declared
from theory.core.language import free_atoms
from theory.core.latex import latex, text
from theory.core.read import read
from theory.core.term import Term, entry, var

WORDS = {
    "positive": "1, 2, …",
    "nonnegative": "0, 1, …",
    "negative": "-1, -2, …",
    "nonpositive": "0, -1, …",
}


def scope_of(claim: Claim, *others: Any) -> dict[sp.Basic, str]:
    """The names of what a claim declares, and of what else stands free (a step's own variables)."""
    scope = {v.symbol: str(v.symbol) for v in claim.variables}
    for expr in others:
        loose = sorted(free_atoms(expr) - set(scope), key=str)
        scope |= {s: str(s) if isinstance(s, sp.IndexedBase) else printed_name(s) for s in loose}
    return scope


def term_of(prop: Any, claim: Claim) -> Term | None:
    """What the kernel reads; None where it refuses."""
    try:
        return read(prop, scope_of(claim, prop))
    except Unreadable:
        return None


def formula(prop: Any, claim: Claim) -> dict[str, str]:
    """MathML and plain text of a statement; what the kernel refuses stands as its author wrote it."""
    term = prop if isinstance(prop, Term) else term_of(prop, claim)
    return (
        {"mathml": "", "text": str(prop)}
        if term is None
        else {"mathml": mathml(term), "text": text(term)}
    )


def symbol(declared: Var) -> str:
    """A declared name in MathML, a sequence's without its indices."""
    return mathml(var(str(declared.symbol)), "inline")


def domain(declared: Var) -> str:
    """What a symbol may be, in words, with the ranges of its indices."""
    try:
        found = read_declared(declared.symbol)
    except Unreadable as problem:
        return f"none that can be read: {problem}"
    kind = f"{found.sign} {'integer' if found.kind == 'int' else 'real'}".strip()
    ranges = " × ".join(f"{lower}..{upper}" for lower, upper in declared.over)
    return kind + (", random" if declared.random else "") + (f", index {ranges}" if ranges else "")


def declarations(claim: Claim) -> list[dict[str, str]]:
    """What declaring the symbols assumes: their domains, and what the history before a step fixes.

    These are hypotheses like those with a name: proofs use them, and instances must satisfy them.
    """
    return [
        *(_domain(declared, claim) for declared in claim.variables),
        *(_history(base, lag, claim) for base, lag in claim.history.items()),
    ]


def _domain(declared: Var, claim: Claim) -> dict[str, str]:
    """One symbol's sign, whether it is an integer or random, and where its indices run."""
    indices = _indices(declared, claim)
    name = str(declared.symbol)
    value = entry(name, *map(var, indices)) if declared.over else var(name)
    try:
        said = _said(read_declared(declared.symbol), value)
        ends = [[read(end, scope_of(claim)) for end in pair] for pair in declared.over]
    except Unreadable as problem:
        return {"name": "domain", "mathml": "", "text": f"{name}: {problem}"}
    ranges = [
        Term("le", None, (lower, var(index)))
        for index, (lower, _) in zip(indices, ends, strict=True)
    ]
    formulas = [
        rf"{latex(at)} \leq {latex(upper)}" for at, (_, upper) in zip(ranges, ends, strict=True)
    ]
    lines = [f"{text(at)} ≤ {text(upper)}" for at, (_, upper) in zip(ranges, ends, strict=True)]
    far, plain = (r",\; ".join(formulas), ", ".join(lines)) if indices else ("", "")
    random = (r", \text{ random}", ", random") if declared.random else ("", "")
    shown = said["latex"] + random[0] + (rf" \quad \text{{for }} {far}" if far else "")
    return {
        "name": "domain",
        "mathml": mathml(shown, "inline"),
        "text": said["text"] + random[1] + (f" for {plain}" if plain else ""),
    }


def _said(declared: Domain, value: Term) -> Mapping[str, str]:
    """What a domain says of a value: a comparison with zero for a real, a set for an integer."""
    if declared.kind == "int" and declared.sign in WORDS:
        inside = WORDS[declared.sign]
        listed = inside.replace("…", r"\dots")
        return {
            "latex": rf"{latex(value)} \in \{{{listed}\}}",
            "text": f"{text(value)} in {{{inside}}}",
        }
    if declared.sign:
        [condition] = domain_conditions(declared, value)
        turned = {"positive": ">", "nonnegative": "≥"}.get(
            declared.sign, ""
        )  # 0 < x is read as x > 0
        condition = Term(condition.op, None, condition.args, turned)
        whole = (r",\; \text{integer}", ", integer") if declared.kind == "int" else ("", "")
        return {"latex": latex(condition) + whole[0], "text": text(condition) + whole[1]}
    letter, words = (
        (r"\mathbb{Z}", "an integer") if declared.kind == "int" else (r"\mathbb{R}", "real")
    )
    return {"latex": rf"{latex(value)} \in {letter}", "text": f"{text(value)} is {words}"}


def _history(base: Any, fixed: int | Fixed, claim: Claim) -> dict[str, str]:
    """Which entries of a sequence are known before a step k."""
    over = next((v for v in claim.variables if v.symbol == base), Var(base, "", ((0, 0),)))
    names = _indices(over, claim)
    step = next(
        n
        for n in ("k", "t", "n", "step")
        if n not in {str(v.symbol) for v in claim.variables} | set(names)
    )
    lag, place = (fixed.lag, fixed.time) if isinstance(fixed, Fixed) else (fixed, 0)
    value, time = entry(str(base), *map(var, names)), names[place]
    until = f"{step} - {lag}" if lag > 0 else f"{step} + {-lag}" if lag else step
    shown = (
        rf"{latex(value)} \text{{ is fixed before step }} {step} \text{{, known to }} "
        rf"\mathcal{{F}}_{{{step}}}"
        rf"\text{{, iff }} {time} \leq {until}"
    )
    return {
        "name": "history",
        "mathml": mathml(shown, "inline"),
        "text": f"{text(value)} is fixed before step {step}, known to F[{step}], "
        f"iff {time} ≤ {until}",
    }


def _indices(declared: Var, claim: Claim) -> list[str]:
    """Names for a sequence's indices that mean nothing else in the claim."""
    taken = {str(v.symbol) for v in claim.variables}
    names = (name for name in ("j", "i", "l", "p", "q", "j'", "i'", "l'") if name not in taken)
    return [next(names) for _ in declared.over]
