"""A certificate as it is read: declared names, hypotheses, parts with their contexts and nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from theory.recheck.contexts import Context, Declared
from theory.recheck.terms import (
    INF,
    NEGINF,
    PROPOSITIONS,
    Function,
    Malformed,
    Term,
    read_terms,
    require_name,
)

SIGNS = ("", "positive", "nonnegative", "negative", "nonpositive", "nonzero")


@dataclass(frozen=True)
class Node:
    """One inference: a proposition that holds in a context."""

    number: int
    rule: str
    context: Context
    prop: Term
    premises: tuple[Node, ...]
    data: Data


@dataclass(frozen=True)
class Part:
    name: str
    root: Context
    own: Mapping[str, Term]  # the hypotheses beside those of the claim
    conclusion: Term
    cited: tuple[str, ...]
    nodes: tuple[Node, ...]
    last: Node


class Data:
    """What a node says beside its proposition; each value is read as what it must be."""

    def __init__(self, raw: Any, terms: list[Term]) -> None:
        self.raw, self.terms = require(raw, dict, "the data of a node"), terms

    def name(self, key: str) -> str:
        return require_name(self.raw.get(key))

    def text(self, key: str) -> str:
        return str(require(self.raw.get(key), str, key))

    def whole(self, key: str) -> int:
        return int(require(self.raw.get(key), int, key))

    def flag(self, key: str) -> bool:
        return bool(require(self.raw.get(key), bool, key))

    def term(self, key: str) -> Term:
        return pick(self.terms, self.raw.get(key))

    def maybe(self, key: str) -> Term | None:
        return None if self.raw.get(key) is None else self.term(key)

    def inner(self, key: str) -> Data:
        return Data(self.raw.get(key), self.terms)

    def value(self, key: str) -> Term | Function:
        raw = self.raw.get(key)
        return self.term(key) if type(raw) is int else self.function(key)

    def function(self, key: str) -> Function:
        return read_function(self.raw.get(key), self.terms)

    def items(self, key: str) -> list[Any]:
        return list(require(self.raw.get(key), list, key))


def read_function(raw: Any, terms: list[Term]) -> Function:
    raw = require(raw, dict, "a formula")
    given = [require(name, str, "a name") for name in require(raw.get("names"), list, "names")]
    return Function(given, pick(terms, raw.get("body")))


def require(raw: Any, kind: type, what: str) -> Any:
    if not isinstance(raw, kind) or kind is int and isinstance(raw, bool):
        raise Malformed(f"{what} is no {kind.__name__}")
    return raw


def pick(terms: list[Term], number: Any) -> Term:
    if type(number) is not int or not 0 <= number < len(terms):
        raise Malformed(f"there is no term {number!r}")
    return terms[number]


class Certificate:
    """The statement of a claim; parts are read one at a time, as a reader comes to them."""

    def __init__(self, raw: Any) -> None:
        raw = require(raw, dict, "the certificate")
        if raw.get("format") != 1 or isinstance(raw.get("format"), bool):
            raise Malformed("the format is not 1")
        self.claim = str(require(raw.get("claim"), str, "the claim"))
        self.uses = [str(require(u, str, "a use")) for u in require(raw.get("uses"), list, "uses")]
        self.terms = read_terms(raw.get("terms"))
        self.declared = self._declared(require(raw.get("declared"), dict, "what is declared"))
        self.hypotheses = self._hypotheses(raw.get("hypotheses"))
        self.raw_parts = require(raw.get("parts"), list, "the parts")
        if not self.raw_parts:
            raise Malformed("the claim has no parts")

    def _declared(self, raw: Mapping[str, Any]) -> dict[str, Declared]:
        declared = {require_name(name): self._name(item) for name, item in raw.items()}
        bare = Context({n: d for n, d in declared.items() if not d.ranges and not d.random})
        for one in declared.values():
            for end in (end for ends in one.ranges for end in ends if end is not INF):
                bare.require_known(end, False)
        return declared

    def _name(self, raw: Any) -> Declared:
        raw = require(raw, dict, "a declaration")
        kind, sign, time = raw.get("kind"), raw.get("sign"), raw.get("time")
        if kind not in ("int", "real") or sign not in SIGNS:
            raise Malformed("a name has no such kind or sign")
        ranges = []
        for ends in require(raw.get("ranges"), list, "the ranges"):
            low, high = (pick(self.terms, end) for end in require(ends, list, "a range"))
            if low in (INF, NEGINF) or high is NEGINF or low.op in PROPOSITIONS:
                raise Malformed("the range of an index is none")
            ranges.append((low, high))
        random = bool(require(raw.get("random"), bool, "random"))
        lag = int(require(raw.get("lag", 0), int, "the lag"))
        if time is not None:
            time = int(require(time, int, "the time index"))
            if not random or not 0 <= time < len(ranges):
                raise Malformed("a time index is none of a random sequence")
        return Declared(kind, sign, tuple(ranges), random, time, lag)

    def _hypotheses(self, raw: Any) -> dict[str, Term]:
        raw = require(raw, dict, "the hypotheses")
        found = {require_name(name): pick(self.terms, n) for name, n in raw.items()}
        for prop in found.values():
            Context(self.declared).require_known(prop, True)
        return found

    def part(self, raw: Any) -> Part:
        raw = require(raw, dict, "a part")
        name = str(require(raw.get("name"), str, "the name of a part"))
        own = self._hypotheses(raw.get("hypotheses"))
        if own.keys() & self.hypotheses.keys():
            raise Malformed(f"part '{name}': a hypothesis has the name of another one")
        root = Context(self.declared, {**self.hypotheses, **own})
        conclusion = pick(self.terms, raw.get("conclusion"))
        root.require_known(conclusion, True)
        cited = tuple(str(require(c, str, "a reference"))
                      for c in require(raw.get("cited"), list, "cited"))  # fmt: skip
        contexts = self._contexts(root, require(raw.get("contexts"), list, "the contexts"))
        nodes: list[Node] = []
        for number, item in enumerate(require(raw.get("nodes"), list, "the nodes")):
            try:
                nodes.append(self._node(number, item, contexts, nodes))
            except Malformed as problem:
                raise Malformed(f"part '{name}', node {number}: {problem}") from None
        last = raw.get("last")
        if type(last) is not int or not 0 <= last < len(nodes):
            raise Malformed(f"part '{name}': there is no last node")
        return Part(name, root, own, conclusion, cited, tuple(nodes), nodes[last])

    def _contexts(self, root: Context, raw: list[Any]) -> list[Context]:
        if not raw or raw[0] != {"parent": None}:
            raise Malformed("the first context is not the root")
        found = [root]
        for number, item in enumerate(raw[1:], 1):
            parent = require(item, dict, "a context").get("parent")
            if type(parent) is not int or not 0 <= parent < number or len(item) != 2:
                raise Malformed(f"context {number} is no child of one before it")
            try:
                found.append(self._child(found[parent], item))
            except Malformed as problem:
                raise Malformed(f"context {number}: {problem}") from None
        return found

    def _child(self, parent: Context, item: dict[str, Any]) -> Context:
        if "open" in item:
            opening = require(item["open"], list, "an opening")
            if len(opening) != 4:
                raise Malformed("an opening is not [name, kind, lower, upper]")
            ends = (pick(self.terms, end) for end in opening[2:])
            return parent.open(require_name(opening[0]), opening[1], *ends)
        (key,) = item.keys() - {"parent"}
        if key not in ("assume", "surely"):
            raise Malformed("it neither opens nor assumes anything")
        return parent.assume(pick(self.terms, item[key]), key == "surely")

    def _node(self, number: int, raw: Any, contexts: list[Context], before: list[Node]) -> Node:
        raw = require(raw, dict, "a node")
        at, numbers = raw.get("context"), require(raw.get("premises"), list, "the premises")
        if type(at) is not int or not 0 <= at < len(contexts):
            raise Malformed(f"there is no context {at!r}")
        if any(type(n) is not int or not 0 <= n < number for n in numbers):
            raise Malformed("a premise does not come before it")
        prop = pick(self.terms, raw.get("prop"))
        contexts[at].require_known(prop, True)
        require_steps(contexts[at], prop)
        data = Data(raw.get("data", {}), self.terms)
        premises = tuple(before[n] for n in numbers)
        return Node(number, str(raw.get("rule")), contexts[at], prop, premises, data)


def require_steps(context: Context, term: Term) -> None:
    """A mean is taken given the history before a step that is not random."""
    if term.means:
        if term.op == "mean" and len(term.args) == 2 and context.is_random(term.args[1]):
            raise Malformed("the step of a mean is random")
        for arg in term.args:
            require_steps(context, arg)
