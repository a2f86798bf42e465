"""The recheck of a claim: every node of every part, the statement, and all claims that it uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from theory.recheck.calculus import CALCULUS
from theory.recheck.certificate import Certificate, Node, Part
from theory.recheck.contexts import Context, Declared
from theory.recheck.defined import require_statement
from theory.recheck.enclosures import holds_on_box
from theory.recheck.nodes import RULES, Wrong, among, literally, premise_props, wrong
from theory.recheck.polynomials import TooLarge
from theory.recheck.schemas import KNOWN, Args
from theory.recheck.terms import (
    INF,
    Function,
    Malformed,
    Term,
    forall,
    make,
    sign_fact,
    substitute,
    var,
)

BOXES = 20_000


@dataclass(frozen=True)
class Recheck:
    """Whether a claim's certificate is right; by which means so many of its nodes were shown."""

    claim: str
    ok: bool
    problem: str = ""
    nodes: int = 0
    by: Mapping[str, int] = field(default_factory=dict)
    cited: tuple[str, ...] = ()


def recheck_claim(
    certificate: dict[str, Any],
    others: Mapping[str, dict[str, Any]],
    done: dict[str, Recheck] | None = None,
) -> Recheck:
    """Recheck a claim and those it uses; whatever is wrong is a sentence, never an exception."""
    raw = certificate.get("claim") if isinstance(certificate, dict) else None
    run = _Run(others, {} if done is None else done)
    return run.claim(certificate, raw if isinstance(raw, str) else "?", ())


class _Run:
    """One call: the certificates at hand and the claims that were rechecked so far."""

    def __init__(self, others: Mapping[str, Any], done: dict[str, Recheck]) -> None:
        self.others, self.done = others, done

    def claim(self, raw: Any, claim: str, around: tuple[str, ...]) -> Recheck:
        if claim not in self.done:
            try:
                found = _Claim(self, raw, claim, around).check()
            except (Malformed, Wrong, TooLarge) as problem:
                found = Recheck(claim, False, f"{claim}: {problem}")
            except RecursionError:
                found = Recheck(claim, False, f"{claim}: a term is too deep to be read")
            except Exception as problem:  # a malformed certificate, in a way not thought of
                why = f"{type(problem).__name__}: {problem}"
                found = Recheck(claim, False, f"{claim}: the certificate cannot be read ({why})")
            self.done[claim] = found
        return self.done[claim]


class _Claim:
    """The recheck of one claim."""

    def __init__(self, run: _Run, raw: Any, claim: str, around: tuple[str, ...]) -> None:
        self.run, self.around = run, (*around, claim)
        self.certificate = Certificate(raw)
        if self.certificate.claim != claim:
            raise Malformed(f"the certificate is that of {self.certificate.claim}")
        self.parts: dict[str, Part] = {}
        self.used: dict[str, _Claim] = {}
        self.by: Counter[str] = Counter()
        self.cited: list[str] = []

    def check(self) -> Recheck:
        for used in self.certificate.uses:
            self._use(used)
        for raw in self.certificate.raw_parts:
            part = self.certificate.part(raw)
            if part.name in self.parts:
                wrong(f"there are two parts '{part.name}'")
            try:
                require_statement(part)
            except (Wrong, Malformed, TooLarge) as problem:
                wrong(f"part '{part.name}': {problem}")
            self._nodes(part)
            self.parts[part.name] = part
        cited = tuple(dict.fromkeys(self.cited))
        count = sum(self.by.values())
        return Recheck(self.certificate.claim, True, "", count, dict(self.by), cited)

    def _use(self, used: str) -> None:
        if used in self.around:
            wrong(f"a circle: {' uses '.join([*self.around, used])}")
        if used not in self.run.others:
            wrong(f"there is no certificate of {used}, which it uses")
        found = self.run.claim(self.run.others[used], used, self.around)
        if not found.ok:
            wrong(f"it uses {used}, which is not right: {found.problem}")
        self.cited += found.cited
        other = Certificate(self.run.others[used])
        self.used[used] = statement = object.__new__(_Claim)
        statement.certificate = other
        statement.parts = {part.name: part for part in map(other.part, other.raw_parts)}

    def _nodes(self, part: Part) -> None:
        for node in part.nodes:
            try:
                self.by[self._node(part, node)] += 1
            except (Wrong, Malformed, TooLarge) as problem:
                wrong(f"part '{part.name}', node {node.number} ({node.rule}): {problem}")
        if part.last.context is not part.root or part.last.prop is not part.conclusion:
            wrong(f"part '{part.name}': its last node is not its conclusion")

    def _node(self, part: Part, node: Node) -> str:
        if node.rule in RULES:
            return RULES[node.rule](node)
        rules: dict[str, Callable[[Part, Node], str]] = {
            "known": self._known, "calculus": self._calculus, "part": self._part,
            "transfer": self._transfer, "cite": self._cite,
        }  # fmt: skip
        if node.rule not in rules:
            wrong("there is no such rule")
        return rules[node.rule](part, node)

    # -- rules that look beyond the node -----------------------------------------------------------

    def _known(self, part: Part, node: Node) -> str:
        name = node.data.text("name")
        if name not in KNOWN:
            wrong(f"there is no known inequality '{name}'")
        conclusion, conditions = KNOWN[name](Args(node.data.inner("args"), node.context))
        literally(node.prop, conclusion)
        return among(conditions, premise_props(node), node.context)

    def _calculus(self, part: Part, node: Node) -> str:
        name, args = node.data.text("name"), node.data.inner("args")
        if name == "interval":
            goal, boxes = args.term("goal"), args.raw.get("boxes", BOXES)
            literally(node.prop, goal)
            if type(boxes) is not int or not holds_on_box(goal, min(boxes, 50 * BOXES)):
                wrong("it is not seen by enclosures on small boxes")
            return "literal"
        if name not in CALCULUS:
            wrong(f"there is no schema '{name}'")
        conclusion, conditions = CALCULUS[name](args)
        literally(node.prop, conclusion)
        return among(conditions, premise_props(node), node.context)

    def _cite(self, part: Part, node: Node) -> str:
        reference = node.data.text("reference")
        if reference not in part.cited:
            wrong(f"the part does not say that it cites '{reference}'")
        self.cited.append(reference)
        return "literal"

    def _part(self, part: Part, node: Node) -> str:
        name = node.data.text("part")
        if name not in self.parts:
            wrong(f"there is no earlier part '{name}'")
        earlier = self.parts[name]
        here = set(part.root.hypotheses.values())
        for hypothesis, prop in earlier.own.items():
            if prop not in here:
                wrong(f"part '{name}' rests on '{hypothesis}', which is no hypothesis here")
        if not set(earlier.cited) <= set(part.cited):
            wrong(f"part '{name}' cites what this part does not say that it cites")
        literally(node.prop, earlier.conclusion)
        return "literal"

    def _transfer(self, part: Part, node: Node) -> str:
        claim, name = node.data.text("claim"), node.data.text("part")
        if claim not in self.used and claim != self.certificate.claim:
            wrong(f"the claim does not say that it uses {claim}")
        other = self.used.get(claim, self)  # an earlier part of this claim, if it is its own
        if name not in other.parts:
            wrong(f"{claim} has no part '{name}'")
        theirs, data = other.parts[name], node.data.inner("values")
        if set(theirs.cited) - set(part.cited):
            wrong(f"{claim} cites what this part does not say that it cites")
        declared = other.certificate.declared
        if set(data.raw) != set(declared):
            wrong(f"not every name of {claim} has a value")
        values = {key: data.value(key) for key in declared}
        statement = [*theirs.root.hypotheses.values(), theirs.conclusion]
        means = any(prop.means for prop in statement)
        if means and node.context.unsure:
            wrong("a mean is transferred to where something random is assumed")
        for key, one in declared.items():
            _require_value(node.context, key, one, values[key], means)
        wanted = [substitute(prop, values) for prop in theirs.root.hypotheses.values()]
        signs = (_sign(one, values[key], values) for key, one in declared.items() if one.sign)
        wanted += [prop for prop in signs if prop is not None]
        for found, prop in zip(premise_props(node, len(wanted)), wanted, strict=True):
            literally(found, prop, "a premise")
        literally(node.prop, substitute(theirs.conclusion, values))
        return "literal"


def _sign(one: Declared, value: Term | Function, values: Mapping[str, Term | Function]) -> Term | None:
    """That a value has a declared sign, for a sequence over its declared ranges."""
    if isinstance(value, Term):
        return sign_fact(one.sign, value)
    names = [f"~index{n}" for n in range(len(one.ranges))]
    prop = sign_fact(one.sign, value.at(*map(var, names)))
    assert prop is not None
    for name, (low, high) in reversed(list(zip(names, one.ranges, strict=True))):
        low, high = substitute(low, values), substitute(high, values)
        prop = forall(name, "int", low, high, prop)
    return prop


def _require_value(
    context: Context, key: str, one: Declared, value: Term | Function, means: bool
) -> None:
    """A value of the right kind, not random where that could change a mean."""
    inner, body = context, value
    if isinstance(value, Function):
        for name in value.names:
            inner = inner.open(name, "int", make("neginf"), INF)
        body = value.body
    assert isinstance(body, Term)
    count = len(value.names) if isinstance(value, Function) else 0
    if count != len(one.ranges):
        wrong(f"the value of {key} has {count} indices and not {len(one.ranges)}")
    inner.require_known(body, False)
    if one.kind == "int" and not inner.is_whole(body):
        wrong(f"the value of {key} is not an integer by its form")
    if not means:
        return
    if not one.random:
        if inner.is_random(body):
            wrong(f"the value of {key} is random, and a mean is taken")
    elif one.time is not None:
        assert isinstance(value, Function)
        mine = inner.root.declared.get(body.data) if body.op == "entry" else None
        if mine is None or body.args != tuple(map(var, value.names)):
            wrong(f"{key} has a history, and its value is no sequence of this claim")
        if (mine.time, mine.lag) != (one.time, one.lag) or not mine.random:
            wrong(f"the value of {key} has another history")
