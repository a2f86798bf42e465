"""Theorems, and the inferences that are the only way to make one.

A theorem is a context, a proposition, and how it came about. It says: whatever the declared names
stand for, if the hypotheses hold on every sample, then the proposition holds wherever the context's
ranges and assumptions do. What is shown in a context holds in its children.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from theory.core.context import Context, Declared, Rejected, has_mean, sign_fact
from theory.core.forms import TRUE, forms
from theory.core.grants import of
from theory.core.instance import Instance
from theory.core.latex import text
from theory.core.smt import Translation, question
from theory.core.solving import Opinion, both
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    eq,
    forall,
    implies,
    le,
    mean,
    mul,
    num,
    open_,
    power,
    substitute,
    sum_,
    var,
)
from theory.core.term import (
    both as conjunction,
)

_KEY = object()


class Theorem:
    """What has been shown: made by the functions of this module only. `cited`: what it rests on
    without proof.
    """

    __slots__ = ("cited", "context", "data", "premises", "prop", "rule")

    def __init__(self, key: object, context: Context, prop: Term, rule: str,
                 premises: Sequence[Theorem], data: Mapping[str, Any]) -> None:
        if key is not _KEY:
            raise TypeError("theorems are made by the kernel's inferences only")
        others = [*premises, *([data["other"]] if rule == "transfer" else [])]
        if any(type(other) is not Theorem for other in others):
            raise TypeError("a theorem rests on theorems only, not on what looks like one")
        for name, value in zip(("context", "prop", "rule", "premises", "data"),
                               (context, prop, rule, tuple(premises), dict(data)), strict=True):
            object.__setattr__(self, name, value)
        own: frozenset[str] = data.get("cited", frozenset())
        object.__setattr__(self, "cited", own.union(*(other.cited for other in others)))

    cited: frozenset[str]
    context: Context
    prop: Term
    rule: str
    premises: tuple[Theorem, ...]
    data: Mapping[str, Any]

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("theorems are immutable")


def _theorem(context: Context, prop: Term, rule: str, premises: Sequence[Theorem] = (),
             **data: Any) -> Theorem:
    context.require_known(prop)
    for premise in premises:
        if not context.within(premise.context):
            raise Rejected("a premise was shown under assumptions that are not made here")
    return Theorem(_KEY, context, prop, rule, premises, data)


# -- hypotheses, contexts, quantifiers ---------------------------------------------------------------


def hypothesis(context: Context, name: str) -> Theorem:
    """A hypothesis of the statement."""
    if name not in context.root.hypotheses:
        raise Rejected(f"there is no hypothesis '{name}'")
    return _theorem(context.root, context.root.hypotheses[name], "hypothesis", name=name)


def given(context: Context, prop: Term) -> Theorem:
    """An end of a range, or an assumption, of this context or one around it."""
    if not any(prop == fact for here in context.chain() for fact in here.ranges()):
        raise Rejected("that is not given here")
    return _theorem(context, prop, "given")


def trivial(context: Context, prop: Term) -> Theorem:
    """What declared signs and linear arithmetic grant."""
    if not of(context).holds(prop):
        raise Rejected("that does not follow by signs and linear arithmetic")
    return _theorem(context, prop, "trivial")


def instance(context: Context, fact: Theorem, value: Term, inside: Sequence[Theorem]) -> Theorem:
    """A quantified fact at one value of its first variable, which is shown to lie in the range."""
    if fact.prop.op != "all":
        raise Rejected("only a quantified fact has values to take")
    context.require_known(value)
    low, high, body = fact.prop.args
    wanted = ([] if low == NEGINF else [le(low, value)]) + ([] if high == INF else [le(value, high)])
    _require(inside, wanted, "the value is not shown to lie in the range")
    if fact.prop.data == "int" and not context.is_whole(value):
        raise Rejected("the value must be an integer, and is not known to be one")
    if has_mean(body) and context.is_random(value):
        raise Rejected("the fact speaks of expectations, so it cannot take random values")
    return _theorem(context, open_(fact.prop, value), "instance", (fact, *inside), value=value)


def generalise(fact: Theorem) -> Theorem:
    """What holds for an arbitrary value of the range holds for all."""
    if fact.context.opened is None or fact.context.parent is None:
        raise Rejected("only what is shown for an opened variable can be said of all its values")
    name, kind, low, high = fact.context.opened
    prop = forall(name, kind, low, high, fact.prop)
    return _child(fact, prop, "generalise")


def discharge(fact: Theorem) -> Theorem:
    """What holds under an assumption: the implication, without it."""
    if fact.context.assumed is None or fact.context.surely:
        raise Rejected("there is no assumption to discharge")
    return _child(fact, implies(fact.context.assumed, fact.prop), "discharge")


def _child(fact: Theorem, prop: Term, rule: str, *others: Theorem) -> Theorem:
    """A theorem of the context around the fact's."""
    around = fact.context.parent
    assert around is not None
    around.require_known(prop)
    return Theorem(_KEY, around, prop, rule, (*others, fact), {})


def cut(lemma: Theorem, fact: Theorem) -> Theorem:
    """What holds if the lemma does, which does: on every sample, as nothing random is assumed."""
    context = fact.context.parent
    if context is None or not fact.context.surely or fact.context.assumed != lemma.prop:
        raise Rejected("the lemma is not what was assumed")
    if not context.within(lemma.context) or context.sure is not context:
        raise Rejected("the lemma was shown under assumptions that are not made here")
    return _child(fact, fact.prop, "cut", lemma)


def modus_ponens(context: Context, rule: Theorem, premise: Theorem) -> Theorem:
    """B from A ⇒ B and A."""
    if rule.prop.op != "implies" or rule.prop.args[0] != premise.prop:
        raise Rejected("the premise is not that of the implication")
    return _theorem(context, rule.prop.args[1], "modus_ponens", (rule, premise))


def conjoin(context: Context, *facts: Theorem) -> Theorem:
    return _theorem(context, conjunction(*(fact.prop for fact in facts)), "conjoin", facts)


def conjunct(fact: Theorem, index: int) -> Theorem:
    if fact.prop.op != "and":
        raise Rejected("only a conjunction has parts")
    return _theorem(fact.context, fact.prop.args[index], "conjunct", (fact,), index=index)


def _require(facts: Sequence[Theorem], wanted: Sequence[Term], otherwise: str) -> None:
    if [fact.prop for fact in facts] != list(wanted):
        raise Rejected(otherwise)


# -- equal forms, arithmetic -------------------------------------------------------------------------


def same(context: Context, fact: Theorem, prop: Term, mode: str = "written") -> Theorem:
    """A proposition that has the normal form of a fact."""
    if fact.prop != prop:
        context.require_known(prop)
        here = forms(context, mode)
        if here.statement(fact.prop) != here.statement(prop):
            raise Rejected("the two have different normal forms")
    return _theorem(context, prop, "same", (fact,), mode=mode)


def identity(context: Context, prop: Term, mode: str = "written") -> Theorem:
    """An equation, or a relation between numbers, that is true by normal form."""
    context.require_known(prop)
    here = forms(context, mode)
    true = here.statement(prop) == TRUE
    if not true and not (prop.op == "eq" and here.vanishes(here.margin(prop))):
        raise Rejected("the normal form does not show it")
    return _theorem(context, prop, "identity", mode=mode)


class Unproved(Rejected):
    """The solvers found values that break the goal, or do not know."""

    def __init__(self, opinion: Opinion, translation: Translation) -> None:
        found = opinion.answer == "sat" and not opinion.disagreement
        super().__init__("z3 found values that break it" if found else
                         opinion.detail if opinion.disagreement else
                         f"z3 does not know ({opinion.detail})")
        self.opinion, self.translation = opinion, translation


def arithmetic(context: Context, prop: Term, facts: Sequence[Theorem], limits: tuple[int, int],
               mode: str = "written", whole: bool = False) -> Theorem:
    """What follows from the facts in nonlinear real arithmetic: the solvers find no value that
    satisfies them and breaks it. `limits`: milliseconds for z3 and cvc5.
    """
    for term in (prop, *(fact.prop for fact in facts)):
        context.require_known(term)
    asked, translation = question(context, [fact.prop for fact in facts], prop, mode, whole)
    opinion = both(asked, *limits)
    if opinion.answer != "unsat":
        raise Unproved(opinion, translation)
    needed = [fact for n, fact in enumerate(facts) if f"f{n}" in opinion.core]
    return _theorem(context, prop, "arithmetic", needed, mode=mode, whole=whole, by=opinion.by)


# -- integers, sums ----------------------------------------------------------------------------------


def induction(context: Context, prop: Term, base: Theorem, step: Theorem) -> Theorem:
    """∀ n from lo: P(n), as P(lo) holds, and P(n + 1) if P(n) does on every sample."""
    if prop.op != "all" or prop.data != "int" or prop.args[0] == NEGINF:
        raise Rejected("induction proves a statement about all integers from a lower end on")
    low, high, _ = prop.args
    start = context if high == INF else context.assume(le(low, high))
    if not context.is_whole(low) or not start.within(base.context):
        raise Rejected("induction starts at an integer, where its range is not empty")
    inner = step.context.parent
    if inner is None or inner.opened is None or inner.parent is not context:
        raise Rejected("the step of an induction is shown for an opened integer")
    name, kind, *ends = inner.opened
    before = high if high == INF else add(high, num(-1))
    holds = open_(prop, var(name))
    if (kind, *ends) != ("int", low, before) or not step.context.surely or \
            step.context.assumed != holds:
        raise Rejected("the step of an induction assumes the statement for one number")
    wanted = [open_(prop, low), open_(prop, add(var(name), ONE))]
    _require((base, step), wanted, "base and step are not those of the statement")
    context.require_known(prop)
    return Theorem(_KEY, context, prop, "induction", (base, step), {})


def termwise(fact: Theorem, weight: Theorem | None = None, factor: Term | None = None) -> Theorem:
    """Σ w·l ≤ Σ w·r from l ≤ r and 0 ≤ w, for every index of the range; Σ w·l = Σ w·r from l = r."""
    opened, around = fact.context.opened, fact.context.parent
    if opened is None or around is None or opened[1] != "int" or INF in opened or NEGINF in opened:
        raise Rejected("terms are compared for an opened index of a finite range")
    if fact.prop.op not in ("le", "lt", "eq"):
        raise Rejected("terms are compared by ≤, < or =")
    op = "eq" if fact.prop.op == "eq" else "le"
    if factor is not None and op == "le":
        if weight is None or weight.prop != le(ZERO, factor) or \
                not fact.context.within(weight.context):
            raise Rejected("the weight is not shown to be non-negative")
    name, _, low, high = opened
    sides = [side if factor is None else mul(factor, side) for side in fact.prop.args]
    prop = Term(op, None, tuple(sum_(name, low, high, side) for side in sides))
    around.require_known(prop)
    return Theorem(_KEY, around, prop, "termwise", (fact, *([] if weight is None else [weight])),
                   {"name": name, "weight": factor})


def schema(context: Context, table: str, name: str, args: Mapping[str, Any],
           conditions: Sequence[Theorem]) -> Theorem:
    """An instance of a classical inequality ("known") or of calculus; its conditions are shown."""
    found = make_instance(context, table, name, args)
    _require(conditions, found.conditions, f"the conditions of {name} are not shown")
    return _theorem(context, found.conclusion, table, conditions, name=name, args=dict(args))


def make_instance(context: Context, table: str, name: str, args: Mapping[str, Any]) -> Instance:
    """The instance, with what can be read off its form checked."""
    if table == "known":
        from theory.core.schemas import SCHEMAS as schemas
    else:
        from theory.calculus import SCHEMAS as schemas
    if name not in schemas:
        raise Rejected(f"there is no '{name}' here; there are {', '.join(schemas)}")
    found = schemas[name](**args)
    context.require_known(found.conclusion)
    for term in found.whole:
        context.require_known(term)
        if not context.is_whole(term):
            raise Rejected(f"{text(term)} is not known to be an integer")
    for body, value in found.put:
        if has_mean(body) and context.is_random(value):
            raise Rejected("a random value cannot be put for a variable of what has an expectation")
    return found


def archimedes(fact: Theorem) -> Theorem:
    """y ≤ z, as y ≤ z + C/j for every integer j ≥ 1."""
    prop = fact.prop
    if prop.op == "all" and (prop.data, prop.args[0], prop.args[1]) == ("int", ONE, INF):
        name = "#archimedes"
        body = open_(prop, var(name))
        below = power(var(name), num(-1))
        if body.op == "le" and body.args[1].op == "add" and len(body.args[1].args) == 2:
            y, (z, error) = body.args[0], body.args[1].args
            if error.op == "mul" and error.args[1:] == (below,) and not any(
                    name in term.free for term in (y, z, error.args[0])):
                return _theorem(fact.context, le(y, z), "archimedes", (fact,))
    raise Rejected("the rule takes y ≤ z + C·(1/j) for every integer j ≥ 1")


# -- means -------------------------------------------------------------------------------------------


def mean_monotone(context: Context, fact: Theorem, history: Term | None = None) -> Theorem:
    """E l ≤ E r from l ≤ r (E l = E r from l = r) on every sample."""
    _require_sure(context, history)
    if fact.prop.op not in ("le", "lt", "eq"):
        raise Rejected("monotonicity of E needs an inequality that holds on every sample")
    op = "eq" if fact.prop.op == "eq" else "le"
    prop = Term(op, None, tuple(mean(side, history) for side in fact.prop.args))
    return _theorem(context, prop, "mean_monotone", (fact,), history=history)


def mean_jensen(context: Context, function: Function, point: Term, ends: tuple[Term, Term],
                concave: bool, history: Term | None, conditions: Sequence[Theorem]) -> Theorem:
    """f(E x) ≤ E f(x) for f convex on an interval in which x lies on every sample."""
    _require_sure(context, history)
    wanted = jensen_conditions(context, function, point, ends, concave)
    _require(conditions, wanted, "the conditions of Jensen's inequality are not shown")
    outside, inside = function.at((mean(point, history),)), mean(function.at((point,)), history)
    prop = le(inside, outside) if concave else le(outside, inside)
    return _theorem(context, prop, "mean_jensen", conditions, function=function, point=point,
                    ends=ends, concave=concave, history=history)


def jensen_conditions(context: Context, function: Function, point: Term, ends: tuple[Term, Term],
                      concave: bool) -> list[Term]:
    """The function is convex, not random, and free of means; the point lies in the interval."""
    from theory.core.curvature import convex
    from theory.core.instance import between

    constant_parts = substitute(function.body, dict.fromkeys(function.names, ZERO))
    if has_mean(function.body) or context.is_random(constant_parts):
        raise Rejected("Jensen's function must not itself be random")
    if any(end not in (INF, NEGINF) and context.is_random(end) for end in ends):
        raise Rejected("Jensen's interval must not be random")
    return [*convex(function, *ends, concave), *between(point, *ends)]


def _require_sure(context: Context, history: Term | None) -> None:
    if context.sure is not context:
        raise Rejected("an assumption about some samples says nothing of a mean")
    if history is not None:
        context.require_known(history)
        if context.is_random(history):
            raise Rejected("the step that a mean is taken at must not be random")


# -- other statements --------------------------------------------------------------------------------


def transfer(context: Context, other: Theorem, values: Mapping[str, Term | Function],
             premises: Sequence[Theorem], claim: str = "", part: str = "") -> Theorem:
    """Another statement with values for all its names, which satisfy its hypotheses and domains;
    `claim` and `part` say where it stands.
    """
    wanted = transfer_conditions(context, other, values)
    _require(premises, wanted, "the hypotheses of the other statement are not shown")
    return _theorem(context, substitute(other.prop, values), "transfer", premises,
                    other=other, values=dict(values), claim=claim, part=part)


def transfer_conditions(context: Context, other: Theorem, values: Mapping[str, Term | Function]
                        ) -> list[Term]:
    """Its hypotheses, then the declared signs of its names, for the values."""
    if other.context.parent is not None:
        raise Rejected("only a statement as a whole can be taken over")
    declared, hypotheses = other.context.declared, other.context.hypotheses.values()
    if set(values) != set(declared):
        raise Rejected("each name of the other statement takes one value")
    speaks_of_means = any(has_mean(prop) for prop in (other.prop, *hypotheses))
    if speaks_of_means:
        _require_sure(context, None)
    signs = []
    for name, domain in declared.items():
        sign = _value_condition(context, domain, values[name], values)
        if speaks_of_means:
            _require_as_random(context, name, domain, values[name])
        signs += [] if sign is None else [sign]
    return [*(substitute(prop, values) for prop in hypotheses), *signs]


def _value_condition(context: Context, domain: Declared, value: Term | Function,
                     values: Mapping[str, Term | Function]) -> Term | None:
    """The declared sign of a value, of a sequence's over all its indices; integers by their form."""
    if isinstance(value, Function) != domain.is_sequence:
        raise Rejected("a number and a sequence cannot take each other's place")
    if isinstance(value, Term):
        context.require_known(value)
        _require_whole(context, domain, value)
        return sign_fact(domain.sign, value)
    names = [f"#i{n + 1}" for n in range(len(domain.ranges))]
    body = value.at(tuple(map(var, names)))
    inner = context
    ends = [tuple(substitute(end, values) for end in pair) for pair in domain.ranges]
    for name in names:
        inner = inner.open(name, "int", NEGINF, INF)
    inner.require_known(body)
    _require_whole(inner, domain, body)
    fact = sign_fact(domain.sign, body)
    for name, (low, high) in zip(reversed(names), reversed(ends), strict=True):
        fact = None if fact is None else forall(name, "int", low, high, fact)
    return fact


def _require_whole(context: Context, domain: Declared, value: Term) -> None:
    if domain.kind == "int" and not context.is_whole(value):
        raise Rejected("the value must be an integer, and is not known to be one")


def _require_as_random(context: Context, name: str, domain: Declared, value: Term | Function
                       ) -> None:
    """Under a mean a fixed name stays fixed, and what has a history is that very sequence."""
    body = value.body if isinstance(value, Function) else value
    if not domain.random:
        known = body if isinstance(value, Term) else substitute(
            body, dict.fromkeys(value.names, ZERO))
        if context.is_random(known):
            raise Rejected(f"{name} is under an expectation there and cannot become random")
    elif domain.time is not None:
        here = context.root.declared.get(body.data) if body.op == "entry" else None
        names = value.names if isinstance(value, Function) else ()
        if here is None or body.args != tuple(map(var, names)) or not here.random or \
                (here.time, here.lag) != (domain.time, domain.lag):
            raise Rejected(f"{name} has a history there and can only be a sequence with the same")


def cite(context: Context, prop: Term, reference: str) -> Theorem:
    """What nothing here proves; all that rests on it is proved modulo the reference."""
    return _theorem(context, prop, "cite", reference=reference, cited=frozenset({reference}))


def adopt(context: Context, prop: Term, claim: str, part: str, cited: frozenset[str]) -> Theorem:
    """A part's conclusion that another process of this run has shown."""
    if context.parent is not None:
        raise Rejected("only a statement as a whole is taken over")
    return _theorem(context, prop, "adopt", claim=claim, part=part, cited=cited)


def nodes(theorem: Theorem, seen: set[int] | None = None) -> Iterator[Theorem]:
    """All theorems that one rests on, premises first, each once; other statements not entered, nor
    what was `seen` before.
    """
    seen = set() if seen is None else seen
    todo: list[tuple[Theorem, bool]] = [(theorem, False)]
    while todo:
        here, ready = todo.pop()
        if ready:
            yield here
        elif id(here) not in seen:
            seen.add(id(here))
            todo.append((here, True))
            todo += [(premise, False) for premise in reversed(here.premises)]


__all__ = ["Theorem", "Unproved", "eq", "nodes"]
