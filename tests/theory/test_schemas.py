"""Classical schemas against the truth in finite worlds; each condition is needed; no name is
captured.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import pytest
from finite_worlds import World

from theory.core.context import Context, Declared, has_mean
from theory.core.instance import Instance, Refused
from theory.core.schemas import SCHEMAS
from theory.core.term import (
    INF,
    NEGINF,
    ONE,
    ZERO,
    Term,
    add,
    bound,
    entry,
    eq,
    fn,
    forall,
    le,
    lt,
    mean,
    mul,
    num,
    power,
    prod,
    root,
    sum_,
    var,
)

RANGE = ((num(-9), num(9)),)
DECLARED = {
    "N": Declared("int"), "p": Declared("real"), "x": Declared("real", "", RANGE),
    "u": Declared("real", "positive", RANGE), "X": Declared("real", random=True),
    "K": Declared("int", random=True), "Z": Declared("real", "", RANGE, random=True, time=0),
    "y": Declared("real", "", (RANGE * 2)),
}
ROOT = Context(DECLARED)
i, j, N, p, X, K = (var(name) for name in "ijNpXK")
TWO, HALF = num(2), num(Fraction(1, 2))
TERMS = (
    entry("x", i), entry("u", i), i, mul(i, i), ONE, ZERO, num(-1), entry("Z", i), mul(p, i),
    mul(entry("x", i), X), mean(mul(i, entry("Z", i))), entry("u", i), mul(HALF, entry("u", i)),
    add(ONE, mul(i, i)), fn("abs", entry("x", i)), mean(power(entry("Z", i), TWO), i),
    mean(entry("Z", i)),
)
WEIGHTS = (entry("u", i), ONE, HALF, mul(i, i), entry("x", i), num(Fraction(1, 3)), ZERO, X)
NUMBERS = (p, X, num(-2), ZERO, ONE, HALF, num(3), mul(p, X), fn("log", TWO), fn("exp", p))
WHOLE = (num(-1), ZERO, ONE, TWO, num(3), N, add(N, ONE), K)
ANY = (*WHOLE, HALF, num(Fraction(3, 2)), num(Fraction(-1, 2)), p)
SQUARE, CUBE, DROP = (
    (power(p, TWO), NEGINF, INF),
    (power(p, num(3)), num(-2), INF),
    (mul(num(-1), power(p, TWO)), num(-3), num(3)),
)
FUNCTIONS = (
    SQUARE, CUBE, DROP, (power(p, num(3)), ZERO, INF), (power(p, num(-1)), HALF, INF),
    (power(p, num(-1)), num(-2), num(2)), (mul(num(-1), root(p)), ZERO, num(3)),
    (mul(X, p), NEGINF, INF), (mul(X, power(p, TWO)), num(-1), INF), (fn("exp", p), NEGINF, TWO),
    (mul(num(-1), fn("log", p)), ZERO, INF), (mul(num(-1), fn("log", p)), HALF, num(3)),
)  # p is the variable of these


@pytest.fixture(autouse=True)
def precise():
    with flint.ctx.workprec(200):
        yield


# -- instances -------------------------------------------------------------------------------------


def over(rng: random.Random, **more: Any) -> dict[str, Any]:
    return {"index": "i", "lower": rng.choice(ANY), "upper": rng.choice(ANY), **more}


def double(rng: random.Random) -> Term:
    left, right = rng.choice(TERMS), rng.choice((j, entry("u", j), entry("x", j)))
    return rng.choice((mul(left, right), entry("y", i, j), add(left, right)))


def rectangle(rng: random.Random) -> dict[str, Any]:
    names = ("outer_lower", "outer_upper", "inner_lower", "inner_upper")
    return {"a": double(rng), "outer": "i", "inner": "j"} | {n: rng.choice(ANY) for n in names}


def mixed(rng: random.Random) -> dict[str, Any]:
    body, low, high = rng.choice(FUNCTIONS)
    lower, count = rng.randint(-1, 1), rng.randint(1, 3)
    ends = {"lower": num(lower), "upper": num(lower + count - 1)}
    even, tilted = num(Fraction(1, count)), add(i, num(Fraction(1, 3)))
    weights = (even, even, tilted, HALF, TWO, ZERO, ONE, i)
    points = (entry("u", i), entry("x", i), i, X, mean(X), mul(i, X), num(-1), HALF)
    function = {"variable": "p", "body": body, "low": low, "high": high}
    return over(rng, weight=rng.choice(weights), point=rng.choice(points), **function) | ends


def one(name: str, choices: tuple[Term, ...]) -> Callable[[random.Random], dict[str, Any]]:
    return lambda rng: over(rng, **{name: rng.choice(choices)})


def pair(first: str, second: str) -> Callable[[random.Random], dict[str, Any]]:
    return lambda rng: {name: rng.choice((*NUMBERS, TWO, N)) for name in (first, second)}


ARGS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "cauchy_schwarz": lambda rng: over(
        rng, a=rng.choice(TERMS), b=rng.choice(TERMS), weight=rng.choice(WEIGHTS)
    ),
    "triangle": one("a", TERMS),
    "term_below_sum": lambda rng: over(rng, a=rng.choice(TERMS), at=rng.choice((*ANY, K, K))),
    "swap_triangle": lambda rng: {
        "a": double(rng), "outer": "i", "inner": "j", "lower": rng.choice(ANY),
        "upper": rng.choice(ANY),
    },
    "swap_rectangle": rectangle,
    "last_term": one("a", TERMS),
    "first_term": one("a", TERMS),
    "shift": lambda rng: over(rng, a=rng.choice(TERMS), by=rng.choice(ANY)),
    "jensen": mixed,
    "log_of_product": one("a", TERMS),
    "product_last": one("a", TERMS),
    "product_positive": one("a", TERMS),
    "product_below": lambda rng: over(rng, a=rng.choice(TERMS), b=rng.choice(TERMS)),
    "exp_tangent": lambda rng: {"x": rng.choice(NUMBERS)},
    "exp_increasing": pair("low", "high"),
    "exp_sum": pair("x", "y"),
    "log_increasing": pair("low", "high"),
    "log_tangent": lambda rng: {"x": rng.choice(NUMBERS)},
}
FORM = {"whole", "put"}
NEEDED = {
    "cauchy_schwarz": {"weights are not negative"},
    "term_below_sum": {"terms are not negative", "not before the range", "not behind the range"}
    | FORM,
    "last_term": {"the range is not empty"} | FORM,
    "first_term": {"the range is not empty"} | FORM,
    "shift": FORM,
    "jensen": {"convex", "points in the interval", "weights are not negative", "weights of sum 1"},
    "log_of_product": {"factors are positive"},
    "product_last": {"the range is not empty"} | FORM,
    "product_positive": {"factors are positive"},
    "product_below": {"factors are not negative", "factor by factor"},
    "exp_increasing": {"in order"},
    "log_increasing": {"positive", "in order"},
    "log_tangent": {"positive"},
}


def missing(found: Instance, world: World) -> set[str]:
    """Which conditions are false, and which demands on the form are not met."""
    pairs = zip(found.labels, found.conditions, strict=True)
    failing = {label for label, prop in pairs if not world.holds(prop)}
    whole = all(ROOT.is_whole(term) for term in found.whole)
    put = any(has_mean(body) and ROOT.is_random(value) for body, value in found.put)
    return failing | ({"put"} if put else set()) | (set() if whole else {"whole"})


def off_the_integers(args: dict[str, Any], found: Instance) -> bool:
    """Whether an entry is asked for at what may be no integer: a sequence has none there."""
    return bool(found.whole) and not all(map(ROOT.is_whole, found.whole)) and any(
        {"x", "u", "Z"} & args["a"].free
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_a_schema_concludes_is_true_and_every_condition_is_needed(name):
    rng, applied, broken = random.Random(name), 0, set()
    wanted, tries = NEEDED.get(name, set()), 0
    while (applied < 150 or not wanted <= broken) and tries < 6000:
        tries += 1
        args = ARGS[name](rng)
        found, world = SCHEMAS[name](**args), World(DECLARED, tries, close=True)
        if off_the_integers(args, found):
            continue
        lacking = missing(found, world)
        if lacking and (len(lacking) > 1 or lacking <= broken):
            continue
        true = world.holds(found.conclusion)
        assert true or lacking, (args, world.seed)
        applied += not lacking
        broken |= set() if true else lacking
    assert applied >= 100 and broken == wanted


def test_the_schemas_are_these():
    assert set(SCHEMAS) == set(ARGS)


# -- shapes ----------------------------------------------------------------------------------------


def S(body: Term, lower: Term = ONE, upper: Term = N) -> Term:
    return sum_("i", lower, upper, body)


a, b, w = entry("x", i), entry("u", i), mul(i, i)
BASIC = {"index": "i", "lower": ONE, "upper": N}
LESS, UPPER = num(-1), add(N, num(-1))
AT_N, AT_ONE, BY = entry("x", N), entry("x", ONE), add(i, TWO)
EVERY = {prop: forall("i", "int", ONE, N, prop) for prop in (le(ZERO, a), lt(ZERO, a), le(a, b))}
MOVED = S(entry("x", BY), add(ONE, mul(LESS, TWO)), add(N, mul(LESS, TWO)))


@pytest.mark.parametrize(
    ("name", "args", "conclusion", "conditions"),
    [
        (
            "cauchy_schwarz", {"a": a, "b": b, "weight": w, **BASIC},
            le(power(S(mul(w, a, b)), TWO),
               mul(S(mul(w, power(a, TWO))), S(mul(w, power(b, TWO))))),
            [forall("i", "int", ONE, N, le(ZERO, w))],
        ),
        ("triangle", {"a": a, **BASIC}, le(fn("abs", S(a)), S(fn("abs", a))), []),
        (
            "term_below_sum", {"a": a, "at": N, **BASIC}, le(AT_N, S(a)),
            [EVERY[le(ZERO, a)], le(ONE, N), le(N, N)],
        ),
        ("last_term", {"a": a, **BASIC}, eq(S(a), add(S(a, ONE, UPPER), AT_N)), [le(ONE, N)]),
        (
            "first_term", {"a": a, **BASIC}, eq(S(a), add(AT_ONE, S(a, add(ONE, ONE)))),
            [le(ONE, N)],
        ),
        ("shift", {"a": a, "by": TWO, **BASIC}, eq(S(a), MOVED), []),
        (
            "log_of_product", {"a": a, **BASIC},
            eq(fn("log", prod("i", ONE, N, a)), S(fn("log", a))), [EVERY[lt(ZERO, a)]],
        ),
        (
            "product_last", {"a": a, **BASIC},
            eq(prod("i", ONE, N, a), mul(prod("i", ONE, UPPER, a), AT_N)), [le(ONE, N)],
        ),
        ("product_positive", {"a": a, **BASIC}, lt(ZERO, prod("i", ONE, N, a)),
         [EVERY[lt(ZERO, a)]]),
        (
            "product_below", {"a": a, "b": b, **BASIC},
            le(prod("i", ONE, N, a), prod("i", ONE, N, b)), [EVERY[le(ZERO, a)], EVERY[le(a, b)]],
        ),
        ("exp_tangent", {"x": p}, le(add(ONE, p), fn("exp", p)), []),
        ("exp_increasing", {"low": p, "high": X}, le(fn("exp", p), fn("exp", X)), [le(p, X)]),
        ("exp_sum", {"x": p, "y": X}, eq(fn("exp", add(p, X)), mul(fn("exp", p), fn("exp", X))),
         []),
        ("log_increasing", {"low": p, "high": X}, le(fn("log", p), fn("log", X)),
         [lt(ZERO, p), le(p, X)]),
        ("log_tangent", {"x": p}, le(fn("log", p), add(p, LESS)), [lt(ZERO, p)]),
    ],
)
def test_shapes(name, args, conclusion, conditions):
    found = SCHEMAS[name](**args)
    assert found.conclusion == conclusion and list(found.conditions) == conditions
    assert len(found.labels) == len(found.conditions)


def test_shapes_of_double_sums():
    double, under = entry("y", i, j), add(i, LESS)
    rows = sum_("i", ONE, N, sum_("j", ONE, under, double))
    columns = sum_("j", ONE, N, sum_("i", add(j, ONE), N, double))
    found = SCHEMAS["swap_triangle"](a=double, outer="i", inner="j", lower=ONE, upper=N)
    assert found == Instance(eq(rows, columns))
    ends = {"outer_lower": ZERO, "outer_upper": N, "inner_lower": ONE, "inner_upper": K}
    found = SCHEMAS["swap_rectangle"](a=double, outer="i", inner="j", **ends)
    one_way = sum_("i", ZERO, N, sum_("j", ONE, K, double))
    assert found == Instance(eq(one_way, sum_("j", ONE, K, sum_("i", ZERO, N, double))))


def test_shape_of_jensen():
    body, at = power(p, TWO), {"variable": "p", "point": a, "weight": w, **BASIC}
    found = SCHEMAS["jensen"](body=body, low=ZERO, high=N, **at)
    mixed, parts = power(S(mul(w, a)), TWO), S(mul(w, power(a, TWO)))
    every = [forall("i", "int", ONE, N, prop) for prop in (le(ZERO, a), le(a, N), le(ZERO, w))]
    assert found.conclusion == le(mixed, parts)
    assert list(found.conditions[-4:]) == [*every, eq(S(w), ONE)]
    assert set(found.labels[:-4]) == {"convex"}
    free = SCHEMAS["jensen"](body=body, low=NEGINF, high=INF, **at)
    assert free.labels == ("convex", "weights are not negative", "weights of sum 1")


# -- what is refused -------------------------------------------------------------------------------


DOUBLE = {"a": entry("y", i, j), "outer": "i", "inner": "j"}
CORNERS = {"outer_lower": ONE, "outer_upper": N, "inner_lower": ONE, "inner_upper": N}
CURVE = {
    "variable": "p", "body": power(p, TWO), "point": a, "weight": w, "low": NEGINF, "high": INF,
    **BASIC,
}


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("cauchy_schwarz", {"a": a, "b": b, "weight": w, **BASIC, "lower": i}),
        ("triangle", {"a": a, **BASIC, "upper": add(i, ONE)}),
        ("term_below_sum", {"a": a, "at": i, **BASIC}),
        ("term_below_sum", {"a": a, "at": ONE, **BASIC, "upper": i}),
        ("last_term", {"a": a, **BASIC, "upper": i}),
        ("first_term", {"a": a, **BASIC, "lower": i}),
        ("shift", {"a": a, "by": i, **BASIC}),
        ("shift", {"a": a, "by": ONE, **BASIC, "upper": i}),
        ("swap_triangle", {**DOUBLE, "lower": i, "upper": N}),
        ("swap_triangle", {**DOUBLE, "lower": ONE, "upper": j}),
        *(("swap_rectangle", {**DOUBLE, **CORNERS, end: i}) for end in CORNERS),
        *(("swap_rectangle", {**DOUBLE, **CORNERS, end: j}) for end in CORNERS),
        *(("jensen", {**CURVE, end: i}) for end in ("lower", "upper", "low", "high")),
        ("jensen", {**CURVE, "body": mul(i, power(p, TWO))}),
        *((product, {"a": a, **BASIC, "upper": i}) for product in (
            "log_of_product", "product_last", "product_positive")),
        ("product_below", {"a": a, "b": b, **BASIC, "lower": i}),
    ],
)
def test_a_name_that_would_be_captured(name, args):
    with pytest.raises(Refused, match="rename it"):
        SCHEMAS[name](**args)


def test_a_value_may_bear_the_name_of_another_variable():
    """The value of the variable x may contain another x; a fresh name keeps ends and body apart."""
    ends = {"low": num(-9), "high": add(p, num(40))}
    found = SCHEMAS["jensen"](**{**CURVE, "point": mul(i, p), **ends})
    assert found.conclusion == le(
        power(S(mul(w, mul(i, p))), TWO), S(mul(w, power(mul(i, p), TWO)))
    )
    curved = [prop for label, prop in zip(found.labels, found.conditions, strict=True)
              if label == "convex"]
    assert all(prop.args[1] == add(p, num(40)) for prop in curved)


def test_other_shapes_that_are_refused():
    for name, more in (("swap_triangle", {"lower": ONE, "upper": N}), ("swap_rectangle", CORNERS)):
        with pytest.raises(Refused, match="both go over i"):
            SCHEMAS[name](a=a, outer="i", inner="i", **more)
    with pytest.raises(Refused, match="name of a sequence"):
        SCHEMAS["last_term"](a=a, index="x", lower=ONE, upper=N)
    for body in (mean(mul(X, p)), add(p, mean(X))):
        with pytest.raises(Refused, match="must not contain a mean"):
            SCHEMAS["jensen"](**{**CURVE, "body": body})
    with pytest.raises(Refused, match="smooth"):
        SCHEMAS["jensen"](**{**CURVE, "body": fn("abs", p)})
    with pytest.raises(Refused, match="smaller end"):
        SCHEMAS["jensen"](**{**CURVE, "low": INF})


@pytest.mark.parametrize("bad", [INF, NEGINF, bound(0), le(ZERO, ONE)])
def test_only_numbers_that_stand_alone_are_taken(bad):
    given = {
        "triangle": {"a": a, **BASIC}, "term_below_sum": {"a": a, "at": N, **BASIC},
        "shift": {"a": a, "by": ONE, **BASIC}, "exp_tangent": {"x": p}, "log_tangent": {"x": p},
        "exp_sum": {"x": p, "y": p}, "log_increasing": {"low": p, "high": X},
        "exp_increasing": {"low": p, "high": X}, "swap_rectangle": {**DOUBLE, **CORNERS},
        "swap_triangle": {**DOUBLE, "lower": ONE, "upper": N}, "product_last": {"a": a, **BASIC},
    }
    for name, args in given.items():
        for place in args:
            if isinstance(args[place], Term):
                with pytest.raises(Refused, match="stand alone"):
                    SCHEMAS[name](**{**args, place: bad})
    for place in ("body", "point", "weight", "lower", "upper"):
        with pytest.raises(Refused, match="stand alone"):
            SCHEMAS["jensen"](**{**CURVE, place: bad})


def test_what_must_be_whole_and_what_was_put():
    names = ("last_term", "first_term", "product_last")
    found = [SCHEMAS[name](a=a, **BASIC) for name in names]
    assert [f.whole for f in found] == [(N,), (ONE,), (N,)]
    assert [f.put for f in found] == [((a, N),), ((a, ONE),), ((a, N),)]
    below = SCHEMAS["term_below_sum"](a=a, at=K, **BASIC)
    assert below.whole == (K,) and below.put == ((a, K),)
    moved = SCHEMAS["shift"](a=a, by=K, **BASIC)
    assert moved.whole == (K,) and (a, K) in moved.put
