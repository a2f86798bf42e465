"""Certificates by hand: terms, contexts and nodes put together as a kernel would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from theory.recheck import Recheck, recheck_claim
from theory.recheck.terms import Function, Term

REAL = {"kind": "real", "sign": "", "ranges": [], "random": False, "time": None, "lag": 0}


def name(**how: Any) -> dict[str, Any]:
    """A declaration: a real number unless said otherwise."""
    return {**REAL, **how}


class Paper:
    """A claim that is being written, one part at a time."""

    def __init__(
        self,
        declared: Mapping[str, dict[str, Any]],
        hypotheses: Mapping[str, Term] | None = None,
        claim: str = "claim",
        uses: Sequence[str] = (),
    ) -> None:
        self.terms: list[list[Any]] = []
        self.numbers: dict[Term, int] = {}
        self.claim, self.uses = claim, list(uses)
        self.declared = {n: self._declared(d) for n, d in declared.items()}
        self.hypotheses = {n: self.term(p) for n, p in (hypotheses or {}).items()}
        self.parts: list[dict[str, Any]] = []
        self._start()

    def _start(self) -> None:
        self.contexts: list[dict[str, Any]] = [{"parent": None}]
        self.nodes: list[dict[str, Any]] = []

    def _declared(self, how: dict[str, Any]) -> dict[str, Any]:
        ranges = [[self.term(low), self.term(high)] for low, high in how["ranges"]]
        return {**how, "ranges": ranges}

    def term(self, term: Term) -> int:
        if term not in self.numbers:
            args = [self.term(arg) for arg in term.args]
            data = str(Fraction(term.data)) if term.op == "num" else term.data
            self.terms.append([term.op, data, args, ""])
            self.numbers[term] = len(self.terms) - 1
        return self.numbers[term]

    def value(self, value: Any) -> Any:
        if isinstance(value, Term):
            return self.term(value)
        if isinstance(value, Function):
            return {"names": ["#1", "#2"][: len(value.names)], "body": self._body(value)}
        if isinstance(value, dict):
            return {key: self.value(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(inner) for inner in value]
        return value

    def _body(self, function: Function) -> int:
        from theory.recheck.terms import var

        return self.term(function.at(*map(var, ["#1", "#2"][: len(function.names)])))

    def open(self, name: str, kind: str, low: Term, high: Term, parent: int = 0) -> int:
        self.contexts.append(
            {"parent": parent, "open": [name, kind, self.term(low), self.term(high)]}
        )
        return len(self.contexts) - 1

    def assume(self, prop: Term, parent: int = 0, surely: bool = False) -> int:
        self.contexts.append({"parent": parent, "surely" if surely else "assume": self.term(prop)})
        return len(self.contexts) - 1

    def node(
        self, rule: str, prop: Term, premises: Sequence[int] = (), context: int = 0, **data: Any
    ) -> int:
        self.nodes.append(
            {
                "rule": rule,
                "context": context,
                "prop": self.term(prop),
                "premises": list(premises),
                "data": self.value(data),
            }
        )
        return len(self.nodes) - 1

    def part(
        self,
        conclusion: Term,
        name: str = "part",
        hypotheses: Mapping[str, Term] | None = None,
        cited: Sequence[str] = (),
    ) -> Paper:
        """End a part; its last node is the last one written."""
        self.parts.append(
            {
                "name": name,
                "hypotheses": {n: self.term(p) for n, p in (hypotheses or {}).items()},
                "conclusion": self.term(conclusion),
                "cited": list(cited),
                "contexts": self.contexts,
                "nodes": self.nodes,
                "last": len(self.nodes) - 1,
            }
        )
        self._start()
        return self

    def certificate(self) -> dict[str, Any]:
        return {
            "format": 1,
            "claim": self.claim,
            "declared": self.declared,
            "uses": self.uses,
            "terms": self.terms,
            "hypotheses": self.hypotheses,
            "parts": self.parts,
        }


def checked(paper: Paper, *others: Paper) -> Recheck:
    return recheck_claim(paper.certificate(), {p.claim: p.certificate() for p in others})


def accepted(paper: Paper, *others: Paper) -> Recheck:
    found = checked(paper, *others)
    assert found.ok, found.problem
    return found


def refused(paper: Paper, why: str, *others: Paper) -> None:
    found = checked(paper, *others)
    assert not found.ok
    assert why in found.problem, found.problem
