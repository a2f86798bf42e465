"""One node of each rule that is right, and beside it those that are not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.recheck.builder import Paper, accepted, name, refused
from theory.recheck.calculus import convex
from theory.recheck.terms import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    binder,
    eq,
    fn,
    forall,
    implies,
    le,
    lt,
    make,
    mul,
    num,
    power,
    var,
)

a, b, c, n, i, j, K, X, Y = map(var, "a b c n i j K X Y".split())
DECLARED = {
    "a": name(),
    "b": name(sign="nonnegative"),
    "c": name(sign="positive"),
    "K": name(kind="int", sign="positive"),
    "s": name(sign="nonnegative", ranges=[(ONE, K)]),
    "X": name(random=True),
    "Y": name(random=True),
}
MINUS, HALF = num(-1), num(Fraction(1, 2))


def s(index: Term) -> Term:
    return make("entry", "s", (index,))


def mean(body: Term, *step: Term) -> Term:
    return make("mean", None, (body, *step))


def both(*props: Term) -> Term:
    return make("and", None, props)


def paper(*facts: Term) -> Paper:
    return Paper(DECLARED, {f"h{n}": fact for n, fact in enumerate(facts)})


def stated(*facts: Term) -> Paper:
    """A paper whose first nodes are its hypotheses."""
    page = paper(*facts)
    for number, fact in enumerate(facts):
        page.node("hypothesis", fact, name=f"h{number}")
    return page


def one(rule: str, prop: Term, *facts: Term, **data: Any) -> Paper:
    """A paper with one node that rests on its hypotheses."""
    page = stated(*facts)
    page.node(rule, prop, range(len(facts)), **data)
    return page.part(prop)


# -- logic -----------------------------------------------------------------------------------------


def test_hypothesis() -> None:
    page = paper(le(a, b))
    page.node("hypothesis", le(a, b), name="h0")
    accepted(page.part(le(a, b)))
    page = paper(le(a, b))
    page.node("hypothesis", le(b, a), name="h0")
    refused(page.part(le(b, a)), "node 0 (hypothesis)")


def opened(rule: str, prop: Term, goal: Term, rest: str = "generalise") -> Paper:
    page = paper()
    page.open("n", "int", ONE, K)
    page.node(rule, prop, context=1)
    page.node(rest, goal, [0])
    return page.part(goal)


def test_given_and_generalise() -> None:
    accepted(opened("given", le(n, K), forall("n", "int", ONE, K, le(n, K))))
    refused(opened("given", le(n, a), forall("n", "int", ONE, K, le(n, a))), "no fact")
    refused(opened("given", le(n, K), forall("n", "int", ONE, INF, le(n, K))), "the proposition is")
    refused(opened("given", le(n, K), forall("n", "real", ONE, K, le(n, K))), "the proposition is")


def test_a_variable_of_an_assumption_around_cannot_be_generalised() -> None:
    page = paper()
    page.open("n", "int", ONE, K)
    page.assume(le(n, a), 1)
    page.node("given", le(n, a), context=2)
    page.node("generalise", forall("n", "int", ONE, K, le(n, a)), [0])
    refused(page.part(forall("n", "int", ONE, K, le(n, a))), "not hold in a child")
    page = paper()
    page.assume(le(n, a))
    page.open("n", "int", ONE, K, 1)
    page.node("given", le(n, a), context=2)
    refused(page.part(le(a, b)), "context 1: n is not declared")


def test_a_name_is_opened_once() -> None:
    page = paper()
    page.open("n", "int", ONE, K)
    page.open("n", "int", ONE, K, 1)
    page.node("given", le(n, K), context=2)
    refused(page.part(le(a, b)), "already in use")


def test_a_range_is_not_random() -> None:
    page = paper()
    page.open("n", "real", ZERO, X)
    page.node("given", le(n, X), context=1)
    refused(page.part(le(a, b)), "is random")


def test_instance() -> None:
    fact, start, end = forall("n", "int", ONE, K, le(s(n), a)), le(ONE, ONE), le(ONE, K)
    accepted(one("instance", le(s(ONE), a), fact, start, end, value=ONE))
    refused(one("instance", le(s(ONE), a), fact, start, value=ONE), "premises for the range")
    refused(one("instance", le(s(K), a), fact, start, end, value=ONE), "the proposition is")
    refused(one("instance", le(s(a), a), fact, le(ONE, a), le(a, K), value=a), "an integer")


def test_instance_takes_no_random_value_under_a_mean() -> None:
    fact = forall("n", "real", NEGINF, INF, le(mean(mul(n, X)), n))
    accepted(one("instance", le(mean(mul(a, X)), a), fact, value=a))
    refused(one("instance", le(mean(mul(Y, X)), Y), fact, value=Y), "random value")
    plain = forall("n", "real", NEGINF, INF, le(mul(n, n), n))
    accepted(one("instance", le(mul(Y, Y), Y), plain, value=Y))


def test_discharge_and_modus_ponens() -> None:
    page = paper()
    page.assume(le(a, b))
    page.node("given", le(a, b), context=1)
    page.node("discharge", implies(le(a, b), le(a, b)), [0])
    accepted(page.part(implies(le(a, b), le(a, b))))
    page = paper()
    page.assume(le(a, b), surely=True)
    page.node("given", le(a, b), context=1)
    page.node("discharge", implies(le(a, b), le(a, b)), [0])
    refused(page.part(implies(le(a, b), le(a, b))), "assumes nothing")
    accepted(one("modus_ponens", le(c, a), implies(le(a, b), le(c, a)), le(a, b)))
    refused(one("modus_ponens", le(c, a), implies(le(a, b), le(c, a)), le(b, a)), "first premise")


def test_what_is_assumed_elsewhere_is_no_premise() -> None:
    page = paper()
    page.assume(le(a, b))
    page.node("given", le(a, b), context=1)
    page.node("same", le(a, b), [0])
    refused(page.part(le(a, b)), "another context")


def test_conjunctions() -> None:
    accepted(one("conjoin", both(le(a, b), le(b, c)), le(a, b), le(b, c)))
    refused(one("conjoin", both(le(b, c), le(a, b)), le(a, b), le(b, c)), "the proposition is")
    accepted(one("conjunct", le(b, c), both(le(a, b), le(b, c)), index=1))
    refused(one("conjunct", le(a, b), both(le(a, b), le(b, c)), index=1), "the proposition is")
    refused(one("conjunct", le(a, b), both(le(a, b), le(b, c)), index=2), "no such part")


def test_premises_come_before() -> None:
    page = paper()
    page.node("same", le(ZERO, b), [0])
    refused(page.part(le(ZERO, b)), "does not come before")


def cut(prop: Term, assumed: Term | None = None, surely: Term | None = None) -> Paper:
    page = paper()
    around = page.assume(assumed) if assumed is not None else 0
    page.node("trivial", le(ZERO, b), context=around)
    below = page.assume(surely or le(ZERO, b), around, surely=True)
    page.node("same", le(MINUS, b), [0], context=below)
    page.node("cut", prop, [0, 1], context=around)
    return page.part(prop)


def test_cut() -> None:
    accepted(cut(le(MINUS, b)))
    refused(cut(le(num(-2), b)), "the proposition is")
    refused(cut(le(MINUS, b), surely=le(ZERO, c)), "does not stand on")
    refused(cut(le(MINUS, b), assumed=le(X, a)), "some samples only")


# -- arithmetic ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (le(ZERO, mul(b, c)), le(ZERO, mul(a, c))),
        (lt(ZERO, add(b, c)), lt(ZERO, b)),
        (le(ZERO, power(a, num(2))), le(ZERO, power(a, num(3)))),
        (le(ONE, K), le(num(2), K)),
        (forall("n", "int", ONE, K, le(ZERO, s(n))), forall("n", "int", ZERO, K, le(ZERO, s(n)))),
        (implies(le(a, b), le(a, add(b, c))), implies(le(a, b), le(b, add(a, c)))),
        (le(ZERO, binder("sum", None, "n", ONE, K, s(n))),
         lt(ZERO, binder("sum", None, "n", ONE, K, s(n)))),
        (make("or", None, (le(a, b), lt(b, a))), make("or", None, (lt(a, b), lt(b, a)))),
    ],
)  # fmt: skip
def test_trivial(right: Term, wrong: Term) -> None:
    accepted(one("trivial", right))
    refused(one("trivial", wrong), "not shown")


def total(low: Term, high: Term, body: Term) -> Term:
    return binder("sum", None, "i", low, high, body)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (eq(mul(c, power(c, MINUS)), ONE), eq(mul(a, power(a, MINUS)), ONE)),
        (eq(power(mul(b, b), HALF), b), eq(power(mul(a, a), HALF), a)),
        (eq(power(mul(b, c), HALF), mul(power(b, HALF), power(c, HALF))), eq(mul(b, b), b)),
        (eq(total(ONE, add(K, ONE), i), add(K, ONE, total(ONE, K, i))),
         eq(total(ONE, K, i), add(K, total(ONE, add(K, num(-2)), i)))),
        (eq(total(ONE, K, ONE), K), eq(total(ONE, K, ONE), add(K, ONE))),
        (eq(total(ZERO, add(K, MINUS), s(add(i, ONE))), total(ONE, K, s(i))),
         eq(total(ZERO, K, s(add(i, ONE))), total(ONE, K, s(i)))),
        (eq(power(c, add(K, MINUS)), mul(power(c, K), power(c, MINUS))),
         eq(power(a, ZERO), mul(power(a, K), power(a, mul(MINUS, K))))),
        (eq(mean(add(X, mul(a, Y))), add(mean(X), mul(a, mean(Y)))),
         eq(mean(mul(X, Y)), mul(mean(X), mean(Y)))),
        (eq(fn("log", mul(c, K)), add(fn("log", c), fn("log", K))),
         eq(fn("log", mul(b, K)), add(fn("log", b), fn("log", K)))),
    ],
)  # fmt: skip
def test_identity(right: Term, wrong: Term) -> None:
    accepted(one("identity", right))
    refused(one("identity", wrong), "")


def test_same() -> None:
    accepted(one("same", le(mul(c, a), mul(c, b)), le(a, b)))
    refused(one("same", le(mul(a, a), mul(a, b)), le(a, b)), "not shown")
    fact = forall("n", "int", ONE, K, both(le(a, s(n)), lt(s(n), b)))
    accepted(one("same", forall("n", "int", ONE, K, both(lt(ZERO, add(b, mul(MINUS, s(n)))),
                                                          le(a, s(n)))), fact))  # fmt: skip
    refused(one("same", forall("n", "int", ZERO, K, le(a, s(n))), fact), "")
    refused(one("same", forall("n", "int", ONE, K, le(s(n), a)), fact), "")


def test_an_implication_follows_from_a_weaker_premise_only() -> None:
    fact = implies(le(a, b), le(c, a))
    accepted(one("same", implies(le(a, add(b, MINUS)), le(c, a)), fact))
    refused(one("same", implies(le(a, add(b, ONE)), le(c, a)), fact), "not shown")


def test_arithmetic() -> None:
    square = le(mul(num(2), a, b), add(power(a, num(2)), power(b, num(2))))
    accepted(one("arithmetic", square))
    accepted(one("arithmetic", le(power(a, num(2)), power(b, num(2))), le(ZERO, a), le(a, b)))
    refused(one("arithmetic", le(power(a, num(2)), power(b, num(2))), le(a, b)), "not shown")
    refused(one("arithmetic", lt(mul(num(2), a, b), add(power(a, num(2)), power(b, num(2))))), "")
    refused(one("arithmetic", forall("n", "int", ONE, K, le(ZERO, s(n)))), "quantified")


def test_composite_bases_are_opaque_numbers() -> None:
    base = add(power(a, num(2)), c)
    root = power(base, HALF)
    accepted(one("arithmetic", le(mul(base, power(base, num(Fraction(-1, 2)))), add(root, b))))
    mixed = le(mean(mul(X, X)), power(add(power(X, num(2)), c), num(2)))
    refused(one("arithmetic", mixed), "not shown")


# -- integers and sums -----------------------------------------------------------------------------


def bernoulli(t: Term) -> Term:
    return le(add(ONE, mul(t, c)), power(add(ONE, c), t))


def induction(
    prop: Term, high: Term = INF, base: Term = ZERO, surely: bool = True, last: Term | None = None
) -> Paper:
    page = paper()
    start = 0 if high is INF else page.assume(le(ZERO, high))
    page.node("trivial", bernoulli(base), context=start)
    inner = page.open("n", "int", ZERO, last or (INF if high is INF else add(high, MINUS)))
    case = page.assume(bernoulli(n), inner, surely=surely)
    page.node("given", bernoulli(n), context=case)
    page.node("arithmetic", bernoulli(add(n, ONE)), [1], context=case)
    page.node("induction", prop, [0, 2])
    return page.part(prop)


def test_induction() -> None:
    every = forall("n", "int", ZERO, INF, bernoulli(n))
    accepted(induction(every))
    accepted(induction(forall("n", "int", ZERO, K, bernoulli(n)), K))
    refused(induction(every, base=ONE), "first premise")
    refused(induction(every, surely=False), "does not stand on")
    refused(induction(forall("n", "int", ZERO, K, bernoulli(n)), K, last=K), "another range")
    refused(induction(forall("n", "int", ZERO, a, bernoulli(n)), K), "")
    refused(induction(forall("n", "real", ZERO, INF, bernoulli(n))), "integers")


def termwise(prop: Term, weight: Term | None, positive: Term | None = None) -> Paper:
    page = paper(forall("i", "int", ONE, K, le(s(i), i)))
    page.node("hypothesis", forall("i", "int", ONE, K, le(s(i), i)), name="h0")
    inner = page.open("i", "int", ONE, K)
    page.node("given", le(ONE, i), context=inner)
    page.node("given", le(i, K), context=inner)
    page.node("instance", le(s(i), i), [0, 1, 2], context=inner, value=i)
    page.node("trivial", positive or le(ZERO, weight or ONE), context=inner)
    page.node("termwise", prop, [3, 4] if weight else [3], name="i", weight=weight)
    return page.part(prop)


def test_termwise() -> None:
    accepted(termwise(le(total(ONE, K, s(i)), total(ONE, K, i)), None))
    weighed = le(total(ONE, K, mul(b, s(i))), total(ONE, K, mul(b, i)))
    accepted(termwise(weighed, b))
    refused(termwise(weighed, b, le(ZERO, c)), "second premise")
    negative = le(total(ONE, K, mul(a, s(i))), total(ONE, K, mul(a, i)))
    refused(termwise(negative, a), "not shown")
    shorter = add(K, MINUS)
    refused(termwise(le(total(ONE, shorter, s(i)), total(ONE, shorter, i)), None), "proposition")
    refused(termwise(le(total(ONE, K, i), total(ONE, K, s(i))), None), "the proposition is")


# -- means -----------------------------------------------------------------------------------------


def monotone(assumed: Term | None = None, surely: bool = False, history: Term | None = None) -> Paper:
    page = paper(le(X, Y))
    page.node("hypothesis", le(X, Y), name="h0")
    around = page.assume(assumed, surely=surely) if assumed is not None else 0
    steps = () if history is None else (history,)
    goal = le(mean(X, *steps), mean(Y, *steps))
    page.node("mean_monotone", goal, [0], context=around, history=history)
    if assumed is None:
        return page.part(goal)
    page.node("trivial", le(ZERO, b))
    return page.part(le(ZERO, b))


def test_mean_monotone() -> None:
    accepted(monotone())
    accepted(monotone(history=K))
    accepted(monotone(le(a, b)))
    accepted(monotone(le(X, a), surely=True))
    refused(monotone(le(X, a)), "some samples only")
    refused(monotone(history=X), "random")


def test_inside_a_mean_what_is_assumed_of_a_sample_says_nothing() -> None:
    size = eq(mean(fn("abs", X)), mean(X))
    page = paper()
    page.assume(le(ZERO, X))
    page.node("identity", size, context=1)
    page.node("discharge", implies(le(ZERO, X), size), [0])
    refused(page.part(implies(le(ZERO, X), size)), "not shown")
    accepted(one("identity", eq(fn("abs", c), c)))
    page = paper(le(ZERO, X))
    page.node("identity", size)
    accepted(page.part(size))


def test_below_such_an_assumption_surely_is_no_more() -> None:
    size = eq(mean(fn("abs", X)), mean(X))
    page = paper()
    page.assume(le(ZERO, X))
    page.assume(le(ZERO, X), 1, surely=True)
    page.node("identity", size, context=2)
    refused(page.part(size), "not shown")


def jensen(concave: bool = False, body: Term | None = None, point: Term = X) -> Paper:
    x = var("x")
    body = body or power(x, num(2))
    page = paper()
    wanted = convex(Function(["x"], body), NEGINF, INF, concave)
    for prop in wanted:
        page.node("trivial", prop)
    f = Function(["x"], body)
    sides = f.at(mean(point)), mean(f.at(point))
    goal = le(*(sides[::-1] if concave else sides))
    page.node("mean_jensen", goal, range(len(wanted)), variable="x", body=body, point=point,
              lower=NEGINF, upper=INF, concave=concave, history=None)  # fmt: skip
    return page.part(goal)


def test_mean_jensen() -> None:
    accepted(jensen())
    refused(jensen(concave=True), "not shown")
    refused(jensen(body=mul(Y, power(var("x"), num(2)))), "")


def test_the_tower() -> None:
    declared = {
        "K": name(kind="int", sign="positive"),
        "x": name(ranges=[(ONE, K)], random=True, time=0, lag=0),
        "g": name(ranges=[(ONE, K)], random=True, time=0, lag=1),
    }

    def entry(which: str, at: Term) -> Term:
        return make("entry", which, (at,))

    def page(prop: Term) -> Paper:
        found = Paper(declared)
        found.node("identity", prop)
        return found.part(prop)

    x, g = entry("x", K), entry("g", K)
    accepted(page(eq(mean(mean(g, K)), mean(g))))
    accepted(page(eq(mean(mul(x, g), K), mul(x, mean(g, K)))))
    accepted(page(eq(mean(mul(x, mean(g, K))), mean(mul(x, g)))))
    refused(page(eq(mean(mul(g, g), K), mul(g, mean(g, K)))), "not shown")
    refused(page(eq(mean(mul(x, g), add(K, MINUS)), mul(x, mean(g, add(K, MINUS))))), "")
    refused(page(eq(mean(mul(g, mean(g, K))), mean(mul(g, g)))), "not shown")


# -- limits, known inequalities ----------------------------------------------------------------------


def archimedes(error: Term) -> Paper:
    fact = forall("j", "int", ONE, INF, le(a, add(b, mul(error, power(j, MINUS)))))
    return one("archimedes", le(a, b), fact)


def test_archimedes() -> None:
    accepted(archimedes(c))
    refused(archimedes(j), "free of j")
    refused(one("archimedes", le(a, c), forall("j", "int", ONE, INF, le(
        a, add(b, mul(c, power(j, MINUS)))))), "the proposition is")  # fmt: skip
    fact = forall("j", "int", ONE, K, le(a, add(b, mul(c, power(j, MINUS)))))
    refused(one("archimedes", le(a, b), fact), "free of j")


def known(schema: str, prop: Term, *conditions: Term, **args: Any) -> Paper:
    return one("known", prop, *conditions, name=schema, args=args)


def test_cauchy_schwarz() -> None:
    args = {"a": s(i), "b": i, "weight": c, "index": "i", "lower": ONE, "upper": K}
    two = num(2)
    goal = le(power(total(ONE, K, mul(c, s(i), i)), two),
              mul(total(ONE, K, mul(c, power(s(i), two))), total(ONE, K, mul(c, power(i, two)))))
    accepted(known("cauchy_schwarz", goal, forall("i", "int", ONE, K, le(ZERO, c)), **args))
    refused(known("cauchy_schwarz", goal, **args), "no premise is the condition")
    refused(known("cauchy_schwarz", goal, **{**args, "index": "K"}), "already in use")


def test_term_below_sum() -> None:
    args = {"a": s(i), "at": K, "index": "i", "lower": ONE, "upper": K}
    conditions = (forall("i", "int", ONE, K, le(ZERO, s(i))), le(ONE, K), le(K, K))
    goal = le(s(K), total(ONE, K, s(i)))
    accepted(known("term_below_sum", goal, *conditions, **args))
    refused(known("term_below_sum", goal, *conditions[1:], **args), "no premise")
    refused(known("term_below_sum", le(s(a), total(ONE, K, s(i))), **{**args, "at": a}), "integer")


def test_swaps_capture_nothing() -> None:
    args = {"a": mul(i, j), "outer": "j", "inner": "i", "lower": ONE, "upper": K}
    goal = eq(binder("sum", None, "j", ONE, K, total(ONE, add(j, MINUS), mul(i, j))),
              total(ONE, K, binder("sum", None, "j", add(i, ONE), K, mul(i, j))))
    accepted(known("swap_triangle", goal, **args))
    refused(known("swap_triangle", goal, **{**args, "upper": j}), "holds an index")
    refused(known("swap_triangle", goal, **{**args, "inner": "j"}), "one name")


def test_last_term() -> None:
    args = {"a": s(i), "index": "i", "lower": ONE, "upper": K}
    goal = eq(total(ONE, K, s(i)), add(total(ONE, add(K, MINUS), s(i)), s(K)))
    accepted(known("last_term", goal, le(ONE, K), **args))
    refused(known("last_term", goal, **args), "no premise")
    refused(known("last_term", goal, le(ONE, K), **{**args, "upper": b}), "integer")


@pytest.mark.parametrize(
    ("schema", "goal", "conditions", "args"),
    [
        ("exp_tangent", le(add(ONE, a), fn("exp", a)), [], {"x": a}),
        ("exp_increasing", le(fn("exp", a), fn("exp", b)), [le(a, b)], {"low": a, "high": b}),
        ("log_increasing", le(fn("log", c), fn("log", b)), [lt(ZERO, c), le(c, b)],
         {"low": c, "high": b}),
        ("log_tangent", le(fn("log", c), add(c, MINUS)), [lt(ZERO, c)], {"x": c}),
    ],
)  # fmt: skip
def test_exp_and_log(schema: str, goal: Term, conditions: list[Term], args: dict[str, Any]) -> None:
    accepted(known(schema, goal, *conditions, **args))
    refused(known(schema, make(goal.op, None, goal.args[::-1]), *conditions, **args), "proposition")
    if conditions:
        refused(known(schema, goal, *conditions[1:], **args), "no premise")


def test_there_is_no_other_rule() -> None:
    refused(one("believe", le(a, b)), "no such rule")
    refused(one("known", le(a, b), name="believe", args={}), "no known inequality")
