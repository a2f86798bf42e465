"""The inferences, one function each: what a node must look like for its proposition to hold.

Unless a rule says otherwise, a premise holds in the context of the node or in one around it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NoReturn

from theory.recheck import entail
from theory.recheck.calculus import between, convex
from theory.recheck.certificate import Node
from theory.recheck.contexts import Context
from theory.recheck.normal import MODES
from theory.recheck.terms import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    binder,
    forall,
    has_all,
    implies,
    le,
    make,
    mul,
    num,
    open_,
    var,
)


class Wrong(Exception):
    """A node is not what its rule allows; the message says why."""


def wrong(why: str) -> NoReturn:
    raise Wrong(why)


def literally(found: Term, wanted: Term, what: str = "the proposition") -> None:
    if found is not wanted:
        wrong(f"{what} is {short(found)} and not {short(wanted)}")


def short(term: Term) -> str:
    text = repr(term)
    return text if len(text) < 300 else f"{text[:200]} … {text[-80:]}"


def premise_props(node: Node, count: int | None = None) -> list[Term]:
    """The premises' propositions, each from this context or one around it."""
    if count is not None and len(node.premises) != count:
        wrong(f"it has {len(node.premises)} premises and not {count}")
    for premise in node.premises:
        if not node.context.within(premise.context):
            wrong(f"its premise {premise.number} holds in another context only")
    return [premise.prop for premise in node.premises]


def child_premise(node: Node, place: int = 0) -> Node:
    """A premise from a child of the node's context."""
    if len(node.premises) <= place:
        wrong("a premise is missing")
    premise = node.premises[place]
    if premise.context.parent is not node.context:
        wrong(f"its premise {premise.number} does not hold in a child of its context")
    return premise


def count_premises(node: Node, count: int) -> None:
    if len(node.premises) != count:
        wrong(f"it has {len(node.premises)} premises and not {count}")


def among(wanted: list[Term], given: list[Term], context: Context) -> str:
    """Whether each condition is one of the premises, or one of them in another form."""
    means = ["literal"]
    for condition in wanted:
        if not any(condition is one for one in given):
            found = entail.first(
                partial(entail.follows, context, one, condition)
                for one in given
                if one.op == condition.op
            )
            means.append(found or wrong(f"no premise is the condition {short(condition)}"))
    return entail.weakest(means) or "literal"


def shown(found: str | None) -> str:
    return found or wrong("it is not shown by normal forms, linear arithmetic or cvc5")


# -- logic -----------------------------------------------------------------------------------------


def hypothesis(node: Node) -> str:
    name = node.data.text("name")
    found = node.context.hypotheses.get(name) or wrong(f"there is no hypothesis '{name}'")
    literally(node.prop, found)
    return "literal"


def given(node: Node) -> str:
    if not any(node.prop is fact for here in node.context.chain() for fact in here.given()):
        wrong(f"{short(node.prop)} is no fact of its context")
    return "literal"


def instance(node: Node) -> str:
    props = premise_props(node)
    if not props or props[0].op != "all":
        wrong("its first premise is not quantified")
    quantified, value = props[0], node.data.term("value")
    low, high, body = quantified.args
    node.context.require_known(value, False)
    if quantified.data == "int" and not node.context.is_whole(value):
        wrong(f"{short(value)} is not an integer by its form")
    if body.means and node.context.is_random(value):
        wrong("a random value is put under a mean")
    ranges = [] if low is NEGINF else [le(low, value)]
    ranges += [] if high is INF else [le(value, high)]
    if len(props) != 1 + len(ranges):
        wrong(f"it has {len(props) - 1} premises for the range and not {len(ranges)}")
    for found, wanted in zip(props[1:], ranges, strict=True):
        literally(found, wanted, "a premise")
    literally(node.prop, open_(quantified, value))
    return "literal"


def generalise(node: Node) -> str:
    premise = child_premise(node)
    count_premises(node, 1)
    if premise.context.opened is None:
        wrong("its premise's context opens no variable")
    name, kind, low, high = premise.context.opened
    literally(node.prop, forall(name, kind, low, high, premise.prop))
    return "literal"


def discharge(node: Node) -> str:
    premise = child_premise(node)
    count_premises(node, 1)
    if premise.context.assumed is None or premise.context.surely:
        wrong("its premise's context assumes nothing")
    literally(node.prop, implies(premise.context.assumed, premise.prop))
    return "literal"


def modus_ponens(node: Node) -> str:
    rule, premise = premise_props(node, 2)
    literally(rule, implies(premise, node.prop), "its first premise")
    return "literal"


def conjoin(node: Node) -> str:
    literally(node.prop, make("and", None, tuple(premise_props(node))))
    return "literal"


def conjunct(node: Node) -> str:
    (premise,), index = premise_props(node, 1), node.data.whole("index")
    if premise.op != "and" or not 0 <= index < len(premise.args):
        wrong("its premise has no such part")
    literally(node.prop, premise.args[index])
    return "literal"


def cut(node: Node) -> str:
    count_premises(node, 2)
    first, second = node.premises
    if not node.context.within(first.context):
        wrong(f"its premise {first.number} holds in another context only")
    if first.context.unsure:
        wrong("its first premise holds on some samples only")
    child_premise(node, 1)
    if not second.context.surely or second.context.assumed is not first.prop:
        wrong("its second premise does not stand on the first one")
    literally(node.prop, second.prop)
    return "literal"


def require_sure(node: Node) -> None:
    if node.context.unsure:
        wrong("its context assumes something random, which holds on some samples only")


# -- arithmetic ------------------------------------------------------------------------------------


def trivial(node: Node) -> str:
    props = premise_props(node)
    return shown(entail.shows(entail.with_premises(node.context, props), node.prop))


def modes(node: Node) -> list[str]:
    """How sums are read: first as the node says, if it says so."""
    said = "least" if node.data.raw.get("least") is True else node.data.raw.get("mode")
    return sorted(MODES, key=lambda mode: mode != said)


def same(node: Node) -> str:
    props = premise_props(node)
    if not props:
        wrong("it has no premise")
    inner = entail.with_premises(node.context, props[1:])
    return shown(entail.follows(inner, props[0], node.prop))


def arithmetic(node: Node) -> str:
    props = [prop for prop in premise_props(node) if not has_all(prop)]
    if has_all(node.prop):
        wrong("it is quantified")
    return shown(entail.arithmetic(node.context, props, node.prop, modes(node)))


# -- integers, sums, means -------------------------------------------------------------------------


def induction(node: Node) -> str:
    count_premises(node, 2)
    prop, (base, step) = node.prop, node.premises
    if prop.op != "all" or prop.data != "int" or prop.args[0] is NEGINF:
        wrong("it is not quantified over integers from a number on")
    low, high = prop.args[:2]
    if not node.context.is_whole(low):
        wrong("its range does not begin with an integer by its form")
    start = node.context if high is INF else node.context.assume(le(low, high))
    if not start.within(base.context):
        wrong("its first premise does not hold where the range is known not to be empty")
    literally(base.prop, open_(prop, low), "its first premise")
    inner = step.context.parent
    if inner is None or inner.opened is None or inner.parent is not node.context:
        wrong("its second premise does not hold in a context of an opened variable")
    name = inner.opened[0]
    last = INF if high is INF else add(high, num(-1))
    if inner.opened[1:] != ("int", low, last):
        wrong("the variable of its second premise has another range")
    before = open_(prop, var(name))
    if not step.context.surely or step.context.assumed is not before:
        wrong("its second premise does not stand on the case before")
    literally(step.prop, open_(prop, add(var(name), ONE)), "its second premise")
    return "literal"


def termwise(node: Node) -> str:
    premise, weight = child_premise(node), node.data.maybe("weight")
    inner = premise.context
    if inner.opened is None or inner.opened[:2] != (node.data.name("name"), "int"):
        wrong("its premise's context opens no index of that name")
    name, _, low, high = inner.opened
    if low is NEGINF or high is INF:
        wrong("a sum has no infinite range")
    if premise.prop.op not in ("le", "lt", "eq"):
        wrong("its premise is no relation that sums keep")
    sides = premise.prop.args
    weighed = weight is not None and premise.prop.op != "eq"
    count_premises(node, 2 if weighed else 1)
    if weight is not None:
        inner.require_known(weight, False)
        if weighed:
            literally(child_premise(node, 1).prop, le(ZERO, weight), "its second premise")
            if node.premises[1].context is not inner:
                wrong("its second premise holds elsewhere")
        sides = tuple(mul(weight, side) for side in sides)
    left, right = (binder("sum", None, name, low, high, side) for side in sides)
    literally(node.prop, make("eq" if premise.prop.op == "eq" else "le", None, (left, right)))
    return "literal"


def mean_monotone(node: Node) -> str:
    (premise,) = premise_props(node, 1)
    require_sure(node)
    if premise.op not in ("le", "lt", "eq"):
        wrong("its premise is no relation that means keep")
    left, right = (mean_of(node, side) for side in premise.args)
    literally(node.prop, make("eq" if premise.op == "eq" else "le", None, (left, right)))
    return "literal"


def mean_of(node: Node, body: Term) -> Term:
    """E of a term, given the history that the node names, if it names one."""
    step = node.data.maybe("history")
    if step is None:
        return make("mean", None, (body,))
    node.context.require_known(step, False)
    if node.context.is_random(step):
        wrong("the step of the history is random")
    return make("mean", None, (body, step))


def mean_jensen(node: Node) -> str:
    require_sure(node)
    data, context = node.data, node.context
    function = Function([data.name("variable")], data.term("body"))
    low, high, point = data.term("lower"), data.term("upper"), data.term("point")
    here = function.at(ZERO)
    for term in (here, point, *(end for end in (low, high) if end not in (INF, NEGINF))):
        context.require_known(term, False)
        if term is not point and context.is_random(term):
            wrong("the function or its interval is random")
    if function.body.means:
        wrong("the function takes a mean itself")
    concave = data.flag("concave")
    wanted = [*convex(function, low, high, concave), *between(point, low, high)]
    means = among(wanted, premise_props(node), context)
    outside, within = function.at(mean_of(node, point)), mean_of(node, function.at(point))
    literally(node.prop, le(within, outside) if concave else le(outside, within))
    return means


def archimedes(node: Node) -> str:
    (premise,) = premise_props(node, 1)
    shape = "its premise is not y ≤ z + c/j for all integers j ≥ 1, with y, z, c free of j"
    if premise.op != "all" or premise.data != "int" or premise.args[:2] != (ONE, INF):
        wrong(shape)
    body = premise.args[2]
    if body.op != "le" or body.args[1].op != "add" or len(body.args[1].args) != 2:
        wrong(shape)
    y, (z, rest) = body.args[0], body.args[1].args
    inverse = make("pow", None, (make("bound", 0), num(-1)))
    if rest.op != "mul" or len(rest.args) != 2 or rest.args[1] is not inverse:
        wrong(shape)
    if any(term.loose for term in (y, z, rest.args[0])):
        wrong(shape)
    literally(node.prop, le(y, z))
    return "literal"


RULES: dict[str, Callable[[Node], str]] = {
    "hypothesis": hypothesis, "given": given, "instance": instance, "generalise": generalise,
    "discharge": discharge, "modus_ponens": modus_ponens, "conjoin": conjoin,
    "conjunct": conjunct, "cut": cut, "trivial": trivial, "identity": trivial, "same": same,
    "arithmetic": arithmetic, "induction": induction, "termwise": termwise,
    "mean_monotone": mean_monotone, "mean_jensen": mean_jensen, "archimedes": archimedes,
}  # fmt: skip
