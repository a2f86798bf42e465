"""An inequality between numbers on a box with rational corners, by enclosures in ball arithmetic on
ever smaller pieces.

An enclosure contains the value of the term at every point of the piece. Where there is none (a
denominator that may be 0, a logarithm or Γ of what may be ≤ 0, an overflow), the piece is not
decided and is halved like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import flint

from theory.core.instance import Instance, Refused, fresh
from theory.core.term import Term, open_, var

Side = tuple[Fraction, Fraction]
LARGEST_POWER = 1000


class Undecided(Exception):
    """There is no enclosure on this piece; a smaller piece may have one."""


def interval(goal: Term, boxes: int = 20_000) -> Instance:
    """∀ x in [a, b], …: L ≤ R or L < R, without conditions: halve the box until R - L > 0 (≥ 0) on
    every piece.
    """
    names, box, relation = _read(goal)
    todo, used = [box] if all(low <= high for low, high in box) else [], 0
    while todo:
        piece, used = todo.pop(), used + 1
        shown = ", ".join(f"{_short(low)} to {_short(high)}" for low, high in piece)
        if used > boxes:
            raise Refused(f"not decided after {boxes} boxes; last box {shown}")
        verdict = _holds(relation, dict(zip(names, piece, strict=True)))
        if verdict is False:
            raise Refused(f"fails on the box {shown}")
        if verdict is None:
            todo += _halves(piece)
    return Instance(goal)


def _read(goal: Term) -> tuple[list[str], list[Side], Term]:
    """The variables, their ranges and the relation."""
    names: list[str] = []
    box: list[Side] = []
    while goal.op == "all":
        if goal.data != "real" or any(end.op != "num" for end in goal.args[:2]):
            raise Refused("the interval rule needs real variables and rational corners")
        name = fresh(goal.hint, goal, *map(var, names))
        box.append((Fraction(goal.args[0].data), Fraction(goal.args[1].data)))
        names.append(name)
        goal = open_(goal, var(name))
    if not names or goal.op not in ("le", "lt"):
        raise Refused("the interval rule proves a quantified inequality")
    if goal.free - set(names) or goal.loose:
        raise Refused("the interval rule takes no further symbols")
    return names, box, goal


def _holds(relation: Term, piece: Mapping[str, Side]) -> bool | None:
    """Whether the relation holds everywhere on the piece (True), nowhere (False), or neither is
    seen.
    """
    try:
        values = {name: _hull(_exact(low), _exact(high)) for name, (low, high) in piece.items()}
        left, right = (enclosure(side, values) for side in relation.args)
    except Undecided:
        return None
    margin = right - left
    if margin > 0 or (relation.op == "le" and margin >= 0):
        return True
    return False if margin < 0 or (relation.op == "lt" and margin <= 0) else None


def _short(value: Fraction) -> str:
    return str(value) if value.denominator < 10**6 else _exact(value).str(10, radius=False)


def _halves(piece: list[Side]) -> list[list[Side]]:
    widest = max(range(len(piece)), key=lambda n: piece[n][1] - piece[n][0])
    low, high = piece[widest]
    middle = (low + high) / 2
    return [
        [*piece[:widest], half, *piece[widest + 1 :]] for half in ((low, middle), (middle, high))
    ]


# -- enclosures ------------------------------------------------------------------------------------


def enclosure(term: Term, values: Mapping[str, flint.arb]) -> flint.arb:
    """A ball with every value of the term at values of its variables in the given balls."""
    value = _node(term, values)
    if not value.is_finite():
        raise Undecided
    return value


def _node(term: Term, values: Mapping[str, flint.arb]) -> flint.arb:
    if term.op == "num":
        return _exact(Fraction(term.data))
    if term.op == "var" and term.data in values:
        return values[term.data]
    if term.op == "const" and term.data == "pi":
        return flint.arb.pi()
    if term.op not in ("add", "mul", "pow", "fn"):
        raise Refused(f"{term.op} has no enclosure: the interval rule takes no further symbols")
    if term.op == "pow" and term.args[1].op == "num":
        return _rational_power(enclosure(term.args[0], values), Fraction(term.args[1].data))
    args = [enclosure(arg, values) for arg in term.args]
    if term.op == "pow":
        return (args[1] * _positive(args[0]).log()).exp()
    if term.op == "fn":
        return _function(term.data, args)
    total = flint.arb(int(term.op == "mul"))
    for arg in args:
        total = total + arg if term.op == "add" else total * arg
    return total


def _function(name: str, args: list[flint.arb]) -> flint.arb:
    first = args[0]
    if name in ("max", "min"):
        for arg in args[1:]:
            first = first.max(arg) if name == "max" else first.min(arg)
        return first
    if name == "abs":
        return _hull(first.abs_lower(), first.abs_upper())
    if name == "sign":
        return (
            flint.arb(1)
            if first > 0
            else flint.arb(-1)
            if first < 0
            else _hull(flint.arb(-1), flint.arb(1))
        )
    if name == "exp":
        return first.exp()
    if name == "log":
        return _positive(first).log()
    if name == "gamma":
        return _positive(first).gamma()
    raise Refused(f"{name} has no enclosure")


def _rational_power(base: flint.arb, exponent: Fraction) -> flint.arb:
    """b^(p/q) is (b^(1/q))^p; a negative power is a power of 1/b, which has no enclosure if b may
    be 0.
    """
    if max(abs(exponent.numerator), exponent.denominator) > LARGEST_POWER:
        raise Refused(f"the interval rule takes powers and roots up to {LARGEST_POWER}")
    if exponent.denominator > 1:
        base = _root(base, exponent.denominator)
    if exponent < 0:
        base = 1 / base
        if not base.is_finite():
            raise Undecided
    return _whole_power(base, abs(exponent.numerator))


def _whole_power(base: flint.arb, exponent: int) -> flint.arb:
    """By the ends: odd powers rise, even powers are those of |b|. Multiplied out, as a power of a
    ball around 0 is NaN.
    """
    if exponent == 0:
        return flint.arb(1)
    even = exponent % 2 == 0
    ends = (base.abs_lower(), base.abs_upper()) if even else (base.lower(), base.upper())
    low, high = flint.arb(1), flint.arb(1)
    for _ in range(exponent):
        low, high = low * ends[0], high * ends[1]
    return _hull(low, high)


def _root(base: flint.arb, degree: int) -> flint.arb:
    """Roots rise; those of negative numbers are 0, so that an end just below 0 counts as 0."""
    ends = [end.root(degree) if end > 0 else flint.arb(0) for end in (base.lower(), base.upper())]
    if base < 0:
        raise Undecided
    return _hull(*ends)


def _positive(base: flint.arb) -> flint.arb:
    if not base > 0:
        raise Undecided
    return base


def _exact(value: Fraction) -> flint.arb:
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def _hull(low: flint.arb, high: flint.arb) -> flint.arb:
    return low.union(high)
