"""Every inference of the kernel: one right use, and each side condition broken."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest

from theory.core import theorem as kernel
from theory.core.context import Context, Declared, Rejected
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Function,
    Term,
    add,
    both,
    divide,
    either,
    entry,
    eq,
    forall,
    implies,
    le,
    lt,
    mean,
    mul,
    ne,
    num,
    open_,
    power,
    sub,
    sum_,
    var,
)
from theory.core.theorem import Theorem

a, b, p, n, m, N, X, Y, T, i, k = map(var, ("a", "b", "p", "n", "m", "N", "X", "Y", "T", "i", "k"))
TWO = num(2)
DECLARED = {
    "a": Declared("real"), "b": Declared("real"), "p": Declared("real", "positive"),
    "n": Declared("int"), "m": Declared("int"), "N": Declared("int", "positive"),
    "X": Declared("real", random=True), "Y": Declared("real", random=True),
    "T": Declared("int", random=True), "x": Declared("real", "", ((ONE, var("N")),)),
    "w": Declared("real", "nonnegative", ((ONE, var("N")),)),
    "Z": Declared("real", "", ((ZERO, INF),), random=True, time=0, lag=1),
}
LIMITS = (2_000, 500)


def x(index: Term) -> Term:
    return entry("x", index)


def supposing(*props: Term) -> tuple[Theorem, ...]:
    """Theorems that say what is supposed: the hypotheses of one new context."""
    root = Context(DECLARED, {f"h{number}": prop for number, prop in enumerate(props)})
    return tuple(kernel.hypothesis(root, f"h{number}") for number in range(len(props)))


def here() -> Context:
    return Context(DECLARED)


def every(prop: Term, low: Term = ONE, high: Term = N) -> Term:
    return forall("i", "int", low, high, prop)


def refused(why: str):
    return pytest.raises(Rejected, match=why)


# -- theorems --------------------------------------------------------------------------------------


def test_a_theorem_is_made_by_inferences_only_and_never_changed():
    fact, = supposing(le(a, b))
    with pytest.raises(TypeError, match="inferences only"):
        Theorem(object(), here(), lt(ZERO, ZERO), "trivial", (), {})
    for name in ("prop", "context", "rule", "cited", "new"):
        with pytest.raises(AttributeError):
            setattr(fact, name, lt(ZERO, ZERO))
    with pytest.raises(AttributeError):
        copy.copy(fact)
    with pytest.raises(AttributeError):
        fact.prop.op = "lt"
    assert fact.prop == le(a, b) and fact.rule == "hypothesis" and not fact.cited


def test_what_only_looks_like_a_theorem_proves_nothing():
    context = here()
    false = SimpleNamespace(context=context, prop=lt(ONE, ZERO), premises=(), cited=frozenset())
    with pytest.raises(TypeError, match="theorems only"):
        kernel.conjoin(context, false)
    with pytest.raises(TypeError, match="theorems only"):
        kernel.same(context, false, lt(ONE, ZERO))
    other = SimpleNamespace(context=Context({}), prop=lt(ONE, ZERO), cited=frozenset())
    with pytest.raises(TypeError, match="theorems only"):
        kernel.transfer(context, other, {}, [])


def test_what_is_shown_around_holds_inside_and_not_beside():
    fact, = supposing(le(a, b))
    root = fact.context
    one, other = root.assume(lt(a, ZERO)), root.assume(lt(ZERO, a))
    negative = kernel.given(one, lt(a, ZERO))
    assert kernel.conjoin(one, fact, negative).context is one
    for context in (root, other, here()):
        with refused("not made here"):
            kernel.conjoin(context, negative)
    with refused("not made here"):
        kernel.conjoin(here(), fact)


# -- hypotheses, contexts, quantifiers -------------------------------------------------------------


def test_hypothesis():
    fact, = supposing(le(a, b))
    inside = fact.context.assume(lt(a, ZERO))
    assert kernel.hypothesis(inside, "h0").context is fact.context
    with refused("no hypothesis 'h1'"):
        kernel.hypothesis(inside, "h1")


def test_given():
    inside = here().open("i", "int", ONE, N).assume(lt(X, a)).assume(le(b, a), surely=True)
    for prop in (le(ONE, i), le(i, N), lt(X, a), le(b, a)):
        assert kernel.given(inside, prop).prop == prop
    for prop in (le(i, a), lt(i, N), le(X, a), le(N, i)):
        with refused("not given here"):
            kernel.given(inside, prop)
    with refused("not given here"):
        kernel.given(here().open("i", "int", ONE, INF), le(i, INF))


def test_trivial():
    inside = here().open("i", "int", ONE, N)
    assert kernel.trivial(inside, le(ZERO, entry("w", i))).rule == "trivial"
    assert kernel.trivial(inside, lt(ZERO, add(i, p))).context is inside
    beyond = le(ZERO, entry("w", add(i, ONE)))
    for prop in (beyond, lt(ZERO, entry("w", i)), le(i, add(N, num(-1)))):
        with refused("does not follow"):
            kernel.trivial(inside, prop)
    with refused("does not follow"):
        kernel.trivial(here(), le(a, b))


def at_value(fact: Theorem, value: Term, *inside: Theorem) -> Theorem:
    return kernel.instance(fact.context, fact, value, inside)


def test_instance():
    fact, low, high, half = supposing(
        every(le(x(i), a)), le(ONE, n), le(n, N), forall("i", "real", NEGINF, INF, le(a, i)))
    assert at_value(fact, n, low, high).prop == le(x(n), a)
    assert at_value(half, divide(a, TWO)).prop == le(a, divide(a, TWO))
    for inside in ((), (low,), (high, low), (low, low)):
        with refused("not shown to lie in the range"):
            at_value(fact, n, *inside)
    with refused("only a quantified fact"):
        at_value(low, n)
    with refused("not declared"):
        at_value(half, var("nobody"))


def test_instance_at_what_is_no_integer():
    fact, low, high = supposing(every(le(x(i), a)), le(ONE, a), le(a, N))
    with refused("must be an integer"):
        at_value(fact, a, low, high)


def test_instance_of_a_mean_at_a_random_value():
    bounded, fact, low, high = supposing(
        every(le(mul(i, X), a)), every(le(mean(mul(i, X)), a)), le(ONE, T), le(T, N))
    assert at_value(bounded, T, low, high).prop == le(mul(T, X), a)
    with refused("cannot take random values"):
        at_value(fact, T, low, high)


def test_generalise_and_discharge():
    root = here()
    inside = root.open("i", "int", ONE, N)
    fact = kernel.generalise(kernel.given(inside, le(i, N)))
    assert fact.prop == every(le(i, N)) and fact.context is root
    assumed = root.assume(lt(X, a))
    fact = kernel.discharge(kernel.given(assumed, lt(X, a)))
    assert fact.prop == implies(lt(X, a), lt(X, a)) and fact.context is root
    surely = root.assume(lt(X, a), surely=True)
    with refused("no assumption to discharge"):
        kernel.discharge(kernel.given(surely, lt(X, a)))
    for wrong in (kernel.given(assumed, lt(X, a)), supposing(le(a, b))[0]):
        with refused("shown for an opened variable"):
            kernel.generalise(wrong)
    for wrong in (kernel.given(inside, le(i, N)), supposing(le(a, b))[0]):
        with refused("no assumption to discharge"):
            kernel.discharge(wrong)


def test_cut():
    lemma, = supposing(le(X, a))
    root = lemma.context
    surely = root.assume(lemma.prop, surely=True)
    below = kernel.mean_monotone(surely, kernel.given(surely, le(X, a)))
    assert kernel.cut(lemma, below).context is root
    only = root.assume(lemma.prop)
    with refused("not what was assumed"):
        kernel.cut(lemma, kernel.given(only, le(X, a)))
    other = root.assume(le(Y, a), surely=True)
    with refused("not what was assumed"):
        kernel.cut(lemma, kernel.given(other, le(Y, a)))
    with refused("not what was assumed"):
        kernel.cut(lemma, lemma)


def test_cut_below_an_assumption_about_some_samples():
    """X ≤ 0 where X ≤ 0 says nothing of E X."""
    some = here().assume(le(X, ZERO))
    lemma = kernel.given(some, le(X, ZERO))
    surely = some.assume(le(X, ZERO), surely=True)
    with refused("not made here"):
        kernel.cut(lemma, kernel.given(surely, le(X, ZERO)))
    with refused("says nothing of a mean"):
        kernel.mean_monotone(surely, kernel.given(surely, le(X, ZERO)))


def test_modus_ponens_and_conjunctions():
    rule, premise, other = supposing(implies(le(a, b), lt(a, p)), le(a, b), le(b, a))
    context = rule.context
    assert kernel.modus_ponens(context, rule, premise).prop == lt(a, p)
    for wrong in ((rule, other), (premise, premise), (premise, rule)):
        with refused("not that of the implication"):
            kernel.modus_ponens(context, *wrong)
    pair = kernel.conjoin(context, premise, other)
    assert pair.prop == both(le(a, b), le(b, a)) and kernel.conjunct(pair, 1).prop == le(b, a)
    choice, = supposing(either(le(a, b), le(b, a)))
    with refused("only a conjunction"):
        kernel.conjunct(choice, 0)


# -- equal forms, arithmetic -----------------------------------------------------------------------


def test_same():
    fact, = supposing(le(mul(TWO, add(a, b)), mul(num(4), p)))
    assert kernel.same(fact.context, fact, le(add(a, b), mul(TWO, p))).rule == "same"
    for prop in (lt(add(a, b), mul(TWO, p)), le(mul(TWO, p), add(a, b)), le(add(a, b), p)):
        with refused("different normal forms"):
            kernel.same(fact.context, fact, prop)
    with refused("not made here"):
        kernel.same(here(), fact, fact.prop)


def test_identity():
    context = here()
    square = eq(power(add(a, b), TWO), add(power(a, TWO), power(b, TWO), mul(TWO, a, b)))
    assert kernel.identity(context, square).rule == "identity"
    assert kernel.identity(context, le(a, add(a, ONE))).rule == "identity"
    assert kernel.identity(context, eq(divide(p, p), ONE)).rule == "identity"
    for prop in (eq(a, b), eq(divide(a, a), ONE), lt(a, a), le(a, b), ne(a, b)):
        with refused("does not show it"):
            kernel.identity(context, prop)


def test_arithmetic():
    less, steep, other = supposing(lt(a, b), lt(mul(a, a, a), X), le(Y, a))
    context = less.context
    goal = lt(add(mul(a, a, a), a), add(X, b))
    shown = kernel.arithmetic(context, goal, [less, steep, other], LIMITS)
    assert set(shown.premises) == {less, steep}  # the third is not needed
    for wrong, facts in ((lt(add(X, b), a), [less, steep]), (le(X, mul(a, b)), [less, steep])):
        with pytest.raises(kernel.Unproved):
            kernel.arithmetic(context, wrong, facts, LIMITS)
    with refused("quantified fact"):
        kernel.arithmetic(context, lt(a, b), [kernel.generalise(
            kernel.given(context.open("i", "int", ONE, N), le(ONE, i)))], LIMITS)
    beside = context.assume(lt(b, a))
    with refused("not made here"):
        kernel.arithmetic(context, lt(b, a), [kernel.given(beside, lt(b, a))], LIMITS)


# -- integers, sums --------------------------------------------------------------------------------


class Doubling:
    """A proof by induction of 0 ≤ y·i for i from `low` to `high`, from 0 ≤ y."""

    def __init__(self, y: Term = a, low: Term = ZERO, high: Term = N) -> None:
        self.root = supposing(le(ZERO, y))[0].context
        self.goal = every(le(ZERO, mul(y, i)), low, high)
        start = self.root.assume(le(low, high)) if high != INF else self.root
        self.base = self.shown(start, le(ZERO, mul(y, low)))
        before = high if high == INF else add(high, num(-1))
        self.inside = self.root.open("i", "int", low, before)
        self.surely = self.inside.assume(le(ZERO, mul(y, i)), surely=True)
        self.step = self.shown(self.surely, le(ZERO, mul(y, add(i, ONE))))

    def shown(self, context: Context, prop: Term) -> Theorem:
        facts = [kernel.hypothesis(context, "h0")]
        facts += [kernel.given(context, fact) for around in context.chain()
                  for fact in around.ranges()]
        return kernel.arithmetic(context, prop, facts, LIMITS)

    def proved(self, **other) -> Theorem:
        parts = {"context": self.root, "prop": self.goal, "base": self.base, "step": self.step}
        return kernel.induction(**{**parts, **other})


@pytest.mark.parametrize("high", [N, INF])
def test_induction(high):
    proof = Doubling(high=high)
    assert proof.proved().prop == proof.goal
    with refused("not those of the statement"):
        proof.proved(base=proof.shown(proof.root, le(ZERO, mul(a, a))))
    with refused("not those of the statement"):
        proof.proved(step=proof.shown(proof.surely, le(ZERO, mul(a, i))))


def test_induction_needs_a_range_that_starts_at_an_integer():
    proof = Doubling()
    real = forall("i", "real", ZERO, N, le(ZERO, mul(a, i)))
    for prop in (real, every(le(ZERO, mul(a, i)), NEGINF), le(ZERO, a)):
        with refused("from a lower end on"):
            proof.proved(prop=prop)
    with refused("starts at an integer"):
        Doubling(low=p).proved()


def test_the_step_of_an_induction_stands_below_its_own_assumption():
    proof = Doubling()
    with refused("assumes the statement"):  # for one range, shown in another
        proof.proved(step=proof.shown(proof.root.open("i", "int", ZERO, N).assume(
            le(ZERO, mul(a, i)), surely=True), le(ZERO, mul(a, add(i, ONE)))))
    with refused("assumes the statement"):  # on some samples only
        proof.proved(step=proof.shown(proof.inside.assume(le(ZERO, mul(a, i))),
                                      le(ZERO, mul(a, add(i, ONE)))))
    with refused("for an opened integer"):
        proof.proved(step=kernel.hypothesis(proof.root, "h0"))
    with refused("for an opened integer"):  # not in a child of the context
        proof.proved(context=proof.root.assume(le(ZERO, N)))
    beside = proof.root.assume(lt(N, ZERO))
    with refused("range is not empty"):
        proof.proved(base=kernel.trivial(beside, le(ZERO, mul(a, ZERO))))


def test_induction_below_an_assumption_about_some_samples_says_nothing_of_means():
    some = here().assume(le(ZERO, X))
    surely = some.open("i", "int", ZERO, INF).assume(le(ZERO, mul(i, X)), surely=True)
    with refused("says nothing of a mean"):
        kernel.mean_monotone(surely, kernel.given(surely, le(ZERO, mul(i, X))))
    surely = here().open("i", "int", ZERO, INF).assume(le(ZERO, mul(i, X)), surely=True)
    assert kernel.mean_monotone(surely, kernel.given(surely, le(ZERO, mul(i, X)))).prop.op == "le"


def test_termwise():
    fact, = supposing(every(le(x(i), a)))
    inside = fact.context.open("i", "int", ONE, N)
    ends = [kernel.given(inside, prop) for prop in inside.ranges()]
    term = kernel.instance(inside, fact, i, ends)
    total = sum_("i", ONE, N, x(i))
    assert kernel.termwise(term).prop == le(total, sum_("i", ONE, N, a))
    weight = kernel.trivial(inside, le(ZERO, entry("w", i)))
    weighted = kernel.termwise(term, weight, entry("w", i))
    assert weighted.prop == le(sum_("i", ONE, N, mul(entry("w", i), x(i))),
                               sum_("i", ONE, N, mul(entry("w", i), a)))
    for wrong in (None, ends[0], kernel.trivial(here(), le(ZERO, ONE))):
        with refused("weight is not shown"):
            kernel.termwise(term, wrong, entry("w", i))
    equal = kernel.identity(inside, eq(mul(TWO, x(i)), add(x(i), x(i))))
    assert kernel.termwise(equal, None, sub(a, b)).prop.op == "eq"
    with refused("opened index"):
        kernel.termwise(fact)
    with refused("≤, < or ="):
        kernel.termwise(kernel.trivial(inside, ne(i, ZERO)))
    for wrong_range in (("real", ONE, N), ("int", ONE, INF), ("int", NEGINF, N)):
        outside = fact.context.open("j", *wrong_range)
        with refused("finite range"):
            kernel.termwise(kernel.identity(outside, le(var("j"), var("j"))))


# -- schemas, errors -------------------------------------------------------------------------------


def test_schema():
    args = {"a": x(i), "index": "i", "lower": ONE, "upper": N}
    context = here()
    filled = kernel.trivial(context, le(ONE, N))
    shown = kernel.schema(context, "known", "last_term", args, [filled])
    assert shown.prop.op == "eq" and shown.premises == (filled,)
    for wrong in ([], [kernel.trivial(context, le(ZERO, N))], [filled, filled]):
        with refused("conditions of last_term"):
            kernel.schema(context, "known", "last_term", args, wrong)
    with refused("there is no 'nothing'"):
        kernel.schema(context, "known", "nothing", {}, [])
    with refused("not declared"):
        kernel.schema(context, "known", "exp_tangent", {"x": var("nobody")}, [])
    low, = supposing(le(ONE, p))
    with refused("not known to be an integer"):
        kernel.schema(low.context, "known", "last_term", {**args, "upper": p}, [low])


def test_a_schema_puts_no_random_value_into_a_mean():
    low, high, terms = supposing(le(ONE, T), le(T, N), every(le(ZERO, mean(mul(i, X)))))
    args = {"at": T, "index": "i", "lower": ONE, "upper": N}
    with refused("cannot be put"):
        kernel.schema(low.context, "known", "term_below_sum", {"a": mean(mul(i, X)), **args},
                      [terms, low, high])
    low, high, terms = supposing(le(ONE, T), le(T, N), every(le(ZERO, mul(i, X))))
    shown = kernel.schema(low.context, "known", "term_below_sum", {"a": mul(i, X), **args},
                          [terms, low, high])
    assert shown.prop.args[0] == mul(T, X)


def test_archimedes():
    error = mul(b, power(i, num(-1)))
    fact, = supposing(every(le(X, add(a, error)), ONE, INF))
    assert kernel.archimedes(fact).prop == le(X, a)
    wrong = (
        every(le(X, add(a, error)), ONE, N), every(le(X, add(a, error)), TWO, INF),
        forall("i", "real", ONE, INF, le(X, add(a, error))), every(lt(X, add(a, error)), ONE, INF),
        every(le(X, add(mul(a, i), error)), ONE, INF),
        every(le(mul(i, X), add(a, error)), ONE, INF),
        every(le(X, add(a, mul(i, power(i, num(-1))))), ONE, INF),
        every(le(X, add(a, mul(b, i))), ONE, INF), le(X, add(a, b)),
    )
    for prop in wrong:
        with refused("for every integer j ≥ 1"):
            kernel.archimedes(supposing(prop)[0])


# -- means -----------------------------------------------------------------------------------------


def test_mean_monotone():
    fact, equal, other = supposing(lt(X, Y), eq(X, a), ne(X, Y))
    context = fact.context
    assert kernel.mean_monotone(context, fact).prop == le(mean(X), mean(Y))
    assert kernel.mean_monotone(context, equal, n).prop == eq(mean(X, n), mean(a, n))
    with refused("needs an inequality"):
        kernel.mean_monotone(context, other)
    with refused("must not be random"):
        kernel.mean_monotone(context, fact, T)
    with refused("not declared"):
        kernel.mean_monotone(context, fact, k)
    fixed, some = context.assume(le(a, b)), context.assume(le(Y, X))
    assert kernel.mean_monotone(fixed, fact).context is fixed
    for below in (some, some.open("i", "int", ONE, N), some.assume(le(a, b))):
        with refused("says nothing of a mean"):
            kernel.mean_monotone(below, fact)


def jensen(context, conditions, body=None, point=X, ends=(NEGINF, INF), concave=False, step=None):
    function = Function(("t",), power(var("t"), TWO) if body is None else body)
    return kernel.mean_jensen(context, function, point, ends, concave, step, conditions)


def shown_all(context: Context, function: Function) -> list[Theorem]:
    """The conditions under which a function is convex everywhere, each shown."""
    found = []
    for prop in kernel.jensen_conditions(context, function, X, (NEGINF, INF), False):
        inside = context.open(prop.hint, prop.data, *prop.args[:2])
        body = open_(prop, var(prop.hint))
        found.append(kernel.generalise(kernel.identity(inside, body)))
    return found


def test_mean_jensen():
    context, square = here(), Function(("t",), power(var("t"), TWO))
    conditions = shown_all(context, square)
    shown = jensen(context, conditions)
    assert shown.prop == le(power(mean(X), TWO), mean(power(X, TWO)))
    assert jensen(context, conditions, step=n).prop.args[0] == power(mean(X, n), TWO)
    with refused("conditions of Jensen"):
        jensen(context, conditions, concave=True)
    with refused("conditions of Jensen"):
        jensen(context, conditions[:-1])
    with refused("conditions of Jensen"):
        jensen(context, conditions, ends=(ZERO, INF))  # 0 ≤ X is not shown
    for body in (mul(Y, power(var("t"), TWO)), mul(mean(Y), power(var("t"), TWO))):
        with refused("must not itself be random"):
            jensen(context, conditions, body)
    with refused("interval must not be random"):
        jensen(context, conditions, ends=(Y, INF))
    with refused("must not be random"):
        jensen(context, conditions, step=T)
    with refused("says nothing of a mean"):
        jensen(context.assume(le(ZERO, X)), conditions)


# -- other statements ------------------------------------------------------------------------------


def statement(prop: Term, declared=DECLARED, **hypotheses: Term) -> Theorem:
    """A statement as a whole, believed."""
    return kernel.cite(Context(declared, hypotheses), prop, "somebody")


ONE_NAME = {"a": Declared("real", "positive")}


def test_transfer():
    other = statement(le(a, mul(a, a)), ONE_NAME, large=le(ONE, a))
    large, positive = supposing(le(ONE, b), lt(ZERO, b))
    context = large.context
    shown = kernel.transfer(context, other, {"a": b}, [large, positive])
    assert shown.prop == le(b, mul(b, b)) and shown.cited == {"somebody"}
    for premises in ([], [large], [positive, large], [positive, positive]):
        with refused("hypotheses of the other statement"):
            kernel.transfer(context, other, {"a": b}, premises)
    for values in ({}, {"a": b, "c": b}, {"c": b}):
        with refused("takes one value"):
            kernel.transfer(context, other, values, [large, positive])
    with refused("take each other's place"):
        kernel.transfer(context, other, {"a": Function(("j",), b)}, [large, positive])
    with refused("not declared"):
        kernel.transfer(context, other, {"a": k}, [large, positive])
    inside = kernel.cite(other.context.open("i", "int", ONE, TWO), le(a, i), "somebody")
    with refused("only a statement as a whole"):
        kernel.transfer(context, inside, {"a": b}, [large, positive])


def test_transfer_of_integers_and_of_signs_within_ranges():
    whole = statement(le(n, mul(n, n)), {"n": Declared("int")})
    assert kernel.transfer(here(), whole, {"n": mul(N, N)}, []).prop.op == "le"
    with refused("must be an integer"):
        kernel.transfer(here(), whole, {"n": divide(N, TWO)}, [])
    signed = statement(le(ZERO, entry("w", ONE)), {
        "M": Declared("int"), "w": Declared("real", "nonnegative", ((ONE, var("M")),))})
    formula = Function(("j",), mul(x(var("j")), x(var("j"))))
    for length, premise in ((N, every(le(ZERO, mul(x(i), x(i))))),
                            (n, every(le(ZERO, mul(x(i), x(i))), ONE, n))):
        fact, = supposing(premise)
        assert kernel.transfer(fact.context, signed, {"M": length, "w": formula}, [fact]).prop == \
            le(ZERO, mul(x(ONE), x(ONE)))
        with refused("hypotheses of the other statement"):
            kernel.transfer(fact.context, signed, {"M": m, "w": formula}, [fact])
    counts = statement(le(ZERO, ZERO), {"c": Declared("int", "", ((ONE, TWO),))})
    assert kernel.transfer(here(), counts, {"c": Function(("j",), add(var("j"), N))}, []).prop
    with refused("must be an integer"):
        kernel.transfer(here(), counts, {"c": Function(("j",), divide(var("j"), TWO))}, [])


def test_transfer_of_what_speaks_of_means():
    declared = {name: DECLARED[name] for name in ("a", "X", "Z")}
    other = statement(eq(mean(mul(a, X)), mul(a, mean(X))), declared)
    history = Function(("j",), entry("Z", var("j")))
    right = {"a": b, "X": mul(Y, Y), "Z": history}
    context = here()
    assert kernel.transfer(context, other, right, []).prop == eq(
        mean(mul(b, mul(Y, Y))), mul(b, mean(mul(Y, Y))))
    with refused("cannot become random"):
        kernel.transfer(context, other, {**right, "a": Y}, [])
    later = Function(("j",), entry("Z", add(var("j"), ONE)))
    for value in (later, Function(("j",), mul(TWO, entry("Z", var("j")))), Function(("j",), X)):
        with refused("has a history there"):
            kernel.transfer(context, other, {**right, "Z": value}, [])
    ranges = ((ZERO, INF),)
    for changed in (Declared("real", "", ranges, random=True, time=0, lag=2),
                    Declared("real", "", ranges, random=True), Declared("real", "", ranges)):
        with refused("has a history there"):
            kernel.transfer(Context({**DECLARED, "Z": changed}), other, right, [])
    with refused("says nothing of a mean"):
        kernel.transfer(context.assume(le(X, Y)), other, right, [])
    plain = statement(le(ZERO, mul(a, a)), {"a": DECLARED["a"]})
    some = context.assume(le(X, Y))
    assert kernel.transfer(some, plain, {"a": X}, []).prop == le(ZERO, mul(X, X))


def test_cite_and_adopt_say_what_they_rest_on():
    context = here()
    cited = kernel.cite(context, lt(b, a), "somebody")
    assert cited.cited == kernel.conjoin(context, cited).cited == {"somebody"}
    with refused("not declared"):
        kernel.cite(context, lt(k, a), "somebody")
    adopted = kernel.adopt(context, lt(b, a), "claim", "part", frozenset({"somebody"}))
    assert kernel.discharge(kernel.conjoin(context.assume(le(a, b)), adopted)).cited == {"somebody"}
    with refused("statement as a whole"):
        kernel.adopt(context.assume(le(a, b)), lt(b, a), "claim", "part", frozenset())


def test_nodes_come_after_what_they_rest_on_and_once():
    one, two = supposing(le(a, b), le(b, a))
    pair = kernel.conjoin(one.context, one, two, one)
    assert list(kernel.nodes(pair)) == [one, two, pair]
    assert list(kernel.nodes(one)) == [one]
