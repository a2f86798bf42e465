"""Schemas of calculus: derivatives, curvature, integrals, Γ and powers, limits, each with its
conditions. They are the classical theorems; nothing here is decided but arithmetic of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from theory.recheck.certificate import Data, pick, read_function, require
from theory.recheck.terms import (
    ENDS,
    INF,
    NEGINF,
    ONE,
    OWN,
    ZERO,
    Function,
    Malformed,
    Number,
    Term,
    add,
    close,
    eq,
    fn,
    forall,
    implies,
    le,
    lt,
    make,
    mul,
    num,
    open_,
    power,
    substitute,
    var,
)

Schema = tuple[Term, list[Term]]
X = f"{OWN}x"  # the variable that conditions are stated for, before it is bound
HERE, MINUS, TWO = var(X), num(-1), num(2)


class Refused(Malformed):
    """A schema is not about what it was given."""


def between(point: Term, low: Term, high: Term) -> list[Term]:
    """The point lies in the closed interval."""
    found = [] if low is NEGINF else [le(low, point)]
    return found if high is INF else [*found, le(point, high)]


def sub(left: Term, right: Term) -> Term:
    return add(left, mul(MINUS, right))


def require_ends(low: Term, high: Term) -> None:
    if low is INF or high is NEGINF:
        raise Refused("a range goes from its smaller end to its larger one")


def at(prop: Term, value: Term) -> Term:
    return substitute(prop, {X: value})


def holds_x(term: Term) -> bool:
    return (X, 0) in term.uses


# -- derivatives -----------------------------------------------------------------------------------


def derivative(term: Term) -> Term:
    """By x, right where all of `smooth` holds."""
    if not holds_x(term):
        return ZERO
    if term is HERE:
        return ONE
    args = term.args
    if term.op == "add":
        return _sum([derivative(arg) for arg in args])
    if term.op == "mul":
        one_each = ([*args[:n], derivative(arg), *args[n + 1 :]] for n, arg in enumerate(args))
        return _sum([_product(factors) for factors in one_each])
    if term.op == "pow" and not holds_x(args[1]):
        return _product([args[1], _less(*args), derivative(args[0])])
    if term.op == "fn" and term.data == "exp":
        return _product([term, derivative(args[0])])
    if term.op == "fn" and term.data == "log":
        return _product([power(args[0], MINUS), derivative(args[0])])
    raise Refused("only +, ·, powers, exp and log are differentiated")


def _less(base: Term, exponent: Term) -> Term:
    if exponent.op != "num":
        return power(base, add(exponent, MINUS))
    less = exponent.data - 1
    return ONE if less == 0 else base if less == 1 else power(base, num(less))


def _sum(terms: list[Term]) -> Term:
    kept = [term for term in terms if term is not ZERO]
    return kept[0] if len(kept) == 1 else add(*kept) if kept else ZERO


def _product(terms: list[Term]) -> Term:
    kept = [term for term in terms if term is not ONE]
    return ZERO if ZERO in kept else kept[0] if len(kept) == 1 else mul(*kept) if kept else ONE


def smooth(term: Term) -> list[Term]:
    """Under these conditions the term is smooth in x around a point."""
    return _where(term, lambda e: lt(ZERO, e), "smooth")


def continuous(term: Term) -> list[Term]:
    """Under these conditions the term is continuous in x at a point: roots may begin there."""
    return _where(term, lambda e: le(ZERO, e), "continuous")


def _where(term: Term, under_root: Callable[[Term], Term], what: str) -> list[Term]:
    if not holds_x(term) or term is HERE:
        return []
    found = [condition for arg in term.args for condition in _where(arg, under_root, what)]
    if term.op == "pow" and not holds_x(term.args[1]):
        base, exponent = term.args
        whole = exponent.op == "num" and exponent.data.denominator == 1
        if whole and exponent.data < 0:
            found.append(make("ne", None, (base, ZERO)))
        elif not whole and exponent.op == "num" and exponent.data > 0:
            found.append(under_root(base))
        elif not whole:
            found.append(lt(ZERO, base))
    elif term.op == "fn" and term.data == "log":
        found.append(lt(ZERO, term.args[0]))
    elif term.op not in ("add", "mul") and (term.op, term.data) != ("fn", "exp"):
        raise Refused(f"it is not known where {term.data or term.op} is {what}")
    return list(dict.fromkeys(found))


def convex(function: Function, low: Term, high: Term, concave: bool = False) -> list[Term]:
    """The function is convex (concave) on the interval: f'' has a sign inside, where f is smooth,
    and f is continuous at finite ends.
    """
    require_ends(low, high)
    body = function.at(HERE)
    slope = derivative(body)
    bend = derivative(slope)
    sign = le(bend, ZERO) if concave else le(ZERO, bend)
    inside = [lt(low, HERE)] if low is not NEGINF else []
    inside += [lt(HERE, high)] if high is not INF else []
    guard = make("and", None, tuple(inside)) if len(inside) == 2 else next(iter(inside), None)

    def everywhere(prop: Term) -> Term:
        return forall(X, "real", low, high, prop if guard is None else implies(guard, prop))

    finite = [end for end in (low, high) if end not in (INF, NEGINF)]
    joined = [at(prop, end) for end in finite for prop in continuous(body)]
    conditions = dict.fromkeys([*smooth(body), *smooth(slope), sign])
    return [*map(everywhere, conditions), *joined]


def monotone_goal(data: Data) -> Schema:
    """L ≤ R on an interval: R - L is ≥ 0 at the base, and rises away from it on both sides."""
    goal, base = data.term("goal"), data.term("base")
    if goal.op != "all" or goal.data != "real" or goal.loose or base.loose or base.op in ENDS:
        raise Refused("the monotone rule is about all real numbers of a range")
    low, high = goal.args[:2]
    require_ends(low, high)
    body = open_(goal, HERE)
    guard, relation = body.args if body.op == "implies" else (None, body)
    if relation.op != "le" or guard is not None and not _interval(guard):
        raise Refused("the monotone rule proves L ≤ R on an interval")
    margin = sub(relation.args[1], relation.args[0])
    slope = derivative(margin)

    def everywhere(prop: Term) -> Term:
        return forall(X, "real", low, high, prop if guard is None else implies(guard, prop))

    conditions = [*between(base, low, high), *([] if guard is None else [at(guard, base)])]
    conditions += [le(ZERO, at(margin, base)), *map(everywhere, smooth(margin))]
    conditions.append(everywhere(implies(lt(base, HERE), le(ZERO, slope))))
    conditions.append(everywhere(implies(lt(HERE, base), le(slope, ZERO))))
    return goal, conditions


def _interval(guard: Term) -> bool:
    if guard.op == "and":
        return all(map(_interval, guard.args))
    if guard.op not in ("le", "lt"):
        return False
    one, other = guard.args
    return one is HERE and not holds_x(other) or other is HERE and not holds_x(one)


# -- integrals -------------------------------------------------------------------------------------


def _ends(integral: Term) -> tuple[Term, Term]:
    if integral.op != "integral" or integral.loose:
        raise Refused("it is no integral")
    require_ends(*integral.args[:2])
    return integral.args[0], integral.args[1]


def fundamental(data: Data) -> Schema:
    """∫ f = Σ (F(b) - F(a)) over pieces [a, b] on which F' = f."""
    integral = data.term("integral")
    low, high = _ends(integral)
    functions = [read_function(raw, data.terms) for raw in data.items("functions")]
    points = [pick(data.terms, raw) for raw in data.items("points")]
    ends = [low, *points, high]
    if any(end.op in ENDS or end.loose for end in ends) or len(functions) != len(ends) - 1:
        raise Refused("each piece between finite ends needs one antiderivative")
    conditions, values = [], []
    for left, right, f in zip(ends, ends[1:], functions, strict=False):
        area = f.at(HERE)
        conditions.append(le(left, right))
        conditions += [forall(X, "real", left, right, prop) for prop in smooth(area)]
        slope = eq(derivative(area), open_(integral, HERE))
        conditions.append(forall(X, "real", left, right, slope))
        values.append(sub(f.at(right), f.at(left)))
    return eq(integral, _total(values)), conditions


def _total(terms: list[Term]) -> Term:
    return ZERO if not terms else terms[0] if len(terms) == 1 else add(*terms)


def gamma_integral(data: Data) -> Schema:
    """∫_0^∞ Σ k rᵃ exp(-c r²) dr = Σ k Γ(b) / (2 cᵇ), b = (a+1)/2 > 0, c > 0; doubled over ℝ."""
    integral = data.term("integral")
    low, high = _ends(integral)
    pieces = [_piece(raw, data.terms) for raw in data.items("pieces")]
    if high is not INF or low not in (ZERO, NEGINF) or not pieces:
        raise Refused("Γ gives integrals of sums from 0 or -∞ to ∞")
    conditions, integrands, values = [], [], []
    for k, exponents, c, half in pieces:
        plain = mul(num(Fraction(1, 2)), add(*exponents, ONE))
        conditions += [eq(half, plain), lt(ZERO, half), lt(ZERO, c)]
        powers = [HERE if a is ONE else power(HERE, a) for a in exponents]
        inside = mul(MINUS, mul(c, power(HERE, TWO)))
        integrands.append(mul(k, *powers, fn("exp", inside)))
        below = power(mul(TWO, power(c, half)), MINUS)
        values.append(mul(k, mul(fn("gamma", half), below)))
    same = implies(lt(ZERO, HERE), eq(open_(integral, HERE), _total(integrands)))
    conditions.append(forall(X, "real", ZERO, INF, same))
    value = _total(values)
    if low is NEGINF:
        conditions.append(_even(integral))
        value = mul(TWO, value)
    return eq(integral, value), conditions


def _piece(raw: Any, terms: list[Term]) -> tuple[Term, tuple[Term, ...], Term, Term]:
    if isinstance(raw, dict):
        raw = [raw.get(key) for key in ("coefficient", "exponents", "rate", "half")]
    if not isinstance(raw, list) or len(raw) != 4:
        raise Refused("a piece is not (coefficient, exponents, rate, half)")
    exponents = tuple(pick(terms, n) for n in require(raw[1], list, "the exponents"))
    k, c, half = (pick(terms, raw[n]) for n in (0, 2, 3))
    if any(term.loose or term.op in ENDS for term in (k, c, half, *exponents)):
        raise Refused("a piece does not stand alone")
    return k, exponents, c, half


def _even(integral: Term) -> Term:
    mirrored = open_(integral, mul(MINUS, HERE))
    return forall(X, "real", NEGINF, INF, eq(mirrored, open_(integral, HERE)))


def rewrite(data: Data) -> Schema:
    """∫ f = ∫ g if f = g on the range."""
    integral, function = data.term("integral"), data.function("function")
    low, high = _ends(integral)
    other = function.at(HERE)
    order = [] if low is NEGINF or high is INF else [le(low, high)]
    changed = make("integral", None, (low, high, close(other, X)))
    same = forall(X, "real", low, high, eq(open_(integral, HERE), other))
    return eq(integral, changed), [*order, same]


def symmetric(data: Data) -> Schema:
    """∫ over ℝ of an even function is twice that from 0 on."""
    integral = data.term("integral")
    if _ends(integral) != (NEGINF, INF):
        raise Refused("the integral is not over the whole line")
    half = make("integral", None, (ZERO, INF, integral.args[2]))
    return eq(integral, mul(TWO, half)), [_even(integral)]


# -- Γ and powers ----------------------------------------------------------------------------------


def _form(data: Data, plain: Term) -> tuple[Term, list[Term]]:
    named = data.maybe("named")
    return (plain, []) if named is None else (named, [eq(named, plain)])


def gamma_next(data: Data) -> Schema:
    x = data.term("x")
    following, same = _form(data, add(x, ONE))
    return eq(fn("gamma", following), mul(x, fn("gamma", x))), [*same, lt(ZERO, x)]


def gamma_positive(data: Data) -> Schema:
    x = data.term("x")
    return lt(ZERO, fn("gamma", x)), [lt(ZERO, x)]


def gamma_one(data: Data) -> Schema:
    return eq(fn("gamma", ONE), ONE), []


def gamma_half(data: Data) -> Schema:
    half = num(Fraction(1, 2))
    return eq(fn("gamma", half), power(make("const", "pi"), half)), []


def gamma_log_convex(data: Data) -> Schema:
    x, y = data.term("x"), data.term("y")
    middle, same = _form(data, mul(num(Fraction(1, 2)), add(x, y)))
    product = mul(fn("gamma", x), fn("gamma", y))
    conditions = [*same, lt(ZERO, x), lt(ZERO, y)]
    return le(power(fn("gamma", middle), TWO), product), conditions


def power_product(data: Data) -> Schema:
    base, x, y = data.term("base"), data.term("x"), data.term("y")
    total, same = _form(data, add(x, y))
    left = mul(power(base, x), power(base, y))
    return eq(left, power(base, total)), [*same, lt(ZERO, base)]


def power_inverse(data: Data) -> Schema:
    base, x = data.term("base"), data.term("x")
    number = base.op == "num" and base.data != 0
    inverse = num(1 / Fraction(base.data)) if number else power(base, MINUS)
    return eq(mul(power(inverse, x), power(base, x)), ONE), [lt(ZERO, base)]


# -- limits of rational functions ------------------------------------------------------------------

Rational = tuple[dict[int, Number], dict[int, Number]]  # numerator and denominator, by powers of x
LARGEST_DEGREE = 200


def rational_limit(data: Data) -> Schema:
    """The limit at ∞ of a rational function of one variable, by its leading coefficients."""
    limit = data.term("limit")
    return eq(limit, num(limit_value(limit))), []


def limit_value(limit: Term) -> Number:
    if limit.op != "limit" or limit.args[0] is not INF or limit.loose:
        raise Refused("only limits at infinity are taken")
    above, below = _rational(open_(limit, HERE))
    high, low = max(above, default=-1), max(below)
    if high > low:
        raise Refused("the function has no limit")
    return Fraction(above[high]) / below[low] if high == low else 0


def below_limit(data: Data) -> Schema:
    """Every term of a rational sequence that does not fall, in strides, is at most its limit."""
    function, start, step = data.function("function"), data.term("start"), data.raw.get("step", 1)
    if type(step) is not int or step < 1 or start.loose or start.op in ENDS:
        raise Refused("the strides are whole numbers ≥ 1")
    term = function.at(HERE)
    value = num(limit_value(make("limit", "-", (INF, close(term, X)))))
    later = at(term, add(HERE, num(step)))
    conclusion = forall(X, "int", start, INF, le(term, value))
    return conclusion, [forall(X, "int", start, INF, le(term, later))]


def _rational(term: Term) -> Rational:
    if term.op == "num":
        return _poly({0: term.data}), {0: 1}
    if term is HERE:
        return {1: 1}, {0: 1}
    if term.op in ("add", "mul"):
        total: Rational = {} if term.op == "add" else {0: 1}, {0: 1}
        for arg in term.args:
            one = _rational(arg)
            above = _times(total[0], one[0])
            if term.op == "add":
                left, right = _times(total[0], one[1]), _times(one[0], total[1])
                above = _poly({n: left.get(n, 0) + right.get(n, 0) for n in left | right})
            total = above, _times(total[1], one[1])
        return total
    whole = term.op == "pow" and term.args[1].op == "num" and term.args[1].data.denominator == 1
    if not whole or abs(term.args[1].data) > LARGEST_DEGREE:
        raise Refused("the function is no rational function of one variable with rational numbers")
    base, exponent = _rational(term.args[0]), int(term.args[1].data)
    if exponent < 0 and not base[0]:
        raise Refused("the function divides by zero everywhere")
    total = {0: 1}, {0: 1}
    for _ in range(abs(exponent)):
        above, below = base if exponent > 0 else base[::-1]
        total = _times(total[0], above), _times(total[1], below)
    return total


def _poly(poly: dict[int, Number]) -> dict[int, Number]:
    return {n: c for n, c in poly.items() if c}


def _times(one: dict[int, Number], other: dict[int, Number]) -> dict[int, Number]:
    if max(one, default=0) + max(other, default=0) > LARGEST_DEGREE:
        raise Refused(f"a degree is above {LARGEST_DEGREE}")
    total: dict[int, Number] = {}
    for n, c in one.items():
        for m, d in other.items():
            total[n + m] = total.get(n + m, 0) + c * d
    return _poly(total)


CALCULUS: dict[str, Callable[[Data], Schema]] = {
    f.__name__: f
    for f in (
        monotone_goal, fundamental, gamma_integral, rewrite, symmetric, gamma_next, gamma_positive,
        gamma_one, gamma_half, gamma_log_convex, power_product, power_inverse, rational_limit,
        below_limit,
    )
}  # fmt: skip
