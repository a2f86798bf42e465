"""Writes a proof out: terms, contexts and the tree of inferences as JSON, for `theory.recheck`.

What a certificate says is shown by reading it again with other code; nothing here is trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from theory.core.claim import Claim
from theory.core.context import Context, Declared
from theory.core.term import Function, Term
from theory.core.theorem import Theorem, nodes
from theory.core.verdicts import ClaimReport, PartReport

FORMAT = 1
Json = dict[str, Any]


def certificate(report: ClaimReport) -> Json:
    """The certificate of a claim whose parts were shown in this process."""
    shown = [part for part in report.parts if part.theorem is not None]
    if not shown:
        raise ValueError(f"{report.claim.id} has no proof to write out")
    writer = Writer()
    parts = [_part(report.claim, part, part.theorem, writer)
             for part in shown if part.theorem is not None]
    first = shown[0].theorem
    assert first is not None
    declared = {name: writer.declared(d) for name, d in first.context.declared.items()}
    hypotheses = {name: writer.term(first.context.hypotheses[name])
                  for name in report.claim.hypotheses}
    return {"format": FORMAT, "claim": report.claim.id, "declared": declared,
            "uses": [used.id for used in report.claim.uses], "hypotheses": hypotheses,
            "parts": parts, "terms": writer.terms}


def _part(claim: Claim, report: PartReport, theorem: Theorem, writer: Writer) -> Json:
    proof = Proof(claim.id, writer)
    last = proof.add(theorem)
    own = {name: writer.term(theorem.context.hypotheses[name]) for name in report.part.hypotheses}
    return {"name": report.part.name, "hypotheses": own, "conclusion": writer.term(theorem.prop),
            "cited": sorted(report.cited), "contexts": proof.contexts, "nodes": proof.nodes,
            "last": last}


@dataclass
class Writer:
    """The table of terms: arguments come before what they are arguments of."""

    terms: list[list[Any]] = field(default_factory=list)
    numbers: dict[tuple[Term, str], int] = field(default_factory=dict)

    def term(self, term: Term) -> int:
        key = (term, term.hint)
        if key not in self.numbers:
            args = [self.term(arg) for arg in term.args]
            data = str(Fraction(term.data)) if term.op == "num" else term.data
            self.terms.append([term.op, data, args, term.hint])
            self.numbers[key] = len(self.terms) - 1
        return self.numbers[key]

    def declared(self, declared: Declared) -> Json:
        return {"kind": declared.kind, "sign": declared.sign, "random": declared.random,
                "time": declared.time, "lag": declared.lag,
                "ranges": [[self.term(low), self.term(high)] for low, high in declared.ranges]}

    def value(self, value: Any) -> Any:
        """Data of an inference: terms as numbers, functions by names and body."""
        if isinstance(value, Term):
            return self.term(value)
        if isinstance(value, Function):
            return {"names": list(value.names), "body": self.term(value.body)}
        if isinstance(value, Mapping):
            return {name: self.value(inner) for name, inner in value.items()}
        if hasattr(value, "_asdict"):
            return self.value(value._asdict())
        if isinstance(value, (tuple, list)):
            return [self.value(inner) for inner in value]
        return value


@dataclass
class Proof:
    """The contexts and inferences of one part, each after what it rests on."""

    claim: str
    writer: Writer
    contexts: list[Json] = field(default_factory=list)
    nodes: list[Json] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)

    def add(self, theorem: Theorem) -> int:
        for node in nodes(theorem):
            if id(node) not in self.numbers:
                self.nodes.append(self._node(node))
                self.numbers[id(node)] = len(self.nodes) - 1
        return self.numbers[id(theorem)]

    def _node(self, node: Theorem) -> Json:
        rule, premises = node.rule, [self.numbers[id(premise)] for premise in node.premises]
        data = {name: value for name, value in node.data.items() if name not in ("other", "by", "cited")}
        if rule == "transfer" and data["claim"] == self.claim:
            rule, premises, data = "part", [], {"part": data["part"]}
        if rule == "mean_jensen":
            data = _jensen(data)
        return {"rule": rule, "context": self.context(node.context),
                "prop": self.writer.term(node.prop), "premises": premises,
                "data": self.writer.value(data)}

    def context(self, context: Context) -> int:
        if id(context) not in self.places:
            entry: Json = {"parent": None}
            if context.parent is not None:
                entry = {"parent": self.context(context.parent)}
            if context.opened is not None:
                name, kind, low, high = context.opened
                entry["open"] = [name, kind, self.writer.term(low), self.writer.term(high)]
            elif context.assumed is not None:
                how = "surely" if context.surely else "assume"
                entry[how] = self.writer.term(context.assumed)
            self.contexts.append(entry)
            self.places[id(context)] = len(self.contexts) - 1
        return self.places[id(context)]


def _jensen(data: Mapping[str, Any]) -> dict[str, Any]:
    function, (low, high) = data["function"], data["ends"]
    return {"variable": function.names[0], "body": function.body, "point": data["point"],
            "lower": low, "upper": high, "concave": data["concave"], "history": data["history"]}


__all__ = ["FORMAT", "certificate"]
