"""What is looked at beyond a node: other claims and parts, the statement, the certificate itself."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from tests.recheck.builder import Paper, accepted, checked, name, refused
from theory.recheck import recheck_claim
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

a, b, c, n, K, X, x, i = map(var, "a b c n K X x i".split())
MINUS, TWO, HALF = num(-1), num(2), num(Fraction(1, 2))


def entry(which: str, *at: Term) -> Term:
    return make("entry", which, at)


def mean(body: Term, *step: Term) -> Term:
    return make("mean", None, (body, *step))


# -- transfer ----------------------------------------------------------------------------------------


def other() -> Paper:
    """0 ≤ r·x for r, x ≥ 0, if r ≤ 1."""
    page = Paper(
        {"r": name(sign="nonnegative"), "x": name(sign="nonnegative")},
        {"small": le(var("r"), ONE)},
        "other",
    )
    page.node("trivial", le(ZERO, mul(var("r"), x)))
    return page.part(le(ZERO, mul(var("r"), x)))


def transfer(goal: Term, *premises: Term, hypotheses: tuple[Term, ...] = (), **values: Any) -> Paper:
    declared = {
        "a": name(), "b": name(sign="nonnegative"), "X": name(random=True),
        "K": name(kind="int", sign="positive"),
        "g": name(ranges=[(ONE, K)], random=True, time=0, lag=1),
        "h": name(ranges=[(ONE, K)], random=True, time=0, lag=0),
    }  # fmt: skip
    page = Paper(declared, {f"h{n}": h for n, h in enumerate(hypotheses)}, uses=["other"])
    for number, prop in enumerate(premises):
        if prop in hypotheses:
            page.node("hypothesis", prop, name=f"h{hypotheses.index(prop)}")
        else:
            page.node("trivial", prop)
        assert number == len(page.nodes) - 1
    page.node("transfer", goal, range(len(premises)), claim="other", part="part", values=values)
    return page.part(goal)


def test_transfer() -> None:
    good = (le(HALF, ONE), le(ZERO, HALF), le(ZERO, b))
    goal = le(ZERO, mul(HALF, b))
    accepted(transfer(goal, *good, r=HALF, x=b), other())
    refused(transfer(goal, *good[1:], r=HALF, x=b), "premises", other())
    refused(transfer(goal, *good[:2], r=HALF, x=b), "premises", other())
    refused(transfer(le(ZERO, mul(HALF, a)), *good, r=HALF, x=a), "a premise is", other())
    refused(transfer(goal, *good, r=HALF), "not every name", other())
    refused(transfer(goal, *good, r=HALF, x=b), "no certificate of other")
    broken = other()
    broken.nodes, broken.parts[0]["nodes"][0]["rule"] = [], "given"
    refused(transfer(goal, *good, r=HALF, x=b), "not right", broken)


def about_means(random: bool, **how: Any) -> Paper:
    """E(r + x) = E r + x."""
    declared = {"r": name(random=True, **how), "x": name(random=random)}
    r = entry("r", ONE) if how else var("r")
    page = Paper(declared, claim="other")
    goal = eq(mean(add(r, x)), add(mean(r), x if not random else mean(x)))
    page.node("identity", goal)
    return page.part(goal)


def test_under_a_mean_a_fixed_name_stays_fixed() -> None:
    goal = eq(mean(add(X, a)), add(mean(X), a))
    accepted(transfer(goal, r=X, x=a), about_means(False))
    goal = eq(mean(add(X, X)), add(mean(X), X))
    refused(transfer(goal, r=X, x=X), "random, and a mean is taken", about_means(False))
    goal = eq(mean(add(X, X)), add(mean(X), mean(X)))
    accepted(transfer(goal, r=X, x=X), about_means(True))


def test_a_history_goes_to_a_sequence_with_the_same() -> None:
    how = {"ranges": [(ONE, TWO)], "time": 0, "lag": 1}

    def page(which: str, body: Term | None = None) -> Paper:
        at = Function(["n"], body or entry(which, n))
        hypothesis = le(ONE, K)
        goal = eq(mean(add(at.at(ONE), a)), add(mean(at.at(ONE)), a))
        return transfer(goal, hypotheses=(hypothesis,), r=at, x=a)

    accepted(page("g"), about_means(False, **how))
    refused(page("h"), "another history", about_means(False, **how))
    refused(page("g", add(entry("g", n), ONE)), "no sequence", about_means(False, **how))
    refused(page("g", entry("g", add(n, ZERO))), "no sequence", about_means(False, **how))


def test_a_mean_is_not_transferred_to_some_samples() -> None:
    goal = eq(mean(add(X, a)), add(mean(X), a))
    page = transfer(goal, r=X, x=a)
    page.contexts, page.nodes = page.parts[0]["contexts"], page.parts[0]["nodes"]
    page.assume(le(X, a))
    page.nodes[0]["context"] = 1
    refused(page, "something random is assumed", about_means(False))


def test_circles_are_refused() -> None:
    one, two = other(), other()
    one.claim, one.uses, two.claim, two.uses = "one", ["two"], "two", ["one"]
    certificates = {p.claim: p.certificate() for p in (one, two)}
    found = recheck_claim(certificates["one"], certificates)
    assert not found.ok and "circle" in found.problem


def test_a_claim_is_rechecked_once() -> None:
    done: dict[str, Any] = {}
    certificates = {"other": other().certificate()}
    good = (le(HALF, ONE), le(ZERO, HALF), le(ZERO, b))
    page = transfer(le(ZERO, mul(HALF, b)), *good, r=HALF, x=b).certificate()
    assert recheck_claim(page, certificates, done).ok
    assert recheck_claim(page, {}, done).ok and set(done) == {"other", "claim"}


# -- parts, citations ------------------------------------------------------------------------------


def two_parts(second: dict[str, Term], cited: tuple[str, ...] = ()) -> Paper:
    page = Paper({"a": name(), "b": name()}, {})
    page.node("cite", le(a, b), reference="a book")
    page.part(le(a, b), "first", {"one": le(ZERO, a)}, ["a book"])
    page.node("part", le(a, b), part="first")
    return page.part(le(a, b), "second", second, cited)


def test_an_earlier_part_holds_under_its_hypotheses() -> None:
    found = accepted(two_parts({"renamed": le(ZERO, a), "more": le(b, ONE)}, ("a book",)))
    assert found.cited == ("a book",)
    refused(two_parts({"renamed": le(ZERO, b)}, ("a book",)), "no hypothesis here")
    refused(two_parts({"one": le(ZERO, a)}), "cites what this part does not say")


def test_a_citation_is_said() -> None:
    page = Paper({"a": name()})
    page.node("cite", le(a, ONE), reference="a book")
    refused(page.part(le(a, ONE)), "does not say that it cites")


def test_the_last_node_is_the_conclusion() -> None:
    page = Paper({"b": name(sign="nonnegative")})
    page.node("trivial", le(ZERO, b))
    refused(page.part(le(MINUS, b)), "last node is not its conclusion")
    page = Paper({"b": name(sign="nonnegative"), "c": name()})
    page.assume(le(b, c))
    page.node("given", le(b, c), context=1)
    refused(page.part(le(b, c)), "last node is not its conclusion")


# -- the statement -------------------------------------------------------------------------------------


def statement(conclusion: Term, *hypotheses: Term) -> Paper:
    """A claim whose conclusion is also its last hypothesis: only the statement is of interest."""
    declared = {
        "a": name(), "b": name(sign="nonnegative"), "c": name(sign="positive"),
        "K": name(kind="int", sign="positive"), "X": name(random=True),
        "s": name(ranges=[(ONE, K)]),
    }  # fmt: skip
    page = Paper(declared, {f"h{n}": h for n, h in enumerate(hypotheses)})
    page.node("cite", conclusion, reference="a book")
    return page.part(conclusion, cited=["a book"])


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (le(power(c, MINUS), a), le(power(b, MINUS), a)),
        (le(power(b, HALF), a), le(power(a, HALF), a)),
        (le(power(c, num(Fraction(-1, 2))), a), le(power(b, num(Fraction(-1, 2))), a)),
        (le(power(a, K), a), le(power(a, add(K, num(-2))), a)),
        (le(power(c, a), a), le(power(b, a), a)),
        (le(fn("log", c), a), le(fn("log", b), a)),
        (le(fn("gamma", c), a), le(fn("gamma", a), a)),
        (le(entry("s", K), a), le(entry("s", add(K, ONE)), a)),
        (le(entry("s", ONE), a), le(entry("s", c), a)),
        (le(binder("sum", None, "i", ONE, add(K, MINUS), i), a),
         le(binder("sum", None, "i", ONE, add(K, num(-2)), i), a)),
        (forall("n", "int", ONE, K, le(power(n, MINUS), a)),
         forall("n", "int", ZERO, K, le(power(n, MINUS), a))),
        (implies(lt(ZERO, a), le(power(a, MINUS), b)), implies(lt(a, b), le(power(a, MINUS), b))),
        (forall("n", "int", ONE, K, le(a, b)), forall("n", "int", ONE, c, le(a, b))),
        (le(mean(X), a), le(mean(a), a)),
        (le(mean(X, K), X), le(mean(X, X), X)),
        (implies(lt(ZERO, X), le(power(X, MINUS), a)),
         implies(lt(ZERO, X), le(mean(power(X, MINUS)), a))),
        (le(binder("integral", None, "x", ZERO, ONE, power(x, MINUS)), a),
         le(binder("integral", None, "x", MINUS, ONE, power(x, MINUS)), a)),
    ],
)  # fmt: skip
def test_a_statement_speaks_of_no_value_by_convention(right: Term, wrong: Term) -> None:
    accepted(statement(right))
    refused(statement(wrong), "part 'part'")


def test_a_hypothesis_makes_sense_under_those_before_it() -> None:
    accepted(statement(le(a, b), lt(ZERO, a), le(power(a, MINUS), b)))
    refused(statement(le(a, b), le(power(a, MINUS), b), lt(ZERO, a)), "hypothesis 'h0'")


# -- calculus ----------------------------------------------------------------------------------------


def calculus(schema: str, goal: Term, conditions: tuple[Term, ...], /, **args: Any) -> Paper:
    page = Paper({"a": name(), "c": name(sign="positive")}, {})
    for condition in conditions:
        page.node("trivial", condition)
    page.node("calculus", goal, range(len(conditions)), name=schema, args=args)
    page.node("cite", le(a, c), reference="a book")
    return page.part(le(a, c), cited=["a book"])


def integral(low: Term, high: Term, body: Term) -> Term:
    return binder("integral", None, "x", low, high, body)


def test_fundamental() -> None:
    whole = integral(ZERO, ONE, mul(TWO, x))
    area = Function(["x"], power(x, TWO))
    value = add(power(ONE, TWO), mul(MINUS, power(ZERO, TWO)))
    slope = forall("x", "real", ZERO, ONE, eq(mul(TWO, x), mul(TWO, x)))
    conditions = (le(ZERO, ONE), slope)
    args = {"integral": whole, "functions": [area], "points": []}
    accepted(calculus("fundamental", eq(whole, value), conditions, **args))
    refused(calculus("fundamental", eq(whole, value), conditions[1:], **args), "no premise")
    refused(calculus("fundamental", eq(whole, ONE), conditions, **args), "the proposition is")
    wrong = {**args, "functions": [Function(["x"], power(x, num(3)))]}
    refused(calculus("fundamental", eq(whole, value), conditions, **wrong), "")


def test_monotone() -> None:
    goal = forall("x", "real", NEGINF, INF, le(ZERO, power(x, TWO)))
    at_base = le(ZERO, add(power(ZERO, TWO), mul(MINUS, ZERO)))
    slope = mul(TWO, x)
    right = forall("x", "real", NEGINF, INF, implies(lt(ZERO, x), le(ZERO, slope)))
    left = forall("x", "real", NEGINF, INF, implies(lt(x, ZERO), le(slope, ZERO)))
    conditions = (at_base, right, left)
    accepted(calculus("monotone_goal", goal, conditions, goal=goal, base=ZERO))
    for fewer in (conditions[:1], conditions[:2]):
        refused(calculus("monotone_goal", goal, fewer, goal=goal, base=ZERO), "no premise")
    elsewhere = calculus("monotone_goal", goal, conditions, goal=goal, base=MINUS)
    refused(elsewhere, "no premise")


def test_limits() -> None:
    function = mul(add(mul(TWO, x), ONE), power(add(x, num(5)), MINUS))
    limit = binder_limit(function)
    accepted(calculus("rational_limit", eq(limit, TWO), (), limit=limit))
    refused(calculus("rational_limit", eq(limit, ONE), (), limit=limit), "the proposition is")
    grows = binder_limit(power(x, TWO))
    refused(calculus("rational_limit", eq(grows, ONE), (), limit=grows), "no limit")


def binder_limit(body: Term) -> Term:
    from theory.recheck.terms import close

    return make("limit", "+-", (INF, close(body, "x")))


def test_interval() -> None:
    goal = forall("x", "real", ZERO, ONE, lt(power(x, TWO), TWO))
    accepted(calculus("interval", goal, (), goal=goal))
    false = forall("x", "real", ZERO, TWO, lt(power(x, TWO), TWO))
    refused(calculus("interval", false, (), goal=false, boxes=100), "not seen")
    other_goal = forall("x", "real", ZERO, ONE, le(power(x, TWO), TWO))
    refused(calculus("interval", other_goal, (), goal=goal), "the proposition is")
    pole = forall("x", "real", MINUS, ONE, le(mul(x, power(x, MINUS)), ONE))
    refused(calculus("interval", pole, (), goal=pole, boxes=100), "not seen")
    free = forall("x", "real", ZERO, ONE, le(x, a))
    refused(calculus("interval", free, (), goal=free), "in its quantified variables alone")


def test_gamma_and_powers() -> None:
    goal = eq(fn("gamma", add(c, ONE)), mul(c, fn("gamma", c)))
    accepted(calculus("gamma_next", goal, (lt(ZERO, c),), x=c))
    refused(calculus("gamma_next", goal, (), x=c), "no premise")
    product = eq(mul(power(c, a), power(c, ONE)), power(c, add(a, ONE)))
    accepted(calculus("power_product", product, (lt(ZERO, c),), base=c, x=a, y=ONE))
    refused(calculus("power_product", product, (), base=c, x=a, y=ONE), "no premise")


def test_gamma_integral() -> None:
    body = fn("exp", mul(MINUS, mul(c, power(x, TWO))))
    whole = integral(ZERO, INF, body)
    half = mul(HALF, add(ONE))
    integrand = mul(ONE, body)
    same = forall("x", "real", ZERO, INF, implies(lt(ZERO, x), eq(body, integrand)))
    below = power(mul(TWO, power(c, HALF)), MINUS)
    value = mul(ONE, mul(fn("gamma", HALF), below))
    piece = {"coefficient": ONE, "exponents": [], "rate": c, "half": HALF}
    conditions = (eq(HALF, half), lt(ZERO, HALF), lt(ZERO, c), same)
    args = {"integral": whole, "pieces": [piece]}
    accepted(calculus("gamma_integral", eq(whole, value), conditions, **args))
    refused(calculus("gamma_integral", eq(whole, value), conditions[:3], **args), "no premise")
    refused(calculus("gamma_integral", eq(whole, value), conditions[1:], **args), "no premise")
    line = integral(NEGINF, INF, body)
    doubled = eq(line, mul(TWO, value))
    refused(
        calculus("gamma_integral", doubled, conditions, integral=line, pieces=[piece]), "no premise"
    )


# -- the certificate -----------------------------------------------------------------------------------


def spoilt(change: Callable[[dict[str, Any]], Any]) -> Any:
    certificate = copy.deepcopy(other().certificate())
    change(certificate)
    return recheck_claim(certificate, {})


SPOILS: list[Callable[[dict[str, Any]], Any]] = [
    lambda c: c.update(format=2),
    lambda c: c.update(terms=None),
    lambda c: c.update(parts=[]),
    lambda c: c.update(claim=7),
    lambda c: c.update(uses="other"),
    lambda c: c["terms"].insert(0, ["num", "1/0", [], ""]),
    lambda c: c["terms"].insert(0, ["num", "one", [], ""]),
    lambda c: c["terms"].insert(0, ["add", None, [5], ""]),
    lambda c: c["terms"].insert(0, ["fn", "__import__", [], ""]),
    lambda c: c["terms"].insert(0, ["eval", None, [], ""]),
    lambda c: c["terms"].append(["fn", "exp", [0, 0], ""]),
    lambda c: c["terms"].append(["add", None, [len(c["terms"]) - 1], ""]),
    lambda c: c["terms"].append(["sum", None, [0, 0], ""]),
    lambda c: c["terms"].append(["var", "~01", [], ""]),
    lambda c: c["terms"].append(["bound", True, [], ""]),
    lambda c: c["declared"].update(q={}),
    lambda c: c["declared"]["x"].update(kind="complex"),
    lambda c: c["declared"]["x"].update(time=0),
    lambda c: c["declared"].pop("x"),
    lambda c: c["hypotheses"].update(small=99),
    lambda c: c["parts"][0].update(last=5),
    lambda c: c["parts"][0].update(last=True),
    lambda c: c["parts"][0].update(contexts=[]),
    lambda c: c["parts"][0]["contexts"].append({"parent": 1, "assume": 0}),
    lambda c: c["parts"][0]["contexts"].append({"parent": 0}),
    lambda c: c["parts"][0]["nodes"][0].update(context=-1),
    lambda c: c["parts"][0]["nodes"][0].update(prop="all"),
    lambda c: c["parts"][0]["nodes"][0].update(prop=0),
    lambda c: c["parts"][0]["nodes"][0].update(rule=["trivial"]),
    lambda c: c["parts"][0]["nodes"][0].update(premises=[0]),
    lambda c: c["parts"][0]["nodes"][0].update(premises=[-1]),
    lambda c: c["parts"][0]["nodes"][0].update(data=3),
]


@pytest.mark.parametrize("number", range(len(SPOILS)))
def test_a_spoilt_certificate_is_a_sentence(number: int) -> None:
    found = spoilt(SPOILS[number])
    assert not found.ok and found.problem


def test_what_is_no_certificate_is_a_sentence() -> None:
    for raw in (None, 3, [], {}, {"claim": "x"}, "certificate"):
        found = recheck_claim(raw, {})  # type: ignore[arg-type]
        assert not found.ok and found.problem


def test_a_deep_term_is_a_sentence() -> None:
    certificate = other().certificate()
    start = len(certificate["terms"])
    certificate["terms"].append(["var", "x", [], ""])
    for n in range(20_000):
        certificate["terms"].append(["fn", "exp", [start + n], ""])
    certificate["terms"].append(["le", None, [start, start + 20_000], ""])
    certificate["hypotheses"]["deep"] = len(certificate["terms"]) - 1
    found = recheck_claim(certificate, {})
    assert not found.ok and "too deep" in found.problem


def test_a_large_power_is_a_sentence() -> None:
    page = Paper({"b": name(sign="nonnegative")})
    page.node("identity", eq(power(TWO, num(10**12)), b))
    refused(page.part(eq(power(TWO, num(10**12)), b)), "too large")


def test_what_was_shown_by_which_means_is_counted() -> None:
    found = checked(other())
    assert found.nodes == 1 and found.by == {"linear": 1} and found.cited == ()
