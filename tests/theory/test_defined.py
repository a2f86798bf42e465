"""Where all obligations of a statement hold, no part of it lacks a value; and the other way
round.
"""

from __future__ import annotations

import random
from fractions import Fraction

import flint
import pytest
from finite_worlds import Hidden, Undefined, World

from theory.core.context import Context, Declared, Rejected, has_mean
from theory.core.defined import obligations
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Term,
    add,
    both,
    bound,
    close,
    divide,
    either,
    entry,
    eq,
    fn,
    forall,
    implies,
    le,
    lt,
    mean,
    mul,
    ne,
    neg,
    negation,
    num,
    power,
    prod,
    root,
    sub,
    subterms,
    sum_,
    var,
)

DECLARED = {
    "a": Declared("real"),
    "p": Declared("real", "positive"),
    "n": Declared("int"),
    "N": Declared("int", "positive"),
    "x": Declared("real", "", ((ONE, var("N")),)),
    "m": Declared("int", "", ((NEGINF, INF), (ZERO, num(2)))),
    "X": Declared("real", random=True),
    "K": Declared("int", random=True),
    "Z": Declared("real", "", ((ZERO, INF),), random=True, time=0, lag=1),
}
ROOT = Context(DECLARED)
a, p, n, N, X, K, s, i = (var(name) for name in "a p n N X K s i".split())
TWO, HALF, LESS = num(2), num(Fraction(1, 2)), num(-1)


@pytest.fixture(autouse=True)
def precise():
    with flint.ctx.workprec(200):
        yield


def asked(term: Term, context: Context = ROOT) -> list[tuple[Context, Term]]:
    return list(obligations(term, context))


def props(term: Term) -> list[Term]:
    return [prop for _, prop in asked(term)]


# -- against the truth -----------------------------------------------------------------------------


class Draw:
    """Random numbers and statements over the declared names."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def of(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def whole(self, scope: tuple[str, ...]) -> Term:
        plain = [num(self.rng.randint(-1, 3)), n, N, *map(var, scope), *map(var, scope)]
        first, second = self.rng.choice(plain), self.rng.choice(plain)
        return self.rng.choice((first, first, add(first, second), sub(first, ONE)))

    def number(self, depth: int, scope: tuple[str, ...] = ()) -> Term:
        if not depth:
            leaves = (a, p, X, num(self.rng.randint(-1, 2)), HALF, *map(var, scope))
            entries = (entry("x", self.whole(scope)), entry("Z", self.whole(scope)))
            return self.rng.choice((*leaves, *entries))
        kind = self.of("add", "mul", "pow", "pow", "fn", "sum", "prod", "mean", "entry", "leaf")
        inner = self.number(depth - 1, scope)
        if kind in ("add", "mul"):
            return Term(kind, None, (inner, self.number(depth - 1, scope)))
        if kind == "pow":
            exponents = (LESS, LESS, num(-2), HALF, num(Fraction(-1, 3)), TWO, ZERO, a)
            return power(inner, self.rng.choice((*exponents, self.whole(scope), self.whole(scope))))
        if kind == "fn":
            name = self.of("abs", "log", "gamma", "sign", "max")
            return fn(name, inner, a) if name == "max" else fn(name, inner)
        if kind in ("sum", "prod"):
            return self.bind(kind, "", depth, scope)
        if kind == "mean":
            return mean(inner) if self.rng.random() < 0.6 else mean(inner, self.whole(scope))
        return entry("x", self.whole(scope)) if kind == "entry" else self.number(0, scope)

    def bind(self, op: str, kind: str, depth: int, scope: tuple[str, ...]) -> Term:
        name = f"i{len(scope)}"
        lower, upper = num(self.rng.randint(-1, 1)), self.whole(scope)
        upper = K if op != "all" and self.rng.random() < 0.1 else upper
        make = self.prop if op == "all" else self.number
        inside = (*scope, name) if kind != "real" else scope
        body = make(depth - 1, inside)
        if kind == "real":
            body = implies(lt(var(name), self.number(0, scope)), body)
        return Term(op, kind or None, (lower, upper, close(body, name)), name)

    def prop(self, depth: int, scope: tuple[str, ...] = ()) -> Term:
        if not depth or self.rng.random() < 0.2:
            op = self.of("le", "lt", "eq", "ne")
            return Term(op, None, (self.number(max(depth, 1), scope), self.number(0, scope)))
        kind = self.of("all", "all", "implies", "implies", "and", "or", "not", "real")
        if kind in ("all", "real"):
            return self.bind("all", "int" if kind == "all" else kind, depth, scope)
        count = 1 if kind == "not" else 2
        return Term(kind, None, tuple(self.prop(depth - 1, scope) for _ in range(count)))


def makes_sense(prop: Term, seed: int) -> bool:
    """Whether every part that is looked at has a value, on every sample point."""
    try:
        World(DECLARED, seed, strict=True).holds(prop)
    except Undefined:
        return False
    return True


def test_a_statement_makes_sense_exactly_where_its_obligations_hold():
    compared: dict[tuple[bool, bool], int] = {}
    for seed in range(3000):
        prop = Draw(seed).prop(3)
        try:
            needed = asked(prop)
        except Rejected:
            continue
        try:
            fine, world = makes_sense(prop, seed), World(DECLARED, seed)
            shown = all(world.holds_in(context, condition) for context, condition in needed)
        except Hidden:
            continue
        assert fine or not shown, (prop, seed)
        if not has_mean(prop):  # a mean must make sense even where no sample asks for it
            assert fine == shown, (prop, seed)
        compared[fine, bool(needed)] = compared.get((fine, bool(needed)), 0) + 1
    assert compared[True, True] > 150 and compared[False, True] > 150


# -- what is asked ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        (divide(a, p), [ne(p, ZERO)]),
        (power(a, num(-3)), [ne(a, ZERO)]),
        (power(a, ZERO), []),
        (power(a, num(3)), []),
        (root(a), [le(ZERO, a)]),
        (power(a, num(Fraction(5, 3))), [le(ZERO, a)]),
        (power(a, num(Fraction(-1, 2))), [lt(ZERO, a)]),
        (power(a, n), [either(ne(a, ZERO), le(ZERO, n))]),
        (power(a, add(n, ONE)), [either(ne(a, ZERO), le(ZERO, add(n, ONE)))]),
        (power(a, p), [lt(ZERO, a)]),
        (power(a, mul(HALF, n)), [lt(ZERO, a)]),
        (power(TWO, divide(a, p)), [ne(p, ZERO), lt(ZERO, TWO)]),
        (fn("log", a), [lt(ZERO, a)]),
        (fn("gamma", fn("log", a)), [lt(ZERO, a), lt(ZERO, fn("log", a))]),
        (fn("exp", fn("abs", fn("max", a, p))), []),
        (entry("x", n), [le(ONE, n), le(n, N)]),
        (entry("m", n, N), [le(ZERO, N), le(N, TWO)]),
        (entry("Z", n), [le(ZERO, n)]),
        (
            entry("Z", entry("m", n, N)),
            [le(ZERO, N), le(N, TWO), le(ZERO, entry("m", n, N))],
        ),
        (both(ne(a, ZERO), le(divide(ONE, a), TWO)), [ne(a, ZERO)]),
        (either(eq(a, ZERO), le(divide(ONE, a), TWO)), [ne(a, ZERO)]),
        (negation(le(root(a), TWO)), [le(ZERO, a)]),
        (Term("iff", None, (le(root(a), TWO), le(root(p), TWO))), [le(ZERO, a), le(ZERO, p)]),
    ],
)
def test_conditions(term, wanted):
    assert asked(term) == [(ROOT, prop) for prop in wanted]


def test_a_condition_is_asked_under_the_ranges_and_premises_around_it():
    body = implies(le(ZERO, entry("x", i)), le(root(entry("x", i)), TWO))
    found = asked(forall("i", "int", ONE, N, body))
    inside = ROOT.open("i", "int", ONE, N)
    premised = inside.assume(le(ZERO, entry("x", i)))
    ends = [le(ONE, i), le(i, N)]
    assert found == [
        *((inside, prop) for prop in ends),
        *((premised, prop) for prop in (*ends, le(ZERO, entry("x", i)))),
    ]


@pytest.mark.parametrize(("make", "op"), [(sum_, "sum"), (prod, "product")])
def test_sums_and_products_are_not_reversed_and_have_whole_ends(make, op):
    found = asked(make("i", n, N, divide(ONE, i)))
    length = le(ZERO, add(N, mul(LESS, n), ONE))
    assert found == [(ROOT, length), (ROOT.open("i", "int", n, N), ne(i, ZERO))]
    for ends in ((HALF, N), (ONE, p), (ONE, INF), (NEGINF, ONE)):
        with pytest.raises(Rejected, match=f"the {op} over i needs integer limits"):
            asked(make("i", *ends, i))


def test_quantifiers_over_integers_have_whole_ends_and_over_reals_any():
    with pytest.raises(Rejected, match="over i needs integer limits"):
        asked(forall("i", "int", ONE, p, le(i, p)))
    assert asked(forall("i", "int", NEGINF, INF, le(i, p))) == []
    assert props(forall("s", "real", root(a), INF, le(s, p))) == [le(ZERO, a)]


def test_integrals_are_looked_at_strictly_inside():
    integral = Term("integral", None, (ZERO, p, close(fn("log", s), "s")), "s")
    around = ROOT.open("s", "real", ZERO, p)
    inside = around.assume(lt(ZERO, s)).assume(lt(s, p))
    assert asked(integral) == [(ROOT, le(ZERO, p)), (inside, lt(ZERO, s))]
    half = Term("integral", None, (NEGINF, divide(ONE, a), close(power(s, LESS), "s")), "s")
    assert props(half) == [ne(a, ZERO), ne(s, ZERO)]


def test_of_limits_the_form_is_looked_at_only():
    limit = Term("limit", "+-", (INF, close(divide(ONE, s), "s")), "s")
    assert asked(limit) == []
    with pytest.raises(Rejected, match="not known to be an integer"):
        asked(Term("limit", "+-", (INF, close(entry("x", s), "s")), "s"))
    assert props(Term("limit", "+", (root(a), close(s, "s")), "s")) == [le(ZERO, a)]


def test_a_name_in_use_is_not_opened_again():
    found = asked(forall("n", "int", ONE, TWO, le(divide(ONE, var("n")), n)))
    assert found[0][1] == ne(var("n'"), ZERO) and found[0][0].opened[0] == "n'"
    hidden = Term("all", "int", (ONE, TWO, le(divide(ONE, bound(0)), n)), "n")
    assert asked(hidden)[0][1] == ne(var("n'"), ZERO)
    stranger = Term("all", "int", (ONE, TWO, le(i, bound(0))), "i")
    with pytest.raises(Rejected, match="i is not declared"):
        asked(stranger)
    nested = sum_("i", ONE, TWO, sum_("i", ONE, TWO, divide(ONE, i)))
    assert props(nested)[-1] == ne(var("i'"), ZERO)


# -- what is random --------------------------------------------------------------------------------


def test_what_some_samples_satisfy_does_not_make_sense_of_a_mean():
    """X > 0 on this sample does not say that ln X exists on another one."""
    certain, some = lt(ZERO, a), lt(ZERO, X)
    found = asked(implies(certain, implies(some, le(mean(mul(X, fn("log", X))), fn("log", X)))))
    premised = ROOT.assume(certain)
    assert found == [(premised, lt(ZERO, X)), (premised.assume(some), lt(ZERO, X))]
    inner = implies(some, le(sum_("i", ONE, N, mean(divide(X, i))), ONE))
    assert asked(inner)[-1] == (ROOT.open("i", "int", ONE, N), ne(i, ZERO))


def test_a_range_that_is_random_is_assumed():
    found = asked(sum_("i", ONE, K, divide(ONE, i)))
    inside = ROOT.open("i", "int", NEGINF, INF).assume(le(ONE, i)).assume(le(i, K))
    assert found == [(ROOT, le(ZERO, add(K, neg(ONE), ONE))), (inside, ne(i, ZERO))]
    mixed = asked(sum_("i", ONE, K, mean(divide(X, i))))
    certain = ROOT.open("i", "int", NEGINF, INF).assume(le(ONE, i))
    assert mixed[-1] == (certain, ne(i, ZERO))


@pytest.mark.parametrize(
    ("term", "why"),
    [
        (mean(add(a, entry("x", ONE))), r"nothing in E\(.*\) is random; declare what varies"),
        (mean(sum_("i", ONE, N, i)), "nothing in .* is random"),
        (mean(X, K), r"the step that E\(X \| F\[K\]\) is taken at must not be random"),
        (entry("x", p), r"the index p of x\[p\] is not known to be an integer"),
        (entry("x", mul(HALF, n)), "not known to be an integer"),
        (entry("x", ONE, ONE), r"x\[1, 1\] does not match the declared index ranges of x"),
        (entry("a", ONE), "does not match the declared index ranges of a"),
        (var("x"), "x is a sequence where a number is expected"),
        (var("b"), "b is not declared by the claim"),
        (entry("b", ONE), "b is not declared by the claim"),
        (add(a, INF), "∞ is not part of the language"),
        (bound(0), "not part of the language"),
        (Term("fn", "floor", (a,)), "the function floor is not one the checker knows"),
        (Term("fn", "log", (a, p)), "not one the checker knows"),
        (Term("choice", None, ()), "not part of the language"),
    ],
)
def test_what_is_wrong_by_its_form(term, why):
    with pytest.raises(Rejected, match=why):
        asked(le(term, ONE) if not term.loose else term)
    if not term.loose and term.free <= DECLARED.keys():
        with pytest.raises(Rejected, match=why):
            asked(forall("s", "real", ZERO, ONE, implies(le(s, ONE), eq(mul(s, term), term))))


def test_a_mean_of_a_mean_and_a_step_that_is_a_mean_are_fine():
    assert asked(mean(mean(X, n))) == [] and asked(mean(mean(X))) == []
    assert asked(mean(X, fn("abs", n))) == []


def test_every_part_is_looked_at():
    """A condition planted anywhere in a statement is asked for."""
    planted = divide(ONE, sub(a, num(7)))
    for seed in range(400):
        prop = Draw(seed).prop(3)
        places = [part for part in subterms(prop) if part in (a, p, X)]
        if not places:
            continue
        chosen = places[seed % len(places)]
        changed = _replaced(prop, chosen, planted)
        try:
            found = props(changed)
        except Rejected:
            continue
        assert ne(sub(a, num(7)), ZERO) in found, changed


def _replaced(term: Term, old: Term, new: Term) -> Term:
    if term == old:
        return new
    args = tuple(_replaced(arg, old, new) for arg in term.args)
    return Term(term.op, term.data, args, term.hint)
